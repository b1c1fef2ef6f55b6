"""Explains the last topic in another way: “I don't understand”, “simpler”, “an example”, “why is that?”."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant import Exchange, Reply, Services, Turn

from .course import FILLER, Lesson, Section, Term, find_lesson, lessons, names_term, sentences, similarities, stems
from .wording import Language, say

__all__ = [
    "Told",
    "asks_example",
    "explain_again",
    "last_told",
    "names_nothing",
    "passed_on",
    "points_back",
    "told_example",
    "told_further",
    "wants_it_told",
]

REMEMBERED = 8
"""turns that are looked back on"""
VAGUE = re.compile(
    r"\b(?:dont|do|not|didnt|cant|understand|understood|get|got|follow|lost|confus\w+|unclear|clear\w*|still"
    r"|again|once|more"
    r"|simpl\w+|easi\w+|plain\w*|short\w*|brief\w*|slow\w*|detail\w*|further|else|example|examples|instance|can"
    r"|could|have"
    r"|need|want|show|real|other|another|way|re(?:phrase|word)|mean|different\w*|differently|too|very|hard|difficult"
    r"|complicated|say|put|make|go|on|so|but|ok|okay|sorry|huh|be|would|like|im|using|fewer|let"
    r"|you|your|please|kid|child|five|years?|old|one|bit|little|no|yes|hm+|now|then|thanks?)\b"
    r"|举例|例子|例如|比如|[你您我再还不没太懂明白听难简单容易点些举个多说讲换种方式次遍详细清楚吗呢了能可以得吧呀啊嘛"
    r"通俗短慢别句话一人样这那它帮忙麻烦能否下要想意思法]",
    re.IGNORECASE,
)
EXAMPLE = re.compile(r"\bexamples?\b|\binstance\b|例|比如", re.IGNORECASE)
MORE = re.compile(
    r"\b(?:more(?! (?:simpl|slow|clear|plain|brief))|further|else|go on|details?)\b|多[讲说]|详细|继续", re.IGNORECASE
)
MANNER = re.compile(
    r"\b(?:simpl|eas(?:y|ier)|plain|short|brief|slow|clear|detail|other words|another way|different|re(?:phrase"
    r"|word)|confus|(?:don'?t|didn'?t|not) (?:really |quite )?(?:get|got|understand|follow)|lost|what do you mean)"
    r"|简单|容易|通俗|[短慢懂]|明白|详细|清楚|人话|白话|换[个种句]",
    re.IGNORECASE,
)
"""asks for an explanation in another way, not only a repetition"""
SHOWS = re.compile(r"\b(?:for example|such as|for instance|like a|imagine|if you|that is why)\b|\d", re.IGNORECASE)
POINTS = re.compile(r"\b(?:it|its|that|this|they|them|those|these|there)\b|[它这那]", re.IGNORECASE)
QUESTION = re.compile(
    r"\W*(?:(?:and|but|so|ok|okay|then)\W+)*(?:why|how|where|when|what|which|who|does|do|is|are|can)\b"
    r"|.*(?:为什么|为啥|怎么|哪|什么|吗|呢|多少)",
    re.IGNORECASE,
)
TOLD = ("education.explain_concept", "education.define_term", "education.summarize_lesson", "education.quiz_me")


@dataclass(frozen=True)
class Told:
    """The part of the course that was explained last."""

    lesson: Lesson
    section: Section
    term: Term | None = None
    """that was defined"""


def names_nothing(text: str) -> bool:
    """Returns whether the text names no topic, so that it continues the one before."""
    return not re.search(r"\w", VAGUE.sub(" ", FILLER.sub(" ", text.replace("'", "").replace("’", ""))))


def wants_it_told(text: str, before: Sequence[Exchange]) -> bool:
    """Returns whether the text wants the last explanation in other words: "can you say that more simply"."""
    explained = bool(before) and (before[-1].intent in TOLD[:3] or "term" in before[-1].data)
    wanted = MANNER.search(text) or EXAMPLE.search(text) or MORE.search(text)
    return explained and bool(wanted) and names_nothing(text)


def points_back(text: str) -> bool:
    """Returns whether a question is about "it" or "that": "why does it matter?"."""
    return bool(QUESTION.match(text) and POINTS.search(text))


async def last_told(turn: Turn, services: Services, last: int = REMEMBERED) -> Told | None:
    """Returns the part of the course explained in the last answers; None if there is none."""
    for exchange in reversed(await services.conversation(turn.session, last)):
        parts: list[Mapping[str, Any]] = [exchange.data, *exchange.data.get("parts", ())]
        for data in reversed(parts):
            lesson = next((each for each in lessons(services) if each.source == data.get("file")), None)
            if lesson is not None:
                return _told_of(lesson, data)
        if exchange.intent in TOLD[:3] and not names_nothing(exchange.text):
            lesson, section = await find_lesson(exchange.text, services)
            if lesson is not None and section is not None:
                return Told(lesson, section)
    return None


def _told_of(lesson: Lesson, data: Mapping[str, Any]) -> Told:
    term = next((each for each in lesson.terms if each.name == data.get("term")), None)
    section = next((each for each in lesson.sections if each.title == data.get("section")), None)
    if section is None and term is not None:
        section = next((each for each in lesson.sections if term.name.lower() in each.text.lower()), None)
        meant = stems(term.meaning)
        section = section or max(lesson.sections, key=lambda each: len(meant & stems(f"{each.title} {each.text}")))
    return Told(lesson, section or lesson.sections[0], term)


async def explain_again(turn: Turn, language: Language, services: Services) -> Reply:
    """Explains the last topic more simply, with an example, or further, as requested."""
    told = await last_told(turn, services)
    if told is None:
        return Reply(say("explain_what", language))
    past = await services.conversation(turn.session, REMEMBERED)
    shown = "\n".join(each.reply for each in past)
    if EXAMPLE.search(turn.utterance):
        return _example(told, language)
    every = sentences(told.lesson.chinese) if language == "zh" else [each.text for each in told.lesson.sections]
    rest = [each for each in every if each not in shown]
    if MORE.search(turn.utterance) and rest:
        return passed_on(rest[:1], told, language)
    again = _simpler(told, language)
    if past and again.text in past[-1].reply:
        text = say("no_simpler", language, title=told.lesson.named(language))
        return _from(text, text, told, language, source=False)
    return again


async def told_further(turn: Turn, told: Told, language: Language, services: Services) -> Reply:
    """Answers a question about the last lesson from that lesson: "and where does that happen?"."""
    lesson = told.lesson
    if language == "zh":
        every = sentences(lesson.told(language))
        likeness = await similarities(turn.utterance, every, services)
        return passed_on([every[likeness.index(max(likeness))]], told, language)
    likeness = await similarities(turn.utterance, [f"{each.title}. {each.text}" for each in lesson.sections], services)
    section = lesson.sections[likeness.index(max(likeness))]
    return passed_on([section.text], Told(lesson, section, told.term), language)


def asks_example(text: str) -> bool:
    """Returns whether the text asks for an example of a named topic: "an example of osmosis", 渗透的例子."""
    return EXAMPLE_OF.search(text) is not None and not names_nothing(text)


async def told_example(turn: Turn, language: Language, services: Services) -> Reply:
    """An example of what the words name, from the course, or that it has none."""
    lesson, section = await find_lesson(EXAMPLE_OF.sub(" ", turn.utterance), services)
    if lesson is None or section is None:
        return Reply(say("explain_what", language)).declined()
    term = next((each for each in lesson.terms if names_term(each, turn.utterance)), None)
    return _example(Told(lesson, section, term), language)


EXAMPLE_OF = re.compile(
    r"\b(?:give|show|tell)(?: me| us)? (?:an?|another|one|some|a few) (?:real |good |simple )?examples?(?: of"
    r"| for)?\b|\bexamples? of\b|举(?:一?个|几个)?.{0,8}例子?|的例子",
    re.IGNORECASE,
)


def _example(told: Told, language: Language) -> Reply:
    """Returns the example of the explained section, or says that it has none; never one of another section."""
    if language == "zh":
        named = told.term.chinese if told.term else ""
        every = [each for each in sentences(told.lesson.told(language)) if named in each]
    else:
        every = sentences(told.section.text)
    fitting = [each for each in every if (SHOWS_ZH if language == "zh" else SHOWS).search(each)]
    if fitting:
        return passed_on(fitting[:2], told, language)
    text = say("no_example", language, title=told.lesson.named(language))
    return _from(text, text, told, language)


SHOWS_ZH = re.compile(r"例如|比如|譬如|好比|像.{1,8}(?:一样|那样)|所以.{2,20}会|\d")


def _simpler(told: Told, language: Language) -> Reply:
    """The first sentence, and what the words in the section mean; in Chinese the clause that says it."""
    lesson, section, term = told.lesson, told.section, told.term
    more = say("say_more", language, title=lesson.named(language))
    if language == "zh":
        every = [each.strip("。；") for each in re.split(r"(?<=[。；])", lesson.told(language)) if each.strip()]
        first = next((each for each in every if term and term.chinese and term.chinese in each), every[0])
        line = say("in_short", language, text=f"{first}。")
        return _from(f"{line}\n{more}", line, told, language, source=False)
    first = sentences(section.text)[0]
    if term is not None:
        first = next((each for each in sentences(section.text) if term.name.lower() in each.lower()), first)
    plain = section.text.lower()
    terms = [each for each in lesson.terms if each.name.lower() in plain and each is not term][:4]
    lines = [say("in_short", language, text=first), *(f"  {each.name}: {each.meaning}" for each in terms), more]
    spoken = " ".join([first, *(f"{each.name}: {each.meaning}." for each in terms[:2])])
    return _from("\n".join(lines), spoken, told, language, source=False)


def passed_on(lines: Sequence[str], told: Told, language: Language) -> Reply:
    """Joins lines of a lesson with its name."""
    text = " ".join(lines)
    return _from(text, text, told, language)


def _from(text: str, speech: str, told: Told, language: Language, *, source: bool = True) -> Reply:
    """A reply that keeps what it is about, so that the next words may go on from it."""
    data = {"file": told.lesson.source, "section": told.section.title}
    data |= {"term": told.term.name} if told.term else {}
    whole = f"{text}\n{say('from', language, source=told.lesson.source)}" if source else text
    return Reply(whole, speech=speech, data=data).about(told.lesson.named(language))
