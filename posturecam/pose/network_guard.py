"""Keeps the pose library off the network: the kernel refuses its threads every socket.

Some builds of mediapipe contact a logging host by themselves. posturecam asks for builds that do
not, and on Linux adds this second layer, which needs no trust: a seccomp filter on the thread that
loads the library. A filter is inherited by every thread and child started under it, cannot be
taken off again, and leaves the other threads of the process (an IP camera, say) as they were.
"""

from __future__ import annotations

import errno
import socket
import sys
from dataclasses import dataclass

_FAMILIES = (
    tuple(socket.AddressFamily[name] for name in ("AF_INET", "AF_INET6", "AF_NETLINK", "AF_UNIX"))
    if sys.platform == "linux"
    else ()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardStatus:
    """Whether the filter holds in the thread that asked for it.

    Attributes:
        active: the kernel enforces it.
        reason: why it does not; empty when it does.
    """

    active: bool
    reason: str = ""

    def describe(self) -> str:
        """One line for people."""
        if self.active:
            return "on: the kernel refuses every socket to the pose library (seccomp)"
        return f"off: {self.reason}"


def install() -> GuardStatus:
    """Refuse sockets to this thread and all it starts, for good.

    `socket()` fails with EAFNOSUPPORT, also for a local one: a service of the system would look up
    a name for whoever asks, and the library does without its connection to the screen.
    `io_uring_setup()` fails with ENOSYS, because a ring makes sockets without that call. Where the
    system has no such filter nothing changes and the status says why. That the filter is there is
    believed of nobody: the status is active only if this thread was refused every kind of socket.
    """
    if sys.platform != "linux":
        return GuardStatus(active=False, reason=f"{sys.platform} has no seccomp")
    try:
        _load_filter()
    except OSError as error:
        return GuardStatus(active=False, reason=f"the kernel refused the filter ({error.strerror})")
    except Exception as error:  # noqa: BLE001 - whatever goes by the name of pyseccomp
        return GuardStatus(active=False, reason=f"libseccomp cannot be used ({error})")
    if made := [family.name for family in _FAMILIES if not _is_refused(family)]:
        return GuardStatus(
            active=False,
            reason=f"a filter was loaded, and sockets are made all the same ({', '.join(made)})",
        )
    return GuardStatus(active=True)


def _is_refused(family: socket.AddressFamily) -> bool:
    """Whether this thread gets no socket of the family, and for the filter's reason."""
    try:
        socket.socket(family, socket.SOCK_DGRAM).close()
    except OSError as error:
        return error.errno == errno.EAFNOSUPPORT
    return False


def _load_filter() -> None:
    import pyseccomp

    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    # For this thread only: other threads may well be talking to an IP camera.
    rules.set_attr(pyseccomp.Attr.CTL_TSYNC, 0)
    rules.set_attr(pyseccomp.Attr.CTL_NNP, 1)
    # Calls by another convention (32-bit, x32) would pass the rules by; nothing here makes any.
    rules.set_attr(pyseccomp.Attr.ACT_BADARCH, pyseccomp.ERRNO(errno.ENOSYS))
    rules.add_rule(pyseccomp.ERRNO(errno.EAFNOSUPPORT), "socket")
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "io_uring_setup")
    rules.load()
