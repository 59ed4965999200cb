"""The study: every figure of report.md, from pictures and videos with known truth.

    python calibration/study.py --shared ../shared
    python calibration/study.py --landmarks calibration/data

With --shared the pose models look at every picture again, which takes a few minutes; with
--landmarks the tables that make_tables.py wrote stand in for them, and the figures are the same.
Writes results/angle_model_study.json and the plots, and puts the tables into report.md. Fixed
order, fixed seed. The baseline of a rendered sitter is the median of its ten upright pictures;
unknown counts as not slouched; the grey zone is left out of right and wrong.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import warnings
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import report_tables
from footage import (
    PICTURES,
    REAL_CLIPS,
    RENDERED,
    RENDERED_VIDEOS,
    TRAINING,
    VIDEOS,
    Footage,
    load,
    look,
)
from gates import changes, limits, moves, pictures, shapes, takes, views
from intervals import RESAMPLES, SEED, Figures, tidy
from own_sitters import near_figures, opened, sitter_figures, unseen_cases
from rendered import (
    FRONTAL_PLANE,
    GROUPS,
    Sitters,
    conditions,
    detectable,
    errors,
    judge_pictures,
    kinds,
    presence,
    reliability,
    verdicts,
)
from sequences import (
    averaging,
    empty_room,
    first_looks,
    just_sitting,
    labelled,
    phases,
    session,
    shown_stills,
    side_stills,
    sittings,
    timing,
    watch,
)

from posturecam.pose.landmarker import PoseLandmarker, mediapipe_version
from posturecam.pose.models import find_model, find_shoulder_model
from posturecam.values.observation import View

if TYPE_CHECKING:
    from rendered import Case
    from sequences import Moment

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
RESULTS = HERE / "results"
MODELS = ("full", "lite")
STEADY_S = (2.2, 10.0)
"""The rendered sitters of the videos have settled, and have not yet slumped."""
WARPED_S = (2.0, 14.0)
WITH_ABSENCES = ("front, single changes", "three-quarter", "side")
LITE_VIDEOS = ("d5_via_high_REALPOSTURE",)


def gather(shared: Path | None, landmarks: Path | None) -> dict[str, dict[str, Footage]]:
    """The footage of both models, by the pose model itself or out of tables."""
    names = {"full": (*PICTURES, *VIDEOS), "lite": (*PICTURES, *LITE_VIDEOS)}
    if landmarks is not None:
        return {
            model: {name: load(landmarks / f"{name}.npz", model) for name in names[model]}
            for model in MODELS
        }
    if shared is None:
        raise SystemExit("study.py needs --shared or --landmarks")
    footage: dict[str, dict[str, Footage]] = {}
    for model in MODELS:
        with PoseLandmarker.open(find_model(model)) as landmarker:
            footage[model] = {name: look(shared, name, landmarker) for name in names[model]}
    return footage


def of_group(judged: dict[str, Sitters], group: str) -> list[Case]:
    """The test cases of one group."""
    name, view = GROUPS[group]
    return judged[name].cases[view]


def rendered_figures(judged: dict[str, Sitters]) -> Figures:
    """Everything about rendered pictures that is asked of one pose model."""
    figures: Figures = {
        "refused": [person for of_set in judged.values() for person in of_set.refused],
        "errors": {group: errors(of_group(judged, group)) for group in GROUPS},
        "verdicts": {group: verdicts(of_group(judged, group)) for group in GROUPS},
        "kinds": {group: kinds(of_group(judged, group)) for group in GROUPS},
    }
    front = [group for group in GROUPS if group.startswith("front")]
    parts = {group: of_group(judged, group) for group in front}
    parts["front, all of these"] = [case for group in front for case in parts[group]]
    for group in ("three-quarter", "side"):
        sagittal = [
            case for case in of_group(judged, group) if case.judged.scenario not in FRONTAL_PLANE
        ]
        name = f"{group}, sagittal slouches"
        figures["verdicts"][name], parts[name] = verdicts(sagittal), sagittal
    figures["reliability"] = {name: reliability(cases) for name, cases in parts.items()}
    return figures


def video_figures(footage: dict[str, Footage], watches: dict[str, list[Moment]]) -> Figures:
    """Reaction in time, gain of averaging, presence in videos."""
    return {
        "timing": {name: timing(moments) for name, moments in watches.items()},
        "averaging": averaging(watches),
        "warped": {
            name: phases(footage[name], *WARPED_S) for name in ("d1_clm_cap12_sim", "d2_pyfeat_sim")
        },
        "empty_room": empty_room(footage["c08_intel_empty_walkers"]),
        "just_sitting": {
            name: just_sitting(footage[name]) for name in REAL_CLIPS if not name.startswith("c08")
        },
    }


def real_figures(footage: dict[str, Footage]) -> Figures:
    """Labelled real stills."""
    sessions = {
        "hi": session(*labelled(footage["stills"], "via_hi")),
        "mid": session(*labelled(footage["stills"], "via_mid")),
        "hi, all stills, out of a video": session(
            *shown_stills(footage["d5_via_high_REALPOSTURE"])
        ),
    }
    return {"sessions": sessions, "side": side_stills(footage["stills"]),
            "first_looks": first_looks(footage["stills"])}  # fmt: skip


def study(
    footage: dict[str, dict[str, Footage]],
    judged: dict[str, dict[str, Sitters]],
    watches: dict[str, list[Moment]],
    via: Footage,
) -> Figures:
    """All figures."""
    full, lite = footage["full"], footage["lite"]
    sets = {name: full[name] for name in RENDERED}
    baselines = {p: b for one in judged["full"].values() for p, b in one.baselines.items()}
    cases = {group: of_group(judged["full"], group) for group in GROUPS}
    front = [cases[group] for group in GROUPS if group.startswith("front")]
    front_repeats = [case for one in judged["full"].values() for case in one.repeats[View.FRONT]]
    others = {
        view.value: judged["full"]["dev"].repeats[view] for view in (View.THREE_QUARTER, View.SIDE)
    }
    with warnings.catch_warnings():
        # That table has no hands, so none is near a face; numpy warns of a minimum of nothing.
        warnings.filterwarnings("ignore", "All-NaN slice", RuntimeWarning)
        of_table = {name: session(*labelled(via, f"via_{name}")) for name in ("hi", "mid")}
    figures: Figures = {
        "about": "Written by calibration/study.py. Angles in degrees; rendered truth is synthetic.",
        "seed": SEED,
        "resamples": RESAMPLES,
        "model": packaged_model(),
        "pose_models": {name: find_model(name).sha256 for name in MODELS},
        "shoulder_model": find_shoulder_model().sha256,
        "mediapipe": mediapipe_version(),
        "full": rendered_figures(judged["full"]),
        "lite": rendered_figures(judged["lite"]),
        "conditions": conditions(front[:1]),
        "detectable": {
            "front": detectable(front_repeats, [case for group in front for case in group]),
            **{view: detectable(others[view], cases[view]) for view in others},
        },
        "presence": {group: presence(cases[group]) for group in WITH_ABSENCES},
        "videos": video_figures(full, watches),
        "real": {
            "full": real_figures(full),
            "lite": real_figures(lite),
            "table": of_table,
            "sittings": {model: sittings(of) for model, of in footage.items()},
        },
        "own": {
            "unseen": sitter_figures({view: unseen_cases(view) for view in View}),
            "near": near_figures(),
            "validation": opened(),
        },
        "limits": limits(),
        "shapes": shapes(sets),
        "changes": changes(sets, baselines),
        "pictures": pictures(sets, {name: full[name] for name in ("stills", *REAL_CLIPS)}),
        "moves": moves(sets, baselines),
        "views": views([*(load(DATA / f"{n}.npz", "full") for n in TRAINING), *sets.values()]),
        "takes": takes(sets, {name: full[name] for name in REAL_CLIPS}),
    }  # fmt: skip
    return dict(tidy(figures))


def packaged_model() -> Figures:
    """The angle model that these figures are of."""
    data = (resources.files("posturecam") / "data" / "angle_model.json").read_bytes()
    document = json.loads(data)
    return {
        "file": "posturecam/data/angle_model.json",
        "sha256": hashlib.sha256(data).hexdigest(),
        "format": document["format"],
        "fitted_on_sha256": document["fitted_on_sha256"],
    }


def main() -> None:
    """Make the figures, the plots and the tables of the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path)
    parser.add_argument("--landmarks", type=Path)
    arguments = parser.parse_args()

    import plots

    via = load(DATA / "via.npz", "lite")
    footage = gather(arguments.shared, arguments.landmarks)
    judged = {
        model: {name: judge_pictures(name, footage[model][name]) for name in RENDERED}
        for model in MODELS
    }
    watches = {name: watch(footage["full"][name], *STEADY_S) for name in RENDERED_VIDEOS}
    figures = study(footage, judged, watches, via)
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(figures, indent=1, ensure_ascii=False)
    (RESULTS / "angle_model_study.json").write_text(text + "\n", encoding="utf-8")
    plots.draw_all(RESULTS, figures, judged["full"], watches)
    report_tables.fill(HERE / "report.md", figures)


if __name__ == "__main__":
    main()
