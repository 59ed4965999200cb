"""A baseline that is taken beside a running watch: who has the camera, and what follows."""

from __future__ import annotations

import json
import signal
import subprocess
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from posturecam.alerts.suppression import DesktopState
from posturecam.base.clock import SystemClock
from posturecam.base.errors import AlreadyRunningError, DataError, NotRunningError
from posturecam.base.paths import AppPaths
from posturecam.commands.borrowing import as_watched, camera_of_watch, goes_on_with
from posturecam.outputs.status import StatusBoard
from posturecam.outputs.view_memory import ViewMemory
from posturecam.pose.measures import measure
from posturecam.posture.anchors import Anchor
from posturecam.posture.profiles import Kept
from posturecam.posture.taught import Taught
from posturecam.values.commands import Inbox, Word
from posturecam.values.events import (
    Calibrated,
    Control,
    ControlRefused,
    Refusal,
    Sampled,
)
from posturecam.values.observation import PostureState, Stance, UnknownReason, View
from posturecam.values.reasons import Lesson
from posturecam.values.settings import Settings, Thresholds
from posturecam.watch.broadcast import Beginning, Update, WatchStory, read_beginning
from posturecam.watch.channel import Channel
from posturecam.watch.client import borrowing
from posturecam.watch.controls import Controls
from posturecam.watch.lending import NO_CALL_FOR_S, Lending, Loan, read_loan
from posturecam.watch.protocol import RefusedError, line_of
from posturecam.watch.requests import Requests
from posturecam.watch.server import LENT_AT_MOST_S, ControlServer
from posturecam.watch.sockets import Sockets
from tests.fakes import NINE, ManualClock, sitter
from tests.light_watch import light, watching
from tests.program import DEMO_CLIP, posturecam
from tests.sitters import baseline_of
from tests.started import Started
from tests.streams import MjpegServer, clip_jpegs
from tests.waiting import DEADLINE_S, wait_until
from tests.watch.test_controlled_watch import Story

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def kept(drop_px: float = 0.0, *, minute: int = 1, limits: Thresholds | None = None) -> Kept:
    """A profile of somebody who sat so, taken so many minutes past nine."""
    baseline = baseline_of(measure(sitter(drop_px=drop_px)))
    taken = replace(baseline, taken_at=NINE + timedelta(minutes=minute))
    return Kept(sitting=taken, standing=None, limits=limits or Thresholds())


def slumped(**how: Any) -> Story:
    """Somebody who sits slumped, by the baseline of before; something is kept at 60 s."""
    story = Story(
        people_at=lambda _: (sitter(drop_px=45.0),), baseline=kept(minute=0).sitting, **how
    )
    return story.ask(60, Word.RELOAD)


def states_after(story: Story, from_s: float) -> set[PostureState]:
    """The states from then on."""
    return {event.state for t_s, event in story.sink.events(Sampled) if t_s >= from_s}


# What a running watch makes of a baseline that was taken beside it


def test_a_running_watch_goes_on_with_a_new_baseline() -> None:
    """As one that begins would; what the one before called a slouch is over, and it is logged."""
    limits = replace(Thresholds(), neck_deg=25.0)
    story = slumped(on_disk=kept(45.0, limits=limits)).run(120)

    assert states_after(story, 62) == {PostureState.UPRIGHT}
    (_, first), (at_s, new) = story.sink.events(Calibrated)
    assert at_s == pytest.approx(60, abs=1)
    assert (new.taken_now, new.replaces, first.replaces) == (False, True, False)
    assert new.taken_at == NINE + timedelta(minutes=1)
    assert new.limits_deg == limits.values_deg() != first.limits_deg
    story.assert_accounted_for()


def test_what_shows_a_watch_has_the_new_limits() -> None:
    """Its status, its live view, and the greeting of whoever follows it from now on."""
    limits = replace(Thresholds(), neck_deg=25.0)
    board, story = StatusBoard(Settings(), live=True), slumped(on_disk=kept(45.0, limits=limits))
    told = WatchStory(Beginning.of(Settings(), live=True), lambda: Update(turn=None))
    view = ViewMemory()
    for tick in story.run(120).sink.ticks:
        board.handle(tick)
        view.handle(tick)
        told.handle(tick)
    told.news()
    assert view.limited(Settings()).posture.thresholds == limits
    record = board.record(in_force=Requests(), turned_s_ago=0.0)
    assert record["limits_deg"]["neck"] == 25.0  # type: ignore[index]
    assert read_beginning(told.greeting().split(b"\n")[0]).limits_deg == limits.values_deg()


