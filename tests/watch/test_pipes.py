"""The channel over a pipe, and what one over a socket does as well.

Where the system has no pipes, a socket stands in for the pipe alone.
"""

from __future__ import annotations

import json
import socket
import stat
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from typing import TYPE_CHECKING, Any

import pytest

from posturecam.base.clock import SystemClock
from posturecam.base.errors import DataError, NotRunningError
from posturecam.values.settings import Settings
from posturecam.values.wire import to_plain
from posturecam.watch.broadcast import Beginning, Update
from posturecam.watch.carriers import channels_of
from posturecam.watch.client import ask, following
from posturecam.watch.pipes import Pipes
from posturecam.watch.protocol import LONGEST_REQUEST_BYTES, line_of
from posturecam.watch.server import (
    MOST_FOLLOWERS,
    MOST_UNREAD_BYTES,
    ControlServer,
)
from posturecam.watch.sockets import Sockets
from tests.waiting import DEADLINE_S, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from posturecam.values.events import Record
    from posturecam.watch.carriers import Channels

FAMILY = "AF_PIPE" if sys.platform == "win32" else "AF_UNIX"


def pipes() -> Pipes:
    """What Windows has; elsewhere but for the pipe itself."""
    return Pipes(FAMILY)


@pytest.fixture(params=[pipes, Sockets])
def carrier(request: pytest.FixtureRequest) -> Channels:
    """Each of those that there are."""
    if request.param is Sockets and not hasattr(socket, "AF_UNIX"):
        pytest.skip("this system has no sockets in the file system")
    made: Channels = request.param()
    return made


