"""`pain log`, `pain list` and `pain check`: the pain journal at the terminal.

It records and asks; it never concludes. An urgent answer is shown at once and stays open until
the user says that advice was sought.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from posturecam.base.csv_cells import csv_text
from posturecam.base.errors import UsageError
from posturecam.base.language import Sentence, _
from posturecam.base.local_time import local_time
from posturecam.base.printable import json_text
from posturecam.care import red_flags
from posturecam.care.exercises import Caution
from posturecam.care.journal import (
    load_answers,
    load_pain,
    newest_answers,
    save_answer,
    save_pain,
)
from posturecam.care.pain import (
    LONGEST_NOTE,
    find_patterns,
    found_text,
    may_be_between_shoulders,
    pain_days,
)
from posturecam.care.red_flags import (
    BLADES,
    FLAG_OF,
    GROUPS,
    PREGNANT,
    SOUGHT_ADVICE,
    Flag,
    Tier,
    asked_with,
    known_pregnancy,
    most_urgent,
    tier_text,
)
from posturecam.care.texts import care_text
from posturecam.care.words import entry_text
from posturecam.log.connection import to_ms
from posturecam.outputs.words import count_text
from posturecam.values.answers import Answer
from posturecam.values.events import utc_text

if TYPE_CHECKING:
    from posturecam.base.clock import Clock
    from posturecam.outputs.dialogue import Dialogue
    from posturecam.values.log_rows import PainEntry

AGREED = "journal.agree"
"""Question under which the user's wish to keep a journal is stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalContext:
    """Where the journal is kept, when and where it is used, and with whom it talks.

    The country, in two letters, says whom to call; it is None where it is not known.
    """

    log_file: Path
    clock: Clock
    zone: tzinfo
    terminal: Dialogue
    country: str | None

    @property
    def today(self) -> date:
        """The local day."""
        return self.clock.utc_now().astimezone(self.zone).date()

    def keep_answer(self, question: str, answer: Answer) -> None:
        """Stores an answer that was given now."""
        save_answer(self.log_file, question, answer, now=self.clock.utc_now())


def log_pain(entry: PainEntry, desk: JournalContext) -> None:
    """Adds an entry, asks what it leads to, and says what the entries amount to.

    Raises:
        UsageError: the note is too long.
        DataError: the log cannot be read or written.
    """
    if entry.note is not None and len(entry.note) > LONGEST_NOTE:
        raise UsageError(
            Sentence("The note has {letters} letters.", letters=len(entry.note)),
            Sentence("Keep it within {longest}.", longest=LONGEST_NOTE),
        )
    before = load_pain(desk.log_file)
    if not before and not _agreed(desk):
        desk.terminal.say(_("Nothing was stored."))
        return
    save_pain(desk.log_file, entry, now=desk.clock.utc_now())
    noted = _("Noted: {entry}.").format(entry=entry_text(entry, desk.zone))
    desk.terminal.say(f"{noted} {care_text('journal.record')}")
    known = find_patterns(before, desk.zone, desk.today)
    for found in find_patterns((*before, entry), desk.zone, desk.today):
        if found not in known:
            desk.terminal.say(found_text(found))
    _ask_about(entry, desk)


def list_pain(desk: JournalContext, *, since: date | None, format_name: str) -> None:
    """Prints the entries as lines for the eye, `json` or `csv`. Raises `DataError`."""
    every = load_pain(desk.log_file)
    entries = [
        entry
        for entry in every
        if since is None or local_time(entry.at_ms, desk.zone).date() >= since
    ]
    match format_name:
        case "json":
            records = [_record(entry) for entry in entries]
            desk.terminal.write(json_text(records, indent=2))
        case "csv":
            columns = ["at", "level", "where", "quality", "note"]
            text = csv_text(columns, map(_record, entries))
            desk.terminal.write(text.removesuffix("\n"))
        case _:
            _list_for_the_eye(entries, every, desk)


