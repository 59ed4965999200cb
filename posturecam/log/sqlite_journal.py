"""The `-wal` file of a SQLite file, read without SQLite, which stops at the first damaged frame.

After https://www.sqlite.org/fileformat2.html#the_write_ahead_log: a header, then frames of one page
each. The checksum of a frame goes on from that of the frame before, which the file holds too; so
a frame behind a damaged one can still be proven.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

PAGE_BYTES = 4096
"""What SQLite chooses for a new file."""
HEADER_BYTES, FRAME_HEADER_BYTES = 32, 24
_MAGICS = {0x377F0682: "<", 0x377F0683: ">"}
_Check = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """What a `-wal` holds of its newest use; what earlier uses left in the file is passed over.

    Attributes:
        newest: the newest proven version of each page, of whole transactions.
        older: proven versions before that, the newest first.
        unproven: pages of frames that are damaged in some place, the newest first.
        broken: whether SQLite would not find all that is in `newest`.
    """

    newest: dict[int, bytes] = field(default_factory=dict)
    older: tuple[bytes, ...] = ()
    unproven: tuple[bytes, ...] = ()
    broken: bool = False


def is_broken(content: bytes, *, alone: bool) -> bool:
    """Whether SQLite would pass over whole transactions in a `-wal`, which may stand `alone`."""
    journal = read_journal(content, possible_page_bytes(integer(content, 8)))
    return journal.broken or (alone and bool(journal.newest))


def possible_page_bytes(size: int) -> int:
    """`size` if pages can be so long, and otherwise how long SQLite makes them."""
    return size if 512 <= size <= 65536 and size & (size - 1) == 0 else PAGE_BYTES


def integer(content: bytes, position: int, length: int = 4) -> int:
    """The number that stands at `position`."""
    return int.from_bytes(content[position : position + length], "big")


@dataclass(slots=True)
class _Frame:
    page_number: int
    commits: bool
    salts: bytes
    stored: _Check
    summed: bytes
    proven: bool = False

    @property
    def page(self) -> bytes:
        return self.summed[8:]


def read_journal(content: bytes, page_bytes: int) -> Journal:
    """Takes the bytes of a `-wal` whose file has pages of `page_bytes`."""
    header = content[:HEADER_BYTES]
    frames = list(_frames(content, page_bytes))
    whole = _is_whole(header, page_bytes)
    salts = header[16:24] if whole else _common_salts(frames)
    found = -1
    for words in (_MAGICS[integer(header, 0)],) if whole else _MAGICS.values():
        found = _prove(frames, words, header, salts)
        if any(frame.proven for frame in frames):
            break
    last = max((i for i, frame in enumerate(frames) if frame.proven and frame.commits), default=-1)
    newest: dict[int, bytes] = {}
    older = []
    for frame in frames[: last + 1]:
        if frame.proven:
            if frame.page_number in newest:
                older.append(newest[frame.page_number])
            newest[frame.page_number] = frame.page
    unproven = [frame.page for frame in frames if not frame.proven and frame.salts == salts]
    return Journal(
        newest=newest,
        older=tuple(reversed(older)),
        unproven=tuple(reversed(unproven)),
        broken=last > (found if whole else -1),
    )


def _frames(content: bytes, page_bytes: int) -> Iterator[_Frame]:
    step = FRAME_HEADER_BYTES + page_bytes
    for start in range(HEADER_BYTES, len(content) - step + 1, step):
        number, pages, salts, first, second = struct.unpack_from(">II8sII", content, start)
        page = content[start + FRAME_HEADER_BYTES : start + step]
        summed = content[start : start + 8] + page
        yield _Frame(number, pages > 0, salts, (first, second), summed)


def _is_whole(header: bytes, page_bytes: int) -> bool:
    words = _MAGICS.get(integer(header, 0))
    if words is None or len(header) < HEADER_BYTES or integer(header, 8) != page_bytes:
        return False
    return _checksum(header[:24], words, (0, 0)) == _check_in(header)


def _common_salts(frames: Sequence[_Frame]) -> bytes:
    """The first that neighbours agree on: frames of an earlier use can only come after."""
    agreed = (one.salts for one, other in pairwise(frames) if one.salts == other.salts)
    return next(agreed, frames[0].salts if frames else b"")


def _prove(frames: Sequence[_Frame], words: str, header: bytes, salts: bytes) -> int:
    """Marks the frames that are as they were written; the last commit that SQLite would find."""
    found = -1
    unbroken = True
    before: _Frame | None = None
    starts = [_check_in(header)]  # what the next frame may go on from
    for index, frame in enumerate(frames):
        belongs = frame.salts == salts
        of_earlier_use = not belongs and before is not None and not before.proven
        checks = [] if of_earlier_use else [_checksum(frame.summed, words, at) for at in starts]
        frame.proven = frame.stored in checks
        if frame.proven and before is not None:
            # Otherwise nothing but the checksum of the one before was damaged.
            before.proven |= starts[checks.index(frame.stored)] != before.stored
        unbroken = unbroken and belongs and frame.proven
        if unbroken and frame.commits:
            found = index
        before, starts = frame, [frame.stored]
        if not frame.proven:
            starts += checks[:1]
    return found


def _check_in(header: bytes) -> _Check:
    return integer(header, 24), integer(header, 28)


def _checksum(content: bytes, words: str, before: _Check) -> _Check:
    first, second = before
    numbers = iter(struct.unpack(f"{words}{len(content) // 4}I", content))
    for even, odd in zip(numbers, numbers, strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second
