"""The command line as a user meets it: real processes, real exit codes, real messages."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import pytest
import typer

from posturecam import __version__
from posturecam.base.paths import make_private_folder
from posturecam.cli import app
from posturecam.cli.app import command_line
from posturecam.log.reader import LogReader
from tests.fakes import NINE
from tests.logs import LAST_DAY, write_log
from tests.posture.test_profiles import baseline
from tests.program import DATA, assert_refused, here, posturecam, still_video
from tests.scripted_terminal import ScreenText
from tests.started import Started
from tests.waiting import DEADLINE_S

COMMANDS: Any = typer.main.get_command(command_line()).commands  # type: ignore[attr-defined]


def test_a_command_is_found_without_those_of_other_modules() -> None:
    """The table by which it is found says what each module declares, in the order of the help."""
    by_table = [word for words in app.COMMANDS.values() for word in words]

    assert list(COMMANDS) == by_table
    for words in app.COMMANDS.values():
        for word in words:
            alone: Any = typer.main.get_command(command_line(word))
            assert list(alone.commands) == list(words)


def test_every_command_has_help_with_an_example() -> None:
    """`--help` everywhere, and it shows how the command is used."""

    def check(group: Any, *words: str) -> None:
        for word, command in group.commands.items():
            named = (*words, word)
            assert f"Example: posturecam {' '.join(named)}" in here(*named, "--help").stdout
            if hasattr(command, "commands"):
                check(command, *named)

    check(typer.main.get_command(command_line()))


def test_no_help_names_a_type_of_the_language_it_is_written_in() -> None:
    """But words, and what may be written."""

    def check(group: Any) -> None:
        for word, command in group.commands.items():
            if hasattr(command, "commands"):
                check(command)
                continue
            context = command.make_context(word, [], resilient_parsing=True)
            for one in command.params:
                if not getattr(one, "is_flag", False):
                    assert "<str>" not in str(one.make_metavar(context)), (word, one.name)

    check(typer.main.get_command(command_line()))


@pytest.mark.parametrize("group", ["autostart", "config", "pain", "profiles"])
def test_a_group_without_a_word_shows_its_help(group: str) -> None:
    """As help, not as an error."""
    alone = here(group)

    assert (alone.returncode, alone.stderr) == (0, "")
    assert alone.stdout == here(group, "--help").stdout


@pytest.mark.parametrize("group", ["", "autostart", "config", "pain", "profiles"])
def test_no_terminal_cuts_off_what_a_command_is_for(
    group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A narrow one breaks the line."""
    monkeypatch.setenv("COLUMNS", "45")
    shown = here(*group.split(), "--help").stdout
    assert "..." not in shown.split("Options:")[1]


def test_the_overview_has_whole_sentences_in_the_order_of_use() -> None:
    """Within 80 columns: the main job first, upkeep last, nothing cut off."""
    shown = here("--help").stdout
    panels = {
        title: re.findall(r"^  (\w+) {2,}\S", part, re.MULTILINE)
        for title, part in re.findall(r"^([A-Z][\w ]+):\n((?:  .*\n)+)", shown, re.MULTILINE)
    }
    panels.pop("Options")

    assert "..." not in shown.split("Start:")[1]
    assert list(panels) == ["Start", "Steer a running watch", "Look back", "Take care", "Upkeep"]
    assert panels["Start"] == ["demo", "calibrate", "watch"]
    assert panels["Look back"] == ["review", "analyze"]
    assert panels["Take care"] == ["move", "pain"]
    assert sum(map(len, panels.values())) == len(COMMANDS)


