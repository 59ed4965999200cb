"""The faults that `make mutants` puts into the pure modules, and where it looks for their tests."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import pytest

if sys.platform == "win32":
    pytest.skip("it forks", allow_module_level=True)

from tests.faults import Mutant, mutants
from tests.mutants import Subject, equal_mutants, pure_modules, score_of_all

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = """
DRAWN = (  # pragma: no mutate - no rule
    3 + 4,
)
if TYPE_CHECKING:
    LIMIT = 1

@cache
def near(a: int = 2) -> bool:
    '''Says nothing.'''
    tell(a)
    self.seen = a
    assert_never(a)
    if self.seen:
        return False
    return 0.5 < a and not a
"""


def test_each_fault_is_one_change_of_what_runs() -> None:
    """Not of annotations, decorators, what only the type checker reads and what is spared."""
    assert {one.what for one in mutants(SOURCE)} == {
        "2  ->  3",
        "tell(a)  ->  None",
        "self.seen = a  ->  _ = a",
        "if self.seen:  ->  if not self.seen:",
        "False  ->  True",
        "return 0.5 < a and (not a)  ->  return None",
        "0.5 < a and (not a)  ->  0.5 < a or not a",
        "0.5 < a  ->  0.5 <= a",
        "0.5  ->  1.0",
        "not a  ->  not not a",
    }


@pytest.mark.parametrize("name", pure_modules())
def test_each_pure_module_has_tests_that_may_see_its_faults(name: str) -> None:
    """One that has none of its own is named in `ALSO`; what is called equal is a mutant of it."""
    subject = Subject(name)
    assert subject.tests
    equal = equal_mutants(name)
    if equal:
        shown = {str(one) for one in mutants(subject.path.read_text(encoding="utf-8"))}
        assert equal.keys() <= shown


def test_faults_are_seen_in_functions_and_at_import_and_the_module_as_it_is_passes(
    tmp_path: Path,
) -> None:
    """Each in a process of its own; the file stays as it is."""
    subject = Subject("posturecam.base.durations")
    source = subject.path.read_text(encoding="utf-8")
    in_function = next(one for one in mutants(source) if "return" in one.what)
    ends_at_import = f"{source}\nraise ImportError"
    fates = subject.fates(
        [
            Mutant(range(1), "", "", partial(ast.parse, source)),
            in_function,
            Mutant(range(1), "", "", partial(ast.parse, ends_at_import)),
        ],
        tmp_path,
    )

    assert fates == ["survived", "killed", "killed"]


def test_the_score_of_all_weighs_a_module_by_its_faults() -> None:
    """However many of them were tried; one that was not reached says nothing."""
    large = Counter({"faults": 90, "killed": 2, "timed out": 1, "survived": 1, "equal": 1})
    small = Counter({"faults": 10, "survived": 2})
    assert score_of_all([large, small, Counter()]) == pytest.approx(0.9 * 0.75)
