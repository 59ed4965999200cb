"""The pictures of the source that the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posturecam.base.suspending import suspension_here
from posturecam.capture.find import find_source
from posturecam.capture.session import Feed

if TYPE_CHECKING:
    from posturecam.base.clock import Clock
    from posturecam.values.settings import Settings


def feed_of(
    settings: Settings,
    clock: Clock,
    *,
    rotate_deg: int,
    patient: bool = True,
    realtime: bool = False,
) -> Feed:
    """A feed that was not opened yet, of which each picture is turned clockwise.

    A `patient` one waits for a camera that is busy or lost; `realtime` plays a file at its own
    speed.

    Raises:
        SourceError: there is no such source.
    """
    found = find_source(
        settings.source, clock=clock, realtime=realtime, certificate=settings.camera_certificate
    )
    return Feed(
        found,
        clock=clock,
        give_up_after_s=settings.camera_give_up_s,
        suspension=suspension_here(),
        rotate_deg=rotate_deg,
        patient=patient,
    )