@pytest.mark.skipif(sys.platform == "win32", reason="has no bash")
def test_bash_completes_commands_and_options(tmp_path: Path) -> None:
    """By the script that `--show-completion` prints, run by bash itself."""
    program = tmp_path / "posturecam"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m posturecam "$@"\n', "utf-8")
    program.chmod(0o755)
    ask = (
        'eval "$(posturecam --show-completion bash)"\n'
        'complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
        '_posturecam_completion posturecam; echo "${COMPREPLY[@]}"; }\n'
        "complete_words posturecam re; complete_words posturecam watch --slo"
    )
    done = subprocess.run(
        ["bash", "-c", ask],
        env=os.environ
        | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
        | {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    commands, options = done.stdout.splitlines()
    assert {"review", "resume", "repair"} <= set(commands.split())
    assert options == "--slouch-after"


def test_the_options_of_watch_stand_in_panels_with_the_rare_ones_last() -> None:
    """None is left out, and none stands twice."""
    shown = here("watch", "--help").stdout
    titles = re.findall(r"^(\w[\w ]+):$", shown, re.MULTILINE)
    assert titles == [
        *("What to watch", "When to alert", "How to alert", "Rarely needed", "Options")
    ]
    options = re.findall(r"^  (?:-\w, )?(--[\w-]+)", shown, re.MULTILINE)
    declared = {param.opts[0] for param in COMMANDS["watch"].params} | {"--help"}
    assert len(options) == len(declared)
    assert set(options) == declared


VALUES_OF_A_WATCH = [f"posturecam.values.{name}" for name in ("observation", "events", "log_rows")]
"""Dozens of dataclasses, each put together anew at every start: a quarter of what help took."""
FOR_FEW = ["ctypes", "decimal", "multiprocessing"]


@pytest.mark.parametrize(
    ("commands", "spared"),
    [
        (["--help", "watch --help"], ["pydantic", "rich", *VALUES_OF_A_WATCH, *FOR_FEW]),
        (["review"], ["pydantic"]),
        (["status", "pause 1h"], ["rich", "posturecam.values.log_rows", *FOR_FEW]),
        (["move --list", "pain log 3", "pain list"], ["rich"]),
    ],
)
def test_words_load_neither_camera_nor_model(commands: list[str], spared: list[str]) -> None:
    """Help, reading and controlling are cheap: what is heavy is imported where it is needed."""
    code = (
        "import sys; from posturecam.cli.app import run\n"
        f"for command in {commands}: run(command.split())\n"
        f"print([m for m in {['cv2', 'mediapipe', 'numpy', *spared]} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("words", "see"),
    [
        ("review --since", "review --help"),
        ("--debug pain list --since", "pain list --help"),
        ("pain nothing", "pain --help"),
        ("profiles undo --x watch", "profiles undo --help"),
        ("wotch", "--help"),
        ("watch 0 1", "watch --help"),
        ("watch my clip.mp4", "watch --help"),
        ("status 0", "status --help"),
    ],
)
def test_wrong_words_lead_to_the_help_of_their_command(words: str, see: str) -> None:
    """Also where an option lacks its value, of which typer does not say whose it is."""
    assert here(*words.split()).stderr.splitlines()[-1] == f"See: posturecam {see}"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("watch", "talk.mp4"), "watch --source talk.mp4"),
        (("watch", "it;is.mp4"), "watch --source 'it;is.mp4'"),
        (("watch", "my clip.mp4"), "watch --source 'my clip.mp4'"),
        (("calibrate", "rtsp://me:secret@desk/1"), "calibrate --source ADDRESS"),
        (("watch", "http://desk/x"), "watch --source ADDRESS"),
        (("watch", "me:secret@desk/x"), "watch --source ADDRESS"),
    ],
)
def test_a_source_that_is_typed_alone_is_told_how_it_is_named(
    words: tuple[str, ...], named: str
) -> None:
    """As one types it; of a stream nothing is repeated that could not be typed again."""
    refused = here(*words)
    assert_refused(refused, 2, "unexpected extra argument")
    assert refused.stderr.splitlines()[-1].endswith(f"like this: posturecam {named}")
    assert "secret" not in refused.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads as Linux shows them")
def test_no_thread_is_started_that_has_nothing_to_do() -> None:
    """Neither numpy nor OpenCV brings threads for large sums; there are none."""
    code = (
        "import os; from posturecam.__main__ import _set_limits; _set_limits();"
        "import cv2, numpy; print(len(os.listdir('/proc/self/task')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "1\n"


def test_the_version_is_told() -> None:
    """One line."""
    assert posturecam("--version").stdout == f"posturecam {__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        ["wotch"],
        ["watch", "--nope"],
        ["watch", "--slouch-after", "soon"],
        ["watch", "--calibrate", "-5s"],
        ["watch", "--duration", "0"],
        ["watch", "--format", "xml"],
        ["watch", "--profile", "../up"],
        ["calibrate", "--takes", "0"],
        ["calibrate", "--profile", "a/b"],
        ["calibrate", "--check", "--slump"],
        ["calibrate", "--check", "--takes", "2"],
        ["watch", "--sensitivity", "extreme"],
        ["review", "someday"],
        ["review", "9999-12-31"],  # the ends of the calendar have no midnight to count from
        ["review", "0001-01-01"],
        ["analyze"],
        ["watch", "--model", "/nowhere.task"],
        ["move", "--seconds", "29"],
        ["move", "--seconds", "91"],
        ["move", "--ask"],
        ["pain", "log"],
        ["pain", "log", "11"],
        ["pain", "log", "-1"],
        ["pain", "log", "3", "--where", "foot"],
        ["pain", "log", "3", "--quality", "funny"],
        ["pain", "log", "3", "--at", "soon"],
        ["pain", "log", "3", "--note", "x" * 1001],
        ["pain", "list", "--since", "someday"],
        ["pain", "check"],
        ["pain", "check", "--flag", "nonsense"],
        ["pain", "check", "--flag", "cough", "--sought-advice"],
    ],
)
def test_wrong_words_exit_2(words: list[str], home: Path) -> None:
    """Two lines at most: what is wrong, and where to look; nothing is stored."""
    assert_refused(here(*words), 2)
    assert not (home / "log.db").exists()


