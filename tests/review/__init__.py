"""Tests of the package `review`."""
