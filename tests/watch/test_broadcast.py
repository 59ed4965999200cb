"""Following a running watch: what is told, to how many, and that nobody can hold it up."""

from __future__ import annotations

import json
import socket
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from posturecam.base.clock import SystemClock
from posturecam.base.errors import DataError, NotRunningError
from posturecam.outputs.status import StatusBoard
from posturecam.values.commands import Inbox
from posturecam.values.events import CameraChanged, CameraStatus, Control, Controlled, StateChanged
from posturecam.values.observation import PostureState, UnknownReason
from posturecam.values.settings import PolicySettings, Settings
from posturecam.values.totals import Totals
from posturecam.values.wire import to_plain
from posturecam.watch.broadcast import Beginning
from posturecam.watch.channel import Channel
from posturecam.watch.client import Followed, ask, following
from posturecam.watch.controls import Controls
from posturecam.watch.lending import Lending, Loan
from posturecam.watch.protocol import line_of
from posturecam.watch.server import BEAT_EVERY_S, MOST_FOLLOWERS, MOST_UNREAD_BYTES
from tests.fakes import NINE, ManualClock
from tests.outputs.test_live_rows import OPENED, turn
from tests.waiting import DEADLINE_S, FastClock, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from posturecam.base.clock import Clock
    from posturecam.values.events import Tick
    from posturecam.watch.broadcast import Update

pytestmark = pytest.mark.skipif(
    not hasattr(socket, "AF_UNIX"), reason="this system has no sockets in the file system"
)

SLOUCHED = StateChanged(from_state=PostureState.UPRIGHT, to_state=PostureState.SLOUCHED, reasons=())
SETTINGS = Settings(profile="desk", policy=PolicySettings(break_after_s=3000.0))


@contextmanager
def channel(address: Path, clock: Clock | None = None) -> Iterator[Channel]:
    """The channel of a watch; on a clock that stands still no beat comes between what is told."""
    clock, inbox = clock or SystemClock(), Inbox()
    loan = Loan(source="0", model="full", profile=None)
    with Channel(
        address,
        inbox=inbox,
        board=StatusBoard(SETTINGS, live=True),
        controls=Controls(clock, SETTINGS),
        clock=clock,
        beginning=Beginning.of(SETTINGS, live=True),
        lending=Lending(loan, clock=clock, inbox=inbox),
    ) as it:
        yield it


def next_told(followed: Followed, count: int) -> list[Update]:
    """So many of the next lines."""
    return list(islice((told for told in followed.updates() if told is not None), count))


def kinds(told: list[Update]) -> list[tuple[bool, list[str]]]:
    """Of each whether it is past, and its events."""
    return [
        (one.past, [] if one.turn is None else [type(event).__name__ for event in one.turn.events])
        for one in told
    ]


def test_it_is_known_whether_anybody_follows(address: Path) -> None:
    """While they do, and no longer."""
    with channel(address) as it:
        assert not it.is_followed()
        with following(address, SystemClock()):
            wait_until(it.is_followed, "somebody follows")
        wait_until(lambda: not it.is_followed(), "nobody does any more")


def test_what_nobody_follows_is_not_written_out(address: Path) -> None:
    """Each line says what is wrong with the log: only that of the greeting is asked for."""
    asked: list[None] = []
    with channel(address) as it:
        it.log_problem = lambda: asked.append(None)
        for second in range(20):
            it.handle(turn(float(second)))
        with following(address, SystemClock()) as followed:
            assert next_told(followed, 1)
    assert len(asked) < 10


