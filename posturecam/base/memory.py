"""Whether there is as much memory as the program needs, said before a library fails for want of it.

Libraries say it in words that mislead: they cannot be loaded, or do not accept a file.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from posturecam.base.errors import InstallationError
from posturecam.base.language import Sentence
from posturecam.base.limits import own_limits

NEEDED_BYTES = 300_000_000
"""A watch takes 255 MB; more while the pose model is being read, and for a large picture."""

NEEDED_ADDRESSES_BYTES = 1_000_000_000
"""Of a limit on addresses (`ulimit -v`), which counts what is mapped and never used: with 0.7 GB
the pose library fails to load, with 1 GB it works."""

_M_ARENA_MAX = -8
"""Of `mallopt` in the C library of GNU."""
_OWN_LIMITS = own_limits()

TOO_LITTLE = Sentence("There is too little memory for the program.")
REMEDY = Sentence(
    "Close other programs, or allow it more (ulimit -v unlimited); it needs about 300 MB."
)


def is_too_little(*, addresses_bytes: int | None, free_bytes: int) -> bool:
    """Whether the pose library would fail.

    There may be no limit on addresses; free is what no other program holds, or can be swapped out.
    """
    limited = addresses_bytes is not None and addresses_bytes < NEEDED_ADDRESSES_BYTES
    return limited or free_bytes < NEEDED_BYTES


def lacks_memory(machine: Any = None, limits: Any = _OWN_LIMITS) -> bool:
    """Whether there is too little for this process, by limits and by what is free.

    A machine tells what is free as `psutil` does.
    """
    if machine is None:
        import psutil

        machine = psutil
    addresses_bytes = None
    if limits is not None:
        limit, _ = limits.getrlimit(limits.RLIMIT_AS)
        addresses_bytes = None if limit == limits.RLIM_INFINITY else limit
    free_bytes = machine.virtual_memory().available
    # Windows says what is in its swap files by performance counters, which can be switched off.
    with suppress(RuntimeError):
        free_bytes += machine.swap_memory().free
    free_bytes = min([free_bytes, *group_limits_bytes()])
    return is_too_little(addresses_bytes=addresses_bytes, free_bytes=free_bytes)


def group_limits_bytes(
    proc: Path = Path("/proc"), mounts: Path = Path("/sys/fs/cgroup")
) -> list[int]:
    """The limits that hold for this process as one of a group, as containers and services have.

    The kernel lists groups in `mounts`; of version 1 in its folder `memory`.
    """
    limits_bytes = []
    with suppress(OSError):  # there is no such thing elsewhere than on Linux
        for line in (proc / "self" / "cgroup").read_text().splitlines():
            _, kinds, name = line.split(":", 2)
            if kinds and "memory" not in kinds.split(","):
                continue
            top, file = (
                (mounts / "memory", "memory.limit_in_bytes") if kinds else (mounts, "memory.max")
            )
            inner = top / name.lstrip("/")
            # In a container, a group is named as outside and shown at the top.
            for folder in (inner, *inner.parents):
                with suppress(OSError, ValueError):  # a group may have no limit: "max"
                    limits_bytes.append(int((folder / file).read_text()))
                if folder == top:
                    break
    return limits_bytes


def share_one_heap() -> None:
    """Later threads take memory where the others do: with a heap each, more of it lies idle.

    A watch takes 254 instead of 266 MB. Only the C library of Linux can be asked.
    """
    import ctypes

    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def refuse_too_little_memory() -> None:
    """Finds out at once what would otherwise end in a library's own words, or in none.

    Raises:
        InstallationError: there is too little.
    """
    if lacks_memory():
        raise InstallationError(TOO_LITTLE, REMEDY)
