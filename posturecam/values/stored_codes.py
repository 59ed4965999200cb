"""How reasons, what an alert said and what ended a session stand in the log: as codes.

What no posturecam wrote is kept as the text that it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from posturecam.values.events import AlertDetails, EndedBy
from posturecam.values.observation import Cause, UnknownReason
from posturecam.values.reasons import AngleReason, QuietReason, SlouchReason, SlouchSign

REASON_SEPARATOR = "; "
_CAUSES: dict[str, Cause] = {cause.value: cause for cause in (*UnknownReason, *SlouchSign)}
_ENDS = {end.value: end for end in EndedBy}


def stored_causes(causes: Iterable[Cause]) -> str:
    """The column `reason` of an interval."""
    return REASON_SEPARATOR.join(causes)


@lru_cache(maxsize=256)
def read_causes(text: str | None) -> tuple[Cause | str, ...]:
    """What that column holds; nothing where it was not asked for."""
    return tuple(_CAUSES.get(part, part) for part in text.split(REASON_SEPARATOR)) if text else ()


def read_end(text: str | None) -> EndedBy | str | None:
    """The column `ended_by` of a session; else it is what an error said."""
    return None if text is None else _ENDS.get(text, text)


def stored_details(details: AlertDetails) -> str:
    """The column `message` of an alert: an object without what stands in the other columns."""
    content: dict[str, object] = {"turn": details.turn}
    if details.reasons:
        content["reasons"] = [
            [reason.sign, round(reason.deg), reason.estimated]
            if isinstance(reason, AngleReason)
            else reason
            for reason in details.reasons
        ]
    if details.suppressed_by is not None:
        content["suppressed_by"] = details.suppressed_by
    return json.dumps(content, separators=(",", ":"))


def read_details(text: str) -> AlertDetails | str:
    """What that column holds."""
    try:
        content = json.loads(text)
        suppressed_by = content.get("suppressed_by")
        return AlertDetails(
            reasons=tuple(map(_read_reason, content.get("reasons", ()))),
            turn=int(content["turn"]),
            suppressed_by=None if suppressed_by is None else QuietReason(suppressed_by),
        )
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        return text


def _read_reason(stored: str | list[Any]) -> SlouchReason:
    """A sign alone, or an angle; what logs held before there were signs alone is angles."""
    if isinstance(stored, str):
        return SlouchSign(stored)
    sign, deg, estimated = stored
    return AngleReason(sign=SlouchSign(sign), deg=float(deg), estimated=bool(estimated))
