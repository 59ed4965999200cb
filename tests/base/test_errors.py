"""What the program ends with when it refuses, and what an error says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from posturecam.base.errors import (
    AlreadyRunningError,
    BaselineError,
    DataError,
    InstallationError,
    NotRunningError,
    OutputClosedError,
    PosturecamError,
    SourceBusyError,
    SourceError,
    SourceRefusedError,
    SourceTooLargeError,
    UsageError,
)

DESCRIBED = Path(__file__).parents[2] / "docs/programs.md"


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (OutputClosedError, "done"),
        (PosturecamError, "something unforeseen"),
        (InstallationError, "installation is incomplete"),
        (UsageError, "wrong usage"),
        (SourceError, "no usable source"),
        (SourceBusyError, "no usable source"),
        (SourceRefusedError, "no usable source"),
        (SourceTooLargeError, "no usable source"),
        (BaselineError, "no baseline"),
        (AlreadyRunningError, "already running"),
        (DataError, "data damaged"),
        (NotRunningError, "no watch is running"),
    ],
)
def test_each_error_ends_the_program_as_documented(
    error: type[PosturecamError], meaning: str
) -> None:
    """A script can tell them apart by the exit code."""
    table = dict(re.findall(r"^\| (\d+) \| (.+) \|$", DESCRIBED.read_text(encoding="utf-8"), re.M))

    assert meaning in table[str(error.exit_code)]


def test_what_happened_and_what_to_do_are_a_line_each() -> None:
    """Where there is nothing to do, one line is enough."""
    assert str(UsageError("No.", "Say yes.")) == "No.\nSay yes."
    assert str(UsageError("No.")) == "No."
    assert str(NotRunningError()).endswith("\nStart one with: posturecam watch")
