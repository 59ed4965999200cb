"""The guided minute after a baseline: the chair moved on request, and one's own slouch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from posturecam.base.errors import BaselineError
from posturecam.base.language import Sentence
from posturecam.pose.measures import Measures, position_of
from posturecam.pose.sitter import why_not_judgeable
from posturecam.posture.anchors import GUIDED, Anchor, with_anchor
from posturecam.posture.state import is_another_position
from posturecam.posture.taught import load_taught, save_taught

if TYPE_CHECKING:
    from posturecam.posture.baseline import Baseline, Take
    from posturecam.values.reasons import Lesson


class Guide(Protocol):
    """Who leads the sitter through the minute."""

    def offer(self, baseline: Baseline) -> None:
        """Says that this is saved, what comes, and that each step may be skipped."""

    def ask(self, lesson: Lesson) -> bool:
        """Says what to do for a step; whether the sitter is ready for it, and does not skip it."""

    def refuse(self, lesson: Lesson, why: str) -> None:
        """Says that a step showed nothing that can be learned, and why."""

    def thank(self, learned: int) -> None:
        """Says how many steps were learned, and to put the chair back."""


def teach_guided(
    baseline: Baseline,
    profile: Path,
    guide: Guide,
    take: Callable[[Lesson], Take | None],
    now: Callable[[], datetime],
) -> None:
    """Takes each step that the sitter does not skip, and keeps what it shows beside the profile.

    A step that shows nothing new is asked for again. There are no more pictures where `take` has
    none; `now` is in UTC.

    Raises:
        DataError: what was shown cannot be kept.
    """
    guide.offer(baseline)
    learned = 0
    for lesson in GUIDED:
        while guide.ask(lesson):
            shown = take(lesson)
            if shown is None:
                return
            try:
                pose = shown_pose(shown, baseline)
            except BaselineError as error:
                guide.refuse(lesson, str(error))
                continue
            anchor = Anchor(
                lesson=lesson,
                view=baseline.view,
                pose=pose,
                baseline=baseline.centre,
                model_sha256=baseline.model_sha256,
                at=now(),
            )
            taught = load_taught(profile)
            save_taught(profile, replace(taught, anchors=with_anchor(taught.anchors, anchor)))
            learned += 1
            break
    guide.thank(learned)


def shown_pose(take: Take, baseline: Baseline) -> Measures:
    """The pose of a step. Raises `BaselineError`."""
    take.check()
    pose = take.centre()
    if why_not_judgeable(pose, baseline.centre, baseline.view) is not None:
        raise BaselineError(
            Sentence("You are turned otherwise than for the baseline."),
            Sentence("Face the screen."),
        )
    before, now = (position_of(it, baseline.view) for it in (baseline.centre, pose))
    if not is_another_position(now, before):
        raise BaselineError(
            Sentence("The picture hardly differs from your baseline."),
            Sentence("Go a little further, or skip it."),
        )
    return pose
