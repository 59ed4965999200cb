"""What a day comes to, in two sentences: a table of days and of what is said of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.base.errors import UsageError
from posturecam.base.local_time import HOUR_MS, day_bounds_ms
from posturecam.review.conclusion import Conclusion, Kind, conclude
from posturecam.review.day import LongestOfDay, longest_of_day, review_day
from posturecam.review.text import review_text
from posturecam.review.usual import DAY_NEEDS_MS, DayTotals
from posturecam.review.words import (
    HELD,
    conclusion_text,
    figure_texts,
    goal_text,
    headline,
    usual_note,
)
from posturecam.values.goal import parse_goal, written_goal
from posturecam.values.log_rows import DayRows, MoveRow
from posturecam.values.observation import PostureState
from posturecam.values.settings import PolicySettings
from posturecam.values.totals import Totals
from tests.rows import AUTUMN, BERLIN, DAY, MINUTE, NINE_MS, PIECES, ROWS, Piece, interval, laid_out

if TYPE_CHECKING:
    from posturecam.review.day import DayReview

UPRIGHT, SLOUCHED, AWAY, UNKNOWN, _ = PostureState
SAID = "of the judged time was slouched, different from your baseline"
USUAL_DAYS = tuple(
    DayTotals(
        day=DAY - timedelta(days=ago),
        totals=Totals(upright_ms=80 * MINUTE, slouched_ms=20 * MINUTE + ago * MINUTE, breaks=2),
    )
    for ago in range(7, 0, -1)
)
"""Slouched 21 to 25 % of the judged time; the middle half 22 to 24 %."""


@dataclass(frozen=True, kw_only=True)
class Day:
    """Parts from nine o'clock on, minutes after nine of changes of position, and what is said."""

    parts: tuple[tuple[PostureState, int], ...]
    said: str
    moves: tuple[int, ...] = ()
    before: tuple[DayTotals, ...] = field(default=USUAL_DAYS)
    sat_before_min: tuple[int, ...] = ()

    def review(self) -> DayReview:
        """The review of it."""
        rows, now_ms = [], NINE_MS
        for state, minutes in self.parts:
            rows.append(interval(now_ms, now_ms + minutes * MINUTE, state))
            now_ms += minutes * MINUTE
        moves = [
            MoveRow(session_id=1, at_ms=NINE_MS + at * MINUTE, unchanged_ms=0) for at in self.moves
        ]
        return review_day(
            DayRows(intervals=tuple(rows), moves=tuple(moves)),
            DAY,
            BERLIN,
            before=self.before,
            longest_before=[
                LongestOfDay(unchanged_ms=10 * MINUTE, sitting_ms=minutes * MINUTE)
                for minutes in self.sat_before_min
            ],
        )


