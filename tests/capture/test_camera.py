"""Stories of sources: files as they come, a camera on the network, and one that fails."""

from __future__ import annotations

import errno
import itertools
import math
import resource
import signal
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.base.clock import SystemClock
from posturecam.base.errors import SourceError
from posturecam.capture.ffmpeg_memory import WATCHED, MemoryWatch
from posturecam.capture.find import find_source
from posturecam.capture.live import LiveSource
from posturecam.capture.opencv import LONGEST_SIDE_PX, PIECES, open_piped
from posturecam.capture.recorded import SECONDS_PER_PICTURE, media_time_s, read_picture
from posturecam.capture.source import LOST_AFTER_S
from posturecam.values.observation import Frame
from tests.cameras import FakeCapture, bomb_jpeg
from tests.fakes import ManualClock
from tests.memory import grows_by_less_than
from tests.program import run_python
from tests.started import Started
from tests.streams import STREAM_PATH, MjpegServer, as_jpegs, write_video
from tests.waiting import DEADLINE_S, FastClock, let_pass, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from posturecam.base.clock import Clock
    from posturecam.capture.byte_pipes import NumberedPipe

RATE_HZ = 10.0
FRAMES = 12
HLS = "application/vnd.apple.mpegurl"
no_camera_here = pytest.mark.skipif(
    any(Path("/dev").glob("video*")) or sys.platform != "linux",
    reason="this machine has a camera, or keeps them elsewhere",
)


def _at_its_pace(_: int) -> bool:
    """Keeps a fake from spinning a core."""
    let_pass(0.002, "a device takes its time over a picture")
    return True


def _fails_at(number: int, failure: Exception | None = None) -> Callable[[int], bool]:
    """Grabs as a driver does that fails then."""

    def grabs_well(grab: int) -> bool:
        if grab >= number and failure is not None:
            raise failure
        return grab < number

    return grabs_well


def _live(
    capture: FakeCapture | None, *, clock: Clock, opening: Callable[[], None] = lambda: None
) -> LiveSource:
    """A live source that gets this capture, after `opening`."""

    def open_capture(_wanted: threading.Event) -> FakeCapture | None:
        opening()
        return capture

    return LiveSource(
        name="camera 7",
        open_capture=open_capture,
        clock=clock,
        explain=lambda opened: SourceError("opened" if opened else "not opened"),
    )


