"""Another language: every text is found for it, and it changes only what people read."""

from __future__ import annotations

import ast
import json
import math
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import replace
from datetime import UTC
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from posturecam.alerts.suppression import DesktopState, parse_quiet_hours
from posturecam.base.addresses import parse_address
from posturecam.base.durations import parse_duration_s
from posturecam.base.errors import PosturecamError
from posturecam.base.language import Sentence, shown
from posturecam.capture.camera_calls import refused
from posturecam.capture.find import find_source
from posturecam.care import words as care_words
from posturecam.care.exercises import MOVES, Portion
from posturecam.care.texts import CARE_TEXTS, care_text
from posturecam.care.words import done_text, dose_text, entry_text, listed_move_text
from posturecam.commands import doctor, doctor_check, doctor_data
from posturecam.commands.analyze import Judged, annotation_lines, table_lines
from posturecam.commands.config_keys import checked_settings
from posturecam.log.recovery import Recovered, recovery_text
from posturecam.log.retention import counted_text
from posturecam.outputs import dates, notices, words
from posturecam.outputs.event_texts import event_text, totals_text
from posturecam.outputs.keys import Keyboard
from posturecam.outputs.live_rows import UNICODE, help_rows, view_rows
from posturecam.outputs.log_words import in_words
from posturecam.outputs.notices import desktop_text, offer_label, offers_for
from posturecam.outputs.records import as_record
from posturecam.outputs.status import StatusBoard, status_lines
from posturecam.outputs.view_memory import ViewMemory
from posturecam.pose.models import find_model
from posturecam.pose.network_guard import GuardStatus
from posturecam.posture.profiles import load_profile
from posturecam.review import span_words
from posturecam.review import words as review_words
from posturecam.review.data import review_csv, review_json
from posturecam.review.day import review_day
from posturecam.review.page import page_html
from posturecam.review.text import review_text
from posturecam.review.usual import review_span
from posturecam.values.answers import Location, Quality
from posturecam.values.commands import Inbox
from posturecam.values.events import AlertDetails, Alerted, AlertKind
from posturecam.values.log_rows import DayRows, GuidedBreak, PainEntry
from posturecam.values.observation import Observation, PostureState, UnknownReason, View
from posturecam.values.reasons import AngleReason, QuietReason, SlouchSign
from posturecam.values.settings import Settings
from posturecam.values.stored_codes import stored_details
from posturecam.watch.requests import Requests, parse_until
from tests.fakes import NINE, ManualClock, blank_frame
from tests.outputs.test_live_rows import turn
from tests.outputs.test_records import ONE_OF_EACH
from tests.repository.test_sentences import MARKS
from tests.review.test_page import WEEKS, data, page
from tests.rows import BERLIN, DAY, ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from babel.messages import Catalog

    from posturecam.log.tables import Value

