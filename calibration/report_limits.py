"""Tables of the report on every number that decides: its value, its source, and what was found."""

from __future__ import annotations

from typing import Any

from report_cells import ANGLES, MINUS, Figures, counted, ends, table, words

UNSTUDIED = "a choice; the reason stands where it is set"
_DETECTABLE = "[what can be detected](#what-can-be-detected)"
_TIME = "[in time](#in-time)"
_GATES = "[who is judged](#who-is-judged)"
_MOVES = "[what counts as a move](#what-counts-as-a-move)"
_TAKES = "[baselines](#baselines)"
SOURCES = {
    **dict.fromkeys((f"{angle}_deg" for angle in ANGLES), _DETECTABLE),
    "exit_ratio": "the lower edge of the grey zone of the [protocol](protocol.md#labels)",
    "smoothing_s": _TIME,
    "debounce_s": f"{_TIME}; ergonomics calls 4 s and more held (ISO 11226)",
    "gap_s": _TIME,
    "bridged_s": _TIME,
    "away_after_s": "a choice; shorter absences are unknown, not upright",
    "move_kept_s": "a choice; a shift is kept, a fidget returns (Applied Ergonomics 2024, 104374)",
    "slouch_after_s": "ISO 11226, longest holding time at 20 to 30° of trunk inclination",
    "unchanged_after_s": "PMC5447416: office workers slumped after about 20 minutes",
    "break_after_s": "HSE: 5 to 10 minutes in every 50 to 60",
    "break_length_s": "HSE: 5 to 10 minutes in every 50 to 60",
    "_DARKEST": f"{_GATES}, brightness",
    "_DARKEST_EMPTY": f"{_GATES}, brightness",
    "_FLATTEST": f"{_GATES}, contrast",
    "_BLURRIEST": f"{_GATES}, sharpness",
    **dict.fromkeys(
        (
            "_SMALLEST_HEAD", "_SMALLEST_SHOULDERS", "_SHOULDERS_TO_HEAD", "_NECK_TO_HEAD",
            "_STEEPEST_DEG", "_SIZE_RATIO", "_REACH", "_FACE_TURN", "_TRUNK_TURN", "_FROM_BEHIND",
            "_SMALLER_THAN_USUAL",
        ),
        _GATES,
    ),
    **dict.fromkeys(("MOVED_SHIFT", "MOVED_SCALE", "MOVED_HEAD_RATIO", "MOVED_TILT_DEG"), _MOVES),
    **dict.fromkeys(
        ("STILL_SD_DEG", "STILL_SD_SHIFT", "STILL_SD_SCALE", "STILL_SD_HEAD_RATIO", "FACING"),
        _TAKES,
    ),
    **dict.fromkeys(
        ("_SUNK", "_NECK", "_NEARER", "_LENGTH", "_HEAD", "PLAIN_LOG_ODDS"),
        "[bent over the desk](experiments.md#bent-over-the-desk)",
    ),
    **dict.fromkeys(
        ("TURNED_LOG_ODDS", "TURNED_WHOLLY"),
        "[when the camera is turned](#when-the-camera-is-turned)",
    ),
    "_LOW_SHOULDERS": "[shoulders near the lower edge](#shoulders-near-the-lower-edge)",
    "MAD_TO_SD": "a property of the normal distribution",
    **dict.fromkeys(
        ("_FRONT_YAW_DEG", "_SIDE_YAW_DEG", "_SIDE_WIDTH_TO_TRUNK"), "[views](#views)"
    ),
}  # fmt: skip
"""Where each number of `limits` comes from: a heading of the report, or a source."""


def gates(figures: Figures) -> str:
    """The limits of shape against what was found."""
    named = figures["limits"]["pose/sitter.py"]
    shapes, changes = figures["shapes"], figures["changes"]
    front, others = shapes["sitters"]["front"], shapes["not sitters, front"]
    rows = []
    for constant, quantity in (
        ("_SMALLEST_HEAD", "head_size"), ("_SMALLEST_SHOULDERS", "shoulder_width"),
        ("_SHOULDERS_TO_HEAD", "shoulders_to_head"), ("_NECK_TO_HEAD", "neck_to_head"),
        ("_STEEPEST_DEG", "ear_tilt_deg"), ("_STEEPEST_DEG", "shoulder_tilt_deg"),
    ):  # fmt: skip
        if constant in named:
            rows.append([
                f"`{constant}`", limit(named[constant]), words(quantity),
                ends(front[quantity]), ends(front[quantity], "p1", "p99"), ends(others[quantity]),
            ])  # fmt: skip
    for constant, quantity in (
        ("_SIZE_RATIO", "head_size_ratio"), ("_SIZE_RATIO", "shoulder_width_ratio"),
        ("_REACH", "reach"), ("_FACE_TURN", "face_turn"), ("_TRUNK_TURN", "trunk_turn"),
    ):  # fmt: skip
        if constant in named:
            rows.append([
                f"`{constant}`", limit(named[constant]), f"{words(quantity)} to the baseline",
                ends(changes[quantity]), ends(changes[quantity], "p1", "p99"), "",
            ])  # fmt: skip
    return table(
        ["limit in `pose/sitter.py`", "value", "quantity", "rendered sitters, front",
         "1 to 99 % of them", "poses without a sitter, front"],
        rows,
    )  # fmt: skip


def moves(figures: Figures) -> str:
    """What counts as another position."""
    rows = [[kind, counted(found)] for kind, found in figures["moves"].items()]
    return table(["scene, front", "another position than the baseline's"], rows)


def limits(figures: Figures) -> str:
    """Every number that decides, and where it comes from."""
    rows = [
        [f"`{module}`", f"`{name}`", limit(value), SOURCES.get(name, UNSTUDIED)]
        for module, named in figures["limits"].items()
        for name, value in named.items()
    ]
    return table(["in", "name", "value", "from"], rows)


def limit(value: Any) -> str:
    """A limit of the program as written there."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {number:g}" for key, number in value.items())
    if isinstance(value, list):
        return " to ".join(f"{number:g}" for number in value)
    return f"{value:g}".replace("-", MINUS)


TABLES = {"gates": gates, "limits": limits, "moves": moves}
"""Each by its name in the report."""
