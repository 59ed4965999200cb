"""Tests of the package `outputs`."""
