"""Every number that a decision depends on, and every setting: declared here and nowhere else.

What the user may set is a field made by `setting`: its name, type, default and bounds, and what is
said of it. The keys of `config.toml`, the options of the command line and their messages follow
from that. Other fields are what decisions go by, without a choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields, replace
from datetime import time
from enum import StrEnum
from typing import Any, Literal, TypedDict, TypeVar, Unpack

from posturecam.base.language import N_
from posturecam.values.goal import Goal

COOLDOWN_S = 600.0
GRACE_S = 300.0
SNOOZE_S = 1800.0
"""Length of a snooze that nobody gave a length: a meeting, or a stretch of work."""
READY_S = 4.0
TAKE_S = 10.0
"""Time to sit up before a take for a baseline at a camera, and length of one."""
AGAIN_S = 8.0
"""The same between two takes of a calibration, to get up and to sit down anew."""
LIVE_TAKES = 3
"""Re-sitting spreads by several degrees (Healthcare 2021;9:1685), so one sit is no baseline."""
SIT_UP_S = 10.0
"""Time to read that a new baseline is about to be taken in a running watch, and to sit up."""
ZERO_S = 5.0
"""Length of a take for the zero of the day: long enough for a median of looks."""
ANSWER_WITHIN_S = 180.0
"""A question about a new baseline that nobody answers for so long is answered by no."""
SHORTEST_GUIDED_S = 30
LONGEST_GUIDED_S = 90
"""Length of a guided break: a micro-break (McLean 2001: 30 s and more), or a little longer."""
BURST_S = 4.0
"""Twice the running median: long enough to be sure of what is seen."""

_Value = TypeVar("_Value")


class Bounds(TypedDict, total=False):
    """What the numbers of a setting may be.

    Attributes:
        above: it is more than this.
        least: it is no less.
        most: nor more than this.
    """

    above: float
    least: float
    most: float


class Details(Bounds, total=False):
    """What is said of a setting beside its name, type and default.

    Attributes:
        option: help of its option on the command line; `{}` stands for the default.
        means: what it is, where that help does not say it of the key.
        unset: what `config show` says of it while it has no value.
    """

    option: str
    means: str
    unset: str


def setting(*, default: _Value, **details: Unpack[Details]) -> _Value:
    """A field that the user may set."""
    return field(default=default, metadata={"details": details})


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A field that the user may set, as it is declared.

    Attributes:
        name: of the field; ends with the unit.
        part: of `Settings` that holds it: "policy", "posture", or "" for itself.
        details: its bounds, and what is said of it.
    """

    name: str
    part: str
    default: Any
    details: Details

    @property
    def key(self) -> str:
        """Its name in the config file, where a duration has its unit in the value."""
        return self.name.removesuffix("_s")

    @property
    def is_duration(self) -> bool:
        """Whether it is written like `90s`, `20m` or `1h30m`."""
        return self.name.endswith("_s")

    def value_in(self, settings: Settings) -> Any:
        """What `settings` have for it."""
        return getattr(getattr(settings, self.part) if self.part else settings, self.name)


def declared_by(kind: type[Any], part: str = "") -> dict[str, Setting]:
    """What the user may set of a part of the settings, by name, in the order of the fields."""
    return {
        item.name: Setting(name=item.name, part=part, default=item.default, **item.metadata)
        for item in fields(kind)
        if item.metadata
    }


