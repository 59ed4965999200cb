"""The other end of the channel to a running watch: asking it something, and following it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from posturecam.base.errors import AlreadyRunningError, DataError, NotRunningError
from posturecam.base.language import Sentence
from posturecam.watch.broadcast import Beginning, Update, read_beginning, read_update
from posturecam.watch.carriers import Channels, OtherEnd, channels_of
from posturecam.watch.lending import Loan, read_loan
from posturecam.watch.protocol import (
    BORROW,
    FOLLOW,
    LONGEST_REPLY_BYTES,
    PATIENCE_S,
    RefusedError,
    line_of,
    parse,
)

if TYPE_CHECKING:
    from posturecam.base.clock import Clock
    from posturecam.values.events import Record

REPLY_WITHIN_S = 10.0
"""A busy machine keeps a watch from its reply for seconds; whoever is told that none came is to end
its process."""

LET_GO_WITHIN_S = 20.0
"""So long a driver may take to let go of a camera."""

LOOK_UP_EVERY_S = 0.25
"""A follower that is told nothing gets to do something else so often."""


def ask(
    address: Path,
    request: Record,
    *,
    channels: Channels | None = None,
    within_s: float = REPLY_WITHIN_S,
) -> Record:
    """The reply of the watch at `address`, over what the system has or `channels`.

    Raises:
        NotRunningError: there is none.
        DataError: something else is there, or it did not understand.
    """
    with _spoken_to(address, channels, within_s) as end:
        end.sendall(line_of(request))
        reply = parse(_line_from(end), LONGEST_REPLY_BYTES)
        if reply.get("ok") is not True:
            raise _refused(str(reply.get("error")))
        return reply


@contextmanager
def borrowing(address: Path) -> Iterator[Loan]:
    """The camera of the watch at `address`, let go of until the block ends.

    Raises:
        NotRunningError: there is none.
        AlreadyRunningError: it is lent to another program.
        DataError: it does not let go of it, something else is there, or it did not understand.
    """
    with ExitStack() as held:
        # What goes wrong within the block is not the watch's.
        with ExitStack() as asked:
            end = asked.enter_context(_spoken_to(address))
            end.sendall(line_of({"do": BORROW}))
            end.settimeout(LET_GO_WITHIN_S)
            reply = parse(_line_from(end), LONGEST_REPLY_BYTES)
            if reply.get("lent") is True:
                raise AlreadyRunningError(
                    Sentence("Another program is taking a baseline."),
                    Sentence("Let it finish, or end it, and try again."),
                )
            if reply.get("ok") is not True:
                raise _refused(str(reply.get("error")))
            loan = read_loan(reply)
            held.callback(asked.pop_all().close)
        yield loan


@contextmanager
def following(
    address: Path, clock: Clock, *, channels: Channels | None = None
) -> Iterator[Followed]:
    """The watch at `address`, followed until it ends or the block does.

    Raises:
        NotRunningError: there is none.
        DataError: something else is there, or it did not understand.
    """
    with ExitStack() as held:
        # As above.
        with ExitStack() as asked:
            end = asked.enter_context(_spoken_to(address, channels))
            end.sendall(line_of({"do": FOLLOW}))
            followed = Followed(end, clock)
            held.callback(asked.pop_all().close)
        yield followed


class Followed:
    """A watch that tells what happens.

    Attributes:
        beginning: what it goes by.
    """

    def __init__(self, end: OtherEnd, clock: Clock) -> None:
        self._lines = _Lines(end)
        self._clock = clock
        first = self._lines.next_line()
        if first is None:
            raise TimeoutError
        if not first:  # it is just ending
            raise NotRunningError
        try:
            self.beginning: Beginning = read_beginning(first)
        except RefusedError as error:
            raise _refused(str(error)) from error
        end.settimeout(LOOK_UP_EVERY_S)

    def updates(self) -> Iterator[Update | None]:
        """What it tells, as it does; None when that was nothing for `LOOK_UP_EVERY_S`.

        After the silence of a stopped process, an `Update` without a turn says how long it lasts.

        Raises:
            DataError: it is not understood.
        """
        heard_s, ago_s = self._clock.monotonic_s(), 0.0
        while (line := self._next_line()) != b"":
            now_s = self._clock.monotonic_s()
            if line is not None:
                update = self._read(line)
                heard_s, ago_s = now_s, update.turned_s_ago
                yield update
            elif now_s - heard_s > 2 * PATIENCE_S:
                yield Update(turn=None, turned_s_ago=ago_s + now_s - heard_s)
            else:
                yield None

    def _next_line(self) -> bytes | None:
        with _said_in_own_words():
            return self._lines.next_line()

    def _read(self, line: bytes) -> Update:
        try:
            return read_update(line)
        except RefusedError as error:
            raise _refused(str(error)) from error


class _Lines:
    """What comes over a connection, line by line."""

    def __init__(self, end: OtherEnd) -> None:
        self._end = end
        self._heard = b""

    def next_line(self) -> bytes | None:
        """The next line; empty when there is no more, None when none has come in time."""
        while b"\n" not in self._heard:
            try:
                more = self._end.recv(LONGEST_REPLY_BYTES)
            except TimeoutError:
                return None
            except ConnectionError:
                more = b""
            if not more:
                return b""
            self._heard += more
            if len(self._heard) > 2 * LONGEST_REPLY_BYTES and b"\n" not in self._heard:
                raise _refused(Sentence("it says too much"))
        line, _, self._heard = self._heard.partition(b"\n")
        return line


@contextmanager
def _spoken_to(
    address: Path, channels: Channels | None = None, within_s: float = REPLY_WITHIN_S
) -> Iterator[OtherEnd]:
    """A connection to the watch."""
    with (
        _said_in_own_words(),
        (channels or channels_of()).connect(address, within_s) as end,
    ):
        yield end


@contextmanager
def _said_in_own_words() -> Iterator[None]:
    """What goes wrong between here and the watch is said as what it means."""
    try:
        yield
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise NotRunningError from error
    except TimeoutError as error:
        raise DataError(
            Sentence("The watch does not answer."),
            Sentence("End its process, then start it again."),
        ) from error
    except (OSError, RefusedError) as error:
        raise DataError(
            Sentence("The watch cannot be asked: {why}.", why=error),
            Sentence("Stop it with Ctrl-C and start it again."),
        ) from error


def _refused(why: str) -> DataError:
    return DataError(
        Sentence("The watch refused: {why}.", why=Sentence(why)),
        Sentence("It may be another version of posturecam; start it again."),
    )


def _line_from(end: OtherEnd) -> bytes:
    heard = b""
    while b"\n" not in heard and len(heard) <= LONGEST_REPLY_BYTES:
        if not (more := end.recv(LONGEST_REPLY_BYTES)):
            break
        heard += more
    return heard
