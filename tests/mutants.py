"""`make mutants`: small faults are put into the pure modules; a fault that no test sees is shown.

What survives is either a rule that nothing tests or code that nothing needs. Each mutant is one
change of a module's syntax tree. A process of its own gets it and runs, until the first fails, the
tests that reach the line; no file is touched. Needs fork, so not on Windows.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import math
import os
import pickle
import random
import resource
import signal
import sys
import tempfile
import time
import tomllib
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from itertools import accumulate, groupby, pairwise
from operator import attrgetter
from pathlib import Path
from types import CodeType, FunctionType, SimpleNamespace
from typing import TYPE_CHECKING, Literal

import coverage
import pytest

from tests.faults import Mutant, mutants
from tests.purity import PURE, own_tests

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterable, Iterator, Sequence

ROOT = Path(__file__).parents[1]
EQUAL = ROOT / "tests" / "data" / "equal_mutants.toml"
"""Mutants that do what the module does: for each module, the change and the reason."""
LOADED_ONCE = ("numpy", "hypothesis", "pydantic")
PATIENCE_CPU_S = 20
"""A mutant is shown to no more than the quickest tests that take so long together.

What only a slower one would see counts as lived, so the score may be a little low.
"""
SPARE_CPU_S = 10
"""A mutant whose tests take so much more than twice their time goes round in circles."""
SPARE_S = 200
"""The same for one that waits for what never comes."""

SAMPLE_OF_ALL = 3
MINUTES_OF_ALL = 60
"""What is tried where nobody says what to try."""

Fate = Literal["killed", "timed out", "survived"]
FATES = ("killed", "timed out", "survived", "equal")


@dataclass(frozen=True, slots=True)
class Trace:
    """What one test does as long as nothing is wrong.

    Attributes:
        cpu_s: how long it takes.
        lines: by file, those that it reaches.
    """

    cpu_s: float
    lines: dict[str, set[int]]


class _Loader(SourceFileLoader):
    """Loads a module from a syntax tree instead of its file."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        super().__init__(name, str(path))
        self.tree = tree

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.tree, self.get_filename(fullname), "exec")


@dataclass(frozen=True, slots=True)
class _Finder:
    """Finds the mutant where its module is asked for."""

    spec: ModuleSpec

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return self.spec if name == self.spec.name else None


def _codes(code: CodeType) -> Iterator[tuple[tuple[str, int], CodeType]]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield (inner.co_qualname, inner.co_firstlineno), inner
            yield from _codes(inner)


def _replaced(functions: list[FunctionType], tree: ast.Module) -> dict[FunctionType, CodeType]:
    """What a mutant makes of its module's functions; nothing where it must be imported anew."""
    if not functions:
        return {}
    file = functions[0].__code__.co_filename
    codes = dict(_codes(compile(tree, file, "exec", dont_inherit=True)))
    pairs = [(one, one.__code__.co_qualname, one.__code__.co_firstlineno) for one in functions]
    found = {one: codes[name, line] for one, name, line in pairs if (name, line) in codes}
    changed = {one: code for one, code in found.items() if code != one.__code__}
    # A function that has lost a name of the one around it can only be made anew.
    same = all(code.co_freevars == one.__code__.co_freevars for one, code in changed.items())
    return changed if same else {}


