"""What the tray shows of a watch: which icon, which line, which menu."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from posturecam.base.errors import UsageError
from posturecam.base.paths import AppPaths
from posturecam.tray.calibration_words import (
    Saved,
    failed_page,
    introduction,
    offer_page,
    saved_page,
    step_names,
    step_page,
    take_names,
    take_view,
)
from posturecam.tray.icons import GRID, PICTURES, Disc, Icon, icon_of
from posturecam.tray.menu import Deed, command_of, menu, tooltip
from posturecam.tray.opening import no_package, open_tray
from posturecam.tray.seen import Seeing, Seen
from posturecam.values.commands import Pause, Snooze, Word
from posturecam.values.events import CameraChanged, CameraStatus, Moved, Tick
from posturecam.values.observation import (
    Posing,
    PostureState,
    Reading,
    TakeProgress,
    UnknownReason,
    View,
)
from posturecam.values.reasons import Lesson, SlouchSign
from posturecam.values.settings import Ambient, PolicySettings, Settings
from posturecam.watch.broadcast import Beginning, Update
from posturecam.watch.requests import Requests
from tests.fakes import NINE, ManualClock
from tests.fakes import seen as seen_sign
from tests.posture.test_profiles import baseline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from posturecam.tray.icons import Shape
    from posturecam.tray.menu import Entry
    from posturecam.values.observation import Reason

SETTINGS = Settings(policy=PolicySettings(unchanged_after_s=1200.0, break_after_s=3000.0))
UPRIGHT, SLOUCHED = PostureState.UPRIGHT, PostureState.SLOUCHED
FORWARD = (seen_sign(SlouchSign.UPPER_BACK_FORWARD, 17.2), seen_sign(SlouchSign.HEAD_FORWARD, 14.0))
OPEN = CameraChanged(status=CameraStatus.OPEN, detail="camera 0")


def turn(
    state: PostureState = UPRIGHT,
    *,
    provisional: PostureState | None = None,
    newest: PostureState | None = None,
    unchanged_s: float = 60.0,
    sitting_s: float = 600.0,
    camera: CameraStatus | None = None,
    reasons: tuple[Reason, ...] = (),
) -> Tick:
    """A turn of the loop, ten minutes after it began."""
    if state is PostureState.PAUSED:
        reasons = (UnknownReason.IN_A_CALL,)
    reading = Reading(
        start_s=599.0,
        t_s=600.0,
        state=state,
        view=View.FRONT,
        provisional=provisional,
        newest=newest,
        reasons=reasons,
    )
    events = () if camera is None else (CameraChanged(status=camera, detail="unplugged"),)
    return Tick(
        t_s=600.0,
        at=NINE,
        reading=reading,
        events=events,
        unchanged_s=unchanged_s,
        sitting_s=sitting_s,
        resting=UnknownReason.IN_A_CALL if state is PostureState.PAUSED else None,
    )


def begun() -> Seen:
    """What is known of a watch that has only begun to speak."""
    seeing = Seeing()
    seeing.begin(Beginning.of(SETTINGS, live=True))
    return seeing.seen


def following(*story: Update) -> Seen:
    """What is known after a camera was opened and these lines."""
    seeing = Seeing()
    seeing.begin(Beginning.of(SETTINGS, live=True))
    seeing.hear(Update(turn=Tick(t_s=0.0, at=NINE, reading=None, events=(OPEN,)), past=True))
    for told in story:
        seeing.hear(told)
    return seeing.seen


def seen_of(state: PostureState = UPRIGHT, **more: object) -> Seen:
    """What is known after such a turn."""
    return following(Update(turn=turn(state, **more)))  # type: ignore[arg-type]


IN_A_CALL = turn(PostureState.PAUSED, camera=CameraStatus.RELEASED)
PAUSED = following(Update(turn=turn(), in_force=Requests(paused=True)))
TAKING = Tick(
    t_s=600.0,
    at=NINE,
    reading=None,
    taking=TakeProgress(take=1, takes=1, holding=True, left_s=3.0, samples=20, unknown_reason=None),
)
SNOOZED = following(Update(turn=turn(), in_force=Requests(snoozed_until=NINE)))


@pytest.mark.parametrize(
    ("seen", "icon"),
    [
        (Seen(), Icon.NO_WATCH),
        (seen_of(), Icon.UPRIGHT),
        (seen_of(SLOUCHED), Icon.SLOUCHED),
        (seen_of(SLOUCHED, provisional=UPRIGHT), Icon.UPRIGHT),
        (seen_of(UPRIGHT, provisional=SLOUCHED), Icon.UPRIGHT),
        (seen_of(unchanged_s=1199.0), Icon.UPRIGHT),
        (seen_of(unchanged_s=1200.0), Icon.UNCHANGED),
        (seen_of(sitting_s=3000.0, unchanged_s=1500.0), Icon.BREAK_DUE),
        (seen_of(SLOUCHED, sitting_s=3000.0), Icon.SLOUCHED),
        (seen_of(PostureState.AWAY, sitting_s=3000.0, unchanged_s=1500.0), Icon.NOBODY),
        (seen_of(PostureState.UNKNOWN), Icon.NOBODY),
        (PAUSED, Icon.PAUSED),
        (seen_of(PostureState.PAUSED, camera=CameraStatus.RELEASED), Icon.PAUSED),
        (following(Update(turn=replace(IN_A_CALL, reading=None))), Icon.PAUSED),
        (following(Update(turn=TAKING)), Icon.PAUSED),
        (following(Update(turn=TAKING), Update(turn=None, turned_s_ago=9.0)), Icon.CAMERA_AWAY),
        (seen_of(camera=CameraStatus.LOST), Icon.CAMERA_AWAY),
        (seen_of(camera=CameraStatus.BACK), Icon.UPRIGHT),
        (following(Update(turn=turn()), Update(turn=None, turned_s_ago=9.0)), Icon.CAMERA_AWAY),
        (following(), Icon.NOBODY),
        (begun(), Icon.CAMERA_AWAY),
    ],
)
def test_the_icon_says_what_matters_most(seen: Seen, icon: Icon) -> None:
    """A slouch before a break that is due, being back at once, and no claim without a camera."""
    assert icon_of(seen) is icon


def test_each_icon_has_a_shape_of_its_own() -> None:
    """So that nobody needs the colours."""
    assert PICTURES.keys() == set(Icon)
    for one, other in combinations(PICTURES.values(), 2):
        assert one.shapes != other.shapes


@pytest.mark.parametrize("icon", Icon)
def test_an_icon_stays_on_its_ground(icon: Icon) -> None:
    """With the width of its lines, so that no panel cuts it off."""
    for x, y, reach in (spot for shape in PICTURES[icon].shapes for spot in _spots(shape)):
        assert reach <= x <= GRID - reach
        assert reach <= y <= GRID - reach


def _spots(shape: Shape) -> Iterator[tuple[float, float, float]]:
    if isinstance(shape, Disc):
        yield shape.x, shape.y, shape.radius
    else:
        yield from ((x, y, shape.width / 2) for x, y in shape.points)


@pytest.mark.parametrize("icon", Icon)
def test_white_and_dark_panels_stand_out_from_the_ground(icon: Icon) -> None:
    """By the contrasts that WCAG asks for: 4.5 of what is drawn on it, 3 of the panel around it."""
    light = _luminance(PICTURES[icon].ground)
    assert 1.05 / (light + 0.05) >= 4.5
    assert (light + 0.05) / (_luminance("#1e1e1e") + 0.05) >= 2.2
    assert (light + 0.05) / 0.05 >= 3


def _luminance(colour: str) -> float:
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("seen", "text"),
    [
        (Seen(), "posturecam: no watch is running"),
        (Seen(trouble="The watch does not answer."), "posturecam: The watch does not answer."),
        (seen_of(), "posturecam: upright 10 min, break in 40 min"),
        (seen_of(SLOUCHED, provisional=UPRIGHT), "posturecam: back upright, break in 40 min"),
        (
            seen_of(SLOUCHED, reasons=FORWARD),
            "posturecam: slouched 10 min, break in 40 min (upper back about 17° forward)",
        ),
        (
            seen_of(SLOUCHED, reasons=FORWARD, provisional=UPRIGHT),
            "posturecam: back upright, break in 40 min",
        ),
        (seen_of(reasons=FORWARD), "posturecam: upright 10 min, break in 40 min"),
        (begun(), "posturecam: it is starting"),
    ],
)
def test_the_tooltip_is_one_line(seen: Seen, text: str) -> None:
    """That of `status --format line`, and of a slouch that counts how far off it is."""
    assert tooltip(seen, NINE) == text


def test_what_happened_before_is_not_news() -> None:
    """It counts for what is known, and nobody is alerted of it."""
    moved = Tick(t_s=700.0, at=NINE, reading=None, events=(Moved(unchanged_s=60.0),))
    assert following(Update(turn=moved, past=True)).events == ()
    assert following(Update(turn=moved)).events == moved.events


def test_a_watch_that_ended_is_not_remembered() -> None:
    """Nor does a line that comes late say anything."""
    seeing = Seeing()
    seeing.begin(Beginning.of(SETTINGS, live=True))
    seeing.lose("It broke.")
    seeing.hear(Update(turn=turn()))
    assert seeing.seen == Seen(trouble="It broke.")


def deeds(entries: tuple[Entry, ...]) -> list[Deed | Ambient]:
    """Everything that can be done."""
    found: list[Deed | Ambient] = []
    for entry in entries:
        found += deeds(entry.entries) if entry.entries else [entry.deed] if entry.deed else []
    return found


ALWAYS = [Deed.CALIBRATE, Deed.OPEN_TODAY, *Ambient]
PAUSES = [Deed.PAUSE_30_MIN, Deed.PAUSE_1_H, Deed.PAUSE_UNTIL_TOMORROW]


@pytest.mark.parametrize(
    ("seen", "offered"),
    [
        (Seen(), [Deed.START, *ALWAYS, Deed.QUIT]),
        (seen_of(), [*PAUSES, Deed.SNOOZE, Deed.WRONG, *ALWAYS, Deed.STOP, Deed.QUIT]),
        (SNOOZED, [*PAUSES, Deed.RESUME, Deed.WRONG, *ALWAYS, Deed.STOP, Deed.QUIT]),
        (PAUSED, [Deed.RESUME, *ALWAYS, Deed.STOP, Deed.QUIT]),
    ],
)
def test_the_menu_offers_what_can_be_done(seen: Seen, offered: list[Deed | Ambient]) -> None:
    """And nothing else."""
    assert deeds(menu(seen, NINE)) == offered


def test_one_of_what_is_done_to_the_screens_is_chosen() -> None:
    """And where nothing can be done to them that stands there."""
    (screens,) = (entry for entry in menu(Seen(), NINE, Ambient.DIM) if entry.entries)
    assert [entry.deed for entry in screens.entries if entry.chosen] == [Ambient.DIM]
    texts = [entry.text for entry in menu(Seen(), NINE, None) if entry.deed is None]
    assert "This desktop lets no program light up the screens" in texts
    assert not {*Ambient} & {*deeds(menu(Seen(), NINE, None))}


def test_the_menu_begins_with_the_state() -> None:
    """Which is not to be clicked."""
    first = menu(seen_of(), NINE)[0]
    assert (first.text, first.deed) == ("Upright 10 min, break in 40 min", None)


def test_quitting_says_what_becomes_of_the_watch() -> None:
    """It goes on."""
    assert menu(seen_of(), NINE)[-1].text == "Quit, and keep watching"
    assert menu(Seen(), NINE)[-1].text == "Quit"


def test_each_entry_asks_the_watch_for_what_it_says() -> None:
    """With moments on the clock on the wall; the rest is not the business of the watch."""
    asked = {deed: command_of(deed, NINE, UTC) for deed in Deed}
    assert {deed: command for deed, command in asked.items() if command is not None} == {
        Deed.PAUSE_30_MIN: Pause(until=NINE + timedelta(minutes=30)),
        Deed.PAUSE_1_H: Pause(until=NINE + timedelta(hours=1)),
        Deed.PAUSE_UNTIL_TOMORROW: Pause(until=datetime(2026, 3, 3, 6, tzinfo=UTC)),
        Deed.SNOOZE: Snooze(until=NINE + timedelta(minutes=30)),
        Deed.RESUME: Word.RESUME,
        Deed.WRONG: Word.WRONG,
        Deed.STOP: Word.STOP,
    }


@pytest.mark.parametrize(
    ("error", "what", "remedy"),
    [
        (ModuleNotFoundError("No module named 'PySide6'"), "needs the package PySide6", "install "),
        (ImportError("libEGL.so.1: none"), "does not load: libEGL.so.1", "apt install libegl1"),
    ],
)
def test_what_is_missing_for_it_is_named(error: ImportError, what: str, remedy: str) -> None:
    """The package, or the libraries of the system; with the code of an incomplete installation."""
    refused = no_package(error)
    assert refused.exit_code == 1
    assert what in refused.what
    assert remedy in refused.remedy.lower()


def test_without_a_desktop_there_is_another_way(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is loaded."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UsageError, match="no desktop here"):
        open_tray(AppPaths(data=home, config=home), clock=ManualClock(), stream=io.StringIO())


GETTING_READY = TakeProgress(
    take=1, takes=3, holding=False, left_s=3.4, samples=0, unknown_reason=None
)


def test_a_take_says_what_to_do_and_for_how_long() -> None:
    """To sit up, and then to hold; and before a further one, to sit down anew."""
    first, again = take_view(GETTING_READY), take_view(replace(GETTING_READY, take=2))
    assert (first.title, first.count, first.done) == ("Sit comfortably upright", "3", 0)
    assert again.note.startswith("Get up, then sit down again")
    assert again.done == 1
    held = take_view(replace(GETTING_READY, holding=True, left_s=None))
    assert (held.title, held.count, held.holding) == ("Hold", "", True)


def test_a_take_says_at_once_what_is_wrong_with_the_picture() -> None:
    """While something can be done about it."""
    dark = replace(GETTING_READY, holding=True, unknown_reason=UnknownReason.TOO_DARK)
    assert take_view(dark).note == "Not counted now: too dark."


def test_a_step_of_the_guided_minute_says_what_to_do() -> None:
    """Under its own bar; and again, with the reason, where it showed nothing."""
    lower = take_view(replace(GETTING_READY, posing=Posing.CHAIR_LOWER))
    assert (lower.title, lower.done) == ("Sit upright, lower", 1)
    assert step_names() == ("Chair nearer", "Chair lower", "Your slouch")
    asked = step_page(Lesson.OWN_SLOUCH, "")
    assert asked.title == "Chair as before: sit the way you do when you are tired."
    assert (asked.picture, step_page(Lesson.CHAIR_LOWER, "").picture) == (
        Icon.SLOUCHED,
        Icon.UPRIGHT,
    )
    again = step_page(Lesson.OWN_SLOUCH, "It hardly differs.\nGo a little further.")
    assert again.note == f"It hardly differs. Go a little further. {asked.note}"


STILL = replace(baseline(), quality=0.9)


@pytest.mark.parametrize(
    ("saved", "more"),
    [
        (Saved(baseline=STILL), ""),
        (Saved(baseline=STILL, goes_on=True), " The watch that runs goes on with it."),
        (Saved(baseline=replace(STILL, profile="home")), " It is kept as home."),
        (
            Saved(baseline=replace(STILL, centre=replace(STILL.centre, shoulder_y=0.7))),
            " Your shoulders are close to the lower edge of the picture. A camera that is tilted"
            " down a little tells more; then calibrate again.",
        ),
        (
            Saved(baseline=STILL, learned=2),
            " Learned. Now put the chair back as it was for the baseline.",
        ),
        (
            Saved(baseline=STILL, learned=1, trouble="The camera is gone.\nPlug it in."),
            " The camera is gone. Plug it in.",
        ),
    ],
)
def test_a_baseline_is_praised_as_it_deserves(saved: Saved, more: str) -> None:
    """In words, as a sentence, with what becomes of it; whatever ended the minute after it."""
    page = saved_page(saved)
    assert page.title == "The baseline is saved"
    assert page.note == f"Front view, from 50 looks in 1 take, held very still.{more}"


def test_before_and_after_a_baseline_the_window_says_what_comes() -> None:
    """How often to sit down; what else can be shown; and why there is none."""
    assert introduction().note.startswith("3 takes")
    assert take_names() == ("Take 1", "Take 2", "Take 3")
    assert offer_page(STILL).note.startswith(
        "Front view, from 50 looks in 1 take, held very still."
    )
    assert "Teach it your chair" in offer_page(STILL).note
    assert failed_page("Too dark.\nTurn on a light.").note == "Too dark. Turn on a light."


def test_without_a_watch_nothing_is_due() -> None:
    """Nor suppressed."""
    seen = Seen()
    assert (seen.quiet, seen.break_due, seen.unchanged_too_long) == (None, False, False)
