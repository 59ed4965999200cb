"""`move`: a guided break in the terminal, and whether the camera saw somebody get up for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from posturecam.base.errors import (
    DataError,
    NotRunningError,
    PosturecamError,
    SourceError,
    UsageError,
)
from posturecam.base.interrupts import Interrupts
from posturecam.base.language import Sentence, _
from posturecam.care.exercises import (
    CHAIR_STRETCH,
    MOVES,
    READY_S,
    Caution,
    OfferedMoves,
    Portion,
    offer,
    plan,
    unasked,
)
from posturecam.care.journal import (
    load_answers,
    load_exercises,
    newest_answers,
    save_answer,
    save_exercise,
)
from posturecam.care.red_flags import open_flags
from posturecam.care.texts import care_text
from posturecam.care.words import done_text, dose_text, listed_move_text, move_title
from posturecam.log.connection import to_ms
from posturecam.posture.state import is_another_position
from posturecam.values.answers import Answer
from posturecam.values.log_rows import GuidedBreak
from posturecam.values.observation import Detection, Frame, SitterPosition, UnknownReason
from posturecam.watch.client import ask
from posturecam.watch.lock import is_watched

if TYPE_CHECKING:
    from posturecam.base.clock import Clock
    from posturecam.base.paths import AppPaths
    from posturecam.capture.session import Item
    from posturecam.outputs.dialogue import Dialogue
    from posturecam.pose.landmarker import Landmarker
    from posturecam.values.settings import Settings

STEP_S = 1.0
"""The timer counts in seconds; the camera is looked at once in each."""

COUNTS_FROM = 0.5
"""Share of a move that was cut short from which it counts as done."""

BELIEVED_LOOKS = 2
"""Looks in a row that show somebody elsewhere; one may be a wrong detection."""

KNOWN_SHARE = 0.5
"""Share of the looks that must show something before "stayed" is said."""


def run_move(
    settings: Settings,
    *,
    seconds_s: float,
    floor: bool,
    camera: bool,
    again: bool,
    paths: AppPaths,
    clock: Clock,
    terminal: Dialogue,
) -> bool:
    """Guides through a break and logs what was done of it; False when it was interrupted.

    The moves are those at the desk or those on the `floor`; the `camera` notices whether somebody
    gets up for them. All questions are asked `again`, or only those that were not.

    Raises:
        UsageError: the questions are to be asked again, and nobody is there to answer.
        DataError: the log cannot be read or written.
    """
    if again and not terminal.interactive:
        raise UsageError(
            Sentence("Nobody can answer here."),
            Sentence("Run posturecam move --ask at a terminal."),
        )
    _ask_cautions(paths.log, clock, terminal, floor=floor, again=again)
    offered = _offer(paths.log, floor=floor)
    if offered.refusal is not None:
        terminal.say(care_text(offered.refusal))
    if not offered.moves:
        return True
    portions = plan(offered.moves, _last_done(paths.log), seconds_s)
    _show_card(portions, terminal)
    with ExitStack() as stack:
        witness = _find_witness(settings, paths, clock, terminal, stack) if camera else None
        interrupts = stack.enter_context(Interrupts())
        guide = _Guide(clock, terminal, interrupts, witness)
        began_at = clock.utc_now()
        done = guide.lead(portions)
        if done:
            taken = GuidedBreak(
                at_ms=to_ms(began_at),
                lasted_ms=round(guide.lasted_s * 1000),
                names=done,
                got_up=None if witness is None else witness.got_up,
            )
            save_exercise(paths.log, taken, now=clock.utc_now())
            with suppress(NotRunningError, DataError):
                ask(paths.control, {"do": "exercised"})
            terminal.say(done_text(taken))
        else:
            terminal.say(_("Nothing was logged."))
        return not interrupts.requested


def list_moves(paths: AppPaths, terminal: Dialogue) -> None:
    """Prints all moves, how much of each, and which are offered. Raises `DataError`."""
    desk, floor = _offer(paths.log, floor=False), _offer(paths.log, floor=True)
    # Who may go to the floor needs no version on the chair, and may do it all the same.
    instead = (CHAIR_STRETCH,) if floor.refusal is None else ()
    offered = {move.name for move in (*desk.moves, *floor.moves, *instead)}
    for move in (*MOVES, CHAIR_STRETCH):
        text = listed_move_text(
            move,
            dose_text(Portion(move=move, steps=move.dose.least)),
            offered=move.name in offered,
            asks_first=move.on_floor and floor.refusal == "refuse.unanswered",
        )
        terminal.say(text)
        terminal.say(care_text(f"move.{move.name}"), indent=4)
    if desk.refusal is not None:
        terminal.say(care_text(desk.refusal))
    terminal.say(care_text("moves.evidence"))
    terminal.say(care_text("safety"))


class Witness:
    """Looks at the person now and then, and can say afterwards whether they left their place."""

    def __init__(self, items: Iterator[Item | None], landmarker: Landmarker) -> None:
        self._items = items
        self._landmarker = landmarker
        self._resting: SitterPosition | None = None
        self._looks = self._known = self._elsewhere = 0
        self._left = False

    @property
    def got_up(self) -> bool | None:
        """Whether somebody left their place or moved in it; None where it is unknown."""
        if self._left:
            return True
        seen_enough = self._resting is not None and self._known >= KNOWN_SHARE * self._looks
        return False if seen_enough else None

    def look(self) -> None:
        """Takes one more picture into account; a source that fails shows nothing more."""
        self._looks += 1
        try:
            item = next(self._items, None)
        except SourceError:
            item = None
        if isinstance(item, Frame):
            self._note(self._landmarker.detect(item))

    def _note(self, detection: Detection) -> None:
        place = _place_in(detection)
        if place is None:
            return
        self._known += 1
        if isinstance(place, UnknownReason):
            elsewhere = self._resting is not None
        else:
            self._resting = self._resting or place
            elsewhere = is_another_position(place, self._resting)
        self._elsewhere = self._elsewhere + 1 if elsewhere else 0
        self._left = self._left or self._elsewhere >= BELIEVED_LOOKS


class _Guide:
    """Leads through the moves, one second after the other."""

    def __init__(
        self, clock: Clock, terminal: Dialogue, interrupts: Interrupts, witness: Witness | None
    ) -> None:
        self.lasted_s = 0.0
        self._clock = clock
        self._terminal = terminal
        self._interrupts = interrupts
        self._witness = witness

    def lead(self, portions: Sequence[Portion]) -> tuple[str, ...]:
        """The names of what was done; an interrupt ends it early."""
        began_s = self._clock.monotonic_s()
        done: list[str] = []
        for portion in portions:
            title, dose = move_title(portion.move.name), dose_text(portion)
            self._terminal.say(_("{title}: {dose}").format(title=title.capitalize(), dose=dose))
            self._count(READY_S, _("{title} begins in  {left} s"), title)
            done_s = self._count(portion.lasts_s, _("{title}  {left} s"), title)
            if done_s >= COUNTS_FROM * portion.lasts_s:
                done.append(portion.move.name)
                self.lasted_s = self._clock.monotonic_s() - began_s
            if self._interrupts.requested:
                break
        return tuple(done)

    def _count(self, lasts_s: float, text: str, title: str) -> float:
        """Counts down; the seconds that have passed."""
        began_s = self._clock.monotonic_s()
        for left_s in self._interrupts.iterate(self._seconds_left(began_s + lasts_s)):
            self._terminal.show(f"  {text.format(title=title, left=f'{left_s:.0f}')}")
        return min(lasts_s, self._clock.monotonic_s() - began_s)

    def _seconds_left(self, end_s: float) -> Iterator[float]:
        while (left_s := end_s - self._clock.monotonic_s()) > 0:
            yield left_s
            if self._witness is not None:
                self._witness.look()
            # A look takes time too: wait for what is left of this second.
            past_s = left_s - (end_s - self._clock.monotonic_s())
            self._clock.wait_s(min(STEP_S - past_s, left_s - past_s))


def _ask_cautions(
    log_file: Path, clock: Clock, terminal: Dialogue, *, floor: bool, again: bool
) -> None:
    answers = load_answers(log_file)
    if not terminal.interactive or open_flags(answers):
        return
    known = _cautions(newest_answers(answers))
    questions = unasked(known, floor=floor, again=again)
    if questions:
        terminal.say(care_text("ask.intro"))
    for caution in questions:
        answer = terminal.ask(care_text(caution))
        save_answer(log_file, caution, answer, now=clock.utc_now())
        if caution is Caution.UNDER_16 and answer is Answer.YES:
            return


def _offer(log_file: Path, *, floor: bool) -> OfferedMoves:
    answers = load_answers(log_file)
    known = _cautions(newest_answers(answers))
    return offer(known, floor=floor, flagged=bool(open_flags(answers)))


def _cautions(answers: dict[str, Answer]) -> dict[Caution, Answer]:
    return {caution: answers[caution] for caution in Caution if caution in answers}


def _last_done(log_file: Path) -> dict[str, int]:
    return {
        name: number
        for number, taken in enumerate(load_exercises(log_file))
        for name in taken.names
    }


def _show_card(portions: Sequence[Portion], terminal: Dialogue) -> None:
    takes_s = sum(portion.takes_s for portion in portions)
    terminal.say(
        _("A guided break of about {seconds} s. Ctrl-C ends it.").format(seconds=f"{takes_s:.0f}")
    )
    for portion in portions:
        title, dose = move_title(portion.move.name), dose_text(portion)
        terminal.say(_("{title}, {dose}").format(title=title, dose=dose), indent=2)
        terminal.say(care_text(f"move.{portion.move.name}"), indent=4)
    terminal.say(care_text("safety"))


def _find_witness(
    settings: Settings, paths: AppPaths, clock: Clock, terminal: Dialogue, stack: ExitStack
) -> Witness | None:
    if is_watched(paths.lock):
        terminal.say(_("The running watch has the camera and sees you move by itself."))
        return None
    from posturecam.commands.feed import feed_of
    from posturecam.pose.landmarker import PoseLandmarker
    from posturecam.pose.models import find_model
    from posturecam.posture.profiles import find_profile, rotation_deg

    try:
        model = find_model(settings.model)
        rotate_deg = rotation_deg(settings, find_profile(paths.profiles, settings.profile))
        feed = stack.enter_context(
            feed_of(settings, clock, rotate_deg=rotate_deg, patient=False, realtime=True)
        )
        landmarker = stack.enter_context(PoseLandmarker.open(model))
        feed.open_first(lambda: False)
    except PosturecamError as error:
        # The break is what matters; the camera only notices it.
        terminal.say(_("{error} It goes on without the camera.").format(error=error.what))
        return None
    return Witness(feed.frames(STEP_S), landmarker)


def _place_in(detection: Detection) -> SitterPosition | UnknownReason | None:
    """Where somebody sits, `NOBODY` for an empty place, None where it is unknown."""
    from posturecam.pose.measures import position_of
    from posturecam.pose.sitter import find_sitter

    sitter = find_sitter(detection)
    if not isinstance(sitter, UnknownReason):
        return position_of(sitter.measures, sitter.view)
    return sitter if sitter is UnknownReason.NOBODY else None
