"""One sitter in one room before one webcam: their pictures, and a row of truth for each."""

from __future__ import annotations

import csv
from dataclasses import asdict
from typing import TYPE_CHECKING

import cv2
import numpy as np

from render import GENERATOR_VERSION, scenes, truth
from render.appearance import drawn_appearance, drawn_motion_px, drawn_optics
from render.command import Command, Hand
from render.drawing import Material
from render.dress import Dressed
from render.plan import (
    ABSENT,
    BASELINE_PICTURES,
    GUIDED,
    SEEDS,
    TRUTH_FILE,
    family_of,
    scenes_of,
)
from render.posing import Posture, changes, find_posture, posture
from render.room import brighter, changed, furnish
from render.rotations import about
from render.sitter import Posed, Sitter
from render.solids import Solids
from render.webcam import Sensor, drawn_webcam

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from render.assets import Assets
    from render.drawing import Light, Stage
    from render.rotations import Floats

JPEG_QUALITY = 90
_SAMPLING = {640: 0.95, 1280: 0.55}
"""Pixels drawn for one of the picture, along each side, by the width of the picture."""
_EXPOSING = 0.35
_FACE_GREY = {False: (95.0, 165.0), True: (65.0, 115.0)}
"""Brightness of the face that the webcam aims at, by whether the skin is dark."""
_DIM = 0.4
_CUP_M, _PHONE_M = np.array([0.075, 0.10, 0.075]), np.array([0.072, 0.15, 0.009])


