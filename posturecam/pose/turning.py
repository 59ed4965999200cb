"""Pictures of a camera that is mounted upside down or on its side, turned the right way up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from posturecam.base.language import N_, Sentence
from posturecam.pose.sitter import Candidate, find_sitter
from posturecam.values.observation import Detection, Frame, Picture, UnknownReason

if TYPE_CHECKING:
    from numpy.typing import NDArray


OTHER_TURNS_DEG = (90, 180, 270)
"""Clockwise."""

EMPTY_LOOKS = 10
"""So many pictures in a row with nobody, two seconds, before the other turns are tried."""

TRIED_ON = 3
"""Pictures on which they are tried: of 28 rendered sitters, 4 of 84 wrong turns showed a person."""


@dataclass(frozen=True, slots=True)
class TurnedPicture:
    """A picture turned clockwise by `rotate_deg`, a multiple of 90."""

    picture: Picture = field(repr=False)
    rotate_deg: int

    def decode(self) -> NDArray[np.uint8]:
        """See `Picture.decode`."""
        return self._turned(self.picture.decode())

    def thumbnail(self) -> NDArray[np.uint8]:
        """See `Picture.thumbnail`."""
        return self._turned(self.picture.thumbnail())

    def _turned(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return np.ascontiguousarray(np.rot90(image, -self.rotate_deg // 90))


def turned(frame: Frame, rotate_deg: int) -> Frame:
    """The frame with its picture turned clockwise by `rotate_deg`, a multiple of 90."""
    if rotate_deg == 0:
        return frame
    return replace(frame, picture=TurnedPicture(frame.picture, rotate_deg))


class TurnFinder:
    """A landmarker for a camera of which nobody knows how it is mounted.

    As long as the place is empty in the first pictures, the other turns are tried, once. The one
    that shows a sitter, if it is the only one, is used from then on. When the pictures are
    turned it says so.
    """

    def __init__(self, detect: Callable[[Frame], Detection], say: Callable[[str], None]) -> None:
        self.rotate_deg = 0
        self._detect = detect
        self._say = say
        self._empty = 0
        self._seen: Counter[int] = Counter()
        self._settled = False

    def detect(self, frame: Frame) -> Detection:
        """Everybody in the frame, the right way up as far as that is known."""
        detection = self._detect(turned(frame, self.rotate_deg))
        if self._settled:
            return detection
        if find_sitter(detection) is not UnknownReason.NOBODY:
            self._empty = 0
            self._settled = detection.people != ()
            return detection
        self._empty += 1
        if self._empty > EMPTY_LOOKS:
            self._seen.update(deg for deg in OTHER_TURNS_DEG if self._shows_sitter(frame, deg))
        if self._empty == EMPTY_LOOKS + TRIED_ON:
            self._settle()
        return detection

    def _shows_sitter(self, frame: Frame, rotate_deg: int) -> bool:
        return isinstance(find_sitter(self._detect(turned(frame, rotate_deg))), Candidate)

    def _settle(self) -> None:
        self._settled = True
        found = [deg for deg, count in self._seen.items() if 2 * count > TRIED_ON]
        if len(found) == 1:
            self.rotate_deg = found[0]
            text = N_("The picture is on its side: it is turned by {deg}° from now on.")
            if self.rotate_deg == 180:
                text = N_("The picture is upside down: it is turned by {deg}° from now on.")
            self._say(Sentence(text, deg=self.rotate_deg))
