"""What is said to a Wayland compositor, against bytes as the protocol's wire format gives them."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.system import wayland_messages as w


@pytest.mark.parametrize(
    ("environment", "path"),
    [
        ({"WAYLAND_DISPLAY": "wayland-1", "XDG_RUNTIME_DIR": "/run/7"}, "/run/7/wayland-1"),
        ({"WAYLAND_DISPLAY": "/elsewhere/it", "XDG_RUNTIME_DIR": "/run/7"}, "/elsewhere/it"),
        ({"WAYLAND_DISPLAY": "/elsewhere/it"}, "/elsewhere/it"),
        ({"WAYLAND_DISPLAY": "wayland-1"}, None),
        ({"XDG_RUNTIME_DIR": "/run/7"}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_the_socket_is_where_the_session_says(
    environment: dict[str, str], path: str | None
) -> None:
    """A file on this machine, or nothing."""
    assert w.socket_of(environment) == path


def test_a_request_says_who_what_and_with_what() -> None:
    """Size and code share a word; a text has its length, an end, and is filled up to a word."""
    assert w.request(1, "wl_display", "get_registry", 2) == struct.pack("=IHHI", 1, 1, 12, 2)
    bound = w.request(2, "wl_registry", "bind", 9, "wl_shm", 1, 5)
    assert bound == struct.pack("=IHHII8sII", 2, 0, 32, 9, 7, b"wl_shm", 1, 5)
    zone = w.request(7, "zwlr_layer_surface_v1", "set_exclusive_zone", -1)
    assert zone == struct.pack("=IHHi", 7, 2, 12, -1)
    with pytest.raises(ValueError, match="not in tuple"):
        w.request(7, "wl_surface", "explode")


@given(
    said=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9), st.integers(0, 5))),
    cut=st.integers(0, 500),
)
def test_events_arrive_whole_however_they_are_cut(
    said: list[tuple[int, int, int]], cut: int
) -> None:
    """What is not there yet is left for the next time."""
    stream = b"".join(
        struct.pack("=IHH", sender, code, 8 + 4 * words) + bytes([code] * 4 * words)
        for sender, code, words in said
    )
    first, rest = w.events_in(stream[:cut])
    second, nothing = w.events_in(rest + stream[cut:])
    assert nothing == b""
    found = [(event.sender, event.code, event.body) for event in first + second]
    assert found == [(sender, code, bytes([code] * 4 * words)) for sender, code, words in said]


def test_nonsense_is_no_event() -> None:
    """A size that does not even hold itself would be read for ever."""
    with pytest.raises(w.BrokenError):
        w.events_in(struct.pack("=IHH", 1, 0, 4))


@pytest.mark.parametrize(
    ("interface", "code", "name"),
    [
        ("wl_display", 0, "error"),
        ("zwlr_foreign_toplevel_handle_v1", 4, "state"),
        ("zwlr_foreign_toplevel_handle_v1", 7, ""),  # parent
        ("wl_output", 0, ""),
    ],
)
def test_events_have_their_names(interface: str, code: int, name: str) -> None:
    """Those that matter here."""
    assert w.name_of(interface, code) == name


def test_what_is_said_with_an_event() -> None:
    """Numbers, an array, a text and what follows it; all else breaks off."""
    body = struct.pack("=II8sI", 38, 7, b"wl_shm", 4)
    assert w.numbers_in(body, 2) == (38, 7)
    assert w.text_in(body, 4) == "wl_shm"
    assert w.after_text(body, 4) == 16
    assert w.array_in(struct.pack("=III", 8, 2, 3)) == (2, 3)
    assert w.array_in(struct.pack("=I", 0)) == ()
    for read in (
        lambda: w.numbers_in(b"abc", 1),
        lambda: w.text_in(struct.pack("=I", 9) + b"abc", 0),
        lambda: w.after_text(b"", 0),
        lambda: w.array_in(struct.pack("=I", 8)),
    ):
        with pytest.raises(w.BrokenError):
            read()
