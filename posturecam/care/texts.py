"""The one catalogue of texts about pain, exercises and when to see somebody, each with its source.

Nothing here is a diagnosis. Where two sources disagree, the more cautious one is followed. The
copies of the NHS page that the sources hold differ from each other: before a release, a person
compares the questions with the live page.
"""

from __future__ import annotations

from dataclasses import dataclass

from posturecam.base.language import _

SOURCES = {
    "S12": "doi 10.1016/j.jbiomech.2019.08.006",
    "S21": "bridgwaterbayhealth.nhs.uk/back-pain",
    "S40": "Waongenngarm 2018 Appl Ergon 68:230",
    "S43": "nhsborders.scot.nhs.uk low-back-pain",
    "S44": "nice.org.uk/guidance/ng193/chapter/Context",
    "S72": "PubMed 6487063",
    "S73": "fitro.info, bonecoach.com",
    "S74": "Kang 2021, ouci.dntb.gov.ua/en/works/lDQa8rY9",
    "S75": "PMC7115121",
    "S79": "sheffieldachespains",
    "S80": "gponline.com red-flag-symptoms-back-pain",
    "S81": "3slastxawesome.info 2025/01/06",
    "S82": "etg-complete (Therapeutic Guidelines) assessment-of-back-and-neck-pain",
    "S83": "nursing-notebook.com x20150723154408854142",
    "S84": "rightdecisions.scot.nhs.uk inflammatory-back-pain",
    "S85": "bjsm.bmj.com/content/52/8/493",
    "S86": "peregianbeachosteopathy.com.au",
    "S88": "northerntrust.hscni.net low-back-pain",
    "S91": "redflagsymptoms.co.uk/back-pain",
    "ART": "the consumer health article on pain in the middle of the back behind this project",
    "field": "common knowledge of the field",
    "rule 6": "own rule: not a medical device, not a diagnosis, nothing leaves the machine",
    "rule 7": "own rule: every exercise card ends with the safety line",
    "rule 8": "own rule: what came on the same days is never told as a cause",
    "rule 9": "own rule: how urgent it is, and whom to call, by country",
    "rule 10": "own rule: an urgent answer holds back coaching until advice was sought",
    "rule 11": "own rule: pain of more than three months is called chronic",
    "rule 12": "own rule: stay active as able; no drugs, devices or products",
    "rule 14": "own rule: no coaching below 16",
    "limits": "own rule: what the evidence does not support is not claimed",
    "choice": "own choice, cautious where no source decides",
}
"""What the source of a text is short for."""


@dataclass(frozen=True, slots=True)
class CareText:
    """A text, and what it stands on: keys of `SOURCES`."""

    text: str
    sources: tuple[str, ...]


