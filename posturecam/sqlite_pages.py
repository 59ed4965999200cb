"""The pages of a SQLite file, read without SQLite, so that one damaged page hides no other.

After https://www.sqlite.org/fileformat2.html; numbers in the file are big-endian.
"""

from __future__ import annotations

import struct
from collections import deque
from typing import TYPE_CHECKING

from posturecam.schema import LONGEST_ROW_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

Value = int | float | str | bytes | None
Row = tuple[int | None, tuple[Value, ...]]
"""The row number, None in a table WITHOUT ROWID, and the columns as they are stored."""

_MAGIC = b"SQLite format 3\x00"
_PAGE_BYTES = 4096  # what SQLite chooses for a new file
_FILE_HEADER_BYTES = 100
_INDEX_INTERIOR, _TABLE_INTERIOR, _INDEX_LEAF, _TABLE_LEAF = 2, 5, 10, 13
_INTERIOR = (_INDEX_INTERIOR, _TABLE_INTERIOR)
_WITH_ROWS = (_INDEX_INTERIOR, _INDEX_LEAF, _TABLE_LEAF)
_INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_JOURNAL_HEADER_BYTES, _FRAME_HEADER_BYTES = 32, 24


class Pages:
    """All pages of a file, the newest version of each.

    Attributes:
        count: pages that the file has.
        seen: pages that were read as part of a tree, or are known to be free.
        unreadable: pages that a tree needs and that cannot be read, as a whole or in part.
    """

    def __init__(self, content: bytes, journal: bytes = b"") -> None:
        """Takes the bytes of the file and of its `-wal`."""
        self._content = content
        self._bytes = _page_bytes(content)
        self._newer = _committed(journal, self._bytes)
        self.count = max(-(-len(content) // self._bytes), *self._newer, 0)
        self.seen: set[int] = set()
        self.unreadable: set[int] = set()

    def tree(self, root: int) -> Iterator[Row]:
        """The rows that can be read below `root`, each once, in no useful order."""
        waiting = deque([root])
        while waiting:
            number = waiting.popleft()
            if number in self.seen:
                continue
            self.seen.add(number)
            rows, children, whole = self._read(number)
            if not whole:
                self.unreadable.add(number)
            waiting.extend(children)
            yield from rows

    def strays(self) -> Iterator[Row]:
        """The rows of all pages that no tree has led to."""
        for number in range(1, self.count + 1):
            if number not in self.seen:
                rows, _, _ = self._read(number)
                yield from rows

    def skip_free(self) -> None:
        """Counts the pages as seen that hold nothing but what was deleted."""
        header = self._page(1)
        number = _integer(header, 32, 4) if header.startswith(_MAGIC) else 0
        while 0 < number <= self.count and number not in self.seen:
            self.seen.add(number)
            page = self._page(number)
            held = min(_integer(page, 4, 4), len(page) // 4 - 2)
            self.seen.update(_integer(page, 8 + 4 * index, 4) for index in range(held))
            number = _integer(page, 0, 4)

    def _page(self, number: int) -> bytes:
        if number in self._newer:
            return self._newer[number]
        return self._content[(number - 1) * self._bytes : number * self._bytes]

    def _read(self, number: int) -> tuple[list[Row], list[int], bool]:
        """Rows and children of a page, and whether all of it could be read."""
        if not 1 <= number <= self.count:
            return [], [], False
        page = self._page(number)
        start = _FILE_HEADER_BYTES if number == 1 else 0
        if len(page) < start + 12:  # the file ends here
            return [], [], False
        kind, cells = page[start], _integer(page, start + 3, 2)
        first = start + (12 if kind in _INTERIOR else 8)
        if kind not in (*_INTERIOR, *_WITH_ROWS) or first + 2 * cells > self._bytes:
            return [], [], False
        rows: list[Row] = []
        children = [_integer(page, start + 8, 4)] if kind in _INTERIOR else []
        whole = True
        for index in range(cells):
            position = _integer(page, first + 2 * index, 2)
            try:
                if kind in _INTERIOR:
                    children.append(_integer(page, position, 4))
                    position += 4
                if kind in _WITH_ROWS:
                    rows.append(self._row(page, position, kind))
            except (IndexError, ValueError, struct.error):
                whole = False
        return rows, children, whole

    def _row(self, page: bytes, position: int, kind: int) -> Row:
        length, position = _varint(page, position)
        if length > LONGEST_ROW_BYTES:  # its pages may follow each other in a circle
            raise ValueError("the row is far too long")
        number = None
        if kind == _TABLE_LEAF:
            number, position = _varint(page, position)
        local = self._local_bytes(length, kind)
        payload = page[position : position + local]
        if local < length:
            payload += self._overflow(_integer(page, position + local, 4), length - local)
        if len(payload) != length:
            raise ValueError("the row ends early")
        return number, _record(payload)

    def _local_bytes(self, length: int, kind: int) -> int:
        """How much of a row stands on its own page."""
        most = self._bytes - 35 if kind == _TABLE_LEAF else (self._bytes - 12) * 64 // 255 - 23
        if length <= most:
            return length
        least = (self._bytes - 12) * 32 // 255 - 23
        wanted = least + (length - least) % (self._bytes - 4)
        return wanted if wanted <= most else least

    def _overflow(self, number: int, length: int) -> bytes:
        parts = []
        while length > 0:
            if not 1 <= number <= self.count:
                raise ValueError("the row goes on nowhere")
            self.seen.add(number)
            page = self._page(number)
            parts.append(page[4 : 4 + length])
            length -= len(parts[-1])
            number = _integer(page, 0, 4)
        return b"".join(parts)


def _page_bytes(content: bytes) -> int:
    size = _integer(content, 16, 2) if content.startswith(_MAGIC) else 0
    size = 65536 if size == 1 else size
    return size if size >= 512 and size & (size - 1) == 0 else _PAGE_BYTES


def _integer(content: bytes, position: int, length: int) -> int:
    return int.from_bytes(content[position : position + length], "big")


def _varint(content: bytes, position: int) -> tuple[int, int]:
    """The number at `position`, and where it ends."""
    value = 0
    for index in range(8):
        byte = content[position + index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, position + index + 1
    return value << 8 | content[position + 8], position + 9


def _record(payload: bytes) -> tuple[Value, ...]:
    header_end, position = _varint(payload, 0)
    kinds = []
    while position < header_end:
        kind, position = _varint(payload, position)
        kinds.append(kind)
    values = []
    for kind in kinds:
        value, position = _value(payload, position, kind)
        values.append(value)
    if not values or position != len(payload):
        raise ValueError("the columns do not fill the row")
    return tuple(values)


def _value(payload: bytes, position: int, kind: int) -> tuple[Value, int]:
    """A column of a record, and where it ends."""
    if kind == 0:
        return None, position
    if kind in _INTEGER_BYTES:
        end = position + _INTEGER_BYTES[kind]
        return int.from_bytes(payload[position:end], "big", signed=True), end
    if kind == 7:
        return struct.unpack_from(">d", payload, position)[0], position + 8
    if kind in (8, 9):
        return kind - 8, position
    if kind < 12:
        raise ValueError("no such type")
    end = position + (kind - 12) // 2
    content = payload[position:end]
    return (content.decode() if kind % 2 else content), end


def _committed(journal: bytes, page_bytes: int) -> dict[int, bytes]:
    """The pages in a `-wal` up to its last whole transaction."""
    header = journal[:_JOURNAL_HEADER_BYTES]
    magic = _integer(header, 0, 4)
    if magic not in (0x377F0682, 0x377F0683) or _integer(header, 8, 4) != page_bytes:
        return {}
    words = ("<", ">")[magic & 1]
    check = _checksum(header[:24], words, (0, 0))
    if struct.pack(">2I", *check) != header[24:]:
        return {}
    committed: dict[int, bytes] = {}
    pending: dict[int, bytes] = {}
    step = _FRAME_HEADER_BYTES + page_bytes
    for start in range(_JOURNAL_HEADER_BYTES, len(journal) - step + 1, step):
        frame = journal[start : start + _FRAME_HEADER_BYTES]
        page = journal[start + _FRAME_HEADER_BYTES : start + step]
        # Each goes on from the one before: what an earlier use of the journal left does not fit.
        check = _checksum(frame[:8] + page, words, check)
        if struct.pack(">2I", *check) != frame[16:]:
            break
        pending[_integer(frame, 0, 4)] = page
        if _integer(frame, 4, 4):
            committed |= pending
            pending = {}
    return committed


def _checksum(content: bytes, words: str, before: tuple[int, int]) -> tuple[int, int]:
    first, second = before
    numbers = iter(struct.unpack(f"{words}{len(content) // 4}I", content))
    for even, odd in zip(numbers, numbers, strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second
