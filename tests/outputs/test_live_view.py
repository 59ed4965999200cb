"""The live view on real terminals: sizes, keys, signals, and a terminal that is given back."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import psutil
import pytest

from posturecam.base.local_time import local_time
from posturecam.base.paths import make_private_folder
from posturecam.commands.watch import _earlier_that_day
from posturecam.outputs.lines import JsonlDisplay, PlainDisplay
from posturecam.outputs.live_view import NEWS_AFTER_S, REFRESH_EVERY_S, LiveDisplay, make_display
from posturecam.values.reasons import QuietReason
from posturecam.values.settings import Settings
from tests.fakes import ManualClock
from tests.outputs.test_display import EVENTS, SLOUCHED, tick
from tests.program import posturecam
from tests.rows import MINUTE, NINE_MS, ROWS, log_with
from tests.terminals import Tmux, bare_terminal, read_until
from tests.waiting import DEADLINE_S, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

if sys.platform == "win32":
    pytest.skip("these terminals are POSIX", allow_module_level=True)

from posturecam.outputs.terminal_unix import TerminalKeys

LIVE_SCREEN = f"{sys.executable} -m tests.live_screen"
NAMES = ("upper back", "trunk", "neck", "back bend", "shoulders")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Tmux]:
    """60 columns, 20 rows."""
    with Tmux(tmp_path, 60, 20) as opened:
        yield opened


@pytest.fixture
def pty() -> Iterator[tuple[int, TextIO]]:
    """A terminal: where to read what is shown, and the stream that shows it."""
    ours, theirs = os.openpty()
    os.set_blocking(ours, False)
    with open(theirs, "w", encoding="utf-8") as stream:  # noqa: PTH123 - a descriptor
        yield ours, stream
    os.close(ours)


def written(ours: int) -> bytes:
    """What was written to the terminal since the last call."""
    data = b""
    with contextlib.suppress(BlockingIOError):
        while True:
            data += os.read(ours, 4096)
    return data


def assert_whole(screen: list[str], columns: int, rows: int) -> None:
    """One view, within the screen, with nothing left of another size."""
    starts = [row.split("  ")[0] for row in screen]
    assert starts.count("posturecam") == 1
    assert [name for name in starts if name in NAMES] == list(NAMES)
    assert len(screen) <= rows
    assert max(map(len, screen)) < columns
    assert sum("q quit" in row for row in screen) == 1


def test_it_fits_any_size_and_leaves_nothing_behind(terminal: Tmux) -> None:
    """60 x 20, larger, larger still, and smaller again: always one whole view."""
    terminal.type(LIVE_SCREEN)
    assert_whole(terminal.wait_for("network guard on"), 60, 20)
    for columns, rows, gauge_cells in ((80, 24, 17), (120, 40, 20), (50, 12, 9), (40, 14, 5)):
        terminal.resize(columns, rows)
        mark = "│" + "█" * gauge_cells + "┃"
        assert_whole(terminal.wait_for(mark), columns, rows)


def test_keys_steer_and_the_terminal_is_given_back(terminal: Tmux) -> None:
    """Pause, resume, help, an arrow that means nothing, quit; then the shell has it all back."""
    before = terminal.modes("before")
    terminal.type(f"clear; {LIVE_SCREEN}")
    terminal.wait_for_headline("posturecam  slouched")
    terminal.press("p")
    terminal.wait_for_headline("posturecam  paused")
    assert "p resume" in terminal.wait_for("q quit")[-1]
    terminal.press("p")
    terminal.wait_for_headline("posturecam  slouched")
    terminal.press("F4")  # a sequence that ends in S
    terminal.press("?")
    assert any("p again resumes" in row for row in terminal.wait_for_headline("posturecam  help"))
    terminal.press("x")
    terminal.wait_for_headline("posturecam  slouched")
    terminal.press("q")
    left = terminal.wait_for("asked: Pause Resume Stop")

    assert "Move for 30 seconds" in " ".join(left)
    assert any(row.startswith("watched ") for row in left)
    assert terminal.modes("after") == before


def test_a_key_that_comes_together_with_an_arrow_is_heard(pty: tuple[int, TextIO]) -> None:
    """Of all that one read gives, only what means no letter is left out."""
    ours, stream = pty
    heard: list[str] = []
    keys = TerminalKeys(stream, heard.append)
    keys.listen()
    os.write(ours, b"\x1bOS?\x1b[15~p\x1b[1;5A\x1bxq")
    wait_until(lambda: "q" in heard, lambda: heard)
    keys.close()

    assert heard == ["?", "p", "q"]


@pytest.mark.model
def test_a_real_watch_is_steered_from_its_terminal(terminal: Tmux) -> None:
    """Baseline, judgement, pause, quit; that there was no window is told again at the end."""
    before = terminal.modes("before")
    terminal.type(
        f"clear; env -u DISPLAY -u WAYLAND_DISPLAY {sys.executable} -m posturecam watch --preview"
        " --source demo --realtime --calibrate 4s --no-notify"
    )
    terminal.wait_for_headline("posturecam  baseline: hold")
    assert_whole(terminal.wait_for_headline("posturecam  upright for"), 60, 20)
    terminal.press("p")
    terminal.wait_for_headline("posturecam  paused for")
    terminal.press("q")
    left = terminal.wait_for("watched ")

    assert "note: no preview: there is no display. The watch goes on" in "\n".join(left)
    assert terminal.modes("after") == before


def test_sigterm_gives_the_terminal_back(terminal: Tmux) -> None:
    """As does every other end."""
    before = terminal.modes("before")
    terminal.type(f"clear; {LIVE_SCREEN}")
    terminal.wait_for_headline("posturecam  slouched")
    terminal.program().terminate()
    terminal.wait_for("asked:")

    assert terminal.modes("after") == before


def test_ctrl_z_gives_the_terminal_back_and_fg_takes_it_again(terminal: Tmux) -> None:
    """The shell is itself in between, and keys work afterwards."""
    before = terminal.modes("before")
    terminal.type(f"clear; {LIVE_SCREEN}")
    terminal.wait_for_headline("posturecam  slouched")
    terminal.press("C-z")
    assert "upper back" not in "\n".join(terminal.wait_for("Stopped"))
    assert terminal.modes("between") == before
    terminal.type("fg")
    assert_whole(terminal.wait_for_headline("posturecam  slouched"), 60, 20)
    terminal.press("p")
    terminal.wait_for_headline("posturecam  paused")
    terminal.press("q")
    terminal.wait_for("asked: Pause Stop")

    assert terminal.modes("after") == before


def test_stopped_without_a_warning_it_still_comes_back(terminal: Tmux) -> None:
    """What the shell wrote over it meanwhile is gone, and keys work."""
    before = terminal.modes("before")
    terminal.type(f"clear; {LIVE_SCREEN}")
    terminal.wait_for_headline("posturecam  slouched")
    terminal.program().suspend()
    terminal.wait_for("Stopped")
    terminal.type("fg")
    seen: list[str] = []

    def is_back() -> bool:
        # One look: between two, the screen may be emptied and drawn anew.
        seen[:] = terminal.screen()
        shown = seen[0].startswith("posturecam  slouched") and "q quit" in seen[-1]
        return shown and "fg" not in "".join(seen)

    wait_until(is_back, terminal.screen)
    assert_whole(seen, 60, 20)
    terminal.press("q")
    terminal.wait_for("asked: Stop")

    assert terminal.modes("after") == before


def test_in_the_background_it_leaves_the_terminal_alone(terminal: Tmux) -> None:
    """It neither draws nor is stopped for reading; brought to the front it shows itself."""
    terminal.type(f"clear; {LIVE_SCREEN} &")
    program = terminal.program()
    wait_until(lambda: sum(program.cpu_times()[:2]) > 0.3)
    terminal.type("echo still here")
    assert not terminal.wait_for("still here")[0].startswith("posturecam")
    assert program.status() != psutil.STATUS_STOPPED
    terminal.type("fg")
    terminal.wait_for_headline("posturecam  slouched")
    terminal.press("q")
    terminal.wait_for("asked: Stop")


def test_a_terminal_that_goes_away_ends_it_quietly(tmp_path: Path) -> None:
    """The window is closed: no traceback, no complaint."""
    errors = tmp_path / "errors"
    with bare_terminal("tests.live_screen", errors=errors) as (program, ours):
        read_until(ours, b"q quit")
        os.close(ours)
        program.wait(timeout=DEADLINE_S)

    assert errors.read_text() == ""
    assert program.returncode == 0


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}])
def test_no_colour_is_needed(tmp_path: Path, environment: dict[str, str]) -> None:
    """Bold and reverse video are legible on light and dark alike."""
    with bare_terminal(
        "tests.live_screen", errors=tmp_path / "errors", environment=environment
    ) as (_, ours):
        shown = read_until(ours, b"q quit")
        os.close(ours)
    assert not re.search(rb"\x1b\[(1;)?[34]\d", shown)
    assert b"\x1b[1;7mposturecam  slouched" in shown


def test_a_terminal_without_the_signs_gets_others(tmp_path: Path) -> None:
    """Everything that is written can be shown."""
    with bare_terminal(
        "tests.live_screen", errors=tmp_path / "errors", environment={"PYTHONIOENCODING": "ascii"}
    ) as (_, ours):
        shown = read_until(ours, b"q quit")
        os.close(ours)

    assert shown.isascii()
    assert b"|####" in shown
    assert b"about +17 deg" in shown


def test_a_dumb_terminal_gets_lines(tmp_path: Path) -> None:
    """No cursor is moved where none can be."""
    with bare_terminal(
        "tests.live_screen", errors=tmp_path / "errors", environment={"TERM": "dumb"}
    ) as (_, ours):
        shown = read_until(ours, b"ALERT (unchanged): Same position for 3 min. Move for 30 seconds")
        os.close(ours)

    assert b"\x1b" not in shown


def test_it_is_redrawn_once_a_second_and_only_where_it_changed(pty: tuple[int, TextIO]) -> None:
    """A file that plays faster than life does not flood the terminal."""
    ours, stream = pty
    clock = ManualClock()
    with contextlib.closing(LiveDisplay(stream, Settings(), clock)) as display:
        display.handle(tick(*EVENTS[:3]))
        first = written(ours)
        display.handle(tick())
        assert written(ours) == b""
        clock.wait_s(REFRESH_EVERY_S)
        changed = replace(SLOUCHED, deviations=replace(SLOUCHED.deviations, neck_deg=3.0))
        display.handle(tick(reading=changed))
        second = written(ours)

    assert first.count(b"\x1b[K") > 10
    assert second.count(b"\x1b[K") == 1
    assert b"neck" in second


def test_news_is_shown_soon(pty: tuple[int, TextIO]) -> None:
    """An alert does not wait for the second to be over."""
    ours, stream = pty
    clock = ManualClock()
    with contextlib.closing(LiveDisplay(stream, Settings(), clock)) as display:
        display.handle(tick(*EVENTS[:3]))
        written(ours)
        display.handle(tick(EVENTS[5]))
        clock.wait_s(NEWS_AFTER_S)
        display.handle(tick())
        assert b"Move for 30 seconds" in written(ours)


def test_a_turn_between_two_judgements_shows_the_last_one(pty: tuple[int, TextIO]) -> None:
    """With what happened meanwhile; an event never makes the view forget how somebody sits."""
    ours, stream = pty
    clock = ManualClock()
    with contextlib.closing(LiveDisplay(stream, Settings(), clock)) as display:
        display.handle(tick(*EVENTS[:3]))
        before = written(ours)
        clock.wait_s(REFRESH_EVERY_S)
        display.handle(tick(EVENTS[5], reading=None))
        after = written(ours)

    assert b"posturecam  slouched" in before
    assert b"Move for 30 seconds" in after
    assert b"neck" in after
    assert b"starting" not in after


def test_between_two_judgements_it_is_said_why_alerts_are_suppressed(
    pty: tuple[int, TextIO],
) -> None:
    """Looks may be minutes apart."""
    ours, stream = pty
    clock = ManualClock()
    with contextlib.closing(LiveDisplay(stream, Settings(), clock)) as display:
        display.handle(tick(*EVENTS[:3]))
        written(ours)
        clock.wait_s(REFRESH_EVERY_S)
        display.handle(replace(tick(reading=None), quiet=QuietReason.SNOOZED))
        assert b"alerts are suppressed" in written(ours)


def test_between_two_judgements_keys_are_answered(terminal: Tmux) -> None:
    """The question that one asks is shown before it is forgotten, and the help at once."""
    terminal.type(f"clear; {LIVE_SCREEN} --judged-once")
    terminal.wait_for_headline("posturecam  slouched")
    terminal.press("c")
    terminal.wait_for("Take a new baseline?")
    terminal.press("?")
    terminal.wait_for_headline("posturecam  help")
    terminal.press("x")
    terminal.wait_for_headline("posturecam  slouched")
    terminal.resize(50, 12)
    assert_whole(terminal.wait_for("│" + "█" * 9 + "┃"), 50, 12)
    terminal.press("q")
    terminal.wait_for("asked: Stop")


def test_what_a_library_prints_into_the_view_does_not_stay(pty: tuple[int, TextIO]) -> None:
    """Every row is written again from time to time."""
    ours, stream = pty
    clock = ManualClock()
    rows = 0
    with contextlib.closing(LiveDisplay(stream, Settings(), clock)) as display:
        display.handle(tick(*EVENTS[:3]))
        written(ours)
        for _ in range(15):
            clock.wait_s(REFRESH_EVERY_S)
            display.handle(tick())
            rows += written(ours).count(b"\x1b[K")

    assert rows > 10


def test_the_day_before_this_watch_comes_from_the_log(home: Path) -> None:
    """All watches of the same local day, and none of another."""
    log_file = make_private_folder(home) / "log.db"
    nine = local_time(NINE_MS, UTC)
    assert _earlier_that_day(log_file, nine).watched_ms == 0
    log_with(log_file, ROWS)

    assert _earlier_that_day(log_file, nine).watched_ms == 165 * MINUTE
    assert _earlier_that_day(log_file, nine + timedelta(days=1)).watched_ms == 0


def test_off_a_terminal_the_live_view_becomes_lines() -> None:
    """`posturecam watch > file` is readable."""
    plain = make_display("rich", settings=Settings(), clock=ManualClock(), stream=io.StringIO())
    records = make_display("jsonl", settings=Settings(), clock=ManualClock(), stream=io.StringIO())

    assert isinstance(plain, PlainDisplay)
    assert isinstance(records, JsonlDisplay)


@pytest.mark.slow
@pytest.mark.model
def test_a_check_says_that_the_guard_is_on(terminal: Tmux) -> None:
    """As a watch does: it runs the same library, under the same guard."""
    assert posturecam("calibrate", "--source", "demo", "--seconds", "9").returncode == 0
    terminal.type(f"{sys.executable} -m posturecam calibrate --check --source demo")
    terminal.wait_for("network guard on")
    terminal.press("q")
