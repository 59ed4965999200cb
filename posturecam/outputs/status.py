"""How a watch is doing, for whoever asks from another terminal.

Pure: turns of the loop in, a record out, and a record in, lines out. The record is a public
interface, described in docs/programs.md: keys are added, never renamed.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from posturecam.base.durations import format_duration
from posturecam.base.language import ENGLISH, N_, _
from posturecam.outputs import words
from posturecam.values.events import (
    Calibrated,
    CameraChanged,
    CameraStatus,
    Control,
    Controlled,
    ControlRefused,
    Record,
    StateChanged,
    rounded,
    utc_text,
)
from posturecam.values.observation import ANGLES, PostureState, UnknownReason
from posturecam.values.reasons import QuietReason

if TYPE_CHECKING:
    from posturecam.values.events import Tick
    from posturecam.values.settings import Settings
    from posturecam.watch.requests import Requests

NOT_RUNNING: Record = {"running": False, "watching": False, "why_not": N_("no watch is running")}
"""What is said where nobody can be asked."""

STUCK_AFTER_S = 5.0
"""A loop that has not turned for so long is not watching; it turns once a second at least."""

_CAMERA_TEXTS = {
    CameraStatus.RELEASED: N_("Camera released, its light is off."),
    CameraStatus.WAITING: N_("Camera waiting until it can be used: {detail}."),
    CameraStatus.LOST: N_("Camera lost, tried again by itself: {detail}."),
}

_DEGREES = re.compile(r"\d+(?=°)")
"""What stands in a reason; the rest of it is in the catalogue."""

_STUCK = N_("the watch has not moved on for {duration}")
_WHY_NOT = {
    CameraStatus.RELEASED: N_("the camera is released"),
    CameraStatus.WAITING: N_("the camera is waiting"),
    CameraStatus.LOST: N_("the camera is lost"),
    CameraStatus.CLOSED: N_("the camera is closed"),
}


class StatusBoard:
    """Keeps the last turn of the loop; a sink. `record` may be asked for from any thread."""

    def __init__(self, settings: Settings, *, live: bool) -> None:
        self._settings = settings
        self._live = live
        self._tick: Tick | None = None
        self._judged: Tick | None = None
        self._since_s = 0.0
        self._camera: CameraChanged | None = None
        self._calibrated = False
        self._lessons = 0
        self._lesson: Controlled | ControlRefused | None = None

    def handle(self, tick: Tick) -> None:
        """Keeps what may be asked for."""
        for event in tick.events:
            if isinstance(event, CameraChanged):
                back = event.status is CameraStatus.BACK
                self._camera = replace(event, status=CameraStatus.OPEN) if back else event
            if isinstance(event, Calibrated):
                self._calibrated = True
                self._settings = self._settings.limited(event.limits_deg)
            if isinstance(event, StateChanged):
                self._since_s = tick.t_s
            if isinstance(event, Controlled | ControlRefused) and _is_lesson(event):
                self._lessons, self._lesson = self._lessons + 1, event
        if tick.reading is not None:
            self._judged = tick
        self._tick = tick

    def record(self, *, in_force: Requests, turned_s_ago: float) -> Record:
        """How the watch is doing, by what the user asked for and when the loop turned last."""
        tick, judged, camera = self._tick, self._judged, self._camera
        why_not = self._why_not(turned_s_ago, paused=in_force.paused)
        quiet = None if tick is None else tick.quiet
        record: Record = {
            "running": True,
            "watching": why_not is None,
            "why_not": why_not,
            "live": self._live,
            "camera": None if camera is None else camera.status,
            "camera_detail": None if camera is None else camera.detail,
            "paused": in_force.paused,
            "paused_until": _moment_text(in_force.paused_until),
            "snoozed_until": _moment_text(in_force.snoozed_until),
            "quiet": quiet and words.quiet_text(quiet, ENGLISH),
            "guarded": tick is not None and tick.guarded,
            "profile": self._settings.profile,
            "turned_s_ago": rounded(turned_s_ago),
            "lessons": self._lessons,
            "lesson_refused": _refused_text(self._lesson),
            "still_slouched": isinstance(self._lesson, Controlled) and self._lesson.still_slouched,
        }
        if judged is None or judged.reading is None:
            return record | {"state": None}
        reading, totals = judged.reading, judged.totals
        values = zip(ANGLES, reading.deviations.values_deg(), strict=True)
        limits = zip(ANGLES, self._settings.posture.thresholds.values_deg(), strict=True)
        return record | {
            "state": reading.state,
            "provisional": reading.provisional,
            "state_s": rounded(max(0.0, judged.t_s - self._since_s)),
            "reasons": [words.reason_text(reason, ENGLISH) for reason in reading.reasons],
            "view": reading.view,
            "deviations_deg": {angle: rounded(deg) for angle, deg in values},
            "limits_deg": dict(limits),
            "unchanged_s": rounded(judged.unchanged_s),
            "unchanged_after_s": rounded(self._settings.policy.unchanged_after_s),
            "next_break_s": rounded(
                max(0.0, self._settings.policy.break_after_s - judged.sitting_s)
            ),
            "watched_s": rounded(totals.watched_ms / 1000),
            "alerts": totals.alerts,
            "moves": totals.moves,
        }

    def _why_not(self, turned_s_ago: float, *, paused: bool) -> str | None:
        """Why nothing is watched now, None while it is."""
        tick, camera = self._tick, self._camera
        if camera is None or tick is None:
            return N_("it is starting")
        if turned_s_ago > STUCK_AFTER_S:
            return _STUCK.format(duration=format_duration(turned_s_ago))
        # A file stays open while it rests, and has nothing to let go of before it does.
        resting = UnknownReason.PAUSED if paused and not self._live else tick.resting
        if camera.status in (CameraStatus.OPEN, CameraStatus.RELEASED) and resting is not None:
            return words.reason_text(resting, ENGLISH)
        if camera.status is CameraStatus.OPEN:
            if self._judged is not None:
                return None
            return N_("it is starting") if self._calibrated else N_("the baseline is being taken")
        return _WHY_NOT[camera.status]


def _is_lesson(event: Controlled | ControlRefused) -> bool:
    """Whether it says what came of `wrong` or `rezero`."""
    if isinstance(event, Controlled):
        return event.what in (Control.WRONG, Control.REZEROED)
    return event.what in (Control.WRONG, Control.REZEROING)


def _refused_text(event: Controlled | ControlRefused | None) -> str | None:
    return words.refusal_text(event, ENGLISH) if isinstance(event, ControlRefused) else None


def status_lines(record: Record, now: datetime) -> list[str]:
    """A status for the eye at `now`; local times."""
    if not record.get("running"):
        return [_("No watch is running.")]
    lines = [_headline(record, now)]
    if record.get("watching") and record.get("state") is not None:
        if angles := _angles_text(record):
            lines.append(angles)
        lines.append(_waits_text(record))
    snoozed_until = record.get("snoozed_until")
    if record.get("quiet") and not record.get("paused"):
        why = _until(_translated(record["quiet"]), snoozed_until, now)
        lines.append(_("Alerts are suppressed: {why}.").format(why=why))
    elif snoozed_until is not None:  # it outlasts what keeps the watch from alerting
        why = _until(words.quiet_text(QuietReason.SNOOZED), snoozed_until, now)
        lines.append(_("Alerts are suppressed: {why}.").format(why=why))
    guarded = _("Network guard on.") if record.get("guarded") else _("Network guard off.")
    profile = _("Profile {profile}.").format(profile=repr(record.get("profile")))
    lines.append(f"{_camera_text(record)} {guarded} {profile}")
    if record.get("log_problem"):
        problem = str(record["log_problem"]).rstrip(".")
        lines.append(_("Log: {problem}.").format(problem=problem))
    return lines


def learned_text(record: Record) -> str:
    """What came of `wrong` by the status after it, and how to take it back."""
    text = _("Learned: sitting like that is no slouch of yours.")
    if record["still_slouched"]:
        text = words.LEARNED_IN_PART_TEXT
    back = _("To take it back, see its number: posturecam profiles show {profile}")
    return f"{text} {back.format(profile=record['profile'])}"


def snoozed_text(record: Record, until: str) -> str:
    """That alerts are suppressed until that moment, by the status that says so."""
    text = _("Alerts are suppressed until {moment}; watching goes on.")
    why = ""
    if not record["watching"]:
        text = _("Alerts are suppressed until {moment}; not watching now: {why}.")
        why = why_not_text(record)
    return text.format(moment=until, why=why)


def _waits_text(record: Record) -> str:
    unchanged_s = _seconds(record["unchanged_s"])
    waited = format_duration(unchanged_s)
    if math.isfinite(after_s := _seconds_or_never(record["unchanged_after_s"])):
        part = words.waited_text(unchanged_s, after_s)
        waited = f"{waited}, {part}" if unchanged_s > after_s else part
    left_s = _seconds_or_never(record["next_break_s"])
    if not math.isfinite(left_s):
        return _("Same position for {waited}.").format(waited=waited)
    text = _("Same position for {waited}; a break is due.")
    if round(left_s) > 0:
        text = _("Same position for {waited}; next break in {left}.")
    return text.format(waited=waited, left=format_duration(left_s))


def status_line(record: Record, now: datetime) -> str:
    """A status in a few words, for a bar at the edge of a screen; minutes, and no seconds."""
    if not record.get("watching"):
        return _why_not_until(record, now)
    if record.get("state") is None:
        return _("starting")
    provisional = record.get("provisional")
    if provisional in words.PROVISIONAL_NAMES:
        parts = [_(words.PROVISIONAL_NAMES[PostureState(str(provisional))])]
    else:
        parts = [_minutes_text(_translated(record["state"]), _seconds(record["state_s"]))]
    left_s = _seconds_or_never(record["next_break_s"])
    if record["state"] in (PostureState.UPRIGHT, PostureState.SLOUCHED):
        if _seconds(record["unchanged_s"]) >= _seconds_or_never(record["unchanged_after_s"]):
            parts.append(_minutes_text(_("unchanged"), _seconds(record["unchanged_s"])))
        if math.isfinite(left_s) and round(left_s) > 0:
            parts.append(_minutes_text(_("break in"), max(left_s, 60.0)))
        elif math.isfinite(left_s):
            parts.append(_("break due"))
    if record.get("quiet"):
        parts.append(_("alerts suppressed"))
    return ", ".join(parts)


def _minutes_text(what: str, seconds: float) -> str:
    """`what` and minutes, rounded as everywhere; less than a whole one is left out."""
    minutes = round(seconds / 60) if seconds >= 60 else 0
    if minutes < 1:
        return what
    duration = "1 min" if minutes == 1 else format_duration(60 * minutes)  # which says "60 s"
    return _("{what} {duration}").format(what=what, duration=duration)


def _headline(record: Record, now: datetime) -> str:
    if not record.get("watching"):
        return _("Not watching: {why}.").format(why=_why_not_until(record, now))
    reasons: Any = record.get("reasons") or []
    state = _translated(record.get("state"))
    if reasons:
        state = _("{state} ({reasons})").format(
            state=state, reasons=", ".join(map(_translated, reasons))
        )
    lasting = words.lasting_text(state, _seconds(record.get("state_s")))
    return _("Watching: {lasting}.").format(lasting=lasting)


def _angles_text(record: Record) -> str:
    values: Any = record.get("deviations_deg")
    limits: Any = record.get("limits_deg")
    if record.get("state") not in (PostureState.UPRIGHT, PostureState.SLOUCHED):
        return ""
    known = [
        words.limit_text(angle, values[angle], limits[angle])
        for angle in ANGLES
        if values[angle] is not None
    ]
    return f"{words.capitalised(', '.join(known))}." if known else ""


def _camera_text(record: Record) -> str:
    status = record.get("camera")
    if status is None:
        return _("Camera not opened yet.")
    shown = CameraStatus(str(status))
    if shown not in _CAMERA_TEXTS:
        return _("Camera open.")
    detail = str(record.get("camera_detail")).rstrip(".")
    return _(_CAMERA_TEXTS[shown]).format(detail=detail)


def why_not_text(record: Record) -> str:
    """Why nothing is watched."""
    turned_s_ago = _seconds(record.get("turned_s_ago", 0.0))
    if record.get("camera") is not None and turned_s_ago > STUCK_AFTER_S:
        return _(_STUCK).format(duration=format_duration(turned_s_ago))
    return _translated(record.get("why_not"))


def _why_not_until(record: Record, now: datetime) -> str:
    until = record.get("paused_until") if record.get("paused") else None
    return _until(why_not_text(record), until, now)


def _until(text: str, until: object, now: datetime) -> str:
    if until is None:
        return text
    return words.until_text(text, datetime.fromisoformat(str(until)), now)


def _translated(text: object) -> str:
    """A text of the record, which is English: as the catalogue translates it, or as it is."""
    deg = _DEGREES.search(str(text))
    if deg is None:
        return _(str(text))
    return _(_DEGREES.sub("{deg}", str(text))).format(deg=deg[0])


def _seconds(value: object) -> float:
    return float(str(value))


def _seconds_or_never(value: object) -> float:
    """Of a time in the future, which is null where it never comes."""
    return math.inf if value is None else _seconds(value)


def _moment_text(moment: datetime | None) -> str | None:
    return None if moment is None else utc_text(moment.astimezone(UTC))
