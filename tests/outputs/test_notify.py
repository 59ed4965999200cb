"""Notifications arrive, replace each other, and never hold up or end a watch."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from posturecam.outputs.alert_words import notice_text
from posturecam.outputs.notices import Offer, offer_label
from posturecam.outputs.notify import LIMIT_S, AlertsTo, DesktopNotifier, Notifier
from posturecam.values.commands import AnswerBaseline, Command, Inbox, Pause, Snooze, Word
from posturecam.values.events import (
    Alerted,
    AlertFollowed,
    AlertKind,
    BaselineQuestioned,
    Moved,
    Outcome,
    StaleBaseline,
)
from posturecam.values.observation import BaselineMismatch
from tests.desktops import linux_only, needs_bus, needs_dunst, running
from tests.fakes import NINE, ManualClock
from tests.outputs.test_display import tick
from tests.program import run_python
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from posturecam.values.events import Event
    from tests.desktops import Dunst

CLIENT = """
import sys, threading
from posturecam.base.clock import SystemClock
from posturecam.values.commands import Inbox
from posturecam.outputs.notify import DesktopNotifier

notifier = DesktopNotifier(Inbox(), SystemClock(), sound=True)
for title in sys.argv[1:]:
    notifier.send(title, "You have been sitting for 20 min.")
notifier.close()
notifier.close()
print(notifier.problem, notifier.lacks)
print([thread.name for thread in threading.enumerate()])
"""

# The least that a notification service has to do; it writes down every call.
SERVICE = """
import asyncio
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, method

class Notifications(ServiceInterface):
    shown = 0

    @method()
    def GetServerInformation(self) -> "ssss":
        return ["fake", "posturecam tests", "1", "1.2"]

    @method()
    def GetCapabilities(self) -> "as":
        return ["body"]

    @method()
    def Notify(
        self, app: "s", replaces: "u", icon: "s", title: "s", body: "s",
        actions: "as", hints: "a{sv}", timeout: "i"
    ) -> "u":
        self.shown += 1
        hint = [hints[name].value for name in ("urgency", "sound-name", "desktop-entry")]
        icon = icon.rsplit("/", 1)[-1]
        print("show", self.shown, app, icon, title, body, *hint, sep="|", flush=True)
        return self.shown

    @method()
    def CloseNotification(self, number: "u"):
        print("close", number, sep="|", flush=True)

async def main():
    bus = await MessageBus().connect()
    bus.export("/org/freedesktop/Notifications", Notifications("org.freedesktop.Notifications"))
    await bus.request_name("org.freedesktop.Notifications")
    print("ready", flush=True)
    await bus.wait_for_disconnect()

