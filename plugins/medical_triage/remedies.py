"""First aid in short steps, and careful answers about medicines."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from assistant import AssistantError, Dialogue, Reply, Services, Turn

from .alarm_meaning import likely_emergency
from .alarm_replies import emergency_reply
from .facts import plain, read_facts
from .red_flags import red_flags
from .remaining import about_patient, told_beside_past
from .wording import Language, language_of, say

__all__ = ["first_aid", "guides_in", "medication_question", "medicines_in"]

HERE = Path(__file__).parent
NEAR = 0.35
"""cosine similarity from which a guide's title is taken for what was meant"""


@cache
def _entries(name: str) -> dict[str, dict[str, Any]]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


def guides_in(text: str) -> list[str]:
    """The first-aid guides a text asks for, best first: the one most of whose words it holds."""
    text = plain(text)
    hits = {
        key: sum(bool(re.search(word, text)) for word in entry["words"])
        for key, entry in _entries("first_aid.toml").items()
    }
    return sorted((key for key, count in hits.items() if count), key=lambda key: -hits[key])


async def first_aid(turn: Turn, dialogue: Dialogue, services: Services, injury: str = "") -> Reply:
    """Give first-aid steps for burns, cuts, nosebleeds, choking and more."""
    language = language_of(turn.utterance)
    _, flags = red_flags(turn.utterance)
    urgent = "emergency" if flags else "emergency_likely" if await likely_emergency(turn.utterance, services) else ""
    told = told_beside_past(turn.utterance) or about_patient(turn.utterance)
    found = guides_in(f"{told} {injury if injury in told or injury not in turn.utterance else ''}") or await _nearest(
        turn.utterance, services
    )
    if not found:
        asked = say("first_aid_what", language)
        answer = await dialogue.ask(f"{say(urgent, language)}\n\n{asked}" if urgent else asked)
        found = guides_in(answer) or await _nearest(answer, services)
    if not found:
        titles = ("、" if language == "zh" else ", ").join(
            _title(e, language) for e in _entries("first_aid.toml").values()
        )
        return Reply(
            say("first_aid_unknown", language, titles=titles), speech=say("first_aid_unknown_speech", language)
        )
    reply = _guide(found[0], language)
    if urgent:
        return Reply(
            f"{say(urgent, language)}\n\n{reply.text}",
            speech=f"{say('emergency_speech', language)} {reply.speech}",
        )
    return reply


async def _nearest(text: str, services: Services) -> list[str]:
    entries = _entries("first_aid.toml")
    try:
        vectors = await services.encode_text([text, *(entry["title"] for entry in entries.values())])
    except AssistantError:
        return []
    scores = vectors[1:] @ vectors[0]
    best = int(scores.argmax())
    return [list(entries)[best]] if scores[best] >= NEAR else []


def _guide(key: str, language: Language) -> Reply:
    entry = _entries("first_aid.toml")[key]
    chinese = language == "zh"
    steps = entry["zh"] if chinese else entry["steps"]
    call = entry["call_zh"] if chinese else entry["call"]
    listed = "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))
    text = f"{_title(entry, language)}\n{listed}\n{call}\n{say('sources', language, names=entry['source'])}"
    return Reply(text, speech=" ".join([*steps, call]))


def _title(entry: dict[str, Any], language: Language) -> str:
    title: str = entry["chinese"] if language == "zh" else entry["title"]
    return title


def medicines_in(text: str) -> list[str]:
    """The medicines of ``medicines.toml`` that a text names, in the order of the file."""
    text = plain(text)
    entries = _entries("medicines.toml")
    if not _any_of(tuple(name for entry in entries.values() for name in entry["names"])).search(text):
        return []
    return [key for key, entry in entries.items() if _any_of(tuple(entry["names"])).search(text)]


@cache
def _any_of(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z])(?:{'|'.join(f'(?:{name})' for name in names)})(?![a-z])")


