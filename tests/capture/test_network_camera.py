"""A camera on the network, for real: what it answers, whom it may be, and what it is told."""

from __future__ import annotations

import socket
import subprocess
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from posturecam.base.addresses import parse_address
from posturecam.base.clock import SystemClock
from posturecam.base.errors import SourceBusyError, SourceError
from posturecam.capture.find import find_source
from posturecam.capture.http_login import login_for
from posturecam.capture.http_stream import open_http
from posturecam.capture.rtsp_question import refuse_unless_described
from tests.program import assert_refused, posturecam
from tests.streams import MjpegServer, RtspServer, as_jpegs, write_video
from tests.terminals import program_or_skip
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posturecam.values.observation import Frame

JPEGS = as_jpegs([np.full((120, 160, 3), 60, np.uint8)])


def first_frame(address: str, *, certificate: str | None = None) -> Frame:
    """The first picture of a camera."""
    with find_source(address, clock=SystemClock(), certificate=certificate).open() as source:
        return next(item for item in source.frames() if item is not None)


def refusal(address: str, *, certificate: str | None = None) -> SourceError:
    """Why a camera has no picture."""
    with pytest.raises(SourceError) as caught:
        first_frame(address, certificate=certificate)
    assert len(str(caught.value).splitlines()) == 2
    return caught.value


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that nobody vouches for, with its key: what cameras come with."""
    folder = tmp_path_factory.mktemp("certificate")
    words = [
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
        *("-days", "2", "-subj", "/CN=camera", "-addext", "subjectAltName=IP:127.0.0.1"),
        *("-keyout", str(folder / "key"), "-out", str(folder / "certificate")),
    ]
    subprocess.run([program_or_skip("openssl"), *words], check=True, capture_output=True)
    both = folder / "both"
    both.write_text((folder / "certificate").read_text() + (folder / "key").read_text())
    return both


@pytest.mark.parametrize(
    ("content_type", "sent", "words"),
    [
        ("image/jpeg", JPEGS, "sends a single picture, not a stream"),
        ("text/html; charset=utf-8", [b"<html>Log in</html>"], "sends a web page, not a stream"),
        ("text/plain", [b"busy"], "sends no video that is read"),
    ],
)
def test_what_is_no_stream_is_told_apart(
    content_type: str, sent: Sequence[bytes], words: str
) -> None:
    """A camera has several addresses, and that of its snapshot or its page is soon copied."""
    with MjpegServer(sent, content_type=content_type) as server:
        assert words in refusal(server.url).what


@pytest.mark.parametrize("kind", [MjpegServer, RtspServer])
@pytest.mark.parametrize(
    ("status", "words"),
    [
        (302, "sends elsewhere (302), and that is not followed"),
        (401, "asks for a user and a password (401)"),
        (403, "refuses this user (403)"),
        (404, "has no stream under this path (404)"),
        (503, "has no stream to give now (503)"),
    ],
)
def test_each_refusal_is_told_apart(
    kind: type[MjpegServer | RtspServer], status: int, words: str
) -> None:
    """A wrong path is repaired in another way than a wrong password or too many viewers.

    FFmpeg, which is not asked after one, would pass none of them on, and go where it is sent.
    """
    with kind() as elsewhere, kind(status=status, redirect_to=elsewhere.url) as server:
        error = refusal(server.url)
    assert words in error.what
    assert isinstance(error, SourceBusyError) == (status == 503)
    assert (len(server.heads), elsewhere.heads) == (1, [])


def test_an_error_of_the_camera_itself_is_told_over_http() -> None:
    """What is no refusal."""
    with MjpegServer(status=500) as server:
        assert "answers with an error (500)" in refusal(server.url).what


@pytest.mark.parametrize("digest", [False, True])
def test_a_camera_gets_user_and_password_when_it_asks(digest: bool) -> None:  # noqa: FBT001
    """Not before; by Digest the password itself is not said."""
    with MjpegServer(JPEGS, login="ann:p/a:ss", digest=digest) as server:
        place = server.url.removeprefix("http://")
        assert first_frame(f"http://ann:p%2Fa%3Ass@{place}").image.shape == (120, 160, 3)
        wrong = refusal(f"http://ann:s3cret@{place}")
        asked = refusal(server.url)
    assert "Authorization" not in server.heads[0]
    assert ("Digest" if digest else "Basic") in server.heads[1]
    assert "does not accept this user and password (401)" in wrong.what
    assert "asks for a user" in asked.what
    assert "s3cret" not in str(wrong)


def test_digest_answers_as_the_standard_shows_it() -> None:
    """RFC 7616, section 3.9.1, both hashes."""
    address = parse_address("http://Mufasa:Circle%20of%20Life@www.example.org/dir/index.html")
    nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
    for name, answer in {
        "MD5": "8ca523f5e9506fed4657c9700eebdbec",
        "SHA-256": "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
    }.items():
        challenge = (
            f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={name}, '
            f'nonce="{nonce}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
        )
        login = login_for(
            ["Basic realm=x", challenge],
            address,
            method="GET",
            uri="/dir/index.html",
            nonce_of_ours="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        )
        assert login is not None
        assert f'response="{answer}"' in login


@pytest.mark.parametrize(
    "challenge",
    [
        "Negotiate",
        'Digest realm="x", nonce="n", qop="auth-int"',
        'Digest realm="x", nonce="n", algorithm=SHA-512-256',
        'Digest realm="x", qop="auth"',
    ],
)
def test_what_cannot_be_answered_is_not(challenge: str) -> None:
    """A scheme, hash or protection that is not spoken here, or no number to answer with."""
    address = parse_address("http://ann:s3cret@camera.example/")
    assert login_for([challenge], address, method="GET", uri="/") is None
    basic = login_for([challenge, 'Basic realm="x"'], address, method="GET", uri="/")
    assert basic == "Basic YW5uOnMzY3JldA=="


def test_a_stranger_is_told_nothing(certificate: Path) -> None:
    """A certificate that nobody vouches for: no request, no password, and the way to accept it."""
    with MjpegServer(JPEGS, certificate=certificate, login="ann:s3cret") as server:
        address = server.url.replace("https://", "https://ann:s3cret@")
        error = refusal(address)
        assert server.heads == []
        assert "Nobody vouches for the certificate of https://127.0.0.1:" in error.what
        accepted = error.remedy.split('camera_certificate = "')[1].rstrip('"')

        assert first_frame(address, certificate=accepted).image.shape == (120, 160, 3)
        told = len(server.heads)
        another = refusal(address, certificate="ab" * 32)
        assert "another certificate than config.toml accepts" in another.what
        assert len(server.heads) == told


def test_a_certificate_that_the_system_knows_needs_no_setting(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But it must be for this host."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with MjpegServer(JPEGS, certificate=certificate) as server:
        assert first_frame(server.url).image.shape == (120, 160, 3)
        assert "not valid for" in refusal(server.url.replace("127.0.0.1", "localhost")).what


def test_plain_http_behind_an_https_address_is_said() -> None:
    """Nothing is sent there unencrypted."""
    with MjpegServer(JPEGS) as server:
        error = refusal(server.url.replace("http://", "https://ann:s3cret@"))
        assert "No encrypted connection to https://127.0.0.1" in error.what
        assert server.heads == []


def test_another_video_over_http_is_read_too(tmp_path: Path) -> None:
    """FFmpeg is handed the bytes, and calls nobody."""
    images = [np.full((120, 160, 3), 60, np.uint8)] * 300
    video = write_video(tmp_path / "video.avi", images, codec="mp4v")
    data = video.read_bytes()
    pieces = [data[begin : begin + 100] for begin in range(0, len(data), 100)]
    with MjpegServer(pieces, rate_hz=50, content_type="video/x-msvideo") as server:
        assert first_frame(server.url).image.shape == (120, 160, 3)


def test_opening_again_and_again_leaves_no_descriptor_and_no_thread() -> None:
    """An hour of retries is hundreds of them."""
    open_files = Path("/proc/self/fd")
    if not open_files.is_dir():
        pytest.skip("this system does not list open files")
    with MjpegServer(JPEGS) as server, MjpegServer(status=404) as refusing:
        first_frame(server.url)
        before = threading.active_count() + len(list(open_files.iterdir()))
        for _ in range(4):
            first_frame(server.url)
            refusal(refusing.url)
        # The server hangs up in threads of its own.
        wait_until(lambda: threading.active_count() + len(list(open_files.iterdir())) <= before)


def test_a_host_that_answers_byte_by_byte_is_given_up() -> None:
    """Each byte comes in time, the answer never does."""
    dripping = threading.Event()
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                while not dripping.wait(0.1):
                    try:
                        connection.sendall(b"H")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        address = parse_address(f"http://127.0.0.1:{listener.getsockname()[1]}/")
        try:
            with pytest.raises(SourceError, match="does not answer as a camera does"):
                open_http(address, answer_limit_s=0.5)
        finally:
            dripping.set()
            thread.join()


@pytest.mark.parametrize("spec", ["ann:s3cret@127.0.0.1/live", "rtsp:/ann:s3cret@127.0.0.1/live"])
def test_an_address_without_its_beginning_is_not_repeated(spec: str) -> None:
    """It looks like a file, and is a password."""
    assert "s3cret" not in str(refusal(spec))


@pytest.mark.parametrize("digest", [False, True])
def test_an_rtsp_camera_gets_user_and_password_when_it_asks(digest: bool) -> None:  # noqa: FBT001
    """Once it has let us in, FFmpeg asks; a wrong password is told as that."""
    with RtspServer(login="ann:p/a:ss", digest=digest) as server:
        let_in = refusal(server.url.replace("rtsp://", "rtsp://ann:p%2Fa%3Ass@"))
        ours = server.heads[:2]
        wrong = refusal(server.url.replace("rtsp://", "rtsp://ann:s3cret@"))
    assert "cannot be reached, or is not a video" in let_in.what
    assert [head.split()[0] for head in server.heads[:3]] == ["DESCRIBE", "DESCRIBE", "OPTIONS"]
    assert "Authorization" not in ours[0]
    assert ("Digest" if digest else "Basic") in ours[1]
    assert "does not accept this user and password (401)" in wrong.what


@pytest.mark.parametrize(("status", "bytes_between"), [(454, 0), (404, 1 << 17)])
def test_an_unclear_answer_leaves_the_camera_to_ffmpeg(status: int, bytes_between: int) -> None:
    """An odd one may be a camera that FFmpeg gets on with."""
    with RtspServer(status=status, bytes_between=bytes_between) as server:
        refuse_unless_described(parse_address(server.url))


def test_an_rtsp_camera_that_says_nothing_is_left_to_ffmpeg_in_time() -> None:
    """The question is given up; a camera that is not there at all is told at once."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        address = parse_address(f"rtsp://127.0.0.1:{listener.getsockname()[1]}/live")
        refuse_unless_described(address, limit_s=0.2)
    with pytest.raises(SourceError, match="cannot be reached: Connection refused"):
        refuse_unless_described(address)


def test_an_rtsp_camera_is_called_over_tcp_for_what_the_address_says() -> None:
    """By our question, and by FFmpeg after it; nothing is told before it is asked for."""
    with RtspServer() as server:
        refusal(server.url.replace("rtsp://", "RTSP://ann:s3cret@"))
    assert server.heads[0].startswith(f"DESCRIBE {server.url} RTSP/1.0")
    assert server.heads[1].startswith(f"OPTIONS {server.url} RTSP/1.0")
    assert "Authorization" not in "".join(server.heads)


def test_analyze_calls_no_camera_to_refuse_it() -> None:
    """Its light would go on for nothing."""
    with MjpegServer(JPEGS) as server:
        outcome = posturecam("analyze", server.url, "--baseline", "nobody")
        assert server.requests == 0
    address = server.url.removesuffix("/stream.mjpg")
    assert_refused(outcome, 2, f"videos; {address} is a camera", "posturecam watch")
