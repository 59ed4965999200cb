"""The edges of the screens light up: on real X servers, looked at and clicked through."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.desktops import install_program, linux_only, running, x_server
from tests.waiting import wait_until

pytest.importorskip("PySide6", reason="the tray needs the extra posturecam[desktop]")

from posturecam.base.errors import PosturecamError
from posturecam.system.x_messages import local_display
from posturecam.tray.ambient import AmbientSetting
from posturecam.tray.edges import MENU_OPEN_AT_MOST_S
from posturecam.tray.glow import FADES_S, GROWS_S
from posturecam.values.settings import Ambient
from tests.edge_panes import Panes, edge_panes, hears_of_windows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOOLS = ("Xvfb", "xrandr", "xsetroot", "xcompmgr", "xmessage", "xdotool")
missing = [tool for tool in TOOLS if shutil.which(tool) is None]
pytestmark = [
    linux_only,
    pytest.mark.skipif(bool(missing), reason=f"needs {', '.join(missing)}"),
    pytest.mark.slow,
]

GROUND = (128, 128, 128)
LEFT, RIGHT, MIDDLE = (2, 300), (1597, 300), (400, 300)
BETWEEN = (797, 300)  # the right edge of the left one of two screens
OFF_THE_EDGE = (40, 300)


@pytest.fixture(autouse=True)
def two_screens(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A grey desktop over two screens side by side."""
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    with x_server("-screen", "0", "1600x600x24", "-noreset") as display:
        monkeypatch.setenv("DISPLAY", display)
        monitor("L", 0, "screen")
        monitor("R", 800, "none")
        run("xsetroot", "-solid", "#808080")
        yield