asyncio.run(main())
"""


def send(address: str | None, *titles: str) -> subprocess.CompletedProcess[str]:
    """Send a message for each title from a program of its own, on the bus at `address`."""
    environment = {key: value for key, value in os.environ.items() if key != "DISPLAY"}
    environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
    if address is not None:
        environment["DBUS_SESSION_BUS_ADDRESS"] = address

    return subprocess.run(
        [sys.executable, "-W", "error", "-c", CLIENT, *titles],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=environment,
        cwd=Path(__file__).resolve().parents[2],
    )


@linux_only
@needs_bus
def test_the_newest_message_takes_the_place_of_the_one_before(bus: str) -> None:
    """Each arrives with normal urgency and the sound asked for; the last is closed at the end."""
    environment = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": bus}
    with running(sys.executable, "-c", SERVICE, environment=environment) as (service, printed):
        assert printed.readline() == "ready\n"
        sent = send(bus, "Slouched", "Unchanged")
        service.terminate()
        calls = printed.read().splitlines()

    said = "You have been sitting for 20 min.|1|message-new-instant|posturecam"
    assert calls == [
        f"show|1|posturecam|posturecam.svg|Slouched|{said}",
        "close|1",
        f"show|2|posturecam|posturecam.svg|Unchanged|{said}",
        "close|2",
    ]
    assert sent.stdout == "None ('buttons', 'sounds')\n['MainThread']\n"
    assert sent.stderr == ""


@linux_only
@needs_bus
def test_a_desktop_without_a_notification_service_is_reported(bus: str) -> None:
    """The bus is there, but nobody on it shows messages."""
    sent = send(bus, ALERT_TITLE)

    assert "org.freedesktop.Notifications" in sent.stdout
    assert sent.stdout.endswith("['MainThread']\n")
    assert sent.stderr == ""


@linux_only
@pytest.mark.parametrize("address", ["unix:path=/nonexistent/bus", "nonsense", None])
def test_without_a_desktop_there_is_a_problem_and_no_exception(address: str | None) -> None:
    """A dead, misspelt or missing bus: said in `problem`, not printed, no thread left behind."""
    sent = send(address, "Slouched", "Unchanged")

    assert sent.stdout.startswith("the notification service does not work: ")
    assert ("there is no desktop here" in sent.stdout) == (address != "nonsense")
    assert sent.stdout.endswith("['MainThread']\n")
    assert sent.stderr == ""


@linux_only
def test_a_desktop_that_hangs_is_given_up_after_the_limit(tmp_path: Path) -> None:
    """A bus that takes the connection and never answers."""
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(tmp_path / "bus"))
        listener.listen()
        sent = send(f"unix:path={tmp_path / 'bus'}", ALERT_TITLE)

    assert f"no answer within {LIMIT_S:.0f} s" in sent.stdout
    assert sent.stdout.endswith("['MainThread']\n")
    assert sent.stderr == ""


LOADS_SLOWLY = """
import sys
from posturecam.base.clock import SystemClock
from posturecam.outputs.notify import LIMIT_S, DesktopNotifier
from posturecam.values.commands import Inbox

class Slow:
    def find_spec(self, name, path, target=None):
        if name == sys.argv[1]:
            SystemClock().wait_s(LIMIT_S + 0.2)

sys.meta_path.insert(0, Slow())
notifier = DesktopNotifier(Inbox(), SystemClock())
while notifier.failure is None and notifier.lacks is None:
    SystemClock().wait_s(0.05)
print(notifier.failure)
notifier.close()
"""


@needs_dunst
@pytest.mark.slow
@pytest.mark.parametrize("library", ["desktop_notifier", "dbus_fast"])
def test_a_library_that_loads_slowly_is_no_silence_of_the_service(
    dunst: Dunst, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    """As from the disk of a machine that has just started."""
    with dunst.started():
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", dunst.bus)
        assert run_python(LOADS_SLOWLY, library) == "None\n"


def test_no_notify_shows_nothing_and_has_no_problem() -> None:
    """The quiet stand-in takes the same calls."""
    notifier = Notifier()
    notifier.send("Slouched", "for 3 min")
    notifier.clear()
    notifier.close()

    assert notifier.problem is None


@pytest.fixture
def inbox() -> Inbox:
    """Where pressed buttons leave their commands."""
    return Inbox()


@pytest.fixture
def notifier(
    dunst: Dunst, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DesktopNotifier]:
    """A notifier in the desktop of `dunst`, which need not run yet."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", dunst.bus)
    with closing(DesktopNotifier(inbox, ManualClock())) as opened:
        yield opened


