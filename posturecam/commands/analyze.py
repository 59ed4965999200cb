"""Angles and state for photos and videos, each picture judged by itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from posturecam.base.csv_cells import csv_text
from posturecam.base.errors import BaselineError, DataError, UsageError
from posturecam.base.language import ENGLISH, Sentence, _
from posturecam.base.paths import AppPaths, make_private_folder, typed_path
from posturecam.base.printable import json_text, printable
from posturecam.capture.ffmpeg_memory import ANALYZED
from posturecam.capture.find import find_source
from posturecam.capture.recorded import PICTURE_SUFFIXES
from posturecam.commands.calibrate import Plan, take_baseline
from posturecam.outputs.drawing import annotate as annotate_picture
from posturecam.outputs.drawing import write_picture
from posturecam.outputs.records import FORMAT, deviation_record
from posturecam.outputs.words import ANGLE_NAMES, name_text, reason_text, reasons_text
from posturecam.pose.landmarker import Landmarker, PoseLandmarker
from posturecam.pose.models import Model, find_model
from posturecam.pose.sitter import find_sitter
from posturecam.pose.turning import turned
from posturecam.posture import camera
from posturecam.posture.baseline import PHOTOS, Baseline, Demands, combine
from posturecam.posture.observe import observe
from posturecam.posture.profiles import fitting_profile, list_profiles, rotation_deg
from posturecam.posture.scenery import UNTURNED, scenery_in
from posturecam.posture.state import judge_alone, slouch_probability
from posturecam.values.events import Record, rounded
from posturecam.values.observation import (
    ANGLES,
    Angle,
    Deviations,
    Frame,
    Landmarks,
    Observation,
    PostureState,
    Reason,
    UnknownReason,
)

if TYPE_CHECKING:
    from posturecam.base.clock import Clock
    from posturecam.capture.source import FoundSource
    from posturecam.values.settings import Settings, Thresholds

NAME_COLUMNS = 24

BETWEEN_PHOTOS_S = 60.0
"""Time told to pass from one photo to the next: as long as the longest wait between two searches
for a turn of the camera (`posture.camera`), so that each photo may be searched."""

BASELINE_VIDEO_INTERVAL_S = 0.2
"""As often as a watch looks."""

_WHERE_FROM = Sentence(
    "Take a baseline with posturecam calibrate, or name a folder of upright pictures with "
    "--baseline."
)
_CANNOT_TELL = (
    UnknownReason.TOO_DARK,
    UnknownReason.NO_PICTURE,
    UnknownReason.COVERED,
    UnknownReason.BLURRED,
    UnknownReason.NOISE,
    UnknownReason.ELSEWHERE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One picture with its judgement.

    Attributes:
        sitter: who was judged, None when nobody could be.
        state: upright, slouched, away (nobody in the picture) or unknown.
        slouch_probability: what the state follows; NaN where it is not known.
    """

    frame: Frame
    sitter: Landmarks | None
    observation: Observation
    state: PostureState
    reasons: tuple[Reason, ...]
    slouch_probability: float

    @property
    def deviations(self) -> Deviations:
        """How far each angle is from the baseline; NaN where that is not known."""
        return self.observation.deviations or Deviations()

    @property
    def present(self) -> bool | None:
        """Whether somebody is in the picture; None when it shows too little."""
        unknown_reason = self.observation.unknown_reason
        return (
            None if unknown_reason in _CANNOT_TELL else unknown_reason is not UnknownReason.NOBODY
        )


def judge_frames(
    items: Iterable[Frame | None],
    landmarker: Landmarker,
    baseline: Baseline,
    thresholds: Thresholds,
) -> Iterator[Judged]:
    """Every picture of a source, judged, in order, wherever the camera has turned meanwhile."""
    turned = camera.CameraMemory()
    for frame in items:
        if not isinstance(frame, Frame):
            continue
        detection = landmarker.detect(frame)
        sitter = find_sitter(detection, baseline.centre)
        is_photo = frame.name is not None
        t_s = BETWEEN_PHOTOS_S * frame.index if is_photo else frame.t_s
        if is_photo or camera.is_due(turned, t_s):
            scenery = scenery_in(frame.image, detection.people)
            turned = camera.step(turned, scenery, t_s, baseline.skyline)[0]
        # Photos may well show several places, each of which fits the baseline.
        turn = turned.turn or UNTURNED if is_photo else turned.turn
        observation = observe(detection, baseline, turn, thresholds=thresholds)
        state, reasons = judge_alone(observation, thresholds)
        yield Judged(
            frame=frame,
            sitter=None if isinstance(sitter, UnknownReason) else sitter.landmarks,
            observation=observation,
            state=state,
            reasons=reasons,
            slouch_probability=slouch_probability(observation),
        )


