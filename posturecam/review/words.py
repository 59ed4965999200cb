"""Every sentence of the review: of a day, or of several; the text and the page say the same.

Rules: what was seen is "different from your baseline"; "slouched" is the name of a state. No
score, no blame, no praise of sitting still; what is unknown is shown as unknown.

Sentences are whole, with named places, so that they can be translated (`base.language`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, assert_never

from posturecam.base.durations import SECONDS_BELOW_S, format_duration
from posturecam.base.language import N_, SHOWN, _, plural
from posturecam.base.local_time import DAY_MS, MINUTE_MS
from posturecam.base.printable import printable
from posturecam.outputs import words
from posturecam.outputs.words import count_text, name_text, reasons_text
from posturecam.review.conclusion import Conclusion, Kind, conclude
from posturecam.review.facts import (
    Comparison,
    Reached,
    Standing,
    TooLittle,
    compare,
    reached,
)
from posturecam.review.usual import DAY_NEEDS_MS
from posturecam.values.events import AlertKind, BreakKind, Outcome
from posturecam.values.goal import ShareGoal
from posturecam.values.observation import PostureState, Stance

if TYPE_CHECKING:
    from posturecam.review.day import DayReview, HourReview
    from posturecam.review.facts import Compared
    from posturecam.review.stretches import Episode
    from posturecam.review.usual import Spread, Usual
    from posturecam.values.totals import Totals

HELD = "\N{NO-BREAK SPACE}"
"""Keeps a figure and its unit on one line; shown as a plain space."""
JUDGED = (PostureState.UPRIGHT, PostureState.SLOUCHED)
"""Shares are of the time in them."""
_DAY_TO_COME = _("This day has not come yet.")
_NOTHING_ON_DAY = _(
    "Nothing was watched on this day. To begin: posturecam watch. What it sees stays on this "
    "machine."
)

_LAST_DAYS = plural("Last {number} day", "Last {number} days")
_FULL_BREAKS = plural("{number} full", "{number} full")
_SHORT_BREAKS = plural("{number} short", "{number} short")
_GUIDED_BREAKS = plural("{number} guided", "{number} guided")
_LOCKED_BREAKS = plural("{number} with the screen locked", "{number} with the screen locked")

_CHANGED_AFTER = plural(
    "{alerts}; a change after {number}, within {duration}",
    "{alerts}; a change after {number}, half of them within {duration}",
)

_SHARES = {
    Standing.LESS: N_("slouched less than usual ({range})"),
    Standing.USUAL: N_("slouched about as usual ({range})"),
    Standing.MORE: N_("slouched more than usual ({range})"),
}
_RATES = {
    Standing.LESS: N_("fewer changes ({range} an hour)"),
    Standing.USUAL: N_("changes as usual ({range} an hour)"),
    Standing.MORE: N_("more changes ({range} an hour)"),
}
_USUAL_NOTES = plural(
    "Usual: the middle half of your last {number} day.",
    "Usual: the middle half of your last {number} days.",
)
_TODAY = {
    Standing.LESS: N_(
        "{share} of the judged time was slouched, different from your baseline: less than usual "
        "for you."
    ),
    Standing.USUAL: N_(
        "{share} of the judged time was slouched, different from your baseline: about as usual for "
        "you."
    ),
    Standing.MORE: N_(
        "{share} of the judged time was slouched, different from your baseline: more than usual "
        "for you."
    ),
}
_STRETCHES = {
    Kind.SLOUCHED: N_(
        "The longest slouched stretch was {duration}, from {start}: a change of position at about "
        "{moment} would meet it."
    ),
    Kind.UNCHANGED: N_(
        "The longest time in one position was {duration}, from {start}: getting up at about "
        "{moment} would cut it in two."
    ),
    Kind.WITHOUT_BREAK: N_(
        "The longest time without a break was {duration}, from {start}: a break at about {moment} "
        "would cut it in two."
    ),
    Kind.SLOUCHED_MORNING: N_(
        "The morning was slouched far more than the afternoon ({share} against {other}): a break "
        "at about {moment} would meet its longest stretch, {duration} from {start}."
    ),
    Kind.SLOUCHED_AFTERNOON: N_(
        "The afternoon was slouched far more than the morning ({share} against {other}): a break "
        "at about {moment} would meet its longest stretch, {duration} from {start}."
    ),
}
_AT_MOST = {
    Kind.WITHOUT_BREAK: N_("{duration} without a break"),
    Kind.UNCHANGED: N_("{duration} in one position"),
    Kind.SLOUCHED: N_("{duration} slouched"),
}
_SHARE_GOALS = {
    Reached.YES: N_("Your goal, slouched at most {goal} of the judged time: reached."),
    Reached.SO_FAR: N_("Your goal, slouched at most {goal} of the judged time: reached so far."),
    Reached.NO: N_("Your goal, slouched at most {goal} of the judged time: not this time."),
    Reached.NOT_SO_FAR: N_("Your goal, slouched at most {goal} of the judged time: not so far."),
    Reached.UNKNOWN: N_(
        "Your goal, slouched at most {goal} of the judged time: too little was judged to say."
    ),
}
_CHANGE_GOALS = {
    Reached.YES: N_("Your goal, a change of position at least every {goal}: reached."),
    Reached.SO_FAR: N_("Your goal, a change of position at least every {goal}: reached so far."),
    Reached.NO: N_("Your goal, a change of position at least every {goal}: not this time."),
    Reached.UNKNOWN: N_(
        "Your goal, a change of position at least every {goal}: too little was judged to say."
    ),
}
_OUTCOMES = {
    Outcome.CORRECTED: N_("corrected"),
    Outcome.MOVED: N_("moved"),
    Outcome.LEFT: N_("left"),
    Outcome.IGNORED: N_("ignored"),
    Outcome.SNOOZED: N_("snoozed"),
    Outcome.WRONG: N_("called no slouch"),
}
_BREAKS = {BreakKind.BREAK: N_("break"), BreakKind.MICRO: N_("short break")}


def from_to(review: DayReview, start_ms: int, end_ms: int) -> str:
    """`09:40 to 09:52`; with seconds where that would name one minute twice."""
    text = _("{start} to {end}")
    first, last = clocks(review, start_ms, end_ms)
    if end_ms == review.start_ms + review.length_ms:
        last = "24:00" + last.removeprefix(review.clock(end_ms))
    if first != last:
        return text.format(start=first, end=last)
    first, last = (f"{review.local(at_ms):%H:%M:%S}" for at_ms in (start_ms, end_ms))
    return first if first == last else text.format(start=first, end=last)


def clocks(review: DayReview, *moments_ms: int) -> list[str]:
    """What the clock on the wall said; with the zone where it was set between two of them."""
    shown = [review.clock(at_ms) for at_ms in moments_ms]
    if review.length_ms == DAY_MS:
        return shown
    local = [review.local(at_ms) for at_ms in moments_ms]
    if len({at.utcoffset() for at in local}) < 2:
        return shown
    return [f"{clock} {at:%Z}" for clock, at in zip(shown, local, strict=True)]


def nothing_on_day(review: DayReview) -> str:
    """Why there is nothing to say of it."""
    return _DAY_TO_COME if review.to_come else _NOTHING_ON_DAY


def headline(review: DayReview) -> str:
    """How long the day was watched, and how much of that was judged."""
    if not review.spans:
        return nothing_on_day(review)
    # What was seen bounds the day: a session may span years, by a clock that was set in it.
    seen = [span for span in review.spans if span.state is not PostureState.PAUSED]
    text = _("Watched {watched} from {span}, of which {judged} could be judged.")
    if not review.totals.judged_ms:
        text = _("Watched {watched} from {span}; your posture could not be judged in it.")
    if not seen:
        seen = list(review.spans)
        text = _("Paused for {paused} from {span}; nothing was watched.")
    return text.format(
        watched=duration_text(review.totals.watched_ms),
        paused=duration_text(review.totals.paused_ms),
        span=from_to(review, seen[0].start_ms, max(span.end_ms for span in seen)),
        judged=duration_text(review.totals.judged_ms),
    )


def conclusion_text(review: DayReview) -> str:
    """What the day comes to, in two sentences; in one where there is too little to tell."""
    found = conclude(review)
    if isinstance(found, TooLittle):
        if not review.totals.judged_ms:
            return _("Too little for a conclusion: nothing was judged, and it takes an hour.")
        return _("Too little for a conclusion: {judged} was judged, and it takes an hour.").format(
            # Just below an hour it would be rounded to one.
            judged=duration_text(min(review.totals.judged_ms, DAY_NEEDS_MS - MINUTE_MS))
        )
    how = _(
        "{share} of the judged time was slouched, different from your baseline; what is usual for "
        "you is not known yet."
    )
    if found.compared is not None:
        how = _(_TODAY[found.compared.standing])
    sentences = how.format(share=percent_text(found.share)), _stretch_text(review, found)
    return " ".join(sentences)


def _stretch_text(review: DayReview, found: Conclusion) -> str:
    stretch = found.stretch
    if stretch is None:
        return _("Nothing went on for long: at most {stretches}.").format(
            stretches=", ".join(
                _(_AT_MOST[kind]).format(duration=duration_text(lasted_ms))
                for kind, lasted_ms in found.longest_ms.items()
            )
        )
    duration = duration_text(stretch.lasted_ms)
    if stretch.usual_ms is not None:
        duration = _("{duration} (usual {range})").format(
            duration=duration, range=_duration_range(stretch.usual_ms)
        )
    start, moment = clocks(review, stretch.start_ms, stretch.suggested_ms)
    return _(_STRETCHES[stretch.kind]).format(
        duration=duration,
        start=start,
        moment=moment,
        share=percent_text(stretch.share),
        other=percent_text(stretch.other_share),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureText:
    """One of the three figures of a day: its name, what it is, what belongs to it, what is usual.

    The last is empty where that is not known.
    """

    name: str
    value: str
    detail: str
    usual: str


def figure_texts(review: DayReview) -> tuple[FigureText, ...]:
    """The slouched share, the longest time in one position, the breaks."""
    known, unchanged = review.known_usual, review.usual_unchanged
    share, longest = review.totals.slouched_share, review.longest_unchanged
    return (
        FigureText(
            name=_("Slouched"),
            value=_("unknown") if share is None else percent_text(share),
            detail="" if share is None else _("of the judged time"),
            usual=""
            if known is None or known.slouched_share is None
            else _("usual {range}").format(range=_percent_range(known.slouched_share)),
        ),
        FigureText(
            name=_("Longest unchanged"),
            value=_("unknown") if longest is None else duration_text(longest.known_ms),
            detail=""
            if longest is None
            else _("from {span}").format(span=from_to(review, longest.start_ms, longest.end_ms)),
            usual=""
            if unchanged is None
            else _("usual {range}").format(range=_duration_range(unchanged)),
        ),
        FigureText(
            name=_("Breaks"),
            value=str(review.totals.breaks),
            detail=_full_text(review),
            usual=""
            if known is None or known.breaks is None
            else _("usual {range}").format(range=_number_range(known.breaks)),
        ),
    )


def goal_text(review: DayReview) -> str:
    """Whether the day reached a goal of one's own; empty without one."""
    goal = review.policy.goal
    if goal is None or not review.totals.watched_ms:
        return ""
    found = reached(review, goal)
    if isinstance(goal, ShareGoal):
        text = _(_SHARE_GOALS[found])
        return text.format(goal=f"{goal.percent}{HELD}%")
    text = _(_CHANGE_GOALS[found])
    return text.format(goal=set_duration_text(goal.every_s))


