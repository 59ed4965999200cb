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