_ANGLE: Bounds = {"above": 0, "most": 90}
_SHARE: Bounds = {"above": 0, "most": 1}
_FOLLOWS = N_("follows from the other settings")


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Deviation from the baseline, in degrees, that makes a posture slouched.

    The verdict weighs everything that the picture shows; the estimate of an angle is shown beside
    it. A threshold that is k times the default moves the verdict as far as k times the deviation
    would, as far as its angle is the one that stands out.

    Sources: 10 to 12 degrees is the smallest change that stands out from how differently people
    re-adopt their own comfortable pose (Healthcare 2021;9:1685) and from the error of comparable
    front-camera estimates; ISO 11226 and EN 1005-4 limit lateral inclination to 10 degrees.
    """

    upper_back_deg: float = setting(
        default=12.0,
        **_ANGLE,
        means=N_("Upper back further forward than the baseline, in degrees."),
    )
    trunk_deg: float = setting(
        default=12.0, **_ANGLE, means=N_("Trunk further forward, in degrees.")
    )
    neck_deg: float = setting(
        default=12.0, **_ANGLE, means=N_("Head further forward of the shoulders, in degrees.")
    )
    back_flexion_deg: float = setting(
        default=15.0, **_ANGLE, means=N_("Back more bent, in degrees.")
    )
    shoulder_tilt_deg: float = setting(
        default=7.0, **_ANGLE, means=N_("One shoulder lower, in degrees.")
    )

    def values_deg(self) -> tuple[float, ...]:
        """The five thresholds, in the order of `observation.ANGLES`."""
        return astuple(self)


class Ambient(StrEnum):
    """What the tray does to the screens while the sitter slouches."""

    OFF = "off"
    GLOW = "glow"
    DIM = "dim"


class Rezero(StrEnum):
    """Whether the sitter is asked for the zero of the day."""

    ASK = "ask"
    OFF = "off"


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

    away_after_s: float = setting(default=60.0, option=N_("Nobody there for so long is away ({})."))
    exit_ratio: float = setting(
        default=0.6,
        **_SHARE,
        means=N_("A posture is left at this share of the angle that enters it."),
    )
    smoothing_s: float = setting(
        default=2.0, most=60, means=N_("The middle of so long is what counts.")
    )
    """Running median of the angles and of the log-odds of a slouch. It takes out the jitter of the
    landmarks, not the larger error that looks share (calibration/report.md, "In time")."""
    debounce_s: float = setting(
        default=5.0, most=60, means=N_("A posture must hold so long to be taken over.")
    )
    """A state must hold this long to be taken over; ergonomics calls 4 s and more "held"."""
    move_kept_s: float = setting(
        default=5.0, most=60, means=N_("A change of position must be kept so long to count.")
    )
    """A change of position that lasts so long counts; a shorter one is a fidget."""
    gap_s: float = 3.0
    """A longer silence between two observations is unknown time."""
    bridged_s: float = 3.0
    """What cannot be judged for so long is unknown, however far apart bursts of looks are."""
    thresholds: Thresholds = field(default_factory=Thresholds)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySettings:
    """When the sitter is alerted.

    Sources: slouch_after, ISO 11226 (maximum holding time 3 to 4 minutes at 20 to 30 degrees of
    trunk inclination); unchanged_after, PMC5447416 (office workers slumped after about 20
    minutes); break_after and break_length, HSE (5 to 10 minutes in every 50 to 60); micro_break,
    McLean 2001 (30 seconds and more lowered discomfort). None of them is an injury threshold. The
    rest are choices.
    """

    slouch_after_s: float = setting(default=180.0, option=N_("Alert after so long slouched ({})."))
    slouch_share: float = setting(
        default=0.8,
        **_SHARE,
        means=N_("Share of the time in slouch_after that must have been slouched."),
    )
    slouch_reset_s: float = setting(
        default=30.0, means=N_("So long upright ends a slouched stretch.")
    )
    unchanged_after_s: float = setting(
        default=1200.0, option=N_("Alert after so long in one position ({}).")
    )
    break_after_s: float = setting(
        default=3000.0, option=N_("Alert after so long without a break ({}).")
    )
    break_length_s: float = setting(default=300.0, means=N_("Away so long is a full break."))
    break_notice: bool = setting(
        default=False, means=N_("Say 30 seconds before a break that it comes.")
    )
    strict_breaks: bool = setting(
        default=False,
        means=N_("Ask for a break again every two minutes, for ten, until it is taken."),
    )
    micro_break_s: float = setting(
        default=30.0, means=N_("Away so long ends an unchanged position.")
    )
    """So long away from the desk changes the posture for certain, which is what relieves
    (Waongenngarm 2018): it clears the unchanged clock. The break clock it leaves alone, because
    short absences do not add up to the five minutes in an hour."""
    cooldown_s: float | None = setting(
        default=None,
        option=N_("Least time between two alerts (10m, or less with shorter waits)."),
        unset=_FOLLOWS,
    )
    """By default `fitting_cooldown_s`."""
    max_alerts_per_hour: int = setting(
        default=4, least=1, most=60, means=N_("No more alerts than this in an hour.")
    )
    grace_s: float | None = setting(
        default=None, unset=_FOLLOWS, means=N_("No alert so soon after the start or a return.")
    )
    """So long after the start or a return the terminal warns and nothing alerts, for people settle
    in; by default `fitting_grace_s`."""
    forget_after_s: float = 60.0
    """After so long without knowing, nobody can say that a posture went on."""
    outcome_within_s: float = 300.0
    """What follows an alert within so long counts as its outcome: time to finish a thought or a
    sentence, and half a cooldown, so that one alert is settled before the next."""
    ignored_in_a_row: int = 3
    """After so many ignored alerts the interval doubles for the day."""
    goal: Goal | None = setting(
        default=None, means=N_("Your own goal for a day; the review says whether it was reached.")
    )
    """Nothing alerts for it."""
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
        default = PolicySettings()
        return min(
            1.0,
            self.slouch_after_s / default.slouch_after_s,
            self.unchanged_after_s / default.unchanged_after_s,
            self.break_after_s / default.break_after_s,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """A part of each day, in local time, in which alerts are suppressed; may go over midnight."""

    begin: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of a watch."""

    source: str = setting(
        default="0",
        option=N_(
            "Camera number, name or device, video, folder of pictures, http(s)/rtsp address, "
            "or demo."
        ),
    )
    profile: str = setting(default="default", option=N_("Name of the baseline."))
    model: str = setting(default="full", option=N_("Pose model: full, lite, or a .task file."))
    sample_hz: float = setting(default=5.0, least=0.5, most=30, means=N_("Most looks a second."))
    """Dwell times are minutes, so a few are plenty."""
    notify: bool = setting(default=True, option=N_("Desktop notifications."))
    interval_s: float | None = setting(
        default=None,
        least=10.0,
        most=300.0,
        option=N_("Look for a few seconds every so often; the camera is off in between."),
    )
    """Between two bursts of `BURST_S`; None keeps the camera. In less, opening it costs more than
    keeping it; in more, a whole break could pass unseen."""
    adaptive: bool = setting(default=True, means=N_("Look less often while nothing changes."))
    spare_battery: bool = setting(
        default=True, means=N_("Look half as often while the machine runs on battery.")
    )
    sound: bool = setting(default=False, option=N_("Notifications with a sound."))
    """Off, because a trial of sound alone found no effect (Occup Environ Med 2020;77:462)."""
    bell: bool = setting(default=False, option=N_("Ring the terminal at an alert."))
    on_alert: tuple[str, ...] = setting(
        default=(), option=N_("Run this at an alert, with its record as input.")
    )
    release_on_lock: bool = setting(
        default=True, means=N_("Let go of the camera while the screen is locked.")
    )
    release_in_calls: bool = setting(
        default=True,
        means=N_("Let go of the camera while a microphone is used or a program opens the camera."),
    )
    respect_do_not_disturb: bool = setting(
        default=True, means=N_("Suppress alerts while the desktop is asked not to disturb.")
    )
    quiet_in_full_screen: bool = setting(
        default=True, means=N_("Suppress alerts while a program runs full screen.")
    )
    """Or shows a video or slides."""
    sensitivity: Sensitivity = setting(
        default=Sensitivity.MEDIUM, option=N_("How soon a deviation counts as slouched ({}).")
    )
    quiet_hours: tuple[QuietHours, ...] = setting(
        default=(),
        option=N_("Suppress alerts in these hours each day; may be given several times."),
    )
    quiet_in_calls: bool = setting(
        default=False, option=N_("Suppress alerts while the microphone is used.")
    )
    camera_certificate: str | None = setting(
        default=None,
        means=N_("SHA-256 of a certificate for an https camera that nobody vouches for."),
    )
    """In hexadecimal."""
    rotate: Literal[0, 90, 180, 270] | None = setting(
        default=None,
        unset=N_("is as calibrate found it"),
        means=N_("Degrees by which the pictures are turned clockwise: 0, 90, 180 or 270."),
    )
    """None as the baseline says."""
    rezero: Rezero = setting(
        default=Rezero.ASK,
        means=N_("Ask for today's zero at the first watch of a day and after a long absence."),
    )
    ambient: Ambient = setting(
        default=Ambient.OFF,
        means=N_(
            "While slouched, posturecam tray lights the edges of the screens or dims them: "
            "off, glow or dim."
        ),
    )
    camera_give_up_s: float = setting(
        default=3600.0, option=N_("End when the camera stays away for so long ({}).")
    )
    """A call may take an hour."""
    keep_days: int | None = setting(
        default=400,
        least=1,
        most=36_500,
        means=N_('The log forgets what is older, in days; or "forever".'),
    )
    """None keeps all. A year, and its months beside those before."""
    policy: PolicySettings = field(default_factory=PolicySettings)
    posture: PostureSettings = field(default_factory=PostureSettings)
    own_thresholds: frozenset[str] = frozenset()
    """Names of the thresholds that the user set; a slump take leaves them alone."""

    def having(self, values: Mapping[str, Any]) -> Settings:
        """These settings with `values` over them, by the names of `SETTINGS`."""
        parts: dict[str, dict[str, Any]] = {"": {}, "policy": {}, "posture": {}}
        for name, value in values.items():
            parts[SETTINGS[name].part][name] = value
        return replace(
            self,
            policy=replace(self.policy, **parts["policy"]),
            posture=replace(self.posture, **parts["posture"]),
            **parts[""],
        )

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

    def limited(self, limits_deg: Sequence[float]) -> Settings:
        """These settings with such thresholds in force, in the order of `observation.ANGLES`."""
        names = (item.name for item in fields(Thresholds))
        thresholds = Thresholds(**dict(zip(names, limits_deg, strict=True)))
        return replace(self, posture=replace(self.posture, thresholds=thresholds))


def calibrate_command(profile: str) -> str:
    """What to type for a new baseline under this name."""
    named = "" if profile == Settings().profile else f" --profile {profile}"
    return f"posturecam calibrate{named}"


SETTINGS = {
    **declared_by(Settings),
    **declared_by(PolicySettings, "policy"),
    **declared_by(PostureSettings, "posture"),
}
"""Each setting by its name, in the order in which `config show` prints them."""
