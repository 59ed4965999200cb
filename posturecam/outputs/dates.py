"""How days are written, in the language that is shown. Pure."""

from __future__ import annotations

from datetime import date

from posturecam.base.language import _

WEEKDAYS = (
    _("Monday"),
    _("Tuesday"),
    _("Wednesday"),
    _("Thursday"),
    _("Friday"),
    _("Saturday"),
    _("Sunday"),
)
SHORT_WEEKDAYS = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
MONTHS = (
    _("January"),
    _("February"),
    _("March"),
    _("April"),
    _("May"),
    _("June"),
    _("July"),
    _("August"),
    _("September"),
    _("October"),
    _("November"),
    _("December"),
)
SHORT_MONTHS = (
    _("Jan"),
    _("Feb"),
    _("Mar"),
    _("Apr"),
    _("May"),
    _("Jun"),
    _("Jul"),
    _("Aug"),
    _("Sep"),
    _("Oct"),
    _("Nov"),
    _("Dec"),
)


def long_date(day: date) -> str:
    """`Sunday 22 November 2026`."""
    return _date_text(WEEKDAYS[day.weekday()], day)


def middle_date(day: date) -> str:
    """`Sun 22 November 2026`."""
    return _date_text(SHORT_WEEKDAYS[day.weekday()], day)


def short_date(day: date) -> str:
    """`22 Nov`."""
    return _("{day} {month}").format(day=day.day, month=SHORT_MONTHS[day.month - 1])


def weekday_date(day: date) -> str:
    """`Sun 22 Nov`; the parts of several stand below each other."""
    return _("{weekday} {day} {month}").format(
        weekday=SHORT_WEEKDAYS[day.weekday()],
        day=f"{day.day:2}",
        month=SHORT_MONTHS[day.month - 1],
    )


def _date_text(weekday: str, day: date) -> str:
    return _("{weekday} {day} {month} {year}").format(
        weekday=weekday, day=day.day, month=MONTHS[day.month - 1], year=day.year
    )
