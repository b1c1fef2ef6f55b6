"""Remembers facts about the user, repeats them, and forgets them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from assistant import Dialogue, Exchange, Reply, Services, Turn, UserError

from .health import about_health, surely_about_health
from .looking_up import NEAR, answer_from_told
from .people import same_person
from .said import (
    Fact,
    Question,
    forgets_last,
    read_correction,
    read_forgetting,
    read_loosely,
    read_question,
    read_request,
    read_telling,
    read_thing,
    somebody_in,
)
from .telling import SAID, flipped, told
from .wording import Language, language_of, say

__all__ = [
    "corrects",
    "forget",
    "forgets_told",
    "matches_forget",
    "matches_recall",
    "matches_remember",
    "recall",
    "remember",
]

PLAIN = ("name", "full name", "home", "origin", "birthday", "language", "age")
"""facts that tell nothing of health unless their words do"""
TELLS = re.compile(r"\w+(?:\W+\w+){2}|[\u4e00-\u9fff]{4,}|[我咱].{3,}")
"""long enough to tell something"""
ASKED = re.compile(r"\b(?:remember|memor|keep)|记", re.IGNORECASE)
PRONOUN = re.compile(r"\W*(?:and\W+)?(?:her|his|their|she|he|they)\b|[他她]", re.IGNORECASE)
PEOPLE_BACK = 3
"""turns in which "he" or "she" was named"""
FIGURES = re.compile(r"\d|[一二三四五六七八九十]+岁")


def matches_remember(text: str) -> bool:
    """Returns whether a sentence surely states a fact to keep; health facts are kept only on request."""
    return bool(read_request(text)) or (bool(read_telling(text)) and not surely_about_health(text))


def matches_recall(text: str) -> bool:
    """Returns whether a sentence surely asks for a fact."""
    return read_question(text) is not None


def matches_forget(text: str) -> bool:
    """Returns whether a sentence surely asks to forget something."""
    found = read_forgetting(text)
    return found is not None and found.kind != "thing" and not LET_BE.search(text)


LET_BE = re.compile(r"\bnever ?mind\b|算了|当我没说", re.IGNORECASE)
"""leaves a matter: "forget it, never mind" asks for nothing to be forgotten"""


async def remember(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Remember what you say about yourself; facts about health only after a yes."""
    language = language_of(turn.utterance)
    asked = read_request(turn.utterance)
    facts = list(read_telling(asked or turn.utterance))
    if not facts and not asked and (correction := read_correction(turn.utterance))[0]:
        last, held = await services.conversation(turn.session, 1), await services.remembered()
        facts = _corrected(_told_last(last), *correction, held) or _renumbered(_noted_last(last), *correction, held)
    if not facts and not asked:
        before = [turn, *reversed(await services.conversation(turn.session, PEOPLE_BACK))]
        person = next(filter(None, (somebody_in(getattr(each, "text", "")) for each in before)), "")
        known, others = read_loosely(turn.utterance, person)
        facts = [*known, *(Fact(f"{SAID}{turn.id}.{at}", other) for at, other in enumerate(others))]
        if not known and (ASKED.search(turn.utterance) or not any(map(TELLS.search, others))):
            return Reply(say("remember_what", language))
    if not facts:
        thing = read_thing(asked)
        facts = [thing or Fact(f"{SAID}{turn.id}", asked.rstrip(" .。"))]
    left_out = ""
    if asked:
        plain = all(fact.key.rpartition(".")[2] in PLAIN for fact in facts) and not surely_about_health(asked)
        health = not plain and await about_health(asked, services)
        question = say("health_really", language, said=flipped(asked.rstrip(" .。")))
        if health and not await dialogue.ask(question, kind=bool):
            return Reply(say("not_kept", language))
    else:
        harmless = [fact for fact in facts if not await _tells_of_health(fact, services)]
        if len(harmless) < len(facts):
            left_out = say("health_unasked", language)
        if not (facts := harmless):
            return Reply(left_out)
    try:
        for fact in facts:
            await services.remember(_kept_key(fact.key, await services.remembered()), fact.value)
    except UserError as error:
        return Reply(say("memory_off", language) if "off" in str(error) else str(error))
    told_back = _joined([told(fact.key, fact.value, language) for fact in facts], language)
    text = _joined([say("kept", language, told=told_back), *filter(None, [left_out])], language)
    return Reply(text, data={"remembered": [fact.key for fact in facts]}).undone_by(say("undo", language))


async def _tells_of_health(fact: Fact, services: Services) -> bool:
    """Returns whether a fact that the user did not ask to keep is or may be about health."""
    words = fact.value if fact.key.startswith(SAID) else told(fact.key, fact.value, "en")
    plain = fact.key.rpartition(".")[2] in PLAIN
    return surely_about_health(words) if plain else await about_health(words, services)


def corrects(text: str, before: Sequence[Exchange]) -> bool:
    """Returns whether the text corrects the last fact: "no, it's Lisbon"."""
    if surely_about_health(text):
        return False
    value, _ = read_correction(text)
    told = _told_last(before[-1:]) or (FIGURES.search(value) and _noted_last(before[-1:]))
    return bool(told and value) or _goes_on(text, before)


def _goes_on(text: str, before: Sequence[Exchange]) -> bool:
    """Returns whether the text adds to what was just asked or said about a person: "her name is Ines"."""
    spoke = bool(before) and before[-1].intent.startswith("memory.") and PRONOUN.match(text) is not None
    return spoke and bool((who := somebody_in(before[-1].text)) and read_loosely(text, who)[0])


