"""What is done otherwise on macOS and Windows, with a stand-in of what those systems have.

Some of it is real here: processes and files. Nothing of this has run on either system.
"""

from __future__ import annotations

import io
import os
import plistlib
import signal
import socket
import subprocess
import sys
import threading
from contextlib import closing
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import psutil
import pytest

from posturecam.base.child_programs import NEW_GROUP, NO_WINDOW, apart, end_tree
from posturecam.base.clock import SystemClock, uptime_of
from posturecam.base.command_words import cover_addresses, own_command, quoted_word, quoted_words
from posturecam.base.console_mode import ESCAPES, console_modes, escapes_understood
from posturecam.base.files import is_readable_by_others, may_be_of_another
from posturecam.base.interrupts import ending_signals
from posturecam.base.limits import own_limits
from posturecam.base.memory import NEEDED_BYTES, lacks_memory
from posturecam.base.paths import (
    REPLACED_WITHIN_S,
    AppPaths,
    address_near,
    folder_warning,
    put_in_place,
)
from posturecam.base.platforms import machine_of
from posturecam.base.suspending import CtrlZ
from posturecam.capture.byte_pipes import NamedPipe, make_pipe
from posturecam.capture.camera_sizes import offer_of
from posturecam.capture.ffmpeg_memory import WATCHED, MemoryWatch, PieceLimit
from posturecam.capture.http_stream import thrown_away
from posturecam.capture.opencv import open_camera
from posturecam.commands.doctor import library_checks
from posturecam.commands.doctor_data import refused
from posturecam.commands.unattended import nobody_looks
from posturecam.outputs.dialogue import Dialogue
from posturecam.outputs.notify import DesktopNotifier
from posturecam.outputs.preview import why_no_window, window_environment
from posturecam.outputs.terminal import Terminal, takes_more, this_system
from posturecam.outputs.terminal_windows import WindowsConsole
from posturecam.pose.network_guard import install
from posturecam.pose.system_libraries import SYSTEM_LIBRARIES, missing_libraries
from posturecam.system import autostart
from posturecam.system.desktop import NoDesktop, open_desktop
from posturecam.system.menu_entry import find_menu_entry
from posturecam.system.tray_entry import find_tray_entry
from posturecam.tray.opening import refuse_without_desktop
from posturecam.values.answers import Answer
from posturecam.values.commands import Inbox
from posturecam.watch.sockets import peer_user
from tests.cameras import desk
from tests.fakes import ManualClock
from tests.platform_stand_ins import (
    Clocks,
    ConsoleStream,
    Fifo,
    FileInUseError,
    Machine,
    Modes,
    Msvcrt,
    NotificationCentre,
    Replacing,
)
from tests.started import Started
from tests.waiting import DEADLINE_S, wait_until

needs_unix = pytest.mark.skipif(sys.platform == "win32", reason="shows what a Unix has")
STDOUT, STDERR = -11, -12


# The terminal


def test_a_windows_console_tells_keys_and_no_halves_of_them() -> None:
    """An arrow is two codes of which the second is a letter; it asks for nothing."""
    console, heard = Msvcrt("p\xe0Hs\x00;q"), list[str]()
    keys = WindowsConsole(console, look_again_s=0.001).keys(io.StringIO(), heard.append)
    try:
        keys.listen()
        wait_until(lambda: heard == ["p", "s", "q"], lambda: heard)
        keys.forget()  # as at Ctrl-Z, which there is not
        console.press("\xe0P")
        console.press("w")
        wait_until(lambda: heard[3:] == ["w"], lambda: heard)
    finally:
        keys.close()
        keys.close()


def test_what_was_typed_at_a_windows_console_is_forgotten() -> None:
    """What is pressed afterwards counts."""
    console = Msvcrt("y\r\xe0H")
    WindowsConsole(console).forget_typed(io.StringIO())
    assert not console.kbhit()
    console.press("n")
    assert console.getwch() == "n"


