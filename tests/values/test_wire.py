"""A turn of the loop as JSON and back: nothing is lost, and other versions are put up with."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

import pytest

from posturecam.values.events import (
    AlertDetails,
    Alerted,
    AlertKind,
    Control,
    Controlled,
    Event,
    StateChanged,
    Summarised,
    Tick,
)
from posturecam.values.observation import PostureState, TakeProgress, UnknownReason
from posturecam.values.reasons import QuietReason, SlouchSign
from posturecam.values.totals import Totals
from posturecam.values.wire import EVENT_TYPES, from_plain, to_plain
from tests.fakes import NINE, seen
from tests.outputs.test_live_rows import turn
from tests.outputs.test_records import ONE_OF_EACH

if TYPE_CHECKING:
    from collections.abc import Iterable

FORWARD = (seen(SlouchSign.HEAD_FORWARD, 16.4), SlouchSign.LEFT_SHOULDER_LOWER)
RICH_EVENTS = (
    Alerted(
        kind=AlertKind.SLOUCH,
        lasted_s=180.5,
        details=AlertDetails(reasons=FORWARD, turn=2, suppressed_by=QuietReason.SNOOZED),
    ),
    StateChanged(
        from_state=PostureState.UPRIGHT,
        to_state=PostureState.UNKNOWN,
        reasons=(UnknownReason.HAND, *FORWARD),
    ),
    Controlled(what=Control.PAUSED, until=NINE),
    Summarised(totals=Totals(changed_after_ms=(5, 7)), ended_by="the disk is full"),
)
TAKING = TakeProgress(take=1, takes=3, holding=True, left_s=None, samples=4, unknown_reason=None)


def over_the_wire(tick: Tick) -> Tick:
    """The turn as another process gets it."""
    return from_plain(Tick, json.loads(json.dumps(to_plain(tick), allow_nan=False)))


def without_nan(value: object) -> object:
    """The same, with what is not a number as something that equals itself."""
    return json.loads(json.dumps(to_plain(value)))


@pytest.mark.parametrize(
    "event", [*ONE_OF_EACH, *RICH_EVENTS], ids=lambda event: type(event).__name__
)
def test_every_event_arrives_as_it_was(event: Event) -> None:
    """Codes as codes, moments as moments; what is unknown stays unknown."""
    tick = turn(600.0, event, quiet=QuietReason.IN_A_CALL)

    arrived = over_the_wire(tick)

    assert without_nan(arrived) == without_nan(tick)
    assert type(arrived.events[0]) is type(event)
    assert arrived.at == tick.at
    assert arrived.quiet is QuietReason.IN_A_CALL


def test_a_reading_arrives_with_its_kinds() -> None:
    """What is compared by `is` in the loop can be compared so at the other end."""
    tick = turn(600.0)
    assert tick.reading is not None
    reading = replace(tick.reading, reasons=FORWARD, provisional=PostureState.UPRIGHT)

    arrived = over_the_wire(replace(tick, reading=reading, taking=TAKING)).reading

    assert arrived is not None
    assert arrived.state is tick.reading.state
    assert arrived.provisional is PostureState.UPRIGHT
    assert arrived.reasons == FORWARD
    assert math.isnan(arrived.slouch_probability)
    assert over_the_wire(replace(tick, reading=None)).reading is None


def test_a_number_that_nobody_knows_is_null_on_the_way() -> None:
    """And not a number again at the other end, however often it is read."""
    plain = to_plain(replace(turn(600.0), unchanged_s=math.nan))

    assert plain["unchanged_s"] is None
    assert [math.isnan(from_plain(Tick, plain).unchanged_s) for _ in range(2)] == [True, True]


def test_every_event_has_a_type_of_its_own() -> None:
    """So that it can be told from the others at the other end."""
    assert set(EVENT_TYPES) == set(get_args(Event))
    assert len(set(EVENT_TYPES.values())) == len(EVENT_TYPES)


def test_the_keys_are_those_of_the_documentation() -> None:
    """Other programs read them: one that is renamed breaks them."""
    plain = to_plain(turn(600.0))

    assert set(plain) >= {
        "t_s", "at", "reading", "events", "totals", "unchanged_s", "sitting_s", "quiet", "guarded",
        "taking",
    }  # fmt: skip
    assert set(plain["reading"]) >= {
        "state", "provisional", "newest", "reasons", "view", "deviations", "slouch_probability",
    }  # fmt: skip


def test_a_newer_watch_may_say_more() -> None:
    """A key that is not known is passed over."""
    plain = to_plain(turn(600.0)) | {"mood": "fine"}

    assert without_nan(from_plain(Tick, plain)) == without_nan(turn(600.0))


def broken(*path: object, value: object) -> Any:
    """A turn as JSON, with one thing in it replaced."""
    plain = to_plain(turn(600.0, ONE_OF_EACH[0]))
    inner = plain
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return plain


def wrong_turns() -> Iterable[Any]:
    """What no watch of this version says."""
    yield None
    yield []
    yield {}
    yield broken("at", value="yesterday")
    yield broken("reading", "state", value="asleep")
    yield broken("reading", "reasons", value=5)
    yield broken("events", 0, value={"type": "dance"})
    yield broken("events", 0, value="alert")
    yield broken("t_s", value="soon")
    yield broken("quiet", value="lunch")


@pytest.mark.parametrize("plain", list(wrong_turns()))
def test_what_is_no_turn_is_refused(plain: Any) -> None:
    """With one kind of error, whatever is wrong."""
    with pytest.raises(
        ValueError, match=r"no Tick|is not a valid|Invalid isoformat|could not convert"
    ):
        from_plain(Tick, plain)


def test_a_code_is_read_only_as_one_of_its_kind() -> None:
    """What is a value of something else is refused like any other."""
    with pytest.raises(ValueError, match=r"no AlertKind|is not a valid"):
        from_plain(AlertKind, "upright")
    assert from_plain(AlertKind, "slouch") is AlertKind.SLOUCH
