"""Whatever a person reads can be translated: no sentence stands unmarked in the package."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from posturecam.base.errors import PosturecamError, UsageError
from posturecam.base.language import Sentence, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).parents[2] / "posturecam"
MARKS = frozenset({"_", "N_", "plural", "Sentence", "CareText", "gettext"})
"""What marks a text for the template of translations."""
_READS_LIKE_ONE = re.compile(r"(?=.*[a-z]{2}).*[A-Za-z{}]{2,},? [a-z{}]{2,}", re.DOTALL)
_SQL = re.compile(
    r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|WHERE|PRAGMA|ORDER BY|AND|max)\b"
)
_TYPED = re.compile(r"(Example: )?[$]? ?(posturecam|pipx?|systemctl|sudo|\{\} -m pip) ")
_NAME_OF_A_THREAD = re.compile(r"posturecam [a-z]+")

ENGLISH_FILES = {
    "care/texts.py": "the sources of the texts, which nobody is shown",
    "log/tables.py": "an export explains its columns in the language of their names",
    "values/log_rows.py": "likewise",
    "log/written_words.py": "what an export says, to be read back",
    "review/text.py": "keys of texts that have a number",
    "values/goal.py": "how a goal is typed",
    "system/autostart.py": "what systemd, launchd and Windows read",
    "system/tray_entry.py": "what desktops read",
    "capture/mjpeg.py": "why a part of a stream is passed over",
    "log/sqlite_pages.py": "why a row is passed over",
    "log/reader.py": "parts of SQL",
    "values/wire.py": "what one program says to another",
}
"""Files that may hold English, and why."""
ENGLISH = {
    "no CSV is written so": "never said",
    "no clock was ever there": "never said",
    "there is no such call": "never said",
    "again soon after it had come back": "never said",
    "one more of a camera that keeps failing": "never said",
    "it does not speak RTSP": "never said",
    "it is a long one": "never said",
    "renamed by hand": "never said",
    "not what anybody looks like": "never said",
    "other measures": "never said",
    "displays are a list": "never said",
    "pactl does not answer": "never said",
    "nobody reads the output any more": "said to nobody",
    "time must go forward: {} s after {} s": "a fault of the program",
    "points_px: expected (33, 3), got {}": "a fault of the program",
    "visibility: expected (33,), got {}": "a fault of the program",
    "weights: expected {}, got {}": "said as a file that cannot be read",
    "an observation has either deviations or a reason why not": "a fault of the program",
    "the log is closed": "a fault of the program",
    "the notifier is closed": "a fault of the program",
    "the landmarker is closed": "a fault of the program",
    "{} min": "a unit",
    "{} h {} min": "units",
    "Value error, ": "how pydantic begins",
    " --profile {}": "typed",
    "camera {}": "a name of a source, as the log has it",
    "without glibc": "a name",
    r".*extra argument.* \((.+)\)": "how typer says it",
    "Could not decode to UTF-8": "how SQLite begins",
    "Peak detect": "how PulseAudio calls it",
    "pain log 3 --where mid --quality dull": "typed",
    "profiles list": "typed",
    "config set slouch_after 5m": "typed",
    "autostart enable": "typed",
    "[DURATION | until HH:MM | until tomorrow]": "typed",
    "top center": "read by a program",
    '<meta name="posturecam-content" content="{content}">': "read by a program",
    "not installed": "a key",
    "review pages": "a key",
    "files of damaged logs": "a key",
    "position change": "a key",
    "shorter episode": "a key",
}
"""Texts that may be English, and why."""


def unmarked(source: str) -> Iterator[str]:
    """Every text in the code that reads like a sentence and is not marked; `{}` for a place."""
    yield from _unmarked(ast.parse(source))


def _unmarked(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Expr(value=ast.Constant()):
            return  # a docstring
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in MARKS:
            places = (keyword.value for keyword in node.keywords)
            inner = [*(it for it in node.args if not isinstance(it, ast.Constant)), *places]
            for one in inner:
                yield from _unmarked(one)
            return
        case ast.Constant(value=str(text)):
            parts = [text]
        case ast.JoinedStr(values=values):
            parts = [str(it.value) if isinstance(it, ast.Constant) else "{}" for it in values]
        case _:
            parts = []
    text = "".join(parts)
    if _READS_LIKE_ONE.match(text) and not (
        _SQL.search(text) or _TYPED.match(text.strip()) or _NAME_OF_A_THREAD.fullmatch(text)
    ):
        yield text
    for child in ast.iter_child_nodes(node):
        if not (isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant)):
            yield from _unmarked(child)


@pytest.fixture(scope="module")
def texts_by_file() -> dict[str, list[str]]:
    """What is not marked, by file."""
    return {
        file.relative_to(PACKAGE).as_posix(): list(unmarked(file.read_text("utf-8")))
        for file in PACKAGE.rglob("*.py")
    }


def test_whatever_reads_like_a_sentence_is_marked(texts_by_file: dict[str, list[str]]) -> None:
    """Or stands on a list with the reason."""
    found = {
        name: [text for text in texts if text not in ENGLISH]
        for name, texts in texts_by_file.items()
        if name not in ENGLISH_FILES
    }
    assert {name: texts for name, texts in found.items() if texts} == {}


def test_no_reason_outlives_its_text(texts_by_file: dict[str, list[str]]) -> None:
    """What is gone, or marked by now, is off the list."""
    assert all(texts_by_file[name] for name in ENGLISH_FILES)
    assert ENGLISH.keys() <= {text for texts in texts_by_file.values() for text in texts}


@pytest.mark.parametrize(
    "line",
    [
        'raise UsageError("There is no such day.")',
        'raise UsageError(Sentence("It is so."), f"Write {day} instead.")',
        'say("All is well.")',
        'say(_("{what} is done.").format(what="the whole work"))',
        'def f():\n    """What it says."""\n    return f"it is {so} now"',
        'print("nothing to do" if done else "")',
    ],
)
def test_a_sentence_that_is_not_marked_is_found(line: str) -> None:
    """However it comes about."""
    assert len(list(unmarked(line))) == 1


def test_a_docstring_and_a_marked_text_are_not() -> None:
    """Nor is what is typed."""
    code = 'def f():\n    """What it says."""\n    return Sentence("it is so", then=_("so it is"))'
    assert list(unmarked(f"{code}\nsay('posturecam calibrate --check')")) == []


def test_a_sentence_is_english_and_shows_what_is_put_into_it() -> None:
    """Here, where nothing is translated, both are the same; the other language has a test."""
    inner = Sentence("{left} s left", left=3)
    outer = Sentence("It waits: {inner}.", inner=inner)
    assert (str(outer), shown(outer)) == ("It waits: 3 s left.", "It waits: 3 s left.")
    assert shown("plain") == "plain"
    assert Sentence("a brace { alone") == "a brace { alone"


def test_parts_that_say_nothing_are_left_out() -> None:
    """One after the other, the rest."""
    joined = Sentence.joined((Sentence("One."), "", "Two."), "\n")
    assert (joined, joined.shown) == ("One.\nTwo.", "One.\nTwo.")


def test_an_error_is_shown_as_it_was_given() -> None:
    """In its text and in one line; any other error as it is."""
    error = UsageError(Sentence("No."), Sentence("Yes."))
    assert (str(error), error.said()) == ("No.\nYes.", "No. Yes.")
    assert shown(ValueError(Sentence("so"))) == "so"
    assert str(shown(OSError(2, "so"))) == "[Errno 2] so"
    assert PosturecamError("alone").said() == "alone"
