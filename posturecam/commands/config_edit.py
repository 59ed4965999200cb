"""Changing `config.toml` from the command line: what else it holds stays, mistakes stay out."""

from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from posturecam.base.command_words import split_words
from posturecam.base.errors import PosturecamError, UsageError
from posturecam.base.language import Sentence, _
from posturecam.base.paths import write_atomically
from posturecam.commands.config import load_settings, read_text, unreadable
from posturecam.commands.config_keys import KEYS, checked_settings, settings_text, value_sentence
from posturecam.commands.config_mistakes import ConfigMistakes, no_such_setting
from posturecam.values.settings import Settings

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

_EDITORS = ("sensible-editor", "nano", "vi", "notepad")


def set_value(path: Path, key: str, words: Sequence[str]) -> str:
    """Sets `key` in the file at `path` to what the words say; what it is now, in a sentence.

    Where that takes one of several mistakes out of the file, the others stay and are named. One
    word is read as TOML has it, or as a text without its quotes, or as a list of words; several are
    a list.

    Raises:
        UsageError: there is no such key, or the words do not fit it.
        ConfigMistakes: the file has others.
        DataError: the file cannot be read or written.
    """
    _refuse_unknown(key)
    _refuse_no_text(path, words)
    table, _, name = key.rpartition(".")
    refused: list[ConfigMistakes] = []
    for value in _meanings(words):
        document = _read(path)
        place: Any = document.setdefault(table, tomlkit.table()) if table else document
        _refuse_no_table(path, place)
        place[name] = value
        try:
            settings = _checked(path, document)
        except ConfigMistakes as error:
            if _repairs(path, error):
                return _keep_repaired(path, document, error)
            refused.append(error)
            continue
        write_atomically(path.resolve(), document.as_string())
        return value_sentence(key, settings)
    load_settings(path)  # says what was wrong before, with its lines
    # Of the meanings it is the one of the right kind whose mistake helps.
    said = next((error for error in refused if not error.of_kind_alone), refused[0])
    raise UsageError(
        Sentence.joined((what for _line, what in said.by_line), "\n"),
        Sentence("{path} is as it was.", path=path),
    )


def unset_value(path: Path, key: str) -> str:
    """Takes `key` out of the file at `path`, also one that is no setting; what holds now.

    Where that takes one of several mistakes out of the file, the others stay and are named.

    Raises:
        UsageError: there is no such key, or the file has other mistakes alone.
        DataError: the file cannot be read or written.
    """
    table, _dot, name = key.rpartition(".")
    document = _read(path)
    place: Any = document.get(table, {}) if table else document
    _refuse_no_table(path, place)
    if name not in place:
        _refuse_unknown(key)
        return value_sentence(key, load_settings(path))
    del place[name]
    try:
        settings = _checked(path, document)
    except ConfigMistakes as error:
        if _repairs(path, error):
            return _keep_repaired(path, document, error)
        raise
    write_atomically(path.resolve(), document.as_string())
    return value_sentence(key, settings) if key in KEYS else _("{path}: ok").format(path=path)


def write_commented(path: Path) -> str:
    """Makes a file with every setting, explained, at its default; where it is, in a sentence.

    Raises:
        UsageError: there is one already.
        DataError: it cannot be written.
    """
    if path.exists():
        raise UsageError(
            Sentence("{path} is there already.", path=path),
            Sentence("Change it with: posturecam config edit"),
        )
    write_atomically(path, settings_text(Settings(), explained=True) + "\n")
    return _("{path} explains every setting; each is a comment at its default.").format(path=path)


def edit(path: Path, again: Callable[[str], bool]) -> str:
    """Opens the file in an editor, once more for as long as it has mistakes.

    It is made with every setting explained if need be; `again` shows what is wrong with it, and
    says whether to open it once more.

    Raises:
        UsageError: no editor is known or it failed, or mistakes were left.
        DataError: the file cannot be made.
    """
    if not path.exists():
        write_commented(path)
    while True:
        _run_editor(path)
        try:
            load_settings(path)
        except PosturecamError as error:
            if not again(error.said("\n")):
                raise UsageError(
                    Sentence("The config file is left as it is."),
                    Sentence("No watch starts with its mistakes."),
                ) from error
        else:
            return _("{path}: ok").format(path=path)


def _run_editor(path: Path) -> None:
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    remedy = Sentence("Set EDITOR to one, or edit {path} yourself.", path=path)
    try:
        command = split_words(named) if named else list(filter(shutil.which, _EDITORS))[:1]
    except ValueError as error:
        raise UsageError(
            Sentence("{named} names no editor: a quote is not closed.", named=named), remedy
        ) from error
    if not command:
        raise UsageError(Sentence("No editor was found."), remedy)
    try:
        # The user's own choice of a program, as every program that opens an editor runs it.
        ended = subprocess.run([*command, str(path)], check=False).returncode  # noqa: S603
    except OSError as error:
        raise UsageError(
            Sentence("{program} cannot be run: {why}.", program=command[0], why=error.strerror),
            remedy,
        ) from error
    if ended:
        raise UsageError(
            Sentence("{program} ended with code {ended}.", program=command[0], ended=ended), remedy
        )


def _refuse_unknown(key: str) -> None:
    if key not in KEYS:
        what = no_such_setting(key, KEYS)
        raise UsageError(
            Sentence("{key}: {what}", key=key, what=what),
            Sentence("All of them stand in: posturecam config show"),
        )


def _refuse_no_text(path: Path, words: Sequence[str]) -> None:
    try:
        " ".join(words).encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(
            Sentence("The value holds bytes that are no text."),
            Sentence("{path} is as it was.", path=path),
        ) from error


def _refuse_no_table(path: Path, place: object) -> None:
    if not isinstance(place, Mapping):
        load_settings(path)  # names the line where something else stands for the table


def _meanings(words: Sequence[str]) -> Iterator[Any]:
    """What the words may be meant as, the likeliest first."""
    if len(words) != 1:
        yield list(words)
        return
    (word,) = words
    with suppress(TOMLKitError, ValueError):
        yield tomlkit.value(word).unwrap()
    yield word
    with suppress(ValueError):  # a quote that is not closed
        yield split_words(word)


def _repairs(path: Path, left: ConfigMistakes) -> bool:
    """Whether the file at `path` has the mistakes that are `left`, and more."""
    try:
        load_settings(path)
    except ConfigMistakes as before:
        return {what for _line, what in before.by_line} > {what for _line, what in left.by_line}
    return False


def _keep_repaired(path: Path, document: TOMLDocument, left: ConfigMistakes) -> str:
    write_atomically(path.resolve(), document.as_string())
    return _("That is corrected. What is left: {mistakes}").format(mistakes=left.what)


def _read(path: Path) -> TOMLDocument:
    try:
        tomllib.loads(text := read_text(path))  # says what is wrong as every other command does
        return tomlkit.parse(text)
    except FileNotFoundError:
        return tomlkit.document()
    except (OSError, ValueError, RecursionError) as error:
        remedy = Sentence("Correct it with: posturecam config edit")
        raise unreadable(path, error, remedy) from error


def _checked(path: Path, document: TOMLDocument) -> Settings:
    return checked_settings(path, document.as_string(), document.unwrap())
