"""What the checks of `doctor` found, as values, as lines and in short."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import ParamSpec

from posturecam.base.errors import PosturecamError
from posturecam.base.language import Sentence, _, shown

_Given = ParamSpec("_Given")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What one check found.

    Attributes:
        part: what it is named by among what is fine; its own name when empty.
        ok: it is as it should be.
        required: the main job cannot run unless it is.
        remedy: what to do about it; set whenever `ok` is not.
    """

    name: str
    part: str = ""
    ok: bool
    required: bool = True
    detail: str = ""
    remedy: str = ""


def check(
    name: str, *, required: bool = True
) -> Callable[[Callable[_Given, str]], Callable[_Given, Check]]:
    """Makes a check of what returns what it found, or raises what is wrong with its remedy.

    The name is marked for translation; `{of}` in it stands for the first argument.
    """

    def make(look: Callable[_Given, str]) -> Callable[_Given, Check]:
        @wraps(look)
        def made(*given: _Given.args, **named: _Given.kwargs) -> Check:
            of_this = Sentence(name, of=given[0] if given else "")
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


def of_part(part: str, checks: Iterable[Check]) -> Iterator[Check]:
    """The checks, each made when it is asked for, as one part of what is fine."""
    for one in checks:
        yield replace(one, part=part)


def summary_lines(checks: Sequence[Check]) -> Iterator[str]:
    """What is fine, what is to be done before a watch, and what could be better: few lines."""
    by_part: dict[str, bool] = {}
    for one in checks:
        part = one.part or one.name
        by_part[part] = by_part.get(part, True) and one.ok
    fine = ", ".join(shown(part) for part, ok in by_part.items() if ok)
    yield _("Fine: {parts}.").format(parts=fine or _("nothing"))
    needed = [one for one in checks if not one.ok and one.required]
    if needed:
        yield _("To do before a watch:")
    for one in needed:
        found = _in_one_line(one.detail).rstrip(".")
        stop = "" if found.endswith("?") else "."
        yield f"- {shown(one.name)}: {found}{stop} {shown(one.remedy)}"
    optional = [
        _("{name} ({found})").format(
            name=shown(one.name), found=_in_one_line(one.detail).rstrip(".")
        )
        for one in checks
        if not one.ok and not one.required
    ]
    if optional:
        text = _("Could be better: {parts}. How: posturecam doctor --verbose")
        yield text.format(parts=", ".join(optional))


def check_text(check: Check) -> str:
    """One line for the terminal."""
    mark = _("ok  ") if check.ok else _("FAIL") if check.required else _("warn")
    found = f"{mark}  {shown(check.name)}: {_in_one_line(check.detail)}"
    if check.ok:
        return found
    return _("{found} | To do: {remedy}").format(found=found, remedy=shown(check.remedy))


def _in_one_line(text: str) -> str:
    return " ".join(shown(text).split())
