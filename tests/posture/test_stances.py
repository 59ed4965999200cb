"""Sitting and standing at one desk: two baselines of one profile, and no alarm between them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from posturecam.base.errors import BaselineError, DataError
from posturecam.commands.profiles import profile_text
from posturecam.outputs.event_texts import event_text
from posturecam.pose.measures import Measures, measure, position_of
from posturecam.pose.models import Model
from posturecam.posture.observe import observe
from posturecam.posture.profiles import (
    delete_profile,
    find_profile,
    fitting_standing,
    list_profiles,
    load_previous,
    rename_profile,
    save_profile,
    undo_profile,
)
from posturecam.posture.scenery import UNTURNED
from posturecam.posture.stance import (
    FORGET_S,
    HOLD_S,
    StanceMemory,
    apart,
    have_one_room,
    refuse_one_place,
    stance_seen,
    step,
)
from posturecam.values.commands import Word
from posturecam.values.events import Alerted, AlertKind, Calibrated, Moved, Sampled
from posturecam.values.observation import Observation, PostureState, Stance, UnknownReason
from posturecam.values.settings import PolicySettings, Settings
from posturecam.watch.stances import Stances
from tests.fakes import NINE, sitter
from tests.posture.test_skyline import HOME, baseline_before
from tests.program import assert_refused, posturecam
from tests.rooms import photo, room, scenery, turned
from tests.sitters import baseline_of, detection
from tests.streams import write_video
from tests.watch.test_controlled_watch import Story
from tests.watch.test_zeroing import ASKED
from tests.whole_program.test_new_baseline import UPRIGHT_S, cut

if TYPE_CHECKING:
    from pathlib import Path

    from posturecam.posture.baseline import Baseline
    from posturecam.values.observation import Landmarks, SitterPosition

SITTING, STANDING = Stance
SITS, STANDS = sitter(y_px=400.0), sitter(y_px=250.0, size=0.9)
SOON = PolicySettings(slouch_after_s=20.0, cooldown_s=30.0)


def seated(person: Landmarks = SITS) -> Baseline:
    """Yesterday's baseline of somebody sitting."""
    kept = baseline_of(measure(person))
    spread = Measures.from_array(np.abs(kept.centre.as_array()))
    return replace(kept, spread=spread, taken_at=NINE - timedelta(days=1))


def upstanding(person: Landmarks = STANDS) -> Baseline:
    """The one of the same profile, standing."""
    return replace(seated(person), stance=STANDING)


def watched(
    *scenes: tuple[float, Landmarks], until_s: float, standing: Baseline | None = None
) -> Story:
    """A watch in which from each time on somebody is so."""

    def people(t_s: float) -> tuple[Landmarks, ...]:
        return ([person for from_s, person in scenes if t_s >= from_s][-1],)

    return Story(
        baseline=seated(),
        standing=standing or upstanding(),
        people_at=people,
        taught=ASKED,
        settings=Settings(adaptive=False, policy=SOON),
    ).run(until_s)


def changes(story: Story) -> list[tuple[float, Stance | None]]:
    """When which baseline came into use."""
    return [(t_s, event.stance) for t_s, event in story.sink.events(Calibrated)]


def slouch_alerts(story: Story) -> list[float]:
    """When the sitter was alerted to a slouch."""
    return [t_s for t_s, event in story.sink.events(Alerted) if event.kind is AlertKind.SLOUCH]


def test_who_stands_up_is_judged_as_standing_and_back_again() -> None:
    """Each a change of position, none an alert; a slouch is one in either."""
    slumped = sitter(y_px=270.0, size=0.9, drop_px=60.0)
    day = watched((0, SITS), (15, STANDS), (30, slumped), (70, SITS), until_s=85)

    assert [stance for _, stance in changes(day)] == [SITTING, STANDING, SITTING]
    (_, _), (stood_s, _), (sat_s, _) = changes(day)
    assert 15 + HOLD_S <= stood_s <= 15 + HOLD_S + 1
    assert 70 + HOLD_S <= sat_s <= 70 + HOLD_S + 1
    moved = [round(t_s) for t_s, _ in day.sink.events(Moved)]
    assert round(stood_s) in moved
    assert round(sat_s) in moved
    states = [(t_s, event.state) for t_s, event in day.sink.events(Sampled)]
    assert {state for t_s, state in states if stood_s + 5 < t_s < 30} == {PostureState.UPRIGHT}
    assert {state for t_s, state in states if 40 < t_s < 70} == {PostureState.SLOUCHED}
    assert {state for t_s, state in states if sat_s + 5 < t_s} == {PostureState.UPRIGHT}
    assert len(slouch_alerts(day)) == 1
    day.assert_accounted_for()


