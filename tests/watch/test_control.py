"""The channel to a running watch: who may use it, what it survives, what it leaves behind."""

from __future__ import annotations

import errno
import json
import os
import socket
import stat
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posturecam.base.clock import SystemClock
from posturecam.base.errors import DataError, NotRunningError
from posturecam.base.paths import LONGEST_SOCKET_BYTES, PRIVATE_FOLDER, AppPaths
from posturecam.watch.client import ask
from posturecam.watch.protocol import (
    LONGEST_REQUEST_BYTES,
    RefusedError,
)
from posturecam.watch.server import ControlServer
from posturecam.watch.sockets import Sockets, peer_user
from tests.waiting import DEADLINE_S, let_pass, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from posturecam.values.events import Record
    from posturecam.watch.carriers import Channels

pytestmark = pytest.mark.skipif(
    not hasattr(socket, "AF_UNIX"), reason="this system has no sockets in the file system"
)


class OfSomebodyElse(Sockets):
    """Whoever comes is another user."""

    def is_welcome(self, end: object) -> bool:
        """Nobody is."""
        del end
        return False


@contextmanager
def serving(
    address: Path,
    answer: Callable[[Record], Record] = lambda request: {"heard": request},
    *,
    channels: Channels | None = None,
) -> Iterator[ControlServer]:
    """A server that says what it heard."""
    with ControlServer(address, answer, clock=SystemClock(), channels=channels) as server:
        yield server


def say(address: Path, data: bytes, *, hang_up: bool = True) -> Record | None:
    """The reply to raw bytes; None when there is none."""
    with socket.socket(socket.AF_UNIX) as end:
        end.settimeout(DEADLINE_S)
        end.connect(str(address))
        try:
            end.sendall(data)
            if hang_up:
                end.shutdown(socket.SHUT_WR)
            heard = b""
            while more := end.recv(65_536):
                heard += more
        except (BrokenPipeError, ConnectionResetError):
            return None
    reply = json.loads(heard)
    assert isinstance(reply, dict)
    return reply


def test_only_the_user_can_open_the_socket_and_it_is_gone_afterwards(address: Path) -> None:
    """Mode 0600 from the beginning, whatever the mask; nothing stays on the disk."""
    before = os.umask(0)
    try:
        with serving(address):
            mode = address.stat().st_mode
            assert stat.S_ISSOCK(mode)
            assert stat.S_IMODE(mode) == 0o600
        assert os.umask(0) == 0
    finally:
        os.umask(before)
    assert not address.exists()
    with pytest.raises(NotRunningError):
        ask(address, {"do": "status"})


def test_a_folder_made_while_the_socket_is_made_can_be_used(address: Path, tmp_path: Path) -> None:
    """A watch whose data folder was removed makes both anew, in two threads with one mask."""
    ended = threading.Event()
    modes = set()

    def make_folders() -> None:
        while not ended.is_set():
            folder = tmp_path / "folder"
            folder.mkdir(mode=PRIVATE_FOLDER)
            modes.add(stat.S_IMODE(folder.stat().st_mode))
            folder.rmdir()

    maker = threading.Thread(target=make_folders)
    maker.start()
    for _ in range(100):
        with serving(address):
            pass
    ended.set()
    maker.join()
    assert modes == {PRIVATE_FOLDER}


def test_another_user_is_turned_away_unheard(address: Path) -> None:
    """Even one who can open the socket, as an administrator's program could."""
    heard: list[Record] = []

    def answer(request: Record) -> Record:
        heard.append(request)
        return {}

    with (
        serving(address, answer, channels=OfSomebodyElse()),
        pytest.raises(DataError, match="belongs to somebody else"),
    ):
        ask(address, {"do": "stop"})
    assert heard == []


@pytest.mark.skipif(not hasattr(socket, "SO_PEERCRED"), reason="the system does not tell")
def test_the_system_tells_who_is_at_the_other_end() -> None:
    """This process, on both ends of a pair."""
    one, other = socket.socketpair(socket.AF_UNIX)
    with one, other:
        assert peer_user(one) == peer_user(other) == os.getuid()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"stop\n",
        b"[" * 3000 + b"\n",
        b'{"v": 1}',
    ],
)
def test_garbage_gets_an_error_and_disturbs_nobody(address: Path, data: bytes) -> None:
    """Nothing, not JSON, cut short."""

    def answer(request: Record) -> Record:
        raise RefusedError("there is no such thing to do")

    with serving(address, answer):
        reply = say(address, data)
        assert reply is not None
        assert reply["ok"] is False
        assert reply["error"]
        assert say(address, data) == reply