def test_where_nothing_is_new_nothing_is_said() -> None:
    """Somebody gave up: the watch goes on with the one it has."""
    story = slumped(on_disk=kept(minute=0)).run(120)
    assert len(story.sink.events(Calibrated)) == 1
    assert states_after(story, 90) == {PostureState.SLOUCHED}


def test_what_a_profile_was_taught_meanwhile_is_known_at_once() -> None:
    """The guided minute, or a pose that was forgotten."""
    anchor = Anchor(
        lesson=Lesson.NO_SLOUCH,
        view=View.FRONT,
        pose=measure(sitter(drop_px=45.0)),
        baseline=kept().sitting.centre,
        model_sha256="ab" * 32,
        at=NINE,
    )
    story = slumped(on_disk=kept(minute=0))
    story.at(50, lambda: setattr(story, "taught", Taught(anchors=(anchor,)))).run(120)
    assert len(story.sink.events(Calibrated)) == 1
    chances = [event.slouch_probability for _, event in story.sink.events(Sampled)]
    assert chances[-1] < chances[30] - 0.02


def test_one_that_cannot_be_used_changes_nothing() -> None:
    """And the watch says why."""
    story = slumped(load_error=DataError("The profile is damaged.", "Take it anew.")).run(120)
    ((_, refused),) = story.sink.events(ControlRefused)
    assert (refused.what, refused.why) == (Control.RELOADING, Refusal.UNUSABLE)
    assert "The profile is damaged." in refused.error
    assert states_after(story, 90) == {PostureState.SLOUCHED}


def test_a_watch_with_a_baseline_of_its_own_keeps_it() -> None:
    """From the beginning of the source: no profile is its own."""
    story = Story().ask(60, Word.RELOAD).run(80)
    assert len(story.sink.events(Calibrated)) == 1


def test_a_taking_that_goes_on_is_over_with_another_baseline() -> None:
    """There is one already."""
    story = slumped(on_disk=kept(45.0)).ask(55, Word.RECALIBRATE).run(200)
    assert len(story.sink.events(Calibrated)) == 2
    assert story.saved == []


def test_a_standing_baseline_that_is_new_comes_into_use() -> None:
    """Beside the one of somebody sitting, which is the same."""
    stands = replace(kept(minute=5).sitting, stance=Stance.STANDING)
    story = slumped(on_disk=replace(kept(minute=0), standing=stands)).run(120)
    assert [event.stance for _, event in story.sink.events(Calibrated)] == [None, Stance.SITTING]


# Who has the camera

LOAN = Loan(source="0", model="full", profile="desk")


class Obliging(Lending):
    """Of a feed that lets go of the camera as soon as it is asked for."""

    def begin(self) -> None:
        """Asked, it sees so at once."""
        super().begin()
        self.is_free = lambda: True
        self.rest_reason()


def lending(loan: Loan = LOAN, kind: type[Lending] = Lending) -> tuple[Lending, Inbox, ManualClock]:
    """A camera, where the watch hears of it, and its clock."""
    clock, inbox = ManualClock(), Inbox()
    return kind(loan, clock=clock, inbox=inbox), inbox, clock


def test_a_camera_is_lent_once_nothing_is_held_of_it() -> None:
    """Not before the feed knows that it must not look; given back, the watch looks for news."""
    it, inbox, _ = lending()
    it.is_free = lambda: True
    assert it.rest_reason() is None
    it.begin()
    assert it.terms() is None
    assert it.rest_reason() is UnknownReason.CALIBRATING
    it.is_free = lambda: False
    assert it.terms() is None
    it.is_free = lambda: True
    assert read_loan(it.terms() or {}) == LOAN
    it.end()
    assert it.rest_reason() is None
    assert inbox.pop() == Word.RELOAD

    it.begin()
    assert it.terms() is None  # the feed has not been asked yet, this time


def test_a_watch_of_a_file_has_nothing_to_lend() -> None:
    """It says so at once, and goes on."""
    it, _, _ = lending(Loan(source=None, model="full", profile="desk"))
    it.begin()
    assert read_loan(it.terms() or {}).source is None
    assert it.rest_reason() is None


