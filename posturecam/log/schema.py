"""The shape of the log: its tables, and the steps from one shape to the next."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_ROW_BYTES = 4_000_000
"""A row has some hundreds, and one that is imported at most a million; more is damage."""


@dataclass(frozen=True, slots=True)
class Migration:
    """A step from one shape of the file to the next; never edited once released."""

    number: int
    name: str
    statements: tuple[str, ...]


REFUSE_OVERLAPS = tuple(
    f"""CREATE TRIGGER sessions_overlap_on_{event.split()[0].lower()} BEFORE {event} ON sessions
        WHEN EXISTS (
            SELECT 1 FROM sessions WHERE end_ms > new.start_ms AND start_ms < new.end_ms
                AND id IS NOT new.id
        )
        BEGIN SELECT raise(ABORT, 'sessions overlap'); END"""
    for event in ("INSERT", "UPDATE OF start_ms, end_ms")
)
"""Nobody sits at two desks: a moment belongs to one session, or sums would count it twice."""

HIDE_ADDRESSES = """UPDATE sessions SET source = without_secrets(source),
    ended_by = without_secrets(ended_by) WHERE source LIKE '%://%' OR ended_by LIKE '%://%'"""
"""Of the address of a camera its host is kept: a path may hold a token. `without_secrets` is a
function that each connection which writes is given."""

CODES_INSTEAD_OF_WORDS = (
    "UPDATE intervals SET reason = cause_codes(reason) WHERE reason != cause_codes(reason)",
    """UPDATE alerts SET message = message_code(kind, message, lasted_ms)
        WHERE message != message_code(kind, message, lasted_ms)""",
    "UPDATE sessions SET ended_by = end_code(ended_by) WHERE ended_by != end_code(ended_by)",
)
"""By functions (`written_words`) that, again, each connection which writes is given."""

MIGRATIONS = (
    Migration(
        1,
        "sessions_intervals_minutes_events",
        (
            """CREATE TABLE migrations (
                number INTEGER PRIMARY KEY,
                name TEXT NOT NULL UNIQUE,
                applied_at_ms INTEGER NOT NULL
            ) STRICT""",
            """CREATE TABLE sessions (
                id INTEGER PRIMARY KEY,
                start_ms INTEGER NOT NULL,
                end_ms INTEGER NOT NULL,
                source TEXT NOT NULL,
                profile TEXT NOT NULL,
                view TEXT CHECK (view IN ('front', 'three-quarter', 'side')),
                model_sha256 TEXT NOT NULL,
                program_version TEXT NOT NULL,
                ended_by TEXT,
                CHECK (end_ms >= start_ms)
            ) STRICT""",
            "CREATE INDEX sessions_by_end ON sessions (end_ms)",
            """CREATE TABLE intervals (
                session_id INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
                start_ms INTEGER NOT NULL,
                end_ms INTEGER NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('upright', 'slouched', 'away', 'unknown')),
                reason TEXT NOT NULL,
                PRIMARY KEY (session_id, start_ms),
                CHECK (end_ms > start_ms)
            ) STRICT, WITHOUT ROWID""",
            """CREATE TABLE minutes (
                session_id INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
                start_ms INTEGER NOT NULL CHECK (start_ms % 60000 = 0),
                n INTEGER NOT NULL CHECK (n > 0),
                upper_back_mean_deg REAL,
                trunk_mean_deg REAL,
                neck_mean_deg REAL,
                back_flexion_mean_deg REAL,
                shoulder_tilt_mean_deg REAL,
                upper_back_sd_deg REAL CHECK (upper_back_sd_deg >= 0),
                trunk_sd_deg REAL CHECK (trunk_sd_deg >= 0),
                neck_sd_deg REAL CHECK (neck_sd_deg >= 0),
                back_flexion_sd_deg REAL CHECK (back_flexion_sd_deg >= 0),
                shoulder_tilt_sd_deg REAL CHECK (shoulder_tilt_sd_deg >= 0),
                PRIMARY KEY (session_id, start_ms)
            ) STRICT, WITHOUT ROWID""",
            """CREATE TABLE alerts (
                session_id INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
                at_ms INTEGER NOT NULL,
                kind TEXT NOT NULL CHECK (kind IN ('slouch', 'unchanged', 'break')),
                message TEXT NOT NULL,
                lasted_ms INTEGER NOT NULL CHECK (lasted_ms >= 0),
                PRIMARY KEY (session_id, at_ms, kind)
            ) STRICT, WITHOUT ROWID""",
            """CREATE TABLE moves (
                session_id INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
                at_ms INTEGER NOT NULL,
                unchanged_ms INTEGER NOT NULL CHECK (unchanged_ms >= 0),
                PRIMARY KEY (session_id, at_ms)
            ) STRICT, WITHOUT ROWID""",
            """CREATE TABLE breaks (
                session_id INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
                at_ms INTEGER NOT NULL,
                lasted_ms INTEGER NOT NULL CHECK (lasted_ms >= 0),
                PRIMARY KEY (session_id, at_ms)
            ) STRICT, WITHOUT ROWID""",
        ),
    ),
    Migration(
        2,
        "pauses_outcomes_calibrations_pain",
        (
            # A CHECK cannot be changed in place.
            "ALTER TABLE intervals RENAME TO intervals_before",
            """CREATE TABLE intervals (
                session_id INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
                start_ms INTEGER NOT NULL,
                end_ms INTEGER NOT NULL,
                state TEXT NOT NULL
                    CHECK (state IN ('upright', 'slouched', 'away', 'unknown', 'paused')),
                reason TEXT NOT NULL,
                PRIMARY KEY (session_id, start_ms),
                CHECK (end_ms > start_ms)
            ) STRICT, WITHOUT ROWID""",
            "INSERT INTO intervals SELECT * FROM intervals_before",
            "DROP TABLE intervals_before",
            # Names a session on every machine, so that an export can be read in twice.
            "ALTER TABLE sessions ADD COLUMN uid TEXT",
            "UPDATE sessions SET uid = lower(hex(randomblob(16)))",
            "CREATE UNIQUE INDEX sessions_by_uid ON sessions (uid)",
            # With the beginning in it, a span is found without a look at the table.
            "DROP INDEX sessions_by_end",
            "CREATE INDEX sessions_by_end ON sessions (end_ms, start_ms)",
            """ALTER TABLE alerts ADD COLUMN outcome TEXT
                CHECK (outcome IN ('corrected', 'moved', 'left', 'ignored', 'snoozed'))""",
            "ALTER TABLE alerts ADD COLUMN outcome_after_ms INTEGER CHECK (outcome_after_ms >= 0)",
            # Made anew as well: with three numbers a row, a lost page of it could be one of moves.
            "ALTER TABLE breaks RENAME TO breaks_before",
            """CREATE TABLE breaks (
                session_id INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
                at_ms INTEGER NOT NULL,
                lasted_ms INTEGER NOT NULL CHECK (lasted_ms >= 0),
                kind TEXT NOT NULL CHECK (kind IN ('break', 'micro')),
                PRIMARY KEY (session_id, at_ms)
            ) STRICT, WITHOUT ROWID""",
            "INSERT INTO breaks SELECT *, 'break' FROM breaks_before",
            "DROP TABLE breaks_before",
            """CREATE TABLE calibrations (
                session_id INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
                at_ms INTEGER NOT NULL,
                profile TEXT NOT NULL,
                view TEXT NOT NULL CHECK (view IN ('front', 'three-quarter', 'side')),
                samples INTEGER NOT NULL CHECK (samples > 0),
                quality REAL NOT NULL,
                taken_at_ms INTEGER NOT NULL,
                angle_model TEXT NOT NULL,
                upper_back_limit_deg REAL NOT NULL CHECK (upper_back_limit_deg > 0),
                trunk_limit_deg REAL NOT NULL CHECK (trunk_limit_deg > 0),
                neck_limit_deg REAL NOT NULL CHECK (neck_limit_deg > 0),
                back_flexion_limit_deg REAL NOT NULL CHECK (back_flexion_limit_deg > 0),
                shoulder_tilt_limit_deg REAL NOT NULL CHECK (shoulder_tilt_limit_deg > 0),
                PRIMARY KEY (session_id, at_ms)
            ) STRICT, WITHOUT ROWID""",
            """CREATE TABLE pain_entries (
                id INTEGER PRIMARY KEY,
                uid TEXT NOT NULL UNIQUE,
                at_ms INTEGER NOT NULL,
                level INTEGER NOT NULL CHECK (level BETWEEN 0 AND 10),
                location TEXT CHECK (location IN ('neck', 'upper', 'mid', 'low')),
                quality TEXT
                    CHECK (quality IN ('dull', 'sharp', 'tingling', 'burning', 'tension')),
                note TEXT
            ) STRICT""",
            "CREATE INDEX pain_entries_by_time ON pain_entries (at_ms)",
            """CREATE TABLE exercises (
                id INTEGER PRIMARY KEY,
                uid TEXT NOT NULL UNIQUE,
                at_ms INTEGER NOT NULL,
                lasted_ms INTEGER NOT NULL CHECK (lasted_ms >= 0),
                names TEXT NOT NULL,
                got_up INTEGER CHECK (got_up IN (0, 1))
            ) STRICT""",
            "CREATE INDEX exercises_by_time ON exercises (at_ms)",
            """CREATE TABLE answers (
                id INTEGER PRIMARY KEY,
                at_ms INTEGER NOT NULL,
                question TEXT NOT NULL,
                answer TEXT NOT NULL
            ) STRICT""",
            "CREATE INDEX answers_by_question ON answers (question, at_ms)",
            *REFUSE_OVERLAPS,
        ),
    ),
    Migration(
        3,
        "session_clocks",
        (
            # By which a session can be dated anew; of this machine, and no part of an export.
            """CREATE TABLE session_clocks (
                session_id INTEGER PRIMARY KEY REFERENCES sessions ON DELETE CASCADE,
                clock TEXT NOT NULL,
                read_ms INTEGER NOT NULL,
                zero_ms INTEGER NOT NULL
            ) STRICT""",
            "CREATE INDEX session_clocks_by_clock ON session_clocks (clock)",
        ),
    ),
    Migration(4, "hosts_instead_of_addresses", (HIDE_ADDRESSES,)),
    Migration(5, "codes_instead_of_words", CODES_INSTEAD_OF_WORDS),
    Migration(
        6,
        "alerts_called_wrong_and_stances",
        (
            # A CHECK cannot be changed in place.
            "ALTER TABLE alerts RENAME TO alerts_before",
            """CREATE TABLE alerts (
                session_id INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
                at_ms INTEGER NOT NULL,
                kind TEXT NOT NULL CHECK (kind IN ('slouch', 'unchanged', 'break')),
                message TEXT NOT NULL,
                lasted_ms INTEGER NOT NULL CHECK (lasted_ms >= 0),
                outcome TEXT CHECK
                    (outcome IN ('corrected', 'moved', 'left', 'ignored', 'snoozed', 'wrong')),
                outcome_after_ms INTEGER CHECK (outcome_after_ms >= 0),
                PRIMARY KEY (session_id, at_ms, kind)
            ) STRICT, WITHOUT ROWID""",
            "INSERT INTO alerts SELECT * FROM alerts_before",
            "DROP TABLE alerts_before",
            """ALTER TABLE calibrations ADD COLUMN stance TEXT
                CHECK (stance IN ('sitting', 'standing'))""",
        ),
    ),
)
"""In order, each applied once, in one transaction with the row that records it."""
