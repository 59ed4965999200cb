"""What an export that was killed has left behind, found again wherever it is.

While an export is written, the data folder says where. Whoever finds that nobody writes it any more
removes it: it may hold every note of the pain journal.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from posturecam.base.errors import AlreadyRunningError, DataError
from posturecam.base.files import read_file
from posturecam.base.folder_lock import FolderLock
from posturecam.base.language import Sentence
from posturecam.base.paths import write_atomically

_MARK = ".unfinished"
_NOTE = ".export.unfinished"
_LONGEST_NOTE_BYTES = 100_000
_TAKEN = (
    Sentence("Another export is being written."),
    Sentence("Wait until it is done, and try again."),
)


def unfinished_name(folder: Path) -> Path:
    """Where an export to `folder` is written until it is complete."""
    return folder.with_name(f".{folder.name}.{os.getpid()}{_MARK}")


@contextmanager
def only_export(data: Path, unfinished: Path) -> Iterator[None]:
    """Holds the place of the one export that is written, having removed what a killed one left.

    A data folder that takes no file is for reading only, and is gone without. The folder
    `unfinished` is named by `unfinished_name`.

    Raises:
        AlreadyRunningError: another one is written.
    """
    with _held(data) as held:
        if held:
            _remove_left(data)
            with suppress(DataError):
                write_atomically(data / _NOTE, json.dumps(str(unfinished.absolute())))
        try:
            yield
        finally:
            if held:
                (data / _NOTE).unlink(missing_ok=True)


def remove_unfinished(data: Path) -> None:
    """Removes what a killed export has left, unless one is being written."""
    with suppress(AlreadyRunningError), _held(data) as held:
        if held:
            _remove_left(data)


@contextmanager
def _held(data: Path) -> Iterator[bool]:
    """Whether the data folder could be held at all."""
    held = False
    with ExitStack() as stack:
        with suppress(DataError):
            if data.is_dir():
                stack.enter_context(FolderLock(data / "export.lock", taken=_TAKEN))
                held = True
        yield held


def _remove_left(data: Path) -> None:
    with suppress(OSError, ValueError, TypeError):
        left = Path(json.loads(read_file(data / _NOTE, most_bytes=_LONGEST_NOTE_BYTES)))
        # Nothing but what an export has made, whatever the note says.
        if left.name.endswith(_MARK) and not left.is_symlink():
            shutil.rmtree(left)
    (data / _NOTE).unlink(missing_ok=True)
