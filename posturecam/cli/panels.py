"""Help in parts: commands by when one needs them, options of a long command by what they are for.

The parts are typer's own panels; here they are shown without rich, which takes time to load.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from typer.core import TyperCommand, TyperGroup

from posturecam.base.language import _

START, STEER, LOOK_BACK = _("Start"), _("Steer a running watch"), _("Look back")
TAKE_CARE, UPKEEP = _("Take care"), _("Upkeep")
SOURCE, WHEN = _("What to watch"), _("When to alert")
HOW, RARE = _("How to alert"), _("Rarely needed")

_IN_ORDER = (START, STEER, LOOK_BACK, TAKE_CARE, UPKEEP, SOURCE, WHEN, HOW, RARE)

_WHOLE = 1000
"""Characters of a first sentence that is not cut: in a narrow terminal it is wrapped."""


class Overview(TyperGroup):
    """The commands by panel, in each as they were declared."""

    def translate(self) -> None:
        """Says what each command is for, which stands in the code, in the language shown."""
        _translate_help(self)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - typer calls it
        """Writes a section a panel."""
        shown = [(name, command) for name, command in self.commands.items() if not command.hidden]
        widest = max(len(name) for name, _command in shown)
        rows = [(command, (name, command.get_short_help_str(_WHOLE))) for name, command in shown]
        _write(rows, _("Commands"), formatter, name_columns=widest)


class PanelledCommand(TyperCommand):
    """A command whose options stand in panels, those that are rarely needed last."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Writes a section a panel."""
        found = [(param, param.get_help_record(ctx)) for param in self.get_params(ctx)]
        _write([(param, row) for param, row in found if row], _("Options"), formatter)


def _translate_help(command: Any) -> None:
    command.help = command.help and _(command.help)
    for inner in getattr(command, "commands", {}).values():
        _translate_help(inner)


def _write(
    rows: Iterable[tuple[Any, tuple[str, str]]],
    otherwise: str,
    formatter: Any,
    *,
    name_columns: int = 0,
) -> None:
    panels: dict[str, list[tuple[str, str]]] = dict.fromkeys(_IN_ORDER, ())  # type: ignore[arg-type]
    for it, (name, text) in rows:
        panel = getattr(it, "rich_help_panel", None) or otherwise
        panels[panel] = [*panels.get(panel, ()), (name.ljust(name_columns), text)]
    for panel, lines in panels.items():
        if lines:
            with formatter.section(panel):
                formatter.write_dl(lines)
