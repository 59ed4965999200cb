"""`--on-alert`: a command of the user's own, run for each alert."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Sequence

from posturecam.base.addresses import without_secrets
from posturecam.base.child_programs import apart, end_tree
from posturecam.base.command_words import quoted_words, split_words
from posturecam.base.errors import UsageError
from posturecam.base.language import N_, Sentence
from posturecam.base.printable import json_text
from posturecam.outputs.records import as_record
from posturecam.values.events import Alerted, StaleBaseline, Tick

LIMIT_S = 10.0
"""A command that takes longer is ended: it tells of an alert, and the next one may be near."""

CLOSING_S = 3.0
"""At the end of a watch the last command gets so long to finish; nobody waits for it longer."""


def split_command(text: str) -> tuple[str, ...]:
    """The words of a command as a shell would split them; no shell ever sees them.

    Raises:
        UsageError: there is no word, or a quotation mark is left open.
    """
    try:
        words = tuple(split_words(text))
    except ValueError as error:
        raise UsageError(
            Sentence("The command {text!r} cannot be read: {why}.", text=text, why=error),
            Sentence("Close every quotation mark."),
        ) from error
    if not words:
        raise UsageError(
            Sentence("The command for alerts is empty."),
            Sentence("Name a program and its arguments."),
        )
    return words


class AlertCommand:
    """Runs the command for each alert, and for a baseline gone stale, one at a time.

    It gets the event on its standard input, as the record that `watch --format jsonl` prints, and
    the environment and folder of the watch. What it prints is dropped: standard output may be
    somebody's records. The watch waits for nothing but the start of it. `problem` says what is
    wrong with the command; it is None since one ended well.
    """

    def __init__(self, words: Sequence[str], *, limit_s: float = LIMIT_S) -> None:
        self.problem: str | None = None
        # On Windows only its whole name starts a script, whose ending is left out.
        self._words = (shutil.which(words[0]) or words[0], *words[1:])
        self._shown = words
        self._limit_s = limit_s
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        if shutil.which(words[0]) is None:
            self._fail(N_("it is not a program that can be found and run"))

    def handle(self, tick: Tick) -> None:
        """Starts the command if there is something to tell."""
        for event in tick.events:
            if isinstance(event, Alerted | StaleBaseline):
                record = as_record(event, t_s=tick.t_s, at=tick.at)
                self._start(json_text(record))

    def close(self) -> None:
        """Lets a command that runs finish, soon; a second call does nothing."""
        if self._thread is not None:
            self._thread.join(CLOSING_S)
            if self._thread.is_alive() and self._process is not None:
                _end(self._process)
                self._thread.join()

    def _start(self, record: str) -> None:
        if self._thread is not None and self._thread.is_alive():
            self._fail(N_("it was still running at the next alert, which it was not told"))
            return
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the user's own words, without a shell
                self._words,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                **apart(),
            )
        except OSError as error:
            self._fail(N_("it cannot be started ({why})"), why=error.strerror)
            return
        # A daemon: whatever the command does, the program ends.
        self._thread = threading.Thread(
            target=self._attend, args=(self._process, record), name="on-alert", daemon=True
        )
        self._thread.start()

    def _attend(self, process: subprocess.Popen[bytes], record: str) -> None:
        try:
            process.communicate(f"{record}\n".encode(), timeout=self._limit_s)
        except subprocess.TimeoutExpired:
            _end(process)
            process.communicate()
            self._fail(
                N_("it was ended because it took longer than {limit} s"), limit=round(self._limit_s)
            )
            return
        if process.returncode == 0:
            self.problem = None
        else:
            self._fail(N_("it ended with exit code {code}"), code=process.returncode)

    def _fail(self, what: str, **places: object) -> None:
        self.problem = Sentence(
            "the command for alerts does not work: {what}. The watch goes on; try it by hand: "
            "{command}",
            what=Sentence(what, **places),
            command=without_secrets(quoted_words(self._shown)),
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process and whatever it started."""
    if process.poll() is None:  # or its number, and that of its group, may be another's now
        end_tree(process.pid)
