"""What a watch tells those who follow it: a beginning, what led up to now, and then every turn.

Each is a line of JSON (`values.wire`) with `v` and a `type`: `begin` once, then `turn`. A turn that
is `past` happened before; what it says counts, and nobody has to be alerted of it anew.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from posturecam.base.language import Sentence
from posturecam.values.events import Calibrated, Controlled, Event, Sampled, Tick
from posturecam.values.settings import PolicySettings, Settings
from posturecam.values.totals import Totals  # noqa: TC001 - read from the annotations at run time
from posturecam.values.wire import from_plain, to_plain
from posturecam.watch.protocol import LONGEST_REPLY_BYTES, RefusedError, line_of, parse
from posturecam.watch.requests import Requests
from posturecam.watch.totals import Today

TOLD_EVERY_S = 1.0
"""Where nothing changes a turn a second is told: it moves the clocks on."""

_T = TypeVar("_T")

_MOST_WAITING = 1000
_LATELY = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What a watch goes by, as far as it is shown.

    Attributes:
        limits_deg: the five thresholds in force, in the order of `ANGLES`.
        unchanged_after_s: when an unchanged posture is alerted of; infinite for never.
        break_after_s: when a break is due; infinite for never.
        today: how today was spent up to the turn that is told next; None if nobody knows.
    """

    profile: str
    live: bool
    limits_deg: tuple[float, ...]
    unchanged_after_s: float
    break_after_s: float
    today: Totals | None = None

    @classmethod
    def of(cls, settings: Settings, *, live: bool) -> Beginning:
        """That of a watch with these settings."""
        return cls(
            profile=settings.profile,
            live=live,
            limits_deg=settings.posture.thresholds.values_deg(),
            unchanged_after_s=settings.policy.unchanged_after_s,
            break_after_s=settings.policy.break_after_s,
        )

    def settings(self) -> Settings:
        """Settings with which the same is shown."""
        policy = PolicySettings(
            unchanged_after_s=self.unchanged_after_s, break_after_s=self.break_after_s
        )
        return Settings(profile=self.profile, policy=policy).limited(self.limits_deg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One line of the story after its beginning.

    Attributes:
        turn: the turn of the loop; None when there was none, and the watch only says it is there.
        past: it happened before this story began.
        in_force: what the user asked of the watch and is not over.
    """

    turn: Tick | None
    past: bool = False
    in_force: Requests = field(default_factory=Requests)
    turned_s_ago: float = 0.0
    log_problem: str | None = None


class WatchStory:
    """The story of a running watch; a sink of its loop, and what its followers are told.

    The `frame` is an `Update` without a turn, as of now, and may be asked for from any thread.
    """

    def __init__(self, beginning: Beginning, frame: Callable[[], Update]) -> None:
        self.today = Today()
        self._beginning = beginning
        self._frame = frame
        # Appending to and taking from a deque is atomic: the loop fills it, the server empties it.
        self._waiting: deque[Tick] = deque(maxlen=_MOST_WAITING)
        self._handled: Tick | None = None
        self._newest: Tick | None = None
        self._past: dict[object, Tick] = {}
        self._lately: deque[Tick] = deque(maxlen=_LATELY)

    def handle(self, tick: Tick) -> bool:
        """Takes one turn of the loop; whether there is something to tell."""
        self.today.handle(tick)
        if not _is_news(tick, self._handled):
            return False
        self._handled = tick
        self._waiting.append(tick)
        return True

    def news(self, *, told: bool = True) -> bytes:
        """What happened since this was asked last; empty where nobody is to be `told`."""
        lines = b""
        while self._waiting:
            tick = self._waiting.popleft()
            self._remember(tick)
            if told:
                lines += self._line(tick)
        return lines

    def greeting(self) -> bytes:
        """The beginning, of each kind of event the last one, what happened lately, and now."""
        newest = self._newest
        today = None
        if newest is not None and self.today.earlier is not None:
            today = self.today.totals(newest.totals)
        beginning = replace(self._beginning, today=today)
        past = {id(tick): tick for tick in (*self._past.values(), *self._lately)}
        in_order = sorted(past.values(), key=lambda tick: tick.t_s)
        return b"".join((
            line_of({"ok": True, "type": "begin"} | to_plain(beginning)),
            *(self._line(tick, past=True) for tick in in_order),
            self._line(newest and replace(newest, events=())),
        ))  # fmt: skip

    def beat(self) -> bytes:
        """That the watch is there."""
        return self._line(None)

    def _remember(self, tick: Tick) -> None:
        self._newest = tick
        told = [event for event in tick.events if not isinstance(event, Sampled)]
        for event in told:
            if isinstance(event, Calibrated):
                self._beginning = replace(self._beginning, limits_deg=event.limits_deg)
            self._past[_kind(event)] = tick
        if told:
            self._lately.append(tick)

    def _line(self, tick: Tick | None, *, past: bool = False) -> bytes:
        update = replace(self._frame(), turn=tick, past=past)
        return line_of({"type": "turn"} | to_plain(update))


def read_beginning(line: bytes) -> Beginning:
    """What the first line of a story says. Raises `RefusedError`."""
    record = parse(line, LONGEST_REPLY_BYTES)
    if record.get("ok") is not True:
        raise RefusedError(str(record.get("error")))
    begin = _read(Beginning, record)
    return replace(
        begin,
        unchanged_after_s=_or_never(begin.unchanged_after_s),
        break_after_s=_or_never(begin.break_after_s),
    )


def read_update(line: bytes) -> Update:
    """What another line of a story says. Raises `RefusedError`."""
    return _read(Update, parse(line, LONGEST_REPLY_BYTES))


def _read(kind: type[_T], record: object) -> _T:
    try:
        return from_plain(kind, record)
    except ValueError as error:
        raise RefusedError(Sentence("that is of another version")) from error


def _or_never(seconds: float) -> float:
    """JSON has null for both what is unknown, read as NaN, and what never comes."""
    return math.inf if math.isnan(seconds) else seconds


def _is_news(tick: Tick, before: Tick | None) -> bool:
    if before is None or tick.events or tick.t_s - before.t_s >= TOLD_EVERY_S:
        return True
    return _shown_state(tick) != _shown_state(before)


def _shown_state(tick: Tick) -> object:
    reading = tick.reading
    return (
        tick.quiet,
        tick.resting,
        reading and (reading.state, reading.provisional, reading.newest),
    )


def _kind(event: Event) -> object:
    """Of all events that are alike in this, only the last one still matters."""
    return type(event), event.what if isinstance(event, Controlled) else None
