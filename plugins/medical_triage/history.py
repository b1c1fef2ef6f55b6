"""Removes what a text says about other people, the distant past, or only as a worry: no symptoms of the patient now.

A clinician's account is full of it ("had shingles at 60", "his brother has asthma"). What raises a risk, such as an
operation three weeks ago, is read from the whole text all the same (`history` in the vocabulary files).
"""

from __future__ import annotations

import re

__all__ = ["CLINICAL", "about_patient_now", "without_relatives"]

CLINICAL = re.compile(
    r"\b(?:year|yr|month|mo|week|wk|day)s?[ -]?olds?\b|\b\d+ ?(?:yo|y/o|f|m)\b|\b[mf] ?\d{1,2}\b"
    r"|\bpatient\b|history of"
    r"|\b(?:im|i am|is|aged|shes|hes) \d{1,3}\b|, \d{1,2},"
)
"""a case about another person: "a 40 year old man" """

RELATIVE = (
    r"(?:mother|father|mum|mom|dad|parents?|grand\w+|sisters?|brothers?|siblings?|uncles?|aunts?|cousins?"
    r"|neighbou?rs?"
    r"|husband|wife|partner|girlfriend|boyfriend|flatmates?|housemates?|roommates?|friends?|colleagues?|coworkers?"
    r"|classmates?|class|twin|others|nobody else|somebody else|family|everyone|child|son|daughter|kids?|children)"
)
TOLD = re.compile(rf"\b(?:my|our|the) (?:\w+ ){{0,2}}?({RELATIVE})\b")
ILL = (
    r"(?:who |also |both |all |recently |just )*(?:had|has|have|having|died|was|were|is|are|got|caught|suffers?|with|"
    r"takes?|same|needed|developed|came down)"
)
OBSERVES = (
    r"(?:found|seen|saw|noticed|spotted|discovered|heard|felt|counted|measured|observed|reported|noted|brought|called|worried"
    r"|concerned|afraid|told|says|given|tried|sure|certain|anxious|removed|rinsed|taken (?:him|her|the))"
)
"""what a relative does who is not ill, but tells of the patient"""
RELATIVES = re.compile(
    rf"family history[^.;]*|\b(?:fh|fhx) [^.;,]*|\b(?:runs in the family)[^.;,]*"
    rf"|\b(?:(?:his|her|my|their|the|a|two|three|several|half (?:of )?(?:his|her|the)) )(?:\w+ ){{0,2}}?({RELATIVE})"
    rf"(?: and \w+(?: \w+)?)?(?: \w+ly)?,? ({ILL})\b(?! (?:(?:also|just|now) )?{OBSERVES}\b)[^.;,]*"
)

PAST = re.compile(
    r"\b(?:had|has had|broke|fractured|underwent) (?:[^\s,.;]+ ){1,11}?"
    r"(?:out|removed|repaired|taken out|at (?:age )?\d+|aged \d+|at football|in (?:19|20)\d\d|ages ago|years back"
    r"|as an? (?:\w+ )?(?:boy|girl|child|kid|baby|infant|teen\w*|student)|when (?:he|she|i) was (?:\d|a|an"
    r"|young|little)\w*)"
    r"(?: [^,.;]*?)?(?=,| and | but |[.;]|$)"
    r"|\b(?<!day )(?<!days )(?<!week )(?<!weeks )(?<!month )(?<!hour )(?<!hours )"
    r"(?:(?:past|previous|prior|remote|medical|known|old|childhood|distant|with a|has a|had a"
    r"|a) ){1,5}(?:medical )?history of "
    r"(?:[^,.;]*?)(?=\b(?:presents?|comes?|came|is|has|who|now|reports?|complain\w*|with (?:a )?\d"
    r"|and (?:now|has|is))\b"
    r"|[,.;]|$)"
    r"|\bpmh\b[^.;]*|\bpast (?:medical )?history:?[^.;]*"
    r"|\b(?:allerg(?:ic|y) to|intoleran(?:t|ce) (?:of|to)) (?:penicillin|amoxicillin|sulpha|sulfa\w*|codeine|latex|"
    r"aspirin|nickel|dust|cats?|dogs?|pollen|elastoplast|plasters?|house dust)\b"
)
LONG_AGO = re.compile(
    r"\b(?:\d+|\w+teen|\w+ty|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|several|many|some|few) "
    r"(?:years|decades) (?:ago|before|back|earlier)\b(?! and)|\b(?:a decade|decades|ages) (?:ago|back)\b(?! and)"
    r"|\b(?:in (?:19|20)\d\d|in (?:previous|earlier|past) (?:years|pregnanc\w+)|as an? (?:boy|girl|child"
    r"|kid|baby|teenager)"
    r"|in (?:childhood|infancy|(?:his|her|my) (?:teens|twenties|thirties|youth)))\b"
)
"""what makes a phrase between commas one of long ago"""
PHRASE = re.compile(r"[^,.;]+")
WORRY = re.compile(
    r"\b(?:scared|afraid|worried|frightened|terrified|anxious|fears?|thought|convinced|assumed|wondered|wonders) "
    r"(?:that |about )?(?:it|its|this|that)\b(?: is| was| were| might be| could be| may be|s)?[^,.;]*"
    r"|\b(?:read|googled|heard|told) (?:about|online)[^,.;]*"
)
FEARED = re.compile(r"(?:怕|担心|以为|怀疑)(?:自己)?(?:是|得了?|要).{1,8}(?=[，,。 ]?(?:其实|原来|结果(?:是|只)))")
"""a fear before the finding"""


def without_relatives(text: str) -> str:
    """A case without the illnesses of people other than the patient.

    Args:
        text: as `facts.plain` returns it.
    """
    if not CLINICAL.search(text):
        return text
    told = TOLD.search(text[:90])
    patient = told[1] if told else ""
    return RELATIVES.sub(lambda hit: hit[0] if (patient and hit[1] == patient) or _brings(hit) else " ", text)


def _brings(hit: re.Match[str]) -> bool:
    """Returns whether a relative brings the patient: "brought in by his mother with two days of ear pain"."""
    return hit[2] == "with" and hit.string[: hit.start()].endswith("by ")


def about_patient_now(text: str) -> str:
    """A text without what is over, other people's, or only feared.

    Args:
        text: as `facts.plain` returns it.
    """
    text = PAST.sub(" ", without_relatives(text))
    text = FEARED.sub(" ", text)
    text = PHRASE.sub(lambda phrase: " " if LONG_AGO.search(phrase[0]) else phrase[0], text)
    return WORRY.sub(" ", text) if CLINICAL.search(text) else text
