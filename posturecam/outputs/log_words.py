"""What the log holds as codes, in the words of an export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posturecam.base.language import ENGLISH
from posturecam.outputs.words import alert_message, ended_text, reason_text
from posturecam.values.events import AlertKind
from posturecam.values.stored_codes import REASON_SEPARATOR, read_causes, read_details, read_end

if TYPE_CHECKING:
    from posturecam.log.tables import Value


def in_words(table: str, row: dict[str, Value]) -> None:
    """Puts words in the place of codes, the same in every language: `import` reads them back."""
    match table, row:
        case "intervals", {"reason": str(causes)}:
            said = (reason_text(cause, ENGLISH) for cause in read_causes(causes))
            row["reason"] = REASON_SEPARATOR.join(said)
        case "alerts", {"kind": str(kind), "message": str(details), "lasted_ms": int(lasted_ms)}:
            row["message"] = alert_message(
                AlertKind(kind), lasted_ms / 1000, read_details(details), ENGLISH
            )
        case "sessions", {"ended_by": str(end)}:
            row["ended_by"] = ended_text(read_end(end) or "", ENGLISH)