def usual_note(review: DayReview) -> str:
    """What usual means, or why it is not known yet."""
    if review.known_usual is not None:
        return counted_text(_USUAL_NOTES, review.known_usual.days)
    if not review.usual:
        return ""
    return _(
        "What is usual for you is known once {needed} of {number} days have an hour judged: "
        "{days} so far."
    ).format(
        needed=review.usual[0].needed,
        number=review.usual[0].days,
        days=count_text(review.usual[0].counted, "day"),
    )


def _number_range(spread: Spread) -> str:
    return _low_to_high(str(round(spread.low)), str(round(spread.high)))


def _percent_range(spread: Spread) -> str:
    low, high = (round(100 * part) for part in (spread.low, spread.high))
    return f"{_low_to_high(str(low), str(high))}{HELD}%"


def _duration_range(spread: Spread) -> str:
    low, high = (round(part / MINUTE_MS) for part in (spread.low, spread.high))
    if low and high < 60:
        return f"{_low_to_high(str(low), str(high))}{HELD}min"
    return _low_to_high(duration_text(spread.low), duration_text(spread.high))


def _low_to_high(low: str, high: str) -> str:
    return low if low == high else _("{low} to {high}").format(low=low, high=high)


def day_facts(review: DayReview) -> Iterator[tuple[str, str]]:
    """What else there is to say of a day, each with its name."""
    if (rate := review.totals.moves_per_hour) is not None:
        changes = _("{number}, about {rate} an hour")
        yield (
            _("Position changes"),
            changes.format(number=review.totals.moves, rate=f"{rate:.0f}"),
        )
    if review.stances_ms:
        yield _("Standing"), _standing_text(review.stances_ms)
    yield _("Breaks"), _breaks_text(review)
    kinds = Counter(alert.kind for alert in review.alerts)
    by_kind = [
        _("{number} {kind}").format(number=kinds[kind], kind=name_text(kind))
        for kind in AlertKind
        if kinds[kind]
    ]
    alerts = alerts_text(", ".join(by_kind), review.totals)
    if wrong := sum(alert.outcome is Outcome.WRONG for alert in review.alerts):
        alerts = _("{alerts}; called no slouch: {number}").format(alerts=alerts, number=wrong)
    yield _("Alerts"), alerts
    if review.extreme_hours is not None:
        times = clocks(review, *(hour.start_ms for hour in review.extreme_hours))
        most, least = map(_hour_text, times, review.extreme_hours)
        yield (
            _("Hours"),
            _("most like your baseline {most}, least {least}").format(most=most, least=least),
        )
    for usual in review.usual:
        yield counted_text(_LAST_DAYS, usual.days), _usual_text(review.totals, usual)


