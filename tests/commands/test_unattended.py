"""What ends a watch that nobody looks at is said on the desktop, once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from posturecam.base.errors import AlreadyRunningError, BaselineError, SourceError
from posturecam.commands.unattended import forget_said, say_once
from posturecam.outputs.notify import Notifier
from tests.desktops import needs_dunst
from tests.started import Started
from tests.streams import MjpegServer, clip_jpegs
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posturecam.outputs.notices import Offer
    from tests.desktops import Dunst

DEMO_CLIP = Path(__file__).parents[2] / "posturecam" / "data" / "demo.mp4"
GONE = SourceError("camera 0 stays away.", "Plug it in.")


class Desktop(Notifier):
    """Remembers what was left there."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.failure: str | None = None

    @property
    def problem(self) -> str | None:
        """What a test says is wrong."""
        return self.failure

    def leave(self, title: str, message: str, offers: Sequence[Offer] = ()) -> None:
        """Notes it."""
        assert title == "posturecam does not watch"
        assert not offers
        self.texts.append(message)


def test_the_same_is_said_once_until_a_watch_watches_again(tmp_path: Path) -> None:
    """However often it is started anew in vain; another reason is news."""
    said, desktop = tmp_path / "said.txt", Desktop()
    for _ in range(3):
        say_once(GONE, said, desktop)
    say_once(BaselineError("No baseline.", "Take one."), said, desktop)
    say_once(GONE, said, desktop)
    forget_said(said)
    say_once(GONE, said, desktop)

    gone = "camera 0 stays away.\nPlug it in."
    assert desktop.texts == [gone, "No baseline.\nTake one.", gone, gone]


def test_what_no_desktop_showed_was_not_said(tmp_path: Path) -> None:
    """A service that comes after the watch at the login shows it at the next start."""
    said, desktop = tmp_path / "said.txt", Desktop()
    desktop.failure = "the notification service does not work"
    say_once(GONE, said, desktop)
    assert not said.exists()
    desktop.failure = None
    say_once(GONE, said, desktop)
    say_once(GONE, said, desktop)
    assert len(desktop.texts) == 2


def test_a_second_watch_is_no_news(tmp_path: Path) -> None:
    """The first one watches."""
    desktop = Desktop()
    say_once(AlreadyRunningError("Another watch is using it."), tmp_path / "said.txt", desktop)
    assert desktop.texts == []


def test_a_password_in_an_address_reaches_neither_desktop_nor_file(tmp_path: Path) -> None:
    """As in every message."""
    said, desktop = tmp_path / "said.txt", Desktop()
    say_once(SourceError("rtsp://me:secret@camera/live does not answer."), said, desktop)
    assert "secret" not in desktop.texts[0] + said.read_text()


NO_CAMERA = ("--source", "47", "--calibrate", "5s")


@needs_dunst
@pytest.mark.parametrize(
    ("options", "exit_code", "says"),
    [
        ((), 4, "posturecam calibrate"),
        pytest.param(NO_CAMERA, 3, "camera", marks=pytest.mark.slow),
        pytest.param(("--no-notify",), 4, None, marks=pytest.mark.slow),
    ],
)
def test_what_hinders_a_watch_is_said_on_a_real_desktop(
    dunst: Dunst, home: Path, options: tuple[str, ...], exit_code: int, says: str | None
) -> None:
    """What is printed goes into the journal; the message stays when the program is gone."""
    command = (sys.executable, "-m", "posturecam", "watch", "--format", "plain", *options)
    with dunst.started():
        for _ in range(2):
            done = subprocess.run(
                command, env=dunst.environment, capture_output=True, check=False, timeout=60
            )
            assert done.returncode == exit_code
        if says is None:
            assert dunst.shown() == 0
            return
        wait_until(lambda: dunst.shown() == 1, "the message is shown")
        dunst.close_all()
        (message,) = dunst.history()
    assert message["summary"]["data"] == "posturecam does not watch"
    assert says in message["body"]["data"]
    assert (home / "said.txt").exists()


@needs_dunst
def test_a_mistake_in_the_config_is_said_on_a_real_desktop(dunst: Dunst, home: Path) -> None:
    """After an upgrade, say: a watch of the login would end with it every day, unnoticed."""
    home.mkdir()
    (home / "config.toml").write_text("slouch_afterr = '3m'\n", encoding="utf-8")
    command = (sys.executable, "-m", "posturecam", "watch", "--format", "plain")
    with dunst.started():
        for options in (("--no-notify",), (), ()):
            done = subprocess.run(
                (*command, *options),
                env=dunst.environment,
                capture_output=True,
                check=False,
                timeout=60,
            )
            assert done.returncode == 2
        wait_until(lambda: dunst.shown() == 1, "the message is shown")
        dunst.close_all()
        (message,) = dunst.history()
    assert "did you mean slouch_after?" in message["body"]["data"]


@needs_dunst
@pytest.mark.slow
def test_a_camera_that_stays_away_is_said_on_a_real_desktop(dunst: Dunst, home: Path) -> None:
    """After the watch had seen somebody, and had waited for it to come back."""
    jpegs = clip_jpegs(DEMO_CLIP, every=5, limit=60)
    with dunst.started(), MjpegServer(jpegs) as camera:
        words = ("--source", camera.url, "--calibrate", "5s", "--give-up-after", "8s")
        command = (sys.executable, "-m", "posturecam", "watch", "--format", "plain", *words)
        with Started(
            command,
            env=dunst.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as watch:
            assert watch.stdout is not None
            while "baseline: taken now" not in (line := watch.stdout.readline()):
                assert line, "the watch ended before"
            camera.stop()
            watch.communicate(timeout=60)
        assert watch.returncode == 3
        wait_until(lambda: dunst.shown() == 1, "the message is shown")
        dunst.close_all()
        (message,) = dunst.history()
    assert "delivered nothing for 8 s" in message["body"]["data"]
    assert "delivered nothing" in (home / "said.txt").read_text()
