"""Another language: every text is found for it, and it changes only what people read."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from posturecam.outputs import notices, words
from posturecam.outputs.event_texts import event_text, totals_text
from posturecam.outputs.keys import Keyboard
from posturecam.outputs.live_rows import UNICODE, help_rows, view_rows
from posturecam.outputs.log_words import in_words
from posturecam.outputs.notices import desktop_text, offer_label, offers_for
from posturecam.outputs.records import as_record
from posturecam.outputs.status import StatusBoard, status_lines
from posturecam.outputs.view_memory import ViewMemory
from posturecam.values.commands import Inbox
from posturecam.values.events import AlertDetails, Alerted, AlertKind
from posturecam.values.observation import UnknownReason
from posturecam.values.reasons import AngleReason, QuietReason, SlouchSign
from posturecam.values.settings import Settings
from posturecam.values.stored_codes import stored_details
from posturecam.watch.steering import Requests
from tests.fakes import NINE
from tests.test_live_rows import turn
from tests.test_records import ONE_OF_EACH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages import Catalog

    from posturecam.log.tables import Value

ROOT = Path(__file__).parents[1]
SLOUCH = AlertDetails(reasons=(AngleReason(sign=SlouchSign.HEAD_FORWARD, deg=16, estimated=True),))
EVENTS = (*ONE_OF_EACH, Alerted(kind=AlertKind.SLOUCH, lasted_s=180.0, details=SLOUCH))
UNTRANSLATED = {"min", "posturecam", "calibrate", "default"}
"""Units, names and what is typed."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What `make template` makes."""
    recipe = re.search(r"\$\(BIN\)/(pybabel .*)", (ROOT / "Makefile").read_text("utf-8"))
    assert recipe is not None
    made = tmp_path_factory.mktemp("template") / "posturecam.pot"
    _, *options = shlex.split(recipe[1].replace("build/posturecam.pot", made.as_posix()))
    babel = [sys.executable, "-m", "babel.messages.frontend"]
    subprocess.run([*babel, *options], cwd=ROOT, check=True, timeout=120)
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
        for module in (words, notices)
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, dict | str)
    ]
    texts = set(_texts(tuple(tables))) - {words.RECALIBRATING_TEXT}
    assert len(texts) > 80
    assert texts <= found
    pairs = {message.id for message in template if message.pluralizable}
    assert pairs == set(words._COUNTED.values())


def _in_others(text: str) -> str:
    """The text in a made-up language: other letters, the same places for what stands in it."""
    parts = re.split(r"(\{\w+\})", text)
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
    shown = [text for event in EVENTS for text in desktop_text(event) or ()]
    buttons = [offer_label(offer) for event in EVENTS for offer in offers_for(event)]
    memory, tick = ViewMemory(), turn(600.0, *EVENTS, quiet=QuietReason.IN_A_CALL)
    memory.handle(tick)
    keys = Keyboard(Inbox(), now=lambda: NINE).summary
    live = view_rows(memory, tick, Settings(), size=(100, 60), keys=keys)
    told = StatusBoard(Settings(), live=True)
    told.handle(tick)
    status = status_lines(told.record(in_force=Requests(), turned_s_ago=0.2), NINE)
    rows = [row.text for row in [*live, *help_rows(size=(100, 60), signs=UNICODE)]]
    return [*lines, *shown, *buttons, *status, totals_text(tick.totals), *rows]


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
    return [*(as_record(event, t_s=1.0, at=NINE) for event in EVENTS), exported]


@pytest.mark.parametrize("language", ["xx", "yy"])
def test_a_translation_changes_what_people_read_and_nothing_else(
    translated: Path, language: str
) -> None:
    """And a language that there is no translation for reads English."""
    asked = (
        "import json; from tests.test_translation import for_people, for_programs;"
        "print(json.dumps([for_people(), for_programs()]))"
    )
    people, programs = json.loads(_run(translated, "-c", asked, language=language))
    assert programs == json.loads(json.dumps(for_programs()))
    if language == "yy":
        assert people == for_people()
    else:
        english = {word for text in people for word in re.findall("[A-Za-z]{2,}", text)}
        assert english <= UNTRANSLATED
        assert len(people) == len(for_people())
