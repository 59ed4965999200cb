"""Which machines the program runs on: those for which its pose library is built.

`python -m posturecam.base.platforms` says so before anything is installed, so it needs nothing.
"""

from __future__ import annotations

import platform
import sys
import sysconfig

from posturecam.base.language import Sentence, shown

_BUILT_FOR = {("Linux", "x86_64"), ("Darwin", "arm64"), ("Windows", "amd64")}
"""System and processor of the wheels of mediapipe 0.10.32 and 0.10.33."""


def why_unsupported(system: str, machine: str, libc: str) -> Sentence | None:
    """What to say to somebody whose machine has no build of the pose library; None if there is one.

    System and C library are named as by `platform.system` and `platform.libc_ver`; the machine is
    the processor that this Python is built for.
    """
    known = (system, machine) in _BUILT_FOR
    if known and (system != "Linux" or libc == "glibc"):
        return None
    this = " ".join(("macOS" if system == "Darwin" else system, machine, "without glibc" * known))
    what = Sentence(
        "posturecam does not run here ({this}): its pose library is built for Linux on x86-64 with "
        "glibc, macOS on Apple silicon and Windows on x86-64.",
        this=this.strip(),
    )
    remedy = Sentence(
        "Use such a machine and a Python made for it; newer builds of the library send usage data."
    )
    return Sentence.joined((what, remedy), "\n")


def why_unsupported_here() -> Sentence | None:
    """`why_unsupported` of this machine and this Python."""
    system = platform.system()
    machine = machine_of(system, platform.machine(), sysconfig.get_platform())
    return why_unsupported(system, machine, platform.libc_ver()[0])


def machine_of(system: str, machine: str, python: str) -> str:
    """The processor that Python is built for: on Windows it may run as if it were another.

    They are named as by `platform.system`, `platform.machine` and `sysconfig.get_platform`.
    """
    return python.removeprefix("win-") if system == "Windows" else machine


if __name__ == "__main__":
    sys.exit(shown(why_unsupported_here()))
