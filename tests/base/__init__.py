"""Tests of the package `base`."""