def test_no_camera_exits_3() -> None:
    """A camera number that is not there."""
    assert_refused(posturecam("watch", "--source", "63", "--calibrate", "5s"), 3, "camera 63")


@pytest.mark.parametrize("words", ["watch", "calibrate", "calibrate --check", "analyze"])
def test_a_source_that_is_not_there_is_named_before_the_missing_baseline(words: str) -> None:
    """A baseline from it could not be taken either."""
    option = [] if words == "analyze" else ["--source"]
    outcome = here(*words.split(), *option, "nosuch.mp4")
    assert_refused(outcome, 3, "nosuch.mp4")
    assert "baseline" not in outcome.stderr


@pytest.mark.parametrize("content", [None, b"", b"not a video at all" * 99])
def test_a_file_that_is_no_video_exits_3(tmp_path: Path, content: bytes | None) -> None:
    """Absent, empty, or something else."""
    file = tmp_path / "talk.mp4"
    if content is not None:
        file.write_bytes(content)
    assert_refused(here("watch", "--source", file, "--calibrate", "5s"), 3, "talk.mp4")


def test_a_folder_without_pictures_exits_3(tmp_path: Path) -> None:
    """Nothing to analyze is said, not shown as an empty table."""
    empty = tmp_path / "photos"
    empty.mkdir()
    upright = tmp_path / "upright"
    upright.mkdir()
    pictures = DATA / "photos" / "upright"
    assert_refused(here("analyze", empty, "--baseline", pictures), 3, "photos")
    assert_refused(here("analyze", pictures, "--baseline", upright), 3, "upright")


def test_no_baseline_exits_4(tmp_path: Path) -> None:
    """The command that takes one is named."""
    video = still_video(tmp_path / "v.avi")
    assert_refused(here("watch", "--source", video), 4, "posturecam calibrate")
    assert_refused(here("calibrate", "--check", "--source", video), 4, "posturecam calibrate")
    assert_refused(here("analyze", video, "--baseline", "nobody"), 4, "nobody")
    assert_refused(here("analyze", video), 4, "no baseline named 'default' yet", "--baseline")


@pytest.mark.slow
@pytest.mark.model
def test_a_baseline_of_an_empty_chair_exits_4(tmp_path: Path, home: Path) -> None:
    """Refused with the reason, and nothing is kept."""
    video = still_video(tmp_path / "v.avi", frames=40)
    assert_refused(posturecam("calibrate", "--source", video, "--seconds", "3"), 4, "nobody")
    assert_refused(
        posturecam("watch", "--source", video, "--calibrate", "2s", "--no-notify"), 4, "nobody"
    )
    covered = still_video(tmp_path / "c.avi", frames=40, covered=True)
    assert_refused(posturecam("calibrate", "--source", covered, "--seconds", "3"), 4, "covered")
    assert not list(home.glob("profiles/*"))


def test_a_second_watch_on_the_same_folder_exits_5(tmp_path: Path, home: Path) -> None:
    """The lock is a real one, held by this process."""
    from posturecam.watch.lock import only_watch

    video = still_video(tmp_path / "v.avi")
    with only_watch(make_private_folder(home) / "watch.lock"):
        outcome = posturecam("watch", "--source", video, "--calibrate", "1s")
    assert_refused(outcome, 5, str(home))


