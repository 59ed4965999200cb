"""The channel between a running watch and another terminal: a socket that only this user reaches.

One request a connection, one line of JSON each way; `FORMAT` stands in both as `v`. A request says
what to `do`: `status`, `pause`, `resume`, `snooze`, `recalibrate`, `stop` or `exercised`; `pause`
and `snooze` have `until`, an ISO moment or null. A reply says whether that is `ok`, and what is the
`error` or the `status`.

The socket is a file of mode 0600, and whoever connects must be the same user. One thread serves
everybody; what is too long, too slow or no request gets an error or no answer, and the watch never
hears of it.
"""

from __future__ import annotations

import json
import os
import selectors
import socket
import struct
import threading
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from posturecam.base.errors import DataError, NotRunningError
from posturecam.base.paths import PRIVATE_FILE, PRIVATE_FOLDER
from posturecam.values.commands import Command, Exercised, Pause, Recalibrate, Resume, Snooze, Stop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from posturecam.base.clock import Clock
    from posturecam.values.events import Record

FORMAT = 1
"""Version of requests and replies."""

LONGEST_REQUEST_BYTES = 4096
LONGEST_REPLY_BYTES = 65_536
PATIENCE_S = 2.0
"""A request, and a reply, must be there within so long."""

MOST_CLIENTS = 32
"""Connections served at once; further ones wait."""

STATUS = "status"

_BACKLOG = 64
_REST_S = 0.2  # somebody who cannot be let in stands at the door: no reason to spin
_JOIN_S = 2.0


class RefusedError(ValueError):
    """A request that makes no sense; says why."""


def to_command(request: Record) -> Command:
    """What a request other than `status` asks of the watch.

    Raises:
        RefusedError: nothing that there is.
    """
    match request.get("do"):
        case "pause":
            return Pause(until=_moment(request.get("until")))
        case "resume":
            return Resume()
        case "snooze":
            until = _moment(request.get("until"))
            if until is None:
                raise RefusedError("a snooze needs an end")
            return Snooze(until=until)
        case "recalibrate":
            return Recalibrate()
        case "stop":
            return Stop()
        case "exercised":
            return Exercised()
    raise RefusedError("there is no such thing to do")


def peer_user(connection: socket.socket) -> int | None:
    """User id of the other end; None where the system does not tell, and the file's mode decides.

    Linux says it; elsewhere nobody else can open the socket either.
    """
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    credentials = struct.Struct("3i")
    packed = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, credentials.size)
    _process, user, _group = credentials.unpack(packed)
    return int(user)


