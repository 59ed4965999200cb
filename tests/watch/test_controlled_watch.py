"""A watch that is controlled: loop, feed, controls and a camera on one hand-moved clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import pytest

from posturecam.alerts.suppression import DesktopState, parse_quiet_hours
from posturecam.base.errors import DataError, SourceError
from posturecam.base.interrupts import Interrupts
from posturecam.capture.session import Feed
from posturecam.care.journal import SuppressedByPain, save_answer
from posturecam.care.red_flags import SOUGHT_ADVICE
from posturecam.outputs.status import StatusBoard
from posturecam.outputs.words import message_text, quiet_text, refusal_text
from posturecam.posture.taking import MOST_REASONS
from posturecam.posture.taught import Taught
from posturecam.values.answers import Answer
from posturecam.values.commands import AnswerBaseline, Inbox, Pause, Snooze, Word
from posturecam.values.events import (
    Alerted,
    BaselineQuestioned,
    Calibrated,
    CameraChanged,
    CameraStatus,
    Control,
    Controlled,
    ControlRefused,
    EndedBy,
    Moved,
    Refusal,
    Sampled,
    StaleBaseline,
    StateChanged,
    Summarised,
)
from posturecam.values.observation import PostureState, UnknownReason
from posturecam.values.reasons import AngleReason, QuietReason
from posturecam.values.settings import (
    ANSWER_WITHIN_S,
    LIVE_TAKES,
    READY_S,
    SIT_UP_S,
    TAKE_S,
    PolicySettings,
    QuietHours,
    Settings,
)
from posturecam.watch.controls import Controls
from posturecam.watch.loop import Watch
from posturecam.watch.requests import Requests
from posturecam.watch.task import Task
from tests.cameras import BUSY, GONE, Camera, StoryClock, changing
from tests.fakes import NINE, FakeLandmarker, RecordingSink, sitter

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from posturecam.posture.baseline import Baseline
    from posturecam.posture.profiles import Kept
    from posturecam.values.observation import Landmarks, TakeProgress

HZ = 2.0
"""Looks a second: the rules are told in seconds, and each look costs the tests as much."""
CALIBRATE_S = 10.0
MINUTE_S = 60.0
HOUR_S = 3600.0


def every_picture(**changes: Any) -> Settings:
    """Who is there changes in a story, and the pictures do not: each is looked at."""
    return Settings(adaptive=False, sample_hz=HZ, **changes)


@dataclass(slots=True)
class Story:
    """What happens at a desk while a watch runs, and what came of it."""

    people_at: Callable[[float], tuple[Landmarks, ...]] = lambda _: (sitter(),)
    settings: Settings = field(default_factory=every_picture)
    in_force: Requests | None = None
    clock: StoryClock = field(default_factory=StoryClock)
    inbox: Inbox = field(default_factory=Inbox)
    sink: RecordingSink = field(default_factory=RecordingSink)
    desktop: DesktopState = field(default_factory=DesktopState)
    kept: list[Requests] = field(default_factory=list)
    saved: list[Baseline] = field(default_factory=list)
    save_error: DataError | None = None
    load_error: DataError | None = None
    on_disk: Kept | None = None
    baseline: Baseline | None = None
    standing: Baseline | None = None
    taught: Taught = field(default_factory=Taught)
    journal: Callable[[], QuietReason | None] = lambda: None
    onlooker: RecordingSink | None = None
    camera: Camera = field(init=False)
    watch: Watch = field(init=False)
    ended_by: EndedBy | str = ""

    def __post_init__(self) -> None:
        self.camera = Camera(self.clock)

    def at(self, t_s: float, happen: Callable[[], object]) -> Self:
        """At this time, this happens."""
        self.clock.story.append((t_s, happen))
        return self

    def ask(self, t_s: float, command: Any) -> Self:
        """At this time, the user asks for this."""
        return self.at(t_s, lambda: self.inbox.put(command))

    def set_desktop(self, t_s: float, **state: bool) -> Self:
        """At this time, the desktop changes."""

        def change() -> None:
            self.desktop = DesktopState(**state)

        return self.at(t_s, change)

    def run(self, until_s: float) -> Self:
        """Watches for so long."""
        self.clock.story.sort(key=lambda happening: happening[0])
        controls = Controls(
            self.clock,
            self.settings,
            inbox=self.inbox,
            desktop=lambda: self.desktop,
            journal=self.journal,
            in_force=self.in_force,
            keep=self.kept.append,
        )
        task = Task(
            settings=self.settings,
            model_sha256="ab" * 32,
            began_at=NINE,
            calibrate_s=CALIBRATE_S,
            baseline=self.baseline,
            standing=self.standing,
            duration_s=until_s,
            guarded=True,
        )
        self.watch = Watch(
            task,
            landmarker=FakeLandmarker(self.people_at),
            sinks=[self.sink],
            controls=controls,
            profile=StoryProfile(self),
            onlooker=self.onlooker,
        )
        found = self.camera.found()
        feed = Feed(
            found, clock=self.clock, rest_reason=controls.rest_reason, give_up_after_s=HOUR_S
        )
        with feed:
            self.ended_by = self.watch.run(feed, Interrupts())
        return self

    def camera_statuses(self) -> list[CameraStatus]:
        """What was told of the camera, in order."""
        return [event.status for _, event in self.sink.events(CameraChanged)]

    def controlled(self) -> list[tuple[float, Control]]:
        """What was told of the controls, with times."""
        return [(round(t_s), event.what) for t_s, event in self.sink.events(Controlled)]

    def quiet_at(self, t_s: float) -> QuietReason | None:
        """Why alerts were suppressed then."""
        return next(tick.quiet for tick in self.sink.ticks if tick.t_s >= t_s)

    def assert_accounted_for(self) -> None:
        """Every second since the baseline is in exactly one state."""
        readings = [tick.reading for tick in self.sink.ticks if tick.reading is not None]
        assert all(b.start_s == pytest.approx(a.t_s) for a, b in pairwise(readings))
        totals = self.watch.totals
        spent_s = readings[-1].t_s - readings[0].start_s
        assert totals.watched_ms + totals.paused_ms == pytest.approx(1000 * spent_s, abs=1)


@dataclass(slots=True)
class StoryProfile:
    """The profile of the watch, on a disk that may be full."""

    story: Story

    def keep(self, baseline: Baseline) -> None:
        """Notes a new baseline."""
        self._write()
        self.story.saved.append(baseline)

    def load(self) -> Kept | None:
        """What the story says."""
        if self.story.load_error is not None:
            raise self.story.load_error
        return self.story.on_disk

    def taught(self) -> Taught:
        """What the story says."""
        return self.story.taught

    def teach(self, taught: Taught) -> None:
        """Notes what it is taught."""
        self._write()
        self.story.taught = taught

    def _write(self) -> None:
        if self.story.save_error is not None:
            raise self.story.save_error


def wall(minutes: float) -> datetime:
    """So many minutes past nine."""
    return NINE + timedelta(minutes=minutes)


def test_a_pause_releases_the_camera_and_ends_by_itself() -> None:
    """Within a second; its time is neither watched nor unknown, and no sample claims to see."""
    story = Story().ask(60, Pause(until=wall(31)))
    story.at(62, lambda: lights.append(story.camera.open_now))
    story.at(1859, lambda: lights.append(story.camera.open_now))
    lights: list[bool] = []
    story.run(2000)

    assert lights == [False, False]
    assert story.controlled() == [(60, Control.PAUSED), (1860, Control.RESUMED)]
    assert story.camera_statuses() == [
        CameraStatus.OPEN,
        CameraStatus.RELEASED,
        CameraStatus.OPEN,
        CameraStatus.CLOSED,
    ]
    assert story.watch.totals.paused_ms == pytest.approx(1_800_000, abs=2000)
    assert story.watch.totals.unknown_ms < 5000
    assert not [t_s for t_s, _ in story.sink.events(Sampled) if 62 < t_s < 1859]
    states = [event.to_state for _, event in story.sink.events(StateChanged)]
    assert states == [PostureState.UPRIGHT, PostureState.PAUSED, PostureState.UPRIGHT]
    story.assert_accounted_for()


def test_a_pause_without_an_end_lasts_until_resume() -> None:
    """However long."""
    story = Story().ask(60, Pause()).ask(HOUR_S, Word.RESUME).run(HOUR_S + 60)

    assert story.controlled() == [(60, Control.PAUSED), (round(HOUR_S), Control.RESUMED)]
    assert len(story.camera.opened_at_s) == 2
    assert story.watch.totals.paused_ms == pytest.approx(1000 * (HOUR_S - 60), abs=3000)


def test_a_watch_that_finds_a_pause_starts_without_the_camera() -> None:
    """It survived a restart: told at once, opened at its end, calibrated from then on."""
    story = Story(in_force=Requests(paused=True, paused_until=wall(10))).run(700)

    assert story.controlled() == [(0, Control.PAUSED), (600, Control.RESUMED)]
    assert story.camera_statuses()[0] is CameraStatus.RELEASED
    assert len(story.camera.opened_at_s) == 1
    ((calibrated_s, _),) = story.sink.events(Calibrated)
    assert calibrated_s == pytest.approx(600 + CALIBRATE_S, abs=2)


def test_a_pause_while_the_baseline_is_taken_does_not_spoil_it() -> None:
    """The seconds of the pause are not seconds of the take."""
    story = Story().ask(5, Pause(until=wall(10))).run(700)

    ((calibrated_s, calibrated),) = story.sink.events(Calibrated)
    assert calibrated_s == pytest.approx(600 + CALIBRATE_S - 5, abs=3)
    assert calibrated.samples == pytest.approx(CALIBRATE_S * HZ, abs=8)


def test_a_locked_screen_releases_the_camera() -> None:
    """And unlocking takes it back; nobody has to ask for it."""
    story = Story().set_desktop(100, locked=True).set_desktop(400, locked=False).run(500)

    assert story.controlled() == []
    assert story.camera_statuses()[1:3] == [CameraStatus.RELEASED, CameraStatus.OPEN]
    paused = next(e for _, e in story.sink.events(StateChanged) if e.to_state == "paused")
    assert paused.reasons == (UnknownReason.LOCKED,)
    assert story.watch.totals.paused_ms == pytest.approx(300_000, abs=3000)
    story.assert_accounted_for()


def test_nobody_is_disturbed_because_the_baseline_no_longer_fits() -> None:
    """It is said when they may be, as an alert is."""
    story = Story(people_at=lambda t_s: (sitter(y_px=330 if t_s < 20 else 430),))
    story.set_desktop(0, do_not_disturb=True).set_desktop(200, do_not_disturb=False).run(230)

    assert story.sink.states(after_s=160) == {PostureState.UNKNOWN}
    assert [t_s for t_s, _ in story.sink.events(StaleBaseline)] == [pytest.approx(200, abs=1)]


def test_a_lost_camera_is_unknown_time_while_it_lasts() -> None:
    """Counted second by second, told once, and commands are heard meanwhile."""
    story = Story()
    story.at(100, lambda: changing(refuses=GONE)(story.camera))
    story.at(400, lambda: unknown_s.append(story.watch.totals.unknown_ms / 1000))
    story.ask(500, Snooze(until=wall(30)))
    story.at(700, lambda: changing(refuses=None)(story.camera))
    unknown_s: list[float] = []
    story.run(800)

    assert unknown_s == [pytest.approx(300, abs=3)]
    assert story.camera_statuses()[1:3] == [CameraStatus.LOST, CameraStatus.BACK]
    ((snoozed_s, _),) = story.controlled()
    assert snoozed_s == pytest.approx(500, abs=1)
    story.assert_accounted_for()


def test_a_watch_can_be_stopped_while_the_camera_is_lost() -> None:
    """And the summary carries the time of the end, not of the loss."""
    story = Story()
    story.at(100, lambda: changing(refuses=GONE)(story.camera))
    story.ask(500, Word.STOP).run(HOUR_S)

    assert story.ended_by is EndedBy.STOPPED
    ((t_s, summary),) = story.sink.events(Summarised)
    assert t_s == pytest.approx(500, abs=1.1)
    assert summary.totals.unknown_ms == pytest.approx(400_000, abs=3000)


def test_a_camera_that_stays_away_ends_the_watch_at_its_time() -> None:
    """The summary is dated when the watch gave up."""
    story = Story()
    story.at(100, lambda: changing(refuses=GONE)(story.camera))
    with pytest.raises(SourceError, match="delivered nothing for 1 h"):
        story.run(3 * HOUR_S)

    ((t_s, _),) = story.sink.events(Summarised)
    assert t_s == pytest.approx(100 + HOUR_S, abs=2)


def test_a_call_may_take_the_camera_and_give_it_back() -> None:
    """Busy at the start, too: said once, resumed by itself."""
    story = Story()
    story.camera.refuses = BUSY
    story.at(300, lambda: changing(refuses=None)(story.camera)).run(400)

    assert story.camera_statuses() == [
        CameraStatus.WAITING,
        CameraStatus.BACK,
        CameraStatus.CLOSED,
    ]
    assert len(story.sink.events(Calibrated)) == 1


def test_the_time_is_up_also_while_paused() -> None:
    """`--duration` counts from the start, whatever happens meanwhile."""
    story = Story().ask(60, Pause()).run(300)

    assert story.ended_by is EndedBy.TIME_IS_UP
    assert story.clock.now_s == pytest.approx(300, abs=1)


def test_a_snooze_and_quiet_hours_and_calls_are_on_every_tick() -> None:
    """So that alerts are suppressed, and whoever shows the watch can say why."""
    settings = Settings(
        quiet_hours=(parse_quiet_hours("00:00-23:59"),), quiet_in_calls=True, release_in_calls=False
    )
    story = Story(settings=settings).ask(60, Snooze(until=wall(2)))
    story.set_desktop(180, in_call=True).set_desktop(240, do_not_disturb=True).run(300)
    plain = Story().ask(60, Snooze(until=wall(2))).run(150)

    assert [story.quiet_at(t_s) for t_s in (30, 90, 150, 200, 260)] == [
        QuietReason.QUIET_HOURS,
        QuietReason.SNOOZED,
        QuietReason.QUIET_HOURS,
        QuietReason.IN_A_CALL,
        QuietReason.DO_NOT_DISTURB,
    ]
    assert [plain.quiet_at(t_s) for t_s in (30, 90, 130)] == [None, QuietReason.SNOOZED, None]
    assert all(tick.guarded for tick in story.sink.ticks)


@pytest.mark.parametrize("sign", ["in_call", "camera_wanted"])
def test_in_a_call_the_camera_is_let_go_of_and_comes_back_by_itself(sign: str) -> None:
    """Both are said once, and what was not watched counts as a pause with its reason."""
    story = Story().set_desktop(60, **{sign: True})
    story.set_desktop(90, **{sign: False}).set_desktop(92, **{sign: True})  # unmuted in it
    story.set_desktop(120, **{sign: False}).run(180)

    happened = story.sink.events(CameraChanged)
    assert [change.status for _, change in happened] == [
        CameraStatus.OPEN, CameraStatus.RELEASED, CameraStatus.OPEN, CameraStatus.CLOSED,
    ]  # fmt: skip
    assert happened[1][0] == pytest.approx(60, abs=1)
    assert happened[2][0] == pytest.approx(125, abs=1.5)
    told = (change for _, change in story.sink.events(StateChanged))
    changes = [change for change in told if change.to_state is PostureState.PAUSED]
    assert [change.reasons for change in changes] == [(UnknownReason.IN_A_CALL,)]
    assert story.sink.ticks[-1].totals.paused_ms == pytest.approx(65_000, abs=2000)


def test_a_call_that_begins_before_the_first_baseline_is_the_reason_given() -> None:
    """Whoever asks hears of it, though nothing has been judged; then the baseline is taken."""
    board, said = StatusBoard(every_picture(), live=True), dict[int, object]()
    story = Story().set_desktop(4, in_call=True).set_desktop(60, in_call=False).run(120)
    for tick in story.sink.ticks:
        board.handle(tick)
        said[round(tick.t_s)] = board.record(in_force=Requests(), turned_s_ago=0.0)["why_not"]

    taken_s = next(t_s for t_s, event in story.sink.events(Calibrated))
    rested = [tick for tick in story.sink.ticks if tick.resting is UnknownReason.IN_A_CALL]
    assert all(tick.reading is None for tick in rested)
    assert (said[3], said[30]) == ("the baseline is being taken", "in a call")
    assert said[round(taken_s) - 3] == "the baseline is being taken"
    assert taken_s == pytest.approx(CALIBRATE_S + 61, abs=4)


def test_who_wants_to_be_watched_in_calls_is() -> None:
    """The setting that is on by default, turned off."""
    story = Story(settings=every_picture(release_in_calls=False))
    story.set_desktop(60, in_call=True, camera_wanted=True).run(120)

    assert story.sink.ticks[-1].totals.paused_ms == 0


HELD_UNTIL_S = 180.0


def slumping_story(**settings: Any) -> Story:
    """Slouched over the dwell while alerts are suppressed, upright again before the end."""
    policy = PolicySettings(slouch_after_s=40, unchanged_after_s=HOUR_S, break_after_s=HOUR_S)
    return Story(
        people_at=lambda t_s: (sitter(drop_px=60 if 20 <= t_s < 120 else 0),),
        settings=every_picture(policy=policy, **settings),
    )


def held_by_a_snooze(_: Path) -> Story:
    """By the user."""
    return slumping_story().ask(15, Snooze(until=NINE + timedelta(seconds=HELD_UNTIL_S)))


def held_by_a_call(_: Path) -> Story:
    """By the microphone."""
    story = slumping_story(quiet_in_calls=True, release_in_calls=False)
    story.set_desktop(15, in_call=True)
    return story.set_desktop(HELD_UNTIL_S, in_call=False)


def held_by_do_not_disturb(_: Path) -> Story:
    """By the desktop."""
    story = slumping_story().set_desktop(15, do_not_disturb=True)
    return story.set_desktop(HELD_UNTIL_S, do_not_disturb=False)


def held_by_full_screen(_: Path) -> Story:
    """By a film."""
    story = slumping_story().set_desktop(15, full_screen=True)
    return story.set_desktop(HELD_UNTIL_S, full_screen=False)


def held_by_quiet_hours(_: Path) -> Story:
    """By the time of day, here."""
    begin = NINE.astimezone()
    end = begin + timedelta(seconds=HELD_UNTIL_S)
    return slumping_story(quiet_hours=(QuietHours(begin=begin.time(), end=end.time()),))


def held_by_the_journal(log_file: Path) -> Story:
    """By an answer that waits for advice, until that is there; the file is asked once a minute."""
    story = slumping_story()
    story.journal = SuppressedByPain(log_file, story.clock)
    save_answer(log_file, "flag.cough", Answer.YES, now=NINE)
    return story.at(
        HELD_UNTIL_S - 1, lambda: save_answer(log_file, SOUGHT_ADVICE, Answer.YES, now=NINE)
    )


@pytest.mark.parametrize(
    ("story_of", "why"),
    [
        (held_by_a_snooze, QuietReason.SNOOZED),
        (held_by_a_call, QuietReason.IN_A_CALL),
        (held_by_do_not_disturb, QuietReason.DO_NOT_DISTURB),
        (held_by_full_screen, QuietReason.FULL_SCREEN),
        (held_by_quiet_hours, QuietReason.QUIET_HOURS),
        (held_by_the_journal, QuietReason.ADVICE_FIRST),
    ],
)
def test_what_was_suppressed_is_said_once_after(
    story_of: Callable[[Path], Story], why: QuietReason, home: Path
) -> None:
    """Whatever the reason: nothing while it lasts, one alert that names it, nothing more."""
    story = story_of(home / "log.db").run(300)

    assert story.quiet_at(100) == why
    ((told_s, alert),) = story.sink.events(Alerted)
    assert told_s == pytest.approx(HELD_UNTIL_S, abs=2)
    begins = f"While alerts were suppressed ({quiet_text(why)}): compared with"
    assert message_text(alert).startswith(begins)
    assert story.watch.totals.slouched_ms > 40_000


def test_without_a_reason_the_same_slump_is_told_while_it_lasts() -> None:
    """So that the stories above hold something back."""
    ((told_s, _), *_) = slumping_story().run(150).sink.events(Alerted)

    assert told_s < 120


def test_a_guided_break_starts_the_unchanged_clock_anew() -> None:
    """Also when one ends where one began, but not twice when the camera has seen the change."""
    policy = PolicySettings(unchanged_after_s=120, slouch_after_s=HOUR_S, break_after_s=HOUR_S)
    settings = every_picture(policy=policy)
    still = Story(settings=settings).ask(100, Word.EXERCISED).run(250)
    got_up = Story(
        settings=settings,
        people_at=lambda t_s: (sitter(x_px=320.0 if t_s < 85 else 420.0),),
    )
    got_up.ask(100, Word.EXERCISED).run(150)

    assert still.controlled() == [(100, Control.EXERCISED)]
    assert [round(t_s) for t_s, _ in still.sink.events(Moved)] == [100]
    assert [t_s for t_s, _ in still.sink.events(Alerted)] == [pytest.approx(220, abs=2 / HZ)]
    assert len(got_up.sink.events(Moved)) == 1


def test_what_is_in_force_is_kept_whenever_it_changes() -> None:
    """For a watch that starts later."""
    story = Story().ask(60, Pause(until=wall(2))).ask(90, Snooze(until=wall(30))).run(200)

    both = Requests(paused=True, paused_until=wall(2), snoozed_until=wall(30))
    assert story.kept == [
        Requests(paused=True, paused_until=wall(2)),
        both,
        Requests(snoozed_until=wall(30)),
    ]


def test_a_sleeping_machine_is_a_gap_and_a_pause_may_end_in_it() -> None:
    """Eight hours of sleep are unknown time; an end that was due meanwhile holds at once."""

    def sleep() -> None:
        slept.clock.now_s += 8 * HOUR_S

    slept = Story()
    slept.at(100, sleep).run(8 * HOUR_S + 300)
    assert slept.watch.totals.unknown_ms == pytest.approx(8000 * HOUR_S, abs=5000)
    slept.assert_accounted_for()

    slept = Story().ask(60, Pause(until=wall(30)))
    slept.at(100, sleep).run(8 * HOUR_S + 300)
    resumed_s, what = slept.controlled()[1]
    assert what is Control.RESUMED
    assert resumed_s == pytest.approx(8 * HOUR_S + 100, abs=2)
    slept.assert_accounted_for()


def test_a_clock_that_is_set_back_moves_the_end_of_a_pause_and_nothing_else() -> None:
    """A pause ends by the clock on the wall; durations do not change, and dates follow the wall."""

    def set_back() -> None:
        story.clock.began_at -= timedelta(hours=1)

    story = Story().ask(60, Pause(until=wall(5)))
    story.at(120, set_back).run(HOUR_S + 360)

    assert story.controlled()[1] == (round(300 + HOUR_S), Control.RESUMED)
    assert story.watch.totals.paused_ms == pytest.approx(1000 * (240 + HOUR_S), abs=3000)
    times_s = [tick.t_s for tick in story.sink.ticks]
    assert all(a <= b for a, b in pairwise(times_s))
    assert story.sink.ticks[-1].at == pytest.approx(wall(6), abs=timedelta(seconds=2))
    story.assert_accounted_for()


@pytest.mark.parametrize("sample_hz", [0.5, 1.0, 1.5])
def test_a_baseline_ends_in_time_though_pictures_are_far_apart(sample_hz: float) -> None:
    """The first one and a new one: that none is due yet is no silence of the camera."""
    settings = Settings(adaptive=False, sample_hz=sample_hz)
    story = Story(settings=settings).ask(60, Word.RECALIBRATE).run(140)

    taken_s = [t_s for t_s, _ in story.sink.events(Calibrated)]
    assert taken_s == [
        pytest.approx(CALIBRATE_S, abs=1.5),
        pytest.approx(60 + TAKING_S, abs=1.5 * LIVE_TAKES),
    ]
    story.assert_accounted_for()


def test_the_time_until_the_next_burst_is_no_time_of_a_new_baseline() -> None:
    """Asked for while the camera is let go of: it counts from the first picture on."""
    settings = every_picture(interval_s=60.0).with_interval()
    story = Story(settings=settings).ask(90, Word.RECALIBRATE).run(240)

    _, (retaken_s, _) = story.sink.events(Calibrated)
    opened_s = next(t_s for t_s in story.camera.opened_at_s if t_s > 90)
    assert opened_s > 100
    assert retaken_s == pytest.approx(opened_s + TAKING_S, abs=2)


def test_who_looks_on_is_shown_the_time_between_two_bursts_and_no_other_sink_is() -> None:
    """About once a second, with why alerts are suppressed; what is not looked at costs nothing."""
    settings = every_picture(interval_s=60.0).with_interval()
    story = Story(settings=settings, onlooker=RecordingSink()).ask(90, Snooze(until=wall(30)))
    story.run(120)

    assert story.onlooker is not None
    shown_s = [tick.t_s for tick in story.onlooker.ticks if 20 < tick.t_s < 60]
    assert [b - a for a, b in pairwise(shown_s)] == pytest.approx([1.0] * 39, abs=0.1)
    assert all(tick.reading is None and not tick.events for tick in story.onlooker.ticks)
    assert {tick.quiet for tick in story.onlooker.ticks if tick.t_s > 95} == {QuietReason.SNOOZED}
    assert not [tick for tick in story.sink.ticks if 20 < tick.t_s < 60]


def test_while_a_machine_sleeps_no_baseline_is_taken() -> None:
    """However short its sleep: the rest of the take comes after it."""

    def sleep() -> None:
        story.clock.now_s += 8.0

    story = Story().at(5, sleep)
    story.run(60)

    ((taken_s, _),) = story.sink.events(Calibrated)
    assert taken_s == pytest.approx(CALIBRATE_S + 8.0, abs=1.5)


TAKING_S = SIT_UP_S + LIVE_TAKES * TAKE_S + (LIVE_TAKES - 1) * READY_S
"""From the moment somebody asks for a new baseline until it is there."""


def test_a_new_baseline_is_taken_while_watching_goes_on() -> None:
    """After time to sit up, from as many takes as `calibrate` has; it is used then, and kept."""
    story = Story().ask(60, Word.RECALIBRATE).run(120)

    (_, first), (retaken_s, retaken) = story.sink.events(Calibrated)
    assert retaken_s == pytest.approx(60 + TAKING_S, abs=0.5)
    assert (retaken.taken_now, first.replaces, retaken.replaces) == (True, False, True)
    assert retaken.samples == pytest.approx(LIVE_TAKES * TAKE_S * HZ, abs=LIVE_TAKES)
    assert [baseline.takes for baseline in story.saved] == [LIVE_TAKES]
    assert story.controlled() == [(60, Control.RECALIBRATING)]
    story.assert_accounted_for()


def test_the_taking_of_a_new_baseline_is_counted_down() -> None:
    """Time to sit up, then take after take; nothing is said of it before and after."""
    story = Story().ask(60, Word.RECALIBRATE).run(120)

    def progress_at(t_s: float) -> TakeProgress | None:
        return next(tick.taking for tick in story.sink.ticks if tick.t_s >= t_s)

    assert progress_at(59) is None
    ready = progress_at(60 + SIT_UP_S - 5)
    assert ready is not None
    assert (ready.take, ready.takes, ready.holding) == (1, LIVE_TAKES, False)
    assert ready.left_s == pytest.approx(5, abs=0.5)
    holding = progress_at(60 + SIT_UP_S + TAKE_S + READY_S + 1)
    assert holding is not None
    assert (holding.take, holding.holding) == (2, True)
    assert progress_at(60 + TAKING_S + 1) is None


def slumped_from(slump_s: float) -> Callable[[float], tuple[Landmarks, ...]]:
    """Somebody who slumps for good."""
    return lambda t_s: (sitter(drop_px=0.0 if t_s < slump_s else 45.0),)


def states_between(story: Story, from_s: float, to_s: float) -> set[PostureState]:
    """The states of a stretch of time."""
    return {e.state for t_s, e in story.sink.events(Sampled) if from_s <= t_s < to_s}


@pytest.mark.parametrize("answer", [None, AnswerBaseline(upright=False)])
def test_a_slump_does_not_become_the_baseline_unasked(answer: AnswerBaseline | None) -> None:
    """It is asked about; without a yes the old one stays in use and on the disk."""
    story = Story(people_at=slumped_from(60)).ask(120, Word.RECALIBRATE)
    if answer is not None:
        story.ask(120 + TAKING_S + 30, answer)
    story.run(120 + TAKING_S + ANSWER_WITHIN_S + 60)

    ((asked_s, asked),) = story.sink.events(BaselineQuestioned)
    assert asked_s == pytest.approx(120 + TAKING_S, abs=1)
    assert 1 <= len(asked.reasons) <= MOST_REASONS
    assert all(isinstance(reason, AngleReason) and reason.deg > 0 for reason in asked.reasons)
    ((refused_s, refused),) = story.sink.events(ControlRefused)
    assert refused_s == pytest.approx(asked_s + (ANSWER_WITHIN_S if answer is None else 30), abs=1)
    assert refused.why is (Refusal.UNANSWERED if answer is None else Refusal.NOT_UPRIGHT)
    assert len(story.sink.events(Calibrated)) == 1
    assert story.saved == []
    assert states_between(story, 90, story.sink.ticks[-1].t_s) == {PostureState.SLOUCHED}


def test_a_new_baseline_that_is_unlike_the_old_one_needs_a_yes() -> None:
    """A camera that was moved looks the same as a slump: whoever sits upright says so."""
    story = Story(people_at=slumped_from(60)).ask(120, Word.RECALIBRATE)
    story.ask(200, AnswerBaseline(upright=True)).ask(201, AnswerBaseline(upright=True)).run(260)

    assert [round(t_s) for t_s, _ in story.sink.events(Calibrated)] == [10, 200]
    assert len(story.saved) == 1
    assert states_between(story, 90, 200) == {PostureState.SLOUCHED}
    assert states_between(story, 210, 260) == {PostureState.UPRIGHT}
    assert (200, Control.ACCEPTED) in story.controlled()
    assert (201, Control.ACCEPTED) not in story.controlled()


@pytest.mark.parametrize("upright", [True, False])
def test_no_alert_takes_the_place_of_the_question_about_a_new_baseline(*, upright: bool) -> None:
    """Its buttons would be gone; what the old baseline called a slouch ends with a yes."""
    story = Story(people_at=slumped_from(60)).ask(250, Word.RECALIBRATE)
    story.ask(400, AnswerBaseline(upright=upright)).run(600 if upright else 420)

    ((asked_s, _),) = story.sink.events(BaselineQuestioned)
    alerted_s = [t_s for t_s, _ in story.sink.events(Alerted)]
    assert asked_s < Settings().policy.fitting_grace_s < 400
    assert alerted_s == [] if upright else alerted_s[0] == pytest.approx(400, abs=2)
    assert {tick.quiet for tick in story.sink.ticks if 251 < tick.t_s < 399} == {
        QuietReason.NEW_BASELINE
    }
    assert story.sink.ticks[-1].quiet is None


def test_a_new_baseline_after_a_bad_one_needs_no_yes() -> None:
    """Whoever sits further back than before is not suspected of a slump."""
    story = Story(people_at=lambda t_s: (sitter(drop_px=45.0 if t_s < 60 else 0.0),))
    story.ask(60, Word.RECALIBRATE).run(130)

    assert story.sink.events(BaselineQuestioned) == []
    assert len(story.saved) == 1


def test_a_new_baseline_ends_that_the_old_one_no_longer_fits() -> None:
    """Somebody who rolled aside for good is judged at once, not when the doubt has drained."""
    story = Story(people_at=lambda t_s: (sitter(x_px=320.0 if t_s < 60 else 480.0),))
    story.ask(300, Word.RECALIBRATE).run(400)

    assert states_between(story, 250, 300) == {PostureState.UNKNOWN}
    assert states_between(story, 300 + TAKING_S + 5, 400) == {PostureState.UPRIGHT}
    assert story.sink.events(BaselineQuestioned) == []


def test_a_refused_baseline_leaves_the_old_one_in_use() -> None:
    """With the reason; the watch goes on as before."""
    story = Story(people_at=lambda t_s: (sitter(),) if not 60 < t_s < 80 else ())
    story.ask(60, Word.RECALIBRATE).run(120)

    ((_, refused),) = story.sink.events(ControlRefused)
    assert refused.what is Control.RECALIBRATING
    assert "nobody" in refusal_text(refused)
    assert "stays in use" in refusal_text(refused)
    assert len(story.sink.events(Calibrated)) == 1
    assert story.saved == []
    assert story.watch.totals.upright_ms > 60_000


def test_a_baseline_that_cannot_be_saved_is_used_and_said() -> None:
    """A full disk does not undo what was taken."""
    story = Story(save_error=DataError("The disk is full.", "Free some space."))
    story.ask(60, Word.RECALIBRATE).run(120)

    ((_, refused),) = story.sink.events(ControlRefused)
    assert "not saved" in refusal_text(refused)
    assert "full" in refusal_text(refused)
    assert len(story.sink.events(Calibrated)) == 2
