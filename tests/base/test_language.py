"""A sentence that is English in records and another language on the screen."""

from __future__ import annotations

from posturecam.base.language import LANGUAGE, N_, Sentence, plural, shown


def translated(english: str, other: str) -> Sentence:
    """A sentence for which there is a translation."""
    made = Sentence(english)
    made.shown = other
    return made


def test_a_text_that_is_only_marked_stays_as_it_is() -> None:
    """It is translated where it is said."""
    assert N_("upright") == "upright"
    assert plural("{n} day", "{n} days") == ("{n} day", "{n} days")


def test_each_part_of_a_sentence_is_shown_in_its_own_language() -> None:
    """English for the log, the translation for a person, and numbers as they are."""
    made = Sentence("{state} for {n} min", state=translated("upright", "aufrecht"), n=3)

    assert made == "upright for 3 min"
    assert made.shown == "aufrecht for 3 min"
    assert Sentence("{left as it is}").shown == "{left as it is}"


def test_parts_that_say_nothing_leave_no_gap() -> None:
    """What is joined is joined in both languages."""
    parts = [translated("one", "eins"), "", translated("two", "zwei")]

    assert Sentence.joined(parts) == "one two"
    assert Sentence.joined(parts).shown == "eins zwei"
    assert Sentence.joined(parts, by=", ").shown == "eins, zwei"


def test_of_an_error_its_sentence_is_shown() -> None:
    """One that says more than that, or nothing, stays as it is."""
    sentence = translated("no camera", "keine Kamera")
    several = OSError(2, sentence)

    assert shown(ValueError(sentence)) == "keine Kamera"
    assert shown(ValueError("plain")) == "plain"
    assert shown(several) is several
    assert shown(3) == 3


def test_without_a_translation_a_page_is_in_english() -> None:
    """And says so."""
    assert LANGUAGE == "en"
