"""Baselines on disk."""

from __future__ import annotations

import json
import math
import os
import stat
from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posturecam.base.errors import BaselineError, DataError, PosturecamError, UsageError
from posturecam.commands.doctor_data import baseline_check, baselines_check
from posturecam.commands.profiles import profile_text
from posturecam.pose.measures import MEASURES, MESH_MEASURES, OUTLINE_MEASURES, Measures
from posturecam.pose.models import find_model
from posturecam.posture.profile_file import MOST_ROWS
from posturecam.posture.profiles import (
    MOST_PREVIOUS,
    delete_profile,
    fitting_profile,
    list_profiles,
    load_previous,
    load_profile,
    rename_profile,
    save_profile,
    undo_profile,
)
from posturecam.posture.taught import Taught, load_taught, save_taught
from posturecam.values.observation import Stance, View
from posturecam.values.settings import Thresholds
from tests.rights import without_rights
from tests.sitters import baseline_of

if TYPE_CHECKING:
    from pathlib import Path

    from posturecam.posture.baseline import Baseline


def baseline(profile: str = "default") -> Baseline:
    """A baseline with a value that is not known."""
    values = np.linspace(0.1, 1.0, len(MEASURES))
    values[-2] = np.nan
    return replace(
        baseline_of(Measures.from_array(values)),
        profile=profile,
        view=View.FRONT,
        spread=Measures.from_array(values / 10),
    )


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    """Every field survives, unknown measures included, in a file for this user only."""
    kept = baseline()
    file = save_profile(tmp_path / "profiles", kept)
    found = load_profile(tmp_path / "profiles", "default")

    assert np.array_equal(found.centre.as_array(), kept.centre.as_array(), equal_nan=True)
    assert np.array_equal(found.spread.as_array(), kept.spread.as_array(), equal_nan=True)
    for name in ("profile", "view", "samples", "takes", "quality", "model_sha256", "taken_at"):
        assert getattr(found, name) == getattr(kept, name)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in file.parent.iterdir()] == ["default.json"]


def test_thresholds_of_a_slump_take_come_back(tmp_path: Path) -> None:
    """And a profile without them, of an older program, is read as it was."""
    own = Thresholds(upper_back_deg=9.0, trunk_deg=9.0, neck_deg=9.0, back_flexion_deg=11.25)
    file = save_profile(tmp_path, replace(baseline(), thresholds=own))
    assert load_profile(tmp_path, "default").thresholds == own

    older = {key: v for key, v in json.loads(file.read_text()).items() if key != "thresholds"}
    file.write_text(json.dumps(older))
    assert load_profile(tmp_path, "default").thresholds is None


def test_a_baseline_from_before_the_face_mesh_is_still_read(tmp_path: Path) -> None:
    """It has the pose alone: the measures of the mesh are unknown, the others what they were."""
    file = save_profile(tmp_path, baseline())
    kept = json.loads(file.read_text())
    older = kept | {"format": 1}
    for part in ("centre", "spread"):
        older[part] = {
            name: value
            for name, value in kept[part].items()
            if not name.startswith(("mesh_", "outline_"))
        }
    file.write_text(json.dumps(older))
    found = load_profile(tmp_path, "default").centre

    assert found.head_size == baseline().centre.head_size
    assert all(math.isnan(getattr(found, name)) for name in MESH_MEASURES)
    file.write_text(json.dumps(older | {"format": 2}))
    with pytest.raises(DataError, match="damaged"):
        load_profile(tmp_path, "default")


def test_a_baseline_from_before_the_outline_is_still_read(tmp_path: Path) -> None:
    """Its numbers are unknown, and so are those of the mesh in one that is older still."""
    file = save_profile(tmp_path, baseline())
    kept = json.loads(file.read_text())
    for written_format, absent in ((3, OUTLINE_MEASURES), (1, (*MESH_MEASURES, *OUTLINE_MEASURES))):
        older = kept | {"format": written_format}
        for part in ("centre", "spread"):
            older[part] = {name: v for name, v in kept[part].items() if name not in absent}
        file.write_text(json.dumps(older))
        found = load_profile(tmp_path, "default").centre
        unknown = [name for name in MEASURES if math.isnan(getattr(found, name))]
        assert unknown == list(absent)


