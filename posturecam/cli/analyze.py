"""The word `analyze`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from posturecam.base.clock import SystemClock
from posturecam.base.language import _
from posturecam.cli.common import ModelOption, SensitivityOption, paths, say, settings_with
from posturecam.cli.panels import LOOK_BACK

commands = typer.Typer()


class AnalyzeFormat(StrEnum):
    """How `analyze` reports."""

    TABLE = "table"
    JSONL = "jsonl"
    CSV = "csv"


@commands.command(
    rich_help_panel=LOOK_BACK,
    epilog="Example: posturecam analyze photos/ --baseline upright/ --format csv",
)
def analyze(
    source: Annotated[str, typer.Argument(metavar="INPUT", help=_("Photo, folder, or video."))],
    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline",
            "-b",
            metavar="BASELINE",
            help=_("Profile, folder of upright pictures, or video."),
        ),
    ] = None,
    model: ModelOption = None,
    sensitivity: SensitivityOption = None,
    format_name: Annotated[
        AnalyzeFormat, typer.Option("--format", help=_("Columns, JSON lines, or CSV."))
    ] = AnalyzeFormat.TABLE,
    annotate: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help=_("For copies with landmarks and angles drawn."), file_okay=False
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
