"""Does a program record from a microphone? PipeWire, PulseAudio or the kernel says."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posturecam.base.program_output import output_of

if TYPE_CHECKING:
    from collections.abc import Iterable

ASOUND = Path("/proc/asound")


async def microphone_in_use(asound: Path = ASOUND) -> bool | None:
    """Whether a program records from a microphone; None where it cannot be told.

    PipeWire and PulseAudio are asked through `pactl`; without it, the kernel, for which the sound
    server itself counts as a program that records while anybody does.
    """
    with suppress(ValueError, LookupError, TypeError, AttributeError, TimeoutError):
        outputs = await _listed("source-outputs")
        return bool(outputs) and is_recorded(outputs, await _listed("sources"))
    states = [_first_line(file) for file in asound.glob("card*/pcm*c/sub*/status")]
    return any(state == "state: RUNNING" for state in states) if asound.is_dir() else None


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
