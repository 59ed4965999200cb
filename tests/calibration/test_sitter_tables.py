"""The tables of rendered sitters: what they hold, and labels that follow from their points."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from numpy.typing import NDArray

STUDY = Path(__file__).resolve().parents[2] / "calibration"
DATA = STUDY / "data"
SPLITS = ("train", "train_b", "train_c", "train_d", "askew", "near", "validation")
LOOKS = ("one", "mean")
LIMITS_DEG = {"upper_back": 12, "trunk": 12, "neck": 12, "back_flexion": 15, "shoulder_tilt": 7}
ROUNDING_DEG = 0.15
"""What the steps of the tables, an eighth of a millimetre, make of the shortest line."""


def read(split: str) -> dict[str, NDArray[Any]]:
    """The columns of one table."""
    with np.load(DATA / f"sitters_{split}.npz") as table:
        return {name: table[name] for name in table.files}


@pytest.fixture(scope="module", params=SPLITS)
def table(request: pytest.FixtureRequest) -> dict[str, NDArray[Any]]:
    """One of the tables."""
    return read(request.param)


@pytest.fixture
def truth(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The generator's own definitions."""
    monkeypatch.syspath_prepend(str(STUDY))
    return importlib.import_module("render.truth")


def point(table: dict[str, NDArray[Any]], name: str) -> NDArray[np.float64]:
    """(n, 3) metres; the middle of the left and the right one if there are two."""
    names = [name] if f"{name}_x" in table else [f"{name}_l", f"{name}_r"]
    parts = [[table[f"{one}_{axis}"] for axis in "xyz"] for one in names]
    return np.asarray(np.mean(parts, axis=0).T, np.float64)


def test_the_description_names_every_column(table: dict[str, NDArray[Any]], truth: Any) -> None:
    """And no other."""
    text = (DATA / "sitters.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| (`.*?) \|", text, flags=re.MULTILINE)
    named: set[str] = set()
    for name in re.findall(r"`(\w+)`", " ".join(cells)):
        for one in truth.POINTS if "POINT" in name else [""]:
            for look in LOOKS if "LOOK" in name else [""]:
                named.add(name.replace("POINT", one).replace("LOOK", look))

    is_cut = "near000" in table["sitter"]
    assert named - (set() if is_cut else {"cut_px"}) == set(table)


def test_the_angles_follow_from_the_points(table: dict[str, NDArray[Any]]) -> None:
    """Each angle again, in the vertical plane through the heading of the thorax."""
    yaw = np.radians(table["trunk_yaw_deg"].astype(np.float64))
    level = np.zeros_like(yaw)
    ahead = np.stack([np.sin(yaw), level, np.cos(yaw)], axis=1)
    left = np.stack([np.cos(yaw), level, -np.sin(yaw)], axis=1)
    hip, t8, c7, ear = (point(table, name) for name in ("hip", "t8", "c7", "ear"))

    def inclination_deg(low: NDArray[Any], high: NDArray[Any]) -> NDArray[Any]:
        line = high - low
        return np.asarray(np.degrees(np.arctan2((line * ahead).sum(axis=1), line[:, 1])))

    across = point(table, "shoulder_l") - point(table, "shoulder_r")
    upper_back_deg = inclination_deg(t8, c7)
    again = {
        "upper_back_deg": upper_back_deg,
        "trunk_deg": inclination_deg(hip, c7),
        "neck_deg": inclination_deg(c7, ear),
        "back_flexion_deg": upper_back_deg - inclination_deg(hip, t8),
        "shoulder_tilt_deg": np.degrees(np.arctan2(-across[:, 1], (across * left).sum(axis=1))),
    }
    here = table["present"] == 1
    for name, found_deg in again.items():
        assert np.abs(found_deg - table[name])[here].max() < ROUNDING_DEG, name


