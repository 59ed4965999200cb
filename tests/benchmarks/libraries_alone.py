"""What a watch has to do at the very least, by the libraries alone: a yardstick, not a product.

`libraries_alone.py URL START_S MEASURED_S` reads a stream every half second, shrinks the newest
picture of it every second, compares it with the one before and writes a row every other time. It
prints the CPU that takes, in percent of a core.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import threading
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

READ_EVERY_S = 0.5
PICTURE_EVERY_S = 1.0
MOST_READ_BYTES = 1 << 22
KEPT_BYTES = 400_000
"""A few pictures of the benchmark."""


class Newest:
    """The newest picture of a stream, read in a thread of its own."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.jpeg = b""
        self._connection = HTTPConnection(parts.netloc)
        self._connection.request("GET", parts.path or "/")
        self._response = self._connection.getresponse()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        came = b""
        while True:
            threading.Event().wait(READ_EVERY_S)
            came = (came + self._response.fp.read1(MOST_READ_BYTES))[-KEPT_BYTES:]
            end = came.rfind(b"\xff\xd9") + 2
            begin = came.rfind(b"\xff\xd8", 0, end)
            if 0 <= begin < end:
                self.jpeg = came[begin:end]


def main(url: str, start_s: float, measured_s: float) -> None:
    """Prints the percentage."""
    newest = Newest(url)
    before: NDArray[np.int16] | None = None
    with (
        tempfile.TemporaryDirectory() as folder,
        sqlite3.connect(Path(folder, "rows.sqlite3"), isolation_level=None) as rows,
    ):
        rows.execute("PRAGMA journal_mode=WAL")
        rows.execute("CREATE TABLE changes (turn, change)")
        began_s, spent_s = time.perf_counter() + start_s, 0.0
        for turn in range(round((start_s + measured_s) / PICTURE_EVERY_S)):
            threading.Event().wait(PICTURE_EVERY_S)
            if time.perf_counter() < began_s:
                spent_s = time.process_time()
            if not newest.jpeg:
                continue
            jpeg = np.frombuffer(newest.jpeg, np.uint8)
            thumbnail = np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_REDUCED_GRAYSCALE_8), np.int16)
            if before is not None:
                change = float(np.abs(thumbnail - before).mean())
                if turn % 2:
                    rows.execute("INSERT INTO changes VALUES (?, ?)", (turn, change))
            before = thumbnail
        print(100 * (time.process_time() - spent_s) / (time.perf_counter() - began_s))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))
