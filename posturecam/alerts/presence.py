"""Who is there, and since when: readings in, what has become of the presence out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from posturecam.values.observation import PostureState, Reading, is_nobody_there, is_somebody_there

if TYPE_CHECKING:
    from posturecam.values.settings import PolicySettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Who is there, and since when; all in seconds.

    Attributes:
        absent_s: how long nobody has been there; time without a usable picture does not add to
            it, nor end it.
        off_s: how long nobody has been seen, time without a usable picture included.
        unknown_s: how long nothing has been known, whatever the reason.
        present_s: presence since the start, the last absence or the last long gap.
    """

    absent_s: float = 0.0
    off_s: float = 0.0
    unknown_s: float = 0.0
    present_s: float = 0.0


def is_known(reading: Reading) -> bool:
    """The sitter was there and could be judged."""
    return reading.state in (PostureState.UPRIGHT, PostureState.SLOUCHED)


def is_absent(reading: Reading) -> bool:
    """Nobody was there, whether that is an absence already or may become one."""
    return is_nobody_there(reading.state, reading.reasons)


def follow_presence(presence: Presence, reading: Reading, settings: PolicySettings) -> Presence:
    """The presence after `reading`."""
    unknown_s = 0.0 if is_known(reading) else presence.unknown_s + reading.span_s
    if is_somebody_there(reading.state, reading.reasons):
        return Presence(unknown_s=unknown_s, present_s=presence.present_s + reading.span_s)
    absent_s = presence.absent_s + (reading.span_s if is_absent(reading) else 0.0)
    off_s = presence.off_s + reading.span_s
    left = absent_s >= settings.micro_break_s or off_s >= settings.forget_after_s
    return Presence(
        absent_s=absent_s,
        off_s=off_s,
        unknown_s=unknown_s,
        present_s=0.0 if left else presence.present_s,
    )
