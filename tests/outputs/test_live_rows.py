"""What the live view says, at any size and for any turn of the watch."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from posturecam.outputs.alert_words import notice_line
from posturecam.outputs.live_rows import (
    ALERT_SHOWN_S,
    ASCII,
    UNICODE,
    Signs,
    farewell,
    gauge,
    headline,
    help_rows,
    limits_in_force,
    standings,
    view_rows,
)
from posturecam.outputs.view_memory import ViewMemory
from posturecam.values.events import (
    AlertDetails,
    Alerted,
    AlertFollowed,
    AlertKind,
    Calibrated,
    CameraChanged,
    CameraStatus,
    Control,
    Controlled,
    ControlRefused,
    EndedBy,
    Event,
    Moved,
    Outcome,
    Refusal,
    StaleBaseline,
    StateChanged,
    Summarised,
    Tick,
)
from posturecam.values.observation import (
    BaselineMismatch,
    Deviations,
    PostureState,
    Reading,
    TakeProgress,
    UnknownReason,
    View,
)
from posturecam.values.reasons import QuietReason, SlouchSign
from posturecam.values.settings import PolicySettings, Settings, Thresholds
from posturecam.values.totals import Totals
from posturecam.watch.totals import Today
from tests.fakes import NINE, seen
from tests.outputs.test_display import EVENTS, SLOUCHED, TOTALS

KEYS = ("p pause", "s snooze", "c recalibrate", "q quit", "? help")
OPENED, CALIBRATED = EVENTS[:2]
ALERT = Alerted(
    kind=AlertKind.SLOUCH,
    lasted_s=180,
    details=AlertDetails(reasons=(seen(SlouchSign.UPPER_BACK_FORWARD, 17),)),
)


def turn(
    t_s: float,
    *events: Event,
    reading: Reading | None = SLOUCHED,
    totals: Totals = TOTALS,
    quiet: QuietReason | None = None,
) -> Tick:
    """A turn of the loop, six minutes into one position and 31 minutes at the desk."""
    return Tick(
        t_s=t_s,
        at=NINE + timedelta(seconds=t_s),
        reading=reading,
        events=events,
        totals=totals,
        unchanged_s=360,
        sitting_s=1860,
        quiet=quiet,
        guarded=True,
    )


def shown(
    *turns: Tick,
    size: tuple[int, int] = (60, 30),
    chosen: Settings | None = None,
    earlier: Totals | None = None,
    signs: Signs = UNICODE,
) -> list[str]:
    """The view after these turns, once there is a baseline."""
    told = ViewMemory(today=Today(earlier))
    told.handle(turn(0.0, OPENED, CALIBRATED))
    for tick in turns:
        told.handle(tick)
    rows = view_rows(told, turns[-1], chosen or Settings(), size=size, signs=signs, keys=KEYS)
    return [row.text for row in rows]


def local_text(at: datetime) -> str:
    """The time of day on the wall."""
    return f"{at.astimezone():%H:%M}"


def test_at_60_columns_everything_is_there() -> None:
    """State, alert, five gauges, both timers, today, the last event, camera, privacy, keys."""
    rows = shown(
        turn(300, Moved(unchanged_s=720)),
        turn(400, EVENTS[2]),
        turn(600, ALERT),
        turn(640),
        size=(60, 24),
        earlier=Totals(upright_ms=3_600_000, moves=20),
    )  # fmt: skip

    assert rows[0] == "posturecam  slouched for 4 min"
    assert rows[1].startswith("Leaning forward for 3 min. Lean back, roll your shoulders")
    assert "upper back   ··········│██████████┃████· about +17° of 12°" in rows
    assert "shoulders   ┃··········│··········┃·····  about +0° of  7°" in rows
    assert "unchanged    █████████····················· 6 min of 20 min" in rows
    assert any(row.startswith("next break") and row.endswith("in 19 min") for row in rows)
    assert any(row.startswith("today       upright 1 h 24 min") for row in rows)
    assert any("29 position changes, 1 alert" in row for row in rows)
    assert f"lately      {local_text(NINE + timedelta(seconds=600))}" in "\n".join(rows)
    assert "camera      open (camera 0)" in rows
    assert "privacy     pictures stay in memory, network guard on" in rows
    assert rows[-1] == "p pause  s snooze  c recalibrate  q quit  ? help"


@settings(max_examples=60, deadline=None)
@given(
    columns=st.integers(1, 200),
    height=st.integers(1, 60),
    message=st.text(max_size=300),
    signs=st.sampled_from((UNICODE, ASCII)),
)
def test_no_screen_is_too_small(columns: int, height: int, message: str, signs: Signs) -> None:
    """Never more rows or cells than there are, no control character, the state on top."""
    refused = ControlRefused(what=Control.RECALIBRATING, why=Refusal.NOT_SAVED, error=message)
    rows = shown(turn(600, refused), size=(columns, height), signs=signs)

    assert 1 <= len(rows) <= height
    assert max(map(cell_len, rows)) <= max(1, columns - 1)
    assert all(row.isprintable() for row in rows)
    assert rows[0].startswith("posturecam"[: max(1, columns - 1)])


@pytest.mark.parametrize("signs", [UNICODE, ASCII])
def test_a_narrow_screen_leaves_out_bars_before_it_cuts_figures(signs: Signs) -> None:
    """The degrees and minutes are what a bar only illustrates."""
    for columns in range(28, 60):
        rows = shown(turn(600), size=(columns, 30), signs=signs)
        figures = [row for row in rows if row.startswith(("upper back", "unchanged"))]
        ends = (signs.plain("12°"), "of 20 min")
        assert [row.endswith(end) for row, end in zip(figures, ends, strict=True)] == [True, True]


def test_ten_rows_keep_what_matters() -> None:
    """The state, the alert, the gauges, the timers and the keys; facts give way."""
    rows = shown(turn(600, ALERT), size=(60, 10))

    assert rows[0].startswith("posturecam  slouched")
    assert rows[1].startswith("Leaning forward for 3 min.")
    names = [row.split("  ")[0] for row in rows[2:]]
    assert names[:5] == ["upper back", "trunk", "neck", "back bend", "shoulders"]
    assert names[5:] == ["unchanged", "next break", "p pause"]


def test_ascii_is_enough() -> None:
    """A terminal without the signs gets others; nothing is lost."""
    rows = shown(turn(600, ALERT), signs=ASCII, size=(80, 30))

    assert "\n".join(rows).isascii()
    assert any("about +17 deg +/-4 of 12 deg" in row for row in rows)
    assert any("|##" in row and "!##" in row for row in rows)


@pytest.mark.parametrize(
    ("ratio", "either_way", "expected"),
    [
        (0.0, False, " ....|....!.."),
        (0.5, False, " ....|##..!.."),
        (0.99, False, " ....|####!.."),
        (1.0, False, " ....|####!#."),
        (9.0, False, " ....|####!##"),
        (-0.5, False, " ..==|....!.."),
        (-9.0, False, " ====|....!.."),
        (-1.0, True, "!####|....!.."),
        (1.0, True, "!....|####!#."),
        (math.nan, False, " ....|....!.."),
    ],
)
def test_a_gauge_has_the_baseline_in_the_middle(
    ratio: float,
    either_way: bool,  # noqa: FBT001 - a column of the table
    expected: str,
) -> None:
    """Forward to the right up to the limit and beyond; backwards it is marked as no slouch."""
    assert gauge(ratio, 4, ASCII, either_way=either_way) == expected


@given(ratio=st.floats(-1e6, 1e6), cells=st.integers(2, 20), either_way=st.booleans())
def test_a_gauge_never_moves_its_marks(*, ratio: float, cells: int, either_way: bool) -> None:
    """Whatever is filled, baseline and limit stay where they are, and only beyond it is beyond."""
    bar = gauge(ratio, cells, ASCII, either_way=either_way)
    empty = gauge(0.0, cells, ASCII, either_way=either_way)

    assert len(bar) == len(empty)
    assert [bar.index("|"), bar.rindex("!")] == [empty.index("|"), empty.rindex("!")]
    assert bar[bar.rindex("!") + 1 :].startswith("#") == (ratio >= 1)


def test_an_estimate_is_called_one() -> None:
    """From the front all are but a shoulder line as it is; from the side none is."""
    line = replace(SLOUCHED.deviations, tilt_is_measured=True)
    front = standings(SLOUCHED, Thresholds())
    faceless = standings(replace(SLOUCHED, deviations=line), Thresholds())
    side = standings(replace(SLOUCHED, view=View.SIDE), Thresholds())

    assert [stand.estimated for stand in front] == [True, True, True, True, True]
    assert [stand.estimated for stand in faceless] == [True, True, True, True, False]
    assert not any(stand.estimated for stand in side)
    assert front[0].text() == "about +17° of 12°"
    assert front[0].text(spread=True) == "about +17° ±4 of 12°"
    assert front[0].text(short=True) == "~+17°/12°"
    assert side[0].text() == "+17° of 12°"
    assert replace(side[0], deg=math.nan).text() == "? of 12°"


def test_before_anything_is_known_it_says_that_it_starts() -> None:
    """And a question of the keyboard stands at the top, whatever else there is."""
    start = turn(0.0, reading=None)
    rows = view_rows(ViewMemory(), start, Settings(), size=(60, 24), question="Really? y or n")

    assert [(row.text, row.tone) for row in rows[:2]] == [
        ("posturecam  starting", "strong"),
        ("Really? y or n", "alert"),
    ]


def test_before_the_baseline_nothing_is_judged() -> None:
    """The view asks to sit upright, at the beginning and when a new baseline was asked for."""
    told = ViewMemory()
    told.handle(turn(0.0, OPENED, reading=None))
    getting_ready = TakeProgress(
        take=1,
        takes=3,
        holding=False,
        left_s=7.6,
        samples=0,
        unknown_reason=UnknownReason.FACE_AWAY,
    )
    taking = replace(turn(1.0, reading=None), taking=getting_ready)
    first = [row.text for row in view_rows(told, taking, Settings(), size=(60, 24))]
    lost = CameraChanged(status=CameraStatus.LOST, detail="it was unplugged")
    told.handle(turn(1.2, lost, reading=None))
    text, _ = headline(told, replace(taking, t_s=1.3))
    assert text == "the baseline waits: there is no picture from the camera"
    text, _ = headline(told, replace(taking, resting=UnknownReason.IN_A_CALL))
    assert text == "the baseline waits: in a call"
    told.handle(turn(1.5, CameraChanged(status=CameraStatus.BACK, detail=""), reading=None))

    told.handle(turn(2.0, CALIBRATED))
    told.handle(turn(3.0, Controlled(what=Control.RECALIBRATING)))
    retaking = replace(turn(4.0), taking=getting_ready)
    again = [row.text for row in view_rows(told, retaking, Settings(), size=(60, 24))]

    assert first[:2] == [
        "posturecam  take 1 of 3 in 8 s: sit upright  (face turned",
        "away)",
    ]
    assert not any("upper back" in row for row in first)
    assert again[0] == first[0]
    assert "Ctrl-C ends the watch" in first

    told.handle(
        turn(
            5.0,
            ControlRefused(what=Control.RECALIBRATING, why=Refusal.UNUSABLE, error="Too dark."),
        )
    )
    refused = [row.text for row in view_rows(told, turn(6.0), Settings(), size=(60, 24))]
    assert refused[0].startswith("posturecam  slouched")
    assert " ".join(refused[1:3]) == (
        "not recalibrating: Too dark. The one from before stays in use."
    )


@pytest.mark.parametrize(
    ("state", "reasons", "headline"),
    [
        (PostureState.UPRIGHT, (), "upright for 5 min"),
        (PostureState.AWAY, (UnknownReason.NOBODY,), "away for 5 min"),
        (PostureState.UNKNOWN, (UnknownReason.FACE_AWAY,), "unknown for 5 min: face turned away"),
        (PostureState.PAUSED, (UnknownReason.PAUSED,), "paused for 5 min"),
        (PostureState.PAUSED, (UnknownReason.LOCKED,), "paused for 5 min: screen locked"),
    ],
)
def test_the_headline_says_the_state_and_what_is_in_doubt(
    state: PostureState, reasons: tuple[UnknownReason, ...], headline: str
) -> None:
    """How long is counted from the change; nobody there or paused has no gauges."""
    reading = replace(SLOUCHED, state=state, reasons=reasons, deviations=Deviations())
    changed = StateChanged(from_state=PostureState.SLOUCHED, to_state=state, reasons=reasons)
    rows = shown(turn(60, changed, reading=reading), turn(360, reading=reading))

    assert rows[0] == f"posturecam  {headline}"
    judged = state in (PostureState.UPRIGHT, PostureState.UNKNOWN)
    assert any(row.startswith("upper back") for row in rows) == judged


def test_a_pause_and_a_snooze_say_until_when() -> None:
    """In local time, with the day when it is another one; forgotten when that is over."""
    until = NINE + timedelta(hours=1)
    paused = replace(SLOUCHED, state=PostureState.PAUSED, reasons=(UnknownReason.PAUSED,))
    pause = turn(10, Controlled(what=Control.PAUSED, until=until), reading=paused)
    snooze = turn(10, Controlled(what=Control.SNOOZED, until=until))
    later = turn(
        10, Controlled(what=Control.PAUSED, until=until + timedelta(days=1)), reading=paused
    )
    resumed = turn(20, Controlled(what=Control.RESUMED))
    free = turn(20, Controlled(what=Control.UNSNOOZED))

    assert shown(pause)[0] == f"posturecam  paused until {local_text(until)}"
    assert (
        shown(later)[0]
        == f"posturecam  paused until {local_text(until)} on {until + timedelta(days=1):%A}"
    )
    held = f"alerts are suppressed: snoozed until {local_text(until)}"
    assert held in shown(snooze, turn(11, quiet=QuietReason.SNOOZED))
    assert "alerts are suppressed: in a call" in shown(
        snooze, turn(11, quiet=QuietReason.IN_A_CALL)
    )
    advice = "an answer in the pain journal needs advice first"
    flagged = turn(11, quiet=QuietReason.ADVICE_FIRST)
    assert f"alerts are suppressed: {advice}" in " ".join(shown(snooze, flagged)[:4])
    assert any(row.endswith("alerts are on again") for row in shown(snooze, free))
    assert "alerts are suppressed: snoozed" in shown(
        snooze, free, turn(21, quiet=QuietReason.SNOOZED)
    )
    assert shown(pause, resumed)[0].startswith("posturecam  slouched for")


def test_an_alert_can_be_read_for_a_while() -> None:
    """It stays for three minutes, or until it has been followed."""
    alerted = turn(600, ALERT)
    followed = turn(
        660, AlertFollowed(kind=AlertKind.SLOUCH, outcome=Outcome.CORRECTED, after_s=60)
    )
    ignored = turn(660, AlertFollowed(kind=AlertKind.SLOUCH, outcome=Outcome.IGNORED, after_s=60))

    def told(rows: list[str]) -> bool:
        return rows[1].startswith("Leaning forward for 3 min.")

    assert told(shown(alerted, turn(600 + ALERT_SHOWN_S - 1)))
    assert isinstance(CALIBRATED, Calibrated)
    assert not told(shown(alerted, turn(660, replace(CALIBRATED, replaces=True))))
    assert not told(shown(alerted, turn(600 + ALERT_SHOWN_S)))
    assert not told(shown(alerted, followed))
    assert not told(shown(alerted, turn(660, Controlled(what=Control.WRONG))))
    assert told(shown(alerted, ignored))


def confirming(state: PostureState, provisional: PostureState) -> Reading:
    """What is judged in the first seconds of a change."""
    return replace(SLOUCHED, state=state, provisional=provisional)


def test_a_change_is_shown_from_its_first_second() -> None:
    """The headline never says what the gauges contradict; what was counted stands beside it."""
    sat_up = confirming(PostureState.SLOUCHED, PostureState.UPRIGHT)
    slumps = confirming(PostureState.UPRIGHT, PostureState.SLOUCHED)

    assert shown(turn(400, EVENTS[2]), turn(640, reading=sat_up))[0] == (
        "posturecam  back upright, confirming (slouched for 4 min)"
    )
    rows = shown(turn(400, EVENTS[2]), turn(640, reading=slumps))
    assert rows[0] == "posturecam  slouching, confirming (upright for 4 min)"


def test_the_text_of_an_alert_folds_as_soon_as_the_sitter_sits_up() -> None:
    """And unfolds when that was only a moment; another alert is not answered by it."""
    sat_up = turn(610, reading=confirming(PostureState.SLOUCHED, PostureState.UPRIGHT))
    unchanged = Alerted(kind=AlertKind.UNCHANGED, lasted_s=1200)

    def told(*turns: Tick) -> bool:
        return " for " in shown(*turns)[1]

    assert not told(turn(600, ALERT), sat_up)
    assert told(turn(600, ALERT), sat_up, turn(620))
    assert told(turn(600, unchanged), sat_up)


@pytest.mark.parametrize("state", [PostureState.UNKNOWN, PostureState.AWAY])
def test_there_are_no_gauges_of_nobody(state: PostureState) -> None:
    """From the moment that nobody is seen; a hand before the face leaves them where they are."""
    nobody = replace(
        SLOUCHED, state=state, reasons=(UnknownReason.NOBODY,), deviations=Deviations()
    )
    hand = replace(nobody, state=PostureState.UNKNOWN, reasons=(UnknownReason.HAND,))

    assert not any(row.startswith("upper back") for row in shown(turn(10, reading=nobody)))
    assert any(row.startswith("upper back") for row in shown(turn(10, reading=hand)))


def test_alerts_and_warnings_outlive_the_view() -> None:
    """They are printed when the screen is given back, with the totals of a watch that ended."""
    told = ViewMemory()
    stale = StaleBaseline(mismatch=BaselineMismatch.LOWER, profile="default")
    told.handle(turn(0.0, OPENED, CALIBRATED, ALERT, stale, Moved(unchanged_s=60)))
    told.warn("the notification service does not work")
    unfinished = farewell(told, TOTALS)
    told.handle(turn(1.0, Summarised(totals=TOTALS, ended_by=EndedBy.INTERRUPTED)))

    assert unfinished[0].endswith(f"  {notice_line(ALERT)}")
    assert "Take a new baseline: posturecam calibrate." in unfinished[1]
    assert unfinished[2:] == ["note: the notification service does not work"]
    assert farewell(told, TOTALS)[3].startswith("watched 29 min: upright 24 min")


def test_a_camera_that_is_lost_and_back_is_lately() -> None:
    """With when and why; that it was opened is no news."""
    lost = CameraChanged(status=CameraStatus.LOST, detail="it was unplugged")
    back = CameraChanged(status=CameraStatus.BACK, detail="camera 0")
    told = ViewMemory()
    told.handle(turn(0.0, OPENED))
    assert (list(told.lately), told.camera_ok) == ([], True)
    told.handle(turn(60.0, lost))
    assert (told.camera, told.camera_ok) == ("lost (it was unplugged)", False)
    told.handle(turn(90.0, back))
    assert told.camera_ok
    assert [line.partition("  ")[2] for line in told.lately] == [
        "camera back: camera 0",
        "camera lost: it was unplugged",
    ]


def test_today_is_this_watch_and_what_was_before_it() -> None:
    """Without the log it is called what it is; at midnight a new day begins."""
    noon = (NINE.astimezone() + timedelta(days=1)).replace(hour=0, minute=30)
    before, after = (replace(turn(t_s, totals=TOTALS), at=at) for t_s, at in (
        (60, noon - timedelta(hours=1)), (120, noon)
    ))  # fmt: skip
    more = replace(TOTALS, upright_ms=TOTALS.upright_ms + 300_000, moves=TOTALS.moves + 2)
    earlier = Totals(upright_ms=3_600_000)

    def spent(rows: list[str]) -> str:
        return next(row for row in rows if row.startswith(("today", "so far")))

    assert spent(shown(before)).startswith("so far      upright 24 min, slouched 4 min")
    assert spent(shown(before, earlier=earlier)).startswith("today       upright 1 h 24 min")
    assert spent(shown(after, replace(after, totals=more), earlier=earlier)).startswith("today")
    assert "upright 5 min, slouched 0 s" in spent(
        shown(before, after, replace(after, totals=more), earlier=earlier)
    )


def test_the_timers_say_when_it_is_time() -> None:
    """A break that is due says so; what is never told has no timer."""
    policy = PolicySettings(break_after_s=1800)
    silent = PolicySettings(break_after_s=math.inf, unchanged_after_s=math.inf)

    due = shown(turn(10), chosen=Settings(policy=policy))
    assert any(row.startswith("next break") and row.endswith("overdue by 60 s") for row in due)
    never = shown(turn(10), chosen=Settings(policy=silent))
    assert not any(row.startswith(("next break", "unchanged")) for row in never)


def test_a_camera_in_trouble_is_told_before_facts() -> None:
    """In little room its row stays when others go."""
    lost = turn(10, CameraChanged(status=CameraStatus.LOST, detail="camera 0 was unplugged"))

    assert "camera      lost (camera 0 was unplugged)" in shown(lost, size=(60, 11))
    assert not any(row.startswith("camera") for row in shown(turn(10), size=(60, 11)))


def test_the_last_events_fill_the_room() -> None:
    """Newest first; the message of an alert is not told twice."""
    rows = shown(turn(60, Moved(unchanged_s=600)), turn(120, ALERT), size=(60, 40))
    first = next(index for index, row in enumerate(rows) if row.startswith("lately"))

    assert rows[first].endswith("alert: Leaning forward for 3 min")
    assert rows[first + 1].endswith("moved, after 10 min in one position")


def test_help_explains_every_key_and_sign() -> None:
    """It fits where the view fits."""
    rows = [row.text for row in help_rows(size=(60, 20), signs=UNICODE)]

    assert {row[0] for row in rows if row[1:3] == "  "} == {*"psrcwzq", *"│┃█▒"}
    assert len(help_rows(size=(40, 10), signs=ASCII)) == 10


@pytest.mark.parametrize("columns", [40, 25])
def test_help_on_a_narrow_screen_is_whole(columns: int) -> None:
    """Each line goes on below, further in."""
    wide = help_rows(size=(200, 40), signs=UNICODE)
    narrow = help_rows(size=(columns, 60), signs=UNICODE)
    assert " ".join(" ".join(row.text for row in narrow).split()) == " ".join(
        " ".join(row.text for row in wide).split()
    )
    assert max(len(row.text) for row in narrow) < columns


@pytest.mark.parametrize(
    ("state", "deg", "tones"),
    [
        (PostureState.SLOUCHED, 13.0, {"over"}),
        (PostureState.SLOUCHED, 11.0, {""}),
        (PostureState.UPRIGHT, 13.0, {""}),
    ],
)
def test_an_angle_beyond_its_limit_stands_out_only_in_a_slouch(
    state: PostureState, deg: float, tones: set[str]
) -> None:
    """Whether it is one is not for a single angle to say."""
    seen_so = replace(SLOUCHED, state=state, deviations=Deviations(neck_deg=deg))
    told = ViewMemory(today=Today(None))
    told.handle(turn(0.0, OPENED, CALIBRATED))
    rows = view_rows(
        told, turn(10.0, reading=seen_so), Settings(), size=(60, 30), signs=UNICODE, keys=KEYS
    )

    assert {row.tone for row in rows if row.text.startswith("neck ")} == tones


HELD = replace(
    SLOUCHED,
    deviations=Deviations.from_arrays([8.0, 5.0, 9.0, 4.0, 1.0], [4.0, 4.0, 4.0, 4.0, 1.0]),
    slouch_probability=0.3,
    provisional=None,
)
"""Nearer than the limit, not near enough to be upright again."""


def test_a_held_slouch_shows_the_limits_that_end_it() -> None:
    """9 degrees of 12 would contradict it; of the 7 that end it they do not."""
    memory = ViewMemory()
    turn = Tick(t_s=60.0, at=NINE, reading=HELD)
    rows = [row.text for row in view_rows(memory, turn, Settings(), size=(80, 40))]
    (neck,) = (row for row in rows if row.startswith("neck"))

    assert rows[0].endswith("slouched for 60 s, until nearer to your baseline")
    assert neck.endswith("+9° ±4 of  7°")
    assert "over" in [row.tone for row in view_rows(memory, turn, Settings(), size=(80, 40))]


@pytest.mark.parametrize(
    "reading",
    [
        replace(HELD, slouch_probability=0.6),
        replace(HELD, state=PostureState.UPRIGHT),
        replace(HELD, provisional=PostureState.UPRIGHT),
        replace(HELD, slouch_probability=math.nan),
    ],
)
def test_other_postures_have_the_limits_that_begin_a_slouch(reading: Reading) -> None:
    """Also one that is about to end, which the headline says."""
    assert limits_in_force(reading, Settings().posture) == Settings().posture.thresholds


def test_a_slouch_that_no_angle_shows_says_so() -> None:
    """All gauges below their limits would contradict it else."""
    reading = replace(HELD, slouch_probability=0.7, reasons=(SlouchSign.HEAD_FORWARD,))
    text, tone = headline(ViewMemory(), Tick(t_s=60.0, at=NINE, reading=reading))
    assert (text, tone) == ("slouched for 60 s, by all that is seen together", "slouched")


# What is left out where there is little room


def texts_at(height: int) -> list[str]:
    """A view with something in every row, within so many rows of 60 columns."""
    lately = [turn(400.0 + at, Moved(unchanged_s=720 + 60 * at)) for at in range(3)]
    last = turn(500, ALERT, quiet=QuietReason.IN_A_CALL)
    return shown(*lately, last, size=(60, height))


def test_the_least_needed_rows_go_first() -> None:
    """What was earlier, then what always holds; last the angles and why there are no alerts."""
    whole = texts_at(60)
    gone = []
    for height in range(len(whole) - 1, 0, -1):
        before, now = texts_at(height + 1), texts_at(height)
        left_out = list(before)
        for text in now:
            left_out.remove(text)
        gone += left_out
    kinds = (
        ("", "gap"), ("0", "earlier"), ("baseline", "marks"), ("or stand up", "advice"),
        ("privacy", "always"), ("camera", "always"), ("so far", "today"), ("unknown", "today"),
        ("lately", "today"), ("p pause", "keys"), ("next break", "timer"), ("unchanged", "timer"),
        ("upper back", "angle"), ("trunk", "angle"), ("neck", "angle"), ("back bend", "angle"),
        ("shoulders", "angle"), ("alerts are", "quiet"), ("Leaning", "alert"),
    )  # fmt: skip

    def kind_of(text: str) -> str:
        (kind,) = (
            kind
            for start, kind in kinds
            if (text.strip().startswith(start) if start else not text.strip())
        )
        return kind

    order = [kind_of(re.sub(r"^ +\d\d:\d\d:\d\d.*", "0", text)) for text in gone]
    assert [(kind, len([*group])) for kind, group in groupby(order)] == [
        ("earlier", 4), ("gap", 4), ("marks", 1), ("advice", 1), ("always", 2), ("today", 3),
        ("keys", 1), ("timer", 2), ("angle", 5), ("alert", 1), ("quiet", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "cells"),
    [(200, 20), (76, 17), (60, 10), (38, 5), (37, 4), (33, 3), (32, 2), (31, 2), (30, None)],
)
def test_a_gauge_takes_the_room_that_there_is(columns: int, cells: int | None) -> None:
    """Beside the name and the degrees; where two cells do not fit there is none."""
    rows = shown(turn(600), size=(columns, 40))
    (row,) = (row for row in rows if row.startswith("trunk"))
    found = re.search("│(.*?)┃", row)
    assert (found and len(found[1])) == cells


@pytest.mark.parametrize(("deg", "tone"), [(7.5, "over"), (-7.5, "over"), (6.5, ""), (-6.5, "")])
def test_shoulders_stand_out_to_either_side(deg: float, tone: str) -> None:
    """Beyond their limit; other angles only forwards."""
    reading = replace(
        SLOUCHED, deviations=Deviations(shoulder_tilt_deg=deg, trunk_deg=-40.0, neck_deg=12.0)
    )
    told = ViewMemory(today=Today(None))
    rows = view_rows(told, turn(600, reading=reading), Settings(), size=(60, 40), keys=KEYS)
    tones = {row.text.split()[0]: row.tone for row in rows if row.text}
    assert (tones["shoulders"], tones["trunk"], tones["neck"]) == (tone, "", "over")


def test_the_second_line_of_a_fact_has_no_name() -> None:
    """And whether the network is kept out is said either way."""
    rows = shown(turn(600), size=(40, 40))
    at = next(index for index, row in enumerate(rows) if row.startswith("so far"))
    assert rows[at + 1].startswith(" " * 12)
    assert any("network guard on" in row for row in rows)
    unguarded = shown(replace(turn(600), guarded=False), size=(60, 40))
    assert any("network guard off" in row for row in unguarded)
