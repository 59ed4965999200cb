"""Too little memory is called that, whatever a library calls it."""

from __future__ import annotations

import platform
import resource
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from posturecam.base.memory import (
    NEEDED_ADDRESSES_BYTES,
    NEEDED_BYTES,
    TOO_LITTLE,
    group_limits_bytes,
    is_too_little,
)
from tests.program import DATA

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("addresses_bytes", "free_bytes", "too_little"),
    [
        (None, NEEDED_BYTES, False),
        (None, NEEDED_BYTES - 1, True),
        (NEEDED_ADDRESSES_BYTES, NEEDED_BYTES, False),
        (NEEDED_ADDRESSES_BYTES - 1, NEEDED_BYTES, True),
    ],
)
def test_either_bound_is_enough_to_refuse(
    *, addresses_bytes: int | None, free_bytes: int, too_little: bool
) -> None:
    """A limit of this process, and what the machine has left."""
    assert is_too_little(addresses_bytes=addresses_bytes, free_bytes=free_bytes) == too_little


@pytest.mark.parametrize(
    ("line", "files", "limits_bytes"),
    [
        ("0::/a/b", {"a/memory.max": "5000\n", "a/b/memory.max": "max\n"}, [5000]),
        ("0::/", {"memory.max": "7000\n"}, [7000]),
        ("4:memory:/a", {"memory/a/memory.limit_in_bytes": "6000\n"}, [6000]),
        ("4:memory:/far", {"memory/memory.limit_in_bytes": "6000\n"}, [6000]),
        ("5:cpu,cpuacct:/a", {"a/memory.max": "5000\n"}, []),
        ("0::/a", {}, []),
    ],
)
def test_the_limit_of_a_group_counts_too(
    *, line: str, files: dict[str, str], limits_bytes: list[int], tmp_path: Path
) -> None:
    """Of a container or a service: its own and those above it, in both versions of the kernel's."""
    (tmp_path / "proc" / "self").mkdir(parents=True)
    (tmp_path / "proc" / "self" / "cgroup").write_text(f"{line}\n")
    for name, text in files.items():
        file = tmp_path / "groups" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    assert group_limits_bytes(tmp_path / "proc", tmp_path / "groups") == limits_bytes
    assert group_limits_bytes(tmp_path / "none", tmp_path / "groups") == []


@pytest.mark.parametrize("limit_mb", [400, 700])
@pytest.mark.parametrize("words", [["analyze", "demo", "-b", str(DATA)], ["doctor"]])
def test_what_fails_for_want_of_memory_says_so(limit_mb: int, words: list[str]) -> None:
    """Where OpenCV cannot be loaded, and where MediaPipe would not take its model."""
    limit = limit_mb * 1_000_000
    done = subprocess.run(
        [sys.executable, "-m", "posturecam", *words],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done
    assert TOO_LITTLE in done.stdout + done.stderr
    assert "install" not in (done.stdout + done.stderr).lower()


_OF_ANOTHER_THREAD = """
import ctypes
import threading
from posturecam.base.memory import share_one_heap
share_one_heap()
malloc = ctypes.CDLL(None).malloc
malloc.restype = ctypes.c_void_p
places = []
thread = threading.Thread(target=lambda: places.append(malloc(1000)))
thread.start()
thread.join()
with open("/proc/self/maps") as maps:
    heap = next(line for line in maps if line.endswith("[heap]\\n"))
first, last = (int(end, 16) for end in heap.split()[0].split("-"))
print(first <= places[0] < last)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the C library of GNU can do it")
def test_a_later_thread_takes_its_memory_from_the_one_heap() -> None:
    """Otherwise a watch, with a dozen threads, takes 12 MB more."""
    told = subprocess.run(
        [sys.executable, "-c", _OF_ANOTHER_THREAD], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "True"
