"""Which moves are offered, and which come next."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.care.exercises import (
    CHAIR_STRETCH,
    DESK_CAUTIONS,
    FLOOR_CAUTIONS,
    MOVES,
    WALK,
    Caution,
    Move,
    Portion,
    offer,
    plan,
    unasked,
)
from posturecam.care.words import done_text, dose_text, listed_move_text, move_title
from posturecam.values.answers import Answer
from posturecam.values.log_rows import GuidedBreak
from posturecam.values.settings import LONGEST_GUIDED_S, SHORTEST_GUIDED_S

ANSWERS = st.dictionaries(st.sampled_from(list(Caution)), st.sampled_from(list(Answer)))
SECONDS = st.integers(SHORTEST_GUIDED_S, LONGEST_GUIDED_S)
ALL_NO = dict.fromkeys(Caution, Answer.NO)


def names(moves: tuple[Move, ...]) -> list[str]:
    """Their names."""
    return [move.name for move in moves]


def test_who_says_no_to_everything_is_offered_everything() -> None:
    """Five moves at the desk, two on the floor."""
    desk = offer(ALL_NO, floor=False, flagged=False)
    floor = offer(ALL_NO, floor=True, flagged=False)

    assert names(desk.moves) == [
        "shoulder-rolls",
        "backrest-stretch",
        "chin-tuck",
        "trunk-turn",
        "stand-and-walk",
    ]
    assert names(floor.moves) == ["prone-lift", "kneeling-stretch"]
    assert desk.refusal is floor.refusal is None


@given(answers=ANSWERS, floor=st.booleans())
def test_an_open_flag_always_suppresses_every_exercise(
    answers: dict[Caution, Answer], *, floor: bool
) -> None:
    """Whatever else was answered."""
    offered = offer(answers, floor=floor, flagged=True)

    assert offered.moves == ()
    assert offered.refusal == "refuse.flag"


@given(answers=ANSWERS, floor=st.booleans())
def test_nobody_below_16_is_offered_anything(
    answers: dict[Caution, Answer], *, floor: bool
) -> None:
    """Whatever else was answered."""
    young = answers | {Caution.UNDER_16: Answer.YES}

    assert offer(young, floor=floor, flagged=False).moves == ()


@given(answers=ANSWERS, floor=st.booleans())
def test_a_yes_takes_away_every_move_that_it_is_about(
    answers: dict[Caution, Answer], *, floor: bool
) -> None:
    """And there is always something left for a grown-up."""
    said = {caution for caution, answer in answers.items() if answer is Answer.YES}
    offered = offer(answers, floor=floor, flagged=False)

    assert all(not move.not_for & said for move in offered.moves)
    assert offered.moves or Caution.UNDER_16 in said


@given(answers=ANSWERS)
def test_the_floor_needs_a_clear_no_to_everything_that_concerns_it(
    answers: dict[Caution, Answer],
) -> None:
    """Not asked and skipped are not a no."""
    no = {caution for caution, answer in answers.items() if answer is Answer.NO}
    for move in offer(answers, floor=True, flagged=False).moves:
        assert not move.on_floor or move.not_for | {Caution.UNDER_16} <= no


@given(answers=ANSWERS, caution=st.sampled_from(list(Caution)), floor=st.booleans())
def test_one_more_yes_never_adds_an_exercise(
    answers: dict[Caution, Answer], caution: Caution, *, floor: bool
) -> None:
    """Only the versions that stand in for something else may appear."""
    before = offer(answers, floor=floor, flagged=False).moves
    after = offer(answers | {caution: Answer.YES}, floor=floor, flagged=False).moves

    assert set(after) - set(before) <= {CHAIR_STRETCH, WALK}


@pytest.mark.parametrize(
    ("caution", "left"),
    [
        (Caution.PREGNANT, ["chair-stretch"]),
        (Caution.JOINT, ["chair-stretch"]),
        (Caution.OSTEOPOROSIS, ["stand-and-walk"]),
        (Caution.INJURY, ["stand-and-walk"]),
        (Caution.AVOID, ["stand-and-walk"]),
        (Caution.PRESSURE, ["prone-lift"]),
        (Caution.PRONE, ["kneeling-stretch"]),
        (Caution.DIZZY, ["prone-lift", "kneeling-stretch"]),
    ],
)
def test_what_is_left_of_the_floor(caution: Caution, left: list[str]) -> None:
    """The chair version where a source allows it, walking where none does."""
    offered = offer(ALL_NO | {caution: Answer.YES}, floor=True, flagged=False)

    assert names(offered.moves) == left
    assert offered.refusal == (None if offered.moves[0].on_floor else "refuse.floor")


@pytest.mark.parametrize(
    "caution", [Caution.PREGNANT, Caution.OSTEOPOROSIS, Caution.INJURY, Caution.AVOID]
)
def test_the_four_of_the_safety_line_leave_walking_at_the_desk(caution: Caution) -> None:
    """The line says to skip the exercises then, so they are not offered."""
    offered = offer({caution: Answer.YES}, floor=False, flagged=False)

    assert offered.moves == (WALK,)
    assert offered.refusal == "refuse.most"


def test_dizziness_leaves_the_head_where_it_is() -> None:
    """Neither over the backrest nor a chin tuck."""
    offered = offer({Caution.DIZZY: Answer.YES}, floor=False, flagged=False)

    assert names(offered.moves) == ["shoulder-rolls", "trunk-turn", "stand-and-walk"]


def test_without_answers_the_desk_is_offered_and_the_floor_is_not() -> None:
    """Nobody was asked, as in a pipe."""
    assert len(offer({}, floor=False, flagged=False).moves) == 5
    floor = offer({}, floor=True, flagged=False)
    assert (floor.moves, floor.refusal) == ((CHAIR_STRETCH,), "refuse.unanswered")


def test_questions_are_asked_once_and_again_when_wished() -> None:
    """The floor adds its own; a skipped question was asked."""
    assert unasked({}, floor=False) == DESK_CAUTIONS
    desk_done = dict.fromkeys(DESK_CAUTIONS, Answer.SKIP)
    assert unasked(desk_done, floor=False) == ()
    assert unasked(desk_done, floor=True) == (Caution.JOINT, Caution.PRESSURE, Caution.PRONE)
    assert unasked(ALL_NO, floor=True, again=True) == FLOOR_CAUTIONS


@given(answers=ANSWERS, floor=st.booleans(), seconds_s=SECONDS)
def test_the_rotation_visits_all_moves_that_are_offered(
    answers: dict[Caution, Answer], *, floor: bool, seconds_s: int
) -> None:
    """As many breaks as there are moves are enough, whatever their length."""
    moves = offer(answers, floor=floor, flagged=False).moves
    last_done: dict[str, int] = {}
    for number in range(len(moves)):
        done = plan(moves, last_done, seconds_s)
        assert done
        last_done |= {portion.move.name: number for portion in done}

    assert set(last_done) == set(names(moves))


@given(
    seconds_s=SECONDS,
    last_done=st.dictionaries(st.sampled_from(names(MOVES)), st.integers(0, 50)),
    floor=st.booleans(),
)
def test_a_break_keeps_to_the_doses_and_to_its_length(
    seconds_s: int, last_done: dict[str, int], *, floor: bool
) -> None:
    """Only a single move that is longer by itself may take longer."""
    portions = plan(offer(ALL_NO, floor=floor, flagged=False).moves, last_done, seconds_s)

    assert all(p.move.dose.least <= p.steps <= p.move.dose.most for p in portions)
    takes_s = sum(portion.takes_s for portion in portions)
    assert takes_s <= seconds_s or len(portions) == 1
    assert len({portion.move.name for portion in portions}) == len(portions)


@pytest.mark.parametrize(
    ("name", "seconds_s", "steps"),
    [
        ("shoulder-rolls", 5 + 8 * 3 + 2, 8),
        ("shoulder-rolls", 5 + 9 * 3, 9),
        ("shoulder-rolls", 300, 10),
        ("kneeling-stretch", 5 + 2 * 22, 22),
        ("prone-lift", 5 + 4 * 2 * 7, 7),
        ("prone-lift", 30, 5),
    ],
)
def test_a_move_gets_as_many_steps_as_there_is_time_for(
    name: str, seconds_s: int, steps: int
) -> None:
    """After five seconds to get ready, in each of its rounds; the least of it in any case."""
    (portion,) = plan([move for move in MOVES if move.name == name], {}, seconds_s)

    assert portion.steps == steps


def test_what_was_done_longest_ago_comes_first() -> None:
    """And what was never done comes before everything."""
    desk = offer(ALL_NO, floor=False, flagged=False).moves
    last_done = {"shoulder-rolls": 3, "backrest-stretch": 1, "chin-tuck": 2, "trunk-turn": 2}

    first, *_ = plan(desk, last_done, SHORTEST_GUIDED_S)
    assert first.move is WALK
    first, *_ = plan(desk, last_done | {WALK.name: 4}, SHORTEST_GUIDED_S)
    assert first.move.name == "backrest-stretch"


@pytest.mark.parametrize(
    ("name", "steps", "text"),
    [
        ("shoulder-rolls", 9, "9 x 3 s"),
        ("trunk-turn", 5, "5 x 3 s to each side"),
        ("stand-and-walk", 40, "40 s"),
        ("kneeling-stretch", 25, "2 x 25 s"),
        ("prone-lift", 5, "5 x 2 s with each leg and each arm"),
    ],
)
def test_doses_in_words(name: str, steps: int, text: str) -> None:
    """Repetitions, seconds and sides each read as such."""
    (move,) = [move for move in MOVES if move.name == name]

    assert dose_text(Portion(move=move, steps=steps)) == text


@pytest.mark.parametrize(
    ("name", "least", "most", "seconds"),
    [
        ("shoulder-rolls", 8, 10, 3),
        ("chin-tuck", 5, 8, 3),
        ("backrest-stretch", 5, 8, None),
        ("trunk-turn", 5, 5, None),
        ("stand-and-walk", 30, 120, 1),
        ("prone-lift", 5, 8, 2),
        ("kneeling-stretch", 20, 30, 1),
    ],
)
def test_doses_are_those_of_the_evidence(
    name: str, least: int, most: int, seconds: float | None
) -> None:
    """Table 5 of the evidence; where it gives no seconds, they are ours."""
    (move,) = [move for move in MOVES if move.name == name]

    assert (move.dose.least, move.dose.most) == (least, most)
    assert seconds is None or move.dose.step_s == seconds


def test_a_listed_move_says_where_it_is_done_and_whether_it_is_offered() -> None:
    """What is asked first goes before what is offered."""
    on_floor, at_desk = (
        next(one for one in MOVES if one.on_floor is floor) for floor in (True, False)
    )
    said = [
        listed_move_text(one, "9 x 3 s", offered=offered, asks_first=asks_first)
        for one, offered, asks_first in (
            (on_floor, True, True),
            (at_desk, True, False),
            (CHAIR_STRETCH, False, False),
        )
    ]
    assert said == [
        f"{on_floor.name} (floor), from 9 x 3 s; asks a few questions first",
        f"{at_desk.name} (desk), from 9 x 3 s",
        f"{CHAIR_STRETCH.name} (chair), from 9 x 3 s; not offered now",
    ]


def test_a_guided_break_is_logged_with_what_the_camera_saw_of_it() -> None:
    """A move that is not offered any more has a name all the same."""
    assert move_title("hang-from-a-bar") == "hang from a bar"
    unseen, seen, stayed = (
        done_text(GuidedBreak(at_ms=0, lasted_ms=61_400, names=("hang-from-a-bar",), got_up=got_up))
        for got_up in (None, True, False)
    )
    assert unseen == "Logged: hang from a bar, 61 s."
    assert seen == f"{unseen} The camera saw you leave your place or move in it."
    assert stayed == f"{unseen} The camera saw you stay in your place."
