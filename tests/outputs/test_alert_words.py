"""The words of an alert: what it is, then what to do, and hardly more."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from posturecam.outputs.alert_words import MOST_ADVICE_WORDS, notice_line, notice_text
from posturecam.values.events import AlertDetails, Alerted, AlertKind, StaleBaseline, ZeroOffered
from posturecam.values.observation import BaselineMismatch
from posturecam.values.reasons import QuietReason, SlouchSign
from tests.fakes import seen
from tests.values.test_codes import alerts

FORWARD = (seen(SlouchSign.HEAD_FORWARD, 16.4), seen(SlouchSign.UPPER_BACK_FORWARD, 13.0))


def alert(*signs: SlouchSign, kind: AlertKind = AlertKind.SLOUCH, turn: int = 0) -> Alerted:
    """An alert after three minutes."""
    details = AlertDetails(reasons=tuple(seen(sign, 13.0) for sign in signs), turn=turn)
    return Alerted(kind=kind, lasted_s=180.0, details=details)


def test_the_title_says_what_and_the_text_begins_with_what_to_do() -> None:
    """Degrees stand in the terminal alone."""
    event = Alerted(kind=AlertKind.SLOUCH, lasted_s=180.0, details=AlertDetails(reasons=FORWARD))

    assert notice_text(event) == (
        "Leaning forward for 3 min",
        "Lean back, roll your shoulders, or stand up. (Head and upper back forward.)",
    )
    assert notice_line(event) == (
        "Leaning forward for 3 min. Lean back, roll your shoulders, or stand up. "
        "(Head about 16° forward and upper back about 13° forward.)"
    )


@pytest.mark.parametrize(
    ("signs", "title", "seen_text"),
    [
        ([SlouchSign.HEAD_FORWARD], "Head forward for 3 min", "(Head forward.)"),
        (
            [SlouchSign.BACK_MORE_BENT, SlouchSign.TRUNK_FORWARD],
            "Leaning forward for 3 min",
            "(Back more bent and trunk forward.)",
        ),
        ([SlouchSign.LEFT_SHOULDER_HIGHER], "Right shoulder lower for 3 min", "(Left shoulder"),
        ([SlouchSign.TRUNK_BACK], "Different from your baseline for 3 min", "(Trunk back.)"),
        ([], "Different from your baseline for 3 min", "stand up."),
    ],
)
def test_what_stands_out_names_the_alert(
    signs: list[SlouchSign], title: str, seen_text: str
) -> None:
    """Leaning goes before the rest, which it takes along."""
    said = notice_text(alert(*signs))

    assert said[0] == title
    assert seen_text in said[1]


@given(alerts())
def test_no_alert_takes_long_to_read(drawn: tuple[AlertKind, int, AlertDetails]) -> None:
    """A dozen words until the advice ends; no degree on the desktop, none blamed."""
    kind, lasted_ms, details = drawn
    title, text = notice_text(Alerted(kind=kind, lasted_s=lasted_ms / 1000, details=details))

    advice = text.split(" (")[0]
    assert len(re.findall(r"[\w']+", advice)) <= MOST_ADVICE_WORDS
    assert advice.endswith(".")
    assert "°" not in title + text
    assert " for " in title


def test_an_offer_names_a_key_in_a_terminal_alone() -> None:
    """A message on the desktop has a button for it."""
    title, text = notice_text(ZeroOffered())
    advice, _rest = text.split(" (")
    assert (title, len(advice.split()) <= MOST_ADVICE_WORDS) == ("Set today's zero?", True)
    assert "Press z" not in text
    assert "Press z" in notice_line(ZeroOffered())


def test_what_waited_says_why() -> None:
    """After the advice."""
    details = AlertDetails(reasons=FORWARD, suppressed_by=QuietReason.IN_A_CALL)
    _, text = notice_text(Alerted(kind=AlertKind.SLOUCH, lasted_s=180.0, details=details))
    assert text.endswith("(Head and upper back forward, while alerts were suppressed: in a call.)")

    details = AlertDetails(suppressed_by=QuietReason.SNOOZED)
    _, text = notice_text(Alerted(kind=AlertKind.BREAK, lasted_s=3000.0, details=details))
    assert text.endswith(" (While alerts were suppressed: snoozed.)")


def test_what_no_longer_fits_says_how_to_make_it_fit() -> None:
    """First."""
    stale = StaleBaseline(mismatch=BaselineMismatch.LOWER, profile="desk")
    assert notice_text(stale) == (
        "This no longer fits your baseline",
        "Take a new baseline: posturecam calibrate --profile desk. Until then nothing is judged. "
        "(You are lower in the picture.)",
    )
