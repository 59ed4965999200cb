"""Is everything there that the main job needs? One check after the other, each with a remedy."""

from __future__ import annotations

import ctypes
import platform
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from posturecam.base.addresses import parse_address
from posturecam.base.clock import SystemClock
from posturecam.base.errors import (
    INSTALL_AGAIN,
    InstallationError,
    PosturecamError,
    SourceBusyError,
    SourceError,
    SourceRefusedError,
)
from posturecam.base.installed import adding_command, installer
from posturecam.base.language import N_, Sentence
from posturecam.base.memory import refuse_too_little_memory
from posturecam.capture.devices import CameraDevices, camera_node, names_camera
from posturecam.capture.thumbnail import Pixels
from posturecam.commands.config_mistakes import ConfigMistakes
from posturecam.commands.doctor_check import Check, check, failed, of_part
from posturecam.commands.doctor_data import baseline_check, data_checks, is_damaged
from posturecam.commands.doctor_packages import installed_versions, package_checks
from posturecam.pose.landmarker import REINSTALL, PoseLandmarker, is_clean
from posturecam.pose.models import (
    SHIPPED_SHA256,
    Model,
    find_face_model,
    find_model,
    find_shoulder_model,
)
from posturecam.pose.system_libraries import (
    SYSTEM_LIBRARIES,
    SYSTEM_LIBRARIES_REMEDY,
)
from posturecam.system.screen_lockers import SILENT_LOCKERS
from posturecam.values.observation import Frame
from posturecam.watch.lock import is_watched

if TYPE_CHECKING:
    from posturecam.alerts.suppression import DesktopState
    from posturecam.base.paths import AppPaths
    from posturecam.capture.source import FoundSource
    from posturecam.pose.network_guard import GuardStatus

_WITHOUT = {
    frozenset(): N_("the service answers"),
    frozenset({"buttons"}): N_("the service answers, without buttons"),
    frozenset({"sounds"}): N_("the service answers, without sounds"),
    frozenset({"buttons", "sounds"}): N_("the service answers, without buttons and sounds"),
}
"""By what a notification service cannot do."""
DESKTOP_ANSWERS_S = 1.0
"""Far longer than a desktop takes; what is not known then is not said."""


def checks(paths: AppPaths, system: str = sys.platform) -> Iterator[Check]:
    """Every check, each made when it is asked for; quick ones first.

    The folder of the data is made if need be.

    Raises:
        InstallationError: posturecam is not installed as a package.
    """
    yield Check(name=Sentence("Python"), ok=True, detail=platform.python_version())
    memory = memory_check()
    yield memory
    if not memory.ok:  # whatever else failed would fail for want of it, and name another reason
        return
    yield from of_part(Sentence("packages"), package_checks())
    yield from of_part(Sentence("system libraries"), library_checks(system))
    yield from of_part(Sentence("data"), data_checks(paths, SystemClock()))
    yield config_check(paths.config_file)
    yield from of_part(Sentence("models"), _model_checks())
    yield from _pose_checks(
        system, installed_versions("mediapipe").get("mediapipe", "not installed")
    )
    yield from settings_checks(paths)
    yield _ask_for_notifications()
    yield from _ask_the_desktop(paths, system)
    yield from of_part(Sentence("desktop"), _checks_of_the_login())


@check(N_("memory"))
def memory_check() -> str:
    """Whether the libraries have the memory to be loaded at all."""
    refuse_too_little_memory()
    return Sentence("enough")


@check(Sentence("{of}"))
def library_check(library: str) -> str:
    """Whether a system library loads."""
    try:
        ctypes.CDLL(library)
    except OSError as error:
        raise InstallationError(str(error), SYSTEM_LIBRARIES_REMEDY) from error
    return Sentence("found")


def library_checks(system: str) -> Iterator[Check]:
    """Whether each library loads that no wheel brings along; elsewhere than on Linux all do."""
    yield from map(library_check, SYSTEM_LIBRARIES if system == "linux" else ())


