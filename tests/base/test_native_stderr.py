"""What libraries print of their own accord stays off the terminal, and nothing else does."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

import cv2
import numpy as np

from posturecam.base.native_stderr import without_native_stderr

if TYPE_CHECKING:
    import pytest


def test_what_others_say_meanwhile_still_reaches_the_terminal(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Only lines known as native stderr are dropped, and stderr is put back even after an error."""
    said = (
        b"I0000 00:00:1.0 5 gl_context.cc:1] GL version\nthe camera is gone\n"
        b"WARNING: All log messages before absl::InitializeLog() is called\n"
        b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\nWARNING: battery\n"
    )
    with suppress(RuntimeError), without_native_stderr():
        os.write(2, said)
        raise RuntimeError
    os.write(2, b"W0000 00:00:1.0 after\n")

    assert capfd.readouterr().err == "the camera is gone\nWARNING: battery\nW0000 00:00:1.0 after\n"


def test_the_complaint_about_a_damaged_picture_is_not_seen(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """And without this it would be."""
    noise = np.random.default_rng(5).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    damaged = cv2.imencode(".jpg", noise)[1].ravel()
    damaged[700:740] = 0
    cv2.imdecode(damaged, cv2.IMREAD_COLOR)
    assert "Corrupt JPEG data" in capfd.readouterr().err
    with without_native_stderr():
        cv2.imdecode(damaged, cv2.IMREAD_COLOR)
    assert capfd.readouterr().err == ""


def test_what_was_said_is_told_once(capfd: pytest.CaptureFixture[str]) -> None:
    """The next time, nothing of it is left."""
    heard: list[bytes] = []
    for said in (b"a long line of the driver\n", b"short\n", b""):
        with without_native_stderr(heard):
            os.write(2, said)
    assert heard == [b"a long line of the driver\n", b"short\n"]
    assert capfd.readouterr().err == "a long line of the driver\nshort\n"