def test_damaged_data_exits_6_and_is_left_alone(tmp_path: Path, home: Path) -> None:
    """Config, profile and log: named, not deleted."""
    video = still_video(tmp_path / "v.avi")
    home.mkdir()
    config = home / "config.toml"
    config.write_bytes(b"\xff\xfe")
    assert_refused(here("watch", "--source", video), 6, "config.toml")
    config.unlink()

    (home / "profiles").mkdir()
    profile = home / "profiles" / "default.json"
    profile.write_text("{")
    assert_refused(here("watch", "--source", video), 6, "default.json")
    assert profile.read_text() == "{"

    log = home / "log.db"
    log.write_bytes(b"this is not a database" * 100)
    assert_refused(here("review"), 6, "log.db")
    assert log.read_bytes() == b"this is not a database" * 100


def test_a_zero_byte_model_and_an_altered_one_exit_6(tmp_path: Path) -> None:
    """A pose model is checked before it is loaded."""
    model = tmp_path / "mine.task"
    model.write_bytes(b"")
    video = still_video(tmp_path / "v.avi")
    outcome = here("watch", "--source", video, "--calibrate", "1s", "--model", model)
    assert_refused(outcome, 6, "mine.task")


def test_a_profile_of_another_model_exits_4(tmp_path: Path, home: Path) -> None:
    """Landmarks of two models cannot be compared."""
    from posturecam.posture.profiles import save_profile

    save_profile(home / "profiles", baseline())
    video = still_video(tmp_path / "v.avi")
    assert_refused(here("watch", "--source", video), 4, "another pose model")


@pytest.mark.parametrize("words", ["profiles list", "profiles show default"])
def test_at_a_narrow_terminal_no_word_is_cut(
    home: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    """What is piped keeps its lines."""
    from posturecam.posture.profiles import save_profile

    monkeypatch.setenv("COLUMNS", "30")
    save_profile(home / "profiles", baseline())
    with contextlib.redirect_stdout(screen := ScreenText(is_terminal=True)):
        app.run(words.split())
    piped = here(*words.split()).stdout
    shown = screen.getvalue().splitlines()
    assert "".join(screen.getvalue().split()) == "".join(piped.split())
    assert all(len(line) <= 30 for line in shown)
    assert max(map(len, piped.splitlines())) > 30


@pytest.mark.model
def test_each_check_of_the_installation_fits_a_narrow_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What goes on below is further in."""
    monkeypatch.setenv("COLUMNS", "40")
    with contextlib.redirect_stdout(screen := ScreenText(is_terminal=True)):
        app.run(["doctor", "-v"])
    assert max(map(len, screen.getvalue().splitlines())) <= 40


def test_the_advice_about_what_cannot_be_read_of_a_profile_forgets_that_of_this_one(
    home: Path,
) -> None:
    """Not what the profile in use was taught."""
    from posturecam.posture.profiles import save_profile
    from posturecam.posture.taught import Taught, load_taught, save_taught, taught_path

    in_use = save_profile(home / "profiles", baseline())
    office = save_profile(home / "profiles", replace(baseline(), profile="office"))
    known = Taught(asked_at=NINE)
    save_taught(in_use, known)
    taught_path(office).write_text("{")
    refused = here("profiles", "show", "office")
    assert_refused(refused, 6, "office.taught.json")
    advised = refused.stderr.partition("Forget it with: posturecam ")[2]
    assert here(*advised.split()).returncode == 0
    assert here("profiles", "show", "office").returncode == 0
    assert load_taught(in_use) == known


def test_a_data_folder_that_cannot_be_made_exits_6(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("POSTURECAM_HOME", str(tmp_path / "file" / "home"))
    video = still_video(tmp_path / "v.avi")
    assert_refused(here("watch", "--source", video, "--calibrate", "1s"), 6, "home")


def test_a_picture_that_is_not_there_is_no_reason_to_name_a_camera(tmp_path: Path) -> None:
    """Which `analyze` would refuse."""
    refused = here("analyze", tmp_path / "none.jpg")
    assert_refused(refused, 3, "There is no file or folder", "Check the path.")
    assert "name a camera" not in refused.stderr


def test_a_data_folder_that_is_a_file_is_said_to_be_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no config in it that could be corrected."""
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("POSTURECAM_HOME", str(file))
    refused = here("config", "check")
    assert_refused(refused, 6, f"{file} is no folder", "POSTURECAM_HOME")
    assert "Correct it" not in refused.stderr


def test_earlier_baselines_of_a_newer_program_are_found_before_anybody_poses(
    home: Path, tmp_path: Path
) -> None:
    """The new one could not be kept beside them; nor where they may not be read."""
    from posturecam.posture.profiles import save_profile

    file = save_profile(home / "profiles", baseline())
    file.with_suffix(".previous.json").write_text('{"format": 99}')
    video = still_video(tmp_path / "nobody.avi")
    assert_refused(here("calibrate", "--source", video), 6, "newer")


def test_reviews_of_a_log_of_a_newer_program_exit_6(home: Path) -> None:
    """The log is not touched."""
    home.mkdir()
    with sqlite3.connect(home / "log.db") as connection:
        connection.execute(
            "CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT, applied_ms INTEGER)"
        )
        connection.execute("INSERT INTO migrations VALUES (999, 'later', 0)")
    connection.close()
    assert_refused(here("review"), 6, "log.db")


def test_an_empty_day_is_friendly() -> None:
    """Nothing watched yet is not an error."""
    outcome = here("review", "--format", "plain")
    assert outcome.returncode == 0
    assert "posturecam watch" in outcome.stdout
    assert json.loads(here("review", "--format", "json").stdout)["watched_s"] == 0


def test_without_a_word_the_help_is_shown() -> None:
    """And it is no mistake."""
    outcome = here()

    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert "Start:" in outcome.stdout


@pytest.mark.parametrize("words", ["watch --help", "review --format json", "doctor"])
def test_a_reader_who_leaves_early_is_no_mistake(words: str) -> None:
    """`posturecam ... | head -n 1` is quiet, and the program says 0."""
    command = f"{{ {sys.executable} -m posturecam {words}; echo $? >&3; }} 3>&2 | true"
    outcome = subprocess.run(
        ["/bin/sh", "-c", command], capture_output=True, text=True, check=False, timeout=60
    )
    assert outcome.stderr.strip() == "0"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    ("words", "output", "exit_code", "complaint"),
    [
        ("review", "> /dev/full", 6, "posturecam: No space left on device."),
        ("review yesteryear", "2> /dev/full", 2, ""),
    ],
)
def test_an_output_on_a_full_disk_is_told_where_it_can_be(
    words: str, output: str, exit_code: int, complaint: str
) -> None:
    """The exit code stays true when nobody can be told."""
    command = f"{sys.executable} -m posturecam {words} {output}"
    outcome = subprocess.run(
        ["/bin/sh", "-c", command], capture_output=True, text=True, check=False, timeout=60
    )
    assert outcome.returncode == exit_code
    assert "".join(outcome.stderr.splitlines()[:1]) == complaint


