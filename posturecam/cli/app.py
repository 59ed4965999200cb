"""The command line: words in, calls out. Nothing is decided here, and nothing heavy is imported."""

from __future__ import annotations

import os
import sys
import textwrap
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from posturecam import __version__
from posturecam.alerts.suppression import parse_quiet_hours
from posturecam.base.addresses import without_secrets
from posturecam.base.clock import LocalZone, SystemClock
from posturecam.base.errors import (
    AlreadyRunningError,
    OutputClosedError,
    UsageError,
)
from posturecam.base.local_time import is_day, parse_day
from posturecam.cli import calibrate, care, steering, upkeep
from posturecam.cli.common import (
    DURATION,
    INTERRUPTED,
    ModelOption,
    ProfileOption,
    SensitivityOption,
    SourceOption,
    columns,
    option,
    paths,
    policy_in_force,
    say,
    settings_with,
    switch,
    utc_now,
)
from posturecam.cli.failures import complain, explain
from posturecam.cli.panels import (
    HOW,
    LOOK_BACK,
    RARE,
    SOURCE,
    START,
    UPKEEP,
    WHEN,
    Overview,
    PanelledCommand,
)
from posturecam.cli.way_in import offer_baseline, offer_next_step
from posturecam.outputs.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from posturecam.commands.review_pages import ReviewPages
    from posturecam.review.day import DayReview
    from posturecam.review.usual import SpanReview


_WrongWords: type[Any] = typer.BadParameter.__mro__[2]
"""What typer raises for any wrong use of the command line; it has no public name for it."""

app = typer.Typer(
    name="posturecam",
    cls=Overview,
    help="Watches how you sit, by webcam, and says when a posture has lasted too long."
    " Pictures never leave memory, and nothing leaves this machine.",
    epilog="Start with: posturecam demo",
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class WatchFormat(StrEnum):
    """How `watch` reports."""

    RICH = "rich"
    PLAIN = "plain"
    JSONL = "jsonl"


class ReviewFormat(StrEnum):
    """How `review` reports."""

    RICH = "rich"
    PLAIN = "plain"
    JSON = "json"
    CSV = "csv"


class AnalyzeFormat(StrEnum):
    """How `analyze` reports."""

    TABLE = "table"
    JSONL = "jsonl"
    CSV = "csv"


def _print_version(wanted: bool) -> None:
    if wanted:
        say(f"posturecam {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _common(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001 - its callback acts
        bool,
        typer.Option(
            "--version", help="Print the version and exit.", callback=_print_version, is_eager=True
        ),
    ] = False,
    debug: Annotated[  # noqa: ARG001 - `run` has read it
        bool, typer.Option("--debug", help="Show a traceback when something fails.")
    ] = False,
) -> None:
    if context.invoked_subcommand is not None:
        return
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        say(context.get_help())
        return
    raise typer.Exit(offer_next_step(run))


@app.command(rich_help_panel=START, epilog="Example: posturecam demo")
def demo() -> None:
    """Show the whole main job on a clip that ships with the package."""
    from posturecam.commands.demo import run_demo

    run_demo(clock=SystemClock(), stream=sys.stdout, width=columns())


