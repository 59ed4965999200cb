"""Putting a watch together: lock, model, source, display, notifications, log, and the loop."""

from __future__ import annotations

import math
import sys
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, Self

from posturecam import __version__
from posturecam.base.clock import LocalZone
from posturecam.base.errors import DataError
from posturecam.base.interrupts import Interrupts
from posturecam.base.local_time import day_bounds_ms, local_time
from posturecam.base.paths import folder_warning
from posturecam.base.steady import SteadyClock
from posturecam.base.suspending import CtrlZ
from posturecam.capture.find import find_source
from posturecam.capture.session import Feed
from posturecam.care.journal import SuppressedByPain
from posturecam.log.connection import open_log, to_ms
from posturecam.log.reader import LogReader
from posturecam.log.recovery import recover, recovery_text, repair
from posturecam.log.retention import forget_old
from posturecam.log.session_dates import ahead_of
from posturecam.log.writer import LogWriter, SessionInfo
from posturecam.outputs.alert_command import AlertCommand
from posturecam.outputs.event_texts import within_limits_text
from posturecam.outputs.keys import Keyboard
from posturecam.outputs.lines import CheckLines
from posturecam.outputs.live_view import make_display
from posturecam.outputs.notify import DesktopNotifier, NoNotifier
from posturecam.outputs.preview import NoPreview, Preview
from posturecam.outputs.terminal import takes_more
from posturecam.outputs.words import desktop_text, is_over, offers_for
from posturecam.pose.landmarker import PoseLandmarker
from posturecam.pose.models import find_model
from posturecam.posture.profiles import fitting_profile, profile_path, rotation_deg, save_profile
from posturecam.system.desktop import open_desktop
from posturecam.system.power import Power
from posturecam.values.commands import Inbox
from posturecam.values.events import Alerted, StaleBaseline
from posturecam.watch.control import STATUS, ControlServer, to_command
from posturecam.watch.controls import Controls
from posturecam.watch.lock import only_watch, refuse_too_few_files
from posturecam.watch.loop import Task, Watch
from posturecam.watch.status import StatusBoard
from posturecam.watch.steering_file import load_in_force, save_in_force

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path
    from typing import TextIO

    from posturecam.base.clock import Clock
    from posturecam.base.paths import AppPaths
    from posturecam.capture.source import FoundSource
    from posturecam.outputs.notify import Notifier
    from posturecam.pose.landmarker import GuardedLandmarker
    from posturecam.pose.models import Model
    from posturecam.posture.baseline import Baseline
    from posturecam.values.events import Event, Record, Tick
    from posturecam.values.settings import Settings
    from posturecam.values.totals import Totals
    from posturecam.watch.loop import Sink
    from posturecam.watch.steering import Requests


READER_LIMIT_S = 2.0
"""A camera waits no longer for who reads what is printed; so short a wait is no gap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the user asked of `watch`.

    Attributes:
        settings: all settings.
        calibrate_s: take the baseline from so many seconds at the beginning, None to use the
            profile in the settings.
        duration_s: stop after so long, None for when the source ends.
        realtime: play a file at its own speed.
        format_name: `rich`, `plain` or `jsonl`.
        preview: show a window with the picture.
    """

    settings: Settings
    calibrate_s: float | None = None
    duration_s: float | None = None
    realtime: bool = False
    format_name: str = "rich"
    preview: bool = False


def run_watch(
    request: Request,
    *,
    paths: AppPaths,
    clock: Clock,
    stream: TextIO,
    find: Callable[..., FoundSource] = find_source,
    open_landmarker: Callable[[Model], GuardedLandmarker] = PoseLandmarker.open,
) -> str:
    """Watches until the source ends, the time is up or somebody ends it; says which.

    Args:
        request: what the user asked for.
        paths: the files.
        clock: times everything.
        stream: where to show it.
        find: the source that the settings name; called as `find_source`.
        open_landmarker: loads the pose model.

    Raises:
        PosturecamError: see `errors`; whatever was seen before is in the log.
    """
    # Outermost: once the work has begun, a second Ctrl-C must not cut short how it ends.
    with Interrupts() as interrupts:
        with ExitStack() as stack:
            watch, feed, display = _put_together(
                stack,
                request,
                interrupts,
                paths=paths,
                clock=clock,
                stream=stream,
                find=find,
                open_landmarker=open_landmarker,
            )
            ended_by = watch.run(feed, interrupts)
        if display.problem is not None:
            raise DataError(
                "The last lines could not be printed.",
                "What was watched is in the log: posturecam review",
            )
        return ended_by


