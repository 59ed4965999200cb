"""Which JPEG may be decoded: told from its header, before libjpeg takes memory for it."""

from __future__ import annotations

import random
import struct
from time import thread_time

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.capture.jpeg import (
    LARGEST_PHOTO_PX,
    LARGEST_PICTURE_PX,
    LARGEST_VIDEO_PX,
    JpegHeader,
    read_jpeg_header,
)
from posturecam.capture.opencv import next_picture
from tests.cameras import FakeCapture, bomb_jpeg, desk, jpeg_segment
from tests.memory import grows_by_less_than

WHOLE = cv2.imencode(".jpg", desk(1))[1].tobytes()
PROGRESSIVE = cv2.imencode(".jpg", desk(1), [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()


def header_of(data: bytes) -> JpegHeader:
    """What a JPEG says of itself."""
    header = read_jpeg_header(data)
    assert header is not None
    return header


def test_the_header_of_an_ordinary_picture_is_read() -> None:
    """As encoders write them, in one scan and in ten; two numbers for each pixel's colour."""
    sequential, progressive = header_of(WHOLE), header_of(PROGRESSIVE)
    assert (sequential.width_px, sequential.height_px, sequential.scans) == (320, 240, 1)
    assert (progressive.scans, sequential.whole, progressive.whole) == (10, False, True)
    assert sequential.coefficients == progressive.coefficients == 320 * 240 * 3 // 2
    assert sequential.is_bounded()
    assert progressive.is_bounded()


@pytest.mark.parametrize(
    ("width_px", "height_px", "progressive", "scans", "most_px", "bounded"),
    [
        (7680, 4320, False, 1, LARGEST_PICTURE_PX, True),
        (7680, 4321, False, 1, LARGEST_PICTURE_PX, False),
        (65_500, 65_500, False, 1, LARGEST_PICTURE_PX, False),
        (65_500, 65_500, True, 1, LARGEST_PICTURE_PX, False),
        (4000, 3000, True, 10, LARGEST_PICTURE_PX, True),
        (4000, 3000, True, 11, LARGEST_PICTURE_PX, False),
        (4000, 4000, True, 1, LARGEST_PICTURE_PX, True),
        (4001, 4000, True, 1, LARGEST_PICTURE_PX, False),
        (4001, 4000, False, 2, LARGEST_PICTURE_PX, False),
        (64, 64, True, 64, LARGEST_PICTURE_PX, True),
        (64, 64, True, 65, LARGEST_PICTURE_PX, False),
        # Telephones write 50 megapixels, in one scan; in many they would take seconds.
        (10_000, 6635, False, 1, LARGEST_PHOTO_PX, True),
        (10_000, 6636, False, 1, LARGEST_PHOTO_PX, False),
        (8160, 6120, True, 1, LARGEST_PHOTO_PX, False),
        # Of a video several pictures are held at once.
        (4096, 2176, False, 1, LARGEST_VIDEO_PX, True),
        (4096, 2177, False, 1, LARGEST_VIDEO_PX, False),
    ],
)
def test_what_asks_for_too_much_is_not_bounded(
    *, width_px: int, height_px: int, progressive: bool, scans: int, most_px: int, bounded: bool
) -> None:
    """By its size, by what must be held of it at once, and by how often it is gone over."""
    header = header_of(bomb_jpeg(width_px, height_px, progressive=progressive, scans=scans))
    assert header.is_bounded(most_px) == bounded


def test_a_picture_of_a_stream_is_held_to_the_smaller_bound() -> None:
    """What is fine for a photo is not for a stream."""
    assert not header_of(bomb_jpeg(8160, 6120, progressive=False)).is_bounded()


@pytest.mark.parametrize(("coefficients", "bounded"), [(48_000_000, True), (48_000_001, False)])
def test_what_is_held_as_a_whole_takes_two_bytes_a_number(
    coefficients: int, *, bounded: bool
) -> None:
    """However few pixels it makes."""
    header = JpegHeader(width_px=64, height_px=64, coefficients=coefficients, scans=1, whole=True)
    assert header.is_bounded() == bounded


def _frame(sampling: bytes) -> bytes:
    """A picture of 16 x 8 with these samplings of its components."""
    components = b"".join(bytes((number, both, 0)) for number, both in enumerate(sampling))
    frame = struct.pack(">BHHB", 8, 8, 16, len(sampling)) + components
    return b"\xff\xd8" + jpeg_segment(0xC0, frame) + jpeg_segment(0xDA, b"")


@pytest.mark.parametrize(
    ("sampling", "coefficients"),
    [
        (b"\x11", 128),
        (b"\x21\x11\x11", 256),
        (b"\x12\x11\x11", 256),
        (b"\x44\x11\x11\x44", 272),
        (b"\x11\x11", None),
        (b"\x11\x11\x11\x11\x11", None),
        (b"\x51\x11\x11", None),
        (b"\x11\x11\x01", None),
    ],
)
def test_the_numbers_in_a_picture_follow_from_the_sampling_of_its_components(
    sampling: bytes, coefficients: int | None
) -> None:
    """One, three or four of them, each a quarter to all of the finest, across and down."""
    header = read_jpeg_header(_frame(sampling))
    assert (header and header.coefficients) == coefficients


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"\xff\xd8",
        b"\xff\xd8" + b"\xff" * 1000,
        b"\xff\xd8\xff\xe0\xff\xff",
        WHOLE[:100],
        WHOLE[2:],
        WHOLE[:2] + jpeg_segment(0xE1, b"x") * 1000 + WHOLE[2:],
        WHOLE.replace(b"\xff\xc0", b"\xff\xc3"),  # lossless
        WHOLE.replace(b"\xff\xc0", b"\xff\xc9"),  # arithmetic coding
        WHOLE.replace(b"\xff\xc0\0\x11\x08", b"\xff\xc0\0\x11\x0c"),  # twelve bits
        WHOLE.replace(b"\xff\xc0", b"\xff\xe1"),  # no frame at all
        b"\xff\xd8" + jpeg_segment(0xC0, b"\x08\0\x01\0\x01\x02\x01\x11\0\x02\x11\0") + WHOLE[2:],
        b"\x89PNG\r\n\x1a\n" + WHOLE,
        cv2.imencode(".png", desk(1))[1].tobytes(),
        cv2.imencode(".webp", desk(1))[1].tobytes(),
    ],
)
def test_what_is_no_ordinary_jpeg_has_no_header(data: bytes) -> None:
    """Nothing, halves, kinds that nobody sends, and other formats."""
    assert read_jpeg_header(data) is None