def _forked(work: Callable[[], object], cpu_s: float) -> tuple[int, bytes]:
    """The exit status of a process that did some work within its time, and the result, pickled."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (round(cpu_s) + SPARE_CPU_S, -1))
            signal.alarm(10 * round(cpu_s) + SPARE_S)
            with os.fdopen(writer, "wb") as pipe:
                pickle.dump(work(), pipe)
            code = 0
        finally:
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        result = pipe.read()
    return os.waitpid(child, 0)[1], result


def _run_traced(session: pytest.Session, tests: Sequence[pytest.Item]) -> dict[str, Trace]:
    """The traces of tests that pass.

    Raises:
        ValueError: one does not.
    """
    measured = coverage.Coverage(data_file=None, config_file=False, source=["posturecam"])
    measured.start()
    traces = {}
    for test, following in pairwise([*tests, None]):
        assert test is not None
        measured.switch_context(test.nodeid)
        start_s = time.process_time()
        test.config.hook.pytest_runtest_protocol(item=test, nextitem=following)
        traces[test.nodeid] = Trace(time.process_time() - start_s, defaultdict(set))
        if session.testsfailed:
            raise ValueError(test.nodeid)
    measured.stop()
    found = measured.get_data()
    for file in found.measured_files():
        for line, names in found.contexts_by_lineno(file).items():
            for name in filter(None, names):  # what no test reaches is reached by an import
                traces[name].lines[file].add(line)
    return traces


class Tests:
    """A pytest plugin: the tests of a module, and what they say of its mutants.

    Args:
        file: the module's.
        chosen: its mutants.
        traces: a folder of those that other modules have asked for, a file to a test file.
    """

    def __init__(self, file: Path, chosen: Sequence[Mutant], traces: Path) -> None:
        self.file = str(file)
        self.chosen = chosen
        self.folder = traces
        self.fates: list[Fate | None] = []
        self.traces: dict[str, Trace] = {}
        self.kills: Counter[str] = Counter()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Runs the tests as they are, and then once for each mutant.

        What a mutant changes in a function is put into that function; for a fault elsewhere the
        module has to be imported anew, and its fate stays open.
        """
        status, result = _forked(lambda: self._traced(session), 600)
        if status != 0:
            return True
        self.traces = pickle.loads(result)  # noqa: S301 - of our own process
        functions = [
            one
            for one in gc.get_objects()
            if isinstance(one, FunctionType) and one.__code__.co_filename == self.file
        ]
        for mutant in self.chosen:
            replaced = _replaced(functions, mutant.tree())
            self.fates.append(self._fate(session, mutant, replaced) if replaced else None)
        return True

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Those that are tried."""
        items[:] = self._tried(items)

    def _tried(self, tests: Sequence[pytest.Item]) -> list[pytest.Item]:
        """Those that saw most come first, and of those the quickest, as long as patience lasts."""
        ranked = sorted(tests, key=self._rank)
        took_s = accumulate(map(self._cpu_s, ranked), initial=0.0)
        return [one for one, s in zip(ranked, took_s, strict=False) if s < PATIENCE_CPU_S]

    def _rank(self, test: pytest.Item) -> tuple[int, float]:
        return -self.kills[test.nodeid], self._cpu_s(test)

    def _cpu_s(self, test: pytest.Item) -> float:
        return self.traces[test.nodeid].cpu_s if self.traces else 0.0

    def _traced(self, session: pytest.Session) -> dict[str, Trace]:
        """For each test its trace; what is not in the folder yet is put there."""
        traces: dict[str, Trace] = {}
        new = []
        for path, tests in groupby(session.items, attrgetter("path")):
            known = self.folder / path.stem
            if known.exists():
                traces |= pickle.loads(known.read_bytes())  # noqa: S301 - of our own process
            else:
                new += list(tests)
        if new:
            traces |= _run_traced(session, new)
        for path, tests in groupby(new, attrgetter("path")):
            of_file = {test.nodeid: traces[test.nodeid] for test in tests}
            unfinished = self.folder / f"{path.stem}.{os.getpid()}"
            unfinished.write_bytes(pickle.dumps(of_file))
            unfinished.replace(self.folder / path.stem)
        return traces

    def _fate(
        self, session: pytest.Session, mutant: Mutant, replaced: dict[FunctionType, CodeType]
    ) -> Fate:
        lines = {*mutant.lines}
        reached = {name: trace.lines.get(self.file, set()) for name, trace in self.traces.items()}
        tests = [one for one in session.items if reached[one.nodeid] & lines]
        tests = self._tried(tests or session.items)

        def first_that_fails() -> str | None:
            for function, code in replaced.items():
                function.__code__ = code
            for test, following in pairwise([*tests, None]):
                assert test is not None
                test.config.hook.pytest_runtest_protocol(item=test, nextitem=following)
                if session.testsfailed:
                    return test.nodeid
            return None

        status, result = _forked(first_that_fails, 2 * sum(map(self._cpu_s, tests)))
        if os.WIFSIGNALED(status):
            return "timed out"
        failing = pickle.loads(result) if status == 0 else ""  # noqa: S301 - of our own process
        if failing is None:
            return "survived"
        self.kills[failing] += 1
        return "killed"


@dataclass(frozen=True, slots=True)
class Subject:
    """A module and the tests that are to notice its faults."""

    name: str

    @property
    def path(self) -> Path:
        """Its file."""
        return ROOT / Path(*self.name.split(".")).with_suffix(".py")

    @property
    def tests(self) -> list[str]:
        """The test files, its own first."""
        return [str(path) for path in own_tests(self.name)]

    def fates(self, chosen: Sequence[Mutant], traces: Path) -> list[Fate]:
        """What becomes of each mutant; `traces` as in `Tests`.

        Raises:
            SystemExit: the tests fail without any, so they can tell nothing.
        """
        with tempfile.TemporaryDirectory() as folder:
            return list(self._fates(folder, Tests(self.path, chosen, traces)))

    def _fates(self, folder: str, tests: Tests) -> Iterator[Fate]:
        def judged() -> tuple[list[Fate | None], dict[str, Trace], Counter[str]]:
            self._run(folder, tests, [])
            return tests.fates, tests.traces, tests.kills

        _, result = _forked(judged, 1_000_000)
        fates, tests.traces, tests.kills = pickle.loads(result)  # noqa: S301 - of our own process
        if not tests.traces:
            sys.exit(f"{self.name}: its tests fail without any mutant, or there are none.")
        for mutant, fate in zip(tests.chosen, fates, strict=True):
            yield fate or self._imported(folder, mutant, tests)

    def _imported(self, folder: str, mutant: Mutant, tests: Tests) -> Fate:
        loader = _Loader(self.name, self.path, mutant.tree())
        spec = spec_from_file_location(self.name, self.path, loader=loader)
        assert spec is not None
        finders = [_Finder(spec)]
        ordered = SimpleNamespace(pytest_collection_modifyitems=tests.pytest_collection_modifyitems)
        status, code = _forked(
            lambda: int(self._run(folder, ordered, finders)),
            2 * sum(one.cpu_s for one in tests.traces.values()),
        )
        if os.WIFSIGNALED(status):
            return "timed out"
        return "survived" if code == pickle.dumps(0) else "killed"

    def _run(self, folder: str, plugin: object, finders: list[_Finder]) -> int:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        ours = [one for one in sys.modules if one.split(".")[0] in ("posturecam", "tests")]
        for name in {*ours} - {__name__}:
            del sys.modules[name]  # whoever forks may have loaded the module as it is
        sys.meta_path[:0] = finders
        words = ["-x", "-q", "-m", "not model and not slow", f"--basetemp={folder}"]
        words += ["-o", "timeout=0", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
        for unwanted in ("randomly", "xdist", "cacheprovider"):
            words += ["-p", f"no:{unwanted}"]
        return pytest.main([*words, *self.tests], plugins=[plugin])


def pure_modules() -> list[str]:
    """The modules that may be mutated, by their full names."""
    return [file.removesuffix(".py").replace("/", ".") for file in sorted(PURE)]


def equal_mutants(name: str) -> dict[str, str]:
    """The mutants of a module that do what it does, as they are shown, each with the reason."""
    everything: dict[str, dict[str, str]] = tomllib.loads(EQUAL.read_text(encoding="utf-8"))
    return everything.get(name.removeprefix("posturecam."), {})


def judge(name: str, sample: int, seed: int, traces: Path, until_s: float) -> Counter[str]:
    """Prints what survives of a module and its row of the table; how many met which fate.

    Of a module that is not begun before `until_s` nothing is tried.
    """
    if time.perf_counter() > until_s:
        return Counter()
    subject = Subject(name)
    everything = list(mutants(subject.path.read_text(encoding="utf-8")))
    chosen = everything
    if 0 < sample < len(everything):
        chosen = random.Random(seed).sample(everything, sample)  # noqa: S311 - no secret
    equal = equal_mutants(name)
    unlike = [one for one in chosen if str(one) not in equal]
    fates = subject.fates(unlike, traces)
    for one, fate in zip(unlike, fates, strict=True):
        if fate == "survived":
            print(f"{subject.path.relative_to(ROOT)}:{one.lines.start}: {one}", flush=True)
    counts = Counter[str](fates)
    counts["equal"] = len(chosen) - len(unlike)
    counts["faults"] = len(everything)
    print(row(name.removeprefix("posturecam."), counts), flush=True)
    return counts


def row(name: str, counts: Counter[str], score: float | None = None) -> str:
    """A row of the table; the score leaves out what is equal."""
    if score is None:
        score = score_of(counts)
    figures = [counts["faults"], tried_of(counts), *(counts[fate] for fate in FATES)]
    return f"| {' | '.join(map(str, [name, *figures]))} | {score:.0%} |"


def tried_of(counts: Counter[str]) -> int:
    """How many of a module's mutants were tried."""
    return counts["killed"] + counts["timed out"] + counts["survived"]


