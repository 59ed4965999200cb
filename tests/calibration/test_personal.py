"""The figures on what a sitter teaches are of verdicts as the program gives them."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from posturecam.posture.anchors import NOTHING_TAUGHT
from posturecam.posture.observe import observe
from tests import sitters

STUDY = Path(__file__).resolve().parents[2] / "calibration"
TABLE = STUDY / "data" / "sitters_validation.npz"
BENT_OVER = "deep_hunch"
UP_TO = "validation060"
"""The sitters before are enough."""


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The scripts of the study: figures of what is taught, and the tables."""
    monkeypatch.syspath_prepend(str(STUDY))
    return importlib.import_module("personal"), importlib.import_module("footage")


def test_a_picture_is_judged_as_by_the_program(parts: Any) -> None:
    """Somebody bent over the desk, too: a plain slouch, or no verdict."""
    personal, footage = parts
    whole = footage.load(TABLE, "full")
    few = [index for index, row in enumerate(whole.rows) if row["sitter"] < UP_TO]
    seen = footage.Footage(
        [whole.rows[index] for index in few], [whole.detections[index] for index in few]
    )
    hunches = [one for one in personal.all_shown(seen) if one.scene == BENT_OVER]
    sitters_seen = {one.sitter for one in hunches}
    pictures = [
        detection
        for row, detection in zip(seen.rows, seen.detections, strict=True)
        if row["scenario"] == BENT_OVER and row["sitter"] in sitters_seen
    ]

    by_program = [
        observe(picture, sitters.baseline_of(one.baseline)).slouch_log_odds
        for one, picture in zip(hunches, pictures, strict=True)
    ]

    assert len(hunches) > 5
    assert [one.slouched(NOTHING_TAUGHT) for one in hunches] == [odds >= 0 for odds in by_program]
