"""The network guard holds where it was put, and nowhere else."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from posturecam.pose.network_guard import GuardStatus
from tests.test_cli import posturecam

if TYPE_CHECKING:
    from pathlib import Path

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
    run = subprocess.run(
        [sys.executable, "-c", ATTEMPTS], capture_output=True, text=True, check=True, timeout=60
    )
    found: dict[str, object] = json.loads(run.stdout)
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


@needs_seccomp
def test_a_machine_without_libseccomp_is_told_so_and_goes_on() -> None:
    """A missing library makes the guard inactive; it raises nothing."""
    code = (
        "import sys; sys.modules['pyseccomp'] = None\n"
        "from posturecam.pose import network_guard\n"
        "print(network_guard.install())"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert run.stdout.startswith("GuardStatus(active=False, reason='libseccomp cannot be used")


PRETENDED = """
class _Anything:
    def __init__(self, *_): pass
    def __call__(self, *_): return self
    def __getattr__(self, _): return _Anything()

SyscallFilter = Attr = ERRNO = ALLOW = _Anything()
"""


@needs_seccomp
@pytest.mark.parametrize("content", [PRETENDED, "", "raise ValueError('broken')"])
def test_a_filter_that_is_only_said_to_be_there_is_no_guard(tmp_path: Path, content: str) -> None:
    """Another module by the name of pyseccomp: what counts is that a socket is refused."""
    (tmp_path / "pyseccomp.py").write_text(content, encoding="utf-8")
    elsewhere = {"PYTHONPATH": str(tmp_path)}
    code = "from posturecam.pose import network_guard; print(network_guard.install().describe())"
    guard = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | elsewhere, capture_output=True, text=True,
        check=True, timeout=60,
    ).stdout  # fmt: skip

    assert guard.startswith("off: ")
    if content == PRETENDED:
        assert "sockets are made all the same (AF_INET, " in guard
    assert posturecam("doctor", env=elsewhere).stdout.startswith("FAIL  pyseccomp: another is in")


def test_the_status_says_which_and_why() -> None:
    """Doctor prints one line."""
    assert GuardStatus(active=True).describe().startswith("on: ")
    assert GuardStatus(active=False, reason="no such thing").describe() == "off: no such thing"
