"""A camera that is gone, back, and gone again: what each loss is."""

from __future__ import annotations

from posturecam.capture.outage import STEADY_AFTER_S, Loss, Outage


def test_a_camera_that_keeps_failing_is_relied_on_after_a_while() -> None:
    """Lost again soon, it counts as lost until it has delivered for long; that is said once."""
    outage = Outage(give_up_after_s=600.0)
    assert outage.lost(100.0) is Loss.NEW
    assert outage.opened(110.0) == 10.0
    assert outage.steady(110.0 + STEADY_AFTER_S) is None  # it did not fail again
    assert outage.lost(120.0) is Loss.AGAIN
    outage.opened(125.0)
    assert outage.lost(130.0) is Loss.KNOWN
    outage.opened(140.0)
    assert outage.steady(139.0 + STEADY_AFTER_S) is None
    assert outage.steady(140.0 + STEADY_AFTER_S) == 20.0 + STEADY_AFTER_S
    assert outage.steady(141.0 + STEADY_AFTER_S) is None


def test_a_camera_that_was_let_go_of_is_not_missing() -> None:
    """What it did before is forgotten with it."""
    outage = Outage(give_up_after_s=600.0)
    outage.lost(100.0)
    outage.forget()
    assert outage.missing_since_s is None
    assert outage.opened(200.0) is None
    assert outage.lost(201.0) is Loss.NEW


def test_just_after_the_while_it_is_relied_on_and_a_loss_is_new() -> None:
    """From half a minute on; it is told of from its own beginning."""
    outage = Outage(give_up_after_s=600.0)
    outage.lost(100.0)
    outage.opened(110.0)
    assert outage.lost(139.5) is Loss.AGAIN
    outage.opened(150.0)
    assert outage.lost(180.0) is Loss.NEW
    assert outage.opened(190.0) == 10.0


def test_a_camera_that_is_gone_is_tried_less_and_less_often() -> None:
    """From a second on, up to half a minute; after a new loss it begins anew."""
    outage = Outage(give_up_after_s=600.0)
    outage.lost(100.0)
    assert [outage.next_wait_s() for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    outage.opened(200.0)
    outage.lost(210.0)  # soon after: it waits on
    assert outage.next_wait_s() == 30
    outage.opened(250.0)
    outage.lost(250.0 + STEADY_AFTER_S)
    assert outage.next_wait_s() == 1


def test_the_first_vain_try_begins_an_outage() -> None:
    """Those after it belong to it."""
    outage = Outage(give_up_after_s=600.0)
    outage.next_wait_s()
    assert outage.missed(50.0)
    assert [outage.next_wait_s() for _ in range(2)] == [1, 2]
    assert not outage.missed(60.0)
    assert outage.next_wait_s() == 4
    assert outage.opened(75.0) == 25.0


def test_a_camera_is_waited_for_so_long_and_no_longer() -> None:
    """One that comes back is waited for as long again."""
    outage = Outage(give_up_after_s=10.0)
    outage.lost(0.0)
    assert outage.waits(7.0) == 7.0
    assert not outage.is_the_end
    outage.opened(7.0)
    assert outage.waits(9.5) == 9.5
    assert not outage.is_the_end
    assert outage.waits(7.0) == 0.5
    assert outage.is_the_end


def test_each_trouble_of_an_outage_is_said_once() -> None:
    """And again in the next."""
    outage = Outage(give_up_after_s=10.0)
    outage.lost(0.0)
    said = [outage.is_news(text) for text in ("busy", "busy", "gone", "busy")]
    assert said == [True, False, True, False]
    outage.opened(5.0)
    assert outage.is_news("busy")


def test_a_camera_that_was_let_go_of_fails_no_more() -> None:
    """Whatever it did before: there is nothing to be relied on again."""
    outage = Outage(give_up_after_s=600.0)
    outage.lost(0.0)
    outage.opened(1.0)
    outage.lost(2.0)
    assert outage.failing_since_s == 2.0
    outage.forget()
    assert outage.failing_since_s is None
    assert outage.steady(100.0) is None
    outage.lost(100.5)
    outage.opened(101.0)
    outage.forget()
    assert outage.lost(102.0) is Loss.NEW
