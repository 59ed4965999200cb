"""From nothing to the first watch: what is offered, and what is said where nobody can answer."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import pytest

from posturecam.base.errors import DataError
from posturecam.base.paths import AppPaths
from posturecam.cli.way_in import given_words, option_words
from posturecam.commands.way_in import (
    Situation,
    Step,
    find_situation,
    situation_lines,
)
from posturecam.posture.profiles import save_profile
from posturecam.values.settings import Settings
from posturecam.watch.lock import only_watch
from tests.machine_cameras import Machine
from tests.posture.test_profiles import baseline
from tests.program import DEMO_CLIP, assert_refused, here, run_python
from tests.rights import without_rights
from tests.streams import MjpegServer, clip_jpegs
from tests.terminals import bare_terminal, read_until

if TYPE_CHECKING:
    from pathlib import Path

needs_terminal = pytest.mark.skipif(sys.platform == "win32", reason="has no such terminals")
DAY = date(2026, 11, 2)


def situation(**changes: object) -> Situation:
    """A camera, no baseline, no watch, but for the changes."""
    given = {"source": "C920", "is_there": True, "is_named": False, "profile": "default"}
    return Situation(**given | {"taken_on": None, "watching": False} | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        ({}, Step.TAKE_BASELINE),
        ({"taken_on": DAY}, Step.START),
        ({"taken_on": DAY, "watching": True}, Step.OPEN_TODAY),
        ({"is_there": False}, Step.FIND_CAMERA),
        ({"is_there": False, "taken_on": DAY}, Step.FIND_CAMERA),
        ({"is_there": False, "is_named": True}, Step.FIND_SOURCE),
        ({"is_there": False, "watching": True}, Step.OPEN_TODAY),
    ],
)
def test_the_next_step_follows_from_what_is_there(changes: dict[str, object], step: Step) -> None:
    """One, never two."""
    assert situation(**changes).step is step


def test_what_is_there_is_found_without_opening_it(tmp_path: Path) -> None:
    """A baseline, a running watch, and a source without its secrets."""
    paths = AppPaths(data=tmp_path, config=tmp_path)
    settings = Settings(source="http://me:pass@camera.local/hidden")
    before = find_situation(settings, paths, lambda _: DAY)
    assert (before.taken_on, before.watching, before.is_there) == (None, False, True)
    assert "pass" not in " ".join(situation_lines(before))
    assert len(situation_lines(before)) == 2

    paths.profiles.mkdir()
    (paths.profiles / "default.json").touch()
    with only_watch(paths.lock):
        after = find_situation(settings, paths, lambda _: DAY)
    assert (after.taken_on, after.watching) == (DAY, True)
    assert situation_lines(after)[1:] == ["Baseline: default, of 2026-11-02", "Watch:    runs"]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="folders have no modes here")
def test_a_closed_folder_of_profiles_is_said_to_be_one(tmp_path: Path) -> None:
    """Nobody is offered to take a baseline that may be there."""
    paths = AppPaths(data=tmp_path, config=tmp_path)
    settings = Settings(source="http://camera.local/")
    save_profile(paths.profiles, baseline())
    with (
        without_rights(paths.profiles),
        pytest.raises(DataError, match="profiles cannot be read: Permission denied"),
    ):
        find_situation(settings, paths, lambda _: DAY)


@needs_terminal
@pytest.mark.slow
@pytest.mark.model
@pytest.mark.parametrize("columns", [60, 120])
@pytest.mark.parametrize("command", ["posturecam", "posturecam calibrate"])
def test_few_words_stand_before_the_first_take(
    command: str, columns: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that a newcomer sees from the first command to "hold"; a countdown is read once."""
    monkeypatch.setenv("POSTURECAM_HOME", str(tmp_path))
    name = "HD Pro Webcam C920"
    errors = tmp_path / "errors"
    with MjpegServer(clip_jpegs(DEMO_CLIP, limit=40), rate_hz=10) as camera:
        assert here("config", "set", "source", camera.url).returncode == 0
        words = {"COLUMNS": str(columns)}
        with bare_terminal(*command.split(), errors=errors, environment=words) as (_process, ours):
            shown = b""
            if command == "posturecam":
                shown = read_until(ours, b"Take a baseline now?")
                os.write(ours, b"y\n")
            shown += read_until(ours, b": hold")
    assert errors.read_bytes() == b""
    text = shown.decode().partition("take 1 of 3: hold")[0]
    text = re.sub(r"http:\S+", name, text)
    lines = [re.sub(r"\d+ s", "4 s", line) for line in re.split(r"[\r\n]|\x1b\[K", text)]
    read = " ".join(dict.fromkeys(lines)).removesuffix("y").split()
    assert (f"Camera:   {name}" in text) == (command == "posturecam")
    assert "sit comfortably upright" in text
    assert len(read) <= 30, read