def test_the_labels_follow_from_the_angles(table: dict[str, NDArray[Any]]) -> None:
    """Changes from the sitter's own baseline, as shares of their thresholds."""
    close = 0.01
    for sitter in np.unique(table["sitter"]):
        mine = (table["sitter"] == sitter) & (table["present"] == 1)
        upright = mine & (table["split"] == "baseline")
        shares = []
        for name, limit_deg in LIMITS_DEG.items():
            change_deg = table[f"{name}_deg"][mine] - table[f"{name}_deg"][upright].mean()
            assert table[f"d_{name}_deg"][mine] == pytest.approx(change_deg, abs=0.02)
            shares.append(change_deg / limit_deg)
        shares[-1] = np.abs(shares[-1])
        ratio = np.max(shares, axis=0)

        assert table["ratio"][mine] == pytest.approx(ratio, abs=close)
        clear = np.abs(ratio - 1) > close
        assert ((ratio >= 1) == (table["bad"][mine] == 1))[clear].all()
        edge = clear & (np.abs(ratio - 0.6) > close)
        assert (((ratio >= 0.6) & (ratio < 1)) == (table["grey"][mine] == 1))[edge].all()


def test_the_camera_puts_the_points_where_they_are_seen(table: dict[str, NDArray[Any]]) -> None:
    """The true nose, projected, is the pose model's nose; distances are those of the points."""
    here = (table["present"] == 1) & (table["people_full"] == 1)
    camera = np.stack([table[f"cam_{axis}"] for axis in "xyz"], axis=1)
    turn = np.stack([table[f"turn_{row}{column}"] for row in range(3) for column in range(3)])
    seen = np.einsum("ijn,nj->ni", turn.reshape(3, 3, -1), point(table, "nose") - camera)
    straight = seen[:, :2] / seen[:, 2:]
    whole_height_px = table["height"] + table.get("cut_px", 0)
    size_px = np.stack([table["width"], whole_height_px], axis=1)
    bent = straight
    for _ in range(20):
        bent = straight / (1 + table["barrel"] * (bent**2).sum(axis=1))[:, None]
    nose_px = bent * table["focal_px"][:, None] + size_px / 2
    found_px = table["points_16th_px_full"][:, 0, 0, :2] / 16
    off = np.linalg.norm(found_px - nose_px, axis=1) / table["width"]

    assert np.median(off[here]) < 0.02
    eyes_m = np.linalg.norm(point(table, "eye") - camera, axis=1)
    present = table["present"] == 1
    assert eyes_m[present] == pytest.approx(table["eye_cam_dist_m"][present], abs=0.001)


def test_far_slides_and_far_reclines_are_as_far_as_they_say(
    table: dict[str, NDArray[Any]],
) -> None:
    """From the front: head 20 to 35 %, shoulders 15 to 28 % farther than in the baseline."""
    far = np.isin(table["scenario"], ["slide_far", "recline_far"]) & (table["family"] == "front")
    for sitter in np.unique(table["sitter"][far]):
        mine = table["sitter"] == sitter
        upright = mine & (table["split"] == "baseline")
        for part, low, high in (("eye", 1.20, 1.35), ("shoulder", 1.15, 1.28)):
            away_m = table[f"{part}_cam_dist_m"]
            ratio = away_m[mine & far] / away_m[upright].mean()
            assert ((ratio > low - 0.01) & (ratio < high + 0.01)).all()
    reclined = table["scenario"] == "recline_far"
    assert not table["bad"][reclined].any()


def test_nobody_is_in_two_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names, bodies and the seeds they come from are different."""
    monkeypatch.syspath_prepend(str(STUDY))
    seeds = importlib.import_module("render.plan").SEEDS
    tables = {split: read(split) for split in SPLITS}

    assert len(set(seeds.values())) == len(SPLITS)
    for split, table in tables.items():
        assert {name.rstrip("0123456789") for name in table["sitter"].tolist()} == {split}
    bodies = [
        set(zip(*(table[name].tolist() for name in ("stature_m", "focal_px")), strict=True))
        for table in tables.values()
    ]
    assert len(set().union(*bodies)) == sum(len(of_table) for of_table in bodies)
