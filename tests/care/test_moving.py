"""Guided breaks: what is shown, what is logged, what the camera notices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from posturecam.base.clock import SystemClock
from posturecam.base.errors import SourceError, UsageError
from posturecam.base.paths import AppPaths, make_private_folder
from posturecam.care.exercises import (
    CHAIR_STRETCH,
    DESK_CAUTIONS,
    FLOOR_CAUTIONS,
    MOVES,
    READY_S,
    Caution,
    offer,
    plan,
)
from posturecam.care.journal import load_answers, load_exercises, save_answer
from posturecam.care.texts import care_text
from posturecam.commands.move import Witness, list_moves, run_move
from posturecam.values.answers import Answer
from posturecam.values.settings import Settings
from posturecam.watch.lock import is_watched
from posturecam.watch.server import ControlServer
from tests.fakes import NINE, FakeLandmarker, ManualClock, ScriptedSource, blank_frame, sitter
from tests.program import DATA
from tests.scripted_terminal import InterruptedClock, Talk, talk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from posturecam.values.events import Record
    from posturecam.values.log_rows import GuidedBreak
    from posturecam.values.observation import Landmarks

DESK = len(DESK_CAUTIONS)
FLOOR = len(FLOOR_CAUTIONS)


def lead(
    home: Path,
    told: Talk,
    *,
    clock: ManualClock | None = None,
    seconds_s: float = 60.0,
    floor: bool = False,
    again: bool = False,
    camera: bool = False,
    source: str = "0",
) -> bool:
    """Runs one break to its end."""
    return run_move(
        Settings(source=source),
        seconds_s=seconds_s,
        floor=floor,
        again=again,
        camera=camera,
        paths=AppPaths(data=home, config=home),
        clock=clock or ManualClock(),
        terminal=told.terminal,
    )


def logged(home: Path) -> tuple[GuidedBreak, ...]:
    """The breaks in the log."""
    return load_exercises(home / "log.db")


def test_a_break_is_guided_timed_and_logged(home: Path) -> None:
    """As long as it was said to be; the safety line ends the card."""
    clock = ManualClock()
    told = talk("n" * DESK)
    assert lead(home, told, clock=clock)
    (row,) = logged(home)

    assert 30 <= clock.now_s <= 60
    assert row.at_ms == round(NINE.timestamp() * 1000)
    assert row.lasted_ms == round(clock.now_s * 1000)
    assert row.got_up is None
    assert f"A guided break of about {clock.now_s:.0f} s" in told.text
    shown = [told.text.index(care_text(f"move.{name}")) for name in row.names]
    assert shown == sorted(shown)
    assert told.text.index(care_text("safety")) > shown[-1]


def test_a_running_watch_hears_of_a_break(home: Path) -> None:
    """Once it is logged; one that was not begun is none."""
    heard: list[object] = []

    def answer(request: Record) -> Record:
        heard.append((request["do"], len(logged(home))))
        return {}

    home.mkdir(mode=0o700)
    with ControlServer(AppPaths(data=home, config=home).control, answer, clock=SystemClock()):
        lead(home, talk("n" * DESK))
        lead(home, talk(""), clock=InterruptedClock(0.0))

    assert heard == [("exercised", 1)]


def test_each_second_is_counted_down_in_place(home: Path) -> None:
    """First the time to get ready, then the move."""
    told = talk("n" * DESK)
    lead(home, told, seconds_s=30)
    shown = told.screen.getvalue()
    counted = [shown.index(f"shoulder rolls  {left} s") for left in range(24, 0, -1)]

    assert counted == sorted(counted)
    assert shown.index(f"begins in  {READY_S:.0f} s") < counted[0]


def test_in_a_pipe_there_are_plain_lines_and_no_questions(home: Path) -> None:
    """No control characters, a line a move, and the safety line all the same."""
    told = talk(None)
    assert lead(home, told)

    assert "\x1b" not in told.screen.getvalue()
    assert "\r" not in told.screen.getvalue()
    assert care_text("safety") in told.text
    assert load_answers(home / "log.db") == ()
    assert len(logged(home)) == 1


def test_breaks_rotate_by_what_the_log_says(home: Path) -> None:
    """Each of the five at least once in five breaks, none before its turn."""
    done: list[str] = []
    for _ in range(5):
        lead(home, talk("n" * DESK), seconds_s=30)
    for row in logged(home):
        done += row.names

    assert sorted(done) == sorted(move.name for move in MOVES if not move.on_floor)


def test_the_questions_are_asked_once_and_respected(home: Path) -> None:
    """Osteoporosis leaves walking, in the next break too."""
    first = talk("nny" + "n" * (DESK - 3))
    lead(home, first)
    second = talk("")
    lead(home, second)

    assert care_text("ask.osteoporosis") in first.text
    assert care_text("ask.osteoporosis") not in second.text
    assert {row.names for row in logged(home)} == {("stand-and-walk",)}
    assert care_text("refuse.most") in second.text


def test_the_questions_can_be_asked_again(home: Path) -> None:
    """The newest answer counts; without anybody to answer it is refused."""
    lead(home, talk("nny" + "n" * (DESK - 3)))
    lead(home, talk("n" * DESK), again=True)

    assert logged(home)[-1].names != ("stand-and-walk",)
    with pytest.raises(UsageError, match="Nobody"):
        lead(home, talk(None), again=True)


def test_the_floor_asks_three_more_questions(home: Path) -> None:
    """Those of the desk are known by then."""
    lead(home, talk("n" * DESK))
    told = talk("nnn")
    lead(home, told, floor=True)

    assert care_text("ask.prone") in told.text
    assert care_text("ask.pregnant") not in told.text
    assert logged(home)[-1].names == ("prone-lift",)


def test_the_floor_is_refused_with_the_chair_version(home: Path) -> None:
    """A knee, for one."""
    told = talk("n" * DESK + "ynn")
    lead(home, told, floor=True)

    assert care_text("refuse.floor") in told.text
    assert logged(home)[-1].names == (CHAIR_STRETCH.name,)


def test_the_floor_is_refused_where_nobody_can_be_asked(home: Path) -> None:
    """With how to be asked."""
    told = talk(None)
    lead(home, told, floor=True)

    assert care_text("refuse.unanswered") in told.text
    assert logged(home)[-1].names == (CHAIR_STRETCH.name,)


@pytest.mark.parametrize("floor", [False, True])
def test_an_open_flag_leaves_no_break_at_all(home: Path, *, floor: bool) -> None:
    """Nothing is asked, offered or logged; how to go on is said."""
    save_answer(home / "log.db", "flag.cough", Answer.YES, now=NINE)
    clock = ManualClock()
    told = talk("n" * FLOOR)
    lead(home, told, clock=clock, floor=floor)

    assert told.text == care_text("refuse.flag")
    assert (logged(home), clock.now_s) == ((), 0.0)


def test_below_16_there_is_no_break_and_no_further_question(home: Path) -> None:
    """A parent and a doctor are named."""
    told = talk("y")
    lead(home, told)

    assert care_text("refuse.under-16") in told.text
    assert care_text("ask.pregnant") not in told.text
    assert logged(home) == ()


def test_ctrl_c_logs_what_was_done_until_then(home: Path) -> None:
    """A move counts from half of it on."""
    first, second, *_ = plan(offer({}, floor=False, flagged=False).moves, {}, 60.0)
    clock = InterruptedClock(after_s=first.takes_s + READY_S + 0.5 * second.lasts_s)
    told = talk(None)
    assert not lead(home, told, clock=clock)
    (row,) = logged(home)

    assert row.names == (first.move.name, second.move.name)
    assert row.lasted_ms == round(clock.now_s * 1000)
    assert "Logged: shoulder rolls, backrest stretch" in told.text


def test_a_move_that_was_cut_short_early_does_not_count(home: Path) -> None:
    """It comes first the next time."""
    first, second, *_ = plan(offer({}, floor=False, flagged=False).moves, {}, 60.0)
    too_early_s = first.takes_s + READY_S + 0.5 * second.lasts_s - 1
    lead(home, talk(None), clock=InterruptedClock(after_s=too_early_s))
    again = talk(None)
    lead(home, again)
    cut_short, whole = logged(home)

    assert cut_short.names == (first.move.name,)
    assert cut_short.lasted_ms == round(first.takes_s * 1000)
    assert whole.names[0] == second.move.name


def test_ctrl_c_before_anything_was_done_logs_nothing(home: Path) -> None:
    """It is said."""
    told = talk(None)
    assert not lead(home, told, clock=InterruptedClock(after_s=READY_S + 3))

    assert logged(home) == ()
    assert "Nothing was logged." in told.text


def test_the_list_shows_every_move_and_what_is_not_offered(home: Path) -> None:
    """Without asking, logging or making a file."""
    told = talk(None)
    list_moves(AppPaths(data=home, config=home), told.terminal)

    for move in (*MOVES, CHAIR_STRETCH):
        assert care_text(f"move.{move.name}") in told.text
    assert told.text.count("; asks a few questions first") == 2
    assert "not offered" not in told.text
    assert told.text.endswith(care_text("safety"))
    assert not home.exists()


def test_the_list_says_why_nothing_is_offered(home: Path) -> None:
    """Once."""
    save_answer(home / "log.db", "flag.cough", Answer.YES, now=NINE)
    told = talk(None)
    list_moves(AppPaths(data=home, config=home), told.terminal)

    assert told.text.count(care_text("refuse.flag")) == 1
    assert told.text.count("; not offered now") == len(MOVES) + 1


def test_the_list_follows_the_answers(home: Path) -> None:
    """With a no to everything all is offered, with osteoporosis only walking."""
    for caution in FLOOR_CAUTIONS:
        save_answer(home / "log.db", caution, Answer.NO, now=NINE)
    free, bound = talk(None), talk(None)
    list_moves(AppPaths(data=home, config=home), free.terminal)
    save_answer(home / "log.db", Caution.OSTEOPOROSIS, Answer.YES, now=NINE)
    list_moves(AppPaths(data=home, config=home), bound.terminal)

    assert "not offered" not in free.text
    assert bound.text.count("; not offered now") == len(MOVES)
    assert "stand-and-walk (desk), from 30 s Stand up" in bound.text


def witness_of(people_at: Callable[[float], tuple[Landmarks, ...]], looks: int = 20) -> Witness:
    """Somebody looked at once a second."""
    frames = [blank_frame(float(second), second) for second in range(looks)]
    witness = Witness(ScriptedSource(frames).frames(), FakeLandmarker(people_at))
    for _ in range(looks):
        witness.look()
    return witness


@pytest.mark.parametrize(
    ("people_at", "got_up"),
    [
        (lambda _: (sitter(),), False),
        (lambda t_s: () if t_s > 5 else (sitter(),), True),
        (lambda t_s: (sitter(y_px=200.0 if t_s > 5 else 330.0),), True),
        (lambda t_s: (sitter(size=1.3 if 5 < t_s < 9 else 1.0),), True),
        (lambda t_s: () if t_s == 5 else (sitter(),), False),
        (lambda t_s: (sitter(x_px=320 + t_s % 3),), False),
        (lambda _: (), None),
        (lambda t_s: (sitter(),) if t_s < 2 else (sitter(x_px=180, size=0.5),) * 2, True),
    ],
    ids=["stays", "leaves", "stands", "leans", "one_miss", "sways", "never_there", "other_place"],
)
def test_what_the_camera_notices(
    people_at: Callable[[float], tuple[Landmarks, ...]], *, got_up: bool | None
) -> None:
    """Two looks in a row elsewhere count, one does not; an empty chair tells nothing."""
    assert witness_of(people_at).got_up is got_up


def test_a_picture_too_dark_tells_nothing() -> None:
    """It is neither there nor gone."""
    frames = [blank_frame(float(second), second) for second in range(5)]
    landmarker = FakeLandmarker(lambda _: (), brightness=1.0)
    witness = Witness(ScriptedSource(frames).frames(), landmarker)
    for _ in frames:
        witness.look()

    assert witness.got_up is None


def test_a_camera_that_fails_half_way_leaves_it_open() -> None:
    """What it saw before is too little to say that somebody stayed."""
    source = ScriptedSource([blank_frame(0.0)], error=SourceError("gone"))
    witness = Witness(source.frames(), FakeLandmarker(lambda _: (sitter(),)))
    for _ in range(10):
        witness.look()

    assert witness.got_up is None


def test_a_running_watch_keeps_the_camera(home: Path) -> None:
    """Found by its lock; nothing is opened, and nothing is claimed."""
    lock = make_private_folder(home) / "watch.lock"
    assert not is_watched(lock)
    told = talk(None)
    with FileLock(lock):
        assert is_watched(lock)
        assert lead(home, told, camera=True, source="/nowhere")
    assert not is_watched(lock)

    assert "running watch has the camera" in told.text
    assert logged(home)[0].got_up is None


def test_without_a_camera_the_break_goes_on(home: Path) -> None:
    """It is said once."""
    told = talk(None)
    assert lead(home, told, camera=True, source="/nowhere.mp4")

    assert "It goes on without the camera." in told.text
    assert logged(home)[0].got_up is None


@pytest.mark.model
def test_somebody_who_leaves_the_picture_has_got_up(home: Path) -> None:
    """The real pose model, on a clip in which somebody leaves the desk."""
    told = talk(None)
    lead(home, told, camera=True, source=str(DATA / "leaves_and_returns.mp4"))

    assert logged(home)[0].got_up is True
    assert "The camera saw you leave your place" in told.text
