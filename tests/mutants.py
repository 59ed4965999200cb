"""`make mutants`: small faults are put into the pure modules; a fault that no test sees is shown.

What lives is either a rule that nothing tests or code that nothing needs. Each mutant is one change
of a module's syntax tree, compiled in a process of its own that runs the module's tests until the
first of them fails; no file is touched. Needs fork, so not on Windows.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import os
import random
import resource
import sys
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.purity import PURE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import CodeType

ROOT = Path(__file__).parents[1]
ALSO = {
    "alerts.policy": ("workday",),
    "alerts.suppression": ("quiet",),
    "capture.http_login": ("network_camera",),
    "capture.source": ("camera",),
    "capture.thumbnail": ("stillness",),
    "capture.tiff": ("damaged_input",),
    "care.texts": ("care_texts",),
    "log.export_tables": ("export",),
    "log.merging": ("store",),
    "log.schema": ("store", "log_file"),
    "log.sqlite_journal": ("recovery",),
    "log.sqlite_pages": ("recovery",),
    "outputs.event_texts": ("display",),
    "outputs.words": ("policy", "display"),
    "pose.measures": ("angles",),
    "posture.mismatch": ("staleness",),
    "posture.observe": ("sitter", "staleness", "attention"),
    "posture.state": ("posture", "positions", "workday", "sampling"),
    "posture.taking": ("new_baseline", "calibrating"),
    "review.data": ("render",),
    "review.day": ("review",),
    "review.facts": ("render",),
    "review.figures": ("page",),
    "review.stretches": ("review",),
    "review.text": ("render",),
    "review.usual": ("review",),
    "base.errors": ("cli",),
    "base.local_time": ("review",),
    "values.commands": ("keys", "control"),
    "values.events": ("records", "display"),
    "values.log_rows": ("review", "store"),
    "values.observation": ("posture", "policy"),
    "watch.sampling": ("attention",),
    "watch.totals": ("totals", "workday"),
}
"""Test files beside its own that show what a module does."""
SPARE_CPU_S = 20
"""A mutant whose tests take so much longer than without it goes round in circles."""
LOADED_ONCE = ("numpy", "hypothesis", "pydantic")

_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
}  # fmt: skip
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module with one fault."""

    line: int
    what: str
    tree: ast.Module


def mutants(source: str) -> Iterator[Mutant]:
    """All mutants of a module, in no particular order."""
    for number in range(len(_sites(ast.parse(source)))):
        tree = ast.parse(source)
        node, change = _sites(tree)[number]
        before = ast.unparse(node)
        change()
        after = ast.unparse(node)
        if after != before:
            yield Mutant(node.lineno, f"{before}  ->  {after}", tree)


def _sites(tree: ast.Module) -> list[tuple[ast.expr | ast.stmt, Callable[[], None]]]:
    return [
        (node, change)
        for node in _running(tree)
        if isinstance(node, ast.expr | ast.stmt)
        for change in _changes(node)
    ]


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that do something when the program runs: no annotations, no decorators."""
    yield node
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    for name, value in ast.iter_fields(node):
        if name not in ("annotation", "returns", "decorator_list"):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _running(child)


def _changes(node: ast.expr | ast.stmt) -> list[Callable[[], None]]:
    """What may be done to a node, in its place."""
    match node:
        case ast.Compare(ops=ops):
            return [_setting(ops, at, _SWAPS[type(op)]()) for at, op in enumerate(ops)]
        case ast.BoolOp(op=op) | ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in _SWAPS:
            return [lambda: setattr(node, "op", _SWAPS[type(op)]())]
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            inner = ast.UnaryOp(node.op, operand)
            return [lambda: setattr(node, "operand", inner)]
        case ast.Constant(value=bool() | int() | float() as value):
            return [lambda: setattr(node, "value", _another(value))]
        case ast.Call(func=ast.Name(id=name) as called) if name in _NAMES:
            return [lambda: setattr(called, "id", _NAMES[name])]
        case ast.IfExp(body=one, orelse=other):
            return [lambda: setattr(node, "body", other), lambda: setattr(node, "orelse", one)]
        case ast.Return(value=ast.expr()) | ast.Expr(value=ast.Call()):
            return [lambda: setattr(node, "value", ast.Constant(None))]
    return []


def _another(value: float) -> float:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) or not value else value * 2


def _setting(ops: list[ast.cmpop], at: int, op: ast.AST) -> Callable[[], None]:
    return lambda: ops.__setitem__(at, op)  # type: ignore[call-overload]


class _Loader(SourceFileLoader):
    """Loads a module from a syntax tree instead of its file."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        super().__init__(name, str(path))
        self.tree = ast.fix_missing_locations(tree)

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.tree, self.get_filename(fullname), "exec")


