"""What `watch` shows: a live view on a terminal, lines elsewhere, records for other programs."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, TextIO

from posturecam.durations import format_duration
from posturecam.errors import OutputClosedError
from posturecam.events import (
    Alerted,
    AlertFollowed,
    BreakTaken,
    Calibrated,
    CameraChanged,
    CameraStatus,
    Moved,
    Sampled,
    StaleBaseline,
    StateChanged,
    Steered,
    SteeringRefused,
    Summarised,
    as_record,
)
from posturecam.messages import count_text
from posturecam.observation import ANGLES, PostureState, View
from posturecam.posture import threshold_ratios

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console, RenderableType

    from posturecam.clock import Clock
    from posturecam.events import Event, Tick, Totals
    from posturecam.observation import Deviations, Reading
    from posturecam.settings import Settings, Thresholds

REFRESH_EVERY_S = 0.25
GAUGE_CELLS = 20

_ANGLE_NAMES = {
    "upper_back": "upper back",
    "trunk": "trunk",
    "neck": "neck",
    "back_flexion": "back bend",
    "shoulder_tilt": "shoulders",
}


def event_text(event: Event) -> str | None:  # noqa: C901 - one case an event
    """One plain line for `event`; None for what happens all the time."""
    match event:
        case Calibrated():
            source = "taken now" if event.taken_now else f"profile {event.profile!r}"
            return f"baseline: {source}, {event.view} view, {event.samples} pictures"
        case StateChanged():
            why = f": {', '.join(event.reasons)}" if event.reasons else ""
            return f"{event.to_state}{why}"
        case AlertFollowed():
            return None
        case Steered():
            until = "" if event.until is None else f" until {event.until.astimezone():%H:%M}"
            return f"{event.what}{until}"
        case SteeringRefused():
            return f"not {event.what}: {event.why}"
        case Alerted():
            return f"ALERT ({event.kind}): {event.message}"
        case StaleBaseline():
            return f"STALE: {event.message}"
        case Moved():
            return f"moved, after {format_duration(event.unchanged_s)} in one position"
        case BreakTaken():
            return f"back from a break of {format_duration(event.lasted_s)}"
        case CameraChanged():
            return f"camera {event.status}: {event.detail}"
        case Summarised():
            return None
        case Sampled():
            return None


def totals_text(totals: Totals) -> str:
    """How the time was spent, in one line."""
    return (
        f"watched {format_duration(totals.watched_s)}: "
        f"upright {format_duration(totals.upright_s)}, "
        f"slouched {format_duration(totals.slouched_s)}, "
        f"away {format_duration(totals.away_s)}, "
        f"unknown {format_duration(totals.unknown_s)}; "
        f"{count_text(totals.moves, 'move')}, {count_text(totals.alerts, 'alert')}"
    )


def clock_text(at: datetime) -> str:
    """Local time of day."""
    return f"{at.astimezone():%H:%M:%S}"


def print_line(text: str, stream: TextIO) -> None:
    """Prints a line at once.

    Raises:
        OutputClosedError: whoever was reading has left, as `head` does.
    """
    try:
        print(text, file=stream, flush=True)
    except BrokenPipeError as error:
        raise OutputClosedError("nobody reads the output any more") from error


class JsonlDisplay:
    """One object a line; the format is described in README.md."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def take(self, tick: Tick) -> None:
        """Prints the events of one turn."""
        for event in tick.events:
            record = as_record(event, t_s=tick.t_s, at=tick.at)
            print_line(json.dumps(record, ensure_ascii=False), self._stream)

    def warn(self, text: str) -> None:
        """Says `text` beside the records."""
        print(f"posturecam: {text}", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Nothing is left to do."""


class PlainDisplay:
    """A line for each thing that happens."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def take(self, tick: Tick) -> None:
        """Prints the events of one turn."""
        for event in tick.events:
            if isinstance(event, Summarised):
                self._say(tick.at, totals_text(event.totals))
            elif (text := event_text(event)) is not None:
                self._say(tick.at, text)

    def warn(self, text: str) -> None:
        """Says `text` beside the lines."""
        print(f"posturecam: {text}", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Nothing is left to do."""

    def _say(self, at: datetime, text: str) -> None:
        print_line(f"{clock_text(at)}  {text}", self._stream)


class CheckLines(PlainDisplay):
    """A line a second for each deviation against its limit, for a check off a terminal."""

    def __init__(self, stream: TextIO, settings: Settings) -> None:
        super().__init__(stream)
        self._thresholds = settings.posture.thresholds

    def take(self, tick: Tick) -> None:
        """Prints where the deviations stand, or why they cannot be told."""
        for event in tick.events:
            if isinstance(event, Sampled):
                self._say(tick.at, limits_text(event.deviations, self._thresholds, event.reasons))


def limits_text(
    deviations: Deviations, thresholds: Thresholds, reasons: tuple[str, ...] = ()
) -> str:
    """Every known deviation and its limit in one line; the reasons when none is known."""
    known = [
        f"{_ANGLE_NAMES[angle]} {round(getattr(deviations, f'{angle}_deg')):+d}°"
        f" of {getattr(thresholds, f'{angle}_deg'):.0f}°"
        for angle in threshold_ratios(deviations, thresholds)
    ]
    return ", ".join(known or reasons)


def within_limits_text(totals: Totals) -> str:
    """The share of the judged time in which no deviation was beyond its limit."""
    judged_s = totals.upright_s + totals.slouched_s
    if judged_s == 0:
        return "within the limits: nothing could be judged"
    return (
        f"within the limits {totals.upright_s / judged_s:.0%} of {format_duration(judged_s)} judged"
    )


class LiveDisplay:
    """A calm view that stays in place: state, deviations against their limits, totals."""

    def __init__(self, console: Console, settings: Settings, clock: Clock) -> None:
        from rich.live import Live

        self._settings = settings
        self._clock = clock
        self._drawn_s = float("-inf")
        self._since_s = 0.0
        self._camera = "opening"
        self._last = ""
        self._calibrated = False
        self._ended = False
        self._live = Live(console=console, auto_refresh=False, transient=False)
        self._live.start()

    def take(self, tick: Tick) -> None:
        """Redraws, a few times a second at most."""
        for event in tick.events:
            self._note(event, tick)
        now_s = self._clock.monotonic_s()
        if self._ended or now_s - self._drawn_s >= REFRESH_EVERY_S:
            self._drawn_s = now_s
            self._live.update(self._view(tick), refresh=True)

    def warn(self, text: str) -> None:
        """Says `text` above the view."""
        self._live.console.print(f"note: {text}", markup=False, highlight=False)

    def close(self) -> None:
        """Leaves the last view on the screen and gives the terminal back."""
        self._live.stop()

    def _note(self, event: Event, tick: Tick) -> None:
        match event:
            case StateChanged():
                self._since_s = tick.t_s
            case Calibrated():
                self._calibrated = True
            case CameraChanged():
                self._camera = f"{event.status} ({event.detail})"
            case Summarised():
                self._ended = True
        if isinstance(event, Alerted):
            # Above the view it stays, whatever happens next.
            told = f"{clock_text(tick.at)}  {event.title}: {event.message}"
            self._live.console.print(told, style="bold", markup=False, highlight=False)
        quiet = isinstance(event, CameraChanged) and event.status is not CameraStatus.LOST
        if (text := event_text(event)) is not None and not quiet:
            self._last = f"{clock_text(tick.at)}  {text}"

    def _view(self, tick: Tick) -> RenderableType:
        from rich.console import Group
        from rich.text import Text

        lines: list[RenderableType] = [self._headline(tick)]
        if tick.reading is not None:
            lines += self._gauges(tick.reading)
        policy = self._settings.policy
        lines += [
            Text(
                f"same position {format_duration(tick.unchanged_s)} of "
                f"{format_duration(policy.unchanged_after_s)}  ·  at the desk "
                f"{format_duration(tick.sitting_s)} of {format_duration(policy.break_after_s)}"
            ),
            Text(totals_text(tick.totals)),
            Text(f"last: {self._last or '-'}"),
            Text(f"camera {self._camera}; pictures stay in memory", style="dim"),
        ]
        return Group(*lines)

    def _headline(self, tick: Tick) -> RenderableType:
        from rich.text import Text

        reading = tick.reading
        if reading is None:
            waiting = "starting" if self._calibrated else "taking the baseline: sit upright"
            state = "ended" if self._ended else waiting
            return Text(f"posturecam  {state}", style="bold")
        lasted = format_duration(max(0.0, tick.t_s - self._since_s))
        # The gauges below show why it is slouched; only a doubt needs words.
        doubts = reading.state in (PostureState.UNKNOWN, PostureState.AWAY)
        why = f"  {', '.join(reading.reasons)}" if doubts else ""
        return Text.assemble(
            ("posturecam  ", "bold"), (f"{reading.state} {lasted}", _STYLES[reading.state]), why
        )

    def _gauges(self, reading: Reading) -> list[RenderableType]:
        from rich.text import Text

        thresholds = self._settings.posture.thresholds
        ratios = threshold_ratios(reading.deviations, thresholds)
        about = "±" if reading.view is not View.SIDE else ""
        lines: list[RenderableType] = []
        for angle in ANGLES:
            name = f"  {_ANGLE_NAMES[angle]:<11}"
            if angle not in ratios:
                lines.append(Text(f"{name}{' ' * GAUGE_CELLS}      ?"))
                continue
            deg = getattr(reading.deviations, f"{angle}_deg")
            sd_deg = getattr(reading.deviations, f"{angle}_sd_deg")
            limit_deg = getattr(thresholds, f"{angle}_deg")
            bar = gauge(ratios[angle])
            spread = f" {about}{sd_deg:.0f}" if about else ""
            lines.append(Text(f"{name}{bar} {round(deg):+4d}°{spread}  limit {limit_deg:.0f}°"))
        return lines


def gauge(ratio: float, cells: int = GAUGE_CELLS) -> str:
    """A bar that is full at the limit; an exclamation mark beyond it."""
    filled = round(min(1.0, max(0.0, ratio)) * cells)
    return "█" * filled + "·" * (cells - filled) + ("!" if ratio >= 1 else " ")


_STYLES = {
    PostureState.UPRIGHT: "cyan",
    PostureState.SLOUCHED: "yellow",
    PostureState.AWAY: "dim",
    PostureState.PAUSED: "dim",
    PostureState.UNKNOWN: "dim",
}


def make_display(
    format_name: str, *, settings: Settings, clock: Clock, stream: TextIO
) -> JsonlDisplay | PlainDisplay | LiveDisplay:
    """The display named `rich`, `plain` or `jsonl`; `rich` falls back off a terminal."""
    if format_name == "jsonl":
        return JsonlDisplay(stream)
    if format_name == "plain" or not stream.isatty():
        return PlainDisplay(stream)
    from rich.console import Console

    console = Console(file=stream)
    if console.is_dumb_terminal:
        return PlainDisplay(stream)
    return LiveDisplay(console, settings, clock)