def test_a_folder_that_was_there_keeps_its_mode(home: Path) -> None:
    """`POSTURECAM_HOME` may be a folder that others use too."""
    home.mkdir(mode=0o755)
    home.chmod(0o755)
    here("watch", "--source", "/nowhere.mp4", "--calibrate", "1s")

    assert home.stat().st_mode & 0o777 == 0o755


def test_pictures_of_a_camera_upside_down_are_judged_as_it_is_watched(tmp_path: Path) -> None:
    """Turned as the settings say, and without them as they were for the baseline."""
    upright = sorted((DATA / "photos" / "upright").iterdir())
    for number, path in enumerate(upright * 2):
        picture = cv2.imread(str(path))
        assert picture is not None
        turned = cv2.rotate(picture, cv2.ROTATE_180)
        assert cv2.imwrite(str(tmp_path / f"{number}.png"), turned)
    words = ("analyze", tmp_path / "0.png", "--format", "jsonl")

    here("config", "set", "rotate", "180")
    assert here("calibrate", "--source", tmp_path).returncode == 0
    by_folder = here(*words, "--baseline", tmp_path)
    here("config", "unset", "rotate")
    by_profile = here(*words)
    assert [json.loads(it.stdout)["state"] for it in (by_folder, by_profile)] == ["upright"] * 2


