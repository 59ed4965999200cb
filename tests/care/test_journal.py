"""The journal in a real log file."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posturecam.base.errors import DataError
from posturecam.care.journal import (
    ASKED_EVERY_S,
    SuppressedByPain,
    load_answers,
    load_exercises,
    load_pain,
    newest_answers,
    quiet_reason,
    save_answer,
    save_exercise,
    save_pain,
)
from posturecam.care.red_flags import SOUGHT_ADVICE, open_flags
from posturecam.values.answers import Answer, Location, Quality
from posturecam.values.log_rows import GuidedBreak, PainEntry
from posturecam.values.reasons import QuietReason
from posturecam.values.settings import Settings
from posturecam.watch.controls import Controls
from posturecam.watch.requests import Requests
from tests.fakes import NINE, ManualClock

if TYPE_CHECKING:
    from pathlib import Path

NINE_MS = round(NINE.timestamp() * 1000)


@pytest.fixture
def log_file(home: Path) -> Path:
    """Where the log will be; neither it nor its folder is there yet."""
    return home / "log.db"


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    row=st.builds(
        PainEntry,
        at_ms=st.integers(0, 4 * 10**12),
        level=st.integers(0, 10),
        location=st.sampled_from([*Location, None]),
        quality=st.sampled_from([*Quality, None]),
        note=st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=50),
    )
)
def test_an_entry_comes_back_as_it_was(log_file: Path, row: PainEntry) -> None:
    """Every level, place, quality and note."""
    count = len(load_pain(log_file))
    save_pain(log_file, row, now=NINE)

    assert row in load_pain(log_file)
    assert len(load_pain(log_file)) == count + 1


def test_reading_where_nothing_is_makes_no_file(log_file: Path) -> None:
    """No entries, no answers, nothing open."""
    for load in (load_pain, load_exercises, load_answers):
        assert load(log_file) == ()
    assert quiet_reason(log_file) is None
    assert not log_file.parent.exists()


def test_what_is_written_is_for_this_user_only(log_file: Path) -> None:
    """Folder 0700, file 0600."""
    save_pain(log_file, PainEntry(at_ms=NINE_MS, level=3), now=NINE)

    assert log_file.parent.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in log_file.parent.iterdir()} == {0o600}


@pytest.mark.parametrize("got_up", [True, False, None])
def test_a_break_comes_back_as_it_was(log_file: Path, *, got_up: bool | None) -> None:
    """Its moves in their order, and what the camera saw."""
    row = GuidedBreak(
        at_ms=NINE_MS, lasted_ms=30_000, names=("chin-tuck", "stand-and-walk"), got_up=got_up
    )
    save_exercise(log_file, row, now=NINE)

    assert load_exercises(log_file) == (row,)


def test_entries_are_in_the_order_of_their_times_and_answers_of_their_giving(
    log_file: Path,
) -> None:
    """A clock that was set back does not make an old answer the newest."""
    for hours in (2, 0, 1):
        later = NINE + timedelta(hours=hours)
        save_pain(log_file, PainEntry(at_ms=NINE_MS + hours, level=hours), now=later)
        save_answer(log_file, "ask.joint", Answer.YES if hours == 1 else Answer.NO, now=later)

    assert [row.level for row in load_pain(log_file)] == [0, 1, 2]
    assert newest_answers(load_answers(log_file)) == {"ask.joint": Answer.YES}


def test_an_old_confirmation_that_is_read_in_later_closes_nothing(log_file: Path) -> None:
    """An import adds rows of another time at the end of the table."""
    save_answer(log_file, "flag.cough", Answer.YES, now=NINE)
    with sqlite3.connect(log_file) as connection:
        connection.execute(
            "INSERT INTO answers (at_ms, question, answer) VALUES (?, ?, 'yes')",
            (NINE_MS - 1, SOUGHT_ADVICE),
        )
    connection.close()

    assert [flag.name for flag in open_flags(load_answers(log_file))] == ["cough"]


def test_a_confirmation_counts_with_a_clock_that_was_set_back(log_file: Path) -> None:
    """It comes after the answer that it confirms."""
    save_answer(log_file, "flag.cough", Answer.YES, now=NINE)
    save_answer(log_file, SOUGHT_ADVICE, Answer.YES, now=NINE - timedelta(hours=1))

    assert open_flags(load_answers(log_file)) == ()


def test_a_flag_is_open_until_advice_was_sought(log_file: Path) -> None:
    """And a watch is told to be quiet meanwhile."""
    save_answer(log_file, "flag.cough", Answer.YES, now=NINE)
    assert [flag.name for flag in open_flags(load_answers(log_file))] == ["cough"]
    assert quiet_reason(log_file) is QuietReason.ADVICE_FIRST

    save_answer(log_file, SOUGHT_ADVICE, Answer.YES, now=NINE)
    assert open_flags(load_answers(log_file)) == ()
    assert quiet_reason(log_file) is None


def test_a_watch_is_quiet_below_16(log_file: Path) -> None:
    """Until the answer is another one."""
    save_answer(log_file, "ask.under-16", Answer.YES, now=NINE)
    assert quiet_reason(log_file) is QuietReason.UNDER_16
    save_answer(log_file, "ask.under-16", Answer.NO, now=NINE)
    assert quiet_reason(log_file) is None


def test_a_watch_holds_its_alerts_back_while_a_flag_is_open(log_file: Path) -> None:
    """Before anything else that asks for silence, and until advice was sought."""
    clock = ManualClock()
    snoozed = Requests(snoozed_until=NINE + timedelta(hours=1))
    controls = Controls(
        clock, Settings(), journal=SuppressedByPain(log_file, clock), in_force=snoozed
    )
    save_answer(log_file, "flag.cough", Answer.YES, now=NINE)
    assert controls.quiet() == quiet_reason(log_file)

    save_answer(log_file, SOUGHT_ADVICE, Answer.YES, now=NINE)
    clock.wait_s(ASKED_EVERY_S)
    assert controls.quiet() == QuietReason.SNOOZED


def test_a_running_watch_hears_of_an_answer_within_a_minute(log_file: Path) -> None:
    """The file is not opened at each turn, and one that cannot be read changes nothing."""
    clock = ManualClock()
    suppressed_by = SuppressedByPain(log_file, clock)
    assert suppressed_by() is None

    save_answer(log_file, "flag.cough", Answer.YES, now=NINE)
    assert suppressed_by() is None
    clock.wait_s(ASKED_EVERY_S)
    reason = suppressed_by()
    assert reason == quiet_reason(log_file)
    assert reason is not None

    for path in log_file.parent.iterdir():
        path.unlink()
    log_file.write_bytes(b"something else" * 100)
    clock.wait_s(ASKED_EVERY_S)
    assert suppressed_by() == reason


def test_the_table_refuses_what_is_no_level(log_file: Path) -> None:
    """Whoever writes it; said without a traceback."""
    with pytest.raises(DataError):
        save_pain(log_file, PainEntry(at_ms=NINE_MS, level=11), now=NINE)
    assert load_pain(log_file) == ()


def test_a_word_that_no_posturecam_wrote_is_damage(log_file: Path) -> None:
    """Told as such, and the file is left as it is."""
    save_answer(log_file, "flag.cough", Answer.YES, now=NINE)
    with sqlite3.connect(log_file) as connection:
        connection.execute("UPDATE answers SET answer = 'perhaps'")
    connection.close()

    with pytest.raises(DataError, match="damaged"):
        open_flags(load_answers(log_file))


def test_a_file_that_is_no_log_is_refused(log_file: Path) -> None:
    """And not written over."""
    log_file.parent.mkdir()
    log_file.write_bytes(b"something else" * 100)

    with pytest.raises(DataError):
        load_pain(log_file)
    with pytest.raises(DataError):
        save_pain(log_file, PainEntry(at_ms=NINE_MS, level=3), now=NINE)
    assert log_file.read_bytes() == b"something else" * 100
