"""Putting a watch together: lock, model, source, display, notifications, log, and the loop."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from posturecam import __version__
from posturecam.base.clock import Clock, LocalZone
from posturecam.base.errors import DataError
from posturecam.base.interrupts import Interrupts
from posturecam.base.language import Sentence, _
from posturecam.base.local_time import day_bounds_ms, local_time
from posturecam.base.memory import share_one_heap
from posturecam.base.paths import AppPaths, folder_warning
from posturecam.base.steady_clock import SteadyClock
from posturecam.base.suspending import CtrlZ
from posturecam.capture.devices import CameraDevices, camera_node
from posturecam.capture.find import find_source
from posturecam.capture.session import Feed
from posturecam.care.journal import SuppressedByPain
from posturecam.commands.unattended import forget_said
from posturecam.commands.weekly import WeeklyMessage, weekly_message
from posturecam.log.connection import open_log, to_ms
from posturecam.log.reader import LogReader
from posturecam.log.recovery import recover, recovery_text, repair
from posturecam.log.retention import forget_old
from posturecam.log.session_dates import ahead_of
from posturecam.log.writer import LogWriter, SessionInfo
from posturecam.outputs.alert_command import AlertCommand
from posturecam.outputs.bell import Bell
from posturecam.outputs.keys import Keyboard
from posturecam.outputs.live_view import Display, LiveDisplay, make_display
from posturecam.outputs.notices import Offer, log_trouble_text
from posturecam.outputs.notify import AlertsTo, DesktopNotifier, Notifier
from posturecam.outputs.preview import NoPreview, Preview
from posturecam.outputs.status import StatusBoard
from posturecam.outputs.troubles import Troubles
from posturecam.pose.landmarker import GuardedLandmarker, PoseLandmarker
from posturecam.pose.models import Model, find_model
from posturecam.posture.profiles import ProfileFiles, profile_path
from posturecam.system.desktop import open_desktop
from posturecam.system.power import Power
from posturecam.values.commands import Inbox
from posturecam.watch.broadcast import Beginning
from posturecam.watch.channel import Channel
from posturecam.watch.controls import Controls
from posturecam.watch.lending import Lending, Loan
from posturecam.watch.lock import only_watch, refuse_too_few_files
from posturecam.watch.loop import Watch
from posturecam.watch.pace import Pace
from posturecam.watch.request_file import RequestFile
from posturecam.watch.task import Sink, Task
from posturecam.watch.teaching import ForThisWatch, Profile

if TYPE_CHECKING:
    from posturecam.base.folder_lock import FolderLock
    from posturecam.capture.source import FoundSource
    from posturecam.posture.baseline import Baseline
    from posturecam.values.events import EndedBy
    from posturecam.values.settings import Settings
    from posturecam.values.totals import Totals


READER_LIMIT_S = 2.0
"""A camera waits no longer for who reads what is printed; so short a wait is no gap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the user asked of `watch`.

    Attributes:
        calibrate_s: take the baseline from so many seconds at the beginning, None to use the
            profile in the settings.
        duration_s: stop after so long, None for when the source ends.
        format_name: `rich`, `plain` or `jsonl`.
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
) -> EndedBy:
    """Watches until the source ends, the time is up or somebody ends it; says which.

    Raises:
        PosturecamError: see `errors`; whatever was seen before is in the log.
    """
    clock = SteadyClock(clock)
    # Outermost: once the work has begun, a second Ctrl-C must not cut short how it ends.
    with Interrupts() as interrupts:
        with ExitStack() as stack:
            refuse_too_few_files()
            share_one_heap()
            # A bad name is refused, needed or not.
            profile_path(paths.profiles, request.settings.profile)
            model = find_model(request.settings.model)
            lock = stack.enter_context(only_watch(paths.lock))
            basis = _find_basis(request, model, paths, clock, find)
            notices = _prepare_log(basis)
            began_at = clock.utc_now()
            live = basis.found.live and request.settings.notify
            week = (
                weekly_message(paths.log, paths.week_said, LocalZone(), began_at) if live else None
            )
            inputs = _open_inputs(basis, stack)
            feed = stack.enter_context(_feed(basis, inputs))
            # Before the source: what a video may take is measured on top of the model.
            landmarker = stack.enter_context(open_landmarker(model))
            feed.open_first(lambda: interrupts.requested)
            forget_said(paths.said)
            log = stack.enter_context(_open_log(basis, feed, began_at, lock))
            inputs.channel.log_problem = lambda: log.problem
            outputs = _open_outputs(
                basis, inputs, log, began_at=began_at, stream=stream, stack=stack, week=week
            )
            for notice in (*notices, folder_warning(paths.data)):
                if notice is not None:
                    outputs.display.warn(notice)
            task = basis.task(began_at, guarded=landmarker.guard.active)
            watch = _put_together(task, basis, inputs, outputs, landmarker)
            ended_by = watch.run(feed, interrupts)
        if outputs.display.problem is not None:
            raise DataError(
                Sentence("The last lines could not be printed."),
                Sentence("What was watched is in the log: posturecam review"),
            )
        return ended_by


