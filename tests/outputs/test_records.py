"""The records of `watch --format jsonl` against their description in docs/programs.md."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest

from posturecam.outputs.records import as_record
from posturecam.values.events import (
    AlertDetails,
    Alerted,
    AlertFollowed,
    AlertKind,
    BaselineQuestioned,
    BreakKind,
    BreakNear,
    BreakTaken,
    CameraChanged,
    CameraStatus,
    Control,
    Controlled,
    ControlRefused,
    EndedBy,
    Event,
    Moved,
    Outcome,
    Refusal,
    Sampled,
    StaleBaseline,
    StateChanged,
    Summarised,
    Warned,
    ZeroOffered,
)
from posturecam.values.observation import (
    BaselineMismatch,
    Deviations,
    PostureState,
    UnknownReason,
    View,
)
from posturecam.values.reasons import SlouchSign
from posturecam.values.totals import Totals
from tests.fakes import CALIBRATED, NINE, seen

DESCRIBED = Path(__file__).parents[2] / "docs/programs.md"
HEAD = {"v", "t_s", "at", "type"}

ONE_OF_EACH: tuple[Event, ...] = (
    replace(CALIBRATED, quality=0.876, taken_now=True),
    StateChanged(from_state=PostureState.UPRIGHT, to_state=PostureState.AWAY, reasons=()),
    Alerted(kind=AlertKind.SLOUCH, lasted_s=1.0),
    Warned(kind=AlertKind.SLOUCH, lasted_s=1.0),
    AlertFollowed(kind=AlertKind.SLOUCH, outcome=Outcome.MOVED, after_s=1.0),
    Controlled(what=Control.PAUSED),
    Controlled(what=Control.WRONG),
    ControlRefused(what=Control.RECALIBRATING, why=Refusal.UNANSWERED),
    Sampled(state=PostureState.UPRIGHT, view=View.FRONT, reasons=(), deviations=Deviations()),
    StaleBaseline(mismatch=BaselineMismatch.SHAPE, profile="default"),
    BaselineQuestioned(reasons=()),
    ZeroOffered(),
    Moved(unchanged_s=1.0),
    BreakNear(in_s=30.0),
    BreakTaken(lasted_s=1.0),
    CameraChanged(status=CameraStatus.OPEN, detail=""),
    Summarised(totals=Totals(), ended_by=EndedBy.STOPPED),
)


def described() -> dict[str, str]:
    """What docs/programs.md says of each type of record."""
    table = DESCRIBED.read_text("utf-8").split("| type | further keys |")[1].split("\n\n")[0]
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
        "steer": Control,
        "outcome": Outcome,
        "alert": AlertKind,
        "break": BreakKind,
        "state": PostureState,
    }
    for kind, values in words.items():
        for value in values:
            assert f"`{value}`" in text_of[kind], (kind, value)


def test_a_record_begins_with_its_version_and_both_times() -> None:
    """To the millisecond."""
    record = as_record(Moved(unchanged_s=1.0), t_s=1.23456, at=NINE + timedelta(seconds=1.23456))

    assert record["v"] == 1
    assert record["t_s"] == 1.235
    assert record["at"] == "2026-03-02T09:00:01.234Z"


@pytest.mark.parametrize(
    ("event", "values"),
    [
        (
            ONE_OF_EACH[0],
            {
                "profile": "default",
                "view": "front",
                "samples": 50,
                "quality": 0.88,
                "taken_now": True,
                "taken_at": "2026-03-02T09:00:00.000Z",
                "limits_deg": {
                    "upper_back": 12.0,
                    "trunk": 12.0,
                    "neck": 12.0,
                    "back_flexion": 15.0,
                    "shoulder_tilt": 7.0,
                },
            },
        ),
        (
            StateChanged(
                from_state=PostureState.UPRIGHT,
                to_state=PostureState.SLOUCHED,
                reasons=(seen(SlouchSign.HEAD_FORWARD, 16.4),),
            ),
            {"from": "upright", "to": "slouched", "reasons": ["head about 16° forward"]},
        ),
        (
            Alerted(
                kind=AlertKind.SLOUCH,
                lasted_s=200.26,
                details=AlertDetails(reasons=(seen(SlouchSign.HEAD_FORWARD, 16.4),)),
            ),
            {
                "kind": "slouch",
                "title": "Head forward for 3 min",
                "message": "Compared with your baseline, head about 16° forward, for about 3 min. "
                "Any change is good: lean back, roll your shoulders, or stand up.",
                "lasted_s": 200.3,
            },
        ),
        (
            BaselineQuestioned(reasons=(seen(SlouchSign.HEAD_FORWARD, 16.4),)),
            {
                "difference": "head about 16° forward",
                "title": "Were you sitting upright?",
                "message": "Say yes, and the new baseline is used. The new baseline is unlike the "
                "one before: head about 16° forward.",
            },
        ),
        (
            StaleBaseline(mismatch=BaselineMismatch.SHAPE, profile="desk"),
            {
                "difference": "the picture has another shape",
                "title": "This no longer fits your baseline",
            },
        ),
        (
            ControlRefused(what=Control.RECALIBRATING, why=Refusal.UNANSWERED),
            {
                "what": "recalibrating",
                "why": "Nobody said that you were sitting upright. The one from before stays.",
            },
        ),
        (
            AlertFollowed(kind=AlertKind.SLOUCH, outcome=Outcome.LEFT, after_s=12.345),
            {"kind": "slouch", "outcome": "left", "after_s": 12.3},
        ),
        (
            Controlled(what=Control.SNOOZED, until=NINE),
            {"what": "snoozed", "until": "2026-03-02T09:00:00.000Z"},
        ),
        (Controlled(what=Control.RESUMED), {"what": "resumed", "until": None}),
        (
            Controlled(what=Control.WRONG, still_slouched=True),
            {"what": "wrong", "until": None, "still_slouched": True},
        ),
        (
            Sampled(
                state=PostureState.UNKNOWN,
                view=View.FRONT,
                reasons=(UnknownReason.TOO_DARK,),
                deviations=Deviations(upper_back_deg=3.26, upper_back_sd_deg=2.04),
                slouch_probability=0.126,
            ),
            {
                "state": "unknown",
                "reasons": ["too dark"],
                "slouch_probability": 0.13,
                "upper_back_deg": 3.3,
                "upper_back_deg_sd": 2.0,
                "neck_deg": None,
                "neck_deg_sd": None,
            },
        ),
        (BreakTaken(lasted_s=301.26), {"kind": "break", "lasted_s": 301.3}),
        (
            Summarised(
                totals=Totals(
                    upright_ms=2_500_400, slouched_ms=1_000_000, paused_ms=300, moves=2, alerts=1
                ),
                ended_by=EndedBy.TIME_IS_UP,
                longest_unchanged_s=2.26,
            ),
            {
                "ended_by": "time is up",
                "watched_s": 3500.4,
                "upright_s": 2500.4,
                "slouched_s": 1000.0,
                "away_s": 0.0,
                "paused_s": 0.3,
                "longest_unchanged_s": 2.3,
                "moves": 2,
                "alerts": 1,
            },
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_record_says_what_happened(event: Event, values: dict[str, object]) -> None:
    """Plain values in the units of their keys, and nothing for what is not known."""
    record = as_record(event, t_s=0.0, at=NINE)

    assert {key: record[key] for key in values} == values
