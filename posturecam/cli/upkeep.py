"""The commands that look after the log, the baselines, the settings and autostart: words only."""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from posturecam.base.clock import LocalZone, SystemClock
from posturecam.base.errors import UsageError
from posturecam.base.language import Sentence, _
from posturecam.base.local_time import parse_day
from posturecam.cli.common import add_group, paths, say, settings_with, utc_now
from posturecam.cli.panels import UPKEEP
from posturecam.log.export_tables import ExportFormat

if TYPE_CHECKING:
    from datetime import date

_YesOption = Annotated[bool, typer.Option("--yes", help=_("Do not ask."))]
_NameArgument = Annotated[str, typer.Argument(metavar="NAME", help=_("Name of a profile."))]
_OwnNameArgument = Annotated[
    str | None, typer.Argument(metavar="[NAME]", help=_("Name of a profile (the one in use)."))
]
_KeyArgument = Annotated[
    str,
    typer.Argument(metavar="KEY", help=_("Its name, as config show has it: thresholds.neck_deg.")),
]

commands = typer.Typer()
profiles = add_group(
    commands,
    "profiles",
    _("Look after baselines, and bring the one before back."),
    panel=UPKEEP,
    example="profiles list",
)
config = add_group(
    commands,
    "config",
    _("Find, show and change the settings."),
    panel=UPKEEP,
    example="config set slouch_after 5m",
)
autostart = add_group(
    commands,
    "autostart",
    _("Have a watch start when you log in."),
    panel=UPKEEP,
    example="autostart enable",
)


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
        from posturecam.log.export_tables import columns_text

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
    from posturecam.commands.upkeep import import_log

    say(import_log(folder, paths=paths(), at=utc_now()))


@commands.command(rich_help_panel=UPKEEP, epilog="Example: posturecam purge --before 2026-01-01")
def purge(
    before: Annotated[
        str | None, typer.Option(metavar="DAY", help=_("Delete what is older than this day."))
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help=_("Delete the whole log."))] = False,
    pain: Annotated[bool, typer.Option("--pain", help=_("Delete from the pain journal."))] = False,
    yes: _YesOption = False,
) -> None:
    """Delete from the log for good.

    With --pain alone the pain journal is deleted; with --before or --all it goes only if --pain
    is given too.
    """
    from posturecam.commands.upkeep import Purge, purge_log

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
    _ask(wanted.question, yes=yes)
    say(purge_log(wanted, paths=paths(), zone=LocalZone(), at=utc_now()))


@commands.command(rich_help_panel=UPKEEP, epilog="Example: posturecam repair")
def repair() -> None:
    """Check the log, and recover what can be read if it is damaged.

    A damaged file is kept under another name.
    """
    from posturecam.commands.upkeep import repair_log

    say(repair_log(paths=paths(), at=utc_now()))


@profiles.command("list", epilog="Example: posturecam profiles list")
def list_() -> None:
    """List the baselines."""
    from posturecam.commands.profiles import profile_lines

    lines = list(profile_lines(paths().profiles, LocalZone()))
    say("\n".join(lines) or _("There is none yet. Take one with: posturecam calibrate"))


@profiles.command(epilog="Example: posturecam profiles show default")
def show(name: _NameArgument) -> None:
    """Show what is known of a baseline."""
    from posturecam.commands.profiles import profile_text

    say(profile_text(paths().profiles, name, LocalZone()))


@profiles.command(epilog="Example: posturecam profiles rename default office")
def rename(
    name: _NameArgument,
    new_name: Annotated[str, typer.Argument(metavar="NEW", help=_("Its new name."))],
) -> None:
    """Rename a baseline; what is logged keeps the old name."""
    from posturecam.posture.profiles import rename_profile

    rename_profile(paths().profiles, name, new_name)
    say(_("{name} is now {new}.").format(name=name, new=new_name))