def test_a_windows_console_is_drawn_on_through_its_stream() -> None:
    """The file below would take bytes of UTF-8 for those of a code page."""
    with closing(ConsoleStream()) as stream:
        terminal = Terminal(stream, system=WindowsConsole(Msvcrt()))
        terminal.draw(["upper back ···│███", "機"])
        terminal.close()
        assert "upper back ···│███" in stream.getvalue()
        assert "機" in stream.getvalue()
        assert stream.bytes_of_file() == b""
    assert not terminal.gone


def test_a_console_that_goes_away_is_no_error() -> None:
    """As a terminal elsewhere."""

    class Gone(ConsoleStream):
        def write(self, _text: str) -> int:
            raise OSError(6, "The handle is invalid")

    with closing(Gone()) as stream:
        terminal = Terminal(stream, system=WindowsConsole(Msvcrt()))
        terminal.draw(["upright"])
        assert terminal.gone
        terminal.close()


@needs_unix
def test_this_system_is_a_unix() -> None:
    """And has other keys."""
    assert type(this_system()).__name__ == "UnixTerminal"


@needs_unix
def test_on_windows_nothing_is_asked_of_a_pipe() -> None:
    """There only sockets can be waited for; what cannot be written says so itself."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with os.fdopen(reader, "rb"), os.fdopen(writer, "w") as stream:
        while os.write(writer, b"x" * 4096) == 4096:
            if not takes_more(stream):
                break
        assert not takes_more(stream)
        assert takes_more(stream, platform="win32")


class Typed(ConsoleStream):
    """What somebody typed at a console, whose file cannot be waited for."""

    def fileno(self) -> int:
        """As of a console: no socket."""
        raise OSError(10038, "not a socket")


def test_an_answer_is_read_at_a_console_that_cannot_be_waited_for() -> None:
    """`select` there knows sockets only (Python Library Reference)."""
    with closing(Typed()) as typed, closing(ConsoleStream()) as stream:
        typed.write("y\n")
        typed.seek(0)
        assert Dialogue(typed, stream, platform="win32").ask("Well?") is Answer.YES
        typed.seek(0)
        with pytest.raises(OSError, match="not a socket"):
            Dialogue(typed, stream, platform="linux").ask("Well?")


def test_a_console_acts_on_escapes_within_a_command_and_not_after_it() -> None:
    """Both outputs are one console, which had its mode before us."""
    modes = Modes(of={STDOUT: "console", STDERR: "console"}, mode={"console": 0x3})
    seen: list[dict[str, int]] = []

    def command() -> None:
        with escapes_understood(modes):
            seen.append(dict(modes.mode))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        command()
    assert seen == [{"console": 0x3 | ESCAPES}]
    assert modes.mode == {"console": 0x3}


@pytest.mark.parametrize(
    "modes",
    [
        None,
        Modes(of={}, mode={}),  # both go into files
        Modes(of={STDOUT: "old"}, mode={"old": 0x3}, known=0x3),  # before Windows 10
    ],
)
def test_what_is_no_such_console_is_left_alone(modes: Modes | None) -> None:
    """And the command runs."""
    with escapes_understood(modes):
        assert modes is None or ESCAPES not in modes.mode.values()


@needs_unix
def test_a_terminal_of_a_unix_needs_no_telling() -> None:
    """There are no modes of a console."""
    assert console_modes() is None


# Time


@pytest.mark.parametrize(
    ("platform", "clocks"),
    [
        ("linux", Clocks({"CLOCK_BOOTTIME": 3600.0, "CLOCK_MONOTONIC": 60.0, "monotonic": 60.0})),
        ("darwin", Clocks({"CLOCK_MONOTONIC": 3600.0, "monotonic": 60.0})),
        ("win32", Clocks({"monotonic": 3600.0})),
    ],
)
def test_an_hour_of_sleep_is_an_hour(platform: str, clocks: Clocks) -> None:
    """Each system has one clock that goes on, and on two of them it is not Python's own."""
    assert uptime_of(platform, clocks)() == 3600.0


# Files