EVERY_TEN = tuple(range(10, 600, 10))
DAYS = {
    "nothing was judged": Day(
        parts=((AWAY, 120),),
        said="Too little for a conclusion: nothing was judged, and it takes an hour.",
    ),
    "a minute less than an hour": Day(
        parts=((UPRIGHT, 40), (SLOUCHED, 19)),
        said="Too little for a conclusion: 59 min was judged, and it takes an hour.",
    ),
    "an hour, and nothing long": Day(
        parts=((UPRIGHT, 29), (AWAY, 10), (UPRIGHT, 18), (SLOUCHED, 2), (UPRIGHT, 11)),
        moves=EVERY_TEN,
        said=f"3 % {SAID}: less than usual for you. Nothing went on for long: at most 31 min "
        "without a break, 10 min in one position, 2 min slouched.",
    ),
    "a long slouched stretch": Day(
        parts=(
            (UPRIGHT, 37),
            (SLOUCHED, 11),
            (AWAY, 10),
            (UPRIGHT, 5),
            (SLOUCHED, 3),
            (UPRIGHT, 4),
        ),
        moves=EVERY_TEN,
        said=f"23 % {SAID}: about as usual for you. The longest slouched stretch was 11 min, from "
        "09:37: a change of position at about 09:45 would meet it.",
    ),
    "no change of position": Day(
        parts=((UPRIGHT, 28), (AWAY, 6), (UPRIGHT, 45)),
        moves=(10, 20),
        said=f"0 % {SAID}: less than usual for you. The longest time in one position was 45 min, "
        "from 09:34: getting up at about 10:00 would cut it in two.",
    ),
    "no break": Day(
        parts=((UPRIGHT, 100), (SLOUCHED, 4), (UPRIGHT, 76)),
        moves=EVERY_TEN,
        said=f"2 % {SAID}: less than usual for you. The longest time without a break was "
        "3 h 00 min, from 09:00: a break at about 10:30 would cut it in two.",
    ),
    "a slouched afternoon": Day(
        parts=(
            (UPRIGHT, 180),
            (AWAY, 60),
            (UPRIGHT, 40),
            (SLOUCHED, 20),
            (UPRIGHT, 30),
            (SLOUCHED, 16),
        ),
        moves=EVERY_TEN,
        said=f"13 % {SAID}: less than usual for you. The afternoon was slouched far more than the "
        "morning (34 % against 0 %): a break at about 13:45 would meet its longest stretch, 20 min "
        "from 13:40.",
    ),
    "a slouched morning": Day(
        parts=((SLOUCHED, 40), (UPRIGHT, 80), (AWAY, 90), (UPRIGHT, 90), (SLOUCHED, 10)),
        moves=EVERY_TEN,
        said=f"23 % {SAID}: about as usual for you. The morning was slouched far more than the "
        "afternoon (33 % against 10 %): a break at about 09:30 would meet its longest stretch, 40 "
        "min from 09:00.",
    ),
    "a morning of short slouches": Day(
        parts=(
            *(((SLOUCHED, 2), (UPRIGHT, 3)) * 8 + ((AWAY, 10),)) * 3,
            (AWAY, 30),
            *((UPRIGHT, 40), (AWAY, 10)) * 2,
        ),
        moves=EVERY_TEN,
        said=f"24 % {SAID}: about as usual for you. Nothing went on for long: at most 40 min "
        "without a break, 10 min in one position, 2 min slouched.",
    ),
    "both halves slouched, one a little more": Day(
        parts=((UPRIGHT, 40), (SLOUCHED, 60), (AWAY, 80), (UPRIGHT, 25), (SLOUCHED, 75)),
        moves=EVERY_TEN,
        said=f"68 % {SAID}: more than usual for you. The longest slouched stretch was 1 h 15 min, "
        "from 12:25: a change of position at about 13:00 would meet it.",
    ),
    "more than usual, on the second day ever": Day(
        parts=((UPRIGHT, 45), (SLOUCHED, 25), (UPRIGHT, 5)),
        moves=EVERY_TEN,
        before=USUAL_DAYS[-1:],
        said=f"33 % {SAID}; what is usual for you is not known yet. The longest slouched stretch "
        "was 25 min, from 09:45: a change of position at about 10:00 would meet it.",
    ),
    "a little more than usual is about as usual": Day(
        parts=((UPRIGHT, 49), (SLOUCHED, 9), (AWAY, 5), (UPRIGHT, 24), (SLOUCHED, 17)),
        moves=EVERY_TEN,
        said=f"26 % {SAID}: about as usual for you. The longest slouched stretch was 17 min, from "
        "10:27: a change of position at about 10:35 would meet it.",
    ),
    "breaks all day, and many short slouches": Day(
        parts=((UPRIGHT, 31), (SLOUCHED, 7), (UPRIGHT, 6), (AWAY, 6)) * 6,
        moves=EVERY_TEN,
        said=f"16 % {SAID}: less than usual for you. Nothing went on for long: at most 44 min "
        "without a break, 10 min in one position, 7 min slouched.",
    ),
    "hours without a break, and a slouched stretch": Day(
        parts=((UPRIGHT, 110), (SLOUCHED, 13), (UPRIGHT, 77)),
        moves=EVERY_TEN,
        sat_before_min=(60, 70, 80),
        said=f"6 % {SAID}: less than usual for you. The longest time without a break was 3 h 20 "
        "min (usual 1 h 05 min to 1 h 15 min), from 09:00: a break at about 10:30 would cut it in "
        "two.",
    ),
    "hours without a break as on every day": Day(
        parts=((UPRIGHT, 100), (SLOUCHED, 13), (UPRIGHT, 37)),
        moves=EVERY_TEN,
        sat_before_min=(140, 150, 160),
        said=f"9 % {SAID}: less than usual for you. The longest time without a break was 2 h 30 "
        "min (usual 2 h 25 min to 2 h 35 min), from 09:00: a break at about 10:00 would cut it in "
        "two.",
    ),
    "hours without a break as on every day, and slouched for longer": Day(
        parts=((UPRIGHT, 70), (SLOUCHED, 30), (UPRIGHT, 10), (SLOUCHED, 20), (UPRIGHT, 20)),
        moves=EVERY_TEN,
        sat_before_min=(140, 150, 160),
        said=f"33 % {SAID}: more than usual for you. The longest slouched stretch was 30 min, from "
        "10:10: a change of position at about 10:30 would meet it.",
    ),
    "a slouched afternoon in short stretches": Day(
        parts=((UPRIGHT, 180), (AWAY, 30), *((UPRIGHT, 10), (SLOUCHED, 6)) * 5),
        moves=EVERY_TEN,
        before=(),
        said=f"12 % {SAID}; what is usual for you is not known yet. The longest time without a "
        "break was 3 h 00 min, from 09:00: a break at about 10:30 would cut it in two.",
    ),
    "a slouched afternoon of a day without a break": Day(
        parts=((UPRIGHT, 200), (SLOUCHED, 25), (UPRIGHT, 35), (SLOUCHED, 20)),
        moves=EVERY_TEN,
        said=f"16 % {SAID}: less than usual for you. The afternoon was slouched far more than the "
        "morning (45 % against 0 %): a break at about 12:30 would meet its longest stretch, 25 min "
        "from 12:20.",
    ),
    "a text read for an hour, on a day of breaks": Day(
        parts=((UPRIGHT, 40), (AWAY, 6), (UPRIGHT, 45), (AWAY, 6), (UPRIGHT, 30)),
        moves=(10, 20, 30, 40, 46, 100, 110, 120),
        sat_before_min=(40, 45, 50),
        said=f"0 % {SAID}: less than usual for you. The longest time in one position was 45 min "
        "(usual 10 min), from 09:46: getting up at about 10:00 would cut it in two.",
    ),
    "more than usual": Day(
        parts=((UPRIGHT, 45), (SLOUCHED, 25), (UPRIGHT, 5)),
        moves=EVERY_TEN,
        said=f"33 % {SAID}: more than usual for you. The longest slouched stretch was 25 min, from "
        "09:45: a change of position at about 10:00 would meet it.",
    ),
}


