"""What is said to an X server, against bytes as the protocol's encoding gives them."""

from __future__ import annotations

import struct

import pytest

from posturecam.system import x_messages as x

COOKIE = bytes(range(16))


def entry(family: int, *parts: bytes) -> bytes:
    """One entry of a file of Xau."""
    told = b"".join(struct.pack(">H", len(part)) + part for part in parts)
    return struct.pack(">H", family) + told


OURS = entry(256, b"desk", b"0", b"MIT-MAGIC-COOKIE-1", COOKIE)


@pytest.mark.parametrize(
    ("name", "number"),
    [(":0", 0), (":1.0", 1), ("unix:12", 12), ("", None), ("localhost:10.0", None),
     ("10.0.0.1:0", None), (":0.x", None), ("/private/tmp/org.xquartz:0", None)],
)  # fmt: skip
def test_only_a_display_of_this_machine_is_one(name: str, number: int | None) -> None:
    """Whatever is reached over a network is not."""
    assert x.local_display(name) == number


@pytest.mark.parametrize(
    ("authority", "cookie"),
    [
        (OURS, COOKIE),
        (entry(256, b"attic", b"0", b"MIT-MAGIC-COOKIE-1", b"other") + OURS, COOKIE),
        (entry(256, b"desk", b"1", b"MIT-MAGIC-COOKIE-1", b"other") + OURS, COOKIE),
        (entry(256, b"desk", b"0", b"XDM-AUTHORIZATION-1", b"other") + OURS, COOKIE),
        (entry(0, b"\x7f\0\0\x01", b"0", b"MIT-MAGIC-COOKIE-1", b"other") + OURS, COOKIE),
        (entry(65535, b"", b"", b"MIT-MAGIC-COOKIE-1", COOKIE), COOKIE),
        (OURS[: len(entry(256, b"desk", b"0"))], b""),
        (OURS[:1], b""),
        (b"", b""),
    ],
)
def test_the_cookie_of_this_host_and_display_is_found(authority: bytes, cookie: bytes) -> None:
    """Among others, and not in a file that breaks off."""
    assert x.cookie_of(authority, b"desk", 0) == cookie


def test_a_greeting_and_its_answer() -> None:
    """With the cookie and without; lengths are rounded up to four."""
    assert x.greeting(b"") == bytes.fromhex("6c00 0b00 0000 0000 0000 0000")
    told = x.greeting(COOKIE)
    assert told[:12] == bytes.fromhex("6c00 0b00 0000 1200 1000 0000")
    assert told[12:] == b"MIT-MAGIC-COOKIE-1\0\0" + COOKIE

    assert x.welcome_bytes(bytes.fromhex("0100 0b00 0000 0900")) == 36
    assert x.welcome_bytes(bytes.fromhex("0000 0b00 0000 0900")) is None
    assert x.welcome_bytes(bytes.fromhex("0200 0000 0000 0900")) is None
    rest = struct.pack("<16xH3xB10x", 5, 2) + b"X.Org\0\0\0" + bytes(16) + struct.pack("<I", 77)
    assert x.root_window(rest) == 77
    with pytest.raises(x.BrokenError):
        x.root_window(rest[:-1])


def test_requests_are_encoded_as_the_protocol_says() -> None:
    """Their code, length in words, and what they ask about."""
    assert x.atom_request("ATOM5") == bytes.fromhex("1000 0400 0500 0000") + b"ATOM5\0\0\0"
    assert x.owner_request(9) == bytes.fromhex("1700 0200 09000000")
    assert x.property_request(1, 2) == bytes.fromhex(
        "1400 0600 01000000 02000000 00000000 00000000 00100000"
    )
    assert x.geometry_request(7) == bytes.fromhex("0e00 0200 07000000")
    assert x.place_request(7, 1) == bytes.fromhex("2800 0400 07000000 01000000 00000000")
    assert x.follow_request(7, x.PROPERTIES) == bytes.fromhex(
        "0200 0400 07000000 00080000 00004000"
    )


def test_heads_tell_what_they_answer_and_what_follows() -> None:
    """Only replies and events of extensions are longer than their head."""
    reply = struct.pack("<BBHI", x.REPLY, 0, 258, 3) + bytes(24)
    assert (x.sequence_of(reply), x.rest_bytes(reply)) == (258, 12)
    error = struct.pack("<BBHI", x.ERROR, 3, 258, 3) + bytes(24)
    assert x.rest_bytes(error) == 0
    event = struct.pack("<BBHII", x.PROPERTY_CHANGED, 0, 1, 9, 44) + bytes(20)
    assert (x.rest_bytes(event), x.changed_property(event)) == (0, 44)


def test_properties_and_places_are_read_from_replies() -> None:
    """A property that is not there, or of another kind, has no numbers."""
    numbers = struct.pack("<BBHIIII12x", 1, 32, 1, 2, 33, 0, 2) + struct.pack("<II", 5, 6)
    assert x.numbers_in(numbers) == (5, 6)
    assert x.numbers_in(numbers[:-4]) == (5,)
    assert x.numbers_in(struct.pack("<BBHIIII12x", 1, 0, 1, 0, 0, 0, 0)) is None
    assert x.numbers_in(b"") is None
    assert x.atom_in(struct.pack("<BBHII20x", 1, 0, 1, 0, 300)) == 300

    geometry = struct.pack("<BBHIIhhHH12x", 1, 24, 1, 0, 9, 1, 2, 640, 480)
    place = struct.pack("<BBHIIhh16x", 1, 1, 2, 0, 0, -5, 40)
    area = x.Area(left_px=-5, top_px=40, width_px=640, height_px=480)
    assert x.area_in(geometry, place) == area
    assert x.area_in(geometry, b"") is None
    assert x.area_in(b"", place) is None


@pytest.mark.parametrize(
    ("left_px", "top_px", "has_it"),
    [
        (60, 30, True),
        (59, 30, False),
        (60, 29, False),
        (259, 129, True),
        (260, 129, False),
        (259, 130, False),
    ],
)
def test_a_window_is_on_the_screen_that_has_its_middle(
    left_px: int, top_px: int, *, has_it: bool
) -> None:
    """A screen right of another and lower; the window is 80 x 40 pixels large."""
    screen = x.Area(left_px=100, top_px=50, width_px=200, height_px=100)
    window = x.Area(left_px=left_px, top_px=top_px, width_px=80, height_px=40)
    assert screen.has_middle_of(window) is has_it
