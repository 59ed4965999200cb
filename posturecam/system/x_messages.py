"""What is said to an X server and what it answers, as bytes: the little that windows are asked for.

Source: X Window System Protocol, X Version 11, appendix B; here all little-endian. The cookie that
lets a program in is read as Xau does. Written out, because the library of the system ends the whole
process when the server goes away, and waits for it when it hangs.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from struct import pack, unpack, unpack_from

BrokenError = struct.error
"""What is said breaks off."""

HEAD_BYTES = 32
"""Every reply, error and event begins with so many."""
GREETING_HEAD_BYTES = 8

ERROR, REPLY = 0, 1
PROPERTY_CHANGED = 28
WINDOW_CHANGED = frozenset({17, 18, 19, 21, 22})
"""Events: destroyed, unmapped, mapped, reparented, moved or resized."""

PROPERTIES, STRUCTURE = 0x400000, 0x20000
"""What of a window may be followed: its properties; its place, size and being there."""

_COOKIE = b"MIT-MAGIC-COOKIE-1"
_LOCAL, _ANYWHERE = 256, 65535
_MOST_WORDS = 4096
_LOCAL_DISPLAY = re.compile(r"(?:unix)?:(\d{1,5})(?:\.\d+)?", re.ASCII)


def local_display(name: str) -> int | None:
    """Number of a display on this machine; None of one that is reached over a network."""
    found = _LOCAL_DISPLAY.fullmatch(name)
    return int(found[1]) if found else None


def cookie_of(authority: bytes, host: bytes, display: int) -> bytes:
    """What lets a program of this host in, by a file of Xau; empty where that names nothing."""
    number, at = b"%d" % display, 0
    try:
        while at < len(authority):
            (family,) = unpack_from(">H", authority, at)
            at += 2
            parts = []
            for _ in range(4):
                (length,) = unpack_from(">H", authority, at)
                parts.append(authority[at + 2 : at + 2 + length])
                at += 2 + length
            address, of, kind, cookie = parts
            here = family == _ANYWHERE or (family == _LOCAL and address == host)
            if here and of in (b"", number) and kind == _COOKIE:
                return cookie
    except BrokenError:
        pass
    return b""


def greeting(cookie: bytes) -> bytes:
    """The first thing to say."""
    kind = _COOKIE if cookie else b""
    head = pack("<cxHHHHxx", b"l", 11, 0, len(kind), len(cookie))
    return head + _padded(kind) + _padded(cookie)


def welcome_bytes(head: bytes) -> int | None:
    """How much follows the beginning of the answer to `greeting`; None where it is a refusal."""
    allowed, words = unpack("<B5xH", head)
    return 4 * words if allowed == 1 else None


def root_window(rest: bytes) -> int:
    """The root window of the first screen, by the answer to `greeting`, or `BrokenError`."""
    (vendor_bytes,) = unpack_from("<H", rest, 16)
    formats = unpack_from("<B", rest, 21)[0]
    (window,) = unpack_from("<I", rest, 32 + _rounded(vendor_bytes) + 8 * formats)
    return int(window)


def atom_request(name: str) -> bytes:
    """Asks for the number of a name."""
    text = name.encode()
    return _request(16, 0, pack("<Hxx", len(text)) + _padded(text))


def owner_request(selection: int) -> bytes:
    """Asks which window owns a selection; answered like `atom_request`."""
    return _request(23, 0, pack("<I", selection))


def property_request(window: int, name: int) -> bytes:
    """Asks for a property, by the number of its name."""
    return _request(20, 0, pack("<IIIII", window, name, 0, 0, _MOST_WORDS))


def geometry_request(window: int) -> bytes:
    """Asks how large a window is."""
    return _request(14, 0, pack("<I", window))


def place_request(window: int, root: int) -> bytes:
    """Asks where on the root window the corner of another one is."""
    return _request(40, 0, pack("<IIhh", window, root, 0, 0))


def follow_request(window: int, what: int) -> bytes:
    """Has events sent; it is not answered."""
    return _request(2, 0, pack("<III", window, 0x800, what))


def rest_bytes(head: bytes) -> int:
    """How much follows the head of an answer or event."""
    return 4 * int.from_bytes(head[4:8], "little") if head[0] in (REPLY, 35) else 0


def sequence_of(head: bytes) -> int:
    """Which request it answers: the lower 16 bits of its number, from 1."""
    return int.from_bytes(head[2:4], "little")


def changed_property(event: bytes) -> int:
    """Of a `PROPERTY_CHANGED` the number of the name."""
    return int.from_bytes(event[8:12], "little")


def atom_in(reply: bytes) -> int:
    """The number of a name."""
    return int.from_bytes(reply[8:12], "little")


def numbers_in(reply: bytes) -> tuple[int, ...] | None:
    """The numbers of a property: windows, names, a desktop; None where there is none such."""
    if len(reply) < HEAD_BYTES or reply[1] != 32:
        return None
    (count,) = unpack_from("<I", reply, 16)
    count = min(count, (len(reply) - HEAD_BYTES) // 4)
    return unpack_from(f"<{count}I", reply, HEAD_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A rectangle on the root window, in pixels."""

    left_px: int
    top_px: int
    width_px: int
    height_px: int

    def has_middle_of(self, other: Area) -> bool:
        """Whether the middle of another one lies in it."""
        right_px = other.left_px + other.width_px // 2 - self.left_px
        down_px = other.top_px + other.height_px // 2 - self.top_px
        return 0 <= right_px < self.width_px and 0 <= down_px < self.height_px


def area_in(geometry: bytes, place: bytes) -> Area | None:
    """Where a window is, by what is answered to both requests; None of one that is gone."""
    if not geometry or not place:
        return None
    left_px, top_px = unpack_from("<hh", place, 12)
    width_px, height_px = unpack_from("<HH", geometry, 16)
    return Area(left_px=left_px, top_px=top_px, width_px=width_px, height_px=height_px)


def _request(code: int, detail: int, rest: bytes) -> bytes:
    return pack("<BBH", code, detail, 1 + len(rest) // 4) + rest


def _padded(text: bytes) -> bytes:
    return text + bytes(_rounded(len(text)) - len(text))


def _rounded(length: int) -> int:
    return (length + 3) // 4 * 4
