"""How days are written."""

from __future__ import annotations

from datetime import date

from posturecam.outputs.dates import long_date, middle_date, short_date, weekday_date


def test_a_day_is_written_as_long_as_there_is_room() -> None:
    """English until there is a translation; the parts of several days stand below each other."""
    early, late = date(2026, 3, 2), date(2026, 11, 22)

    assert (long_date(early), long_date(late)) == ("Monday 2 March 2026", "Sunday 22 November 2026")
    assert (middle_date(early), middle_date(late)) == ("Mon 2 March 2026", "Sun 22 November 2026")
    assert (short_date(early), short_date(late)) == ("2 Mar", "22 Nov")
    assert (weekday_date(early), weekday_date(late)) == ("Mon  2 Mar", "Sun 22 Nov")
