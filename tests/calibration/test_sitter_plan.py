"""What the generator of rendered sitters draws, without a body and without OpenGL."""

from __future__ import annotations

import importlib
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

STUDY = Path(__file__).resolve().parents[2] / "calibration"


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Imports a module of the generator by its name."""
    monkeypatch.syspath_prepend(str(STUDY))
    return lambda name: importlib.import_module(f"render.{name}")


def test_every_planned_scene_can_be_drawn(module: Any) -> None:
    """Each part of each scene is known, and the same seed draws the same command."""
    plan, scenes = module("plan"), module("scenes")
    decks = (plan.SLOUCHES, plan.OTHERS, plan.ASKEW, plan.FROM_ELSEWHERE, plan.GUIDED)
    planned = set().union(*decks)
    for scene in sorted(planned - set(plan.ABSENT)):
        one, other = (scenes.drawn(np.random.default_rng(5), scene) for _ in range(2))
        assert one == other
        assert one != scenes.drawn(np.random.default_rng(6), scene) or scene in (
            "upright", "lighting", "passer_behind", "lid_tilted",
        )  # fmt: skip


def test_two_scenes_at_once_are_the_sum_of_both(module: Any) -> None:
    """Numbers add up, and a hand off the desk stays off it."""
    command = module("command")
    phone = command.Command(lean_deg=3.0, left_hand=command.Hand.PHONE, follows_screen=False)

    both = phone + command.Command(lean_deg=4.0, chair_y_m=-0.05)

    assert both.lean_deg == 7.0
    assert both.chair_y_m == -0.05
    assert both.left_hand is command.Hand.PHONE
    assert not both.follows_screen


@pytest.mark.parametrize("split", ["train", "askew"])
def test_the_sitters_share_one_deck_of_scenes(module: Any, split: str) -> None:
    """Over many sitters each scene comes as often as the plan says, whoever gets it."""
    plan = module("plan")
    deck = plan.ASKEW if split == "askew" else plan.SLOUCHES | plan.OTHERS | plan.ABSENT
    sitters = [n for n in range(1000) if plan.family_of(split, n) == "front"]
    seen = Counter(scene for number in sitters for scene in plan.scenes_of(split, number))

    decks = len(sitters) * plan.TEST_PICTURES / sum(deck.values())
    for scene, count in deck.items():
        assert seen[scene] == pytest.approx(decks * count, abs=count)


def test_no_split_repeats_the_sitters_of_another(module: Any) -> None:
    """Each draws from a seed of its own; the validation is of other people than the fit."""
    plan = module("plan")

    assert len(set(plan.SEEDS.values())) == len(plan.SEEDS)
    decks = [tuple(plan.scenes_of(split, number) for number in range(9)) for split in plan.SEEDS]
    assert len(set(map(str, decks))) == len(decks)


@pytest.mark.parametrize(
    ("change", "share"),
    [
        ({"upper_back_deg": 12.0}, 1.0),
        ({"trunk_deg": -30.0}, 0.0),
        ({"neck_deg": 6.0, "back_flexion_deg": 15.0}, 1.0),
        ({"shoulder_tilt_deg": -7.7}, 1.1),
    ],
)
def test_a_label_is_the_largest_forward_change(
    module: Any, change: dict[str, float], share: float
) -> None:
    """Forward, or of the shoulders to either side; backwards is no slouch."""
    truth = module("truth")

    ratio = truth.ratio(dict.fromkeys(truth.THRESHOLDS_DEG, 0.0) | change)

    assert ratio == pytest.approx(share)


def camera(module: Any, kind: str, barrel: float) -> Any:
    """A level webcam 60 cm before the origin."""
    appearance, webcam = module("appearance"), module("webcam")
    optics = appearance.Optics(
        width_px=640, height_px=480, barrel=barrel, noise_grey=0.0, is_dim=False, blur_px=0.5
    )
    turn = np.array([[1.0, 0, 0], [0, -1.0, 0], [0, 0, -1.0]])
    return webcam.Webcam(
        kind=kind, at=np.array([0, 0, 0.6]), turn=turn, focal_px=500.0, optics=optics
    )


@pytest.mark.parametrize("barrel", [-0.03, 0.0, 0.14])
def test_a_lens_that_bends_is_undone_by_its_own_formula(module: Any, barrel: float) -> None:
    """Undistorted is distorted times one plus barrel times the squared radius."""
    webcam = camera(module, "monitor", barrel)
    straight = np.array([[0.3, 0.2], [0.0, 0.0], [-0.5, 0.4]])

    bent = webcam.bent(straight)

    radius = (bent**2).sum(axis=1, keepdims=True)
    assert bent * (1 + barrel * radius) == pytest.approx(straight, abs=1e-9)


@pytest.mark.parametrize("kind", ["laptop", "monitor"])
def test_a_lid_tilted_back_lowers_the_picture(module: Any, kind: str) -> None:
    """What was in the middle sinks by the tangent of the tilt; only a lid's camera moves."""
    usual = camera(module, kind, 0.0)

    tilted = usual.lid_tilted(10.0)

    sunk_px = tilted.project_px(np.array([[0.0, 0.0, -50.0]]))[0, 1] - 240
    assert sunk_px == pytest.approx(500 * np.tan(np.radians(10)), rel=0.01)
    moved_m = float(np.linalg.norm(tilted.at - usual.at))
    assert moved_m == pytest.approx(0.21 * 2 * np.sin(np.radians(5)) * (kind == "laptop"))
    assert (tilted.at[2] > usual.at[2]) == (kind == "laptop")


def test_each_asset_has_a_hash(module: Any, tmp_path: Path) -> None:
    """A file that is missing, or another than the manifest names, is refused."""
    assets = module("assets")
    folder = assets.Assets(tmp_path)
    name = folder.names("eyes/", ".mhclo")[0]
    with pytest.raises(assets.AssetsError, match="cannot be read"):
        folder.path(name)

    (tmp_path / "eyes").mkdir()
    (tmp_path / name).write_text("another file", encoding="utf-8")

    with pytest.raises(assets.AssetsError, match="is not the file"):
        folder.path(name)
