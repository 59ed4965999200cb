"""Tests of the package `pose`."""
