"""The command that takes a baseline: its words, and what is said meanwhile."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posturecam.base.clock import SystemClock
from posturecam.base.command_words import quoted_words
from posturecam.base.errors import UsageError
from posturecam.base.language import Sentence, _
from posturecam.cli.common import (
    INTERRUPTED,
    ModelOption,
    ProfileOption,
    SourceOption,
    number_within,
    paths,
    say,
    settings_with,
    the_terminal,
)
from posturecam.cli.panels import START
from posturecam.cli.way_in import option_words, settings_here, settings_to_calibrate
from posturecam.values.settings import TAKE_S, Settings

if TYPE_CHECKING:
    from posturecam.commands.borrowing import Given
    from posturecam.outputs.dialogue import Dialogue
    from posturecam.outputs.preview import NoPreview, Preview
    from posturecam.posture.baseline import Baseline
    from posturecam.values.observation import Stance, TakeProgress
    from posturecam.values.reasons import Lesson, SlouchReason

commands = typer.Typer()

TakesOption = Annotated[
    Any,
    typer.Option(
        parser=number_within(1, 10),
        metavar="NUMBER",
        help=_("Times to sit down for it: 3 at a camera, 1 for a file."),
    ),
]
SecondsOption = Annotated[
    Any,
    typer.Option(
        parser=number_within(2, 3600, whole=False),
        metavar="SECONDS",
        help=_("Length of a take (10), or of the check."),
    ),
]
SlumpOption = Annotated[
    bool, typer.Option("--slump", help=_("Then show your usual slump: the limits adapt to you."))
]
StandingOption = Annotated[
    bool, typer.Option("--standing", help=_("Of you standing: a second one, used while you stand."))
]
CheckOption = Annotated[
    bool, typer.Option("--check", help=_("Take none; show how far you are from the limits now."))
]
GuidedOption = Annotated[
    bool | None,
    typer.Option(
        "--guided/--no-guided",
        help=_("Then show what your chair and your slouch look like (asked at a terminal)."),
    ),
]
PreviewOption = Annotated[
    bool | None,
    typer.Option(
        "--preview/--no-preview",
        help=_(
            "Show yourself in a window, mirrored, meanwhile (at a camera, where there is a "
            "display)."
        ),
    ),
]
YesOption = Annotated[
    bool, typer.Option("--yes", help=_("You sat upright: save it whatever it is like."))
]


@commands.command(
    rich_help_panel=START, epilog="Example: posturecam calibrate --takes 3 --seconds 10"
)
def calibrate(
    source: SourceOption = None,
    profile: ProfileOption = None,
    model: ModelOption = None,
    takes: TakesOption = None,
    seconds: SecondsOption = None,
    slump: SlumpOption = False,
    standing: StandingOption = False,
    check: CheckOption = False,
    guided: GuidedOption = None,
    preview: PreviewOption = None,
    yes: YesOption = False,
) -> None:
    """Take a baseline of how you sit comfortably upright.

    It is refused, with the reason, when it would not be a good one. One that is far
    from the one before is saved only after a yes, and that one is kept.
    """
    from posturecam.commands.borrowing import as_watched, camera_of_watch, goes_on_with
    from posturecam.commands.calibrate import Sitter, Wanted, run_calibrate
    from posturecam.values.observation import Stance

    given = {"source": source, "profile": profile, "model": model}
    settings = settings_with(**given)
    if check:
        if slump or standing or guided or preview or takes is not None:
            raise UsageError(
                Sentence("--check takes no baseline."),
                Sentence("Leave out what says how it is taken."),
            )
        _check(settings, given, seconds)
        return
    stance = Stance.STANDING if standing else Stance.SITTING
    wanted = Wanted(takes=takes, seconds_s=seconds or TAKE_S, slump=slump, stance=stance)
    with the_terminal() as terminal:
        guide = _guide_at(terminal, guided)
        with ExitStack() as stack:
            loan = stack.enter_context(camera_of_watch(paths(), settings, given, SystemClock()))
            watched = as_watched(loan, settings, given)
            settings = watched or settings_to_calibrate(settings, profile)
            if loan is not None:
                terminal.say(_("The watch that runs lets go of the camera for it."))
            window = stack.enter_context(_window(settings, terminal, preview))
            sitter = Sitter(
                report=_progress_shown_on(terminal, stance),
                agree=lambda reasons: yes or _sat_upright(reasons, terminal),
                warn=terminal.say,
                guide=guide,
                preview=window,
            )
            kept = run_calibrate(settings, wanted, sitter, paths=paths(), clock=SystemClock())
        if window.problem is not None and preview:
            terminal.say(window.problem)
    goes_on = loan.profile == kept.profile if loan else goes_on_with(paths(), kept.profile)
    tell = terminal.say if terminal.in_place else say
    _say_saved(kept, tell, given, watched=goes_on)


def _guide_at(terminal: Dialogue, guided: bool | None) -> _TerminalGuide | None:
    """Who leads through the guided minute: as asked for, and otherwise where somebody is there.

    Raises:
        UsageError: it was asked for, and nobody is.
    """
    if guided and not terminal.interactive:
        raise UsageError(Sentence("Nobody is there to be guided."), Sentence("Leave out --guided."))
    led = terminal.interactive if guided is None else guided
    return _TerminalGuide(terminal) if led else None


@contextmanager
def _window(
    settings: Settings, terminal: Dialogue, preview: bool | None
) -> Iterator[Preview | NoPreview]:
    """The window of the preview until the end: as asked for, and otherwise where it can be seen."""
    from posturecam.commands.borrowing import is_live
    from posturecam.outputs.keys import NoKeys
    from posturecam.outputs.preview import NoPreview, Preview, why_no_window

    live = is_live(settings, SystemClock())
    may_show = live and terminal.interactive and why_no_window() is None
    wanted = may_show if preview is None else preview
    window = Preview(settings, NoKeys(), of_watch=False) if wanted else NoPreview()
    try:
        yield window
    finally:
        window.close()


class _TerminalGuide:
    """Leads through the guided minute at a terminal."""

    def __init__(self, terminal: Dialogue) -> None:
        self._terminal = terminal
        self._wanted = False

    def offer(self, baseline: Baseline) -> None:
        from posturecam.outputs.baseline_words import GUIDED_TEXT, SAVED_TITLE

        del baseline
        self._wanted = self._terminal.agrees(f"{SAVED_TITLE}. {GUIDED_TEXT}")

    def ask(self, lesson: Lesson) -> bool:
        from posturecam.outputs.baseline_words import lesson_text

        return self._wanted and self._terminal.go(lesson_text(lesson))

    def refuse(self, lesson: Lesson, why: str) -> None:
        del lesson
        self._terminal.say(why)

    def thank(self, learned: int) -> None:
        if learned:
            from posturecam.outputs.baseline_words import PUT_BACK_TEXT

            self._terminal.say(PUT_BACK_TEXT)


def _say_saved(kept: Baseline, tell: Callable[[str], None], given: Given, *, watched: bool) -> None:
    from posturecam.outputs.baseline_words import LOW_SHOULDERS_TEXT, baseline_text
    from posturecam.posture.profiles import load_previous
    from posturecam.values.observation import Stance

    text = _("Baseline {name} saved: {baseline}; no picture is kept.")
    if kept.stance is Stance.STANDING:
        text = _("Baseline {name}, standing, saved: {baseline}; no picture is kept.")
    tell(text.format(name=repr(kept.profile), baseline=baseline_text(kept)))
    if kept.has_low_shoulders:
        tell(LOW_SHOULDERS_TEXT)
    if load_previous(paths().profiles, kept.profile, kept.stance):
        undo = f"posturecam profiles undo {kept.profile}"
        if kept.stance is Stance.STANDING:
            undo += " --standing"
        tell(_("The one before is kept: {command}").format(command=undo))
    tell(_("It compares you with yourself only; posturecam is not a medical device."))
    profile = None if kept.profile == "default" else kept.profile
    same = option_words({**given, "profile": profile})
    check = quoted_words(["posturecam", "calibrate", "--check", *same])
    watch = quoted_words(["posturecam", "watch", *same])
    if watched:
        tell(_("The watch that runs goes on with it. Next: {check}").format(check=check))
    else:
        # Not wrapped: a command with a long path is to be copied whole.
        say(_("Next: {check}, or {watch}").format(check=check, watch=watch))


def _check(settings: Settings, given: Given, seconds_s: float | None) -> None:
    from posturecam.commands.borrowing import as_watched, camera_of_watch
    from posturecam.commands.calibrate_check import run_check
    from posturecam.values.events import EndedBy

    clock = SystemClock()
    with camera_of_watch(paths(), settings, given, clock) as loan:
        settings = as_watched(loan, settings, given) or settings_here(settings, given["profile"])
        ended_by = run_check(
            settings, seconds_s=seconds_s, paths=paths(), clock=clock, stream=sys.stdout
        )
    if ended_by is EndedBy.INTERRUPTED:
        raise typer.Exit(INTERRUPTED)


def _progress_shown_on(terminal: Dialogue, stance: Stance) -> Callable[[TakeProgress], None]:
    """Shows where a take stands; what several are for is said when the second one begins."""
    from posturecam.outputs.baseline_words import progress_text, takes_text

    last: object = None
    explained = False

    def report(progress: TakeProgress) -> None:
        nonlocal last, explained
        if progress.take == 2 <= progress.takes and not (progress.holding or explained):
            terminal.say(takes_text(progress.takes, stance))
            explained = True
        text = progress_text(progress)
        # Off a terminal a line is worth it only when something else is to be done or is wrong.
        news = (
            text
            if terminal.in_place
            else (progress.take, progress.holding, progress.unknown_reason)
        )
        if news != last:
            (terminal.show if terminal.in_place else terminal.write)(text)
        last = news

    return report


def _sat_upright(reasons: Sequence[SlouchReason], terminal: Dialogue) -> bool:
    """Whether the user says so. Raises `UsageError` where there is nobody to ask."""
    from posturecam.outputs.baseline_words import unlike_text
    from posturecam.outputs.words import QUESTION_TITLE

    if not terminal.interactive:
        raise UsageError(
            Sentence("Not saved. {unlike}", unlike=unlike_text(reasons)),
            Sentence("Add --yes if you sat upright, or keep both with --profile NAME."),
        )
    return terminal.agrees(f"{unlike_text(reasons)} {QUESTION_TITLE}")