def _put_together(
    stack: ExitStack,
    request: Request,
    interrupts: Interrupts,
    *,
    paths: AppPaths,
    clock: Clock,
    stream: TextIO,
    find: Callable[..., FoundSource],
    open_landmarker: Callable[[Model], GuardedLandmarker],
) -> tuple[Watch, Feed, _Troubled]:
    """The loop, its pictures and its display; the stack closes what belongs to them."""
    settings = request.settings
    clock = SteadyClock(clock)
    refuse_too_few_files()
    profile_path(paths.profiles, settings.profile)  # a bad name is refused, needed or not
    model = find_model(settings.model)
    lock = stack.enter_context(only_watch(paths.lock))
    baseline = None
    if request.calibrate_s is None:
        baseline = fitting_profile(paths.profiles, settings.profile, model)
    settings = settings.fitted(None if baseline is None else baseline.thresholds).with_interval()
    rotate_deg = rotation_deg(settings, baseline)
    if baseline is not None:  # one that replaces it is taken of the same pictures
        baseline = replace(baseline, rotate_deg=rotate_deg)
    found = find(
        settings.source,
        clock=clock,
        realtime=request.realtime,
        certificate=settings.camera_certificate,
    )
    log_notices = _prepare_log(paths.log, settings.keep_days, clock, live=found.live)
    began_at = clock.utc_now()
    # A file is judged the same whatever the desktop says meanwhile.
    live = found.live or request.realtime
    desktop = open_desktop(
        lock=live and settings.release_on_lock,
        do_not_disturb=live and settings.respect_do_not_disturb,
        calls=live and settings.quiet_in_calls,
    )
    stack.callback(desktop.close)
    keeper = _Keeper(paths.steering)
    inbox = Inbox()
    keyboard = Keyboard(inbox, now=clock.utc_now)
    controls = Controls(
        clock,
        settings,
        inbox=inbox,
        desktop=desktop.state,
        journal=SuppressedByPain(paths.log, clock),
        in_force=keeper.load(),
        keep=keeper.keep,
    )
    board = StatusBoard(settings, live=found.live)
    channel = stack.enter_context(_Channel(paths.control, inbox, board, controls, clock))
    feed = stack.enter_context(
        Feed(
            found,
            clock=clock,
            rest_reason=controls.rest_reason,
            give_up_after_s=settings.camera_give_up_s,
            suspension=CtrlZ(),
            rotate_deg=rotate_deg,
        )
    )
    # Before the source: what a video may take is measured on top of the model.
    landmarker = stack.enter_context(open_landmarker(model))
    feed.open_first(lambda: interrupts.requested)
    session = SessionInfo(
        started_at=began_at,
        source=found.name,
        profile=settings.profile,
        view=None if baseline is None else baseline.view,
        model_sha256=model.sha256,
        program_version=__version__,
        boot_id=clock.boot_id() if found.live else None,
        origin_s=clock.monotonic_s() - feed.age_s(0.0),
    )
    log = channel.log = stack.enter_context(
        LogWriter.open(
            paths.log,
            session,
            repair=lambda: recovery_text(recover(paths.log, at=clock.utc_now())),
            hold=lock.hold,
            not_after=None if found.live else clock.utc_now,
        )
    )
    notifiers, troubled = _notifiers(stack, settings, inbox, clock)
    preview = Preview(settings, keyboard) if request.preview else NoPreview()
    if request.preview:  # who looks at the picture wants it to move
        settings = replace(settings, adaptive=False)
    stack.callback(preview.close)
    display = make_display(
        request.format_name,
        settings=settings,
        clock=clock,
        stream=stream,
        keyboard=keyboard,
        earlier=_earlier_that_day(paths.log, began_at),
        patience_s=READER_LIMIT_S if found.live else None,
    )
    stack.callback(display.close)
    for notice in (*log_notices, folder_warning(paths.data)):
        if notice is not None:
            display.warn(notice)

    def keep_baseline(taken: Baseline) -> None:
        # A baseline from the beginning of the source was for this watch only; so is its successor.
        if request.calibrate_s is None:
            save_profile(paths.profiles, taken)

    watch = Watch(
        Task(
            settings=settings,
            model_sha256=model.sha256,
            baseline=baseline,
            calibrate_s=request.calibrate_s or 0.0,
            duration_s=request.duration_s,
            guarded=landmarker.guard.active,
        ),
        landmarker=landmarker,
        # The log comes first: whatever happens to the others, it has everything.
        sinks=(
            log,
            *notifiers,
            keyboard,
            preview,
            display,
            board,
            _Troubles((log, *troubled, keeper, channel, preview, display), display.warn),
        ),
        began_at=began_at,
        controls=controls,
        keep_baseline=keep_baseline,
        look=preview.look,
        on_battery=Power(clock).on_battery,
    )
    return watch, feed, display


