"""Frame -> Detection by MediaPipe's landmarkers; the only importer of mediapipe.

IMAGE mode, always: every look is judged by itself. VIDEO mode follows a sitter from picture to
picture and keeps a ghost for seconds after they have left; it smooths only when it may see a
single person; and the angle model was fitted to landmarks from IMAGE mode.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import re
import sys
import types
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np

from posturecam.base.errors import DataError, InstallationError
from posturecam.base.files import utf8_name
from posturecam.base.language import Sentence
from posturecam.base.memory import refuse_too_little_memory
from posturecam.base.native_stderr import without_native_stderr
from posturecam.pose import network_guard
from posturecam.pose.face_landmarker import FaceLandmarker
from posturecam.pose.models import Model, find_face_model, find_shoulder_model
from posturecam.pose.shoulder_refiner import ShoulderRefiner
from posturecam.pose.sitter import shows_somebody
from posturecam.pose.system_libraries import SYSTEM_LIBRARIES_REMEDY, names_system_library
from posturecam.values.observation import Detection, Frame, Landmarks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posturecam.pose.network_guard import GuardStatus
    from posturecam.values.head import Head

CLEAN_FROM = (0, 10, 32)
CLEAN_BEFORE = (0, 10, 35)
"""Builds of mediapipe without a usage logger (google-ai-edge/mediapipe issue 6291)."""

_PIP = 'pip install "mediapipe>=0.10.32,<0.10.35"'
REINSTALL = Sentence("Reinstall it: {command}", command=_PIP)

PEOPLE = 2
"""A second person has to be seen, to know that the first may be the wrong one."""

SMALLEST_SIDE_PX = 32
"""No sitter can be told in a smaller picture, yet the model sees people in 8 px of noise."""

_SOFTENED_ACROSS = 640
_WEIGHTS = (1, 6, 15, 20, 15, 6, 1)
"""Of 64: nearly a Gaussian of 1.2 points."""
_REACH = len(_WEIGHTS) // 2

_BGR_TO_GREY = np.array([0.114, 0.587, 0.299])  # ITU-R BT.601
_GREY_STEP_PX = 8
_DETAILS_ACROSS = 320
_SNOW = 70.0
"""Sharpness from which a picture is nothing but noise. Below, noise and detail may still hide
people or distort them: the model shrinks a picture by dropping points instead of averaging them."""
_ROWS_READ = 60
_ROW_OF_PX = 4
"""Rows of a mask lie side by side in memory only if their width is a multiple of so many pixels;
asked for another mask, MediaPipe ends the whole program."""
_EGL_DRIVERS = "__EGL_VENDOR_LIBRARY_FILENAMES"
_UNUSED_MODULES = ("matplotlib", "matplotlib.pyplot", "sounddevice")


class Landmarker(Protocol):
    """Finds people in a picture."""

    def detect(self, frame: Frame) -> Detection:
        """Everybody in the frame."""


class GuardedLandmarker(Landmarker, Protocol):
    """One that is closed in the end, and knows whether it is kept off the network.

    Attributes:
        guard: whether the network guard holds.
    """

    guard: GuardStatus

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class PoseLandmarker:
    """The models of pose, face and shoulders at work; a context manager, or call `close`.

    The pose comes first; the face model looks at a crop around each head that it finds, then the
    shoulder model at the pose model's own silhouette of the sitter. One thread loads the library,
    runs it and closes it. The network guard is installed in that thread first, so every thread that
    the library starts is under it.
    """

    def __init__(self, worker: ThreadPoolExecutor, guard: GuardStatus, session: _Session) -> None:
        self.guard = guard
        self._worker = worker
        self._session: _Session | None = session

    @classmethod
    def open(cls, model: Model) -> Self:
        """A landmarker with `model` loaded; the other models are loaded for the first person.

        Raises:
            InstallationError: mediapipe or a system library is missing, or this build of
                mediapipe would contact a logging host and nothing here could stop it.
            DataError: mediapipe does not accept the model, or the face model or the shoulder model
                is missing or was altered.
        """
        refuse_too_little_memory()
        others = (find_face_model(), find_shoulder_model())
        worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="landmarker")
        try:
            guard = worker.submit(network_guard.install).result()
            refuse_unguarded_logger(mediapipe_version(), guard)
            return cls(worker, guard, worker.submit(_Session, model, *others).result())
        except BaseException:
            worker.shutdown()
            raise

    def detect(self, frame: Frame) -> Detection:
        """Everybody in the frame, two at most, with points in pixels of its image.

        Raises:
            DataError: mediapipe does not accept the face model, or the shoulder model cannot be
                read.
        """
        if self._session is None:
            raise ValueError("the landmarker is closed")
        brightness, contrast = _grey_levels(frame.image)
        sharpness = _sharpness(frame.image)
        people = self._worker.submit(self._session.detect, frame.image).result()
        may_hide = sharpness < _SNOW and min(frame.image.shape[:2]) >= SMALLEST_SIDE_PX
        if may_hide and not shows_somebody(people):
            again = self._worker.submit(self._session.detect, softened(frame.image)).result()
            people = again if shows_somebody(again) else people or again
        return Detection(
            t_s=frame.t_s,
            people=people,
            brightness=brightness,
            contrast=contrast,
            sharpness=sharpness,
        )

    def close(self) -> None:
        """Free the model and end the thread; a second call does nothing."""
        if self._session is not None:
            self._worker.submit(self._session.close).result()
            self._session = None
            self._worker.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def _without_graphics() -> Iterator[None]:
    """No driver of a graphics card is loaded: MediaPipe asks for one and computes without it.

    Mesa's takes 50 to 100 MB. libEGL (glvnd) looks for drivers in the files that this names.
    """
    before = os.environ.get(_EGL_DRIVERS)
    os.environ[_EGL_DRIVERS] = os.devnull
    try:
        yield
    finally:
        if before is None:
            del os.environ[_EGL_DRIVERS]
        else:
            os.environ[_EGL_DRIVERS] = before


class _Session:
    """MediaPipe's own landmarkers and our refiner; everything here runs in the guarded thread."""

    def __init__(self, model: Model, face_model: Model, shoulder_model: Model) -> None:
        self._mediapipe = import_mediapipe()
        vision = self._mediapipe.tasks.vision
        try:
            with utf8_name(model.path) as name, without_native_stderr(), _without_graphics():
                self._landmarker = vision.PoseLandmarker.create_from_options(
                    vision.PoseLandmarkerOptions(
                        base_options=self._mediapipe.tasks.BaseOptions(model_asset_path=name),
                        running_mode=vision.RunningMode.IMAGE,
                        num_poses=PEOPLE,
                        output_segmentation_masks=True,
                    )
                )
        except (OSError, ValueError, RuntimeError) as error:
            raise DataError(
                Sentence("MediaPipe does not accept the pose model {path}.", path=model.path),
                Sentence("Name full, lite or another .task file of a pose landmarker."),
            ) from error
        self._face_model = face_model
        self._face: FaceLandmarker | None = None
        self._shoulder_model = shoulder_model
        self._refiner: ShoulderRefiner | None = None
        self._is_native = True

    def detect(self, image: NDArray[np.uint8]) -> tuple[Landmarks, ...]:
        height_px, width_px = image.shape[:2]
        if min(height_px, width_px) < SMALLEST_SIDE_PX:
            return ()
        if self._is_native:  # the last of its once-only warnings comes with the first person
            with without_native_stderr():
                found = self._found(image)
            self._is_native = not found.pose_landmarks
        else:
            found = self._found(image)
        people = (landmarks_of(pose, width_px, height_px) for pose in found.pose_landmarks)
        return tuple(
            self._seen_closer(image, person, silhouette)
            for person, silhouette in zip(people, silhouettes(found, width_px), strict=True)
        )

    def close(self) -> None:
        self._landmarker.close()
        if self._face is not None:
            self._face.close()

    def _found(self, image: NDArray[np.uint8]) -> Any:
        sort = self._mediapipe.ImageFormat.SRGB
        return self._landmarker.detect(self._mediapipe.Image(image_format=sort, data=as_rgb(image)))

    def _seen_closer(
        self, image: NDArray[np.uint8], person: Landmarks, silhouette: NDArray[np.float32] | None
    ) -> Landmarks:
        """The head is looked for by the pose model's own shoulders, as its limits were fitted."""
        if self._refiner is None:
            self._refiner = ShoulderRefiner(self._shoulder_model)
        head = self._head(image, person)
        return self._refiner.refined(silhouette, replace(person, head=head))

    def _head(self, image: NDArray[np.uint8], person: Landmarks) -> Head | None:
        if self._face is None:
            with _without_graphics():
                self._face = FaceLandmarker(self._mediapipe, self._face_model)
        return self._face.head(image, person)