@profiles.command(epilog="Example: posturecam profiles undo")
def undo(
    name: _OwnNameArgument = None,
    standing: Annotated[
        bool, typer.Option("--standing", help=_("Of the baseline of you standing."))
    ] = False,
) -> None:
    """Take the baseline from before the newest one into use again.

    Undoing again goes one further back, and at the end to where it began.
    """
    from posturecam.commands.profiles import undo_text
    from posturecam.values.observation import Stance

    stance = Stance.STANDING if standing else Stance.SITTING
    name = settings_with().profile if name is None else name
    say(undo_text(paths().profiles, name, LocalZone(), stance))
    _take_over(name)


@profiles.command(epilog="Example: posturecam profiles forget --pose 2")
def forget(
    name: _OwnNameArgument = None,
    pose: Annotated[
        int | None, typer.Option(metavar="NUMBER", help=_("This pose; `show` numbers them."))
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help=_("All poses, and today's zero."))
    ] = False,
) -> None:
    """Forget poses that a profile was taught."""
    from posturecam.commands.profiles import forget_text

    if everything == (pose is not None):
        raise UsageError(
            Sentence("Say what to forget."), Sentence("Give either --pose NUMBER or --all.")
        )
    name = settings_with().profile if name is None else name
    say(forget_text(paths().profiles, name, pose))
    _take_over(name)


@profiles.command(epilog="Example: posturecam profiles delete office --yes")
def delete(name: _NameArgument, yes: _YesOption = False) -> None:
    """Delete a baseline, with the earlier ones that it replaced."""
    from posturecam.posture.profiles import delete_profile, known_profile_path

    known_profile_path(paths().profiles, name)  # nobody is asked about what is not there
    _ask(_("Delete the baseline {name}?").format(name=repr(name)), yes=yes)
    delete_profile(paths().profiles, name)
    say(_("{name} is deleted.").format(name=name))


@commands.command(rich_help_panel=UPKEEP, epilog="Example: posturecam cameras")
def cameras() -> None:
    """List the cameras, and which one a watch would use.

    None is started. Any of them can be named by its label or a part of it:
    posturecam watch --source "C920"
    """
    from posturecam.capture.devices import CameraDevices
    from posturecam.commands.cameras import camera_lines

    for line in camera_lines(settings_with().source, CameraDevices()):
        say(line)


@config.command(epilog="Example: posturecam config path")
def path() -> None:
    """Print where the config file is, or would be."""
    say(paths().config_file)


@config.command("show", epilog="Example: posturecam config show")
def show_config() -> None:
    """Print all settings in force, as a config file."""
    from posturecam.commands.config import load_settings
    from posturecam.commands.config_keys import settings_text

    say(settings_text(load_settings(paths().config_file)))


@config.command(epilog="Example: posturecam config check")
def check() -> None:
    """Check the config file; every mistake is named."""
    from posturecam.commands.config import load_settings

    file = paths().config_file
    load_settings(file)
    text = _("{file}: not there, the defaults are in force")
    if file.exists():
        text = _("{file}: ok")
    say(text.format(file=file))


@config.command("set", epilog="Example: posturecam config set quiet_hours 12:00-13:00 22:00-06:00")
def set_(
    key: _KeyArgument,
    value: Annotated[
        list[str], typer.Argument(metavar="VALUE...", help=_("Its value; several make a list."))
    ],
) -> None:
    """Set a setting in the config file, which is made if need be.

    Comments and what else stands there stay; a value that does not fit is refused.
    """
    from posturecam.commands.config_edit import set_value

    say(set_value(paths().config_file, key, value))
    _say_when_it_counts()


@config.command(epilog="Example: posturecam config unset slouch_after")
def unset(key: _KeyArgument) -> None:
    """Take a setting out of the config file, so that its default holds."""
    from posturecam.commands.config_edit import unset_value

    say(unset_value(paths().config_file, key))
    _say_when_it_counts()


@config.command(epilog="Example: posturecam config edit")
def edit() -> None:
    """Open the config file in your editor, and check it."""
    from posturecam.commands.config_edit import edit
    from posturecam.outputs.dialogue import Dialogue
    from posturecam.values.log_rows import Answer

    _refuse_without_terminal(Sentence("Change a setting with: posturecam config set KEY VALUE"))
    dialogue = Dialogue(sys.stdin, sys.stdout)

    def open_again(mistakes: str) -> bool:
        say(mistakes, err=True)
        return dialogue.ask(_("Open it again?")) is Answer.YES

    say(edit(paths().config_file, open_again))
    _say_when_it_counts()