def test_who_comes_late_is_told_what_led_up_to_now_and_then_each_turn(address: Path) -> None:
    """What it goes by, the last event of each kind, how it is now, what happens; then the end."""
    with channel(address, ManualClock()) as it, following(address, SystemClock()) as followed:
        it.set_earlier_today(Totals(upright_ms=60_000), NINE)
        it.handle(turn(0.0, OPENED))
        it.handle(turn(10.0, SLOUCHED))
        for number in range(20):  # each of these is the same kind of news
            it.handle(turn(20.0 + number, Controlled(what=Control.SNOOZED, until=NINE)))
        assert next_told(followed, 23)[1].turn is not None

        with following(address, SystemClock()) as late:
            beginning = late.beginning
            assert (beginning.profile, beginning.break_after_s) == ("desk", 3000.0)
            assert beginning.settings().posture.thresholds == SETTINGS.posture.thresholds
            assert beginning.today == Totals(upright_ms=60_000) + turn(0.0).totals
            told = kinds(next_told(late, 11))
            assert told[:3] == [
                (True, ["CameraChanged"]), (True, ["StateChanged"]), (True, ["Controlled"]),
            ]  # fmt: skip
            assert told[-1] == (False, [])
            it.handle(turn(60.0, SLOUCHED))
            assert kinds(next_told(late, 1)) == [(False, ["StateChanged"])]
    with pytest.raises(NotRunningError), following(address, SystemClock()):
        pass


@pytest.mark.parametrize(
    "error", [FileNotFoundError(2, "no such file"), TimeoutError(), OSError(24, "too many files")]
)
def test_what_goes_wrong_for_who_follows_is_not_said_to_be_the_watchs(
    error: OSError, address: Path
) -> None:
    """It comes out as it was raised, and the watch is no longer followed."""
    with channel(address) as it:
        with pytest.raises(type(error)) as raised, following(address, SystemClock()):
            raise error
        assert raised.value is error
        wait_until(lambda: not it.is_followed(), "nobody follows any more")


def test_a_connection_that_fails_later_is_said_in_the_words_of_a_watch() -> None:
    """As one that fails at once."""
    ours, theirs = socket.socketpair()
    with theirs:
        begin = {"ok": True, "type": "begin"} | to_plain(Beginning.of(SETTINGS, live=True))
        theirs.sendall(line_of(begin))
        followed = Followed(ours, SystemClock())
    ours.close()
    with pytest.raises(DataError, match="The watch cannot be asked"):
        next(followed.updates())


def test_nothing_new_is_told_once_a_second_and_what_is_seen_otherwise_at_once(
    address: Path,
) -> None:
    """Turns that say the same are left out."""
    with channel(address, ManualClock()) as it, following(address, SystemClock()) as followed:
        assert next_told(followed, 1)[0].turn is None
        first = turn(0.0)
        assert first.reading is not None
        for number in range(20):
            it.handle(replace(first, t_s=number / 5))
        back = replace(first.reading, provisional=PostureState.UPRIGHT)
        it.handle(replace(first, t_s=3.9, reading=back))
        unjudged = replace(first, t_s=4.0, reading=None)
        it.handle(unjudged)
        it.handle(replace(unjudged, t_s=4.1, resting=UnknownReason.IN_A_CALL))
        told = [one.turn for one in next_told(followed, 7) if one.turn is not None]
        assert [tick.t_s for tick in told] == [0.0, 1.0, 2.0, 3.0, 3.9, 4.0, 4.1]
        assert told[-1].resting is UnknownReason.IN_A_CALL


def test_the_last_turn_reaches_who_follows(address: Path) -> None:
    """The end of a watch is told before its line goes silent."""
    with ExitStack() as stack:
        it = stack.enter_context(channel(address, ManualClock()))
        followed = stack.enter_context(following(address, SystemClock()))
        next_told(followed, 1)
        it.handle(turn(1.0, CameraChanged(status=CameraStatus.CLOSED, detail="")))
        it.__exit__()
        rest = [told for told in followed.updates() if told is not None]
    assert kinds(rest) == [(False, ["CameraChanged"])]


def busy_turns(number: int) -> Iterator[Tick]:
    """Turns with an event each."""
    for index in range(number):
        yield replace(turn(float(index), SLOUCHED), at=NINE + timedelta(seconds=index))


