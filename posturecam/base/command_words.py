"""The words that the program was started with: how to start it anew, and what others see."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from posturecam.base.addresses import without_secrets

_PROCESS = Path("/proc/self")
_ARG_START, _ARG_END = 47, 48  # fields of /proc/PID/stat, from 0 (proc_pid_stat(5))


def own_command(
    started: str | None = None,
    find: Callable[[str], str | None] = shutil.which,
    platform: str = sys.platform,
) -> str:
    """What to type for this program here: its name where the shell finds this one, or its path."""
    started = sys.argv[0] if started is None else started
    found = find("posturecam")
    # On Windows the ending is left out of the word by which an installed script is started.
    for program in (Path(started), Path(f"{started}.exe")):
        if found is not None and program.exists() and Path(found).samefile(program):
            return "posturecam"
    if Path(started).name == "__main__.py":
        return f"{quoted_word(sys.executable, platform)} -m posturecam"
    return quoted_word(started, platform)


def quoted_word(word: str, platform: str = sys.platform) -> str:
    """A word of a command as one types it; on Windows for its prompt and for PowerShell."""
    if platform == "win32":
        return f'"{word}"' if {*word} & {*" &()^;,='"} else word
    return shlex.quote(word)


def quoted_words(words: Iterable[str], platform: str = sys.platform) -> str:
    """A command as one types it."""
    return " ".join(quoted_word(word, platform) for word in words)


def split_words(text: str, platform: str = sys.platform) -> list[str]:
    """The words of a command as a shell would split them; no shell ever sees them.

    Raises:
        ValueError: a quotation mark is left open.
    """
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    if platform == "win32":
        lexer.escape = ""  # a backslash is a part of a path there
    return list(lexer)


def cover_addresses(platform: str = sys.platform) -> None:
    """Leave scheme, host and port of each address in what `ps` shows of this process.

    On Linux only; on other systems, and until this is called, a password can be read there.
    """
    if sys.platform == "win32" or platform != "linux":
        return
    # Where the kernel keeps the words is not known everywhere, nor may it always be written to.
    with suppress(OSError, ValueError, IndexError):
        seen = (_PROCESS / "cmdline").read_bytes()
        covered = covered_words(seen)
        if covered == seen:
            return
        stat = (_PROCESS / "stat").read_text("utf-8", "replace")
        after_name = stat.rpartition(")")[2].split()
        begin, end = (int(after_name[field - 2]) for field in (_ARG_START, _ARG_END))
        memory = os.open(_PROCESS / "mem", os.O_RDWR)
        try:
            if os.pread(memory, end - begin, begin) == seen:
                os.pwrite(memory, covered, begin)
        finally:
            os.close(memory)


def covered_words(words: bytes) -> bytes:
    """The `words`, each ended by a zero byte, without the secrets of addresses and as long."""
    return b"\0".join(_covered(word) for word in words.split(b"\0"))


def _covered(word: bytes) -> bytes:
    text = os.fsdecode(word)
    shown = without_secrets(text)
    return word if shown == text else os.fsencode(shown)[: len(word)].ljust(len(word), b"\0")
