"""Is everything there that the main job needs? One check after the other, each with a remedy."""

from __future__ import annotations

import ctypes
import importlib.metadata
import re
import shutil
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from posturecam.devices import LISTS_CAMERAS, CameraDevices, names_camera
from posturecam.errors import (
    INSTALL_AGAIN,
    DataError,
    InstallationError,
    PosturecamError,
    SourceError,
)
from posturecam.landmarker import REINSTALL, PoseLandmarker, is_clean
from posturecam.models import SHIPPED_SHA256, find_model
from posturecam.observation import Frame, Pixels
from posturecam.paths import make_private_folder
from posturecam.screen_lockers import SILENT_LOCKERS
from posturecam.system_libraries import (
    SYSTEM_LIBRARIES,
    SYSTEM_LIBRARIES_REMEDY,
    names_system_library,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from posturecam.network_guard import GuardStatus
    from posturecam.paths import Places
    from posturecam.quiet import DesktopState
    from posturecam.source import FoundSource

OLDEST_PYTHON = (3, 11)
DESKTOP_ANSWERS_S = 1.0
"""Far longer than a desktop takes; what is not known then is not told."""
_CV2_OWNERS = (
    "opencv-python",
    "opencv-contrib-python",
    "opencv-python-headless",
    "opencv-contrib-python-headless",
)
"""Packages that put their files into the one folder cv2/; posturecam wants the first two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What one check found.

    Attributes:
        name: what was looked at.
        ok: it is as it should be.
        required: the main job cannot run unless it is.
        detail: what was found.
        remedy: what to do about it; set whenever `ok` is not.
    """

    name: str
    ok: bool
    required: bool = True
    detail: str = ""
    remedy: str = ""


def check_text(check: Check) -> str:
    """One line for the terminal."""
    mark = "ok  " if check.ok else "FAIL" if check.required else "warn"
    remedy = "" if check.ok else f" | To do: {check.remedy}"
    return f"{mark}  {check.name}: {check.detail}{remedy}"


def checks(places: Places) -> Iterator[Check]:
    """Every check, each made when it is asked for; quick ones first.

    Args:
        places: where the settings, the log and the baselines are; made if need be.

    Raises:
        InstallationError: posturecam is not installed as a package.
    """
    yield python_check(sys.version_info[:3])
    requirements = _requirements()
    versions = _installed_versions(*map(_package, requirements), *_CV2_OWNERS)
    for requirement in requirements:
        yield package_check(requirement, versions)
    yield opencv_check(versions)
    if sys.platform == "linux":
        for library in SYSTEM_LIBRARIES:
            yield library_check(library)
    yield folder_check(places.data)
    yield config_check(places.config_file)
    yield shipped_check()
    for name in SHIPPED_SHA256:
        yield model_check(name)
    yield from _pose_checks(versions.get("mediapipe", "not installed"))
    yield from _camera_checks(places.config_file)
    yield _ask_for_notifications()
    yield from _ask_the_desktop()


def python_check(version: tuple[int, ...]) -> Check:
    """Whether this Python is new enough."""
    oldest = ".".join(map(str, OLDEST_PYTHON))
    return Check(
        name="Python",
        ok=version >= OLDEST_PYTHON,
        detail=".".join(map(str, version)),
        remedy=f"Install Python {oldest} or newer and install posturecam with it.",
    )


def package_check(requirement: str, versions: Mapping[str, str]) -> Check:
    """Whether a package is there in a version within its range.

    Args:
        requirement: such as `rich<16,>=13.9`.
        versions: installed versions by package name.
    """
    name = _package(requirement)
    found = versions.get(name)
    return Check(
        name=name,
        ok=found is not None and _within(found, requirement),
        detail=found or "not installed",
        remedy=f'pip install "{requirement}"',
    )


def opencv_check(versions: Mapping[str, str]) -> Check:
    """Whether the packages that share the folder cv2/ agree, and it works."""
    owners = {name: versions[name] for name in _CV2_OWNERS if name in versions}
    wanted = _CV2_OWNERS[:2]
    agree = owners.keys() == set(wanted) and len(set(owners.values())) == 1
    detail = ", ".join(f"{name} {version}" for name, version in owners.items()) or "not installed"
    if agree and (broken := _opencv_failure()):
        agree, detail = False, f"{detail}: {broken}"
    in_use = [owners[name] for name in wanted if name in owners]
    newest = max(in_use, key=_numbers, default="")
    pins = " ".join(f"{name}=={newest}" if newest else name for name in wanted)
    again = f"pip uninstall -y {' '.join(owners) or wanted[0]}; pip install --no-deps {pins}"
    return Check(
        name="one OpenCV",
        ok=agree,
        detail=detail,
        remedy=SYSTEM_LIBRARIES_REMEDY if names_system_library(detail) else again,
    )


def library_check(library: str) -> Check:
    """Whether a system library loads."""
    try:
        ctypes.CDLL(library)
    except OSError as error:
        return Check(name=library, ok=False, detail=str(error), remedy=SYSTEM_LIBRARIES_REMEDY)
    return Check(name=library, ok=True, detail="found")


def folder_check(folder: Path) -> Check:
    """Whether the data folder takes files."""
    try:
        make_private_folder(folder)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"posturecam")
    except DataError as error:
        return Check(name="data folder", ok=False, detail=error.what, remedy=error.remedy)
    except OSError as error:
        return Check(
            name="data folder",
            ok=False,
            detail=f"{folder}: {error.strerror}",
            remedy="Make it writable, free some space, or set POSTURECAM_HOME to another folder.",
        )
    return Check(name="data folder", ok=True, detail=str(folder))


