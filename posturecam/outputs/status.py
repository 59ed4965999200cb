"""How a watch is doing, for whoever asks from another terminal.

Pure: turns of the loop in, a record out, and a record in, lines out. The record is a public
interface, described in README.md: keys are added, never renamed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from posturecam.base.durations import format_duration, waited_text
from posturecam.outputs.words import limit_text, quiet_text, reason_text
from posturecam.values.events import (
    CameraChanged,
    CameraStatus,
    Record,
    StateChanged,
    rounded,
    utc_text,
)
from posturecam.values.observation import ANGLES, PostureState

if TYPE_CHECKING:
    from posturecam.values.events import Tick
    from posturecam.values.settings import Settings
    from posturecam.watch.steering import Requests

STUCK_AFTER_S = 5.0
"""A loop that has not turned for so long is not watching; it turns once a second at least."""

_CAMERA_TEXTS = {
    CameraStatus.RELEASED: "released, its light is off",
    CameraStatus.WAITING: "waiting until it can be used",
    CameraStatus.LOST: "lost, tried again by itself",
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

    def handle(self, tick: Tick) -> None:
        """Keeps what may be asked for."""
        for event in tick.events:
            if isinstance(event, CameraChanged):
                back = event.status is CameraStatus.BACK
                self._camera = replace(event, status=CameraStatus.OPEN) if back else event
            if isinstance(event, StateChanged):
                self._since_s = tick.t_s
        if tick.reading is not None:
            self._judged = tick
        self._tick = tick

    def record(self, *, in_force: Requests, turned_s_ago: float) -> Record:
        """How the watch is doing.

        Args:
            in_force: what the user asked for.
            turned_s_ago: how long ago the loop turned last.
        """
        tick, judged, camera = self._tick, self._judged, self._camera
        why_not = self._why_not(turned_s_ago)
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
            "quiet": None if tick is None or tick.quiet is None else quiet_text(tick.quiet),
            "guarded": tick is not None and tick.guarded,
            "profile": self._settings.profile,
            "turned_s_ago": rounded(turned_s_ago),
        }
        if judged is None or judged.reading is None:
            return record | {"state": None}
        reading, totals = judged.reading, judged.totals
        values = zip(ANGLES, reading.deviations.values_deg(), strict=True)
        limits = zip(ANGLES, self._settings.posture.thresholds.values_deg(), strict=True)
        return record | {
            "state": reading.state,
            "state_s": rounded(max(0.0, judged.t_s - self._since_s)),
            "reasons": [reason_text(reason) for reason in reading.reasons],
            "view": reading.view,
            "deviations_deg": {angle: rounded(deg) for angle, deg in values},
            "limits_deg": dict(limits),
            "unchanged_s": rounded(judged.unchanged_s),
            "unchanged_after_s": self._settings.policy.unchanged_after_s,
            "next_break_s": rounded(
                max(0.0, self._settings.policy.break_after_s - judged.sitting_s)
            ),
            "watched_s": rounded(totals.watched_ms / 1000),
            "alerts": totals.alerts,
            "moves": totals.moves,
        }

    def _why_not(self, turned_s_ago: float) -> str | None:
        """Why nothing is watched now, None while it is."""
        tick, camera = self._tick, self._camera
        if camera is None or tick is None:
            return "it is starting"
        if turned_s_ago > STUCK_AFTER_S:
            return f"the watch has not moved on for {format_duration(turned_s_ago)}"
        if camera.status is CameraStatus.OPEN:
            return None if self._judged is not None else "the baseline is being taken"
        if camera.status is CameraStatus.RELEASED:
            reading = None if self._judged is None else self._judged.reading
            if reading is not None and reading.state is PostureState.PAUSED:
                return reason_text(reading.reasons[0])
            return "the camera is released"
        return f"the camera is {camera.status}"


def status_lines(record: Record, now: datetime) -> list[str]:
    """A status for the eye at `now`; local times."""
    if not record.get("running"):
        return ["No watch is running."]
    lines = [_headline(record, now)]
    if record.get("watching") and record.get("state") is not None:
        if angles := _angles_text(record):
            lines.append(angles)
        waited = waited_text(_seconds(record["unchanged_s"]), _seconds(record["unchanged_after_s"]))
        left_s = _seconds(record["next_break_s"])
        due = f"next break in {format_duration(left_s)}" if left_s > 0 else "a break is due"
        lines.append(f"Same position for {waited}; {due}.")
    if record.get("quiet") and not record.get("paused"):
        until = _recorded_until(record, "snoozed_until", now)
        lines.append(f"Alerts are held back: {record['quiet']}{until}.")
    guard = "on" if record.get("guarded") else "off"
    lines.append(
        f"{_camera_text(record)} Network guard {guard}. Profile {record.get('profile')!r}."
    )
    if record.get("log_problem"):
        lines.append(f"Log: {record['log_problem']}.")
    return lines


def moment_text(moment: datetime, now: datetime) -> str:
    """A local time of the days to come: `13:30`, `06:00 on Monday`."""
    here, today = moment.astimezone(), now.astimezone().date()
    return f"{here:%H:%M}" if here.date() == today else f"{here:%H:%M on %A}"


def _headline(record: Record, now: datetime) -> str:
    if not record.get("watching"):
        until = _recorded_until(record, "paused_until", now) if record.get("paused") else ""
        return f"Not watching: {record.get('why_not')}{until}."
    reasons: Any = record.get("reasons") or []
    why = f" ({', '.join(reasons)})" if reasons else ""
    lasted = format_duration(_seconds(record.get("state_s")))
    return f"Watching: {record.get('state')}{why} for {lasted}."


def _angles_text(record: Record) -> str:
    values: Any = record.get("deviations_deg")
    limits: Any = record.get("limits_deg")
    if record.get("state") not in (PostureState.UPRIGHT, PostureState.SLOUCHED):
        return ""
    known = [
        limit_text(angle, values[angle], limits[angle])
        for angle in ANGLES
        if values[angle] is not None
    ]
    text = ", ".join(known)
    return f"{text[:1].upper()}{text[1:]}." if known else ""


def _camera_text(record: Record) -> str:
    status = record.get("camera")
    if status is None:
        return "Camera not opened yet."
    shown = CameraStatus(str(status))
    name = record.get("camera_detail")
    if shown in _CAMERA_TEXTS:
        detail = "" if shown is CameraStatus.RELEASED else f": {name}"
        return f"Camera {_CAMERA_TEXTS[shown]}{detail.rstrip('.')}."
    return "Camera open."


def _recorded_until(record: Record, key: str, now: datetime) -> str:
    until = record.get(key)
    return "" if until is None else f" until {moment_text(datetime.fromisoformat(str(until)), now)}"


def _seconds(value: object) -> float:
    return float(str(value))


def _moment_text(moment: datetime | None) -> str | None:
    return None if moment is None else utc_text(moment.astimezone(UTC))
