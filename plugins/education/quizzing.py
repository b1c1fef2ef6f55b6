"""Quizzes over several turns, and marking answers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from assistant import Dialogue, Reply, Services, Turn

from .course import CheckQuestion, Lesson, find_lesson, lessons, questions_of, similarities
from .explaining import QUIZ, explained_in, titles
from .follow_ups import last_told, names_nothing
from .leaving import leaves, passes
from .quiz_remarks import ask_until_answered
from .reviewing import Reviews
from .wording import Language, language_of, say

__all__ = ["Mark", "asks_quiz", "grade_answer", "mark", "quiz_me"]

QUESTIONS = 3
RIGHT, PARTLY = 0.6, 0.35


@dataclass(frozen=True)
class Mark:
    """Mark of an answer."""

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
    plain = _spelt_out(answer.lower().replace("'", ""))
    missing = tuple(key for key in question.keys if not _holds(plain, key))
    if not plain.strip() or passes(plain):
        return Mark(0.0, missing)
    (alike,) = await similarities(answer, [question.answer], services)
    # A cosine of 0.35 is what two unrelated sentences on one subject have, 0.85 what paraphrases reach.
    same = min(max((alike - 0.35) / 0.5, 0.0), 1.0)
    if not question.keys:
        return Mark(max(same, _shared(question, answer)), ())
    if language_of(answer) != language_of(question.answer):
        # Key words say nothing about another language, and paraphrases across languages reach 0.73.
        return Mark(min(same * 0.5 / 0.38, 1.0), ())
    covered = 1 - len(missing) / len(question.keys)
    if missing and _lists(question):
        # Of several things that are wanted, some are a part of the answer, however alike the sentences are.
        return Mark(PARTLY * (covered > 0), missing)
    if any(FORMULA.search(key) for key in missing):
        # A formula is right or wrong, however like another it looks; but one of several, such as the year of a date,
        # is a part of the answer.
        return Mark(PARTLY * (covered > 0), missing)
    # All key words in few words is right, whatever sentence they stand in; so is the same thing in other words;
    # and one key word is a part of the answer.
    part = max(0.65 * (covered == 1.0), PARTLY * (covered > 0))
    return Mark(max(0.5 * covered + 0.5 * same, part, 0.9 * same), missing)


def _shared(question: CheckQuestion, answer: str) -> float:
    """Returns the share of a Chinese definition's character pairs that an answer holds, 0 to 1."""
    if not (named := re.match(r"“(.+?)”", question.question)):
        return 0.0
    clause = next((each for each in re.split(r"[。；]", question.answer) if named[1] in each), "")
    told = re.findall(r"(?=([\u4e00-\u9fff]{2}))", clause.partition("（")[0].replace(named[1], ""))
    return sum(pair in answer for pair in told) / len(told) if told else 0.0


def _lists(question: CheckQuestion) -> bool:
    """Returns whether the answer is a list with all things required: "light, water and carbon dioxide"."""
    listed = re.search(r"[^,]+, [^,]+ and [^,]+", question.answer) is not None
    return listed and len(question.keys) >= 3


FORMULA = re.compile(r"[\d^]")
SUBSTANCES = {"co2": "carbon dioxide", "h2o": "water", "o2": "oxygen"}


def _spelt_out(answer: str) -> str:
    """Replaces formulas in an answer by the names of substances."""
    return re.sub(r"\b(?:co2|h2o|o2)\b", lambda found: SUBSTANCES[found[0]], answer)


def _holds(answer: str, key: str) -> bool:
    """Returns whether an answer holds a key word in any of its forms."""
    if re.fullmatch(r"\d+ [a-z]{3,}", key):  # "14 july", also as "July 14th"
        return all(re.search(rf"\b{word}(?:st|nd|rd|th)?\b", answer) for word in key.split())
    if FORMULA.search(key):
        return key.replace(" ", "") in answer.replace(" ", "").replace("**", "^").replace("²", "^2").replace("*", "")
    return all(re.search(_start_of(word), answer) for word in key.split())


def _start_of(word: str) -> str:
    """A pattern for a word in any of its forms; a long one may be a part of another, as "light" of "sunlight"."""
    edge = "" if len(word) > 4 else r"\b"
    return edge + re.escape(word[: max(4, len(word) - 2)])


