"""What followed an alert: corrected, moved, left, snoozed or ignored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from posturecam.alerts.presence import Presence, is_known
from posturecam.values.events import AlertFollowed, AlertKind, Outcome
from posturecam.values.observation import PostureState, Reading, UnknownReason
from posturecam.values.reasons import QuietReason

if TYPE_CHECKING:
    from posturecam.values.settings import PolicySettings


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAlert:
    """An alert of which it is not yet known what it leads to.

    Attributes:
        known_s: known time since then.
        upright_s: how long the sitter has been upright now.
        upright_from_s: since when.
        moved_at_s: when they first moved after it, None if they have not.
        again: it asks once more for what the one before asked for.
    """

    kind: AlertKind
    at_s: float
    known_s: float = 0.0
    upright_s: float = 0.0
    upright_from_s: float = 0.0
    moved_at_s: float | None = None
    again: bool = False

    def after(self, reading: Reading) -> OpenAlert:
        """The alert with what the reading says of it."""
        known_s = reading.span_s if is_known(reading) else 0.0
        upright_s, upright_from_s = self.upright_s, self.upright_from_s
        if reading.state is PostureState.SLOUCHED:
            upright_s = 0.0
        elif reading.state is PostureState.UPRIGHT:
            upright_from_s = upright_from_s if upright_s else reading.start_s
            upright_s += known_s
        first_move = reading.moved and self.moved_at_s is None
        return replace(
            self,
            known_s=self.known_s + known_s,
            upright_s=upright_s,
            upright_from_s=upright_from_s,
            moved_at_s=reading.t_s if first_move else self.moved_at_s,
        )

    def followed(self, outcome: Outcome, at_s: float) -> AlertFollowed:
        """What it led to, and when that began."""
        after_s = max(0.0, at_s - self.at_s)
        return AlertFollowed(kind=self.kind, outcome=outcome, after_s=after_s)

    def at_last(self, t_s: float) -> AlertFollowed:
        """What it led to when nothing better is to be expected."""
        if self.moved_at_s is None:
            return self.followed(Outcome.IGNORED, t_s)
        return self.followed(Outcome.MOVED, self.moved_at_s)


def outcome(
    alert: OpenAlert,
    reading: Reading,
    presence: Presence,
    settings: PolicySettings,
    quiet: QuietReason | None,
) -> AlertFollowed | None:
    """What the alert led to, once that is plain.

    The reading is the newest, and the alert has taken it in (`OpenAlert.after`).
    """
    # In a call, or while a baseline is taken, only the camera is away.
    off = reading.reasons if reading.state is PostureState.PAUSED else ()
    if UnknownReason.PAUSED in off or quiet is QuietReason.SNOOZED:
        return alert.followed(Outcome.SNOOZED, reading.start_s)
    if (
        reading.state is PostureState.AWAY
        or UnknownReason.LOCKED in off
        or presence.absent_s >= settings.micro_break_s
    ):
        return alert.followed(Outcome.LEFT, reading.t_s - presence.off_s)
    if alert.kind is AlertKind.SLOUCH and alert.upright_s >= settings.slouch_reset_s:
        return alert.followed(Outcome.CORRECTED, alert.upright_from_s)
    moved = alert.kind is AlertKind.UNCHANGED and alert.moved_at_s is not None
    if moved or alert.known_s >= settings.outcome_within_s:
        return alert.at_last(reading.t_s)
    return None