def test_a_camera_that_nobody_named_is_not_called_by_its_number(tmp_path: Path) -> None:
    """`0` says nothing to whoever never wrote it; a name that was chosen does."""
    found = partial(
        find_situation, paths=AppPaths(data=tmp_path, config=tmp_path), date_of=lambda _: DAY
    )
    none = Machine(tmp_path).devices
    assert found(Settings(), devices=none).source == "none found"
    assert found(Settings(source="/dev/video3"), devices=none).source == (
        "none found (looked for /dev/video3)"
    )


def test_a_named_source_that_is_not_there_is_looked_for(tmp_path: Path) -> None:
    """A camera that was unplugged, a file that was moved; no baseline is offered from them."""
    machine = Machine(tmp_path)
    find = partial(
        find_situation,
        paths=AppPaths(data=tmp_path, config=tmp_path),
        date_of=lambda _: DAY,
        devices=machine.devices,
    )
    for name in ("C920", str(tmp_path / "talk.mp4")):
        gone = find(Settings(source=name))
        assert (gone.source, gone.step) == (f"none found (looked for {name})", Step.FIND_SOURCE)
    machine.plug(0, "HD Pro Webcam C920")
    (tmp_path / "talk.mp4").touch()
    for name in ("C920", str(tmp_path / "talk.mp4"), "demo", "rtsp://camera.local/"):
        assert find(Settings(source=name)).step is Step.TAKE_BASELINE


@needs_terminal
@pytest.mark.model
def test_a_baseline_is_taken_and_then_the_watch_is_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One question after the other; Enter ends it. No word is cut at the edge of the terminal."""
    monkeypatch.setenv("POSTURECAM_HOME", str(tmp_path))
    assert here("config", "set", "source", "demo").returncode == 0
    with bare_terminal("posturecam", errors=tmp_path / "errors", environment={"COLUMNS": "60"}) as (
        process,
        ours,
    ):
        read_until(ours, b"Take a baseline now?")
        os.write(ours, b"y\n")
        shown = read_until(ours, b"Start watching now?")
        saved = shown[shown.index(b"Baseline 'default' saved") :].decode()
        assert max(map(len, saved.splitlines())) <= 60
        os.write(ours, b"\n")
        read_until(ours, b"All commands: posturecam --help")
        assert process.wait(60) == 0
    assert (tmp_path / "profiles" / "default.json").exists()


@needs_terminal
def test_the_next_command_stays_whole_however_long_the_name_of_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It can be copied out of a narrow terminal."""
    monkeypatch.setenv("POSTURECAM_HOME", str(tmp_path))
    clip = tmp_path / f"{60 * 'a'}.mp4"
    clip.symlink_to(DEMO_CLIP)
    words = ("posturecam", "calibrate", "--source", str(clip), "--seconds", "9")
    with bare_terminal(*words, errors=tmp_path / "errors", environment={"COLUMNS": "60"}) as (
        _,
        ours,
    ):
        read_until(ours, f"posturecam watch --source {clip}".encode())


