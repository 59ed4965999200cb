"""Tests of the package `care`."""
