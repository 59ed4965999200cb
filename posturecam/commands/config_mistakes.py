"""What is wrong with a config file, said in words of that file, each with its line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posturecam.base.durations import written_duration
from posturecam.base.errors import UsageError
from posturecam.base.language import Sentence

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from posturecam.values.settings import Setting

_WORDS = {
    "bool_type": Sentence("write true or false"),
    "string_type": Sentence('write it in quotes: "..."'),
    "list_type": Sentence('write it as a list: ["...", "..."]'),
    "int_type": Sentence("write a whole number"),
    "float_type": Sentence("write a number"),
    "finite_number": Sentence("write a number"),
}
"""What to do, by pydantic's name of the mistake."""
_BOUNDS = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")


class ConfigMistakes(UsageError):  # noqa: N818 - what they are, and one may be all of them
    """Keys or values of the file make no sense; all are named.

    Attributes:
        by_line: line and what is wrong there, the key first.
        in_one_sentence: all of it where there is one line for it.
        of_kind_alone: each is a text, a number, a truth value or a list in the place of another.
    """

    def __init__(
        self, path: Path, text: str, error: ValidationError, settings: Mapping[str, Setting]
    ) -> None:
        """Says it in words of the file, by every key that there is, "table.key" in a table."""
        self.by_line = sorted(
            (
                _line_of(text, keys),
                Sentence.joined((".".join(keys), _what(mistake, ".".join(keys), settings)), ": "),
            )
            for mistake in error.errors(include_url=False)
            for keys in [[str(part) for part in mistake["loc"] if not isinstance(part, int)]]
        )
        self.of_kind_alone = all(mistake["type"] in _WORDS for mistake in error.errors())
        lines = [
            Sentence("  line {number}: {mistake}", number=number, mistake=mistake)
            for number, mistake in self.by_line
        ]
        self.in_one_sentence = Sentence(
            "{path} has mistakes: {mistakes}",
            path=path,
            mistakes=Sentence.joined(
                (
                    Sentence("line {number}: {mistake}", number=number, mistake=mistake)
                    for number, mistake in self.by_line
                ),
                "; ",
            ),
        )
        first = Sentence("{path} has mistakes:", path=path)
        super().__init__(Sentence.joined((first, *lines), "\n"))


def _what(mistake: ErrorDetails, key: str, settings: Mapping[str, Setting]) -> str:
    kind = mistake["type"]
    if kind == "extra_forbidden":
        return no_such_setting(key, settings)
    if kind == "model_type":
        return Sentence("write it as a table: [{key}] and its keys below", key=key)
    if kind in _BOUNDS:
        return _within(settings[key])
    context = mistake.get("ctx", {})
    if (expected := context.get("expected")) is not None:
        names = re.findall(r"'[^']*'|\d+", expected)
        *others, last = (name.replace("'", '"') for name in names)
        return Sentence("write {others} or {last}", others=", ".join(others), last=last)
    match context.get("error"):
        case ValueError(args=(str(said),)):  # by a reader of our own
            return said
        case _:
            return _WORDS.get(kind, mistake["msg"])


def no_such_setting(key: str, known: Collection[str]) -> str:
    """What is said of a key that there is not: the likeliest one, where one is like it.

    A table is none, but has some. Names are compared without theirs, or any would be like another.
    """
    if inside := [name for name in known if name.startswith(f"{key}.")]:
        return Sentence("that is a table of settings: {names}", names=", ".join(inside))
    names = {_last(name): name for name in known}
    begun = [name for name in names if name.startswith(f"{_last(key)}_")]
    like = begun or difflib.get_close_matches(_last(key), names, n=1)
    if not like:
        return Sentence("there is no such setting")
    return Sentence("there is no such setting; did you mean {name}?", name=names[like[0]])


def _last(key: str) -> str:
    return key.rsplit(".", maxsplit=1)[-1]


def _within(setting: Setting) -> str:
    bounds = setting.details
    write: Any = written_duration if setting.is_duration else lambda number: f"{number:g}"
    if "least" in bounds:
        least, most = write(bounds["least"]), write(bounds["most"])
        return Sentence("write {least} to {most}", least=least, most=most)
    most = write(bounds["most"])
    if "above" not in bounds:
        return Sentence("write at most {most}", most=most)
    above = f"{bounds['above']:g}"
    return Sentence("write more than {above}, at most {most}", above=above, most=most)


def _line_of(text: str, keys: list[str]) -> int:
    """Line on which the innermost key stands, 1 if it is not found."""
    table: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line):
            table = [part.strip().strip("\"'") for part in header[1].split(".")]
            if table == keys:
                return number
        elif (key := re.match(r"\s*([^=#]+?)\s*=", line)) and (
            [*table, *(part.strip().strip("\"'") for part in key[1].split("."))] == keys
        ):
            return number
    return 1
