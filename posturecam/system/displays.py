"""Which displays are plugged in, without a connection to any of them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from posturecam.values.desk import digest

_CONNECTORS = Path("/sys/class/drm")
"""Where Linux has a folder for each socket, with what the display there says of itself (EDID)."""


def connected_displays(connectors: Path = _CONNECTORS) -> tuple[str, ...]:
    """A digest of each display that is plugged in, in order; none where that cannot be known.

    One without an EDID is known by its socket and its largest size. The panel of a laptop whose lid
    is shut counts, too.
    """
    found = []
    for folder in sorted(connectors.glob("card*-*")):
        if _read(folder / "status").strip() == b"connected":
            size, _, _ = _read(folder / "modes").partition(b"\n")
            _, _, socket = folder.name.partition("-")
            edid = _read(folder / "edid")
            found.append(digest([edid] if edid else [socket, size]))
    return tuple(sorted(found))


def _read(file: Path) -> bytes:
    with suppress(OSError):
        return file.read_bytes()
    return b""
