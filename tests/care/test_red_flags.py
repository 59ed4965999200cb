"""Red flags: which tier counts, what stays open, and whom to call."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.care.exercises import offer
from posturecam.care.red_flags import (
    BLADES,
    FLAG_OF,
    FLAGS,
    GROUPS,
    PREGNANT,
    SOUGHT_ADVICE,
    Flag,
    Tier,
    asked_with,
    country_of,
    known_pregnancy,
    most_urgent,
    open_flags,
    tier_text,
)
from posturecam.values.answers import Answer, Quality
from posturecam.values.log_rows import GivenAnswer

QUESTIONS = [*(flag.question for flag in FLAGS), SOUGHT_ADVICE, "ask.joint"]
HISTORIES = st.lists(
    st.builds(
        GivenAnswer,
        at_ms=st.integers(0, 10**12),
        question=st.sampled_from(QUESTIONS),
        answer=st.sampled_from(list(Answer)),
    )
)


def given_answer(question: str, answer: Answer = Answer.YES) -> GivenAnswer:
    """An answer at no particular time."""
    return GivenAnswer(at_ms=0, question=question, answer=answer)


@given(flags=st.lists(st.sampled_from(FLAGS)), one_more=st.sampled_from(FLAGS))
def test_one_more_flag_never_makes_it_less_urgent(flags: list[Flag], one_more: Flag) -> None:
    """The more urgent tier wins."""
    before, after = most_urgent(flags), most_urgent([*flags, one_more])

    assert after is not None
    assert after <= one_more.tier
    assert before is None or after <= before


@given(history=HISTORIES)
def test_a_new_urgent_yes_is_open_and_stops_exercises_whatever_came_before(
    history: list[GivenAnswer],
) -> None:
    """No history makes it pass."""
    for flag in FLAGS:
        opened = open_flags([*history, given_answer(flag.question)])
        assert (flag in opened) == (flag.tier is not Tier.BOOK)
        if opened:
            for floor in (False, True):
                assert offer({}, floor=floor, flagged=bool(opened)).moves == ()


@given(history=HISTORIES)
def test_seeking_advice_closes_everything_and_nothing_else_does(
    history: list[GivenAnswer],
) -> None:
    """A later no or a skip leaves open what was open."""
    before = open_flags(history)
    for answer in (Answer.NO, Answer.SKIP):
        for question in QUESTIONS:
            assert open_flags([*history, given_answer(question, answer)]) == before
    assert open_flags([*history, given_answer(SOUGHT_ADVICE)]) == ()


def test_the_most_urgent_of_the_open_flags_comes_first() -> None:
    """In the order of the tiers, not of the answers."""
    opened = open_flags([given_answer("flag.cough"), given_answer("flag.bladder")])

    assert [flag.name for flag in opened] == ["bladder", "cough"]


def test_the_tiers_hold_the_questions_of_the_evidence() -> None:
    """Where the sources disagree about one, it is in the more urgent tier."""
    by_tier = {tier: {flag.name for flag in FLAGS if flag.tier is tier} for tier in Tier}

    assert by_tier[Tier.EMERGENCY] == {
        "both-legs", "saddle", "bladder", "erection", "chest", "accident", "fragile", "walking",
        "breath",
    }  # fmt: skip
    assert by_tier[Tier.URGENT] == {
        "fever", "weight", "lump", "night", "cough", "blades", "band", "cancer", "immune", "fall",
        "limb",
    }  # fmt: skip
    assert by_tier[Tier.BOOK] == {
        "lasting", "worse", "sleep", "chronic", "onset", "sixty", "stiffness", "pregnant",
    }  # fmt: skip


def test_every_flag_is_found_by_its_name() -> None:
    """Names are unique, also as questions."""
    assert tuple(FLAG_OF.values()) == FLAGS
    assert len({flag.question for flag in FLAGS}) == len(FLAGS)


def test_the_pregnancy_that_was_told_in_the_check_counts_for_exercises() -> None:
    """One question, one answer."""
    assert FLAG_OF["pregnant"].question == "ask.pregnant"


def test_tingling_leads_to_questions_and_other_qualities_to_none() -> None:
    """A quality is no conclusion."""
    assert {flag.name for flag in asked_with(Quality.TINGLING)} == {"both-legs", "saddle", "limb"}
    assert asked_with(Quality.DULL) == asked_with(None) == ()
    assert BLADES.tier is Tier.URGENT


@pytest.mark.parametrize(
    ("country", "number"), [("GB", "999"), ("DE", "112"), ("GR", "112"), ("US", "911")]
)
def test_the_emergency_number_is_that_of_the_country(country: str, number: str) -> None:
    """Where it is known."""
    assert number in tier_text(Tier.EMERGENCY, country)


@pytest.mark.parametrize("country", [None, "JP", "CH", ""])
def test_an_unknown_country_gets_no_number_at_all(country: str | None) -> None:
    """A wrong number is worse than none."""
    text = tier_text(Tier.EMERGENCY, country)

    assert not any(letter.isdigit() for letter in text)
    assert text.startswith("Call your emergency number now.")


def test_only_the_emergency_is_never_called_usually_harmless() -> None:
    """The others say so, and 111 is British."""
    assert "usually" not in tier_text(Tier.EMERGENCY, "GB")
    assert "usually not serious" in tier_text(Tier.URGENT, None)
    assert "usually not serious" in tier_text(Tier.BOOK, "US")
    assert "111" in tier_text(Tier.URGENT, "GB")
    assert "111" not in tier_text(Tier.URGENT, "US")


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("en_GB.UTF-8", "GB"),
        ("de_DE@euro", "DE"),
        ("pt-BR", "BR"),
        ("C.UTF-8", None),
        ("POSIX", None),
        ("", None),
        ("en", None),
        ("English_United Kingdom", None),
    ],
)
def test_countries_of_locales(name: str, country: str | None) -> None:
    """Two capital letters after the language, or nothing."""
    assert country_of(name) == country


def test_every_red_flag_is_asked_about_in_one_group() -> None:
    """None is left out, none is asked twice; a group is of one tier, the most urgent come first."""
    asked = [flag for group in GROUPS for flag in group]

    assert len(asked) == len(FLAGS)
    assert set(asked) == set(FLAGS)
    assert all(len({flag.tier for flag in group}) == 1 for group in GROUPS)
    assert [flag.tier for flag in asked] == sorted(flag.tier for flag in asked)


DAY_MS = 86_400_000


def test_an_answer_about_a_pregnancy_is_good_for_three_months() -> None:
    """The last one; a skipped one is to be asked again, as one from longer ago."""
    no = GivenAnswer(at_ms=DAY_MS, question=PREGNANT.question, answer=Answer.NO)
    yes = GivenAnswer(at_ms=2 * DAY_MS, question=PREGNANT.question, answer=Answer.YES)
    skipped = GivenAnswer(at_ms=3 * DAY_MS, question=PREGNANT.question, answer=Answer.SKIP)
    other = given_answer("ask.joint")

    assert known_pregnancy([no, yes, other], 3 * DAY_MS) is Answer.YES
    assert known_pregnancy([yes, no], 3 * DAY_MS) is Answer.NO
    assert known_pregnancy([yes, skipped], 3 * DAY_MS) is None
    assert known_pregnancy([other], 3 * DAY_MS) is None
    assert known_pregnancy([yes], 92 * DAY_MS - 1) is Answer.YES
    assert known_pregnancy([yes], 92 * DAY_MS) is None
