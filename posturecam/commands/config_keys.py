"""The keys of `config.toml`: what each may be, what they set, and how they are written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar, get_type_hints

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    create_model,
)

from posturecam.alerts.suppression import parse_quiet_hours
from posturecam.base.addresses import without_secrets
from posturecam.base.durations import parse_duration_s, written_duration
from posturecam.base.errors import UsageError
from posturecam.base.language import N_, Sentence, _
from posturecam.commands.config_mistakes import ConfigMistakes
from posturecam.posture.profile_fit import checked_name
from posturecam.values.goal import parse_goal, written_goal
from posturecam.values.settings import (
    SETTINGS,
    PolicySettings,
    PostureSettings,
    Setting,
    Settings,
    Thresholds,
    declared_by,
)

_Value = TypeVar("_Value")


def _to(parse: Callable[[str], _Value]) -> Callable[[object], _Value]:
    def read(value: object) -> _Value:
        try:
            return parse(str(value))
        except UsageError as error:
            raise ValueError(error.said()) from error

    return read


_to_seconds = _to(lambda text: parse_duration_s(text.lower()))


def _to_source(text: str) -> str:
    if not text.strip():
        raise ValueError(Sentence("name a camera number, a file or an address"))
    return text


def _to_model(text: str) -> str:
    if not text:
        raise ValueError(Sentence('write "full", "lite" or the path of a .task file'))
    return text


def _to_days(value: object) -> int | None:
    bounds = SETTINGS["keep_days"].details
    if value == "forever":
        return None
    if type(value) is int and bounds["least"] <= value <= bounds["most"]:
        return value
    raise ValueError(
        Sentence(
            'write a number of days, {least} to {most}, or "forever"',
            least=bounds["least"],
            most=bounds["most"],
        )
    )


def _to_words(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or {type(word) for word in value} != {str}:
        raise ValueError(Sentence('write it as a list of words: ["command", "argument"]'))
    return tuple(value)


def _to_fingerprint(text: str) -> str:
    digits = text.lower().removeprefix("sha256:").replace(":", "")
    if not re.fullmatch("[0-9a-f]{64}", digits):
        raise ValueError(
            Sentence("write the 64 digits of a SHA-256, as the refusal of a camera names them")
        )
    return digits


class _Form(NamedTuple):
    """How the file writes a setting that it has in other words than the program."""

    read: Any
    write: Callable[[Any], object] = lambda value: value


_FORMS = {
    "source": _Form(
        Annotated[
            str,
            BeforeValidator(lambda it: str(it) if type(it) is int else it),
            AfterValidator(_to_source),
        ]
    ),
    "profile": _Form(Annotated[str, AfterValidator(_to(checked_name))]),
    "model": _Form(Annotated[str, AfterValidator(_to_model)]),
    "on_alert": _Form(
        Annotated[tuple[str, ...], BeforeValidator(_to_words)], lambda words: words or None
    ),
    "quiet_hours": _Form(
        Annotated[
            list[Annotated[str, AfterValidator(_to(parse_quiet_hours))]], AfterValidator(tuple)
        ],
        lambda spans: [f"{hours.begin:%H:%M}-{hours.end:%H:%M}" for hours in spans],
    ),
    "goal": _Form(
        Annotated[str, AfterValidator(_to(parse_goal))], lambda goal: goal and written_goal(goal)
    ),
    "camera_certificate": _Form(Annotated[str, AfterValidator(_to_fingerprint)]),
    "keep_days": _Form(Annotated[Any, AfterValidator(_to_days)], lambda days: days or "forever"),
}


class _Strict(BaseModel):
    model_config = ConfigDict(
        extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True
    )


def _read_as(setting: Setting, hint: Any) -> Any:
    """The type that pydantic is to read a setting as, from its declaration."""
    if setting.name in _FORMS:
        return _FORMS[setting.name].read
    details = setting.details
    bounds = Field(gt=details.get("above"), ge=details.get("least"), le=details.get("most"))
    if setting.is_duration:
        return Annotated[hint, BeforeValidator(_to_seconds), bounds]
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return Annotated[hint, Field(strict=False)]
    return Annotated[hint, bounds]


def _keys(settings: Iterable[Setting], *kinds: type[Any]) -> dict[str, Any]:
    """Fields of a model, each named as in the file and none required."""
    hints = {name: hint for kind in kinds for name, hint in get_type_hints(kind).items()}
    return {
        setting.name: (_read_as(setting, hints[setting.name]), Field(None, alias=setting.key))
        for setting in settings
    }


_NOT_SET = N_("is not set")
_THRESHOLDS = declared_by(Thresholds)
KEYS = {setting.key: setting for setting in SETTINGS.values()} | {
    f"thresholds.{name}": setting for name, setting in _THRESHOLDS.items()
}
"""Every setting by its key in the file, "table.key" in a table."""
_ConfigFile = create_model(
    "_ConfigFile",
    __base__=_Strict,
    **_keys(SETTINGS.values(), Settings, PolicySettings, PostureSettings),
    thresholds=(
        create_model("_Thresholds", __base__=_Strict, **_keys(_THRESHOLDS.values(), Thresholds)),
        None,
    ),
)


def checked_settings(path: Path, text: str, content: dict[str, Any]) -> Settings:
    """The settings that a file sets, defaults for what it leaves out.

    The `content` is the `text` taken apart; that and the path say where a mistake is.

    Raises:
        ConfigMistakes: keys or values make no sense.
    """
    try:
        keys = _ConfigFile.model_validate(content)
    except ValidationError as error:
        raise ConfigMistakes(path, text, error, KEYS) from error
    values = {name: getattr(keys, name) for name in keys.model_fields_set}
    table = values.pop("thresholds", None)
    own_deg = {} if table is None else table.model_dump(exclude_unset=True)
    return Settings(
        posture=PostureSettings(thresholds=Thresholds(**own_deg)), own_thresholds=frozenset(own_deg)
    ).having(values)


def settings_text(settings: Settings, *, explained: bool = False) -> str:
    """All settings in force, as a config file that would set them.

    A default stands in a comment: what is read back is set by the user no more than before.
    """
    default = Settings()
    first = _("What begins with # is the default, or follows from the other settings.")
    lines = [f"# {first}"]
    for setting in SETTINGS.values():
        value = _written(setting, settings)
        lines += _explanation(setting) * explained
        if value is None:
            lines.append(f"# {setting.key} {_unset_text(setting)}")
        else:
            lines.append(_line(setting.key, value, given=value != _written(setting, default)))
    lines += ["", "[thresholds]"]
    for key, setting in _THRESHOLDS.items():
        lines += _explanation(setting) * explained
        value = getattr(settings.posture.thresholds, key)
        lines.append(_line(key, value, given=key in settings.own_thresholds))
    return "\n".join(lines)


def value_sentence(key: str, settings: Settings) -> str:
    """What is in force for a key of `KEYS`, without an address's secrets."""
    setting = KEYS[key]
    table, _dot, name = key.rpartition(".")
    value = getattr(settings.posture.thresholds, name) if table else _written(setting, settings)
    if value is None:
        return _("{key} {unset} now.").format(key=key, unset=_unset_text(setting))
    written = without_secrets(json.dumps(value, ensure_ascii=False))
    return _("{key} is {value} now.").format(key=key, value=written)


def _unset_text(setting: Setting) -> str:
    return _(str(setting.details.get("unset", _NOT_SET)))


def _explanation(setting: Setting) -> list[str]:
    details = setting.details
    meaning = _(details.get("means") or details["option"]).replace(" ({})", "")
    return ["", f"# {meaning}"]


def _line(key: str, value: object, *, given: bool) -> str:
    # The strings, numbers and truth values of TOML are those of JSON, but for one character.
    text = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if (shown := without_secrets(text)) != text:
        hidden = _("as in the file; what an address may keep secret is not shown")
        return f"# {key} = {shown}  # {hidden}"
    return f"{'' if given else '# '}{key} = {text}"


def _written(setting: Setting, settings: Settings) -> object:
    """What is in force for a setting, as it would be written in the file; None when it is unset."""
    value = setting.value_in(settings)
    if setting.name in _FORMS:
        return _FORMS[setting.name].write(value)
    return written_duration(value) if setting.is_duration and value is not None else value