def score_of(counts: Counter[str]) -> float:
    """The share of them that was seen; all of none."""
    tried = tried_of(counts)
    return 1 - counts["survived"] / tried if tried else 1.0


def score_of_all(judged: Iterable[Counter[str]]) -> float:
    """The share that would be seen of all faults of those modules, as the samples tell it."""
    of_all = [(one["faults"], score_of(one)) for one in judged if tried_of(one)]
    return sum(faults * score for faults, score in of_all) / max(sum(n for n, _ in of_all), 1)


def main() -> None:
    """Prints what survives, line by line, and the score of each module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", help="such as alerts.policy; all pure ones without")
    parser.add_argument("--sample", type=int, help="at most so many a module; 0 for all")
    parser.add_argument("--seed", type=int, default=1, help="which ones")
    parser.add_argument("--jobs", type=int, default=1, help="so many modules at a time")
    asked = parser.parse_args()
    names = [one for one in pure_modules() if one.removeprefix("posturecam.") in asked.modules]
    if len(names) != len(asked.modules):
        parser.error(f"not all of these are pure modules: {' '.join(asked.modules)}")
    sample, until_s = asked.sample or 0, math.inf
    if not names:
        names = pure_modules()
        random.Random(asked.seed).shuffle(names)  # noqa: S311 - no secret
        if asked.sample is None:
            sample, until_s = SAMPLE_OF_ALL, time.perf_counter() + 60 * MINUTES_OF_ALL
            print(
                f"{sample} faults of each of {len(names)} modules; none is begun after "
                f"{MINUTES_OF_ALL} minutes. All faults would take days: SAMPLE=0."
            )
    os.environ["CI"] = "1"  # the same examples for each mutant
    os.chdir(ROOT)
    os.nice(10)
    for name in LOADED_ONCE:
        importlib.import_module(name)
    print(f"| module | faults | tried | {' | '.join(FATES)} | score |\n{8 * '|---'}|", flush=True)
    with tempfile.TemporaryDirectory() as traces, ProcessPoolExecutor(asked.jobs) as pool:
        work = partial(judge, sample=sample, seed=asked.seed, traces=Path(traces), until_s=until_s)
        judged = list(pool.map(work, names))
        print(row("all, by their faults", sum(judged, Counter()), score_of_all(judged)))
    left = sum(not counts for counts in judged)
    if left:
        print(
            f"Of {left} modules nothing was tried for want of time; another SEED begins elsewhere."
        )


if __name__ == "__main__":
    main()