@pytest.mark.parametrize("name", DAYS)
def test_a_day_comes_to_two_sentences(name: str) -> None:
    """How it was against what is usual, and one suggestion; or that there is too little."""
    assert conclusion_text(DAYS[name].review()).replace(HELD, " ") == DAYS[name].said


def test_a_wait_of_ones_own_says_what_is_long() -> None:
    """Who wants a break every two hours is not told of one hour."""
    rows = DayRows(intervals=(interval(NINE_MS, NINE_MS + 90 * MINUTE, UPRIGHT),))
    own = PolicySettings(break_after_s=7200, unchanged_after_s=7200)
    found = conclude(review_day(rows, DAY, BERLIN, policy=own))

    assert isinstance(found, Conclusion)
    assert found.stretch is None
    assert conclude(review_day(rows, DAY, BERLIN)) != found


def test_a_stretch_that_a_day_does_not_have_is_not_suggested() -> None:
    """Of what is left the longest for its kind."""
    review = DAYS["hours without a break, and a slouched stretch"].review()
    for left, kind in (
        ({"sittings": ()}, Kind.SLOUCHED),
        ({"sittings": (), "longest_unchanged": None}, Kind.SLOUCHED),
    ):
        found = conclude(replace(review, **left))
        assert isinstance(found, Conclusion)
        assert found.stretch is not None
        assert found.stretch.kind is kind


