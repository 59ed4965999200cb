"""The config file changed from the command line: comments stay, and no mistake gets in."""

from __future__ import annotations

import os
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posturecam.base.errors import DataError, UsageError
from posturecam.commands.config import load_settings
from posturecam.commands.config_edit import edit, set_value, unset_value, write_commented
from posturecam.commands.config_keys import KEYS
from posturecam.commands.config_mistakes import ConfigMistakes
from posturecam.values.settings import Settings
from tests.commands.test_config import ANGLES, CONFIG_KEYS, written
from tests.program import here, posturecam
from tests.terminals import bare_terminal, read_until

if TYPE_CHECKING:
    from pathlib import Path

MINE = (
    "# my desk\nslouch_after = '4m' # long\n\nquiet_hours = [\n"
    '  "12:00-13:00", # lunch\n]\n\n[thresholds] # mine\nneck_deg = 14\n'
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A config file that somebody wrote."""
    path = tmp_path / "config.toml"
    path.write_text(MINE, "utf-8")
    return path


def test_what_is_set_stands_in_the_file_and_the_rest_stays(file: Path) -> None:
    """A new key comes before the table, a known one keeps its comment, a threshold its table."""
    assert set_value(file, "slouch_after", ["5m"]) == 'slouch_after is "5m" now.'
    assert set_value(file, "sound", ["true"]) == "sound is true now."
    set_value(file, "thresholds.trunk_deg", ["13"])

    text = file.read_text("utf-8")
    assert [line for line in MINE.splitlines() if line not in text] == [
        "slouch_after = '4m' # long"
    ]
    assert 'slouch_after = "5m" # long' in text
    found = load_settings(file)
    assert (found.policy.slouch_after_s, found.sound) == (300, True)
    assert found.own_thresholds == {"neck_deg", "trunk_deg"}


@pytest.mark.parametrize(
    ("key", "words", "expected"),
    [
        ("slouch_after", ["90"], 90),
        ("source", ["2"], 2),
        ("profile", ["5"], "5"),
        ("profile", ["true"], "true"),
        ("keep_days", ["forever"], "forever"),
        ("keep_days", ["30"], 30),
        ("quiet_hours", ["12:00-13:00", "22:00-06:00"], ["12:00-13:00", "22:00-06:00"]),
        ("quiet_hours", ["12:00-13:00"], ["12:00-13:00"]),
        ("quiet_hours", ['["12:00-13:00"]'], ["12:00-13:00"]),
        ("on_alert", ["lamp --blink 'two times'"], ["lamp", "--blink", "two times"]),
        ("on_alert", ["lamp", "two times"], ["lamp", "two times"]),
        ("sample_hz", ["2.5"], 2.5),
        ("sensitivity", ["high"], "high"),
    ],
)
def test_words_are_read_as_they_are_meant(
    tmp_path: Path, key: str, words: list[str], expected: object
) -> None:
    """Nobody has to quote for TOML and for a shell at once."""
    file = tmp_path / "config.toml"
    set_value(file, key, words)
    assert tomllib.loads(file.read_text("utf-8")) == {key: expected}


@pytest.mark.parametrize(
    ("key", "words", "said"),
    [
        (
            "slouch_afer",
            ["5m"],
            "slouch_afer: there is no such setting; did you mean slouch_after?",
        ),
        ("slouch", ["5m"], "did you mean slouch_after?"),
        ("neck_deg", ["5"], "did you mean thresholds.neck_deg?"),
        ("thresholds.nek_deg", ["5"], "did you mean thresholds.neck_deg?"),
        ("thresholds.neck", ["5"], "did you mean thresholds.neck_deg?"),
        ("thresholds.bar", ["5"], "thresholds.bar: there is no such setting\n"),
        (
            "thresholds",
            ["5"],
            "that is a table of settings: thresholds.upper_back_deg, ",
        ),
        ("zzz", ["5"], "zzz: there is no such setting\n"),
        ("slouch_after", ["soon"], "slouch_after: 'soon' is not a duration."),
        ("sound", ["loud"], "sound: write true or false"),
        ("sensitivity", ["very"], 'sensitivity: write "low", "medium" or "high"'),
        ("rotate", ["45"], "rotate: write 0, 90, 180 or 270"),
        ("interval", ["2s"], "interval: write 10s to 5m"),
        ("thresholds.neck_deg", ["-3"], "neck_deg: write more than 0, at most 90"),
        ("thresholds.neck_deg", ["nan"], "neck_deg: write a number"),
        ("smoothing", ["2m"], "smoothing: write at most 1m"),
        ("max_alerts_per_hour", ["1.5"], "max_alerts_per_hour: write a whole number"),
        ("quiet_hours", ["noon"], "quiet_hours: 'noon' "),
        ("quiet_hours", ["12:00"], "quiet_hours: '12:00' "),
        ("goal", ["5"], "goal: '5' is no goal."),
        ("camera_certificate", ["1234"], "camera_certificate: write the 64 digits"),
        ("source", [" "], "source: name a camera number, a file or an address"),
        ("model", [""], 'model: write "full", "lite" or the path of a .task file'),
        ("profile", ["../x"], "profile: '../x' is not a profile name. Use letters"),
    ],
)
def test_a_mistake_is_said_in_our_words_and_the_file_stays(
    file: Path, key: str, words: list[str], said: str
) -> None:
    """Nothing of another program's language, and no line of a file that was never written."""
    with pytest.raises(UsageError) as caught:
        set_value(file, key, words)
    assert said in str(caught.value)
    assert "line" not in str(caught.value)
    assert "Input should" not in str(caught.value)
    assert file.read_text("utf-8") == MINE


def test_mistakes_that_were_there_before_are_named_with_their_lines(file: Path) -> None:
    """And setting the one that is wrong repairs the file."""
    file.write_text("sound = 1\n", "utf-8")
    with pytest.raises(ConfigMistakes, match="line 1: sound: write true or false"):
        set_value(file, "bell", ["true"])
    set_value(file, "sound", ["true"])
    assert load_settings(file).sound


def test_one_mistake_after_the_other_is_corrected_from_the_command_line(file: Path) -> None:
    """A key that is no setting can be taken out; what is left is named; nothing gets worse."""
    file.write_text("soundd = true\nslouch_after = 'soon'\nbell = 1\n", "utf-8")
    with pytest.raises(ConfigMistakes):
        set_value(file, "bell", ["loud"])
    with pytest.raises(ConfigMistakes):
        unset_value(file, "cooldown")
    assert "slouch_after: 'soon' is not a duration" in unset_value(file, "soundd")
    left = unset_value(file, "slouch_after")
    assert "line 1: bell: write true or false" in left
    assert "soon" not in left
    assert set_value(file, "bell", ["true"]) == "bell is true now."
    file.write_text("soundd = true\n", "utf-8")
    assert unset_value(file, "soundd") == f"{file}: ok"
    with pytest.raises(UsageError, match="did you mean sound"):
        unset_value(file, "soundd")
    assert file.read_text("utf-8") == ""


def test_what_is_taken_out_is_the_default_again(file: Path) -> None:
    """Of the file, or of a table in it; what is not there can be taken out as well."""
    assert unset_value(file, "slouch_after") == 'slouch_after is "3m" now.'
    assert unset_value(file, "thresholds.neck_deg") == "thresholds.neck_deg is 12.0 now."
    assert unset_value(file, "cooldown") == "cooldown follows from the other settings now."
    assert unset_value(file, "thresholds.trunk_deg") == "thresholds.trunk_deg is 12.0 now."
    assert "# lunch" in file.read_text("utf-8")
    assert load_settings(file).own_thresholds == frozenset()


def test_a_made_file_explains_every_key_and_sets_none(tmp_path: Path) -> None:
    """It is never written over another."""
    path = tmp_path / "sub" / "config.toml"
    write_commented(path)
    lines = path.read_text("utf-8").splitlines()
    assert load_settings(path) == Settings()
    for key in KEYS:
        name = key.split(".")[-1]
        (place,) = (n for n, line in enumerate(lines) if line.split()[:2] == ["#", name])
        assert lines[place - 1].startswith("# "), name
        assert lines[place - 1].endswith((".", '"forever".')), name
    with pytest.raises(UsageError, match="is there already"):
        write_commented(path)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_a_linked_file_stays_a_link(tmp_path: Path) -> None:
    """Settings often live in a folder of their own, under version control."""
    kept = tmp_path / "dotfiles.toml"
    kept.write_text("# kept\n", "utf-8")
    link = tmp_path / "config.toml"
    link.symlink_to(kept)
    set_value(link, "sound", ["true"])
    assert link.is_symlink()
    assert kept.read_text("utf-8") == "# kept\nsound = true\n"


def test_lines_that_end_as_on_windows_are_no_mistake(file: Path) -> None:
    """Nor doubled when they are written there again."""
    file.write_bytes(MINE.replace("\n", "\r\n").encode("utf-8-sig"))
    set_value(file, "sound", ["true"])
    assert b"\r\r" not in file.read_bytes()
    assert load_settings(file).sound


def test_a_file_that_is_no_toml_is_left_alone(file: Path) -> None:
    """Its own line is named."""
    file.write_text("a = \n", "utf-8")
    with pytest.raises(DataError, match="cannot be read"):
        set_value(file, "sound", ["true"])
    with pytest.raises(DataError, match="cannot be read"):
        unset_value(file, "sound")
    assert file.read_text("utf-8") == "a = \n"


def test_what_is_no_toml_is_said_as_a_watch_says_it(file: Path) -> None:
    """A list that is not closed, say: no character is named that does not stand there."""
    file.write_text("quiet_hours = [\n", "utf-8")
    with pytest.raises(DataError) as at_a_watch:
        load_settings(file)
    with pytest.raises(DataError) as at_a_change:
        set_value(file, "sound", ["true"])
    assert at_a_change.value.what == at_a_watch.value.what


@pytest.mark.parametrize("content", ["thresholds = 3\n", "[[thresholds]]\na = 1\n"])
def test_what_stands_for_a_table_is_named_with_its_line(file: Path, content: str) -> None:
    """And left alone."""
    file.write_text(content, "utf-8")
    with pytest.raises(UsageError, match="line 1: thresholds: write it as a table"):
        set_value(file, "thresholds.neck_deg", ["5"])
    with pytest.raises(UsageError, match="line 1: thresholds: write it as a table"):
        unset_value(file, "thresholds.neck_deg")
    assert file.read_text("utf-8") == content


def test_bytes_that_are_no_text_are_refused(file: Path) -> None:
    """A file name of another encoding."""
    before = file.read_bytes()
    with pytest.raises(UsageError, match="no text"):
        set_value(file, "source", ["\udce9.mp4"])
    assert file.read_bytes() == before


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.fixed_dictionaries({}, optional=CONFIG_KEYS), ANGLES, st.data())
def test_any_setting_can_be_set_in_any_file_and_taken_out_again(
    tmp_path: Path, keys: dict[str, object], angles: dict[str, object], data: st.DataObject
) -> None:
    """It alone changes."""
    file = tmp_path / "config.toml"
    file.write_text(f"{written(keys)}[thresholds]\n{written(angles)}", "utf-8")
    before = tomllib.loads(file.read_text("utf-8"))
    key = data.draw(st.sampled_from(list(CONFIG_KEYS)))
    value = data.draw(CONFIG_KEYS[key])

    text = written({key: value}).split(" = ", maxsplit=1)[1].rstrip("\n")
    set_value(file, key, [text])
    assert tomllib.loads(file.read_text("utf-8")) == before | {key: value}
    unset_value(file, key)
    before.pop(key, None)
    assert tomllib.loads(file.read_text("utf-8")) == before


