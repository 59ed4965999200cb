"""What each scene draws: the change of posture that a sitter is commanded.

A label never comes from here: it follows from the true angles, see `truth.ratio`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from render.command import Command, Hand

if TYPE_CHECKING:
    from collections.abc import Callable


def sway(random: np.random.Generator, size: float = 1.0) -> Command:
    """The little that nobody sits still, twice its standard deviation at most."""

    def about(sd: float) -> float:
        return float(np.clip(random.normal(0, sd * size), -2 * sd * size, 2 * sd * size))

    return Command(
        lean_deg=about(0.7),
        side_deg=about(0.6),
        twist_deg=about(1.0),
        neck_deg=about(1.0),
        thorax_high_deg=about(0.5),
        head_pitch_deg=about(1.8),
        head_yaw_deg=about(2.5),
        head_roll_deg=about(1.3),
        chair_x_m=about(0.005),
        chair_z_m=about(0.006),
        swivel_deg=about(1.0),
        elevation_left_deg=about(0.5),
        elevation_right_deg=about(0.5),
        left_x_m=about(0.015),
        left_z_m=about(0.015),
        right_x_m=about(0.015),
        right_z_m=about(0.015),
        blink=float(random.random() < 0.08) * float(random.uniform(0.5, 1)),
        smile=float(max(0, random.normal(-0.1, 0.2))),
    )


def drawn(random: np.random.Generator, scene: str) -> Command:
    """What a scene commands; several joined by `+` happen at once."""
    command = Command()
    for part in scene.split("+"):
        command += PARTS[part](random)
    return command


def _sign(random: np.random.Generator) -> float:
    return float(random.choice([-1, 1]))


def _slump(random: np.random.Generator) -> Command:
    draw, depth = random.uniform, random.uniform(0.22, 1.0)
    return Command(
        pelvis_deg=20 * depth * draw(0.7, 1.2),
        lumbar_deg=24 * depth * draw(0.8, 1.2),
        thorax_low_deg=16 * depth * draw(0.7, 1.3),
        thorax_high_deg=9 * depth * draw(0.6, 1.3),
        neck_deg=10 * depth * draw(0, 1.5),
        chair_z_m=0.06 * depth * draw(0, 1),
        protraction_deg=8 * depth * draw(0, 1),
    )


def _slide_down(random: np.random.Generator) -> Command:
    """Hips forward, pelvis rolled back, back bent; half of them deep."""
    if random.random() < 0.5:
        return _deep_slide(random)
    draw, depth = random.uniform, random.uniform(0.35, 1.0)
    pelvis_deg = 36 * depth * draw(0.8, 1.5)
    return Command(
        pelvis_deg=pelvis_deg,
        lumbar_deg=pelvis_deg * draw(0.35, 0.8),
        thorax_low_deg=18 * depth * draw(0.6, 1.3),
        thorax_high_deg=10 * depth * draw(0.5, 1.3),
        neck_deg=16 * depth * draw(0, 1.3),
        hips_forward_m=0.12 * depth * draw(0.2, 1.2),
        hips_up_m=-0.03 * depth * draw(0, 1.5),
        protraction_deg=8 * depth * draw(0, 1),
    )


def _deep_slide(random: np.random.Generator) -> Command:
    """Far down into a reclined chair, the chin towards the chest."""
    draw, depth = random.uniform, random.uniform(0.35, 1.0)
    pelvis_deg = draw(28, 52)
    return Command(
        pelvis_deg=pelvis_deg,
        lumbar_deg=pelvis_deg * draw(0.3, 0.65),
        thorax_low_deg=26 * depth * draw(0.7, 1.3),
        thorax_high_deg=15 * depth * draw(0.6, 1.3),
        neck_deg=26 * depth * draw(0.3, 1.2),
        lean_deg=-draw(0, 12),
        hips_forward_m=draw(0.06, 0.2),
        hips_up_m=-draw(0.01, 0.07),
        protraction_deg=12 * depth * draw(0, 1),
        left_hand=Hand.LAP,
        right_hand=Hand.LAP,
    )


def _recline(random: np.random.Generator) -> Command:
    """The whole trunk back, the back as straight as before."""
    command = Command(lean_deg=-random.uniform(8, 18), neck_deg=random.uniform(0, 6))
    return _hands_in_lap(command) if random.random() < 0.5 else command


def _recline_far(random: np.random.Generator) -> Command:
    command = Command(lean_deg=-random.uniform(8, 26), neck_deg=random.uniform(0, 7))
    return _hands_in_lap(command) if random.random() < 0.7 else command


def _hands_in_lap(command: Command) -> Command:
    return replace(command, left_hand=Hand.LAP, right_hand=Hand.LAP)


def _lean_in(random: np.random.Generator) -> Command:
    draw = random.uniform
    return Command(
        lean_deg=draw(8, 30), lumbar_deg=draw(-2, 5), neck_deg=draw(-3, 5), chair_z_m=draw(0, 0.04)
    )


def _deep_hunch(random: np.random.Generator) -> Command:
    """Over the desk on the forearms, the head near it."""
    draw = random.uniform
    return Command(
        lean_deg=draw(16, 38),
        lumbar_deg=draw(8, 28),
        thorax_low_deg=draw(6, 20),
        thorax_high_deg=draw(4, 14),
        neck_deg=draw(10, 40),
        head_pitch_deg=draw(0, 25),
        protraction_deg=draw(5, 25),
        elevation_left_deg=draw(0, 12),
        elevation_right_deg=draw(0, 12),
        chair_z_m=-draw(0.0, 0.28),
        follows_screen=bool(random.random() < 0.6),
    )


def _forward_head(random: np.random.Generator) -> Command:
    draw = random.uniform
    return Command(neck_deg=draw(13, 46), thorax_high_deg=draw(0, 5), lean_deg=draw(-1.5, 2))


def _side_lean(random: np.random.Generator) -> Command:
    sign, draw = _sign(random), random.uniform
    side_deg = sign * draw(5, 20)
    return Command(
        side_deg=side_deg,
        head_roll_deg=side_deg * draw(0.1, 0.7),
        chair_x_m=0.01 * sign * draw(0, 2),
    )


def _lean_aside(random: np.random.Generator) -> Command:
    """Onto an armrest, far: the head goes along or stays level."""
    sign, draw = _sign(random), random.uniform
    side_deg = sign * draw(6, 26)
    return Command(
        side_deg=side_deg,
        lean_deg=draw(-6, 6),
        neck_deg=draw(-2, 6),
        head_roll_deg=side_deg * draw(0, 1.3),
        chair_x_m=0.01 * sign * draw(-2, 4),
    )


def _head_tilted(random: np.random.Generator) -> Command:
    """The head alone, to one side."""
    draw = random.uniform
    roll_deg = _sign(random) * draw(8, 35)
    return Command(
        head_roll_deg=roll_deg,
        side_deg=roll_deg * draw(-0.05, 0.1),
        head_yaw_deg=draw(-8, 8),
        head_pitch_deg=draw(-4, 6),
    )


def _one_shoulder(random: np.random.Generator) -> Command:
    sign, draw = _sign(random), random.uniform
    up_deg, down_deg = draw(7, 22), -draw(1, 9)
    return Command(
        elevation_left_deg=up_deg if sign > 0 else down_deg,
        elevation_right_deg=down_deg if sign > 0 else up_deg,
        side_deg=-sign * draw(-1, 3),
        head_roll_deg=draw(-4, 4),
    )


def _rounded_shoulders(random: np.random.Generator) -> Command:
    draw, depth = random.uniform, random.uniform(0.3, 1)
    return Command(
        protraction_deg=32 * depth,
        thorax_high_deg=15 * depth * draw(0.7, 1.3),
        thorax_low_deg=11 * depth * draw(0.7, 1.3),
        neck_deg=9 * depth * draw(0, 1),
    )


def _own_slouch(random: np.random.Generator) -> Command:
    """What somebody shows who is asked for their own slouch."""
    kinds = (_slump, _deep_slide, _forward_head, _rounded_shoulders)
    return kinds[random.integers(len(kinds))](random)


def _chair_moved(random: np.random.Generator) -> Command:
    draw = random.uniform
    return Command(
        chair_z_m=draw(-0.18, 0.12), chair_x_m=draw(-0.1, 0.1), chair_y_m=draw(-0.03, 0.03)
    )


def _head_turned(random: np.random.Generator) -> Command:
    draw = random.uniform
    yaw_deg = _sign(random) * draw(20, 45)
    return Command(head_yaw_deg=yaw_deg, head_pitch_deg=draw(-4, 6), head_roll_deg=draw(-4, 4))


def _trunk_turned(random: np.random.Generator) -> Command:
    draw = random.uniform
    turn_deg, of_chair = _sign(random) * draw(15, 30), draw(0.5, 1)
    return Command(
        swivel_deg=turn_deg * of_chair,
        twist_deg=turn_deg * (1 - of_chair),
        head_yaw_deg=turn_deg * draw(-0.8, 0.1) * of_chair,
    )


def _with_hand(command: Command, hand: Hand, random: np.random.Generator, up_deg: float) -> Command:
    """One hand or the other, with its shoulder a little higher."""
    if random.random() < 0.5:
        return replace(command, left_hand=hand, elevation_left_deg=up_deg)
    return replace(command, right_hand=hand, elevation_right_deg=up_deg)


def _arm(random: np.random.Generator) -> Command:
    hand = (Hand.CHIN, Hand.CUP, Hand.RAISED)[random.integers(3)]
    drinking = hand is Hand.CUP
    pitch_deg = random.uniform(-6, 3) if drinking else random.uniform(-2, 5)
    return _with_hand(Command(head_pitch_deg=pitch_deg), hand, random, random.uniform(0, 6))


def _reach(random: np.random.Generator) -> Command:
    """One hand up over the head, its shoulder a little with it."""
    command = Command(left_x_m=0.15 * _sign(random), right_x_m=0.15 * _sign(random))
    return _with_hand(command, Hand.REACHING, random, random.uniform(0, 8))


def _chin_on_hand(random: np.random.Generator) -> Command:
    """Leaning on an elbow, the chin in the hand."""
    draw = random.uniform
    side_deg = _sign(random) * draw(0, 7)
    command = Command(
        lean_deg=draw(0, 12),
        side_deg=side_deg,
        head_roll_deg=side_deg * draw(0.3, 1.5),
        neck_deg=draw(0, 10),
        head_pitch_deg=draw(-4, 6),
    )
    return _with_hand(command, Hand.CHIN, random, draw(2, 12))


def _phone(random: np.random.Generator) -> Command:
    """Reading from a phone before the chest, the head bowed."""
    draw = random.uniform
    command = Command(
        head_pitch_deg=draw(12, 38),
        neck_deg=draw(0, 14),
        thorax_high_deg=draw(0, 6),
        left_z_m=draw(-0.08, 0.04),
        right_z_m=draw(-0.08, 0.04),
        follows_screen=False,
    )
    return _with_hand(command, Hand.PHONE, random, draw(-1, 4))


def _resit(random: np.random.Generator) -> Command:
    """The same person the next morning: some degrees and centimetres elsewhere."""
    normal = random.normal
    return Command(
        lean_deg=normal(0, 3.0),
        pelvis_deg=normal(0, 4.0),
        lumbar_deg=normal(0, 4.0),
        thorax_low_deg=normal(0, 2.5),
        thorax_high_deg=normal(0, 2.0),
        neck_deg=normal(0, 4.0),
        head_pitch_deg=normal(0, 4.0),
        head_yaw_deg=normal(0, 4.0),
        side_deg=normal(0, 1.5),
        swivel_deg=normal(0, 6.0),
        elevation_left_deg=normal(0, 1.5),
        elevation_right_deg=normal(0, 1.5),
        protraction_deg=normal(0, 3.0),
        chair_x_m=normal(0, 0.05),
        chair_y_m=normal(0, 0.008),
        chair_z_m=normal(0, 0.06),
    )


def _standing(random: np.random.Generator) -> Command:
    """Risen from the chair before the desk; how far up that is the sitter adds."""
    draw = random.uniform
    hand = Hand.HANGING if random.random() < 0.6 else Hand.DESK
    return Command(
        stands=True,
        chair_x_m=draw(-0.15, 0.15),
        chair_z_m=-draw(0.0, 0.5),
        lean_deg=draw(0, 8),
        left_hand=hand,
        right_hand=hand,
    )


def _talking(random: np.random.Generator) -> Command:
    draw = random.uniform
    return Command(
        jaw=draw(0.15, 0.5),
        smile=draw(0, 0.4),
        head_yaw_deg=draw(-6, 6),
        head_pitch_deg=draw(-3, 4),
        head_roll_deg=draw(-4, 4),
    )


def _glance_down(random: np.random.Generator) -> Command:
    return Command(head_pitch_deg=random.uniform(10, 20), follows_screen=False)


def _chair(
    low_m: float, high_m: float, axis: Literal["x", "y", "z"], *, either_way: bool = False
) -> _Part:
    """The chair alone, moved along an axis of the world."""

    def moved(random: np.random.Generator) -> Command:
        sign = _sign(random) if either_way else 1.0
        moved_m = sign * random.uniform(low_m, high_m)
        if axis == "x":
            return Command(chair_x_m=moved_m)
        return Command(chair_y_m=moved_m) if axis == "y" else Command(chair_z_m=moved_m)

    return moved


def _nothing(_: np.random.Generator) -> Command:
    return Command()


if TYPE_CHECKING:
    _Part = Callable[[np.random.Generator], Command]

PARTS: dict[str, _Part] = {
    "upright": _nothing,
    "slump": _slump,
    "lean_in": _lean_in,
    "forward_head": _forward_head,
    "side_lean": _side_lean,
    "lean_aside": _lean_aside,
    "head_tilted": _head_tilted,
    "one_shoulder": _one_shoulder,
    "rounded_shoulders": _rounded_shoulders,
    "slide_down": _slide_down,
    "slide_far": _deep_slide,
    "deep_hunch": _deep_hunch,
    "own_slouch": _own_slouch,
    "chair_nearer": _chair(0.08, 0.20, "z"),
    "chair_farther": _chair(-0.20, -0.08, "z"),
    "chair_rolled": _chair(0.05, 0.15, "x", either_way=True),
    "chair_height": _chair(0.02, 0.04, "y", either_way=True),
    "chair_lower": _chair(-0.09, -0.03, "y"),
    "chair_moved": _chair_moved,
    "chair_back": _chair(-0.22, -0.08, "z"),
    "head_turned": _head_turned,
    "glance_down": _glance_down,
    "recline": _recline,
    "recline_far": _recline_far,
    "trunk_turned": _trunk_turned,
    "arm": _arm,
    "reach": _reach,
    "chin_on_hand": _chin_on_hand,
    "phone": _phone,
    "resit": _resit,
    "standing": _standing,
    "talking": _talking,
    "lighting": _nothing,
    "passer_behind": _nothing,
    "lid_tilted": _nothing,
}
"""Every part of a scene; the last three change the light, the room and the camera instead."""
