"""Lockers that tell nobody are seen by their processes."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from posturecam.system.screen_lockers import SILENT_LOCKERS, running_locker
from tests.desktops import running
from tests.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes as Linux shows them")

USER = 1000


def process(
    proc: Path, number: int, name: str, *, user: int = USER, state: str = "S", slice_of: int = USER
) -> None:
    """A process as the kernel shows it."""
    folder = proc / str(number)
    folder.mkdir(parents=True)
    (folder / "comm").write_text(f"{name[:15]}\n", encoding="utf-8")
    (folder / "status").write_text(
        f"Name:\t{name[:15]}\nState:\t{state} (as it is)\nUid:\t{user}\t0\t0\t0\n", encoding="utf-8"
    )
    (folder / "cgroup").write_text(
        f"0::/user.slice/user-{slice_of}.slice/session-2.scope\n", encoding="utf-8"
    )


@pytest.mark.parametrize("name", SILENT_LOCKERS)
def test_each_of_them_is_seen_among_others(tmp_path: Path, name: str) -> None:
    """By a name that the kernel may have cut; folders that are no process do not matter."""
    process(tmp_path, 40, "bash")
    (tmp_path / "self").mkdir()
    (tmp_path / "41").mkdir()  # it has just ended
    assert running_locker(user=USER, proc=tmp_path) is None
    process(tmp_path, 42, name)
    assert running_locker(user=USER, proc=tmp_path) == name


@pytest.mark.parametrize(
    ("user", "slice_of", "state", "seen"),
    [
        (USER, USER, "S", True),
        (USER, USER, "T", True),
        (USER, USER, "Z", False),
        (65534, USER, "S", True),  # slock gives its rights away
        (1001, 1001, "S", False),
        (0, 10001, "S", False),
    ],
)
def test_only_a_living_one_of_this_user_counts(
    tmp_path: Path,
    user: int,
    slice_of: int,
    state: str,
    seen: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Somebody else may lock a screen of theirs; one that ended may wait to be buried."""
    process(tmp_path, 42, "slock", user=user, slice_of=slice_of, state=state)
    assert (running_locker(user=USER, proc=tmp_path) == "slock") == seen


def test_a_real_process_is_seen_while_it_runs(tmp_path: Path) -> None:
    """Under a name that no other test knows."""
    program = tmp_path / "lock-of-a-test-only"
    shutil.copy(str(shutil.which("sleep")), program)
    names = ("another", program.name)
    assert running_locker(names=names) is None
    with running(str(program), "600"):
        wait_until(lambda: running_locker(names=names) == program.name, "it is seen")
    assert running_locker(names=names) is None


def test_without_the_kernels_folder_nothing_is_seen(tmp_path: Path) -> None:
    """As in a jail without /proc."""
    assert running_locker(proc=tmp_path / "none") is None
