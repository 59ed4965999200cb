"""How much memory a TIFF asks for, read off its header."""

from __future__ import annotations

import struct
from typing import Literal

import cv2
import numpy as np
import pytest

from posturecam.capture.tiff import unpacked_bytes

BYTE, ASCII, SHORT, LONG = 1, 2, 3, 4
WIDTH, HEIGHT, BITS, SAMPLES, TILE_WIDTH, TILE_HEIGHT = 256, 257, 258, 277, 322, 323
FORMATS = {BYTE: "B3x", SHORT: "H2x", LONG: "I"}


def tiff(*tags: tuple[int, int, int], order: Literal["<", ">"] = "<", first: int = 8) -> bytes:
    """The head of a TIFF with these tags: number, type and value, from a place of the file on."""
    entries = [
        struct.pack(f"{order}HHI{FORMATS[kind]}", number, kind, 1, value)
        for number, kind, value in tags
    ]
    magic = b"II*\0" if order == "<" else b"MM\0*"
    head = magic + struct.pack(f"{order}I", first).ljust(first - 4, b"\xff")
    return head + struct.pack(f"{order}H", len(entries)) + b"".join(entries)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [SHORT, LONG])
@pytest.mark.parametrize("first", [8, 20])
def test_a_picture_takes_its_pixels(order: Literal["<", ">"], kind: int, first: int) -> None:
    """Whatever the order of its bytes, and wherever its tags stand."""
    size = ((WIDTH, kind, 640), (HEIGHT, kind, 480))
    assert unpacked_bytes(tiff(*size, order=order, first=first)) == 640 * 480
    small = tiff((WIDTH, BYTE, 64), (HEIGHT, BYTE, 48), order=order, first=first)
    assert unpacked_bytes(small) == 64 * 48


@pytest.mark.parametrize(
    ("bits", "samples", "sample_bytes"), [(1, 1, 1), (8, 3, 3), (9, 1, 2), (16, 3, 6), (32, 0, 4)]
)
def test_a_pixel_takes_whole_bytes(bits: int, samples: int, sample_bytes: int) -> None:
    """Of each of its samples; there is one at least."""
    size = ((WIDTH, SHORT, 10), (HEIGHT, SHORT, 10))
    made = tiff(*size, (BITS, SHORT, bits), (SAMPLES, SHORT, samples))
    assert unpacked_bytes(made) == 100 * sample_bytes


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_real_pictures_take_what_they_are(dtype: type[np.generic]) -> None:
    """Their bits are three numbers, which stand elsewhere in the file."""
    picture = np.zeros((30, 50, 3), dtype)
    assert unpacked_bytes(cv2.imencode(".tiff", picture)[1].tobytes()) == picture.nbytes


def test_the_tiles_of_a_tiff_count_as_much_as_its_picture() -> None:
    """Those of a small picture may be large, and those of a large one small."""
    tags = ((WIDTH, LONG, 64), (HEIGHT, LONG, 48), (BITS, LONG, 8))
    huge = tiff(*tags, (TILE_WIDTH, LONG, 16384), (TILE_HEIGHT, LONG, 8192))
    assert unpacked_bytes(huge) == 1 << 27
    tiny = tiff(*tags, (TILE_WIDTH, LONG, 16), (TILE_HEIGHT, LONG, 16))
    assert unpacked_bytes(tiny) == 64 * 48


def test_of_a_size_that_stands_twice_the_larger_counts() -> None:
    """In whichever order; readers differ in which they take."""
    for widths in ((64, 640), (640, 64)):
        twice = tiff(*((WIDTH, SHORT, one) for one in widths), (HEIGHT, SHORT, 48))
        assert unpacked_bytes(twice) == 640 * 48


def test_what_has_no_size_is_no_picture() -> None:
    """Nor what ends before its size does."""
    whole = tiff((WIDTH, SHORT, 64), (HEIGHT, SHORT, 48))
    text = bytearray(whole)
    text[8 + 2 + 12 + 2] = ASCII
    for nothing in (
        b"", b"II*\0", b"PNG\0" + whole[4:], tiff((WIDTH, SHORT, 64)), whole[:-1], bytes(text),
    ):  # fmt: skip
        assert unpacked_bytes(nothing) is None
