"""The pages of a SQLite file, read without SQLite, so that one damaged page hides no other.

After https://www.sqlite.org/fileformat2.html; numbers in the file are big-endian.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterator

from posturecam.log.schema import LONGEST_ROW_BYTES
from posturecam.log.sqlite_journal import integer, possible_page_bytes, read_journal

Value = int | float | str | bytes | None
Row = tuple[int | None, tuple[Value, ...]]
"""The row number, None in a table WITHOUT ROWID, and the columns as they are stored."""

_MAGIC = b"SQLite format 3\x00"
FILE_HEADER_BYTES = 100
_INDEX_INTERIOR, _TABLE_INTERIOR, _INDEX_LEAF, _TABLE_LEAF = 2, 5, 10, 13
_INTERIOR = (_INDEX_INTERIOR, _TABLE_INTERIOR)
_WITH_ROWS = (_INDEX_INTERIOR, _INDEX_LEAF, _TABLE_LEAF)
_KIND_BYTES = {bytes([kind]) for kind in (*_INTERIOR, *_WITH_ROWS)}
_INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


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
        self._journal = read_journal(journal, self._bytes)
        self.count = max(-(-len(content) // self._bytes), *self._journal.newest, 0)
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

    def orphans(self) -> Iterator[Row]:
        """The rows of all pages that no tree has led to."""
        for number in range(1, self.count + 1):
            if number not in self.seen:
                yield from self._read(number)[0]

    def superseded(self) -> Iterator[Row]:
        """The rows of all that has a newer version, or is damaged, the newest first.

        A row may have moved from a page that is there to one that is not: then it still stands in
        an older version of the first, or in what is left of the damaged one.
        """
        covered = (self._stored(number) for number in self._journal.newest)
        for page in (*self._journal.older, *covered, *self._journal.unproven):
            yield from self._read_page(page, 0)[0]

    def skip_free(self) -> None:
        """Counts the pages as seen that hold nothing but what was deleted."""
        header = self._page(1)
        number = integer(header, 32) if header.startswith(_MAGIC) else 0
        while 0 < number <= self.count and number not in self.seen:
            self.seen.add(number)
            page = self._page(number)
            held = min(integer(page, 4), len(page) // 4 - 2)
            self.seen.update(integer(page, 8 + 4 * index) for index in range(held))
            number = integer(page, 0)

    def _page(self, number: int) -> bytes:
        if number in self._journal.newest:
            return self._journal.newest[number]
        return self._stored(number)

    def _stored(self, number: int) -> bytes:
        return self._content[(number - 1) * self._bytes : number * self._bytes]

    def _read(self, number: int) -> tuple[list[Row], list[int], bool]:
        """Rows and children of a page, and whether all of it could be read."""
        if not 1 <= number <= self.count:
            return [], [], False
        page = self._page(number)
        # Another page that was put into the place of the first has no header of the file.
        at_once = number != 1 or page[:1] in _KIND_BYTES
        return self._read_page(page, 0 if at_once else FILE_HEADER_BYTES)

    def _read_page(self, page: bytes, start: int) -> tuple[list[Row], list[int], bool]:
        if len(page) < start + 12:  # the file ends here
            return [], [], False
        kind, cells = page[start], integer(page, start + 3, 2)
        first = start + (12 if kind in _INTERIOR else 8)
        if kind not in (*_INTERIOR, *_WITH_ROWS) or first + 2 * cells > self._bytes:
            return [], [], False
        rows: list[Row] = []
        children = [integer(page, start + 8)] if kind in _INTERIOR else []
        whole = True
        for index in range(cells):
            position = integer(page, first + 2 * index, 2)
            try:
                if kind in _INTERIOR:
                    children.append(integer(page, position))
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
            payload += self._overflow(integer(page, position + local), length - local)
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
        pages = []
        while length > 0:
            if not 1 <= number <= self.count:
                raise ValueError("the row goes on nowhere")
            pages.append(number)
            page = self._page(number)
            parts.append(page[4 : 4 + length])
            length -= len(parts[-1])
            number = integer(page, 0)
        if number != 0:
            raise ValueError("the row goes on too far")
        self.seen.update(pages)
        return b"".join(parts)


def is_plausible_header(header: bytes) -> bool:
    """Whether the first bytes of a file are those of a database as posturecam has SQLite make it.

    Some that are not SQLite takes for a later format: not to be written, or not to be read.
    """
    return (
        len(header) == FILE_HEADER_BYTES
        and header.startswith(_MAGIC)
        and integer(header, 16, 2) in (1, *(2**exponent for exponent in range(9, 16)))
        and header[18] in (1, 2)  # written with or without a `-wal`
        and header[19] in (1, 2)
        and header[20:24] == bytes((0, 64, 32, 32))
        and integer(header, 44) <= 4
        and integer(header, 52) == 0  # no auto-vacuum
        and integer(header, 56) <= 1  # UTF-8
    )


def _page_bytes(content: bytes) -> int:
    size = integer(content, 16, 2) if content.startswith(_MAGIC) else 0
    return possible_page_bytes(65536 if size == 1 else size)


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
    # A text that was damaged is still to be read; what cannot be a text is marked.
    return (content.decode(errors="replace") if kind % 2 else content), end
