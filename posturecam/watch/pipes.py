"""The channel as a named pipe: what Windows has, where no socket stands in the file system.

Whoever runs a program on the same machine can open a pipe. So the file at the address, which is
this user's alone, holds its name and a secret, new for each watch; both ends prove that they know
it before anything is heard (`multiprocessing.connection`), and nothing goes over a network.

A pipe can only be waited for in a thread, so each end has one that hears and one that speaks. What
they have is taken without waiting, as from a socket that does not block.
"""

from __future__ import annotations

import json
import secrets
import selectors
import tempfile
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Listener, answer_challenge, deliver_challenge
from pathlib import Path
from typing import Any, NamedTuple, Self

from posturecam.base.clock import Clock, SystemClock
from posturecam.base.files import read_file
from posturecam.base.language import Sentence
from posturecam.base.paths import make_private_folder, write_atomically
from posturecam.watch.protocol import LONGEST_REPLY_BYTES, LONGEST_REQUEST_BYTES, PATIENCE_S

Pipe = Any
"""A connection of `multiprocessing`, which has a class of its own for each kind."""
_SECRET_BYTES = 32
_LARGEST_FILE_BYTES = 4096
_MOST_WAITING = 64
_LOOK_UP_EVERY_S = 0.5
"""A thread that hears notices within so long that its end was closed."""
_REST_S = 0.2


class Pipes:
    """Listens and connects at a pipe of which the file at the address knows name and secret.

    The family is `AF_PIPE`; the tests, on a system without such pipes, put a socket in its place.
    """

    def __init__(self, family: str = "AF_PIPE", clock: Clock | None = None) -> None:
        self._family = family
        self._clock = clock or SystemClock()
        self._changed = threading.Condition()

    def listen(self, address: Path) -> PipeListener:
        """A listener that never blocks. Raises `OSError` and `DataError`."""
        make_private_folder(address.parent)
        name, secret = self._new_name(), secrets.token_bytes(_SECRET_BYTES)
        listener = Listener(name, self._family)
        try:
            write_atomically(address, json.dumps({"pipe": name, "secret": secret.hex()}))
        except BaseException:
            listener.close()
            raise
        return PipeListener(listener, self._opened(name), secret, self._changed, self._clock)

    def pair(self) -> tuple[Signal, Signal]:
        """Two ends within this process: what one says, the other hears."""
        heard = Signal(self._changed)
        return Signal(self._changed, other=heard), heard

    def selector(self) -> PipeSelector:
        """Waits for several ends at once."""
        return PipeSelector(self._changed)

    def connect(self, address: Path, patience_s: float) -> PipeClient:
        """An end that waits for at most `patience_s`.

        Raises:
            FileNotFoundError: nobody listens; or `ConnectionRefusedError`.
            TimeoutError: it takes too long.
            OSError: the file is none of ours, or what listens does not know the secret.
        """
        try:
            told = json.loads(read_file(address, most_bytes=_LARGEST_FILE_BYTES))
            name, secret = str(told["pipe"]), bytes.fromhex(told["secret"])
        except (ValueError, KeyError, TypeError) as error:
            raise FileNotFoundError(address) from error  # as a killed watch may have left it
        connection = self._opened(name)()
        try:
            timely: Any = _Timely(connection, patience_s, self._clock)
            answer_challenge(timely, secret)
            deliver_challenge(timely, secret)
        except (AuthenticationError, EOFError) as error:
            connection.close()
            raise PermissionError(None, str(error) or Sentence("it hung up")) from error
        except BaseException:
            connection.close()
            raise
        return PipeClient(connection, patience_s)

    def is_welcome(self, _end: object) -> bool:
        """Whoever is heard has proved to know the secret."""
        return True

    def _new_name(self) -> str:
        name = f"posturecam-{secrets.token_hex(16)}"
        if self._family == "AF_PIPE":
            return rf"\\.\pipe\{name}"
        return str(Path(tempfile.gettempdir()) / name)

    def _opened(self, name: str) -> Callable[[], Pipe]:
        return lambda: Client(name, self._family)