def mediapipe_version() -> str:
    """The version of mediapipe that is installed. Raises `InstallationError`."""
    try:
        return importlib.metadata.version("mediapipe")
    except importlib.metadata.PackageNotFoundError as error:
        raise InstallationError(Sentence("mediapipe is not installed."), REINSTALL) from error


def is_clean(version: str) -> bool:
    """Whether this version of mediapipe is known to hold no usage logger."""
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:3])
    return CLEAN_FROM <= numbers < CLEAN_BEFORE


def refuse_unguarded_logger(version: str, guard: GuardStatus) -> None:
    """Stand in the way of a mediapipe that may contact a logging host with nothing to stop it.

    Raises:
        InstallationError: `version` is not known to be clean and the guard is off.
    """
    if not is_clean(version) and not guard.active:
        raise InstallationError(
            Sentence(
                "mediapipe {version} may contact a logging host, and the network guard is {guard}.",
                version=version,
                guard=guard.describe(),
            ),
            REINSTALL,
        )


def explain_load_failure(error: ImportError | OSError) -> InstallationError:
    """What to tell the user when mediapipe or a library under it does not load."""
    what = Sentence("The pose library does not load: {why}.", why=error)
    if names_system_library(str(error)):
        return InstallationError(
            what, Sentence("{remedy} Then: posturecam doctor", remedy=SYSTEM_LIBRARIES_REMEDY)
        )
    return InstallationError(
        what, Sentence("Reinstall it: {command} and see: posturecam doctor", command=_PIP)
    )


