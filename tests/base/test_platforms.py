"""Who cannot run the program is told so before anything is installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from posturecam.base.platforms import why_unsupported, why_unsupported_here

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("system", "machine", "libc", "named"),
    [
        ("Linux", "x86_64", "glibc", None),
        ("Darwin", "arm64", "", None),
        ("Windows", "amd64", "", None),
        ("Linux", "aarch64", "glibc", "(Linux aarch64)"),  # a Raspberry Pi
        ("Linux", "x86_64", "", "(Linux x86_64 without glibc)"),  # Alpine
        ("Darwin", "x86_64", "", "(macOS x86_64)"),
        ("Windows", "arm64", "", "(Windows arm64)"),
        ("Windows", "win32", "", "(Windows win32)"),
    ],
)
def test_a_machine_is_refused_by_its_name(
    system: str, machine: str, libc: str, named: str | None
) -> None:
    """In two lines, where there is no build of the pose library."""
    why = why_unsupported(system, machine, libc)

    if named is None:
        assert why is None
    else:
        assert why is not None
        assert named in why
        assert len(why.splitlines()) == 2


def test_here_it_runs() -> None:
    """Whoever runs the tests has a build."""
    assert why_unsupported_here() is None


@pytest.mark.skipif(shutil.which("setarch") is None, reason="setarch is not installed")
@pytest.mark.parametrize(
    "words",
    [
        ["-m", "posturecam.base.platforms"],
        ["-c", "import hatchling.build as b; b.prepare_metadata_for_build_wheel('/nowhere')"],
    ],
    ids=["make", "pip"],
)
def test_an_install_is_refused_before_pip_looks_for_a_build(words: list[str]) -> None:
    """By what `make demo` runs first, and by what pip asks first."""
    refused = subprocess.run(
        ["setarch", "i686", sys.executable, *words],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert refused.returncode == 1
    assert "posturecam does not run here (Linux i686)" in refused.stderr
