"""What the window says in which a baseline is taken.

Pure: where the taking stands in, words and numbers out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from posturecam.base.language import _
from posturecam.outputs.baseline_words import (
    GUIDED_TEXT,
    LOW_SHOULDERS_TEXT,
    PUT_BACK_TEXT,
    SAVED_TITLE,
    baseline_text,
    lesson_text,
    posing_texts,
    takes_text,
)
from posturecam.outputs.words import capitalised, name_text, reason_text
from posturecam.posture.anchors import GUIDED
from posturecam.tray.icons import Icon
from posturecam.values.reasons import Lesson
from posturecam.values.settings import LIVE_TAKES, Settings

if TYPE_CHECKING:
    from posturecam.posture.baseline import Baseline
    from posturecam.values.observation import TakeProgress


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the window says while it waits for the user; the picture shows how to sit."""

    title: str
    note: str
    picture: Icon = Icon.UPRIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeView:
    """What the window shows of a take.

    Attributes:
        note: how to do it, or what is wrong with the picture.
        count: seconds to go; empty where nobody can say.
        clear: the sitter is seen as is needed.
        done: how many takes, or steps, are over.
        holding: the take goes on; False while there is time to get ready.
    """

    title: str
    note: str
    count: str
    clear: bool
    done: int
    holding: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What there is in the end.

    Attributes:
        learned: how many steps of the guided minute were.
        goes_on: the watch that runs goes on with it.
        trouble: what ended the guided minute early; empty where nothing did.
    """

    baseline: Baseline
    learned: int = 0
    goes_on: bool = False
    trouble: str = ""


def introduction() -> Page:
    """Before anything is opened."""
    pictures = _("Pictures stay in memory. A watch that runs lets go of the camera for it.")
    return Page(title=_("Your baseline"), note=f"{takes_text(LIVE_TAKES)} {pictures}")


def take_names() -> tuple[str, ...]:
    """What the takes of a baseline are called."""
    return tuple(_("Take {number}").format(number=number + 1) for number in range(LIVE_TAKES))


def step_names() -> tuple[str, ...]:
    """What the steps of the guided minute are called."""
    return tuple(capitalised(name_text(lesson)) for lesson in GUIDED)


def take_view(progress: TakeProgress) -> TakeView:
    """What to show of it."""
    done = progress.take - 1
    title = _("Sit comfortably upright")
    note = _("Back supported, facing the screen as when you work.")
    if (texts := posing_texts(progress.posing)) is not None:
        done = GUIDED.index(Lesson(progress.posing))
        title, note = capitalised(texts[1]), _("Facing the screen as when you work.")
    elif progress.take > 1:
        note = _("Get up, then sit down again, back supported.")
    if progress.holding:
        title, note = _("Hold"), _("As you are: breathe, and look at the screen.")
    if progress.unknown_reason is not None:
        reason = reason_text(progress.unknown_reason)
        note = _("Not counted now: {reason}.").format(reason=reason)
    return TakeView(
        title=title,
        note=note,
        count="" if progress.left_s is None else f"{progress.left_s:.0f}",
        clear=progress.unknown_reason is None,
        done=done,
        holding=progress.holding,
    )


def offer_page(baseline: Baseline) -> Page:
    """That it is saved, how good it is, and what else can be shown."""
    return Page(title=SAVED_TITLE, note=f"{_quality(baseline)} {GUIDED_TEXT}")


def step_page(lesson: Lesson, why: str) -> Page:
    """What to do for a step, and why it is asked for again, if it is."""
    note = _("When you sit like that, press Ready, or skip it.")
    picture = Icon.SLOUCHED if lesson is Lesson.OWN_SLOUCH else Icon.UPRIGHT
    note = " ".join((*why.split("\n"), note)).strip()
    return Page(title=lesson_text(lesson), note=note, picture=picture)


def saved_page(saved: Saved) -> Page:
    """How good it is, and what it is for."""
    baseline = saved.baseline
    said = [_quality(baseline)]
    if baseline.profile != Settings().profile:
        said.append(_("It is kept as {name}.").format(name=baseline.profile))
    if baseline.has_low_shoulders:
        said.append(LOW_SHOULDERS_TEXT)
    if saved.trouble:
        said += saved.trouble.split("\n")
    elif saved.learned:
        said.append(PUT_BACK_TEXT)
    if saved.goes_on:
        said.append(_("The watch that runs goes on with it."))
    return Page(title=SAVED_TITLE, note=" ".join(said))


def failed_page(text: str) -> Page:
    """Why there is none, and what to do."""
    return Page(title=_("No baseline"), note=" ".join(text.split("\n")))


def _quality(baseline: Baseline) -> str:
    return f"{capitalised(baseline_text(baseline))}."