def run(*command: str) -> str:
    """What a program prints that has to work."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def monitor(name: str, left_px: int, output: str) -> None:
    """Makes a part of the desktop a screen."""
    run("xrandr", "--setmonitor", name, f"800/200x600/150+{left_px}+0", output)


@contextmanager
def composited() -> Iterator[None]:
    """What makes translucent windows translucent.

    It says that it is there a little before it does so, and hears of all windows once it does.
    """
    display = local_display(os.environ["DISPLAY"])
    assert display is not None
    with running("xcompmgr"):
        wait_until(lambda: hears_of_windows(display), "it is ready")
        yield


def is_blue(colour: tuple[int, int, int]) -> bool:
    """Whether the light has been added to the ground."""
    red, _, blue = colour
    return blue > GROUND[2] + 40 and red < GROUND[0]


def lit(panes: Panes, *places: tuple[int, int]) -> bool:
    """Whether there is light at all the places."""
    return all(map(is_blue, panes.colours(*places)))


def test_all_screens_light_up_slowly_and_go_dark_at_once() -> None:
    """Softly: less further in, and nothing in the middle."""
    with composited(), edge_panes(os.environ) as panes:
        panes.tell("glow")
        assert panes.colours(LEFT, BETWEEN, RIGHT, MIDDLE) == [GROUND] * 4
        panes.tell("slouched")
        panes.let_pass(GROWS_S / 8)
        wait_until(lambda: GROUND not in panes.colours(LEFT, BETWEEN, RIGHT), "it begins")
        assert not lit(panes, LEFT)
        panes.let_pass(GROWS_S)
        wait_until(lambda: lit(panes, LEFT, BETWEEN, RIGHT), "it is there")
        (at_edge, further_in, middle) = panes.colours(LEFT, OFF_THE_EDGE, MIDDLE)
        assert GROUND[2] < further_in[2] < at_edge[2]
        assert middle == GROUND
        panes.tell("upright")
        panes.let_pass(FADES_S)
        wait_until(lambda: panes.colours(LEFT, RIGHT) == [GROUND] * 2, "it is gone")


def test_it_steps_aside_while_the_menu_of_the_tray_is_open() -> None:
    """Which would lie under it; for a while where no panel says that it is closed."""
    with composited(), edge_panes(os.environ) as panes:
        for said in ("glow", "slouched", str(GROWS_S)):
            panes.tell(said)
        wait_until(lambda: lit(panes, LEFT), "it is there")
        panes.tell("menu opens")
        panes.let_pass(FADES_S)
        wait_until(lambda: panes.colours(LEFT, RIGHT) == [GROUND] * 2, "it is gone")
        panes.tell("menu closes")
        panes.let_pass(GROWS_S)
        wait_until(lambda: lit(panes, LEFT), "it is there again")
        for said in ("menu opens", str(FADES_S), "slouched"):
            panes.tell(said)
        wait_until(lambda: panes.colours(LEFT) == [GROUND], "it stays away")
        for said in (str(MENU_OPEN_AT_MOST_S), "slouched", str(GROWS_S)):
            panes.tell(said)
        wait_until(lambda: lit(panes, LEFT), "it does not wait for ever")


@pytest.mark.parametrize("ambient", ["glow", "dim"])
def test_a_click_goes_through_it_and_the_keyboard_stays(ambient: str) -> None:
    """What is under it is pressed, as if nothing were there."""
    with composited(), running("xmessage", "-geometry", "+0+0", "Click") as (message, _):
        below = run("xdotool", "search", "--sync", "--onlyvisible", "--name", "xmessage").split()[
            -1
        ]
        run("xdotool", "windowfocus", "--sync", below)
        with edge_panes(os.environ) as panes:
            panes.tell(ambient)
            before = panes.colours((28, 4))
            panes.tell("slouched")
            panes.let_pass(GROWS_S)
            wait_until(lambda: panes.colours((28, 4)) != before, "it covers the message")
            assert run("xdotool", "getwindowfocus").strip() == below
            run("xdotool", "mousemove", "28", "51", "click", "1")
            wait_until(lambda: message.poll() is not None, "the button under it was pressed")


def test_without_a_compositor_plain_bands_stand_at_the_edges() -> None:
    """Translucent windows would be black there."""
    with edge_panes(os.environ) as panes:
        panes.tell("glow")
        panes.tell("slouched")
        panes.let_pass(GROWS_S)
        wait_until(lambda: lit(panes, LEFT, BETWEEN, RIGHT), "they are there")
        assert panes.colours((20, 300), MIDDLE, (780, 300)) == [GROUND] * 3
        panes.tell("upright")
        panes.let_pass(FADES_S)
        wait_until(lambda: panes.colours(LEFT, RIGHT) == [GROUND] * 2, "they are gone")


def test_dimmed_a_screen_stays_legible() -> None:
    """Evenly, and by no more than a third."""
    with composited(), edge_panes(os.environ) as panes:
        panes.tell("dim")
        panes.tell("slouched")
        panes.let_pass(GROWS_S)
        wait_until(lambda: panes.colours(MIDDLE)[0][0] < 100, "it is dim")
        (middle, left) = panes.colours(MIDDLE, LEFT)
        assert middle == left
        assert middle[0] > 128 * 0.6
        panes.tell("off")
        wait_until(lambda: panes.colours(MIDDLE) == [GROUND], "it is over")


def test_a_compositor_that_ends_meanwhile_leaves_no_screen_black() -> None:
    """There are bands at the next look at the sitter, until one is there again."""
    with edge_panes(os.environ) as panes:
        panes.tell("dim")
        with composited():
            panes.tell("slouched")
            panes.let_pass(GROWS_S)
            wait_until(lambda: GROUND not in panes.colours(MIDDLE), "it is dim")
        panes.tell("slouched")
        wait_until(
            lambda: panes.colours(MIDDLE) == [GROUND] and lit(panes, LEFT, BETWEEN),
            lambda: str(panes.colours(MIDDLE, LEFT)),
        )
        with composited():
            panes.tell("slouched")
            wait_until(lambda: 128 * 0.6 < panes.colours(MIDDLE)[0][0] < 100, "it is dim again")


def test_a_screen_that_comes_or_goes_meanwhile() -> None:
    """Each that is there has its light at its own edges."""
    with composited(), edge_panes(os.environ) as panes:
        panes.tell("glow")
        panes.tell("slouched")
        panes.let_pass(GROWS_S)
        wait_until(lambda: lit(panes, LEFT, BETWEEN), "it is there")
        run("xrandr", "--delmonitor", "R")
        run("xrandr", "--delmonitor", "L")
        wait_until(
            lambda: lit(panes, LEFT, RIGHT) and panes.colours(BETWEEN) == [GROUND],
            "there is one wide screen",
        )
        monitor("L", 0, "screen")
        monitor("R", 800, "none")
        wait_until(lambda: lit(panes, LEFT, BETWEEN, RIGHT), "there are two again")


def test_with_less_motion_it_comes_in_one_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As much as it will ever be."""
    install_program(tmp_path / "bin" / "gsettings", "#!/bin/sh\necho false\n", monkeypatch)
    with composited(), edge_panes(os.environ) as panes:
        panes.tell("glow")
        panes.wait_for_desktop()
        panes.tell("slouched")
        wait_until(lambda: lit(panes, LEFT), "it is there, before any time has passed")
        first = panes.colours(LEFT)
        panes.let_pass(GROWS_S)
        panes.tell("slouched")  # looked at again
        panes.wait_for_desktop()
        assert panes.colours(LEFT) == first


def test_the_setting_is_followed_and_kept(tmp_path: Path, qt_app: object) -> None:
    """Chosen in the menu it stands in the file; a file with mistakes means off."""
    file = tmp_path / "config.toml"
    file.write_text('ambient = "dim"\nsound = true\n', encoding="utf-8")
    kept = AmbientSetting(file)
    seen: list[Ambient] = []
    kept.changed.connect(lambda: seen.append(kept.value))
    assert kept.value is Ambient.DIM
    kept.choose(Ambient.GLOW)
    assert file.read_text(encoding="utf-8") == 'ambient = "glow"\nsound = true\n'

    def follows(ambient: Ambient) -> bool:
        qt_app.processEvents()  # type: ignore[attr-defined]
        return seen[-1:] == [ambient]

    file.write_text('ambient = "dim"\nsond = true\n', encoding="utf-8")
    wait_until(lambda: follows(Ambient.OFF), "a mistake")
    with pytest.raises(PosturecamError):
        kept.choose(Ambient.GLOW)
    file.write_text('ambient = "dim"\n', encoding="utf-8")
    wait_until(lambda: follows(Ambient.DIM), "another editor")
