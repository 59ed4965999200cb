"""The records of `watch --format jsonl` against their description in README.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from posturecam.outputs.records import as_record
from posturecam.values.events import (
    Alerted,
    AlertFollowed,
    AlertKind,
    BaselineQuestioned,
    BreakKind,
    BreakTaken,
    Calibrated,
    CameraChanged,
    CameraStatus,
    EndedBy,
    Event,
    Moved,
    Outcome,
    Refusal,
    Sampled,
    StaleBaseline,
    StateChanged,
    Steered,
    Steering,
    SteeringRefused,
    Summarised,
    Warned,
    ZeroOffered,
)
from posturecam.values.observation import BaselineMismatch, Deviations, PostureState, View
from posturecam.values.totals import Totals
from tests.fakes import NINE

README = Path(__file__).parents[1] / "README.md"
HEAD = {"v", "t_s", "at", "type"}

ONE_OF_EACH: tuple[Event, ...] = (
    Calibrated(
        profile="default",
        view=View.FRONT,
        samples=50,
        quality=0.9,
        taken_now=True,
        taken_at=NINE,
        angle_model="1",
        limits_deg=(12.0, 12.0, 12.0, 15.0, 7.0),
    ),
    StateChanged(from_state=PostureState.UPRIGHT, to_state=PostureState.AWAY, reasons=()),
    Alerted(kind=AlertKind.SLOUCH, lasted_s=1.0),
    Warned(kind=AlertKind.SLOUCH, lasted_s=1.0),
    AlertFollowed(kind=AlertKind.SLOUCH, outcome=Outcome.MOVED, after_s=1.0),
    Steered(what=Steering.PAUSED),
    SteeringRefused(what=Steering.RECALIBRATING, why=Refusal.UNANSWERED),
    Sampled(state=PostureState.UPRIGHT, view=View.FRONT, reasons=(), deviations=Deviations()),
    StaleBaseline(mismatch=BaselineMismatch.SHAPE, profile="default"),
    BaselineQuestioned(reasons=()),
    ZeroOffered(),
    Moved(unchanged_s=1.0),
    BreakTaken(lasted_s=1.0),
    CameraChanged(status=CameraStatus.OPEN, detail=""),
    Summarised(totals=Totals(), ended_by=EndedBy.STOPPED),
)


def described() -> dict[str, str]:
    """What README.md says of each type of record."""
    table = README.read_text("utf-8").split("| type | further keys |")[1].split("\n\n")[0]
    return dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", table, re.MULTILINE))


def test_every_event_is_tried_here() -> None:
    """So that a new one cannot be forgotten below."""
    assert {type(event) for event in ONE_OF_EACH} == set(get_args(Event))


def test_every_record_and_key_is_described_and_nothing_else() -> None:
    """A public interface is what its description says."""
    records = [as_record(event, t_s=0.0, at=NINE) for event in ONE_OF_EACH]
    text_of = described()

    assert {record["type"] for record in records} == set(text_of)
    for record in records:
        text = text_of[str(record["type"])]
        for key in record.keys() - HEAD:
            # The five angles and their spread are described once, together.
            assert f"`{key}`" in text or re.search(r"_deg(_sd)?$", key), (record["type"], key)


def test_every_word_that_a_key_may_hold_is_described() -> None:
    """Readers compare with these."""
    text_of = described()
    words = {
        "camera": CameraStatus,
        "steer": Steering,
        "outcome": Outcome,
        "alert": AlertKind,
        "break": BreakKind,
        "state": PostureState,
    }
    for kind, values in words.items():
        for value in values:
            assert f"`{value}`" in text_of[kind], (kind, value)
