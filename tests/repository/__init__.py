"""The repository itself: layers, rules for tests, documentation, what is packed and released."""
