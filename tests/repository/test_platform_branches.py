"""Whatever is done otherwise on another system is reached by a test, which is named here."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SYSTEMS = {"linux", "darwin", "win32", "Linux", "Darwin", "Windows", "posix", "nt"}
_MODULES = {"os", "signal", "socket", "time", "select", "sys", "system"}

HERE = "whole_program/test_platform_adapters"
REACHED = {
    "base/child_programs.py::apart": (HERE, "a_program_apart_hears_no_ctrl_c_of_ours"),
    "base/child_programs.py::end_tree": (HERE, "a_program_ends_with_what_it_started"),
    "base/clock.py::uptime_of": (HERE, "an_hour_of_sleep_is_an_hour"),
    "base/command_words.py::cover_addresses": (
        HERE, "words_of_a_process_are_covered_on_linux_alone",
    ),
    "base/command_words.py::quoted_word": (HERE, "a_word_is_quoted_as_its_shell_reads_it"),
    "base/command_words.py::split_words": (
        "whole_program/test_other_systems", "a_path_of_windows_keeps_its_backslashes",
    ),
    "base/console_mode.py::console_modes": (HERE, "what_is_no_such_console_is_left_alone"),
    "base/files.py::": (HERE, "where_files_have_no_modes_nobody_is_warned_of_them"),
    "base/files.py::own_user": (HERE, "a_name_of_any_length_will_do_where_it_is_no_socket"),
    "base/interrupts.py::ending_signals": (HERE, "each_signal_that_a_system_has_ends_a_program"),
    "base/limits.py::own_limits": (HERE, "memory_is_judged_without_the_counters_of_windows"),
    "base/platforms.py::machine_of": (HERE, "on_windows_the_processor_is_the_one_of_python"),
    "base/platforms.py::why_unsupported": (
        "base/test_platforms", "a_machine_is_refused_by_its_name",
    ),
    "capture/byte_pipes.py::make_pipe": (HERE, "each_system_has_its_kind_of_pipe"),
    "capture/devices.py::CameraDevices.__init__": (
        "whole_program/test_other_systems", "cameras_that_cannot_be_listed_are_numbers",
    ),
    "capture/ffmpeg_memory.py::MemoryWatch.__init__": (
        HERE, "on_windows_no_video_is_refused_for_its_memory",
    ),
    "capture/http_stream.py::thrown_away": (
        HERE, "what_a_system_would_copy_is_not_thrown_away",
    ),
    "capture/opencv.py::open_camera": (HERE, "a_camera_is_opened_by_the_way_of_the_system"),
    "commands/doctor.py::desktop_check": (
        "commands/test_doctor", "a_system_that_is_asked_nothing_is_said_plainly",
    ),
    "commands/doctor.py::guard_check": (
        "commands/test_doctor", "doctor_says_which_layers_keep_the_network_away",
    ),
    "commands/doctor.py::library_checks": (HERE, "what_is_of_a_linux_desktop_is_not_elsewhere"),
    "commands/doctor.py::screen_lock_check": (
        "commands/test_doctor", "a_system_that_is_asked_nothing_is_said_plainly",
    ),
    "commands/unattended.py::nobody_looks": (HERE, "what_is_of_a_linux_desktop_is_not_elsewhere"),
    "outputs/dialogue.py::Dialogue.__init__": (
        HERE, "an_answer_is_read_at_a_console_that_cannot_be_waited_for",
    ),
    "outputs/notify.py::DesktopNotifier.__init__": (
        HERE, "messages_go_to_the_service_that_the_system_has",
    ),
    "outputs/preview.py::why_no_window": (HERE, "what_is_of_a_linux_desktop_is_not_elsewhere"),
    "outputs/preview.py::window_environment": (
        HERE, "what_is_of_a_linux_desktop_is_not_elsewhere",
    ),
    "outputs/terminal.py::this_system": (HERE, "a_windows_console_is_drawn_on_through_its_stream"),
    "outputs/terminal.py::takes_more": (HERE, "on_windows_nothing_is_asked_of_a_pipe"),
    "pose/network_guard.py::": (HERE, "the_guard_says_that_there_is_none"),
    "pose/network_guard.py::install": (HERE, "the_guard_says_that_there_is_none"),
    "pose/system_libraries.py::missing_libraries": (
        HERE, "what_is_of_a_linux_desktop_is_not_elsewhere",
    ),
    "system/autostart.py::make_plan": (HERE, "autostart_of_each_system_goes_on_and_off"),
    "system/desktop.py::open_desktop": (HERE, "what_is_of_a_linux_desktop_is_not_elsewhere"),
    "system/menu_entry.py::find_menu_entry": (HERE, "what_is_of_a_linux_desktop_is_not_elsewhere"),
    "system/tray_entry.py::find_tray_entry": (HERE, "what_is_of_a_linux_desktop_is_not_elsewhere"),
    "tray/opening.py::refuse_without_desktop": (
        HERE, "what_is_of_a_linux_desktop_is_not_elsewhere",
    ),
    "watch/carriers.py::channels_of": (
        "watch/test_pipes", "windows_has_pipes_and_others_sockets",
    ),
}  # fmt: skip
"""Where a system is asked for, and the test that puts another one there."""

FOR_THE_TYPE_CHECKER = {
    "capture/camera_sizes.py::_system_call": "no camera has a node there, so it is never asked",
    "commands/doctor_data.py::_owner": "`refused` has said another thing before",
    "log/connection.py::connect": "there `os.fchmod` is missing, and files have no modes",
    "outputs/terminal_unix.py::": "imported by `this_system` on a Unix alone",
    "system/wayland.py::Compositor.flush": "`open` has raised before",
    "system/wayland.py::Compositor.open": "such a session names a socket, which Windows never does",
    "system/x_windows.py::XScreen.open": "a display is named by DISPLAY, on Windows never",
    "tray/layer_panes.py::_open_memory": "a compositor of Wayland has answered before",
    "tray/qt_icon.py::run_tray": "a panel that comes later is of D-Bus, imported on Linux alone",
    "watch/sockets.py::Sockets.connect": "`channels_of` has chosen pipes",
    "watch/sockets.py::Sockets.listen": "likewise",
}
"""What is asked for the sake of names that a system's library lacks, and who has decided before."""