@settings(max_examples=30, deadline=None)
@given(data=st.binary(max_size=300))
def test_no_bytes_end_the_channel(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """Whatever arrives, the next request is answered."""
    folder = tmp_path_factory.mktemp("home")
    address = AppPaths(data=folder, config=folder).control
    with serving(address):
        say(address, data)
        assert ask(address, {"do": "status"})["ok"] is True


def test_what_is_too_long_is_cut_off(address: Path) -> None:
    """A flood fills no memory: it gets an error or a hung-up line."""
    with serving(address):
        reply = say(address, b"x" * (50 * LONGEST_REQUEST_BYTES))
        assert reply is None or reply["error"] == "that is too long"
        assert ask(address, {"do": "status"})["ok"] is True


def test_a_silent_client_is_hung_up_on_and_blocks_nobody(address: Path) -> None:
    """Half a request and then nothing: others are served meanwhile."""
    with serving(address), socket.socket(socket.AF_UNIX) as silent:
        silent.settimeout(DEADLINE_S)
        silent.connect(str(address))
        silent.send(b'{"v": 1,')
        assert ask(address, {"do": "status"})["ok"] is True
        assert b"took too long" in silent.recv(1000)


def test_a_fault_in_an_answer_is_told_and_not_the_end(address: Path) -> None:
    """The channel outlives a mistake of ours."""

    def answer(request: Record) -> Record:
        raise ZeroDivisionError("oh")

    with serving(address, answer):
        for _ in range(2):
            with pytest.raises(DataError, match="ZeroDivisionError"):
                ask(address, {"do": "status"})


def test_the_socket_of_a_killed_watch_is_replaced(address: Path) -> None:
    """It lies there and nobody answers: no watch is running, and a new one takes the place."""
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(address))
    with pytest.raises(NotRunningError):
        ask(address, {"do": "status"})
    with serving(address):
        assert ask(address, {"do": "status"})["ok"] is True


def test_a_socket_that_was_removed_is_made_anew(address: Path) -> None:
    """Somebody cleaned up the folder while the watch runs: it can be asked again soon."""
    with serving(address):
        address.unlink()
        address.parent.rmdir()
        wait_until(address.exists, "the socket is back")
        assert ask(address, {"do": "status"})["ok"] is True
        assert stat.S_IMODE(address.parent.stat().st_mode) == PRIVATE_FOLDER
    assert not address.exists()


class Forbidden(type(Path())):  # type: ignore[misc]
    """An address in a folder that may not be looked into at first."""

    refusals = 2

    def exists(self, **_: bool) -> bool:
        """Refused, as root is not by a real folder."""
        if Forbidden.refusals > 0:
            Forbidden.refusals -= 1
            raise PermissionError(errno.EACCES, "Permission denied")
        return True


def test_a_folder_that_may_not_be_looked_into_for_a_while_does_not_end_the_channel(
    address: Path,
) -> None:
    """Its thread goes on, and nothing reaches the terminal."""
    with serving(Forbidden(address)):
        wait_until(lambda: Forbidden.refusals == 0, "it was looked for")
        assert ask(address, {"do": "status"})["ok"] is True


def test_a_process_out_of_file_descriptors_neither_spins_nor_stops_answering(
    address: Path,
) -> None:
    """Whoever cannot be let in waits at the door; the thread rests, and lets them in later."""
    resource = pytest.importorskip("resource", reason="needs limits on open files")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with serving(address), socket.socket(socket.AF_UNIX) as end:
        (thread,) = [one for one in threading.enumerate() if one.name == "posturecam control"]

        def spent_s() -> float:
            times = {one.id: one.user_time + one.system_time for one in psutil.Process().threads()}
            return float(times[thread.native_id])

        end.settimeout(DEADLINE_S)
        before_s = spent_s()
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))
        try:
            end.connect(str(address))
            end.sendall(b'{"v": 1, "do": "status"}\n')
            let_pass(1.0, "a thread that spins would use all of it")
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        assert spent_s() - before_s < 0.3
        assert json.loads(end.recv(4096))["ok"] is True


def test_a_watch_that_does_not_answer_is_not_waited_for(address: Path) -> None:
    """For longer than a busy machine may need; a stopped process still has its socket."""
    with socket.socket(socket.AF_UNIX) as stopped:
        stopped.bind(str(address))
        stopped.listen(1)
        with pytest.raises(DataError, match="does not answer"):
            ask(address, {"do": "status"}, within_s=0.1)


def test_a_place_where_no_socket_can_be_is_said(tmp_path: Path) -> None:
    """The watch itself can go on."""
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(DataError, match="No other terminal can steer this watch"),
        serving(tmp_path / "file" / "control.sock"),
    ):
        pass


def test_whoever_sees_it_is_not_refused(address: Path) -> None:
    """A socket is there from its binding on, and refuses everybody until it listens."""
    there_before: list[bool] = []

    def look(_frame: object, event: str, called: object) -> None:
        if event == "c_call" and getattr(called, "__name__", "") == "listen":
            there_before.append(address.exists())

    sys.setprofile(look)
    try:
        listener = Sockets().listen(address)
    finally:
        sys.setprofile(None)
    with listener, Sockets().connect(address, DEADLINE_S):
        assert there_before == [False]
    assert [file.name for file in address.parent.iterdir()] == [address.name]


def test_a_long_folder_name_has_its_socket_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Different folders have different sockets, in the user's own runtime folder where there is."""
    deep = tmp_path / ("d" * 120)
    (tmp_path / "run").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    one = AppPaths(data=deep / "one", config=deep).control
    other = AppPaths(data=deep / "other", config=deep).control
    assert one.parent == other.parent == tmp_path / "run"
    assert one != other
    assert AppPaths(data=tmp_path, config=deep).control.parent == tmp_path

    monkeypatch.delenv("XDG_RUNTIME_DIR")
    fallback = AppPaths(data=deep / "one", config=deep).control
    assert len(os.fsencode(fallback)) <= LONGEST_SOCKET_BYTES
    with serving(fallback):
        assert fallback.parent.stat().st_mode & 0o077 == 0
        assert ask(fallback, {"do": "status"})["ok"] is True
