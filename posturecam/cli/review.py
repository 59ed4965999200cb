"""The word `review`."""

from __future__ import annotations

import sys
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from posturecam.base.clock import LocalZone
from posturecam.base.errors import UsageError
from posturecam.base.language import Sentence, _
from posturecam.base.local_time import is_day, parse_day
from posturecam.cli.common import columns, paths, policy_in_force, say, utc_now
from posturecam.cli.panels import LOOK_BACK

if TYPE_CHECKING:
    from posturecam.commands.review_pages import ReviewPages
    from posturecam.review.day import DayReview
    from posturecam.review.usual import SpanReview

commands = typer.Typer()


class ReviewFormat(StrEnum):
    """How `review` reports."""

    RICH = "rich"
    PLAIN = "plain"
    JSON = "json"
    CSV = "csv"


class _ReviewCommand(TyperCommand):
    """Lets `--html` stand alone: without a file after it, the page goes to the data folder."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        given = list(args)
        for place, word in enumerate(args):
            after = args[place + 1] if place + 1 < len(args) else None
            if word == "--html" and (after is None or after.startswith("-") or is_day(after)):
                given[place] = "--html="
        return super().parse_args(ctx, given)


DayArgument = Annotated[
    str | None,
    typer.Argument(
        help=_("today (default), yesterday, a weekday (mon), or a date like 2026-11-20.")
    ),
]
WeekOption = Annotated[bool, typer.Option("--week", help=_("The 7 days up to DAY, a line each."))]
MonthOption = Annotated[
    bool, typer.Option("--month", help=_("The 30 days up to DAY, a line each."))
]
SinceOption = Annotated[
    str | None, typer.Option(metavar="DAY", help=_("The days from this one, a line each."))
]
UntilOption = Annotated[
    str | None, typer.Option(metavar="DAY", help=_("The last of them (today)."))
]
FormatOption = Annotated[
    ReviewFormat, typer.Option("--format", help=_("For the eye, plain, or for programs."))
]
HtmlOption = Annotated[
    str | None,
    typer.Option(
        metavar="[FILE]", help=_("Write a page for the browser, into the data folder or to FILE.")
    ),
]
FullOption = Annotated[
    bool, typer.Option("--full", help=_("All of the day, not its conclusion alone."))
]
OpenOption = Annotated[bool, typer.Option("--open", help=_("Write the page and open it."))]
IndexOption = Annotated[
    bool, typer.Option("--index", help=_("Write the calendar of all days as a page."))
]
StandaloneOption = Annotated[
    bool, typer.Option("--standalone", help=_("Put the plot library into the page: one file."))
]


@commands.command(
    cls=_ReviewCommand,
    rich_help_panel=LOOK_BACK,
    epilog="Example: posturecam review yesterday --html --open",
)
def review(
    day: DayArgument = None,
    week: WeekOption = False,
    month: MonthOption = False,
    since: SinceOption = None,
    until: UntilOption = None,
    format_name: FormatOption = ReviewFormat.RICH,
    html: HtmlOption = None,
    full: FullOption = False,
    open_page: OpenOption = False,
    index: IndexOption = False,
    standalone: StandaloneOption = False,
) -> None:
    """Read a day of the log, or several."""
    from posturecam.commands.review import load_day, load_span, parse_span

    now = utc_now()
    zone = LocalZone()
    today = now.astimezone(zone).date()
    span = parse_span(day, week=week, month=month, since=since, until=until, today=today)
    if full and (span is not None or index):
        raise UsageError(
            Sentence("--full is of a day."), Sentence("Leave it out, or name a single day.")
        )
    if html is not None or open_page or standalone or index:
        several = span is not None
        unfit = (index and (html or standalone or several or day)) or (standalone and several)
        if format_name is not ReviewFormat.RICH or unfit:
            raise UsageError(
                Sentence("A page is of a day, of several days, or with --index of all of them."),
                Sentence("Leave out --format; --standalone goes with a single day, --index alone."),
            )
        page_day = parse_day(day, today=today)
        if html:
            page = _write_page_to(Path(html), span or page_day, now, standalone=standalone)
            _show_page(page, open_it=open_page)
            return
        pages = _review_pages(now, open_it=open_page)
        if index:
            pages.write_index()
        elif week:
            pages.write_week(page_day)
        elif month:
            pages.write_month(page_day)
        elif span is not None:
            pages.write_days(*span)
        else:
            pages.write_day(page_day, standalone=standalone)
    elif span is not None:
        _show(load_span(paths().log, *span, zone, now=now), format_name)
    else:
        one_day = parse_day(day, today=today)
        policy = policy_in_force()
        loaded = load_day(paths().log, one_day, zone, now=now, policy=policy)
        _show(loaded, format_name, full=full)


def _show(review: DayReview | SpanReview, format_name: ReviewFormat, *, full: bool = False) -> None:
    from posturecam.commands.review import review_as

    if format_name is ReviewFormat.RICH and sys.stdout.isatty():
        from rich.console import Console

        from posturecam.review.text import review_rich

        console = Console()
        few = console.color_system in ("standard", "windows")
        console.print(review_rich(review, width=columns(), full=full, few_colours=few))
    else:
        say(review_as(format_name, review, width=columns(), full=full))


def _write_page_to(
    file: Path, shown: date | tuple[date, date], now: datetime, *, standalone: bool
) -> Path:
    """The page of a day or of several in a place of its own, where it leads to no other."""
    from posturecam.commands.review_page import write_page, write_span_page

    page, zone = file.absolute(), LocalZone()
    if page.is_dir():
        raise UsageError(
            Sentence("{page} is a folder.", page=page),
            Sentence("Name a file in it, such as review.html."),
        )
    if isinstance(shown, tuple):
        write_span_page(paths().log, *shown, zone, now=now, file=page)
    else:
        policy = policy_in_force()
        write_page(
            paths().log, shown, zone, now=now, file=page, standalone=standalone, policy=policy
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