@pytest.mark.parametrize("name", ["2024", "demo"])
def test_pictures_are_found_under_a_name_that_would_mean_something_else(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`analyze` takes no camera, and what is there goes before the clip that ships."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(DATA / "photos" / "upright", name)
    judged = here("analyze", name, "--baseline", name, "--format", "jsonl")

    assert judged.returncode == 0, judged.stderr
    assert [json.loads(line)["file"] for line in judged.stdout.splitlines()] == sorted(
        path.name for path in (tmp_path / name).iterdir()
    )


def test_annotated_copies_never_replace_the_pictures(tmp_path: Path) -> None:
    """The folders of the input and of the baseline are refused as the place for the copies."""
    photos = Path(shutil.copytree(DATA / "photos" / "mixed", tmp_path / "mixed"))
    upright = Path(shutil.copytree(DATA / "photos" / "upright", tmp_path / "upright"))
    before = {path: path.read_bytes() for path in (*photos.iterdir(), *upright.iterdir())}
    places = ((photos, photos), (photos / "upright.jpg", photos), (photos, upright))
    for source, folder in (*places, (photos, photos / "new" / "..")):
        outcome = here("analyze", source, "--baseline", upright, "--annotate", folder)
        assert_refused(outcome, 2, "write over")
    assert {path: path.read_bytes() for path in before} == before


def test_annotated_copies_go_to_the_home_folder_that_is_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No shell expands `--annotate=~/copies`, and a folder named ~ is dangerous to remove."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    upright = DATA / "photos" / "upright"
    drawn = here("analyze", upright / "000.jpg", "--baseline", upright, "--annotate=~/copies")

    assert drawn.returncode == 0, drawn.stderr
    assert (tmp_path / "home" / "copies" / "000.jpg").is_file()
    assert not (tmp_path / "~").exists()


@pytest.mark.parametrize(
    ("option", "exit_code", "what"),
    [("--baseline", 4, "There is neither"), ("--annotate", 6, "cannot be used: ")],
)
def test_a_name_that_cannot_be_looked_up_is_told(option: str, exit_code: int, what: str) -> None:
    """As one that is too long, or in a folder of somebody else."""
    upright = DATA / "photos" / "upright"
    outcome = here("analyze", upright / "000.jpg", "--baseline", upright, option, "a" * 300)
    assert_refused(outcome, exit_code, what)


def test_a_stored_name_that_no_posturecam_wrote_exits_6(home: Path) -> None:
    """A damaged text in the log is damage, not a crash."""
    log_file = make_private_folder(home) / "log.db"
    write_log(log_file, first=LAST_DAY)
    with sqlite3.connect(log_file) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("UPDATE intervals SET state = 'uprighX'")
    connection.close()
    assert_refused(here("review", str(LAST_DAY)), 6, "log.db", "damaged")


@pytest.mark.parametrize("command", ["calibrate", "demo"])
def test_ctrl_c_ends_a_baseline_in_the_making(command: str) -> None:
    """Nothing is kept, and the exit code says that it was interrupted."""
    words = ["--source", "demo", "--seconds", "60"] if command == "calibrate" else []
    with Started(
        [sys.executable, "-m", "posturecam", command, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()
        running.send_signal(signal.SIGINT)
        _, complaint = running.communicate(timeout=DEADLINE_S)

    assert running.returncode == 130, complaint
    assert complaint == ""


@pytest.mark.slow
@pytest.mark.model
def test_two_files_one_after_the_other_do_not_overlap_in_the_log(home: Path) -> None:
    """A file plays faster than life, so the next session begins where the last one ended."""
    clip = DATA / "leaves_and_returns.mp4"
    for _ in range(2):
        words = ("--calibrate", "4s", "--duration", "9s", "--no-notify", "--format", "plain")
        assert posturecam("watch", "--source", clip, *words).returncode == 0
    with LogReader.open(home / "log.db") as log:
        first, second = log.day(0, 2**53).sessions

    assert second.start_ms >= first.end_ms


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("calibrat", "Did you mean 'calibrate'"),
        ("calibrate --slumpp 1", "No such option '--slumpp'. Did you mean '--slump'?"),
        ("calibrate --takes 0", "'--takes': write a whole number from 1 to 10"),
        ("calibrate --takes two", "'--takes': write a whole number from 1 to 10"),
        ("calibrate --seconds 1", "'--seconds': write a number from 2 to 3600"),
        ("move --seconds 45.5", "'--seconds': write a whole number from 30 to 90"),
        ("pain log 11", "'LEVEL': write a whole number from 0 to 10"),
    ],
)
def test_a_slip_is_answered_with_what_was_meant(words: str, said: str) -> None:
    """In words, and the ranges of numbers in the help are none of a programming language."""
    refused = here(*words.split())
    assert_refused(refused, 2, said)
    assert "<=" not in here(*words.split()[:-2], "--help").stdout


@pytest.mark.skipif(sys.platform != "linux", reason="takes another user's number there")
def test_without_a_home_folder_it_is_said_what_to_set() -> None:
    """As in a container whose user is only a number."""
    homes = ("HOME", "POSTURECAM_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")
    done = subprocess.run(
        ["unshare", "--user", "--map-user=4242", sys.executable, "-m", "posturecam", "status"],
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if name not in homes},
    )
    if "unshare" in done.stderr:
        pytest.skip("nobody can be another user here")
    assert_refused(done, 2, "no home folder", "POSTURECAM_HOME")
