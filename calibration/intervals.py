"""Shares and errors with the interval that their number of sitters allows. Fixed seed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

SEED = 20261122
RESAMPLES = 2000
FEWEST_PEOPLE = 3
"""Fewer cannot say how much people differ."""
_Z95 = 1.959964

Figures = dict[str, Any]


def wilson(hits: Iterable[bool]) -> Figures:
    """A share with its 95 % interval by Wilson's score; pictures are taken as independent."""
    values = list(hits)
    n, k = len(values), sum(values)
    if n == 0:
        return {"hits": 0, "of": 0, "share": None, "low": None, "high": None}
    share, square = k / n, _Z95**2
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = _Z95 / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n**2))
    low = 0.0 if k == 0 else middle - half
    high = 1.0 if k == n else middle + half
    return {"hits": k, "of": n, "share": share, "low": low, "high": high}


def bootstrap(
    sums: NDArray[np.float64], value: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> Figures:
    """A figure with its 95 % interval over whole sitters, drawn again with replacement.

    Args:
        sums: (people, k) what each person adds to the figure.
        value: turns (..., k) sums into (...) figures; NaN where they cannot tell.
    """
    random = np.random.default_rng(SEED)
    drawn = random.integers(len(sums), size=(RESAMPLES, len(sums)))
    with np.errstate(invalid="ignore", divide="ignore"):
        many = value(sums[drawn].sum(axis=1))
        one = float(value(sums.sum(axis=0)))
    if math.isnan(one):
        return {"value": None, "low": None, "high": None}
    if len(sums) < FEWEST_PEOPLE:
        return {"value": one, "low": None, "high": None}
    low, high = np.nanpercentile(many, [2.5, 97.5])
    return {"value": one, "low": float(low), "high": float(high)}


def area_under_curve(bad: list[float], good: list[float]) -> float | None:
    """Probability that a slouched picture reads higher than one that is not; None of none."""
    if not bad or not good:
        return None
    above = np.subtract.outer(np.array(bad), np.array(good))
    return float((above > 0).mean() + (above == 0).mean() / 2)


def tidy(figures: Any) -> Any:
    """The same with four significant digits, and None for what is not a number."""
    if isinstance(figures, dict):
        return {str(key): tidy(value) for key, value in figures.items()}
    if isinstance(figures, (list, tuple)):
        return [tidy(value) for value in figures]
    if isinstance(figures, (float, np.floating)):
        return float(f"{figures:.4g}") if math.isfinite(figures) else None
    return figures
