"""Codes, what they are called, and what logs and exports of before say of them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.log.connection import open_log
from posturecam.log.reader import LogReader
from posturecam.log.schema import MIGRATIONS
from posturecam.log.written_words import cause_codes, end_code, message_code
from posturecam.outputs.baseline_words import lesson_text
from posturecam.outputs.log_words import in_words
from posturecam.outputs.words import (
    alert_message,
    ended_text,
    mismatch_text,
    quiet_text,
    reason_text,
    refusal_text,
)
from posturecam.posture.anchors import GUIDED
from posturecam.values.events import (
    AlertDetails,
    AlertKind,
    Control,
    ControlRefused,
    EndedBy,
    Refusal,
)
from posturecam.values.observation import BaselineMismatch, UnknownReason
from posturecam.values.reasons import WITHOUT_ANGLES, AngleReason, QuietReason, SlouchSign
from posturecam.values.stored_codes import (
    read_causes,
    read_details,
    read_end,
    stored_causes,
    stored_details,
)
from tests.fakes import NINE

if TYPE_CHECKING:
    from enum import StrEnum
    from pathlib import Path

CAUSES = (*UnknownReason, *SlouchSign)
FOREIGN = "somebody else's words, with a nobody in view in them"
REASONS = st.builds(
    AngleReason,
    sign=st.sampled_from(SlouchSign).filter(lambda sign: sign not in WITHOUT_ANGLES),
    deg=st.integers(0, 90).map(float),
    estimated=st.booleans(),
) | st.sampled_from(SlouchSign)


@st.composite
def alerts(draw: st.DrawFn) -> tuple[AlertKind, int, AlertDetails]:
    """What an alert may say, and what stands beside it in the log."""
    kind = draw(st.sampled_from(AlertKind))
    reasons = draw(st.lists(REASONS, min_size=1, max_size=2)) if kind is AlertKind.SLOUCH else ()
    details = AlertDetails(
        reasons=tuple(reasons),
        turn=draw(st.integers(0, 2)),
        suppressed_by=draw(st.none() | st.sampled_from(QuietReason)),
    )
    return kind, draw(st.integers(1000, 30_000_000)), details


@pytest.mark.parametrize("code", [*CAUSES, *EndedBy], ids=lambda code: f"{type(code)} {code}")
def test_what_an_export_says_is_read_back(code: StrEnum) -> None:
    """Each cause and each end has its own words, and they mean it."""
    if isinstance(code, EndedBy):
        assert read_end(end_code(ended_text(code))) is code
        return
    assert isinstance(code, UnknownReason | SlouchSign)
    words = reason_text(code)
    assert words
    assert read_causes(cause_codes(words)) == (code,)
    assert cause_codes(code) == code
    assert read_causes(cause_codes(f"{words}; {FOREIGN}")) == (code, FOREIGN)


def test_signs_alone_stand_beside_angles_in_the_log() -> None:
    """And what logs held before there were any still reads."""
    both = AlertDetails(
        reasons=(
            AngleReason(sign=SlouchSign.HEAD_FORWARD, deg=16.0, estimated=True),
            SlouchSign.BACK_MORE_BENT,
        )
    )
    before = '{"turn":0,"reasons":[["head_forward",16,true]]}'

    assert stored_details(both).endswith('[["head_forward",16,true],"back_more_bent"]}')
    assert read_details(stored_details(both)) == both
    assert read_details(before) == AlertDetails(reasons=both.reasons[:1])


def test_every_other_code_has_its_own_words() -> None:
    """No two of a kind are called the same, and none is called by its code."""
    refusals = [ControlRefused(what=Control.RECALIBRATING, why=why) for why in Refusal]
    for words in (
        list(map(mismatch_text, BaselineMismatch)),
        list(map(quiet_text, QuietReason)),
        list(map(refusal_text, refusals)),
    ):
        assert all(words)
        assert len(set(words)) == len(words)
        assert not any("_" in text for text in words)


@given(alert=alerts())
def test_a_stored_alert_says_what_it_said(alert: tuple[AlertKind, int, AlertDetails]) -> None:
    """As code, and as words that were read back from an older log or an export."""
    kind, lasted_ms, details = alert
    words = alert_message(kind, lasted_ms / 1000, details)
    stored = stored_details(details)

    assert read_details(stored) == details
    assert message_code(kind, words, lasted_ms) == stored
    older = words.replace("While alerts were suppressed", "While alerts were held back")
    assert message_code(kind, older, lasted_ms) == stored
    assert message_code(kind, stored, lasted_ms) == stored
    row: dict[str, str | int | float | None] = {
        "kind": kind.value, "message": stored, "lasted_ms": lasted_ms,
    }  # fmt: skip
    in_words("alerts", row)
    assert row["message"] == words


@pytest.mark.parametrize(
    ("table", "stored", "said"),
    [
        (
            "intervals",
            {"reason": "nobody; head_forward"},
            {"reason": "nobody in view; head forward"},
        ),
        ("intervals", {"reason": FOREIGN}, {"reason": FOREIGN}),
        ("intervals", {"reason": ""}, {"reason": ""}),
        ("sessions", {"ended_by": "time_is_up"}, {"ended_by": "time is up"}),
        ("sessions", {"ended_by": "gone: x"}, {"ended_by": "gone: x"}),
        ("sessions", {"ended_by": None}, {"ended_by": None}),
        ("pain_entries", {"note": "nobody"}, {"note": "nobody"}),
    ],
)
def test_an_export_says_what_is_stored(
    table: str, stored: dict[str, str | None], said: dict[str, str | None]
) -> None:
    """Codes in words, and everything else as it is."""
    row: dict[str, str | int | float | None] = {"id": 1, **stored}
    in_words(table, row)
    assert row == {"id": 1, **said}


@given(
    kind=st.sampled_from(AlertKind),
    text=st.text()
    | st.sampled_from([
        "Move.", "", "{}", "[]", "1", '{"turn":true', '{"turn":0,"reasons":[["tail",1,true]]}',
        "Same position for about 20 min. Stand up.",
        "Same position for about 21 min. Stand up for the next few lines.",
        "Compared with your baseline, head 3° up, for about 20 min. "
        "Slide back in the chair and let the backrest carry you.",
    ]),
)  # fmt: skip
def test_what_no_posturecam_wrote_stays_what_it_is(kind: AlertKind, text: str) -> None:
    """To the letter: also what is nearly a sentence of ours, but for the time that it says."""
    assert message_code(kind, text, 1_200_000) == text
    assert alert_message(kind, 1200.0, read_details(text)) == text
    assert end_code(text) == text
    assert ended_text(read_end(f"gone: {text}") or "") == f"gone: {text}"


def older_log(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """A log of the shape before codes, with words and what nobody wrote; its texts."""
    start_ms = round(NINE.timestamp() * 1000)
    with open_log(path, at=NINE) as connection:
        connection.execute("DELETE FROM migrations WHERE number = 5")
        texts = (*map(reason_text, CAUSES), "upper back forward; head forward", FOREIGN, "")
        connection.execute(
            "INSERT INTO sessions VALUES (1, ?, ?, 'camera 0', 'nobody in view', 'front', 'ab', "
            "'0.1.0', 'time is up', 'a')",
            (start_ms, start_ms + 10_000_000),
        )
        for number, text in enumerate(texts):
            at_ms = start_ms + number * 60_000
            connection.execute(
                "INSERT INTO intervals VALUES (1, ?, ?, 'unknown', ?)",
                (at_ms, at_ms + 60_000, text),
            )
        for number, text in enumerate(
            (
                alert_message(AlertKind.UNCHANGED, 1200, AlertDetails(turn=1)),
                "Same position for about 20 min. Move!",
            )
        ):
            connection.execute(
                "INSERT INTO alerts VALUES (1, ?, 'unchanged', ?, 1200000, NULL, NULL)",
                (start_ms + number, text),
            )
        connection.execute(
            "INSERT INTO pain_entries VALUES (1, 'u', ?, 3, NULL, NULL, 'nobody in view')",
            (start_ms,),
        )
    return texts_of(path)


def texts_of(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """What stands in the columns that hold texts, as an export says it."""
    found: dict[str, list[tuple[object, ...]]] = {}
    with closing(sqlite3.connect(path)) as connection:
        for table in ("sessions", "intervals", "alerts", "pain_entries"):
            cursor = connection.execute(f"SELECT * FROM {table}")  # noqa: S608
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor]
            for row in rows:
                in_words(table, row)
            found[table] = [tuple(row.values()) for row in rows]
    return found


def test_an_older_log_is_brought_to_codes_without_loss(tmp_path: Path) -> None:
    """Reading it is enough; every word is said as before, and what the user wrote stays."""
    log = tmp_path / "log.db"
    before = older_log(log)
    with LogReader.open(log) as reader:
        rows = reader.day(0, 2**53)

    assert texts_of(log) == before
    seen = [cause for row in rows.intervals for cause in row.reasons]
    assert seen == [*CAUSES, SlouchSign.UPPER_BACK_FORWARD, SlouchSign.HEAD_FORWARD, FOREIGN]
    assert [row.details for row in rows.alerts] == [
        AlertDetails(turn=1),
        "Same position for about 20 min. Move!",
    ]
    assert [row.end for row in rows.sessions] == [EndedBy.TIME_IS_UP]
    with closing(sqlite3.connect(log)) as connection:
        stored = {reason for (reason,) in connection.execute("SELECT reason FROM intervals")}
        (note,) = connection.execute("SELECT note FROM pain_entries").fetchone()
    assert stored == {*CAUSES, "upper_back_forward; head_forward", FOREIGN, ""}
    assert note == "nobody in view"


def test_a_migration_that_is_cut_off_leaves_words_and_is_made_again(tmp_path: Path) -> None:
    """It is one transaction: all of it, or nothing."""
    log = tmp_path / "log.db"
    before = older_log(log)
    with closing(sqlite3.connect(log, isolation_level=None)) as connection:
        connection.create_function("cause_codes", 1, cause_codes, deterministic=True)
        connection.execute("BEGIN IMMEDIATE")
        (codes,) = (one for one in MIGRATIONS if one.name == "codes_instead_of_words")
        connection.execute(codes.statements[0])
    with closing(sqlite3.connect(log)) as connection:  # as after a kill
        words = connection.execute("SELECT count(*) FROM intervals WHERE reason = 'too dark'")
        assert words.fetchone() == (1,)
    with LogReader.open(log) as reader:
        assert UnknownReason.TOO_DARK in {
            c for r in reader.day(0, 2**53).intervals for c in r.reasons
        }
    assert texts_of(log) == before


def test_the_reasons_of_an_interval_are_one_text() -> None:
    """In their order, as logs have them."""
    both = (SlouchSign.HEAD_FORWARD, UnknownReason.HAND)
    text = stored_causes(both)
    assert text == f"{SlouchSign.HEAD_FORWARD.value}; {UnknownReason.HAND.value}"
    assert stored_causes(()) == ""


def test_each_pose_that_is_shown_when_asked_for_has_its_sentence() -> None:
    """No two alike."""
    assert len({lesson_text(lesson) for lesson in GUIDED} - {""}) == len(GUIDED)
