"""Small faults that are put into a module, each as one change of its syntax tree."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult,
}  # fmt: skip
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module with one fault."""

    lines: range
    what: str
    where: str
    """The line as it is."""
    tree: Callable[[], ast.Module]
    """Makes the module with the fault."""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class _Change(NamedTuple):
    """Another value for a field of a node, or for one of a list of nodes."""

    holder: Any
    key: str | int
    value: object

    def made(self) -> _Change:
        """Makes it; gives the one that takes it back."""
        back = self._replace(value=self.holder[self.key])
        self.holder[self.key] = self.value
        return back


def mutants(source: str) -> Iterator[Mutant]:
    """All mutants of a module, in the order of its lines.

    None of a statement that says `# pragma: no mutate` where it begins.
    """
    text = source.splitlines()
    for number, (node, change) in enumerate(_sites(ast.parse(source), text)):
        before = ast.unparse(node)
        back = change.made()
        after = ast.unparse(node)
        back.made()
        if after != before:
            lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            what = f"{_first_line(before)}  ->  {_first_line(after)}"
            where = text[node.lineno - 1].strip()
            yield Mutant(lines, what, where, partial(_with_fault, source, number))


def _with_fault(source: str, number: int) -> ast.Module:
    tree = ast.parse(source)
    _sites(tree, source.splitlines())[number][1].made()
    return ast.fix_missing_locations(tree)


def _first_line(code: str) -> str:
    return code.partition("\n")[0]


def _sites(tree: ast.Module, text: list[str]) -> list[tuple[ast.expr | ast.stmt, _Change]]:
    spared = {number for number, line in enumerate(text, 1) if "# pragma: no mutate" in line}
    return [
        (node, change)
        for node in _running(tree, spared)
        if isinstance(node, ast.expr | ast.stmt)
        for change in _changes(node)
    ]


def _running(node: ast.AST, spared: set[int]) -> Iterator[ast.AST]:
    """The nodes that do something when the program runs: no annotations, no decorators.

    Nor the `strict` of a zip, which only says that a length was not mistaken, nor what a `repr`
    shows, nor what the type checker proves never to run.
    """
    if isinstance(node, ast.keyword) and node.arg in ("strict", "repr"):
        return
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    if isinstance(node, ast.Expr) and ast.unparse(node.value).startswith("assert_never("):
        return
    if isinstance(node, ast.stmt) and node.lineno in spared:
        return
    yield node
    for name, value in ast.iter_fields(node):
        if name not in ("annotation", "returns", "decorator_list"):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _running(child, spared)


def _changes(node: ast.expr | ast.stmt) -> list[_Change]:
    """What may be done to a node, in its place."""
    own = vars(node)
    match node:
        case ast.Compare(ops=ops):
            return [_Change(ops, at, _SWAPS[type(op)]()) for at, op in enumerate(ops)]
        case ast.BoolOp(op=op) | ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in _SWAPS:
            return [_Change(own, "op", _SWAPS[type(op)]())]
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            return [_Change(own, "operand", ast.UnaryOp(node.op, operand))]
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()] as targets):
            return [_Change(targets, 0, ast.Name("_", ast.Store()))]
        case ast.If(test=ast.Name() | ast.Attribute() | ast.Call() as test):
            return [_Change(own, "test", ast.UnaryOp(ast.Not(), test))]
        case ast.Constant(value=bool() | int() | float() as value):
            return [_Change(own, "value", _another(value))]
        case ast.Call(func=ast.Name(id=name) as called) if name in _NAMES:
            return [_Change(vars(called), "id", _NAMES[name])]
        case ast.IfExp(body=one, orelse=other):
            return [_Change(own, "body", other), _Change(own, "orelse", one)]
        case ast.Return(value=ast.expr() as value) | ast.Expr(value=ast.Call() as value) if (
            not isinstance(value, ast.Constant)
        ):
            return [_Change(own, "value", ast.Constant(None))]
    return []


def _another(value: float) -> float:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) or not value else value * 2
