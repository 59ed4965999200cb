"""What is pure cannot but compute: what it may import and call is a list, and the list is short."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.purity import PURE

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]

MAY_IMPORT = frozenset({
    "__future__", "abc", "base64", "bisect", "codecs", "collections", "copy", "csv",
    "dataclasses", "datetime", "decimal", "enum", "functools", "hashlib", "html", "itertools",
    "json", "math", "numpy",
    "operator", "re", "rich.cells", "rich.text", "secrets", "statistics", "string", "struct",
    "textwrap", "types", "typing", "unicodedata", "urllib.parse", "zlib",
})  # fmt: skip
"""Modules that compute. They open nothing, start nothing and read no clock but for what ruff
refuses by name (`datetime.now`)."""
MUST_NOT_NAME = frozenset({
    "__builtins__", "__import__", "breakpoint", "compile", "eval", "exec", "input", "open", "print",
})  # fmt: skip
MUST_NOT_ASK_FOR = frozenset({
    "__builtins__", "fromfile", "genfromtxt", "load", "loadtxt", "memmap", "now", "open", "save",
    "savetxt", "savez", "savez_compressed", "today", "tofile", "utcnow",
})  # fmt: skip
"""Of a module that may be imported: numpy and `codecs` open files, `datetime` reads the clock."""
ALSO = {
    "posturecam/base/csv_cells.py": {"io"},  # a text in memory
    "posturecam/base/language.py": {"gettext", "pathlib"},  # translations, likewise
    "posturecam/posture/angle_model.py": {"gc", "importlib"},  # the functions that ship, read once
    "posturecam/review/page.py": {"importlib.resources", "jinja2"},  # its template, likewise
}
"""What one module needs besides, and for what."""
NOT_PURE = {
    "posturecam/log/session_dates.py",  # moves rows of the log that it is given
}
"""What only computes by the look of its imports."""


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported when the code runs, however deep the import stands."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield module
            yield from (f"{module}.{name.name}" for name in node.names)
        yield from imported(node)


def impurities(source: str, also: frozenset[str] | set[str] = frozenset()) -> list[str]:
    """What the code could do beyond computing."""
    tree = ast.parse(source)
    found = []
    for name in imported(tree):
        parts = name.split(".")
        if parts[0] == "posturecam":
            file = f"{'/'.join(parts)}.py"
            package = ROOT.joinpath(*parts).is_dir()
            if (ROOT / file).is_file() and file not in PURE and not package:
                found.append(name)
        else:
            computes = any(".".join(parts[:length]) in MAY_IMPORT | also for length in (1, 2))
            found += [] if computes and parts[-1] not in MUST_NOT_ASK_FOR else [name]
    nodes = list(ast.walk(tree))
    imports = (node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom))
    bound = {(name.asname or name.name).split(".")[0] for node in imports for name in node.names}
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Load()) if name in MUST_NOT_NAME:
                found.append(name)
            case ast.Attribute(attr=name) if name in MUST_NOT_ASK_FOR:
                asked = ast.unparse(node)
                found += [asked] if asked.split(".")[0] in bound else []
    return found


@pytest.mark.parametrize("file", sorted(PURE))
def test_what_is_listed_as_pure_only_computes(file: str) -> None:
    """It imports what computes and what is pure itself, and opens nothing."""
    source = (ROOT / file).read_text(encoding="utf-8")

    assert impurities(source, ALSO.get(file, frozenset())) == []


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("import sqlite3", "sqlite3"),
        ("import threading", "threading"),
        ("from pathlib import Path", "pathlib"),
        ("import urllib.request", "urllib.request"),
        ("def f():\n    import subprocess", "subprocess"),
        ("open('/tmp/x')", "open"),
        ("__import__('sqlite3')", "__import__"),
        ("from . import profiles", "."),
        ("from ..log import writer", "..log"),
        ("import numpy as np\nnp.save('/tmp/x', 1)", "np.save"),
        ("from numpy import memmap", "numpy.memmap"),
        ("import codecs\ncodecs.open('/tmp/x')", "codecs.open"),
        ("import datetime as d\nd.datetime.now(d.UTC)", "d.datetime.now"),
        ("from posturecam.base.clock import SystemClock", "posturecam.base.clock"),
        ("from posturecam.log.writer import LogWriter", "posturecam.log.writer"),
        ("from posturecam.posture import profiles", "posturecam.posture.profiles"),
    ],
)
def test_a_decision_that_does_more_is_refused(line: str, named: str) -> None:
    """The policy as it is, with one line that opens, starts or asks something."""
    policy = (ROOT / "posturecam" / "alerts" / "policy.py").read_text(encoding="utf-8")

    assert named in impurities(f"{policy}\n{line}\n")


def test_nothing_that_only_computes_is_left_off_the_list() -> None:
    """A new module that is pure owes its tests from the beginning."""
    files = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("posturecam/**/[!_]*.py")}
    sources = {file: (ROOT / file).read_text(encoding="utf-8") for file in files - PURE}

    assert {file for file, source in sources.items() if not impurities(source)} == NOT_PURE


def _packages_used(package: Path) -> set[str]:
    trees = (ast.parse(file.read_text(encoding="utf-8")) for file in package.glob("*.py"))
    nodes = (node for tree in trees for node in ast.walk(tree))
    named = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    ours = {name.split(".")[1] for name in named if name.startswith("posturecam.")}
    return {name for name in ours - {package.name} if (ROOT / "posturecam" / name).is_dir()}


@pytest.mark.parametrize(
    "package",
    [file.parent for file in sorted((ROOT / "posturecam").glob("*/__init__.py"))],
    ids=lambda package: package.name,
)
def test_a_package_says_at_its_top_what_it_imports(package: Path) -> None:
    """No more, and no less."""
    text = ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8"))) or ""
    said = text.partition("May import:")[2]
    named = set(re.findall(r"`(\w+)`", said))
    packages = {file.parent.name for file in (ROOT / "posturecam").glob("*/__init__.py")}

    assert said
    if "everything" not in said:
        assert named & packages == _packages_used(package)
