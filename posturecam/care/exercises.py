"""Which moves are offered to whom, and which come next.

Pure: answers and what was done before in, a plan out. Doses and the reasons not to offer a move
come from the sources of its text in `care.texts`; the safety line that ends every card says to
skip exercises in four cases, so the same four leave only what a source allows in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto

from posturecam.values.answers import Answer

READY_S = 5.0
"""Time to read what comes and to get ready for it."""


class Caution(StrEnum):
    """Why a move may not be for somebody; the value is the key of the question."""

    UNDER_16 = "ask.under-16"
    PREGNANT = "ask.pregnant"
    OSTEOPOROSIS = "ask.osteoporosis"
    INJURY = "ask.injury"
    AVOID = "ask.avoid"
    DIZZY = "ask.dizzy"
    JOINT = "ask.joint"
    PRESSURE = "ask.pressure"
    PRONE = "ask.prone"


DESK_CAUTIONS = (
    Caution.UNDER_16,
    Caution.PREGNANT,
    Caution.OSTEOPOROSIS,
    Caution.INJURY,
    Caution.AVOID,
    Caution.DIZZY,
)
"""Asked before the first guided break."""

FLOOR_CAUTIONS = (*DESK_CAUTIONS, Caution.JOINT, Caution.PRESSURE, Caution.PRONE)
"""Asked before the first one on the floor."""

_SKIP = frozenset({Caution.PREGNANT, Caution.OSTEOPOROSIS, Caution.INJURY, Caution.AVOID})
_ON_THE_FLOOR = _SKIP | {Caution.JOINT}


class Each(Enum):
    """What one round of a move is for."""

    ONCE = auto()
    SIDE = auto()
    LIMB = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """How much of a move: `rounds` times so many steps.

    Attributes:
        least: steps in a round, at least.
        held: the steps are seconds of one stretch, not repetitions.
        each: what a round is for.
    """

    least: int
    most: int
    step_s: float
    rounds: int = 1
    held: bool = False
    each: Each = Each.ONCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One thing to do; its text is in `care.texts` under `move.` and its name."""

    name: str
    dose: Dose
    not_for: frozenset[Caution] = frozenset()
    on_floor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """A move with as many steps a round as fit in."""

    move: Move
    steps: int

    @property
    def lasts_s(self) -> float:
        """How long it takes, without the time to get ready."""
        return self.move.dose.rounds * self.steps * self.move.dose.step_s

    @property
    def takes_s(self) -> float:
        """How long it takes with the time to get ready."""
        return READY_S + self.lasts_s


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedMoves:
    """What somebody may choose from, and the key of the text that says why it is not all."""

    moves: tuple[Move, ...]
    refusal: str | None = None


WALK = Move(name="stand-and-walk", dose=Dose(least=30, most=120, step_s=1, held=True))
"""For everybody who may be offered anything."""

MOVES = (
    Move(name="shoulder-rolls", dose=Dose(least=8, most=10, step_s=3), not_for=_SKIP),
    Move(
        name="backrest-stretch",
        dose=Dose(least=5, most=8, step_s=4),
        not_for=_SKIP | {Caution.DIZZY},
    ),
    Move(
        name="chin-tuck",
        dose=Dose(least=5, most=8, step_s=3),
        not_for=_SKIP | {Caution.DIZZY},
    ),
    Move(
        name="trunk-turn",
        dose=Dose(least=5, most=5, step_s=3, rounds=2, each=Each.SIDE),
        not_for=_SKIP,
    ),
    WALK,
    Move(
        name="prone-lift",
        dose=Dose(least=5, most=8, step_s=2, rounds=4, each=Each.LIMB),
        not_for=_ON_THE_FLOOR | {Caution.PRONE},
        on_floor=True,
    ),
    Move(
        name="kneeling-stretch",
        dose=Dose(least=20, most=30, step_s=1, rounds=2, held=True),
        not_for=_ON_THE_FLOOR | {Caution.PRESSURE},
        on_floor=True,
    ),
)
"""Everything there is, in the order in which it is offered first."""

CHAIR_STRETCH = Move(
    name="chair-stretch",
    dose=Dose(least=20, most=30, step_s=1, rounds=2, held=True),
    # In late pregnancy a source names this version as the one to offer.
    not_for=_SKIP - {Caution.PREGNANT},
)
"""The kneeling stretch for those for whom the floor is not."""


def unasked(
    answers: Mapping[Caution, Answer], *, floor: bool, again: bool = False
) -> tuple[Caution, ...]:
    """What has to be asked before moves are offered; `again` asks all of it."""
    cautions = FLOOR_CAUTIONS if floor else DESK_CAUTIONS
    return tuple(caution for caution in cautions if again or caution not in answers)


def offer(answers: Mapping[Caution, Answer], *, floor: bool, flagged: bool) -> OfferedMoves:
    """The moves for somebody.

    At the desk a yes takes a move away; the safety line covers what was not answered. On the
    floor everything that concerns a move must have been answered with a no. Who is `flagged`, by an
    open red flag of the two urgent tiers, is offered none.
    """
    if flagged:
        return OfferedMoves(moves=(), refusal="refuse.flag")
    said = frozenset(caution for caution, answer in answers.items() if answer is Answer.YES)
    if Caution.UNDER_16 in said:
        return OfferedMoves(moves=(), refusal="refuse.under-16")
    if not floor:
        moves = tuple(move for move in MOVES if not move.on_floor and not move.not_for & said)
        return OfferedMoves(moves=moves, refusal="refuse.most" if moves == (WALK,) else None)
    unclear = frozenset(
        caution for caution in FLOOR_CAUTIONS if answers.get(caution) is not Answer.NO
    )
    if Caution.UNDER_16 not in unclear:
        moves = tuple(move for move in MOVES if move.on_floor and not move.not_for & unclear)
        if moves:
            return OfferedMoves(moves=moves)
    instead = WALK if CHAIR_STRETCH.not_for & said else CHAIR_STRETCH
    answered = said & frozenset(FLOOR_CAUTIONS)
    return OfferedMoves(
        moves=(instead,), refusal="refuse.floor" if answered else "refuse.unanswered"
    )


def plan(
    moves: Sequence[Move], last_done: Mapping[str, int], seconds_s: float
) -> tuple[Portion, ...]:
    """What to do now: what was done longest ago first, and as much as fits into `seconds_s`.

    No move is cut below the least of it: where even one takes longer, it comes alone. `last_done`
    is by name a number that grows with each break in which it was done.
    """
    chosen: list[Portion] = []
    left_s = seconds_s
    for move in sorted(moves, key=lambda move: last_done.get(move.name, -1)):
        portion = Portion(move=move, steps=move.dose.least)
        if not chosen or portion.takes_s <= left_s:
            chosen.append(portion)
            left_s -= portion.takes_s
    for index, portion in enumerate(chosen):
        dose = portion.move.dose
        more = max(0, min(dose.most - dose.least, int(left_s // (dose.rounds * dose.step_s))))
        chosen[index] = replace(portion, steps=portion.steps + more)
        left_s -= more * dose.rounds * dose.step_s
    return tuple(chosen)
