"""What a sitter's silhouette says of neck and upper back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One sitter's, in shoulder widths; estimates, off by several hundredths of one.

    By itself none says much, since sitters differ; a change of it tells how neck and upper back
    were bent. Ahead is towards the camera, along its axis.

    Attributes:
        neck_height: of C7 over the middle of the shoulders, in the picture.
        neck_ahead: of C7 before the middle of the shoulders.
        head_ahead: of the middle of the ears before that of the shoulders.
        upper_back_ahead: of C7 before T8.
    """

    neck_height: float
    neck_ahead: float
    head_ahead: float
    upper_back_ahead: float
