"""What the angle model is fitted on: poses beside the baseline of the same sitter.

Everything comes out of the tables in `data/`. From the front there are the rendered poses, copies
that are bent further (`copies.py`), and upright ones that are only enlarged or shifted; from the
side the rendered poses, each with copies that are moved in the picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from copies import bent
from footage import load, load_all
from outlines import Outlining
from poses import Poses
from shoulders import Refinement

from posturecam.pose.in_doubt import find_in_doubt
from posturecam.pose.measures import (
    MEASURES,
    MESH_MEASURES,
    OUTLINE_MEASURES,
    Measures,
    find_view,
    measure,
)
from posturecam.pose.sitter import find_sitter, raised_arm, why_not_judgeable
from posturecam.posture.kept_pose import median_measures
from posturecam.posture.scenery import UNTURNED, CameraTurn
from posturecam.values.observation import UnknownReason, View

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from copies import Copies
    from numpy.typing import NDArray

USUAL_SITTERS = "sitters_train", "sitters_train_b", "sitters_train_c", "sitters_train_d"
"""Our own, of the deck that has every scene."""
SITTERS = *USUAL_SITTERS, "sitters_askew"
"""All of our own that are wholly in the picture; these tables hold what the face model saw."""
NEAR_SITTERS = "sitters_near"
"""Our own with the shoulders close to the lower edge, where the pose model draws them inwards. Of
copies it would not, so there are none."""
TABLES = {"train": 1.0, "train2": 1.0, "train_combo": 1.5, "train_slide": 1.5}
"""Older tables, and how often a row of each is drawn: there are fewer sitters of the harder ones.
Both pose models saw these sitters, so one fit serves either."""
KINDS = {
    "train_combo": "two changes", "train_slide": "sliding",
    "sitters": "all scenes", "near": "all scenes",
}  # fmt: skip
"""Kinds of scenes in the tables; those of the others are single changes."""
MODELS = ("full", "lite")
FAMILIES = {View.FRONT: "front", View.THREE_QUARTER: "threequarter", View.SIDE: "side"}
RENDERED, NEAR, OLDER, ENLARGED, TURNED = "rendered", "near", "older", "enlarged", "turned"
SHARES = {
    RENDERED: 1.0, NEAR: 1.0, OLDER: 1.0, ENLARGED: 0.2, TURNED: 0.6,
    "upright": 0.15, "slide": 0.3, "loose": 0.06, "neck": 0.06, "recline": 0.1, "roll": 0.25,
}  # fmt: skip
"""How often pairs of each sort are drawn from the front: ours, older ones, and their copies."""
ALONE = {
    OLDER: 1.0, ENLARGED: 0.6,
    "upright": 0.35, "slide": 0.08, "loose": 0.08, "neck": 0.08, "recline": 0.05, "roll": 0.12,
}  # fmt: skip
"""The same for poses without a face mesh, older sitters only. With ours among them the lowered
chairs win: the real man who slides down a little is missed twice as often, and the test sitters are
told no better."""
SHOWN = {
    sort: share if sort in (RENDERED, NEAR, OLDER) else share / 4 for sort, share in SHARES.items()
}
SHOWN["moved"] = 0.2
"""The same for the angles that are shown with a mesh or from the side, which so many copies make
worse. From the front without any they are no better, a head tilted alone tilts the shoulders, and
the real man who slides hardly bends his back."""
OFTEN = {"chair_lower": 1.3}
"""How much more often poses of a scene are drawn by `SHARES` than others of their sort; not their
copies. Whoever sinks with the chair looks most like one who slides down."""
COPIES = {RENDERED: 4, OLDER: 2}
TURNS = 8
"""How often each pose before a tilted lid is put back, each time with other errors."""
MOVED = 3
"""Copies of each pose from the side, moved and enlarged in the picture at random. That is what a
chair does there. From the front it also changes the perspective, which the renders show."""
MOVED_POSITIONS = tuple(name for name in MEASURES if name.endswith(("_x", "_y")))
MOVED_LENGTHS = tuple(
    name
    for name in MEASURES
    if name.endswith(("_width", "_length")) or name in ("head_size", "mesh_size")
)


@dataclass(frozen=True)
class Pair:
    """One pose with the baseline of the same sitter and the true deviations in degrees.

    No camera turned before copies.
    """

    person: str
    picture: str
    scene: str
    now: Measures
    baseline: Measures
    truth_deg: NDArray[np.float64]
    sort: str
    turn: CameraTurn = UNTURNED

    @property
    def kind(self) -> str:
        """Kind of scenes; each counts as much for the odds of a slouch.

        That is the kind of its table; from the side, where there is one older table, of its scene.
        """
        if find_view(self.baseline) is not View.FRONT:
            return kind_of(self.scene)
        return KINDS.get(self.person.partition("/")[0], "single changes")

    @property
    def is_copy(self) -> bool:
        """Whether nobody was rendered so."""
        return self.sort not in (RENDERED, NEAR, OLDER)


@dataclass(frozen=True)
class Upright:
    """What changes of one sitter are measured from: median measures and mean true angles."""

    measures: Measures
    angles_deg: NDArray[np.float64]


def read_pairs(
    data: Path, view: View, sitters: Sequence[str] = SITTERS, *, has_mesh: bool = True
) -> list[Pair]:
    """All test poses of a view, each with its sitter's baseline, and copies of them.

    From the front, for whoever has to judge without a face mesh (`has_mesh`), the older tables keep
    the pose model's shoulders, and those near the lower edge are left out.
    """
    random, of_outlines = np.random.default_rng(2), np.random.default_rng(4)
    ours = Poses("sitters", load_all(data, sitters), FAMILIES[view])
    in_front = view is View.FRONT
    if in_front:
        witnesses = ours.changes_of_mesh_error(), Refinement.of(ours), Outlining.of(ours)
        ours.outline_slopes = witnesses[-1].slopes
    pairs = table_pairs(ours, view, RENDERED, random)
    for name in TABLES:
        for model in MODELS:
            older = Poses(name, load(data / f"{name}.npz", model), FAMILIES[view])
            if not older.rows:
                continue
            if in_front:
                mesh_errors, refinement, outlining = witnesses
                older.imagine_mesh(mesh_errors, random)
                outlining.imagine(older, of_outlines)
                if has_mesh:
                    refinement.imagine(older, random)
            pairs += table_pairs(older, view, OLDER, random)
    if in_front and has_mesh:
        near = Poses("near", load(data / f"{NEAR_SITTERS}.npz", "full"), FAMILIES[view])
        of_near = np.random.default_rng(5)
        pairs += seen_pairs(near, view, sitter_baselines(near, view), NEAR, of_near)
    return pairs


def read_hidden(
    data: Path, view: View, sitters: Sequence[str] = SITTERS, *, has_mesh: bool = True
) -> list[Pair]:
    """The poses of our own sitters that nothing is fitted on, see `hidden_pairs`.

    Those near the lower edge are among them where they are in `read_pairs`.
    """
    tables = {"sitters": sitters}
    if view is View.FRONT and has_mesh:
        tables["near"] = (NEAR_SITTERS,)
    pairs = []
    for name, files in tables.items():
        ours = Poses(name, load_all(data, files), FAMILIES[view])
        uprights = sitter_baselines(ours, view)
        pairs += hidden_pairs(ours, uprights, np.random.default_rng(3))
    return pairs


def table_pairs(poses: Poses, view: View, sort: str, random: np.random.Generator) -> list[Pair]:
    """The test poses of a table and their copies."""
    whole = sitter_baselines(poses, view)
    pairs = seen_pairs(poses, view, whole, sort, random)
    if view is not View.FRONT:
        copies = [replace(p, now=moved(p.now, random), sort="moved") for p in pairs * MOVED]
        return pairs + copies
    for _ in range(COPIES[sort]):
        half = sitter_baselines(poses, view, random)
        pairs += bent_pairs(poses, bent(poses, random), half)
        pairs += enlarged_pairs(poses, half, random)
    if sort == RENDERED:
        pairs += turned_pairs(poses, whole, random)
    return pairs


def sitter_baselines(
    poses: Poses, view: View, random: np.random.Generator | None = None
) -> dict[str, Upright]:
    """The baselines of the sitters, of all upright pictures or of a random half of them.

    Copies are compared with a half, so that the fit knows of the spread of a baseline.
    """
    found: dict[str, Upright] = {}
    for sitter in dict.fromkeys(poses.sitters.tolist()):
        upright = np.flatnonzero((poses.sitters == sitter) & poses.is_baseline)
        angles_deg = poses.truth_deg[upright].mean(axis=0) if len(upright) else np.zeros(5)
        if random is not None:
            upright = upright[random.permutation(len(upright))[: math.ceil(len(upright) / 2)]]
        looks = [in_row(poses, index) for index in upright.tolist()]
        if not looks:
            continue
        measures = median_measures(looks)
        if find_view(measures) is view:
            found[sitter] = Upright(measures, angles_deg)
    return found


def in_row(poses: Poses, index: int) -> Measures:
    """The measures of one row, with mesh and outline that were seen there or imagined."""
    now = measure(poses.detections[index].people[0])
    return seen_as(now, poses.mesh[index], poses.outline[index])


def seen_as(now: Measures, mesh: NDArray[np.float64], outline: NDArray[np.float64]) -> Measures:
    """The measures with other numbers of the face mesh and the outline."""
    names = *MESH_MEASURES, *OUTLINE_MEASURES
    return replace(now, **dict(zip(names, [*mesh.tolist(), *outline.tolist()], strict=True)))


def seen_pairs(
    poses: Poses, view: View, uprights: dict[str, Upright], sort: str, random: np.random.Generator
) -> list[Pair]:
    """The test poses as the program judges them, a tilted camera put back as it does."""
    pairs = []
    for index in np.flatnonzero(~poses.is_baseline).tolist():
        upright = uprights.get(poses.sitters[index])
        if upright is None:
            continue
        turn = poses.turn(index, random)
        sitter = find_sitter(poses.seen(index), upright.measures, turn.put_back)
        if isinstance(sitter, UnknownReason):
            continue
        now = sitter.measures
        if why_not_judgeable(now, upright.measures, view) or raised_arm(sitter.landmarks, view):
            continue
        if sort == OLDER:
            now = seen_as(now, poses.mesh[index], poses.outline[index])
        pair = pair_of(poses, index, upright, now=now, truth_deg=poses.truth_deg[index], sort=sort)
        pairs.append(replace(pair, turn=turn))
    return pairs


def turned_pairs(
    poses: Poses, uprights: dict[str, Upright], random: np.random.Generator
) -> list[Pair]:
    """The poses before a tilted lid, put back with other errors than in `seen_pairs`."""
    pairs = []
    for index in np.flatnonzero(~poses.is_baseline & (poses.lid_tilt_deg != 0)).tolist():
        upright = uprights.get(poses.sitters[index])
        if upright is None:
            continue
        truth_deg = poses.truth_deg[index]
        for _ in range(TURNS):
            turn = poses.turn(index, random)
            sitter = find_sitter(poses.seen(index), upright.measures, turn.put_back)
            if isinstance(sitter, UnknownReason):
                continue
            now = sitter.measures
            if why_not_judgeable(now, upright.measures, View.FRONT) is None:
                pairs.append(
                    pair_of(poses, index, upright, now=now, truth_deg=truth_deg, sort=TURNED)
                )
    return pairs


def hidden_pairs(
    poses: Poses, uprights: dict[str, Upright], random: np.random.Generator
) -> list[Pair]:
    """The test poses in which no sitter is found, but somebody bent over or hidden in part.

    Nothing is fitted on them: head or shoulders are in doubt.
    """
    pairs = []
    for index in np.flatnonzero(~poses.is_baseline).tolist():
        upright = uprights.get(poses.sitters[index])
        if upright is None:
            continue
        seen, turn = poses.seen(index), poses.turn(index, random)
        refused = find_sitter(seen, upright.measures, turn.put_back)
        if not isinstance(refused, UnknownReason):
            continue
        doubted = find_in_doubt(seen, refused, upright.measures, turn.put_back)
        if doubted is not None:
            now, truth_deg = doubted.sitter.measures, poses.truth_deg[index]
            pair = pair_of(poses, index, upright, now=now, truth_deg=truth_deg, sort=RENDERED)
            pairs.append(replace(pair, turn=turn))
    return pairs


def bent_pairs(poses: Poses, copies: Copies, uprights: dict[str, Upright]) -> list[Pair]:
    """Bent copies of the test poses, as far as the program would judge them."""
    pairs = []
    for index in np.flatnonzero(~poses.is_baseline & (poses.lid_tilt_deg == 0)).tolist():
        upright = uprights.get(poses.sitters[index])
        if upright is None:
            continue
        sitter = find_sitter(poses.seen(index, copies.at_px[index]), upright.measures)
        if isinstance(sitter, UnknownReason):
            continue
        if why_not_judgeable(sitter.measures, upright.measures, View.FRONT) is None:
            now = seen_as(sitter.measures, copies.mesh[index], copies.outline[index])
            truth_deg, sort = copies.truth_deg[index], str(copies.kinds[index])
            pairs.append(pair_of(poses, index, upright, now=now, truth_deg=truth_deg, sort=sort))
    return pairs


def enlarged_pairs(
    poses: Poses, uprights: dict[str, Upright], random: np.random.Generator
) -> list[Pair]:
    """Upright poses moved and enlarged in the picture: another size alone bends nobody."""
    pairs = []
    for index in np.flatnonzero(poses.is_baseline).tolist():
        upright = uprights.get(poses.sitters[index])
        if upright is not None:
            now = moved(in_row(poses, index), random)
            pairs.append(
                pair_of(
                    poses, index, upright, now=now, truth_deg=poses.truth_deg[index], sort=ENLARGED
                )
            )
    return pairs


def pair_of(
    poses: Poses,
    index: int,
    upright: Upright,
    *,
    now: Measures,
    truth_deg: NDArray[np.float64],
    sort: str,
) -> Pair:
    """One pair."""
    return Pair(
        person=poses.sitters[index],
        picture=poses.rows[index].get("picture", ""),
        scene=poses.rows[index]["scenario"],
        now=now,
        baseline=upright.measures,
        truth_deg=truth_deg - upright.angles_deg,
        sort=sort,
    )


def moved(now: Measures, random: np.random.Generator) -> Measures:
    """The pose enlarged about the middle of the picture by up to a tenth, then shifted."""
    zoom = random.uniform(0.9, 1.1)
    shift = {"x": random.uniform(-0.08, 0.08), "y": random.uniform(-0.04, 0.04)}
    middle = {"x": 0.5, "y": now.aspect / 2}
    changes = {name: getattr(now, name) * zoom for name in MOVED_LENGTHS}
    changes["mesh_away"] = now.mesh_away / zoom
    for name in MOVED_POSITIONS:
        axis = name[-1]
        changes[name] = (getattr(now, name) - middle[axis]) * zoom + middle[axis] + shift[axis]
    return replace(now, **changes)


def weights_of(pairs: list[Pair], shares: dict[str, float]) -> NDArray[np.float64]:
    """How often each pair is drawn: as `shares` says of its sort, or all alike."""
    ours = 0.0 if shares is ALONE else 1.0
    table_weights = np.array([TABLES.get(pair.person.partition("/")[0], ours) for pair in pairs])
    if shares is SHARES:
        table_weights *= [1.0 if pair.is_copy else OFTEN.get(pair.scene, 1.0) for pair in pairs]
    weights = np.zeros(len(pairs))
    sorts = np.array([pair.sort for pair in pairs])
    for sort in np.unique(sorts):
        of_sort = sorts == sort
        share = shares.get(sort, float(of_sort.sum()) / len(pairs))
        weights[of_sort] = share * table_weights[of_sort] / max(table_weights[of_sort].sum(), 1e-9)
    return weights


def kind_of(scene: str) -> str:
    """What of the report a scene belongs to."""
    if "slide" in scene or scene in ("recline_far", "chair_lower"):
        return "sliding"
    return "two changes" if "+" in scene else "single changes"
