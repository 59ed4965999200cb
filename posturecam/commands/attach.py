"""Following a running watch from another terminal: its live view, and its status as it changes."""

from __future__ import annotations

import threading
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TextIO

from posturecam.base.durations import format_duration
from posturecam.base.errors import DataError, NotRunningError, UsageError
from posturecam.base.interrupts import Interrupts
from posturecam.base.language import Sentence, _
from posturecam.outputs.keys import Keyboard
from posturecam.outputs.live_view import LiveDisplay, make_display
from posturecam.outputs.status import STUCK_AFTER_S
from posturecam.outputs.terminal import say
from posturecam.values.commands import Command, Inbox
from posturecam.watch.client import ask, following
from posturecam.watch.protocol import command_request

if TYPE_CHECKING:
    from posturecam.base.clock import Clock
    from posturecam.base.paths import AppPaths
    from posturecam.values.events import Tick
    from posturecam.values.totals import Totals
    from posturecam.watch.broadcast import Beginning, Update

LOOK_FOR_ONE_EVERY_S = 2.0
"""Who follows, and finds no watch, looks for one so often."""


class Follower(Protocol):
    """Hears what a watch says, and when there is none."""

    def begin(self, beginning: Beginning) -> None:
        """A watch is followed from now on."""

    def hear(self, update: Update) -> None:
        """Takes a line of its story."""

    def lose(self) -> None:
        """No watch is running."""


def follow(paths: AppPaths, *, clock: Clock, follower: Follower, interrupts: Interrupts) -> None:
    """Has `follower` hear this watch and the next ones, until an interrupt.

    Raises:
        DataError: what is there does not speak as a watch does.
        OutputClosedError: nobody reads any more.
    """
    while not interrupts.requested:
        with suppress(NotRunningError), following(paths.control, clock) as followed:
            follower.begin(followed.beginning)
            for update in followed.updates():
                if interrupts.requested:
                    return
                if update is not None:
                    follower.hear(update)
        if not interrupts.requested:
            follower.lose()
            for _pause in interrupts.iterate(iter(range(1))):
                clock.wait_s(LOOK_FOR_ONE_EVERY_S)


def attach(paths: AppPaths, *, clock: Clock, stream: TextIO) -> None:
    """Shows the running watch as its own terminal would, until it ends or somebody leaves.

    Raises:
        NotRunningError: none runs.
        UsageError: `stream` is no terminal that can be drawn on.
        DataError: what is there does not speak as a watch does.
    """
    inbox = _FarInbox(paths.control)
    with Interrupts() as interrupts, ExitStack() as stack:
        followed = stack.enter_context(following(paths.control, clock))
        keyboard = Keyboard(inbox, clock=clock, leave=inbox.leave)
        display = make_display(
            "rich",
            settings=followed.beginning.settings(),
            clock=clock,
            stream=stream,
            keyboard=keyboard,
        )
        stack.callback(display.close)
        if not isinstance(display, LiveDisplay):
            raise UsageError(
                Sentence("This is no terminal that a watch can be shown on."),
                Sentence("Follow it line by line with: posturecam status --follow"),
            )
        view = _View(display, keyboard)
        for update in interrupts.iterate(followed.updates()):
            if inbox.left:
                break
            view.show(update, today=followed.beginning.today)
        ended = not (inbox.left or interrupts.requested)
    if ended:
        say(stream, [_("The watch has ended.")])
    else:
        again = _("Show it again: posturecam attach. End it: posturecam stop")
        say(stream, [_("The watch goes on."), again])


class _View:
    """The live view of a watch that runs elsewhere."""

    def __init__(self, display: LiveDisplay, keyboard: Keyboard) -> None:
        self._display = display
        self._keyboard = keyboard
        self._newest: Tick | None = None
        self._began = False
        self._stuck = False

    def show(self, update: Update | None, *, today: Totals | None) -> None:
        """Takes what was told; nothing for a while, and what keys have changed is shown."""
        if update is not None and update.turn is not None:
            self._newest = update.turn
            self._keyboard.handle(update.turn)
            if update.past:
                self._display.catch_up(update.turn)
                return
            if not self._began:
                self._began = True
                self._display.begin(today, update.turn.totals)
        elif self._newest is not None:
            self._newest = replace(self._newest, events=())
        self._warn_of_a_stop(update)
        if self._newest is not None:
            self._display.handle(self._newest)

    def _warn_of_a_stop(self, update: Update | None) -> None:
        if update is None:
            return
        stuck = update.turned_s_ago > STUCK_AFTER_S
        if stuck and not self._stuck:
            stood_for = format_duration(update.turned_s_ago)
            self._display.warn(
                _("the watch has not moved on for {stood_for}").format(stood_for=stood_for)
            )
        self._stuck = stuck


class _FarInbox(Inbox):
    """Takes commands to a watch that runs elsewhere; the thread of the keys waits for it."""

    def __init__(self, address: Path) -> None:
        super().__init__()
        self._address = address
        self._left = threading.Event()

    @property
    def left(self) -> bool:
        """Somebody wants to leave."""
        return self._left.is_set()

    def leave(self) -> None:
        """Leaves the watch to itself."""
        self._left.set()

    def put(self, command: Command) -> None:
        """Asks the watch for it; one that has just ended is no longer there to ask."""
        with suppress(DataError, NotRunningError):
            ask(self._address, command_request(command))
