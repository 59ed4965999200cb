"""What a watch says without a live view: lines and records."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import sys
from dataclasses import replace

import pytest

from posturecam.base.errors import DataError, OutputClosedError
from posturecam.outputs.event_texts import event_text, totals_text, upright_share_text
from posturecam.outputs.lines import (
    CheckLines,
    JsonlDisplay,
    PlainDisplay,
    print_line,
    print_warning,
)
from posturecam.outputs.words import LEARNED_IN_PART_TEXT, LEARNED_TEXT
from posturecam.values.events import (
    AlertDetails,
    Alerted,
    AlertKind,
    BaselineQuestioned,
    BreakTaken,
    CameraChanged,
    CameraStatus,
    Control,
    Controlled,
    EndedBy,
    Event,
    Moved,
    Sampled,
    StaleBaseline,
    StateChanged,
    Summarised,
    Tick,
    Warned,
    ZeroOffered,
)
from posturecam.values.observation import (
    ANGLES,
    BaselineMismatch,
    Deviations,
    PostureState,
    Reading,
    Stance,
    TakeProgress,
    UnknownReason,
    View,
)
from posturecam.values.reasons import SlouchSign
from posturecam.values.settings import Settings
from posturecam.values.totals import Totals
from tests.fakes import CALIBRATED, NINE, seen
from tests.scripted_terminal import ScreenText

DEVIATIONS = Deviations.from_arrays([17.2, 9.0, 14.1, 9.4, -0.3], [4.0, 4.0, 4.0, 4.0, 1.0])
TOTALS = Totals(
    upright_ms=1_440_000, slouched_ms=240_000, away_ms=60_000, unknown_ms=1000, moves=9, alerts=1
)
SLOUCHED = Reading(
    start_s=99.8,
    t_s=100.0,
    state=PostureState.SLOUCHED,
    view=View.FRONT,
    reasons=(seen(SlouchSign.UPPER_BACK_FORWARD, 17.2),),
    deviations=DEVIATIONS,
)
EVENTS: tuple[Event, ...] = (
    CameraChanged(status=CameraStatus.OPEN, detail="camera 0"),
    replace(CALIBRATED, profile="desk"),
    StateChanged(
        from_state=PostureState.UPRIGHT, to_state=PostureState.SLOUCHED, reasons=SLOUCHED.reasons
    ),
    Sampled(
        state=PostureState.SLOUCHED,
        view=View.FRONT,
        reasons=SLOUCHED.reasons,
        deviations=replace(DEVIATIONS, trunk_deg=float("nan")),
        slouch_probability=0.9032,
    ),
    StaleBaseline(mismatch=BaselineMismatch.LOWER, profile="desk"),
    Alerted(kind=AlertKind.UNCHANGED, lasted_s=180.0),
    Moved(unchanged_s=600.0),
    BreakTaken(lasted_s=400.0),
    Summarised(totals=TOTALS, ended_by=EndedBy.INTERRUPTED),
)


def tick(*events: Event, reading: Reading | None = SLOUCHED) -> Tick:
    """A turn of the loop in which these things happen."""
    return Tick(t_s=100.0, at=NINE, reading=reading, events=events, totals=TOTALS, unchanged_s=360)


def test_a_pause_is_told_once_and_a_lock_with_its_reason() -> None:
    """The controls said already that it pauses; nobody else says why the screen ends it."""

    def told(reason: UnknownReason) -> str | None:
        return event_text(
            StateChanged(
                from_state=PostureState.UPRIGHT, to_state=PostureState.PAUSED, reasons=(reason,)
            ),
            NINE,
        )

    assert told(UnknownReason.PAUSED) is None
    assert told(UnknownReason.LOCKED) == "paused: screen locked"


def test_lines_say_why_a_baseline_has_to_wait() -> None:
    """Nothing is judged by then, so that no change of state says it."""
    released = CameraChanged(status=CameraStatus.RELEASED, detail="camera 0")
    taking = TakeProgress(
        take=1, takes=3, holding=False, left_s=7.0, samples=0, unknown_reason=None
    )
    waiting = replace(tick(released), taking=taking, resting=UnknownReason.IN_A_CALL)
    PlainDisplay(stream := io.StringIO()).handle(waiting)
    lost = replace(waiting, resting=None)
    PlainDisplay(stream).handle(lost)
    said = [line.split("  ", 1)[1] for line in stream.getvalue().splitlines()]
    assert said == [
        "camera released: camera 0", "the baseline waits: in a call", "camera released: camera 0",
    ]  # fmt: skip


def test_a_new_baseline_is_told_in_lines_from_the_question_to_the_answer() -> None:
    """The answer itself has no line: what follows from it has one."""
    asked = event_text(BaselineQuestioned(reasons=()), NINE)

    assert asked is not None
    assert asked.startswith("Were you sitting upright?")
    assert event_text(Controlled(what=Control.ACCEPTED), NINE) is None
    assert event_text(Controlled(what=Control.DECLINED), NINE) is None
    taken = event_text(replace(CALIBRATED, taken_now=True), NINE)
    assert taken is not None
    assert taken.startswith("baseline: taken now, ")


def test_every_event_is_a_record_with_a_version_a_time_and_a_type() -> None:
    """The public format: one JSON object a line, unknown angles null."""
    stream = io.StringIO()
    JsonlDisplay(stream).handle(tick(*EVENTS))
    records = [json.loads(line) for line in stream.getvalue().splitlines()]

    assert [record["type"] for record in records] == [
        "camera", "calibrated", "state", "sample", "stale", "alert", "move", "break", "summary",
    ]  # fmt: skip
    for record in records:
        assert (record["v"], record["t_s"], record["at"]) == (1, 100.0, "2026-03-02T09:00:00.000Z")
    state, sample, stale, alert, summary = (records[index] for index in (2, 3, 4, 5, 8))
    assert (state["from"], state["to"]) == ("upright", "slouched")
    assert [sample[f"{angle}_deg"] for angle in ANGLES] == [17.2, None, 14.1, 9.4, -0.3]
    assert sample["upper_back_deg_sd"] == 4.0
    assert sample["slouch_probability"] == 0.9
    assert stale["difference"] == "you are lower in the picture"
    assert "posturecam calibrate --profile desk" in stale["message"]
    assert (alert["kind"], alert["lasted_s"]) == ("unchanged", 180.0)
    assert summary["watched_s"] == TOTALS.watched_ms / 1000


def test_lines_tell_what_happens_and_nothing_twice() -> None:
    """A line for each event but the samples; the summary has the totals."""
    stream = io.StringIO()
    PlainDisplay(stream).handle(tick(*EVENTS))
    lines = stream.getvalue().splitlines()

    assert len(lines) == len(EVENTS) - 1
    assert "slouched: upper back about 17° forward" in lines[2]
    assert "STALE: This no longer fits your baseline. Take a new baseline: " in lines[3]
    assert lines[3].endswith("(You are lower in the picture.)")
    assert "ALERT (unchanged): Same position for 3 min. Move for 30 seconds" in lines[4]
    assert (
        "upright 24 min, slouched 4 min, away 60 s, unknown 1 s; 9 position changes, 1 alert"
        in lines[-1]
    )


def test_a_narrow_terminal_cuts_no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line goes on below its text; what is piped stays a line."""
    monkeypatch.setenv("COLUMNS", "60")
    PlainDisplay(screen := ScreenText(is_terminal=True)).handle(tick(*EVENTS))
    PlainDisplay(pipe := ScreenText(is_terminal=False)).handle(tick(*EVENTS))
    shown, piped = screen.getvalue().splitlines(), pipe.getvalue().splitlines()
    assert max(map(len, shown)) <= 60 < max(map(len, piped))
    assert " ".join(" ".join(shown).split()) == " ".join(" ".join(piped).split())
    clock = len("09:00:00  ")
    assert sum(line.startswith(clock * " ") for line in shown) == len(shown) - len(piped)


