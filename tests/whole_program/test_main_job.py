"""The whole job with real parts: the pose model, clips, a stream, the log."""

from __future__ import annotations

import csv
import json
import re
import shutil
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import cv2
import pytest

from posturecam.values.observation import ANGLES
from tests.program import DATA, DEMO_CLIP, assert_refused, posturecam
from tests.streams import MjpegServer, clip_jpegs

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.model

SHORT_WAITS = ("--slouch-after", "8s", "--unchanged-after", "15s", "--away-after", "4s")
SETTLED_S = 8.0
"""Smoothing, debounce and the sitter's own movement are over so long after a change."""


def watch(source: object, *words: str) -> list[dict[str, Any]]:
    """The records of a watch that takes its baseline from the beginning."""
    outcome = posturecam(
        "watch", "--source", str(source), "--calibrate", "9s", "--format", "jsonl", "--no-notify",
        *SHORT_WAITS, *words,
    )  # fmt: skip
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stderr == ""
    return [json.loads(line) for line in outcome.stdout.splitlines()]


def of_type(records: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """The records of one type."""
    return [record for record in records if record["type"] == kind]


def states_over(records: list[dict[str, Any]], from_s: float, to_s: float) -> set[str]:
    """The states of the samples in a span."""
    return {r["state"] for r in of_type(records, "sample") if from_s <= r["t_s"] < to_s}


def test_the_demo_shows_everything_and_leaves_nothing(home: Path) -> None:
    """Calibrates, alerts for both, notices the absence, reviews."""
    outcome = posturecam("demo", env={"COLUMNS": "60"})

    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stderr == ""
    shown = outcome.stdout
    assert "a real pose model,\neverything on this machine.\n" in shown  # wrapped between words
    assert "ALERT (slouch)" in shown
    assert "ALERT (unchanged)" in shown
    assert "away" in shown
    assert "Longest unchanged" in shown
    assert shown.endswith(f"Your turn: {sys.executable} -m posturecam\n")
    # The review has the times that the watch said, but for what a minute cuts off.
    said = re.findall(r"(\d\d):(\d\d):\d\d  camera (?:open|closed): demo", shown)
    reviewed = re.findall(r"(\d\d):(\d\d)", shown[shown.index("\nWatched ") :])
    for (hours, minutes), (hours_too, minutes_too) in zip(said, reviewed, strict=False):
        apart_min = 60 * (int(hours) - int(hours_too)) + int(minutes) - int(minutes_too)
        assert abs(apart_min) <= 1
    assert len(said) == 2
    stretch = re.search(r"Longest unchanged (\d+ s) from \S+ to (\d\d:\d\d)", shown)
    assert stretch is not None
    assert re.search(rf"{stretch[2]}:\d\d  moved, after {stretch[1]} in one position", shown)
    assert "Too little for a conclusion" in shown
    assert not re.search(r"(\d\d:\d\d(:\d\d)?) to \1\b(?!:)", shown)
    assert not home.exists()


def test_a_session_is_judged_right_and_logged() -> None:
    """Upright, slumped, chair nearer, gone, back, leaning in: against the truth of each frame."""
    with (DATA / "demo_truth.csv").open() as file:
        truth = list(csv.DictReader(file))
    records = watch("demo")
    summary = records[-1]

    for begin, end in pairwise([*truth, {"from_s": "89.8", "state": ""}]):
        settled_s, until_s = float(begin["from_s"]) + SETTLED_S, float(end["from_s"])
        if until_s > settled_s > 9:
            assert states_over(records, settled_s, until_s) == {begin["state"]}, begin
    assert {r["kind"] for r in of_type(records, "alert")} == {"slouch", "unchanged"}
    assert summary["type"] == "summary"
    parts_s = [summary[f"{state}_s"] for state in ("upright", "slouched", "away", "unknown")]
    assert sum(parts_s) == pytest.approx(summary["watched_s"], abs=0.2)

    review = json.loads(posturecam("review", "--format", "json").stdout)
    assert review["watched_s"] == pytest.approx(summary["watched_s"], abs=0.2)
    assert review["slouched_s"] == pytest.approx(summary["slouched_s"], abs=0.2)
    assert review["away_s"] == pytest.approx(summary["away_s"], abs=0.2)


def test_a_check_shows_the_limits_and_stores_nothing(home: Path) -> None:
    """Upright, then slumped: lines of deviations with their limits, and the share within them."""
    assert posturecam("calibrate", "--source", "demo", "--seconds", "9").returncode == 0
    outcome = posturecam("calibrate", "--check", "--source", "demo", "--seconds", "30")

    assert outcome.returncode == 0, outcome.stderr
    *lines, last = outcome.stdout.splitlines()
    assert len(lines) >= 25
    assert "of 12°" in lines[5]
    within = re.fullmatch(r"upright (\d+) % of \d+ s judged", last)
    assert within is not None
    assert 30 < int(within[1]) < 90
    assert not (home / "log.db").exists()


def test_a_slump_take_is_kept_and_used(home: Path) -> None:
    """The first seconds upright, the next in the slump; the profile holds both."""
    words = ("calibrate", "--source", "demo", "--seconds")
    refused = posturecam(*words, "4", "--slump")
    assert_refused(refused, 4, "hardly differs", "without --slump")
    assert not list(home.glob("profiles/*"))

    outcome = posturecam(*words, "11", "--slump")
    assert outcome.returncode == 0, outcome.stderr
    assert "--check --source demo, or posturecam watch --source demo" in outcome.stdout
    kept = json.loads((home / "profiles" / "default.json").read_text())["thresholds"]
    assert 0.7 * 12 <= kept["neck_deg"] <= 1.5 * 12
    assert kept["shoulder_tilt_deg"] == 7


@pytest.mark.slow
def test_more_sensitivity_finds_more_slouching_in_the_same_photos(tmp_path: Path) -> None:
    """Low, medium, high: each finds what the one before found, and probabilities say how surely."""
    photos, upright = DATA / "photos" / "mixed", DATA / "photos" / "upright"
    found = []
    for level in ("low", "medium", "high"):
        outcome = posturecam(
            "analyze", photos, "--baseline", upright, "--format", "jsonl", "--sensitivity", level
        )
        rows = [json.loads(line) for line in outcome.stdout.splitlines()]
        found.append({row["file"] for row in rows if row["state"] == "slouched"})
        for row in rows:
            chance = row["slouch_probability"]
            if row["state"] == "away":
                assert chance is None
            else:
                assert (chance >= 0.5) == (row["state"] == "slouched")

    assert found[0] <= found[1] <= found[2]
    assert found[1]


def test_a_real_stream_is_watched_like_a_camera() -> None:
    """MJPEG over HTTP on loopback, timed by the clock, ended by `--duration`."""
    assert posturecam("calibrate", "--source", "demo", "--seconds", "9").returncode == 0
    with MjpegServer(clip_jpegs(DEMO_CLIP, limit=90), rate_hz=10) as server:
        outcome = posturecam(
            "watch", "--source", server.url, "--duration", "8s", "--format", "jsonl", "--no-notify"
        )

    assert outcome.returncode == 0, outcome.stderr
    records = [json.loads(line) for line in outcome.stdout.splitlines()]
    assert of_type(records, "state")[0]["to"] == "upright"
    first, summary = of_type(records, "sample")[0], records[-1]
    assert summary["ended_by"] == "time is up"
    # A still sitter is looked at once a second, so it begins and ends with such a look.
    assert summary["watched_s"] == pytest.approx(summary["t_s"] - first["t_s"], abs=1.5)


@pytest.mark.slow
def test_nobody_is_seen_after_the_sitter_has_left(shared: Path) -> None:
    """Real footage: the pose model's ghost of a sitter who left is not taken for them."""
    # He is gone for six seconds only; up to two of them pass before that is seen and believed.
    records = watch(shared / "clips/derived/d1_clm_cap12_sim.mp4", "--away-after", "3s")

    assert states_over(records, 79, 80) == {"away"}
    assert states_over(records, 86, 90) == {"upright"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "calibrate"),
    [("c01_clm_cap12.mp4", "5s"), ("c06_intel_male.mp4", "3s")],
)
def test_people_who_just_sit_are_upright(shared: Path, name: str, calibrate: str) -> None:
    """Real footage in which nothing is wrong brings no slouched second."""
    records = watch(shared / "clips/clips" / name, "--calibrate", calibrate)

    assert states_over(records, 0, 100) == {"upright"}


