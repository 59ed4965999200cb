"""A check of `doctor`, made of what looks."""

from __future__ import annotations

from posturecam.base.errors import PosturecamError
from posturecam.commands.doctor_check import check


def test_a_check_is_named_by_what_it_looked_at() -> None:
    """By the first that it was given; one that is given nothing has its plain name."""

    @check("camera {of}")
    def camera(name: str, width_px: int) -> str:
        return f"{name}, {width_px} px"

    @check("log", required=False)
    def log() -> str:
        raise PosturecamError("The log is damaged.", "Start a watch.")

    assert camera("front", 640).name == "camera front"
    assert camera("front", width_px=640).detail == "front, 640 px"
    found = log()
    assert (found.name, found.ok, found.required) == ("log", False, False)
    assert (found.detail, found.remedy) == ("The log is damaged.", "Start a watch.")
