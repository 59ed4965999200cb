"""Tests of the package `values`."""