@pytest.mark.slow
def test_an_empty_room_makes_no_baseline(shared: Path) -> None:
    """Real footage of a room with a table, and of two people side by side."""
    clips = shared / "clips/clips"
    empty = posturecam(
        "calibrate", "--source", clips / "c08_intel_empty_walkers.mp4", "--seconds", "5"
    )
    two = posturecam("calibrate", "--source", clips / "c07_intel_two.mp4", "--seconds", "3")

    assert_refused(empty, 4, "No baseline", "nobody")
    assert_refused(two, 4, "No baseline", "more than one person")


@pytest.mark.slow
def test_a_sitter_who_leaves_is_away_and_no_ghost_stays() -> None:
    """Gone from 10.1 s to 18.8 s: soon nobody in between, upright before and after.

    Away is said later: who leaves the picture may have sunk out of it for some seconds.
    """
    records = watch(DATA / "leaves_and_returns.mp4", "--calibrate", "5s")

    assert states_over(records, 6, 10) == {"upright"}
    assert states_over(records, 16, 18) <= {"unknown", "away"}
    between = [one for one in records if one["type"] == "sample" and 16 <= one["t_s"] <= 18]
    assert {tuple(one["reasons"]) for one in between} == {("nobody in view",)}
    assert states_over(records, 18.8 + 5, 25) == {"upright"}


