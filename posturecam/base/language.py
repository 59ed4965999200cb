"""In which language sentences are shown: gettext, and English where there is no translation."""

from __future__ import annotations

import gettext
from collections.abc import Iterable
from gettext import NullTranslations
from pathlib import Path
from typing import Any, Self

ENGLISH = NullTranslations()
"""For what other programs read, whatever language a person is shown."""

SHOWN = gettext.translation(
    "posturecam", Path(__file__).parents[1] / "data" / "locale", fallback=True
)
"""As `LANGUAGE` and `LANG` ask for it."""

LANGUAGE = SHOWN.info().get("language") or "en"
"""Its code, as a page names it."""

_ = SHOWN.gettext
"""Marks a text for the template of translations, and translates it."""


def N_(text: str) -> str:  # noqa: N802 - as gettext calls it
    """`text`, which the template of translations is to have; it is translated where it is said."""
    return text


def plural(one: str, many: str) -> tuple[str, str]:
    """The same for a text that a number stands in."""
    return one, many


class Sentence(str):
    """What an error or a notice says: English as a text, as records and the log keep it.

    Attributes:
        shown: the same in the language that a person is shown.
    """

    __slots__ = ("shown",)
    shown: str

    def __new__(cls, text: str, /, **places: object) -> Self:
        """A whole sentence, marked where it is made; another one may be put into it."""
        made = super().__new__(cls, text.format(**places) if places else text)
        made.shown = _(text)
        if places:
            made.shown = made.shown.format(**{name: shown(it) for name, it in places.items()})
        return made

    @classmethod
    def joined(cls, parts: Iterable[str], by: str = " ") -> Sentence:
        """Those of the parts that say something, one after the other."""
        said = [part for part in parts if part]
        made = super().__new__(cls, by.join(said))
        made.shown = by.join(map(shown, said))
        return made


def shown(said: Any) -> Any:
    """What a person reads of it; of a `Sentence`, also of an error's, in the language shown."""
    if isinstance(said, Exception) and len(said.args) == 1:
        said = said.args[0]
    return said.shown if isinstance(said, Sentence) else said