def _picture(level: int = 90, *, height_px: int = 48, width_px: int = 64) -> NDArray[np.uint8]:
    return np.full((height_px, width_px, 3), level, np.uint8)


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Twelve frames at 10 Hz, 64x48, each 20 grey levels lighter."""
    path = tmp_path / "talk.avi"
    write_video(path, [_picture(20 * index) for index in range(FRAMES)])
    return path


def _write_picture(path: Path, image: NDArray[np.unsignedinteger]) -> Path:
    done, data = cv2.imencode(path.suffix, image)
    assert done
    path.write_bytes(data.tobytes())
    return path


def _frames_of(spec: str | Path, interval_s: float = 0.0) -> list[Frame]:
    with find_source(str(spec), clock=ManualClock()).open() as source:
        return [item for item in source.frames(interval_s) if isinstance(item, Frame)]


def _next_frame(items: Iterator[Frame | None]) -> Frame:
    item = next(items)
    assert isinstance(item, Frame)
    return item


def _reader_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "posturecam camera"]


# Videos


def test_a_video_is_timed_by_its_own_frames(video: Path) -> None:
    """Every frame arrives, in order, at index over rate, as BGR bytes."""
    frames = _frames_of(video)
    assert [frame.index for frame in frames] == list(range(FRAMES))
    assert [frame.t_s for frame in frames] == pytest.approx(np.arange(FRAMES) / RATE_HZ)
    assert {frame.image.shape for frame in frames} == {(48, 64, 3)}
    assert {frame.image.dtype.name for frame in frames} == {"uint8"}
    assert [float(frame.image.mean()) for frame in frames] == pytest.approx(
        20 * np.arange(FRAMES), abs=3
    )


def test_frames_nearer_than_the_interval_are_left_out(video: Path) -> None:
    """An interval of 0.3 s takes every third frame of ten a second, rounding errors or not."""
    assert [frame.index for frame in _frames_of(video, 0.3)] == [0, 3, 6, 9]


def test_reading_goes_on_where_it_stopped(video: Path) -> None:
    """A second round of frames follows the first: calibrate from the start, then watch on."""
    with find_source(str(video), clock=ManualClock()).open() as source:
        first = _next_frame(source.frames())
        rest = [item.index for item in source.frames() if isinstance(item, Frame)]
    assert [first.index, *rest] == list(range(FRAMES))


@pytest.mark.parametrize(("realtime", "waited_s"), [(True, (FRAMES - 1) / RATE_HZ), (False, 0.0)])
def test_a_video_keeps_its_pace_only_when_asked(
    video: Path, *, realtime: bool, waited_s: float
) -> None:
    """In real time the last frame of 1.2 s comes after 1.1 s; otherwise nothing waits."""
    clock = ManualClock()
    began_s = clock.now_s
    with find_source(str(video), clock=clock, realtime=realtime).open() as source:
        assert sum(1 for _ in source.frames()) == FRAMES
    assert clock.now_s - began_s == pytest.approx(waited_s)


def test_a_closed_video_has_no_more_frames(video: Path) -> None:
    """Closing ends the iteration and may be done twice."""
    source = find_source(str(video), clock=ManualClock()).open()
    frames = source.frames()
    _next_frame(frames)
    source.close()
    source.close()
    assert list(frames) == []


def test_a_cut_off_video_gives_what_it_holds(tmp_path: Path) -> None:
    """A recording that broke off is watched up to the break."""
    noise = np.random.default_rng(1).integers(0, 255, (FRAMES, 240, 320, 3), dtype=np.uint8)
    path = tmp_path / "cut.avi"
    write_video(path, list(noise))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert 0 < len(_frames_of(path)) < FRAMES


@pytest.mark.parametrize(("width_px", "height_px"), [(96, 160), (1600, 400)])
def test_a_video_keeps_its_shape(tmp_path: Path, width_px: int, height_px: int) -> None:
    """Portrait stays portrait; what is larger than the limit is scaled down as a whole."""
    path = tmp_path / "shape.avi"
    write_video(path, [_picture(height_px=height_px, width_px=width_px)] * 2)
    shrink = min(1.0, LONGEST_SIDE_PX / max(width_px, height_px))
    shape = (round(height_px * shrink), round(width_px * shrink), 3)
    assert [frame.image.shape for frame in _frames_of(path)] == [shape, shape]


def test_the_demo_ships_with_the_package() -> None:
    """`demo` is a clip of its own, whatever the folder."""
    with find_source("demo", clock=ManualClock()).open() as source:
        frames = source.frames(1.0)
        assert (source.name, source.live) == ("demo", False)
        assert [_next_frame(frames).t_s for _ in range(3)] == pytest.approx([0, 1, 2])


TIMES_S = st.floats() | st.floats(0, 100)


@given(st.lists(TIMES_S, max_size=40), st.floats() | st.floats(1, 60))
def test_video_time_always_grows(positions_s: list[float], rate_hz: float) -> None:
    """Whatever the container claims, times are finite, from 0 on and strictly growing."""
    times_s = [-math.inf]
    for index, position_s in enumerate(positions_s):
        times_s.append(
            media_time_s(position_s=position_s, index=index, rate_hz=rate_hz, last_s=times_s[-1])
        )
    assert all(math.isfinite(t_s) and t_s >= 0 for t_s in times_s[1:])
    assert all(earlier < later for earlier, later in itertools.pairwise(times_s))


@pytest.mark.parametrize(
    ("position_s", "rate_hz", "last_s", "expected_s"),
    [
        (3.7, 10.0, 3.2, 3.7),  # variable rate: the container knows
        (0.0, 10.0, 0.4, 0.5),  # no positions: count
        (math.nan, 10.0, 0.4, 0.5),
        (1e300, 10.0, 0.4, 0.5),
        (0.0, 0.0, 0.1, 0.2),  # no rate either: 25 a second
        (0.0, math.nan, 0.1, 0.2),
        (0.0, 5e-324, 0.1, 0.2),  # a rate at which the next frame would never come
        (2.0, 10.0, 7.0, 7.1),  # back in time: one step on
    ],
)
def test_video_time_comes_from_the_best_there_is(
    position_s: float, rate_hz: float, last_s: float, expected_s: float
) -> None:
    """The container's position where it grows, else the count, else one step more."""
    t_s = media_time_s(position_s=position_s, index=5, rate_hz=rate_hz, last_s=last_s)
    assert t_s == pytest.approx(expected_s)


