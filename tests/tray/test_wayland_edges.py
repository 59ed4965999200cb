"""The edges of the screens light up under Wayland: a real compositor, looked at and clicked on."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from posturecam.system import wayland_messages as w
from tests.desktops import linux_only
from tests.sways import needs_sway, sway, window
from tests.waiting import wait_until

pytest.importorskip("PySide6", reason="the tray needs the extra posturecam[desktop]")

from posturecam.tray.glow import FADES_S, GROWS_S
from posturecam.tray.layer_panes import NEEDED, LayerPanes
from posturecam.values.settings import Ambient
from tests.edge_panes import edge_panes
from tests.tray.test_edges import GROUND, LEFT, MIDDLE, OFF_THE_EDGE, RIGHT, lit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.edge_panes import Panes
    from tests.sways import Sway

pytestmark = linux_only
BETWEEN, TOP, CORNER = (797, 300), (400, 2), (30, 10)


@pytest.fixture
def session() -> Iterator[tuple[Sway, Panes]]:
    """A grey session with one screen of 800 x 600, and what does things to it."""
    with sway() as started, edge_panes(started.environment, started.colours) as panes:
        yield started, panes


def has_keyboard(desktop: Sway) -> bool:
    """Whether the one window has it."""
    windows = desktop.tell("-t", "get_tree")
    while windows["nodes"]:
        windows = windows["nodes"][-1]
    return bool(windows["focused"] and windows["type"] == "con")


@needs_sway
@pytest.mark.slow
def test_all_screens_light_up_slowly_and_go_dark_at_once(session: tuple[Sway, Panes]) -> None:
    """Softly, and mitred at the corners; also one that is plugged in meanwhile, until it goes."""
    desktop, panes = session
    panes.tell("glow")
    assert panes.colours(LEFT, TOP, BETWEEN, MIDDLE) == [GROUND] * 4
    panes.tell("slouched")
    panes.let_pass(GROWS_S / 8)
    wait_until(lambda: panes.colours(LEFT)[0] != GROUND, "it begins")
    assert not lit(panes, LEFT)
    desktop.tell("create_output")
    panes.let_pass(GROWS_S)
    wait_until(lambda: lit(panes, LEFT, TOP, BETWEEN, RIGHT), "it is there")
    at_edge, further_in, middle = panes.colours(LEFT, OFF_THE_EDGE, MIDDLE)
    assert GROUND[2] < further_in[2] < at_edge[2]
    assert middle == GROUND
    assert panes.colours((10, 300)) == panes.colours((300, 10)) == panes.colours(CORNER)
    desktop.tell(f"output {desktop.outputs()[0]} disable")
    desktop.tell("create_output")
    wait_until(lambda: lit(panes, RIGHT), "one that came after the other went is seen")
    assert lit(panes, LEFT, TOP, BETWEEN)
    panes.tell("upright")
    panes.let_pass(FADES_S)
    wait_until(lambda: panes.colours(LEFT, TOP, BETWEEN) == [GROUND] * 3, "it is gone")


@needs_sway
@pytest.mark.slow
@pytest.mark.parametrize("ambient", ["glow", "dim"])
def test_a_click_goes_through_it_and_the_keyboard_stays(
    session: tuple[Sway, Panes], ambient: str
) -> None:
    """What is under it is pressed, as if nothing were there."""
    desktop, panes = session
    panes.tell(ambient)
    with desktop.pointer() as press, window(desktop.environment) as (_, said):
        wait_until(lambda: has_keyboard(desktop), "the window is there")
        before = panes.colours((2, 300))
        panes.tell("slouched")
        panes.let_pass(GROWS_S)
        wait_until(lambda: panes.colours((2, 300)) != before, "it covers the window")
        assert has_keyboard(desktop)
        press(2, 300)
        assert said.readline() == "pressed\n"


@needs_sway
@pytest.mark.slow
def test_what_runs_full_screen_is_not_covered(session: tuple[Sway, Panes]) -> None:
    """Even where alerts do not wait for it."""
    desktop, panes = session
    with window(desktop.environment) as (tell, _):
        panes.tell("glow")
        panes.tell("slouched")
        panes.let_pass(GROWS_S)
        wait_until(lambda: lit(panes, LEFT, TOP), "it is there")
        tell("full")
        wait_until(lambda: panes.colours(LEFT, TOP) == [GROUND] * 2, "nothing is before it")
        tell("small")
        wait_until(lambda: lit(panes, LEFT, TOP), "it is there again")


@needs_sway
@pytest.mark.slow
def test_dimmed_a_screen_stays_legible(session: tuple[Sway, Panes]) -> None:
    """Evenly, and by no more than a third; chosen anew it changes at once."""
    _, panes = session
    panes.tell("dim")
    panes.tell("slouched")
    panes.let_pass(GROWS_S)
    wait_until(lambda: panes.colours(MIDDLE)[0][0] < 100, "it is dim")
    middle, left = panes.colours(MIDDLE, LEFT)
    assert middle == left
    assert middle[0] > 128 * 0.6
    panes.tell("glow")
    wait_until(lambda: lit(panes, LEFT), "it is a light")
    assert panes.colours(MIDDLE) == [GROUND]
    panes.tell("off")
    wait_until(lambda: panes.colours(LEFT) == [GROUND], "it is over")


@pytest.mark.usefixtures("qt_app")
def test_without_layers_nothing_is_possible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As under GNOME, or where nobody answers; nothing is shown, and nothing fails."""
    monkeypatch.setenv("WAYLAND_DISPLAY", str(tmp_path / "wayland-0"))
    assert not LayerPanes(lambda: None).possible
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(tmp_path / "wayland-0"))
        listener.listen()

        def greet() -> None:
            end, _ = listener.accept()
            with closing(end):
                end.sendall(struct.pack("=III", w.FIRST_NEW, 12 << 16, 1))
                while end.recv(4096):
                    pass

        greeting = threading.Thread(target=greet)
        greeting.start()
        panes = LayerPanes(lambda: None)
        greeting.join()
    panes.show(Ambient.GLOW, 1.0)
    panes.clear()
    assert not panes.possible


def test_a_compositor_that_is_busy_at_first_is_heard_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qt_app: object
) -> None:
    """Its layers can be used then, without a new start of the tray."""
    monkeypatch.setenv("WAYLAND_DISPLAY", str(tmp_path / "wayland-0"))
    changes: list[bool] = []
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(tmp_path / "wayland-0"))
        listener.listen()
        panes = LayerPanes(lambda: changes.append(panes.possible))
        assert not panes.possible
        with closing(listener.accept()[0]) as end:
            for number, name in enumerate(NEEDED):
                text = name.encode() + bytes(4 - len(name) % 4)
                offer = struct.pack("=II", number, len(name) + 1) + text + struct.pack("=I", 1)
                end.sendall(struct.pack("=II", w.REGISTRY, 8 + len(offer) << 16) + offer)
            end.sendall(struct.pack("=III", w.FIRST_NEW, 12 << 16, 1))

            def is_possible() -> bool:
                qt_app.processEvents()  # type: ignore[attr-defined]
                return panes.possible

            wait_until(is_possible, "it has been heard")
            assert changes == [True]
        wait_until(lambda: not is_possible(), "it is gone")
