"""Texts in lines of so many columns.

Pure.
"""

from __future__ import annotations

import re
import textwrap

_BEFORE_A_UNIT = re.compile(r"(?<=\d) (?=\w)")
_NO_BREAK = "\u00a0"


def wrapped(
    text: str,
    columns: int,
    *,
    initial_indent: str = "",
    subsequent_indent: str = "",
    break_on_hyphens: bool = True,
) -> list[str]:
    """`text` in lines; a number and its unit, as in `3 min`, stand on one of them."""
    lines = textwrap.wrap(
        _BEFORE_A_UNIT.sub(_NO_BREAK, text),
        columns,
        initial_indent=initial_indent,
        subsequent_indent=subsequent_indent,
        break_on_hyphens=break_on_hyphens,
    )
    return [line.replace(_NO_BREAK, " ") for line in lines]
