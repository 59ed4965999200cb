"""Programs that this one starts: apart from it, and ended with all that they have started."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import Any

NEW_GROUP, NO_WINDOW = 0x0000_0200, 0x0800_0000
"""CREATE_NEW_PROCESS_GROUP and CREATE_NO_WINDOW (Microsoft, Process Creation Flags)."""


def apart(platform: str = sys.platform) -> dict[str, Any]:
    """Further arguments for `Popen`, by which no Ctrl-C of ours reaches the program.

    `end_tree` ends such a program. On Windows it opens no window of its own either.
    """
    if platform == "win32":
        return {"creationflags": NEW_GROUP | NO_WINDOW}
    return {"start_new_session": True}


def end_tree(number: int, platform: str = sys.platform) -> None:
    """Ends the process of that number, started `apart`, and all that it has started.

    Nothing, if it is gone. Call it only while nobody has waited for its end: until then the number
    is no other's.
    """
    if sys.platform != "win32" and platform != "win32":
        with suppress(ProcessLookupError):
            os.killpg(number, signal.SIGKILL)
        return
    import psutil

    with suppress(psutil.Error):
        first = psutil.Process(number)
        for process in (first, *first.children(recursive=True)):
            with suppress(psutil.Error):
                process.kill()
