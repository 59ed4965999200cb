"""Talking with the person at the terminal: lines, questions, and one line that changes in place."""

from __future__ import annotations

import select
import shutil
import sys
from typing import Self, TextIO

from posturecam.base.errors import OutputClosedError
from posturecam.base.language import _, shown
from posturecam.base.wrapping import wrapped
from posturecam.outputs.terminal import this_system
from posturecam.values.answers import Answer

WIDEST_COLUMNS = 100
_POLL_S = 0.25

_ANSWERS = {
    "y": Answer.YES,
    "yes": Answer.YES,
    "n": Answer.NO,
    "no": Answer.NO,
    "": Answer.SKIP,
    "s": Answer.SKIP,
    "skip": Answer.SKIP,
}


class Dialogue:
    """Two streams and what can be done with them."""

    def __init__(self, source: TextIO, stream: TextIO, *, platform: str = sys.platform) -> None:
        self._can_wait = platform != "win32"  # there `select` knows sockets only
        self._source = source
        self._stream = stream
        self._written_over = False
        self.in_place = stream.isatty()  # a line can be written over
        self.interactive = source.isatty() and self.in_place  # somebody can answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing that was shown in place stays before what others print."""
        self._wipe()

    def say(self, text: str = "", *, indent: int = 0, hanging: int = 0) -> None:
        """Prints `text`, wrapped, from its second line on further in by `hanging`.

        What was shown in place is wiped first.
        """
        margin = " " * indent
        lines = wrapped(
            shown(text),
            self._columns(),
            initial_indent=margin,
            subsequent_indent=margin + " " * hanging,
            break_on_hyphens=False,  # a command stays whole
        )
        self._wipe()
        self._print("\n".join(lines) + "\n")

    def write(self, text: str) -> None:
        """Prints `text` as it is, for other programs."""
        self._print(f"{shown(text)}\n")

    def show(self, text: str) -> None:
        """Puts `text` in the place of what was shown last; nothing where that cannot be done."""
        if self.in_place:
            self._print(f"\r\x1b[K{text[: self._columns() - 1]}")
            self._written_over = True

    def ask(self, question: str) -> Answer:
        """The answer to a question; asked until it is one. No more input is a skip."""
        while True:
            line = self._answer_to(question, _("  y/n, Enter skips: "))
            answer = _ANSWERS.get(line.strip().lower())
            if answer is not None:
                return answer

    def agrees(self, question: str) -> bool:
        """Whether it is answered with a yes."""
        return self.ask(question) is Answer.YES

    def go(self, text: str) -> bool:
        """Says `text` and waits for Enter; false for `s` or another word, and for no more input."""
        return self._answer_to(text, _("  Enter = go, s = skip: ")) in ("\n", "\r\n")

    def _answer_to(self, text: str, prompt: str) -> str:
        self.say(text)
        self._print(prompt)
        line = self._read_line()
        if not line:
            self._print("\n")
        return line

    def _read_line(self) -> str:
        try:
            # A Ctrl-C just before a read does not end it: only waits that end are sure to.
            while self._can_wait and self.interactive:
                readable, _, _ = select.select([self._source], [], [], _POLL_S)
                if readable:
                    break
            return self._source.readline()
        except KeyboardInterrupt:
            self._print("\n")
            raise

    def _wipe(self) -> None:
        if self._written_over:
            self._print("\r\x1b[K")
            self._written_over = False
            self._forget_typed()

    def _forget_typed(self) -> None:
        """What was typed while a line changed in place answers no later question."""
        if self.interactive:
            this_system().forget_typed(self._source)

    def _columns(self) -> int:
        return min(WIDEST_COLUMNS, shutil.get_terminal_size().columns)

    def _print(self, text: str) -> None:
        try:
            print(text, end="", file=self._stream, flush=True)
        except BrokenPipeError as error:
            raise OutputClosedError("nobody reads the output any more") from error
