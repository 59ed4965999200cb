"""What the user asked for and is not over, on disk: `steering.json`, so that restarts keep it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from posturecam.base.errors import DataError
from posturecam.base.files import read_file
from posturecam.base.language import Sentence
from posturecam.base.paths import write_atomically
from posturecam.watch.requests import Requests, lasting

FORMAT = 1
LARGEST_BYTES = 10_000


def load_in_force(path: Path) -> tuple[Requests, str | None]:
    """What the file says is in force, and what is wrong with it if it cannot be used.

    A pause is not worth a refusal to start: a damaged file is passed over.
    """
    try:
        content = json.loads(read_file(path, most_bytes=LARGEST_BYTES))
        if content["format"] != FORMAT:
            raise ValueError(Sentence("written by another posturecam"))
        paused_until = _to_moment(content["paused_until"])
        in_force = Requests(
            paused=paused_until is not None,
            paused_until=paused_until,
            snoozed_until=_to_moment(content["snoozed_until"]),
        )
    except FileNotFoundError:
        return Requests(), None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        problem = Sentence(
            "{path} cannot be read: {why}. No pause is taken over from before.",
            path=path,
            why=_in_our_words(error),
        )
        return Requests(), problem
    return in_force, None


def save_in_force(path: Path, in_force: Requests) -> None:
    """Keeps what ends by itself. Raises `DataError`."""
    kept = lasting(in_force)
    content = {
        "format": FORMAT,
        "paused_until": _to_text(kept.paused_until),
        "snoozed_until": _to_text(kept.snoozed_until),
    }
    write_atomically(path, json.dumps(content) + "\n")


class RequestFile:
    """Pauses and snoozes on disk, while a watch runs.

    Attributes:
        problem: what is wrong with the file; None when it could be used.
    """

    def __init__(self, path: Path) -> None:
        self.problem: str | None = None
        self._path = path

    def load(self) -> Requests:
        """What is in force."""
        in_force, self.problem = load_in_force(self._path)
        return in_force

    def keep(self, in_force: Requests) -> None:
        """Keeps what ends by itself, or says in `problem` why not."""
        self.problem = None
        try:
            save_in_force(self._path, in_force)
        except DataError as error:
            self.problem = Sentence(
                "a restart will not know of this pause or snooze: {why}", why=error.what
            )


def _in_our_words(error: Exception) -> str:
    if error.args and isinstance(error.args[0], Sentence):
        return error.args[0]
    return getattr(error, "strerror", None) or Sentence("it is damaged")


def _to_text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _to_moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(Sentence("a moment without its zone"))
    return moment.astimezone(UTC)