@needs_dunst
@pytest.mark.parametrize(
    ("offer", "command"),
    [
        (Offer.SNOOZE, Snooze(until=NINE + timedelta(minutes=30))),
        (Offer.PAUSE, Pause(until=NINE + timedelta(hours=1))),
        (Offer.RECALIBRATE, Word.RECALIBRATE),
        (Offer.ACCEPT, AnswerBaseline(upright=True)),
        (Offer.DECLINE, AnswerBaseline(upright=False)),
    ],
)
def test_a_pressed_button_asks_the_watch_and_takes_the_message_away(
    dunst: Dunst, notifier: DesktopNotifier, inbox: Inbox, offer: Offer, command: Command
) -> None:
    """In a real desktop, by the label that the user sees; it asks once."""
    with dunst.started():
        notifier.send("Same position", "For about 20 min.", tuple(Offer))
        wait_until(lambda: dunst.shown() == 1, "the message is shown")
        assert inbox.pop() is None
        dunst.press(offer_label(offer))

        asked: list[Command] = []
        wait_until(lambda: asked.append(found) if (found := inbox.pop()) else asked, "a command")
        assert asked == [command]
        wait_until(lambda: dunst.shown() == 0, "the message goes")
    assert inbox.pop() is None
    assert notifier.problem is None


@needs_dunst
def test_a_button_pressed_without_a_menu_takes_the_message_away_too(
    dunst: Dunst, notifier: DesktopNotifier, inbox: Inbox
) -> None:
    """Here dunst leaves the message on the screen, where its buttons would do nothing any more."""
    with dunst.started(at_once=Offer.PAUSE):
        notifier.send("Same position", "For about 20 min.", tuple(Offer))
        wait_until(lambda: dunst.shown() == 1, "the message is shown")
        dunst.press()
        wait_until(lambda: dunst.shown() == 0, "the message goes")
    assert inbox.pop() == Pause(until=NINE + timedelta(hours=1))


@needs_dunst
def test_a_click_beside_the_buttons_asks_for_nothing(
    dunst: Dunst, notifier: DesktopNotifier, inbox: Inbox
) -> None:
    """Whoever wipes a message away goes on being watched."""
    with dunst.started():
        notifier.send("Same position", "For about 20 min.", tuple(Offer))
        wait_until(lambda: dunst.shown() == 1, "the message is shown")
        dunst.close_all()
        wait_until(lambda: dunst.shown() == 0, "the message goes")
        notifier.close()
    assert inbox.pop() is None


@needs_dunst
def test_in_a_real_desktop_one_message_is_shown_at_a_time(
    dunst: Dunst, notifier: DesktopNotifier
) -> None:
    """The second replaces the first, also after a button of the first was pressed."""

    def gone(count: int) -> bool:
        return len(dunst.history()) == count

    with dunst.started():
        for turn in range(3):
            notifier.send(f"Message {turn}", "For about 20 min.", (Offer.SNOOZE, Offer.PAUSE))
            wait_until(partial(gone, turn), "the one before goes")
            wait_until(lambda: dunst.shown() == 1, "the newest is shown")
            if turn == 1:
                dunst.press("Snooze 30 min")
                wait_until(lambda: dunst.shown() == 0, "the message goes")
        titles = [entry["summary"]["data"] for entry in dunst.history()]

    assert titles == ["Message 1", "Message 0"]


@needs_dunst
def test_what_is_left_there_stays_beside_what_comes(
    dunst: Dunst, notifier: DesktopNotifier
) -> None:
    """Also when that is over; at the end only what has no buttons, which would ask nobody."""
    with dunst.started():
        notifier.leave("Last week", "31 % slouched.", (Offer.WEEK,))
        notifier.send("First", "For about 3 min.")
        notifier.send("Second", "For about 3 min.")
        notifier.leave("No baseline", "Take one.")
        wait_until(lambda: dunst.shown() == 3, "three messages")
        notifier.clear()
        wait_until(lambda: dunst.shown() == 2, "the alert is gone")
        notifier.close()
        wait_until(lambda: dunst.shown() == 1, "the one with buttons is gone")
        assert dunst.history()[0]["summary"]["data"] == "Last week"