def episode_text(review: DayReview, episode: Episode) -> str:
    """When, for how long, what was seen."""
    text = _("{span}, {duration}: {reasons}") if episode.reasons else _("{span}, {duration}")
    return text.format(
        span=from_to(review, episode.start_ms, episode.end_ms),
        duration=duration_text(episode.slouched_ms),
        reasons=printable(reasons_text(episode.reasons)),
    )


def break_text(kind: BreakKind) -> str:
    """What it is called."""
    return _(_BREAKS[kind])


def outcome_text(outcome: Outcome | None, after_ms: int | None) -> str:
    """What followed an alert, and how long after it."""
    if outcome is None:
        return _("not known")
    if not after_ms:
        return _(_OUTCOMES[outcome])
    return _("{outcome} after {duration}").format(
        outcome=_(_OUTCOMES[outcome]), duration=plain_duration(after_ms)
    )


def _standing_text(stances_ms: Mapping[Stance, int]) -> str:
    """How much of the time in which it is known how one was at the desk."""
    standing_ms, known_ms = stances_ms.get(Stance.STANDING, 0), sum(stances_ms.values())
    return _("{standing} of {known} judged ({share})").format(
        standing=duration_text(standing_ms),
        known=duration_text(known_ms),
        share=percent_text(standing_ms / known_ms if known_ms else 0.0),
    )


