"""Every number that a decision depends on, with its default and the source of that default."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import time

SLOUCH_AFTER_S = 180.0
UNCHANGED_AFTER_S = 1200.0
BREAK_AFTER_S = 3000.0
COOLDOWN_S = 600.0
GRACE_S = 300.0
SNOOZE_S = 1800.0
"""Length of a snooze that nobody gave a length: a meeting, or a stretch of work."""
READY_S = 4.0
TAKE_S = 10.0
"""Time to sit up before a take for a baseline at a camera, and length of one."""
LIVE_TAKES = 3
"""Re-sitting spreads by several degrees (Healthcare 2021;9:1685), so one sit is no baseline."""
SIT_UP_S = 10.0
"""Time to read that a new baseline is about to be taken in a running watch, and to sit up."""
ANSWER_WITHIN_S = 180.0
"""A question about a new baseline that nobody answers for so long is answered by no."""
SHORTEST_INTERVAL_S = 10.0
LONGEST_INTERVAL_S = 300.0
"""Between two bursts of looks: below, opening the camera costs more than keeping it; above, a whole
break could pass unseen."""
BURST_S = 4.0
"""Twice the running median: long enough to be sure of what is seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Deviation from the baseline, in degrees, from which a posture counts as slouched.

    Sources: 10 to 12 degrees is the smallest change that stands out from how differently people
    re-adopt their own comfortable pose (Healthcare 2021;9:1685) and from the error of comparable
    front-camera estimates; ISO 11226 and EN 1005-4 limit lateral inclination to 10 degrees.
    """

    upper_back_deg: float = 12.0
    trunk_deg: float = 12.0
    neck_deg: float = 12.0
    back_flexion_deg: float = 15.0
    shoulder_tilt_deg: float = 7.0

    def values_deg(self) -> tuple[float, ...]:
        """The five thresholds, in the order of `observation.ANGLES`."""
        return (
            self.upper_back_deg,
            self.trunk_deg,
            self.neck_deg,
            self.back_flexion_deg,
            self.shoulder_tilt_deg,
        )


class Sensitivity(StrEnum):
    """How soon a deviation counts as slouched; it scales all thresholds."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


_SENSITIVITY_SCALE = {Sensitivity.LOW: 1.25, Sensitivity.MEDIUM: 1.0, Sensitivity.HIGH: 0.8}

