"""The watch's end of the channel to other programs, which only this user reaches.

What carries it is a socket of mode 0600 or a pipe with a secret (`carriers`). One thread serves
everybody; what is too long, too slow or no request gets an error or no answer, and the watch never
hears of it. Who follows and reads too little is hung up on. `protocol` says what is spoken.
"""

from __future__ import annotations

import math
import selectors
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

from posturecam.base.errors import DataError
from posturecam.base.language import Sentence
from posturecam.watch.carriers import Channels, Door, End, channels_of
from posturecam.watch.protocol import (
    BORROW,
    FOLLOW,
    LONGEST_REQUEST_BYTES,
    PATIENCE_S,
    RefusedError,
    line_of,
    parse,
)

if TYPE_CHECKING:
    from posturecam.base.clock import Clock
    from posturecam.values.events import Record
    from posturecam.watch.lending import Lending

MOST_CLIENTS = 32
"""Connections served at once; further ones wait."""

MOST_FOLLOWERS = 16
"""Of these; the rest is for requests."""

MOST_UNREAD_BYTES = 262_144
"""A follower that has left so much unread, some minutes of it, is hung up on."""

BEAT_EVERY_S = 2.0
"""A follower hears so often at least that the watch is there, though nothing happens."""

LENT_AT_MOST_S = 600.0
"""A camera comes back after so long, whatever became of the program that borrowed it."""

ALONE_S = 4.0
"""How often to see whether the address is still there, while nobody is connected."""

_REST_S = 0.2  # somebody who cannot be let in stands at the door: no reason to spin
_JOIN_S = 2.0
_END, _NEWS = b"!", b"."


class Story(Protocol):
    """What followers are told, in lines; asked by the thread of the server alone."""

    def greeting(self) -> bytes:
        """What somebody who comes now has to know."""

    def news(self, *, told: bool = True) -> bytes:
        """What happened since this was asked last; empty where nobody is to be `told`."""

    def beat(self) -> bytes:
        """That nothing did."""