@needs_dunst
def test_the_button_of_the_week_shows_the_week(
    dunst: Dunst, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And asks the watch for nothing."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", dunst.bus)
    opened: list[str] = []
    with (
        dunst.started(),
        closing(
            DesktopNotifier(inbox, ManualClock(), open_week=lambda: opened.append("week"))
        ) as notifier,
    ):
        notifier.leave("Last week", "31 % slouched.", (Offer.WEEK,))
        wait_until(lambda: dunst.shown() == 1, "the message is shown")
        dunst.press(offer_label(Offer.WEEK))
        wait_until(lambda: opened, "the week is asked for")
    assert opened == ["week"]
    assert inbox.pop() is None


@needs_dunst
def test_what_stays_is_known_to_be_shown(dunst: Dunst, notifier: DesktopNotifier) -> None:
    """Once it is, and not where no service could show it."""
    shown: list[str] = []
    notifier.leave("Last week", "31 % slouched.", when_shown=lambda: shown.append("unseen"))
    wait_until(lambda: notifier.problem, "the problem is known")
    with dunst.started():
        notifier.leave("Last week", "31 % slouched.", when_shown=lambda: shown.append("seen"))
        wait_until(lambda: shown, "somebody can see it")
        assert dunst.shown() == 1
    assert shown == ["seen"]


@needs_dunst
def test_a_service_that_comes_back_is_used_again(dunst: Dunst, notifier: DesktopNotifier) -> None:
    """Killed: the next message says so. Started again: the one after is shown, and all is well."""
    with dunst.started():
        notifier.send("First", "For about 3 min.")
        wait_until(lambda: dunst.shown() == 1, "the message is shown")
        assert notifier.problem is None

    notifier.send("Second", "For about 3 min.")
    wait_until(lambda: notifier.problem, "the problem is known")
    assert "does not work" in str(notifier.problem)
    assert "--no-notify" in str(notifier.problem)

    with dunst.started():
        notifier.send("Third", "For about 3 min.")
        wait_until(lambda: dunst.shown() == 1, "the message is shown")
        wait_until(lambda: notifier.problem is None, "the problem is over")


@needs_dunst
@pytest.mark.parametrize("markup", ["full", "no"])
def test_a_name_is_shown_as_it_is_written(
    dunst: Dunst, notifier: DesktopNotifier, markup: str
) -> None:
    """Most services take signs in a text for markup; dunst is asked which it does."""
    said = "There is no file or folder Tom & <b>Jerry</b>.mp4."
    with dunst.started(markup=markup):
        notifier.send("posturecam does not watch", said)
        wait_until(lambda: dunst.shown() == 1, "the message is shown")
        dunst.close_all()
        shown = dunst.history()[0]["body"]["data"]
    assert (unescape(shown) if markup == "full" else shown) == said
    assert ("<b>" in shown) is (markup == "no")


@needs_dunst
def test_what_another_service_shows_is_left_alone(
    dunst: Dunst, notifier: DesktopNotifier, inbox: Inbox
) -> None:
    """One that was started anew gives the number of our message to somebody else's."""
    with dunst.started():
        notifier.send("First", "For about 3 min.", tuple(Offer))
        wait_until(lambda: dunst.shown() == 1, "the message is shown")

    with dunst.started(at_once=Offer.PAUSE), closing(DesktopNotifier(Inbox(), ManualClock())) as it:
        it.send("Somebody else's", "For about 3 min.", (Offer.PAUSE,))
        wait_until(lambda: dunst.shown() == 1, "the message is shown")
        notifier.clear()
        notifier.send("Second", "For about 3 min.", tuple(Offer))
        wait_until(lambda: dunst.shown() == 2, "both are shown")
        notifier.close()
        wait_until(lambda: dunst.shown() == 1, "ours is taken away")
        assert [said["summary"]["data"] for said in dunst.history()] == ["Second"]
        dunst.press()
        wait_until(lambda: dunst.shown() == 0, "theirs is answered")
    assert inbox.pop() is None
    assert notifier.problem is None


