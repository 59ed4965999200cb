"""Tests of the package `tray`."""
