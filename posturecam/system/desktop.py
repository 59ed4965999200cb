"""What the desktop says: locked, do not disturb, full screen, microphone in use, camera wanted.

On Linux only; elsewhere, and for a desktop that does not tell, the answer is None: not known.

Locked is what logind holds of the session, or what one of the screensavers does; with a
screensaver that blanks the screen without locking it nobody is looking either. logind only passes
on what a locker tells it, and many tell nothing: those are looked for among the processes. Somebody
else's session on the screen counts as locked, too. Do-not-disturb is told by dunst, KDE Plasma and
GNOME; other notification services have no common way to ask. Of windows X11 tells (`x_windows`),
and so do many compositors of Wayland (`wayland_windows`); GNOME and KDE Plasma say there that a
program keeps the screen awake.

Whether somebody is in a call nobody tells. A microphone in use is the nearest thing: a dictation
counts too, and somebody who only listens, or whose program lets go of a muted microphone, does not.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from posturecam.alerts.suppression import DesktopState
from posturecam.base.program_output import output_of
from posturecam.system.camera_use import CAMERA_AGAIN_S, CameraUse, FindNode
from posturecam.system.desktop_questions import (
    GNOME_KEY,
    GNOME_SIGNAL,
    LIMIT_S,
    SCREENSAVERS,
    SESSION_QUESTIONS,
    SYSTEM_QUESTIONS,
    Question,
    Topic,
    is_signal,
    subscribe,
)
from posturecam.system.microphone import Microphone
from posturecam.system.screen_lockers import running_locker
from posturecam.system.wayland_windows import WaylandWindows
from posturecam.system.x_windows import XScreen

if TYPE_CHECKING:
    from dbus_fast import BusType

_Ask = Callable[[], Awaitable[bool | None]]

AGAIN_S = 2.0
"""What did not answer in time is asked again after so long."""

BUS_AGAIN_S = 15.0
"""A bus that is not there, or went away, is looked for again after so long."""

POLL_S = 5.0
"""A locked screen lasts minutes, and a silent locker sends no signal; to look is cheap."""


class NoDesktop:
    """A desktop of which nothing can be told."""

    def state(self) -> DesktopState:
        """Nothing is known."""
        return DesktopState()

    def close(self) -> None:
        """Nothing is open."""


def open_desktop(
    *,
    lock: bool = False,
    do_not_disturb: bool = False,
    full_screen: bool = False,
    calls: bool = False,
    camera: FindNode | None = None,
    platform: str = sys.platform,
) -> LinuxDesktop | NoDesktop:
    """The desktop, asked only for what is wanted; what is not stays None."""
    wanted = lock or do_not_disturb or full_screen or calls or camera
    if platform != "linux" or not wanted:
        return NoDesktop()
    return LinuxDesktop(
        lock=lock,
        do_not_disturb=do_not_disturb,
        full_screen=full_screen,
        calls=calls,
        camera=camera,
    )


class LinuxDesktop:
    """Asks over D-Bus and the sound system, on a thread of its own; never raises, never waits.

    What changes is signalled by the desktop, the sound server or the kernel and asked again then;
    silent lockers, and a sound server that does not signal, are polled. Each thing is asked by
    itself: what is slow to answer holds up nothing else, and is asked again.
    """

    def __init__(
        self,
        *,
        lock: bool = False,
        do_not_disturb: bool = False,
        full_screen: bool = False,
        calls: bool = False,
        camera: FindNode | None = None,
        find_locker: Callable[[], str | None] = running_locker,
        poll_s: float = POLL_S,
    ) -> None:
        self._on_wayland = bool(os.environ.get("WAYLAND_DISPLAY"))
        wanted = {
            Topic.LOCKED: lock,
            Topic.DO_NOT_DISTURB: do_not_disturb,
            Topic.PRESENTING: full_screen and self._on_wayland,
        }
        self._session = [question for question in SESSION_QUESTIONS if wanted[question.topic]]
        self._system = [question for question in SYSTEM_QUESTIONS if wanted[question.topic]]
        self._asks_gnome = do_not_disturb and _runs_gnome()
        self._lock = lock
        self._full_screen = full_screen
        self._calls = calls
        self._camera = camera
        self._find_locker = find_locker
        self._poll_s = poll_s
        self._answers: dict[object, tuple[Topic, bool]] = {}
        self._state = DesktopState()
        self._ending: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        started = threading.Event()
        # A daemon: should the desktop hang, the program still ends.
        self._thread = threading.Thread(
            target=self._run, args=(started,), name="desktop", daemon=True
        )
        self._thread.start()
        started.wait()

    def state(self) -> DesktopState:
        """What the desktop said last; returns at once."""
        return self._state

    def close(self) -> None:
        """Asks no more; a second call does nothing."""
        if self._loop is not None and self._ending is not None:
            self._loop.call_soon_threadsafe(self._ending.set)
            self._loop = None
            self._thread.join(LIMIT_S + 1)

    def _run(self, started: threading.Event) -> None:
        try:
            asyncio.run(self._watch(started))
        except (ImportError, OSError):  # no more files can be opened: nothing is known, then
            self._loop = None
        finally:
            started.set()

    async def _watch(self, started: threading.Event) -> None:
        from dbus_fast import BusType

        self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        started.set()
        # Whatever goes wrong with a bus shows as not known; without a handler it is printed, too.
        silent = logging.NullHandler()
        logging.getLogger("dbus_fast").addHandler(silent)
        followed = [
            self._follow_bus(BusType.SESSION, self._session),
            self._follow_bus(BusType.SYSTEM, self._system),
        ]
        if self._lock:
            followed.append(
                self._follow(
                    "lockers", Topic.LOCKED, self._sees_locker, again_s=lambda: self._poll_s
                )
            )
        if self._full_screen:
            followed.append(self._follow_windows())
        if self._calls:
            followed += self._follow_microphone()
        if self._camera is not None:
            followed.append(self._follow_camera(self._camera))
        tasks = [asyncio.create_task(following) for following in followed]
        await self._ending.wait()
        await _cancel(tasks)
        logging.getLogger("dbus_fast").removeHandler(silent)

    def _follow_microphone(self) -> tuple[Coroutine[Any, Any, None], ...]:
        microphone = Microphone()
        asking = self._follow(
            "microphone",
            Topic.IN_CALL,
            microphone.is_in_use,
            changed=microphone.changed,
            again_s=lambda: microphone.again_s(self._poll_s),
        )
        return microphone.follow(), asking

    async def _follow_windows(self) -> None:
        while True:
            with suppress(Exception):
                await self._ask_windows_until_gone()
            await asyncio.sleep(BUS_AGAIN_S)

    async def _ask_windows_until_gone(self) -> None:
        windows = await self._open_windows()

        async def is_full_screen() -> bool | None:
            answer = await windows.is_full_screen()
            if self._on_wayland and isinstance(windows, XScreen):
                return answer or None  # windows that are none of X are not among them
            return answer

        asking = asyncio.create_task(
            self._follow(
                "windows",
                Topic.FULL_SCREEN,
                is_full_screen,
                changed=windows.changed,
                again_s=lambda: self._poll_s,
            )
        )
        try:
            await windows.listen()
        finally:
            await _cancel([asking])
            windows.close()

    async def _open_windows(self) -> WaylandWindows | XScreen:
        if self._on_wayland:
            try:
                return await WaylandWindows.open(os.environ)
            except (TimeoutError, BlockingIOError):  # one that is busy is asked again
                raise
            except OSError:
                pass
        return await XScreen.open(os.environ)

    async def _follow_camera(self, find: FindNode) -> None:
        use = CameraUse(find)
        try:
            await self._follow(
                "camera",
                Topic.CAMERA_WANTED,
                use.is_wanted,
                changed=use.changed,
                again_s=lambda: CAMERA_AGAIN_S,
            )
        finally:
            use.close()

    async def _follow_bus(self, bus_type: BusType, questions: Sequence[Question]) -> None:
        while questions:
            with suppress(Exception):
                await self._ask_until_gone(bus_type, questions)
            await asyncio.sleep(BUS_AGAIN_S)

    async def _ask_until_gone(self, bus_type: BusType, questions: Sequence[Question]) -> None:
        from dbus_fast.aio import MessageBus

        bus = MessageBus(bus_type=bus_type)
        asks: list[tuple[object, Topic, _Ask]] = [
            (question, question.topic, partial(question.ask, bus)) for question in questions
        ]
        rules = {rule for question in questions for rule in question.signals()}
        if self._asks_gnome and questions is self._session:
            asks.append((GNOME_KEY, Topic.DO_NOT_DISTURB, gnome_is_silent))
            rules.add(GNOME_SIGNAL)
        changed = [asyncio.Event() for _ in asks]
        gone: asyncio.Future[None] | None = None
        tasks: list[asyncio.Task[None]] = []
        try:
            async with asyncio.timeout(LIMIT_S):
                await bus.connect()
            gone = asyncio.ensure_future(bus.wait_for_disconnect())  # type: ignore[no-untyped-call]
            bus.add_message_handler(
                lambda message: _set_all(changed) if is_signal(message) else None
            )
            for rule in sorted(rules):
                await subscribe(bus, rule)
            tasks += [
                asyncio.create_task(self._follow(*asked, changed=event))
                for asked, event in zip(asks, changed, strict=True)
            ]
            await gone
        finally:
            await _cancel(tasks)
            bus.disconnect()
            if gone is not None:  # a connection that was not finished ends without a word
                with suppress(Exception):  # a failing bus must not hide that we were cancelled
                    await gone

    async def _follow(
        self,
        source: object,
        topic: Topic,
        ask: _Ask,
        *,
        changed: asyncio.Event | None = None,
        again_s: Callable[[], float | None] = lambda: None,
    ) -> None:
        """Asks whenever `changed` is set or `again_s` have passed, and soon after a failure."""
        changed = changed or asyncio.Event()
        try:
            while True:
                changed.clear()
                answer, wait_s = None, None
                try:
                    answer = await ask()
                    wait_s = again_s()
                except Exception:  # noqa: BLE001 - whatever the desktop does, the watch goes on
                    wait_s = AGAIN_S
                self._learn(source, topic, answer)
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait_s):
                        await changed.wait()
        finally:
            self._learn(source, topic, None)

    async def _sees_locker(self) -> bool | None:
        # That no known one runs says nothing of others.
        return True if self._find_locker() else None

    def _learn(self, source: object, topic: Topic, answer: bool | None) -> None:  # noqa: FBT001
        if answer is None:
            self._answers.pop(source, None)
        else:
            self._answers[source] = (topic, answer)
        self._state = DesktopState(
            locks_by_itself=any(question in self._answers for question in SCREENSAVERS),
            **{topic.value: self._any(topic) for topic in Topic},
        )

    def _any(self, topic: Topic) -> bool | None:
        answers = [answer for about, answer in self._answers.values() if about is topic]
        return any(answers) if answers else None


async def gnome_is_silent() -> bool:
    """Whether GNOME was asked to show no notifications.

    Raises:
        TimeoutError: its settings did not answer in time.
        LookupError: they do not tell.
    """
    shows = await output_of("gsettings", "get", *GNOME_KEY)
    return {"true": False, "false": True}[(shows or "").strip()]


def _runs_gnome() -> bool:
    return "GNOME" in os.environ.get("XDG_CURRENT_DESKTOP", "").split(":")


def _set_all(events: Sequence[asyncio.Event]) -> None:
    for event in events:
        event.set()


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