def forgets_told(text: str, before: Sequence[Exchange]) -> bool:
    """Returns whether the text asks to forget the last fact: "actually no, forget that"."""
    return bool(before and before[-1].data.get("remembered")) and forgets_last(text)


def _corrected(keys: Sequence[str], value: str, old: str, facts: Mapping[str, str]) -> list[Fact]:
    """Returns the corrected fact: one with the old value, else one of the same kind."""
    held = [key for key in keys if old and facts.get(_kept_key(key, facts), "").casefold() == old.casefold()]
    alike = [key for key in keys if bool(FIGURES.search(value)) == (key.rpartition(".")[2] in ("age", "birthday"))]
    return [Fact(key, value) for key in (held or alike or list(keys))[:1]]


def _renumbered(keys: Sequence[str], value: str, old: str, facts: Mapping[str, str]) -> list[Fact]:
    """Returns the noted sentence with another number in it: 不对，是063 of 车停在B2层036; [] if it is unclear which."""
    for key in keys:
        said = facts.get(key, "")
        numbers = [each for each in re.findall(r"\d+", said) if each == old or (not old and len(each) == len(value))]
        if len(numbers) == 1 and value.isdigit():
            return [Fact(key, said.replace(numbers[0], value))]
    return []


def _noted_last(before: Sequence[Exchange]) -> list[str]:
    """Returns the keys of the sentences that the last answer noted as they were said."""
    keys = [str(key) for each in before[-1:] for key in each.data.get("remembered", ())]
    return [key for key in keys if key.startswith(SAID)]


def _told_last(before: Sequence[Exchange]) -> list[str]:
    """Returns the keys of the facts in the last answer; [] if it was about something else."""
    keys = [key for each in before[-1:] for key in each.data.get("remembered", ())]
    keys = keys or [key for each in before[-1:] if len(each.data.get("facts", ())) == 1 for key in each.data["facts"]]
    return [str(key) for key in keys if not str(key).startswith(SAID)]


async def recall(turn: Turn, services: Services) -> Reply:
    """Say what you told me about yourself."""
    language = language_of(turn.utterance)
    facts = await services.remembered()
    if len(parts := _questions(turn.utterance)) > 1:
        lines = [_answer(each, facts, language) for each in parts]
        return Reply(_joined(lines, language))
    asked = read_question(turn.utterance, anything=True) or Question("all")
    if asked.kind == "all":
        if not facts:
            return Reply(say("nothing_known", language))
        lines = [told(key, value, language) for key, value in facts.items()]
        return Reply(
            "\n".join([say("known", language), *(f"  · {line}" for line in lines)]),
            speech=_joined(lines, language),
            data={"facts": dict(facts)},
        )
    key = _kept_key(asked.key, facts)
    if key in facts:
        return Reply(told(key, facts[key], language), data={"facts": {key: facts[key]}})
    return await answer_from_told(turn, services, NEAR) or Reply(say("not_told", language))


def _answer(asked: Question, facts: Mapping[str, str], language: Language) -> str:
    key = _kept_key(asked.key, facts)
    return told(key, facts[key], language) if key in facts else say("not_told", language)


def _questions(text: str) -> list[Question]:
    """The questions of a sentence that asks several: "what's my name and where do I live"."""
    found = [
        read_question(piece)
        for piece in re.split(r"\s+and\s+|[,，;；?？]\s*(?:and\s+)?|还有|(?<=[\u4e00-\u9fff])和(?=我)", text)
        if piece
    ]
    return [each for each in found if each is not None and each.kind == "fact"] if all(found) else []


async def forget(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Forget what you told me: one thing, or everything after a yes."""
    language = language_of(turn.utterance)
    asked, facts = read_forgetting(turn.utterance) or Question("last"), await services.remembered()
    if asked.kind == "last":
        before = await services.conversation(turn.session, 1)
        just = [key for key in (before[-1].data.get("remembered", []) if before else []) if key in facts]
        if not just:
            return Reply(say("nothing_just_told", language))
        keys = just
    elif asked.kind == "all":
        keys = list(facts)
        shown = _joined([told(key, value, language) for key, value in facts.items()], language)
        if keys and not await dialogue.ask(say("forget_all_really", language, told=shown), kind=bool):
            return Reply(say("still_known", language))
    elif asked.kind == "person":
        person = same_person(asked.key, {key.partition(".")[0] for key in facts if "." in key})
        keys = [key for key in facts if person and key.startswith(f"{person}.")]
    else:
        keys = [key for key in (_kept_key(asked.key, facts),) if key in facts]
    if not keys:
        return Reply(say("not_known", language))
    shown = _joined([told(key, facts[key], language) for key in keys], language)
    await services.forget(keys)
    return Reply(say("forgotten", language, told=shown), data={"forgotten": keys})


def _kept_key(key: str, facts: Mapping[str, str]) -> str:
    """Returns the key of a person's fact: 妹妹 and "sister" may be the same."""
    person, _, relation = key.rpartition(".")
    known = {other.rpartition(".")[0] for other in facts if other.endswith(f".{relation}")}
    return f"{same_person(person, known) or person}.{relation}" if person else key


def _joined(sentences: list[str], language: Language) -> str:
    return ("" if language == "zh" else " ").join(sentences)
