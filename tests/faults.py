"""Small faults that are put into a module, each as one change of its syntax tree."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    tree: ast.Module

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def mutants(source: str) -> Iterator[Mutant]:
    """All mutants of a module, in the order of its lines.

    None of a statement that says `# pragma: no mutate` where it begins.
    """
    spared = {
        number
        for number, line in enumerate(source.splitlines(), 1)
        if "# pragma: no mutate" in line
    }
    for number in range(len(_sites(ast.parse(source), spared))):
        tree = ast.parse(source)
        node, change = _sites(tree, spared)[number]
        before = ast.unparse(node)
        change()
        after = ast.unparse(node)
        if after != before:
            lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            tree = ast.fix_missing_locations(tree)
            what = f"{_first_line(before)}  ->  {_first_line(after)}"
            yield Mutant(lines, what, source.splitlines()[node.lineno - 1].strip(), tree)


def _first_line(code: str) -> str:
    return code.partition("\n")[0]


def _sites(
    tree: ast.Module, spared: set[int]
) -> list[tuple[ast.expr | ast.stmt, Callable[[], None]]]:
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
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()] as targets):
            return [lambda: targets.__setitem__(0, ast.Name("_", ast.Store()))]
        case ast.If(test=ast.Name() | ast.Attribute() | ast.Call() as test):
            return [lambda: setattr(node, "test", ast.UnaryOp(ast.Not(), test))]
        case ast.Constant(value=bool() | int() | float() as value):
            return [lambda: setattr(node, "value", _another(value))]
        case ast.Call(func=ast.Name(id=name) as called) if name in _NAMES:
            return [lambda: setattr(called, "id", _NAMES[name])]
        case ast.IfExp(body=one, orelse=other):
            return [lambda: setattr(node, "body", other), lambda: setattr(node, "orelse", one)]
        case ast.Return(value=ast.expr() as value) | ast.Expr(value=ast.Call() as value) if (
            not isinstance(value, ast.Constant)
        ):
            return [lambda: setattr(node, "value", ast.Constant(None))]
    return []


def _another(value: float) -> float:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) or not value else value * 2


def _setting(ops: list[ast.cmpop], at: int, op: ast.AST) -> Callable[[], None]:
    return lambda: ops.__setitem__(at, op)  # type: ignore[call-overload]
