"""What a guided minute and "that was no slouch" bring: rendered sitters, front views.

    python calibration/personal.py

Judges the test pictures of `data/sitters_validation.npz`, whom no fit has seen, with nothing
taught, with the guided pictures of the same sitter, and with feedback: every other of a sitter's
false alarms, beginning with the first, is labelled and the rest judged again. Then every second
slouch that is seen is labelled as if it were a false alarm: what is lost then is the most that
wrong labels cost. Last, the test sitters of the study, with pictures of their own for guided ones,
which are not judged. No verdict counts as not slouched. Nothing is written.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from evaluate import take_baseline
from footage import RENDERED, by_sitter, load
from odds import GREY
from pairs import kind_of

from posturecam.pose.in_doubt import find_in_doubt
from posturecam.pose.measures import find_view
from posturecam.pose.sitter import find_sitter, raised_arm, why_not_judgeable
from posturecam.posture.anchors import NOTHING_TAUGHT, Anchor, Personal, personal_of
from posturecam.posture.angle_model import Estimate, estimate, slouch_log_odds
from posturecam.posture.observe import PLAIN_LOG_ODDS
from posturecam.posture.scenery import UNTURNED
from posturecam.values.observation import UnknownReason, View
from posturecam.values.reasons import Lesson
from posturecam.values.settings import Thresholds

if TYPE_CHECKING:
    from footage import Footage

    from posturecam.pose.measures import Measures
    from posturecam.pose.sitter import Candidate
    from posturecam.values.observation import Detection

DATA = Path(__file__).parent / "data"
STAND_INS = {
    Lesson.CHAIR_NEARER: ("chair_nearer", "nearer+lighting"),
    Lesson.CHAIR_LOWER: ("chair_lower",),
}
"""Scenes of the test sitters, who were not guided; the first picture of one of these is taught."""
_AT = datetime(2026, 1, 1, tzinfo=UTC)
_LIMITS = Thresholds()


@dataclass(frozen=True)
class Shown:
    """One picture of a sitter; person and estimate are None where it gets no verdict.

    Somebody bent over the desk gets one from `least_log_odds` on, as in the program.
    """

    sitter: str
    split: str
    scene: str
    ratio: float
    person: Candidate | None
    baseline: Measures
    found: Estimate | None
    least_log_odds: float

    def anchor(self, lesson: Lesson) -> Anchor:
        """This picture, labelled."""
        assert self.person
        return Anchor(
            lesson=lesson, view=View.FRONT, pose=self.person.measures, baseline=self.baseline,
            model_sha256="", at=_AT,
        )  # fmt: skip

    def slouched(self, personal: Personal) -> bool:
        """What the program says of it."""
        if self.person is None or self.found is None:
            return False
        log_odds = slouch_log_odds(personal.corrected(self.found), View.FRONT, _LIMITS)
        return log_odds >= self.least_log_odds


def all_shown(footage: Footage) -> list[Shown]:
    """All pictures of a table that are no baseline; those with a lid tilted are left out."""
    shown = []
    for sitter, places in by_sitter(footage.rows).items():
        rows = [(footage.rows[place], footage.detections[place]) for place in places]
        baseline = take_baseline(seen for row, seen in rows if row["split"] == "baseline")
        if baseline is None or find_view(baseline) is not View.FRONT:
            continue
        for row, seen in rows:
            left_out = row["split"] == "baseline" or "lid_tilted" in row["scenario"]
            if left_out or row["present"] != "1":
                continue
            person, least_log_odds = person_of(seen, baseline)
            found = estimate(person.measures, baseline, View.FRONT) if person else None
            shown.append(
                Shown(
                    sitter=sitter, split=row["split"], scene=row["scenario"],
                    ratio=float(row["ratio"]), person=person, baseline=baseline, found=found,
                    least_log_odds=least_log_odds,
                )
            )  # fmt: skip
    return shown


def person_of(seen: Detection, baseline: Measures) -> tuple[Candidate | None, float]:
    """The sitter where the program gives a verdict, and the log-odds from which it is a slouch."""
    person = find_sitter(seen, baseline)
    if isinstance(person, UnknownReason):
        doubted = find_in_doubt(seen, person, baseline, UNTURNED.put_back)
        return doubted.sitter if doubted else None, PLAIN_LOG_ODDS
    unclear = why_not_judgeable(person.measures, baseline, View.FRONT)
    if unclear or raised_arm(person.landmarks, View.FRONT):
        return None, 0.0
    return person, 0.0


def print_figures(name: str, shown: list[Shown], taught: dict[str, Personal]) -> None:
    """Balanced share of right verdicts by group; recall and false alarms."""
    parts = []
    for group in ("single changes", "two changes", "sliding"):
        bad: list[bool] = []
        good: list[bool] = []
        for one in shown:
            if kind_of(one.scene) == group and not GREY <= one.ratio < 1:
                seen = one.slouched(taught.get(one.sitter, NOTHING_TAUGHT))
                (bad if one.ratio >= 1 else good).append(seen)
        recall, alarms = np.mean(bad), np.mean(good)
        parts.append(
            f"{group} {(recall + 1 - alarms) / 2:.3f} ({recall:.2f} of {len(bad)}, "
            f"{alarms:.3f} of {len(good)})"
        )
    lower = [
        one.slouched(taught.get(one.sitter, NOTHING_TAUGHT))
        for one in shown
        if one.scene.startswith("chair_lower") and one.ratio < GREY
    ]
    print(f"{name}: {'; '.join(parts)}; chair lower {np.mean(lower):.3f} of {len(lower)}")


def print_test_sitters() -> None:
    """Each table of the test sitters, taught by stand-ins and not; these are left out of both."""
    for table in RENDERED:
        shown = all_shown(load(DATA / f"{table}.npz", "full"))
        lessons: dict[str, dict[Lesson, Shown]] = defaultdict(dict)
        for one in shown:
            for lesson, scenes in STAND_INS.items():
                if one.scene in scenes and one.found is not None:
                    lessons[one.sitter].setdefault(lesson, one)
        marked = {id(one) for of_one in lessons.values() for one in of_one.values()}
        taught = taught_by(
            {n: [one.anchor(le) for le, one in of.items()] for n, of in lessons.items()}
        )
        told = [one for one in shown if id(one) not in marked and not GREY <= one.ratio < 1]
        for name, personal in (("nothing", {}), ("guided", taught)):
            seen = [one.slouched(personal.get(one.sitter, NOTHING_TAUGHT)) for one in told]
            bad = np.array([one.ratio >= 1 for one in told])
            recall, alarms = np.mean(np.array(seen)[bad]), np.mean(np.array(seen)[~bad])
            print(f"{table}, {name}: {(recall + 1 - alarms) / 2:.3f} ({len(marked)} taught)")


def taught_by(labelled: dict[str, list[Anchor]]) -> dict[str, Personal]:
    """What each sitter has taught."""
    return {name: personal_of(poses, View.FRONT, "") for name, poses in labelled.items()}


def main() -> None:
    """Print all figures."""
    shown = all_shown(load(DATA / "sitters_validation.npz", "full"))
    test = [one for one in shown if one.split == "test"]
    guided: dict[str, dict[str, Shown]] = defaultdict(dict)
    for one in shown:
        if one.split == "guided":
            guided[one.sitter][one.scene] = one
    whole = {
        name: steps
        for name, steps in guided.items()
        if len(steps) == 3 and all(one.found for one in steps.values())
    }
    test = [one for one in test if one.sitter in whole]
    print(f"{len(whole)} sitters, {len(test)} test pictures; recall and false alarms in brackets")
    print_figures("nothing", test, {})
    kinds = ("chair_nearer", "chair_lower", "own_slouch")
    for chosen in (*((kind,) for kind in kinds), kinds[:2], kinds):
        labelled = {
            name: [steps[kind].anchor(Lesson(kind)) for kind in chosen]
            for name, steps in whole.items()
        }
        print_figures(" + ".join(chosen), test, taught_by(labelled))
    print_feedback(test)
    print_mistakes(test)
    print_test_sitters()


def print_feedback(test: list[Shown]) -> None:
    """Every other false alarm labelled; those that were are left out of the figures."""
    alarms: dict[str, list[Shown]] = defaultdict(list)
    for one in test:
        if one.ratio < GREY and one.slouched(NOTHING_TAUGHT):
            alarms[one.sitter].append(one)
    said = [one for of_one in alarms.values() for one in of_one[::2]]
    labelled: dict[str, list[Anchor]] = defaultdict(list)
    for one in said:
        labelled[one.sitter].append(one.anchor(Lesson.NO_SLOUCH))
    taught = taught_by(labelled)
    again = sum(one.slouched(taught[one.sitter]) for one in said)
    of = sum(map(len, alarms.values()))
    print(f"feedback on {len(said)} of {of} false alarms: {again} of them come again")
    marked = {id(one) for one in said}
    rest = [one for one in test if id(one) not in marked and one.sitter in labelled]
    print_figures("those sitters, nothing", rest, {})
    print_figures("those sitters, feedback", rest, taught)


def print_mistakes(test: list[Shown]) -> None:
    """Slouches labelled as none, and what is seen of the others of the same sitter."""
    bad: dict[str, list[Shown]] = defaultdict(list)
    for one in test:
        if one.ratio >= 1 and one.slouched(NOTHING_TAUGHT):
            bad[one.sitter].append(one)
    bad = {name: of_one for name, of_one in bad.items() if len(of_one) > 1}
    taught = taught_by(
        {n: [one.anchor(Lesson.NO_SLOUCH) for one in b[::2]] for n, b in bad.items()}
    )
    others = [one.slouched(taught[name]) for name, b in bad.items() for one in b[1::2]]
    same = [one.slouched(taught[name]) for name, b in bad.items() for one in b[::2]]
    print(
        f"slouches labelled as none: {np.mean(same):.2f} of {len(same)} are still seen, and "
        f"{np.mean(others):.2f} of {len(others)} other slouches of the same sitters"
    )


if __name__ == "__main__":
    main()
