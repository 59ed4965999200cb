"""What is asked of a watch waits in order, and not without end."""

from __future__ import annotations

from datetime import timedelta

from posturecam.values.commands import Inbox, Snooze
from tests.fakes import NINE


def test_requests_are_taken_in_order_and_of_too_many_the_oldest_are_lost() -> None:
    """A hundred wait; then there is none."""
    inbox = Inbox()
    asked = [Snooze(until=NINE + timedelta(minutes=minute)) for minute in range(130)]
    for command in asked:
        inbox.put(command)

    assert [inbox.pop() for _ in range(101)] == [*asked[30:], None]