# Pictures


def test_a_folder_is_read_by_name_and_names_what_it_cannot_read(tmp_path: Path) -> None:
    """Pictures come sorted, a second apart; a cut-off one is passed over, hidden ones are none."""
    for name, level in (("b.jpg", 50), ("a.png", 200), ("d.JPG", 120)):
        _write_picture(tmp_path / name.lower(), _picture(level)).rename(tmp_path / name)
    whole = (tmp_path / "b.jpg").read_bytes()
    (tmp_path / "c.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "._a.png").write_bytes(b"\0\5\x16\7")
    (tmp_path / "notes.txt").write_text("not a picture", encoding="utf-8")
    with find_source(str(tmp_path), clock=ManualClock()).open() as source:
        frames = [item for item in source.frames() if isinstance(item, Frame)]
        assert list(source.skipped) == ["c.jpg"]
        assert source.name == tmp_path.name
    assert [frame.name for frame in frames] == ["a.png", "b.jpg", "d.JPG"]
    assert [frame.t_s for frame in frames] == [index * SECONDS_PER_PICTURE for index in (0, 1, 3)]
    assert [round(float(frame.image.mean())) for frame in frames] == [200, 50, 120]


def test_a_folder_of_which_no_picture_can_be_read_is_named(tmp_path: Path) -> None:
    """However few there are in it."""
    (tmp_path / "a.jpg").write_bytes(b"not a picture")
    with (
        find_source(str(tmp_path), clock=ManualClock()).open() as source,
        pytest.raises(SourceError, match=f"No picture in {tmp_path.name} can be read"),
    ):
        list(source.frames())


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [((40, 30), "uint8"), ((40, 30, 4), "uint8"), ((40, 30, 3), "uint16"), ((1, 1, 3), "uint8")],
    ids=["grey", "transparent", "16 bit", "one pixel"],
)
def test_every_kind_of_picture_becomes_bgr(
    tmp_path: Path, shape: tuple[int, ...], dtype: str
) -> None:
    """Grey, transparent, 16-bit and tiny pictures arrive as (height, width, 3) bytes."""
    level = np.iinfo(dtype).max // 2
    path = _write_picture(tmp_path / "one.png", np.full(shape, level, dtype))
    (frame,) = _frames_of(path)
    assert (frame.image.shape, frame.image.dtype.name) == ((*shape[:2], 3), "uint8")
    assert float(frame.image.mean()) == pytest.approx(127, abs=1)


@pytest.mark.parametrize(
    ("height_px", "width_px", "shape"),
    [(2560, 1920, (1280, 960, 3)), (1280, 720, (1280, 720, 3)), (5000, 1, (1280, 1, 3))],
)
def test_huge_pictures_are_scaled_down(
    tmp_path: Path, height_px: int, width_px: int, shape: tuple[int, ...]
) -> None:
    """The longer side is at most 1280 px and no side vanishes."""
    path = _write_picture(tmp_path / "p.png", _picture(height_px=height_px, width_px=width_px))
    assert read_picture(path).shape == shape


# What is refused


def _bad_sources(folder: Path) -> dict[str, str]:
    """Sources that cannot be read, with a word that the refusal must contain."""
    (folder / "void.mp4").write_bytes(b"")
    (folder / "void.jpg").write_bytes(b"")
    (folder / "prose.mp4").write_text("No moving picture. " * 500, encoding="utf-8")
    (folder / "prose.png").write_text("No picture. " * 500, encoding="utf-8")
    png = bytearray(_write_picture(folder / "hurt.png", _picture()).read_bytes())
    png[60:70] = bytes(10)
    (folder / "hurt.png").write_bytes(png)
    (folder / "none").mkdir()
    (folder / "broken").mkdir()
    (folder / "broken" / "one.jpg").write_bytes(b"\xff\xd8\xff")
    names = ["void.mp4", "void.jpg", "prose.mp4", "prose.png", "hurt.png", "gone.mp4", "none"]
    return {
        **{str(folder / name): name for name in names},
        str(folder / "broken"): "broken",
        "": "No source",
        "-1": "-1",
        "n" * 5000: "nnn",
        "http://": "address",
        "ftp://host/clip": "address",
        "http://[::1/": "address",
        "http://127.0.0.1:9/stream": "127.0.0.1:9",
    }


