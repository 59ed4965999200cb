"""The config file: every mistake at once, and nothing that is not known."""

from __future__ import annotations

import json
import os
import re
import tomllib
from datetime import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posturecam.base.addresses import without_secrets
from posturecam.base.durations import format_duration
from posturecam.base.errors import DataError, UsageError
from posturecam.commands.config import load_settings
from posturecam.commands.config_keys import settings_text
from posturecam.values.settings import (
    SETTINGS,
    PostureSettings,
    QuietHours,
    Sensitivity,
    Settings,
    Thresholds,
    declared_by,
)
from tests.rights import without_rights

DOCS = Path(__file__).parents[2] / "docs"


def read(folder: Path, text: str) -> Settings:
    """What a config file with this text sets."""
    file = folder / "config.toml"
    file.write_text(text, "utf-8")
    return load_settings(file)


def test_no_file_means_defaults(tmp_path: Path) -> None:
    """The file is optional."""
    assert load_settings(tmp_path / "config.toml") == Settings()


def test_every_key_reaches_its_setting(tmp_path: Path) -> None:
    """Durations, numbers and thresholds arrive in their units; the rest keeps its default."""
    found = read(
        tmp_path,
        'source = "/dev/video2"\nslouch_after = "2m"\nbreak_length = 400\nnotify = false\n'
        'away_after = "90s"\nsensitivity = "low"\nmax_alerts_per_hour = 2\n'
        'quiet_hours = ["12:00-13:00", "22:00-6:00"]\nquiet_in_calls = true\n'
        'camera_give_up = "2h"\nkeep_days = "forever"\n'
        'grace = "2m"\nmicro_break = "45s"\n'
        'on_alert = ["lamp", "--blink", "two times"]\n'
        "release_on_lock = false\nrespect_do_not_disturb = false\nsound = true\nbell = true\n"
        "[thresholds]\nneck_deg = 14\n",
    )
    expected = Settings(
        own_thresholds=frozenset({"neck_deg"}),
        posture=PostureSettings(thresholds=Thresholds(neck_deg=14)),
    ).having(
        {
            "source": "/dev/video2",
            "slouch_after_s": 120,
            "break_length_s": 400,
            "notify": False,
            "away_after_s": 90,
            "sensitivity": Sensitivity.LOW,
            "max_alerts_per_hour": 2,
            "quiet_hours": (
                QuietHours(begin=time(12), end=time(13)),
                QuietHours(begin=time(22), end=time(6)),
            ),
            "quiet_in_calls": True,
            "camera_give_up_s": 7200,
            "keep_days": None,
            "grace_s": 120,
            "micro_break_s": 45,
            "on_alert": ("lamp", "--blink", "two times"),
            "release_on_lock": False,
            "respect_do_not_disturb": False,
            "sound": True,
            "bell": True,
        }
    )

    assert found == expected


@pytest.mark.parametrize("value", ['"lamp --blink"', "[]", '["lamp", 2]'])
def test_a_command_is_a_list_of_words(tmp_path: Path, value: str) -> None:
    """No shell reads it, so nobody has to guess where a word ends."""
    with pytest.raises(UsageError, match=r'line 1: on_alert: write it .*: \["command", "arg'):
        read(tmp_path, f"on_alert = {value}\n")


@pytest.mark.parametrize("value", ["0", "true", "1.5", '"never"', "[]"])
def test_how_long_the_log_is_kept_is_a_number_of_days_or_forever(
    tmp_path: Path, value: str
) -> None:
    """One mistake, in words of the file."""
    with pytest.raises(UsageError) as caught:
        read(tmp_path, f"keep_days = {value}\n")
    assert str(caught.value).splitlines()[1:] == [
        '  line 1: keep_days: write a number of days, 1 to 36500, or "forever"'
    ]


