"""What a small program of the system prints, asked for without holding up an event loop."""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import suppress

from posturecam.base.child_programs import apart, end_tree

LIMIT_S = 3.0
"""Longest wait for an answer; they usually take milliseconds."""

_REAP_S = 1.0


async def output_of(*command: str, limit_s: float = LIMIT_S) -> str | None:
    """What the program prints when it works; None when it fails or is not there.

    However it goes, nothing of it runs any more afterwards, nor anything that it started.

    Raises:
        TimeoutError: it took longer than `limit_s`.
    """
    if shutil.which(command[0]) is None:
        return None
    try:
        process = await start_apart(*command)
    except OSError:
        return None
    try:
        async with asyncio.timeout(limit_s):
            printed, _ = await process.communicate()
    finally:
        await end_process(process)
    if process.returncode != 0:
        return None
    with suppress(UnicodeDecodeError):
        return printed.decode()
    return None


async def start_apart(*command: str) -> asyncio.subprocess.Process:
    """A program that prints in English, and is heard alone; to be ended by `end_process`.

    Raises:
        OSError: it cannot be started.
    """
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        **apart(),
        # In some languages pactl writes 0,5 for a half, which is no JSON.
        env=os.environ | {"LC_ALL": "C"},
    )


async def end_process(process: asyncio.subprocess.Process) -> None:
    """Ends a process that was started `apart`, with all that it started."""
    if process.returncode is None:
        end_tree(process.pid)
        with suppress(TimeoutError):  # a driver holds it in the kernel: it dies when that lets go
            async with asyncio.timeout(_REAP_S):
                await process.wait()
