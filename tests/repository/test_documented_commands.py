"""What README.md and the pages in docs/ tell to type is typed, in a home that a user might have.

Every command line of a page is found by itself, and each of its alternatives is tried. A page that
gains a command gains a run.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from posturecam.pose.models import find_model
from posturecam.posture.profiles import save_profile
from tests.light_watch import watching
from tests.logs import write_log
from tests.posture.test_profiles import baseline
from tests.program import DATA, DEMO_CLIP, here
from tests.repository.test_pages import PAGES
from tests.started import Started
from tests.streams import MjpegServer, clip_jpegs
from tests.terminals import ROOT
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOT_RUN = {
    r"(sudo|brew|pipx?) .*": "installs something for good; .ci/try-bare does",
    r"make .*": "what .ci/run does, or .ci/try-deb",
    r"journalctl .*|systemctl .*": "needs a login to a desktop",
    r"posturecam tray.*": "needs a desktop with a tray; tests/tray/test_tray.py has one",
    r"posturecam": "leads the way at a terminal; tests/cli/test_way_in.py types there",
    r"posturecam review .*--open": "opens a browser",
    r"posturecam attach": "shows a view at a terminal; tests/commands/test_attach.py has one",
    r"posturecam move.*": "takes minutes; tests/care/test_exercises.py has a clock that does not",
    r"posturecam pain check": "asks at a terminal; tests/care/test_pain.py answers",
}
"""Which lines a test cannot type, and why."""
WORDS = {
    "DAY": f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}",  # noqa: TID251 - the program asks it, too
    "DURATION": "20m",
    "FILE": "day.html",
    "FOLDER": "a-folder",
    "NAMES": "alerts,minutes",
}
"""What to write in the place of a word in capitals."""
BESIDES = {
    r"posturecam purge .*|posturecam uninstall --data": ("--yes",),
    r"posturecam --install-completion": ("bash",),
    r"posturecam watch( --format jsonl)?": ("--duration", "2s"),
    r"posturecam watch --interval 30s": ("--duration", "2s"),
    r"posturecam analyze --format jsonl": ("photos",),
}
"""What a line gets besides, so that it asks nobody and ends."""
STEERS = re.compile(r"posturecam (pause|resume|snooze|wrong|rezero|status)\b.*")
FOLLOWS = re.compile(r".* --follow\b.*")
"""Goes on until it is stopped; seen to have begun when it prints."""
SLOW = re.compile(r"posturecam (calibrate|analyze|watch|doctor|rezero|stop|.*--html)\b.*")
"""Loads the pose model or the plot library, waits for a sitter, or needs a watch of its own."""
ALONE = re.compile(r"posturecam (calibrate|analyze|watch|doctor|--install)\b.*")
"""Counts as a process: its libraries, its shell."""
ENDS_WITH = {
    r"posturecam wrong": [2],  # there was no alert
    r"posturecam cameras": [0, 3],  # with a camera, or without
}
BEFORE = {
    r"posturecam import FOLDER": ("export", WORDS["FOLDER"]),
    r"posturecam (calibrate|watch|doctor)\b.*": ("config", "set", "source", "demo"),
    r"posturecam (pause|snooze|rezero)\b.*": ("resume",),
}
"""What has to have been done."""


def lines_of(page: Path) -> Iterator[str]:
    """Every line that a page tells to type, as it is written there."""
    text = page.read_text("utf-8")
    typed = r"(?:posturecam|pipx?|make|sudo|brew|journalctl|systemctl)"
    for block in re.findall(r"^```.*?^```", text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            # A terminal's own line, the command of a bar, or the beginning of a line in a shell.
            found = re.match(rf"(?:\$ )?({typed}(?: [^ ].*)?)$", line)
            quoted = re.findall(rf"(?:= |: \"|#\()({typed} [^\"|)]+)", line)
            yield from quoted or ([found[1].split("  ")[0].split(" | ")[0]] if found else [])
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    for code in re.findall(r"`([^`]+)`", text):
        if re.match(rf"{typed}\b(?!\.)", code):
            yield " ".join(code.split())


def alternatives(line: str) -> Iterator[str]:
    """A line without what is optional in it, and with each of that; `a|b` is one and the other."""
    optional = re.search(r" \[([^]]+)\]", line)
    if optional:
        before, after = line[: optional.start()], line[optional.end() :]
        rest = re.sub(r" \[[^]]+\]", "", after)
        yield from alternatives(before + after)
        yield from alternatives(f"{before} {optional[1]}{rest}")
        return
    if " | " in (plain := line.replace("\\|", "|")):
        first, *others = plain.split(" | ")
        yield first
        words = first.split()[:2]
        yield from (" ".join((*words, other)) for other in others)
    elif choice := re.search(r"[\w]+(?:\|\w+)+", plain):
        for one in choice[0].split("|"):
            yield plain[: choice.start()] + one + plain[choice.end() :]
    else:
        yield plain


TYPED = sorted({it for page in PAGES for line in lines_of(page) for it in alternatives(line)})
RUN = [line for line in TYPED if not any(re.fullmatch(pattern, line) for pattern in NOT_RUN)]


def test_the_pages_have_much_to_type() -> None:
    """So that the search above is known to find it; and nothing is excused that no page says."""
    assert len(RUN) > 60
    for pattern in (*NOT_RUN, *BESIDES, *ENDS_WITH):
        assert any(re.fullmatch(pattern, line) for line in TYPED), pattern


@pytest.mark.parametrize(
    ("line", "tried"),
    [
        ("posturecam stop", ["posturecam stop"]),
        ("a b [1h \\| until x]", ["a b", "a b 1h", "a b until x"]),
        ("a [--b c\\|d] [E]", ["a", "a E", "a --b c", "a --b d"]),
    ],
)
def test_each_alternative_is_tried(line: str, tried: list[str]) -> None:
    """With and without what stands in brackets."""
    assert list(alternatives(line)) == tried


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to work in, with a home of some weeks, a video, photos and an export in it."""
    folder = tmp_path_factory.mktemp("desk")
    home = folder / "data"
    today = datetime.now(UTC).date()  # noqa: TID251 - the program asks the clock, too
    here_taken = replace(baseline(), model_sha256=find_model("full").landmarks_sha256)
    for quality in (0.9, 0.8):  # one to go back to
        save_profile(home / "profiles", replace(here_taken, quality=quality))
    write_log(home / "log.db", first=today - timedelta(days=8), last=today)
    shutil.copy(DEMO_CLIP, folder / "talk.mp4")
    for name, photos in (("photos", "mixed"), ("upright", "upright")):
        shutil.copytree(DATA / "photos" / photos, folder / name)
    return folder


