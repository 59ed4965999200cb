"""The signs beyond ASCII that the program prints, and what stands for each where there is none.

One choice for all output: whoever opens a stream for people gives it `ERRORS` as its error handler.
"""

from __future__ import annotations

import codecs

ERRORS = "posturecam signs"
"""Name of the error handler: a sign that the encoding lacks becomes its stand-in."""

ASCII_SIGNS = {
    "█": "#",
    "▒": "=",
    "·": ".",
    "│": "|",
    "┃": "!",
    "…": "...",
    "—": "-",
    "°": " deg",
    "±": "+/-",
}
"""Those that are states or marks have stand-ins of one column, no two alike, and none is `?`, which
is a sign of its own."""

_UNKNOWN = "?"


def in_ascii(text: str) -> str:
    """`text` with a stand-in for each of our signs."""
    return "".join(ASCII_SIGNS.get(sign, sign) for sign in text)


def _instead(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(ASCII_SIGNS.get(sign, _UNKNOWN) for sign in missing), error.end


codecs.register_error(ERRORS, _instead)
