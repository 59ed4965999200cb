"""The user's own command hears of every alert, and cannot harm the watch."""

from __future__ import annotations

import json
import os
import shlex
import sys
import threading
from contextlib import closing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posturecam.base.errors import UsageError
from posturecam.outputs.alert_command import AlertCommand, split_command
from posturecam.outputs.records import as_record
from posturecam.values.events import (
    AlertDetails,
    Alerted,
    AlertKind,
    Event,
    Moved,
    StaleBaseline,
    Tick,
)
from posturecam.values.observation import BaselineMismatch
from posturecam.values.reasons import SlouchSign
from tests.fakes import NINE, seen
from tests.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

unix_only = pytest.mark.skipif(sys.platform == "win32", reason="sh is the shell of Unix")
SLOUCH = Alerted(
    kind=AlertKind.SLOUCH,
    lasted_s=180.0,
    details=AlertDetails(reasons=(seen(SlouchSign.HEAD_FORWARD, 14),)),
)
STALE = StaleBaseline(mismatch=BaselineMismatch.LOWER, profile="desk")


def tick(*events: Event) -> Tick:
    """One turn of the loop with these events."""
    return Tick(t_s=12.5, at=NINE, reading=None, events=events)


def shell(script: str, *arguments: object) -> tuple[str, ...]:
    """A command that runs `script`; what follows are its $1, $2 and so on."""
    return ("sh", "-c", script, "sh", *map(str, arguments))


def finish(command: AlertCommand) -> None:
    """Closes it once what it has started is over, which it does not wait for on a busy machine."""
    wait_until(
        lambda: "on-alert" not in {thread.name for thread in threading.enumerate()},
        "the user's command has ended",
    )
    command.close()


def runs(number: int) -> bool:
    """Whether there is such a process; where nobody collects orphans, a dead one stays listed."""
    with suppress(psutil.NoSuchProcess):
        return str(psutil.Process(number).status()) != "zombie"
    return False


def test_words_are_split_as_a_shell_would() -> None:
    """Quotes hold a word together; nothing else is special."""
    assert split_command("""lamp --blink "two times" 'a $HOME' ; # x""") == (
        "lamp", "--blink", "two times", "a $HOME", ";", "#", "x",
    )  # fmt: skip
    for text in ("", "  ", "lamp 'on"):
        with pytest.raises(UsageError):
            split_command(text)


@unix_only
@settings(max_examples=50)
@given(words=st.lists(st.text(max_size=8), min_size=1, max_size=5))
def test_whatever_was_quoted_comes_out_again(words: list[str]) -> None:
    """For any words at all."""
    assert split_command(shlex.join(words)) == tuple(words)


@unix_only
def test_it_hears_of_alerts_and_of_nothing_else(tmp_path: Path) -> None:
    """The public record, one line on its input; a move is none of its business."""
    heard = tmp_path / "heard"
    with closing(AlertCommand(shell('cat >> "$1"', heard))) as command:
        for events in ((Moved(unchanged_s=9.0),), (SLOUCH,), (), (STALE,)):
            command.handle(tick(*events))
            finish(command)

    records = [json.loads(line) for line in heard.read_text(encoding="utf-8").splitlines()]
    assert records == [as_record(event, t_s=12.5, at=NINE) for event in (SLOUCH, STALE)]
    assert command.problem is None


@unix_only
def test_no_shell_reads_it_and_the_environment_is_as_it_was(tmp_path: Path) -> None:
    """`$1` of the command is what the user wrote, dollar signs, semicolons and all."""
    told = tmp_path / "told"
    words = shell('printf "%s|%s" "$2" "$POSTURECAM_HOME" > "$1"', told, "$(id); echo $HOME")
    with closing(AlertCommand(words)) as command:
        command.handle(tick(SLOUCH))
        finish(command)

    assert told.read_text(encoding="utf-8") == f"$(id); echo $HOME|{os.environ['POSTURECAM_HOME']}"


@unix_only
def test_a_command_that_takes_too_long_is_ended_with_all_it_started(tmp_path: Path) -> None:
    """Its children too; none is left, not even a zombie."""
    numbers = tmp_path / "numbers"
    script = 'sleep 600 & echo $$ $! > "$1.new"; mv "$1.new" "$1"; wait'
    command = AlertCommand(shell(script, numbers), limit_s=1.0)
    command.handle(tick(SLOUCH))

    def has_begun() -> bool:
        if command.problem and not numbers.exists():  # ended before it could say so: once more
            command.problem = None
            command.handle(tick(SLOUCH))
        return numbers.exists()

    wait_until(has_begun, "the command runs")
    started = [int(number) for number in numbers.read_text(encoding="utf-8").split()]

    wait_until(lambda: command.problem, "it is told")
    assert "took longer than 1 s" in str(command.problem)
    wait_until(lambda: not any(map(runs, started)), "all are gone")
    assert started[0] not in {child.pid for child in psutil.Process().children()}, "a zombie"
    command.close()


@unix_only
def test_one_runs_at_a_time_and_the_end_of_the_watch_does_not_wait_for_it(tmp_path: Path) -> None:
    """The second alert is skipped, which is said; closing ends what would still run."""
    began = tmp_path / "began"
    command = AlertCommand(shell('echo $$ >> "$1"; exec sleep 600', began), limit_s=600)
    command.handle(tick(SLOUCH))
    wait_until(lambda: began.exists() and began.read_text(encoding="utf-8"), "the command runs")
    command.handle(tick(SLOUCH))

    assert "still running at the next alert" in str(command.problem)
    command.close()
    (number,) = map(int, began.read_text(encoding="utf-8").split())
    assert number not in {child.pid for child in psutil.Process().children()}


@unix_only
def test_a_failing_command_is_a_problem_until_it_ends_well(tmp_path: Path) -> None:
    """It is tried again at every alert."""
    repaired = tmp_path / "repaired"
    command = AlertCommand(shell('test -e "$1"', repaired))
    assert command.problem is None
    command.handle(tick(SLOUCH))
    finish(command)
    assert "exit code 1" in str(command.problem)

    repaired.touch()
    command.handle(tick(SLOUCH))
    finish(command)
    assert command.problem is None


def test_a_command_that_is_not_there_is_said_at_the_start() -> None:
    """Not only at the first alert, which may come hours later; and an alert changes nothing."""
    command = AlertCommand(("no-such-lamp", "--blink"))
    assert "it is not a program" in str(command.problem)

    command.handle(tick(replace(SLOUCH, kind=AlertKind.BREAK)))
    assert "cannot be started" in str(command.problem)
    command.close()


@unix_only
def test_a_command_that_never_reads_or_prints_a_lot_is_fine() -> None:
    """Neither blocks nor breaks anything."""
    for script in ("exec 0<&-; exit 0", "head -c 1000000 /dev/zero"):
        command = AlertCommand(shell(script))
        command.handle(tick(SLOUCH))
        finish(command)
        assert command.problem is None