def config_check(file: Path) -> Check:
    """Whether the settings can be used; the file itself is optional."""
    name = Sentence("config")
    try:
        from posturecam.commands.config import exposes_secrets, load_settings

        exposed = exposes_secrets(load_settings(file), file)
    except ConfigMistakes as error:
        remedy = Sentence("Correct them, and look again with: posturecam config check")
        return Check(name=name, ok=False, detail=error.in_one_sentence, remedy=remedy)
    except PosturecamError as error:
        return Check(name=name, ok=False, detail=error.what, remedy=error.remedy)
    except ImportError as error:
        return Check(name=name, ok=False, detail=str(error), remedy=INSTALL_AGAIN)
    if exposed:
        return Check(
            name=name,
            ok=False,
            required=False,
            detail=Sentence(
                "{file} holds an address with a secret, and others may read it", file=file
            ),
            remedy=Sentence("chmod 600 {quoted}", quoted=shlex.quote(str(file))),
        )
    there = str(file)
    if not file.exists():
        there = Sentence("{file} (not there, so the defaults)", file=file)
    return Check(name=name, ok=True, detail=there)


@check(N_("angle model and demo clip"))
def shipped_check() -> str:
    """Whether what ships with the program besides the models is there."""
    try:
        import filelock  # noqa: F401

        from posturecam.posture.angle_model import load_model

        load_model()
    except (PosturecamError, ImportError) as error:
        what = error.said() if isinstance(error, PosturecamError) else str(error)
        raise InstallationError(what, INSTALL_AGAIN) from error
    if not (Path(__file__).parents[1] / "data" / "demo.mp4").is_file():
        raise InstallationError(Sentence("demo.mp4 is missing"), INSTALL_AGAIN)
    return Sentence("found")


@check(N_("pose model {of}"))
def model_check(spec: str) -> str:
    """Whether a pose model is there and unaltered."""
    return _described(find_model(spec))


@check(N_("face model"))
def face_model_check() -> str:
    """Whether the face model is there and unaltered."""
    return _described(find_face_model())


@check(N_("shoulder model"))
def shoulder_model_check() -> str:
    """Whether the shoulder model is there and unaltered."""
    return _described(find_shoulder_model())


def _described(model: Model) -> str:
    return f"SHA-256 {model.sha256[:12]}..."


def guard_check(mediapipe_version: str, guard: GuardStatus, system: str) -> Check:
    """Which of the two layers keep the pose library off the network."""
    clean = is_clean(mediapipe_version)
    second_layer = Sentence(
        "For the second layer use a Linux kernel with seccomp, on x86-64 or 64-bit ARM"
    )
    text = N_("mediapipe {version} may have a usage logger; network guard {guard}")
    if clean:
        text = N_("mediapipe {version} has no usage logger; network guard {guard}")
    return Check(
        name=Sentence("off the network"),
        ok=guard.active or (clean and system != "linux"),
        required=not clean,
        detail=Sentence(text, version=mediapipe_version, guard=guard.describe()),
        remedy=second_layer if clean else REINSTALL,
    )


@check(N_("camera"))
def camera_check(
    spec: str,
    devices: CameraDevices,
    *,
    find_it: Callable[[str], object],
    open_it: Callable[[str], object],
    watched: Callable[[], bool] = lambda: False,
) -> str:
    """Whether the camera that the settings name delivers; another source only has to be there.

    One that is in use while a watch runs, as `watched` says, is what that watch needs.
    """
    if "://" in spec:
        open_it(spec)
        return Sentence(
            "{camera} delivers; opened for one picture", camera=parse_address(spec).shown
        )
    if not names_camera(spec, devices):
        find_it(spec)
        return Sentence("the source is no camera, so none was opened")
    try:
        open_it(spec)
    except SourceBusyError:
        if not watched():
            raise
        return Sentence("{camera} is in use, and a watch runs: posturecam status", camera=spec)
    found = ", ".join(device.shown for device in devices.cameras())
    if not found:
        return Sentence("{camera} delivers; opened for one picture", camera=spec)
    return Sentence(
        "{camera} delivers; opened for one picture; listed without opening them: {cameras}",
        camera=spec,
        cameras=found,
    )


