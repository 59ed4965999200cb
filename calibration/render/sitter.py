"""A seated person: a body, a way of sitting upright, and any posture from there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from render import body, truth
from render.arms import Reach, reach
from render.command import Command, Hand
from render.marks import marks
from render.rotations import about, as_vector, between, from_vector

if TYPE_CHECKING:
    from render.body import Placed
    from render.rotations import Floats

_SITTING_HIP = 0.46 / 1.72
"""Height of the hips over the floor in statures."""
_MOST_TURNED_DEG = 25.0
"""How far the head turns after the screen before the eyes do the rest."""
_SIDES = (("L", 1), ("R", -1))


@dataclass(frozen=True)
class Posed:
    """A posed body.

    Attributes:
        placed: its bones.
        command: what led here, the sitter's own posture and the turn after the screen included.
    """

    placed: Placed
    command: Command


class Sitter:
    """One person. What is random of them is drawn when they are made.

    Attributes:
        male: of either sex.
        dark: dark skin.
        stature_m: standing.
        scale: their size over that of the model.
        rest: the body at rest.
        expressions: (points, 3) what each movement of the face changes.
        eyes: (3,) between the eyes in their own upright posture.
        seat: (3,) middle of the hips on the chair.
        desk_y_m: height of the desk.
        desk_z_m: its edge before the hips.
    """

    def __init__(self, random: np.random.Generator) -> None:
        draw = random.uniform
        self.male = bool(random.random() < 0.5)
        shape = _drawn_shape(random, self.male)
        self.dark = shape["african"] > 0.5
        self.stature_m = float(draw(1.64, 1.90) if self.male else draw(1.52, 1.77))
        unscaled = body.rest(shape)
        self.scale = self.stature_m / float(np.ptp(unscaled.points[: body.SKIN_POINTS, 1]))
        self.rest = body.Rest(*(part * self.scale for part in unscaled))
        self.expressions = {
            name: body.rest(shape, actions).points * self.scale - self.rest.points
            for name, actions in body.EXPRESSIONS.items()
        }
        self.hips = (self._head_of("upperleg01.L") + self._head_of("upperleg01.R")) / 2
        self._own = _drawn_posture(random)
        self._pitch_gain, self._yaw_gain = draw(0.5, 0.9), draw(0.5, 0.9)
        hip_y_m = _SITTING_HIP * self.stature_m + draw(0, 0.06)
        self.seat = np.array([0.0, hip_y_m, 0.0])
        self.desk_y_m = hip_y_m + draw(0.16, 0.24)
        self.desk_z_m = draw(0.30, 0.40)
        self._hand_x_m, self._hand_z_m = draw(0.10, 0.20), draw(0.36, 0.46)
        self._screen: Floats | None = None
        self.eyes = truth.middle(self.points(self.pose(Command())), "eye")
        self._screen = self.eyes + np.array([-self.eyes[0], -draw(0.05, 0.25), draw(0.5, 0.7)])

    def pose(self, command: Command) -> Posed:
        """The body as commanded; the head turns to the screen from where it then is."""
        whole = self._own + command
        placed = self._placed(whole)
        if self._screen is None or not whole.follows_screen:
            return Posed(placed, whole)
        looking = whole
        for _ in range(2):
            looking = whole + self._turn_to_screen(self._screen, placed)
            placed = self._placed(looking)
        return Posed(placed, looking)

    def standing(self, x_m: float, z_m: float, yaw_deg: float) -> Posed:
        """Upright on the floor with hanging arms, as somebody who passes by."""
        command = Command(
            chair_x_m=x_m - self.seat[0],
            chair_y_m=self.standing_rise_m(),
            chair_z_m=z_m - self.seat[2],
            swivel_deg=yaw_deg,
            left_hand=Hand.HANGING,
            right_hand=Hand.HANGING,
            stands=True,
        )
        return Posed(self._placed(command), command)

    def standing_rise_m(self) -> float:
        """How much higher the hips are when the feet stand on the floor."""
        return float(self.hips[1] - self.rest.points[: body.SKIN_POINTS, 1].min() - self.seat[1])

    def points(self, posed: Posed) -> dict[str, Floats]:
        """(3,) each of `truth.POINTS`, in metres of the world."""
        number = marks()
        chosen = list(number.values())
        on_skin = body.skinned(
            self.rest.points[chosen], body.weights()[chosen], self.rest.heads, posed.placed
        )
        found = dict(zip(number, on_skin, strict=True))
        bone, heads = body.bones(), posed.placed.heads
        pupil = posed.placed.turns[bone["head"]] @ np.array([0, 0, 0.011])
        for side, _ in _SIDES:
            low = side.lower()
            found[f"eye_{low}"] = heads[bone[f"eye.{side}"]] + pupil
            found[f"shoulder_{low}"] = heads[bone[f"upperarm01.{side}"]]
            found[f"hip_{low}"] = heads[bone[f"upperleg01.{side}"]]
            found[f"elbow_{low}"] = heads[bone[f"lowerarm01.{side}"]]
            found[f"wrist_{low}"] = heads[bone[f"wrist.{side}"]]
        return found

    def hand(self, posed: Posed, side: str) -> tuple[Floats, Floats]:
        """(3,) wrist and (3,) root of the middle finger of the side L or R."""
        heads, bone = posed.placed.heads, body.bones()
        return heads[bone[f"wrist.{side}"]], heads[bone[f"finger3-1.{side}"]]

    def angles(self, posed: Posed, points: dict[str, Floats]) -> dict[str, float]:
        """All of `truth.ANGLES`."""
        bone, turns = body.bones(), posed.placed.turns
        return truth.angles(points, turns[bone["spine01"]], turns[bone["head"]])

    def _head_of(self, name: str) -> Floats:
        """(3,) where a bone begins at rest."""
        return np.asarray(self.rest.heads[body.bones()[name]])

    def _turn_to_screen(self, screen: Floats, placed: Placed) -> Command:
        bone = body.bones()
        eyes = (placed.heads[bone["eye.L"]] + placed.heads[bone["eye.R"]]) / 2
        now, before = screen - eyes, screen - self.eyes

        def down_deg(line: Floats) -> float:
            return float(np.degrees(np.arctan2(-line[1], np.hypot(line[0], line[2]))))

        pitch_deg = np.clip(down_deg(now) - down_deg(before), -_MOST_TURNED_DEG, _MOST_TURNED_DEG)
        turn_deg = truth.yaw_deg(now) - truth.yaw_deg(before)
        yaw_deg = np.clip(turn_deg, -_MOST_TURNED_DEG, _MOST_TURNED_DEG)
        return Command(
            head_pitch_deg=float(self._pitch_gain * pitch_deg),
            head_yaw_deg=float(self._yaw_gain * yaw_deg),
        )

    def _placed(self, command: Command) -> Placed:
        """Forward kinematics, from the hips to the fingers."""
        names, parents = list(body.bones()), body.parents()
        placed = body.Placed(np.zeros((len(names), 3, 3)), np.zeros((len(names), 3)))
        turns, heads = placed
        rest = self.rest.heads
        local = _local_turns(command)
        chair = np.array([command.chair_x_m, command.chair_y_m, command.chair_z_m])
        swivel = about("y", command.swivel_deg)
        slid = swivel @ np.array([0.0, command.hips_up_m, command.hips_forward_m])
        head_turn = (
            about("y", command.swivel_deg + command.head_yaw_deg)
            @ about("x", command.head_pitch_deg)
            @ about("z", -command.head_roll_deg)
        )
        fixed: dict[str, Floats] = {"head": head_turn}
        for number, name in enumerate(names):
            parent = parents[number]
            if parent < 0:
                turns[number] = local["root"]
                arm = turns[number] @ (self.hips - rest[number])
                heads[number] = self.seat + chair + slid - arm
                continue
            heads[number] = heads[parent] + turns[parent] @ (rest[number] - rest[parent])
            bone, _, side = name.partition(".")
            if bone == "upperleg01" and not command.stands:
                fixed |= self._leg(side, swivel)
            elif bone == "upperarm01":
                fixed |= self._arm(side, command, placed, parent)
            if name == "neck03":
                bend = as_vector(turns[parent].T @ head_turn)
                turns[number] = turns[parent] @ from_vector(0.45 * bend)
            elif name in fixed:
                turns[number] = fixed[name]
            elif name in local:
                turns[number] = turns[parent] @ local[name]
            else:
                turns[number] = turns[parent]
        return placed

    def _leg(self, side: str, swivel: Floats) -> dict[str, Floats]:
        """A thigh along the seat, a shank to the floor."""
        sign = dict(_SIDES)[side]
        hip, knee, foot = (
            self._head_of(f"{bone}.{side}") for bone in ("upperleg01", "lowerleg01", "foot")
        )
        thigh_end = swivel @ np.array([sign * 0.18, -0.06, 1.0])
        thigh = between(swivel @ (knee - hip), thigh_end) @ swivel
        shank = between(thigh @ (foot - knee), np.array([0.0, -1.0, 0.05])) @ thigh
        turned = {"upperleg01": thigh, "upperleg02": thigh, "lowerleg01": shank}
        turned |= {"lowerleg02": shank, "foot": swivel}
        return {f"{bone}.{side}": turn for bone, turn in turned.items()}

    def _arm(self, side: str, command: Command, placed: Placed, clavicle: int) -> dict[str, Floats]:
        """Shoulder, elbow and wrist so that the hand is where it is told to be."""
        sign = dict(_SIDES)[side]
        shoulder, elbow, wrist, finger = (
            self._head_of(f"{bone}.{side}")
            for bone in ("upperarm01", "lowerarm01", "wrist", "finger3-1")
        )
        at = placed.heads[body.bones()[f"upperarm01.{side}"]]
        turn = placed.turns[clavicle]
        upper, lower = elbow - shoulder, wrist - elbow
        length_m = float(np.linalg.norm(upper) + np.linalg.norm(lower))
        target, pole = self._hand_target(sign, command, placed, at, length_m)
        elbow_at, wrist_at = reach(Reach(at, target, pole, upper, lower))
        upper_turn = between(turn @ upper, elbow_at - at) @ turn
        lower_turn = between(upper_turn @ lower, wrist_at - elbow_at) @ upper_turn
        turned = {"upperarm01": upper_turn, "upperarm02": upper_turn}
        turned |= {"lowerarm01": lower_turn, "lowerarm02": lower_turn, "wrist": lower_turn}
        if _hand(command, sign) in (Hand.DESK, Hand.LAP):
            flat = np.array([-sign * 0.1, -0.12, 1.0])
            turned["wrist"] = between(lower_turn @ (finger - wrist), flat) @ lower_turn
        return {f"{bone}.{side}": turn for bone, turn in turned.items()}

    def _hand_target(
        self, sign: int, command: Command, placed: Placed, shoulder: Floats, length_m: float
    ) -> tuple[Floats, Floats]:
        """(3,) where the wrist goes, and (3,) where the elbow points."""
        usual = np.array([sign * 0.45, -1.0, -0.35])
        x_m, z_m = command.right_x_m, command.right_z_m
        if sign > 0:
            x_m, z_m = command.left_x_m, command.left_z_m
        aside = np.array([x_m, 0.0, z_m])
        chest = body.bones()["spine01"]
        head = self._head_of("head") - self._head_of("spine01")
        at_head = placed.heads[chest] + placed.turns[chest] @ head + [0, 0.02, 0.03]
        hand = _hand(command, sign)
        match hand:
            case Hand.DESK:
                over_desk = self.desk_y_m + 0.045
                on_desk = [sign * self._hand_x_m, over_desk, self.seat[2] + self._hand_z_m]
                return on_desk + aside, usual
            case Hand.LAP:
                chair = np.array([command.chair_x_m, command.chair_y_m, command.chair_z_m])
                return self.seat + chair + aside + [sign * 0.10, 0.13, 0.28], usual
            case Hand.CHIN:
                return at_head + [sign * 0.05, -0.12, 0.10], np.array([sign * 0.5, -1.0, 0.3])
            case Hand.CUP:
                return at_head + [sign * 0.13, -0.15, 0.19], np.array([sign * 0.8, -1.0, 0.2])
            case Hand.PHONE:
                before_chest = at_head + [sign * 0.04, -0.30, 0.28]
                return before_chest + aside, np.array([sign * 0.5, -1.0, 0.0])
            case Hand.HANGING:
                return shoulder + [sign * 0.12, -0.97 * length_m, 0.08], usual
            case Hand.RAISED:
                return at_head + [sign * 0.28, 0.12, 0.12], np.array([sign * 1.0, -0.6, 0.2])
            case Hand.REACHING:
                above = at_head + [sign * 0.26, 0.32, 0.15]
                return above + aside, np.array([sign * 1.0, -0.4, 0.2])


def _hand(command: Command, sign: int) -> Hand:
    return command.left_hand if sign > 0 else command.right_hand


def _local_turns(command: Command) -> dict[str, Floats]:
    """Rotations of the bones of trunk and shoulders against their parents."""
    side_deg = command.side_deg
    turned = {
        "root": about("y", command.swivel_deg)
        @ about("z", -0.35 * side_deg)
        @ about("x", command.lean_deg - command.pelvis_deg),
        "spine05": about("x", 0.55 * command.lumbar_deg) @ about("z", -0.15 * side_deg),
        "spine04": about("x", 0.45 * command.lumbar_deg) @ about("z", -0.2 * side_deg),
        "spine03": about("x", 0.45 * command.thorax_low_deg)
        @ about("z", -0.15 * side_deg)
        @ about("y", 0.4 * command.twist_deg),
        "spine02": about("x", 0.55 * command.thorax_low_deg)
        @ about("z", -0.15 * side_deg)
        @ about("y", 0.6 * command.twist_deg),
        "spine01": about("x", command.thorax_high_deg),
        "neck01": about("x", 0.6 * command.neck_deg),
        "neck02": about("x", 0.4 * command.neck_deg),
    }
    forward_deg = command.protraction_deg
    up_deg = {"L": command.elevation_left_deg, "R": command.elevation_right_deg}
    for side, sign in _SIDES:
        turned[f"clavicle.{side}"] = about("z", sign * 0.8 * up_deg[side]) @ about(
            "y", -sign * 0.7 * forward_deg
        )
        turned[f"shoulder01.{side}"] = (
            about("z", sign * 0.2 * up_deg[side])
            @ about("y", -sign * 0.3 * forward_deg)
            @ about("x", 0.5 * forward_deg)
        )
    return turned


def _drawn_shape(random: np.random.Generator, male: bool) -> dict[str, float]:  # noqa: FBT001 - one of two
    """Anny's phenotype of an adult."""
    limits = {
        "gender": (0.0, 0.15) if male else (0.85, 1.0),
        "age": (0.62, 0.92),
        "muscle": (0.35, 0.75),
        "weight": (0.3, 0.85),
        "height": (0.38, 0.68),
        "proportions": (0.3, 0.9),
        "cupsize": (0.2, 0.7),
        "firmness": (0.4, 0.8),
    }
    shape = {name: float(random.uniform(*limit)) for name, limit in limits.items()}
    origin = random.dirichlet([0.7, 0.7, 0.7])
    shares = zip(("african", "asian", "caucasian"), origin, strict=True)
    return shape | {name: float(share) for name, share in shares}


def _drawn_posture(random: np.random.Generator) -> Command:
    """How one person sits upright."""
    draw = random.uniform
    pelvis_deg = draw(4, 16)
    return Command(
        pelvis_deg=pelvis_deg,
        lean_deg=draw(-4, 5),
        lumbar_deg=pelvis_deg * draw(0.6, 0.95),
        thorax_low_deg=draw(0, 5),
        thorax_high_deg=draw(0, 5),
        neck_deg=draw(0, 10),
        head_pitch_deg=draw(-3, 6),
        protraction_deg=draw(0, 8),
        elevation_left_deg=draw(-2, 2),
        elevation_right_deg=draw(-2, 2),
    )
