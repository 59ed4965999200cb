"""What a profile was taught, on disk, and the commands that show and forget it."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from posturecam.base.errors import BaselineError, DataError
from posturecam.commands.profiles import forget_text, profile_text
from posturecam.pose.measures import MEASURES, Measures
from posturecam.posture.anchors import MOST_FEEDBACK, Anchor
from posturecam.posture.profiles import (
    delete_profile,
    list_profiles,
    load_profile,
    profile_path,
    rename_profile,
    save_profile,
    undo_profile,
)
from posturecam.posture.taught import (
    FORMAT,
    LARGEST_BYTES,
    Taught,
    load_taught,
    save_taught,
    taught_path,
)
from posturecam.posture.zero import with_zero, zero_of
from posturecam.values.observation import View
from posturecam.values.reasons import Lesson
from tests.fakes import NINE
from tests.posture.test_profiles import baseline
from tests.rights import without_rights

if TYPE_CHECKING:
    from pathlib import Path


def anchor(lesson: Lesson = Lesson.NO_SLOUCH, *, minutes: int = 0) -> Anchor:
    """A pose with one measure that is not known, as from a program that did not have it."""
    values = np.linspace(-100, 100, len(MEASURES))
    values[3] = np.nan
    return Anchor(
        lesson=lesson,
        view=View.FRONT,
        pose=Measures.from_array(values),
        baseline=Measures.from_array(values / 2),
        model_sha256="ab" * 32,
        at=NINE + timedelta(minutes=minutes),
    )


def rows(anchors: tuple[Anchor, ...]) -> list[tuple[object, ...]]:
    """What can be compared; an unknown number is not equal to itself."""
    return [(one.lesson, one.at, one.pose.as_array().round(4).tolist()[4:]) for one in anchors]


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """A profile that was taught nothing yet."""
    return save_profile(tmp_path, baseline())


def test_what_was_taught_comes_back(profile: Path) -> None:
    """In a file for this user only, beside a baseline that has not changed."""
    before = profile.read_bytes()
    taught = Taught(
        anchors=(anchor(Lesson.CHAIR_LOWER), anchor(minutes=5)),
        zero=zero_of(baseline().centre, baseline(), NINE),
        asked_at=NINE,
    )
    save_taught(profile, taught)
    found = load_taught(profile)

    assert rows(found.anchors) == rows(taught.anchors)
    assert np.isnan(found.anchors[0].pose.as_array()[3])
    assert found.zero is not None
    assert found.zero.baseline_taken_at == baseline().taken_at
    assert found.asked_at == NINE
    assert profile.read_bytes() == before
    assert stat.S_IMODE(taught_path(profile).stat().st_mode) == 0o600
    assert list_profiles(profile.parent) == ("default",)


def test_as_many_as_are_kept_fit_into_the_file(profile: Path) -> None:
    """The largest that may be read is well above the largest that is written."""
    full = tuple(anchor(minutes=minutes) for minutes in range(MOST_FEEDBACK + 3))
    save_taught(profile, Taught(anchors=full))
    assert taught_path(profile).stat().st_size < LARGEST_BYTES / 1.5
    assert len(load_taught(profile).anchors) == len(full)


def test_nothing_taught_is_no_file(profile: Path) -> None:
    """Also when the last of it was forgotten."""
    assert load_taught(profile) == Taught()
    save_taught(profile, Taught(asked_at=NINE))
    save_taught(profile, Taught())
    assert not taught_path(profile).exists()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"format": 1}',
        '{"format": 1, "poses": [{}], "zero": null, "asked_at": null}',
        '{"format": 1, "poses": [], "zero": null, "asked_at": null, "more": 1}',
        '{"format": 1, "poses": [], "zero": null, "asked_at": "2026-03-02T09:00:00"}',
        '{"format": 1, "poses": [], "zero": {"at": "2026-03-02T09:00:00Z", '
        '"baseline_taken_at": "2026-03-02T09:00:00Z", "offset": {"shoulder_x": 1e9}}, '
        '"asked_at": null}',
        "[" * 100_000,
        " " * LARGEST_BYTES + "{}",
    ],
)
def test_a_damaged_file_is_said_to_be_so_and_can_be_forgotten(profile: Path, content: str) -> None:
    """It is never half used, and forgetting all needs not read it."""
    taught_path(profile).write_text(content)
    with pytest.raises(DataError, match="cannot be read"):
        load_taught(profile)
    forget_text(profile.parent, "default", None)
    assert load_taught(profile) == Taught()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have no modes here")
def test_a_file_that_may_not_be_read_is_not_to_be_forgotten(profile: Path) -> None:
    """It may be as good as ever, as one that was written with sudo."""
    save_taught(profile, Taught(anchors=(anchor(),)))
    with (
        without_rights(taught_path(profile)),
        pytest.raises(DataError, match="cannot be read: Permission denied") as caught,
    ):
        load_taught(profile)
    assert "forget" not in caught.value.remedy


def test_a_newer_program_s_file_is_left_alone(profile: Path) -> None:
    """It says what to do."""
    taught_path(profile).write_text(json.dumps({"format": FORMAT + 1}))
    with pytest.raises(DataError, match="newer posturecam"):
        load_taught(profile)


def test_it_follows_its_profile(profile: Path) -> None:
    """To another name and into nothing; another baseline, or the one before, leaves it."""
    folder = profile.parent
    save_taught(profile, Taught(anchors=(anchor(),)))
    save_profile(folder, replace(baseline(), samples=99))
    undo_profile(folder, "default")
    assert rows(load_taught(profile).anchors) == rows((anchor(),))

    rename_profile(folder, "default", "desk")
    assert rows(load_taught(profile_path(folder, "desk")).anchors) == rows((anchor(),))
    delete_profile(folder, "desk")
    assert list(folder.iterdir()) == []


def test_a_profile_shows_what_it_was_taught_and_forgets_one_of_it(profile: Path) -> None:
    """By the number that it shows; what cannot be used now is marked."""
    folder = profile.parent
    unused = replace(anchor(minutes=60), view=View.SIDE)
    zero = zero_of(baseline().centre, baseline(), NINE + timedelta(hours=2))
    save_taught(profile, Taught(anchors=(anchor(Lesson.CHAIR_LOWER), unused), zero=zero))
    shown = profile_text(folder, "default", UTC)
    assert "taught 1: chair lower, 2026-03-02 09:00\n" in shown
    assert "taught 2: no slouch, 2026-03-02 10:00 (not used" in shown
    assert "zero of the day: 2026-03-02 11:00" in shown

    for number in (0, 3):
        with pytest.raises(BaselineError, match=f"no pose {number}"):
            forget_text(folder, "default", number)
    assert forget_text(folder, "default", 1) == "Forgotten: chair lower. Left: 1."
    assert rows(load_taught(profile).anchors) == rows((unused,))
    assert load_taught(profile).zero is not None


def test_a_zero_shifts_the_baseline_by_what_is_known_of_the_day(profile: Path) -> None:
    """What is not known today stays as the baseline has it, and the baseline on disk as it was."""
    kept = load_profile(profile.parent, "default")
    now = kept.centre.as_array() + 0.01
    now[5] = np.nan
    shifted = with_zero(kept, zero_of(Measures.from_array(now), kept, NINE))
    expected = np.where(np.isnan(now), kept.centre.as_array(), now)
    np.testing.assert_allclose(shifted.centre.as_array(), expected)
    assert shifted.taken_at == kept.taken_at