ROOT = Path(__file__).parents[2]
SLOUCH = AlertDetails(reasons=(AngleReason(sign=SlouchSign.HEAD_FORWARD, deg=16, estimated=True),))
EVENTS = (*ONE_OF_EACH, Alerted(kind=AlertKind.SLOUCH, lasted_s=180.0, details=SLOUCH))
UNTRANSLATED = {"min", "posturecam", "calibrate", "default", "camera", "prone", "lift"}
UNTRANSLATED |= {
    "mediapipe",
    "http",
    "pip",
    "install",
    "profile",
    "sensitivity",
    "notify",
    "low",
    "medium",
    "high",
}
"""Units, names and what is typed."""
CATALOGUES = (words, notices, dates, review_words, span_words, care_words)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What `make template` makes."""
    recipe = re.search(r"\$\(BIN\)/python (-m babel.*)", (ROOT / "Makefile").read_text("utf-8"))
    assert recipe is not None
    made = tmp_path_factory.mktemp("template") / "posturecam.pot"
    words_of_it = shlex.split(recipe[1].replace("build/posturecam.pot", made.as_posix()))
    subprocess.run([sys.executable, *words_of_it], cwd=ROOT, check=True, timeout=120)
    with made.open("rb") as file:
        return read_po(file)


def _texts(value: object) -> Iterator[str]:
    """Every text in a table of texts, however it is nested."""
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from _texts(inner)
        case tuple():
            for inner in value:
                yield from _texts(inner)


def test_the_template_has_every_text_of_the_catalogue(template: Catalog) -> None:
    """Each value of its tables, and both forms of each text that a number stands in."""
    found = set(_texts(tuple(message.id for message in template)))
    tables = [
        value
        for module in CATALOGUES
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, dict | str | tuple)
    ]
    texts = set(_texts((*tables, *(text.text for text in CARE_TEXTS.values()))))
    texts -= {words.RECALIBRATING_TEXT, review_words.HELD}
    assert len(texts) > 200
    assert texts <= found
    pairs = {message.id for message in template if message.pluralizable}
    assert pairs >= set(words._COUNTED.values())


def test_every_marked_text_is_found_wherever_it_stands(template: Catalog) -> None:
    """The tool that collects them does not look into every part of a formatted string."""
    found = set(_texts(tuple(message.id for message in template)))
    marked = {
        argument.value
        for file in (ROOT / "posturecam").rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        if call.func.id in MARKS
        for argument in call.args
        if isinstance(argument, ast.Constant)
    }
    assert len(marked) > 200
    assert marked <= found


def _in_others(text: str) -> str:
    """The text in a made-up language: other letters, the same places for what stands in it."""
    parts = re.split(r"(\{[^}]*\})", text)
    return "".join(
        part if part.startswith("{") else re.sub("[A-Za-z]", "ж", part) for part in parts
    )


@pytest.fixture(scope="module")
def translated(template: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package, and a translation of all of it as CONTRIBUTING says."""
    folder = tmp_path_factory.mktemp("translated")
    shutil.copytree(
        ROOT / "posturecam",
        folder / "posturecam",
        ignore=shutil.ignore_patterns("__pycache__", "*.task", "*.mp4"),
    )
    for message in template:
        if message.id:
            texts = tuple(map(_in_others, _texts(message.id)))
            message.string = texts if message.pluralizable else texts[0]
    made = folder / "posturecam" / "data" / "locale" / "xx" / "LC_MESSAGES" / "posturecam.mo"
    made.parent.mkdir(parents=True)
    with made.open("wb") as file:
        write_mo(file, template)
    return folder