QUIZZES = re.compile(
    r"\W*(?:(?:please|can you|could you|just)\s+)*(?:quiz me|test me on|ask me (?:a few|some|three"
    r"|\d) questions (?:on|about)|give me (?:a few|some|three|\d) (?:practice |quiz )?questions (?:on"
    r"|about))\b(?!.*\b(?:timer|alarm|remind)).{0,40}|(?:请|你|来|再|快|那)*考(?:一下|考|一考)?我(?:一下"
    r"|[一几]道题?)?(?!.*[吗？?]).{0,12}|(?:请|你|再|快|那|给我|帮我)*出(?:几|一|两|三|点)?(?:道"
    r"|个)?(?:关于)?[^，,。吗？?]{1,10}的(?:题目?|练习题?|测验)(?:考考?我|吧)?",
    re.IGNORECASE,
)


def asks_quiz(text: str) -> bool:
    """Returns whether a sentence surely asks only for a quiz."""
    return QUIZZES.fullmatch(text.strip()) is not None


async def quiz_me(
    turn: Turn, dialogue: Dialogue, services: Services, topic: str = "", *, lead: str = "", source: str = ""
) -> Reply:
    """Ask a few questions on a lesson, or those that are due to be repeated, and mark the answers.

    Args:
        lead: what to say before the first question.
        source: file of the lesson that the questions are on; "" for the one that the words name.
    """
    language = language_of(turn.utterance)
    reviews, today = Reviews(services.data_dir), datetime.fromtimestamp(turn.at).date()
    source = source or explained_in(turn)
    lesson = next((each for each in lessons(services) if each.source == source), None)
    lesson = lesson or await _wanted_lesson(turn, topic, services)
    known = {each.question: each for one in lessons(services) for each in questions_of(one, language)}
    # What is due depends on the day: a dialogue that goes on after a crash must ask the same questions.
    title, names = await dialogue.once("questions", lambda: _drawn(turn, lesson, language, reviews, today, services))
    asked = [known[name] for name in names if name in known]
    if not asked:
        return Reply(say("quiz_no_questions", language))
    feedback = say("quiz_start", language, title=title) if title else say("quiz_review", language)
    feedback = f"{lead}\n\n{feedback}" if lead else feedback
    marks: list[tuple[str, str]] = []
    for place, question in enumerate(asked):
        answer = await ask_until_answered(question, feedback, turn, dialogue, services, language)
        if leaves(answer):
            feedback = ""
            break
        result = await mark(question, answer, services)
        due = await dialogue.once(
            f"mark:{place}", partial(_noted, reviews, f"{dialogue.id}:{turn.id}:{place}", question, result, today)
        )
        marks.append((result.verdict, due))
        at_a_loss = passes(answer)
        feedback = (
            say("quiz_told", language, answer=question.answer) if at_a_loss else _feedback(result, question, language)
        )
    return _score(feedback, marks, asked, language, today)


async def _wanted_lesson(turn: Turn, topic: str, services: Services) -> Lesson | None:
    """The lesson that words name, else the one that was explained just now; None for neither."""
    wanted = f"{turn.utterance} {topic}"
    if not names_nothing(QUIZ.sub(" ", wanted)):
        return (await find_lesson(wanted, services))[0]
    told = await last_told(turn, services, 3)
    return told.lesson if told is not None else None


def _drawn(
    turn: Turn, lesson: Lesson | None, language: Language, reviews: Reviews, today: date, services: Services
) -> list[Any]:
    """The title of the lesson ("" for a review of several) and the questions: those due first, then new ones."""
    every = lessons(services)
    if lesson is None and (
        due := reviews.due([q.question for each in every for q in questions_of(each, language)], today)
    ):
        return ["", due[:QUESTIONS]]
    able = [each for each in every if questions_of(each, language)]
    if lesson is None and not able:
        return ["", []]
    # The turn's id picks, not chance: a second request gets another lesson, a replay the same one.
    chosen = lesson or able[int(hashlib.sha256(turn.id.encode()).hexdigest(), 16) % len(able)]
    names = [question.question for question in questions_of(chosen, language)]
    due, seen = reviews.due(names, today), reviews.seen(names)
    rest = sorted((name for name in names if name not in due), key=lambda name: name in seen)
    return [chosen.named(language), [*due, *rest][:QUESTIONS]]


def _noted(reviews: Reviews, key: str, question: CheckQuestion, result: Mark, today: date) -> str:
    return reviews.answered(key, question.question, result.verdict, today)


