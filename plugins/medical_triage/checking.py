"""Symptoms in words: reads the facts, asks at most three questions, and says where to go."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from assistant import Dialogue, Reply, Services, Turn

from .alarm_meaning import likely_emergency
from .alarm_replies import crisis_perhaps, crisis_reply, emergency_reply
from .asking import Inquiry, inquire, level_unknown, plainly_today
from .facts import Facts, names_of, read_facts
from .notes import Notes, Said, note_of, opening
from .remaining import about_patient, mildly_told, only_over
from .rules import LEVELS, Level, Question, Rule, level_of, matching
from .still_urgent import still_urgent
from .usual_values import only_usual_values, usual_values
from .wording import Language, language_of, say

__all__ = ["check_symptoms", "result"]

CHILD = 16
"""years below which medicines are others"""
MOOD = frozenset({"anxious", "low_mood", "sadness"})
DISTRESS = 0.8
"""urgency or fear in the voice from which the level is raised by one"""


async def check_symptoms(turn: Turn, dialogue: Dialogue, services: Services, symptom: str = "") -> Reply:
    """Ask about symptoms and say how soon to see whom: emergency, today, a doctor, or care at home."""
    if again := await still_urgent(turn, services):
        return again
    language = language_of(turn.utterance)
    if vitals := only_usual_values(turn.utterance):
        return Reply(usual_values(vitals, language))
    if only_over(turn.utterance):
        return Reply(say("over", language), speech=say("over_speech", language))
    told = f"{turn.utterance} {symptom}".strip()
    facts = read_facts(about_patient(told))
    said = [opening(turn)]
    asked: list[str] = []
    if not facts.present - {"unwell", "severe", "sudden"}:
        answer = await dialogue.ask(say("what_symptoms", language))
        told, facts = f"{told}. {answer}", facts.joined(read_facts(answer))
        said.append(Said("answer", answer, say("what_symptoms", language)))
        asked.append("symptoms")
    lead = say("kind", language) if facts.present & MOOD else ""
    if not mildly_told(turn.utterance) and await likely_emergency(turn.utterance, services):
        lead = say("emergency_likely", language)
    known = plainly_today(facts)
    found = Inquiry(facts) if known else await inquire(dialogue, facts, asked, language, lead=lead, told=told)
    while found.another:
        told, facts, said = found.another, read_facts(found.another), [Said("answer", found.another)]
        lead = say("another", language)
        if not facts.present - {"unwell", "severe", "sudden"}:
            what, lead = f"{lead} {say('what_symptoms_another', language)}", ""
            answer = await dialogue.ask(what)
            told, facts = f"{told}. {answer}", facts.joined(read_facts(answer))
            said.append(Said("answer", answer, what))
        found = await inquire(dialogue, facts, (), language, lead=lead, told=told)
    if found.crisis:
        return crisis_reply(found.crisis)
    if "self_harm" in found.facts.present:
        return crisis_reply(turn.utterance)
    if any("self_harm" in question.asks for question in found.unknown):
        return crisis_perhaps(language)
    least = level_unknown(found.facts, found.unknown, told)
    reply = result(found.facts, language, turn.tone, found.unknown, least)
    if found.beside:
        reply = replace(reply, text=f"{found.beside}\n\n{reply.text}")
    level = max(level_told(found.facts, turn.tone), least, key=LEVELS.index)
    made = note_of(dialogue.id, turn, [*said, *found.said], found.facts, level=level, advice=reply.text)
    await asyncio.to_thread(Notes(services.data_dir).add, made)
    return reply


def level_told(facts: Facts, tone: Mapping[str, float] | None) -> Level:
    """The level by the rules and the distress that is heard."""
    level = level_of(matching(facts))
    heard = max((tone or {}).get(name, 0.0) for name in ("urgency", "distress", "fear"))
    return LEVELS[LEVELS.index(level) + 1] if heard >= DISTRESS and level in ("self_care", "doctor") else level


def result(
    facts: Facts,
    language: Language,
    tone: Mapping[str, float] | None = None,
    unknown: Sequence[Question] = (),
    least: Level = "self_care",
) -> Reply:
    """Builds the reply: where to go, why, what to watch for, and the source of each rule.

    Args:
        facts: what is known.
        language: of the answer.
        tone: the voice's.
        unknown: questions without an answer.
        least: the mildest level that this leaves.
    """
    found = matching(facts)
    told = level_told(facts, tone)
    raised = told != level_of(found)
    level = max(told, least, key=LEVELS.index)
    if level == "emergency":
        return emergency_reply(found, language)
    reasons = [say("raised", language)] if raised else []
    reasons += [_not_known(question, language) for question in unknown]
    return Reply(_written(facts, found, level, reasons, unknown, language), speech=say(level + "_speech", language))


def _not_known(question: Question, language: Language) -> str:
    """Explains why a question without an answer counts."""
    if question.asks:
        return say("not_known", language, what=names_of(question.asks, language))
    return say(f"not_known_{question.kind}", language)


def _for_whom(facts: Facts) -> str:
    """The phrase about medicines for whom it concerns; "" where the general advice fits."""
    if facts.age is not None and facts.age < CHILD:
        return "for_baby" if facts.age < 1 else "for_child"
    return "for_pregnancy" if facts.pregnant else ""


def _written(
    facts: Facts,
    found: list[Rule],
    level: Level,
    reasons: Sequence[str],
    unknown: Sequence[Question],
    language: Language,
) -> str:
    parts = [say(level, language)]
    if facts.present:
        parts.append(say("heard", language, symptoms=names_of(facts.present, language)))
    else:
        parts.append(say("heard_nothing", language))
    gravest = [rule for rule in found if rule.level == found[0].level]
    parts += [f"- {reason}" for reason in dict.fromkeys(rule.reason(language) for rule in gravest[:3])]
    parts += [f"- {reason}" for reason in reasons]
    if whom := _for_whom(facts):
        parts.append(say(whom, language))
    if signs := [sign for question in unknown for sign in question.asks]:
        parts.append(say("watch_signs", language, signs=names_of(signs, language)))
    if facts.present & MOOD:
        parts += [say("low_mood", language), say("crisis_lines", language)]
    parts.append(say("watch", language))
    names = dict.fromkeys(rule.source.name for rule in gravest[:3])
    parts.append(say("sources", language, names="; ".join(names) or "NHS 111 online"))
    parts.append(say("no_diagnosis", language))
    return "\n".join(parts)
