"""Keeps what the user tells, says what is kept, and forgets it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from assistant import Decision, Dialogue, Exchange, Reply, Services, Turn, UserError

from .health import about_health, surely_about_health
from .people import person_named, same_person
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
)
from .wording import Language, language_of, say

__all__ = [
    "answer_thing",
    "corrects",
    "forget",
    "forgets_told",
    "matches_forget",
    "matches_recall",
    "matches_remember",
    "recall",
    "remember",
    "told",
]

SAID = "said."
"""the keys of statements kept as they were said begin so"""
KNOWN = ("name", "home", "origin", "work", "job", "birthday", "language", "age")
PLAIN = ("name", "full name", "home", "origin", "birthday", "language", "age")
"""facts that tell nothing of health unless their words do"""
TELLS = re.compile(r"\b(?:i|i'm|i've|my|we|we're|our|me)\b.*\s\S|[我咱].{3,}", re.IGNORECASE)
"""tells something about the speaker or theirs"""
LONGEST_QUESTION = 80
FIGURES = re.compile(r"\d|[一二三四五六七八九十]+岁")
ASKS = re.compile(
    r"^\W*(?:so |and )*(?:what|where|when|who|which|how|am i|do i|did i)\b.*\b(?:i|my|me)\b|^(?=.*我).*(?:什么|啥|哪"
    r"|谁|几|多少|怎么|吗)",
    re.IGNORECASE,
)
ASKED_ZH = re.compile(r"什么时候|什么|啥|哪[里儿个些]?|谁|几[点号个]?|多少|怎么|来着|[吗呢啊呀的了？?。，,\s]")
SMALL_WORDS = re.compile(
    r"what|where|when|who|which|how|am|do|did|i|my|me|is|are|was|were|the|an?|to|of|in|on|at|again|it|that|you"
)
FLIPS = (
    (r"\bi am\b|\bi'm\b", "you are"),
    (r"\bi was\b", "you were"),
    (r"\bi've\b", "you have"),
    (r"\bi'll\b", "you will"),
    (r"\bmyself\b", "yourself"),
    (r"\bi\b|\bme\b", "you"),
    (r"\bmy\b", "your"),
    (r"\bmine\b", "yours"),
    ("我", "你"),
)


def matches_remember(text: str) -> bool:
    """Whether a sentence surely tells something to be kept; what is about health is kept only when asked for."""
    return bool(read_request(text)) or (bool(read_telling(text)) and not surely_about_health(text))


def matches_recall(text: str) -> bool:
    """Whether a sentence surely asks for what was told."""
    return read_question(text) is not None


def matches_forget(text: str) -> bool:
    """Whether a sentence surely wants something forgotten."""
    found = read_forgetting(text)
    return found is not None and found.kind != "thing" and not LET_BE.search(text)


LET_BE = re.compile(r"\bnever ?mind\b|算了|当我没说", re.IGNORECASE)
"""leaves a matter: "forget it, never mind" asks for nothing to be forgotten"""


async def remember(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Remember what you tell about yourself; what is about health only after a yes."""
    language = language_of(turn.utterance)
    asked = read_request(turn.utterance)
    facts = list(read_telling(asked or turn.utterance))
    if not facts and not asked and (correction := read_correction(turn.utterance))[0]:
        keys = _told_last(await services.conversation(turn.session, 1))
        facts = _corrected(keys, *correction, await services.remembered())
    if not facts and not asked:
        known, others = read_loosely(turn.utterance)
        facts = [*known, *(Fact(f"{SAID}{turn.id}.{at}", other) for at, other in enumerate(others))]
        if not known and not any(TELLS.search(other) for other in others):
            return Reply(say("remember_what", language))
    if not facts:
        thing = read_thing(asked)
        facts = [thing or Fact(f"{SAID}{turn.id}", asked.rstrip(" .。"))]
    statement = asked or turn.utterance
    plain = not asked and all(fact.key.rpartition(".")[2] in PLAIN for fact in facts)
    if surely_about_health(statement) or (not plain and await about_health(statement, services)):
        if not asked:
            return Reply(say("health_unasked", language))
        if not await dialogue.ask(say("health_really", language, said=_flipped(asked.rstrip(" .。"))), kind=bool):
            return Reply(say("not_kept", language))
    try:
        for fact in facts:
            await services.remember(_kept_key(fact.key, await services.remembered()), fact.value)
    except UserError as error:
        return Reply(say("memory_off", language) if "off" in str(error) else str(error))
    told_back = _joined([told(fact.key, fact.value, language) for fact in facts], language)
    return Reply(say("kept", language, told=told_back), data={"remembered": [fact.key for fact in facts]})