def test_scans_cannot_be_hidden_and_pictures_behind_the_end_are_none_of_it() -> None:
    """An end within a comment is no end. Telephones append a map of brightness as a second JPEG."""
    many = bomb_jpeg(64, 64, progressive=True, scans=5)
    comment = jpeg_segment(0xFE, b"\xff\xd9")
    hidden = header_of(many.replace(b"\xff\xda", comment + b"\xff\xda"))
    followed = header_of(WHOLE + PROGRESSIVE)
    assert (hidden.scans, followed.scans, followed.whole) == (5, 1, False)


def test_a_long_header_takes_no_time() -> None:
    """Sixteen megabytes of what looks like the beginning of something, many times over."""
    for filling in (b"\xff", b"\xff\xd0", b"\xff\x00", b"\xff\xe0\0\x02", b"\0"):
        began_s = thread_time()
        read_jpeg_header(WHOLE[:-2] + filling * (16_000_000 // len(filling)))
        assert thread_time() - began_s < 0.5


@given(st.binary(max_size=300))
def test_any_bytes_after_the_start_are_read_or_none(tail: bytes) -> None:
    """No number in them is believed."""
    header = read_jpeg_header(b"\xff\xd8" + tail)
    assert header is None or header.width_px * header.height_px > 0


def _packet(data: bytes) -> FakeCapture:
    """A capture whose every packet is these bytes."""
    packet = np.frombuffer(data, np.uint8)
    return FakeCapture(retrieves=lambda _: (True, packet))


def test_thousands_of_damaged_pictures_take_no_memory_and_little_time() -> None:
    """Cut, turned over, spliced, with sizes of any kind: a picture, or none; never an error."""
    rng = random.Random(7)  # noqa: S311 - damage, not secrets
    with grows_by_less_than(150):
        for _ in range(2000):
            picture = next_picture(_packet(_damaged(rng)))
            if picture is not None:
                assert picture.decode().shape[2] == 3
                assert picture.thumbnail().size > 0


def _damaged(rng: random.Random) -> bytes:
    data = bytearray(rng.choice((WHOLE, PROGRESSIVE)))
    for _ in range(rng.choice((0, 1, 5, 50))):
        data[rng.randrange(len(data))] = rng.randrange(256)
    frame = max(data.find(b"\xff\xc0"), data.find(b"\xff\xc2"))
    if frame > 0 and rng.random() < 0.3:
        data[frame + 5 : frame + 9] = struct.pack(">HH", rng.randrange(65536), rng.randrange(9))
    if rng.random() < 0.3:
        other = rng.choice((WHOLE, PROGRESSIVE))
        data[rng.randrange(len(data)) :] = other[rng.randrange(len(other)) :]
    del data[rng.randrange(len(data) // 2, len(data) + 1) :]
    return bytes(data)