CARE_TEXTS = {
    # The moves. How many and how long is shown beside them.
    "move.shoulder-rolls": CareText(
        "Roll both shoulders up, back and down, and gently draw the shoulder blades together.",
        ("S74", "S75"),
    ),
    "move.backrest-stretch": CareText(
        "On a chair that stands firm: hands behind the head to carry it, elbows wide, lean the"
        " upper back gently over the backrest, and come back.",
        ("S74",),
    ),
    "move.chin-tuck": CareText(
        "Look straight ahead, draw the chin gently straight back, let go.", ("field",)
    ),
    "move.trunk-turn": CareText(
        "Sit, arms crossed on the chest, and turn the upper body slowly to one side and back;"
        " then the other side.",
        ("field",),
    ),
    "move.stand-and-walk": CareText("Stand up and walk about, as far as the room goes.", ("S40",)),
    "move.chair-stretch": CareText(
        "Push the chair back, rest both arms on the desk, let the chest sink gently between"
        " them with the head in line with the back, and breathe; come up slowly.",
        ("S73", "choice"),
    ),
    "move.prone-lift": CareText(
        "Lie on your front, forehead on the floor. Lift one leg a little, then the other; then"
        " one arm, then the other. Small lifts, never high, and keep breathing.",
        ("ART", "S72"),
    ),
    "move.kneeling-stretch": CareText(
        "Kneel, sit back towards the heels, reach both arms forward on the floor and let the"
        " head rest; breathe. Come up slowly, then once more.",
        ("ART",),
    ),
    "moves.evidence": CareText(
        "Moving now and then is what the evidence supports best. None of these moves was"
        " tested for pain in the middle of the back; they are for comfort.",
        ("S40", "limits"),
    ),
    "safety": CareText(
        "Gentle and pain-free. Stop if pain, tingling or dizziness appears. Skip if pregnant,"
        " osteoporosis, recent injury or surgery, or told to avoid it - ask a physiotherapist.",
        ("rule 7",),
    ),
    # What is asked before moves are offered.
    "ask.intro": CareText(
        "A few questions, asked once, so that nothing is offered that is not for you."
        " The answers stay on this machine.",
        ("rule 7", "rule 6"),
    ),
    "ask.under-16": CareText("Are you younger than 16?", ("rule 14", "S86")),
    "ask.pregnant": CareText("Are you pregnant?", ("rule 7", "S73")),
    "ask.osteoporosis": CareText(
        "Do you have osteoporosis, or have you ever broken a bone of the spine?",
        ("rule 7", "S72"),
    ),
    "ask.injury": CareText(
        "A recent injury, broken bone or operation, or ever an operation on a shoulder?",
        ("rule 7", "field"),
    ),
    "ask.avoid": CareText("Has anybody who treats you told you to avoid exercises?", ("rule 7",)),
    "ask.dizzy": CareText("Do you get dizzy, or does an arm tingle?", ("field", "choice")),
    "ask.joint": CareText("Trouble with a knee, a hip or an ankle?", ("S73",)),
    "ask.pressure": CareText(
        "Blood pressure that is not under control, or an eye condition?", ("S73",)
    ),
    "ask.prone": CareText("Is lying on your front difficult?", ("field",)),
    # Why moves are not offered.
    "refuse.flag": CareText(
        "An answer in your pain journal needs advice first; no exercises until then. When you"
        " have sought advice: posturecam pain check --sought-advice",
        ("rule 10",),
    ),
    "refuse.under-16": CareText(
        "Below 16, posturecam offers no exercises: ask a parent and a doctor.", ("rule 14",)
    ),
    "refuse.floor": CareText(
        "The floor exercises are not offered with what you answered; this one is instead."
        " A physiotherapist can say which of them suit you.",
        ("rule 7", "S73"),
    ),
    "refuse.unanswered": CareText(
        "The floor exercises need a clear no to a few questions first. At a terminal:"
        " posturecam move --floor --ask. This one is offered instead.",
        ("rule 7",),
    ),
    "refuse.most": CareText(
        "With what you answered, ask a physiotherapist which exercises suit you.",
        ("rule 7",),
    ),
    # The journal.
    "journal.notice": CareText(
        "This begins a pain journal. It is your choice, it stays on this machine, and you can"
        " delete it. It records; it is not a diagnosis, and posturecam is not a medical"
        " device. 0 is no pain, 10 the worst you can imagine.",
        ("rule 6", "rule 8", "field"),
    ),
    "journal.agree": CareText("Begin it?", ("rule 6",)),
    "journal.record": CareText("A record, not a diagnosis.", ("rule 6",)),
    "journal.tingling": CareText(
        "Some questions go with tingling: posturecam pain check", ("S79", "S80")
    ),
    "journal.blades": CareText(
        "One question about pain between the shoulder blades is open: posturecam pain check",
        ("S21", "S81", "S91"),
    ),
    # Red flags, tier 1.
    "flag.both-legs": CareText("Weakness, tingling or numbness in both legs?", ("S79",)),
    "flag.saddle": CareText("Numbness round the genitals or the buttocks?", ("S79",)),
    "flag.bladder": CareText(
        "Cannot pass urine, or newly no control over bladder or bowel?", ("S79",)
    ),
    "flag.erection": CareText("A new erection problem?", ("S79",)),
    "flag.chest": CareText("Pain in the chest?", ("S79",)),
    "flag.accident": CareText("Did it begin after a serious accident?", ("S79",)),
    "flag.fragile": CareText(
        "Did it begin after a fall or knock, even a minor one, and you are elderly, have"
        " osteoporosis or have long taken steroids?",
        ("S88",),
    ),
    "flag.walking": CareText("Is walking newly difficult?", ("S91",)),
    "flag.breath": CareText(
        "Short of breath, a sudden tearing pain or the worst ever, or have you collapsed?",
        ("field", "ART"),
    ),
    # Red flags, tier 2.
    "flag.fever": CareText("A high temperature, or do you feel unwell?", ("S21", "S79")),
    "flag.weight": CareText("Have you lost weight without a reason?", ("S21", "S79")),
    "flag.lump": CareText(
        "A lump or swelling, or has your back changed its shape?", ("S21", "S79")
    ),
    "flag.night": CareText("Does rest not ease it, or is it much worse at night?", ("S21", "S79")),
    "flag.cough": CareText("Is it worse when you cough, sneeze or strain?", ("S21", "S79", "S81")),
    "flag.blades": CareText(
        "Pain between the shoulder blades: is it new, or has nobody checked it?",
        ("S21", "S81", "S91"),
    ),
    "flag.band": CareText(
        "Pain like a band round the trunk, or newly unsteady on your feet?", ("S88", "field")
    ),
    "flag.cancer": CareText("Have you ever had cancer?", ("S82",)),
    "flag.immune": CareText(
        "Do you take steroids, have a weakened immune system, or inject drugs?", ("S82",)
    ),
    "flag.fall": CareText("Are you over 50 and had a fall, even a minor one?", ("S82",)),
    "flag.limb": CareText("Weakness or numbness in an arm or a leg?", ("S80",)),
    # Red flags, tier 3.
    "flag.lasting": CareText("No better after three to six weeks?", ("S21", "S43")),
    "flag.worse": CareText("Is it getting worse over time?", ("S21", "S43")),
    "flag.sleep": CareText("Does it disturb your sleep or your daily life?", ("S21", "S43")),
    "flag.chronic": CareText("Have you had it for more than three months?", ("S44", "ART")),
    "flag.onset": CareText("Were you under 20 or over 55 when it first came?", ("S80",)),
    "flag.sixty": CareText("Are you 60 or older, and does it persist?", ("S83",)),
    "flag.stiffness": CareText(
        "Did it begin before 45 and last more than three months, with pain at night that eases"
        " when you get up, or morning stiffness that eases as you move; or do you have"
        " psoriasis, uveitis or a bowel inflammation?",
        ("S84",),
    ),
    # What follows from them.
    "tier.1": CareText(
        "{call} What you answered can be serious and cannot wait. Until you say that advice"
        " was sought, no exercises are offered and alerts are suppressed.",
        ("rule 9", "rule 10", "S79"),
    ),
    "tier.2": CareText(
        "This is usually not serious, but it needs checking now: {call} Until you"
        " say that advice was sought, no exercises are offered and alerts are suppressed.",
        ("rule 9", "rule 10", "S21", "S79"),
    ),
    "tier.3": CareText(
        "This is usually not serious, but it needs checking soon: see a professional, a doctor"
        " or a physiotherapist. Stay as active as you are able.",
        ("rule 9", "rule 12", "S21", "S43"),
    ),
    "call.1": CareText("Call your emergency number now.", ("rule 9",)),
    "call.1.GB": CareText("Call 999, your emergency number, now.", ("rule 9",)),
    "call.1.EU": CareText("Call 112, your emergency number, now.", ("rule 9",)),
    "call.1.US": CareText("Call 911, your emergency number, now.", ("rule 9",)),
    "call.2": CareText("contact a doctor today.", ("rule 9",)),
    "call.2.GB": CareText("contact your GP today, or call 111.", ("rule 9",)),
    "advice.how": CareText(
        "When you have sought advice: posturecam pain check --sought-advice", ("rule 10",)
    ),
    "advice.noted": CareText(
        "Noted: advice was sought. Exercises and alerts are back. Follow that advice"
        " where it differs from what you read here.",
        ("rule 10",),
    ),
    "advice.none": CareText("No answer is waiting for advice.", ("rule 10",)),
    "check.note": CareText(
        "This is not a diagnosis, and a clear form does not rule out illness.",
        ("S82", "S85", "limits"),
    ),
    "check.pregnant": CareText(
        "That you are pregnant was answered lately, and counts here too.", ("S21", "choice")
    ),
    "check.any": CareText("Any of these?", ("choice",)),
    "check.clear": CareText(
        "None of these answers calls for a check by itself. If the pain worries you, see a"
        " professional. Stay as active as you are able.",
        ("S82", "S85", "rule 12"),
    ),
    "check.skipped": CareText(
        "Some questions were skipped; what they ask about is not known.", ("choice",)
    ),
    # What the entries themselves say.
    "pattern.chronic": CareText(
        "Pain for more than 3 months is called chronic. A doctor or physiotherapist can help"
        " find the cause: see a professional.",
        ("rule 11", "S44", "ART"),
    ),
    "pattern.worse": CareText(
        "Three days running, your entries are at least 2 above those of the week before:"
        " see a professional.",
        ("S21", "field"),
    ),
    "pattern.six-weeks": CareText(
        "Six weeks of entries and no lower: please book a doctor or a physiotherapist.",
        ("S43",),
    ),
    "pattern.three-weeks": CareText(
        "Three weeks of entries and no lower: consider a doctor or a physiotherapist.",
        ("S21",),
    ),
    # Beside the days' posture.
    "together.few": CareText(
        "Pain is shown beside the days' posture from {needed} days that have both; so far: {days}.",
        ("rule 8",),
    ),
    "together.same": CareText(
        "The level was the same on all {days} days with entries.", ("rule 8",)
    ),
    "together.line": CareText(
        "On the same days: {more} with pain above {level}, the middle of these days, had"
        " {more_posture}; the other {other} had {other_posture}.",
        ("rule 8",),
    ),
    "together.highest": CareText(
        "On the same days: {more} with pain at {level}, the highest of these days, had"
        " {more_posture}; the other {other} had {other_posture}.",
        ("rule 8",),
    ),
    "together.caveat": CareText(
        "This shows what came on the same days, not what led to what.", ("rule 8", "S12")
    ),
}
"""All texts by their key; what is asked is stored under the same key."""


def care_text(key: str, **parts: object) -> str:
    """The text under `key`, with `parts` put in. Raises `KeyError`."""
    return _(CARE_TEXTS[key].text).format_map(parts)
