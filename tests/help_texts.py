"""Finds for the template of translations what the help says of each command."""

from __future__ import annotations

import ast
from typing import IO, TYPE_CHECKING, Any

from babel.messages.extract import extract_python

if TYPE_CHECKING:
    from collections.abc import Iterator


def extract(file: IO[bytes], keywords: Any, comment_tags: Any, options: Any) -> Iterator[Any]:
    """What is marked in the file, as Babel finds it, and what its commands are for."""
    yield from extract_python(file, keywords, comment_tags, options)
    file.seek(0)
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.FunctionDef) and any(map(_is_command, node.decorator_list)):
            text = ast.get_docstring(node)
            assert text is not None
            yield node.lineno, None, text, []


def _is_command(decorator: ast.expr) -> bool:
    """Whether it is `@group.command(...)`."""
    match decorator:
        case ast.Call(func=ast.Attribute(attr="command")):
            return True
        case _:
            return False
