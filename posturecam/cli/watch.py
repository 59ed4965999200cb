"""The words of a watch."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posturecam.base.clock import SystemClock
from posturecam.base.errors import AlreadyRunningError, BaselineError, PosturecamError
from posturecam.base.language import _
from posturecam.cli.common import (
    DURATION,
    INTERRUPTED,
    ModelOption,
    ProfileOption,
    SensitivityOption,
    SourceOption,
    option,
    paths,
    settings_with,
    switch,
)
from posturecam.cli.panels import HOW, RARE, SOURCE, START, WHEN, PanelledCommand
from posturecam.cli.way_in import offer_baseline, settings_to_watch, with_the_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posturecam.commands.borrowing import Given
    from posturecam.commands.watch import Request
    from posturecam.values.settings import QuietHours

commands = typer.Typer()


def _quiet_hours(text: str) -> QuietHours:
    from posturecam.alerts.suppression import parse_quiet_hours

    return parse_quiet_hours(text)


class WatchFormat(StrEnum):
    """How `watch` reports."""

    RICH = "rich"
    PLAIN = "plain"
    JSONL = "jsonl"


CalibrateOption = Annotated[
    Any,
    typer.Option(
        help=_("Take the baseline from the beginning of the source."),
        rich_help_panel=SOURCE,
        **DURATION,
    ),
]
FormatOption = Annotated[
    WatchFormat,
    typer.Option("--format", help=_("Live view, lines, or JSON lines."), rich_help_panel=HOW),
]
QuietHoursOption = Annotated[
    list[Any] | None,
    option("quiet_hours", panel=WHEN, parser=_quiet_hours, metavar="HH:MM-HH:MM"),
]
PreviewOption = Annotated[
    bool,
    typer.Option(
        "--preview",
        help=_("Show a window with the picture and the baseline."),
        rich_help_panel=SOURCE,
    ),
]
LengthOption = Annotated[
    Any, typer.Option(help=_("Stop after so long."), rich_help_panel=RARE, **DURATION)
]
RealtimeOption = Annotated[
    bool,
    typer.Option("--realtime", help=_("Play a file at its own speed."), rich_help_panel=RARE),
]


@commands.command(
    cls=PanelledCommand,
    rich_help_panel=START,
    epilog="Example: posturecam watch --source talk.mp4 --calibrate 10s --format jsonl",
)
def watch(
    context: typer.Context,
    source: SourceOption = None,
    profile: ProfileOption = None,
    model: ModelOption = None,
    calibrate: CalibrateOption = None,
    format_name: FormatOption = WatchFormat.RICH,
    slouch_after: Annotated[Any, option("slouch_after_s", panel=WHEN)] = None,
    unchanged_after: Annotated[Any, option("unchanged_after_s", panel=WHEN)] = None,
    break_after: Annotated[Any, option("break_after_s", panel=WHEN)] = None,
    away_after: Annotated[Any, option("away_after_s", panel=WHEN)] = None,
    cooldown: Annotated[Any, option("cooldown_s", panel=WHEN)] = None,
    sensitivity: SensitivityOption = None,
    notify: Annotated[bool | None, switch("notify", HOW)] = None,
    sound: Annotated[bool | None, switch("sound", HOW)] = None,
    bell: Annotated[bool | None, switch("bell", HOW)] = None,
    on_alert: Annotated[str | None, option("on_alert", panel=HOW, metavar="COMMAND")] = None,
    quiet_hours: QuietHoursOption = None,
    quiet_in_calls: Annotated[bool | None, switch("quiet_in_calls", WHEN)] = None,
    give_up_after: Annotated[Any, option("camera_give_up_s", panel=RARE)] = None,
    preview: PreviewOption = False,
    duration: LengthOption = None,
    interval: Annotated[Any, option("interval_s", panel=RARE)] = None,
    realtime: RealtimeOption = False,
) -> None:
    """Watch, alert and log until you press Ctrl-C or the source ends.

    Where a watch runs already, a terminal shows that one: see attach.
    """
    from posturecam.commands.watch import Request
    from posturecam.outputs.alert_command import split_command

    given = {"source": source, "profile": profile, "model": model}
    with _said_on_desktop(notify=notify is not False):  # what the file wants cannot be read then
        settings = settings_with(
            **given,
            notify=notify,
            sound=sound,
            bell=bell,
            on_alert=None if on_alert is None else split_command(on_alert),
            sensitivity=sensitivity,
            quiet_hours=tuple(quiet_hours) if quiet_hours else None,
            quiet_in_calls=quiet_in_calls,
            camera_give_up_s=give_up_after,
            interval_s=interval,
            slouch_after_s=slouch_after,
            unchanged_after_s=unchanged_after,
            break_after_s=break_after,
            cooldown_s=cooldown,
            away_after_s=away_after,
        )
    if calibrate is None:
        with _said_on_desktop(notify=settings.notify):
            settings = settings_to_watch(settings, given)
        offer_baseline(settings, given)
    request = Request(
        settings=settings,
        calibrate_s=calibrate,
        duration_s=duration,
        realtime=realtime,
        format_name=format_name,
        preview=preview,
    )
    _run_or_attach(request, given, context)


def _run_or_attach(request: Request, given: Given, context: typer.Context) -> None:
    """Watches; shows the watch that runs already where nothing else was asked for."""
    try:
        _run(request)
    except BaselineError as error:
        if request.calibrate_s is not None:
            raise
        raise with_the_source(error, request.settings, given) from error
    except AlreadyRunningError:
        if _says_more_than_its_name(context) or not sys.stdout.isatty():
            raise  # a watch of something else was asked for, or a program reads
        from posturecam.commands.attach import attach

        attach(paths(), clock=SystemClock(), stream=sys.stdout)


def _run(request: Request) -> None:
    """Watches; what ends it is said on the desktop, too.

    Raises:
        Exit: it was interrupted.
    """
    from posturecam.commands.watch import run_watch
    from posturecam.values.events import EndedBy

    with _said_on_desktop(notify=request.settings.notify):
        ended_by = run_watch(request, paths=paths(), clock=SystemClock(), stream=sys.stdout)
    if ended_by is EndedBy.INTERRUPTED:
        raise typer.Exit(INTERRUPTED)


@contextmanager
def _said_on_desktop(*, notify: bool) -> Iterator[None]:
    """Says what goes wrong in the block on the desktop, too, where nobody looks at a terminal."""
    try:
        yield
    except PosturecamError as error:
        from posturecam.commands.unattended import nobody_looks, say_on_desktop

        if notify and nobody_looks():
            say_on_desktop(error, paths().said, SystemClock())
        raise


def _says_more_than_its_name(context: typer.Context) -> bool:
    sources = map(context.get_parameter_source, context.params)
    return any(source is not None and source.name == "COMMANDLINE" for source in sources)
