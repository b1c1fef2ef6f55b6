"""Explains and summarises lessons, and looks up terms."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant import AssistantError, Dialogue, Reply, Services, Turn

from .course import (
    FILLER,
    Lesson,
    Section,
    find_lesson,
    find_term,
    lessons,
    names_term,
    names_topic,
    sentences,
    stems,
    titled,
)
from .finding import Hit, see_also
from .follow_ups import (
    QUESTION,
    Told,
    asks_example,
    explain_again,
    last_told,
    names_nothing,
    passed_on,
    points_back,
    told_example,
    told_further,
)
from .wording import Language, language_of, say

__all__ = [
    "asks_both",
    "central_sentences",
    "define_if_term",
    "define_term",
    "explain_concept",
    "explained",
    "explained_in",
    "not_covered",
    "summarize_lesson",
]

LISTS = re.compile(
    r"\b(?:list|which|what|show)\b.{0,24}\b(?:lessons|courses|topics|subjects)\b(?!.*\b(?:on|about|in)\b)"
    r"|(?:有|学)(?:哪些|什么|些什么)(?:课|主题|科目|内容)|(?:课程|主题)有哪些|列出.{0,4}课程",
    re.IGNORECASE,
)
"""asks what the course has"""
DEFINES = re.compile(r"\W*(?:so |and )?what(?:'s|’s| is| are) (?:an? |the )?[\w' -]{2,30}\W*", re.IGNORECASE)
"""a question that wants a sentence first"""
DEFINES_ZH = re.compile(
    r"(?:请问|那|所以)?(?:什么|啥)(?:是|叫做?)[\u4e00-\u9fffA-Z]{2,8}[？?]?|[\u4e00-\u9fffA-Z]{2,8}(?:到底)?是(?:什么|啥)(?:意思|东西)?[？?]?"
)
SURE = 0.7
"""score from which a passage answers where no lesson does, whatever its words"""
SUMMARY = 4
"""sentences of a summary"""


async def explain_concept(turn: Turn, dialogue: Dialogue, services: Services, topic: str = "") -> Reply:
    """Explain something from the course, and name the lesson."""
    told = await explained(turn, services, topic)
    _JUST[turn.session] = (turn.id, str(told.data.get("file", "")))
    while len(_JUST) > MOST_JUST:
        del _JUST[next(iter(_JUST))]
    if QUIZ.search(turn.utterance) and told.data.get("file"):  # "explain density, then ask me about it"
        from .quizzing import quiz_me  # it explains, too

        return await quiz_me(turn, dialogue, services, topic, lead=told.text, source=str(told.data["file"]))
    return told


_JUST: dict[str, tuple[str, str]] = {}
"""session → the turn that explained something last, and the file of its lesson"""
MOST_JUST = 100
"""sessions of which that is kept"""


def explained_in(turn: Turn) -> str:
    """The file of the lesson that an earlier request of the same turn explained; "" for none.

    "Explain density, then quiz me" may come as two requests, and what a turn told is kept only at its end.
    """
    turn_id, source = _JUST.get(turn.session, ("", ""))
    return source if turn_id == turn.id else ""


EXPLAINS = re.compile(
    r"\b(?:explain|tell (?:me|us)|teach|describe|what (?:is|are|does)|how does)\b|解释|讲|说说|什么是|是什么|介绍",
    re.IGNORECASE,
)


def asks_both(text: str) -> bool:
    """Returns whether the text asks for an explanation followed by a quiz on it."""
    quiz = QUIZ.search(text)
    return quiz is not None and EXPLAINS.search(text[: quiz.start()]) is not None


QUIZ = re.compile(
    r"\b(?:quiz|test|ask|examine) me\b(?: questions)?|\bput me to the test\b|\bgive me (?:an?|some"
    r"|one) (?:questions?|quiz|tests?)\b|考考?我|(?:出|来|给)(?:我)?(?:几|一|两|三)?(?:道|个)?题",
    re.IGNORECASE,
)
"""asks for questions behind the explanation"""


async def explained(turn: Turn, services: Services, topic: str = "") -> Reply:
    """Explains a topic from the course, with the lesson's name."""
    language = language_of(turn.utterance)
    if asks_example(turn.utterance):
        return await told_example(turn, language, services)
    if names_nothing(f"{turn.utterance} {topic}"):
        return await explain_again(turn, language, services)
    if LISTS.search(turn.utterance):
        return Reply(say("course_has", language, titles=titles(language, services)))
    if points_back(turn.utterance) and not names_topic(f"{turn.utterance} {topic}", services):
        told = await last_told(turn, services, 1)
        if told is not None:
            return await told_further(turn, told, language, services)
    lesson, section = await find_lesson(turn.utterance or topic, services)
    also, hits = await see_also(turn.utterance or topic, language, services)
    if lesson is None or section is None:
        return _from_passages(hits, language) if hits and _is_about(hits[0], turn) else not_covered(language, services)
    if language == "zh":
        told = await last_told(turn, services, 1)
        if told is not None and told.lesson is lesson and QUESTION.match(turn.utterance):
            return await told_further(turn, told, language, services)  # it was told as a whole
        term = next((each for each in lesson.terms if names_term(each, turn.utterance)), None)
        if term is not None and not titled(turn.utterance, lesson):
            of_it = [each for each in sentences(lesson.told(language)) if term.chinese in each]
            if of_it:
                return passed_on(of_it, Told(lesson, lesson.sections[0], term), language)
        return Reply(
            f"{lesson.told(language)}\n{say('from', language, source=lesson.source)}" + (f"\n{also}" if also else ""),
            speech=sentences(lesson.told(language))[0],
            data={"file": lesson.source, "see_also": [hit.passage.to_json() for hit in hits]},
        ).about(lesson.named(language))
    entry = await find_term(turn.utterance, services) if DEFINES.fullmatch(turn.utterance) else None
    parts = [f"{entry.name}: {entry.meaning}." if entry else "", section.text]
    more = [s.title for s in lesson.sections if s is not section]
    parts.append(say("from", language, source=lesson.source) + " " + say("more", language, titles=", ".join(more)))
    return Reply(
        "\n".join(filter(None, [*parts, also])),
        speech=parts[0] or " ".join(sentences(section.text)[:2]),
        data={"file": lesson.source, "section": section.title}
        | ({"term": entry.name} if entry else {})
        | {"see_also": [hit.passage.to_json() for hit in hits]},
    ).about(lesson.named(language))


