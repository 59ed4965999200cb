"""On battery: asked seldom, and the watch looks half as often."""

from __future__ import annotations

from threading import Event

from posturecam.system.power import ASK_EVERY_S, Power, runs_on_battery
from tests.fakes import ManualClock
from tests.waiting import wait_until


def test_the_system_is_asked_now_and_then() -> None:
    """Not at every picture; a plug that is pulled is noticed at the next time."""
    clock, answers = ManualClock(), [False, True]
    power = Power(clock, lambda: answers.pop(0))

    assert not power.on_battery()
    wait_until(lambda: answers == [True], "it is asked")
    clock.wait_s(ASK_EVERY_S - 1)
    assert not power.on_battery()
    assert answers == [True]
    clock.wait_s(1)
    wait_until(power.on_battery, "it is known")
    assert answers == []


def test_a_battery_that_hangs_holds_up_nobody() -> None:
    """What was known before holds meanwhile, and nobody asks a second time."""
    clock, answers, asked = ManualClock(), Event(), []

    def ask() -> bool:
        asked.append(1)
        return answers.wait(20)

    power = Power(clock, ask)
    assert not power.on_battery()
    wait_until(lambda: asked, "it is asked")
    for _ in range(2):
        clock.wait_s(ASK_EVERY_S)
        assert not power.on_battery()
    assert asked == [1]
    answers.set()
    wait_until(power.on_battery, "it is known")


def test_a_machine_always_has_an_answer() -> None:
    """With a battery or without one, on any system."""
    assert runs_on_battery() in (True, False)
