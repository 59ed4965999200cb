"""The commands that steer a running watch from another terminal: words only."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from posturecam.base.clock import LocalZone, SystemClock
from posturecam.base.errors import DataError, NotRunningError, SourceError, UsageError
from posturecam.base.language import Sentence, _
from posturecam.base.printable import json_text
from posturecam.cli.common import paths, say, say_fitting, utc_now
from posturecam.cli.panels import STEER

if TYPE_CHECKING:
    from posturecam.values.commands import Command
    from posturecam.values.events import Record

RELEASED_WITHIN_S = 15.0
"""A camera that is just being opened lets go when that is done; longer takes only a fault."""
BACK_WITHIN_S = 5.0
STOPPED_WITHIN_S = 20.0
_LOOK_EVERY_S = 0.2


class StatusFormat(StrEnum):
    """How `status` reports."""

    PLAIN = "plain"
    LINE = "line"
    JSON = "json"


commands = typer.Typer()

WhenArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[DURATION | until HH:MM | until tomorrow]", show_default=False),
]


@commands.command(
    rich_help_panel=STEER, epilog="Example: posturecam pause 1h, posturecam pause until 13:30"
)
def pause(when: WhenArgument = None) -> None:
    """Stop watching and let go of the camera.

    It lasts as long as you say, or until you resume; a number alone is minutes. A pause with an end
    also holds for a watch that starts later. Tomorrow begins at 6:00.
    """
    from posturecam.values.commands import Pause

    until = _until(when)
    try:
        _ask({"do": "pause", "until": None if until is None else until.isoformat()})
    except NotRunningError as error:
        if until is None:
            raise UsageError(
                Sentence("No watch is running that could be paused."),
                Sentence("To keep one that starts later paused, say how long: posturecam pause 1h"),
            ) from error
        _store(Pause(until=until))
        text = _("No watch is running. One that starts before {moment} begins paused.")
        say(text.format(moment=_text(until)))
        return
    ends = _("Resume with: posturecam resume")
    if until is not None:
        ends = _("Resumes at {moment}.").format(moment=_text(until))

    def is_over() -> bool:
        return until is not None and utc_now() >= until

    def is_resting(it: Record) -> bool:
        return bool(it["paused"]) and (it["camera"] == "released" or not it["live"])

    now = _wait(lambda it: is_resting(it) or is_over(), RELEASED_WITHIN_S)
    if is_over():
        say(_("Paused; that is over already."))
    elif is_resting(now):
        released = _("Camera released; its light goes off.") if now["live"] else _("Paused.")
        say(f"{released} {ends}")
    else:
        raise SourceError(
            Sentence("Paused, but the camera is still held: its driver does not let go."),
            Sentence("Its light may be on. End the watch with: posturecam stop"),
        )


@commands.command(rich_help_panel=STEER, epilog="Example: posturecam resume")
def resume() -> None:
    """Watch again, with alerts: ends a pause and a snooze."""
    from posturecam.values.commands import Word

    try:
        _ask({"do": "resume"})
    except NotRunningError:
        if not _store(Word.RESUME):
            raise
        say(_("No watch is running. One that starts now is not paused."))
        return
    from posturecam.outputs.status import why_not_text

    now = _wait(lambda it: it["camera"] == "open" and not it["paused"], BACK_WITHIN_S)
    if now["camera"] == "open":
        say(_("Watching again."))
    else:
        say(_("Resumed, but not watching yet: {why}.").format(why=why_not_text(now)))


@commands.command(rich_help_panel=STEER, epilog="Example: posturecam snooze 45m")
def snooze(when: WhenArgument = None) -> None:
    """Go on watching and suppress alerts.

    It lasts 30 minutes unless you say how long; a number alone is minutes.
    """
    from posturecam.outputs.status import snoozed_text
    from posturecam.values.commands import Snooze
    from posturecam.values.events import utc_text
    from posturecam.values.settings import SNOOZE_S

    until = _until(when) or utc_now() + timedelta(seconds=SNOOZE_S)
    try:
        _ask({"do": "snooze", "until": until.isoformat()})
    except NotRunningError:
        _store(Snooze(until=until))
        text = _("No watch is running. In one that starts before {moment}, alerts wait.")
        say(text.format(moment=_text(until)))
        return
    in_force = utc_text(until)

    def is_quiet(it: Record) -> bool:
        return it["snoozed_until"] == in_force and bool(it["quiet"] or it["paused"])

    if is_quiet(now := _wait(is_quiet, BACK_WITHIN_S)):
        say(snoozed_text(now, _text(until)))
    else:
        text = _("Asked to suppress alerts until {moment}; the watch has not answered yet.")
        say(text.format(moment=_text(until)))


@commands.command(rich_help_panel=STEER, epilog="Example: posturecam wrong")
def wrong() -> None:
    """Say that the slouch of the last alert was none.

    Without an alert in the last ten minutes it is the slouch seen last. The profile learns the
    pose; profiles show lists it, and profiles forget takes it back.
    """
    from posturecam.outputs.status import learned_text

    if (taught := _teach("wrong", BACK_WITHIN_S)) is not None:
        say(learned_text(taught))


@commands.command(rich_help_panel=STEER, epilog="Example: posturecam rezero")
def rezero() -> None:
    """Set the zero of the day: sit upright for five seconds.

    Until tomorrow you are compared with how you sit now; the baseline stays as it was.
    """
    from posturecam.values.settings import READY_S, ZERO_S

    _status()  # Nobody is to sit up for a watch that does not run.
    text = _("Sit comfortably upright: it is taken in {wait} s and takes {length} s.")
    say(text.format(wait=f"{READY_S:.0f}", length=f"{ZERO_S:.0f}"))
    if _teach("rezero", READY_S + ZERO_S + BACK_WITHIN_S) is not None:
        say(_("Today's zero is set."))


@commands.command(rich_help_panel=STEER, epilog="Example: posturecam status --follow --format line")
def status(
    format_name: Annotated[
        StatusFormat,
        typer.Option("--format", help=_("For the eye, one short line, or for programs.")),
    ] = StatusFormat.PLAIN,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help=_("Go on saying what changes, until Ctrl-C."))
    ] = False,
) -> None:
    """Say what a running watch sees, and whether it watches at all.

    Exits 7 when none runs; --follow waits for one.
    """
    from posturecam.outputs.status import NOT_RUNNING, status_line, status_lines

    if follow:
        _follow(format_name)
        return
    try:
        record = _status()
    except NotRunningError as error:
        record, code = NOT_RUNNING, error.exit_code
    else:
        code = 0
    match format_name:
        case StatusFormat.JSON:
            say(json_text(record))
        case StatusFormat.LINE:
            say(status_line(record, utc_now()))
        case StatusFormat.PLAIN:
            say_fitting("\n".join(status_lines(record, utc_now())))
    raise typer.Exit(code)


def _follow(format_name: StatusFormat) -> None:
    from posturecam.base.interrupts import Interrupts
    from posturecam.commands.attach import follow
    from posturecam.outputs.followers import LineFollower, PlainFollower, RecordFollower

    kinds = {
        StatusFormat.PLAIN: PlainFollower,
        StatusFormat.LINE: LineFollower,
        StatusFormat.JSON: RecordFollower,
    }
    follower = kinds[format_name](sys.stdout, utc_now)
    with Interrupts() as interrupts:
        follow(paths(), clock=SystemClock(), follower=follower, interrupts=interrupts)


@commands.command(rich_help_panel=STEER, epilog="Example: posturecam attach")
def attach() -> None:
    """Show the running watch in this terminal as well.

    As often as you like, in as many terminals. Exits 7 when none runs.
    """
    from posturecam.commands.attach import attach as attach_to_watch

    attach_to_watch(paths(), clock=SystemClock(), stream=sys.stdout)


@commands.command(rich_help_panel=STEER, epilog="Example: posturecam stop")
def stop() -> None:
    """End a running watch, as Ctrl-C in its terminal would."""
    clock = SystemClock()
    _ask({"do": "stop"})
    until_s = clock.monotonic_s() + STOPPED_WITHIN_S
    while clock.monotonic_s() < until_s:
        try:
            with suppress(DataError):  # it may hang up in the middle of ending
                _status()
        except NotRunningError:
            say(_("Stopped."))
            return
        clock.wait_s(_LOOK_EVERY_S)
    say(_("Asked to stop; it is still finishing."))


def _teach(what: str, limit_s: float) -> Record | None:
    """Has the watch learn something; the status once it has answered. Raises `UsageError`."""
    before = _status()["lessons"]
    _ask({"do": what})
    now = _wait(lambda it: it["lessons"] != before, limit_s)
    if now["lessons"] == before:
        say(_("Asked; the watch has not answered yet."))
        return None
    if now["lesson_refused"] is not None:
        from posturecam.outputs.words import capitalised

        raise UsageError(Sentence(capitalised(str(now["lesson_refused"]))))
    return now


def _ask(request: Record) -> Record:
    from posturecam.watch.client import ask

    return ask(paths().control, request)


def _status() -> Record:
    reply = _ask({"do": "status"})["status"]
    assert isinstance(reply, dict)  # noqa: S101 - of our own version, which the channel checks
    return reply


def _wait(enough: Callable[[Record], bool], limit_s: float) -> Record:
    """The status as soon as it is `enough`, or at the limit."""
    clock = SystemClock()
    until_s = clock.monotonic_s() + limit_s
    while not enough(now := _status()) and clock.monotonic_s() < until_s:
        clock.wait_s(_LOOK_EVERY_S)
    return now


def _store(command: Command) -> bool:
    """Keeps what a later watch is to find; whether that changed anything."""
    from posturecam.base.paths import make_private_folder
    from posturecam.values.commands import Pause, Snooze, Word
    from posturecam.watch.request_file import load_in_force, save_in_force
    from posturecam.watch.requests import apply, left_at

    # The others are not kept.
    assert isinstance(command, Pause | Snooze) or command is Word.RESUME  # noqa: S101
    path = paths().requests
    before = left_at(load_in_force(path)[0], utc_now())
    after = apply(before, command)
    if after != before:
        make_private_folder(path.parent)
        save_in_force(path, after)
    return after != before


def _until(when: list[str] | None) -> datetime | None:
    from posturecam.watch.requests import parse_until

    return parse_until(when, now=utc_now(), zone=LocalZone()) if when else None


def _text(moment: datetime) -> str:
    from posturecam.base.durations import format_duration
    from posturecam.outputs.words import moment_text

    now = utc_now()
    left = format_duration((moment - now).total_seconds())
    return _("{moment} ({left} from now)").format(moment=moment_text(moment, now), left=left)
