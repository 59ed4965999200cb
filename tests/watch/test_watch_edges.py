"""What a watch counts, says and remembers, at the edges of days and of what it has room for."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from posturecam.values.events import Event, Moved, Tick
from posturecam.values.settings import PolicySettings, Settings
from posturecam.values.totals import Totals
from posturecam.watch.broadcast import Beginning, Update, WatchStory, read_beginning, read_update
from posturecam.watch.totals import Today
from tests.fakes import NINE


def test_today_begins_anew_on_the_next_day_and_not_before() -> None:
    """With what the watch has added since: nothing of before it, nothing of the days before."""

    def totals_after(hours: int, upright_ms: int) -> int:
        totals = Totals(upright_ms=upright_ms)
        at = NINE + timedelta(hours=hours)
        today.handle(Tick(t_s=3600.0 * hours, at=at, reading=None, totals=totals))
        return today.totals(Totals(upright_ms=upright_ms + 1)).upright_ms

    today = Today(earlier=Totals(upright_ms=100))
    assert [totals_after(0, 10), totals_after(1, 20)] == [111, 121]
    assert [totals_after(25, 30), totals_after(26, 40)] == [1, 11]
    assert totals_after(50, 60) == 1


def test_where_midnight_passes_before_the_first_turn_the_day_before_is_not_today() -> None:
    """What there was earlier is of the day on which the watch began."""
    at = (NINE + timedelta(days=1)).astimezone()
    today = Today(Totals(upright_ms=100), began_at=NINE)
    today.handle(Tick(t_s=5.0, at=at, reading=None, totals=Totals()))
    assert today.totals(Totals(upright_ms=1)).upright_ms == 1

    same = Today(Totals(upright_ms=100), began_at=NINE)
    same.handle(Tick(t_s=5.0, at=NINE, reading=None, totals=Totals()))
    assert same.totals(Totals(upright_ms=1)).upright_ms == 101


def test_who_follows_since_today_is_told_of_yesterday_and_keeps_what_today_was() -> None:
    """The turns that led up to now may be of the day before."""
    today, before = Today(), Totals(upright_ms=50)
    today.handle(Tick(t_s=0.0, at=NINE, reading=None, totals=Totals()))
    today.take_over(Totals(upright_ms=20), before)
    today.handle(Tick(t_s=86_400.0, at=NINE + timedelta(days=1), reading=None, totals=before))
    assert today.totals(Totals(upright_ms=53)).upright_ms == 23


# What is told to those who follow


def story() -> WatchStory:
    """Of a watch of a camera that has just begun."""
    return WatchStory(Beginning.of(Settings(), live=True), lambda: Update(turn=None))


def turn_at(t_s: float, *events: Event) -> Tick:
    """A turn without a reading."""
    return Tick(t_s=t_s, at=NINE + timedelta(seconds=t_s), reading=None, events=events)


def told_in(lines: bytes) -> list[Update]:
    """The lines of a story without its beginning."""
    return [read_update(line) for line in lines.splitlines() if b'"begin"' not in line]


def test_who_follows_reads_that_something_never_comes() -> None:
    """Null on the way: a break that is never due must not be read as one that is."""
    policy = PolicySettings(unchanged_after_s=math.inf, break_after_s=math.inf)
    beginning = Beginning.of(Settings(policy=policy), live=True)
    line, *_ = WatchStory(beginning, lambda: Update(turn=None)).greeting().splitlines()
    assert b'"break_after_s": null' in line or b'"break_after_s":null' in line
    assert read_beginning(line) == beginning
    assert read_beginning(line).settings().policy == policy


@pytest.mark.parametrize("every_s", [0.25, 0.5, 1.0])
def test_where_nothing_changes_a_turn_is_told_just_each_second(every_s: float) -> None:
    """However many there are of them."""
    watch = story()
    turns = [turn_at(every_s * index) for index in range(round(5 / every_s))]
    assert [tick.t_s for tick in turns if watch.handle(tick)] == [0, 1, 2, 3, 4]


def test_who_comes_late_is_told_what_happened_lately_though_it_was_of_one_kind() -> None:
    """In order, as past; of the turns in which nothing happened only the one that is now."""
    watch = story()
    for at_s in (1.0, 2.0, 3.0):
        watch.handle(turn_at(at_s, Moved(unchanged_s=at_s)))
        watch.handle(turn_at(at_s + 0.5))
    watch.handle(turn_at(5.0))
    watch.news()
    told = told_in(watch.greeting())
    assert [(one.past, one.turn and one.turn.t_s) for one in told] == [
        (True, 1.0),
        (True, 2.0),
        (True, 3.0),
        (False, 5.0),
    ]


def test_what_nobody_follows_is_remembered_and_not_written_out() -> None:
    """Who comes later is told of it all the same."""
    written: list[Update] = []

    def frame() -> Update:
        written.append(Update(turn=None))
        return written[-1]

    watch = WatchStory(Beginning.of(Settings(), live=True), frame)
    watch.handle(turn_at(1.0, Moved(unchanged_s=1.0)))
    watch.handle(turn_at(2.0))
    assert (watch.news(told=False), written) == (b"", [])
    told = told_in(watch.greeting())
    assert [(one.past, one.turn and one.turn.t_s) for one in told] == [(True, 1.0), (False, 2.0)]


def test_what_nobody_collects_does_not_pile_up() -> None:
    """The newest is kept; the beginning of an hour in which nobody asked is not."""
    watch = story()
    for second in range(3600):
        watch.handle(turn_at(float(second)))
    waiting = [one.turn.t_s for one in told_in(watch.news()) if one.turn]
    assert waiting[-1] == 3599
    assert 60 < len(waiting) < 1800
    assert watch.news() == b""
