"""Pauses and snoozes over time: how they are said, how long they last, how they end."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.base.errors import UsageError
from posturecam.values.commands import Pause, Snooze, Word
from posturecam.values.events import Control, Controlled
from posturecam.watch.request_file import load_in_force, save_in_force
from posturecam.watch.requests import (
    FARTHEST,
    Requests,
    apply,
    lasting,
    left_at,
    parse_until,
    what_happened,
)
from tests.fakes import NINE

if TYPE_CHECKING:
    from pathlib import Path

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

moments = st.timedeltas(min_value=-60 * DAY, max_value=300 * DAY).map(lambda off: NINE + off)
commands = st.one_of(
    st.builds(Pause, until=st.none() | moments),
    st.builds(Snooze, until=moments),
    st.just(Word.RESUME),
)


def said(text: str, at: str) -> str:
    """What `text` means in Berlin when clocks there show `at`, as local time."""
    now = datetime.fromisoformat(at).replace(tzinfo=BERLIN)
    until = parse_until(text.split(), now=now, zone=BERLIN)
    assert until.tzinfo is UTC
    return until.astimezone(BERLIN).isoformat(timespec="minutes")


@pytest.mark.parametrize(
    ("text", "at", "until"),
    [
        ("20m", "2026-11-20T13:00", "2026-11-20T13:20+01:00"),
        ("120", "2026-11-20T13:00", "2026-11-20T15:00+01:00"),
        ("2 Hours", "2026-11-20T13:00", "2026-11-20T15:00+01:00"),
        ("120s", "2026-11-20T13:00", "2026-11-20T13:02+01:00"),
        ("until 13:30", "2026-11-20T13:00", "2026-11-20T13:30+01:00"),
        ("until 9:05", "2026-11-20T13:00", "2026-11-21T09:05+01:00"),
        ("until 13:00", "2026-11-20T13:00", "2026-11-21T13:00+01:00"),
        ("until tomorrow", "2026-11-20T13:00", "2026-11-21T06:00+01:00"),
        ("UNTIL Tomorrow", "2026-11-20T23:59", "2026-11-21T06:00+01:00"),
        ("until tomorrow", "2026-11-21T01:00", "2026-11-21T06:00+01:00"),
        ("until tomorrow", "2026-11-21T03:59", "2026-11-21T06:00+01:00"),
        ("until tomorrow", "2026-11-21T04:00", "2026-11-22T06:00+01:00"),
        # Clocks are set forward at 2:00 on 29 March, back at 3:00 on 25 October.
        ("until 2:30", "2026-03-29T00:30", "2026-03-29T03:30+02:00"),
        ("until 13:30", "2026-03-28T13:45", "2026-03-29T13:30+02:00"),
        ("12h", "2026-03-28T20:00", "2026-03-29T09:00+02:00"),
        ("until 2:30", "2026-10-25T01:00", "2026-10-25T02:30+02:00"),
        ("until tomorrow", "2026-10-24T22:00", "2026-10-25T06:00+01:00"),
    ],
)
def test_moments_are_meant_in_local_time(text: str, at: str, until: str) -> None:
    """The next such time on the clock on the wall, on days that change it as well."""
    assert said(text, at) == until


def test_a_time_that_is_shown_twice_means_the_next_of_the_two() -> None:
    """In the hour after clocks were set back, 2:30 comes once more."""
    now = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)  # 2:45 for the first time
    until = parse_until(["until", "2:30"], now=now, zone=BERLIN)
    assert until == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@given(now=moments, minute=st.integers(0, 24 * 60 - 1))
def test_until_is_always_ahead_and_within_about_a_day(now: datetime, minute: int) -> None:
    """Whatever the day: later than now, at most 25 hours off, and clocks show what was said."""
    text = f"{minute // 60}:{minute % 60:02d}"
    until = parse_until(["until", text], now=now, zone=BERLIN)
    assert timedelta(0) < until - now <= timedelta(hours=25)
    shown = until.astimezone(BERLIN)
    left_out = (shown.month, shown.day) == (3, 29) and minute // 60 == 2
    assert left_out or (shown.hour, shown.minute) == divmod(minute, 60)


@pytest.mark.parametrize(
    "text",
    [
        *("", "until", "until 25:00", "until 7", "until noon", "-5m", "20m 5m", "8d", "0"),
        *("13:30", "tomorrow"),
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    """With examples of what is one."""
    with pytest.raises(UsageError, match="such as 20m, or: until 13:30, or: until tomorrow"):
        said(text, "2026-11-20T13:00")


def test_a_pause_without_an_end_is_told_once_and_over_with_the_watch() -> None:
    """One that ends by itself outlives it."""
    endless = apply(Requests(), Pause(until=None))
    bounded = apply(Requests(), Pause(until=NINE))

    assert what_happened(Requests(), endless) == (Controlled(what=Control.PAUSED, until=None),)
    assert what_happened(endless, endless) == ()
    assert lasting(endless) == Requests()
    assert lasting(bounded) == bounded


def test_a_snooze_is_told_when_it_begins_and_when_it_is_made_longer() -> None:
    """With its end, and not again while nothing changes; so is a pause that gets another end."""
    soon, late = NINE + timedelta(minutes=10), NINE + timedelta(hours=1)
    short, longer = (apply(Requests(), Snooze(until=until)) for until in (soon, late))
    paused = apply(short, Pause(until=soon))

    assert what_happened(Requests(), short) == (Controlled(what=Control.SNOOZED, until=soon),)
    assert what_happened(short, longer) == (Controlled(what=Control.SNOOZED, until=late),)
    assert what_happened(longer, longer) == ()
    assert what_happened(paused, apply(paused, Pause(until=late))) == (
        Controlled(what=Control.PAUSED, until=late),
    )


def test_a_pause_ends_by_itself_and_is_told_once() -> None:
    """In force until the moment, not at it."""
    paused = apply(Requests(), Pause(until=NINE + 20 * MINUTE))
    assert what_happened(Requests(), paused) == (
        Controlled(what=Control.PAUSED, until=NINE + 20 * MINUTE),
    )
    assert left_at(paused, NINE + 19 * MINUTE) == paused
    over = left_at(paused, NINE + 20 * MINUTE)
    assert over == Requests()
    assert what_happened(paused, over) == (Controlled(what=Control.RESUMED),)
    assert what_happened(over, over) == ()


def test_a_pause_and_a_snooze_end_one_after_the_other() -> None:
    """Watching again is told; that alerts are still suppressed is not undone by it."""
    both = apply(
        apply(Requests(), Snooze(until=NINE + 30 * MINUTE)), Pause(until=NINE + 10 * MINUTE)
    )
    after = left_at(both, NINE + 10 * MINUTE)
    assert after == Requests(snoozed_until=NINE + 30 * MINUTE)
    assert what_happened(both, after) == (Controlled(what=Control.RESUMED),)
    assert what_happened(after, Requests()) == (Controlled(what=Control.UNSNOOZED),)
    assert what_happened(both, apply(both, Word.RESUME)) == (
        Controlled(what=Control.RESUMED),
        Controlled(what=Control.UNSNOOZED),
    )


def test_a_snooze_that_ends_in_a_pause_resumes_nothing() -> None:
    """The pause goes on, and says nothing else."""
    both = Requests(paused=True, snoozed_until=NINE)
    after = left_at(both, NINE)
    assert after == Requests(paused=True)
    assert what_happened(both, after) == (Controlled(what=Control.UNSNOOZED),)


def test_a_clock_set_back_by_months_does_not_pause_for_months() -> None:
    """An end that no command could have asked for is over."""
    paused = apply(Requests(), Pause(until=NINE + timedelta(hours=1)))
    assert left_at(paused, NINE - timedelta(days=90)) == Requests()
    assert left_at(paused, NINE - timedelta(hours=2)) == paused


@given(st.lists(st.tuples(commands, st.floats(0, 48)), max_size=12))
def test_whatever_is_asked_for_it_ends_within_a_week(steps: list[tuple[object, float]]) -> None:
    """Nothing but an endless pause is in force a week after the last command."""
    now, in_force = NINE, Requests()
    for command, hours in steps:
        assert isinstance(command, Pause | Snooze) or command is Word.RESUME
        in_force = left_at(apply(in_force, command), now)
        assert in_force.paused or in_force.paused_until is None
        assert left_at(in_force, now) == in_force
        now += timedelta(hours=hours)
    final = left_at(in_force, now + FARTHEST)
    assert final in (Requests(), Requests(paused=True))
    assert final.paused == (in_force.paused and in_force.paused_until is None)


@given(until=moments, snoozed=st.none() | moments)
def test_a_restart_finds_what_was_in_force(
    tmp_path_factory: pytest.TempPathFactory, until: datetime, snoozed: datetime | None
) -> None:
    """Round trip through the file; it belongs to the user alone."""
    path = tmp_path_factory.mktemp("steering") / "steering.json"
    in_force = Requests(paused=True, paused_until=until, snoozed_until=snoozed)
    save_in_force(path, in_force)
    assert load_in_force(path) == (in_force, None)
    assert path.stat().st_mode & 0o077 == 0


def test_an_endless_pause_ends_with_the_watch() -> None:
    """Who starts a watch wants it to watch; a snooze that goes on is kept."""
    in_force = Requests(paused=True, snoozed_until=NINE)
    assert lasting(in_force) == Requests(snoozed_until=NINE)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b"[" * 5000,
        b'{"format": 2, "paused_until": null, "snoozed_until": null}',
        b'{"format": 1, "paused_until": 5, "snoozed_until": null}',
        b'{"format": 1, "paused_until": "2026-11-20T13:00:00", "snoozed_until": null}',
        b'{"format": 1, "paused_until": "soon", "snoozed_until": null}',
        json.dumps({"format": 1, "paused_until": None, "snoozed_until": "x" * 20_000}).encode(),
    ],
)
def test_a_damaged_file_is_passed_over_with_a_warning(tmp_path: Path, content: bytes) -> None:
    """It neither pauses anybody nor keeps a watch from starting."""
    path = tmp_path / "steering.json"
    path.write_bytes(content)
    in_force, problem = load_in_force(path)
    assert in_force == Requests()
    assert problem is not None
    assert str(path) in problem
    assert path.read_bytes() == content


def test_no_file_is_no_problem(tmp_path: Path) -> None:
    """Nothing was ever paused."""
    assert load_in_force(tmp_path / "steering.json") == (Requests(), None)
