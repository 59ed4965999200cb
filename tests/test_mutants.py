"""The faults that `make mutants` puts into the pure modules, and where it looks for their tests."""

from __future__ import annotations

import ast
import sys

import pytest

if sys.platform == "win32":
    pytest.skip("it forks", allow_module_level=True)

from tests.mutants import Subject, mutants, pure_modules

SOURCE = """
if TYPE_CHECKING:
    LIMIT = 1

@cache
def near(a: int = 2) -> bool:
    '''Says nothing.'''
    tell(a)
    return 0.5 < a and not a
"""


def test_each_fault_is_one_change_of_what_runs() -> None:
    """Neither annotations nor decorators nor what only the type checker reads."""
    assert {one.what for one in mutants(SOURCE)} == {
        "2  ->  3",
        "tell(a)  ->  None",
        "return 0.5 < a and (not a)  ->  return None",
        "0.5 < a and (not a)  ->  0.5 < a or not a",
        "0.5 < a  ->  0.5 <= a",
        "0.5  ->  1.0",
        "not a  ->  not not a",
    }


@pytest.mark.parametrize("name", pure_modules())
def test_each_pure_module_has_tests_that_may_see_its_faults(name: str) -> None:
    """One that has none of its own is named in `ALSO`."""
    assert Subject(name).path.is_file()
    assert Subject(name).tests


def test_a_fault_is_seen_and_the_module_as_it_is_passes() -> None:
    """Each in a process of its own; the file stays as it is."""
    subject = Subject("posturecam.base.csv_cells")
    source = subject.path.read_text(encoding="utf-8")
    passed, _ = subject.run(ast.parse(source), 60)
    broken, _ = subject.run(ast.parse(source + "\nraise ImportError"), 60)

    assert passed
    assert not broken