def judged_record(judged: Judged) -> Record:
    """The public record of one picture; its format is described in docs/programs.md."""
    frame = judged.frame
    where: Record = {"frame": frame.index} if frame.name is None else {"file": frame.name}
    return {
        "v": FORMAT,
        **where,
        "t_s": round(frame.t_s, 3) if frame.name is None else None,
        "present": judged.present,
        "view": judged.observation.view,
        "state": judged.state,
        "reasons": [reason_text(reason, ENGLISH) for reason in judged.reasons],
        "slouch_probability": rounded(judged.slouch_probability, 2),
        **deviation_record(judged.deviations),
    }


def jsonl_lines(all_judged: Iterable[Judged]) -> Iterator[str]:
    """One JSON object a picture."""
    for judged in all_judged:
        yield json_text(judged_record(judged))


def csv_lines(all_judged: Iterable[Judged]) -> Iterator[str]:
    """A header and a row a picture; empty cells where a value is not known."""
    for index, judged in enumerate(all_judged):
        reasons = "; ".join(reason_text(reason, ENGLISH) for reason in judged.reasons)
        record = judged_record(judged) | {"reasons": reasons}
        yield csv_text(list(record), [record], header=index == 0).removesuffix("\n")


def table_lines(all_judged: Iterable[Judged]) -> Iterator[str]:
    """Columns for the eye: deviation and its standard deviation in degrees."""
    heads = "".join(f"{ANGLE_NAMES[angle]:>12}" for angle in ANGLES)
    yield _("picture").ljust(NAME_COLUMNS) + " " + _("state").ljust(9) + heads
    for judged in all_judged:
        frame = judged.frame
        name = frame.name or _("{index} ({seconds} s)").format(
            index=frame.index, seconds=f"{frame.t_s:.1f}"
        )
        cells = "".join(f"{_cell(judged.deviations, angle):>12}" for angle in ANGLES)
        why = f"  {reasons_text(judged.reasons)}" if judged.reasons else ""
        name = printable(name, instead="?")
        name = name if len(name) <= NAME_COLUMNS else f"{name[: NAME_COLUMNS - 1]}…"
        yield f"{name:<{NAME_COLUMNS}} {name_text(judged.state):<9}{cells}{why}"


def annotation_lines(judged: Judged) -> tuple[str, ...]:
    """What is written on an annotated picture."""
    angles = tuple(f"{ANGLE_NAMES[angle]}: {_cell(judged.deviations, angle)}" for angle in ANGLES)
    why = map(reason_text, judged.reasons)
    state = _("{state} ({view})").format(
        state=name_text(judged.state), view=name_text(judged.observation.view)
    )
    return (state, *angles, *why)


def run_analyze(
    spec: str,
    *,
    baseline: str | None,
    settings: Settings,
    paths: AppPaths,
    clock: Clock,
    format_name: str,
    annotate: Path | None,
    write: Callable[[str], None],
) -> tuple[str, ...]:
    """Writes a line for every picture of `spec`; the names of those that could not be read.

    Raises:
        PosturecamError: no source, no baseline, or nowhere to put the annotated pictures.
    """
    found = find_recorded(spec, clock)
    if annotate is not None:
        annotate = typed_path(str(annotate))  # no shell sees to the ~ of --annotate=~/FOLDER
        refuse_overwriting((spec, baseline or spec), annotate)
    model = find_model(settings.model)
    with PoseLandmarker.open(model) as landmarker:
        if baseline is None:
            reference = _own_baseline(settings.profile, model, paths)
        else:
            reference = find_baseline(
                baseline, landmarker, model, settings.rotate or 0, paths=paths, clock=clock
            )
        thresholds = settings.fitted(reference.thresholds).posture.thresholds
        with found.open() as source:
            frames = _turned(source.frames(), rotation_deg(settings, reference))
            judged = judge_frames(frames, landmarker, reference, thresholds)
            if annotate is not None:
                judged = _annotated(judged, annotate)
            for line in _WRITERS[format_name](judged):
                write(line)
            return tuple(source.skipped)


def _own_baseline(profile: str, model: Model, paths: AppPaths) -> Baseline:
    if profile not in list_profiles(paths.profiles):
        what = Sentence("There is no baseline named {name!r} yet.", name=profile)
        raise BaselineError(what, _WHERE_FROM)
    return fitting_profile(paths.profiles, profile, model)


