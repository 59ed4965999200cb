"""A module in the place of a package that is needed is named, whatever it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from posturecam.base.foreign_modules import foreign_modules
from tests.program import assert_refused, posturecam

if TYPE_CHECKING:
    from pathlib import Path

DEMO = ("calibrate", "--source", "demo")


def test_what_was_installed_with_the_program_is_not_foreign() -> None:
    """Here everything is in its place."""
    assert foreign_modules() == {}


@pytest.mark.parametrize(
    ("module", "content", "words"),
    [
        ("cv2", "", DEMO),
        ("cv2", "raise RuntimeError('broken')", DEMO),
        ("numpy", "", DEMO),
        ("numpy", "raise SyntaxError('broken')", DEMO),
        ("numpy", "", ("doctor",)),
        ("cv2", "", ("doctor",)),
        ("typer", "", ("status",)),
        ("pydantic", "class BaseModel: pass", ("config", "show")),
    ],
)
def test_the_file_in_the_way_is_named(
    module: str, content: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    """With what to do about it, in two lines; `doctor` says so in its own way."""
    file = tmp_path / f"{module}.py"
    file.write_text(content, encoding="utf-8")
    outcome = posturecam(*words, env={"PYTHONPATH": str(tmp_path)})
    if words == ("doctor",):
        assert outcome.returncode == 1
        assert outcome.stderr == ""
        assert outcome.stdout.startswith(f"FAIL  {module}: another is in the way, {file} | To do: ")
    else:
        assert_refused(outcome, 1, f"Another {module} is in the way: {file}", "PYTHONPATH")


def test_a_package_that_is_half_removed_hides_nothing(tmp_path: Path) -> None:
    """Its metadata has no name; the file in the way is still named."""
    remains = tmp_path / "gone-1.0.dist-info"
    remains.mkdir()
    (remains / "METADATA").touch()
    (remains / "top_level.txt").write_text("gone", encoding="utf-8")
    file = tmp_path / "typer.py"
    file.touch()
    outcome = posturecam("status", env={"PYTHONPATH": str(tmp_path)})
    assert_refused(outcome, 1, f"Another typer is in the way: {file}", "PYTHONPATH")