BANNED = (
    r"\b(bad|poor|wrong|good|perfect|correct|fix|score|damage|prevent|risk|because|great|best|worst"
    r"|well|should|must|cause[sd]?|helps?)\b"
)


@given(
    pieces=PIECES,
    day=st.sampled_from([DAY, AUTUMN]),
    tz=st.sampled_from([UTC, BERLIN]),
    begin_ms=st.integers(-2 * HOUR_MS, 20 * HOUR_MS),
)
def test_any_day_has_a_conclusion_within_it(
    pieces: list[Piece], day: object, tz: object, begin_ms: int
) -> None:
    """The moment lies in the stretch, the stretch is one of the day, no word blames or promises."""
    rows = DayRows(intervals=tuple(laid_out(pieces, NINE_MS - 9 * HOUR_MS + begin_ms)))
    review = review_day(rows, DAY, BERLIN, before=USUAL_DAYS)
    found, text = conclude(review), conclusion_text(review).replace(HELD, " ")

    assert isinstance(found, Conclusion) == (review.totals.judged_ms >= DAY_NEEDS_MS)
    assert not re.findall(BANNED, text.lower())
    assert len(re.findall(r"[.](?: |$)", text)) == (2 if isinstance(found, Conclusion) else 1)
    if isinstance(found, Conclusion) and (stretch := found.stretch):
        assert stretch.start_ms <= stretch.suggested_ms <= stretch.end_ms
        assert 0 < stretch.lasted_ms <= stretch.end_ms - stretch.start_ms
        assert stretch.other_share <= stretch.share


# A goal of one's own


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("slouched at most 10 %", "reached so far."),
        ("slouched below 9%", "not so far."),
        ("change position at least every 50 min", "reached so far."),
        ("change position at least every 49 min", "not this time."),
    ],
)
def test_a_day_that_goes_on_may_reach_a_share_yet(written: str, said: str) -> None:
    """And lose what it has reached; one position that was kept for too long stays so."""
    policy = PolicySettings(goal=parse_goal(written))
    noon_ms = NINE_MS + 180 * MINUTE
    review = review_day(ROWS, DAY, BERLIN, policy=policy, until_ms=noon_ms)

    assert not review.is_over
    assert goal_text(review).endswith(said)
    assert review_day(ROWS, DAY, BERLIN).is_over


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("slouched at most 10 %", "slouched at most 10 % of the judged time: reached."),
        ("slouched below 9%", "slouched at most 9 % of the judged time: not this time."),
        ("change position at least every 50 min", "at least every 50 min: reached."),
        ("Change position every 49m", "at least every 49 min: not this time."),
        ("change position every 2999 s", "at least every 2999 s: not this time."),
    ],
)
def test_a_goal_is_reached_or_not_and_nothing_is_counted(written: str, said: str) -> None:
    """Of the day alone: no streak that could break."""
    policy = PolicySettings(goal=parse_goal(written))
    review = review_day(ROWS, DAY, BERLIN, policy=policy)

    assert goal_text(review).replace(HELD, " ").endswith(said)
    assert said in " ".join(review_text(review, 80).split())
    short = replace(ROWS, intervals=ROWS.intervals[:1])
    assert "too little was judged to say." in goal_text(
        review_day(short, DAY, BERLIN, policy=policy)
    )
    assert goal_text(review_day(DayRows(), DAY, BERLIN, policy=policy)) == ""
    assert goal_text(review_day(ROWS, DAY, BERLIN)) == ""
    assert parse_goal(written_goal(parse_goal(written))) == parse_goal(written)


@pytest.mark.parametrize(
    "written",
    [
        *("", "sit well", "slouched at most 0 %", "slouched at most 100 %", "slouched 20 %"),
        *("change position every 5h", "change position every 30 s", "change position every so"),
    ],
)
def test_what_is_no_goal_is_refused(written: str) -> None:
    """With the two ways to write one; a perfect day is none of them."""
    with pytest.raises(UsageError):
        parse_goal(written)