def test_all_mistakes_are_named_with_their_lines(tmp_path: Path) -> None:
    """One run is enough to repair the whole file."""
    text = (
        '# mine\nslouch_after = "soon"\ncolour = "red"\nsensitivity = "very"\n'
        'quiet_hours = ["noon"]\n[thresholds]\nneck_deg = -3\nnose = 1\n'
    )
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text)

    lines = str(caught.value).splitlines()[1:]
    assert [int(line.split()[1].rstrip(":")) for line in lines] == [2, 3, 4, 5, 7, 8]
    assert "no such setting" in lines[1]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a = ", b"x" * 200_000])
def test_a_damaged_file_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    """What is not TOML is damaged data, not a wrong setting."""
    file = tmp_path / "config.toml"
    file.write_bytes(content)
    with pytest.raises(DataError, match=r"config\.toml cannot be read"):
        load_settings(file)

    assert file.read_bytes() == content


def test_why_a_file_cannot_be_read_does_not_repeat_its_path(tmp_path: Path) -> None:
    """As the system would; whatever it says for itself."""
    with pytest.raises(DataError) as caught:
        load_settings(tmp_path)
    assert str(caught.value).count(str(tmp_path)) == 1


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have no modes here")
def test_a_file_that_may_not_be_read_is_not_to_be_corrected(tmp_path: Path) -> None:
    """As one that was written with sudo."""
    file = tmp_path / "config.toml"
    file.write_text("")
    with (
        without_rights(file),
        pytest.raises(DataError, match="cannot be read: Permission denied") as caught,
    ):
        load_settings(file)
    assert "Make the file yours again" in caught.value.remedy


_DURATIONS = st.one_of(
    st.sampled_from(["90s", "20m", "1h30m", "3m", "0.25s"]),
    st.floats(min_value=0.001, max_value=600_000, allow_nan=False).map(lambda value: f"{value:f}"),
)


def keeps_no_secret(text: str) -> bool:
    """What may be a login, or lies behind an address, is not shown, so it cannot be read back."""
    shown = json.dumps(text, ensure_ascii=False)
    return without_secrets(shown) == shown


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(
    keeps_no_secret
)
CONFIG_KEYS: dict[str, st.SearchStrategy[object]] = {
    "source": _TEXTS.filter(str.strip),
    "profile": st.text("zZ9_-", max_size=8).map(lambda text: f"a{text}"),
    "sensitivity": st.sampled_from(["low", "medium", "high"]),
    "notify": st.booleans(),
    "adaptive": st.booleans(),
    "on_alert": st.lists(_TEXTS, min_size=1, max_size=3),
    "quiet_hours": st.lists(st.sampled_from(["12:00-13:00", "22:00-6:30"]), max_size=2),
    "keep_days": st.one_of(st.integers(1, 36_500), st.just("forever")),
    "goal": st.sampled_from(["slouched at most 25 %", "change position every 1h30m"]),
    "interval": st.sampled_from(["10s", "5m"]),
    "sample_hz": st.floats(0.5, 30),
    "exit_ratio": st.floats(0.01, 1),
    "max_alerts_per_hour": st.integers(1, 60),
    **dict.fromkeys(
        ["slouch_after", "break_length", "micro_break", "cooldown", "grace", "away_after"],
        _DURATIONS,
    ),
}
ANGLES = st.fixed_dictionaries(
    {},
    optional={
        f"{angle}_deg": st.one_of(st.just(12), st.floats(0.1, 90))
        for angle in ("upper_back", "trunk", "neck", "back_flexion", "shoulder_tilt")
    },
)


def written(table: dict[str, object]) -> str:
    """Keys and values as somebody would write them."""
    texts = {key: json.dumps(value, ensure_ascii=False) for key, value in table.items()}
    return "".join(f"{key} = {text}\n" for key, text in texts.items()).replace("\x7f", "\\u007f")


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.fixed_dictionaries({}, optional=CONFIG_KEYS), ANGLES)
def test_what_is_shown_says_the_same_when_it_is_read_back(
    tmp_path: Path, keys: dict[str, object], angles: dict[str, object]
) -> None:
    """Down to the last digit, and to which thresholds are the user's own."""
    found = read(tmp_path, f"{written(keys)}[thresholds]\n{written(angles)}")

    again = read(tmp_path, settings_text(found))
    assert again == found
    assert again.own_thresholds == angles.keys()
    assert settings_text(again) == settings_text(found)


