"""Quizzes over several turns, and marking answers."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from assistant import Dialogue, Reply, Services, Turn

from .course import FILLER, CheckQuestion, find_lesson, lessons, similarities
from .explaining import titles
from .wording import Language, language_of, say

__all__ = ["Mark", "grade_answer", "mark", "quiz_me"]

QUESTIONS = 3
RIGHT, PARTLY = 0.6, 0.35
STOP = re.compile(r"^\W*(?:stop|quit|exit|enough|cancel|no more|i give up|停|停止|不玩了|结束|退出)\W*$", re.IGNORECASE)
NO_IDEA = re.compile(r"^\W*(?:i )?(?:dont know|no idea|not sure|idk|pass|skip|不知道|不会|跳过)\W*$")


@dataclass(frozen=True)
class Mark:
    """How good an answer is."""

    score: float
    """0 to 1"""
    missing: tuple[str, ...]
    """key words the answer does not hold"""

    @property
    def verdict(self) -> str:
        """right, partly or wrong."""
        return "right" if self.score >= RIGHT else "partly" if self.score >= PARTLY else "wrong"


async def mark(question: CheckQuestion, answer: str, services: Services) -> Mark:
    """Mark an answer: half by how much it says the same as the model answer, half by its key words."""
    plain = answer.lower().replace("'", "")
    missing = tuple(key for key in question.keys if not _holds(plain, key))
    if not plain.strip() or NO_IDEA.match(plain):
        return Mark(0.0, missing)
    covered = 1 - len(missing) / len(question.keys)
    (alike,) = await similarities(answer, [question.answer], services)
    # A cosine of 0.35 is what two unrelated sentences on one subject have, 0.85 what paraphrases reach.
    same = min(max((alike - 0.35) / 0.5, 0.0), 1.0)
    # All key words in few words is right, whatever sentence they stand in; so is the same thing in other words.
    return Mark(max(0.5 * covered + 0.5 * same, 0.65 * (covered == 1.0), 0.9 * same), missing)


def _holds(answer: str, key: str) -> bool:
    """Whether an answer holds a key word, in any of its forms."""
    if re.search(r"[\d^]", key):
        return key.replace(" ", "") in answer.replace(" ", "").replace("**", "^").replace("²", "^2").replace("*", "")
    return all(re.search(rf"\b{re.escape(word[: max(4, len(word) - 2)])}", answer) for word in key.split())


async def quiz_me(turn: Turn, dialogue: Dialogue, services: Services, topic: str = "") -> Reply:
    """Ask a few questions on a lesson and mark the answers."""
    language = language_of(turn.utterance)
    wanted = f"{turn.utterance} {topic}"
    asked = bool("".join(FILLER.sub(" ", wanted).split()))
    lesson, _ = await find_lesson(wanted, services) if asked else (None, None)
    # The turn's id picks, not chance: a dialogue that goes on after a crash must ask the same questions.
    draw = int(hashlib.sha256(turn.id.encode()).hexdigest(), 16)
    chosen = lesson or lessons()[draw % len(lessons())]
    feedback = say("quiz_start", language, title=chosen.also[0] if language == "zh" else chosen.title)
    right = 0
    given = 0
    for question in chosen.questions[:QUESTIONS]:
        answer = await dialogue.ask(f"{feedback}\n{question.question}", speech=f"{feedback} {question.question}")
        if STOP.match(answer):
            break
        given += 1
        result = await mark(question, answer, services)
        right += result.verdict == "right"
        feedback = _feedback(result, question, language)
    end = say("quiz_end", language, right=right, asked=given) if given else say("quiz_stopped", language)
    source = say("from", language, source=chosen.source)
    return Reply(f"{feedback}\n{end} {source}" if given else end, speech=end)


def _feedback(result: Mark, question: CheckQuestion, language: Language) -> str:
    return say(f"quiz_{result.verdict}", language, answer=question.answer)


PAIR = re.compile(
    r"(?:question|q)\s*[:：]\s*(?P<question>.+?)\s*(?:my )?(?:answer|a)\s*[:：]\s*(?P<answer>.+)"
    r"|问题\s*[:：]\s*(?P<wenti>.+?)\s*(?:我的)?(?:答案|回答)\s*[:：]\s*(?P<daan>.+)",
    re.IGNORECASE | re.DOTALL,
)
CLAIM = re.compile(
    r"(?:answer(?: about \w+)?\s*[:：]|i (?:wrote|said|answered)(?: that)?|right that|is it (?:correct|true) that)"
    r"\s*(?P<claim>.+?)(?:[,.]? (?:is (?:that|it|this) (?:right|correct|ok)|right|correct))?\W*$"
    r"|(?:答案|我写的)\s*(?:是|[:：])\s*(?P<zh>.+)",
    re.IGNORECASE | re.DOTALL,
)


async def grade_answer(turn: Turn, dialogue: Dialogue, services: Services, topic: str = "") -> Reply:
    """Mark an answer to a question of the course and say what is missing."""
    language = language_of(turn.utterance)
    about, answer = _told(turn.utterance)
    if not answer:
        about = about or await dialogue.ask(say("grade_which", language, titles=titles(language)))
        answer = await dialogue.ask(say("grade_answer", language))
    question = await _question_for(about or answer, answer, services)
    if question is None:
        return Reply(say("grade_unknown", language, titles=titles(language)))
    result = await mark(question, answer, services)
    parts = [say("grade_question", language, question=question.question)]
    parts.append(say(f"grade_{result.verdict}", language, answer=question.answer))
    if result.missing and result.verdict != "right":
        parts.append(say("grade_missing", language, words=", ".join(result.missing)))
    parts.append(say("from", language, source=question.source))
    return Reply("\n".join(parts), speech=say(f"grade_{result.verdict}", language, answer=question.answer))


def _told(text: str) -> tuple[str, str]:
    """The question and the answer a text holds, each "" when it is not there."""
    if pair := PAIR.search(text):
        return (pair["question"] or pair["wenti"]).strip(), (pair["answer"] or pair["daan"]).strip()
    if claim := CLAIM.search(text):
        return "", (claim["claim"] or claim["zh"] or "").strip()
    return "", ""


async def _question_for(about: str, answer: str, services: Services) -> CheckQuestion | None:
    """The question of the course that fits best to what was asked or answered; None when none fits."""
    every = [question for lesson in lessons() for question in lesson.questions]
    asked = await similarities(about, [question.question for question in every], services)
    said = await similarities(answer, [question.answer for question in every], services)
    scores = [max(one, two) for one, two in zip(asked, said, strict=True)]
    best = max(range(len(every)), key=lambda place: scores[place])
    return every[best] if scores[best] >= 0.45 else None
