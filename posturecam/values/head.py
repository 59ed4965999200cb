"""What the face model says of a head: how large it is, where it turns and how it is turned."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """One head in a picture, in numbers that tell nobody's face.

    Lengths and places are in pixels of the whole picture. Turns are to the line of sight to the
    head: a camera that turns on its spot changes them by less than a tenth of its turn.

    Attributes:
        width_px: between the points before the ears, in three dimensions.
        size_px: root mean square distance of all points from their middle, in three dimensions.
        tragus_x_px: virtual tragus, the middle of both.
        pitch_deg: nod, down positive, by the points of the mesh.
        yaw_deg: turn, to the left of the person positive.
        roll_deg: tilt, the left ear lower is positive.
        fitted_pitch_deg: nod of MediaPipe's face model, fitted to the mesh.
        fitted_yaw_deg: turn of the same.
        fitted_away: its distance from the camera that MediaPipe assumes, in centimetres, over the
            share of the picture's width that was looked at; in proportion to the true distance.
    """

    width_px: float
    size_px: float
    tragus_x_px: float
    tragus_y_px: float
    pitch_deg: float
    yaw_deg: float
    roll_deg: float
    fitted_pitch_deg: float
    fitted_yaw_deg: float
    fitted_away: float