def corrects(text: str, before: Sequence[Exchange]) -> bool:
    """Whether words say what something is instead that was told just before: "no, it's Lisbon"."""
    return bool(_told_last(before[-1:]) and read_correction(text)[0]) and not surely_about_health(text)


def forgets_told(text: str, before: Sequence[Exchange]) -> bool:
    """Whether words want forgotten what was told just before: "actually no, forget that"."""
    return bool(before and before[-1].data.get("remembered")) and forgets_last(text)


def _corrected(keys: Sequence[str], value: str, old: str, facts: Mapping[str, str]) -> list[Fact]:
    """Which of the things told just before has another value: the one that had the old one, else one of its kind."""
    held = [key for key in keys if old and facts.get(_kept_key(key, facts), "").casefold() == old.casefold()]
    alike = [key for key in keys if bool(FIGURES.search(value)) == (key.rpartition(".")[2] in ("age", "birthday"))]
    return [Fact(key, value) for key in (held or alike or list(keys))[:1]]


def _told_last(before: Sequence[Exchange]) -> list[str]:
    """The keys of what was told last; [] where the last answer was about something else."""
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
    return Reply(_answer(asked, facts, language), data={"facts": {key: facts[key]}} if key in facts else {})


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


async def answer_thing(turn: Turn, decision: Decision, services: Services) -> Reply | None:
    """Answer "what's my shoe size" where no intent serves it and it was told; None where it was not."""
    asked = read_question(turn.utterance, anything=True)
    if turn.images or len(turn.utterance) > LONGEST_QUESTION:
        return None
    facts = await services.remembered()
    if asked is None or asked.kind != "thing":
        statements = [
            (key, value) for key, value in facts.items() if key.startswith(SAID) and _tells(value, turn.utterance)
        ]
        return Reply(told(*statements[0], language_of(turn.utterance))) if len(statements) == 1 else None
    wanted = asked.key.removeprefix("the ").removeprefix("my ")
    if wanted in facts:
        return Reply(told(wanted, facts[wanted], language_of(turn.utterance)))
    words = set(re.findall(r"[^\W_]+", wanted))
    held = [(key, value) for key, value in facts.items() if key.startswith(SAID) and _holds(value, words, wanted)]
    return Reply(told(*held[-1], language_of(turn.utterance))) if held else None


def _tells(statement: str, question: str) -> bool:
    """Whether a statement holds all that a question about oneself names: 我对什么过敏, "what am I allergic to"."""
    if not ASKS.search(question):
        return False
    if not question.isascii():
        pieces = [each for each in ASKED_ZH.sub(" ", question).split() if each]
        return sum(map(len, pieces)) > 2 and all(each in statement for each in pieces)
    words = {word for word in re.findall(r"[a-z]+", question.lower()) if not SMALL_WORDS.fullmatch(word)}
    return bool(words) and words <= set(re.findall(r"[a-z]+", statement.lower()))


def _holds(statement: str, words: set[str], said: str) -> bool:
    return words <= set(re.findall(r"[^\W_]+", statement.lower())) or (not said.isascii() and said in statement)


def told(key: str, value: str, language: Language) -> str:
    """A fact, said to the user."""
    if key.startswith(SAID):
        text = _flipped(value)
        return f"{text[:1].upper()}{text[1:]}{'。' if language == 'zh' else '.'}"
    person, _, relation = key.rpartition(".")
    if person and relation in KNOWN:
        return say(f"person_{relation}", language, person=person_named(person, language), value=value)
    if key in KNOWN:
        return say(f"your_{key}", language, value=value)
    thing = key.replace(".", "'s ") if language == "en" else key
    return say("your_thing", language, thing=_translated(thing, language), value=value)


def _translated(thing: str, language: Language) -> str:
    if thing == "full name" and language == "zh":
        return "全名"
    favourite, _, what = thing.partition("favourite ")
    return f"最喜欢的{what}" if language == "zh" and what and not favourite else thing


def _kept_key(key: str, facts: Mapping[str, str]) -> str:
    """The key under which somebody's fact is kept: 妹妹 and "sister" may be the same."""
    person, _, relation = key.rpartition(".")
    known = {other.rpartition(".")[0] for other in facts if other.endswith(f".{relation}")}
    return f"{same_person(person, known) or person}.{relation}" if person else key


def _flipped(text: str) -> str:
    """A statement from the other side: "I parked my car" is "you parked your car"."""
    for pattern, other in FLIPS:
        text = re.sub(pattern, other, text, flags=re.IGNORECASE)
    return text


def _joined(sentences: list[str], language: Language) -> str:
    return ("" if language == "zh" else " ").join(sentences)