def _notifiers(
    stack: ExitStack, settings: Settings, inbox: Inbox, clock: Clock
) -> tuple[list[Sink], list[_Troubled]]:
    """What alerts the sitter beside the display, and those of them that may fail."""
    notifier: Notifier = (
        DesktopNotifier(inbox, clock, sound=settings.sound) if settings.notify else NoNotifier()
    )
    stack.callback(notifier.close)
    notifiers: list[Sink] = [_AlertsTo(notifier)]
    troubled: list[_Troubled] = [notifier]
    if settings.on_alert:
        command = AlertCommand(settings.on_alert)
        stack.callback(command.close)
        notifiers.append(command)
        troubled.append(command)
    if settings.bell and sys.stderr.isatty():
        notifiers.append(_Bell(sys.stderr))
    return notifiers, troubled


class _Channel:
    """Answers other terminals; without it, which `problem` says, the watch goes on all the same."""

    def __init__(
        self, address: Path, inbox: Inbox, board: StatusBoard, controls: Controls, clock: Clock
    ) -> None:
        self.problem: str | None = None
        self.log: LogWriter | None = None
        self._inbox = inbox
        self._board = board
        self._controls = controls
        self._clock = clock
        self._server: ControlServer | None = None
        try:
            self._server = ControlServer(address, self._answer, clock=clock)
        except DataError as error:
            self.problem = error.what

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()

    def _answer(self, request: Record) -> Record:
        if request.get("do") != STATUS:
            self._inbox.put(to_command(request))
            return {}
        record = self._board.record(
            in_force=self._controls.in_force,
            turned_s_ago=self._clock.monotonic_s() - self._controls.turned_s,
        )
        return {"status": record | {"log_problem": self.log and self.log.problem}}


class _Keeper:
    """Pauses and snoozes on disk; `problem` says what is wrong with the file."""

    def __init__(self, path: Path) -> None:
        self.problem: str | None = None
        self._path = path

    def load(self) -> Requests:
        in_force, self.problem = load_in_force(self._path)
        return in_force

    def keep(self, in_force: Requests) -> None:
        self.problem = None
        try:
            save_in_force(self._path, in_force)
        except DataError as error:
            self.problem = f"a restart will not know of this pause or snooze: {error.what}"


def _prepare_log(log_file: Path, keep_days: int | None, clock: Clock, *, live: bool) -> list[str]:
    """Recovers the log if it is damaged, and forgets what is older than `keep_days`; says so.

    Says also what a live watch should know: that the log holds what has not been yet.

    Raises:
        DataError: neither is possible.
    """
    now = clock.utc_now()
    recovered = repair(log_file, at=now)
    notices = [] if recovered is None else [recovery_text(recovered)]
    if log_file.exists():
        with open_log(log_file, at=now) as connection:
            forgotten = keep_days and forget_old(connection, to_ms(now), keep_days)
            ahead, last_ms = ahead_of(connection, to_ms(now), clock.boot_id())
        notices += [forgotten] if forgotten else []
        if live and ahead:
            last = local_time(last_ms, LocalZone())
            notices.append(
                f"sessions in the log that end after now, up to {last:%Y-%m-%d %H:%M}: {ahead}. "
                "Check this computer's date; if it is right, they give way to what is watched"
            )
    return notices