@pytest.fixture(scope="module")
def watched(lived_in: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Such a folder, in whose home a watch is running."""
    desk = tmp_path_factory.mktemp("watched") / "desk"
    shutil.copytree(lived_in, desk)
    with _a_watch(desk):
        yield desk


@pytest.mark.parametrize(
    "line",
    [pytest.param(it, marks=[pytest.mark.slow] if SLOW.fullmatch(it) else []) for it in RUN],
)
def test_a_command_of_a_page_does_its_work(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """It ends well, and says something."""
    if STEERS.fullmatch(line):
        desk = request.getfixturevalue("watched")
    else:
        desk = tmp_path / "desk"
        shutil.copytree(request.getfixturevalue("lived_in"), desk)
    monkeypatch.chdir(desk)
    for name, value in _nobodys(desk).items():
        monkeypatch.setenv(name, value)
    with _a_watch(desk) if line == "posturecam stop" else nullcontext():
        for pattern, words in BEFORE.items():
            if re.fullmatch(pattern, line):
                assert here(*words).returncode == 0
        done = _run(typed_words(line))

    expected = [0]
    for pattern, codes in ENDS_WITH.items():
        if re.fullmatch(pattern, line):
            expected = codes
    assert done.returncode in expected, (done.stdout, done.stderr)
    assert (done.stderr if done.returncode else done.stdout).strip()


def typed_words(line: str) -> list[str]:
    """The words after the name of the program, none of them in capitals any more."""
    words = [WORDS.get(word, word) for word in shlex.split(line)[1:]]
    return words + [
        it for pattern, more in BESIDES.items() if re.fullmatch(pattern, line) for it in more
    ]


def _nobodys(desk: Path) -> dict[str, str]:
    """The environment of a user who has nothing but the folder."""
    return {
        "HOME": str(desk),
        "POSTURECAM_HOME": str(desk / "data"),
        "PATH": str(desk),
        "XDG_CONFIG_HOME": "",
        "XDG_DATA_HOME": "",
        "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1",
    }


@contextmanager
def _a_watch(desk: Path) -> Iterator[None]:
    """A watch of somebody who sits upright, and sees them."""
    said = desk / "said.jsonl"  # a pipe that nobody reads would hold the watch up
    with (
        said.open("w", encoding="utf-8") as output,
        MjpegServer(clip_jpegs(DEMO_CLIP, limit=30), rate_hz=10) as camera,
        watching(camera, cwd=ROOT, env=os.environ | _nobodys(desk), stdout=output),
    ):
        wait_until(lambda: '"type": "sample"' in said.read_text("utf-8"))
        yield


def _run(words: list[str]) -> subprocess.CompletedProcess[str]:
    line = " ".join(("posturecam", *words))
    if not (FOLLOWS.fullmatch(line) or ALONE.fullmatch(line)):
        return here(*words)
    with Started(
        [sys.executable, "-m", "posturecam", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as process:
        if FOLLOWS.fullmatch(line):
            assert process.stdout is not None
            first = process.stdout.readline()
            process.kill()
            return subprocess.CompletedProcess(words, 0, first, "")
        stdout, stderr = process.communicate(timeout=240)
    return subprocess.CompletedProcess(words, process.returncode, stdout, stderr)
