"""Does the machine run on battery?"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posturecam.base.clock import Clock

ASK_EVERY_S = 30.0


class Power:
    """Where the power comes from, asked now and then.

    Asked on a thread of its own: the controller of a laptop's battery may take a second to answer.
    """

    def __init__(self, clock: Clock, ask: Callable[[], bool] | None = None) -> None:
        self._clock = clock
        self._ask = ask or runs_on_battery
        self._asked_s = float("-inf")
        self._asking: threading.Thread | None = None
        self._on_battery = False

    def on_battery(self) -> bool:
        """Whether no mains power was connected when last asked; returns at once."""
        now_s = self._clock.monotonic_s()
        asking = self._asking is not None and self._asking.is_alive()
        if now_s - self._asked_s >= ASK_EVERY_S and not asking:
            self._asked_s = now_s
            self._asking = threading.Thread(target=self._find_out, name="power", daemon=True)
            self._asking.start()
        return self._on_battery

    def _find_out(self) -> None:
        self._on_battery = self._ask()


def runs_on_battery() -> bool:
    """What the system says now; false where it cannot tell."""
    import psutil

    if not hasattr(psutil, "sensors_battery"):
        return False
    try:
        battery = psutil.sensors_battery()
    except OSError:  # a driver that answers with nonsense
        return False
    return battery is not None and battery.power_plugged is False
