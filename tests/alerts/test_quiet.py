"""When alerts are suppressed, and what for."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.alerts.suppression import DesktopState, is_within, parse_quiet_hours, why_quiet
from posturecam.base.errors import UsageError
from posturecam.values.reasons import QuietReason
from posturecam.values.settings import QuietHours

LUNCH = parse_quiet_hours("12:00-13:00")
NIGHT = parse_quiet_hours("22:00-6:30")
SILENT = DesktopState(do_not_disturb=True, in_call=True, locked=False)


def why(
    local: time = time(10),
    *,
    snoozed: bool = False,
    desktop: DesktopState | None = None,
    hours: tuple[QuietHours, ...] = (),
    calls: bool = False,
) -> QuietReason | None:
    """The reason at a time of day."""
    return why_quiet(
        local=local,
        snoozed=snoozed,
        desktop=desktop or DesktopState(),
        quiet_hours=hours,
        quiet_in_calls=calls,
    )


@pytest.mark.parametrize(
    ("at", "lunch", "night"),
    [
        (time(11, 59, 59), False, False),
        (time(12), True, False),
        (time(12, 59, 59), True, False),
        (time(13), False, False),
        (time(21, 59), False, False),
        (time(22), False, True),
        (time(0), False, True),
        (time(6, 29), False, True),
        (time(6, 30), False, False),
    ],
)
def test_quiet_hours_begin_on_time_and_end_on_time(at: time, *, lunch: bool, night: bool) -> None:
    """Over midnight too; the end no longer belongs to them."""
    assert is_within(LUNCH, at) is lunch
    assert is_within(NIGHT, at) is night
    assert why(at, hours=(LUNCH, NIGHT)) == (QuietReason.QUIET_HOURS if lunch or night else None)


@pytest.mark.parametrize("text", ["9:05-23:59", " 09:05-23:59 "])
def test_hours_are_read_to_the_minute(text: str) -> None:
    """With or without the zero before an hour."""
    assert parse_quiet_hours(text) == QuietHours(begin=time(9, 5), end=time(23, 59))


@given(begin=st.times(), end=st.times(), at=st.times())
def test_any_hours_and_the_rest_of_the_day_make_a_day(begin: time, end: time, at: time) -> None:
    """A moment is either within the hours or within those from their end to their begin."""
    if begin != end:
        here = is_within(QuietHours(begin=begin, end=end), at)
        assert here is not is_within(QuietHours(begin=end, end=begin), at)


@pytest.mark.parametrize("text", ["", "12-13", "12:00", "12:00-12:00", "24:00-1:00", "9:60-10:00"])
def test_what_are_no_hours_is_refused(text: str) -> None:
    """With an example of what they look like."""
    with pytest.raises(UsageError, match="12:00-13:00"):
        parse_quiet_hours(text)


def test_one_reason_is_told_the_users_own_first() -> None:
    """Snoozed, then the call, then the desktop's wish, then what is on it, then the hours."""
    assert (
        why(time(12), snoozed=True, calls=True, desktop=SILENT, hours=(LUNCH,))
        is QuietReason.SNOOZED
    )
    assert why(time(12), calls=True, desktop=SILENT, hours=(LUNCH,)) is QuietReason.IN_A_CALL
    assert why(time(12), desktop=SILENT, hours=(LUNCH,)) is QuietReason.DO_NOT_DISTURB
    for field, reason in (
        ("full_screen", QuietReason.FULL_SCREEN),
        ("presenting", QuietReason.PRESENTING),
    ):
        assert why(time(12), desktop=DesktopState(**{field: True}), hours=(LUNCH,)) is reason
    assert why(time(12), hours=(LUNCH,)) is QuietReason.QUIET_HOURS
    assert why(time(10), hours=(LUNCH,)) is None


def test_calls_are_left_alone_only_when_asked_for() -> None:
    """A microphone that is always in use must not silence a watch by itself."""
    in_call = DesktopState(in_call=True)
    assert why(desktop=in_call) is None
    assert why(desktop=in_call, calls=True) is QuietReason.IN_A_CALL


def test_what_cannot_be_told_holds_nothing_back() -> None:
    """None is not yes."""
    assert why(desktop=DesktopState(), calls=True) is None