def test_it_is_said_whether_a_baseline_knows_the_face_mesh(tmp_path: Path) -> None:
    """One that was taken without it can be taken anew."""
    kept = baseline()
    save_profile(tmp_path, kept)
    assert "face mesh found" in profile_text(tmp_path, "default", UTC).splitlines()

    alone = replace(kept.centre, **dict.fromkeys(MESH_MEASURES, math.nan))
    save_profile(tmp_path, replace(kept, centre=alone))
    assert "no face mesh found: you are judged by the pose alone" in profile_text(
        tmp_path, "default", UTC
    )


@pytest.mark.parametrize(
    "name",
    ["../up", "a/b", "", ".hidden", "x" * 65, "con\x00", "ä", "a.b", "a\n", "CON", "nul", "Com1"],
)
def test_a_name_cannot_lead_elsewhere(tmp_path: Path, name: str) -> None:
    """Profile names are words, never paths."""
    with pytest.raises(UsageError, match="profile name"):
        load_profile(tmp_path, name)


@pytest.mark.parametrize("name", ["console", "com", "com10", "nul-1", "x" * 64])
def test_a_name_that_looks_like_those_is_a_name(tmp_path: Path, name: str) -> None:
    """Only the very names of devices are taken."""
    save_profile(tmp_path, baseline(name))
    assert list_profiles(tmp_path) == (name,)


def test_a_baseline_whose_shoulders_were_placed_otherwise_is_taken_anew(tmp_path: Path) -> None:
    """As before there was a shoulder model: the same pose model does not make it fit."""
    model = find_model("full")
    save_profile(tmp_path, replace(baseline(), model_sha256=model.landmarks_sha256))
    assert fitting_profile(tmp_path, "default", model).samples == baseline().samples

    save_profile(tmp_path, replace(baseline(), model_sha256=model.sha256))
    with pytest.raises(BaselineError, match="places the shoulders otherwise") as caught:
        fitting_profile(tmp_path, "default", model)
    assert "calibrate" in caught.value.remedy


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have no modes here")
def test_a_profile_that_may_not_be_read_is_neither_damaged_nor_replaced(tmp_path: Path) -> None:
    """As one that was taken with sudo: it may be as good as ever."""
    file = save_profile(tmp_path, baseline())
    save_profile(tmp_path, replace(baseline(), samples=7))
    with without_rights(file):
        for read in (load_profile, load_previous):
            with pytest.raises(DataError, match="cannot be read: Permission denied"):
                read(tmp_path, "default")
        with pytest.raises(DataError, match="cannot be read: Permission denied"):
            save_profile(tmp_path, baseline())
    assert load_profile(tmp_path, "default").samples == 7


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="folders have no modes here")
def test_profiles_that_may_not_be_listed_are_not_said_to_be_none(tmp_path: Path) -> None:
    """`doctor` says so, too."""
    save_profile(tmp_path, baseline())
    with without_rights(tmp_path):
        with pytest.raises(DataError, match="cannot be read: Permission denied"):
            list_profiles(tmp_path)
        for found in (baselines_check(tmp_path), baseline_check(tmp_path, "default", "full")):
            assert "cannot be read: Permission denied" in found.detail


def test_a_missing_profile_says_how_to_take_one(tmp_path: Path) -> None:
    """And which there are."""
    save_profile(tmp_path, baseline("desk"))
    with pytest.raises(BaselineError) as caught:
        load_profile(tmp_path, "couch")

    assert "desk" in caught.value.what
    assert "posturecam calibrate --profile couch" in caught.value.remedy
    assert list_profiles(tmp_path) == ("desk",)