def test_what_is_no_loan_is_refused() -> None:
    """As of another version."""
    with pytest.raises(RefusedError, match="another version"):
        read_loan({"ok": True})


def test_whoever_takes_a_baseline_is_in_no_call() -> None:
    """Though it has the camera, and had it a moment ago; the microphone still tells."""
    wanted = DesktopState(camera_wanted=True, in_call=True)
    it, _, clock = lending()
    assert it.without_borrower(wanted).camera_wanted
    it.begin()
    assert it.without_borrower(wanted) == DesktopState(camera_wanted=False, in_call=True)
    it.end()
    assert not it.without_borrower(wanted).camera_wanted
    clock.wait_s(NO_CALL_FOR_S)
    assert it.without_borrower(wanted).camera_wanted


@pytest.fixture
def paths(tmp_path: Path) -> AppPaths:
    """The folders of a user."""
    return AppPaths(data=tmp_path, config=tmp_path)


@pytest.fixture
def lent(paths: AppPaths) -> Iterator[tuple[Lending, Inbox]]:
    """A camera that is free as soon as it is asked for, at the channel of a watch."""
    it, inbox, _ = lending(kind=Obliging)
    with channel(paths.control, it, inbox):
        yield it, inbox


@contextmanager
def channel(address: Path, lent: Lending, inbox: Inbox) -> Iterator[Channel]:
    """The channel of a watch."""
    clock = SystemClock()
    with Channel(
        address,
        inbox=inbox,
        board=StatusBoard(Settings(), live=True),
        controls=Controls(clock, Settings()),
        clock=clock,
        beginning=Beginning.of(Settings(), live=True),
        lending=lent,
    ) as it:
        yield it


def test_a_camera_is_borrowed_by_one_program_at_a_time(
    lent: tuple[Lending, Inbox], paths: AppPaths
) -> None:
    """And comes back with the end of the connection, whatever ended it."""
    it, inbox = lent
    with borrowing(paths.control) as loan:
        assert loan == LOAN
        assert it.rest_reason() is UnknownReason.CALIBRATING
        with pytest.raises(AlreadyRunningError), borrowing(paths.control):
            pass
    wait_until(lambda: it.rest_reason() is None, "it is back")
    assert inbox.pop() == Word.RELOAD
    with pytest.raises(OSError, match="of the block"), borrowing(paths.control):
        raise OSError("of the block")
    wait_until(lambda: it.rest_reason() is None, "it is back again")


def test_a_camera_that_is_not_let_go_of_is_not_borrowed(paths: AppPaths) -> None:
    """The watch has it back when nobody waits any longer."""
    it, inbox, _ = lending()
    with channel(paths.control, it, inbox):
        end = Sockets().connect(paths.control, 5.0)
        end.sendall(line_of({"do": "borrow"}))
        wait_until(lambda: it.rest_reason() is not None, "it is asked for")
        end.close()
        wait_until(lambda: it.rest_reason() is None, "nobody waits")


def test_a_camera_that_is_kept_comes_back_by_itself(tmp_path: Path) -> None:
    """A window that nobody answers is not to end the watching of a day."""
    it, _, clock = lending(kind=Obliging)
    address = tmp_path / "control.sock"
    with ControlServer(address, lambda _: {}, clock=clock, lender=it), borrowing(address):
        clock.wait_s(LENT_AT_MOST_S)
        wait_until(lambda: it.rest_reason() is None, "it is back")


def test_what_has_no_camera_lends_none(tmp_path: Path) -> None:
    """Such as another program at that address; and where there is none, nobody is asked."""
    address = tmp_path / "control.sock"
    with pytest.raises(NotRunningError), borrowing(address):
        pass
    with (
        ControlServer(address, lambda _: {}, clock=SystemClock()),
        pytest.raises(DataError, match="nothing to borrow"),
        borrowing(address),
    ):
        pass


@pytest.mark.parametrize(
    ("given", "taken_by"),
    [
        ({}, ("0", "full", "desk")),
        ({"profile": "other"}, ("0", "full", "other")),
        ({"model": "lite"}, ("0", "lite", "desk")),
        ({"source": "1"}, None),
    ],
)
def test_a_baseline_for_a_watch_is_taken_as_it_watches(
    given: dict[str, str], taken_by: tuple[str, ...] | None
) -> None:
    """Camera, model and profile, but for what was named."""
    settings = as_watched(LOAN, Settings().having(given), given)
    if taken_by is None:
        assert settings is None
    else:
        assert settings is not None
        assert (settings.source, settings.model, settings.profile) == taken_by
    assert as_watched(None, Settings(), given) is None
    own = as_watched(replace(LOAN, profile=None), Settings(), {})
    assert own is not None
    assert own.profile == Settings().profile


