"""The guided minute of `calibrate`: what each step teaches, and what it refuses."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from posturecam.commands.calibrate_guided import teach_guided
from posturecam.outputs.dialogue import Dialogue
from posturecam.pose.measures import measure
from posturecam.posture.anchors import GUIDED
from posturecam.posture.baseline import Baseline, Demands, Take
from posturecam.posture.profiles import save_profile
from posturecam.posture.taught import load_taught
from posturecam.values.reasons import Lesson
from tests.fakes import NINE, sitter
from tests.program import DEMO_CLIP, assert_refused, posturecam
from tests.sitters import baseline_of, detection
from tests.streams import MjpegServer, clip_jpegs
from tests.terminals import Tmux

if TYPE_CHECKING:
    from pathlib import Path

    from posturecam.values.observation import Landmarks

BASELINE = baseline_of(measure(sitter()))
POSES = {
    Lesson.CHAIR_NEARER: sitter(size=1.15),
    Lesson.CHAIR_LOWER: sitter(y_px=365),
    Lesson.OWN_SLOUCH: sitter(drop_px=40),
}


@dataclass(slots=True)
class ScriptedGuide:
    """Ready for each step as often as the script says."""

    ready: dict[Lesson, int]
    refused: list[str] = field(default_factory=list)
    learned: int | None = None

    def offer(self, _baseline: Baseline) -> None:
        """Nothing."""

    def ask(self, lesson: Lesson) -> bool:
        """As often as it may."""
        self.ready[lesson] = self.ready.get(lesson, 0) - 1
        return self.ready[lesson] >= 0

    def refuse(self, lesson: Lesson, why: str) -> None:
        """Notes it."""
        self.refused.append(why)

    def thank(self, learned: int) -> None:
        """Notes how many."""
        self.learned = learned


def take_of(person: Landmarks, *, pictures: int = 20) -> Take:
    """A still take."""
    take = Take(demands=Demands())
    for _ in range(pictures):
        take.add(detection(person))
    return take


def taught_by(
    guide: ScriptedGuide,
    folder: Path,
    poses: dict[Lesson, Landmarks],
    baseline: Baseline = BASELINE,
) -> list[Lesson]:
    """What the profile was taught by somebody who shows these poses."""
    profile = save_profile(folder, baseline)
    teach_guided(baseline, profile, guide, lambda lesson: take_of(poses[lesson]), lambda: NINE)
    return [anchor.lesson for anchor in load_taught(profile).anchors]


def test_each_step_is_kept_as_it_is_shown(tmp_path: Path) -> None:
    """Beside the baseline that it is a change from."""
    guide = ScriptedGuide(dict.fromkeys(GUIDED, 1))
    assert taught_by(guide, tmp_path, POSES) == list(GUIDED)
    assert guide.learned == len(GUIDED)
    anchor = load_taught(tmp_path / "default.json").anchors[1]
    assert anchor.pose.shoulder_y == pytest.approx(measure(sitter(y_px=365)).shoulder_y)
    assert anchor.baseline.shoulder_y == pytest.approx(BASELINE.centre.shoulder_y)


def test_each_step_can_be_skipped(tmp_path: Path) -> None:
    """One or all."""
    assert taught_by(ScriptedGuide({Lesson.CHAIR_LOWER: 1}), tmp_path, POSES) == [
        Lesson.CHAIR_LOWER
    ]
    none = ScriptedGuide({})
    assert taught_by(none, tmp_path / "other", POSES) == []
    assert none.learned == 0


def test_a_step_that_shows_nothing_is_refused_and_asked_for_again(tmp_path: Path) -> None:
    """The pose of the baseline once more, or nobody."""
    still = dict.fromkeys(GUIDED, sitter())
    guide = ScriptedGuide({Lesson.CHAIR_LOWER: 2})
    assert taught_by(guide, tmp_path, still) == []
    assert [why.split(".")[0] for why in guide.refused] == [
        "The picture hardly differs from your baseline"
    ] * 2


def test_shown_again_a_step_replaces_what_it_taught(tmp_path: Path) -> None:
    """There is one of each."""
    for _ in range(2):
        taught_by(ScriptedGuide(dict.fromkeys(GUIDED, 1)), tmp_path, POSES)
    assert len(load_taught(tmp_path / "default.json").anchors) == len(GUIDED)


@pytest.mark.parametrize(
    ("line", "goes"), [("\n", True), ("s\n", False), ("skip\n", False), ("n\n", False), ("", False)]
)
def test_only_enter_begins_a_step(line: str, goes: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """No more input skips it."""
    typed = tmp_path / "typed"
    typed.write_text(line)
    with typed.open() as source, (tmp_path / "said").open("w") as stream:
        assert Dialogue(source, stream).go("Sink.") is goes


# With the real program


def test_nobody_is_guided_where_nobody_can_answer(home: Path) -> None:
    """It is not asked for there, and refused where it is."""
    assert_refused(posturecam("calibrate", "--source", "demo", "--guided"), 2, "Nobody is there")


@pytest.mark.slow
@pytest.mark.model
def test_the_guided_minute_at_a_real_terminal(home: Path, tmp_path: Path) -> None:
    """Two steps are skipped, one shows nothing at first, then the slouch of the clip."""
    frames = clip_jpegs(DEMO_CLIP)
    upright, slump = frames[20:60], frames[220:260]
    with MjpegServer(upright, rate_hz=10) as camera, Tmux(tmp_path, 90, 30) as terminal:
        terminal.type(
            f"clear; POSTURECAM_HOME={home} {sys.executable} -m posturecam calibrate"
            f" --source {camera.url} --takes 1 --seconds 8"
        )
        terminal.wait_for("hold")
        terminal.press("Enter")  # in vain: nothing is asked yet
        terminal.wait_for("Teach it your chair")
        terminal.wait_for("y/n, Enter skips:")
        terminal.type("y")
        terminal.wait_for("Roll the chair")
        terminal.type("s")
        terminal.wait_for("Lower the chair")
        terminal.type("s")
        terminal.wait_for("when you are tired")
        terminal.press("Enter")
        terminal.wait_for("hardly differs")
        camera.jpegs = slump
        terminal.press("Enter")
        terminal.wait_for("put the chair back")
        shown = "".join(terminal.wait_for("Next: ")).replace(" ", "")
    assert "nopictureiskept." in shown
    assert "taught 1: your slouch" in posturecam("profiles", "show", "default").stdout
