"""Handles what pupils say to a quiz question instead of an answer: questions, requests for help, other topics."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from assistant import Dialogue, Reply, Services, Turn

from .course import CheckQuestion, find_lesson, sentences
from .explaining import define_term, explained
from .finding import find_in_lecture
from .follow_ups import names_nothing
from .leaving import leaves, passes
from .wording import Language, say

__all__ = ["aside_of", "ask_until_answered"]

Aside = Literal["repeat", "help", "where", "meaning", "explain", "other"]

MOST = 8
"""asides to one question, after which the next words are its answer"""
KINDS: dict[Aside, re.Pattern[str]] = {
    "repeat": re.compile(
        r"\bquestion\b.*\b(?:again|was|mean)\b|\b(?:repeat|say|read)\b.*\b(?:question|that|it|again)\b"
        r"|^\W*(?:(?:ok(?:ay)?|please|and|so|now|好)\W*)*(?:go on|continue|carry on|back to the quiz|继续(?:考|吧"
        r"|答题)?)\W*$|再说一[遍次]|重复一?下?|问题是什么|什么问题|没听清",
        re.IGNORECASE,
    ),
    "help": re.compile(
        r"^\W*(?:please )?(?:help(?: me)?|(?:give me )?an? (?:hint|clue)|hint|帮帮?我|帮助|提示|给.{0,4}提示)\W*$",
        re.IGNORECASE,
    ),
    "where": re.compile(
        r"\b(?:lecture|recording|slide|handout|minute|page|video)\b|讲座|录音|幻灯片|讲义|第几", re.IGNORECASE
    ),
    "meaning": re.compile(r"\b(?:means?|meaning|defin\w+|stands? for)\b|是什么意思|定义|什么叫|什么是", re.IGNORECASE),
}
ASKS = re.compile(
    r"\W*(?:(?:and|but|so|ok|okay|wait|hm+|sorry|well|please)\W+)*(?:"
    r"(?:can|could|would|will) (?:you|i|we)\b|(?:explain|define|tell me|show me|summari[sz]e|repeat|remind|help)\b"
    r"|(?:what|where|who|why|how|when|which)(?:'s| (?:is|are|was|were|does|do|did|can|should|will|would)\b)"
    r"|(?:does|do|did|should|is there|are there)\b.*\?|(?:what|where|who|why|how|when|which)\b.*\?"
    r"|i (?:don'?t|do not|didn'?t) (?:understand|get) (?:the|this|your) question)",
    re.IGNORECASE,
)
ASKS_CHINESE = re.compile(
    r"(?:请|能不能|可以|你能)?(?:再?解释|讲讲|告诉我|说明|总结|给我讲)|.*(?:是什么意思|在哪里|第几[分页])"
    r"|(?:什么是|什么叫|为什么|怎么|哪里|谁|何时).*[？?]"
)
OWN = re.compile(
    r"\W*(?:i|i'?m|i'?ve|my)\b(?! *(?:think|thought|guess|believe|say|said|suppose|would|'?d|don'?t|do not|have no|know"
    r"|forgot|(?:a|')?m not sure|give up|remember|reckon|bet|answer|can'?t|cannot|understand|didn'?t|learn\w*)\b)"
    r"|我(?!觉得|想(?:是|应该|大概)|认为|猜|不|忘|没|记得|的答案|回答|知道)",
    re.IGNORECASE,
)


def aside_of(said: str) -> Aside | None:
    """Classifies an utterance at a quiz question that is no answer; returns None for an answer."""
    text = said.strip().replace("’", "'")
    found = next((kind for kind, pattern in KINDS.items() if pattern.search(text)), None)
    asks = bool(ASKS.match(text) or ASKS_CHINESE.match(text))
    if found in ("repeat", "help") and (asks or found == "help" or len(text.split()) <= 6):
        return found
    if asks:
        return found or "explain"
    return "other" if OWN.match(text) else None


async def ask_until_answered(
    question: CheckQuestion, before: str, turn: Turn, dialogue: Dialogue, services: Services, language: Language
) -> str:
    """Asks a quiz question, and answers questions about it, until it is answered.

    Args:
        question: what is asked.
        before: a sentence to say first, such as the mark of the last answer.
        turn: what began the quiz.
        dialogue: with the pupil.
        services: to look things up.
        language: of the quiz.
    """
    # An answer with one of these words is one even where it also looks like a request to another plugin.
    keys = [word for key in question.keys for word in key.split() if len(word) > 2] or [question.answer]
    lead = before
    for _ in range(MOST):
        spoken = f"{lead} {question.question}"
        said: str = await dialogue.ask(f"{lead}\n{question.question}", mentions=keys, speech=spoken)
        aside = aside_of(said)
        if aside is None or leaves(said) or passes(said):
            return said
        lead = await _served(aside, question, replace(turn, text=said, transcript=None), services, language)
    return str(await dialogue.ask(f"{lead}\n{question.question}"))


async def _served(aside: Aside, question: CheckQuestion, turn: Turn, services: Services, language: Language) -> str:
    """Returns the reply to an aside, before the question is asked again."""
    if aside in ("help", "other"):
        return say(f"quiz_aside_{aside}", language)
    if aside == "repeat":
        return say("quiz_aside_repeat", language)
    if names_nothing(turn.text):
        return await _explained(question, services, language)
    serve = {"where": find_in_lecture, "meaning": define_term}.get(aside, explained)
    reply: Reply = await serve(turn, services)
    return f"{reply.text}\n{say('quiz_aside_back', language)}"


async def _explained(question: CheckQuestion, services: Services, language: Language) -> str:
    """ "Explain that": the passage of the lesson that the question is about."""
    lesson, section = await find_lesson(f"{question.question} {question.answer}", services)
    if lesson is None or section is None:
        return say("quiz_aside_repeat", language)
    told: Sequence[str] = sentences(lesson.told(language) if language == "zh" else section.text)[:3]
    return f"{' '.join(told)}\n{say('quiz_aside_back', language)}"