def config_check(file: Path) -> Check:
    """Whether the settings can be used; the file itself is optional."""
    name = "config"
    try:
        from posturecam.config import load_settings

        load_settings(file)
    except PosturecamError as error:
        what = " ".join(error.what.split())
        return Check(name=name, ok=False, detail=what, remedy=error.remedy or "Mend these lines.")
    except ImportError as error:
        return Check(name=name, ok=False, detail=str(error), remedy=INSTALL_AGAIN)
    there = "" if file.exists() else " (not there, so the defaults)"
    return Check(name=name, ok=True, detail=f"{file}{there}")


def shipped_check() -> Check:
    """Whether what ships with the program besides the pose models is there."""
    name = "angle model and demo clip"
    data = Path(__file__).parent / "data"
    try:
        import filelock  # noqa: F401

        from posturecam.angle_model import load_model

        load_model()
    except (PosturecamError, ImportError) as error:
        return Check(name=name, ok=False, detail=str(error), remedy=INSTALL_AGAIN)
    if not (data / "demo.mp4").is_file():
        return Check(name=name, ok=False, detail="demo.mp4 is missing", remedy=INSTALL_AGAIN)
    return Check(name=name, ok=True, detail="found")


def model_check(spec: str) -> Check:
    """Whether a pose model is there and unaltered."""
    name = f"pose model {spec}"
    try:
        model = find_model(spec)
    except PosturecamError as error:
        return Check(name=name, ok=False, detail=error.what, remedy=error.remedy)
    return Check(name=name, ok=True, detail=f"SHA-256 {model.sha256[:12]}...")


def guard_check(version: str, guard: GuardStatus, platform: str) -> Check:
    """Which of the two layers keep the pose library off the network.

    Args:
        version: of mediapipe.
        guard: as the landmarker's thread got it.
        platform: `sys.platform`.
    """
    clean = is_clean(version)
    build = f"mediapipe {version} {'has no' if clean else 'may have a'} usage logger"
    return Check(
        name="off the network",
        ok=guard.active or (clean and platform != "linux"),
        required=not clean,
        detail=f"{build}; network guard {guard.describe()}",
        remedy=(
            "For the second layer install libseccomp: sudo apt install libseccomp2, or "
            "sudo dnf install libseccomp; and pip install pyseccomp"
            if clean
            else REINSTALL
        ),
    )


