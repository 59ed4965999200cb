"""Doctor finds what is missing and says how to repair it."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from importlib.metadata import requires, version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from packaging.requirements import Requirement

from posturecam.alerts.suppression import DesktopState
from posturecam.base.errors import SourceBusyError, SourceError
from posturecam.base.paths import AppPaths
from posturecam.commands.doctor import (
    _ask_for_notifications,
    _ask_the_desktop,
    camera_check,
    checks,
    config_check,
    desktop_check,
    guard_check,
    library_check,
    model_check,
    notification_check,
    screen_lock_check,
    settings_checks,
)
from posturecam.commands.doctor_check import Check, check_text, of_part, summary_lines
from posturecam.commands.doctor_data import baseline_check
from posturecam.commands.doctor_packages import needed_here, opencv_check, package_check
from posturecam.pose.models import find_model
from posturecam.pose.network_guard import GuardStatus
from posturecam.pose.system_libraries import SYSTEM_LIBRARIES
from posturecam.posture.profiles import save_profile
from posturecam.values.observation import Stance
from tests.desktops import needs_dunst
from tests.machine_cameras import Machine
from tests.posture.test_profiles import baseline
from tests.program import posturecam
from tests.streams import MjpegServer, as_jpegs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.desktops import Dunst

OPENCV = version("opencv-contrib-python")
GUARD_ON = GuardStatus(active=True)
GUARD_OFF = GuardStatus(active=False, reason="no filter can be loaded")


@pytest.mark.model
def test_where_the_tests_run_the_main_job_runs(tmp_path: Path) -> None:
    """Every check comes once, and nothing that is required fails."""
    found = list(checks(AppPaths(data=tmp_path / "data", config=tmp_path)))

    # Neither is there on a machine of tests, and a watch needs both.
    to_do = [check.name for check in found if check.required and not check.ok]
    assert "baseline" in to_do
    assert set(to_do) <= {"baseline", "camera"}
    assert len({check.name for check in found}) == len(found)
    names = {check.name for check in found}
    assert {"Python", "mediapipe", "one OpenCV", "pose model full", "pose detection"} <= names
    assert {"autostart", "tray"} <= names
    assert all(check.remedy for check in found if not check.ok)


def test_a_line_starts_with_the_outcome_and_ends_with_the_remedy() -> None:
    """Passed, failed or only a warning; a remedy only where there is something to repair."""
    passed = Check(name="Python", ok=True, detail="3.12.1", remedy="Install it.")
    failed = Check(name="rich", ok=False, detail="not installed", remedy="pip install rich")
    warned = Check(name="cameras", ok=False, required=False, detail="none", remedy="Plug one in.")

    assert check_text(passed) == "ok    Python: 3.12.1"
    assert check_text(failed) == "FAIL  rich: not installed | To do: pip install rich"
    assert check_text(warned) == "warn  cameras: none | To do: Plug one in."


@pytest.mark.parametrize(
    ("found", "ok"),
    [
        ("0.10.31", False),
        ("0.10.32", True),
        ("0.10.33.post1", True),
        ("0.10.35", False),
        ("1.2.2", False),
        (None, False),
    ],
)
def test_a_package_out_of_its_range_fails(found: str | None, ok: bool) -> None:  # noqa: FBT001 - a column of the table
    """The remedy installs one that is within."""
    requirement = "mediapipe<0.10.35,>=0.10.32"
    check = package_check(Requirement(requirement), {"mediapipe": found} if found else {})

    assert (check.name, check.ok, check.required) == ("mediapipe", ok, True)
    assert check.detail == (found or "not installed")
    assert check.remedy == f'pip install "{requirement}"'


def test_what_only_this_system_needs_is_checked_here() -> None:
    """With its marker, and what an extra needs is not; both belong to the program on Linux."""
    declared = requires("posturecam") or []

    def names(platform: str) -> set[str]:
        return {one.name for one in needed_here(declared, {"sys_platform": platform})}

    assert "rich" in names("linux") & names("win32")
    assert "dbus-fast" in names("linux") - names("win32")
    assert "pyarrow" not in names("linux")
    (missing,) = (
        one for one in needed_here(declared, {"sys_platform": "linux"}) if one.name == "dbus-fast"
    )
    assert package_check(missing, {}).remedy == 'pip install "dbus-fast<6,>=4"'


def test_one_opencv_package_is_enough_and_an_equal_one_does_no_harm() -> None:
    """As installed here, where OpenCV does draw."""
    assert opencv_check({"opencv-contrib-python": OPENCV}).ok
    assert opencv_check({"opencv-python": OPENCV, "opencv-contrib-python": OPENCV}).ok


@pytest.mark.parametrize(
    ("versions", "remedy"),
    [
        (
            {"opencv-python": "5.0.0.93", "opencv-contrib-python": "5.0.0.100"},
            "pip uninstall -y opencv-contrib-python opencv-python; pip install --no-deps "
            "opencv-contrib-python==5.0.0.100",
        ),
        (
            {"opencv-python": "5.0.0.93"},
            "pip uninstall -y opencv-python; pip install --no-deps opencv-contrib-python==5.0.0.93",
        ),
        (
            {
                "opencv-python": "5.0.0.93",
                "opencv-contrib-python": "5.0.0.93",
                "opencv-python-headless": "5.0.0.93",
            },
            "pip uninstall -y opencv-contrib-python opencv-python opencv-python-headless; "
            "pip install --no-deps opencv-contrib-python==5.0.0.93",
        ),
        (
            {},
            "pip uninstall -y opencv-contrib-python; pip install --no-deps opencv-contrib-python",
        ),
    ],
)
def test_packages_that_overwrite_each_others_opencv_are_found(
    versions: dict[str, str], remedy: str
) -> None:
    """Other versions, another one, or a third: all share a folder, so all go and one returns."""
    check = opencv_check(versions)

    assert (check.ok, check.required) == (False, True)
    assert check.remedy == remedy


def test_a_missing_system_library_comes_with_its_packages() -> None:
    """For Debian and for Fedora."""
    check = library_check("libposturecam-has-no-such.so.1")

    assert (check.ok, check.required) == (False, True)
    assert "libposturecam-has-no-such.so.1" in check.detail
    assert "apt install libegl1 libgles2" in check.remedy
    assert "dnf install libglvnd-egl libglvnd-gles libglvnd-glx glib2 libxcb" in check.remedy


@pytest.mark.skipif(sys.platform != "linux", reason="wheels elsewhere bring all they need")
@pytest.mark.parametrize("library", SYSTEM_LIBRARIES)
def test_a_system_library_that_is_there_is_found(library: str) -> None:
    """What the tests of the landmarker rely on."""
    assert library_check(library).ok


def test_a_model_is_checked_by_its_bytes(tmp_path: Path) -> None:
    """A shipped one passes, an empty one fails with what to do."""
    (tmp_path / "empty.task").touch()
    failed = model_check(str(tmp_path / "empty.task"))

    assert model_check("lite").ok
    assert (failed.ok, failed.required) == (False, True)
    assert failed.remedy


@pytest.mark.parametrize(
    ("build", "guard", "platform", "ok", "required"),
    [
        ("0.10.33", GUARD_ON, "linux", True, False),
        ("0.10.33", GUARD_OFF, "linux", False, False),
        ("0.10.33", GUARD_OFF, "darwin", True, False),
        ("1.2.2", GUARD_ON, "linux", True, True),
        ("1.2.2", GUARD_OFF, "win32", False, True),
    ],
)
def test_doctor_says_which_layers_keep_the_network_away(
    build: str,
    guard: GuardStatus,
    platform: str,
    ok: bool,  # noqa: FBT001 - a column of the table
    required: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """A clean build is enough, a guard is enough; with neither the program must not run."""
    check = guard_check(build, guard, platform)

    assert (check.ok, check.required) == (ok, required)
    assert build in check.detail
    assert guard.describe() in check.detail
    assert check.remedy


def test_only_the_camera_of_the_settings_is_opened(tmp_path: Path) -> None:
    """Which that is, is said; the others are listed, and a source that is no camera left alone."""
    machine = Machine(tmp_path)
    opened: list[str] = []
    found: list[str] = []

    assert camera_check(
        "2", machine.devices, find_it=found.append, open_it=opened.append
    ).detail == ("2 delivers; opened for one picture")
    machine.plug(0, "C920")
    machine.plug(2, "C270", port="1-6")
    both = camera_check("2", machine.devices, find_it=found.append, open_it=opened.append)
    assert "; listed without opening them: " in both.detail
    assert both.detail.endswith(f"{machine.node(0)} (C920), {machine.node(2)} (C270)")
    assert "no camera, so none was opened" in (
        camera_check("demo", machine.devices, find_it=found.append, open_it=opened.append).detail
    )
    camera_check("c270", machine.devices, find_it=found.append, open_it=opened.append)
    assert opened == ["2", "2", "c270"]
    assert found == ["demo"]


def test_a_camera_that_does_not_deliver_counts(tmp_path: Path) -> None:
    """No watch begins without; with what happened and what to do."""

    def refuse(spec: str) -> None:
        raise SourceError(f"There is no camera {spec}.", "Plug it in.")

    check = camera_check("0", Machine(tmp_path).devices, find_it=refuse, open_it=refuse)
    assert (check.ok, check.required) == (False, True)
    assert (check.detail, check.remedy) == ("There is no camera 0.", "Plug it in.")


def test_a_camera_that_the_running_watch_has_keeps_nothing_from_running(tmp_path: Path) -> None:
    """Nobody is told to close the watch first; without one, another program has it."""

    def refuse(_spec: str) -> None:
        raise SourceBusyError("Camera 0 is there but delivers no picture.", "Close that first.")

    machine = Machine(tmp_path)
    held, taken = (
        camera_check("0", machine.devices, find_it=refuse, open_it=refuse, watched=watched)
        for watched in (lambda: True, lambda: False)
    )
    assert (held.ok, held.detail) == (True, "0 is in use, and a watch runs: posturecam status")
    assert (taken.ok, taken.remedy) == (False, "Close that first.")


def test_a_camera_on_the_network_is_opened_as_any_other(tmp_path: Path) -> None:
    """Its login is not shown; one that does not answer keeps a watch from running."""
    paths = AppPaths(data=tmp_path, config=tmp_path)
    picture = np.full((48, 64, 3), 60, dtype=np.uint8)
    with MjpegServer(as_jpegs([picture]), rate_hz=40, login="me:secret") as server:
        url = server.url.replace("://", "://me:secret@")
        (tmp_path / "config.toml").write_text(f"source = '{url}'\n", "utf-8")
        there = next(settings_checks(paths))
    assert there.ok
    assert there.detail.endswith(" delivers; opened for one picture")
    assert "secret" not in there.detail

    gone = next(settings_checks(paths))
    assert (gone.ok, gone.required) == (False, True)
    assert "secret" not in gone.detail


def test_a_source_or_a_model_that_is_gone_counts(tmp_path: Path) -> None:
    """A watch would be refused for either."""
    gone, model = tmp_path / "talk.mp4", tmp_path / "mine.task"
    (tmp_path / "config.toml").write_text(f"source = '{gone}'\nmodel = '{model}'\n", "utf-8")
    found = list(settings_checks(AppPaths(data=tmp_path, config=tmp_path)))
    assert [(one.ok, one.required) for one in found] == [(False, True)] * 3
    camera, pose_model, _baseline = found
    assert f"There is no file or folder {gone}" in camera.detail
    assert str(model) in pose_model.detail


def test_a_missing_baseline_counts(tmp_path: Path) -> None:
    """With the command that takes the one that a watch would ask for."""
    check = baseline_check(tmp_path, "office", "full")
    assert (check.ok, check.required) == (False, True)
    assert "posturecam calibrate --profile office" in check.remedy


def test_a_baseline_of_other_models_counts(tmp_path: Path) -> None:
    """Sitting or standing, as a watch would be refused; a model that is gone is said elsewhere."""
    sitting = replace(baseline(), model_sha256=find_model("full").landmarks_sha256)
    save_profile(tmp_path, sitting)
    save_profile(tmp_path, replace(sitting, stance=Stance.STANDING))
    assert baseline_check(tmp_path, sitting.profile, "full").ok
    assert baseline_check(tmp_path, sitting.profile, str(tmp_path / "gone.task")).ok

    check = baseline_check(tmp_path, sitting.profile, "lite")
    assert (check.ok, check.required) == (False, True)
    assert "taken with another pose model than 'lite'" in check.detail
    assert check.remedy == "Take it anew: posturecam calibrate --model lite"

    save_profile(tmp_path, replace(sitting, stance=Stance.STANDING, model_sha256="0" * 64))
    assert baseline_check(tmp_path, sitting.profile, "full").remedy.endswith(" --standing")


def test_mistakes_of_the_config_are_told_apart(tmp_path: Path) -> None:
    """With the command that says them again."""
    file = tmp_path / "config.toml"
    file.write_text("sound = 1\nsuond = true\n", "utf-8")
    found = config_check(file)
    assert found.detail == (
        f"{file} has mistakes: line 1: sound: write true or false; "
        "line 2: suond: there is no such setting; did you mean sound?"
    )
    assert "posturecam config check" in found.remedy
    *_, to_do = summary_lines([found])
    assert "did you mean sound? Correct them" in to_do


def test_what_is_fine_is_one_line_and_what_is_to_do_a_list() -> None:
    """A part with one fault is not fine; what could be better is said without what to do."""
    fine = [Check(name="Python", ok=True), Check(name="rich", part="packages", ok=True)]
    assert list(summary_lines(fine)) == ["Fine: Python, packages."]
    faulty = [
        *fine,
        Check(name="typer", part="packages", ok=False, detail="missing", remedy="pip it"),
        Check(name="camera", ok=False, detail="There is none.", remedy="Plug one in."),
        Check(name="screen lock", ok=False, required=False, detail="unseen", remedy="Pause."),
    ]
    assert list(summary_lines(faulty)) == [
        "Fine: Python.",
        "To do before a watch:",
        "- typer: missing. pip it",
        "- camera: There is none. Plug one in.",
        "Could be better: screen lock (unseen). How: posturecam doctor --verbose",
    ]


def test_checks_of_one_part_are_made_when_they_are_asked_for() -> None:
    """What is slow comes after what is told already."""
    made = []

    def checks() -> Iterator[Check]:
        for name in ("camera", "picture"):
            made.append(name)
            yield Check(name=name, ok=True)

    of_camera = of_part("a camera", checks())
    assert next(of_camera) == Check(name="camera", part="a camera", ok=True)
    assert made == ["camera"]
    assert [one.name for one in of_camera] == ["picture"]


def test_in_short_or_line_by_line_it_is_said_what_is_missing(tmp_path: Path) -> None:
    """The exit code says it, too."""
    home = {"POSTURECAM_HOME": str(tmp_path)}
    short, long = (posturecam("doctor", *word, env=home) for word in ([], ["--verbose"]))
    assert (short.returncode, long.returncode) == (1, 1)
    assert (short.stderr, long.stderr) == ("", "")
    assert short.stdout.startswith("Fine: Python, memory, packages, ")
    assert "- baseline: none yet under the name default. Take one: posturecam" in short.stdout
    assert len(long.stdout.splitlines()) > 30


@pytest.mark.slow
def test_a_damaged_baseline_is_not_among_what_is_fine(tmp_path: Path) -> None:
    """It is said once, with the command that takes it anew."""
    profiles = tmp_path / "profiles"
    profiles.mkdir()
    (profiles / "default.json").write_text("{", "utf-8")
    said = posturecam("doctor", env={"POSTURECAM_HOME": str(tmp_path)}).stdout
    fine, to_do = said.split("To do before a watch:")
    assert "baseline" not in fine
    assert to_do.count("- baseline") == 1
    assert "default.json is damaged. It" in " ".join(to_do.split())


def test_no_notifications_are_only_a_warning() -> None:
    """Alerts appear in the terminal as well."""
    check = notification_check("no answer within 3 s")

    assert (check.ok, check.required, check.detail) == (False, False, "no answer within 3 s")
    assert "--no-notify" in check.remedy
    assert notification_check(None).ok
    assert "without buttons and sounds" in notification_check(None, ("buttons", "sounds")).detail


def test_what_the_desktop_does_not_tell_is_only_a_warning() -> None:
    """Named, with what to do instead; false is an answer, too."""
    check = desktop_check(DesktopState(do_not_disturb=False))

    assert (check.ok, check.required) == (False, False)
    assert check.detail == (
        "reports do-not-disturb; does not report a program in full screen, "
        "a microphone in use, a camera that another program opens"
    )
    rest = DesktopState(do_not_disturb=False, in_call=False, camera_wanted=False)
    assert not desktop_check(rest).ok
    assert desktop_check(DesktopState()).detail == "reports nothing"
    assert desktop_check(replace(rest, full_screen=False)).ok
    on_wayland = desktop_check(replace(rest, presenting=False))
    assert on_wayland.ok
    assert on_wayland.detail.endswith(
        "a video or a presentation; does not report a program in full screen"
    )


def test_a_system_that_is_asked_nothing_is_said_plainly() -> None:
    """As macOS and Windows are; no locker of Linux is named there."""
    lock = screen_lock_check(DesktopState(), (), "win32")
    assert (lock.ok, lock.required) == (False, False)
    assert lock.detail == "is not noticed on this system"
    assert "i3lock" not in lock.remedy
    check = desktop_check(DesktopState(), "darwin")

    assert not check.ok
    assert check.detail.startswith("is asked nothing on this system; does not report do-not-d")


@pytest.mark.parametrize(
    ("state", "installed", "ok", "words"),
    [
        (DesktopState(locked=False), (), False, "logind passes on only what the screen locker"),
        (DesktopState(), (), False, "nothing here says"),
        (DesktopState(locked=False), ("i3lock",), True, "i3lock: seen while running"),
        (DesktopState(), ("swaylock",), True, "swaylock: seen while running"),
        (DesktopState(locked=False, locks_by_itself=True), (), True, "a screensaver service"),
    ],
)
def test_a_locked_screen_is_promised_only_where_it_is_noticed(
    state: DesktopState,
    installed: tuple[str, ...],
    ok: bool,  # noqa: FBT001 - a column of the table
    words: str,
) -> None:
    """That logind answers proves nothing: lockers such as i3lock do not tell it."""
    check = screen_lock_check(state, installed)

    assert (check.ok, check.required) == (ok, False)
    assert check.detail.startswith(words)
    assert "exec xss-lock -l -- LOCKER" in check.remedy


@needs_dunst
def test_what_a_desktop_is_able_to_do_is_found_out(
    dunst: Dunst, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real notification service: buttons, no sounds, do-not-disturb."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", dunst.bus)
    paths = AppPaths(data=tmp_path / "data", config=tmp_path)
    with dunst.started():
        notifications, (_, desktop) = _ask_for_notifications(), _ask_the_desktop(paths)

    assert notifications.ok
    assert notifications.detail == "the service answers, without sounds"
    assert desktop.detail.startswith("reports do-not-disturb")


def _hides_files() -> bool:
    """Whether this system lets a process have another view of the files than the rest."""
    unshare = shutil.which("unshare")
    return unshare is not None and (
        subprocess.run(
            [unshare, "-rm", "mount", "--bind", "/dev/null", "/etc/hostname"],
            capture_output=True,
            check=False,
        ).returncode
        == 0
    )


@pytest.mark.model
@pytest.mark.skipif(not _hides_files(), reason="files cannot be hidden from a process here")
@pytest.mark.parametrize("missing", [SYSTEM_LIBRARIES[:2], SYSTEM_LIBRARIES[2:]])
@pytest.mark.parametrize(
    "command", [("doctor",), ("watch", "--source", "demo", "--calibrate", "9s")]
)
def test_on_a_slim_system_the_missing_libraries_are_named(
    command: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    """As in a container without them: what to install, nothing to reinstall, no ImportError."""
    hide = "for file; do mount --bind /dev/null $file; done"
    found = subprocess.run(["ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    paths = [
        str(Path(line.rpartition(" => ")[2]).resolve())
        for line in found.splitlines()
        if line.split()[:1] and line.split()[0] in missing
    ]
    program = shlex.join([sys.executable, "-m", "posturecam", *command])
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", f"{hide}; exec {program}", "sh", *paths],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    printed = done.stdout + done.stderr
    assert done.returncode == 1
    assert "apt install libegl1 libgles2 libgl1 libglib2.0-0 libxcb1" in printed
    assert "pip install" not in printed
    assert "posturecam again" not in printed
    assert "ImportError" not in printed
    assert "Traceback" not in printed
