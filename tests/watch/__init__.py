"""Tests of the package `watch`."""