def check_pain(desk: JournalContext, *, flags: Sequence[str]) -> None:
    """Asks the questions, or takes those named in `flags` as answered with yes; says what follows.

    Raises:
        UsageError: a name is none, or nobody can answer here.
        DataError: the log cannot be read or written.
    """
    if flags:
        tier = _tick(flags, desk)
    elif desk.terminal.interactive:
        tier = _ask_all(desk)
    else:
        raise UsageError(
            Sentence("Nobody can answer here."),
            Sentence(
                "Run posturecam pain check at a terminal, or name what applies with "
                "--flag: {names}.",
                names=", ".join(FLAG_OF),
            ),
        )
    if tier is Tier.EMERGENCY:
        return
    for found in find_patterns(load_pain(desk.log_file), desk.zone, desk.today):
        desk.terminal.say(found_text(found))


def confirm_advice(desk: JournalContext) -> None:
    """Notes that advice was sought; what was open is not any more. Raises `DataError`."""
    if not red_flags.open_flags(load_answers(desk.log_file)):
        desk.terminal.say(care_text("advice.none"))
        return
    desk.keep_answer(SOUGHT_ADVICE, Answer.YES)
    desk.terminal.say(care_text("advice.noted"))


def _agreed(desk: JournalContext) -> bool:
    """Whether the journal is wished for; who gives the command without a terminal wishes for it."""
    desk.terminal.say(care_text("journal.notice"))
    if not desk.terminal.interactive:
        return True
    answer = desk.terminal.ask(care_text(AGREED))
    desk.keep_answer(AGREED, answer)
    return answer is Answer.YES


def _ask_about(entry: PainEntry, desk: JournalContext) -> None:
    """The questions that this entry leads to, each of which may be urgent."""
    answers = load_answers(desk.log_file)
    waiting = red_flags.open_flags(answers)
    asked = newest_answers(answers)
    about_blades = may_be_between_shoulders(entry) and BLADES.question not in asked
    questions = [flag for flag in asked_with(entry.quality) if flag not in waiting]
    if desk.terminal.interactive:
        _ask_groups([questions, [BLADES] if about_blades else []], desk)
        return
    if questions:
        desk.terminal.say(care_text("journal.tingling"))
    if about_blades:
        desk.terminal.say(care_text("journal.blades"))


def _tick(names: Sequence[str], desk: JournalContext) -> Tier | None:
    for name in names:
        if name not in FLAG_OF:
            raise UsageError(
                Sentence("There is no question {name!r}.", name=name),
                Sentence("There are: {names}.", names=", ".join(FLAG_OF)),
            )
    ticked = [FLAG_OF[name] for name in names]
    for flag in ticked:
        desk.keep_answer(flag.question, Answer.YES)
    tier = most_urgent(ticked)
    _say_tier(tier, desk)
    desk.terminal.say(care_text("check.note"))
    return tier


def _ask_all(desk: JournalContext) -> Tier | None:
    """Group by group; only of a group that is answered with yes each question by itself.

    Who is no longer below 16 will not be again, the pain between the shoulder blades is asked
    about once, and a pregnancy not again after an answer lately: what is known is not asked for.
    """
    given = load_answers(desk.log_file)
    answers = newest_answers(given)
    pregnant = known_pregnancy(given, to_ms(desk.clock.utc_now()))
    left_out = [BLADES] if BLADES.question in answers else []
    left_out += [] if pregnant is None else [PREGNANT]
    groups = [[flag for flag in group if flag not in left_out] for group in GROUPS]
    grown_up = answers.get(Caution.UNDER_16) is Answer.NO
    if not grown_up:
        _say_progress(1, len(groups) + 1, desk)
        young = desk.terminal.ask(care_text(Caution.UNDER_16))
        desk.keep_answer(Caution.UNDER_16, young)
        if young is Answer.YES:
            desk.terminal.say(care_text("refuse.under-16"))
    ticked, skipped = _ask_groups(groups, desk, steps_before=int(not grown_up))
    if pregnant is Answer.YES:
        ticked.append(PREGNANT)
    tier = most_urgent(ticked)
    if tier is Tier.EMERGENCY:
        return tier
    if tier is Tier.BOOK:
        if pregnant is Answer.YES:
            desk.terminal.say(care_text("check.pregnant"))
        _say_tier(tier, desk)
    if skipped:
        desk.terminal.say(care_text("check.skipped"))
    waiting = most_urgent(red_flags.open_flags(given))
    if waiting is not None and (tier is None or waiting < tier):
        desk.terminal.say(care_text("refuse.flag"))
    elif tier is None:
        desk.terminal.say(care_text("check.clear"))
    desk.terminal.say(care_text("check.note"))
    return tier


