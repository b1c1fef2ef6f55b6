"""“I don't understand”, “simpler”, “an example”, “more”: what was explained last, told in another way."""

from __future__ import annotations

import re

from assistant import Reply, Services, Turn

from .course import FILLER, Lesson, Section, find_lesson, sentences
from .wording import Language, say

__all__ = ["asks_again", "asks_example", "explain_again", "told_example"]

REMEMBERED = 8
"""turns that are looked back on"""
VAGUE = re.compile(
    r"\b(?:dont|do|not|didnt|cant|understand|understood|get|got|follow|lost|confus\w+|unclear|clear|still|again|once|more"
    r"|simpl\w+|easi\w+|plain\w*|short\w*|brief\w*|slow\w*|detail\w*|further|else|example|examples|instance|can|could|have|need|want|show|real|other|another|way"
    r"|different\w*|differently|too|hard|difficult|complicated|say|put|make|go|on|so|but|ok|okay|sorry|huh|be|would|like|im"
    r"|you|your|please|kid|child|five|years?|old|one|bit|little|no|yes|hm+)\b"
    r"|我|你|还|再|不|没|太|懂|明白|听|难|简单|容易|一点|点|举|个|例子|例|比如|多|说|讲|换|种|方式|次|遍|详细|吗|呢|了|能|可以",
    re.IGNORECASE,
)
EXAMPLE = re.compile(r"\bexamples?\b|\binstance\b|例|比如", re.IGNORECASE)
MORE = re.compile(r"\b(?:more|further|else|go on|details?)\b|多|详细|继续", re.IGNORECASE)
SHOWS = re.compile(r"\b(?:for example|such as|for instance|like a|imagine|if you|that is why)\b|\d", re.IGNORECASE)
TOLD = ("education.explain_concept", "education.define_term", "education.summarize_lesson", "education.quiz_me")


def asks_again(text: str) -> bool:
    """Whether words name no subject of their own, so that they are about what was said before."""
    bare = VAGUE.sub(" ", FILLER.sub(" ", text.replace("'", "").replace("’", "")))
    return not re.search(r"\w", bare)


async def explain_again(turn: Turn, language: Language, services: Services) -> Reply:
    """What was explained last, simpler, with an example, or further, as the words ask."""
    past = [each for each in await services.conversation(turn.session, REMEMBERED) if each.intent in TOLD]
    subject = next((each.text for each in reversed(past) if not asks_again(each.text)), "")
    lesson, section = await find_lesson(subject, services) if subject else (None, None)
    if lesson is None or section is None:
        return Reply(say("explain_what", language))
    if EXAMPLE.search(turn.utterance):
        return _example(lesson, section, subject, language)
    if language == "zh":
        return _told(sentences(lesson.told(language))[:2], lesson, language)
    shown = "\n".join(each.reply for each in past)
    rest = [each for each in lesson.sections if each.text not in shown]
    if MORE.search(turn.utterance) and rest:
        return _told([rest[0].text], lesson, language)
    return _simpler(section, lesson, language)


def asks_example(text: str) -> bool:
    """Whether words ask for an example of something that they name: "an example of osmosis", 渗透的例子."""
    return EXAMPLE_OF.search(text) is not None and not asks_again(text)


async def told_example(turn: Turn, language: Language, services: Services) -> Reply:
    """An example of what the words name, from the course, or that it has none."""
    lesson, section = await find_lesson(EXAMPLE_OF.sub(" ", turn.utterance), services)
    if lesson is None or section is None:
        return Reply(say("explain_what", language)).declined()
    return _example(lesson, section, turn.utterance, language)


EXAMPLE_OF = re.compile(
    r"\b(?:give|show|tell)(?: me| us)? (?:an?|another|one|some|a few) (?:real |good |simple )?examples?(?: of"
    r"| for)?\b|\bexamples? of\b|举(?:一?个|几个)?.{0,8}例子?|的例子",
    re.IGNORECASE,
)


def _example(lesson: Lesson, section: Section, subject: str, language: Language) -> Reply:
    """What the section of a subject shows by example, or that it shows none; never what another section does."""
    if language == "zh":
        named = [term.chinese for term in lesson.terms if term.chinese and term.chinese in subject]
        told = [each for each in sentences(lesson.told(language)) if any(name in each for name in named or [""])]
        shows = SHOWS_ZH
    else:
        told, shows = sentences(section.text), SHOWS
    fitting = [each for each in told if shows.search(each)]
    if fitting:
        return _told(fitting[:2], lesson, language)
    text = say("no_example", language, title=lesson.named(language))
    return Reply(f"{text}\n{say('from', language, source=lesson.source)}", speech=text, data={"file": lesson.source})


SHOWS_ZH = re.compile(r"例如|比如|譬如|好比|像.{1,8}(?:一样|那样)|所以.{2,20}会|\d")


def _simpler(section: Section, lesson: Lesson, language: Language) -> Reply:
    """The first sentence, and what the words in the section mean."""
    first = sentences(section.text)[0]
    plain = section.text.lower()
    terms = [term for term in lesson.terms if term.name.lower() in plain][:4]
    lines = [say("in_short", language, text=first), *(f"  {term.name}: {term.meaning}" for term in terms)]
    lines.append(say("say_more", language, title=lesson.named(language)))
    spoken = " ".join([first, *(f"{term.name}: {term.meaning}." for term in terms[:2])])
    return Reply("\n".join(lines), speech=spoken, data={"file": lesson.source, "section": section.title})


def _told(lines: list[str], lesson: Lesson, language: Language) -> Reply:
    text = " ".join(lines)
    return Reply(f"{text}\n{say('from', language, source=lesson.source)}", speech=text, data={"file": lesson.source})
