"""How a sitter looks and how well their camera sees: drawn before anything is drawn on a screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_LONG_HAIR = ("long01", "braid01", "ponytail01", "bob02")
_SHORT_HAIR = ("short01", "short02", "short03", "short04")
_SIZES_PX = ((640, 480), (640, 360), (1280, 720))
_SIZE_SHARES = (0.45, 0.15, 0.4)


@dataclass(frozen=True, kw_only=True)
class Appearance:
    """What a sitter wears.

    Attributes:
        glasses: on the nose.
        headset: over the head, with pads on the ears.
        beard: stubble to full, 0 to 1; 0 without.
        dark_on_dark: dark clothes before dark walls.
        hair: name of the asset, or `bald`.
        hair_over_shoulders: strands that hide the line of the shoulders.
        clothes: suit, tee or sweater.
    """

    glasses: bool
    headset: bool
    beard: float
    dark_on_dark: bool
    hair: str
    hair_over_shoulders: bool
    clothes: str


@dataclass(frozen=True, kw_only=True)
class Optics:
    """What a webcam does to a picture.

    Attributes:
        width_px: of the picture.
        height_px: of the picture.
        barrel: undistorted = distorted * (1 + barrel * r**2), both from the centre in focal
            lengths; positive bends straight lines outwards.
        noise_grey: standard deviation of the noise of one pixel, in grey levels.
        is_dim: so little light that the picture is dark and noisy.
        blur_px: standard deviation of the softness of the lens, for 640 px of width.
    """

    width_px: int
    height_px: int
    barrel: float
    noise_grey: float
    is_dim: bool
    blur_px: float


def drawn_appearance(random: np.random.Generator, *, male: bool) -> Appearance:
    """The looks of one sitter."""
    hair = str(random.choice(_SHORT_HAIR if male else (*_LONG_HAIR, "short03")))
    bald = random.random() < 0.1
    over_shoulders = random.random() < 0.5
    bearded = random.random() < 0.45
    return Appearance(
        glasses=bool(random.random() < 0.35),
        headset=bool(random.random() < 0.2),
        beard=float(random.uniform(0.3, 1.0)) if male and bearded else 0.0,
        dark_on_dark=bool(random.random() < 0.15),
        hair="bald" if male and bald else hair,
        hair_over_shoulders=bool(not male and hair in ("long01", "bob02") and over_shoulders),
        clothes=str(random.choice(["suit", "tee", "sweater"], p=[0.4, 0.3, 0.3])),
    )


def drawn_optics(random: np.random.Generator) -> Optics:
    """The webcam of one sitter."""
    width_px, height_px = _SIZES_PX[random.choice(len(_SIZES_PX), p=_SIZE_SHARES)]
    is_dim = bool(random.random() < 0.2)
    is_bent = random.random() < 0.7
    return Optics(
        width_px=width_px,
        height_px=height_px,
        barrel=float(random.uniform(-0.03, 0.14)) if is_bent else 0.0,
        noise_grey=float(random.uniform(4, 11) if is_dim else random.uniform(0.3, 2.0)),
        is_dim=is_dim,
        blur_px=float(random.uniform(0.35, 0.75)),
    )


def drawn_motion_px(random: np.random.Generator) -> float:
    """How far a picture is smeared, for 640 px of width; 0 for nine pictures of ten."""
    moves = random.random() < 0.1
    length_px = float(random.uniform(3, 14))
    return length_px if moves else 0.0
