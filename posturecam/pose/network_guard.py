"""Keeps the pose library off the network: the kernel refuses its threads every socket.

Some builds of mediapipe contact a logging host by themselves. posturecam asks for builds that do
not, and on Linux adds this second layer, which needs no trust: a seccomp filter on the thread that
loads the library. A filter is inherited by every thread and child started under it, cannot be
taken off again, and leaves the other threads of the process (an IP camera, say) as they were.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import socket
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass

from posturecam.base.language import Sentence

_FAMILIES = (
    tuple(socket.AddressFamily[name] for name in ("AF_INET", "AF_INET6", "AF_NETLINK", "AF_UNIX"))
    if sys.platform == "linux"
    else ()
)

# https://docs.kernel.org/userspace-api/seccomp_filter.html; numbers from linux/audit.h,
# asm/unistd.h, linux/prctl.h, linux/seccomp.h and linux/bpf_common.h.
_CONVENTIONS = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""For each kind of machine how its calls are marked (`AUDIT_ARCH_*`), and which one is `socket`."""
_IO_URING_SETUP = 425
_X32 = 0x4000_0000
"""Where the calls of the x32 convention begin, which bears the mark of x86-64."""
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER_MODE = 38, 22, 2
_ALLOW, _FAIL = 0x7FFF_0000, 0x0005_0000
_LOAD, _RETURN, _IS_EQUAL, _IS_AT_LEAST = 0x20, 0x06, 0x15, 0x35
_CALL_AT, _CONVENTION_AT = 0, 4  # in `struct seccomp_data`


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardStatus:
    """Whether the filter holds in the thread that asked for it.

    Attributes:
        active: the kernel enforces it.
        reason: why it does not; empty when it does.
    """

    active: bool
    reason: str = ""

    def describe(self) -> Sentence:
        """One line for people."""
        if self.active:
            return Sentence("on: the kernel refuses every socket to the pose library (seccomp)")
        return Sentence("off: {reason}", reason=self.reason)


def load_filter() -> None:
    """Has the kernel refuse sockets to this thread and all it starts, for good.

    Raises:
        OSError: it takes no filter, or nothing is known of the calls of this machine.
    """
    machine = platform.machine()
    if machine not in _CONVENTIONS:
        raise OSError(errno.ENOSYS, Sentence("none is known for {machine}", machine=machine))
    program = program_for(machine)
    filters = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("@HP", len(program) // 8, ctypes.addressof(filters))
    _control(_PR_SET_NO_NEW_PRIVS, 1)
    _control(_PR_SET_SECCOMP, _FILTER_MODE, described)


def install(load: Callable[[], None] = load_filter, platform: str = sys.platform) -> GuardStatus:
    """Refuses sockets to this thread and all it starts, for good.

    `socket()` fails with EAFNOSUPPORT, also for a local one: a service of the system would look up
    a name for whoever asks, and the library does without its connection to the screen.
    `io_uring_setup()` fails with ENOSYS, because a ring makes sockets without that call. Where the
    system has no such filter nothing changes and the status says why. That the filter is there is
    believed of nobody: the status is active only if this thread was refused every kind of socket.
    """
    if platform != "linux":
        return GuardStatus(
            active=False, reason=Sentence("{system} has no seccomp", system=platform)
        )
    try:
        load()
    except OSError as error:
        reason = Sentence("no filter can be loaded ({why})", why=error.strerror)
        return GuardStatus(active=False, reason=reason)
    if made := [family.name for family in _FAMILIES if not _is_refused(family)]:
        reason = Sentence(
            "a filter was loaded, and sockets are made all the same ({families})",
            families=", ".join(made),
        )
        return GuardStatus(active=False, reason=reason)
    return GuardStatus(active=True)


def _is_refused(family: socket.AddressFamily) -> bool:
    """Whether this thread gets no socket of the family, and for the filter's reason."""
    try:
        socket.socket(family, socket.SOCK_DGRAM).close()
    except OSError as error:
        return error.errno == errno.EAFNOSUPPORT
    return False


def program_for(machine: str) -> bytes:
    """What the kernel asks at each call, by `platform.machine()`; eight bytes a step.

    A condition skips so many of the steps that follow.
    """
    convention, socket_call = _CONVENTIONS[machine]
    no_call = _step(_RETURN, _FAIL | errno.ENOSYS)
    return b"".join((
        _step(_LOAD, _CONVENTION_AT),
        # Calls by another convention (32-bit, x32) have other numbers; nothing here makes any.
        _step(_IS_EQUAL, convention, if_true=1), no_call,
        _step(_LOAD, _CALL_AT),
        _step(_IS_AT_LEAST, _X32, if_false=1), no_call,
        _step(_IS_EQUAL, _IO_URING_SETUP, if_false=1), no_call,
        _step(_IS_EQUAL, socket_call, if_false=1), _step(_RETURN, _FAIL | errno.EAFNOSUPPORT),
        _step(_RETURN, _ALLOW),
    ))  # fmt: skip


def _step(code: int, value: int, *, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("@HBBI", code, if_true, if_false, value)


def _control(option: int, value: int, described: bytes | None = None) -> None:
    """`prctl`, for this thread only: others may well be talking to an IP camera."""
    libc = ctypes.CDLL(None, use_errno=True)
    words = (ctypes.c_ulong(value), described, ctypes.c_ulong(0), ctypes.c_ulong(0))
    if libc.prctl(option, *words) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