@pytest.mark.parametrize(
    "change",
    [
        {"samples": 0},
        {"view": "above"},
        {"centre": {"nose_x": 1.0}},
        {"taken_at": "2026-03-02T09:00:00"},
        {"model_sha256": "x"},
        {"quality": "NaN"},
        {"extra": 1},
        {"thresholds": {"neck_deg": 9.0}},
        {"profile": "other"},
    ],
)
def test_a_damaged_profile_is_refused_and_left_alone(
    tmp_path: Path, change: dict[str, object]
) -> None:
    """Whatever does not fit is damage, with the command that repairs it."""
    file = save_profile(tmp_path, baseline())
    text = json.dumps(json.loads(file.read_text()) | change)
    file.write_text(text)
    with pytest.raises(DataError, match="damaged") as caught:
        load_profile(tmp_path, "default")

    assert "posturecam calibrate" in caught.value.remedy
    assert file.read_text() == text


def test_a_profile_of_a_newer_program_is_not_called_damaged(tmp_path: Path) -> None:
    """The file is fine; the program is old."""
    file = save_profile(tmp_path, baseline())
    file.write_text(json.dumps(json.loads(file.read_text()) | {"format": 99}))
    with pytest.raises(DataError, match="newer"):
        load_profile(tmp_path, "default")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=300)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    ).map(lambda value: json.dumps(value).encode())
)
def test_any_content_is_refused_without_a_traceback(tmp_path: Path, content: bytes) -> None:
    """Random bytes and random JSON end in the same clear error."""
    (tmp_path / "default.json").write_bytes(content)
    with pytest.raises(PosturecamError):
        load_profile(tmp_path, "default")


def taken(minutes: int, profile: str = "default") -> Baseline:
    """A baseline that was taken so many minutes past nine."""
    return replace(baseline(profile), taken_at=baseline().taken_at + timedelta(minutes=minutes))


def in_use(folder: Path) -> list[int]:
    """When the baseline in use and those kept beside it were taken, in minutes past nine."""
    found = (load_profile(folder, "default"), *load_previous(folder, "default"))
    return [round((one.taken_at - baseline().taken_at).total_seconds() / 60) for one in found]


def test_a_baseline_that_is_replaced_is_kept_and_comes_back(tmp_path: Path) -> None:
    """In a file for this user only that is no profile; undoing the undoing takes it back."""
    save_profile(tmp_path, taken(0))
    save_profile(tmp_path, taken(1))
    assert in_use(tmp_path) == [1, 0]
    assert list_profiles(tmp_path) == ("default",)
    assert [stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()] == [0o600, 0o600]

    assert undo_profile(tmp_path, "default").taken_at == taken(0).taken_at
    assert in_use(tmp_path) == [0, 1]
    undo_profile(tmp_path, "default")
    assert in_use(tmp_path) == [1, 0]


def test_several_bad_baselines_in_a_row_do_not_push_the_good_one_out(tmp_path: Path) -> None:
    """Each undoing goes one further back, and in the end to where it began."""
    for minutes in range(4):
        save_profile(tmp_path, taken(minutes))
    seen = []
    for _ in range(4):
        undo_profile(tmp_path, "default")
        seen.append(in_use(tmp_path)[0])
    assert seen == [2, 1, 0, 3]
    for minutes in range(4, 20):
        save_profile(tmp_path, taken(minutes))
    assert in_use(tmp_path) == list(range(19, 18 - MOST_PREVIOUS, -1))


def test_the_largest_skylines_do_not_push_earlier_baselines_out(tmp_path: Path) -> None:
    """Of narrow pictures four times as high as wide."""
    part = tuple(-0.12 for _ in range(MOST_ROWS))
    for minutes in range(MOST_PREVIOUS + 2):
        save_profile(tmp_path, replace(taken(minutes), skyline=(part, part, part, part)))
    assert len(load_previous(tmp_path, "default")) == MOST_PREVIOUS


