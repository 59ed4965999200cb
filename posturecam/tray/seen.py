"""What is known of the watch beside which the tray runs.

Pure: lines of its story in, one value out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from posturecam.outputs.status import NOT_RUNNING, STUCK_AFTER_S, StatusBoard
from posturecam.values.events import CameraChanged, CameraStatus, Event, Record, Tick
from posturecam.values.observation import PostureState, Reading
from posturecam.watch.requests import Requests

if TYPE_CHECKING:
    from posturecam.values.reasons import QuietReason
    from posturecam.watch.broadcast import Beginning, Update


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of the watch at one moment.

    Attributes:
        record: its status, as `status --format json` prints it.
        beginning: what it goes by; None while none runs.
        camera: whether pictures arrive; None before that is known.
        stuck: it runs and does not move on.
        events: what has just happened; never what happened before it was followed.
        trouble: why the watch that is there cannot be followed; empty when it can.
    """

    record: Record = field(default_factory=lambda: NOT_RUNNING)
    beginning: Beginning | None = None
    turn: Tick | None = None
    camera: CameraStatus | None = None
    in_force: Requests = field(default_factory=Requests)
    stuck: bool = False
    events: tuple[Event, ...] = ()
    trouble: str = ""

    @property
    def running(self) -> bool:
        """A watch runs."""
        return self.beginning is not None

    @property
    def watching(self) -> bool:
        """It looks: pictures arrive, and it is not to rest."""
        looks = self.camera in (CameraStatus.OPEN, CameraStatus.BACK)
        return self.running and looks and not self.stuck and not self.resting

    @property
    def resting(self) -> bool:
        """The user paused it, or the screen is locked, or there is a call."""
        said = self.turn is not None and self.turn.resting is not None
        return self.in_force.paused or (said and not self.stuck)

    @property
    def taking(self) -> bool:
        """It takes a baseline, or the zero of the day; one from before may judge meanwhile."""
        return self.watching and self.turn is not None and self.turn.taking is not None

    @property
    def reading(self) -> Reading | None:
        """What it judges now; None while it does not watch, or has not judged yet."""
        return self.turn.reading if self.turn is not None and self.watching else None

    @property
    def state(self) -> PostureState | None:
        """The state that counts."""
        return None if self.reading is None else self.reading.state

    @property
    def provisional(self) -> PostureState | None:
        """What the last pictures say, while it has not held long enough to be the state."""
        return None if self.reading is None else self.reading.provisional

    @property
    def quiet(self) -> QuietReason | None:
        """Why alerts are suppressed."""
        return None if self.turn is None else self.turn.quiet

    @property
    def present(self) -> bool:
        """The sitter is there and can be judged."""
        return self.state in (PostureState.UPRIGHT, PostureState.SLOUCHED)

    @property
    def break_due(self) -> bool:
        """The sitter is there and has been for longer than is set."""
        if self.turn is None or self.beginning is None or not self.present:
            return False
        return self.turn.sitting_s >= self.beginning.break_after_s

    @property
    def unchanged_too_long(self) -> bool:
        """The sitter has kept a position for longer than is set."""
        if self.turn is None or self.beginning is None or not self.present:
            return False
        return self.turn.unchanged_s >= self.beginning.unchanged_after_s


class Seeing:
    """Puts together what a watch says; after each thing `seen` is what is known then."""

    def __init__(self) -> None:
        self.seen = Seen()
        self._board: StatusBoard | None = None

    def begin(self, beginning: Beginning) -> None:
        """A watch is followed from now on."""
        self._board = StatusBoard(beginning.settings(), live=beginning.live)
        record = self._board.record(in_force=Requests(), turned_s_ago=0.0)
        self.seen = Seen(beginning=beginning, record=record)

    def hear(self, update: Update) -> None:
        """Takes a line of its story."""
        if self._board is None:
            return
        events: tuple[Event, ...] = ()
        camera, turn = self.seen.camera, self.seen.turn
        if update.turn is not None:
            self._board.handle(update.turn)
            turn = update.turn
            events = () if update.past else update.turn.events
            for event in update.turn.events:
                camera = event.status if isinstance(event, CameraChanged) else camera
        record = self._board.record(in_force=update.in_force, turned_s_ago=update.turned_s_ago)
        self.seen = Seen(
            record=record | {"log_problem": update.log_problem},
            beginning=self.seen.beginning,
            turn=turn,
            camera=camera,
            in_force=update.in_force,
            stuck=update.turned_s_ago > STUCK_AFTER_S,
            events=events,
        )

    def lose(self, trouble: str = "") -> None:
        """None runs any more, or the one that does cannot be followed."""
        self._board = None
        self.seen = Seen(trouble=trouble)