def notification_check(failure: str | None, lacks: Sequence[str] = ()) -> Check:
    """Whether desktop notifications can be shown; alerts appear in the terminal as well."""
    able = Sentence(_WITHOUT[frozenset(lacks)])
    return Check(
        name=Sentence("desktop notifications"),
        ok=failure is None,
        required=False,
        detail=failure or able,
        remedy=Sentence(
            "Run inside a desktop session with a notification service, or use --no-notify."
        ),
    )


def screen_lock_check(
    state: DesktopState, installed: Sequence[str], platform: str = "linux"
) -> Check:
    """Whether a locked screen is sure to be noticed.

    logind alone is no proof: it passes on what a locker tells it, and many tell it nothing. Those
    of `SILENT_LOCKERS` that are installed are seen by themselves.
    """
    ok, detail = False, Sentence("logind passes on only what the screen locker tells it")
    remedy = Sentence(
        "Lock with i3lock, swaylock or slock, which are seen while they run, have "
        "yours tell logind (i3: exec xss-lock -l -- LOCKER), or pause the watch "
        "before you lock."
    )
    if platform != "linux":
        detail = Sentence("is not noticed on this system")
        remedy = Sentence("Pause the watch before you lock.")
    elif state.locks_by_itself:
        ok, detail = True, Sentence("a screensaver service says when it is on")
    elif installed:
        ok = True
        detail = Sentence(
            "{lockers}: seen while running; other lockers may not be", lockers=", ".join(installed)
        )
    elif state.locked is None:
        detail = Sentence("nothing here says when the screen is locked")
    return Check(
        name=Sentence("screen lock"),
        ok=ok,
        required=False,
        detail=detail,
        remedy=remedy,
    )


def desktop_check(state: DesktopState, platform: str = "linux") -> Check:
    """What else the desktop reports; without it the user says the same by hand.

    Where windows of Wayland are nobody else's business, a video or a presentation that keeps the
    screen awake stands in for those in full screen.
    """
    full_screen = Sentence("a program in full screen")
    answers = {
        Sentence("do-not-disturb"): state.do_not_disturb,
        full_screen: state.full_screen,
        Sentence("a microphone in use"): state.in_call,
        Sentence("a camera that another program opens"): state.camera_wanted,
    }
    stood_in_for: set[Sentence] = set()
    if state.presenting is not None:
        answers |= {Sentence("a video or a presentation"): state.presenting}
        stood_in_for = {full_screen}
    known = [name for name, answer in answers.items() if answer is not None]
    unknown = [name for name in answers if name not in known]
    missing = Sentence("does not report {names}", names=Sentence.joined(unknown, ", "))
    if platform == "linux" and not known:
        missing = Sentence("reports nothing")
    found = [
        Sentence("is asked nothing on this system") if platform != "linux" else "",
        Sentence("reports {names}", names=Sentence.joined(known, ", ")) if known else "",
        missing if unknown else "",
    ]
    return Check(
        name=Sentence("desktop"),
        ok=not set(unknown) - stood_in_for,
        required=False,
        detail=Sentence.joined(found, "; "),
        remedy=Sentence("Pause, snooze or stop the watch yourself then."),
    )


def _pose_checks(system: str, mediapipe_version: str) -> Iterator[Check]:
    """The landmarker at work on an empty picture, and the guard it got."""
    name = Sentence("pose detection")
    if not all(check.ok for check in (model_check("full"), *_other_model_checks())):
        return  # said by their own checks
    try:
        with PoseLandmarker.open(find_model("full")) as landmarker:
            image = np.full((240, 320, 3), 128, dtype=np.uint8)
            landmarker.detect(Frame(t_s=0.0, index=0, picture=Pixels(image)))
            guard = landmarker.guard
    except PosturecamError as error:
        yield failed(name, error)
    except Exception as error:  # noqa: BLE001 - to report whatever goes wrong is its job
        yield Check(name=name, ok=False, detail=repr(error), remedy=INSTALL_AGAIN)
    else:
        yield Check(name=name, ok=True, detail=Sentence("runs"))
        yield guard_check(mediapipe_version, guard, system)


def _model_checks() -> Iterator[Check]:
    yield shipped_check()
    yield from map(model_check, SHIPPED_SHA256)
    yield from _other_model_checks()


