"""Asks at most three follow-up questions, each a second time in simpler words if it was not answered.

A nurse does the same: what a reply tells beside the question is noted, and an unknown answer is never a "no". It
leads to the gravest level that this complaint can have, short of an emergency.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant import Dialogue, Turn

from .calm import says
from .corrections import put_right
from .facts import Facts, names_of, plain
from .notes import Said
from .people import begins_another_case
from .red_flags import alarm_of
from .remedies import medication_question, medicine_asked
from .replies import Reading, answered, asks_how_serious, tells_something, without_other_side
from .rules import LEVELS, Level, Question, level_of, matching, next_question, questions
from .wording import Language, language_of, say

__all__ = ["Inquiry", "clear", "inquire", "level_unknown", "plainly_today"]

QUESTIONS = 3
ASIDES = 2
"""questions of the user's, about medicines or how serious it is, that are answered before one is given up"""
PLAIN = frozenset({"measured_high", "measured_low_sugar", "coughs_blood"})
"""what needs a doctor today by itself"""
BESIDE = frozenset(
    {"low_sugar", "fever", "high_fever", "pressing", "pressure_high", "pressure_pregnant", "cough", "spotting_blood"}
)
"""what is read along with it, and what adds nothing to it"""
SPEAKER = re.compile(r"\b(?:i|im|ive)\b|我(?!的?(?:孩子|宝宝|儿子|女儿|家))")
DURATIONS = (2.0, 30.0, 100.0, 200.0, 600.0)
STRENGTHS = (3, 8)
GROWN, ANYBODY = (16.0, 30.0, 75.0), (0.2, 2.0, 8.0, 30.0, 75.0)
"""what an unknown duration (hours), strength (0 to 10) and age (years) may be, so that each rule can hold that asks"""


@dataclass(frozen=True)
class Inquiry:
    """Result of the questions."""

    facts: Facts
    said: tuple[Said, ...] = ()
    unknown: tuple[Question, ...] = ()
    """asked twice, and not answered"""
    crisis: str = ""
    """the reply that told of a crisis; "" for none"""
    told: str = ""
    """the complaint as it was told"""
    another: str = ""
    """the reply that told of another person, which begins a new case; "" for none"""
    beside: str = ""
    """the answer to a question about a medicine, still to be said; "" for none"""


async def inquire(
    dialogue: Dialogue, facts: Facts, asked: Sequence[str], language: Language, *, lead: str = "", told: str = ""
) -> Inquiry:
    """Ask the open questions that would change the result.

    Args:
        dialogue: with the user.
        facts: what is known.
        asked: ids of the questions that were asked already.
        language: of the questions.
        lead: said before the first.
        told: the complaint as it was told, which says whom it is about.
    """
    found, done = Inquiry(facts, told=told), list(asked)
    while len(done) < QUESTIONS and not clear(found.facts) and (question := next_question(found.facts, done)):
        done.append(question.id)
        found, reading = await _ask(dialogue, found, question, f"{lead} {question.text(language)}".strip())
        lead = ""
        if found.another:
            break
        if reading != "answered" and not found.crisis and not clear(found.facts):
            why = _heard(question, found.said[-1].words) or reading
            again = f"{say(why, language)} {_again(question, found.facts, language)}"
            found, reading = await _ask(dialogue, found, question, again)
            if reading != "answered":
                found = replace(found, unknown=(*found.unknown, question))
        if found.crisis or found.another or any("self_harm" in each.asks for each in found.unknown):
            break
    return found


def _heard(question: Question, reply: str) -> str:
    """The phrase for what a reply tells instead of an answer; "" for nothing."""
    if says("corrects", plain(reply)):
        return "corrected"
    return "noted" if tells_something(question, reply) or says("side", plain(reply)) else ""


def _again(question: Question, facts: Facts, language: Language) -> str:
    """A question in simpler words; where part of it is answered, only the rest of it."""
    left = question.open_signs(facts)
    if question.kind == "yes_no" and 0 < len(left) < len(question.asks):
        return say("remaining", language, signs=names_of(left, language))
    return question.simple_text(language)


def _how_serious(question: Question, facts: Facts, language: Language) -> str:
    """Answers "is this serious?" while the questions are asked."""
    about = [each for each in (question, *questions()) if each.about & facts.present and each.open_signs(facts)]
    if not about:
        return say("serious_known", language)
    return say("serious", language, signs=names_of(about[0].open_signs(facts), language))


async def _ask(dialogue: Dialogue, found: Inquiry, question: Question, words: str) -> tuple[Inquiry, Reading]:
    """Ask one question, and answer what the user asks in turn."""
    asked = words
    if found.beside:
        asked, found = f"{found.beside}\n\n{words}", replace(found, beside="")
    for again in range(ASIDES, -1, -1):
        reply = await dialogue.ask(asked)
        found = replace(found, said=(*found.said, Said("answer", reply, words)))
        serious, rest = asks_how_serious(reply)
        if serious:
            told = _how_serious(question, found.facts, language_of(reply))
            says_more = tells_something(question, rest) or answered(found.facts, question, rest)[1] != "open"
            if says_more or not again:
                reply, found = rest, replace(found, beside=told)
                break
            asked = f"{told}\n\n{words}"
            continue
        about, rest = medicine_asked(reply)
        if not about:
            break
        whom = "pregnant" if found.facts.pregnant else "child" if (found.facts.age or GROWN[0]) < GROWN[0] else ""
        told = medication_question(Turn(text=about), whom).text
        if rest or not again:
            reply, found = rest, replace(found, beside=told)
            break
        asked = f"{told}\n\n{words}"
    said = found.said
    if alarm_of(reply) == "crisis_support":
        return replace(found, said=said, crisis=reply), "answered"
    if begins_another_case(found.told, reply):
        return replace(found, another=reply), "answered"
    reply = without_other_side(reply)
    facts, reading = answered(put_right(found.facts, found.told, reply), question, reply)
    return replace(found, facts=facts, said=said), reading


def clear(facts: Facts) -> bool:
    """Returns whether no further question is needed."""
    return level_of(matching(facts)) == "emergency" or "self_harm" in facts.present


def plainly_today(facts: Facts) -> bool:
    """Returns whether an account surely means a doctor today for an adult, whatever the other answers would be."""
    grown = facts.age is None or facts.age >= 16
    return grown and bool(facts.present & PLAIN) and not facts.present - PLAIN - BESIDE and not facts.pregnant


def level_unknown(facts: Facts, unknown: Sequence[Question], told: str) -> Level:
    """The gravest level that what is unknown may amount to, short of an emergency.

    Args:
        facts: what is known.
        unknown: the questions without an answer.
        told: the complaint as it was told; whoever speaks of themselves is no baby.
    """
    possible = [level_of(matching(each)) for question in unknown for each in _possible(facts, question, told)]
    worst = max(map(LEVELS.index, possible), default=0)
    return LEVELS[min(worst, LEVELS.index("urgent"))]


def _possible(facts: Facts, question: Question, told: str) -> Iterator[Facts]:
    if question.kind == "duration":
        yield from (replace(facts, hours=hours) for hours in DURATIONS)
    elif question.kind == "severity":
        yield from (replace(facts, severity=strength) for strength in STRENGTHS)
    elif question.kind == "age":
        yield from (replace(facts, age=age) for age in (GROWN if SPEAKER.search(told.lower()) else ANYBODY))
    else:
        yield facts.adding(question.adds)
        yield from (facts.adding([sign]) for sign in question.asks)
