"""Tests of the package `posture`."""
