"""Symptoms told in words: facts, at most three questions, and where to go with them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

from assistant import Dialogue, Reply, Services, Turn

from .answers import crisis_reply, emergency_reply
from .facts import Facts, names_of, plain, read_facts
from .likeness import URGENCY, Opinion, joint_level, opinions
from .notes import Notes, Said, note_of, opening
from .quantities import read_age, read_severity
from .red_flags import alarm_of
from .rules import LEVELS, Level, Question, Rule, level_of, matching, next_question
from .wording import Language, language_of, say

__all__ = ["answered", "check_symptoms", "result"]

QUESTIONS = 3
CHILD = 16
"""years below which medicines are others"""
DISTRESS = 0.8
"""urgency or fear in the voice from which the level is raised by one"""

YES = re.compile(
    r"^\W*(?:yes|yeah|yep|yup|sure|i do|it does|he does|she does|there is|correct|right|a bit|a little|some|both)\b"
    r"|^\W*(?:是|对|有(?!没)|嗯|会|好像有)"
)
NO = re.compile(r"^\W*(?:(?:no|nope|nah|none|not|nothing|neither|i dont|it doesnt)\b|没|不|无)")
UNSURE = re.compile(r"not sure|dont know|maybe|perhaps|possibly|unsure|hard to say|不确定|不知道|可能|也许|说不清")


async def check_symptoms(turn: Turn, dialogue: Dialogue, services: Services, symptom: str = "") -> Reply:
    """Ask about symptoms and say how soon to see whom: emergency, today, a doctor, or care at home."""
    language = language_of(turn.utterance)
    told = f"{turn.utterance} {symptom}".strip()
    facts = read_facts(told)
    said = [opening(turn)]
    asked: list[str] = []
    if not facts.present - {"unwell", "severe", "sudden"}:
        answer = await dialogue.ask(say("what_symptoms", language))
        told, facts = f"{told}. {answer}", facts.joined(read_facts(answer))
        said.append(Said("answer", answer, say("what_symptoms", language)))
        asked.append("symptoms")
    while len(asked) < QUESTIONS and not _clear(facts) and (question := next_question(facts, asked)):
        asked.append(question.id)
        answer = await dialogue.ask(question.text(language))
        if alarm_of(answer) == "crisis_support":
            return crisis_reply(answer)
        facts = answered(facts, question, answer)
        said.append(Said("answer", answer, question.text(language)))
    if "self_harm" in facts.present:
        return crisis_reply(turn.utterance)
    (opinion,) = await opinions([told], services)
    reply = result(facts, language, turn.tone, opinion)
    made = note_of(dialogue.id, turn, said, facts, level=level_told(facts, turn.tone, opinion), advice=reply.text)
    await asyncio.to_thread(Notes(services.data_dir).add, made)
    return reply


def _clear(facts: Facts) -> bool:
    """Whether nothing more needs to be asked."""
    return level_of(matching(facts)) == "emergency" or "self_harm" in facts.present


def answered(facts: Facts, question: Question, answer: str) -> Facts:
    """The facts after an answer. "Not sure" to a warning sign counts as a yes, and what is named counts by itself."""
    text = plain(answer)
    told = read_facts(answer)
    if question.kind == "duration":
        return facts.joined(told)
    if question.kind == "severity":
        return facts.joined(Facts(severity=read_severity(text + "/10" if text.strip().isdigit() else text)))
    if question.kind == "age":
        return facts.joined(Facts(age=read_age(f"{text} years old" if text.strip().isdigit() else text)))
    facts = facts.joined(told)
    if UNSURE.search(text):
        return facts.adding(question.adds)
    if NO.search(text):
        return facts.denying(question.asks)
    if YES.search(text) and not told.present & set(question.asks):
        return facts.adding(question.adds)
    return facts


def level_told(facts: Facts, tone: Mapping[str, float] | None, opinion: Opinion | None) -> Level:
    """The level by the rules, the second opinion, and the distress that is heard."""
    level = joint_level(matching(facts), opinion)
    heard = max((tone or {}).get(name, 0.0) for name in ("urgency", "distress", "fear"))
    return LEVELS[LEVELS.index(level) + 1] if heard >= DISTRESS and level in ("self_care", "doctor") else level


def result(
    facts: Facts, language: Language, tone: Mapping[str, float] | None = None, opinion: Opinion | None = None
) -> Reply:
    """Where to go, why, what to watch for, and which guidance says so."""
    found = matching(facts)
    by_rules = level_of(found)
    level = level_told(facts, tone, opinion)
    raised = level != joint_level(found, opinion)
    if level == "emergency":
        return emergency_reply(found, language, like=_like(opinion, level, language) if by_rules != level else "")
    like = "" if opinion is None or URGENCY[level] == URGENCY[by_rules] else _like(opinion, level, language)
    return Reply(_written(facts, found, level, raised, like, language), speech=say(level + "_speech", language))


def _like(opinion: Opinion | None, level: Level, language: Language) -> str:
    """Why a second opinion moved the level."""
    words = opinion.words[URGENCY[level]] if opinion else ()
    return say("like", language, words=", ".join(words))


def _for_whom(facts: Facts) -> str:
    """The phrase about medicines for whom it concerns; "" where the general advice fits."""
    if facts.age is not None and facts.age < CHILD:
        return "for_baby" if facts.age < 1 else "for_child"
    return "for_pregnancy" if facts.pregnant else ""


def _written(facts: Facts, found: list[Rule], level: Level, raised: bool, like: str, language: Language) -> str:
    parts = [say(level, language)]
    if facts.present:
        parts.append(say("heard", language, symptoms=names_of(facts.present, language)))
    else:
        parts.append(say("heard_nothing", language))
    gravest = [rule for rule in found if rule.level == found[0].level]
    parts += [f"- {reason}" for reason in dict.fromkeys(rule.reason(language) for rule in gravest[:3])]
    if like:
        parts.append("- " + like)
    if raised:
        parts.append("- " + say("raised", language))
    if whom := _for_whom(facts):
        parts.append(say(whom, language))
    parts.append(say("watch", language))
    names = dict.fromkeys(rule.source.name for rule in gravest[:3])
    parts.append(say("sources", language, names="; ".join(names) or "NHS 111 online"))
    parts.append(say("no_diagnosis", language))
    return "\n".join(parts)