def _full_text(review: DayReview) -> str:
    """What the number of full breaks leaves out: those in which nobody was seen to leave."""
    if not review.locked_breaks:
        return _("full")
    return _("full, and {locked}").format(
        locked=counted_text(_LOCKED_BREAKS, len(review.locked_breaks))
    )


def pauses_text(review: DayReview) -> str:
    """How much of the pauses was a call, and how much a locked screen; empty where none was."""
    parts = {_("in a call {duration}"): review.in_a_call_ms}
    parts[_("screen locked {duration}")] = review.locked_ms
    return ", ".join(text.format(duration=duration_text(ms)) for text, ms in parts.items() if ms)


def _breaks_text(review: DayReview) -> str:
    """How many breaks of which kind, and the longest time between them."""
    totals = review.totals
    numbers = {
        _FULL_BREAKS: totals.breaks,
        _SHORT_BREAKS: totals.micro_breaks,
        _GUIDED_BREAKS: totals.exercises,
    }
    kinds = ", ".join(counted_text(texts, number) for texts, number in numbers.items() if number)
    kinds = kinds or _("none seen")
    if locked := len(review.locked_breaks):
        kinds = f"{kinds}, {counted_text(_LOCKED_BREAKS, locked)}"
    longest = review.longest_sitting
    if longest is None:
        return kinds
    return _("{breaks}; longest sitting {duration}").format(
        breaks=kinds, duration=duration_text(longest.length_ms)
    )


