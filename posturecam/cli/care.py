"""The words of `move` and `pain`."""

from __future__ import annotations

import locale
import os
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posturecam.base.clock import LocalZone, SystemClock
from posturecam.base.errors import UsageError
from posturecam.base.language import Sentence, _
from posturecam.base.local_time import parse_day, parse_moment
from posturecam.cli.common import (
    INTERRUPTED,
    add_group,
    number_within,
    paths,
    settings_with,
    the_terminal,
)
from posturecam.cli.panels import TAKE_CARE
from posturecam.values.answers import Location, Quality
from posturecam.values.settings import LONGEST_GUIDED_S, SHORTEST_GUIDED_S

if TYPE_CHECKING:
    from posturecam.commands.pain import JournalContext


class PainFormat(StrEnum):
    """How `pain list` reports."""

    PLAIN = "plain"
    JSON = "json"
    CSV = "csv"


commands = typer.Typer()
pain = add_group(
    commands,
    "pain",
    _("A small, private pain journal. It records; it is not a diagnosis."),
    panel=TAKE_CARE,
    example="pain log 3 --where mid --quality dull",
)


@commands.command(rich_help_panel=TAKE_CARE, epilog="Example: posturecam move --seconds 45")
def move(
    seconds: Annotated[
        Any,
        typer.Option(
            parser=number_within(SHORTEST_GUIDED_S, LONGEST_GUIDED_S),
            metavar="SECONDS",
            help=_("How long it may take (60)."),
            show_default=False,
        ),
    ] = 60,
    floor: Annotated[
        bool, typer.Option("--floor", help=_("The two exercises on the floor."))
    ] = False,
    camera: Annotated[
        bool, typer.Option("--camera", help=_("Notice whether you get up or move."))
    ] = False,
    ask: Annotated[bool, typer.Option("--ask", help=_("Ask again what is not for you."))] = False,
    show_list: Annotated[bool, typer.Option("--list", help=_("Print all moves and exit."))] = False,
) -> None:
    """Guide through a short break of gentle moves.

    There is a timer for each. What was done longest ago comes first. It is logged as a break.
    """
    from posturecam.commands.move import list_moves, run_move

    if show_list:
        list_moves(paths(), the_terminal())
        return
    whole = run_move(
        settings_with(),
        seconds_s=float(seconds),
        floor=floor,
        camera=camera,
        again=ask,
        paths=paths(),
        clock=SystemClock(),
        terminal=the_terminal(),
    )
    if not whole:
        raise typer.Exit(INTERRUPTED)


@pain.command(epilog="Example: posturecam pain log 4 --where mid --note 'after a long call'")
def log(
    level: Annotated[
        Any,
        typer.Argument(
            parser=number_within(0, 10), metavar="LEVEL", help=_("0 is none, 10 the worst.")
        ),
    ],
    where: Annotated[Location | None, typer.Option(help=_("Where it hurts."))] = None,
    quality: Annotated[Quality | None, typer.Option(help=_("How it hurts."))] = None,
    note: Annotated[
        str | None, typer.Option(metavar="TEXT", help=_("A few words of your own."))
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help=_("When (now): 09:30, or 2026-11-20T09:30.")),
    ] = None,
) -> None:
    """Add an entry to the pain journal."""
    from posturecam.commands.pain import log_pain
    from posturecam.log.connection import to_ms
    from posturecam.values.log_rows import PainEntry

    desk = _desk()
    now = desk.clock.utc_now().astimezone(desk.zone)
    moment = now if at is None else parse_moment(at, now=now)
    entry = PainEntry(at_ms=to_ms(moment), level=level, location=where, quality=quality, note=note)
    log_pain(entry, desk)


@pain.command("list", epilog="Example: posturecam pain list --since 2026-11-01 --format csv")
def list_entries(
    since: Annotated[
        str | None,
        typer.Option(
            metavar="DAY", help=_("From yesterday, a weekday, or a date like 2026-11-20 on.")
        ),
    ] = None,
    format_name: Annotated[
        PainFormat, typer.Option("--format", help=_("For the eye, or for programs."))
    ] = PainFormat.PLAIN,
) -> None:
    """Print the entries."""
    from posturecam.commands.pain import list_pain

    desk = _desk()
    day = None if since is None else parse_day(since, today=desk.today)
    list_pain(desk, since=day, format_name=format_name)


@pain.command(epilog="Example: posturecam pain check")
def check(
    flag: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help=_("Answer this question with yes and ask none; repeat it.")
        ),
    ] = None,
    sought_advice: Annotated[
        bool, typer.Option("--sought-advice", help=_("Say that you have sought advice."))
    ] = False,
) -> None:
    """Ask whether the pain needs to be looked at, and how soon.

    Not a diagnosis: a clear form does not rule out illness.
    """
    from posturecam.commands.pain import check_pain, confirm_advice

    if sought_advice:
        if flag:
            raise UsageError(
                Sentence("--sought-advice answers no question."), Sentence("Leave out --flag.")
            )
        confirm_advice(_desk())
        return
    check_pain(_desk(), flags=flag or ())


def _desk() -> JournalContext:
    from posturecam.care.red_flags import country_of
    from posturecam.commands.pain import JournalContext

    # The same order as in the C library.
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale_name = next((name for name in names if name), None) or locale.getlocale()[0] or ""
    return JournalContext(
        log_file=paths().log,
        clock=SystemClock(),
        zone=LocalZone(),
        terminal=the_terminal(),
        country=country_of(locale_name),
    )