def _other_model_checks() -> Iterator[Check]:
    yield face_model_check()
    yield shoulder_model_check()


def settings_checks(paths: AppPaths) -> Iterator[Check]:
    """What a watch would use: its camera, its pose model and its baseline."""
    try:
        from posturecam.capture.find import find_source
        from posturecam.commands.config import is_set, load_settings
        from posturecam.commands.profile_here import profile_here

        settings = load_settings(paths.config_file)
    except (PosturecamError, ImportError):
        return  # said by other checks
    yield camera_check(
        settings.source,
        CameraDevices(),
        find_it=lambda spec: find_source(spec, clock=SystemClock()),
        open_it=lambda spec: _open_once(
            partial(find_source, spec, certificate=settings.camera_certificate)
        ),
        watched=lambda: is_watched(paths.lock),
    )
    if settings.model not in SHIPPED_SHA256:
        yield model_check(settings.model)
    profile = settings.profile
    if not is_set(paths.config_file, "profile"):
        with suppress(SourceRefusedError):  # said by the check of the camera
            choice = profile_here(paths.profiles, settings.source, profile)
            profile = profile if choice is None else choice.unasked(profile)
    if not is_damaged(paths.profiles, profile):  # that is said by another check
        yield baseline_check(paths.profiles, profile, settings.model)


def _open_once(find: Callable[..., FoundSource]) -> None:
    """Opens a camera, which delivers a picture, and lets go of it. Raises `SourceError`."""
    from posturecam.capture.opening import SLOW_AFTER_S, Opening

    found = find(clock=SystemClock())
    opening = Opening(found.open, SystemClock())
    if not opening.ended(SLOW_AFTER_S):
        raise SourceError(
            Sentence("{name} takes long to open.", name=found.name),
            Sentence("A watch waits for it."),
        )
    if opening.error is not None:
        raise opening.error
    if opening.source is not None:
        opening.source.close()


def _ask_for_notifications() -> Check:
    from posturecam.outputs.notify import DesktopNotifier
    from posturecam.values.commands import Inbox

    notifier = DesktopNotifier(Inbox(), SystemClock())
    notifier.close()
    return notification_check(notifier.failure, notifier.lacks or ())


def _chosen_node(paths: AppPaths) -> Callable[[], Path | None] | None:
    """Says where the camera of the settings is; None where there is none, or no settings."""
    from posturecam.commands.config import load_settings

    try:
        return camera_node(load_settings(paths.config_file).source, CameraDevices())
    except PosturecamError:  # said by another check
        return None


def _checks_of_the_login() -> Iterator[Check]:
    from posturecam.system import tray_entry
    from posturecam.system.autostart import make_plan, status

    yield Check(
        name=Sentence("autostart"), ok=True, detail=status(make_plan()).removeprefix("autostart: ")
    )
    tray = tray_entry.find_tray_entry()
    detail = Sentence("not installed")
    if command := adding_command("desktop", installer()):
        detail = Sentence("not installed: {command}", command=command)
    if tray_entry.is_installed():
        starts = tray is not None and tray_entry.starts(tray)
        detail = Sentence("installed: posturecam tray")
        if starts:
            detail = Sentence("installed, and starts at the login")
    yield Check(name=Sentence("tray"), ok=True, detail=detail)


def _ask_the_desktop(paths: AppPaths, system: str = sys.platform) -> Iterator[Check]:
    from posturecam.alerts.suppression import DesktopState
    from posturecam.system.desktop import open_desktop

    clock = SystemClock()
    node = _chosen_node(paths)
    desktop = open_desktop(
        lock=True, do_not_disturb=True, full_screen=True, calls=True, camera=node
    )
    known = DesktopState()
    until_s = clock.monotonic_s() + DESKTOP_ANSWERS_S
    while not known.locks_by_itself or None in (
        known.do_not_disturb,
        known.full_screen,
        known.in_call,
        known.camera_wanted,
    ):
        known = desktop.state()
        if clock.monotonic_s() >= until_s:
            break
        clock.wait_s(0.05)
    desktop.close()
    yield screen_lock_check(known, tuple(filter(shutil.which, SILENT_LOCKERS)), system)
    yield desktop_check(known, system)
