"""Keeps out of a text what would steer the terminal: names and notes may hold anything."""

from __future__ import annotations


def printable(text: str, *, instead: str = " ") -> str:
    """`text`, which is one line, with `instead` for each sign that cannot be seen."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else instead for sign in text)
