"""The network guard holds where it was put, and nowhere else."""

from __future__ import annotations

import errno
import json
import platform
import struct
import subprocess
import sys

import pytest

from posturecam.pose.network_guard import GuardStatus, install, program_for
from tests.program import run_python

needs_seccomp = pytest.mark.skipif(sys.platform != "linux", reason="seccomp exists on Linux only")

# Run in a process of its own: a filter, once on a thread, cannot be taken off again.
ATTEMPTS = """
import ctypes, errno, json, os, socket, subprocess, sys, threading
from posturecam.pose import network_guard

def outcome(family):
    try:
        socket.socket(family, socket.SOCK_DGRAM).close()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "made"

NAMES = ("AF_INET", "AF_INET6", "AF_NETLINK", "AF_UNIX")
FAMILIES = {name: getattr(socket, name) for name in NAMES}

def outcomes():
    return {name: outcome(family) for name, family in FAMILIES.items()}

def syscall(*numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(*map(ctypes.c_long, numbers)) >= 0:
        return "made"
    return errno.errorcode[ctypes.get_errno()]

seen = {"before": outcomes()}

def guarded():
    seen["active"] = network_guard.install().active
    seen["guarded"] = outcomes()
    heir = threading.Thread(target=lambda: seen.update(heir=outcomes()))
    heir.start()
    heir.join()
    code = "import socket; socket.socket(socket.AF_INET)"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    seen["child"] = child.stderr
    seen["resolve"] = "resolved"
    try:
        socket.getaddrinfo("example.org", 443)
    except OSError as error:
        seen["resolve"] = type(error).__name__
    # x86-64 numbers; the family of the first hides below bits that the kernel ignores.
    seen["hidden family"] = syscall(41, 2 + (1 << 32), 2, 0)
    seen["x32 call"] = syscall(0x40000000 + 41, 2, 2, 0)
    seen["io_uring"] = syscall(425, 1, 0)
    seen["twice"] = network_guard.install().active

thread = threading.Thread(target=guarded)
thread.start()
thread.join()
seen["main"] = outcomes()
print(json.dumps(seen))
"""


@pytest.fixture(scope="module")
def seen() -> dict[str, object]:
    """What came of every attempt to make a socket, by who tried."""
    found: dict[str, object] = json.loads(run_python(ATTEMPTS))
    if not found["active"]:
        pytest.skip("this machine cannot load seccomp filters")
    return found


REFUSED = {
    "AF_INET": "EAFNOSUPPORT",
    "AF_INET6": "EAFNOSUPPORT",
    "AF_NETLINK": "EAFNOSUPPORT",
    "AF_UNIX": "EAFNOSUPPORT",
}


@needs_seccomp
def test_the_guarded_thread_gets_no_socket(seen: dict[str, object]) -> None:
    """Every family is refused, as if the kernel did not know it, and so is every way to a name.

    Also a local one: nscd and systemd-resolved would ask the network on its behalf.
    """
    assert seen["guarded"] == REFUSED
    assert seen["resolve"] == "gaierror"


@needs_seccomp
def test_what_the_guarded_thread_starts_is_guarded(seen: dict[str, object]) -> None:
    """Threads and child processes inherit the filter."""
    assert seen["heir"] == REFUSED
    assert "Address family not supported" in str(seen["child"])


@needs_seccomp
def test_the_rest_of_the_process_still_reaches_its_ip_camera(seen: dict[str, object]) -> None:
    """The thread that did not ask is as it was before."""
    assert seen["main"] == seen["before"]
    assert seen["main"] != seen["guarded"]


@needs_seccomp
@pytest.mark.skipif(platform.machine() != "x86_64", reason="call numbers of x86-64")
def test_there_is_no_way_round_the_filter(seen: dict[str, object]) -> None:
    """Neither bits the kernel ignores, nor another calling convention, nor a ring get a socket."""
    assert seen["hidden family"] == "EAFNOSUPPORT"
    assert seen["x32 call"] == "ENOSYS"
    assert seen["io_uring"] == "ENOSYS"


@needs_seccomp
def test_a_second_landmarker_in_the_same_thread_is_guarded_too(seen: dict[str, object]) -> None:
    """Installing twice is no error."""
    assert seen["twice"] is True


@pytest.mark.parametrize(
    ("machine", "convention", "socket_call"),
    [("x86_64", 0xC000003E, 41), ("aarch64", 0xC00000B7, 198)],
)
def test_the_filter_of_each_machine_refuses_the_calls_that_make_sockets(
    machine: str, convention: int, socket_call: int
) -> None:
    """Those and all of other conventions, and no other; also for machines that run no tests."""

    def outcome(convention: int, call: int) -> str:
        code = _filtered(program_for(machine), struct.pack("II", call, convention))
        return "allowed" if code == 0x7FFF0000 else errno.errorcode[code - 0x00050000]

    every = {call: outcome(convention, call) for call in range(600)}
    refused = {call: name for call, name in every.items() if name != "allowed"}
    assert refused == {socket_call: "EAFNOSUPPORT", 425: "ENOSYS"}
    assert outcome(convention, 0x40000000 + socket_call) == "ENOSYS"
    assert {outcome(0x40000003, call) for call in range(600)} == {"ENOSYS"}


def _filtered(program: bytes, call: bytes) -> int:
    """What the kernel would answer; it knows these four steps and more."""
    steps = list(struct.iter_unpack("HBBI", program))
    loaded, position = 0, 0
    while True:
        code, if_true, if_false, value = steps[position]
        position += 1
        match code:
            case 0x20:
                (loaded,) = struct.unpack_from("I", call, value)
            case 0x15:
                position += if_true if loaded == value else if_false
            case 0x35:
                position += if_true if loaded >= value else if_false
            case 0x06:
                return int(value)


@needs_seccomp
@pytest.mark.skipif(platform.machine() != "x86_64", reason="another machine to pretend to be")
def test_a_machine_that_no_filter_is_known_for_is_told_so_and_goes_on() -> None:
    """It raises nothing."""
    code = "from posturecam.pose import network_guard; print(network_guard.install().describe())"
    run = subprocess.run(
        ["setarch", "i686", sys.executable, "-c", code],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip

    assert run.stdout == "off: no filter can be loaded (none is known for i686)\n"


@needs_seccomp
def test_a_filter_that_is_only_said_to_be_there_is_no_guard() -> None:
    """As by a kernel that is only imitated: what counts is that a socket is refused."""
    status = install(load=lambda: None)

    assert "sockets are made all the same (AF_INET, " in status.describe()
    assert not status.active


def test_the_status_says_which_and_why() -> None:
    """Doctor prints one line."""
    assert GuardStatus(active=True).describe().startswith("on: ")
    assert GuardStatus(active=False, reason="no such thing").describe() == "off: no such thing"
