"""The catalogue of health texts: a source for each, and words that are never used."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import posturecam
from posturecam.care.exercises import CHAIR_STRETCH, MOVES, Caution
from posturecam.care.pain import Pattern
from posturecam.care.red_flags import FLAGS, Tier
from posturecam.care.texts import CARE_TEXTS, SOURCES, care_text

PACKAGE = Path(posturecam.__file__).parent

BANNED = re.compile(
    r"\b(bad|wrong|poor|correct|incorrect|perfect) (posture|position|pose)s?\b|correct your spine"
    r"|\bprevents? (the )?(pain|injur)|\bdiagnos(e|es|ed|ing)\b|\brisk score|\btext neck"
    r"|\bhold still and upright|\bwell done\b",
    re.IGNORECASE,
)
"""What no text says anywhere in the program."""

BANNED_OF_THE_BODY = re.compile(r"\bdamag|\bfix(es|ed|ing)?\b|\bcures?\b|\bheals?\b", re.IGNORECASE)
"""What may be said of a file, but not of a person."""

ABOUT_PEOPLE = (
    "alerts/policy", "care/exercises", "care/pain", "care/red_flags", "care/texts", "cli/care",
    "commands/calibrate", "commands/move", "commands/pain", "outputs/event_texts",
    "outputs/live_rows", "outputs/notify", "outputs/words", "posture/baseline", "review/facts",
    "review/page", "review/text", "values/observation", "outputs/status",
)  # fmt: skip
MODULES = sorted(
    path.relative_to(PACKAGE).with_suffix("").as_posix() for path in PACKAGE.rglob("*.py")
)
TEMPLATES = sorted(path for kind in ("*.html", "*.j2", "*.jinja") for path in PACKAGE.rglob(kind))


def texts_of(module: str) -> str:
    """All text in the code of a module, without what only developers read."""
    tree = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [  # type: ignore[attr-defined]
                line
                for line in body
                if not (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
            ]
    return "\n".join(
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


@pytest.mark.parametrize("key", CARE_TEXTS)
def test_every_text_names_a_source_that_is_known(key: str) -> None:
    """A text without one, or with a source nobody can look up, is refused."""
    sources = CARE_TEXTS[key].sources

    assert sources
    assert [source for source in sources if source not in SOURCES] == []


def test_every_source_is_used() -> None:
    """A source that no text stands on is left over."""
    used = {source for text in CARE_TEXTS.values() for source in text.sources}

    assert sorted(SOURCES) == sorted(used)


def test_the_sources_are_those_of_the_evidence(shared: Path) -> None:
    """Same key, same address as in the evidence that the project collected."""
    evidence = (shared / "EVIDENCE.md").read_text(encoding="utf-8")
    listed = evidence[evidence.index("## 10.") :]
    for key, address in SOURCES.items():
        if re.fullmatch(r"S\d+", key):
            assert re.search(rf"\b{key} [^·]*{re.escape(address)}", listed), key


def test_the_safety_line_is_the_one_that_was_agreed(shared: Path) -> None:
    """Word for word as rule 7 has it."""
    evidence = (shared / "EVIDENCE.md").read_text(encoding="utf-8")
    rule = re.search(r'^7\. Exercise card always ends: "(.*?)"', evidence, re.MULTILINE)
    assert rule is not None

    assert care_text("safety") == rule[1].replace("—", "-")


def test_whatever_asks_or_tells_has_its_text() -> None:
    """Moves, cautions, flags, tiers and patterns are all in the catalogue."""
    wanted = [f"move.{move.name}" for move in (*MOVES, CHAIR_STRETCH)]
    wanted += [caution.value for caution in Caution]
    wanted += [flag.question for flag in FLAGS]
    wanted += [f"tier.{tier.value}" for tier in Tier]
    wanted += [pattern.value for pattern in Pattern]

    assert [key for key in wanted if key not in CARE_TEXTS] == []


@pytest.mark.parametrize("module", MODULES)
def test_no_text_of_the_program_says_a_banned_word(module: str) -> None:
    """No blame and no medical claim, whichever module prints it."""
    assert BANNED.search(texts_of(module)) is None


@pytest.mark.parametrize("module", ABOUT_PEOPLE)
def test_no_text_about_people_speaks_of_damage_or_repair(module: str) -> None:
    """Files are damaged and fixed, people are not."""
    assert BANNED_OF_THE_BODY.search(texts_of(module)) is None


def test_no_page_says_a_banned_word() -> None:
    """A page is read like the terminal."""
    assert TEMPLATES
    for template in TEMPLATES:
        assert BANNED.search(template.read_text(encoding="utf-8")) is None, template


@pytest.mark.parametrize(
    "text", ["Bad posture!", "correct your spine", "it prevents pain", "we diagnose", "text neck"]
)
def test_the_search_finds_what_it_looks_for(text: str) -> None:
    """Otherwise the tests above could not fail."""
    assert BANNED.search(text)


def test_the_search_reads_the_texts_of_a_module() -> None:
    """Texts are read, what only developers read is not."""
    assert care_text("safety") in texts_of("care/texts")
    assert "a person\ncompares" not in texts_of("care/texts")


@pytest.mark.parametrize("key", CARE_TEXTS)
def test_no_text_names_drugs_or_things_to_buy(key: str) -> None:
    """Nothing to swallow, wear or order is ever advised; taking steroids is only asked about."""
    text = CARE_TEXTS[key].text

    assert not re.search(r"painkiller|ibuprofen|massag|corrector|supplement|https?://", text)
    assert "steroid" not in text or key.startswith("flag.")