def _run(folder: Path, *options: str, language: str = "xx") -> str:
    done = subprocess.run(
        [sys.executable, *options],
        cwd=folder,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join((str(folder), str(ROOT))), "LANGUAGE": language}
        | {"PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert not done.stderr
    return done.stdout


def for_people() -> list[str]:
    """What a person reads: lines, notifications, live view, status."""
    lines = [text for event in EVENTS if (text := event_text(event, NINE))]
    on_desktop = [text for event in EVENTS for text in desktop_text(event) or ()]
    buttons = [offer_label(offer) for event in EVENTS for offer in offers_for(event)]
    memory, tick = ViewMemory(), turn(600.0, *EVENTS, quiet=QuietReason.IN_A_CALL)
    memory.handle(tick)
    keys = Keyboard(Inbox(), clock=ManualClock()).summary
    live = view_rows(memory, tick, Settings(), size=(100, 60), keys=keys)
    told = StatusBoard(Settings(), live=True)
    told.handle(tick)
    status = status_lines(told.record(in_force=Requests(), turned_s_ago=0.2), NINE)
    rows = [row.text for row in [*live, *help_rows(size=(100, 60), signs=UNICODE)]]
    elsewhere = [*of_the_review(), *of_photos(), *of_the_journal()]
    elsewhere += [*of_doctor(), *map(shown, (*refusals(), *notices_of_the_log()))]
    return [*lines, *on_desktop, *buttons, *status, totals_text(tick.totals), *rows, *elsewhere]


def of_the_review() -> list[str]:
    """A day and a month at the terminal, and every text of the page: shown, read out, drawn."""
    alerts = tuple(replace(row, message=stored_details(SLOUCH)) for row in ROWS.alerts)
    rows = replace(ROWS, alerts=alerts)
    reviewed = page(rows)
    html = page_html(reviewed, nonce="once", library=None)
    figures = re.findall(
        r'"(?:text|name|hovertemplate)":(\[[^]]*\]|"[^"]*")', json.dumps(data(html))
    )
    shown = re.sub(r"<(script|style).*?</\1>", "", html, flags=re.DOTALL)
    said = re.findall(r'(?:aria-label|title)="([^"]*)"', shown)
    span = review_span(WEEKS[-14:], WEEKS[:14], journal=care_text("together.same", days=3))
    return [
        review_text(reviewed.review, 80),
        review_text(review_day(DayRows(), DAY, BERLIN), 80),
        review_text(span, 80),
        *(unescape(re.sub("<[^>]*>|%{[^}]*}", " ", text)) for text in (shown, *said, *figures)),
    ]


def of_photos() -> list[str]:
    """The table of `analyze`, and what is written on a picture."""
    judged = Judged(
        frame=blank_frame(1.0),
        sitter=None,
        observation=Observation(t_s=1.0, view=View.FRONT, unknown_reason=UnknownReason.TOO_DARK),
        state=PostureState.UNKNOWN,
        reasons=(UnknownReason.TOO_DARK,),
        slouch_probability=math.nan,
    )
    return [*table_lines([judged]), *annotation_lines(judged)]


def of_the_journal() -> list[str]:
    """Guided breaks and pain entries."""
    doses = [dose_text(Portion(move=move, steps=9)) for move in MOVES]
    listed = listed_move_text(MOVES[-2], doses[-2], offered=False, asks_first=True)
    entry = PainEntry(at_ms=0, level=3, location=Location.MID, quality=Quality.DULL)
    taken = GuidedBreak(at_ms=0, lasted_ms=9000, names=("chin-tuck",), got_up=True)
    return [*doses, listed, entry_text(entry, UTC), done_text(taken), care_text("safety")]


def of_doctor() -> list[str]:
    """What it found, in short and in full."""
    nowhere = Path("/7")
    found = [
        doctor.guard_check("7", GuardStatus(active=False, reason="7"), "linux"),
        doctor.desktop_check(DesktopState(in_call=False)),
        doctor.notification_check(None, ("sounds",)),
        doctor.config_check(nowhere),
        doctor.model_check("7"),
        doctor.memory_check(),
        doctor_data.baseline_check(nowhere, "7", "full"),
    ]
    kept = [*found, *doctor_check.of_part(Sentence("data"), [doctor.memory_check()])]
    return [*doctor_check.summary_lines(kept), *map(doctor_check.check_text, kept)]


def refusals() -> list[str]:
    """Errors of all kinds, as wholes."""
    settings = "7 = 1\nkeep_days = 0\nquiet_hours = ['7']\nsensitivity = '7'\nnotify = 3"
    tried: list[Callable[[], object]] = [
        lambda: parse_duration_s("7x"),
        lambda: parse_quiet_hours("7"),
        lambda: find_model("7"),
        lambda: find_source("/7", clock=ManualClock()).open(),
        lambda: load_profile(Path("/7"), "7"),
        lambda: checked_settings(Path("/7"), settings, tomllib.loads(settings)),
        lambda: parse_until(["x"], now=NINE, zone=UTC),
    ]
    said: list[str] = []
    for attempt in tried:
        with pytest.raises(PosturecamError) as caught:
            attempt()
        said.append(caught.value.said())
    camera = parse_address("http://7.7.7.7/")
    said += [refused(camera, status).said() for status in (401, 403, 404, 302, 500, 503)]
    return said


def notices_of_the_log() -> list[str]:
    """What is said of it while a watch goes on."""
    recovered = Recovered(aside=Path("/7"), kept=7, refused=7, pages=7, unreadable_pages=7)
    return [recovery_text(recovered), counted_text({"sessions": 7, "pain_entries": 7})]


def for_programs() -> list[Any]:
    """What another program reads of each event, and what an export says of stored codes."""
    interval: dict[str, Value] = {"reason": UnknownReason.NOBODY.value}
    alert: dict[str, Value] = {
        "kind": "slouch",
        "message": stored_details(SLOUCH),
        "lasted_ms": 180_000,
    }
    session: dict[str, Value] = {"ended_by": "stopped"}
    exported = {"intervals": interval, "alerts": alert, "sessions": session}
    for table, row in exported.items():
        in_words(table, row)
    day = page().review
    return [
        *(as_record(event, t_s=1.0, at=NINE) for event in EVENTS),
        exported,
        review_json(day),
        review_csv(day),
        [str(said) for said in (*refusals(), *notices_of_the_log())],
    ]


@pytest.mark.parametrize("language", ["xx", "yy"])
def test_a_translation_changes_what_people_read_and_nothing_else(
    translated: Path, language: str
) -> None:
    """And a language that there is no translation for reads English."""
    asked = (
        "import json; from tests.whole_program.test_translation import for_people, for_programs;"
        "print(json.dumps([for_people(), for_programs()]))"
    )
    people, programs = json.loads(_run(translated, "-c", asked, language=language))
    assert programs == json.loads(json.dumps(for_programs()))
    if language == "yy":
        assert people == for_people()
    else:
        english = {word for text in people for word in re.findall(r"\b[A-Za-z]{2,}\b", text)}
        assert english <= UNTRANSLATED
        assert len(people) == len(for_people())
