"""`python -m posturecam` and the console script."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn

from posturecam.base.command_words import cover_addresses
from posturecam.base.console_mode import console_modes, escapes_understood
from posturecam.base.limits import own_limits
from posturecam.base.signs import ERRORS
from posturecam.capture.jpeg import LARGEST_UNPACKED_PX

NO_CORE_BYTES = 1
"""Too few for a core file; and what Linux takes for none where a program is to get it, to which a
limit of 0 does not apply (`do_coredump` in the kernel's fs/coredump.c)."""


def main() -> None:
    """Run the command line and end the process with its exit code."""
    cover_addresses()
    _set_limits()
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by whoever started us
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=ERRORS)
    with escapes_understood(console_modes()):
        code = _run(sys.argv[1:])
    end(code)


def _run(words: list[str]) -> int:
    try:
        from posturecam.cli.app import run

        return run(words)
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - a module in the place of another does anything
        from posturecam.cli.failures import explain

        return explain(error, debug="--debug" in words)


def end(code: int) -> NoReturn:
    """Ends the process with `code`, when everything has been written and closed."""
    _let_go_of_output()
    # A driver that has not returned yet, and does so while Python is taken down, aborts the whole
    # process: Python ends its thread there and then, which C++ does not allow.
    if any(thread.daemon for thread in threading.enumerate()):
        os._exit(code)
    sys.exit(code)


def _let_go_of_output() -> None:
    """What cannot be written by now never can; Python would try again, and end with code 120."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _set_limits() -> None:
    # Read by OpenCV when it is loaded.
    os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = str(LARGEST_UNPACKED_PX)
    # By numpy and by OpenCV: each would start a thread a core, for products far larger than ours.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if limits := own_limits():
        # What the system keeps of a program that crashes is its memory, and with it the picture.
        with suppress(OSError, ValueError):
            _, most = limits.getrlimit(limits.RLIMIT_CORE)
            limits.setrlimit(limits.RLIMIT_CORE, (NO_CORE_BYTES if most else 0, most))


if __name__ == "__main__":
    main()
