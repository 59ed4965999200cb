"""What the window says in which a baseline is taken.

Pure: where the taking stands in, words and numbers out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from posturecam.base.language import _
from posturecam.outputs.baseline_words import baseline_text
from posturecam.outputs.words import reason_text

if TYPE_CHECKING:
    from posturecam.posture.baseline import Baseline
    from posturecam.values.observation import TakeProgress


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeView:
    """What the window shows of a take.

    Attributes:
        title: what to do.
        note: how, or what is wrong with the picture.
        count: seconds to go; empty where nobody can say.
        clear: the sitter is seen as is needed.
        done: how many takes are over.
        takes: of how many.
        holding: the take goes on; False while there is time to get ready.
    """

    title: str
    note: str
    count: str
    clear: bool
    done: int
    takes: int
    holding: bool


def take_view(progress: TakeProgress) -> TakeView:
    """What to show of it."""
    title = _("Sit comfortably upright")
    note = _("Back supported, facing the screen as when you work.")
    if progress.take > 1:
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
        done=progress.take - 1,
        takes=progress.takes,
        holding=progress.holding,
    )


def quality_text(baseline: Baseline) -> str:
    """How good it is, and what it rests on."""
    text = baseline_text(baseline)
    return f"{text[:1].upper()}{text[1:]}."
