"""Small sentences, at the edges of what they say."""

from __future__ import annotations

from datetime import timedelta
from gettext import NullTranslations

import pytest

from posturecam.outputs.words import (
    because_text,
    count_text,
    ended_text,
    lasting_text,
    limit_text,
    listed,
    moment_text,
    percent_text,
    reason_text,
    refusal_text,
    rezeroing_text,
    until_text,
    waited_text,
)
from posturecam.values.events import Control, ControlRefused, EndedBy, Refusal
from posturecam.values.observation import Angle, UnknownReason
from posturecam.values.reasons import SlouchSign
from tests.fakes import NINE, seen

HELD = "\u00a0"


class Loud(NullTranslations):
    """Another language."""

    def gettext(self, message: str) -> str:
        """The same, loudly."""
        return message.upper()


LOUD = Loud()


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (0.0001, "<1 %"), (0.0049, "<1 %"), (0.005, "0 %"), (0.006, "1 %"), (1, "100 %")],
)
def test_what_was_seen_at_all_is_not_nothing(share: float, text: str) -> None:
    """Less than half a percent of it is still some."""
    assert percent_text(share).replace(HELD, " ") == text


@pytest.mark.parametrize(
    ("lasted_s", "text"),
    [(480, "8 min of 20 min"), (1200, "20 min of 20 min"), (1258, "overdue by 58 s")],
)
def test_a_wait_says_how_much_of_it_is_over(lasted_s: float, text: str) -> None:
    """From its end on, for how long it is."""
    assert waited_text(lasted_s, 1200) == text


def test_a_moment_of_another_day_says_which() -> None:
    """By its weekday on the wall."""
    today, later = NINE + timedelta(hours=2), NINE + timedelta(days=2)
    clock = f"{NINE.astimezone():%H:%M}"
    assert moment_text(today, NINE) == f"{today.astimezone():%H:%M}"
    assert moment_text(later, NINE) == f"{clock} on {later.astimezone():%A}"
    assert until_text("paused", later, NINE) == f"paused until {clock} on {later.astimezone():%A}"


def test_reasons_stand_behind_what_they_explain() -> None:
    """Where there are any; of an angle by how far, about where that is estimated."""
    assert because_text("unknown", []) == "unknown"
    assert because_text("unknown", [UnknownReason.TOO_DARK]) == "unknown: too dark"
    leaning = reason_text(seen(SlouchSign.UPPER_BACK_FORWARD, 16.4))
    assert "16°" in leaning
    assert reason_text("as it was written") == "as it was written"
    assert lasting_text("away", 180) == "away for 3 min"


@pytest.mark.parametrize(
    ("deg", "text"), [(16.4, "upper back +16° of 12°"), (-3.6, "upper back -4° of 12°")]
)
def test_a_deviation_stands_beside_its_limit(deg: float, text: str) -> None:
    """With its sign."""
    assert limit_text(Angle.UPPER_BACK, deg, 12.0) == text


def test_one_thing_is_counted_as_one() -> None:
    """And two are joined as two."""
    assert [count_text(number, "alert") for number in (0, 1, 2)] == [
        "0 alerts",
        "1 alert",
        "2 alerts",
    ]
    plain = NullTranslations()
    assert [listed(texts, plain) for texts in ([], ["a"], ["a", "b"])] == ["", "a", "a and b"]


def test_another_language_says_the_same() -> None:
    """Only what posturecam has said itself is translated."""
    assert ended_text("power cut", LOUD) == "power cut"
    assert ended_text(EndedBy.INTERRUPTED, LOUD) == ended_text(EndedBy.INTERRUPTED).upper()
    refused = ControlRefused(
        what=Control.RECALIBRATING, why=Refusal.NOT_SAVED, error="no room left"
    )
    assert "no room left" in refusal_text(refused)
    assert rezeroing_text() == "Today's zero is taken in 4 s."