def test_a_default_is_shown_and_not_made_the_users_own(tmp_path: Path) -> None:
    """The limits of a slump take stay in force after `config show > config.toml`."""
    shown = settings_text(Settings())
    assert '# slouch_after = "3m"' in shown
    assert "# neck_deg = 12.0" in shown
    keys = {line.lstrip("# ").split()[0] for line in shown.splitlines() if line}
    assert keys >= {setting.key for setting in SETTINGS.values()}
    assert read(tmp_path, shown).own_thresholds == frozenset()


def test_the_documented_config_sets_the_defaults(tmp_path: Path) -> None:
    """But for what it shows as an example, and what it leaves in a comment."""
    text = (DOCS / "settings.md").read_text("utf-8").split("```toml\n")[1].split("```")[0]
    found = read(tmp_path, text)
    keys = {setting.key: setting for setting in SETTINGS.values()}

    for key in tomllib.loads(text).keys() - {"quiet_hours", "thresholds"}:
        if (value := keys[key].value_in(Settings())) is not None:
            assert keys[key].value_in(found) == value, key
    assert found.policy.fitting_grace_s == Settings().policy.fitting_grace_s
    assert keys.keys() >= set(re.findall(r"^# (\w+) = ", text, re.MULTILINE))


def test_the_documented_defaults_are_those_in_force() -> None:
    """The limits of the angles, and the times after which there is an alert."""
    measured = (DOCS / "measured.md").read_text("utf-8")
    limits = re.findall(r"^\| `(\w+_deg)` \|.*\| (\d+)° \|$", measured, re.MULTILINE)
    assert limits == [(name, f"{it.default:g}") for name, it in declared_by(Thresholds).items()]
    times = re.findall(r"^\| .* \| (\d+ min) \| `--(\w+)-after` \|$", measured, re.MULTILINE)
    assert len(times) == 3
    for default, word in times:
        assert default == format_duration(SETTINGS[f"{word}_after_s"].default), word


@pytest.mark.parametrize(
    ("key", "within", "beyond"),
    [
        ("sample_hz", (0.5, 30), (0.49, 30.1)),
        ("interval", (10, 300), (9, 301)),
        ("keep_days", (1, 36_500), (0, 36_501)),
        ("slouch_share", (0.01, 1), (0, 1.1)),
        ("exit_ratio", (0.01, 1), (0, 1.1)),
        ("max_alerts_per_hour", (1, 60), (0, 61)),
        ("smoothing", (0.1, 60), (0, 61)),
        ("debounce", (0.1, 60), (0, 61)),
        ("move_kept", (0.1, 60), (0, 61)),
        ("slouch_after", (0.1, 604_800), (0, 604_801)),
    ],
)
def test_a_number_stays_within_its_bounds(
    tmp_path: Path, key: str, within: tuple[float, ...], beyond: tuple[float, ...]
) -> None:
    """Which belong to it."""
    (setting,) = (setting for setting in SETTINGS.values() if setting.key == key)
    for value in within:
        assert setting.value_in(read(tmp_path, f"{key} = {value}\n")) == value
    for value in beyond:
        with pytest.raises(UsageError, match=f"line 1: {key}: "):
            read(tmp_path, f"{key} = {value}\n")


@pytest.mark.parametrize("angle", declared_by(Thresholds))
@pytest.mark.parametrize("value", ["0", "90.1"])
def test_a_limit_is_an_angle_that_can_be_had(tmp_path: Path, angle: str, value: str) -> None:
    """Up to a right angle."""
    with pytest.raises(UsageError, match=f"line 2: thresholds.{angle}: "):
        read(tmp_path, f"[thresholds]\n{angle} = {value}\n")