@needs_dunst
def test_a_message_is_taken_away_when_it_is_over_and_at_the_end(
    dunst: Dunst, notifier: DesktopNotifier
) -> None:
    """Also twice; what comes after is shown, and nothing is wrong."""
    with dunst.started():
        notifier.clear()
        for count in (1, 2):
            notifier.send("Same position", "For about 20 min.", tuple(Offer))
            wait_until(lambda: dunst.shown() == 1, "the message is shown")
            notifier.clear()
            notifier.clear()
            wait_until(lambda: dunst.shown() == 0, "the message goes")
            assert len(dunst.history()) == count
        notifier.send("Same position", "For about 20 min.", tuple(Offer))
        notifier.close()
        assert dunst.shown() == 0
        assert len(dunst.history()) == 3
    assert notifier.problem is None


@needs_dunst
def test_a_service_that_hangs_holds_up_no_end(dunst: Dunst, notifier: DesktopNotifier) -> None:
    """The message cannot be taken away then; the watch ends all the same."""
    with dunst.started() as service:
        notifier.send("Same position", "For about 20 min.", tuple(Offer))
        wait_until(lambda: dunst.shown() == 1, "the message is shown")
        service.send_signal(signal.SIGSTOP)
        notifier.close()
        assert psutil.Process(service.pid).status() == psutil.STATUS_STOPPED
        service.send_signal(signal.SIGCONT)


class Shown(Notifier):
    """Stands in for the desktop: what stands there, by its title."""

    def __init__(self) -> None:
        self.title: str | None = None

    def send(self, title: str, message: str, offers: Sequence[Offer] = ()) -> None:
        """It takes the place of the one before."""
        self.title = title

    def clear(self) -> None:
        """Nothing stands there any more."""
        self.title = None


ALERT = Alerted(kind=AlertKind.SLOUCH, lasted_s=180)
STALE = StaleBaseline(mismatch=BaselineMismatch.LOWER, profile="default")
QUESTION = BaselineQuestioned(reasons=())
ALERT_TITLE, STALE_TITLE, QUESTION_TITLE = (
    notice_text(event)[0] for event in (ALERT, STALE, QUESTION)
)


def followed(outcome: Outcome) -> AlertFollowed:
    """The alert came to something."""
    return AlertFollowed(kind=AlertKind.SLOUCH, outcome=outcome, after_s=30)


@pytest.mark.parametrize(
    ("told", "event", "left"),
    [
        (ALERT, followed(Outcome.MOVED), None),
        (QUESTION, followed(Outcome.MOVED), QUESTION_TITLE),
        (ALERT, Moved(unchanged_s=9.0), ALERT_TITLE),
        (ALERT, STALE, STALE_TITLE),
    ],
)
def test_what_the_desktop_was_told_stands_there_until_it_is_over(
    told: Event, event: Event, left: str | None
) -> None:
    """An outcome ends the alert that it is of, and no question; what is new takes its place."""
    desktop = Shown()
    teller = AlertsTo(desktop)
    teller.handle(tick(told))
    assert desktop.title is not None
    teller.handle(tick(event))
    assert desktop.title == left


def test_an_outcome_and_the_next_alert_in_one_turn_leave_the_alert() -> None:
    """As when one was ignored while another fell due."""
    desktop = Shown()
    teller = AlertsTo(desktop)
    teller.handle(tick(ALERT))
    teller.handle(tick(followed(Outcome.IGNORED), ALERT))
    assert desktop.title == ALERT_TITLE


@pytest.mark.parametrize(
    ("told", "stands_s", "left"),
    [(ALERT, 299, ALERT_TITLE), (ALERT, 300, None), (STALE, 3600, STALE_TITLE)],
)
def test_an_alert_of_which_nobody_sees_what_followed_stands_for_five_minutes(
    told: Event, stands_s: float, left: str | None
) -> None:
    """As after a minute of not knowing; what is not answered by sitting up stays."""
    desktop = Shown()
    teller = AlertsTo(desktop)
    teller.handle(replace(tick(told), t_s=100.0))
    teller.handle(replace(tick(), t_s=100.0 + stands_s))
    assert desktop.title == left
