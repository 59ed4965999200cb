"""The message of the first watch of a week that can be shown: what the week before came to."""

from __future__ import annotations

import subprocess
import threading
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path

from posturecam.base.child_programs import apart
from posturecam.base.local_time import week_before
from posturecam.commands.unattended import keep_said, was_said
from posturecam.system.autostart import program_words


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyMessage:
    """Title, text, the Sunday of the week that they are about, and the file that has the last."""

    title: str
    text: str
    sunday: date
    said: Path

    def keep_said(self) -> None:
        """Keeps that it was shown, so that it never is again."""
        keep_said(self.sunday.isoformat(), self.said)

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


def weekly_message(log_path: Path, said: Path, zone: tzinfo, now: datetime) -> WeeklyMessage | None:
    """What to say as a watch begins; None where it was said, or the week before has too little.

    Raises:
        DataError: the log is damaged.
    """
    monday, sunday = week_before(now.astimezone(zone).date())
    if was_said(sunday.isoformat(), said):
        return None
    # Only now and then is there more to do, so that what it takes is loaded then.
    from posturecam.commands.log_days import open_days
    from posturecam.review.facts import week_card
    from posturecam.review.span_words import week_card_text

    with open_days(log_path, zone, now=now) as days:
        hours = days.week_hours(monday, sunday + timedelta(days=1))
        card = week_card(days.span(monday, sunday), hours)
    if card is None:
        keep_said(sunday.isoformat(), said)
        return None
    title, text = week_card_text(card)
    return WeeklyMessage(title=title, text=text, sunday=sunday, said=said)
