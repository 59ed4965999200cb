"""Tests of the package `capture`."""