# The three figures


def figures(review: DayReview) -> list[tuple[str, str, str]]:
    """Value, detail and what is usual."""
    return [
        (figure.value.replace(HELD, " "), figure.detail, figure.usual.replace(HELD, " "))
        for figure in figure_texts(review)
    ]


def test_a_stretch_over_the_end_of_summer_time_names_the_zones() -> None:
    """Half past two comes after ten to three, and then is no going back."""
    begin_ms = day_bounds_ms(AUTUMN, BERLIN)[0] + 170 * MINUTE
    rows = DayRows(intervals=(interval(begin_ms, begin_ms + 80 * MINUTE, UPRIGHT),))
    review = review_day(rows, AUTUMN, BERLIN)

    text = conclusion_text(review).replace(HELD, " ")
    assert "from 02:50 CEST: getting up at about 02:30 CET would cut it in two." in text
    assert "from 02:50 CEST to 03:10 CET, of which" in headline(review)


@pytest.mark.parametrize("short_ms", [1, 2000, 31_000])
def test_a_little_less_than_an_hour_is_not_called_one(short_ms: int) -> None:
    """Rounded, it would be what it takes."""
    rows = DayRows(intervals=(interval(NINE_MS, NINE_MS + HOUR_MS - short_ms, UPRIGHT),))
    text = conclusion_text(review_day(rows, DAY, BERLIN)).replace(HELD, " ")
    assert text == "Too little for a conclusion: 59 min was judged, and it takes an hour."


def unchanged_before(*minutes: int) -> tuple[LongestOfDay, ...]:
    """Days before with so many minutes without a change of position."""
    return tuple(LongestOfDay(unchanged_ms=MINUTE * each, sitting_ms=0) for each in minutes)


def test_three_figures_stand_beside_what_is_usual() -> None:
    """And what usual means is said once."""
    review = review_day(
        ROWS, DAY, BERLIN, before=USUAL_DAYS, longest_before=unchanged_before(20, 30, 40)
    )

    assert figures(review) == [
        ("10 %", "of the judged time", "usual 22 to 24 %"),
        ("50 min", "from 10:43 to 11:33", "usual 25 to 35 min"),
        ("1", "full", "usual 2"),
    ]
    assert usual_note(review) == "Usual: the middle half of your last 7 days."
    longer = replace(review, longest_before=unchanged_before(40, 60, 80))
    assert figures(longer)[1][2] == "usual 50 min to 1 h 10 min"


def test_what_is_usual_is_not_guessed() -> None:
    """Two days are too few, and that is said."""
    unwatched = [replace(day, totals=Totals()) for day in USUAL_DAYS[:-2]]
    mostly_unwatched = [*unwatched, *USUAL_DAYS[-2:]]
    review = review_day(
        ROWS, DAY, BERLIN, before=mostly_unwatched, longest_before=unchanged_before(1, 1)
    )

    assert {usual for *_, usual in figures(review)} == {""}
    assert usual_note(review) == (
        "What is usual for you is known once 3 of 7 days have an hour judged: 2 days so far."
    )
    assert usual_note(review_day(ROWS, DAY, BERLIN)) == ""
    assert figures(review_day(DayRows(), DAY, BERLIN))[:2] == [("unknown", "", "")] * 2


def test_the_longest_stretches_of_a_day_are_those_of_its_review() -> None:
    """One rule, whether the day is shown or compared with."""
    review = review_day(ROWS, DAY, BERLIN)
    assert review.longest_unchanged is not None
    assert review.longest_sitting is not None
    found = longest_of_day(ROWS, DAY, BERLIN, PolicySettings())
    assert found.unchanged_ms == review.longest_unchanged.known_ms == 50 * MINUTE
    assert found.sitting_ms == review.longest_sitting.length_ms == 90 * MINUTE
    nothing = LongestOfDay(unchanged_ms=0, sitting_ms=0)
    assert longest_of_day(DayRows(), DAY, BERLIN, PolicySettings()) == nothing