def _earlier_that_day(log_file: Path, at: datetime) -> Totals:
    """How the day was spent before this watch.

    Raises:
        DataError: the log is damaged.
    """
    zone = LocalZone()
    day = at.astimezone(zone).date()
    with LogReader.open(log_file) as log:
        (totals,) = log.totals(day_bounds_ms(day, zone))
    return totals


def run_check(
    settings: Settings, *, seconds_s: float | None, paths: AppPaths, clock: Clock, stream: TextIO
) -> str:
    """Shows how far each deviation is from its limit; says what ended it.

    Nothing is stored and nobody is alerted. It goes on for `seconds_s`, or to the end.

    Raises:
        PosturecamError: see `errors`.
    """
    model = find_model(settings.model)
    baseline = fitting_profile(paths.profiles, settings.profile, model)
    settings = settings.fitted(baseline.thresholds)
    silent = replace(
        settings.policy,
        slouch_after_s=math.inf,
        unchanged_after_s=math.inf,
        break_after_s=math.inf,
    )
    found = find_source(settings.source, clock=clock, certificate=settings.camera_certificate)
    with (
        Interrupts() as interrupts,
        Feed(
            found,
            clock=clock,
            give_up_after_s=settings.camera_give_up_s,
            suspension=CtrlZ(),
            rotate_deg=rotation_deg(settings, baseline),
        ) as feed,
        PoseLandmarker.open(model) as landmarker,
    ):
        feed.open_first(lambda: interrupts.requested)
        on_terminal = stream.isatty()
        display = (
            make_display("rich", settings=settings, clock=clock, stream=stream)
            if on_terminal
            else CheckLines(stream, settings)
        )
        task = Task(
            settings=replace(settings, policy=silent),
            model_sha256=model.sha256,
            baseline=baseline,
            duration_s=seconds_s,
            guarded=landmarker.guard.active,
        )
        sinks = (display, _Troubles((display,), display.warn))
        watch = Watch(task, landmarker=landmarker, sinks=sinks, began_at=clock.utc_now())
        try:
            ended_by = watch.run(feed, interrupts)
        finally:
            display.close()
    print(within_limits_text(watch.totals), file=stream, flush=True)
    return ended_by


class _AlertsTo:
    """Passes alerts, and what is said about the baseline, on to the desktop while they hold."""

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier
        self._said: Event | None = None

    def handle(self, tick: Tick) -> None:
        for event in tick.events:
            if (text := desktop_text(event)) is not None:
                self._notifier.send(*text, offers_for(event))
                self._said = event
            elif self._said is not None and is_over(self._said, event):
                self._notifier.clear()
                self._said = None


class _Bell:
    """Rings the terminal with what the desktop shows."""

    def __init__(self, terminal: TextIO) -> None:
        self._terminal = terminal

    def handle(self, tick: Tick) -> None:
        if any(isinstance(event, Alerted | StaleBaseline) for event in tick.events):
            with suppress(OSError):  # the terminal is gone
                if takes_more(self._terminal):
                    print("\a", end="", file=self._terminal, flush=True)


class _Troubled(Protocol):
    @property
    def problem(self) -> str | None: ...


class _Troubles:
    """Says once what goes wrong with a sink, and again only if it was well in between."""

    def __init__(self, troubled: Sequence[_Troubled], warn: Callable[[str], None]) -> None:
        self._troubled = troubled
        self._said = [False] * len(troubled)
        self._warn = warn

    def handle(self, _tick: Tick) -> None:
        for index, troubled in enumerate(self._troubled):
            problem = troubled.problem
            if problem is not None and not self._said[index]:
                self._warn(problem)
            self._said[index] = problem is not None