def import_mediapipe() -> Any:
    """Import mediapipe without what its unused helpers want.

    Those helpers plot and record. matplotlib would cost half a second and 36 MB and write a font
    cache into the home folder; sounddevice would open the audio system. Empty modules stand in
    while mediapipe is imported.
    """
    absent = [name for name in _UNUSED_MODULES if name not in sys.modules]
    sys.modules.update({name: types.ModuleType(name) for name in absent})
    try:
        mediapipe = importlib.import_module("mediapipe")
        # It would load its native part with the model; loaded now, one failure is not mistaken
        # for the other.
        bindings = importlib.import_module("mediapipe.tasks.python.core.mediapipe_c_bindings")
        bindings.load_raw_library()
    except (ImportError, OSError) as error:
        raise explain_load_failure(error) from error
    else:
        return mediapipe
    finally:
        for name in absent:
            del sys.modules[name]


def as_rgb(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGB, contiguous, the last column repeated to a width of whole rows.

    (height, width, 3) -> (height, width of `_whole_rows_px`, 3) uint8; five times as fast as
    copying a reversed view.
    """
    height_px, width_px = image.shape[:2]
    rgb = np.empty((height_px, _whole_rows_px(width_px), 3), dtype=np.uint8)
    for channel in range(3):
        rgb[:, :width_px, channel] = image[..., 2 - channel]
    rgb[:, width_px:] = rgb[:, width_px - 1 : width_px]
    return rgb


def _whole_rows_px(width_px: int) -> int:
    """The width of the picture that MediaPipe is shown."""
    return width_px + -width_px % _ROW_OF_PX


def silhouettes(found: Any, width_px: int) -> list[NDArray[np.float32] | None]:
    """(height, width) of each person that MediaPipe found: views, gone with what it found.

    None where there is none that can be read.
    """
    masks = found.segmentation_masks or ()
    if len(masks) != len(found.pose_landmarks):
        return [None] * len(found.pose_landmarks)
    return [
        np.asarray(mask.numpy_view())[:, :width_px, 0] if mask.is_contiguous() else None
        for mask in masks
    ]


def _grey_levels(image: NDArray[np.uint8]) -> tuple[float, float]:
    """Mean and standard deviation of the grey levels of the picture."""
    grey = image[::_GREY_STEP_PX, ::_GREY_STEP_PX] @ _BGR_TO_GREY
    return (float(grey.mean()), float(grey.std())) if grey.size else (0.0, 0.0)


def _sharpness(image: NDArray[np.uint8]) -> float:
    """How much a point differs from the points to its left and right, in levels of green.

    The standard deviation of the second difference along some rows. Its step is a share of the
    width, so that a camera with more pixels is not taken for a blurred one.
    """
    step_px = max(1, image.shape[1] // _DETAILS_ACROSS)
    rows = image[:: max(1, image.shape[0] // _ROWS_READ), :, 1].astype(np.int16)
    if rows.shape[1] <= 2 * step_px:
        return 0.0
    bend = rows[:, 2 * step_px :] - 2 * rows[:, step_px:-step_px] + rows[:, : -2 * step_px]
    return float(bend.std())


def softened(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture without its noise and finest detail, in the same size."""
    step_px = max(1, round(image.shape[1] / _SOFTENED_ACROSS))
    soft = image.astype(np.uint16)
    for axis in (0, 1):
        reach = [(0, 0)] * 3
        reach[axis] = (_REACH * step_px, _REACH * step_px)
        wide = np.pad(soft, reach, mode="edge")
        places = range(0, (2 * _REACH + 1) * step_px, step_px)
        parts = (np.take(wide, range(at, at + image.shape[axis]), axis) for at in places)
        total = sum(np.uint16(weight) * part for weight, part in zip(_WEIGHTS, parts, strict=True))
        soft = np.asarray(total >> 6, dtype=np.uint16)
    return soft.astype(np.uint8)


def landmarks_of(pose: Any, width_px: int, height_px: int) -> Landmarks:
    """One person that MediaPipe found in what `as_rgb` made of a picture of this size."""
    shown_px = _whole_rows_px(width_px)
    scale_px = np.array([shown_px, height_px, shown_px], dtype=np.float64)
    return Landmarks(
        points_px=np.array([(p.x, p.y, p.z) for p in pose], dtype=np.float64) * scale_px,
        visibility=np.array([p.visibility for p in pose], dtype=np.float64),
        image_width_px=width_px,
        image_height_px=height_px,
    )
