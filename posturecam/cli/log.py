"""The words for the log: taken out, taken in, deleted, repaired."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from posturecam.base.clock import LocalZone
from posturecam.base.errors import UsageError
from posturecam.base.language import Sentence, _
from posturecam.base.local_time import parse_day
from posturecam.cli.common import YesOption, agree_to_delete, paths, say, utc_now
from posturecam.cli.panels import UPKEEP
from posturecam.log.export_format import ExportFormat

commands = typer.Typer()


@commands.command(
    rich_help_panel=UPKEEP, epilog="Example: posturecam export --format parquet --since 2026-01-01"
)
def export(
    folder: Annotated[
        Path | None,
        typer.Argument(help=_("Folder to be made (posturecam-DATE in the current one).")),
    ] = None,
    format_name: Annotated[
        ExportFormat,
        typer.Option("--format", help=_("One file a table; json is an object a line.")),
    ] = ExportFormat.CSV,
    since: Annotated[str | None, typer.Option(metavar="DAY", help=_("First day."))] = None,
    until: Annotated[str | None, typer.Option(metavar="DAY", help=_("Last day."))] = None,
    tables: Annotated[
        str, typer.Option(metavar="NAMES", help=_("Only these tables, separated by commas."))
    ] = "",
    excel: Annotated[
        bool, typer.Option("--excel", help=_("Write CSV that Excel opens at a double click."))
    ] = False,
    columns: Annotated[
        bool, typer.Option("--columns", help=_("Write nothing; explain all tables and columns."))
    ] = False,
) -> None:
    """Write the log as tables for other programs, or to keep.

    The pain journal with its notes is among them: leave it out with --tables.
    """
    if columns:
        from posturecam.log.tables import columns_text

        say(columns_text())
        return
    from posturecam.commands.export import export_log

    now = utc_now()
    done = export_log(
        folder or Path(f"posturecam-{now.astimezone(LocalZone()):%Y-%m-%d}"),
        paths=paths(),
        format_name=format_name,
        tables=[name.strip() for name in tables.split(",") if name.strip()],
        since=_day(since),
        until=_day(until),
        zone=LocalZone(),
        at=now,
        excel=excel,
    )
    say(done)


@commands.command(
    "import", rich_help_panel=UPKEEP, epilog="Example: posturecam import posturecam-2026-11-22"
)
def import_(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help=_("What export has written."))],
) -> None:
    """Take an export into the log. What is there already is not doubled."""
    from posturecam.commands.log import import_log

    say(import_log(folder, paths=paths(), at=utc_now()))


@commands.command(rich_help_panel=UPKEEP, epilog="Example: posturecam purge --before 2026-01-01")
def purge(
    before: Annotated[
        str | None, typer.Option(metavar="DAY", help=_("Delete what is older than this day."))
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help=_("Delete the whole log."))] = False,
    pain: Annotated[bool, typer.Option("--pain", help=_("Delete from the pain journal."))] = False,
    yes: YesOption = False,
) -> None:
    """Delete from the log for good.

    With --pain alone the pain journal is deleted; with --before or --all it goes only if --pain
    is given too.
    """
    from posturecam.commands.log import Purge, purge_log

    if before is not None and everything:
        raise UsageError(
            Sentence("--before and --all exclude each other."), Sentence("Leave one of them out.")
        )
    if before is None and not everything and not pain:
        raise UsageError(
            Sentence("Nothing was named."), Sentence("Give --before DAY, --all or --pain.")
        )
    day = _day(before)
    if yes and day is not None and before != day.isoformat():
        raise UsageError(
            Sentence(
                "With --yes the day must be a date: {before} is {day} by a clock that may "
                "be wrong.",
                before=before,
                day=day,
            ),
            Sentence("Write --before {day}, or leave out --yes to be asked.", day=day),
        )
    wanted = Purge(before=day, watched=everything or before is not None, pain=pain)
    agree_to_delete(wanted.question, yes=yes)
    say(purge_log(wanted, paths=paths(), zone=LocalZone(), at=utc_now()))


@commands.command(rich_help_panel=UPKEEP, epilog="Example: posturecam repair")
def repair() -> None:
    """Check the log, and recover what can be read if it is damaged.

    A damaged file is kept under another name.
    """
    from posturecam.commands.log import repair_log

    say(repair_log(paths=paths(), at=utc_now()))


def _day(text: str | None) -> date | None:
    return None if text is None else parse_day(text, today=utc_now().astimezone(LocalZone()).date())
