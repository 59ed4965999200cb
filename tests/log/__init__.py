"""Tests of the package `log`."""