def _turned(frames: Iterator[Frame | None], rotate_deg: int) -> Iterator[Frame]:
    """The pictures, turned clockwise as a watch turns them."""
    return (turned(frame, rotate_deg) for frame in frames if frame is not None)


def find_baseline(
    spec: str,
    landmarker: Landmarker,
    model: Model,
    rotate_deg: int,
    *,
    paths: AppPaths,
    clock: Clock,
) -> Baseline:
    """The baseline meant by `spec`: a profile, or else a folder of pictures or a video.

    Those are turned clockwise by `rotate_deg`.

    Raises:
        BaselineError: it is none of these, or shows no usable baseline.
    """
    path = typed_path(spec)
    if spec in list_profiles(paths.profiles):
        return fitting_profile(paths.profiles, spec, model)
    if not _may_be_there(path):
        raise BaselineError(
            Sentence("There is neither a profile nor a file or folder named {spec!r}.", spec=spec),
            _WHERE_FROM,
        )
    with find_recorded(spec, clock).open() as source:
        is_video = path.is_file() and path.suffix.lower() not in PICTURE_SUFFIXES
        plan = Plan(
            takes=1,
            seconds_s=None,
            ready_s=0.0,
            interval_s=BASELINE_VIDEO_INTERVAL_S if is_video else 0.0,
            demands=Demands() if is_video else PHOTOS,
        )
        frames = _turned(source.frames(plan.interval_s), rotate_deg)
        takes = take_baseline(frames, landmarker, plan, lambda _: None)
    return combine(
        takes, profile=path.name, model_sha256=model.landmarks_sha256, taken_at=clock.utc_now()
    )


def find_recorded(spec: str, clock: Clock) -> FoundSource:
    """The pictures or the video named `spec`; a camera is refused before it is opened.

    Raises:
        SourceError: there is no such source.
        UsageError: it is a camera or a stream, which never ends.
    """
    found = find_source(_as_path(spec), clock=clock, bound=ANALYZED)
    if found.live:
        raise UsageError(
            Sentence("analyze reads pictures and videos; {name} is a camera.", name=found.name),
            Sentence("For a camera use: posturecam watch"),
        )
    return found


def _as_path(spec: str) -> str:
    """As a path where something of this name is there: a folder `2024` is no camera."""
    path = typed_path(spec)
    if path.is_absolute() or not _may_be_there(path):
        return spec
    return f"./{path}"


def _may_be_there(path: Path) -> bool:
    """Whether there is something under this name, or nobody may look."""
    try:
        path.stat()
    except OSError as error:
        return isinstance(error, PermissionError)
    return True


def refuse_overwriting(named: Iterable[str], folder: Path) -> None:
    """Raises `UsageError` where annotated copies could replace pictures that are named."""
    if any(_holds(folder, typed_path(one)) for one in named):
        raise UsageError(
            Sentence(
                "--annotate {folder} would write over the pictures themselves.", folder=folder
            ),
            Sentence("Name another folder."),
        )


def _holds(folder: Path, pictures: Path) -> bool:
    """Whether pictures are in the folder; not where one of them is not there, or out of reach."""
    with suppress(OSError, RuntimeError):  # the latter of links that lead in a circle
        folder = folder.resolve()  # `photos/new/..` is not there yet, and will be `photos`
        if pictures.is_dir():
            return folder.samefile(pictures)
        if pictures.suffix.lower() in PICTURE_SUFFIXES:
            return folder.samefile(pictures.parent)
    return False


def _annotated(all_judged: Iterable[Judged], folder: Path) -> Iterator[Judged]:
    try:
        make_private_folder(folder)
    except DataError as error:
        raise DataError(error.what, Sentence("Name another one with --annotate.")) from error
    for judged in all_judged:
        frame = judged.frame
        name = f"frame_{frame.index:06d}.jpg" if frame.name is None else frame.name
        picture = annotate_picture(frame.image, judged.sitter, annotation_lines(judged))
        write_picture(folder / name, picture)
        yield judged


_WRITERS = {
    "jsonl": jsonl_lines,
    "csv": csv_lines,
    "table": table_lines,
}


def _cell(deviations: Deviations, angle: Angle) -> str:
    deg = getattr(deviations, f"{angle}_deg")
    sd_deg = getattr(deviations, f"{angle}_sd_deg")
    return f"{round(deg):+d}° ±{sd_deg:.0f}" if math.isfinite(deg) else "-"