def test_a_follower_that_reads_nothing_holds_up_neither_the_watch_nor_others(
    address: Path,
) -> None:
    """It is hung up on once it has left too much unread; it reads nothing until the last turn."""
    with (
        channel(address, ManualClock()) as it,
        socket.socket(socket.AF_UNIX) as deaf,
        following(address, SystemClock()) as followed,
    ):
        deaf.settimeout(DEADLINE_S)
        deaf.connect(str(address))
        deaf.sendall(b'{"v": 1, "do": "follow"}\n')
        next_told(followed, 1)
        for tick in busy_turns(3000):
            it.handle(tick)
            (told,) = next_told(followed, 1)
            assert told.turn is not None
            assert told.turn.t_s == tick.t_s
        heard = 0
        while more := deaf.recv(1_000_000):
            heard += len(more)
        assert MOST_UNREAD_BYTES / 10 < heard < 3000 * 800
        assert ask(address, {"do": "status"})["ok"] is True


def test_many_follow_and_requests_are_answered_all_the_same(address: Path) -> None:
    """One more than fits is refused with the reason."""
    with channel(address, ManualClock()) as it, ExitStack() as stack:
        followers = [
            stack.enter_context(following(address, SystemClock())) for _ in range(MOST_FOLLOWERS)
        ]
        with (
            pytest.raises(DataError, match="follow it already"),
            following(address, SystemClock()),
        ):
            pass
        it.handle(turn(1.0, SLOUCHED))
        for followed in followers:
            assert kinds(next_told(followed, 2))[1] == (False, ["StateChanged"])
        assert ask(address, {"do": "status"})["ok"] is True


def test_a_follower_that_is_gone_makes_room_for_another(address: Path) -> None:
    """Also one that only half hung up, as a shell pipe does."""
    with channel(address):
        for _ in range(3 * MOST_FOLLOWERS):
            with following(address, SystemClock()) as followed:
                assert followed.beginning.profile == "desk"
        with socket.socket(socket.AF_UNIX) as half:
            half.settimeout(DEADLINE_S)
            half.connect(str(address))
            half.sendall(b'{"v": 1, "do": "follow"}\n')
            half.shutdown(socket.SHUT_WR)
            lines = half.makefile("rb")
            assert json.loads(lines.readline())["type"] == "begin"
            assert json.loads(lines.readline())["turn"] is None
            assert json.loads(lines.readline())["turn"] is None  # a beat, two seconds later


def test_a_loop_that_stands_still_is_told(address: Path) -> None:
    """Nothing is said by it, so the channel says for how long."""
    with channel(address), following(address, SystemClock()) as followed:
        told = next_told(followed, 2)[-1]
        assert told.turn is None
        assert told.turned_s_ago >= BEAT_EVERY_S


def test_the_silence_of_a_stopped_watch_is_noticed(address: Path) -> None:
    """Its process does not run, but the connection stands."""
    with socket.socket(socket.AF_UNIX) as stopped:
        stopped.bind(str(address))
        stopped.listen(1)
        beginning = Beginning.of(SETTINGS, live=True)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(address))
            end, _ = stopped.accept()
            with end:
                end.sendall(line_of({"ok": True, "type": "begin"} | to_plain(beginning)))
                client.settimeout(DEADLINE_S)
                followed = Followed(client, FastClock())
                (told,) = next_told(followed, 1)
                assert told.turned_s_ago > 4.0


@pytest.mark.parametrize("line", [b"", b"hello\n", b'{"v": 2}\n', b'{"v": 1, "type": "begin"}\n'])
def test_what_is_no_watch_is_refused(address: Path, line: bytes) -> None:
    """Another program, or another version, in the place of a watch."""
    with socket.socket(socket.AF_UNIX) as other, socket.socket(socket.AF_UNIX) as client:
        other.bind(str(address))
        other.listen(1)
        client.connect(str(address))
        end, _ = other.accept()
        end.sendall(line)
        end.close()
        client.settimeout(DEADLINE_S)
        with pytest.raises((DataError, NotRunningError)):
            Followed(client, SystemClock())


def test_somebody_removed_is_not_waited_for(address: Path) -> None:
    """Closing with followers about takes no longer than without."""
    with ExitStack() as stack:
        it = stack.enter_context(channel(address))
        followed = stack.enter_context(following(address, SystemClock()))
        next_told(followed, 1)
        it.__exit__()
        wait_until(lambda: not address.exists(), "the socket is gone")
