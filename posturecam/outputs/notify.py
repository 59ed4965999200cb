"""Desktop notifications; the only importer of desktop_notifier."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posturecam.base.language import Sentence
from posturecam.outputs import notices
from posturecam.values.events import Alerted
from posturecam.values.settings import PolicySettings

if TYPE_CHECKING:
    import desktop_notifier
    from dbus_fast import Message
    from desktop_notifier.backends.base import DesktopNotifierBackend

    from posturecam.base.clock import Clock
    from posturecam.values.commands import Inbox
    from posturecam.values.events import Event, Tick

APP_NAME = "posturecam"
"""Also of its desktop entry."""
ICON = "posturecam.svg"

LIMIT_S = 3.0
"""Longest wait for the notification service, which may have to be started first."""

_SERVICE = "org.freedesktop.Notifications"
"""The name of the service on the bus of the session."""

ALERT_STANDS_S = PolicySettings().outcome_within_s
"""So long an alert stands there of which nobody could see what followed."""

_SOUNDS = {"linux": "message-new-instant"}
"""A name of the freedesktop sound themes, where `default` is none; elsewhere the system's own."""

_LIBRARY_LOGGERS = ("desktop_notifier", "dbus_fast")


class Notifier:
    """Puts messages before the sitter; this one shows nothing."""

    @property
    def problem(self) -> str | None:
        """Why messages do not arrive and what to do; None while nothing is known to be wrong."""
        return None

    def send(self, title: str, message: str, offers: Sequence[notices.Offer] = ()) -> None:
        """Show it, with a button for each offer; it takes the place of the one before."""

    def leave(self, title: str, message: str, offers: Sequence[notices.Offer] = ()) -> None:
        """Show a message that no other takes the place of."""

    def clear(self) -> None:
        """Take away what `send` has shown, if anything is."""

    def close(self) -> None:
        """Clear what is shown and let go of the desktop, soon; a second call does nothing."""


class AlertsTo:
    """Passes alerts, and what is said about the baseline, on to the desktop while they hold."""

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier
        self._said: Event | None = None
        self._said_s = 0.0

    def handle(self, tick: Tick) -> None:
        """Shows what is new, and clears what is over."""
        if isinstance(self._said, Alerted) and tick.t_s - self._said_s >= ALERT_STANDS_S:
            self._clear()
        for event in tick.events:
            if (text := notices.desktop_text(event)) is not None:
                self._notifier.send(*text, notices.offers_for(event))
                self._said, self._said_s = event, tick.t_s
            elif self._said is not None and notices.is_over(self._said, event):
                self._clear()

    def _clear(self) -> None:
        self._notifier.clear()
        self._said = None


class _NoDesktopError(Exception):
    """Nothing says where the desktop is to be reached."""


class _Order(Enum):
    CLEAR = auto()
    CLOSE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    title: str
    text: str
    offers: Sequence[notices.Offer]
    stays: bool = False
    when_shown: Callable[[], None] = lambda: None


