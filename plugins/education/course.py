"""The course: lessons in Markdown, and finding the one that a question is about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assistant import AssistantError, Services

__all__ = [
    "CheckQuestion",
    "Lesson",
    "Section",
    "Term",
    "find_lesson",
    "find_term",
    "lessons",
    "sentences",
    "similarities",
]

FOLDER = Path(__file__).parent / "lessons"
COVERED = 0.4
"""score from which a lesson covers a question"""


@dataclass(frozen=True)
class Section:
    """One part of a lesson."""

    title: str
    text: str


@dataclass(frozen=True)
class Term:
    """An entry of the glossary."""

    name: str
    chinese: str
    meaning: str
    source: str


@dataclass(frozen=True)
class CheckQuestion:
    """A question of the quiz."""

    question: str
    answer: str
    keys: tuple[str, ...]
    """words a good answer holds"""
    source: str


@dataclass(frozen=True)
class Lesson:
    """One file of the course."""

    source: str
    """file name, such as "dna.md" """
    title: str
    subject: str
    also: tuple[str, ...]
    """other names, also Chinese ones"""
    sections: tuple[Section, ...]
    chinese: str
    """the whole lesson in short, in Chinese"""
    terms: tuple[Term, ...]
    questions: tuple[CheckQuestion, ...]

    @property
    def text(self) -> str:
        """All sections."""
        return " ".join(section.text for section in self.sections)


@cache
def lessons() -> tuple[Lesson, ...]:
    """Every lesson, by file name."""
    return tuple(_lesson(path.name, path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.md")))


def _lesson(source: str, content: str) -> Lesson:
    head, *parts = re.split(r"^## ", content, flags=re.MULTILINE)
    sections = {part.partition("\n")[0].strip(): part.partition("\n")[2].strip() for part in parts}
    fields = dict(re.findall(r"^(\w+): (.+)$", head, flags=re.MULTILINE))
    terms = [_row(line) for line in sections.pop("Terms", "").splitlines()]
    checks = [_row(line) for line in sections.pop("Questions", "").splitlines()]
    chinese = " ".join(sections.pop("中文", "").split())
    return Lesson(
        source,
        head.splitlines()[0].removeprefix("# ").strip(),
        fields.get("Subject", ""),
        tuple(name.strip() for name in fields.get("Also", "").split(",") if name.strip()),
        tuple(Section(title, " ".join(text.split())) for title, text in sections.items()),
        chinese,
        tuple(Term(name, zh, meaning, source) for name, zh, meaning in terms),
        tuple(CheckQuestion(q, a, tuple(k.strip() for k in keys.split(",")), source) for q, a, keys in checks),
    )


def _row(line: str) -> tuple[str, str, str]:
    one, two, three = (cell.strip() for cell in line.removeprefix("- ").split("|"))
    return one, two, three


def sentences(text: str) -> list[str]:
    """The sentences of an English or Chinese text."""
    return [each for each in re.split(r"(?<=[.!?])\s+|(?<=[。！？])", text) if each.strip()]


async def similarities(question: str, texts: Sequence[str], services: Services) -> list[float]:
    """Cosine of a question with each text, -1 to 1; all 0 when sentences cannot be compared."""
    try:
        vectors = await services.encode_text([question, *texts])
    except AssistantError:
        return [0.0] * len(texts)
    return [float(score) for score in vectors[1:] @ vectors[0]]


FILLER = re.compile(
    r"\b(?:please|can you|could you|explain|teach|tell|give|help|understand|what|how|why|does|do|did|is|are|was|were)\b"
    r"|\b(?:the|a|an|me|my|about|on|of|in|for|to|i|it|and|this|that|some|with|from|dont|work|works|happened|school)\b"
    r"|\b(?:lesson|lessons|chapter|unit|quiz|test|question|questions|notes|ask|summari[sz]e|summary|short|simple|words)\b"
    r"|\b(?:key|points?|main|ideas?|sum|up|recap|overview|define|definition|meaning|mean|term|word)\b"
    r"|请|解释|一下|讲讲|给我|什么|是|的|怎么|理解|意思|总结|这一课|要点|有哪些|考考我|关于|小测验|定义|名词|概括|用|几句话",
    re.IGNORECASE,
)


async def find_lesson(question: str, services: Services) -> tuple[Lesson | None, Section | None]:
    """The lesson and the section that a question is about; (None, None) when the course does not cover it."""
    known = lessons()
    named = [_naming(question, lesson) for lesson in known]
    topic = " ".join(FILLER.sub(" ", question.replace("'", "")).split()) or question
    titles = await similarities(topic, [lesson.title for lesson in known], services)
    every = [(lesson, section) for lesson in known for section in lesson.sections]
    inside = await similarities(question, [f"{section.title}. {section.text}" for _, section in every], services)
    scores = []
    for place, lesson in enumerate(known):
        within = max(score for (owner, _), score in zip(every, inside, strict=True) if owner is lesson)
        scores.append(max(named[place], titles[place], within))
    best = max(range(len(known)), key=lambda place: (scores[place], titles[place]))
    if scores[best] < COVERED:
        return None, None
    lesson = known[best]
    asked = _stems(topic)
    if section := next((each for each in lesson.sections if _stems(each.title) == asked), None):
        return lesson, section
    if named[best] == 1.0 and not asked - _stems(" ".join((lesson.title, *lesson.also))):
        return lesson, lesson.sections[0]  # the whole subject, so from its beginning
    parts = [
        (s, score + _shared(question, s)) for (owner, s), score in zip(every, inside, strict=True) if owner is lesson
    ]
    return lesson, max(parts, key=lambda part: part[1])[0]


def _naming(question: str, lesson: Lesson) -> float:
    """1 when a question names the lesson, 0.6 when it names one of its terms, else 0."""
    words = _stems(question)
    # A title such as "Supply and demand" must be there as a whole; of "DNA and genes" either part will do.
    names = [lesson.title, *re.split(r", | and (?=\w+$)|'s | of ", lesson.title), *lesson.also]
    if any(_names(name, words, question) for name in names):
        return 1.0
    return 0.6 if any(_names(term.name, words, question) or term.chinese in question for term in lesson.terms) else 0.0


def _names(name: str, words: set[str], question: str) -> bool:
    if not name.isascii():
        return name in question
    stems = _stems(name) - {"and", "the", "of"}
    return bool(stems) and stems <= words


def _stems(text: str) -> set[str]:
    return {word.rstrip("s")[:9] for word in re.findall(r"[a-z]{2,}", text.lower())}


def _shared(question: str, section: Section) -> float:
    words = _stems(FILLER.sub(" ", question))
    return 0.3 * len(words & _stems(f"{section.title} {section.text}")) / (len(words) or 1)


async def find_term(question: str, services: Services) -> Term | None:
    """The glossary entry that a question asks for; None when there is none."""
    every = [term for lesson in lessons() for term in lesson.terms]
    words = _stems(question)
    named = [t for t in every if _names(t.name, words, question) or (t.chinese in question)]
    if named:
        return max(named, key=lambda term: len(term.name))
    topic = " ".join(FILLER.sub(" ", question).split())
    if not topic:
        return None
    scores = await similarities(topic, [term.name for term in every], services)
    best = max(range(len(every)), key=lambda place: scores[place])
    return every[best] if scores[best] >= 0.7 else None
