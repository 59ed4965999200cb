"""Real terminals for tests: one inside tmux, whose screen can be read, and a bare one."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

import psutil
import pytest

from tests.started import Started
from tests.waiting import DEADLINE_S, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[1]


def program_or_skip(name: str) -> str:
    """Where a program of the system is."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


class Tmux:
    """A shell in a terminal of tmux."""

    def __init__(self, folder: Path, columns: int, rows: int) -> None:
        self.folder = folder
        self._program = program_or_skip("tmux")
        self._socket = folder / "tmux"
        self._run(
            "-f", os.devnull, "new-session", "-d", "-x", str(columns), "-y", str(rows),
            "-c", str(ROOT), "env PS1='$ ' bash --norc --noprofile",
        )  # fmt: skip
        wait_until(lambda: self.screen()[:1] == ["$"], self.screen)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._run("kill-server")

    def type(self, line: str) -> None:
        """Types a line and Enter."""
        self._run("send-keys", "-l", line)
        self._run("send-keys", "Enter")

    def press(self, key: str) -> None:
        """Presses one key, as tmux names it."""
        self._run("send-keys", key)

    def resize(self, columns: int, rows: int) -> None:
        """Changes the size of the terminal."""
        self._run("resize-window", "-x", str(columns), "-y", str(rows))

    def screen(self) -> list[str]:
        """The rows on the screen without what is empty at the end."""
        return self._run("capture-pane", "-p").rstrip("\n").split("\n")

    def wait_for(self, *texts: str) -> list[str]:
        """The screen with all of them on it."""
        return self._screen_once(
            lambda rows: all(any(text in row for row in rows) for text in texts)
        )

    def wait_for_headline(self, text: str) -> list[str]:
        """The screen whose first row begins with `text`."""
        return self._screen_once(lambda rows: rows[0].startswith(text))

    def logged(self) -> Path:
        """A file with all that is written to the screen from now on, however soon it is gone."""
        file = self.folder / "written"
        self._run("pipe-pane", f"cat > {file}")
        wait_until(file.exists, self.screen)
        return file

    def modes(self, name: str) -> str:
        """All settings of the terminal, asked of the shell."""
        file = self.folder / name
        self.type(f"stty -g > {file}.part && mv {file}.part {file}")
        wait_until(file.exists, self.screen)
        return file.read_text()

    def program(self) -> psutil.Process:
        """The Python that the shell is running."""
        shell = psutil.Process(int(self._run("display-message", "-p", "#{pane_pid}")))
        found: list[psutil.Process] = []

        def runs() -> bool:
            # Another child, such as `clear`, may end while it is looked at.
            with contextlib.suppress(psutil.NoSuchProcess):
                found[:] = [child for child in shell.children() if "python" in child.name()]
            return bool(found)

        wait_until(runs, self.screen)
        return found[0]

    def _screen_once(self, fits: Callable[[list[str]], bool]) -> list[str]:
        """The screen that was found to fit: the next one may be another."""
        seen: list[str] = []

        def is_there() -> bool:
            seen[:] = self.screen()
            return fits(seen)

        wait_until(is_there, lambda: seen)
        return seen

    def _run(self, *words: str) -> str:
        outcome = subprocess.run(
            [self._program, "-S", str(self._socket), *words],
            capture_output=True, text=True, check=True, timeout=DEADLINE_S,
        )  # fmt: skip
        return outcome.stdout


@contextmanager
def bare_terminal(
    *words: str, errors: Path, environment: dict[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A Python module started as the only program of a terminal; the terminal's other end."""
    ours, theirs = os.openpty()
    with (
        errors.open("wb") as stderr,
        Started[bytes](
            [program_or_skip("setsid"), "--ctty", sys.executable, "-m", *words],
            stdin=theirs, stdout=theirs, stderr=stderr, cwd=ROOT,
            env=os.environ | {"TERM": "xterm"} | (environment or {}),
        ) as program,
    ):  # fmt: skip
        os.close(theirs)
        try:
            yield program, ours
        finally:
            program.kill()


def read_until(terminal: int, marker: bytes) -> bytes:
    """What was written to the terminal, up to the first read with `marker` in all of it."""
    data = b""
    while marker not in data:
        shown = read_some(terminal, so_far=data)
        assert shown, data
        data += shown
    return data


def read_some(terminal: int, *, so_far: object = "") -> bytes:
    """What the terminal shows next, and fails when that takes too long; nothing once it is gone."""
    readable, _, _ = select.select([terminal], [], [], DEADLINE_S)
    assert readable, so_far
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux says so when the other side is closed
        return b""
