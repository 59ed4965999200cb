"""The keys of `config.toml`: what each may be, what they set, and how they are written."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from posturecam.alerts.suppression import parse_quiet_hours
from posturecam.base.addresses import without_secrets
from posturecam.base.durations import parse_duration_s, written_duration
from posturecam.base.errors import UsageError
from posturecam.values.settings import (
    LONGEST_INTERVAL_S,
    SHORTEST_INTERVAL_S,
    PolicySettings,
    PostureSettings,
    Sensitivity,
    Settings,
    Thresholds,
)

if TYPE_CHECKING:
    from pathlib import Path

MOST_DAYS = 36_500


def _to_seconds(value: object) -> float:
    try:
        return parse_duration_s(str(value).lower())
    except UsageError as error:
        raise ValueError(str(error).replace("\n", " ")) from error


def _checked_hours(text: str) -> str:
    try:
        parse_quiet_hours(text)
    except UsageError as error:
        raise ValueError(str(error).replace("\n", " ")) from error
    return text


def _checked_days(value: object) -> object:
    if value != "forever" and not (type(value) is int and 1 <= value <= MOST_DAYS):
        raise ValueError(f'write a number of days, 1 to {MOST_DAYS}, or "forever"')
    return value


def _to_words(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or {type(word) for word in value} != {str}:
        raise ValueError('write it as a list of words: ["command", "argument"]')
    return tuple(value)


def _to_fingerprint(text: str) -> str:
    digits = text.lower().removeprefix("sha256:").replace(":", "")
    if not re.fullmatch("[0-9a-f]{64}", digits):
        raise ValueError("write the 64 digits of a SHA-256, as the refusal of a camera names them")
    return digits


_Duration = Annotated[float, BeforeValidator(_to_seconds)]
_Fingerprint = Annotated[str, AfterValidator(_to_fingerprint)]
_Hours = Annotated[str, AfterValidator(_checked_hours)]
_Seconds = Annotated[_Duration, Field(le=60)]
_Text = Annotated[str, BeforeValidator(lambda value: str(value) if type(value) is int else value)]
_Days = Annotated[Any, AfterValidator(_checked_days)]
_Share = Annotated[float, Field(gt=0, le=1)]
_Words = Annotated[tuple[str, ...], BeforeValidator(_to_words)]
_Angle = Annotated[float, Field(gt=0, le=90)]


class _Strict(BaseModel):
    model_config = ConfigDict(
        extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True
    )


class _ThresholdKeys(_Strict):
    upper_back_deg: _Angle | None = None
    trunk_deg: _Angle | None = None
    neck_deg: _Angle | None = None
    back_flexion_deg: _Angle | None = None
    shoulder_tilt_deg: _Angle | None = None


class _ConfigFile(_Strict):
    source: _Text | None = None
    profile: str | None = None
    model: str | None = None
    sample_hz: Annotated[float, Field(ge=0.5, le=30)] | None = None
    notify: bool | None = None
    interval: Annotated[_Duration, Field(ge=SHORTEST_INTERVAL_S, le=LONGEST_INTERVAL_S)] | None = (
        None
    )
    adaptive: bool | None = None
    spare_battery: bool | None = None
    sound: bool | None = None
    bell: bool | None = None
    on_alert: _Words | None = None
    release_on_lock: bool | None = None
    respect_do_not_disturb: bool | None = None
    sensitivity: Annotated[Sensitivity, Field(strict=False)] | None = None
    quiet_hours: list[_Hours] | None = None
    quiet_in_calls: bool | None = None
    camera_certificate: _Fingerprint | None = None
    rotate: Literal[0, 90, 180, 270] | None = None
    camera_give_up: _Duration | None = None
    keep_days: _Days | None = None
    slouch_after: _Duration | None = None
    slouch_share: _Share | None = None
    slouch_reset: _Duration | None = None
    unchanged_after: _Duration | None = None
    break_after: _Duration | None = None
    break_length: _Duration | None = None
    micro_break: _Duration | None = None
    cooldown: _Duration | None = None
    max_alerts_per_hour: Annotated[int, Field(ge=1, le=60)] | None = None
    grace: _Duration | None = None
    away_after: _Duration | None = None
    exit_ratio: _Share | None = None
    smoothing: _Seconds | None = None
    debounce: _Seconds | None = None
    move_kept: _Seconds | None = None
    thresholds: _ThresholdKeys | None = None


def checked_settings(path: Path, text: str, content: dict[str, Any]) -> Settings:
    """The settings that a file sets, defaults for what it leaves out.

    Args:
        path: the file, for the names of mistakes.
        text: what it holds, for their lines.
        content: the same, taken apart.

    Raises:
        UsageError: keys or values make no sense; all of them are named, with their lines.
    """
    try:
        keys = _ConfigFile.model_validate(content)
    except ValidationError as error:
        raise UsageError(_all_mistakes(path, text, error)) from error
    return _to_settings(keys.model_dump(exclude_none=True))


def settings_text(settings: Settings) -> str:
    """All settings in force, as a config file that would set them.

    A default stands in a comment: what is read back is set by the user no more than before.
    """
    default = Settings()
    lines = ["# What begins with # is the default, or follows from the other settings."]
    for key in (key for key in _ConfigFile.model_fields if key != "thresholds"):
        value = _shown(key, settings)
        if key in ("interval", "on_alert", "camera_certificate") and not value:
            lines.append(f"# {key} is not set")
        elif value is None and key == "rotate":
            lines.append(f"# {key} is as calibrate found it")
        elif value is None:
            lines.append(f"# {key} follows from the other settings")
        else:
            lines.append(_line(key, value, given=value != _shown(key, default)))
    table = [
        _line(key, getattr(settings.posture.thresholds, key), given=key in settings.own_thresholds)
        for key in _ThresholdKeys.model_fields
    ]
    return "\n".join([*lines, "", "[thresholds]", *table])


def _line(key: str, value: object, *, given: bool) -> str:
    # The strings, numbers and truth values of TOML are those of JSON, but for one character.
    text = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if (shown := without_secrets(text)) != text:
        return f"# {key} = {shown}  # as in the file; what an address may keep secret is not shown"
    return f"{'' if given else '# '}{key} = {text}"


def _shown(key: str, settings: Settings) -> object:
    """What is in force for a key of the file, as it would be written there."""
    if key == "keep_days":
        return settings.keep_days or "forever"
    if key == "quiet_hours":
        return [f"{hours.begin:%H:%M}-{hours.end:%H:%M}" for hours in settings.quiet_hours]
    for owner in (settings, settings.posture, settings.policy):
        if hasattr(owner, key):
            return getattr(owner, key)
        if hasattr(owner, f"{key}_s"):
            seconds = getattr(owner, f"{key}_s")
            return None if seconds is None else written_duration(seconds)
    raise AssertionError(key)  # every key of the file has its setting


def _to_settings(keys: dict[str, Any]) -> Settings:
    thresholds = keys.pop("thresholds", {})
    if keys.get("keep_days") == "forever":
        keys["keep_days"] = None
    keys["quiet_hours"] = tuple(map(parse_quiet_hours, keys.get("quiet_hours", ())))
    posture = PostureSettings(
        thresholds=replace(Thresholds(), **thresholds), **_fields_set(PostureSettings, keys)
    )
    return Settings(
        posture=posture,
        policy=PolicySettings(**_fields_set(PolicySettings, keys)),
        own_thresholds=frozenset(thresholds),
        **_fields_set(Settings, keys),
    )


def _fields_set(
    kind: type[PostureSettings | PolicySettings | Settings], keys: dict[str, Any]
) -> dict[str, Any]:
    """What `keys` set of the fields of `kind`; a duration has no unit in its name in the file."""
    names = {item.name.removesuffix("_s"): item.name for item in fields(kind)}
    return {names[key]: value for key, value in keys.items() if key in names}


def _all_mistakes(path: Path, text: str, error: ValidationError) -> str:
    mistakes = []
    for mistake in error.errors(include_url=False):
        keys = [str(part) for part in mistake["loc"] if not isinstance(part, int)]
        where = ".".join(keys)
        what = mistake["msg"].removeprefix("Value error, ")
        if mistake["type"] == "extra_forbidden":
            what = "there is no such setting"
        elif mistake["type"] == "model_type":
            what = f"write it as a table: [{where}] and its keys below"
        mistakes.append((_line_of(text, keys), f"{where}: {what}"))
    lines = [f"  line {number}: {mistake}" for number, mistake in sorted(mistakes)]
    return "\n".join([f"{path} has mistakes:", *lines])


def _line_of(text: str, keys: list[str]) -> int:
    """Line on which the innermost key stands, 1 if it is not found."""
    table: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line):
            table = [part.strip().strip("\"'") for part in header[1].split(".")]
            if table == keys:
                return number
        elif (key := re.match(r"\s*([^=#]+?)\s*=", line)) and (
            [*table, *(part.strip().strip("\"'") for part in key[1].split("."))] == keys
        ):
            return number
    return 1
