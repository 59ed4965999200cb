"""In which language sentences are shown: gettext, and English where there is no translation."""

from __future__ import annotations

import gettext
from gettext import NullTranslations
from importlib.resources import files

ENGLISH = NullTranslations()
"""For what other programs read, whatever language a person is shown."""

SHOWN = gettext.translation("posturecam", str(files("posturecam") / "data/locale"), fallback=True)
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
