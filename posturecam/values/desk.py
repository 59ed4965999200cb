"""Where a baseline was taken: which camera looked there, and which displays were plugged in.

Camera and displays are known by a digest each; nothing of it says whose they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

DIGEST_LETTERS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A desk as a computer can tell it from others.

    Attributes:
        camera: digest of what the camera is known by, wherever it is plugged in.
        camera_name: what it calls itself.
        displays: digests of the displays that are plugged in, in order.
    """

    camera: str
    camera_name: str
    displays: tuple[str, ...] = ()


def digest(parts: Iterable[str | bytes]) -> str:
    """A short name that does not give away what it names: 16 letters of a SHA-256."""
    found = sha256()
    for part in parts:
        found.update(part if isinstance(part, bytes) else part.encode("utf-8", "replace"))
        found.update(b"\0")
    return found.hexdigest()[:DIGEST_LETTERS]
