"""Figures for speed and cost: `make bench`."""
