"""How a sitter is told to sit: changes from their own way of sitting upright."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum


class Hand(StrEnum):
    """Where a hand is."""

    DESK = "desk"
    LAP = "lap"
    CHIN = "chin"
    CUP = "cup"
    PHONE = "phone"
    RAISED = "raised"
    REACHING = "reaching"
    HANGING = "hanging"


@dataclass(frozen=True, kw_only=True)
class Command:
    """Changes of a posture; zero is the sitter's own. The truth is never read from these.

    Attributes:
        chair_x_m: chair moved to the sitter's left.
        chair_y_m: chair higher.
        chair_z_m: chair nearer to the desk.
        swivel_deg: chair turned to the sitter's left.
        hips_forward_m: hips slid forward on the seat; the chair stays.
        hips_up_m: hips higher on the seat.
        pelvis_deg: pelvis rolled back.
        lean_deg: whole trunk inclined forward at the hips.
        lumbar_deg: lower back bent forward.
        thorax_low_deg: lower thorax bent forward.
        thorax_high_deg: upper thorax bent forward.
        side_deg: trunk bent to the sitter's left.
        twist_deg: thorax turned to the sitter's left.
        neck_deg: lower neck bent forward; the head moves forward when it stays level.
        head_pitch_deg: head down.
        head_yaw_deg: head turned to the sitter's left.
        head_roll_deg: head tilted to the sitter's left.
        protraction_deg: both shoulder blades forward.
        elevation_left_deg: left shoulder up.
        elevation_right_deg: right shoulder up.
        left_x_m: left hand, farther left than usual.
        left_z_m: left hand, farther forward than usual.
        right_x_m: right hand, farther left than usual.
        right_z_m: right hand, farther forward than usual.
        jaw: mouth open, 0 to 1.
        smile: 0 to 1.
        blink: eyes shut, 0 to 1.
        left_hand: where it is.
        right_hand: where it is.
        follows_screen: the head turns so that the eyes meet the screen from wherever they are.
        stands: upright on the floor instead of sitting.
    """

    chair_x_m: float = 0.0
    chair_y_m: float = 0.0
    chair_z_m: float = 0.0
    swivel_deg: float = 0.0
    hips_forward_m: float = 0.0
    hips_up_m: float = 0.0
    pelvis_deg: float = 0.0
    lean_deg: float = 0.0
    lumbar_deg: float = 0.0
    thorax_low_deg: float = 0.0
    thorax_high_deg: float = 0.0
    side_deg: float = 0.0
    twist_deg: float = 0.0
    neck_deg: float = 0.0
    head_pitch_deg: float = 0.0
    head_yaw_deg: float = 0.0
    head_roll_deg: float = 0.0
    protraction_deg: float = 0.0
    elevation_left_deg: float = 0.0
    elevation_right_deg: float = 0.0
    left_x_m: float = 0.0
    left_z_m: float = 0.0
    right_x_m: float = 0.0
    right_z_m: float = 0.0
    jaw: float = 0.0
    smile: float = 0.0
    blink: float = 0.0
    left_hand: Hand = Hand.DESK
    right_hand: Hand = Hand.DESK
    follows_screen: bool = True
    stands: bool = False

    def __add__(self, other: Command) -> Command:
        """Both changes at once; a hand that one of them takes off the desk stays off it."""
        numbers = {
            name: getattr(self, name) + getattr(other, name)
            for name in (field.name for field in fields(self) if isinstance(field.default, float))
        }
        return Command(
            **numbers,
            left_hand=self.left_hand if other.left_hand is Hand.DESK else other.left_hand,
            right_hand=self.right_hand if other.right_hand is Hand.DESK else other.right_hand,
            follows_screen=self.follows_screen and other.follows_screen,
            stands=self.stands or other.stands,
        )
