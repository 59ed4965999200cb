"""What a slouch shows in."""

from __future__ import annotations

import pytest

from posturecam.values.reasons import AngleReason, SlouchSign, sign_of


def test_a_reason_has_a_sign_with_degrees_or_without() -> None:
    """A head that is low has none: nothing can be told of its angle."""
    leaning = AngleReason(sign=SlouchSign.TRUNK_FORWARD, deg=13.0, estimated=True)
    assert sign_of(leaning) is SlouchSign.TRUNK_FORWARD
    assert sign_of(SlouchSign.HEAD_LOW) is SlouchSign.HEAD_LOW
    with pytest.raises(ValueError, match="head_low"):
        AngleReason(sign=SlouchSign.HEAD_LOW, deg=13.0, estimated=True)