def _score(
    feedback: str, marks: Sequence[tuple[str, str]], asked: Sequence[CheckQuestion], language: Language, today: date
) -> Reply:
    if not marks:
        return Reply(say("quiz_stopped", language))
    right = sum(verdict == "right" for verdict, _ in marks)
    end = say("quiz_end", language, right=right, asked=len(marks))
    sources = ", ".join(dict.fromkeys(question.source for question in asked[: len(marks)]))
    days = ("、" if language == "zh" else ", ").join(
        _written(date.fromisoformat(due), today, language) for due in sorted({due for _, due in marks})
    )
    lines = [
        *filter(None, [feedback]),
        f"{end} {say('from', language, source=sources)}",
        say("quiz_next", language, days=days),
    ]
    answers = [
        {"question": question.question, "verdict": verdict, "due": due}
        for question, (verdict, due) in zip(asked, marks, strict=False)
    ]
    return Reply(
        "\n".join(lines),
        speech=end,
        data={"answers": answers} | ({"file": asked[0].source} if len({each.source for each in asked}) == 1 else {}),
    )


def _written(day: date, today: date, language: Language) -> str:
    """A day as people write it: "tomorrow", or "Tuesday, 1 December"."""
    if (day - today).days == 1:
        return say("tomorrow", language)
    return f"{day.month}月{day.day}日" if language == "zh" else f"{day:%A}, {day.day} {day:%B}"


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
    if (wanted := await _asked_last(turn, services, language)) is not None:
        return Reply(say("quiz_answer", language, question=wanted.question, answer=wanted.answer))
    if not answer:
        about = about or await dialogue.ask(say("grade_which", language, titles=titles(language, services)))
        answer = await dialogue.ask(say("grade_answer", language))
    question = await _question_for(about or answer, answer, services)
    if question is None:
        return Reply(say("grade_unknown", language, titles=titles(language, services)))
    result = await mark(question, answer, services)
    parts = [say("grade_question", language, question=question.question)]
    parts.append(say(f"grade_{result.verdict}", language, answer=question.answer))
    if result.missing and result.verdict != "right":
        parts.append(say("grade_missing", language, words=", ".join(result.missing)))
    parts.append(say("from", language, source=question.source))
    return Reply("\n".join(parts), speech=say(f"grade_{result.verdict}", language, answer=question.answer))


WANTS_ANSWER = re.compile(
    r"\b(?:what|which|tell|give|show)\b.{0,24}\b(?:answer|solution)\b|答案(?:到底|应该)?(?:是)?(?:什么|啥|多少|呢)"
    r"|(?:告诉|说|给).{0,4}答案",
    re.IGNORECASE,
)
BEFORE = re.compile(r"\b(?:was|were|would have been|last|previous)\b|刚才|上一|刚刚|前面", re.IGNORECASE)


async def _asked_last(turn: Turn, services: Services, language: Language) -> CheckQuestion | None:
    """The quiz question whose answer is asked for, the one before where the words say so; None for none."""
    if not WANTS_ANSWER.search(turn.utterance):
        return None
    known = [question for each in lessons(services) for question in questions_of(each, language)]
    asked: list[CheckQuestion] = []
    for exchange in await services.conversation(turn.session, 4):
        asked += [each for each in known if exchange.reply.rstrip().endswith(each.question) and each not in asked]
    if not asked:
        return None
    return asked[-2] if BEFORE.search(turn.utterance) and len(asked) > 1 else asked[-1]


def _told(text: str) -> tuple[str, str]:
    """The question and the answer a text holds, each "" when it is not there."""
    if pair := PAIR.search(text):
        return (pair["question"] or pair["wenti"]).strip(), (pair["answer"] or pair["daan"]).strip()
    if claim := CLAIM.search(text):
        return "", (claim["claim"] or claim["zh"] or "").strip()
    return "", ""


async def _question_for(about: str, answer: str, services: Services) -> CheckQuestion | None:
    """The question of the course that fits best to what was asked or answered; None when none fits."""
    every = [question for lesson in lessons(services) for question in lesson.questions]
    if not every:
        return None
    asked = await similarities(about, [question.question for question in every], services)
    said = await similarities(answer, [question.answer for question in every], services)
    scores = [max(one, two) for one, two in zip(asked, said, strict=True)]
    best = max(range(len(every)), key=lambda place: scores[place])
    return every[best] if scores[best] >= 0.45 else None