def _is_about(hit: Hit, turn: Turn) -> bool:
    """Returns whether a passage surely answers a question: by meaning, or by holding all of its words ("chess" too)."""
    asked = stems(FILLER.sub(" ", turn.utterance.replace("'", "")))
    if not asked:  # Chinese: no word can be shared with an English passage, so its meaning must do
        return True
    return hit.score >= SURE or asked <= stems(hit.passage.text)


def _from_passages(hits: Sequence[Hit], language: Language) -> Reply:
    """Answers from a slide, a handout or a lecture when no lesson covers the topic."""
    best = hits[0].passage
    text = say("course_says", language, where=best.where(language), text=best.text)
    return Reply(text, speech=best.text, data={**best.to_json(), "see_also": [h.passage.to_json() for h in hits[1:3]]})


async def define_term(turn: Turn, services: Services, term: str = "") -> Reply:
    """Define a term of the course in a sentence."""
    language = language_of(turn.utterance)
    entry = await find_term(f"{turn.utterance} {term}", services)
    if entry is None:
        lesson, section = await find_lesson(turn.utterance or term, services)
        if lesson is None or section is None:
            return not_covered(language, services)
        return _near_definition(lesson, section, language)
    if language == "zh":
        meaning = next(
            (s for s in sentences(_lesson(entry.source, services).chinese) if entry.chinese in s), entry.meaning
        )
        text = f"{entry.chinese}（{entry.name}）：{meaning}"
    else:
        text = f"{entry.name}: {entry.meaning}."
    data = {"file": entry.source, "term": entry.name}
    return Reply(f"{text}\n{say('from', language, source=entry.source)}", speech=text, data=data)