def _put_together(
    task: Task,
    basis: _Basis,
    inputs: _Inputs,
    outputs: _Outputs,
    landmarker: GuardedLandmarker,
) -> Watch:
    pace = Pace(
        task.settings,
        on_battery=Power(basis.clock).on_battery,
        followed=inputs.channel.is_followed,
    )
    return Watch(
        task,
        landmarker=landmarker,
        sinks=outputs.sinks,
        controls=inputs.controls,
        profile=basis.profile,
        look=outputs.preview.look,
        pace=pace,
        onlooker=outputs.display if isinstance(outputs.display, LiveDisplay) else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Basis:
    """What a watch goes by, found before anything is opened for it.

    The settings are those in force, with the thresholds of the baseline of the profile; that is
    None where one is taken at the beginning of the source.
    """

    request: Request
    settings: Settings
    model: Model
    baseline: Baseline | None
    standing: Baseline | None
    rotate_deg: int
    found: FoundSource
    paths: AppPaths
    clock: Clock

    def task(self, began_at: datetime, *, guarded: bool) -> Task:
        """What the loop is to do."""
        return Task(
            settings=self.settings,
            model_sha256=self.model.landmarks_sha256,
            began_at=began_at,
            baseline=self.baseline,
            standing=self.standing,
            calibrate_s=self.request.calibrate_s or 0.0,
            duration_s=self.request.duration_s,
            guarded=guarded,
        )

    @property
    def profile(self) -> Profile:
        """Where a new baseline is kept, and what it is taught."""
        return _profile(self.request, self.model, self.paths)

    @property
    def loan(self) -> Loan:
        """What another program must know that takes a baseline for this watch."""
        settings = self.settings
        return Loan(
            source=settings.source if self.found.live else None,
            model=settings.model,
            profile=None if self.request.calibrate_s is not None else settings.profile,
        )


def _profile(request: Request, model: Model, paths: AppPaths) -> ProfileFiles | ForThisWatch:
    """That of the watch; a baseline from the beginning of the source is for this watch only."""
    if request.calibrate_s is not None:
        return ForThisWatch()
    return ProfileFiles(paths.profiles, request.settings, model)


def _find_basis(
    request: Request,
    model: Model,
    paths: AppPaths,
    clock: Clock,
    find: Callable[..., FoundSource],
) -> _Basis:
    settings = request.settings.fitted().with_interval()
    found = find(
        settings.source,
        clock=clock,
        realtime=request.realtime,
        certificate=settings.camera_certificate,
    )
    kept = _profile(request, model, paths).load()
    if kept is not None:
        settings = settings.limited(kept.limits.values_deg())
    if request.preview:  # who looks at the picture wants it to move
        settings = replace(settings, adaptive=False)
    return _Basis(
        request=request,
        settings=settings,
        model=model,
        baseline=None if kept is None else kept.sitting,
        standing=None if kept is None else kept.standing,
        rotate_deg=(settings.rotate or 0) if kept is None else kept.sitting.rotate_deg,
        found=found,
        paths=paths,
        clock=clock,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inputs:
    """All by which somebody, or the desktop, controls a watch."""

    inbox: Inbox
    keyboard: Keyboard
    file: RequestFile
    controls: Controls
    board: StatusBoard
    lending: Lending
    channel: Channel


def _open_inputs(basis: _Basis, stack: ExitStack) -> _Inputs:
    settings, paths, clock = basis.settings, basis.paths, basis.clock
    # A file is judged the same whatever the desktop says meanwhile.
    live = basis.found.live or basis.request.realtime
    node = camera_node(settings.source, CameraDevices())
    desktop = open_desktop(
        lock=live and settings.release_on_lock,
        do_not_disturb=live and settings.respect_do_not_disturb,
        full_screen=live and settings.quiet_in_full_screen,
        calls=live and (settings.quiet_in_calls or settings.release_in_calls),
        camera=node if live and settings.release_in_calls else None,
    )
    stack.callback(desktop.close)
    file = RequestFile(paths.requests)
    inbox = Inbox()
    lending = Lending(basis.loan, clock=clock, inbox=inbox)
    controls = Controls(
        clock,
        settings,
        inbox=inbox,
        desktop=lambda: lending.without_borrower(desktop.state()),
        journal=SuppressedByPain(paths.log, clock),
        in_force=file.load(),
        keep=file.keep,
    )
    board = StatusBoard(settings, live=basis.found.live)
    return _Inputs(
        inbox=inbox,
        keyboard=Keyboard(inbox, clock=clock),
        file=file,
        controls=controls,
        board=board,
        lending=lending,
        channel=stack.enter_context(
            Channel(
                paths.control,
                inbox=inbox,
                board=board,
                controls=controls,
                clock=clock,
                beginning=Beginning.of(settings, live=basis.found.live),
                lending=lending,
            )
        ),
    )


def _feed(basis: _Basis, inputs: _Inputs) -> Feed:
    lending, controls = inputs.lending, inputs.controls
    feed = Feed(
        basis.found,
        clock=basis.clock,
        rest_reason=lambda: lending.rest_reason() or controls.rest_reason(),
        give_up_after_s=basis.settings.camera_give_up_s,
        suspension=CtrlZ(),
        rotate_deg=basis.rotate_deg,
    )
    lending.is_free = lambda: feed.at_rest
    return feed


def _open_log(basis: _Basis, feed: Feed, began_at: datetime, lock: FolderLock) -> LogWriter:
    clock, live = basis.clock, basis.found.live
    log_file = basis.paths.log
    session = SessionInfo(
        started_at=began_at,
        source=basis.found.name,
        profile=basis.settings.profile,
        view=None if basis.baseline is None else basis.baseline.view,
        model_sha256=basis.model.landmarks_sha256,
        program_version=__version__,
        boot_id=clock.boot_id() if live else None,
        origin_s=clock.monotonic_s() - feed.age_s(0.0),
    )
    return LogWriter.open(
        log_file,
        session,
        repair=lambda: recovery_text(recover(log_file, at=clock.utc_now())),
        hold=lock.hold,
        not_after=None if live else clock.utc_now,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outputs:
    """Where each turn of the loop goes."""

    sinks: tuple[Sink, ...]
    preview: Preview | NoPreview
    display: Display


def _open_outputs(
    basis: _Basis,
    inputs: _Inputs,
    log: LogWriter,
    *,
    began_at: datetime,
    stream: TextIO,
    stack: ExitStack,
    week: WeeklyMessage | None,
) -> _Outputs:
    settings, keyboard = basis.settings, inputs.keyboard
    notifier = _open_notifier(settings, inputs.inbox, basis.clock, week)
    stack.callback(notifier.close)
    commands = [AlertCommand(settings.on_alert)] if settings.on_alert else []
    for command in commands:
        stack.callback(command.close)
    bells = [Bell(sys.stderr)] if settings.bell and sys.stderr.isatty() else []
    preview = Preview(settings, keyboard) if basis.request.preview else NoPreview()
    stack.callback(preview.close)
    earlier = _earlier_that_day(basis.paths.log, began_at)
    inputs.channel.set_earlier_today(earlier, began_at)
    display = make_display(
        basis.request.format_name,
        settings=settings,
        clock=basis.clock,
        stream=stream,
        keyboard=keyboard,
        earlier=earlier,
        began_at=began_at,
        patience_s=READER_LIMIT_S if basis.found.live else None,
    )
    stack.callback(display.close)
    troubled = (log, notifier, *commands, inputs.file, inputs.channel, preview, display)
    # The log comes first: whatever happens to the others, it has everything.
    sinks = (
        log,
        AlertsTo(notifier),
        *commands,
        *bells,
        keyboard,
        preview,
        display,
        inputs.board,
        inputs.channel,
        Troubles(troubled, display.warn),
        # Nobody reads the terminal of a watch that starts at the login.
        Troubles((log,), lambda problem: notifier.leave(*log_trouble_text(problem))),
    )
    return _Outputs(sinks=sinks, preview=preview, display=display)


def _open_notifier(
    settings: Settings, inbox: Inbox, clock: Clock, week: WeeklyMessage | None
) -> Notifier:
    """The desktop, which is told at once of the week before where there is something to say."""
    if not settings.notify:
        return Notifier()
    if week is None:
        return DesktopNotifier(inbox, clock, sound=settings.sound)
    notifier = DesktopNotifier(inbox, clock, sound=settings.sound, open_week=week.open_week)
    notifier.leave(week.title, week.text, (Offer.WEEK,), when_shown=week.keep_said)
    return notifier


def _prepare_log(basis: _Basis) -> list[str]:
    """Recovers the log if it is damaged, and forgets what is older than its setting; says so.

    Says also what a live watch should know: that the log holds what has not been yet.

    Raises:
        DataError: neither is possible.
    """
    log_file, keep_days, clock = basis.paths.log, basis.settings.keep_days, basis.clock
    now = clock.utc_now()
    recovered = repair(log_file, at=now)
    notices: list[str] = [] if recovered is None else [recovery_text(recovered)]
    if log_file.exists():
        with open_log(log_file, at=now) as connection:
            forgotten = keep_days and forget_old(connection, to_ms(now), keep_days)
            ahead, last_ms = ahead_of(connection, to_ms(now), clock.boot_id())
        notices += [forgotten] if forgotten else []
        if basis.found.live and ahead:
            last = local_time(last_ms, LocalZone())
            text = _(
                "sessions in the log that end after now, up to {last}: {number}. Check this "
                "computer's date; if it is right, they give way to what is watched"
            )
            notices.append(text.format(last=f"{last:%Y-%m-%d %H:%M}", number=ahead))
    return notices


def _earlier_that_day(log_file: Path, at: datetime) -> Totals:
    """How the day was spent before this watch. Raises `DataError`."""
    zone = LocalZone()
    day = at.astimezone(zone).date()
    with LogReader.open(log_file) as log:
        (totals,) = log.totals(day_bounds_ms(day, zone))
    return totals