def test_each_bad_source_is_refused_in_two_lines_and_in_silence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """What happened, naming the source, and what to do; the libraries add nothing."""
    for spec, word in _bad_sources(tmp_path).items():
        with pytest.raises(SourceError) as refusal:
            _frames_of(spec)
        assert word in refusal.value.what
        assert refusal.value.remedy
        assert len(str(refusal.value).splitlines()) == 2
        assert refusal.value.exit_code == 3
    assert capfd.readouterr() == ("", "")


def test_a_video_that_cannot_be_decoded_is_told_its_codec(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """AV1 is read by no decoder of the wheels, and is not cut short for that."""
    avif = cv2.imencode(".avif", _picture(height_px=240, width_px=320))[1].tobytes()
    picture = b"\x12\0" + avif[avif.index(b"mdat") + 4 :]
    path = tmp_path / "new.ivf"
    head = struct.pack("<4sHH4sHHIII4x", b"DKIF", 0, 32, b"AV01", 320, 240, 10, 1, 1)
    path.write_bytes(head + struct.pack("<IQ", len(picture), 0) + picture)
    with pytest.raises(SourceError, match="codec is AV01") as refusal:
        find_source(str(path), clock=ManualClock()).open()
    assert "short" not in str(refusal.value)
    assert capfd.readouterr() == ("", "")


def test_opencv_stays_silent_even_when_it_was_loaded_first(tmp_path: Path) -> None:
    """Another library may import OpenCV before us; its messages are switched off all the same."""
    program = (
        "import sys, cv2\n"
        "from posturecam.capture.find import find_source\n"
        "from posturecam.base.clock import SystemClock\n"
        "from posturecam.base.errors import SourceError\n"
        "for spec in sys.argv[1:]:\n"
        "    try: list(find_source(spec, clock=SystemClock()).open().frames())\n"
        "    except SourceError: print('refused')\n"
    )
    specs = [*_bad_sources(tmp_path), "99"]
    assert run_python(program, *specs).split() == ["refused"] * len(specs)


@no_camera_here
@pytest.mark.parametrize("spec", ["0", "42", "700", "/dev/video0"])
def test_a_camera_that_is_not_there_is_refused(spec: str) -> None:
    """The number of a missing camera ends in a clear refusal; 700 is no driver's number."""
    with pytest.raises(SourceError, match="no other camera was found"):
        find_source(spec, clock=SystemClock()).open()


# A camera on the network, for real


@pytest.fixture
def server() -> Iterator[MjpegServer]:
    """A camera that sends a dark and a light picture in turn."""
    with MjpegServer(as_jpegs([_picture(60), _picture(160)]), rate_hz=40) as running:
        yield running
    assert _reader_threads() == []


def test_a_stream_delivers_pictures_on_the_clock(server: MjpegServer) -> None:
    """Frames are at least the interval apart, numbered, and hold what was sent."""
    with find_source(server.url, clock=SystemClock()).open() as source:
        assert (source.name, source.live) == (server.url.removesuffix(STREAM_PATH), True)
        frames = [_next_frame(items) for items in [source.frames(0.1)] for _ in range(5)]
    assert [frame.index for frame in frames] == list(range(5))
    assert {round(float(frame.image.mean())) for frame in frames} <= {60, 160}
    assert min(np.diff([frame.t_s for frame in frames])) >= 0.1


def test_what_is_no_bounded_jpeg_is_passed_over_in_a_stream() -> None:
    """Nothing, a half, other formats, and what asks for gigabytes or seconds: none ends it."""
    (whole,) = as_jpegs([_picture(60)])
    others = [cv2.imencode(kind, _picture(200))[1].tobytes() for kind in (".png", ".webp", ".tiff")]
    bombs = [
        bomb_jpeg(65_500, 65_500, progressive=True),
        bomb_jpeg(65_500, 65_500, progressive=False),
        bomb_jpeg(640, 480, progressive=True, scans=2000),
    ]
    with (
        grows_by_less_than(50),
        MjpegServer([whole, b"", whole[: len(whole) // 2], *others, *bombs], rate_hz=40) as hostile,
        find_source(hostile.url, clock=SystemClock()).open() as source,
    ):
        items = source.frames()
        assert {round(float(_next_frame(items).image.mean())) for _ in range(6)} == {60}


def test_a_part_that_says_it_has_gigabytes_gets_no_memory_for_them() -> None:
    """The connection is lost, and may be made anew."""
    (whole,) = as_jpegs([_picture(60)])
    with (
        grows_by_less_than(100),
        MjpegServer([whole + bytes(8_000_000)], rate_hz=40) as hostile,
        find_source(hostile.url, clock=SystemClock()).open() as source,
    ):
        hostile.claimed_bytes = 2_000_000_000
        with pytest.raises(SourceError, match="No picture"):
            list(source.frames())


class _Gigabytes:
    """A stream of parts, the third of which says that it has two gigabytes and has many of them."""

    def __init__(self, jpeg: bytes) -> None:
        head = b"--edge\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
        whole = head % len(jpeg) + jpeg + b"\r\n"
        self._next = whole * 2 + head % 2_000_000_000
        self.left_bytes = 400_000_000

    def read1(self, size: int) -> bytes:
        sent, self._next = self._next[:size] or bytes(size), self._next[size:]
        self.left_bytes -= len(sent)
        return sent if self.left_bytes > 0 else b""

    def close(self) -> None:
        self.left_bytes = 0


@pytest.mark.skipif(not PIECES.holds, reason="this OpenCV links FFmpeg in another way")
def test_ffmpeg_gets_no_gigabytes_either() -> None:
    """It would take them as they come, up to what the part says."""
    (whole,) = as_jpegs([_picture(60)])
    with grows_by_less_than(150):
        capture = open_piped(_Gigabytes(whole))
        assert capture is not None
        while capture.grab():
            pass
        capture.release()


class _Greedy:
    """Bytes that are no picture, and memory that fills up while they are read."""

    def __init__(self) -> None:
        self.closed = False
        self._taken: list[bytes] = []

    def read1(self, size: int) -> bytes:
        if len(self._taken) < 8:
            self._taken.append(b"x" * 50_000_000)
        return b"" if self.closed else b"x" * size

    def close(self) -> None:
        self.closed = True


@pytest.mark.skipif(not PIECES.holds, reason="this OpenCV links FFmpeg in another way")
def test_a_stream_that_takes_too_much_while_it_is_opened_is_hung_up_on() -> None:
    """Every try would leave a connection, a thread and a file open otherwise."""
    files = psutil.Process().num_fds()
    stream = _Greedy()
    with pytest.raises(SourceError, match="too much memory"):
        open_piped(stream)

    assert stream.closed
    assert "posturecam stream" not in {thread.name for thread in threading.enumerate()}
    assert psutil.Process().num_fds() == files


def test_a_stream_for_which_there_is_no_pipe_is_hung_up_on() -> None:
    """Every try to open it would hold one more connection to the camera."""

    def none_left() -> NumberedPipe:
        raise OSError(errno.EMFILE, "Too many open files")

    stream = _Greedy()
    with pytest.raises(OSError, match="Too many open files"):
        open_piped(stream, none_left)
    assert stream.closed


def test_memory_is_guarded_again_after_no_file_could_be_opened() -> None:
    """How much it is stands in a file on Linux; the guard waits until that can be read."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    guard = MemoryWatch(PIECES, WATCHED)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))
        let_pass(0.3, "the guard tries to look, and cannot")
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        guard.refuse_excess()
        taken = b"x" * 400_000_000

        def refuses() -> bool:
            try:
                guard.refuse_excess()
            except SourceError as refusal:
                return "too much memory" in str(refusal)
            return False

        wait_until(refuses)
        assert len(taken) == 400_000_000
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        guard.stop()


def test_a_stream_that_stalls_is_lost_but_not_at_once(server: MjpegServer) -> None:
    """An open but silent connection: nothing about once a second, and the end after five."""
    clock = FastClock()
    with find_source(server.url, clock=clock).open() as source:
        items = source.frames()
        _next_frame(items)
        server.stall()
        heard: list[Frame | None] = []
        silent_s = clock.monotonic_s()
        with pytest.raises(SourceError, match="No picture"):
            heard.extend(items)
        assert clock.monotonic_s() - silent_s >= LOST_AFTER_S
        assert heard.count(None) >= 3
        server.resume()


def test_a_silent_camera_is_waited_for_in_short_steps() -> None:
    """Whoever reads it gets a word in about once a second, and pictures again when they come."""
    silent = threading.Event()
    clock = ManualClock()

    def hang_while_silent(grab: int) -> bool:
        while silent.is_set():
            let_pass(0.02, "a driver hangs in a system call")
            clock.wait_s(0.05)
        return _at_its_pace(grab)

    with _live(FakeCapture(hang_while_silent), clock=clock) as source:
        items = source.frames()
        _next_frame(items)
        silent.set()
        assert next(item for item in items if not isinstance(item, Frame)) is None
        silent.clear()
        assert next(item for item in items if item is not None).index >= 1


def test_a_playlist_cannot_name_another_host(server: MjpegServer, tmp_path: Path) -> None:
    """Neither a playlist on a server nor one on disk makes the program call a host in it."""
    part = server.url.replace(".mjpg", ".ts")
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{part}\n#EXT-X-ENDLIST\n"
    on_disk = tmp_path / "list.m3u8"
    on_disk.write_text(playlist, encoding="utf-8")
    with MjpegServer([playlist.encode()], content_type=HLS) as elsewhere:
        for spec in (elsewhere.url, str(on_disk)):
            with pytest.raises(SourceError):
                find_source(spec, clock=SystemClock()).open()
    assert (elsewhere.requests, server.requests) == (1, 0)


def test_a_proxy_from_the_environment_is_not_used(
    server: MjpegServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pictures of a camera do not travel through a third machine."""
    with MjpegServer(as_jpegs([_picture()])) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        with find_source(server.url, clock=SystemClock()).open() as source:
            _next_frame(source.frames())
    assert (proxy.requests, server.requests) == (0, 1)


def test_a_decoder_that_is_still_at_work_does_not_abort_the_end() -> None:
    """What autostart sees is the code of the watch, not a signal that means a failure."""
    script = (
        "import cv2, numpy as np, threading\n"
        "from posturecam.__main__ import end\n"
        "jpeg = cv2.imencode('.jpg', np.zeros((2000, 2000, 3), np.uint8))[1]\n"
        "def decode():\n"
        "    while True: cv2.imdecode(jpeg, 1)\n"
        "for _ in range(4): threading.Thread(target=decode, daemon=True).start()\n"
        "print('written')\n"
        "end(130)\n"
    )
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (130, "written\n", "")


def test_interrupting_works_while_a_stream_is_silent(server: MjpegServer) -> None:
    """Ctrl-C ends the program, in Python, long before the reader gives the network up."""
    program = (
        "import sys\n"
        "from posturecam.capture.find import find_source\n"
        "from posturecam.base.clock import SystemClock\n"
        "class Slow(SystemClock):\n"
        "    def monotonic_s(self):\n"
        "        return super().monotonic_s() / 100\n"
        "with find_source(sys.argv[1], clock=Slow()).open() as source:\n"
        "    for frame in source.frames():\n"
        "        print('frame', flush=True)\n"
    )
    with Started(
        [sys.executable, "-c", program, server.url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        server.stall()
        process.send_signal(signal.SIGINT)
        _, complaint = process.communicate(timeout=DEADLINE_S)
    assert complaint.splitlines()[-1] == "KeyboardInterrupt"


# A camera that fails, by hand


def test_a_slow_watcher_gets_the_newest_picture() -> None:
    """Pictures that nobody asked for are neither kept nor decoded."""
    capture = FakeCapture(_at_its_pace)
    with _live(capture, clock=SystemClock()) as source:
        items = source.frames()
        first = _next_frame(items)
        seen = int(first.image[0, 0, 0])
        capture.wait_for_grabs(seen + 50)
        assert int(_next_frame(items).image[0, 0, 0]) >= seen + 49
        assert capture.retrieved[-1] >= seen + 49
        assert len(capture.retrieved) == 3  # one to open, two for the watcher
    assert capture.releases == 1
    assert _reader_threads() == []


@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 1), (4, 6, 4)])
def test_every_camera_format_becomes_bgr(shape: tuple[int, ...]) -> None:
    """An infrared camera's grey and a virtual camera's BGRA arrive as BGR."""
    capture = FakeCapture(_at_its_pace, lambda _: (True, np.zeros(shape, np.uint8)))
    with _live(capture, clock=SystemClock()) as source:
        assert _next_frame(source.frames()).image.shape == (4, 6, 3)


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (None, "No picture from camera 7"),
        (cv2.error("the driver gave up"), "No picture from camera 7"),
        (ZeroDivisionError("by a driver"), "camera 7 failed: ZeroDivisionError"),
    ],
)
def test_a_camera_that_fails_is_released_and_says_so(
    failure: Exception | None, words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """However the driver fails, and with no traceback; opening it anew is up to the feed."""
    capture = FakeCapture(_fails_at(2, failure))
    with _live(capture, clock=ManualClock()) as source:
        with pytest.raises(SourceError, match=words):
            list(source.frames())
        assert source.released
    assert capture.releases == 1
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "nothing",
    [
        (False, np.zeros((4, 6, 3), np.uint8)),
        (True, None),
        (True, np.empty((0, 0), np.uint8)),
        cv2.error("damaged"),
    ],
)
def test_whatever_a_decoder_gives_that_is_no_picture_is_passed_over(
    nothing: tuple[bool, NDArray[np.uint8] | None] | cv2.error,
) -> None:
    """One bad picture from a loose cable is no loss of the camera: the next one may be whole."""

    def retrieves(number: int) -> tuple[bool, NDArray[np.uint8] | None]:
        if number >= 3:
            return True, _picture(number)
        if isinstance(nothing, cv2.error):
            raise nothing
        return nothing

    with _live(FakeCapture(_at_its_pace, retrieves), clock=SystemClock()) as source:
        assert int(_next_frame(source.frames()).image[0, 0, 0]) >= 3


def test_a_driver_that_hangs_does_not_hang_the_watch() -> None:
    """A grab that never returns counts as lost, and its device is released once it does."""
    clock = ManualClock()
    way_out = threading.Event()

    def hang_at_the_third(grab: int) -> bool:
        while grab == 2 and not way_out.wait(0.05):
            clock.wait_s(0.5)
        return True

    hanging = FakeCapture(hang_at_the_third)
    source = _live(hanging, clock=clock)
    with pytest.raises(SourceError):
        list(source.frames())
    source.close()
    assert (hanging.releases, source.released) == (0, False)
    way_out.set()
    source.close()
    assert (hanging.releases, source.released) == (1, True)
    assert _reader_threads() == []


@pytest.mark.parametrize(
    ("capture", "what"), [(None, "not opened"), (FakeCapture(_fails_at(0)), "opened")]
)
def test_a_camera_that_never_delivers_is_refused(capture: FakeCapture | None, what: str) -> None:
    """Not to open and not to deliver are told apart, and nothing is left behind."""
    with pytest.raises(SourceError) as refusal:
        _live(capture, clock=ManualClock())
    assert refusal.value.what == what
    assert capture is None or capture.releases == 1
    assert _reader_threads() == []


def test_a_camera_may_take_its_time_over_opening() -> None:
    """Forty seconds in the driver, and then it works."""
    clock = ManualClock()
    capture = FakeCapture(_at_its_pace)

    def slowly() -> None:
        for _ in range(2):
            let_pass(0.3, "whoever waits looks at the clock before and after")
            clock.wait_s(20)
        let_pass(0.3, "and once more")

    with _live(capture, clock=clock, opening=slowly) as source:
        assert _next_frame(source.frames()).index == 0
    assert capture.releases == 1


def test_a_closed_camera_has_no_more_frames() -> None:
    """After closing the iteration ends; it is no loss."""
    source = _live(FakeCapture(_at_its_pace), clock=SystemClock())
    items = source.frames()
    _next_frame(items)
    source.close()
    source.close()
    assert list(items) == []