async def define_if_term(turn: Turn, services: Services) -> Reply | None:
    """The meaning of a term of the course that a short question asks for; None for any other words."""
    if turn.images or not (DEFINES.fullmatch(turn.utterance) or DEFINES_ZH.fullmatch(turn.utterance.strip())):
        return None
    named = any(names_term(term, turn.utterance) for each in lessons(services) for term in each.terms)
    return await define_term(turn, services) if named else None


def _near_definition(lesson: Lesson, section: Section, language: Language) -> Reply:
    text = sentences(lesson.told(language) if language == "zh" else section.text)[0]
    lead = say("no_entry", language, title=lesson.title)
    data = {"file": lesson.source, "section": section.title}
    return Reply(f"{lead}\n{text}\n{say('from', language, source=lesson.source)}", speech=text, data=data)


def _lesson(source: str, services: Services) -> Lesson:
    return next(lesson for lesson in lessons(services) if lesson.source == source)


async def summarize_lesson(turn: Turn, dialogue: Dialogue, services: Services, topic: str = "") -> Reply:
    """Sum up a lesson in its own most telling sentences."""
    language = language_of(turn.utterance)
    if LISTS.search(turn.utterance):
        return Reply(say("course_has", language, titles=titles(language, services)))
    lesson, _ = (
        await find_lesson(f"{turn.utterance} {topic}", services) if _names_topic(turn.utterance) else (None, None)
    )
    if lesson is None and not _names_topic(turn.utterance):
        answer = await dialogue.ask(say("which_lesson", language, titles=titles(language, services)))
        lesson, _ = await find_lesson(answer, services)
    if lesson is None:
        return not_covered(language, services)
    if language == "zh":
        lines = sentences(lesson.told(language))[:SUMMARY]
    else:
        lines = await central_sentences([sentences(section.text) for section in lesson.sections], services)
    text = "\n".join(
        [f"{lesson.named(language)}:", *(f"- {line}" for line in lines), say("from", language, source=lesson.source)]
    )
    return Reply(text, speech=" ".join(lines[:2]), data={"file": lesson.source})


def _names_topic(text: str) -> bool:
    """Returns whether a request names a topic besides the request itself."""
    return bool("".join(FILLER.sub(" ", text).split()).strip(".!?,。？！"))


POINTS_BACK = re.compile(
    r"(?:It|They|This|That|These|There|Their|Above it|Below|As a rule|In it|In short|So|But|Under)\b"
)


async def central_sentences(groups: Sequence[Sequence[str]], services: Services) -> list[str]:
    """The most telling sentence of each group, in order, at most `SUMMARY`.

    Telling is what is like the whole text and unlike what was already picked (maximal marginal relevance,
    Carbonell and Goldstein, SIGIR 1998); without sentence vectors it is the first one.
    """
    try:
        vectors = await services.encode_text([sentence for group in groups for sentence in group])
    except AssistantError:
        return [group[0] for group in groups][:SUMMARY]
    flat = [sentence for group in groups for sentence in group]
    centre = vectors.mean(axis=0)
    picked: list[int] = []
    start = 0
    for group in groups:
        worth = []
        for place in range(start, start + len(group)):
            likeness = [float(vectors[place] @ vectors[other]) for other in picked]
            # A section's first sentence says what it is about, and one that points back says nothing alone.
            lead = 0.12 * (place == start) - 0.3 * bool(POINTS_BACK.match(flat[place]))
            worth.append(float(vectors[place] @ centre) + lead - 0.3 * max(likeness, default=0.0))
        picked.append(start + max(range(len(group)), key=lambda i: worth[i]))
        start += len(group)
    return [flat[place] for place in picked[:SUMMARY]]


def titles(language: Language, services: Services) -> str:
    """The titles of all lessons."""
    return ("、" if language == "zh" else ", ").join(lesson.named(language) for lesson in lessons(services))


def not_covered(language: Language, services: Services) -> Reply:
    """Says that the course does not cover a topic, so that another plugin may answer instead."""
    return Reply(
        say("not_covered", language, titles=titles(language, services)), speech=say("not_covered_speech", language)
    ).declined()
