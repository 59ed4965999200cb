"""The program as a whole: the real one, from the camera to what is left on the disk."""
