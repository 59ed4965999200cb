"""What ends a watch that nobody looks at, said on the desktop: the journal is read by nobody.

The same thing is said once, not at every start anew, until a watch has begun to watch again.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from posturecam.base.addresses import without_secrets
from posturecam.base.errors import (
    AlreadyRunningError,
    DataError,
    OutputClosedError,
    PosturecamError,
)
from posturecam.base.files import read_file
from posturecam.base.language import _
from posturecam.base.paths import write_atomically
from posturecam.outputs.notify import DesktopNotifier, Notifier
from posturecam.values.commands import Inbox

if TYPE_CHECKING:
    from posturecam.base.clock import Clock

_MOST_BYTES = 4096


def nobody_looks(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """No terminal shows what this program prints, and there is a desktop that could."""
    if sys.stdout.isatty() or sys.stderr.isatty():
        return False
    return platform != "linux" or "DBUS_SESSION_BUS_ADDRESS" in environment


def say_on_desktop(error: PosturecamError, said: Path, clock: Clock) -> None:
    """Says why the watch ended, unless `said`, a file, has it that this was said already."""
    with closing(DesktopNotifier(Inbox(), clock)) as notifier:
        say_once(error, said, notifier)


def say_once(error: PosturecamError, said: Path, notifier: Notifier) -> None:
    """The same through a notifier that is there, and closed with it."""
    what = without_secrets(error.what)
    if isinstance(error, AlreadyRunningError | OutputClosedError) or was_said(what, said):
        return
    notifier.leave(_("posturecam does not watch"), without_secrets(str(error)))
    notifier.close()
    if notifier.problem is not None:
        return  # nobody has heard it, as at a login where the desktop comes after the watch
    keep_said(what, said)


def keep_said(what: str, said: Path) -> None:
    """Keeps in `said`, a file, what was said; where that fails it is said again."""
    with suppress(DataError):
        write_atomically(said, what)


def forget_said(said: Path) -> None:
    """A watch watches: whatever comes now is news."""
    with suppress(OSError):
        said.unlink(missing_ok=True)


def was_said(what: str, said: Path) -> bool:
    """Whether that was said last."""
    try:
        return read_file(said, most_bytes=_MOST_BYTES) == what.encode()
    except (OSError, ValueError):
        return False
