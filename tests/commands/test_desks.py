"""Which profile fits the desk that one sits at, and what is asked at a new one."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING

import pytest

from posturecam.base.errors import DataError
from posturecam.capture.camera_sizes import Offer
from posturecam.commands.config import is_set
from posturecam.commands.profile_here import desk_here, known_profiles, profile_here, unused_name
from posturecam.commands.profiles import profile_text
from posturecam.outputs.baseline_words import desk_text
from posturecam.pose.measures import OUTLINE_MEASURES
from posturecam.posture.profile_fit import (
    MOST_DESKS,
    Choice,
    Fit,
    KnownProfile,
    choose,
    free_name,
    with_desk,
)
from posturecam.posture.profiles import load_profile, save_profile, use_at
from posturecam.system.displays import connected_displays
from posturecam.values.desk import Desk, digest
from tests.machine_cameras import Machine
from tests.posture.test_profiles import baseline
from tests.program import DEMO_CLIP, posturecam
from tests.streams import MjpegServer, clip_jpegs
from tests.terminals import Tmux

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

VGA = (640, 480)
HOME = Desk(camera=digest(["built in"]), camera_name="Built in", displays=(digest(["panel"]),))
DOCKED = replace(HOME, displays=tuple(sorted([*HOME.displays, digest(["monitor"])])))
OFFICE = Desk(camera=digest(["C920"]), camera_name="C920", displays=DOCKED.displays)


def known(name: str, *desks: Desk, taken_at: str = "2026-03-02") -> KnownProfile:
    """A profile of these desks."""
    return KnownProfile(name=name, desks=desks, size_px=VGA, taken_at=taken_at)


@pytest.mark.parametrize(
    ("profiles", "here", "chosen"),
    [
        ([], HOME, None),
        ([known("default", HOME), known("office", OFFICE)], OFFICE, ("office", Fit.THIS_DESK)),
        ([known("default", HOME), known("office", OFFICE)], HOME, ("default", Fit.THIS_DESK)),
        ([known("default", HOME)], DOCKED, ("default", Fit.OTHER_DISPLAYS)),
        ([known("default", HOME)], OFFICE, ("default", Fit.ANOTHER_CAMERA)),
        ([known("default"), known("desk-2", OFFICE)], HOME, ("default", Fit.UNKNOWN)),
        ([known("default"), known("desk-2", HOME)], HOME, ("desk-2", Fit.THIS_DESK)),
        ([known("default"), known("desk-2", HOME)], DOCKED, ("default", Fit.UNKNOWN)),
        ([known("a", HOME), known("default", HOME)], HOME, ("default", Fit.THIS_DESK)),
        ([known("a", HOME), known("b", HOME, taken_at="2026-04-01")], HOME, ("b", Fit.THIS_DESK)),
        ([known("other")], HOME, ("other", Fit.ANOTHER_CAMERA)),
        ([known("default", OFFICE, HOME)], HOME, ("default", Fit.THIS_DESK)),
    ],
)
def test_the_profile_that_fits_best_is_chosen(
    profiles: list[KnownProfile], here: Desk, chosen: tuple[str, Fit] | None
) -> None:
    """Camera and displays alike, then unknown, then the camera alone."""
    choice = choose(profiles, here, preferred="default")
    assert choice == (chosen and Choice(name=chosen[0], fit=chosen[1]))
    assert choice is None or choice.is_of_this_desk == (choice.fit >= Fit.UNKNOWN)


def test_where_nobody_is_asked_no_baseline_of_another_camera_is_used() -> None:
    """But the preferred one, which says so if it does not fit."""
    for fit, name in (
        (Fit.ANOTHER_CAMERA, "default"),
        (Fit.OTHER_DISPLAYS, "office"),
        (Fit.THIS_DESK, "office"),
    ):
        assert Choice(name="office", fit=fit).unasked("default") == name


def test_a_camera_without_the_size_of_a_baseline_is_another_one() -> None:
    """Its pictures cannot be compared; turned on its side it can."""
    for offered, fit in (
        ([(1280, 720)], Fit.ANOTHER_CAMERA),
        ([VGA], Fit.THIS_DESK),
        ([(480, 640)], Fit.THIS_DESK),
        ([], Fit.THIS_DESK),
    ):
        choice = choose([known("default", HOME)], HOME, preferred="default", offered_px=offered)
        assert choice == Choice(name="default", fit=fit)


def test_desks_are_remembered_once_each_and_not_for_ever() -> None:
    """The newest stay."""
    many = [replace(HOME, camera=digest([str(number)])) for number in range(MOST_DESKS)]
    assert with_desk((HOME, OFFICE), HOME) == (OFFICE, HOME)
    assert with_desk(many, HOME) == (*many[1:], HOME)
    assert free_name({"default", "desk-2", "desk-4"}) == "desk-3"


def test_a_desk_is_known_by_digests_that_tell_nothing() -> None:
    """The same for the same, parts apart."""
    assert digest(["ab", "c"]) != digest(["a", "bc"])
    assert digest([b"\x00\xff"]) == digest([b"\x00\xff"])
    assert len(digest(["Serial 1234"])) == 16


# What is plugged in


def socket(folder: Path, name: str, edid: bytes, *, status: str = "connected") -> None:
    """A socket for a display, as the kernel shows it."""
    (folder / name).mkdir(parents=True)
    (folder / name / "status").write_text(f"{status}\n")
    (folder / name / "edid").write_bytes(edid)
    (folder / name / "modes").write_text("1920x1080\n1280x720\n")


def test_displays_are_known_wherever_they_are_plugged_in(tmp_path: Path) -> None:
    """By what they say of themselves; empty sockets are none; one that says nothing by its size."""
    one, other = tmp_path / "one", tmp_path / "other"
    for folder, first, second in ((one, "DP-1", "HDMI-A-1"), (other, "DP-7", "DP-2")):
        socket(folder, f"card0-{first}", b"\x00\xffDELL serial 77")
        socket(folder, f"card1-{second}", b"", status="disconnected")
        (folder / "version").write_text("drm 1.1.0")
    assert connected_displays(one) == connected_displays(other)
    assert len(connected_displays(one)) == 1
    assert "77" not in str(connected_displays(one))

    socket(one, "card0-eDP-1", b"")
    assert len(set(connected_displays(one))) == 2
    assert connected_displays(tmp_path / "none") == ()


@pytest.fixture
def profiles(tmp_path: Path) -> Path:
    """A folder with a baseline of the desk at home."""
    save_profile(tmp_path / "profiles", replace(baseline(), desks=(HOME,)))
    return tmp_path / "profiles"


@pytest.mark.skipif(sys.platform != "linux", reason="this system lists no cameras")
def test_a_camera_is_the_same_in_another_socket(tmp_path: Path) -> None:
    """And another one is not, whatever its number; a file is no desk."""
    machine = Machine(tmp_path)
    machine.plug(0, "HD Pro Webcam C920", port="1-5")

    def here(source: str) -> Desk | None:
        return desk_here(source, machine.devices, displays=tuple)

    before = here("0")
    assert before is not None
    assert before.camera_name == "HD Pro Webcam C920"
    machine.unplug(0)
    machine.plug(3, "HD Pro Webcam C920", port="2-1")
    machine.plug(0, "Integrated Camera", port="1-1")
    assert here("3") == here("c920") == before
    assert here("0") not in (before, None)
    assert here("7") is None
    assert here(str(DEMO_CLIP)) is here("demo") is None
    address = here("http://me:secret@camera.local/token")
    assert address is not None
    assert "secret" not in address.camera_name
    assert "token" not in address.camera_name

    folder = tmp_path / "profiles"
    save_profile(folder, replace(baseline(), desks=(before,)))
    for size_px, fit in ((VGA, Fit.THIS_DESK), ((1, 1), Fit.ANOTHER_CAMERA)):
        offered = Offer((size_px,), grey=False)
        choice = profile_here(
            folder,
            "c920",
            "default",
            devices=machine.devices,
            displays=tuple,
            offer={machine.devices.named("c920")[0].path: offered}.get,
        )
        assert choice == Choice(name="default", fit=fit)
    assert profile_here(folder, "demo", "default") is None


# What is kept of it


def test_a_profile_says_where_it_is_used(profiles: Path) -> None:
    """Also of one more desk, without a word of the one before being lost."""
    use_at(profiles, "default", OFFICE)
    assert load_profile(profiles, "default").desks == (HOME, OFFICE)
    assert [one.desks for one in known_profiles(profiles)] == [(HOME, OFFICE)]
    assert [file.name for file in profiles.iterdir()] == ["default.json"]


def test_a_profile_of_before_is_read_and_knows_no_desk(profiles: Path) -> None:
    """As an older program left it."""
    file = profiles / "default.json"
    kept = json.loads(file.read_text())
    older = {key: value for key, value in kept.items() if key not in ("desks", "stance")}
    for part in ("centre", "spread"):
        older[part] = {name: v for name, v in kept[part].items() if name not in OUTLINE_MEASURES}
    file.write_text(json.dumps(older | {"format": 2}))
    assert load_profile(profiles, "default").desks == ()
    assert [one.desks for one in known_profiles(profiles)] == [()]


def test_the_baseline_of_another_desk_takes_no_name_of_a_damaged_one(profiles: Path) -> None:
    """What is in that file may be got back."""
    assert unused_name(profiles) == "desk-2"
    (profiles / "desk-2.json").write_text("{")
    assert unused_name(profiles) == "desk-3"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda kept: kept | {"desks": [{"camera": "x"}]},
        lambda kept: kept | {"desks": [kept["desks"][0] | {"displays": "abc"}]},
        lambda kept: kept | {"desks": [kept["desks"][0] | {"camera": "Serial 1234"}]},
        lambda kept: kept | {"desks": kept["desks"] * 99},
        lambda kept: kept | {"desks": 7},
    ],
)
def test_what_is_damaged_is_neither_chosen_nor_believed(
    profiles: Path, spoil: Callable[[dict[str, list[dict[str, str]]]], object]
) -> None:
    """A choice passes over what it cannot read; whoever names it hears of the damage."""
    file = profiles / "default.json"
    file.write_text(json.dumps(spoil(json.loads(file.read_text()))))
    (profiles / "list.json").write_text("[]")
    (profiles / "none.json").write_bytes(b"\xff")
    list(known_profiles(profiles))
    with pytest.raises(DataError, match="damaged"):
        load_profile(profiles, "default")


def test_a_profile_that_the_config_names_is_named(tmp_path: Path) -> None:
    """Its own word, whatever it says of it."""
    file = tmp_path / "config.toml"
    assert not is_set(file, "profile")
    file.write_text('source = "0"\n')
    assert not is_set(file, "profile")
    file.write_text('profile = "default"\n')
    assert is_set(file, "profile")


def test_what_a_desk_is_known_by_is_said(profiles: Path) -> None:
    """Displays only where they can be known."""
    assert desk_text(DOCKED) == "Built in, 2 displays"
    assert desk_text(replace(HOME, displays=())) == "Built in"
    assert "desk: Built in, 1 display" in profile_text(profiles, "default", UTC).splitlines()


# With the real program


@pytest.fixture
def two_cameras() -> Iterator[tuple[MjpegServer, MjpegServer]]:
    """Two network cameras before somebody upright."""
    upright = clip_jpegs(DEMO_CLIP)[20:60]
    with MjpegServer(upright, rate_hz=10) as one, MjpegServer(upright, rate_hz=10) as other:
        yield one, other


@pytest.mark.slow
@pytest.mark.model
def test_each_desk_has_its_own_baseline(
    home: Path, tmp_path: Path, two_cameras: tuple[MjpegServer, MjpegServer]
) -> None:
    """It is offered at a new one, taken under a name of its own, and found again."""
    at_home, office = (camera.url for camera in two_cameras)
    short = ("--takes", "1", "--seconds", "8")
    assert posturecam("calibrate", "--source", at_home, *short).returncode == 0
    program = f"POSTURECAM_HOME={home} {sys.executable} -m posturecam"
    with Tmux(tmp_path, 90, 24) as terminal:
        terminal.type(f"clear; {program} watch --duration 3 --source {office}")
        terminal.wait_for("No baseline was taken at this desk")
        terminal.type("n")
        terminal.wait_for("watched ")
        terminal.type(f"clear; {program} watch --duration 2 --source {office}; echo = $?")
        shown = terminal.wait_for("= 0")
    assert not any("Take one now?" in row for row in shown)
    assert len(load_profile(home / "profiles", "default").desks) == 2

    (home / "profiles" / "default.json").unlink()
    assert posturecam("calibrate", "--source", at_home, *short).returncode == 0
    second = posturecam("calibrate", "--source", office, *short)
    assert second.returncode == 0, second.stderr
    assert "Another desk than that of 'default': kept as 'desk-2'" in second.stderr
    for source, name in ((at_home, "default"), (office, "desk-2")):
        watched = posturecam("watch", "--source", source, "--duration", "1", "--format", "jsonl")
        begun = [json.loads(line) for line in watched.stdout.splitlines()]
        assert {one["profile"] for one in begun if one["type"] == "calibrated"} == {name}
        assert ("'desk-2'" in watched.stderr) == (name == "desk-2")
    named = posturecam("watch", "--source", office, "--profile", "default", "--duration", "1")
    assert "desk-2" not in named.stdout + named.stderr
