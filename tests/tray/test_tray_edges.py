"""What the window that takes a baseline shows of a take, and what it does not."""

from __future__ import annotations

from dataclasses import replace

from posturecam.tray.calibration_words import take_view
from posturecam.values.observation import UnknownReason
from tests.tray.test_tray import GETTING_READY


def test_nobody_is_asked_to_get_up_before_the_first_take() -> None:
    """They have just sat down; before each further one they are."""
    notes = [take_view(replace(GETTING_READY, take=take)).note for take in (1, 2, 3)]
    assert ["Get up" in note for note in notes] == [False, True, True]


def test_the_sitter_is_shown_as_clear_while_nothing_is_wrong_with_the_picture() -> None:
    """Also before the take begins."""
    dark = replace(GETTING_READY, unknown_reason=UnknownReason.TOO_DARK)
    assert [take_view(one).clear for one in (GETTING_READY, dark)] == [True, False]
