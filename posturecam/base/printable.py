"""Keeps out of a text what would steer the terminal: names and notes may hold anything."""

from __future__ import annotations

import json


def printable(text: str, *, instead: str = " ") -> str:
    """`text`, which is one line, with `instead` for each sign that cannot be seen."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else instead for sign in text)


def json_text(value: object, *, indent: int | None = None) -> str:
    """`value` as JSON in which each sign that cannot be seen stands as its number."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    if text.isprintable():
        return text
    # Only within its texts can there be such signs, but for the line breaks of an indent.
    return "".join(
        sign if sign.isprintable() or sign == "\n" else json.dumps(sign)[1:-1] for sign in text
    )


def printable_lines(text: str) -> str:
    """`text` with its line breaks, and each line as of `printable`."""
    return "\n".join(map(printable, text.split("\n")))