def alerts_text(alerts: str, totals: Totals) -> str:
    """Which alerts, and what they led to; nothing of that while it is not known."""
    if not totals.outcomes:
        return alerts or _("none")
    if not totals.changed_after_ms:
        return _("{alerts}; a change after none").format(alerts=alerts)
    times_ms = totals.changed_after_ms
    return SHOWN.ngettext(*_CHANGED_AFTER, len(times_ms)).format(
        alerts=alerts, number=len(times_ms), duration=duration_text(median(times_ms))
    )


def _hour_text(time: str, hour: HourReview) -> str:
    return _("{time} ({share})").format(
        time=time, share=percent_text(hour.totals.slouched_share or 0.0)
    )


def _usual_text(totals: Totals, usual: Usual) -> str:
    """How the day lies among the days before it, or why that is unknown."""
    found = compare(totals, usual)
    match found:
        case TooLittle.DAYS:
            return _("too little to compare: {days} with an hour judged, {needed} needed").format(
                days=count_text(usual.counted, "day"), needed=usual.needed
            )
        case TooLittle.TIME:
            return _("less than an hour was judged on this day: too little to compare")
        case Comparison(share=share, rate=rate):
            shares = f"{_range_text(share)}{HELD}%"
            return "; ".join(
                (
                    _(_SHARES[share.standing]).format(range=shares),
                    _(_RATES[rate.standing]).format(range=_range_text(rate)),
                )
            )
        case _:
            assert_never(found)


def _range_text(compared: Compared) -> str:
    return _low_to_high(str(compared.low), str(compared.high))


def counted_text(texts: tuple[str, str], number: int) -> str:
    """The form of a text that its number asks for, with the number in it."""
    return SHOWN.ngettext(*texts, number).format(number=number)


def duration_text(ms: float) -> str:
    """A duration that stays on one line."""
    return plain_duration(ms).replace(" ", HELD)


def set_duration_text(seconds: float) -> str:
    """A duration that somebody has set, to the second: `90 s`, `5 min`; it stays on one line."""
    return duration_text(1000 * seconds) if seconds % 60 == 0 else f"{seconds:g}{HELD}s"


def plain_duration(ms: float) -> str:
    """`45 s`, `1 min`, `42 min`, `1 h 20 min`: in minutes as soon as there is one."""
    seconds = ms / 1000
    if 59.5 <= seconds < SECONDS_BELOW_S:
        return f"{round(seconds / 60)} min"
    return format_duration(seconds)


def percent_text(share: float) -> str:
    """A share of 0 to 1 that stays on one line."""
    return words.percent_text(share).replace(" ", HELD)


def bare_percent_text(share: float) -> str:
    """The same without its sign, for a place that names it."""
    return percent_text(share).removesuffix(f"{HELD}%")
