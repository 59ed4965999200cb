"""What there is to begin with, and the next step: what the program says without a command."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

from posturecam.base.addresses import without_secrets
from posturecam.base.errors import DataError
from posturecam.base.language import Sentence, _
from posturecam.capture.devices import CameraDevices, device_of, may_be_there, names_camera
from posturecam.watch.lock import is_watched

if TYPE_CHECKING:
    from posturecam.base.paths import AppPaths
    from posturecam.values.settings import Settings


class Step(Enum):
    """What one would do next."""

    FIND_CAMERA = auto()
    FIND_SOURCE = auto()
    TAKE_BASELINE = auto()
    START = auto()
    OPEN_TODAY = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What there is to begin with.

    Attributes:
        source: what would be watched, as it is named to people.
        is_there: the source could be, as far as that is known without opening it.
        is_named: somebody chose it.
        taken_on: local date on which it was kept; None when there is none.
    """

    source: str
    is_there: bool
    is_named: bool
    profile: str
    taken_on: date | None
    watching: bool

    @property
    def step(self) -> Step:
        """The next one."""
        if self.watching:
            return Step.OPEN_TODAY
        if not self.is_there:
            return Step.FIND_SOURCE if self.is_named else Step.FIND_CAMERA
        return Step.TAKE_BASELINE if self.taken_on is None else Step.START


def find_situation(
    settings: Settings,
    paths: AppPaths,
    date_of: Callable[[float], date],
    devices: CameraDevices | None = None,
) -> Situation:
    """What there is now; nothing is opened, and neither numbers nor models are loaded.

    The local date is that of seconds since 1970, UTC.

    Raises:
        DataError: the user may not look into the folder of the profiles.
    """
    source, is_there = _source(settings.source, devices or CameraDevices())
    taken_s = _taken_s(profile_file(paths, settings.profile))
    return Situation(
        source=source,
        is_there=is_there,
        is_named=_is_named(settings.source),
        profile=settings.profile,
        taken_on=None if taken_s is None else date_of(taken_s),
        watching=is_watched(paths.lock),
    )


def _taken_s(file: Path) -> float | None:
    """When a baseline was kept, in seconds since 1970, UTC; None where there is none."""
    try:
        return file.stat().st_mtime
    except PermissionError as error:
        raise DataError(
            Sentence("{path} cannot be read: {why}.", path=file.parent, why=error.strerror),
            Sentence("Make the folder yours again, with all that is in it."),
        ) from error
    except OSError:
        return None


def profile_file(paths: AppPaths, profile: str) -> Path:
    """Where the baseline is kept, if there is one; what a bad name leads to is not."""
    return paths.profiles / f"{profile}.json"


def _source(spec: str, devices: CameraDevices) -> tuple[str, bool]:
    named = names_camera(spec, devices)
    if (named and not devices.lists) or (not named and may_be_there(spec)):
        return without_secrets(spec), True
    if (device := device_of(spec, devices)) is not None:
        return device.shown, True
    if not _is_named(spec):
        return _("none found"), False
    looked_for = without_secrets(spec)
    return _("none found (looked for {camera})").format(camera=looked_for), False


def _is_named(spec: str) -> bool:
    return not spec.strip().isdecimal()  # as it is where nobody chose one


def situation_lines(situation: Situation) -> Sequence[str]:
    """What there is, a line each."""
    baseline = _("none yet")
    if situation.taken_on is not None:
        baseline = _("{profile}, of {date}").format(
            profile=situation.profile, date=situation.taken_on.isoformat()
        )
    lines = [
        _("Camera:   {camera}").format(camera=situation.source),
        _("Baseline: {baseline}").format(baseline=baseline),
    ]
    return [*lines, _("Watch:    runs")] if situation.watching else lines


def question(step: Step) -> str:
    """Whether to take the step."""
    return {
        Step.FIND_CAMERA: _("Plug a camera in, or see how it works: posturecam demo"),
        Step.FIND_SOURCE: _(
            "Plug it in or put it back, or take the first camera: posturecam config set source 0"
        ),
        Step.TAKE_BASELINE: _("Take a baseline now?"),
        Step.START: _("Start watching now?"),
        Step.OPEN_TODAY: _("Open the page of today?"),
    }[step]


WORDS = {
    Step.TAKE_BASELINE: ("calibrate",),
    Step.START: ("watch",),
    Step.OPEN_TODAY: ("review", "--html", "--open"),
}
"""The command that takes a step."""
