"""The pain journal as it is used at a terminal."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import pytest

from posturecam.base.errors import UsageError
from posturecam.care.journal import load_answers, load_pain, newest_answers, save_answer
from posturecam.care.pain import LONGEST_NOTE
from posturecam.care.red_flags import FLAGS, GROUPS, Tier, open_flags, tier_text
from posturecam.care.texts import care_text
from posturecam.commands.pain import JournalContext, check_pain, confirm_advice, list_pain, log_pain
from posturecam.values.answers import Answer, Location, Quality
from posturecam.values.log_rows import PainEntry
from tests.fakes import NINE, ManualClock
from tests.scripted_terminal import Talk, talk

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

DAY_S = 86_400.0
URGENT = tier_text(Tier.URGENT, "GB")
EMERGENCY = tier_text(Tier.EMERGENCY, "GB")
STEPS = len(GROUPS) + 1  # and the question about the age
INTERACTIVE_ONLY = "Run posturecam pain check at a terminal"


def desk(home: Path, talking: Talk, clock: ManualClock | None = None) -> JournalContext:
    """Somebody in Britain, at nine or when the clock says."""
    return JournalContext(
        log_file=home / "log.db",
        clock=clock or ManualClock(),
        zone=UTC,
        terminal=talking.terminal,
        country="GB",
    )


def logged(
    home: Path, entry: PainEntry, answers: str | None = None, clock: ManualClock | None = None
) -> str:
    """What is shown to somebody with these answers who logs an entry."""
    talking = talk(answers)
    log_pain(entry, desk(home, talking, clock))
    return talking.text


def checked(
    home: Path, answers: str | None = None, *flags: str, clock: ManualClock | None = None
) -> str:
    """What is shown to somebody with these answers who makes the check."""
    talking = talk(answers)
    check_pain(desk(home, talking, clock), flags=flags)
    return talking.text


def listed(
    home: Path,
    format_name: str = "plain",
    *,
    since: date | None = None,
    clock: ManualClock | None = None,
) -> str:
    """What the list prints into a pipe."""
    talking = talk(None)
    list_pain(desk(home, talking, clock), since=since, format_name=format_name)
    return talking.screen.getvalue()


def row(
    level: int = 3,
    location: Location | None = Location.LOW,
    quality: Quality | None = None,
    *,
    days: float = 0.0,
    note: str | None = None,
) -> PainEntry:
    """An entry so many days after the beginning."""
    at = NINE + timedelta(days=days)
    return PainEntry(
        at_ms=round(at.timestamp() * 1000),
        level=level,
        location=location,
        quality=quality,
        note=note,
    )


def test_the_first_entry_begins_the_journal_only_when_it_is_wished_for(home: Path) -> None:
    """The notice comes first; a no and a skip store no entry."""
    for answer in ("n", " "):
        refused = logged(home, row(), answer)
        assert "not a diagnosis" in refused
        assert "Nothing was stored." in refused
        assert load_pain(home / "log.db") == ()

    logged(home, row(), "y")
    assert load_pain(home / "log.db") == (row(),)

    later = logged(home, row(days=1), "")
    assert "begins a pain journal" not in later


def test_the_shoulder_blades_are_asked_about_once(home: Path) -> None:
    """At the first entry that may be there; a yes is told at once and stays open."""
    logged(home, row(location=Location.NECK), "y")
    first = logged(home, row(location=Location.MID), "y")
    second = logged(home, row(location=Location.MID), "")

    assert care_text("flag.blades") in first
    assert URGENT in first
    assert [flag.name for flag in open_flags(load_answers(home / "log.db"))] == ["blades"]
    assert "shoulder blades" not in second
    assert URGENT not in second


def test_tingling_leads_to_questions_and_not_to_a_conclusion(home: Path) -> None:
    """One no is for all of them, and leaves nothing open."""
    logged(home, row(), "y")
    asked = logged(home, row(quality=Quality.TINGLING), "n")
    answers = newest_answers(load_answers(home / "log.db"))

    for name in ("both-legs", "saddle", "limb"):
        assert asked.count(care_text(f"flag.{name}")) == 1
        assert answers[f"flag.{name}"] is Answer.NO
    assert open_flags(load_answers(home / "log.db")) == ()
    assert "1 of" not in asked


def test_tingling_between_the_blades_is_two_steps(home: Path) -> None:
    """It is said how far it is."""
    logged(home, row(), "y")
    asked = logged(home, row(location=Location.MID, quality=Quality.TINGLING), "nn")

    assert asked.index("1 of 2") < asked.index(care_text("flag.limb"))
    assert asked.index("2 of 2") < asked.index(care_text("flag.blades"))


def test_an_emergency_after_tingling_ends_the_questions(home: Path) -> None:
    """Nothing else matters then."""
    logged(home, row(), "y")
    asked = logged(home, row(location=Location.MID, quality=Quality.TINGLING), "yy")

    assert EMERGENCY in asked
    assert asked.count(care_text("flag.limb")) == 1  # listed, not asked
    assert care_text("flag.blades") not in asked


@pytest.mark.parametrize("answer", [Answer.YES, Answer.NO])
def test_a_pregnancy_that_was_answered_lately_is_not_asked_about_again(
    home: Path, answer: Answer
) -> None:
    """By a guided break, say; a yes counts in the check as if it were given there."""
    home.mkdir(exist_ok=True)
    save_answer(home / "log.db", "ask.pregnant", answer, now=NINE)
    check = checked(home, "n" * STEPS, clock=ManualClock(now_s=80 * DAY_S))
    assert care_text("ask.pregnant") not in check
    assert (care_text("check.pregnant") in check) is (answer is Answer.YES)
    assert (tier_text(Tier.BOOK, "GB") in check) is (answer is Answer.YES)

    later = checked(home, "n" * STEPS, clock=ManualClock(now_s=100 * DAY_S))
    assert care_text("ask.pregnant") in later


def test_in_a_pipe_the_questions_are_pointed_to(home: Path) -> None:
    """Nobody can answer there; the entry is stored all the same."""
    piped = logged(home, row(location=Location.MID, quality=Quality.TINGLING))

    assert len(load_pain(home / "log.db")) == 1
    assert care_text("journal.notice") in piped
    assert care_text("journal.tingling") in piped
    assert care_text("journal.blades") in piped


def test_a_pattern_is_told_by_the_entry_that_makes_it(home: Path) -> None:
    """Once; the list says it for as long as it holds."""
    clock = ManualClock()
    for days in (0, 7, 14):
        clock.now_s = days * DAY_S
        early = logged(home, row(days=days), "y", clock)
        assert "Three weeks" not in early
    clock.now_s = 21 * DAY_S

    assert "Low back: Three weeks of entries" in logged(home, row(days=21), "", clock)
    assert "Three weeks" not in logged(home, row(days=21), "", clock)
    assert "Three weeks" in listed(home, clock=clock)


def test_pain_of_more_than_three_months_is_named_plainly(home: Path) -> None:
    """With what to do."""
    clock = ManualClock()
    for days in (0, 25, 50, 75, 91):
        clock.now_s = days * DAY_S
        entry = logged(home, row(days=days), "y", clock)

    assert "Pain for more than 3 months is called chronic." in entry
    assert "see a professional" in entry


def test_a_clear_check_says_that_it_rules_nothing_out(home: Path) -> None:
    """Every answer is stored."""
    clear = checked(home, "n" * STEPS)
    answers = newest_answers(load_answers(home / "log.db"))

    assert {flag.question for flag in FLAGS} | {"ask.under-16"} == set(answers)
    assert set(answers.values()) == {Answer.NO}
    assert "not a diagnosis" in clear
    assert clear.count("a clear form does not rule out illness") == 1
    assert clear.index("9 of 9") > clear.index("3 of 9")
    for flag in FLAGS:
        assert clear.count(care_text(flag.question)) == 1


def test_the_shoulder_blades_are_not_asked_about_again_by_the_check(home: Path) -> None:
    """They would flag everybody whose middle back hurts."""
    checked(home, "n" * STEPS)
    again = checked(home, "n" * (STEPS - 1))

    assert care_text("flag.blades") not in again
    assert care_text("ask.under-16") not in again  # who is older stays so
    assert "8 of 8" in again


def test_an_emergency_is_told_at_once_and_ends_the_check(home: Path) -> None:
    """Nobody is kept answering about stiffness."""
    check = checked(home, "nyy")

    assert EMERGENCY in check
    assert care_text("advice.how") in check
    assert check.count(care_text("flag.saddle")) == 1  # listed, not asked
    assert care_text("flag.chest") not in check
    assert "usually not serious" not in check


def test_an_urgent_answer_is_told_at_once_and_once(home: Path) -> None:
    """Before the next question, and not again for the next urgent yes; tier 3 adds nothing."""
    letters = [
        "n" if group[0].tier is Tier.EMERGENCY else "y" * (1 + len(group)) for group in GROUPS
    ]
    check = checked(home, "n" + "".join(letters))

    assert check.count(URGENT) == 1
    assert check.index(URGENT) < check.rindex(care_text("flag.weight"))
    assert tier_text(Tier.BOOK, "GB") not in check


@pytest.mark.parametrize(
    ("before", "letters", "said"),
    [
        ("fever", "nnnnnnnn", "refuse.flag"),
        ("fever", "nnnnnnyynnnn", "refuse.flag"),
        ("chest", "nnnyynnnnnnnn", "refuse.flag"),
        ("fever", "nnnyynnnnnnnn", None),
        ("sleep", "nnnnnnnn", "check.clear"),
    ],
)
def test_a_check_reminds_of_an_earlier_answer_that_waits(
    home: Path, before: str, letters: str, said: str | None
) -> None:
    """Unless it comes to something as urgent itself; a clear form says nothing clear then."""
    checked(home, None, before)
    check = checked(home, "n" + letters)

    for text in ("refuse.flag", "check.clear"):
        assert (care_text(text) in check) == (text == said)


def test_a_lasting_pain_is_worth_an_appointment(home: Path) -> None:
    """Tier 3 alone stops no exercises."""
    letters = ["yynnn" if group[0].name == "lasting" else "n" for group in GROUPS]
    check = checked(home, "n" + "".join(letters))

    assert tier_text(Tier.BOOK, "GB") in check
    assert open_flags(load_answers(home / "log.db")) == ()


def test_the_check_also_says_what_the_entries_amount_to(home: Path) -> None:
    """Unless there is an emergency: nothing else matters then."""
    for days in range(0, 100, 20):
        logged(home, row(days=days), clock=ManualClock(now_s=days * DAY_S))
    clock = ManualClock(now_s=100 * DAY_S)
    logged(home, row(days=100), clock=clock)

    assert care_text("pattern.chronic") in checked(home, None, "cough", clock=clock)
    assert "chronic" not in checked(home, None, "chest", clock=clock)


def test_skipped_questions_are_not_taken_as_no(home: Path) -> None:
    """It is said that they are not known."""
    check = checked(home, " " * STEPS)

    assert care_text("check.skipped") in check
    assert set(newest_answers(load_answers(home / "log.db")).values()) == {Answer.SKIP}


def test_the_check_tells_the_under_16s_whom_to_ask(home: Path) -> None:
    """And goes on: the red flags are for everybody."""
    check = checked(home, "y" + "n" * (STEPS - 1))

    assert "ask a parent and a doctor" in check
    assert care_text("flag.stiffness") in check


def test_flags_can_be_named_and_the_most_urgent_counts(home: Path) -> None:
    """For scripts, and where nobody can be asked."""
    piped = checked(home, None, "lasting", "cough", "bladder")

    assert EMERGENCY in piped
    assert "usually" not in piped
    assert [flag.name for flag in open_flags(load_answers(home / "log.db"))] == ["bladder", "cough"]


def test_a_name_that_is_none_stores_nothing(home: Path) -> None:
    """Not even the names before it."""
    with pytest.raises(UsageError, match="nonsense"):
        checked(home, None, "cough", "nonsense")
    assert load_answers(home / "log.db") == ()


def test_nobody_to_ask_is_said(home: Path) -> None:
    """With the other way to answer."""
    with pytest.raises(UsageError, match=INTERACTIVE_ONLY):
        checked(home)


def test_advice_that_was_sought_closes_what_was_open(home: Path) -> None:
    """A new yes opens it again and is told again."""
    for _ in range(2):
        flagged = checked(home, None, "cough")
        assert URGENT in flagged
        assert open_flags(load_answers(home / "log.db"))
        confirm_advice(desk(home, talk(None)))
        assert open_flags(load_answers(home / "log.db")) == ()

    nothing = talk(None)
    confirm_advice(desk(home, nothing))
    assert care_text("advice.none") in nothing.text


def test_the_list_for_programs_holds_every_field(home: Path) -> None:
    """JSON and CSV say the same; a note may hold anything."""
    note = 'a "long" call,\nthen tea <b>'
    logged(home, row(4, Location.MID, Quality.DULL, note=note))
    (record,) = json.loads(listed(home, "json"))

    assert record == {
        "at": "2026-03-02T09:00:00.000Z",
        "level": 4,
        "where": "mid",
        "quality": "dull",
        "note": note,
    }
    (line,) = csv.DictReader(io.StringIO(listed(home, "csv"), newline=""))
    assert line == {key: str(value) for key, value in record.items()}


def test_no_note_runs_in_a_spreadsheet_or_steers_a_terminal(home: Path) -> None:
    """The list is redirected into a file, or printed."""
    logged(home, row(4, note='=HYPERLINK("http://x")\x9b2J\u202e'))
    for format_name in ("json", "csv"):
        text = listed(home, format_name)
        assert not [sign for sign in text if not sign.isprintable() and sign != "\n"]
        assert format_name == "json" or '"\'=HYPERLINK(""http://x"")\\u009b2J\\u202e"' in text


def test_the_list_begins_where_it_is_asked_to(home: Path) -> None:
    """That day included."""
    clock = ManualClock()
    for days in (0, 1, 2):
        clock.now_s = days * DAY_S
        logged(home, row(days, days=days), clock=clock)
    listing = listed(home, since=(NINE + timedelta(days=1)).date(), clock=clock)

    assert "2026-03-02" not in listing
    assert "2026-03-03" in listing
    assert "2 entries on 2 days, highest 2." in listing


def test_a_note_cannot_steer_the_terminal(home: Path) -> None:
    """Escape sequences are shown as nothing."""
    logged(home, row(note="\x1b[2Jgone\a"))
    listing = listed(home)

    assert "\x1b" not in listing
    assert "gone" in listing


def test_an_endless_note_is_refused(home: Path) -> None:
    """Before anything is stored."""
    with pytest.raises(UsageError, match="1001"):
        logged(home, row(note="x" * (LONGEST_NOTE + 1)), "y")
    assert load_pain(home / "log.db") == ()


def test_an_empty_journal_says_how_to_begin(home: Path) -> None:
    """And makes no file."""
    listing = listed(home)

    assert "posturecam pain log" in listing
    assert not home.exists()
