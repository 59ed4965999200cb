"""Watching from the login on: a systemd user unit, a LaunchAgent, or a Startup script.

The texts are made by pure functions; `enable`, `disable` and `status` put them in place. All of
them run `posturecam watch --format plain` with the settings of `config.toml`; on Linux what it
prints goes into the journal.

The unit takes no rights away from the program. Cutting off the network (`PrivateNetwork=`) would
cut off IP cameras, and the camera, the desktop and a command for alerts need most of the rest; what
must not reach the network, the pose library, is kept off it inside the program.
"""

from __future__ import annotations

import os
import plistlib
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from posturecam.base.errors import UsageError
from posturecam.base.language import Sentence
from posturecam.base.paths import find_app_paths, remove_emptied, removing, write_atomically

UNIT = "posturecam.service"
LABEL = "org.posturecam.watch"
MARK = "Made by: posturecam autostart enable"
"""Stands in each file; one without it is somebody else's and left alone."""

RESTART_AFTER_S = 30
"""After a failure: time for a camera or a disk to come back, and no load if it does not."""

LIMIT_S = 20.0
"""Longest wait for systemctl."""

NOTHING_FROM_ELSEWHERE = ("-P", "-E")
"""Options of Python with which a program is started that nobody watches start: no module is taken
from the current folder, which is the home folder then, nor from a PYTHONPATH, where an empty entry
means the same."""

WATCH_WORDS = ("watch", "--format", "plain")
"""A watch that nobody looks at."""

_LATER = f"systemctl --user daemon-reload && systemctl --user enable {UNIT}"


class Kind(StrEnum):
    """How this system starts programs at the login."""

    SYSTEMD = "systemd"
    LAUNCHD = "launchd"
    STARTUP = "startup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to start and how.

    Attributes:
        file: that makes the system start it.
        words: the command, its program as an absolute path.
        home: POSTURECAM_HOME, if it is to be set.
    """

    kind: Kind
    file: Path
    words: Sequence[str]
    home: str | None = None

    def text(self) -> str:
        """The content of the file.

        Raises:
            UsageError: a path holds what the file cannot.
        """
        for word in (*self.words, self.home or ""):
            if not word.isprintable():
                raise UsageError(
                    Sentence("The path {word!r} cannot stand in a file for autostart.", word=word),
                    Sentence(
                        "Install posturecam, or put POSTURECAM_HOME, where paths are plain text."
                    ),
                )
        make = {
            Kind.SYSTEMD: unit_text,
            Kind.LAUNCHD: agent_text,
            Kind.STARTUP: startup_text,
        }[self.kind]
        return make(self.words, self.home)


def make_plan(platform: str = sys.platform, environment: Mapping[str, str] = os.environ) -> Plan:
    """How the posturecam that runs now is started at the login on a system."""
    if platform == "win32":
        kind = Kind.STARTUP
        roaming = environment.get("APPDATA") or Path.home() / "AppData" / "Roaming"
        start_menu = Path(roaming) / "Microsoft" / "Windows" / "Start Menu"
        file = start_menu / "Programs" / "Startup" / "posturecam.cmd"
    elif platform == "darwin":
        kind = Kind.LAUNCHD
        file = Path.home() / "Library" / "LaunchAgents" / f"{LABEL}.plist"
    else:
        kind = Kind.SYSTEMD
        config = environment.get("XDG_CONFIG_HOME") or Path.home() / ".config"
        file = Path(config) / "systemd" / "user" / UNIT
    return Plan(
        kind=kind, file=file, words=(*program_words(), *WATCH_WORDS), home=configured_home()
    )


def program_words() -> tuple[str, ...]:
    """What starts the posturecam that runs now, from any folder and with any search path."""
    return (sys.executable, *NOTHING_FROM_ELSEWHERE, "-m", "posturecam")


def configured_home() -> str | None:
    """POSTURECAM_HOME as a full path, if it is set."""
    given = os.environ.get("POSTURECAM_HOME")
    return str(find_app_paths().data.absolute()) if given else None


def unit_text(words: Sequence[str], home: str | None = None) -> str:
    """A systemd user unit that runs `words` while a desktop is there.

    What starting again does not repair is not tried again: wrong usage, no baseline, another watch,
    a log that cannot be used.
    A stop from systemd counts as an interrupt, which ends with 130 and is no failure.
    """
    # systemd takes the first word as it stands: a dollar sign in it would have no right spelling.
    command = ("/usr/bin/env", *words)
    environment = (
        "" if home is None else f"Environment={_systemd_word(f'POSTURECAM_HOME={home}')}\n"
    )
    return f"""# {MARK}
# Change it with: systemctl --user edit {UNIT}
[Unit]
Description=posturecam watches how you sit
After=graphical-session.target
PartOf=graphical-session.target

[Service]
ExecStart={" ".join(_systemd_word(word).replace("$", "$$") for word in command)}
{environment}SuccessExitStatus=130
Restart=on-failure
RestartSec={RESTART_AFTER_S}
RestartPreventExitStatus=2 4 5 6

