"""What is said on the channel to a running watch: requests and their lines, there and back."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, get_args

import pytest

from posturecam.values.commands import AnswerBaseline, Command, Pause, Snooze, Word
from posturecam.watch.broadcast import read_beginning, read_update
from posturecam.watch.protocol import (
    FORMAT,
    RefusedError,
    command_request,
    line_of,
    parse,
    to_command,
)
from tests.fakes import NINE

if TYPE_CHECKING:
    from posturecam.values.events import Record

LONGEST_BYTES = 100
COMMANDS = (
    *(Pause(until=None), Pause(until=NINE), Snooze(until=NINE)),
    *(AnswerBaseline(upright=True), AnswerBaseline(upright=False)),
    *Word,
)


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_every_command_arrives_as_it_was(command: Command) -> None:
    """Over the line that stands for it."""
    line = line_of(command_request(command))

    assert line.endswith(b"\n")
    assert to_command(parse(line, len(line))) == command


def test_all_commands_are_among_them() -> None:
    """One that is new needs a request."""
    assert {type(command) for command in COMMANDS} == set(get_args(Command))


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        ({}, "no such thing"),
        ({"do": "dance"}, "no such thing"),
        ({"do": 5}, "no such thing"),
        ({"do": "snooze"}, "needs an end"),
        ({"do": "snooze", "until": "soon"}, "no moment"),
        ({"do": "pause", "until": "0001-01-01T00:00+14:00"}, "no moment"),
        ({"do": "pause", "until": "2026-11-02T09:00"}, "needs its zone"),
    ],
    ids=str,
)
def test_a_request_that_makes_no_sense_is_refused(request_: Record, why: str) -> None:
    """With what is wrong in it."""
    with pytest.raises(RefusedError, match=why):
        to_command(request_)


def test_a_moment_is_one_in_any_zone() -> None:
    """Whoever asks may write the time on their own wall; a pause may have none."""
    there = (NINE + timedelta(hours=1)).isoformat().replace("+00:00", "+01:00")
    assert to_command({"do": "snooze", "until": there}) == Snooze(until=NINE)
    assert to_command({"do": "pause"}) == Pause(until=None)


def test_an_answer_is_a_yes_only_if_it_says_so() -> None:
    """Nothing that is merely true."""
    assert to_command({"do": "answer", "upright": 1}) == AnswerBaseline(upright=False)
    assert to_command({"do": "answer"}) == AnswerBaseline(upright=False)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{", "no JSON"),
        (b"[" * LONGEST_BYTES, "no JSON"),
        (b"\xff", "no JSON"),
        (b"[]", f"not of version {FORMAT}"),
        (b"{}", f"not of version {FORMAT}"),
        (json.dumps({"v": FORMAT + 1}).encode(), f"not of version {FORMAT}"),
        (line_of({"do": "x" * LONGEST_BYTES}), "too long"),
    ],
    ids=["cut off", "deep", "no text", "a list", "no version", "another version", "long"],
)
def test_a_line_that_is_none_of_ours_is_refused(line: bytes, why: str) -> None:
    """Whatever it is."""
    with pytest.raises(RefusedError, match=why):
        parse(line, LONGEST_BYTES)


def test_what_another_version_tells_is_refused() -> None:
    """Not taken for a turn of this one; and where the watch says why, that is what is said."""
    for line in (line_of({"turn": {"t_s": "soon"}, "past": False}), line_of({"turn": []})):
        with pytest.raises(RefusedError, match="another version"):
            read_update(line)
    with pytest.raises(RefusedError, match="another version"):
        read_beginning(line_of({"ok": True, "profile": "desk"}))
    with pytest.raises(RefusedError, match="there are too many"):
        read_beginning(line_of({"ok": False, "error": "there are too many"}))
