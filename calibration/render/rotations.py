"""Rotations of three-dimensional space as (3, 3) matrices."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

_SMALLEST = 1e-9


def about(axis: Literal["x", "y", "z"], angle_deg: float) -> Floats:
    """The rotation about one axis of the world, counter-clockwise seen from its tip."""
    angle = np.radians(angle_deg)
    cosine, sine = np.cos(angle), np.sin(angle)
    if axis == "x":
        return np.array([[1, 0, 0], [0, cosine, -sine], [0, sine, cosine]])
    if axis == "y":
        return np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]])
    return np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])


def from_vector(vector: Floats) -> Floats:
    """The rotation about the direction of a (3,) vector, by its length in radians."""
    angle = np.linalg.norm(vector)
    if angle < _SMALLEST:
        return np.eye(3)
    x, y, z = vector / angle
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)


def as_vector(rotation: Floats) -> Floats:
    """The vector that `from_vector` makes this rotation of."""
    angle = np.arccos(np.clip((np.trace(rotation) - 1) / 2, -1, 1))
    if angle < _SMALLEST:
        return np.zeros(3)
    skew = rotation - rotation.T
    return np.asarray(angle / (2 * np.sin(angle)) * np.array([skew[2, 1], skew[0, 2], skew[1, 0]]))


def between(start: Floats, end: Floats) -> Floats:
    """The shortest rotation that turns the direction of one (3,) vector into that of another."""
    start, end = start / np.linalg.norm(start), end / np.linalg.norm(end)
    axis = np.cross(start, end)
    sine = np.linalg.norm(axis)
    if sine < _SMALLEST:
        return np.eye(3)
    return from_vector(axis / sine * np.arctan2(sine, start @ end))