def test_a_slouch_about_to_be_alerted_is_none_of_whoever_stands_up() -> None:
    """Nor does the change itself count as one."""
    slumped = sitter(y_px=415.0, drop_px=60.0)
    day = watched((0, SITS), (2, slumped), (20, STANDS), until_s=50)

    assert slouch_alerts(day) == []
    assert (2, PostureState.SLOUCHED) in {
        (round(t_s) // 10 + 1, event.state) for t_s, event in day.sink.events(Sampled)
    }


def test_time_slouched_before_is_none_of_a_slouch_after() -> None:
    """By the other baseline it takes all of its own time."""
    slumped, stoops = sitter(y_px=415.0, drop_px=60.0), sitter(y_px=270.0, size=0.9, drop_px=60.0)
    day = watched((0, SITS), (2, slumped), (20, STANDS), (22, stoops), until_s=52)
    ((stood_s, _),) = changes(day)[1:]
    (alerted_s,) = slouch_alerts(day)
    assert alerted_s - stood_s >= 0.8 * SOON.slouch_after_s


def test_while_somebody_changes_nobody_is_judged() -> None:
    """Neither by the one baseline nor by the other; who leaves is gone all the same."""
    stances = Stances(seated(), upstanding())
    stances.see(detection(SITS), None, UNTURNED)
    seen = observe(detection(SITS), seated())
    assert (stances.unless_changing(seen), stances.change()) == (seen, None)
    stances.see(replace(detection(STANDS), t_s=1.0), None, UNTURNED)
    assert stances.unless_changing(seen).unknown_reason is UnknownReason.CHANGING
    assert stances.unless_changing(seen).position is None
    nobody = Observation(t_s=1.0, view=seen.view, unknown_reason=UnknownReason.NOBODY)
    assert stances.unless_changing(nobody) == nobody
    assert stances.change() is None
    stances.see(replace(detection(STANDS), t_s=9.0), None, None)
    assert stances.change() is None
    stances.see(replace(detection(STANDS), t_s=9.0), None, UNTURNED)
    changed = stances.change()
    assert changed is not None
    assert (changed[0].stance, changed[1], stances.in_use) == (STANDING, False, STANDING)


def test_with_one_baseline_whoever_stands_up_is_not_judged() -> None:
    """As ever: nothing claims to know how they stand, and no stance is logged."""
    day = Story(
        baseline=seated(),
        people_at=lambda t_s: (SITS if t_s < 10 else STANDS,),
        taught=ASKED,
        settings=Settings(adaptive=False, policy=SOON),
    ).run(30)
    assert [stance for _, stance in changes(day)] == [None]
    assert slouch_alerts(day) == []


def test_who_stands_at_the_start_has_not_moved() -> None:
    """The first look says so."""
    day = watched((0, STANDS), until_s=15)
    assert [stance for _, stance in changes(day)] == [SITTING, STANDING]
    assert changes(day)[1][0] <= 1.0
    assert day.sink.events(Moved) == []
    assert day.sink.states(after_s=8) == {PostureState.UPRIGHT}


def test_a_new_baseline_is_of_the_stance_one_is_in() -> None:
    """The other one stays."""
    again = Story(
        baseline=seated(),
        standing=upstanding(),
        people_at=lambda _: (STANDS,),
        taught=ASKED,
        settings=Settings(adaptive=False, policy=SOON),
    )
    again.ask(5, Word.RECALIBRATE).run(70)
    (saved,) = again.saved
    assert saved.stance is STANDING
    assert changes(again)[-1][1] is STANDING


# What a look shows


def place(person: Landmarks) -> SitterPosition:
    """Where somebody is in the picture."""
    return position_of(measure(person), seated().view)


@pytest.mark.parametrize(
    ("person", "seen"),
    [
        (SITS, SITTING),
        (STANDS, STANDING),
        (sitter(y_px=425.0, drop_px=40.0), SITTING),
        (sitter(y_px=275.0, size=0.9, drop_px=40.0), STANDING),
        (sitter(y_px=400.0, x_px=250.0), SITTING),
        (sitter(y_px=325.0, size=0.95), None),
    ],
    ids=["sits", "stands", "sits slouched", "stands slouched", "sits aside", "between"],
)
def test_height_and_size_tell_sitting_from_standing(person: Landmarks, seen: Stance | None) -> None:
    """A slouch in either is no change of it, and half-way nothing is said."""
    assert stance_seen(seated(), upstanding(), place(person), None) is seen


def test_where_both_look_alike_nothing_is_said() -> None:
    """Too near each other to be told apart, or nobody there."""
    near = upstanding(sitter(y_px=380.0))
    assert apart(seated(), near) < 0.6 < apart(seated(), upstanding())
    assert stance_seen(seated(), near, place(sitter(y_px=380.0)), None) is None
    assert stance_seen(seated(), upstanding(), None, None) is None
    with pytest.raises(BaselineError, match="sees you standing where it sees you sitting"):
        refuse_one_place(seated(), near)
    refuse_one_place(seated(), upstanding())


def test_a_camera_that_goes_up_with_the_desk_is_told_by_the_room() -> None:
    """Head and shoulders stay where they were, and what is behind does not."""
    down, up = photo(room(), HOME), photo(room(), turned(down_deg=9.0))
    sits, stands = baseline_before(down), replace(baseline_before(up), stance=STANDING)
    refuse_one_place(sits, stands)
    with pytest.raises(BaselineError):
        refuse_one_place(sits, replace(baseline_before(down), stance=STANDING))

    assert not have_one_room(sits, stands)
    assert have_one_room(sits, baseline_before(down))
    assert not have_one_room(sits, replace(stands, skyline=None))

    same = position_of(sits.centre, sits.view)
    person = sitter()
    assert stance_seen(sits, stands, same, scenery(down, person)) is SITTING
    assert stance_seen(sits, stands, same, scenery(up, person)) is STANDING
    elsewhere = scenery(photo(room(1), HOME), person)
    assert stance_seen(sits, stands, same, elsewhere) is None
    blind = [replace(one, skyline=None) for one in (sits, stands)]
    assert stance_seen(blind[0], blind[1], same, scenery(up, person)) is None


def test_a_change_is_believed_once_it_is_kept() -> None:
    """Whoever gets up for something is back before; what nobody saw the end of is forgotten."""
    memory = step(StanceMemory(), None, 0.0)
    assert memory.stance is None
    memory = step(memory, SITTING, 1.0)
    assert memory.stance is SITTING
    rising = step(memory, STANDING, 2.0)
    assert (rising.stance, rising.other_since_s) == (SITTING, 2.0)
    assert step(rising, SITTING, 3.0).other_since_s is None
    assert step(rising, None, 3.0) == rising
    assert step(rising, STANDING, 2.0 + HOLD_S).stance is STANDING
    assert step(rising, None, 3.0 + FORGET_S).other_since_s is None
    assert step(rising, STANDING, 3.0 + FORGET_S).stance is SITTING


# What is kept


def test_a_profile_keeps_one_of_each(tmp_path: Path) -> None:
    """With what each replaced, under one name; renamed and deleted together."""
    model = Model(name="full", path=tmp_path, sha256="ab" * 32)
    first = save_profile(tmp_path, seated())
    up = replace(upstanding(), model_sha256=model.landmarks_sha256)
    second = save_profile(tmp_path, up)
    save_profile(tmp_path, replace(up, samples=77))
    assert (first.name, second.name) == ("default.json", "default.standing.json")
    assert list_profiles(tmp_path) == ("default",)
    assert load_previous(tmp_path, "default") == ()
    assert [one.samples for one in load_previous(tmp_path, "default", STANDING)] == [50]
    assert "standing: front view, from 77 looks" in profile_text(tmp_path, "default", UTC)

    assert undo_profile(tmp_path, "default", STANDING).samples == 50
    sitting = find_profile(tmp_path, "default")
    assert sitting is not None
    assert sitting.stance is SITTING
    rename_profile(tmp_path, "default", "office")
    standing = fitting_standing(tmp_path, "office", model)
    assert standing is not None
    assert (standing.stance, standing.profile, standing.samples) == (STANDING, "office", 50)
    assert [one.samples for one in load_previous(tmp_path, "office", STANDING)] == [77]

    with pytest.raises(BaselineError, match="another pose model"):
        fitting_standing(tmp_path, "office", replace(model, sha256="cd" * 32))
    (tmp_path / "office.standing.json").write_text("{")
    with pytest.raises(DataError, match="damaged"):
        fitting_standing(tmp_path, "office", model)
    delete_profile(tmp_path, "office")
    assert list(tmp_path.iterdir()) == []
    assert fitting_standing(tmp_path, "office", model) is None


def test_it_is_said_which_baseline_is_in_use() -> None:
    """In one line."""
    day = watched((0, SITS), until_s=3)
    ((_, event),) = day.sink.events(Calibrated)
    assert event_text(event, NINE) == "sitting baseline: profile 'default', front view, 50 pictures"


# With the real program


def test_standing_comes_after_sitting(home: Path) -> None:
    """There is nothing to tell it from."""
    refused = posturecam("calibrate", "--standing", "--source", "demo")
    assert_refused(refused, 4, "no baseline named 'default'", "posturecam calibrate")


@pytest.mark.slow
@pytest.mark.model
def test_a_day_of_sitting_and_standing_before_a_real_picture(home: Path, tmp_path: Path) -> None:
    """The clip, and the same with the picture 30 % higher for somebody who stands."""
    sits = cut(tmp_path / "sits.avi", *UPRIGHT_S)
    source = cv2.VideoCapture(str(sits), cv2.CAP_FFMPEG)
    rate_hz, images = source.get(cv2.CAP_PROP_FPS), []
    while True:
        more, image = source.read()
        if not more:
            break
        images.append(np.asarray(image, dtype=np.uint8))
    higher = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, -0.22 * images[0].shape[0]]])
    size = images[0].shape[1::-1]
    raised = [
        np.asarray(
            cv2.warpAffine(image, higher, size, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8
        )
        for image in images
    ]
    stands = write_video(tmp_path / "stands.avi", raised, rate_hz=rate_hz)
    both = write_video(tmp_path / "both.avi", [*images, *raised, *images], rate_hz=rate_hz)

    short = ("--seconds", "7")
    assert posturecam("calibrate", "--source", sits, *short).returncode == 0
    same = posturecam("calibrate", "--standing", "--source", sits, *short)
    assert_refused(same, 4, "sees you standing where it sees you sitting", "serves for both")
    assert posturecam("calibrate", "--standing", "--source", stands, *short).returncode == 0
    seen = posturecam("watch", "--source", both, "--format", "jsonl")
    records = [json.loads(line) for line in seen.stdout.splitlines()]
    stances = [record["stance"] for record in records if record["type"] == "calibrated"]
    assert stances == ["sitting", "standing", "sitting"]
    assert [record for record in records if record["type"] == "alert"] == []
    day = json.loads(posturecam("review", "--format", "json").stdout)
    assert day["standing_s"] == pytest.approx(8.0, abs=4.0)
    assert "Standing" in posturecam("review", "--full").stdout


def test_nobody_and_a_stranger_are_in_no_stance() -> None:
    """Whoever stands is found by the baseline standing, when the one in use finds nobody."""
    stances = Stances(seated(), upstanding())
    for t_s, people in ((0.0, ()), (1.0, (sitter(x_px=60.0, size=0.3),))):
        stances.see(replace(detection(*people), t_s=t_s), None, UNTURNED)
        assert stances.change() is None
    stances.see(replace(detection(STANDS), t_s=2.0), None, UNTURNED)
    changed = stances.change()
    assert changed is not None
    assert changed[1]