class _Timely:
    """What a handshake needs of a connection, with an end to its patience."""

    def __init__(self, connection: Pipe, patience_s: float, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self._until_s = clock.monotonic_s() + patience_s
        self.send_bytes = connection.send_bytes

    def recv_bytes(self, most_bytes: int) -> bytes:
        if not self._connection.poll(max(0.0, self._until_s - self._clock.monotonic_s())):
            raise TimeoutError
        return bytes(self._connection.recv_bytes(most_bytes))


class PipeListener:
    """Takes whoever knocks; a thread waits for them."""

    def __init__(
        self,
        listener: Listener,
        knock: Callable[[], Pipe],
        secret: bytes,
        changed: threading.Condition,
        clock: Clock,
    ) -> None:
        self._listener = listener
        self._knock = knock
        self._secret = secret
        self._changed = changed
        self._clock = clock
        self._waiting: deque[Pipe] = deque()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="posturecam door", daemon=True)
        self._thread.start()

    def accept(self) -> tuple[PipeEnd, None]:
        """Whoever has waited longest, as a socket gives them. Raises `BlockingIOError`."""
        with self._changed:
            if not self._waiting:
                raise BlockingIOError
            connection = self._waiting.popleft()
        return PipeEnd(connection, self._secret, self._changed, self._clock), None

    def readable(self) -> bool:
        """Whether somebody waits."""
        return bool(self._waiting)

    def writable(self) -> bool:
        """Never: nothing is said to a listener."""
        return False

    def close(self) -> None:
        """Takes nobody any more."""
        self._closed = True
        with suppress(OSError):  # wakes the thread, which would wait for ever
            self._knock().close()
        self._thread.join(PATIENCE_S)
        self._listener.close()
        for connection in self._waiting:
            connection.close()

    def _run(self) -> None:
        while not self._closed:
            try:
                connection = self._listener.accept()
            except OSError:  # whoever knocked is gone already
                self._clock.wait_s(_REST_S)
                continue
            with self._changed:
                self._waiting.append(connection)
                while len(self._waiting) > _MOST_WAITING:
                    self._waiting.popleft().close()
                self._changed.notify_all()