@dataclass(frozen=True, slots=True)
class _Finder:
    """Finds the mutant where its module is asked for."""

    spec: ModuleSpec

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return self.spec if name == self.spec.name else None


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
        stem = self.name.rpartition(".")[2]
        also = ALSO.get(self.name.removeprefix("posturecam."), ())
        names = [f"test_{one}.py" for one in (stem, *also)]
        return [str(path) for name in names for path in sorted((ROOT / "tests").rglob(name))]

    def run(self, tree: ast.Module | None, most_cpu_s: int) -> tuple[bool, float]:
        """Whether the tests pass with the module as in `tree`, and what CPU time that took."""
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = self._test(tree, most_cpu_s)
            finally:
                os._exit(code)
        _, status, used = os.wait4(child, 0)
        return status == 0, used.ru_utime + used.ru_stime

    def _test(self, tree: ast.Module | None, most_cpu_s: int) -> int:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (most_cpu_s, most_cpu_s))
        for name in [one for one in sys.modules if one.split(".")[0] in ("posturecam", "tests")]:
            del sys.modules[name]  # whoever forks may have loaded the module as it is
        if tree is not None:
            loader = _Loader(self.name, self.path, tree)
            spec = spec_from_file_location(self.name, self.path, loader=loader)
            assert spec is not None
            sys.meta_path.insert(0, _Finder(spec))
        words = ["-x", "-q", "-m", "not model", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
        for plugin in ("randomly", "xdist", "cacheprovider"):
            words += ["-p", f"no:{plugin}"]
        return pytest.main([*words, *self.tests])


def pure_modules() -> list[str]:
    """The modules that may be mutated, by their full names."""
    return [file.removesuffix(".py").replace("/", ".") for file in sorted(PURE)]


def survivors(subject: Subject, chosen: Sequence[Mutant]) -> Iterator[Mutant]:
    """Those of the mutants with which all tests of the module pass, as they are found.

    Raises:
        SystemExit: they do not pass without, so they can tell nothing.
    """
    passed, cpu_s = subject.run(None, 600)
    if not subject.tests or not passed:
        sys.exit(f"{subject.name}: its tests fail without any mutant, or there are none.")
    for one in chosen:
        if subject.run(one.tree, round(cpu_s) + SPARE_CPU_S)[0]:
            yield one


def main() -> None:
    """Prints what lives, line by line, and the score of each module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", help="such as alerts.policy; all pure ones without")
    parser.add_argument("--sample", type=int, default=None, help="at most so many a module")
    parser.add_argument("--seed", type=int, default=1, help="which ones")
    asked = parser.parse_args()
    names = [one for one in pure_modules() if one.removeprefix("posturecam.") in asked.modules]
    if len(names) != len(asked.modules):
        parser.error(f"not all of these are pure modules: {' '.join(asked.modules)}")
    os.environ["CI"] = "1"  # the same examples for each mutant
    os.chdir(ROOT)
    for name in LOADED_ONCE:
        importlib.import_module(name)
    tried = killed = 0
    for name in names or pure_modules():
        subject = Subject(name)
        chosen = list(mutants(subject.path.read_text(encoding="utf-8")))
        if asked.sample is not None and asked.sample < len(chosen):
            chosen = random.Random(asked.seed).sample(chosen, asked.sample)  # noqa: S311 - no secret
        lived = 0
        for one in survivors(subject, chosen):
            lived += 1
            print(f"{subject.path.relative_to(ROOT)}:{one.line}: {one.what}", flush=True)
        tried, killed = tried + len(chosen), killed + len(chosen) - lived
        print(f"{name}: {1 - lived / len(chosen):.0%} of {len(chosen)} killed", flush=True)
    print(f"{killed / tried:.0%} of {tried} killed")


if __name__ == "__main__":
    main()