LEAST_SCALE = 0.7
"""No threshold is scaled below this share of its default: 8.4 degrees are over 1.65 standard
deviations of a front estimate, so beyond its error with 95 % (calibration/report.md)."""
MOST_SCALE = 1.5
"""Nor is it adapted to a person beyond this share: 18 degrees forward is slouched for anybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostureSettings:
    """How deviations become a state."""

    thresholds: Thresholds = field(default_factory=Thresholds)
    exit_ratio: float = 0.6
    """A state is left at this share of the angle that enters it (hysteresis)."""
    smoothing_s: float = 2.0
    """Running median; at 5 pictures a second it takes the noise of an angle from 2.4 to 0.8."""
    debounce_s: float = 5.0
    """A state must hold this long to be taken over; ergonomics calls 4 s and more "held"."""
    away_after_s: float = 60.0
    """Nobody there for so long is an absence."""
    gap_s: float = 3.0
    """A longer silence between two observations is unknown time."""
    move_kept_s: float = 5.0
    """A change of position that lasts so long is a move; a shorter one is a fidget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySettings:
    """When the sitter is alerted.

    Sources: slouch_after, ISO 11226 (maximum holding time 3 to 4 minutes at 20 to 30 degrees of
    trunk inclination); unchanged_after, PMC5447416 (office workers slumped after about 20
    minutes); break_after and break_length, HSE (5 to 10 minutes in every 50 to 60); micro_break,
    McLean 2001 (30 seconds and more lowered discomfort). None of them is an injury threshold. The
    rest are choices.
    """

    slouch_after_s: float = SLOUCH_AFTER_S
    slouch_share: float = 0.8
    """Share of the known time within `slouch_after_s` that must have been slouched."""
    slouch_reset_s: float = 30.0
    """Continuous upright time that ends an episode."""
    unchanged_after_s: float = UNCHANGED_AFTER_S
    break_after_s: float = BREAK_AFTER_S
    break_length_s: float = 300.0
    micro_break_s: float = 30.0
    """So long away from the desk changes the posture for certain, which is what relieves
    (Waongenngarm 2018): it clears the unchanged clock. The break clock it leaves alone, because
    short absences do not add up to the five minutes in an hour."""
    cooldown_s: float | None = None
    """Least time between two alerts of any kind; by default `fitting_cooldown_s`."""
    max_alerts_per_hour: int = 4
    grace_s: float | None = None
    """So long after the start or a return the terminal warns and nothing alerts, for people settle
    in; by default `fitting_grace_s`."""
    forget_after_s: float = 60.0
    """After so long without knowing, nobody can say that a posture went on."""
    outcome_within_s: float = 300.0
    """What follows an alert within so long counts as its outcome: time to finish a thought or a
    sentence, and half a cooldown, so that one alert is settled before the next."""
    ignored_in_a_row: int = 3
    """After so many ignored alerts the interval doubles for the day."""
    new_day_after_s: float = 4 * 3600.0
    """So long with nobody seen is a night: longer than lunch and a meeting, shorter than sleep."""

    @property
    def fitting_cooldown_s(self) -> float:
        """The cooldown in force: ten minutes, or less in proportion to shortened waits.

        Who asks for alerts after one minute instead of three does not mean to wait ten for the
        next alert.
        """
        return COOLDOWN_S * self._shortened if self.cooldown_s is None else self.cooldown_s

    @property
    def fitting_grace_s(self) -> float:
        """The grace in force: five minutes, or none when a wait was shortened.

        Who asks for alerts after one minute wants them in the first minutes too.
        """
        if self.grace_s is not None:
            return self.grace_s
        return GRACE_S if self._shortened == 1 else 0.0

    @property
    def _shortened(self) -> float:
        """The most shortened wait as a share of its default, at most 1."""
        return min(
            1.0,
            self.slouch_after_s / SLOUCH_AFTER_S,
            self.unchanged_after_s / UNCHANGED_AFTER_S,
            self.break_after_s / BREAK_AFTER_S,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """A part of each day, in local time, in which alerts are held back; may go over midnight."""

    begin: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of a watch."""

    source: str = "0"
    profile: str = "default"
    model: str = "full"
    sensitivity: Sensitivity = Sensitivity.MEDIUM
    own_thresholds: frozenset[str] = frozenset()
    """Names of the thresholds that the user set; a slump take leaves them alone."""
    sample_hz: float = 5.0
    """Most looks a second; dwell times are minutes, so a few are plenty."""
    interval_s: float | None = None
    """Look for `BURST_S` every so often and let go of the camera in between; None to keep it."""
    adaptive: bool = True
    """Look less often while nothing changes; see `sampling`."""
    spare_battery: bool = True
    """Look half as often while the machine runs on battery."""
    notify: bool = True
    sound: bool = False
    """With the notification; off, because a trial of sound alone found no effect (Occup Environ Med
    2020;77:462)."""
    bell: bool = False
    """Ring the terminal at an alert."""
    on_alert: tuple[str, ...] = ()
    """Words of a command that is run for each alert."""
    release_on_lock: bool = True
    """Let go of the camera while the screen is locked."""
    respect_do_not_disturb: bool = True
    """Hold alerts back while the desktop is asked not to disturb."""
    quiet_hours: tuple[QuietHours, ...] = ()
    quiet_in_calls: bool = False
    """Hold alerts back while the microphone is in use."""
    rotate: int | None = None
    """Degrees by which the camera's pictures are turned clockwise; None as the baseline says."""
    camera_certificate: str | None = None
    """SHA-256, in hexadecimal, of a certificate that an `https` camera may show though nobody
    vouches for it."""
    camera_give_up_s: float = 3600.0
    """A camera that stays away for so long ends the watch: a call may take an hour."""
    keep_days: int | None = 400
    """The log forgets what is older; None keeps all. A year, and its months beside those before."""
    posture: PostureSettings = field(default_factory=PostureSettings)
    policy: PolicySettings = field(default_factory=PolicySettings)

    def with_interval(self) -> Settings:
        """These settings with the silence between two bursts taken for granted, not for a gap."""
        if self.interval_s is None:
            return self
        gap_s = self.posture.gap_s + 2 * BURST_S + self.interval_s
        return replace(self, posture=replace(self.posture, gap_s=gap_s))

    def fitted(self, personal: Thresholds | None = None) -> Settings:
        """These settings with the thresholds in force: adapted to the person, scaled once.

        What the user set goes before `personal`, what a slump take found; the sensitivity scales
        either, but lowers none below what can be detected.
        """
        given, default = self.posture.thresholds, Thresholds()
        scale = _SENSITIVITY_SCALE[self.sensitivity]
        in_force = {}
        for name in (item.name for item in fields(Thresholds)):
            adapted = personal is not None and name not in self.own_thresholds
            base_deg = getattr(personal if adapted else given, name)
            least_deg = min(base_deg, LEAST_SCALE * getattr(default, name))
            in_force[name] = max(least_deg, scale * base_deg)
        posture = replace(self.posture, thresholds=Thresholds(**in_force))
        return replace(self, posture=posture, sensitivity=Sensitivity.MEDIUM)