def test_where_files_have_no_modes_nobody_is_warned_of_them(tmp_path: Path) -> None:
    """Windows says 0666 of every file (`os.stat`), and lets in only those of the folder."""
    file = tmp_path / "config.toml"
    file.write_text("")
    file.chmod(0o666)
    tmp_path.chmod(0o777)
    assert not is_readable_by_others(file, has_modes=False)
    assert not may_be_of_another(file, has_modes=False)
    assert folder_warning(tmp_path, has_modes=False) is None
    if sys.platform != "win32":
        assert is_readable_by_others(file)
        assert may_be_of_another(file)
        assert "everybody can write" in str(folder_warning(tmp_path))


def test_a_file_that_another_program_has_open_for_a_moment_is_replaced() -> None:
    """As a scanner for viruses has every new one."""
    clock, replacing = ManualClock(), Replacing(refusals=3)
    put_in_place(Path("new"), Path("old"), replace=replacing, clock=clock)
    assert replacing.done == [(Path("new"), Path("old"))]
    assert 0 < clock.now_s < REPLACED_WITHIN_S


def test_one_that_stays_open_or_may_not_be_written_is_an_error() -> None:
    """The first after a second, the other at once."""
    clock = ManualClock()
    with pytest.raises(FileInUseError):
        put_in_place(Path("new"), Path("old"), replace=Replacing(refusals=999), clock=clock)
    assert clock.now_s == pytest.approx(REPLACED_WITHIN_S, abs=0.1)
    clock = ManualClock()
    with pytest.raises(PermissionError):
        put_in_place(Path("a"), Path("b"), replace=Replacing(1, PermissionError), clock=clock)
    assert clock.now_s == 0.0


@needs_unix
def test_a_name_of_any_length_will_do_where_it_is_no_socket(tmp_path: Path) -> None:
    """On Windows it is a file that names the pipe."""
    long = AppPaths(data=tmp_path / ("d" * 100), config=tmp_path)
    wanted = long.data / "control.sock"
    assert address_near(wanted, user=None) == wanted
    assert long.control != wanted


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file that not even root may write")
def test_a_file_that_is_refused_on_windows_has_a_remedy_that_is_of_there() -> None:
    """No sudo and no chown."""
    file = Path("/proc/sys/kernel/random/boot_id")
    error = refused(file, os.O_WRONLY, has_modes=False)
    assert error is not None
    assert "Close the program that has it open" in error.remedy
    assert "sudo" not in error.remedy
    here = refused(file, os.O_WRONLY)
    assert here is not None
    assert "sudo chown" in here.remedy


# Memory