def places_in(source: str) -> Iterator[str]:
    """The functions, by their full names, that ask what system it is; empty for a module itself."""

    def within(node: ast.AST, name: str) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield from within(child, f"{name}.{child.name}".lstrip("."))
            else:
                if _asks(child):
                    yield name
                yield from within(child, name)

    yield from within(ast.parse(source), "")


def _asks(node: ast.AST) -> bool:
    match node:
        case ast.Compare():
            compared = (child for child in ast.walk(node) if isinstance(child, ast.Constant))
            return any(child.value in SYSTEMS for child in compared)
        case ast.Call(func=ast.Name(id="hasattr"), args=[ast.Name(id=name), _]):
            return name in _MODULES
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Name(id="platform"), *_]):
            return True
    return False


def test_each_question_for_the_system_is_listed_with_its_test() -> None:
    """A new one is written so that it can be handed another system, and gets a test."""
    package = ROOT / "posturecam"
    found = {
        f"{file.relative_to(package).as_posix()}::{place}"
        for file in package.rglob("*.py")
        for place in places_in(file.read_text(encoding="utf-8"))
    }
    assert found == REACHED.keys() | FOR_THE_TYPE_CHECKER.keys()


@pytest.mark.parametrize(("file", "test"), sorted(set(REACHED.values())))
def test_the_tests_that_are_listed_are_there(file: str, test: str) -> None:
    """By their names."""
    assert f"def test_{test}(" in (ROOT / "tests" / f"{file}.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("source", "places"),
    [
        ("import sys\nNEW = sys.platform == 'win32'", [""]),
        ("class A:\n def f(self, system):\n  return system in ('darwin', 'win32')", ["A.f"]),
        ("def f():\n if hasattr(os, 'getuid'):\n  pass", ["f"]),
        ("def f(kind):\n return kind == 'unknown'", []),
    ],
)
def test_a_question_is_found_wherever_it_stands(source: str, places: list[str]) -> None:
    """In a class, in a function, or in neither."""
    assert list(places_in(source)) == places