@config.command(epilog="Example: posturecam config init")
def init() -> None:
    """Make a config file that explains every setting."""
    from posturecam.commands.config_edit import write_commented

    say(write_commented(paths().config_file))


def _say_when_it_counts() -> None:
    from posturecam.watch.lock import is_watched

    if is_watched(paths().lock):
        say(_("The running watch keeps its settings: posturecam stop, then start it anew."))


@autostart.command(epilog="Example: posturecam autostart enable")
def enable() -> None:
    """Start a watch at every login.

    It takes its settings from the config file. On Linux it reports into the journal, the tray
    starts with it if its package is installed, and the menu of programs gets an entry.
    """
    from posturecam.system import menu_entry, tray_entry
    from posturecam.system.autostart import enable, make_plan

    say(enable(make_plan()))
    tray = tray_entry.find_tray_entry()
    if tray and tray_entry.is_installed() and (added := tray_entry.add(tray)):
        say(added)
    if entry := menu_entry.find_menu_entry():
        say(menu_entry.add(entry))


@autostart.command(epilog="Example: posturecam autostart disable")
def disable() -> None:
    """Start none at the login any more.

    A watch that runs goes on. What `enable` made is removed.
    """
    from posturecam.system.tray_entry import disable_all

    for line in disable_all():
        say(line)


@autostart.command(epilog="Example: posturecam autostart status")
def status() -> None:
    """Say whether a watch starts at the login.

    On Linux also whether that one runs now, and whether the tray starts.
    """
    from posturecam.system import tray_entry
    from posturecam.system.autostart import make_plan, status

    say(status(make_plan()))
    if (tray := tray_entry.find_tray_entry()) and tray_entry.starts(tray):
        say(_("tray: on ({file})").format(file=tray.file))


@commands.command(rich_help_panel=UPKEEP, epilog="Example: posturecam uninstall --data")
def uninstall(
    data: Annotated[
        bool, typer.Option("--data", help=_("Delete the log, baselines and settings, too."))
    ] = False,
    yes: _YesOption = False,
) -> None:
    """Leave nothing behind when you remove posturecam.

    Ends the watch and the tray, takes back autostart, the entry in the menu of programs and
    completion, and names the command that removes the program itself.
    """
    from posturecam.commands.uninstall import (
        delete_data,
        end_running,
        last_step,
        take_back,
    )

    here = paths()
    if data:
        question = _("Delete the log, the baselines and the settings in {folder} for good?")
        _ask(question.format(folder=here.data), yes=yes)
    for line in chain(end_running(here, SystemClock()), take_back(Path.home())):
        say(line)
    if data:
        say(delete_data(here))
    elif here.data.is_dir():
        kept = _("What it logged stays in {folder}; to delete it as well: {command}")
        say(kept.format(folder=here.data, command="posturecam uninstall --data"))
    say(_("Now remove the program: {command}").format(command=last_step()))


def _take_over(profile: str) -> None:
    """Has a watch that runs go on with what is kept of the profile, and says so."""
    from posturecam.commands.borrowing import goes_on_with

    if goes_on_with(paths(), profile):
        say(_("The watch that runs goes on with it."))


def _ask(question: str, *, yes: bool) -> None:
    """Goes on if the user agrees.

    Raises:
        UsageError: there is nobody to ask.
    """
    from posturecam.outputs.dialogue import Dialogue
    from posturecam.values.log_rows import Answer

    if yes:
        return
    _refuse_without_terminal(Sentence("Add --yes if you mean it."))
    if Dialogue(sys.stdin, sys.stdout).ask(question) is not Answer.YES:
        say(_("Nothing was deleted."))
        raise typer.Abort


def _refuse_without_terminal(remedy: str) -> None:
    if not sys.stdin.isatty():
        raise UsageError(Sentence("Nobody is there to confirm."), remedy)


def _day(text: str | None) -> date | None:
    return None if text is None else parse_day(text, today=utc_now().astimezone(LocalZone()).date())