def camera_check(found: Sequence[str]) -> Check:
    """Whether there is a camera; videos and addresses can be watched without."""
    return Check(
        name="cameras",
        ok=bool(found),
        required=False,
        detail=f"{', '.join(found)}; listed without opening them" if found else "none",
        remedy="Plug one in, or name a video, a folder of pictures or an address with --source.",
    )


def source_check(spec: str, *, open_it: Callable[[str], object]) -> Check:
    """Whether the camera that the settings name delivers; no other source is opened.

    Args:
        spec: the source in the settings.
        open_it: opens a camera and lets go of it; raises `SourceError`.
    """
    name = "camera of the settings"
    if not names_camera(spec):
        return Check(name=name, ok=True, detail="the source is none, so no camera was opened")
    try:
        open_it(spec)
    except SourceError as error:
        remedy = error.remedy
        return Check(name=name, ok=False, required=False, detail=error.what, remedy=remedy)
    return Check(name=name, ok=True, detail=f"{spec} delivers; opened for one picture")


def notification_check(failure: str | None, lacks: Sequence[str] = ()) -> Check:
    """Whether desktop notifications can be shown; alerts appear in the terminal as well.

    Args:
        failure: what went wrong with the service, if anything did.
        lacks: what the service cannot do.
    """
    able = f"the service answers, without {' and '.join(lacks)}" if lacks else "the service answers"
    return Check(
        name="desktop notifications",
        ok=failure is None,
        required=False,
        detail=failure or able,
        remedy="Run inside a desktop session with a notification service, or use --no-notify.",
    )


def screen_lock_check(state: DesktopState, installed: Sequence[str]) -> Check:
    """Whether a locked screen is sure to be noticed.

    logind alone is no proof: it passes on what a locker tells it, and many tell it nothing.

    Args:
        state: what the desktop says.
        installed: those of `SILENT_LOCKERS` that there are.
    """
    ok, detail = False, "logind passes on only what the screen locker tells it"
    if state.locks_by_itself:
        ok, detail = True, "a screensaver service says when it is on"
    elif installed:
        ok, detail = True, f"{', '.join(installed)}: seen while running; other lockers may not be"
    elif state.locked is None:
        detail = "nothing here says when the screen is locked"
    return Check(
        name="screen lock",
        ok=ok,
        required=False,
        detail=detail,
        remedy="Lock with i3lock, swaylock or slock, which are seen while they run, have yours "
        "tell logind (i3: exec xss-lock -l -- LOCKER), or pause the watch before you lock.",
    )


def desktop_check(state: DesktopState) -> Check:
    """What else the desktop tells of itself; without it the user says the same by hand."""
    answers = {
        "do-not-disturb": state.do_not_disturb,
        "a microphone in use": state.in_call,
    }
    told = [name for name, answer in answers.items() if answer is not None]
    untold = [name for name in answers if name not in told]
    return Check(
        name="desktop",
        ok=not untold,
        required=False,
        detail="; ".join(
            f"{tells} of {', '.join(names)}"
            for tells, names in (("tells", told), ("tells nothing", untold))
            if names
        ),
        remedy="Pause, snooze or stop the watch yourself then.",
    )


def _pose_checks(mediapipe_version: str) -> Iterator[Check]:
    """The landmarker at work on an empty picture, and the guard it got."""
    name = "pose detection"
    try:
        with PoseLandmarker.open(find_model("full")) as landmarker:
            image = np.full((240, 320, 3), 128, dtype=np.uint8)
            landmarker.detect(Frame(t_s=0.0, index=0, picture=Pixels(image)))
            guard = landmarker.guard
    except PosturecamError as error:
        yield Check(name=name, ok=False, detail=error.what, remedy=error.remedy)
    except Exception as error:  # noqa: BLE001 - to report whatever goes wrong is its job
        yield Check(name=name, ok=False, detail=repr(error), remedy=INSTALL_AGAIN)
    else:
        yield Check(name=name, ok=True, detail="runs")
        yield guard_check(mediapipe_version, guard, sys.platform)