def test_a_file_needs_no_camera(lent: tuple[Lending, Inbox], paths: AppPaths) -> None:
    """The watch goes on; what comes of the file it is told of."""
    settings = Settings(source=str(DEMO_CLIP))
    given = {"source": str(DEMO_CLIP)}
    with camera_of_watch(paths, settings, given, SystemClock()) as loan:
        assert loan is None
        assert lent[0].rest_reason() is None
    assert goes_on_with(paths, "desk")
    assert not goes_on_with(paths, "another")
    assert lent[1].pop() == Word.RELOAD


def test_without_a_watch_nothing_is_borrowed(paths: AppPaths) -> None:
    """Nor does anybody go on with it."""
    with camera_of_watch(paths, Settings(), {}, SystemClock()) as loan:
        assert loan is None
    assert not goes_on_with(paths, "default")


# With the real program, in two processes, at a real stream


@pytest.fixture
def camera(home: Path) -> Iterator[MjpegServer]:
    """A stream, and a baseline of who sits before it."""
    with MjpegServer(clip_jpegs(DEMO_CLIP, limit=40), rate_hz=10) as it:
        taken = take("--source", it.url)
        assert taken.returncode == 0, taken.stderr
        yield it
    assert home.is_dir()


def take(*words: str) -> subprocess.CompletedProcess[str]:
    """Takes a baseline in a process of its own, to its end."""
    command = light("calibrate", "--takes", "1", "--seconds", "4", *words)
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def heard(process: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    """What the watch reports."""
    assert process.stdout is not None
    return map(json.loads, process.stdout)


def until(records: Iterator[dict[str, Any]], **wanted: object) -> dict[str, Any]:
    """The next record with these values."""
    return next(record for record in records if wanted.items() <= record.items())


@pytest.mark.slow
def test_a_baseline_is_taken_while_a_watch_runs(camera: MjpegServer, tmp_path: Path) -> None:
    """By another process, without a word of camera and profile: the watch lends its own.

    It goes on with the new one, and the log has both.
    """
    with watching(camera, calibrate=None) as watch:
        records = heard(watch)
        first = until(records, type="calibrated")
        until(records, type="sample")
        taken = take()
        assert taken.returncode == 0, taken.stderr
        assert "The watch that runs lets go of the camera for it." in taken.stdout
        assert "The watch that runs goes on with it." in taken.stdout
        until(records, type="camera", status="released")
        # A machine that stood still for three seconds is a gap of its own, and upright again.
        paused = until(records, type="state", to="paused")
        assert paused["reasons"] == ["a baseline is being taken"]
        new = until(records, type="calibrated")
        assert not new["taken_now"]
        assert new["taken_at"] > first["taken_at"]
        assert until(records, type="state")["from"] == "paused"
        assert posturecam("stop").returncode == 0
        assert watch.wait(DEADLINE_S) == 0
    assert posturecam("export", tmp_path / "out", "--tables", "calibrations").returncode == 0
    (table,) = (tmp_path / "out").glob("calibrations.*")
    assert len(table.read_text(encoding="utf-8").splitlines()) == 3


@pytest.mark.slow
def test_whatever_becomes_of_a_baseline_the_watch_goes_on(camera: MjpegServer) -> None:
    """The program that takes it is killed, ended with Ctrl-C, or sees nobody."""
    with watching(camera, calibrate=None) as watch:
        records = heard(watch)
        until(records, type="sample")
        for ended_by in (signal.SIGKILL, signal.SIGINT):
            with Started(light("calibrate"), stdout=subprocess.PIPE, text=True) as taking:
                assert taking.stdout is not None
                next(line for line in taking.stdout if "take 1" in line)
                taking.send_signal(ended_by)
            until(records, type="state", to="paused")  # perhaps after a gap of a slow machine
            assert until(records, type="state")["from"] == "paused"
            until(records, type="sample")
        refused = take("--profile", "../elsewhere")
        assert refused.returncode == 2
        until(records, type="sample", state="upright")
        watch.kill()
        assert not any(record["type"] == "calibrated" for record in records)