@needs_terminal
def test_a_watch_without_a_baseline_asks_and_takes_no_for_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the way to do it later, the source that was given in it."""
    monkeypatch.setenv("POSTURECAM_HOME", str(tmp_path))
    words = ("posturecam", "watch", "--source", "demo", "--profile", "office")
    with bare_terminal(*words, errors=tmp_path / "errors") as (process, ours):
        read_until(ours, b"Take a baseline now?")
        os.write(ours, b"n\n")
        assert process.wait(60) == 4
    said = (tmp_path / "errors").read_text("utf-8")
    assert "Take one with: posturecam calibrate --source demo --profile office" in said


@needs_terminal
def test_a_watch_asks_where_other_models_placed_the_landmarks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an update or for another pose model; the one from before is kept for a no."""
    monkeypatch.setenv("POSTURECAM_HOME", str(tmp_path))
    kept = save_profile(tmp_path / "profiles", replace(baseline(), model_sha256="1" * 64))
    before = kept.read_bytes()
    words = ("posturecam", "watch", "--source", "demo", "--profile", baseline().profile)
    with bare_terminal(*words, errors=tmp_path / "errors") as (process, ours):
        asked = read_until(ours, b"Take a baseline now?")
        assert b"was taken with another pose model than 'full'" in b" ".join(asked.split())
        os.write(ours, b"n\n")
        assert process.wait(60) == 4
    assert "Take it anew: posturecam calibrate" in (tmp_path / "errors").read_text("utf-8")
    assert kept.read_bytes() == before


@needs_terminal
def test_no_baseline_is_offered_from_a_source_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said before somebody agrees to sit for it."""
    monkeypatch.setenv("POSTURECAM_HOME", str(tmp_path))
    words = ("posturecam", "watch", "--source", "nosuch.mp4")
    with bare_terminal(*words, errors=tmp_path / "errors") as (process, _):
        assert process.wait(60) == 3
    said = (tmp_path / "errors").read_text("utf-8")
    assert "nosuch.mp4" in said
    assert "baseline" not in said


def test_where_nobody_can_answer_nobody_is_asked(tmp_path: Path) -> None:
    """Help without a command; a refusal, with the given source in its remedy, of a watch."""
    assert here().stdout == here("--help").stdout
    talk = tmp_path / "my talk.mp4"
    talk.touch()
    refused = here("watch", "--source", talk)
    assert_refused(refused, 4, "no baseline named", f"posturecam calibrate --source '{talk}'")
    secret = here("watch", "--source", "http://me:pass@camera.local/x", "--profile", "b")
    assert_refused(secret, 4, "posturecam calibrate --source ADDRESS --profile b")
    assert "pass" not in secret.stdout + secret.stderr


def test_a_source_with_secrets_is_to_be_filled_in_where_it_is_shown() -> None:
    """Left out, the camera of the config would be taken; what is run here has all of it."""
    address = "rtsp://me:secret@camera.local/live"
    given = {"source": address, "profile": None, "model": "lite"}
    assert option_words(given) == ["--source", "ADDRESS", "--model", "lite"]
    assert given_words(given) == ["--source", address, "--model", "lite"]
    plain = {"source": "rtsp://camera.local", "profile": None, "model": None}
    assert option_words(plain) == ["--source", "rtsp://camera.local"]


def test_for_the_first_question_nothing_heavy_is_loaded(tmp_path: Path) -> None:
    """It is there at once."""
    loaded = run_python(
        "import sys; from pathlib import Path\n"
        "from posturecam.base.paths import AppPaths\n"
        "from posturecam.commands.way_in import find_situation\n"
        "from posturecam.values.settings import Settings\n"
        "import posturecam.cli.app, posturecam.cli.way_in, posturecam.outputs.dialogue\n"
        "from posturecam.commands.profile_here import profile_here\n"
        "home = Path(sys.argv[1])\n"
        "profile_here(home, 'http://camera.local', 'default')\n"
        "find_situation(Settings(), AppPaths(data=home, config=home), lambda _: None)\n"
        "heavy = ('cv2', 'mediapipe', 'numpy', 'pydantic', 'rich', 'posturecam.values.log_rows')\n"
        "print([m for m in heavy if m in sys.modules])",
        str(tmp_path),
    )
    assert loaded == "[]\n"
