"""Desktop notifications; the only importer of desktop_notifier."""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    import desktop_notifier

APP_NAME = "posturecam"

LIMIT_S = 3.0
"""Longest wait for the notification service, which may have to be started first."""

_LIBRARY_LOGGERS = ("desktop_notifier", "dbus_fast")


class Notifier(Protocol):
    """Something that can put a message before the sitter.

    Attributes:
        problem: why messages do not arrive, or None while nothing is known to be wrong.
    """

    problem: str | None

    def send(self, title: str, message: str) -> None:
        """Show the message and return at once; it takes the place of the one before."""
        ...

    def close(self) -> None:
        """Wait for what was sent and let go of the desktop; a second call does nothing."""
        ...


class NoNotifier:
    """Shows nothing."""

    problem: str | None = None

    def send(self, title: str, message: str) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class DesktopNotifier:
    """Shows messages through the notification service of the desktop.

    All of it happens on a thread of its own, which asks for the service as soon as it starts: a
    slow, missing or failing one never holds up or ends a watch. The first failure is kept in
    `problem`; later messages are tried all the same.
    """

    def __init__(self) -> None:
        self.problem: str | None = None
        self._service: desktop_notifier.DesktopNotifier | None = None
        self._connected = False
        self._messages: asyncio.Queue[tuple[str, str] | None] = asyncio.Queue()
        self._loop: asyncio.AbstractEventLoop | None = None
        started = threading.Event()
        # A daemon: should the desktop hang, the program still ends.
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(started)), name="notifier", daemon=True
        )
        self._thread.start()
        started.wait()

    def send(self, title: str, message: str) -> None:
        """Show the message and return at once; it takes the place of the one before."""
        if self._loop is None:
            raise ValueError("the notifier is closed")
        self._loop.call_soon_threadsafe(self._messages.put_nowait, (title, message))

    def close(self) -> None:
        """Wait for what was sent and let go of the desktop; a second call does nothing."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._messages.put_nowait, None)
            self._loop = None
            self._thread.join(LIMIT_S + 1)

    async def _serve(self, started: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(lambda _, context: self._fail(context["message"]))
        started.set()
        with _library_warnings_to(self._fail):
            await self._attempt(self._connect())
            while message := await self._messages.get():
                closing = self._loop is None
                if not (closing and self.problem):
                    await self._attempt(self._show(*message))
            await self._attempt(self._disconnect())

    async def _attempt(self, action: Awaitable[object]) -> None:
        try:
            async with asyncio.timeout(LIMIT_S):
                await action
        except TimeoutError:
            self._fail(f"no answer within {LIMIT_S:.0f} s")
        except Exception as error:  # noqa: BLE001 - whatever the desktop does, the watch goes on
            self._fail(str(error) or type(error).__name__)

    def _fail(self, reason: str) -> None:
        self._connected = False
        self.problem = self.problem or f"the notification service does not work: {reason}"

    async def _connect(self) -> desktop_notifier.DesktopNotifier:
        import desktop_notifier

        await self._disconnect()
        self._connected = True
        self._service = desktop_notifier.DesktopNotifier(app_name=APP_NAME, app_icon=None)
        await self._service.get_capabilities()
        return self._service

    async def _show(self, title: str, message: str) -> None:
        service = self._service if self._connected else None
        service = service or await self._connect()
        await service.clear_all()
        await service.send(title, message)

    async def _disconnect(self) -> None:
        # The library has no call for it, and an open connection ends in a ResourceWarning.
        bus = getattr(getattr(self._service, "_backend", None), "bus", None)
        self._service = None
        if bus is not None and bus.connected:
            bus.disconnect()
            await bus.wait_for_disconnect()


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
    def __init__(self, report: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._report = report

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self._report(str(error or record.getMessage()))
