"""Figures from videos and from real people, through the program's own steps in time."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from evaluate import Seen, judge, take_baseline
from intervals import Figures, area_under_curve, bootstrap, wilson
from rendered import balanced, within_sd

from posturecam.alerts import policy
from posturecam.base.errors import BaselineError
from posturecam.pose.measures import find_view
from posturecam.pose.sitter import find_sitter
from posturecam.posture import state
from posturecam.posture.baseline import PHOTOS, Demands, Take, combine
from posturecam.posture.observe import observe
from posturecam.values.events import Alerted, AlertKind
from posturecam.values.observation import ANGLES, PostureState, UnknownReason
from posturecam.values.settings import PolicySettings, PostureSettings, Thresholds

if TYPE_CHECKING:
    from footage import Footage

    from posturecam.pose.measures import Measures
    from posturecam.values.observation import Detection, Observation, Reading

SETTLED_S = 2.0
"""The running median has forgotten what was before."""
HOUR_S, LOOK_S = 3600.0, 0.2
SIDE_BASELINE = "side_straight_hf.jpg"


@dataclass(frozen=True)
class Moment:
    """One look of a watch: what is true, what one picture says, what is in force."""

    row: dict[str, str]
    observation: Observation
    reading: Reading

    @property
    def truth(self) -> str:
        """`slouched`, `upright`, `absent`, or `between` in the grey zone."""
        if self.row["present"] != "1":
            return "absent"
        if self.row["bad"] == "1":
            return "slouched"
        return "between" if self.row["grey"] == "1" else "upright"

    @property
    def alone(self) -> PostureState:
        """The state by this picture alone."""
        return state.judge_alone(self.observation, Thresholds())[0]


def watch(
    footage: Footage, from_s: float, to_s: float, demands: Demands | None = None
) -> list[Moment]:
    """Calibrate on a span of a video and watch the rest with the default settings.

    Raises:
        BaselineError: the span makes no baseline.
    """
    take = Take(demands or Demands())
    for seen in footage.detections:
        if from_s <= seen.t_s < to_s:
            take.add(seen)
    taken_at = datetime(2026, 1, 1, tzinfo=UTC)
    baseline = combine([take], profile="study", model_sha256="", taken_at=taken_at)
    memory, moments = state.PostureMemory(), []
    for row, seen in zip(footage.rows, footage.detections, strict=True):
        if seen.t_s >= to_s:
            observation = observe(seen, baseline)
            memory, reading = state.step(memory, observation, PostureSettings())
            moments.append(Moment(row, observation, reading))
    return moments


def timing(moments: list[Moment]) -> Figures:
    """How long after the truth the state in force changes, and what it was meanwhile."""
    known = [moment for moment in moments if moment.truth != "between"]
    changes = [b for a, b in pairwise(known) if a.truth != b.truth]
    ends_s = [change.reading.t_s for change in changes[1:]] + [math.inf]
    events = []
    for change, end_s in zip(changes, ends_s, strict=True):
        at_s = change.reading.t_s
        matching = [
            moment.reading.t_s - at_s
            for moment in moments
            if at_s <= moment.reading.t_s < end_s and agrees(moment.reading.state, change.truth)
        ]
        delay_s = min(matching, default=None)
        events.append({"t_s": at_s, "to": change.truth, "delay_s": delay_s})
    seconds: dict[str, dict[str, float]] = {}
    for moment in moments:
        of_truth = seconds.setdefault(moment.truth, {state.value: 0.0 for state in PostureState})
        of_truth[moment.reading.state.value] += moment.reading.span_s
    gone = [moment.observation.unknown_reason for moment in moments if moment.truth == "absent"]
    absent = wilson(unknown_reason is not None for unknown_reason in gone)
    return {"events": events, "seconds": seconds, "absent_no_sitter": absent}


def agrees(state: PostureState, truth: str) -> bool:
    """Whether a state is right; who is gone for less than a minute may be unknown."""
    if truth == "absent":
        return state in (PostureState.UNKNOWN, PostureState.AWAY)
    return state.value == truth


def averaging(watches: dict[str, list[Moment]]) -> Figures:
    """Errors of single pictures and of the running median, where the sitter holds still."""
    single, smooth, spans = [], [], []
    alone = {"single": [0, 0], "state": [0, 0]}
    for name, moments in watches.items():
        since_s = -math.inf
        for moment in moments:
            if moment.row["transition"] == "1" or moment.row["present"] != "1":
                since_s = moment.reading.t_s
            for way, judged in (("single", moment.alone), ("state", moment.reading.state)):
                settled = moment.reading.t_s - since_s > PostureSettings().debounce_s + SETTLED_S
                if settled and moment.truth in ("upright", "slouched"):
                    alone[way][0] += judged.value != moment.truth
                    alone[way][1] += 1
            seen = moment.observation.deviations
            if seen is not None and moment.reading.t_s - since_s > SETTLED_S:
                truth = [float(moment.row[f"d_{angle}_deg"]) for angle in ANGLES]
                single.append(np.subtract(seen.values_deg(), truth))
                smooth.append(np.subtract(moment.reading.deviations.values_deg(), truth))
                spans.append(f"{name} {since_s}")
    figures: Figures = {
        "wrong_single": alone["single"],
        "wrong_state": alone["state"],
        "pictures": len(single),
        "angles": {},
    }
    for index, angle in enumerate(ANGLES):
        of = [np.array(errors)[:, index] for errors in (single, smooth)]
        sds = [within_sd(values, spans) for values in of]
        figures["angles"][angle] = {
            "single_sd_deg": sds[0],
            "smooth_sd_deg": sds[1],
            "single_mae_deg": float(np.abs(of[0]).mean()),
            "smooth_mae_deg": float(np.abs(of[1]).mean()),
            "smooth_detectable_deg": 1.96 * math.sqrt(2) * sds[1],
        }
    return figures


def phases(footage: Footage, from_s: float, to_s: float) -> list[Figures]:
    """Of a real sitter warped in the picture: what single pictures of each phase say."""
    found: dict[tuple[int, str, str], list[Moment]] = {}
    number, last = 0, ""
    for moment in watch(footage, from_s, to_s):
        phase = moment.row["phase"]
        number, last = number + (phase != last), phase
        found.setdefault((number, phase, moment.row["expected"]), []).append(moment)
    return [
        {
            "phase": phase,
            "expected": expected,
            "pictures": len(moments),
            "slouched": sum(m.alone is PostureState.SLOUCHED for m in moments),
            "no_sitter": wilson(m.observation.unknown_reason is not None for m in moments),
            "state_slouched_s": sum(
                m.reading.span_s for m in moments if m.reading.state is PostureState.SLOUCHED
            ),
        }
        for (_, phase, expected), moments in found.items()
        if expected != "transition"
    ]


def just_sitting(footage: Footage) -> Figures:
    """A real clip in which nothing is wrong: baseline from its first two fifths.

    Most are so short that only the demands for photos let them make a baseline.
    """
    to_s = 0.4 * footage.detections[-1].t_s
    try:
        moments = watch(footage, 0.0, to_s, PHOTOS)
    except BaselineError as error:
        return {"refused": error.what}
    here = [m for m in moments if m.observation.unknown_reason is not UnknownReason.NOBODY]
    return {
        "refused": None,
        "pictures": len(moments),
        "nobody": len(moments) - len(here),
        "unknown": sum(m.observation.unknown_reason is not None for m in here),
        "slouched": sum(m.alone is PostureState.SLOUCHED for m in here),
        "state_slouched_s": sum(
            m.reading.span_s for m in moments if m.reading.state is PostureState.SLOUCHED
        ),
        "watched_s": moments[-1].reading.t_s - moments[0].reading.t_s,
        "alerts_in_a_repeated_hour": alerts_in_a_repeated_hour(moments),
    }


def alerts_in_a_repeated_hour(moments: list[Moment]) -> int:
    """Slouch alerts at the default settings while these looks repeat, there and back, for an hour.

    That hour is no more independent than the clip: it says what holding these poses would do.
    """
    seen = [moment.observation for moment in moments]
    to_and_fro = [*seen, *seen[-2:0:-1]]
    held, told, alerts = state.PostureMemory(), policy.PolicyMemory(), 0
    for look in range(round(HOUR_S / LOOK_S)):
        observation = replace(to_and_fro[look % len(to_and_fro)], t_s=look * LOOK_S)
        held, reading = state.step(held, observation, PostureSettings())
        told, events = policy.step(told, reading, PolicySettings())
        alerts += sum(
            isinstance(event, Alerted) and event.kind is AlertKind.SLOUCH for event in events
        )
    return alerts


def session(
    bad: list[bool], seen: list[Detection], tilted: list[bool] | None = None, stride: int = 3
) -> Figures:
    """Labelled stills of one real session: every third upright one is the baseline, in turn.

    The interval is over stills, not over people: there is one person. Stills with the head alone
    tilted are not slouched, and counted apart.

    Args:
        bad: whether each is slouched.
        seen: what was found in it.
        tilted: whether only the head of it is tilted.
        stride: of the upright stills that make a baseline.
    """
    tilted = tilted or [False] * len(bad)
    upright = [index for index in range(len(bad)) if not bad[index] and not tilted[index]]
    told_tilted: list[bool] = []
    counts = np.zeros((len(bad), 4))
    odds: dict[bool, list[float]] = {True: [], False: []}
    sunk: dict[bool, list[float]] = {True: [], False: []}
    for offset in range(3):
        chosen = upright[offset::stride]
        baseline = take_baseline(seen[index] for index in chosen)
        if baseline is None:
            continue
        for index in sorted(set(range(len(bad))) - set(chosen)):
            slouched = bad[index]
            verdict = judge(seen[index], baseline, find_view(baseline))
            told = isinstance(verdict, Seen) and verdict.slouched
            if tilted[index]:
                told_tilted.append(told)
                continue
            counts[index] += [slouched * told, slouched, (not slouched) * told, not slouched]
            odds[slouched] += [verdict.log_odds] if isinstance(verdict, Seen) else []
            sunk[slouched] += ear_drop(seen[index], baseline)
    caught, all_bad, alarmed, all_good = counts.sum(axis=0)
    return {
        "stills": len(bad),
        "slouched_stills": sum(bad),
        "verdicts": int(all_bad + all_good),
        "estimates": len(odds[True]) + len(odds[False]),
        "balanced": bootstrap(counts, balanced),
        "recall": caught / all_bad,
        "false_alarms": alarmed / all_good,
        "area_under_curve": area_under_curve(odds[True], odds[False]),
        "ear_height_area_under_curve": area_under_curve(sunk[True], sunk[False]),
        "head_tilts": float(np.mean(told_tilted)) if told_tilted else None,
    }


def ear_drop(seen: Detection, baseline: Measures) -> list[float]:
    """By what share the ears are lower over the shoulders, in shoulder widths; none of nobody."""
    sitter = find_sitter(seen, baseline)
    if isinstance(sitter, UnknownReason):
        return []
    measures = sitter.measures, baseline
    heights = [(it.shoulder_y - it.ear_y) / it.shoulder_width for it in measures]
    return [1 - heights[0] / heights[1]]


def side_stills(footage: Footage) -> list[Figures]:
    """One real man from the side, against his own straight picture."""
    seen = {row["picture"]: one for row, one in zip(footage.rows, footage.detections, strict=True)}
    baseline = take_baseline([seen[SIDE_BASELINE]])
    if baseline is None:
        return []
    figures = []
    for name, one in seen.items():
        if name.startswith("side_") and name != SIDE_BASELINE:
            verdict = judge(one, baseline, find_view(baseline))
            told = verdict.value if isinstance(verdict, UnknownReason) else "upright"
            values = None
            if isinstance(verdict, Seen):
                values = verdict.deviations.values_deg()
                told = "slouched" if verdict.slouched else "upright"
            figures.append({"picture": name, "view": find_view(baseline).value, "told": told,
                            "deviations_deg": values})  # fmt: skip
    return figures


def first_looks(footage: Footage) -> list[Figures]:
    """Hard stills without a baseline: who is taken for the sitter."""
    figures = []
    for row, one in zip(footage.rows, footage.detections, strict=True):
        if row["picture"].startswith(("hard_", "front_")):
            sitter = find_sitter(one)
            told = sitter.value if isinstance(sitter, UnknownReason) else "a sitter"
            figures.append({"picture": row["picture"], "poses": len(one.people), "told": told})
    return figures


def empty_room(footage: Footage) -> Figures:
    """A real room with people walking by: pictures in which nobody is taken for a sitter."""
    sitters = [find_sitter(one) for one in footage.detections]
    return {
        "with_poses": sum(bool(one.people) for one in footage.detections),
        "no_sitter": wilson(isinstance(sitter, UnknownReason) for sitter in sitters),
    }


def labelled(footage: Footage, prefix: str) -> tuple[list[bool], list[Detection]]:
    """The stills of one session with their labels."""
    pairs = [
        ("slouched" in row["picture"], one)
        for row, one in zip(footage.rows, footage.detections, strict=True)
        if row["picture"].startswith(prefix)
    ]
    return [slouched for slouched, _ in pairs], [one for _, one in pairs]


def sittings(footage: dict[str, Footage]) -> Figures:
    """Every sitting of a real person with labels, as the publishers have it.

    Baselines are of a third of the upright stills, or of about ten where there are more.
    """
    found = {
        f"via, {name}": session(*labelled(footage["stills"], f"via_{name}"))
        for name in ("hi", "mid")
    }
    rows, seen = footage["leaning"].rows, footage["leaning"].detections
    for sitting in dict.fromkeys(row["sitter"] for row in rows):
        own = [index for index, row in enumerate(rows) if row["sitter"] == sitting]
        labels = [rows[index]["scenario"] for index in own]
        found[f"leaning, {sitting}"] = session(
            [label.startswith("lean") for label in labels],
            [seen[index] for index in own],
            [label.startswith("head") for label in labels],
            stride=max(3, labels.count("upright") // 10),
        )
    return found


def shown_stills(footage: Footage) -> tuple[list[bool], list[Detection]]:
    """Each still that a video shows for a second, once, with its label."""
    found: dict[tuple[str, str], Detection] = {}
    for row, one in zip(footage.rows, footage.detections, strict=True):
        found.setdefault((row["phase"], row["src"]), one)
    return [phase == "slouched" for phase, _ in found], list(found.values())
