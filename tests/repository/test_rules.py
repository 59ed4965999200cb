"""Tests as CONTRIBUTING asks: nothing is patched, nothing sleeps, nothing outlives a failure."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parents[1]
ALLOWED = {
    "benchmarks/libraries_alone.py": {"Event().wait"},  # measures real time
    "benchmarks/startup.py": {"Event().wait"},  # likewise
    "benchmarks/watch.py": {"Event().wait"},  # likewise
    "light_watch.py": {
        "program.run_watch =",
        "taking.run_calibrate =",
    },  # the real command line, but for the pose model
    "soak.py": {"Event().wait"},  # measures real time
    "waiting.py": {"SystemClock().wait_s"},  # asks for the reason
}
"""What a file may do all the same, and why."""


def liberties(source: str) -> Iterator[str]:
    """What the code does that a test may not."""
    tree = ast.parse(source)
    modules = dict(_imported(tree))
    yield from (name for name in modules.values() if "mock" in name)
    for node in ast.walk(tree):
        match node:
            case ast.withitem(context_expr=ast.Call(func=ast.Attribute(attr="Popen") as called)):
                yield f"with {ast.unparse(called)}"
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id=name)) as target]):
                if name in modules:
                    yield f"{ast.unparse(target)} ="
            # An audit hook stays for good, and lets two threads set their trace functions at once,
            # which CPython 3.11 refuses one of (python/cpython#98257): coverage does in each.
            case ast.Call(
                func=ast.Attribute(attr="setattr" | "delattr" | "addaudithook") as called
            ):
                yield ast.unparse(called)
            case ast.Call(
                func=ast.Attribute(attr="wait" | "wait_s" as name, value=ast.Call() as on)
            ):
                made = ast.unparse(on.func).rpartition(".")[2]
                if made in ("Event", "SystemClock"):
                    yield f"{made}().{name}"


def _imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """What each imported thing is called here, and in full."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((one.asname or one.name, one.name) for one in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield from ((one.asname or one.name, f"{module}.{one.name}") for one in names)


def test_nothing_is_patched_nothing_sleeps_and_nothing_outlives_a_failure() -> None:
    """Fakes are handed over; what is to come is waited for, and else `let_pass` is told why."""
    found = {
        path.relative_to(FOLDER).as_posix(): set(liberties(path.read_text(encoding="utf-8")))
        for path in FOLDER.rglob("*.py")
    }
    assert {file: names for file, names in found.items() if names} == ALLOWED


def test_no_two_files_of_tests_have_one_name() -> None:
    """`tests/purity.py` finds the tests of a module by it, whatever folder they are in."""
    names = Counter(path.name for path in FOLDER.rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []


def test_each_file_of_tests_has_a_folder() -> None:
    """That of the package it tests, as CONTRIBUTING says."""
    assert list(FOLDER.glob("test_*.py")) == []


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("from unittest import mock", "unittest.mock"),
        ("from unittest.mock import patch", "unittest.mock.patch"),
        ("monkeypatch.setattr(time, 'time', lambda: 0.0)", "monkeypatch.setattr"),
        ("sys.addaudithook(print)", "sys.addaudithook"),
        ("from posturecam.alerts import policy\npolicy.step = print", "policy.step ="),
        ("import time\ntime.time = int", "time.time ="),
        ("threading.Event().wait(1)", "Event().wait"),
        ("SystemClock().wait_s(1.0)", "SystemClock().wait_s"),
        ("with subprocess.Popen(['posturecam']) as it:\n    pass", "with subprocess.Popen"),
    ],
)
def test_a_test_that_does_is_refused(line: str, named: str) -> None:
    """Each of them alone; that `time.sleep` is not called is ruff's to say."""
    assert list(liberties(line)) == [named]