class ControlServer:
    """Answers requests at `address` until closed.

    Args:
        address: path of the socket; one that a killed watch left there is replaced, so the caller
            must hold the lock of the data folder.
        answer: the reply to a request, without `v` and `ok`; may raise `RefusedError`. Called in
            the thread of the server, so it must return at once.
        clock: measures the patience with clients.
        user_of: tells who is at the other end.

    Raises:
        DataError: the socket cannot be made.
    """

    def __init__(
        self,
        address: Path,
        answer: Callable[[Record], Record],
        *,
        clock: Clock,
        user_of: Callable[[socket.socket], int | None] = peer_user,
    ) -> None:
        self._address = address
        self._answer = answer
        self._clock = clock
        self._user_of = user_of
        self._clients: dict[socket.socket, _Client] = {}
        self._listener = _listen(address)
        self._waker, self._wakes = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wakes, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._serve, name="posturecam control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up on everybody and remove the socket; a second time does nothing."""
        with suppress(OSError):
            self._waker.send(b"!")
        self._thread.join(_JOIN_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _serve(self) -> None:
        try:
            while self._goes_on():
                pass
        finally:
            with suppress(OSError):
                self._address.unlink()
            for end in (self._listener, self._wakes, self._waker, *self._clients):
                end.close()
            self._selector.close()

    def _goes_on(self) -> bool:
        try:
            return self._turn()
        except OSError:  # such as a folder that may not be looked into now
            self._clock.wait_s(_REST_S)
            return True

    def _listen_again(self) -> None:
        """Makes the socket anew when somebody has removed it, most likely with its folder."""
        with suppress(DataError):
            listener = _listen(self._address)
            with suppress(KeyError):  # while there are too many clients
                self._selector.unregister(self._listener)
                self._selector.register(listener, selectors.EVENT_READ)
            self._listener.close()
            self._listener = listener

    def _turn(self) -> bool:
        """Serves whoever is ready; False when it is time to end."""
        if not self._address.exists():
            self._listen_again()
        for key, _ in self._selector.select(PATIENCE_S / 2):
            end = key.fileobj
            assert isinstance(end, socket.socket)  # noqa: S101 - nothing else is registered
            if end is self._wakes:
                return False
            if end is self._listener:
                self._welcome()
            else:
                self._hear(end)
        now_s = self._clock.monotonic_s()
        for end in [end for end, client in self._clients.items() if client.until_s <= now_s]:
            self._reply(end, {"ok": False, "error": "that took too long"})
        return True

    def _welcome(self) -> None:
        try:
            client, _ = self._listener.accept()
        except OSError:  # gone already, or too many files open: a later turn tries again
            self._clock.wait_s(_REST_S)
            return
        client.settimeout(0.0)
        try:
            welcome = self._user_of(client) in (None, os.getuid())
        except OSError:
            welcome = False
        until_s = self._clock.monotonic_s() + PATIENCE_S
        self._clients[client] = _Client(until_s=until_s, welcome=welcome)
        self._selector.register(client, selectors.EVENT_READ)
        if len(self._clients) >= MOST_CLIENTS:
            self._selector.unregister(self._listener)

    def _hear(self, end: socket.socket) -> None:
        client = self._clients[end]
        try:
            heard = end.recv(LONGEST_REQUEST_BYTES)
        except BlockingIOError:
            return
        except OSError:
            heard = b""
        client.heard += heard
        if not client.welcome:
            self._reply(end, {"ok": False, "error": "this watch belongs to somebody else"})
        elif b"\n" in client.heard or not heard:
            self._reply(end, self._answered(client.heard))
        elif len(client.heard) > LONGEST_REQUEST_BYTES:
            self._reply(end, {"ok": False, "error": "that is too long"})

    def _answered(self, line: bytes) -> Record:
        try:
            request = _parse(line, LONGEST_REQUEST_BYTES)
            return {"ok": True} | self._answer(request)
        except RefusedError as error:
            return {"ok": False, "error": str(error)}
        except Exception as error:  # noqa: BLE001 - a fault here must not end the channel
            return {"ok": False, "error": f"unforeseen: {type(error).__name__}: {error}"}

    def _reply(self, end: socket.socket, reply: Record) -> None:
        """Sends `reply`, which fits into the buffer of a socket, and hangs up."""
        with suppress(OSError):
            end.send(json.dumps({"v": FORMAT} | reply).encode() + b"\n")
        if len(self._clients) >= MOST_CLIENTS:
            with suppress(KeyError):
                self._selector.register(self._listener, selectors.EVENT_READ)
        del self._clients[end]
        self._selector.unregister(end)
        end.close()


@dataclass(slots=True, kw_only=True)
class _Client:
    """Somebody who is connected, and what they have said so far."""

    until_s: float
    welcome: bool
    heard: bytes = b""


def ask(address: Path, request: Record) -> Record:
    """The reply of the watch at `address`.

    Raises:
        NotRunningError: there is none.
        DataError: something else is there, or it did not understand.
    """
    _refuse_systems_without_sockets()
    line = json.dumps({"v": FORMAT} | request).encode() + b"\n"
    try:
        with socket.socket(socket.AF_UNIX) as end:
            end.settimeout(PATIENCE_S)
            end.connect(str(address))
            if peer_user(end) not in (None, os.getuid()):
                raise DataError(f"{address} belongs to somebody else.", "Remove it.")
            end.sendall(line)
            reply = _parse(_until_closed(end), LONGEST_REPLY_BYTES)
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise NotRunningError from error
    except TimeoutError as error:
        raise DataError(
            "The watch does not answer.", "End its process, then start it again."
        ) from error
    except (OSError, RefusedError) as error:
        raise DataError(
            f"The watch cannot be asked: {error}.", "Stop it with Ctrl-C and start it again."
        ) from error
    if reply.get("ok") is not True:
        raise DataError(
            f"The watch refused: {reply.get('error')}.",
            "It may be another version of posturecam; start it again.",
        )
    return reply


def _listen(address: Path) -> socket.socket:
    _refuse_systems_without_sockets()
    try:
        _refuse_strange_folder(address.parent)
        address.unlink(missing_ok=True)
        with ExitStack() as undo:
            listener = undo.enter_context(socket.socket(socket.AF_UNIX))
            # The mode of a socket comes from the mask, and must keep others out from the beginning.
            # The mask is that of all threads: one may be making a folder that it has to use.
            mask = os.umask(0o777 & ~PRIVATE_FOLDER)
            try:
                listener.bind(str(address))
            finally:
                os.umask(mask)
            address.chmod(PRIVATE_FILE)
            listener.listen(_BACKLOG)
            listener.settimeout(0.0)
            undo.pop_all()
    except OSError as error:
        raise DataError(
            f"No other terminal can steer this watch: {address}: {error.strerror or error}.",
            "Set POSTURECAM_HOME to a folder on a local disk.",
        ) from error
    return listener


def _refuse_systems_without_sockets() -> None:
    if not hasattr(socket, "AF_UNIX"):
        raise DataError(
            "On this system no other terminal can steer a watch.",
            "Use the terminal that it runs in.",
        )


def _refuse_strange_folder(folder: Path) -> None:
    """Makes the folder if need be; one that others own could be made to lead elsewhere."""
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(None, f"{folder} belongs to somebody else")


def _until_closed(end: socket.socket) -> bytes:
    heard = b""
    while len(heard) <= LONGEST_REPLY_BYTES and (more := end.recv(LONGEST_REPLY_BYTES)):
        heard += more
    return heard


def _parse(line: bytes, longest_bytes: int) -> Record:
    if len(line) > longest_bytes:
        raise RefusedError("that is too long")
    try:
        record: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RefusedError("that is no JSON") from error
    if not isinstance(record, dict) or record.get("v") != FORMAT:
        raise RefusedError(f"that is not of version {FORMAT}")
    return record


def _moment(text: object) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(str(text))
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:  # the latter at either end of time
        raise RefusedError("`until` is no moment") from error
    raise RefusedError("`until` needs its zone")
