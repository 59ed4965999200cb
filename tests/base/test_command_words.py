"""What one types to start the program again, however it was started."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

CODE = (
    "import sys; from posturecam.base.command_words import own_command\n"
    "sys.argv = sys.argv[1:]; print(own_command())"
)


def command_of(started: Path | str, path: Path) -> str:
    """What a program says that was started as `started`, with `path` searched by the shell."""
    return subprocess.run(
        [sys.executable, "-c", CODE, str(started)],
        env=os.environ | {"PATH": str(path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout.strip()


@pytest.mark.skipif(sys.platform == "win32", reason="scripts have another ending there")
def test_the_name_alone_is_said_only_where_the_shell_finds_this_program(tmp_path: Path) -> None:
    """Another one of that name is not this one."""
    scripts = [tmp_path / place / "posturecam" for place in ("here", "elsewhere")]
    for script in scripts:
        script.parent.mkdir()
        script.write_text("#!/bin/sh\n", "utf-8")
        script.chmod(0o755)
    mine, other = scripts
    assert command_of(mine, mine.parent) == "posturecam"
    assert command_of(mine, other.parent) == str(mine)
    assert command_of(mine, tmp_path) == str(mine)
    spaced = tmp_path / "my tools" / "posturecam"
    assert command_of(spaced, tmp_path) == shlex.quote(str(spaced))
    module = tmp_path / "__main__.py"
    assert command_of(module, tmp_path) == f"{sys.executable} -m posturecam"
