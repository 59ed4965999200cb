"""Does a program record from a microphone? PipeWire, PulseAudio or the kernel says."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from posturecam.base.program_output import end_process, output_of, start_apart

ASOUND = Path("/proc/asound")

SERVER_AGAIN_S = 15.0
"""A sound server that is not there, or went away, is listened to again after so long."""

UNTOLD_S = 60.0
"""A sound server that tells what happens is asked so often all the same."""

KERNEL_POLL_S = 1.0
"""What the kernel says is read in microseconds."""


class Microphone:
    """Whether a program records from one, and when that is worth asking.

    A stream of the sound server that begins or ends is told: nobody has to ask all the time.

    Attributes:
        changed: set then, and when there may be a sound server.
        told: the sound server tells; else it has to be asked.
    """

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        self.told = False
        self._answers = True
        self._kernel_tells = False

    async def follow(self) -> None:
        """Listens until cancelled, and anew when the sound server was started again."""
        while True:
            with suppress(OSError):
                await self._listen()
            await asyncio.sleep(SERVER_AGAIN_S)

    async def _listen(self) -> None:
        if shutil.which("pactl") is None:
            return
        process = await start_apart("pactl", "subscribe")
        try:
            assert process.stdout is not None  # noqa: S101 - it was asked for
            self.told = True
            self.changed.set()  # what happened before is not told
            async for line in process.stdout:
                if b"source-output" in line:
                    self.changed.set()
        finally:
            self.told = False
            await end_process(process)

    def again_s(self, poll_s: float) -> float:
        """How long to wait until it is asked again though nothing was told."""
        if self.told:
            return UNTOLD_S
        return min(poll_s, KERNEL_POLL_S) if self._kernel_tells else poll_s

    async def is_in_use(self, asound: Path = ASOUND) -> bool | None:
        """Whether a program records from a microphone; None where it cannot be told.

        PipeWire and PulseAudio are asked through `pactl`, a program to start: where it had no
        answer, not before it has begun to tell anew. Else the kernel is asked, for which the sound
        server itself counts as a program that records while anybody does.
        """
        if self.told or self._answers:
            self._answers = self._kernel_tells = False
            with suppress(ValueError, LookupError, TypeError, AttributeError, TimeoutError):
                in_use = await _is_recorded_by_server()
                self._answers = True
                return in_use
        states = [_first_line(file) for file in asound.glob("card*/pcm*c/sub*/status")]
        self._kernel_tells = bool(states)
        return any(state == "state: RUNNING" for state in states) if asound.is_dir() else None


async def _is_recorded_by_server() -> bool:
    outputs = await _listed("source-outputs")
    return bool(outputs) and is_recorded(outputs, await _listed("sources"))


def is_recorded(outputs: Iterable[dict[str, Any]], sources: Iterable[dict[str, Any]]) -> bool:
    """Whether one of the streams records what a microphone hears.

    Left out are streams that are held, that record what the speakers play, that only feed a level
    meter, or that belong to the sound server itself, such as an echo canceller: whoever listens to
    that has a stream of his own. Outputs and sources are as `pactl -f json` lists them.

    Raises:
        KeyError: they are not.
    """
    of_speakers = {
        source["index"]
        for source in sources
        if source["properties"].get("device.class") == "monitor"
        or source["name"].endswith(".monitor")
    }
    return any(
        not output.get("corked")
        and output["source"] not in of_speakers
        and output.get("client") not in (None, "n/a")
        and output["properties"].get("media.name") != "Peak detect"
        and output["properties"].get("stream.monitor") != "true"
        for output in outputs
    )


async def _listed(what: str) -> list[dict[str, Any]]:
    printed = await output_of("pactl", "-f", "json", "list", what)
    if printed is None:
        raise LookupError("pactl does not answer")
    listed: list[dict[str, Any]] = json.loads(printed)
    return listed


def _first_line(file: Path) -> str:
    with suppress(OSError), file.open(encoding="ascii", errors="replace") as lines:
        return lines.readline().strip()
    return ""