[Install]
WantedBy=graphical-session.target
"""


def agent_text(words: Sequence[str], home: str | None = None) -> str:
    """A LaunchAgent that runs `words` at the login to a desktop."""
    agent: dict[str, object] = {
        "Label": LABEL,
        "ProgramArguments": list(words),
        "RunAtLoad": True,
        "LimitLoadToSessionType": "Aqua",
    }
    if home is not None:
        agent["EnvironmentVariables"] = {"POSTURECAM_HOME": home}
    return plistlib.dumps(agent).decode().replace("<plist", f"<!-- {MARK} -->\n<plist", 1)


def startup_text(words: Sequence[str], home: str | None = None) -> str:
    """A script for the Startup folder that runs `words` in a small window."""
    lines = ["@echo off", f"rem {MARK}", "chcp 65001 >nul"]
    if home is not None:
        lines.append(f'set "POSTURECAM_HOME={home}"')
    lines.append(" ".join(['start "posturecam" /min', *(f'"{word}"' for word in words)]))
    return "".join(line.replace("%", "%%") + "\r\n" for line in lines)


def enable(plan: Plan) -> Sentence:
    """Has a watch start at every login; says what was done, and what is left to do.

    Raises:
        UsageError: there is a file of somebody else's, or a path cannot be written there.
        DataError: the file cannot be written.
    """
    text = plan.text()
    _refuse_a_foreign(plan.file)
    write_atomically(plan.file, text)
    if plan.kind is Kind.SYSTEMD:
        if not (_systemctl("daemon-reload") and _systemctl("enable", UNIT)):
            written = Sentence("Written: {file}", file=plan.file)
            later = Sentence("To have it started at the login, run: {command}", command=_LATER)
            return Sentence.joined((written, later), "\n")
        now = Sentence(
            "Now: systemctl --user start {unit}. What it says: journalctl --user -u {unit}",
            unit=UNIT,
        )
        return Sentence.joined((_starts(plan), now), "\n")
    return _starts(plan)


def _starts(plan: Plan) -> Sentence:
    return Sentence("A watch starts at every login ({file}).", file=plan.file)


def disable(plan: Plan) -> Sentence:
    """Has no watch start at the login any more; one that runs goes on.

    Raises:
        UsageError: the file is somebody else's.
        DataError: the file cannot be removed.
    """
    _refuse_a_foreign(plan.file)
    if not plan.file.is_file():
        return Sentence("No watch starts at the login; nothing was to be done.")
    if plan.kind is Kind.SYSTEMD:
        _systemctl("disable", UNIT)
        remove_own(plan.file, plan.file.parents[2])  # systemd/user may have been made for it
        _systemctl("daemon-reload")
    else:
        remove_own(plan.file, plan.file.parent)
    return Sentence("No watch starts at the login any more; {file} is removed.", file=plan.file)


def remove_own(file: Path, inside: Path) -> bool:
    """Takes a file away that posturecam made, and the folders in `inside` that are empty then.

    Returns whether there was one.

    Raises:
        DataError: it cannot be removed.
    """
    if not is_ours(file):
        return False
    with removing(file):
        file.unlink()
    remove_emptied(file, inside)
    return True


def status(plan: Plan) -> Sentence:
    """Whether a watch starts at the login, and on Linux whether that one runs now."""
    if not (plan.file.is_file() or plan.file.is_symlink()):
        return Sentence("autostart: off")
    if not is_ours(plan.file):
        return Sentence(
            "autostart: not posturecam's: {file} was made by somebody else", file=plan.file
        )
    if plan.kind is not Kind.SYSTEMD:
        return Sentence("autostart: on ({file})", file=plan.file)
    if (enabled := _systemctl_word("is-enabled")) is None:
        return Sentence("autostart: {file} is there, but systemctl does not answer", file=plan.file)
    if enabled != "enabled":
        return Sentence(
            "autostart: off ({file} is {enabled}); to switch it on: {command}",
            file=plan.file,
            enabled=enabled,
            command=_LATER,
        )
    return Sentence(
        "autostart: on ({file}); now {active}",
        file=plan.file,
        active=_systemctl_word("is-active"),
    )


def start_enabled(plan: Plan) -> bool:
    """Starts the watch of the login now, if systemd is to start this very one; whether it did."""
    try:
        same = plan.kind is Kind.SYSTEMD and plan.file.read_text(encoding="utf-8") == plan.text()
    except (OSError, UnicodeDecodeError, UsageError):
        return False
    return same and _systemctl_word("is-enabled") == "enabled" and _systemctl("start", UNIT)


def _systemd_word(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _refuse_a_foreign(file: Path) -> None:
    if (file.exists() or file.is_symlink()) and not is_ours(file):
        raise UsageError(
            Sentence("{file} is there, and posturecam did not make it.", file=file),
            Sentence("Move it aside, then try again."),
        )


def is_ours(file: Path) -> bool:
    """Whether posturecam made the file, which may be gone."""
    try:
        return MARK in file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def _systemctl(*words: str) -> bool:
    done = _run_systemctl(*words)
    return done is not None and done.returncode == 0


def _systemctl_word(question: str) -> str | None:
    done = _run_systemctl(question, UNIT)
    return (done.stdout.strip() or None) if done is not None else None


def _run_systemctl(*words: str) -> subprocess.CompletedProcess[str] | None:
    if shutil.which("systemctl") is None:
        return None
    try:
        return subprocess.run(  # noqa: S603 - fixed words
            ["systemctl", "--user", *words],  # noqa: S607 - wherever the system has it
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