def _opencv_failure() -> str:
    """What goes wrong when OpenCV is put to use; empty when nothing does."""
    try:
        from posturecam.drawing import annotate

        annotate(np.zeros((48, 64, 3), dtype=np.uint8), None, ["posturecam"])
    except Exception as error:  # noqa: BLE001 - a folder of mixed files fails in any way it likes
        return str(error) or type(error).__name__
    return ""


def _camera_checks(config_file: Path) -> Iterator[Check]:
    devices = CameraDevices().cameras()
    if LISTS_CAMERAS:
        yield camera_check([device.shown for device in devices])
    try:
        from posturecam.camera import find_source
        from posturecam.config import load_settings

        spec = load_settings(config_file).source
    except (PosturecamError, ImportError):
        return  # said by other checks
    yield source_check(spec, open_it=lambda spec: _open_once(spec, find_source))


def _open_once(spec: str, find: Callable[..., FoundSource]) -> None:
    """Opens a camera, which delivers a picture, and lets go of it.

    Raises:
        SourceError: it does not deliver, or not soon.
    """
    from posturecam.clock import SystemClock
    from posturecam.opening import SLOW_AFTER_S, Opening

    found = find(spec, clock=SystemClock())
    opening = Opening(found.open, SystemClock())
    if not opening.ended(SLOW_AFTER_S):
        raise SourceError(f"{found.name} takes long to open.", "A watch waits for it.")
    if opening.error is not None:
        raise opening.error
    if opening.source is not None:
        opening.source.close()


def _ask_for_notifications() -> Check:
    from posturecam.clock import SystemClock
    from posturecam.commands import Inbox
    from posturecam.notify import DesktopNotifier

    notifier = DesktopNotifier(Inbox(), SystemClock())
    notifier.close()
    return notification_check(notifier.failure, notifier.lacks or ())


def _ask_the_desktop() -> Iterator[Check]:
    from posturecam.clock import SystemClock
    from posturecam.desktop import open_desktop
    from posturecam.quiet import DesktopState

    clock = SystemClock()
    desktop = open_desktop(lock=True, do_not_disturb=True, calls=True)
    known = DesktopState()
    until_s = clock.monotonic_s() + DESKTOP_ANSWERS_S
    while not known.locks_by_itself or None in (known.do_not_disturb, known.in_call):
        known = desktop.state()
        if clock.monotonic_s() >= until_s:
            break
        clock.wait_s(0.05)
    desktop.close()
    yield screen_lock_check(known, tuple(filter(shutil.which, SILENT_LOCKERS)))
    yield desktop_check(known)


def _requirements() -> list[str]:
    """What posturecam declares for every system, such as `rich<16,>=13.9`."""
    try:
        declared = importlib.metadata.requires("posturecam") or []
    except importlib.metadata.PackageNotFoundError as error:
        raise InstallationError(
            "posturecam is not installed, only its source is here.",
            "In the folder with pyproject.toml run: pip install .",
        ) from error
    return [requirement for requirement in declared if ";" not in requirement]


def _package(requirement: str) -> str:
    return re.split(r"[<>=]", requirement, maxsplit=1)[0]


def _installed_versions(*packages: str) -> dict[str, str]:
    versions = {}
    for package in packages:
        with suppress(importlib.metadata.PackageNotFoundError):
            versions[package] = importlib.metadata.version(package)
    return versions


def _within(version: str, requirement: str) -> bool:
    bounds = re.findall(r"(>=|<)([\d.]+)", requirement)
    compare = {
        ">=": lambda bound: _numbers(version) >= bound,
        "<": lambda bound: _numbers(version) < bound,
    }
    return all(compare[operator](_numbers(bound)) for operator, bound in bounds)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))
