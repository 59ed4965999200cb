"""Which profile fits the desk that one sits at.

Pure. A baseline is of one camera before one place; whoever carries a laptop from desk to desk has
one for each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from itertools import count
from typing import TYPE_CHECKING

from posturecam.base.errors import UsageError
from posturecam.base.language import Sentence

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from posturecam.values.desk import Desk

_DEVICES = r"(?i:con|prn|aux|nul|(?:com|lpt)[0-9])"  # no file can have these names on Windows
NAME = re.compile(rf"(?!{_DEVICES}\Z)[A-Za-z0-9][A-Za-z0-9_-]{{0,63}}")
"""What a profile may be called."""
MOST_DESKS = 8
"""Desks that a profile remembers; somebody with more of them has to name the profile."""


class Fit(IntEnum):
    """How well a profile fits a desk, the best last."""

    ANOTHER_CAMERA = 0
    OTHER_DISPLAYS = 1
    UNKNOWN = 2
    THIS_DESK = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownProfile:
    """What a profile says of where it is used.

    Attributes:
        name: of the profile.
        desks: where it was taken, and where it is used as well; none in an old file.
        size_px: width and height of its pictures.
        taken_at: when, in UTC, as it is written.
    """

    name: str
    desks: tuple[Desk, ...]
    size_px: tuple[int, int]
    taken_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The profile that fits best, and how well."""

    name: str
    fit: Fit

    @property
    def is_of_this_desk(self) -> bool:
        """Whether nothing says that it is of another one."""
        return self.fit >= Fit.UNKNOWN

    def unasked(self, preferred: str) -> str:
        """The profile to use where nobody is asked; of another camera only the preferred one."""
        return preferred if self.fit is Fit.ANOTHER_CAMERA else self.name


def choose(
    profiles: Iterable[KnownProfile],
    here: Desk,
    *,
    preferred: str,
    offered_px: Collection[tuple[int, int]] = (),
) -> Choice | None:
    """The profile for the desk `here`; None where there is no profile.

    Of several that fit alike it is the preferred one, else the newest.

    Args:
        profiles: those that there are.
        here: the desk.
        preferred: name of the one that is used where nothing is known.
        offered_px: the sizes of picture that the camera delivers; nothing where that is not known.
    """
    ranked = [
        (_fit(one, here, offered_px, preferred), one.name == preferred, one.taken_at, one.name)
        for one in profiles
    ]
    if not ranked:
        return None
    fit, _, _, name = max(ranked)
    return Choice(name=name, fit=fit)


def _fit(
    profile: KnownProfile,
    here: Desk,
    offered_px: Collection[tuple[int, int]],
    preferred: str,
) -> Fit:
    if offered_px and not {profile.size_px, profile.size_px[::-1]} & set(offered_px):
        return Fit.ANOTHER_CAMERA
    if not profile.desks:
        return Fit.UNKNOWN if profile.name == preferred else Fit.ANOTHER_CAMERA
    return max(_likeness(desk, here) for desk in profile.desks)


def _likeness(desk: Desk, here: Desk) -> Fit:
    if desk.camera != here.camera:
        return Fit.ANOTHER_CAMERA
    return Fit.THIS_DESK if desk.displays == here.displays else Fit.OTHER_DISPLAYS


def with_desk(desks: Sequence[Desk], here: Desk) -> tuple[Desk, ...]:
    """The desks that a profile is used at, `here` being one of them; the oldest go."""
    return (*(desk for desk in desks if desk != here), here)[-MOST_DESKS:]


def checked_name(name: str) -> str:
    """The name.

    Raises:
        UsageError: it could lead out of a folder or would not travel between systems.
    """
    if not NAME.fullmatch(name):
        raise UsageError(
            Sentence("{name!r} is not a profile name.", name=name),
            Sentence(
                "Use letters, digits, - and _, at most 64, starting with a letter or "
                "digit; a few names such as CON are Windows's own."
            ),
        )
    return name


def free_name(taken: Collection[str]) -> str:
    """A name for the profile of another desk: `desk-2`."""
    return next(name for name in (f"desk-{number}" for number in count(2)) if name not in taken)