def test_a_check_tells_every_deviation_with_its_limit_or_why_there_is_none() -> None:
    """A line a sample, nothing else, and a share at the end."""
    stream = io.StringIO()
    unknown = Sampled(
        state=PostureState.UNKNOWN,
        view=View.FRONT,
        reasons=(UnknownReason.TOO_DARK,),
        deviations=Deviations(),
    )
    CheckLines(stream, Settings()).handle(tick(*EVENTS, unknown))
    first, second = stream.getvalue().splitlines()

    assert "upper back +17° of 12°, neck +14° of 12°, back bend +9° of 15°" in first
    assert "trunk" not in first
    assert second.endswith("too dark")
    assert upright_share_text(TOTALS) == "upright 86 % of 28 min judged"
    assert "nothing could be judged" in upright_share_text(Totals(unknown_ms=5000))


class Failing(io.StringIO):
    """A stream that takes nothing."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self._code = code

    def write(self, text: str) -> int:
        """Fails."""
        raise OSError(self._code, "no")


@pytest.mark.parametrize("code", [errno.EPIPE, errno.EIO])
def test_a_reader_or_a_terminal_that_is_gone_is_no_mistake(code: int) -> None:
    """There is nobody left to tell."""
    with pytest.raises(OutputClosedError):
        print_line("upright", Failing(code))


def test_a_full_disk_is_a_mistake() -> None:
    """Whoever redirects the lines must know that some are missing."""
    with pytest.raises(DataError, match="cannot be written"):
        print_line("upright", Failing(errno.ENOSPC))


class Filling(io.StringIO):
    """A file on a disk that takes so many more letters, and breaks off the last line."""

    room = 0

    def write(self, text: str) -> int:
        """Takes what fits; then fails."""
        super().write(text[: self.room])
        if len(text) > self.room:
            self.room = 0
            raise OSError(errno.ENOSPC, "No space left on device")
        self.room -= len(text)
        return len(text)


@pytest.mark.parametrize("display", [JsonlDisplay, PlainDisplay])
def test_lines_that_a_full_disk_took_no_more_are_followed_by_whole_ones(
    display: type[JsonlDisplay | PlainDisplay],
) -> None:
    """It is a problem as long as it lasts, and never the end of the watch."""
    expected, stream = io.StringIO(), Filling()
    display(expected).handle(tick(EVENTS[1]))
    line = expected.getvalue()
    shown = display(stream)
    for room, lost in ((1000, False), (len(line) - 4, True), (0, True), (1000, False)):
        stream.room = room
        shown.handle(tick(EVENTS[1]))
        assert (shown.problem is not None) is lost
    assert stream.getvalue() == f"{line}{line[:-4]}\n{line}"


@pytest.mark.skipif(sys.platform == "win32", reason="there a pipe cannot be asked")
def test_lines_that_nobody_reads_hold_nobody_up() -> None:
    """A pager that waits, a program that hangs: what comes meanwhile is lost, and nothing else."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)  # an attempt to write fails at once, and not never
    with os.fdopen(reader, "rb", buffering=0) as read, os.fdopen(writer, "w") as stream:
        display = JsonlDisplay(stream, patience_s=0.01)
        printed = 0
        while display.problem is None:
            display.handle(tick(EVENTS[1]))
            printed += 1
        assert "What is printed is not read" in display.problem
        before = read.read(2**20).splitlines()
        display.handle(tick(EVENTS[1]))
        assert display.problem is None
        after = read.read(2**20).splitlines()
    assert len(before) == printed - 1
    assert after == before[:1]


