"""The pain journal as it is used at a terminal."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import pytest

from posturecam.base.errors import UsageError
from posturecam.care.journal import load_answers, load_pain, newest_answers
from posturecam.care.pain import LONGEST_NOTE
from posturecam.care.red_flags import FLAGS, Tier, open_flags, tier_text
from posturecam.care.texts import care_text
from posturecam.commands.pain import JournalContext, check_pain, confirm_advice, list_pain, log_pain
from posturecam.values.log_rows import Answer, Location, PainEntry, Quality
from tests.fakes import NINE, ManualClock
from tests.talking import Talk, talk

if TYPE_CHECKING:
    from pathlib import Path

DAY_S = 86_400.0
URGENT = tier_text(Tier.URGENT, "GB")
EMERGENCY = tier_text(Tier.EMERGENCY, "GB")
QUESTIONS = len(FLAGS) + 1  # and the one about the age
INTERACTIVE_ONLY = "Run posturecam pain check at a terminal"


@dataclass(slots=True)
class Visit:
    """One use of the journal: the desk, and what was shown."""

    desk: JournalContext
    talk: Talk

    @property
    def text(self) -> str:
        """Everything shown, in one line."""
        return self.talk.text


def visit(home: Path, answers: str | None, clock: ManualClock | None = None) -> Visit:
    """Somebody with these answers, in Britain, at nine or when the clock says."""
    talking = talk(answers)
    desk = JournalContext(
        log_file=home / "log.db",
        clock=clock or ManualClock(),
        zone=UTC,
        terminal=talking.terminal,
        country="GB",
    )
    return Visit(desk, talking)


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
        refused = visit(home, answer)
        log_pain(row(), refused.desk)
        assert "not a diagnosis" in refused.text
        assert "Nothing was stored." in refused.text
        assert load_pain(home / "log.db") == ()

    agreed = visit(home, "y")
    log_pain(row(), agreed.desk)
    assert load_pain(home / "log.db") == (row(),)

    later = visit(home, "")
    log_pain(row(days=1), later.desk)
    assert "begins a pain journal" not in later.text


def test_the_shoulder_blades_are_asked_about_once(home: Path) -> None:
    """At the first entry that may be there; a yes is told at once and stays open."""
    log_pain(row(location=Location.NECK), visit(home, "y").desk)
    first = visit(home, "y")
    log_pain(row(location=Location.MID), first.desk)
    second = visit(home, "")
    log_pain(row(location=Location.MID), second.desk)

    assert care_text("flag.blades") in first.text
    assert URGENT in first.text
    assert [flag.name for flag in open_flags(load_answers(home / "log.db"))] == ["blades"]
    assert "shoulder blades" not in second.text
    assert URGENT not in second.text


def test_tingling_leads_to_questions_and_not_to_a_conclusion(home: Path) -> None:
    """A no to them leaves nothing open."""
    log_pain(row(), visit(home, "y").desk)
    asked = visit(home, "nnn")
    log_pain(row(quality=Quality.TINGLING), asked.desk)

    assert care_text("flag.both-legs") in asked.text
    assert care_text("flag.limb") in asked.text
    assert open_flags(load_answers(home / "log.db")) == ()


def test_an_emergency_after_tingling_ends_the_questions(home: Path) -> None:
    """Nothing else matters then."""
    log_pain(row(), visit(home, "y").desk)
    asked = visit(home, "y")
    log_pain(row(quality=Quality.TINGLING), asked.desk)

    assert EMERGENCY in asked.text
    assert care_text("flag.limb") not in asked.text


def test_in_a_pipe_the_questions_are_pointed_to(home: Path) -> None:
    """Nobody can answer there; the entry is stored all the same."""
    piped = visit(home, None)
    log_pain(row(location=Location.MID, quality=Quality.TINGLING), piped.desk)

    assert len(load_pain(home / "log.db")) == 1
    assert care_text("journal.notice") in piped.text
    assert care_text("journal.tingling") in piped.text
    assert care_text("journal.blades") in piped.text


def test_a_pattern_is_told_by_the_entry_that_makes_it(home: Path) -> None:
    """Once; the list says it for as long as it holds."""
    clock = ManualClock()
    for days in (0, 7, 14):
        clock.now_s = days * DAY_S
        early = visit(home, "y", clock)
        log_pain(row(days=days), early.desk)
        assert "Three weeks" not in early.text
    clock.now_s = 21 * DAY_S
    making, again, listing = (visit(home, "", clock) for _ in range(3))
    log_pain(row(days=21), making.desk)
    log_pain(row(days=21), again.desk)
    list_pain(listing.desk, since=None, format_name="plain")

    assert "Low back: Three weeks of entries" in making.text
    assert "Three weeks" not in again.text
    assert "Three weeks" in listing.text


def test_pain_of_more_than_three_months_is_named_plainly(home: Path) -> None:
    """With what to do."""
    clock = ManualClock()
    for days in (0, 25, 50, 75, 91):
        clock.now_s = days * DAY_S
        entry = visit(home, "y", clock)
        log_pain(row(days=days), entry.desk)

    assert "Pain for more than 3 months is called chronic." in entry.text
    assert "see a professional" in entry.text


def test_a_clear_check_says_that_it_rules_nothing_out(home: Path) -> None:
    """Every answer is stored."""
    clear = visit(home, "n" * QUESTIONS)
    check_pain(clear.desk, flags=())
    answers = newest_answers(load_answers(home / "log.db"))

    assert {flag.question for flag in FLAGS} | {"ask.under-16"} == set(answers)
    assert set(answers.values()) == {Answer.NO}
    assert "not a diagnosis" in clear.text
    assert "A clear form does not rule out illness" in clear.text


def test_the_shoulder_blades_are_not_asked_about_again_by_the_check(home: Path) -> None:
    """They would flag everybody whose middle back hurts."""
    check_pain(visit(home, "n" * QUESTIONS).desk, flags=())
    again = visit(home, "n" * (QUESTIONS - 1))
    check_pain(again.desk, flags=())

    assert care_text("flag.blades") not in again.text


def test_an_emergency_is_told_at_once_and_ends_the_check(home: Path) -> None:
    """Nobody is kept answering about stiffness."""
    check = visit(home, "ny")
    check_pain(check.desk, flags=())

    assert EMERGENCY in check.text
    assert care_text("advice.how") in check.text
    assert care_text("flag.saddle") not in check.text
    assert "usually not serious" not in check.text


def test_an_urgent_answer_is_told_at_once_and_once(home: Path) -> None:
    """Before the next question, and not again for the next urgent yes; tier 3 adds nothing."""
    order = [flag.tier for flag in FLAGS]
    letters = ["y" if tier is not Tier.EMERGENCY else "n" for tier in order]
    check = visit(home, "n" + "".join(letters))
    check_pain(check.desk, flags=())

    assert check.text.count(URGENT) == 1
    assert check.text.index(URGENT) < check.text.index(care_text("flag.weight"))
    assert tier_text(Tier.BOOK, "GB") not in check.text


def test_a_lasting_pain_is_worth_an_appointment(home: Path) -> None:
    """Tier 3 alone stops no exercises."""
    letters = ["y" if flag.name == "lasting" else "n" for flag in FLAGS]
    check = visit(home, "n" + "".join(letters))
    check_pain(check.desk, flags=())

    assert tier_text(Tier.BOOK, "GB") in check.text
    assert open_flags(load_answers(home / "log.db")) == ()


def test_the_check_also_says_what_the_entries_amount_to(home: Path) -> None:
    """Unless there is an emergency: nothing else matters then."""
    for days in range(0, 100, 20):
        log_pain(row(days=days), visit(home, None, ManualClock(now_s=days * DAY_S)).desk)
    clock = ManualClock(now_s=100 * DAY_S)
    urgent, emergency = visit(home, None, clock), visit(home, None, clock)
    log_pain(row(days=100), visit(home, None, clock).desk)
    check_pain(urgent.desk, flags=["cough"])
    check_pain(emergency.desk, flags=["chest"])

    assert care_text("pattern.chronic") in urgent.text
    assert "chronic" not in emergency.text


def test_skipped_questions_are_not_taken_as_no(home: Path) -> None:
    """It is said that they are not known."""
    check = visit(home, " " * QUESTIONS)
    check_pain(check.desk, flags=())

    assert care_text("check.skipped") in check.text
    assert set(newest_answers(load_answers(home / "log.db")).values()) == {Answer.SKIP}


def test_the_check_tells_the_under_16s_whom_to_ask(home: Path) -> None:
    """And goes on: the red flags are for everybody."""
    check = visit(home, "y" + "n" * (QUESTIONS - 1))
    check_pain(check.desk, flags=())

    assert "ask a parent and a doctor" in check.text
    assert care_text("flag.stiffness") in check.text


def test_flags_can_be_named_and_the_most_urgent_counts(home: Path) -> None:
    """For scripts, and where nobody can be asked."""
    piped = visit(home, None)
    check_pain(piped.desk, flags=["lasting", "cough", "bladder"])

    assert EMERGENCY in piped.text
    assert "usually" not in piped.text
    assert [flag.name for flag in open_flags(load_answers(home / "log.db"))] == ["bladder", "cough"]


def test_a_name_that_is_none_stores_nothing(home: Path) -> None:
    """Not even the names before it."""
    with pytest.raises(UsageError, match="nonsense"):
        check_pain(visit(home, None).desk, flags=["cough", "nonsense"])
    assert load_answers(home / "log.db") == ()


def test_nobody_to_ask_is_said(home: Path) -> None:
    """With the other way to answer."""
    with pytest.raises(UsageError, match=INTERACTIVE_ONLY):
        check_pain(visit(home, None).desk, flags=())


def test_advice_that_was_sought_closes_what_was_open(home: Path) -> None:
    """A new yes opens it again and is told again."""
    for _ in range(2):
        flagged = visit(home, None)
        check_pain(flagged.desk, flags=["cough"])
        assert URGENT in flagged.text
        assert open_flags(load_answers(home / "log.db"))
        confirm_advice(visit(home, None).desk)
        assert open_flags(load_answers(home / "log.db")) == ()

    nothing = visit(home, None)
    confirm_advice(nothing.desk)
    assert care_text("advice.none") in nothing.text


def test_the_list_for_programs_holds_every_field(home: Path) -> None:
    """JSON and CSV say the same; a note may hold anything."""
    note = 'a "long" call,\nthen tea <b>'
    log_pain(row(4, Location.MID, Quality.DULL, note=note), visit(home, None).desk)
    as_json, as_csv = visit(home, None), visit(home, None)
    list_pain(as_json.desk, since=None, format_name="json")
    list_pain(as_csv.desk, since=None, format_name="csv")
    (record,) = json.loads(as_json.talk.screen.getvalue())

    assert record == {
        "at": "2026-03-02T09:00:00.000Z",
        "level": 4,
        "where": "mid",
        "quality": "dull",
        "note": note,
    }
    (line,) = csv.DictReader(io.StringIO(as_csv.talk.screen.getvalue(), newline=""))
    assert line == {key: str(value) for key, value in record.items()}


def test_no_note_runs_in_a_spreadsheet_or_steers_a_terminal(home: Path) -> None:
    """The list is redirected into a file, or printed."""
    log_pain(row(4, note='=HYPERLINK("http://x")\x9b2J\u202e'), visit(home, None).desk)
    for format_name in ("json", "csv"):
        listing = visit(home, None)
        list_pain(listing.desk, since=None, format_name=format_name)
        text = listing.talk.screen.getvalue()
        assert not [sign for sign in text if not sign.isprintable() and sign != "\n"]
        assert format_name == "json" or '"\'=HYPERLINK(""http://x"")\\u009b2J\\u202e"' in text


def test_the_list_begins_where_it_is_asked_to(home: Path) -> None:
    """That day included."""
    clock = ManualClock()
    for days in (0, 1, 2):
        clock.now_s = days * DAY_S
        log_pain(row(days, days=days), visit(home, None, clock).desk)
    listing = visit(home, None, clock)
    list_pain(listing.desk, since=(NINE + timedelta(days=1)).date(), format_name="plain")

    assert "2026-03-02" not in listing.text
    assert "2026-03-03" in listing.text
    assert "2 entries on 2 days, highest 2." in listing.text


def test_a_note_cannot_steer_the_terminal(home: Path) -> None:
    """Escape sequences are shown as nothing."""
    log_pain(row(note="\x1b[2Jgone\a"), visit(home, None).desk)
    listing = visit(home, None)
    list_pain(listing.desk, since=None, format_name="plain")

    assert "\x1b" not in listing.talk.screen.getvalue()
    assert "gone" in listing.text


def test_an_endless_note_is_refused(home: Path) -> None:
    """Before anything is stored."""
    with pytest.raises(UsageError, match="1001"):
        log_pain(row(note="x" * (LONGEST_NOTE + 1)), visit(home, "y").desk)
    assert load_pain(home / "log.db") == ()


def test_an_empty_journal_says_how_to_begin(home: Path) -> None:
    """And makes no file."""
    listing = visit(home, None)
    list_pain(listing.desk, since=None, format_name="plain")

    assert "posturecam pain log" in listing.text
    assert not home.exists()