class Studio:
    """Everything that is drawn of one sitter of a split."""

    def __init__(self, stage: Stage, assets: Assets, split: str, number: int) -> None:
        self._stage, self._assets = stage, assets
        self._split, self._number = split, number
        self._family = family_of(split, number)
        random = self._random("setup")
        self._sitter = Sitter(random)
        self._looks = drawn_appearance(random, male=self._sitter.male)
        optics = drawn_optics(random)
        self._webcam = drawn_webcam(random, self._family, self._sitter.eyes, optics)
        self._sensor = Sensor(random, self._webcam)
        stage.clear()
        with_legs = self._family != "front"
        self._walls, light = furnish(
            random, stage, self._sitter, self._family, dark=self._looks.dark_on_dark
        )
        self._dressed = Dressed(
            random, stage, self._sitter, assets, self._looks, with_legs=with_legs
        )
        self._passer: tuple[Sitter, Dressed] | None = None
        for name, size in (("cup", _CUP_M), ("phone", _PHONE_M)):
            thing = Solids()
            paint = random.uniform(0.02, 0.9, 3)
            thing.blob(np.zeros(3), size, paint, roundness=0.5 if name == "cup" else 0.25)
            thing.add_to(stage, name, Material(gloss=0.2, gloss_sharpness=60.0))
            stage.show([name], shown=False)
        self._light = self._exposed_light(random, light)

    def render(self, folder: Path) -> int:
        """Write all pictures and the truth; the number of pictures."""
        random = self._random("pictures")
        upright = [
            posture(self._sitter, scenes.sway(random), self._webcam)
            for _ in range(BASELINE_PICTURES)
        ]
        baseline = {
            name: float(np.mean([one.angles[name] for one in upright]))
            for name in upright[0].angles
        }
        folder.mkdir(parents=True, exist_ok=True)
        rows: list[dict[str, object]] = []
        todo = [("baseline", "baseline") for _ in upright]
        if self._family == "front":
            todo += [("guided", scene) for scene in GUIDED]
        todo += [("test", scene) for scene in scenes_of(self._split, self._number)]
        for place, (part, scene) in enumerate(todo):
            # A stream of its own, so that one more scene leaves the others as they are.
            own = self._random("scene", place)
            found: Posture | None = None
            if part == "baseline":
                found = upright[place]
            elif scene not in ABSENT:
                found = find_posture(own, self._sitter, self._webcam, scene, baseline)
                if found is None:
                    continue
            motion_px = drawn_motion_px(own) if part == "test" else 0.0
            name = f"{place:03}.jpg"
            picture = self._picture(own, found, scene, motion_px)
            quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
            cv2.imwrite(str(folder / name), picture[..., ::-1], quality)
            facts = {"picture": name, "part": part, "scene": scene, "motion_px": motion_px}
            rows.append(facts | self._row(found, baseline))
        _write(folder, rows)
        return len(rows)

    def _random(self, what: str, place: int = 0) -> np.random.Generator:
        stream = ("setup", "pictures", "scene", "passer").index(what)
        seed = [SEEDS[self._split], GENERATOR_VERSION, self._number, stream, place]
        return np.random.default_rng(seed)

    def _picture(
        self, random: np.random.Generator, found: Posture | None, scene: str, motion_px: float
    ) -> NDArray[np.uint8]:
        webcam = found.webcam if found else self._webcam
        light = changed(self._light, random) if "lighting" in scene else self._light
        with_passer = "passer" in scene
        if with_passer:
            self._place_passer(random)
        self._place(random, found)
        straight = self._drawn(webcam.optics.width_px, light, found)
        if with_passer and self._passer:
            self._stage.show(self._passer[1].names, shown=False)
        return self._sensor.exposed(straight, motion_px, random)

    def _drawn(self, width_px: int, light: Light, found: Posture | None) -> NDArray[np.uint8]:
        webcam = found.webcam if found else self._webcam
        target = self._sitter.eyes - [0, 0.2, 0]
        return self._stage.picture(
            webcam, self._sensor.focal_px, light, target, _SAMPLING[width_px]
        )

    def _place(self, random: np.random.Generator, found: Posture | None) -> None:
        """Move body, chair and what the hands hold."""
        self._stage.show(self._dressed.names, shown=found is not None)
        if found is None:
            away = Command(
                chair_x_m=random.normal(0, 0.08),
                chair_z_m=random.normal(-0.05, 0.08),
                swivel_deg=random.normal(0, 25),
            )
            self._stage.place("chair", self._chair_at(away))
            self._stage.show(["cup", "phone"], shown=False)
            return
        posed = self._sitter.pose(found.command)
        self._dressed.move(posed)
        seated = posed.command
        if found.command.stands:
            seated = Command(
                chair_z_m=found.command.chair_z_m - 0.35, swivel_deg=random.normal(0, 30)
            )
        self._stage.place("chair", self._chair_at(seated))
        for name, hand in (("cup", Hand.CUP), ("phone", Hand.PHONE)):
            self._hand_over(name, hand, posed)

    def _chair_at(self, command: Command) -> Floats:
        place = np.eye(4)
        tilt_deg = min(command.lean_deg, 0) * 0.7
        place[:3, :3] = about("y", command.swivel_deg) @ about("x", tilt_deg)
        moved = [command.chair_x_m, command.chair_y_m, command.chair_z_m]
        place[:3, 3] = self._sitter.seat + moved
        return place

    def _hand_over(self, name: str, hand: Hand, posed: Posed) -> None:
        """Put a thing into the hand that holds it, or hide it."""
        held = [
            side
            for side, holds in (("L", posed.command.left_hand), ("R", posed.command.right_hand))
            if holds is hand
        ]
        self._stage.show([name], shown=bool(held))
        if held:
            wrist, finger = self._sitter.hand(posed, held[0])
            place = np.eye(4)
            place[:3, 3] = finger + (finger - wrist) * 0.25
            if hand is Hand.PHONE:
                place[:3, :3] = about("x", -35)
            self._stage.place(name, place)

    def _place_passer(self, random: np.random.Generator) -> None:
        """Somebody else, who walks behind."""
        if self._passer is None:
            own = self._random("passer")
            other = Sitter(own)
            looks = drawn_appearance(own, male=other.male)
            dressed = Dressed(own, self._stage, other, self._assets, looks, tag="passer_")
            self._passer = other, dressed
        other, dressed = self._passer
        back_m = self._walls.back_m
        z_m = random.uniform(max(back_m + 0.35, -1.7), -0.6) if back_m < -1.0 else back_m + 0.3
        x_m = random.uniform(-0.7, 0.7)
        x_m += 0.25 * np.sign(x_m)
        yaw_deg = random.choice([-90, 90, 0]) + random.normal(0, 20)
        dressed.move(other.standing(float(x_m), float(z_m), float(yaw_deg)))
        self._stage.show(dressed.names, shown=True)

    def _exposed_light(self, random: np.random.Generator, light: Light) -> Light:
        """Light so that the face is as bright as a webcam makes it."""
        usual = posture(self._sitter, Command(), self._webcam)
        self._place(random, usual)
        eyes = truth.middle(usual.points, "eye")
        face = (eyes + usual.points["nose"])[None] / 2
        ((column, row),) = self._webcam.project_px(face).astype(int)
        depth_m = float(self._webcam.depths_m(face)[0])
        half_px = max(6, int(0.035 * self._webcam.focal_px / depth_m))
        goal = random.uniform(*_FACE_GREY[self._sitter.dark])
        goal *= _DIM if self._webcam.optics.is_dim else 1.0
        target = self._sitter.eyes - [0, 0.2, 0]
        for _ in range(3):
            whole = self._stage.picture(
                self._webcam, self._sensor.focal_px, light, target, _EXPOSING
            )
            rows = slice(max(0, row - half_px), row + half_px)
            columns = slice(max(0, column - half_px), column + half_px)
            patch = whole[rows, columns]
            seen = patch.mean() if patch.size else whole.mean()
            balanced = 0.75 * seen + 0.25 * whole.mean() * goal / 115
            light = brighter(light, float(np.clip((goal / max(balanced, 4)) ** 1.3, 0.2, 5)))
        return light

    def _row(self, found: Posture | None, baseline: Mapping[str, float]) -> dict[str, object]:
        """The facts of one picture; what does not apply is left out."""
        webcam = found.webcam if found else self._webcam
        facts: dict[str, object] = {
            "split": self._split,
            "sitter": self._number,
            "family": self._family,
            "camera_kind": webcam.kind,
            "present": int(found is not None),
            "male": int(self._sitter.male),
            "dark_skin": int(self._sitter.dark),
            "stature_m": self._sitter.stature_m,
            "focal_px": webcam.focal_px,
        }
        facts |= {name: _plain(value) for name, value in asdict(self._looks).items()}
        facts |= {name: _plain(value) for name, value in asdict(webcam.optics).items()}
        facts |= dict(zip(("cam_x", "cam_y", "cam_z"), webcam.at.tolist(), strict=True))
        turn = webcam.turn.ravel().tolist()
        facts |= {f"turn_{place // 3}{place % 3}": value for place, value in enumerate(turn)}
        if found is None:
            return facts | {"bad": 0, "grey": 0}
        change = changes(found.angles, baseline)
        ratio = truth.ratio(change)
        facts |= found.angles
        facts |= {f"d_{name}": value for name, value in change.items()}
        facts |= {"ratio": ratio, "bad": int(ratio >= 1), "lid_tilt_deg": found.lid_tilt_deg}
        facts["grey"] = int(truth.GREY_FROM <= ratio < 1)
        for name in truth.POINTS:
            at = found.points[name].tolist()
            facts |= {f"{name}_{axis}": part for axis, part in zip("xyz", at, strict=True)}
        return facts


def _plain(value: object) -> object:
    return int(value) if isinstance(value, bool) else value


def _write(folder: Path, rows: list[dict[str, object]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    unfinished = folder / f"{TRUTH_FILE}.part"
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        for row in rows:
            short = {k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()}
            writer.writerow(short)
    unfinished.replace(folder / TRUTH_FILE)