def _ask_groups(
    groups: Sequence[Sequence[Flag]], desk: JournalContext, *, steps_before: int = 0
) -> tuple[list[Flag], int]:
    """As `_ask_flags`, group by group, saying how far it is of several."""
    groups = [group for group in groups if group]
    steps = steps_before + len(groups)
    ticked: list[Flag] = []
    skipped = 0
    for step, group in enumerate(groups, start=steps_before + 1):
        if steps > 1:
            _say_progress(step, steps, desk)
        found, passed_over = _ask_group(group, ticked, desk)
        ticked += found
        skipped += passed_over
        if most_urgent(ticked) is Tier.EMERGENCY:
            break
    return ticked, skipped


def _say_progress(step: int, steps: int, desk: JournalContext) -> None:
    desk.terminal.say(_("{number} of {total}").format(number=step, total=steps))


def _ask_group(
    group: Sequence[Flag], before: Sequence[Flag], desk: JournalContext
) -> tuple[list[Flag], int]:
    """As `_ask_flags`, where one answer may do for all of them."""
    if len(group) > 1:
        for flag in group:
            desk.terminal.say(f"- {care_text(flag.question)}", indent=2, hanging=2)
        answer = desk.terminal.ask(care_text("check.any"))
        if answer is not Answer.YES:
            for flag in group:
                desk.keep_answer(flag.question, answer)
            return [], len(group) * (answer is Answer.SKIP)
    return _ask_flags(group, desk, before=before)


def _ask_flags(
    questions: Sequence[Flag], desk: JournalContext, *, before: Sequence[Flag] = ()
) -> tuple[list[Flag], int]:
    """What was answered with yes, and how many questions were skipped.

    What an urgent answer means is said at once, each tier once, also of those `before`; after an
    emergency nothing else is asked.
    """
    ticked: list[Flag] = []
    skipped = 0
    for flag in questions:
        answer = desk.terminal.ask(care_text(flag.question))
        desk.keep_answer(flag.question, answer)
        skipped += answer is Answer.SKIP
        if answer is not Answer.YES:
            continue
        first = flag.tier not in {other.tier for other in (*before, *ticked)}
        ticked.append(flag)
        if first and flag.tier is not Tier.BOOK:
            _say_tier(flag.tier, desk)
        if flag.tier is Tier.EMERGENCY:
            break
    return ticked, skipped


def _say_tier(tier: Tier | None, desk: JournalContext) -> None:
    if tier is None:
        return
    desk.terminal.say(tier_text(tier, desk.country))
    if tier is not Tier.BOOK:
        desk.terminal.say(care_text("advice.how"))


def _list_for_the_eye(
    entries: Sequence[PainEntry], every: Sequence[PainEntry], desk: JournalContext
) -> None:
    if not entries:
        desk.terminal.say(_("No entries. Add one with: posturecam pain log LEVEL"))
        return
    for entry in entries:
        desk.terminal.say(entry_text(entry, desk.zone))
    days = pain_days(entries, desk.zone)
    counted = _("{entries} on {days}, highest {level}.").format(
        entries=count_text(len(entries), "entry"),
        days=count_text(len(days), "day"),
        level=max(entry.level for entry in entries),
    )
    desk.terminal.say(f"{counted} {care_text('journal.record')}")
    for found in find_patterns(every, desk.zone, desk.today):
        desk.terminal.say(found_text(found))


def _record(entry: PainEntry) -> dict[str, object]:
    return {
        "at": utc_text(local_time(entry.at_ms, UTC)),
        "level": entry.level,
        "where": entry.location,
        "quality": entry.quality,
        "note": entry.note,
    }