@pytest.mark.parametrize(
    ("machine", "lacks"),
    [
        (Machine(NEEDED_BYTES * 2, swap_bytes=None), False),
        (Machine(NEEDED_BYTES // 2, swap_bytes=None), True),
        (Machine(NEEDED_BYTES // 2, swap_bytes=NEEDED_BYTES), False),
    ],
)
def test_memory_is_judged_without_the_counters_of_windows(machine: Machine, lacks: bool) -> None:  # noqa: FBT001
    """They can be switched off, and then swap files count for nothing."""
    assert lacks_memory(machine, limits=None) is lacks


@needs_unix
def test_a_unix_has_limits() -> None:
    """Windows has none of the kind (`resource` is of Unix)."""
    limits = own_limits()
    assert limits is not None
    assert limits.getrlimit(limits.RLIMIT_CORE)[1] >= -1


def test_on_windows_no_video_is_refused_for_its_memory() -> None:
    """What counts as the program's own has libraries in it that were loaded meanwhile."""
    watch = MemoryWatch(PieceLimit(Path("nowhere")), WATCHED, platform="win32")
    assert not [one for one in threading.enumerate() if one.name == "posturecam memory"]
    watch.refuse_excess()
    watch.stop()


# Other programs


def test_a_program_apart_hears_no_ctrl_c_of_ours() -> None:
    """By a session of its own; on Windows by a group of its own, and without a window."""
    assert apart("linux") == apart("darwin") == {"start_new_session": True}
    assert apart("win32") == {"creationflags": NEW_GROUP | NO_WINDOW}
    if sys.platform == "win32":
        assert subprocess.CREATE_NEW_PROCESS_GROUP == NEW_GROUP
        assert subprocess.CREATE_NO_WINDOW == NO_WINDOW


STARTS_ANOTHER = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"])
print(child.pid, flush=True)
child.wait()
"""


@pytest.mark.parametrize("platform", [sys.platform, "win32"])
def test_a_program_ends_with_what_it_started(platform: str) -> None:
    """Real ones: as a group, or one by one where there are no groups to be killed."""
    with Started(
        [sys.executable, "-c", STARTS_ANOTHER], stdout=subprocess.PIPE, **apart()
    ) as process:
        assert process.stdout is not None
        child = psutil.Process(int(process.stdout.readline()))
        end_tree(process.pid, platform)
        assert process.wait(DEADLINE_S) != 0
        wait_until(lambda: _is_over(child), "what it started ends, too")
    end_tree(process.pid, "win32")  # it is gone, and nothing happens


def _is_over(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize(
    ("names", "asked"),
    [
        (("SIGINT", "SIGTERM", "SIGHUP", "SIGTSTP"), ["SIGINT", "SIGTERM", "SIGHUP"]),
        (("SIGINT", "SIGTERM", "SIGBREAK"), ["SIGINT", "SIGTERM", "SIGBREAK"]),
    ],
)
def test_each_signal_that_a_system_has_ends_a_program(
    names: tuple[str, ...], asked: list[str]
) -> None:
    """Windows has other ones (`signal`, Python Library Reference)."""
    found = ending_signals(SimpleNamespace(**dict(zip(names, names, strict=True))))
    assert list(map(str, found)) == asked


def test_where_there_is_no_ctrl_z_nothing_is_held() -> None:
    """And no handler is put anywhere."""
    before = signal.getsignal(signal.SIGINT)
    none = CtrlZ(number=None)
    none.hold()
    none.give_back()
    assert not none.requested
    assert signal.getsignal(signal.SIGINT) is before


# What one types


def test_the_command_is_named_as_windows_finds_it(tmp_path: Path) -> None:
    """An installed script starts itself by a name without its ending (pip's launchers)."""
    scripts = tmp_path / "Scripts"
    scripts.mkdir()
    program = scripts / "posturecam.exe"
    program.write_bytes(b"MZ")
    started = str(scripts / "posturecam")
    assert own_command(started, lambda _: str(program), "win32") == "posturecam"
    elsewhere = tmp_path / "posturecam.exe"
    elsewhere.write_bytes(b"MZ")
    assert own_command(started, lambda _: str(elsewhere), "win32") == quoted_word(started, "win32")
    assert own_command(started, lambda _: None, "win32") == quoted_word(started, "win32")


@pytest.mark.parametrize(
    ("word", "windows", "unix"),
    [
        (r"C:\py\python.exe", r"C:\py\python.exe", r"'C:\py\python.exe'"),
        (r"C:\Program Files\py.exe", r'"C:\Program Files\py.exe"', r"'C:\Program Files\py.exe'"),
        ("a&b", '"a&b"', "'a&b'"),
        ("--profile", "--profile", "--profile"),
    ],
)
def test_a_word_is_quoted_as_its_shell_reads_it(word: str, windows: str, unix: str) -> None:
    """The prompt of Windows knows no single quotation marks, and takes a backslash as it is."""
    assert quoted_word(word, "win32") == windows
    assert quoted_word(word, "linux") == unix
    assert quoted_words(["posturecam", word], "win32") == f"posturecam {windows}"


def test_words_of_a_process_are_covered_on_linux_alone() -> None:
    """Elsewhere nothing is touched: SECURITY says so."""
    cover_addresses("darwin")
    cover_addresses("win32")


# Autostart and the desktop


@pytest.mark.parametrize(
    ("platform", "environment", "file"),
    [
        ("darwin", {}, "Library/LaunchAgents/org.posturecam.watch.plist"),
        (
            "win32",
            {"APPDATA": "{home}/Roaming"},
            "Roaming/Microsoft/Windows/Start Menu/Programs/Startup/posturecam.cmd",
        ),
        (
            "win32",
            {},
            "AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup/posturecam.cmd",
        ),
    ],
)
def test_autostart_of_each_system_goes_on_and_off(
    platform: str,
    environment: dict[str, str],
    file: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In a home with spaces and another script; what is written is what that system reads."""
    home = tmp_path / "Élan 机 дом"
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setenv("POSTURECAM_HOME", str(home / "data 100%"))
    there = {name: value.format(home=home) for name, value in environment.items()}
    plan = autostart.make_plan(platform, there)
    assert plan.file == home / file
    assert autostart.status(plan) == "autostart: off"
    assert str(plan.file) in autostart.enable(plan)
    assert autostart.status(plan).startswith("autostart: on")
    assert not autostart.start_enabled(plan)
    if platform == "darwin":
        agent = plistlib.loads(plan.file.read_bytes())
        assert agent["ProgramArguments"] == list(plan.words)
        assert agent["EnvironmentVariables"] == {"POSTURECAM_HOME": str(home / "data 100%")}
        assert agent["RunAtLoad"] is True
    else:
        lines = plan.file.read_bytes().decode().split("\r\n")
        assert f'set "POSTURECAM_HOME={home / "data 100%%"}"' in lines
        assert lines[-2].endswith('"watch" "--format" "plain"')
        assert "\n" not in "".join(lines)
    assert "is removed" in autostart.disable(plan)
    assert not plan.file.exists()


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_what_is_of_a_linux_desktop_is_not_elsewhere(
    platform: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """No menu entry, no entry for the tray, no library of the system; no desktop is asked."""
    assert find_menu_entry(platform) is None
    assert find_tray_entry(platform) is None
    assert missing_libraries(platform) == ()
    assert list(library_checks(platform)) == []
    desktop = open_desktop(lock=True, calls=True, platform=platform)
    assert isinstance(desktop, NoDesktop)
    assert desktop.state().locked is None
    desktop.close()
    # There is a display without a variable that names it.
    assert why_no_window({}, platform) is None
    assert window_environment({"DISPLAY": ":0"}, platform) == {"DISPLAY": ":0"}
    refuse_without_desktop({}, platform)
    with capfd.disabled():
        assert nobody_looks({}, platform) is not (sys.stdout.isatty() or sys.stderr.isatty())


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_the_guard_says_that_there_is_none(platform: str) -> None:
    """And loads none."""

    def load() -> None:
        raise AssertionError

    status = install(load, platform)
    assert not status.active
    assert status.reason == f"{platform} has no seccomp"


def test_each_library_is_looked_for_on_linux() -> None:
    """What is said of one that does not load is tested with `doctor`."""
    assert [check.name for check in library_checks("linux")] == list(SYSTEM_LIBRARIES)


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_messages_go_to_the_service_that_the_system_has(platform: str) -> None:
    """With its own sound; the newest takes the place of the one before."""
    centre = NotificationCentre()
    with closing(
        DesktopNotifier(
            Inbox(), ManualClock(), sound=True, platform=platform, make_backend=lambda: centre
        )
    ) as notifier:
        notifier.send("Leaning forward for 3 min", "Lean back.")
        notifier.send("Sitting for 50 min", "Stand up.")
        wait_until(lambda: len(centre.shown) == 2, lambda: notifier.problem)
        assert notifier.problem is None
        assert notifier.lacks == ()
    assert [shown.sound.name for shown in centre.shown if shown.sound] == ["default", "default"]
    assert centre.taken_away == [shown.identifier for shown in centre.shown]


# Cameras


@pytest.mark.parametrize(
    ("platform", "way"), [("linux", cv2.CAP_V4L2), ("darwin", cv2.CAP_ANY), ("win32", cv2.CAP_ANY)]
)
def test_a_camera_is_opened_by_the_way_of_the_system(platform: str, way: int) -> None:
    """By its number; where OpenCV knows several ways, it takes the first that works."""
    asked: list[tuple[Any, ...]] = []

    def make(*words: Any) -> cv2.VideoCapture:
        asked.append(words)
        return cv2.VideoCapture()

    assert open_camera(1, platform=platform, make=make) is None
    assert asked == [(1, way)]


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_what_a_system_would_copy_is_not_thrown_away(platform: str) -> None:
    """Linux can do it without, and leaves just what is to be kept."""
    if platform == "linux" != sys.platform:
        pytest.skip("only Linux can")
    sent = bytes(range(250)) * 200
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as camera,
        server.accept()[0] as connection,
    ):
        connection.settimeout(20)
        camera.sendall(sent)
        # With a limit, Python has the system wait for the first bytes only.
        wait_until(lambda: connection.recv(len(sent), socket.MSG_PEEK) == sent, "all has come")
        kept = 1234 if platform == "linux" else len(sent)
        thrown = thrown_away(connection, 1 << 20, 1234, platform=platform)
        assert thrown == len(sent) - kept
        assert thrown_away(connection, 1 << 20, 1234, platform=platform) == 0
        assert connection.recv(kept, socket.MSG_WAITALL) == sent[-kept:]


def test_sizes_are_asked_of_no_camera_that_has_no_node() -> None:
    """As of one that is a number."""
    assert offer_of("1") is None


@pytest.mark.parametrize(
    ("python", "machine"), [("win-amd64", "amd64"), ("win-arm64", "arm64"), ("win32", "win32")]
)
def test_on_windows_the_processor_is_the_one_of_python(python: str, machine: str) -> None:
    """An ARM machine runs programs for x86-64, and its libraries with them (`sysconfig`)."""
    assert machine_of("Windows", "ARM64", python) == machine
    assert machine_of("Darwin", "arm64", "macosx-11.0-universal2") == "arm64"


@needs_unix
def test_who_is_at_the_other_end_is_not_told_everywhere() -> None:
    """On a Mac the mode of the socket decides."""
    end, other = socket.socketpair()
    with end, other:
        assert peer_user(end, option=None) is None
        if sys.platform == "linux":
            assert peer_user(end) == os.getuid()


def test_the_clock_follows_a_zone_where_it_can() -> None:
    """Without `tzset`, as on Windows, the time is told all the same."""

    class WithoutZone(SystemClock):
        _follow_zone = staticmethod(lambda: None)

    assert abs((WithoutZone().utc_now() - SystemClock().utc_now()).total_seconds()) < 60


@needs_unix
def test_ffmpeg_opens_a_pipe_by_its_name_where_a_number_means_nothing(tmp_path: Path) -> None:
    """The real one reads a clip through a pipe in the file system."""
    clip, picture = tmp_path / "clip.avi", desk(0)
    size = (picture.shape[1], picture.shape[0])
    writer = cv2.VideoWriter(str(clip), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, size)
    for _ in range(20):
        writer.write(picture)
    writer.release()
    pipe = NamedPipe(str(tmp_path / "pipe"), Fifo, partial(open, mode="rb"))
    stream = io.BytesIO(clip.read_bytes())
    pump = threading.Thread(target=pipe.pump, args=[stream])
    pump.start()
    video = cv2.VideoCapture(pipe.name, cv2.CAP_FFMPEG)
    assert [video.grab() for _ in range(8)] == [True] * 8
    video.release()  # in the middle of it
    pump.join(DEADLINE_S)
    assert not pump.is_alive()


@needs_unix
def test_a_pipe_that_nobody_has_opened_holds_up_no_end(tmp_path: Path) -> None:
    """FFmpeg failed before it came to that."""
    pipe = NamedPipe(str(tmp_path / "pipe"), Fifo, partial(open, mode="rb"))
    pump = threading.Thread(target=pipe.pump, args=[io.BytesIO()])
    pump.start()
    pipe.close()
    pump.join(DEADLINE_S)
    assert not pump.is_alive()


@needs_unix
def test_each_system_has_its_kind_of_pipe() -> None:
    """A Unix one by number, which FFmpeg knows as `pipe:`."""
    numbered = make_pipe()
    assert numbered.name.startswith("pipe:")
    numbered.pump(io.BytesIO(b"a picture"))
    numbered.close()
    with pytest.raises(ValueError, match="not recognized"):
        make_pipe("win32")  # by a name that no other system can make