def test_a_warning_that_nobody_can_read_ends_nothing() -> None:
    """The terminal is gone, or what stands in for it takes no more."""
    with contextlib.redirect_stderr(Failing(errno.EIO)):
        print_warning("the log waits")


def test_a_pause_is_in_the_totals_only_when_there_was_one() -> None:
    """It is no watched time."""
    assert "paused" not in totals_text(TOTALS)
    assert "unknown 1 s, paused 10 min; 9 position changes" in totals_text(
        replace(TOTALS, paused_ms=600_000)
    )


@pytest.mark.parametrize(
    ("event", "begins"),
    [
        (Controlled(what=Control.REZEROING), "sit comfortably upright. Today's zero is taken in "),
        (Controlled(what=Control.WRONG), LEARNED_TEXT),
        (Controlled(what=Control.WRONG, still_slouched=True), LEARNED_IN_PART_TEXT),
        (ZeroOffered(), "Set today's zero? "),
        (
            Warned(
                kind=AlertKind.SLOUCH,
                lasted_s=180.0,
                details=AlertDetails(reasons=(seen(SlouchSign.UPPER_BACK_FORWARD, 17),)),
            ),
            "warning (slouch): ",
        ),
    ],
)
def test_what_is_asked_of_the_sitter_and_learned_from_them_has_a_line(
    event: Event, begins: str
) -> None:
    """Where no desktop shows it, a terminal does."""
    text = event_text(event, NINE)
    assert text is not None
    assert text.startswith(begins)


def test_a_baseline_says_for_which_stance_it_is() -> None:
    """Where that is known, and of how many pictures."""
    of_a_photo = replace(CALIBRATED, taken_now=False, stance=Stance.STANDING, samples=1)
    text = event_text(of_a_photo, NINE)
    assert text is not None
    assert text.startswith("standing baseline: profile ")
    assert text.endswith(" view, 1 picture")
