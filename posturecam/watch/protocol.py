"""What is said on the channel between a running watch and other programs of the same user.

One request a connection, one line of JSON each way; `FORMAT` stands in both as `v`. A request says
what to `do`: `status`, `pause`, `resume`, `snooze`, `recalibrate`, `answer`, `wrong`, `rezero`,
`reload`, `stop`, `exercised`, `follow` or `borrow`; `pause` and `snooze` have `until`, an ISO
moment or null, and `answer` says whether the sitter was `upright`. A reply says whether that is
`ok`, and what is the `error` or the `status`; that to `reload` the `profile`, null where the watch
goes by none.

The reply to `follow` is the first of many lines (`broadcast`), until either side hangs up. That to
`borrow` comes when the watch has let go of its camera, with what a baseline is to be taken by
(`lending.Loan`); the watch does without it until either side hangs up, then `reload`s.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, assert_never

from posturecam.base.language import Sentence
from posturecam.values.commands import AnswerBaseline, Command, Pause, Snooze, Word

if TYPE_CHECKING:
    from posturecam.values.events import Record

FORMAT = 1
"""Version of requests, replies and what follows them."""

LONGEST_REQUEST_BYTES = 4096
LONGEST_REPLY_BYTES = 65_536
PATIENCE_S = 2.0
"""A request must be there within so long."""

STATUS = "status"
FOLLOW = "follow"
BORROW = "borrow"


class RefusedError(ValueError):
    """A request that makes no sense; says why."""


def to_command(request: Record) -> Command:
    """What a request for none of `status`, `follow` and `borrow` asks. Raises `RefusedError`."""
    match request.get("do"):
        case "pause":
            return Pause(until=_moment(request.get("until")))
        case "snooze":
            until = _moment(request.get("until"))
            if until is None:
                raise RefusedError(Sentence("a snooze needs an end"))
            return Snooze(until=until)
        case "answer":
            return AnswerBaseline(upright=request.get("upright") is True)
        case str(name) if name in tuple(Word):
            return Word(name)
    raise RefusedError(Sentence("there is no such thing to do"))


def line_of(record: Record) -> bytes:
    """The line that says `record`."""
    return json.dumps({"v": FORMAT} | record).encode() + b"\n"


def command_request(command: Command) -> Record:
    """The request that asks for `command`: what `to_command` takes back."""
    match command:
        case Pause(until=until):
            return {"do": "pause", "until": None if until is None else until.isoformat()}
        case Snooze(until=until):
            return {"do": "snooze", "until": until.isoformat()}
        case AnswerBaseline(upright=upright):
            return {"do": "answer", "upright": upright}
        case Word():
            return {"do": command.value}
        case _:
            assert_never(command)


def parse(line: bytes, longest_bytes: int) -> Record:
    """The object on the line. Raises `RefusedError`."""
    if len(line) > longest_bytes:
        raise RefusedError(Sentence("that is too long"))
    try:
        record: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RefusedError(Sentence("that is no JSON")) from error
    if not isinstance(record, dict) or record.get("v") != FORMAT:
        raise RefusedError(Sentence("that is not of version {version}", version=FORMAT))
    return record


def _moment(text: object) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(str(text))
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:  # the latter at either end of time
        raise RefusedError(Sentence("`until` is no moment")) from error
    raise RefusedError(Sentence("`until` needs its zone"))
