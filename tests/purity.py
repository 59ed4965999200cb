"""Which modules are pure, and the tests that are to cover them without camera or model."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def _pure_files() -> frozenset[str]:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    report = tomllib.loads(text)["tool"]["coverage"]["report"]
    listed = {path for glob in report["include"] for path in ROOT.glob(glob)}
    files = {path.relative_to(ROOT).as_posix() for path in listed} - set(report["omit"])
    return frozenset(file for file in files if not file.endswith("__init__.py"))


PURE = _pure_files()
"""Their files, from the top of the checkout."""
ALSO = {
    "alerts.outcomes": ("policy", "alert_edges"),
    "alerts.policy": ("alert_edges", "breaks", "workday"),
    "alerts.presence": ("policy", "alert_edges"),
    "alerts.waits": ("breaks", "policy"),
    "alerts.suppression": ("quiet",),
    "base.local_time": ("clock", "pain", "reviewing", "weekly"),
    "capture.http_login": ("network_camera",),
    "capture.source": ("camera",),
    "care.texts": ("care_texts",),
    "care.words": ("exercises", "journaling", "pain"),
    "commands.doctor_check": ("doctor",),
    "log.export_format": ("export",),
    "log.merging": ("store",),
    "log.schema": ("store", "log_file"),
    "log.sqlite_journal": ("log_edges", "recovery"),
    "log.sqlite_pages": ("recovery",),
    "log.tables": ("log_edges", "export", "importing", "journal"),
    "log.totals": ("log_edges",),
    "log.written_words": ("codes",),
    "outputs.baseline_words": ("calibrating", "codes", "desks", "live_rows"),
    "outputs.event_texts": ("display",),
    "base.language": ("calibrating",),
    "outputs.log_words": ("codes",),
    "outputs.view_memory": ("live_rows",),
    "outputs.words": ("live_rows", "calibrating", "codes", "display"),
    "pose.in_doubt": ("bent_over",),
    "pose.measures": ("angles",),
    "pose.silhouette_network": ("shoulders",),
    "pose.system_libraries": ("doctor",),
    "posture.anchors": ("posture_edges",),
    "posture.baseline": ("profiles",),
    "posture.camera": ("camera_turns",),
    "posture.invariants": ("angle_model",),
    "posture.profile_fit": ("desks",),
    "posture.kept_pose": ("baseline", "head"),
    "posture.mismatch": ("posture_edges", "staleness"),
    "posture.observe": (
        "sitter",
        "staleness",
        "attention",
        "in_doubt",
        "bent_over",
        "turned_odds",
    ),
    "posture.place": ("posture_edges",),
    "posture.stance": ("stances",),
    "posture.state": ("posture", "posture_edges", "positions", "workday", "sampling"),
    "posture.taking": ("new_baseline", "calibrating"),
    "posture.zero": ("taught", "zeroing"),
    "review.conclusion": ("review_edges",),
    "review.data": ("render",),
    "review.day": ("review", "review_edges", "conclusion"),
    "review.facts": ("conclusion", "render", "review_edges", "span_words", "weekly"),
    "review.figures": ("page",),
    "review.page_plan": ("page_plan", "review_pages"),
    "review.span_page": ("review_pages",),
    "review.span_trends": ("span_trends",),
    "review.span_words": ("render", "review_pages", "span_trends"),
    "review.stretches": ("review",),
    "review.strip": ("render", "page"),
    "review.text": ("render",),
    "review.usual": ("review", "review_edges"),
    "review.trends": ("figures", "page"),
    "review.words": ("render", "review"),
    "tray.icons": ("tray",),
    "tray.menu": ("tray",),
    "tray.seen": ("tray", "glow"),
    "tray.calibration_words": ("tray", "tray_edges"),
    "values.answers": ("exercises", "journaling"),
    "values.desk": ("desks",),
    "values.events": ("records",),
    "values.goal": ("conclusion",),
    "values.log_rows": ("review", "store"),
    "values.outline": ("shoulders",),
    "values.reasons": ("codes", "posture"),
    "values.settings": ("config",),
    "values.observation": ("posture", "policy"),
    "values.stored_codes": ("codes",),
    "values.totals": ("review",),
    "watch.attention": ("attention_camera", "camera_turns", "place"),
    "watch.lending": ("borrowing",),
    "watch.turn_events": ("controlled_watch",),
    "watch.protocol": ("control", "broadcast"),
    "watch.renewal": ("zeroing",),
    "watch.sampling": ("attention",),
    "watch.broadcast": ("watch_edges",),
    "watch.stances": ("posture_edges",),
    "watch.task": ("controlled_watch",),
    "watch.totals": ("totals", "watch_edges", "workday"),
}
"""Test files beside its own that show what a module does."""
LONG = frozenset({
    "camera_faults", "damaged_input", "positions", "staleness", "controlled_watch", "workday",
})  # fmt: skip
"""Those that play whole days and watches. They see the faults that `make mutants` puts in; lines
are not counted in them, which would take two or three times as long."""


def own_tests(name: str) -> list[Path]:
    """The test files of a module of that full name, its own first."""
    stem = name.rpartition(".")[2]
    names = (stem, *ALSO.get(name.removeprefix("posturecam."), ()))
    return [path for one in names for path in sorted((ROOT / "tests").rglob(f"test_{one}.py"))]


def counted_tests() -> frozenset[Path]:
    """The test files that are to reach every line of the pure modules."""
    names = (file.removesuffix(".py").replace("/", ".") for file in PURE)
    found = {path for name in names for path in own_tests(name)}
    return frozenset(path for path in found if path.stem.removeprefix("test_") not in LONG)


if __name__ == "__main__":
    sys.stdout.write(" ".join(sorted(str(path.relative_to(ROOT)) for path in counted_tests())))
