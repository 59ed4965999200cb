"""The sentences of a guided break and of the pain journal, beside the texts with sources.

Whole, with named places, so that they can be translated (`base.language`). Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from typing import TYPE_CHECKING

from posturecam.base.language import N_, _
from posturecam.base.local_time import local_time
from posturecam.base.printable import printable
from posturecam.care.exercises import CHAIR_STRETCH, Each, Move, Portion
from posturecam.values.answers import Location, Quality

if TYPE_CHECKING:
    from posturecam.values.log_rows import GuidedBreak, PainEntry

_TITLES = {
    "shoulder-rolls": N_("shoulder rolls"),
    "backrest-stretch": N_("backrest stretch"),
    "chin-tuck": N_("chin tuck"),
    "trunk-turn": N_("trunk turn"),
    "stand-and-walk": N_("stand and walk"),
    "prone-lift": N_("prone lift"),
    "kneeling-stretch": N_("kneeling stretch"),
    "chair-stretch": N_("chair stretch"),
}
_DOSES = {
    Each.ONCE: N_("{steps} x {seconds} s"),
    Each.SIDE: N_("{steps} x {seconds} s to each side"),
    Each.LIMB: N_("{steps} x {seconds} s with each leg and each arm"),
}
_LOCATIONS = {
    Location.NECK: N_("neck"),
    Location.UPPER: N_("upper back"),
    Location.MID: N_("middle of the back"),
    Location.LOW: N_("low back"),
}
_QUALITIES = {
    Quality.DULL: N_("dull"),
    Quality.SHARP: N_("sharp"),
    Quality.TINGLING: N_("tingling"),
    Quality.BURNING: N_("burning"),
    Quality.TENSION: N_("tension"),
}


def move_title(name: str) -> str:
    """The name of a move, also of one that is not offered any more, for the reader."""
    return _(_TITLES[name]) if name in _TITLES else name.replace("-", " ")


def dose_text(portion: Portion) -> str:
    """How much in words: `9 x 3 s`, `2 x 25 s`, `5 x 3 s to each side`."""
    dose = portion.move.dose
    if not dose.held:
        text = _(_DOSES[dose.each])
        return text.format(steps=portion.steps, seconds=f"{dose.step_s:g}")
    if dose.rounds > 1:
        return _("{rounds} x {seconds} s").format(rounds=dose.rounds, seconds=portion.steps)
    return _("{seconds} s").format(seconds=portion.steps)


def listed_move_text(move: Move, least: str, *, offered: bool, asks_first: bool) -> str:
    """A move in the list of all: where, how much at least, and whether it is offered."""
    if asks_first:
        text = _("{name} ({where}), from {least}; asks a few questions first")
    elif offered:
        text = _("{name} ({where}), from {least}")
    else:
        text = _("{name} ({where}), from {least}; not offered now")
    where = _("floor") if move.on_floor else _("chair") if move is CHAIR_STRETCH else _("desk")
    return text.format(name=move.name, where=where, least=least)


def done_text(taken: GuidedBreak) -> str:
    """What was logged of a guided break, and what the camera saw of it."""
    logged = _("Logged: {names}, {seconds} s.").format(
        names=", ".join(map(move_title, taken.names)), seconds=f"{taken.lasted_ms / 1000:.0f}"
    )
    if taken.got_up is None:
        return logged
    seen = _("The camera saw you stay in your place.")
    if taken.got_up:
        seen = _("The camera saw you leave your place or move in it.")
    return f"{logged} {seen}"


def entry_text(entry: PainEntry, zone: tzinfo) -> str:
    """An entry of the pain journal in one line."""
    parts = ", ".join(_parts(entry))
    if note := printable(entry.note or ""):
        parts = _("{entry}: {note}").format(entry=parts, note=note)
    return f"{local_time(entry.at_ms, zone):%Y-%m-%d %H:%M}  {parts}"


def _parts(entry: PainEntry) -> Iterable[str]:
    yield _("{level} of 10").format(level=entry.level)
    if entry.location is not None:
        yield _(_LOCATIONS[entry.location])
    if entry.quality is not None:
        yield _(_QUALITIES[entry.quality])