def editor(folder: Path, monkeypatch: pytest.MonkeyPatch, *texts: str) -> None:
    """A real editor program that writes these texts, one each time that it is opened."""
    for number, text in enumerate(texts):
        (folder / f"text{number}").write_text(text, "utf-8")
    script = folder / "editor.py"
    script.write_text(
        "import pathlib, sys\nhere = pathlib.Path(__file__).parent\n"
        "text = min(here.glob('text*'))\npathlib.Path(sys.argv[1]).write_text(text.read_text())\n"
        "text.unlink()\n",
        "utf-8",
    )
    monkeypatch.setenv("VISUAL", f"{sys.executable} {script}")


def test_an_editor_is_opened_again_while_there_are_mistakes(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For as long as one wants to go on."""
    editor(tmp_path, monkeypatch, "sound = 1\n", "sound = \n", "sound = true\n")
    shown: list[str] = []

    def again(mistakes: str) -> bool:
        shown.append(mistakes)
        return True

    assert edit(file, again) == f"{file}: ok"
    assert ["line 1: sound" in shown[0], "cannot be read" in shown[1]] == [True, True]

    editor(tmp_path, monkeypatch, "sound = 1\n")
    with pytest.raises(UsageError, match="left as it is"):
        edit(file, lambda _: False)


@pytest.mark.parametrize(
    ("words", "said"),
    [("no-such-editor", "cannot be run"), ("false", "1"), ("'vi", "a quote is not closed")],
)
def test_an_editor_that_fails_is_named(
    file: Path, monkeypatch: pytest.MonkeyPatch, words: str, said: str
) -> None:
    """With what to do instead."""
    monkeypatch.setenv("VISUAL", words)
    with pytest.raises(UsageError, match=rf"{words} .*{said}"):
        edit(file, lambda _: False)


def test_the_command_line_sets_shows_and_takes_out(tmp_path: Path) -> None:
    """One after the other, as one would; an option given each time is not needed then."""
    home = {"POSTURECAM_HOME": str(tmp_path)}
    assert posturecam("config", "init", env=home).returncode == 0
    assert posturecam("config", "set", "quiet_hours", "12:00-13:00", env=home).stdout == (
        'quiet_hours is ["12:00-13:00"] now.\n'
    )
    assert 'quiet_hours = ["12:00-13:00"]' in posturecam("config", "show", env=home).stdout
    wrong = posturecam("config", "set", "thresholds.neck_deg", "--", "-3", env=home)
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 2)
    assert posturecam("config", "unset", "quiet_hours", env=home).returncode == 0
    assert posturecam("config", "check", env=home).stdout.endswith("config.toml: ok\n")


def test_a_secret_in_an_address_is_not_printed() -> None:
    """It was typed, and the next who looks at the screen need not read it."""
    done = here("config", "set", "source", "http://me:pass@camera.local/hidden")
    assert (done.returncode, done.stderr) == (0, "")
    assert not {"me:", "pass", "hidden"} & set(done.stdout.replace("/", " ").split())
    assert "pass" not in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="has no such terminals")
def test_edit_asks_at_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong first, and then whether to go on."""
    editor(tmp_path, monkeypatch, "sound = 1\n", "sound = true\n")
    monkeypatch.setenv("POSTURECAM_HOME", str(tmp_path / "home"))
    with bare_terminal("posturecam", "config", "edit", errors=tmp_path / "err") as (process, ours):
        read_until(ours, b"Open it again?")
        os.write(ours, b"y\n")
        read_until(ours, b"config.toml: ok")
        assert process.wait(60) == 0
    assert here("config", "edit").returncode == 2
