"""A turn of the loop as JSON and back: how one process shows what another one watches.

Fields keep their names and codes their values; what is not finite, and what is unknown, is null.
An event says by its `type` which one it is. Keys are added, never renamed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from posturecam.values import events, observation, reasons
from posturecam.values.events import utc_text

T = TypeVar("T")

DIGITS = 3
"""Decimals of a number: milliseconds, and finer than any angle is known."""

EVENT_TYPES: dict[type[events.Event], str] = {
    events.Calibrated: "calibrated",
    events.StateChanged: "state",
    events.Alerted: "alert",
    events.Warned: "warning",
    events.AlertFollowed: "outcome",
    events.Controlled: "steer",
    events.ControlRefused: "refused",
    events.Sampled: "sample",
    events.StaleBaseline: "stale",
    events.BaselineQuestioned: "question",
    events.ZeroOffered: "offer",
    events.Moved: "move",
    events.BreakNear: "break_near",
    events.BreakTaken: "break",
    events.CameraChanged: "camera",
    events.Summarised: "summary",
}
"""What each event is called, here and in the records of `watch --format jsonl`."""

_EVENTS: dict[str, Any] = {name: kind for kind, name in EVENT_TYPES.items()}

_NAMES = {
    name: value
    for module in (observation, reasons, events)
    for name, value in vars(module).items()
    if isinstance(value, (type, UnionType))
} | {"datetime": datetime}
"""What the annotations of the values mean, some of which their modules import for types alone."""


def to_plain(value: object) -> Any:
    """`value` as what JSON has."""
    if isinstance(value, float):
        return round(value, DIGITS) if math.isfinite(value) else None
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, tuple):
        return [to_plain(part) for part in value]
    if not is_dataclass(value):
        return value
    kind: Any = type(value)
    plain = {name: to_plain(getattr(value, name)) for name in _field_names(kind)}
    return {"type": EVENT_TYPES[kind]} | plain if kind in EVENT_TYPES else plain


def from_plain(kind: type[T], plain: Any) -> T:
    """What `to_plain` was given; a key that this version does not know is passed over.

    Raises:
        ValueError: it is nothing of the kind.
    """
    annotated: Any = kind
    try:
        value: T = _reader(annotated)(plain)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"no {kind.__name__}: {error!r}") from error
    return value


@cache
def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """What makes a value of the annotated kind of what JSON has."""
    if get_origin(kind) in (Union, UnionType):
        return _reader_of_one(get_args(kind))
    if get_origin(kind) is tuple:
        read = _reader(get_args(kind)[0])
        return lambda plain: tuple(read(part) for part in plain)
    if kind is float:
        return lambda plain: math.nan if plain is None else float(plain)
    if kind is datetime:
        return datetime.fromisoformat
    if is_dataclass(kind):
        return _reader_of_fields(kind)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind
    return lambda plain: plain


def _reader_of_one(kinds: tuple[Any, ...]) -> Callable[[Any], Any]:
    """Of several kinds: events by their type, an object by being one, a code by being known."""
    if set(kinds) <= EVENT_TYPES.keys():
        return lambda plain: _reader(_EVENTS[plain["type"]])(plain)
    objects: list[Any] = [kind for kind in kinds if is_dataclass(kind)]
    codes = [kind for kind in kinds if kind is not str and kind not in (NoneType, *objects)]

    def read(plain: Any) -> Any:
        if plain is None:
            return None
        if isinstance(plain, dict):
            return _reader(objects[0])(plain)
        for kind in codes:
            if not issubclass(kind, StrEnum) or plain in tuple(kind):
                return _reader(kind)(plain)
        if str in kinds:
            return plain
        raise ValueError(f"{plain!r} is not a valid code")

    return read


def _reader_of_fields(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind, localns=_NAMES)
    readers = {name: _reader(hints[name]) for name in _field_names(kind)}

    def read(plain: Any) -> Any:
        known = plain.keys() & readers.keys()
        return kind(**{name: readers[name](plain[name]) for name in known})

    return read
