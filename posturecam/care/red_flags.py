"""Answers that call for somebody who can look into them, in three tiers of urgency.

Pure: answers in, tier and what is still open out. Single flags predict poorly and a clear form
rules nothing out; the texts say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from posturecam.care.texts import CARE_TEXTS, care_text
from posturecam.values.answers import Answer, Quality

if TYPE_CHECKING:
    from posturecam.values.log_rows import GivenAnswer

SOUGHT_ADVICE = "advice.sought"
"""Question under which the user confirms that advice was sought."""

PREGNANT_KNOWN_MS = 90 * 86_400_000
"""So long an answer about a pregnancy is not asked for again. No source: own choice, a third of
one."""

_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"


class Tier(IntEnum):
    """How soon; the smaller number is the more urgent."""

    EMERGENCY = 1
    URGENT = 2
    BOOK = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A question whose yes counts; `question` is the key of its text and of its answers."""

    name: str
    tier: Tier
    question: str


def _flags(tier: Tier, *names: str) -> tuple[Flag, ...]:
    return tuple(Flag(name=name, tier=tier, question=f"flag.{name}") for name in names)


BLADES = Flag(name="blades", tier=Tier.URGENT, question="flag.blades")
"""Asked once, at the first entry: it would flag everybody whose middle back hurts."""

PREGNANT = Flag(name="pregnant", tier=Tier.BOOK, question="ask.pregnant")
"""The same answer decides about exercises."""

FLAGS = (
    *_flags(Tier.EMERGENCY, "both-legs", "saddle", "bladder", "erection", "chest", "accident"),
    *_flags(Tier.EMERGENCY, "fragile", "walking", "breath"),
    *_flags(Tier.URGENT, "fever", "weight", "lump", "night", "cough"),
    BLADES,
    *_flags(Tier.URGENT, "band", "cancer", "immune", "fall", "limb"),
    *_flags(Tier.BOOK, "lasting", "worse", "sleep", "chronic", "onset", "sixty", "stiffness"),
    PREGNANT,
)
"""All questions, the most urgent first."""

FLAG_OF = {flag.name: flag for flag in FLAGS}
"""The same by name."""

_GROUPS = (
    ("both-legs", "saddle", "bladder", "erection", "walking"),
    ("chest", "breath"),
    ("accident", "fragile"),
    ("fever", "weight", "lump", "night", "cough"),
    ("blades", "band"),
    ("cancer", "immune", "fall", "limb"),
    ("lasting", "worse", "sleep", "chronic"),
    ("onset", "sixty", "stiffness", "pregnant"),
)
GROUPS = tuple(tuple(FLAG_OF[name] for name in names) for names in _GROUPS)
"""All questions once, in groups that one answer may be about; each of one tier, the most urgent
first."""

_ASKED_WITH = {Quality.TINGLING: ("both-legs", "saddle", "limb")}


def asked_with(quality: Quality | None) -> tuple[Flag, ...]:
    """What a quality of pain leads to: questions, never a conclusion."""
    names = () if quality is None else _ASKED_WITH.get(quality, ())
    return tuple(FLAG_OF[name] for name in names)


def known_pregnancy(answers: Sequence[GivenAnswer], now_ms: int) -> Answer | None:
    """The answer about a pregnancy that was given lately, here or before a guided break.

    None where it is to be asked for: never answered, skipped, or longer ago.
    """
    given = [one for one in answers if one.question == PREGNANT.question]
    if not given or given[-1].answer is Answer.SKIP:
        return None
    return given[-1].answer if now_ms - given[-1].at_ms < PREGNANT_KNOWN_MS else None


def most_urgent(flags: Iterable[Flag]) -> Tier | None:
    """The tier that counts when several were ticked: the most urgent; None without any."""
    return min((flag.tier for flag in flags), default=None)


def open_flags(answers: Sequence[GivenAnswer]) -> tuple[Flag, ...]:
    """The flags of the two urgent tiers that wait for advice, the most urgent first.

    A yes stays until the user confirms, after it, that advice was sought; a later no to the same
    question does not take it back. `answers` are all that were ever given, in their order.
    """
    ticked: set[str] = set()
    for given in answers:
        if given.answer is not Answer.YES:
            continue
        if given.question == SOUGHT_ADVICE:
            ticked.clear()
        else:
            ticked.add(given.question)
    return tuple(flag for flag in FLAGS if flag.tier is not Tier.BOOK and flag.question in ticked)


def tier_text(tier: Tier, country: str | None) -> str:
    """What to do, and whom to call in a country of two letters (ISO 3166), where it is known."""
    if tier is Tier.BOOK:
        return care_text("tier.3")
    region = "EU" if country in _EU.split() else country
    local, anywhere = f"call.{tier.value}.{region}", f"call.{tier.value}"
    call = care_text(local if local in CARE_TEXTS else anywhere)
    return care_text(f"tier.{tier.value}", call=call)


def country_of(locale_name: str) -> str | None:
    """The two letters of the country in a locale such as `en_GB.UTF-8`; None without one."""
    match = re.match(r"[A-Za-z]+[_-]([A-Z]{2})(?![A-Za-z])", locale_name)
    return match[1] if match else None