def test_a_write_that_fails_loses_no_baseline(tmp_path: Path) -> None:
    """Neither while one is replaced nor while one is brought back."""
    save_profile(tmp_path, taken(0))
    save_profile(tmp_path, taken(1))
    file = tmp_path / "default.json"
    current = file.read_text()
    file.unlink()
    file.mkdir()  # cannot be written over
    with pytest.raises(DataError):
        undo_profile(tmp_path, "default")
    file.rmdir()
    file.write_text(current)
    assert in_use(tmp_path) == [1, 0]


def test_those_kept_follow_their_profile(tmp_path: Path) -> None:
    """To another name, and into nothing; a profile of the same name later finds none of them."""
    save_profile(tmp_path, taken(0))
    save_profile(tmp_path, taken(1))
    rename_profile(tmp_path, "default", "desk")
    assert [one.taken_at for one in load_previous(tmp_path, "desk")] == [taken(0).taken_at]
    assert undo_profile(tmp_path, "desk").profile == "desk"
    assert load_previous(tmp_path, "default") == ()

    delete_profile(tmp_path, "desk")
    assert list(tmp_path.iterdir()) == []
    save_profile(tmp_path, taken(2, "desk"))
    with pytest.raises(BaselineError, match="No earlier baseline"):
        undo_profile(tmp_path, "desk")


@pytest.mark.parametrize("file", ["default.standing.json", "default.previous.json"])
def test_what_is_damaged_beside_a_profile_is_not_lost_to_another_name(
    tmp_path: Path, file: str
) -> None:
    """It may yet be repaired by hand; moved elsewhere, it is in nobody's way."""
    save_profile(tmp_path, taken(0))
    save_profile(tmp_path, taken(1))
    damaged = tmp_path / file
    damaged.write_text("{")
    before = {one.name: one.read_text() for one in tmp_path.iterdir()}
    with pytest.raises(DataError, match="damaged") as caught:
        rename_profile(tmp_path, "default", "desk")
    assert damaged.name in caught.value.what
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == before

    damaged.rename(tmp_path / "elsewhere")
    rename_profile(tmp_path, "default", "desk")
    assert list_profiles(tmp_path) == ("desk",)


@pytest.mark.parametrize(
    "blocked", ["desk.taught.json", "desk.previous.json", "desk.standing.json"]
)
def test_a_profile_that_cannot_get_another_name_is_as_it_was(tmp_path: Path, blocked: str) -> None:
    """With a sentence about the file; there is no half of it under the new name."""
    path = save_profile(tmp_path, taken(0))
    save_profile(tmp_path, replace(taken(0), stance=Stance.STANDING))
    save_taught(path, Taught(asked_at=baseline().taken_at))
    (tmp_path / blocked).mkdir()  # cannot be written over
    before = sorted(tmp_path.iterdir())
    with pytest.raises(DataError, match=f"{blocked} cannot be (written|removed)"):
        rename_profile(tmp_path, "default", "desk")
    assert sorted(tmp_path.iterdir()) == before
    assert load_taught(path).asked_at is not None

    (tmp_path / blocked).rmdir()
    rename_profile(tmp_path, "default", "desk")
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "desk.json", "desk.standing.json", "desk.taught.json",
    ]  # fmt: skip


def test_a_damaged_baseline_is_not_kept_and_one_of_a_newer_program_not_lost(tmp_path: Path) -> None:
    """What cannot be read is worth nothing later; what only we cannot read is left alone."""
    file = save_profile(tmp_path, taken(0))
    save_profile(tmp_path, taken(1))
    newer = json.dumps(json.loads(file.read_text()) | {"format": 99})
    file.write_text(newer)
    with pytest.raises(DataError, match="newer"):
        save_profile(tmp_path, taken(2))
    assert file.read_text() == newer

    file.write_text("{")
    save_profile(tmp_path, taken(2))
    assert in_use(tmp_path) == [2, 0]
    (tmp_path / "default.previous.json").write_text("{")
    save_profile(tmp_path, taken(3))
    assert in_use(tmp_path) == [3, 2]
