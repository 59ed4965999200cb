"""The loop: what it tells, in which order, and how it ends."""

from __future__ import annotations

import os
import signal
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from posturecam.base.errors import BaselineError, SourceError
from posturecam.base.interrupts import Interrupts
from posturecam.capture.session import Interruption, Resting
from posturecam.values.events import (
    Alerted,
    Calibrated,
    CameraChanged,
    CameraStatus,
    EndedBy,
    Sampled,
    StateChanged,
    Summarised,
)
from posturecam.values.observation import PostureState, UnknownReason
from posturecam.values.settings import Settings
from posturecam.watch.loop import Watch
from posturecam.watch.task import Task
from tests.fakes import (
    NINE,
    FakeLandmarker,
    RecordingSink,
    ScriptedSource,
    blank_frame,
    sitter,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from posturecam.values.observation import Frame, Landmarks

HZ = 5.0


def frames(from_s: float, to_s: float) -> list[Frame]:
    """Pictures at `HZ`."""
    first, last = round(from_s * HZ), round(to_s * HZ)
    return [blank_frame(index / HZ, index) for index in range(first, last)]


def upright_then_gone(t_s: float) -> tuple[Landmarks, ...]:
    """Somebody sits there for a minute and leaves."""
    return (sitter(),) if t_s < 60 else ()


def nobody(_t_s: float) -> tuple[Landmarks, ...]:
    """An empty chair."""
    return ()


def watch(
    people_at: Callable[[float], tuple[Landmarks, ...]] = upright_then_gone,
    *,
    duration_s: float | None = None,
) -> tuple[Watch, RecordingSink]:
    """A watch that takes its baseline from the first ten seconds, and the sink that it tells."""
    sink = RecordingSink()
    task = Task(
        settings=Settings(adaptive=False),  # who is there changes; the pictures do not
        model_sha256="ab" * 32,
        began_at=NINE,
        calibrate_s=10.0,
        duration_s=duration_s,
        guarded=True,
    )
    landmarker = FakeLandmarker(people_at)
    return Watch(task, landmarker=landmarker, sinks=[sink]), sink


def test_from_the_first_picture_to_the_summary() -> None:
    """Camera, baseline, states, summary; every second of the watch is in one state."""
    loop, sink = watch()
    ended_by = loop.run(ScriptedSource(frames(0, 180)), Interrupts())

    assert ended_by is EndedBy.END_OF_SOURCE
    ((calibrated_s, calibrated),) = sink.events(Calibrated)
    assert calibrated_s == pytest.approx(10.0)
    assert calibrated.taken_now
    changes = [(event.from_state, event.to_state) for _, event in sink.events(StateChanged)]
    assert changes == [
        (PostureState.UNKNOWN, PostureState.UPRIGHT),
        (PostureState.UPRIGHT, PostureState.UNKNOWN),
        (PostureState.UNKNOWN, PostureState.AWAY),
    ]
    ((_, summary),) = sink.events(Summarised)
    assert summary.totals.watched_ms == pytest.approx(1000 * (180 - 10 - 1 / HZ), abs=1)
    assert summary.totals.away_ms == pytest.approx(120_000, abs=5000)
    assert summary.totals.upright_ms == pytest.approx(50_000, abs=5000)
    assert sink.events(Alerted) == []


def test_who_was_out_of_view_for_a_moment_was_not_away_by_that() -> None:
    """Only the minute of nobody that an absence begins with belongs to it."""

    def people_at(t_s: float) -> tuple[Landmarks, ...]:
        return () if 40 <= t_s < 70 or t_s >= 100 else (sitter(),)

    loop, _ = watch(people_at)
    loop.run(ScriptedSource(frames(0, 200)), Interrupts())

    assert loop.totals.away_ms == pytest.approx(100_000, abs=5000)
    assert loop.totals.unknown_ms == pytest.approx(30_000, abs=5000)


def test_samples_come_once_a_second_at_most() -> None:
    """Whatever the rate of the pictures."""
    loop, sink = watch()
    loop.run(ScriptedSource(frames(0, 40)), Interrupts())
    times = [t_s for t_s, _ in sink.events(Sampled)]

    assert len(times) >= 29
    assert all(b - a >= 1.0 for a, b in pairwise(times))


def test_a_lost_camera_is_told_and_is_unknown_time() -> None:
    """The state does not linger while nothing is seen."""
    lost = Interruption(t_s=30.0, status=CameraStatus.LOST, detail="no picture")
    back = Interruption(t_s=45.0, status=CameraStatus.BACK, detail="")
    loop, sink = watch()
    loop.run(ScriptedSource([*frames(0, 25), lost, back, *frames(45.2, 55)]), Interrupts())

    statuses = [event.status for _, event in sink.events(CameraChanged)]
    assert statuses == [
        CameraStatus.OPEN,
        CameraStatus.LOST,
        CameraStatus.BACK,
        CameraStatus.CLOSED,
    ]
    at_loss = next(e for t, e in sink.events(StateChanged) if t == 30.0)
    assert at_loss.to_state is PostureState.UNKNOWN
    assert at_loss.reasons == (UnknownReason.NO_PICTURE.value,)
    assert loop.totals.unknown_ms == pytest.approx(45_200 - 24_800, abs=500)


def test_the_sinks_are_told_once_that_pictures_end_and_not_of_the_wait_between_two() -> None:
    """Each such turn is written to the log, and a picture a second has one behind it."""
    waits = [Resting(t_s=20.0 + index / 2) for index in range(20)]
    loop, sink = watch()
    loop.run(ScriptedSource([*frames(0, 20), *waits, *frames(30, 40)]), Interrupts())

    told_s = [tick.t_s for tick in sink.ticks if tick.reading is None and 10 < tick.t_s < 39]
    assert told_s == [22.0]


def test_a_camera_that_does_not_come_back_ends_with_a_summary() -> None:
    """The error goes on to the user; the sinks have been told the end before."""
    loop, sink = watch()
    gone = SourceError("The camera went away.", "Plug it in.")
    with pytest.raises(SourceError):
        loop.run(ScriptedSource(frames(0, 20), error=gone), Interrupts())

    ((_, summary),) = sink.events(Summarised)
    assert summary.ended_by == "The camera went away."
    assert summary.totals.upright_ms > 5000


def test_a_refused_baseline_ends_the_watch() -> None:
    """Nobody there while calibrating: no baseline, no watch."""
    loop, sink = watch(nobody)
    with pytest.raises(BaselineError, match=UnknownReason.NOBODY.value):
        loop.run(ScriptedSource(frames(0, 15)), Interrupts())

    assert sink.events(Calibrated) == []


def test_a_source_shorter_than_the_calibration_still_says_what_it_saw() -> None:
    """Ten seconds were asked for and five were there: that is a baseline too."""
    loop, sink = watch()
    loop.run(ScriptedSource(frames(0, 5)), Interrupts())

    assert len(sink.events(Calibrated)) == 1


def test_the_time_is_up() -> None:
    """`--duration` ends the watch by source time."""
    loop, _ = watch(duration_s=20.0)

    assert loop.run(ScriptedSource(frames(0, 60)), Interrupts()) is EndedBy.TIME_IS_UP
    assert loop.totals.watched_ms == 10_000


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_while_waiting_ends_the_watch_cleanly(number: signal.Signals) -> None:
    """A real signal arrives while the source waits for a picture."""

    def interrupted() -> Iterator[Frame]:
        yield from frames(0, 30)
        os.kill(os.getpid(), number)
        yield from frames(30, 60)

    loop, sink = watch()
    with Interrupts() as interrupts:
        ended_by = loop.run(ScriptedSource(interrupted()), interrupts)

    assert ended_by is EndedBy.INTERRUPTED
    ((t_s, _),) = sink.events(Summarised)
    assert t_s == pytest.approx(30, abs=1 / HZ)