class DesktopNotifier(Notifier):
    """Shows messages, with buttons, through the notification service of the desktop.

    All of it happens on a thread of its own, which asks for the service as soon as it starts: a
    slow, missing or failing one never holds up or ends a watch. A message that cannot be shown is
    not kept; the next one asks for the service anew, in case it is back.

    Attributes:
        failure: what went wrong last, None since a message was shown.
        lacks: what the service cannot do, of `buttons` and `sounds`; None until it answered.
    """

    def __init__(
        self,
        inbox: Inbox,
        clock: Clock,
        *,
        sound: bool = False,
        open_week: Callable[[], None] = lambda: None,
        platform: str = sys.platform,
        make_backend: Callable[[], DesktopNotifierBackend] | None = None,
    ) -> None:
        """Starts asking for the service.

        A pressed button leaves its command in the `inbox`, or has `open_week` show the page of last
        week, at once or soon. `make_backend` makes what talks to the service; without it the
        library chooses, but for Linux.
        """
        self.failure: str | None = None
        self.lacks: tuple[str, ...] | None = None
        self._inbox = inbox
        self._clock = clock
        self._sound = _SOUNDS.get(platform, "default") if sound else None
        if make_backend is None and platform == "linux":
            make_backend = _make_dbus_backend
        self._make_backend = make_backend
        self._open_week = open_week
        self._sent: str | None = None
        self._left: list[str] = []
        self._service: desktop_notifier.DesktopNotifier | None = None
        self._connected = False
        self._broken = False
        self._asked: asyncio.Queue[_Message | _Order] = asyncio.Queue()
        self._loop: asyncio.AbstractEventLoop | None = None
        started = threading.Event()
        # A daemon: should the desktop hang, the program still ends.
        self._thread = threading.Thread(
            target=self._run, args=(started,), name="notifier", daemon=True
        )
        self._thread.start()
        started.wait()

    @property
    def problem(self) -> str | None:
        """See `Notifier`."""
        if (failure := self.failure) is None:
            return None
        return Sentence(
            "the notification service does not work: {failure}. Alerts are shown here, and it is "
            "tried again with the next one. See: posturecam doctor, or use --no-notify",
            failure=failure,
        )

    def send(self, title: str, message: str, offers: Sequence[notices.Offer] = ()) -> None:
        """See `Notifier`; returns at once, as `leave` and `clear` do."""
        self._ask(_Message(title=title, text=message, offers=offers))

    def leave(
        self,
        title: str,
        message: str,
        offers: Sequence[notices.Offer] = (),
        when_shown: Callable[[], None] = lambda: None,
    ) -> None:
        """It stays when the program ends, unless it has buttons, which would ask nobody then.

        `when_shown` is called, on another thread, once the service has taken it.
        """
        self._ask(
            _Message(title=title, text=message, offers=offers, stays=True, when_shown=when_shown)
        )

    def clear(self) -> None:
        """See `Notifier`."""
        self._ask(_Order.CLEAR)

    def close(self) -> None:
        """Also clears what stayed with buttons, which would ask nobody.

        One of a program that was killed does stay, for as long as the desktop shows messages.
        """
        if self._loop is not None:
            self._ask(_Order.CLOSE)
            self._loop = None
            self._thread.join(LIMIT_S + 1)

    def _ask(self, asked: _Message | _Order) -> None:
        if self._broken:
            return
        if self._loop is None:
            raise ValueError("the notifier is closed")
        self._loop.call_soon_threadsafe(self._asked.put_nowait, asked)

    def _run(self, started: threading.Event) -> None:
        try:
            asyncio.run(self._serve(started))
        except OSError as error:  # no more files can be opened
            self._broken, self._loop = True, None
            self._fail(str(error))
        finally:
            started.set()

    async def _serve(self, started: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(lambda _, context: self._fail(context["message"]))
        started.set()
        with _library_warnings_to(self._fail):
            # A busy machine may take seconds for that, in which the service is not silent.
            await self._attempt(self._load())
            await self._attempt(self._connect())
            while (asked := await self._asked.get()) is not _Order.CLOSE:
                closing = self._loop is None
                if isinstance(asked, _Order):
                    await self._clear()
                elif not (closing and self.failure):
                    await self._attempt(self._show(asked))
            await self._clear(*self._left)
            await self._attempt(self._disconnect())

    async def _attempt(self, action: Awaitable[object]) -> None:
        try:
            async with asyncio.timeout(LIMIT_S):
                await action
        except TimeoutError:
            self._fail(Sentence("no answer within {limit} s", limit=round(LIMIT_S)))
        except (_NoDesktopError, FileNotFoundError, ConnectionRefusedError):  # or one that ended
            self._fail(Sentence("there is no desktop here"))
        except Exception as error:  # noqa: BLE001 - whatever the desktop does, the watch goes on
            self._fail(str(error) or type(error).__name__)

    def _fail(self, reason: str) -> None:
        self._connected = False
        self.failure = self.failure or reason.rstrip(".")

    async def _load(self) -> None:
        """Loads what speaks to the service, by making one that does not yet."""
        self._make_service()

    def _make_service(self) -> desktop_notifier.DesktopNotifier:
        import desktop_notifier

        # Under Windows the name and the icon of the program are registered here.
        service = desktop_notifier.DesktopNotifier(app_name=APP_NAME, app_icon=_icon())
        if self._make_backend is not None:
            service._backend = self._make_backend()  # noqa: SLF001 - it takes no other
        return service

    async def _connect(self) -> desktop_notifier.DesktopNotifier:
        import desktop_notifier

        await self._disconnect()
        self._connected, self._sent, self._left = True, None, []
        self._service = self._make_service()
        able = await self._service.get_capabilities()
        wanted = {
            "buttons": desktop_notifier.Capability.BUTTONS,
            "sounds": desktop_notifier.Capability.SOUND,
        }
        self.lacks = tuple(name for name, ability in wanted.items() if ability not in able)
        return self._service

    async def _show(self, message: _Message) -> None:
        from desktop_notifier import Button, Sound

        service = self._service if self._connected else None
        service = service or await self._connect()
        if not message.stays:
            await _clear(service, self._sent)
        buttons = [
            Button(
                title=notices.offer_label(offer),
                identifier=offer,
                on_pressed=partial(self._press, offer),
            )
            for offer in message.offers
        ]
        shown = await service.send(
            message.title,
            message.text,
            buttons=buttons,
            sound=Sound(name=self._sound) if self._sound else None,
        )
        if not message.stays:
            self._sent = shown
        elif message.offers:
            self._left.append(shown)
        if self._connected:  # the library only logs what goes wrong; `_fail` has heard it
            self.failure = None
            message.when_shown()

    async def _clear(self, *left: str) -> None:
        """Takes away what was sent, and what was left there."""
        if self._service is not None and self._connected:
            for shown in (self._sent, *left):
                await self._attempt(_clear(self._service, shown))

    def _press(self, offer: notices.Offer) -> None:
        if offer is notices.Offer.WEEK:
            self._open_week()
        elif (command := notices.offered_command(offer, self._clock.utc_now())) is not None:
            self._inbox.put(command)

    async def _disconnect(self) -> None:
        # The library has no call for it, and an open connection ends in a ResourceWarning.
        bus = getattr(getattr(self._service, "_backend", None), "bus", None)
        self._service = None
        if bus is not None and bus.connected:
            bus.disconnect()
            await bus.wait_for_disconnect()


async def _clear(service: desktop_notifier.DesktopNotifier, shown: str | None) -> None:
    """Takes away a message that is still there."""
    if shown is not None and shown in await service.get_current_notifications():
        await service.clear(shown)


def _icon() -> desktop_notifier.Icon:
    """The program's own, from its files: it need not be installed into a theme."""
    import desktop_notifier

    return desktop_notifier.Icon(path=Path(str(files("posturecam") / "data" / "desktop" / ICON)))


def _make_dbus_backend() -> DesktopNotifierBackend:
    """The library's own, repaired in four points for services that leave more to the program.

    It also names the desktop entry, by which a desktop keeps its settings of a program's messages.
    """
    from dbus_fast.errors import DBusError, InvalidAddressError
    from desktop_notifier import Capability
    from desktop_notifier.backends.dbus import DBusDesktopNotifier

    class Backend(DBusDesktopNotifier):
        async def _get_capabilities(self) -> frozenset[Capability]:
            # A click beside the buttons asks for nothing. Told that there is a default action,
            # dunst carries out that one and never opens its menu of the buttons.
            return await super()._get_capabilities() - {Capability.ON_CLICKED}

        def _on_action(self, nid: int, action_key: str) -> None:
            # The library forgets a pressed message, which dunst and others keep on the screen.
            ours = nid in self._platform_to_interface_notification_identifier
            super()._on_action(nid, action_key)
            if ours:
                self.closing = asyncio.ensure_future(self._close(nid))

        async def _init_dbus(self) -> Any:
            try:
                interface: Any = await super()._init_dbus()
            except (InvalidAddressError, KeyError) as error:  # a KeyError without a HOME
                if os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
                    raise  # one that was given, and is wrong
                raise _NoDesktopError from error
            self.bus.add_message_handler(self._forget_of_another)
            has_markup = "body-markup" in await interface.call_get_capabilities()
            interface.call_notify = _notifying(interface.call_notify, has_markup=has_markup)
            return interface

        def _forget_of_another(self, message: Message) -> None:
            # A service that was started anew counts anew: the numbers of what the one before has
            # shown are those of other programs' messages soon.
            if message.member == "NameOwnerChanged" and message.body[0] == _SERVICE:
                self._platform_to_interface_notification_identifier.clear()
                self._notification_cache.clear()

        async def _close(self, nid: int) -> None:
            interface: Any = self.interface
            with suppress(DBusError):  # it was gone already
                await interface.call_close_notification(nid)

    return Backend(APP_NAME, app_icon=_icon())


def _notifying(notify: Callable[..., Awaitable[Any]], *, has_markup: bool) -> Callable[..., Any]:
    """The call of the service, for a text in which no sign means more than itself."""
    from dbus_fast import Variant

    async def notify_with_entry(*words: Any) -> Any:
        *before, text, actions, hints, timeout = words
        text = escape(text, quote=False) if has_markup else text
        old = not all(isinstance(hint, Variant) for hint in hints.values())
        entry = APP_NAME if old else Variant("s", APP_NAME)
        return await notify(*before, text, actions, {**hints, "desktop-entry": entry}, timeout)

    return notify_with_entry


@contextmanager
def _library_warnings_to(report: Callable[[str], None]) -> Iterator[None]:
    """Have the library's warnings, its only word on a failed message, reported and not printed."""
    handler = _Reporter(report)
    loggers = [logging.getLogger(name) for name in _LIBRARY_LOGGERS]
    for logger in loggers:
        logger.addHandler(handler)
        logger.propagate = False
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(handler)
            logger.propagate = True


class _Reporter(logging.Handler):
    """Hears only the thread that makes it: the libraries serve others, too."""

    def __init__(self, report: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._report = report
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread != self._thread:
            return
        error = record.exc_info[1] if record.exc_info else None
        self._report(str(error or record.getMessage()))
