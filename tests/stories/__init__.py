"""Stories of a desk: what happens, and what is said about it, when."""