def test_photos_are_judged_one_by_one(tmp_path: Path) -> None:
    """A folder against a folder of upright pictures: JSON lines, CSV, and annotated copies."""
    drawn = tmp_path / "new" / "drawn"
    photos = DATA / "photos" / "mixed"
    words = ("analyze", photos, "--baseline", DATA / "photos" / "upright")
    outcome = posturecam(*words, "--format", "jsonl", "--annotate", drawn)
    assert outcome.returncode == 0, outcome.stderr
    rows = {row["file"]: row for row in map(json.loads, outcome.stdout.splitlines())}

    names = sorted(path.name for path in photos.iterdir())
    assert list(rows) == names
    assert {name: row["state"] for name, row in rows.items()} == {
        "absent_empty.jpg": "away",
        "chair_farther.jpg": "upright",
        "chair_rolled.jpg": "upright",
        "forward_head.jpg": "slouched",
        "head_turned.jpg": "upright",
        "lean_in.jpg": "slouched",
        "recline.jpg": "upright",
        "side_lean.jpg": "slouched",
        "slump.jpg": "slouched",
        "upright.jpg": "upright",
    }
    absent = rows.pop("absent_empty.jpg")
    assert absent["present"] is False
    assert absent["neck_deg"] is None
    assert absent["neck_deg_sd"] is None
    for row in rows.values():
        assert (row["present"], row["view"], row["t_s"]) == (True, "front", None)
        assert all(row[f"{angle}_deg_sd"] > 0 for angle in ANGLES)
    assert rows["forward_head.jpg"]["reasons"][0].startswith("head about ")
    assert sorted(path.name for path in drawn.iterdir()) == names
    assert cv2.imread(str(drawn / "slump.jpg")) is not None

    table = posturecam(*words, "--format", "csv")
    parsed = {row["file"]: row for row in csv.DictReader(table.stdout.splitlines())}
    assert [row["state"] for row in parsed.values()][1:] == [r["state"] for r in rows.values()]
    assert float(parsed["slump.jpg"]["neck_deg"]) == rows["slump.jpg"]["neck_deg"]

    foreign = tmp_path / "foreign"
    foreign.mkdir()
    shutil.copy(photos / "slump.jpg", foreign / "=1\x1b[2J\x9b\u202e.jpg")
    for form, name in (("csv", r"'=1\u001b[2J\u009b\u202e.jpg"), ("jsonl", "=1\\u001b[2J")):
        judged = posturecam("analyze", foreign, "-b", DATA / "photos" / "upright", "--format", form)
        assert name in judged.stdout
        assert all(sign.isprintable() or sign == "\n" for sign in judged.stdout)


@pytest.mark.slow
def test_a_video_is_judged_frame_by_frame() -> None:
    """Numbered frames with their own media time, against a baseline from a folder."""
    clip = DATA / "leaves_and_returns.mp4"
    outcome = posturecam("analyze", clip, "--baseline", "demo", "--format", "jsonl")
    assert_refused(outcome, 4, "neither a profile nor a file")

    upright = DATA / "photos" / "upright"
    outcome = posturecam("analyze", clip, "-b", upright, "--format", "jsonl")
    rows = [json.loads(line) for line in outcome.stdout.splitlines()]
    assert [row["frame"] for row in rows] == list(range(247))
    assert [row["t_s"] for row in rows] == [round(0.1 * n, 3) for n in range(247)]
    gone = [row for row in rows if 10.5 <= row["t_s"] < 18.5]
    assert {row["state"] for row in gone} == {"away"}


def test_a_corrupt_picture_is_left_out_named_and_counted(tmp_path: Path) -> None:
    """The others are judged all the same."""
    photos = tmp_path / "photos"
    shutil.copytree(DATA / "photos" / "upright", photos)
    (photos / "001a.jpg").write_bytes(b"\xff\xd8 broken")
    outcome = posturecam("analyze", photos, "--baseline", photos, "--format", "jsonl")

    assert outcome.returncode == 0
    assert len(outcome.stdout.splitlines()) == 5
    assert outcome.stderr == "posturecam: 1 unreadable, left out: 001a.jpg\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("clip", "calibrate"),
    [(None, "9s"), ("clips/derived/d5_via_high_REALPOSTURE.mp4", "4s")],
    ids=["rendered", "real"],
)
def test_looking_less_often_alerts_no_later_than_a_second(
    home: Path, shared: Path, clip: str | None, calibrate: str
) -> None:
    """The same clip with the model on every picture: the same alerts, at the same times."""
    home.mkdir()
    found = {}
    for adaptive in (False, True):
        (home / "config.toml").write_text(f"adaptive = {str(adaptive).lower()}\n")
        records = watch("demo" if clip is None else shared / clip, "--calibrate", calibrate)
        # What is due in the last second of the clip may come after its end.
        ends_s = records[-1]["t_s"] - 1.0
        found[adaptive] = [alert for alert in of_type(records, "alert") if alert["t_s"] < ends_s]

    assert found[False]
    assert [alert["kind"] for alert in found[True]] == [alert["kind"] for alert in found[False]]
    for sparing, full in zip(found[True], found[False], strict=True):
        assert sparing["t_s"] == pytest.approx(full["t_s"], abs=1.0)
