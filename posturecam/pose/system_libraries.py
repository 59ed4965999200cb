"""What OpenCV and MediaPipe link to on Linux and no wheel brings along.

`python -m posturecam.pose.system_libraries` says what is missing before anything is downloaded, so
it needs nothing.
"""

from __future__ import annotations

import sys
from contextlib import suppress

from posturecam.base.language import Sentence, shown

SYSTEM_LIBRARIES = (
    "libEGL.so.1",
    "libGLESv2.so.2",
    "libGL.so.1",
    "libglib-2.0.so.0",
    "libgthread-2.0.so.0",
    "libxcb.so.1",
)
"""The first two for MediaPipe, the others for OpenCV; a slim container has none of them."""

DEBIAN_PACKAGES = ("libegl1", "libgles2", "libgl1", "libglib2.0-0", "libxcb1")
"""What brings them on Debian and its relatives."""

SYSTEM_LIBRARIES_REMEDY = Sentence(
    "Debian, Ubuntu: sudo apt install {packages}. "
    "Fedora: sudo dnf install libglvnd-egl libglvnd-gles libglvnd-glx glib2 libxcb.",
    packages=" ".join(DEBIAN_PACKAGES),
)


def missing_libraries(platform: str = sys.platform) -> tuple[str, ...]:
    """Those that do not load here; none on systems other than Linux."""
    if platform != "linux":
        return ()
    import ctypes

    missing = set(SYSTEM_LIBRARIES)
    for library in SYSTEM_LIBRARIES:
        with suppress(OSError):
            ctypes.CDLL(library)
            missing.remove(library)
    return tuple(library for library in SYSTEM_LIBRARIES if library in missing)


def names_system_library(failure: str) -> bool:
    """Whether what the loader says is about one of them, and not about a file of a wheel."""
    return any(library in failure for library in SYSTEM_LIBRARIES)


if __name__ == "__main__" and (missing := missing_libraries()):
    names = ", ".join(missing)
    what = Sentence("These system libraries are missing: {names}.", names=names)
    sys.exit(shown(Sentence.joined((what, SYSTEM_LIBRARIES_REMEDY), "\n")))