class Spoken:
    """A story that says what it is given."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self._lock = threading.Lock()

    def say(self, line: bytes) -> None:
        """Has it said."""
        with self._lock:
            self.lines.append(line)

    def greeting(self) -> bytes:
        """How a story begins."""
        beginning = Beginning.of(Settings(profile="desk"), live=True)
        return line_of({"ok": True, "type": "begin"} | to_plain(beginning))

    def news(self, *, told: bool = True) -> bytes:
        """All that is new."""
        with self._lock:
            said, self.lines = b"".join(self.lines), []
        return said

    def beat(self) -> bytes:
        """That nothing is."""
        return told_line(0.0)


def told_line(turned_s_ago: float) -> bytes:
    """A line of a story in which nothing happened."""
    return line_of({"type": "turn"} | to_plain(Update(turn=None, turned_s_ago=turned_s_ago)))


@contextmanager
def serving(
    address: Path,
    answer: Callable[[Record], Record] = lambda request: {"heard": request},
    story: Spoken | None = None,
    *,
    carrier: Channels | None = None,
) -> Iterator[ControlServer]:
    """The real server, over pipes unless another carrier is named."""
    channels = carrier or pipes()
    server = ControlServer(address, answer, clock=SystemClock(), story=story, channels=channels)
    with server:
        yield server


def asked(address: Path, request: Record, carrier: Channels | None = None) -> Record:
    """What it answers."""
    return ask(address, request, channels=carrier or pipes())


def knock(address: Path, **with_secret: Any) -> Any:
    """A connection that says what the test wants."""
    return Client(json.loads(address.read_text("utf-8"))["pipe"], FAMILY, **with_secret)


def secret_of(address: Path) -> bytes:
    """What the file tells this user."""
    return bytes.fromhex(json.loads(address.read_text("utf-8"))["secret"])


def test_windows_has_pipes_and_others_sockets() -> None:
    """By the name of the system."""
    assert isinstance(channels_of("win32"), Pipes)
    assert isinstance(channels_of("linux"), Sockets)
    assert isinstance(channels_of("darwin"), Sockets)


def test_a_request_gets_its_reply(address: Path, carrier: Channels) -> None:
    """As often as one asks; the longest reply, too."""

    def answer(request: Record) -> Record:
        return {"heard": request, "much": "x" * 60_000}

    with serving(address, answer, carrier=carrier):
        for number in range(3):
            reply = asked(address, {"do": "status", "number": number}, carrier)
            assert reply["ok"] is True
            assert reply["heard"] == {"v": 1, "do": "status", "number": number}
            assert len(str(reply["much"])) == 60_000
    with pytest.raises(NotRunningError):
        asked(address, {"do": "status"}, carrier)


@pytest.mark.skipif(sys.platform == "win32", reason="files have no modes there")
def test_the_secret_is_in_a_file_of_this_user_alone_and_new_each_time(address: Path) -> None:
    """And the file is gone with the watch."""
    told = set()
    for _ in range(2):
        with serving(address):
            assert stat.S_IMODE(address.stat().st_mode) == 0o600
            told.add(address.read_text("utf-8"))
        assert not address.exists()
    assert len(told) == 2


@pytest.mark.parametrize("wrong", [b"guessed", b""])
def test_whoever_does_not_know_the_secret_is_not_heard(address: Path, wrong: bytes) -> None:
    """Neither with another one nor when it proves nothing; others are served meanwhile."""
    heard: list[Record] = []

    def answer(request: Record) -> Record:
        heard.append(request)
        return {}

    with serving(address, answer), ExitStack() as stack:
        if wrong:
            with pytest.raises(AuthenticationError):
                knock(address, authkey=wrong)
        else:
            end = stack.enter_context(closing(knock(address)))
            end.recv_bytes()  # the question for the secret
            end.send_bytes(line_of({"do": "stop"}))
        assert asked(address, {"do": "status"})["ok"] is True
        assert heard == [{"v": 1, "do": "status"}]


def test_a_listener_that_does_not_know_the_secret_is_told_nothing(
    address: Path, tmp_path: Path
) -> None:
    """Another program has taken the place of the pipe."""
    other = tmp_path / "other"
    other.mkdir()
    with serving(other / "control"):
        told = json.loads((other / "control").read_text("utf-8"))
        address.write_text(json.dumps(told | {"secret": "00" * 32}), encoding="utf-8")
        with pytest.raises(DataError, match="cannot be asked"):
            asked(address, {"do": "stop"})


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"pipe": 1, "secret": "no"}'])
def test_a_file_that_tells_of_no_pipe_is_no_watch(address: Path, text: str) -> None:
    """As a watch that was killed may have left it."""
    address.write_text(text, encoding="utf-8")
    with pytest.raises(NotRunningError):
        asked(address, {"do": "status"})
    with serving(address):
        assert asked(address, {"do": "status"})["ok"] is True


def test_a_silent_client_is_hung_up_on_and_blocks_nobody(address: Path) -> None:
    """One that knocks and says nothing, and one that says half of it."""
    with serving(address), closing(knock(address)) as silent:
        with closing(knock(address, authkey=secret_of(address))) as half:
            half.send_bytes(b'{"v": 1,')
            for _ in range(3):
                assert asked(address, {"do": "status"})["ok"] is True
            assert half.poll(DEADLINE_S)
            assert b"took too long" in half.recv_bytes()
        wait_until(lambda: _is_over(silent), "the silent one is hung up on")


def _is_over(end: Any) -> bool:
    try:
        while end.poll(0):
            end.recv_bytes()
    except (EOFError, OSError):
        return True
    return False


def test_what_is_too_long_is_cut_off(address: Path) -> None:
    """It gets an error, or a hung-up line; the others their reply."""
    with serving(address):
        for length in (LONGEST_REQUEST_BYTES + 1, 50 * LONGEST_REQUEST_BYTES):
            with closing(knock(address, authkey=secret_of(address))) as end:
                with suppress(BrokenPipeError):  # a real pipe is hung up on in the middle of it
                    end.send_bytes(b"x" * length)
                wait_until(partial(_is_over, end), "it is hung up on")
        assert asked(address, {"do": "status"})["ok"] is True


def test_many_clients_at_once_are_all_answered(address: Path, carrier: Channels) -> None:
    """More than are served at a time."""
    with serving(address, carrier=carrier), ThreadPoolExecutor(40) as threads:
        replies = threads.map(lambda _: asked(address, {"do": "x"}, carrier), range(40))
        assert [reply["ok"] for reply in replies] == [True] * 40


def test_followers_are_told_and_the_last_word_reaches_them(address: Path) -> None:
    """One more than fits is refused."""
    story = Spoken()
    with ExitStack() as stack:
        server = stack.enter_context(serving(address, story=story))
        followers = [
            stack.enter_context(following(address, SystemClock(), channels=pipes()))
            for _ in range(MOST_FOLLOWERS)
        ]
        with (
            pytest.raises(DataError, match="follow it already"),
            following(address, SystemClock(), channels=pipes()),
        ):
            pass
        story.say(told_line(7.0))
        server.tell()
        story.say(told_line(8.0))
        server.tell()
        server.close()
        for followed in followers:
            assert followed.beginning.profile == "desk"
            heard = [told.turned_s_ago for told in followed.updates() if told is not None]
            assert [ago_s for ago_s in heard if ago_s] in ([7.0], [7.0, 8.0])


def test_a_follower_that_reads_nothing_holds_up_nobody(address: Path) -> None:
    """It is hung up on once it has left too much unread."""
    story = Spoken()
    line = told_line(1.0)
    with (
        serving(address, story=story) as server,
        closing(knock(address, authkey=secret_of(address))) as deaf,
        following(address, SystemClock(), channels=pipes()) as followed,
    ):
        deaf.send_bytes(line_of({"do": "follow"}))
        assert deaf.poll(DEADLINE_S)  # it follows once it is greeted
        turns = followed.updates()
        for _ in range(40):
            story.say(line * (MOST_UNREAD_BYTES // 10 // len(line)))
            server.tell()
            wait_until(lambda: next(turns) is not None, "the other one is told")

        def is_hung_up_on() -> bool:
            # What was said in a hurry may have been told at one go, and the next word decides.
            story.say(line)
            server.tell()
            return _is_over(deaf)

        wait_until(is_hung_up_on, "the deaf one is hung up on")
        assert asked(address, {"do": "status"})["ok"] is True


def test_a_file_that_was_removed_is_made_anew(address: Path) -> None:
    """With a new pipe and a new secret."""
    with serving(address):
        before = address.read_text("utf-8")
        address.unlink()
        wait_until(address.exists, "it is back")
        assert address.read_text("utf-8") != before
        assert asked(address, {"do": "status"})["ok"] is True


def test_a_place_where_no_file_can_be_is_said(tmp_path: Path) -> None:
    """The watch itself can go on."""
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError), serving(tmp_path / "file" / "control.sock"):
        pass


def test_no_thread_is_left_of_a_closed_channel(address: Path) -> None:
    """Whoever still listened is hung up on."""
    with serving(address), closing(knock(address, authkey=secret_of(address))):
        assert asked(address, {"do": "status"})["ok"] is True
    names = ("posturecam door", "posturecam hears", "posturecam speaks", "posturecam control")
    wait_until(
        lambda: not any(thread.name in names for thread in threading.enumerate()),
        "all have ended",
    )