class PipeEnd:
    """The watch's end of a pipe. Like a socket that does not block, it takes and gives what it can.

    Until the other end has proved to know the secret nothing is heard of it.
    """

    def __init__(
        self,
        connection: Pipe,
        secret: bytes,
        changed: threading.Condition,
        clock: Clock,
    ) -> None:
        self._connection = connection
        self._secret = secret
        self._changed = changed
        self._clock = clock
        self._heard: deque[bytes] = deque()
        self._unsent = b""
        self._trusted = self._ended = self._closed = False
        for name, work in (("hears", self._hear), ("speaks", self._speak)):
            threading.Thread(target=work, name=f"posturecam {name}", daemon=True).start()

    def settimeout(self, _value: float) -> None:
        """It never waits."""

    def recv(self, _most_bytes: int) -> bytes:
        """What was said, nothing at its end. Raises `BlockingIOError`."""
        with self._changed:
            if self._heard:
                return self._heard.popleft()
            if self._ended:
                return b""
            raise BlockingIOError

    def send(self, data: bytes) -> int:
        """How much of it will be said.

        Raises:
            BlockingIOError: the other end has left too much unread.
            ConnectionError: the other end is gone, or never was trusted.
        """
        with self._changed:
            if self._ended or not self._trusted:
                raise ConnectionResetError
            if not (room := LONGEST_REPLY_BYTES - len(self._unsent)):
                raise BlockingIOError
            self._unsent += data[:room]
            self._changed.notify_all()
            return min(room, len(data))

    def readable(self) -> bool:
        """Whether `recv` has something to say."""
        return bool(self._heard) or self._ended

    def writable(self) -> bool:
        """Whether `send` takes something."""
        return len(self._unsent) < LONGEST_REPLY_BYTES

    def close(self) -> None:
        """Says what is left, if that is taken soon, and hangs up."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _hear(self) -> None:
        try:
            timely: Any = _Timely(self._connection, PATIENCE_S, self._clock)
            deliver_challenge(timely, self._secret)
            answer_challenge(timely, self._secret)
            self._trusted = True
            while not self._closed:
                if self._connection.poll(_LOOK_UP_EVERY_S):
                    said = self._connection.recv_bytes(2 * LONGEST_REQUEST_BYTES)
                    with self._changed:
                        self._heard.append(said)
                        self._changed.notify_all()
        except (OSError, EOFError, AuthenticationError):
            pass  # gone, a stranger, or one that says far too much
        with self._changed:
            self._ended = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._closed)
            self._changed.wait_for(lambda: not self._unsent, PATIENCE_S)
        self._connection.close()

    def _speak(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._unsent or self._closed)
                data = self._unsent
            if not data:
                return
            with suppress(OSError):  # the thread that hears notices it, too
                self._connection.send_bytes(data)
            with self._changed:
                self._unsent = self._unsent[len(data) :]
                self._changed.notify_all()


class Signal:
    """One end of a pair within this process."""

    def __init__(self, changed: threading.Condition, other: Signal | None = None) -> None:
        self._changed = changed
        self._other = other
        self._heard = b""

    def settimeout(self, _value: float) -> None:
        """It never waits."""

    def send(self, data: bytes) -> int:
        """Has the other end hear it."""
        assert self._other is not None  # noqa: S101 - the end that is given to speak has one
        with self._changed:
            self._other._heard += data  # noqa: SLF001 - its other half
            self._changed.notify_all()
        return len(data)

    def recv(self, _most_bytes: int) -> bytes:
        """All that was said."""
        with self._changed:
            heard, self._heard = self._heard, b""
            return heard

    def readable(self) -> bool:
        """Whether something was said."""
        return bool(self._heard)

    def writable(self) -> bool:
        """Always."""
        return True

    def close(self) -> None:
        """Nothing is left to do."""


class Ready(NamedTuple):
    """An end that is ready, under the name that `selectors` gives it."""

    fileobj: Any


class PipeSelector:
    """Waits until one of several ends is ready, as `selectors` do for sockets."""

    def __init__(self, changed: threading.Condition) -> None:
        self._changed = changed
        self._wanted: dict[Any, int] = {}

    def register(self, end: Any, events: int) -> None:
        """Waits for it from now on. Raises `KeyError` if it does already."""
        if end in self._wanted:
            raise KeyError(end)
        self._wanted[end] = events

    def unregister(self, end: Any) -> None:
        """Waits for it no more. Raises `KeyError` if it did not."""
        del self._wanted[end]

    def select(self, timeout_s: float) -> list[tuple[Ready, int]]:
        """The ends that are ready and for what, within `timeout_s`."""
        with self._changed:
            self._changed.wait_for(self._found, timeout_s)
            return self._found()

    def close(self) -> None:
        """Nothing is left to do."""

    def _found(self) -> list[tuple[Ready, int]]:
        found = []
        for end, wanted in self._wanted.items():
            ready = selectors.EVENT_READ * end.readable() | selectors.EVENT_WRITE * end.writable()
            if ready & wanted:
                found.append((Ready(end), ready & wanted))
        return found


class PipeClient:
    """The other end of a pipe, which waits as a socket with a timeout does."""

    def __init__(self, connection: Pipe, timeout_s: float) -> None:
        self._connection = connection
        self._timeout_s = timeout_s

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def settimeout(self, value: float) -> None:
        """Waits at most so long from now on."""
        self._timeout_s = value

    def sendall(self, data: bytes) -> None:
        """Says it."""
        self._connection.send_bytes(data)

    def recv(self, _most_bytes: int) -> bytes:
        """What was said, nothing at its end. Raises `TimeoutError`."""
        try:
            if not self._connection.poll(self._timeout_s):
                raise TimeoutError
            return bytes(self._connection.recv_bytes(LONGEST_REPLY_BYTES))
        except EOFError:
            return b""
