"""Autostart: files that each system takes, nobody else's overwritten, and the truth about both."""

from __future__ import annotations

import configparser
import os
import plistlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from posturecam.base.errors import UsageError
from posturecam.system.autostart import (
    MARK,
    RESTART_AFTER_S,
    UNIT,
    Kind,
    Plan,
    agent_text,
    disable,
    enable,
    make_plan,
    startup_text,
    status,
    unit_text,
)
from tests.program import assert_refused, posturecam

WORDS = ("/opt/py/bin/python", "-m", "posturecam", "watch", "--format", "plain")

# Notes what it is asked, and answers like the real one of a session.
SYSTEMCTL = """#!/bin/sh
echo "$*" >> "{folder}/asked"
case "$2" in
    enable) touch "{folder}/enabled" ;;
    disable) rm -f "{folder}/enabled" ;;
    is-enabled) [ -e "{folder}/enabled" ] && echo enabled || {{ echo disabled; exit 1; }} ;;
    is-active) echo inactive; exit 3 ;;
esac
"""


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in for systemctl; the file says what it was asked."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "systemctl"
    script.write_text(SYSTEMCTL.format(folder=folder), encoding="utf-8")
    script.chmod(0o700)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return folder / "asked"


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """A unit in a folder of this test."""
    return Plan(kind=Kind.SYSTEMD, file=tmp_path / "config" / "user" / UNIT, words=WORDS)


def parsed(text: str) -> configparser.ConfigParser:
    """The sections of a unit."""
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return parser


def test_the_unit_watches_with_the_desktop_and_gives_up_on_what_stays_wrong() -> None:
    """Started and stopped with the session; not started again where that repairs nothing."""
    unit = parsed(unit_text(WORDS))

    assert unit["Service"]["ExecStart"] == " ".join(
        f'"{word}"' for word in ("/usr/bin/env", *WORDS)
    )
    assert unit["Service"]["Restart"] == "on-failure"
    assert unit["Service"]["RestartSec"] == str(RESTART_AFTER_S)
    assert unit["Service"]["RestartPreventExitStatus"].split() == ["2", "4", "5", "6"]
    assert unit["Service"]["SuccessExitStatus"] == "130"
    for key in ("After", "PartOf"):
        assert unit["Unit"][key] == "graphical-session.target"
    assert unit["Install"]["WantedBy"] == "graphical-session.target"
    assert "Environment" not in unit["Service"]


@pytest.mark.parametrize(
    ("path", "argument", "value"),
    [
        ("/a b/python", '"/a b/python"', '"POSTURECAM_HOME=/a b/python"'),
        ("/a%h/python", '"/a%%h/python"', '"POSTURECAM_HOME=/a%%h/python"'),
        ("/a$HOME/python", '"/a$$HOME/python"', '"POSTURECAM_HOME=/a$HOME/python"'),
        ('/a"b/python', '"/a\\"b/python"', '"POSTURECAM_HOME=/a\\"b/python"'),
        ("/a\\tb/python", '"/a\\\\tb/python"', '"POSTURECAM_HOME=/a\\\\tb/python"'),
        ("/a;#'é/python", '"/a;#\'é/python"', '"POSTURECAM_HOME=/a;#\'é/python"'),
    ],
)
def test_systemd_reads_back_any_path(path: str, argument: str, value: str) -> None:
    """By its rules for quotes, specifiers and variables; the latter are for commands only."""
    service = parsed(unit_text((path, "-m", "posturecam"), home=path))["Service"]

    assert service["ExecStart"] == f'"/usr/bin/env" {argument} "-m" "posturecam"'
    assert service["Environment"] == value


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    """The real parser, with a path that has everything in it."""
    unit = tmp_path / UNIT
    text = unit_text(('/opt/my $HOME%n "x"/python', *WORDS[1:]), home="/home/a b/100%")
    unit.write_text(text, encoding="utf-8")

    def verify() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["systemd-analyze", "--user", "verify", str(unit)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)},
        )

    done = verify()
    assert (done.returncode, done.stderr) == (0, "")
    unit.write_text(text.replace("RestartSec=30", "RestartSec=soon"), encoding="utf-8")
    assert "soon" in verify().stderr


@pytest.mark.parametrize("kind", Kind)
def test_a_path_with_a_line_break_is_refused(kind: Kind, tmp_path: Path) -> None:
    """It could smuggle a line into the file; nothing is written."""
    file = tmp_path / "file"
    with pytest.raises(UsageError, match="cannot stand in a file"):
        enable(Plan(kind=kind, file=file, words=("/a\nExecStart=/b", "-m")))
    assert not file.exists()


def test_a_mac_starts_it_at_the_login_to_a_desktop() -> None:
    """It reads a property list; the mark is a comment in it."""
    text = agent_text(("/opt/a & <b>/python", "-m"), home="/Users/é")
    agent = plistlib.loads(text.encode())

    assert agent["ProgramArguments"] == ["/opt/a & <b>/python", "-m"]
    assert agent["RunAtLoad"] is True
    assert agent["EnvironmentVariables"] == {"POSTURECAM_HOME": "/Users/é"}
    assert MARK in text


