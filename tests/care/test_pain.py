"""What the entries say by themselves, and beside the days' posture."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.base.errors import UsageError
from posturecam.base.local_time import local_time, parse_moment
from posturecam.care.pain import (
    COMPARED_FROM_DAYS,
    Found,
    PainDay,
    Pattern,
    PostureDay,
    Region,
    find_patterns,
    found_text,
    may_be_between_shoulders,
    pain_beside_posture,
    pain_days,
)
from posturecam.care.texts import care_text
from posturecam.care.words import entry_text
from posturecam.values.answers import Location, Quality
from posturecam.values.log_rows import PainEntry

TODAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ROWS = st.lists(
    st.builds(
        PainEntry,
        at_ms=st.integers(0, 400 * 86_400_000).map(lambda ms: to_ms(NOON) - ms),
        level=st.integers(0, 10),
        location=st.sampled_from([*Location, None]),
    ),
    max_size=40,
)


def to_ms(at: datetime) -> int:
    """UTC milliseconds."""
    return round(at.timestamp() * 1000)


def entry(days_ago: int, level: int, location: Location | None = Location.MID) -> PainEntry:
    """An entry at noon."""
    return PainEntry(at_ms=to_ms(NOON - timedelta(days=days_ago)), level=level, location=location)


def found(rows: list[PainEntry]) -> list[Pattern]:
    """The patterns in the rows, wherever it hurts."""
    return [item.pattern for item in find_patterns(rows, UTC, TODAY)]


@given(rows=ROWS)
def test_each_day_with_an_entry_comes_once_and_in_order(rows: list[PainEntry]) -> None:
    """Whatever the order of the entries."""
    days = pain_days(rows, UTC)

    assert [day.day for day in days] == sorted({local_time(row.at_ms, UTC).date() for row in rows})
    assert all(day.level_median <= day.level_max for day in days)


def test_a_day_is_a_local_day() -> None:
    """Half past eleven in the evening in Berlin is not tomorrow."""
    late = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    rows = [PainEntry(at_ms=to_ms(late), level=3), PainEntry(at_ms=to_ms(late), level=6)]

    (day,) = pain_days(rows, ZoneInfo("Europe/Berlin"))
    assert day == PainDay(day=date(2026, 7, 2), level_max=6, level_median=4.5)
    (day,) = pain_days(rows, UTC)
    assert day.day == date(2026, 7, 1)


def test_pain_that_keeps_coming_back_for_more_than_three_months_is_chronic() -> None:
    """One day short of it is not."""
    chronic = [entry(ago, 3) for ago in (30, 60, 90, 120)]
    assert found([*chronic, entry(121, 3)]) == [Pattern.CHRONIC]
    assert Pattern.CHRONIC not in found(chronic)


def test_a_long_time_without_pain_ends_a_spell() -> None:
    """Days at 0 do not bridge it, and neither do other parts of the back."""
    apart = [entry(ago, 3) for ago in (0, 31, 61, 91)]
    bridges = [entry(ago, 0) for ago in range(1, 90, 10)]
    others = [entry(ago, 3, Location.LOW) for ago in range(1, 30, 10)]

    assert found([*apart, *bridges, *others]) == []


def test_pain_of_long_ago_is_not_told_today() -> None:
    """The spell must still be going on."""
    old = [entry(ago, 5) for ago in range(31, 200, 5)]

    assert found(old) == []


def test_three_days_well_above_the_week_before_are_getting_worse() -> None:
    """The third day makes it; one that is only a little higher does not."""
    usual = [entry(ago, 2) for ago in range(3, 10)]
    raised = [entry(ago, 4) for ago in range(3)]

    assert Pattern.WORSE in found([*usual, *raised])
    assert Pattern.WORSE in found([*usual[:3], *raised])
    assert Pattern.WORSE not in found([*usual, *raised[1:]])
    assert Pattern.WORSE not in found([*usual, *raised[:-1], entry(2, 3)])
    assert Pattern.WORSE not in found([*usual, raised[0], raised[1]])


@pytest.mark.parametrize(("earliest", "is_worse"), [(7, True), (8, False)])
def test_the_week_before_a_day_has_seven_days(earliest: int, *, is_worse: bool) -> None:
    """With one day less in it there is not enough to compare with."""
    raised = [entry(ago, 4) for ago in range(3)]
    usual = [entry(ago, 2) for ago in (earliest, 6, 5)]
    assert (Pattern.WORSE in found([*usual, *raised])) is is_worse


@pytest.mark.parametrize(("newest", "told"), [(7, True), (8, False)])
def test_what_got_worse_more_than_a_week_ago_is_not_told(newest: int, *, told: bool) -> None:
    """It may have passed since."""
    rows = [entry(newest + ago, 4 if ago < 3 else 2) for ago in range(10)]

    assert (Pattern.WORSE in found(rows)) is told


def test_a_median_of_two_days_is_none() -> None:
    """A first week of entries cannot be above the week before."""
    assert found([entry(4, 1), entry(3, 1), entry(2, 9), entry(1, 9), entry(0, 9)]) == []


@pytest.mark.parametrize(
    ("days", "level_now", "expected"),
    [
        (20, 5, []),
        (21, 5, [Pattern.THREE_WEEKS]),
        (41, 6, [Pattern.THREE_WEEKS]),
        (42, 5, [Pattern.SIX_WEEKS]),
        (42, 4, []),
        (21, 4, []),
    ],
)
def test_weeks_without_a_lower_level(days: int, level_now: int, expected: list[Pattern]) -> None:
    """Three weeks are worth a thought, six an appointment; a fall by one is a beginning."""
    rows = [entry(days, 5), entry(days - 2, 5), entry(days // 2, 5), entry(2, level_now)]

    assert found([*rows, entry(0, level_now)]) == expected


def test_the_first_week_of_a_spell_stands_against_its_last() -> None:
    """The days between, from the eighth on, do not count."""
    rows = [entry(21, 5), entry(14, 9), entry(7, 1), entry(0, 5)]

    assert found(rows) == [Pattern.THREE_WEEKS]
    assert found([entry(ago, 5) for ago in (21, 10, 0)]) == [Pattern.THREE_WEEKS]
    assert found([*rows, entry(15, 9)]) == found([*rows, entry(6, 1)]) == []


@given(rows=ROWS)
def test_parts_of_the_back_do_not_mix(rows: list[PainEntry]) -> None:
    """What is found for one is found from its own entries alone."""
    every = find_patterns(rows, UTC, TODAY)
    for region, locations in (
        (Region.NECK, [Location.NECK]),
        (Region.MID_BACK, [Location.UPPER, Location.MID]),
        (Region.LOW_BACK, [Location.LOW]),
    ):
        own = [row for row in rows if row.location in locations]
        assert [item for item in every if item.region is region] == list(
            find_patterns(own, UTC, TODAY)
        )


@pytest.mark.parametrize(
    ("location", "region"),
    [
        (Location.NECK, Region.NECK),
        (Location.UPPER, Region.MID_BACK),
        (Location.MID, Region.MID_BACK),
        (Location.LOW, Region.LOW_BACK),
        (None, None),
    ],
)
def test_neck_middle_and_low_back_are_told_apart(
    location: Location | None, region: Region | None
) -> None:
    """Upper and mid are both the middle; an entry without a place is none of them."""
    rows = [entry(ago, 3, location) for ago in range(0, 101, 10)]

    assert find_patterns(rows, UTC, TODAY) == (Found(pattern=Pattern.CHRONIC, region=region),)


def test_a_pattern_is_told_with_the_part_of_the_back() -> None:
    """And plainly says to see a professional."""
    text = found_text(Found(pattern=Pattern.CHRONIC, region=Region.MID_BACK))

    assert text.startswith("Middle of the back: Pain for more than 3 months is called chronic.")
    assert "see a professional" in text
    assert found_text(Found(pattern=Pattern.WORSE, region=None)) == care_text("pattern.worse")


@pytest.mark.parametrize(
    ("row", "asked"),
    [
        (entry(0, 3), True),
        (entry(0, 3, Location.UPPER), True),
        (entry(0, 3, None), True),
        (entry(0, 3, Location.NECK), False),
        (entry(0, 3, Location.LOW), False),
        (entry(0, 0), False),
    ],
)
def test_which_entries_may_be_between_the_shoulder_blades(row: PainEntry, *, asked: bool) -> None:
    """Neck and low back are told apart from it, and so is no pain at all."""
    assert may_be_between_shoulders(row) is asked


def pain_day(number: int, level: int) -> PainDay:
    """A day with one entry."""
    day = TODAY - timedelta(days=number)
    return PainDay(day=day, level_max=level, level_median=level)


def posture_day(number: int, share: float, moves: float = 10.0) -> PostureDay:
    """A day that was watched."""
    return PostureDay(
        day=TODAY - timedelta(days=number), slouched_share=share, moves_per_hour=moves
    )


@given(
    pain=st.sets(st.integers(0, 40)),
    posture=st.sets(st.integers(0, 40)),
    levels=st.lists(st.integers(0, 10), min_size=41, max_size=41),
)
def test_nothing_is_compared_before_there_are_two_weeks_of_both(
    pain: set[int], posture: set[int], levels: list[int]
) -> None:
    """Days that only one of the two knows do not count."""
    text = pain_beside_posture(
        [pain_day(number, levels[number]) for number in sorted(pain)],
        [posture_day(number, 0.2) for number in posture],
    )
    both = len(pain & posture)

    few = f"from {COMPARED_FROM_DAYS} days that have both; so far: {both}."
    assert (few in text) == (both < COMPARED_FROM_DAYS)


def test_days_with_more_pain_stand_beside_the_others_without_a_cause() -> None:
    """Medians of each, and the caveat."""
    pain = [pain_day(number, 6 if number < 5 else 2) for number in range(15)]
    posture = [posture_day(number, 0.3 if number < 5 else 0.1, 8 + number) for number in range(15)]

    assert pain_beside_posture(pain, posture) == (
        "On the same days: 5 days with pain above 2, the middle of these days, had 30 % of the"
        " judged time slouched and 10 position changes an hour; the other 10 had 10 % of the judged"
        " time slouched and 18 position changes an hour. This shows what came on the same days,"
        " not what led to what."
    )


@pytest.mark.parametrize("days_below", [1, 4])
def test_days_at_the_highest_level_are_compared_where_they_are_most(days_below: int) -> None:
    """None is above the middle of them then; the levels are not the same all the same."""
    pain = [pain_day(number, 2 if number < days_below else 5) for number in range(22)]
    posture = [posture_day(number, 0.1 if number < days_below else 0.3) for number in range(22)]

    assert pain_beside_posture(pain, posture) == (
        f"On the same days: {22 - days_below} days with pain at 5, the highest of these days, had"
        " 30 % of the judged time slouched and 10 position changes an hour; the other"
        f" {days_below} had 10 % of the judged time slouched and 10 position changes an hour. This"
        " shows what came on the same days, not what led to what."
    )


@given(levels=st.lists(st.integers(0, 10), min_size=14, max_size=30))
def test_levels_are_called_the_same_only_where_they_are(levels: list[int]) -> None:
    """Whatever they are, each day is on one of the two sides."""
    text = pain_beside_posture(
        [pain_day(number, level) for number, level in enumerate(levels)],
        [posture_day(number, 0.2) for number in range(len(levels))],
    )

    assert ("was the same" in text) == (len(set(levels)) == 1)


def test_the_same_level_every_day_and_too_few_days_are_said_so() -> None:
    """Neither makes a comparison."""
    same = [pain_day(number, 3) for number in range(14)]
    watched = [posture_day(number, 0.2) for number in range(14)]

    assert "the same on all 14 days" in pain_beside_posture(same, watched)
    assert "from 14 days that have both; so far: 9" in pain_beside_posture(same, watched[:9])


BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("09:30", datetime(2026, 11, 22, 9, 30, tzinfo=BERLIN)),
        ("2026-11-20T09:30", datetime(2026, 11, 20, 9, 30, tzinfo=BERLIN)),
        ("2026-07-01 09:30", datetime(2026, 7, 1, 9, 30, tzinfo=BERLIN)),
        ("2026-11-20T09:30+00:00", datetime(2026, 11, 20, 9, 30, tzinfo=UTC)),
        ("12:00", NOW),
        ("1971-01-01", datetime(1971, 1, 1, tzinfo=BERLIN)),
    ],
)
def test_moments_as_people_write_them(text: str, moment: datetime) -> None:
    """In the local zone unless they name one."""
    assert parse_moment(text, now=NOW) == moment


@pytest.mark.parametrize(
    "text", ["noon", "", "25:00", "12:01", "2026-11-23", "1970-12-31", "2026-13-01"]
)
def test_what_is_no_moment_or_still_to_come_is_refused(text: str) -> None:
    """With how to write it."""
    with pytest.raises(UsageError):
        parse_moment(text, now=NOW)


def test_an_entry_is_one_line_of_what_was_said() -> None:
    """What steers a terminal is not repeated."""
    at_ms = to_ms(NOON)
    bare = PainEntry(at_ms=at_ms, level=0)
    whole = PainEntry(
        at_ms=at_ms, level=6, location=Location.NECK, quality=Quality.DULL, note="worse\x1b[2J"
    )
    assert entry_text(bare, UTC) == "2026-11-22 12:00  0 of 10"
    assert entry_text(whole, UTC).startswith("2026-11-22 12:00  6 of 10, ")
    assert "dull: worse" in entry_text(whole, UTC)
    assert "\x1b" not in entry_text(whole, UTC)
