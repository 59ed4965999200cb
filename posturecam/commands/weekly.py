"""The message of the first watch of a week: what the week before came to."""

from __future__ import annotations

import subprocess
import threading
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path

from posturecam.base.child_programs import apart
from posturecam.base.local_time import day_bounds_ms, week_before
from posturecam.log.reader import LogReader
from posturecam.system.autostart import program_words


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyMessage:
    """Title and text, and the Sunday of the week that they are about."""

    title: str
    text: str
    sunday: date

    def open_week(self) -> None:
        """Has another process show the page of the week: this one watches on."""
        child = subprocess.Popen(  # noqa: S603 - this program and a date
            [*program_words(), "review", self.sunday.isoformat(), "--week", "--open"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **apart(),
        )
        threading.Thread(target=child.wait, name="week", daemon=True).start()


def weekly_message(log_path: Path, zone: tzinfo, now: datetime) -> WeeklyMessage | None:
    """What to say as a watch begins; None but for the first of a week after one with enough.

    Raises:
        DataError: the log is damaged.
    """
    monday, sunday = week_before(now.astimezone(zone).date())
    with LogReader.open(log_path) as log:
        last_ms = log.last_start_ms()
    if last_ms is None or last_ms >= day_bounds_ms(sunday, zone)[1]:
        return None
    # Only now and then is there more to do, so that what it takes is loaded then.
    from posturecam.commands.log_days import open_days
    from posturecam.review.span_words import week_card_text
    from posturecam.review.week_card import week_card

    with open_days(log_path, zone, now=now) as days:
        hours = days.week_hours(monday, sunday + timedelta(days=1))
        card = week_card(days.span(monday, sunday), hours)
    if card is None:
        return None
    title, text = week_card_text(card)
    return WeeklyMessage(title=title, text=text, sunday=sunday)
