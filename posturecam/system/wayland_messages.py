"""What is said to a Wayland compositor and what it says, as bytes: the little that is needed here.

Source: The Wayland Protocol, "Wire Format"; wayland.xml, wlr-layer-shell-unstable-v1.xml,
wlr-foreign-toplevel-management-unstable-v1.xml and viewporter.xml, whose names are kept. Written
out, because a glow and a question need no library, and the one for Python knows none of wlroots'.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from struct import pack, unpack_from

BrokenError = struct.error
"""What is said breaks off."""

DISPLAY, REGISTRY, FIRST_NEW = 1, 2, 3
"""Numbers of objects: the one that is always there, the one asked for first, and then upwards."""

_HEAD_BYTES = 8

_REQUESTS = {
    "wl_display": ("sync", "get_registry"),
    "wl_registry": ("bind",),
    "wl_compositor": ("create_surface", "create_region"),
    "wl_region": ("destroy",),
    "wl_shm": ("create_pool",),
    "wl_shm_pool": ("create_buffer", "destroy"),
    "wl_buffer": ("destroy",),
    "wl_surface": (
        *("destroy", "attach", "damage", "frame", "set_opaque_region", "set_input_region"),
        "commit",
    ),
    "wp_viewporter": ("destroy", "get_viewport"),
    "wp_viewport": ("destroy", "set_source", "set_destination"),
    "zwlr_layer_shell_v1": ("get_layer_surface",),
    "zwlr_layer_surface_v1": (
        *("set_size", "set_anchor", "set_exclusive_zone", "set_margin"),
        *("set_keyboard_interactivity", "get_popup", "ack_configure", "destroy"),
    ),
    "zwlr_foreign_toplevel_handle_v1": (
        *("set_maximized", "unset_maximized", "set_minimized", "unset_minimized"),
        *("activate", "close", "set_rectangle", "destroy"),
    ),
}
_EVENTS = {
    "wl_display": ("error", "delete_id"),
    "wl_registry": ("global", "global_remove"),
    "wl_callback": ("done",),
    "wl_buffer": ("release",),
    "zwlr_layer_surface_v1": ("configure", "closed"),
    "zwlr_foreign_toplevel_manager_v1": ("toplevel", "finished"),
    "zwlr_foreign_toplevel_handle_v1": (
        *("title", "app_id", "output_enter", "output_leave", "state", "done", "closed"),
    ),
}
"""In the order of the protocol, which numbers them from 0; those behind the last are not used."""


@dataclass(frozen=True, slots=True)
class Event:
    """What an object of the compositor says: the number of that, and what is said with it."""

    sender: int
    code: int
    body: bytes


def socket_of(environment: Mapping[str, str]) -> str | None:
    """Path at which the compositor of the session listens; None where there is none."""
    name = environment.get("WAYLAND_DISPLAY", "")
    folder = environment.get("XDG_RUNTIME_DIR", "")
    if name.startswith("/"):
        return name
    return f"{folder}/{name}" if name and folder else None


def request(sender: int, interface: str, name: str, *arguments: int | str) -> bytes:
    """Asks an object for something; new objects are given by the number that they get."""
    body = b"".join(map(_argument, arguments))
    code = _REQUESTS[interface].index(name)
    return pack("=II", sender, (_HEAD_BYTES + len(body)) << 16 | code) + body


def events_in(heard: bytes) -> tuple[list[Event], bytes]:
    """The whole events at the beginning, and what is left behind them. Raises `BrokenError`."""
    found, at = [], 0
    while len(heard) - at >= _HEAD_BYTES:
        sender, rest = unpack_from("=II", heard, at)
        size, code = rest >> 16, rest & 0xFFFF
        if size < _HEAD_BYTES:
            raise BrokenError
        if len(heard) - at < size:
            break
        found.append(Event(sender, code, heard[at + _HEAD_BYTES : at + size]))
        at += size
    return found, heard[at:]


def name_of(interface: str, code: int) -> str:
    """What the protocol calls an event of an interface; empty where nobody here cares for it."""
    names = _EVENTS.get(interface, ())
    return names[code] if code < len(names) else ""


def numbers_in(body: bytes, count: int) -> tuple[int, ...]:
    """The first numbers that are said with an event. Raises `BrokenError`."""
    return unpack_from(f"={count}I", body)


def array_in(body: bytes) -> tuple[int, ...]:
    """The numbers of an event that says an array. Raises `BrokenError`."""
    (size_bytes,) = unpack_from("=I", body)
    return unpack_from(f"={size_bytes // 4}I", body, 4)


def text_in(body: bytes, at: int) -> str:
    """The text that begins so many bytes into what is said. Raises `BrokenError`."""
    (size,) = unpack_from("=I", body, at)
    (text,) = unpack_from(f"={size}s", body, at + 4)
    return bytes(text).rstrip(b"\0").decode(errors="replace")


def after_text(body: bytes, at: int) -> int:
    """Where what follows that text begins. Raises `BrokenError`."""
    (size,) = unpack_from("=I", body, at)
    return int(at + 4 + _rounded(size))


def _argument(value: int | str) -> bytes:
    if isinstance(value, int):
        return pack("=I", value & 0xFFFFFFFF)
    text = value.encode() + b"\0"
    return pack("=I", len(text)) + text.ljust(_rounded(len(text)), b"\0")


def _rounded(length: int) -> int:
    return (length + 3) // 4 * 4
