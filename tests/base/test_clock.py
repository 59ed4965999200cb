"""The clock adapter and the machine's own time zone."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from posturecam.base.clock import ZONE_ASKED_EVERY_S, LocalZone, SystemClock
from posturecam.base.local_time import day_bounds_ms, hour_starts_ms, local_time
from posturecam.commands.demo import MorningClock
from tests.fakes import ManualClock

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine in central Europe."""
    if not hasattr(time, "tzset"):
        pytest.skip("this system cannot change its zone for one process")
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
        time.tzset()
        yield
    time.tzset()


def test_waiting_takes_the_time_it_says() -> None:
    """Monotonic time moves on by at least what was waited."""
    clock = SystemClock()
    before_s = clock.monotonic_s()
    clock.wait_s(0.01)
    clock.wait_s(-1)

    assert clock.monotonic_s() - before_s >= 0.01
    assert clock.utc_now().utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("zone", "day", "begin"),
    [
        ("Europe/Berlin", date(2026, 3, 29), ["00:00", "01:00", "03:00", "04:00"]),
        ("Europe/Berlin", date(2026, 10, 25), ["00:00", "01:00", "02:00", "02:00", "03:00"]),
        ("Australia/Lord_Howe", date(2026, 10, 4), ["00:00", "01:00", "02:30", "03:00"]),
        ("Australia/Lord_Howe", date(2026, 4, 5), ["00:00", "01:00", "01:30", "02:00"]),
    ],
)
def test_hours_begin_where_the_clock_on_the_wall_shows_them(
    zone: str, day: date, begin: list[str]
) -> None:
    """Also on Lord Howe, where clocks are set by half an hour."""
    starts = hour_starts_ms(day_bounds_ms(day, ZoneInfo(zone)), ZoneInfo(zone))
    shown = [f"{local_time(at_ms, ZoneInfo(zone)):%H:%M}" for at_ms in starts]

    assert shown[: len(begin)] == begin
    assert shown[-1] == "23:00"


@pytest.mark.usefixtures("berlin")
def test_local_time_follows_daylight_saving_in_both_directions() -> None:
    """Each moment has one local time, and that local time leads back to it."""
    zone = LocalZone()
    spring = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    autumn = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    for moment in (spring, autumn):
        for minutes in range(0, 180, 15):
            utc = moment + timedelta(minutes=minutes)
            local = utc.astimezone(zone)
            assert local.replace(tzinfo=None) == utc.astimezone().replace(tzinfo=None)
            assert local.astimezone(UTC) == utc
    assert spring.astimezone(zone).tzname() == "CET"
    assert autumn.astimezone(zone).tzname() == "CEST"


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    ("now", "nine"),
    [
        (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), datetime(2026, 3, 29, 7, 5, tzinfo=UTC)),
        (datetime(2026, 10, 24, 22, 30, tzinfo=UTC), datetime(2026, 10, 25, 8, 5, tzinfo=UTC)),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), datetime(2027, 1, 1, 8, 5, tzinfo=UTC)),
    ],
)
def test_the_demo_begins_at_five_past_nine(now: datetime, nine: datetime) -> None:
    """Also half an hour into a day on which clocks change, and into a year."""
    assert MorningClock(ManualClock(began_at=now)).utc_now() == nine


@pytest.mark.usefixtures("berlin")
def test_a_new_zone_is_followed_within_half_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a flight, without a restart: what libc knows of the zone is asked anew now and then."""
    clock, zone = SystemClock(), LocalZone()
    summer = datetime(2026, 7, 1, 12, tzinfo=UTC)
    clock.utc_now()
    monkeypatch.setenv("TZ", "EST5EDT,M3.2.0,M11.1.0")
    clock._zone_asked_s -= ZONE_ASKED_EVERY_S
    assert summer.astimezone(zone).hour == 14
    clock.utc_now()
    assert summer.astimezone(zone).hour == 8
