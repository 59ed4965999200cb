"""Which scenes a run renders, who sees them, and what has to be true of a drawn posture."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from itertools import chain, repeat

import numpy as np

TRUTH_FILE = "truth.csv"
"""Beside a sitter's pictures and written last: a folder that holds it is complete."""
BASELINE_PICTURES = 5
TEST_PICTURES = 12
SEEDS = {
    "train": 20261, "train_b": 77003, "train_c": 54121, "train_d": 68239, "askew": 30911,
    "near": 41513, "validation": 86417,
}  # fmt: skip
"""What is drawn follows from these, the sitter's number and the generator's version alone.

Pictures of `near` are cut off below the shoulders before they are looked at.
Nobody fits on the sitters of `validation`, and nothing is chosen by their figures.
"""


class Must(Enum):
    """What a drawn posture has to satisfy; it is drawn anew until it does."""

    NOTHING = "anything may be true of it"
    UPRIGHT = "no change in either direction comes near a threshold"
    NOT_FORWARD = "no forward change does; backwards is well"


@dataclass(frozen=True)
class Farther:
    """How much farther from the camera than in the baseline, as ratios of distances."""

    head: tuple[float, float] = (1.20, 1.35)
    shoulders: tuple[float, float] = (1.15, 1.28)


FAR_SCENES = {"slide_far": Farther(), "recline_far": Farther()}
"""What a real man did who slid down and far back; without it a model takes him for reclining."""
LID_TILT_DEG = (3.0, 20.0)

SLOUCHES = {
    "slump": 3, "lean_in": 3, "forward_head": 3, "side_lean": 2, "one_shoulder": 3,
    "rounded_shoulders": 3, "slide_down": 3, "slide_far": 4, "deep_hunch": 3,
    "slump+chair_moved": 3, "lean_in+chair_back": 1, "slump+head_turned": 2,
    "forward_head+chair_moved": 3, "one_shoulder+chair_moved": 3, "slide_down+chair_moved": 2,
    "slump+lid_tilted": 3,
}  # fmt: skip
"""Scenes with a slouch, mostly, and how often each is in a deck."""
OTHERS = {
    "upright": 2, "chair_nearer": 3, "chair_farther": 2, "chair_rolled": 1, "chair_height": 1,
    "chair_lower": 3, "head_turned": 2, "glance_down": 3, "recline": 2, "recline_far": 4,
    "trunk_turned": 2, "arm": 2, "chin_on_hand": 3, "phone": 3, "resit": 3, "standing": 2,
    "lighting": 1, "talking": 1, "passer_behind": 1, "lid_tilted": 5,
    "chair_nearer+head_turned": 2, "chair_farther+glance_down": 2, "chair_rolled+trunk_turned": 1,
    "chair_height+arm": 1, "recline+chair_moved": 2, "chair_lower+glance_down": 2,
}  # fmt: skip
ABSENT = {"absent_empty": 1, "absent_passer": 1}
ASKEW = {
    "side_lean": 5, "lean_aside": 4, "one_shoulder": 6, "one_shoulder+chair_moved": 8,
    "lean_in+chair_back": 2, "forward_head+chair_moved": 2,
    "head_tilted": 8, "head_tilted+chair_moved": 2, "arm": 3, "reach": 3, "phone": 1,
    "chin_on_hand": 1, "chair_height": 4, "chair_height+arm": 2, "chair_rolled": 2,
    "chair_rolled+trunk_turned": 2, "lighting": 2, "passer_behind": 2, "talking": 2,
    "chair_nearer": 2, "chair_lower": 3, "chair_nearer+head_turned": 4, "trunk_turned": 3,
}  # fmt: skip
"""The deck of `askew`, all in front of the camera: heads, trunks and shoulders to one side, arms
up, and the scenes of which the other deck has few."""
GUIDED = {"chair_nearer": 1, "chair_lower": 1, "own_slouch": 1}
"""Frames of a guided calibration: each sitter in front of the camera shows each."""
FROM_ELSEWHERE = {
    "slump": 3, "lean_in": 3, "forward_head": 3, "rounded_shoulders": 2, "slide_down": 2,
    "slide_far": 1, "deep_hunch": 2, "upright": 2, "chair_nearer": 2, "chair_farther": 2,
    "chair_height": 1, "head_turned": 2, "glance_down": 2, "recline": 2, "recline_far": 2,
    "arm": 2, "phone": 1, "resit": 2, "standing": 1, "lid_tilted": 1, "absent_empty": 1,
}  # fmt: skip
"""The deck of the side and three-quarter views."""

_FREE = frozenset({
    "resit", "standing", "phone", "chin_on_hand", "chair_rolled+trunk_turned", "own_slouch",
    "lean_aside",
})  # fmt: skip


def family_of(split: str, number: int) -> str:
    """From where the camera sees a sitter: eight of ten from the front, of `askew` all."""
    if split == "askew":
        return "front"
    return {8: "threequarter", 9: "side"}.get(number % 10, "front")


def must(scene: str) -> Must:
    """What a posture drawn for the scene has to satisfy."""
    if scene in SLOUCHES or scene in _FREE:
        return Must.NOTHING
    return Must.NOT_FORWARD if scene.startswith("recline") else Must.UPRIGHT


def scenes_of(split: str, number: int) -> list[str]:
    """The test scenes of one sitter: the next cards of shuffled decks that all sitters share."""
    in_front = family_of(split, number) == "front"
    same = [other for other in range(number) if (family_of(split, other) == "front") == in_front]
    first = len(same) * TEST_PICTURES
    deck = FROM_ELSEWHERE
    if in_front:
        deck = ASKEW if split == "askew" else SLOUCHES | OTHERS | ABSENT
    cards = tuple(chain.from_iterable(repeat(scene, count) for scene, count in deck.items()))
    places = range(first, first + TEST_PICTURES)
    return [
        cards[_shuffled(SEEDS[split], place // len(cards), len(cards))[place % len(cards)]]
        for place in places
    ]


@cache
def _shuffled(seed: int, deck: int, size: int) -> tuple[int, ...]:
    return tuple(np.random.default_rng([seed, 3, deck, size]).permutation(size).tolist())
