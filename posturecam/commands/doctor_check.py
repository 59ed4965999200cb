"""What one check of `doctor` found, as a value and as a line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec

from posturecam.base.errors import PosturecamError

if TYPE_CHECKING:
    from collections.abc import Callable

_Given = ParamSpec("_Given")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What one check found.

    Attributes:
        name: what was looked at.
        ok: it is as it should be.
        required: the main job cannot run unless it is.
        detail: what was found.
        remedy: what to do about it; set whenever `ok` is not.
    """

    name: str
    ok: bool
    required: bool = True
    detail: str = ""
    remedy: str = ""


def check(
    name: str, *, required: bool = True
) -> Callable[[Callable[_Given, str]], Callable[_Given, Check]]:
    """Makes a check of what returns what it found, or raises what is wrong with its remedy.

    A `{}` in the name stands for the first argument.
    """

    def make(look: Callable[_Given, str]) -> Callable[_Given, Check]:
        @wraps(look)
        def made(*given: _Given.args, **named: _Given.kwargs) -> Check:
            of_this = name.format(*given)
            try:
                detail = look(*given, **named)
            except PosturecamError as error:
                return failed(of_this, error, required=required)
            return Check(name=of_this, ok=True, required=required, detail=detail)

        return made

    return make


def failed(name: str, error: PosturecamError, *, required: bool = True) -> Check:
    """What an error says, as a check."""
    return Check(name=name, ok=False, required=required, detail=error.what, remedy=error.remedy)


def check_text(check: Check) -> str:
    """One line for the terminal."""
    mark = "ok  " if check.ok else "FAIL" if check.required else "warn"
    remedy = "" if check.ok else f" | To do: {check.remedy}"
    return f"{mark}  {check.name}: {check.detail}{remedy}"
