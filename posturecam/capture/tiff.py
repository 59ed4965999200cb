"""How much memory the first picture of a TIFF needs, told from its header.

Pure. OpenCV checks the size of the picture, and then takes whatever the tiles in it claim.
"""

from __future__ import annotations

from typing import Literal

_ORDERS: dict[bytes, Literal["little", "big"]] = {b"II*\0": "little", b"MM\0*": "big"}
_WIDTH, _HEIGHT, _BITS, _SAMPLES = 256, 257, 258, 277
_TILE_WIDTH, _TILE_HEIGHT = 322, 323
_ENTRY_BYTES = 12
_NUMBERS = {1: 1, 3: 2, 4: 4}  # bytes of the types that a size may have


def unpacked_bytes(data: bytes) -> int | None:
    """Bytes of the picture or of one of its tiles, whichever is more; None for what is no TIFF."""
    order = _ORDERS.get(data[:4])
    if order is None:
        return None

    def number(place: int, size: int) -> int:
        return int.from_bytes(data[place : place + size], order)

    directory = number(4, 4)
    sizes: dict[int, int] = {}
    for index in range(number(directory, 2)):
        place = directory + 2 + _ENTRY_BYTES * index
        size = _NUMBERS.get(number(place + 2, 2))
        if size is None or place + _ENTRY_BYTES > len(data):
            continue
        several = number(place + 4, 4) * size > 4  # then their place stands there
        value = number(number(place + 8, 4) if several else place + 8, size)
        # Whatever a reader makes of a tag that comes twice, the larger is counted.
        sizes[number(place, 2)] = max(value, sizes.get(number(place, 2), 0))
    width_px, height_px = sizes.get(_WIDTH, 0), sizes.get(_HEIGHT, 0)
    if not (width_px and height_px):
        return None
    sample_bytes = (sizes.get(_BITS, 1) + 7) // 8 * max(1, sizes.get(_SAMPLES, 1))
    tile_px = sizes.get(_TILE_WIDTH, 0) * sizes.get(_TILE_HEIGHT, 0)
    return max(width_px * height_px, tile_px) * sample_bytes