AMOUNTS = re.compile(r"how (?:many|much|often)|\bdos(?:e|age|ing)\b|maximum|每次|几片|多少|剂量|一天几次")
MISSED = re.compile(r"forg[eo]t|missed|skipp?ed|忘|漏")
STOPPING = re.compile(r"\bstop (?:taking|my|the)|come off|ran out|停药|停了|不吃了")
TOO_MANY = re.compile(
    r"too (?:many|much)|twice by (?:mistake|accident)|double (?:the )?dose|accidentally took|instead of (?:one|two|\d)"
    r"|more than (?:i should|the leaflet)|吃多了|多吃了|过量|多服了?|(?:两|双|几)倍|重复(?:吃|服)"
    r"|\b(?:took|taken|had|gave|given|swallowed)\b[^,.;]{0,30}\b"
    r"(?:doubled?|twice(?! (?:a|per|each|every|daily|in the|weekly)\b)|two doses|both doses|an extra)\b"
)
ALCOHOL = re.compile(r"alcohol|\bdrink(?:ing)?\b|beer|wine|喝酒|饮酒|酒")
BREASTFEEDING = re.compile(r"breast ?feed|nursing|哺乳|母乳")
CHILD = re.compile(r"\b(?:child|kid|baby|toddler|infant|son|daughter|teenager)\b|孩子|宝宝|儿童|婴儿")
PREGNANCY = re.compile(r"pregnan|怀孕|孕")


ASKS = re.compile(
    r"^\W*(?:(?:and|but|so|ok|okay|also|then|wait|oh|well|by the way)\b\W*)*"
    r"(?:can|could|may|should|shall|is|are|does|do|will|would|what|which|how|when)\b"
    r"|能不?能|可不?可以|可以.{0,12}[吗么]|[吗么]$|要不要|该不该|怎么吃|(?:吃|用).{0,8}(?:行|好)[吗么不]"
)
PARTS = re.compile(r"(?<=[.,;!?。，；！？\n])")


def medicine_asked(text: str) -> tuple[str, str]:
    """Splits a text into its question about a medicine and the rest: "no, can I take ibuprofen?"; "" for none."""
    parts = [part.strip() for part in PARTS.split(text) if part.strip()]
    asked = [part for part in parts if medicines_in(part) and ASKS.search(plain(part).strip(" .!?,。！？，"))]
    return " ".join(asked), " ".join(part for part in parts if part not in asked).strip(" ,，")


def medication_question(turn: Turn, medicine: str = "") -> Reply:
    """Answer a question about a medicine without giving amounts; an overdose is an emergency."""
    language = language_of(turn.utterance)
    _, flags = red_flags(turn.utterance)
    if flags:
        return emergency_reply(flags, language)
    text = plain(f"{turn.utterance} {medicine}")
    parts = []
    if TOO_MANY.search(text):
        parts += [say("medicine_too_many", language), say("poison", language)]
    parts += [_about(key, language) for key in medicines_in(text)[:3]]
    for pattern, phrase in (
        (PREGNANCY, "medicine_pregnant"),
        (BREASTFEEDING, "medicine_breastfeeding"),
        (CHILD, "medicine_child"),
        (ALCOHOL, "medicine_alcohol"),
        (MISSED, "medicine_missed"),
        (STOPPING, "medicine_stopping"),
        (AMOUNTS, "medicine_amount"),
    ):
        if pattern.search(text) or (phrase == "medicine_pregnant" and read_facts(text).pregnant):
            parts.append(say(phrase, language))
    if not parts:
        parts.append(say("medicine_unknown", language))
    parts.append(say("medicine_ask", language))
    parts.append(say("sources", language, names="NHS Medicines A to Z"))
    return Reply("\n".join(parts), speech=parts[0] + " " + say("medicine_ask", language))


def _about(key: str, language: Language) -> str:
    entry = _entries("medicines.toml")[key]
    sign = "：" if language == "zh" else ": "
    return f"{_title(entry, language)}{sign}{entry.get(language, entry['en'])}"