def test_windows_starts_it_from_the_startup_folder() -> None:
    """Lines in UTF-8, which it is told of; percent signs are doubled."""
    text = startup_text((r"C:\Program Files\100%\python.exe", "-m"), home=r"D:\é & ü")

    assert text.splitlines() == [
        "@echo off",
        f"rem {MARK}",
        "chcp 65001 >nul",
        r'set "POSTURECAM_HOME=D:\é & ü"',
        r'start "posturecam" /min "C:\Program Files\100%%\python.exe" "-m"',
    ]
    assert text.count("\r\n") == 5


def test_on_and_off_again(plan: Plan, systemctl: Path) -> None:
    """The file comes and goes, systemd is told, and the status says what is true."""
    assert status(plan) == "autostart: off"
    assert "nothing was to be done" in disable(plan)

    assert str(plan.file) in enable(plan)
    assert plan.file.read_text(encoding="utf-8") == plan.text()
    assert plan.file.stat().st_mode & 0o077 == 0
    assert status(plan) == f"autostart: on ({plan.file}); now inactive"
    assert "every login" in enable(plan), "a second time makes it anew"

    assert "removed" in disable(plan)
    assert not plan.file.exists()
    assert status(plan) == "autostart: off"
    asked = systemctl.read_text(encoding="utf-8").splitlines()
    assert [line for line in asked if " is-" not in line] == [
        "--user daemon-reload",
        f"--user enable {UNIT}",
        "--user daemon-reload",
        f"--user enable {UNIT}",
        f"--user disable {UNIT}",
        "--user daemon-reload",
    ]


def test_switched_off_elsewhere_is_said(plan: Plan, systemctl: Path) -> None:
    """The file alone starts nothing."""
    enable(plan)
    (systemctl.parent / "enabled").unlink()

    assert status(plan).startswith(f"autostart: off ({plan.file} is disabled)")


def test_without_systemd_the_one_command_is_named(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unit is there for when a session comes."""
    monkeypatch.setenv("PATH", str(tmp_path))

    assert enable(plan).endswith(
        f"run: systemctl --user daemon-reload && systemctl --user enable {UNIT}"
    )
    assert plan.file.exists()
    assert "systemctl does not answer" in status(plan)
    assert "removed" in disable(plan)


@pytest.mark.parametrize("masked", [False, True])
def test_what_somebody_else_made_is_left_alone(
    plan: Plan,
    systemctl: Path,
    masked: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """A unit written by hand, or masked by a link to nothing."""
    plan.file.parent.mkdir(parents=True)
    if masked:
        plan.file.symlink_to("/dev/null")
    else:
        plan.file.write_text("[Service]\nExecStart=/bin/true\n", encoding="utf-8")

    for act in (enable, disable):
        with pytest.raises(UsageError, match="did not make it"):
            act(plan)
    assert "not posturecam's" in status(plan)
    assert plan.file.is_symlink() == masked
    assert MARK not in plan.file.read_text(encoding="utf-8")
    assert not systemctl.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="a unit is for Linux")
def test_the_commands_do_it(tmp_path: Path, systemctl: Path) -> None:
    """Words in, the unit in the folder of the user, running this very Python."""
    env = {
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "POSTURECAM_HOME": str(tmp_path / "a b"),
    }
    unit = tmp_path / "config" / "systemd" / "user" / UNIT

    assert posturecam("autostart", "status", env=env).stdout == "autostart: off\n"
    outcome = posturecam("autostart", "enable", env=env)
    assert (outcome.returncode, outcome.stderr) == (0, "")
    service = parsed(unit.read_text(encoding="utf-8"))["Service"]
    assert sys.executable in service["ExecStart"]
    assert service["ExecStart"].endswith('"-P" "-E" "-m" "posturecam" "watch" "--format" "plain"')
    assert service["Environment"] == f'"POSTURECAM_HOME={tmp_path / "a b"}"'
    assert "autostart: on" in posturecam("autostart", "status", env=env).stdout
    assert posturecam("autostart", "disable", env=env).returncode == 0
    assert list((tmp_path / "config").iterdir()) == [], "its folders were made for it"

    unit.parent.mkdir(parents=True)
    unit.write_text("mine", encoding="utf-8")
    assert_refused(posturecam("autostart", "enable", env=env), 2, "Move it aside")


@pytest.mark.skipif(sys.platform != "linux", reason="a unit is for Linux")
def test_the_unit_goes_where_systemd_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """XDG_CONFIG_HOME, or its default."""
    monkeypatch.setenv("XDG_CONFIG_HOME", "/somewhere")
    assert make_plan().file == Path("/somewhere/systemd/user") / UNIT
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.delenv("POSTURECAM_HOME")
    assert make_plan().file == Path.home() / ".config" / "systemd" / "user" / UNIT
    assert make_plan().home is None


@pytest.mark.parametrize("search", [None, "", f"{os.pathsep}/usr/lib/none"])
def test_a_module_in_the_home_folder_is_not_run(tmp_path: Path, search: str | None) -> None:
    """A service starts in the home folder, and an empty entry of PYTHONPATH means that folder."""
    for name in ("typer", "posturecam", "numpy"):
        (tmp_path / f"{name}.py").write_text("open('run', 'w')\n", encoding="utf-8")
    words = make_plan().words[: -len(("watch", "--format", "plain"))]
    done = subprocess.run(
        [*words, "doctor", "--help"],
        cwd=tmp_path,
        env=os.environ | ({} if search is None else {"PYTHONPATH": search}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "posturecam doctor" in done.stdout
    assert not (tmp_path / "run").exists()