class ControlServer:
    """Answers requests at `address` until closed.

    That is the path of the socket, or of the file that tells of a pipe; one that a killed watch
    left there is replaced, so the caller must hold the lock of the data folder. To a request
    `answer` gives the reply, without `v` and `ok`, or raises `RefusedError`; called in the thread
    of the server, it must return at once. One at a time may borrow the camera of the `lender`.

    Attributes:
        followed: somebody follows.
        awaited: somebody waits for the camera.

    Raises:
        DataError: nobody could come there.
    """

    def __init__(
        self,
        address: Path,
        answer: Callable[[Record], Record],
        *,
        clock: Clock,
        story: Story | None = None,
        lender: Lending | None = None,
        channels: Channels | None = None,
    ) -> None:
        self.followed = False
        self.awaited = False
        self._address = address
        self._answer = answer
        self._clock = clock
        self._channels = channels or channels_of()
        self._story = story
        self._lender = lender
        self._told_s = -math.inf
        self._clients: dict[End, _Client] = {}
        self._listener = _listen(self._channels, address)
        self._waker: End
        self._wakes: End
        self._waker, self._wakes = self._channels.pair()
        self._waker.settimeout(0.0)
        self._selector = self._channels.selector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wakes, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._serve, name="posturecam control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up on everybody and remove the address; a second time does nothing."""
        with suppress(OSError):
            self._waker.send(_END)
        self._thread.join(_JOIN_S)

    def tell(self) -> None:
        """Have followers told the news; returns at once, and from any thread."""
        with suppress(OSError):  # closed, or as good as told: so many have asked for it already
            self._waker.send(_NEWS)

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
            self._listener.close()
            for end in (self._wakes, self._waker, *self._clients):
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
            listener = _listen(self._channels, self._address)
            with suppress(KeyError):  # while there are too many clients
                self._selector.unregister(self._listener)
                self._selector.register(listener, selectors.EVENT_READ)
            self._listener.close()
            self._listener = listener

    def _turn(self) -> bool:
        """Serves whoever is ready; False when it is time to end."""
        if not self._address.exists():
            self._listen_again()
        goes_on = True
        for key, ready in self._selector.select(self._pause_s):
            end = key.fileobj
            if end is self._wakes:
                goes_on = _END not in end.recv(LONGEST_REQUEST_BYTES)
            elif end is self._listener:
                self._welcome()
            elif end in self._clients:
                self._serve_client(end, ready)
        now_s = self._clock.monotonic_s()
        if self._story is not None:
            self._tell_news(self._story, now_s)
        if self.awaited:
            self._lend()
        for end in [end for end, client in self._clients.items() if client.until_s <= now_s]:
            self._reply(end, {"ok": False, "error": Sentence("that took too long")})
        return goes_on

    @property
    def _pause_s(self) -> float:
        """How long to wait for somebody to speak; often enough to see who is late."""
        return PATIENCE_S / 2 if self._clients else ALONE_S

    def _serve_client(self, end: End, ready: int) -> None:
        if ready & selectors.EVENT_READ:
            self._hear(end)
        if ready & selectors.EVENT_WRITE and end in self._clients:
            self._send(end)

    def _welcome(self) -> None:
        try:
            client, _ = self._listener.accept()
        except OSError:  # gone already, or too many files open: a later turn tries again
            self._clock.wait_s(_REST_S)
            return
        client.settimeout(0.0)
        try:
            welcome = self._channels.is_welcome(client)
        except OSError:
            welcome = False
        until_s = self._clock.monotonic_s() + PATIENCE_S
        self._clients[client] = _Client(until_s=until_s, welcome=welcome)
        self._selector.register(client, selectors.EVENT_READ)
        if len(self._clients) >= MOST_CLIENTS:
            self._selector.unregister(self._listener)

    def _hear(self, end: End) -> None:
        client = self._clients[end]
        try:
            heard = end.recv(LONGEST_REQUEST_BYTES)
        except BlockingIOError:
            return
        except OSError:
            heard = b""
        if client.borrows:  # what it says is not listened to
            if not heard:
                self._hang_up(end)
            return
        if client.follows:  # what it says is not listened to; one that only listens is no fault
            client.hears = bool(heard)
            self._attend_to(end)
            return
        client.heard += heard
        if not client.welcome:
            self._reply(
                end, {"ok": False, "error": Sentence("this watch belongs to somebody else")}
            )
        elif b"\n" in client.heard or not heard:
            self._answer_to(end, client)
        elif len(client.heard) > LONGEST_REQUEST_BYTES:
            self._reply(end, {"ok": False, "error": Sentence("that is too long")})

    def _answer_to(self, end: End, client: _Client) -> None:
        try:
            request = parse(client.heard, LONGEST_REQUEST_BYTES)
            if request.get("do") == FOLLOW:
                self._begin_to_follow(end, client)
                return
            if request.get("do") == BORROW:
                self._begin_to_lend(end, client)
                return
            reply = {"ok": True} | self._answer(request)
        except RefusedError as error:
            reply = {"ok": False, "error": str(error)}
        except Exception as error:  # noqa: BLE001 - a fault here must not end the channel
            reply = {"ok": False, "error": f"unforeseen: {type(error).__name__}: {error}"}
        self._reply(end, reply)

    def _begin_to_follow(self, end: End, client: _Client) -> None:
        if self._story is None:
            raise RefusedError(Sentence("there is nothing to follow"))
        if sum(other.follows for other in self._clients.values()) >= MOST_FOLLOWERS:
            raise RefusedError(Sentence("{number} follow it already", number=MOST_FOLLOWERS))
        now_s = self._clock.monotonic_s()
        # Those who follow already; the greeting knows of it, too.
        self._tell_followers(self._story.news(told=self.followed), now_s)
        client.unsent = self._story.greeting()
        client.follows = self.followed = True
        client.until_s = math.inf
        self._told_s = now_s
        self._send(end)

    def _begin_to_lend(self, end: End, client: _Client) -> None:
        if self._lender is None:
            raise RefusedError(Sentence("there is nothing to borrow"))
        if any(other.borrows for other in self._clients.values()):
            taken = Sentence("another program is taking a baseline")
            self._reply(end, {"ok": False, "error": taken, "lent": True})
            return
        client.borrows = self.awaited = True
        client.until_s = self._clock.monotonic_s() + LENT_AT_MOST_S
        self._lender.begin()
        self._lend()

    def _lend(self) -> None:
        """Tells whoever waits for the camera once they may have it."""
        terms = None if self._lender is None else self._lender.terms()
        if terms is None:
            return
        self.awaited = False
        for end, client in list(self._clients.items()):
            if client.borrows:
                client.unsent = line_of({"ok": True} | terms)
                self._send(end)

    def _tell_news(self, story: Story, now_s: float) -> None:
        news = story.news(told=self.followed)
        if not news and now_s - self._told_s >= BEAT_EVERY_S and self.followed:
            news = story.beat()
        if news:
            self._tell_followers(news, now_s)

    def _tell_followers(self, lines: bytes, now_s: float) -> None:
        self._told_s = now_s
        for end, client in list(self._clients.items()):
            if client.follows:
                client.unsent += lines
                self._send(end)

    def _send(self, end: End) -> None:
        """Sends what a follower takes now; hangs up on one that is gone or far behind."""
        client = self._clients[end]
        try:
            client.unsent = client.unsent[end.send(client.unsent) :]
        except BlockingIOError:
            pass
        except OSError:
            self._hang_up(end)
            return
        if len(client.unsent) > MOST_UNREAD_BYTES:
            self._hang_up(end)
        else:
            self._attend_to(end)

    def _attend_to(self, end: End) -> None:
        """Waits for what there is to wait for with this client."""
        client = self._clients[end]
        wanted = selectors.EVENT_READ * client.hears | selectors.EVENT_WRITE * bool(client.unsent)
        with suppress(KeyError):
            self._selector.unregister(end)
        if wanted:
            self._selector.register(end, wanted)

    def _reply(self, end: End, reply: Record) -> None:
        """Sends `reply`, which fits into the buffer of a socket, and hangs up."""
        with suppress(OSError):
            end.send(line_of(reply))
        self._hang_up(end)

    def _hang_up(self, end: End) -> None:
        if len(self._clients) >= MOST_CLIENTS:
            with suppress(KeyError):
                self._selector.register(self._listener, selectors.EVENT_READ)
        client = self._clients.pop(end)
        with suppress(KeyError):
            self._selector.unregister(end)
        end.close()
        self.followed = any(client.follows for client in self._clients.values())
        if client.borrows and self._lender is not None:
            self.awaited = False
            self._lender.end()


@dataclass(slots=True, kw_only=True)
class _Client:
    """Somebody who is connected.

    Attributes:
        until_s: when it is too late for a request.
        welcome: the same user.
        heard: what they have said so far.
        follows: they asked to be told what happens.
        borrows: they asked for the camera.
        hears: they may still say something.
        unsent: what they have not taken yet.
    """

    until_s: float
    welcome: bool
    heard: bytes = b""
    follows: bool = False
    borrows: bool = False
    hears: bool = True
    unsent: bytes = b""


def _listen(channels: Channels, address: Path) -> Door:
    try:
        return channels.listen(address)
    except OSError as error:
        raise DataError(
            Sentence(
                "No other terminal can steer this watch: {address}: {why}.",
                address=address,
                why=error.strerror or error,
            ),
            Sentence("Set POSTURECAM_HOME to a folder on a local disk."),
        ) from error
