"""Whether one of the windows of a Wayland compositor is in full screen, and to be seen.

Pure: what the compositor says of its windows in, yes or no out. It says their titles, too, without
being asked; those are not read.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from posturecam.system import wayland_messages as w

MINIMIZED, ACTIVATED, FULL_SCREEN = 1, 2, 3
"""States, as wlr-foreign-toplevel-management numbers them."""


@dataclass(slots=True)
class _Window:
    states: frozenset[int] = frozenset()
    outputs: set[int] = field(default_factory=set)


class Toplevels:
    """The windows that a compositor tells of, by the numbers of their handles."""

    def __init__(self) -> None:
        self._windows: dict[int, _Window] = {}  # who was activated last is last

    def add(self, handle: int) -> None:
        """There is another window."""
        self._windows[handle] = _Window()

    def hear(self, handle: int, event: str, body: bytes) -> bool:
        """Takes what is said of a window; whether that may change whether one is in front.

        Raises:
            BrokenError: it breaks off.
        """
        window = self._windows[handle]
        match event:
            case "state":
                states = frozenset(w.array_in(body))
                if ACTIVATED in states:
                    self._windows[handle] = self._windows.pop(handle)
                window.states = states
            case "output_enter":
                window.outputs |= set(w.numbers_in(body, 1))
            case "output_leave":
                window.outputs -= set(w.numbers_in(body, 1))
            case "closed":
                del self._windows[handle]
            case _:
                return False
        return True

    def is_one_in_front(self) -> bool:
        """Whether a full-screen window is at work, or lies open on another screen.

        Open is one on whose screen none was at work later: which workspace a screen shows is not
        told, but who is left on it was at work last. A film on a workspace that was left for an
        empty one still counts.
        """
        shown = [one for one in self._windows.values() if MINIMIZED not in one.states]
        return any(
            FULL_SCREEN in window.states
            and (
                ACTIVATED in window.states
                or (
                    bool(window.outputs)
                    and not any(window.outputs & above.outputs for above in shown[at + 1 :])
                )
            )
            for at, window in enumerate(shown)
        )