@app.command(
    cls=PanelledCommand,
    rich_help_panel=START,
    epilog="Example: posturecam watch --source talk.mp4 --calibrate 10s --format jsonl",
)
def watch(
    context: typer.Context,
    source: SourceOption = None,
    profile: ProfileOption = None,
    model: ModelOption = None,
    calibrate: Annotated[
        Any,
        typer.Option(
            help="Take the baseline from the beginning of the source.",
            rich_help_panel=SOURCE,
            **DURATION,
        ),
    ] = None,
    format_name: Annotated[
        WatchFormat,
        typer.Option("--format", help="Live view, lines, or JSON lines.", rich_help_panel=HOW),
    ] = WatchFormat.RICH,
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
    quiet_hours: Annotated[
        list[Any] | None,
        option("quiet_hours", panel=WHEN, parser=parse_quiet_hours, metavar="HH:MM-HH:MM"),
    ] = None,
    quiet_in_calls: Annotated[bool | None, switch("quiet_in_calls", WHEN)] = None,
    give_up_after: Annotated[Any, option("camera_give_up_s", panel=RARE)] = None,
    preview: Annotated[
        bool,
        typer.Option(
            "--preview",
            help="Show a window with the picture and the baseline.",
            rich_help_panel=SOURCE,
        ),
    ] = False,
    duration: Annotated[
        Any, typer.Option(help="Stop after so long.", rich_help_panel=RARE, **DURATION)
    ] = None,
    interval: Annotated[Any, option("interval_s", panel=RARE)] = None,
    realtime: Annotated[
        bool, typer.Option("--realtime", help="Play a file at its own speed.", rich_help_panel=RARE)
    ] = False,
) -> None:
    """Watch, alert and log until you press Ctrl-C or the source ends.

    Where a watch runs already, a terminal shows that one: see attach.
    """
    from posturecam.commands.watch import Request, run_watch
    from posturecam.outputs.alert_command import split_command

    settings = settings_with(
        source=source,
        profile=profile,
        model=model,
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
        offer_baseline(settings, {"source": source, "profile": profile, "model": model}, run)
    request = Request(
        settings=settings,
        calibrate_s=calibrate,
        duration_s=duration,
        realtime=realtime,
        format_name=format_name,
        preview=preview,
    )
    from posturecam.values.events import EndedBy

    try:
        ended_by = run_watch(request, paths=paths(), clock=SystemClock(), stream=sys.stdout)
    except AlreadyRunningError:
        if _says_more_than_its_name(context) or not sys.stdout.isatty():
            raise  # a watch of something else was asked for, or a program reads
        from posturecam.commands.attach import attach

        attach(paths(), clock=SystemClock(), stream=sys.stdout)
        return
    if ended_by is EndedBy.INTERRUPTED:
        raise typer.Exit(INTERRUPTED)


def _says_more_than_its_name(context: typer.Context) -> bool:
    sources = map(context.get_parameter_source, context.params)
    return any(source is not None and source.name == "COMMANDLINE" for source in sources)


class _ReviewCommand(TyperCommand):
    """Lets `--html` stand alone: without a file after it, the page goes to the data folder."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        given = list(args)
        for place, word in enumerate(args):
            after = args[place + 1] if place + 1 < len(args) else None
            if word == "--html" and (after is None or after.startswith("-") or is_day(after)):
                given[place] = "--html="
        return super().parse_args(ctx, given)


@app.command(
    cls=_ReviewCommand,
    rich_help_panel=LOOK_BACK,
    epilog="Example: posturecam review yesterday --html --open",
)
def review(
    day: Annotated[
        str | None,
        typer.Argument(help="today (default), yesterday, a weekday, or a date like 2026-11-20."),
    ] = None,
    week: Annotated[
        bool, typer.Option("--week", help="The 7 days up to DAY, a line each.")
    ] = False,
    month: Annotated[
        bool, typer.Option("--month", help="The 30 days up to DAY, a line each.")
    ] = False,
    since: Annotated[
        str | None, typer.Option(metavar="DAY", help="The days from this one, a line each.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DAY", help="The last of them (today).")
    ] = None,
    format_name: Annotated[
        ReviewFormat, typer.Option("--format", help="For the eye, plain, or for programs.")
    ] = ReviewFormat.RICH,
    html: Annotated[
        str | None,
        typer.Option(
            metavar="[FILE]",
            help="Write a page for the browser, into the data folder or to FILE.",
        ),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="All of the day, not its conclusion alone.")
    ] = False,
    open_page: Annotated[bool, typer.Option("--open", help="Write the page and open it.")] = False,
    index: Annotated[
        bool, typer.Option("--index", help="Write the calendar of all days as a page.")
    ] = False,
    standalone: Annotated[
        bool, typer.Option("--standalone", help="Put the plot library into the page: one file.")
    ] = False,
) -> None:
    """Read a day of the log, or several."""
    from posturecam.commands.review import load_day, load_span, parse_span

    now = utc_now()
    zone = LocalZone()
    today = now.astimezone(zone).date()
    span = parse_span(day, week=week, month=month, since=since, until=until, today=today)
    if html is not None or open_page or standalone or index:
        if since is not None or format_name is not ReviewFormat.RICH or (index and html):
            raise UsageError(
                "A page is of a day, of --week, of --month, or with --index of all days.",
                "Leave out the other options, or leave out --html, --open and --standalone.",
            )
        page_day = parse_day(day, today=today)
        if html:
            if span is not None:
                raise UsageError(
                    "Pages of several days lie beside each other in the data folder.",
                    "Leave out the file after --html.",
                )
            page = _write_page_to(Path(html), page_day, now, standalone=standalone)
            _show_page(page, open_it=open_page)
            return
        pages = _review_pages(now, open_it=open_page)
        if index:
            pages.write_index()
        elif week:
            pages.write_week(page_day)
        elif month:
            pages.write_month(page_day)
        else:
            pages.write_day(page_day, standalone=standalone)
    elif span is not None:
        _show(load_span(paths().log, *span, zone, now=now), format_name)
    else:
        one_day = parse_day(day, today=today)
        policy = policy_in_force()
        loaded = load_day(paths().log, one_day, zone, now=now, policy=policy)
        _show(loaded, format_name, full=full)


@app.command(
    rich_help_panel=LOOK_BACK,
    epilog="Example: posturecam analyze photos/ --baseline upright/ --format csv",
)
def analyze(
    source: Annotated[str, typer.Argument(metavar="INPUT", help="Photo, folder, or video.")],
    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline",
            "-b",
            metavar="BASELINE",
            help="Profile, folder of upright pictures, or video.",
        ),
    ] = None,
    model: ModelOption = None,
    sensitivity: SensitivityOption = None,
    format_name: Annotated[
        AnalyzeFormat, typer.Option("--format", help="Columns, JSON lines, or CSV.")
    ] = AnalyzeFormat.TABLE,
    annotate: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="For copies with landmarks and angles drawn.", file_okay=False
        ),
    ] = None,
) -> None:
    """Judge every picture of a photo, folder or video."""
    from posturecam.commands.analyze import run_analyze

    skipped = run_analyze(
        source,
        baseline=baseline,
        settings=settings_with(model=model, sensitivity=sensitivity),
        paths=paths(),
        clock=SystemClock(),
        format_name=format_name,
        annotate=annotate,
        write=say,
    )
    if skipped:
        text = _("posturecam: {number} unreadable, left out: {names}")
        say(text.format(number=len(skipped), names=", ".join(skipped)), err=True)


@app.command(rich_help_panel=UPKEEP, epilog="Example: posturecam doctor")
def doctor(
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="A line for each check, also what is fine.")
    ] = False,
) -> None:
    """Say what keeps a watch from running, and what to do about it.

    Ends with 1 while something does: a package, the camera, a baseline.
    """
    from posturecam.base.foreign_modules import REMEDY, foreign_modules
    from posturecam.commands.doctor_check import Check, check_text, summary_lines

    # Before anything of them is imported: the other checks would fail in odd ways.
    if foreign := foreign_modules():
        for module, file in foreign.items():
            detail = f"another is in the way, {file}"
            say(check_text(Check(name=module, ok=False, detail=detail, remedy=REMEDY)))
        raise typer.Exit(1)

    from posturecam.commands.doctor import checks

    found = []
    for check in checks(paths()):
        found.append(check)
        if verbose:
            say(check_text(check))
    if not verbose:
        for line in summary_lines(found):
            say(textwrap.fill(line, columns(), subsequent_indent="  ", break_on_hyphens=False))
    if any(check.required and not check.ok for check in found):
        raise typer.Exit(1)


for part in (calibrate, steering, upkeep, care):
    app.add_typer(part.commands)


def run(arguments: Sequence[str]) -> int:
    """Runs the command line; the exit code. Errors become one or two lines on stderr."""
    debug = "--debug" in arguments
    try:
        command = typer.main.get_command(app)
        words = ["--debug", *(word for word in arguments if word != "--debug")]
        result = command.main(
            words if debug else list(arguments), prog_name="posturecam", standalone_mode=False
        )
        sys.stdout.flush()
    except (OutputClosedError, BrokenPipeError, SystemExit):
        # The reader has left, as `head` does (typer makes a SystemExit of it): nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except _WrongWords as error:
        command_path = error.ctx.command_path if getattr(error, "ctx", None) else "posturecam"
        message = without_secrets(error.format_message().replace("Value error, ", ""))
        complain(f"{message}\nSee: {command_path} --help")
        return UsageError.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last who can say anything of it
        return explain(error, debug=debug)
    return result if isinstance(result, int) else 0


def _show(review: DayReview | SpanReview, format_name: ReviewFormat, *, full: bool = False) -> None:
    from posturecam.commands.review import review_as

    if format_name is ReviewFormat.RICH and sys.stdout.isatty():
        from rich.console import Console

        from posturecam.review.text import review_rich

        Console().print(review_rich(review, width=columns(), full=full))
    else:
        say(review_as(format_name, review, width=columns(), full=full))


def _write_page_to(file: Path, day: date, now: datetime, *, standalone: bool) -> Path:
    """The page of a day in a place of its own."""
    from posturecam.commands.review import write_page

    page = file.absolute()
    if page.is_dir():
        raise UsageError(f"{page} is a folder.", f"Name a file in it, such as {day}.html.")
    write_page(
        paths().log,
        day,
        LocalZone(),
        now=now,
        file=page,
        standalone=standalone,
        policy=policy_in_force(),
    )
    return page


def _review_pages(now: datetime, *, open_it: bool) -> ReviewPages:
    from posturecam.commands.review_pages import ReviewPages

    return ReviewPages(
        log_path=paths().log,
        folder=paths().reviews,
        zone=LocalZone(),
        now=now,
        policy=policy_in_force(),
        show=partial(_show_page, open_it=open_it),
    )


def _show_page(page: Path, *, open_it: bool) -> None:
    say(_("Page written: {file}").format(file=page))
    if open_it:
        import webbrowser

        if not webbrowser.open(page.as_uri()):
            say(_("No browser could be started; open the file yourself."), err=True)
