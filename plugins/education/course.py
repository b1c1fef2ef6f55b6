"""The course: lessons in Markdown, and finding the one that a question is about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from assistant import AssistantError, Services

from .course_folders import folders
from .wording import Language, say

__all__ = [
    "CheckQuestion",
    "Lesson",
    "Section",
    "Term",
    "find_lesson",
    "find_term",
    "lessons",
    "names_term",
    "names_topic",
    "questions_of",
    "sentences",
    "similarities",
    "stems",
    "titled",
]

COVERED = 0.4
LEAD = 0.8
"""what the likeness of a section's title counts beside that of its text"""
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
    """path inside the course folder, such as "dna.md" """
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

    def named(self, language: Language) -> str:
        """Its title in the user's language, where it has one."""
        return next((name for name in self.also if not name.isascii()), self.title) if language == "zh" else self.title

    def told(self, language: Language) -> str:
        """Returns the text in the user's language: short for Chinese; English if there is no translation."""
        return self.chinese or self.text if language == "zh" else self.text


MOST_LESSONS = 300
LONGEST_LESSON = 500_000
"""bytes"""


def lessons(services: Services) -> tuple[Lesson, ...]:
    """Every lesson of the course folders, by folder and file name; files that are no UTF-8 text are left out."""
    found: list[Lesson] = []
    for folder in folders(services):
        paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".md", ".markdown"))
        found += [lesson for path in paths[:MOST_LESSONS] if (lesson := _read_lesson(path, folder)) is not None]
    return tuple(found)


def _read_lesson(path: Path, folder: Path) -> Lesson | None:
    try:
        state = path.stat()
        lesson = _parsed(path, path.relative_to(folder).as_posix(), state.st_size, state.st_mtime_ns)
    except (OSError, UnicodeDecodeError):
        return None
    return lesson if lesson.sections else None


@cache
def _parsed(path: Path, source: str, size: int, changed: int) -> Lesson:
    with path.open("rb") as file:
        return _lesson(source, file.read(LONGEST_LESSON).decode("utf-8-sig"))


def _lesson(source: str, content: str) -> Lesson:
    head, *parts = re.split(r"^## ", content, flags=re.MULTILINE)
    sections = {part.partition("\n")[0].strip(): part.partition("\n")[2].strip() for part in parts}
    title, opening = _head(head, source)
    if opening:
        sections = {title: opening, **sections}
    fields = dict(re.findall(r"^(\w+): (.+)$", head, flags=re.MULTILINE))
    terms = _rows(sections.pop("Terms", ""))
    checks = _rows(sections.pop("Questions", ""))
    chinese = " ".join(sections.pop("中文", "").split())
    return Lesson(
        source,
        title,
        fields.get("Subject", ""),
        tuple(name.strip() for name in fields.get("Also", "").split(",") if name.strip()),
        tuple(Section(title, " ".join(text.split())) for title, text in sections.items() if text.strip()),
        chinese,
        tuple(Term(name, zh, meaning, source) for name, zh, meaning in terms),
        tuple(CheckQuestion(q, a, tuple(k.strip() for k in keys.split(",")), source) for q, a, keys in checks),
    )


def _head(head: str, source: str) -> tuple[str, str]:
    """The title, and what is said before the first section; the file's name where there is no title."""
    lines = [line for line in head.splitlines() if line.strip() and not re.match(r"(?:Subject|Also): ", line)]
    if lines and lines[0].startswith("# "):
        return lines[0].removeprefix("# ").strip(), " ".join(lines[1:])
    return Path(source).stem.replace("-", " ").replace("_", " "), " ".join(lines)


def _rows(text: str) -> list[tuple[str, str, str]]:
    """The lines of three cells; others are no entries."""
    rows = [[cell.strip() for cell in line.strip().removeprefix("- ").split("|")] for line in text.splitlines()]
    return [(row[0], row[1], row[2]) for row in rows if len(row) == 3 and row[0]]


def questions_of(lesson: Lesson, language: Language) -> tuple[CheckQuestion, ...]:
    """Returns the quiz questions of a lesson; in Chinese, or if it has none, questions about its terms."""
    if language == "en" and lesson.questions:
        return lesson.questions
    told = sentences(lesson.chinese)
    found = []
    # What the Chinese text does not speak of has no Chinese answer.
    spoken_of = [term for term in lesson.terms if term.chinese and term.chinese in lesson.chinese]
    for term in spoken_of if language == "zh" and spoken_of else lesson.terms:
        name = term.chinese if language == "zh" else term.name
        if name:
            meaning = next((each for each in told if name in each), term.meaning) if language == "zh" else term.meaning
            found.append(CheckQuestion(say("quiz_term", language, term=name), meaning, (), lesson.source))
    return tuple(found)


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
    r"|\b(?:lesson|lessons|chapter|unit|quiz|test|question|questions|notes|ask|summari[sz]e|summary|short"
    r"|simple|words)\b"
    r"|\b(?:key|points?|main|ideas?|sum|up|recap|overview|define|definition|meaning|mean|term|word)\b"
    r"|请|解释|一下|讲讲|给我|什么|是|的|怎么|理解|意思|总结|这一课|那一课|课程|要点|有哪些|考考我|关于|小测验|定义|名词|概括|用|几句话",
    re.IGNORECASE,
)


async def find_lesson(question: str, services: Services) -> tuple[Lesson | None, Section | None]:
    """The lesson and the section that a question is about; (None, None) when the course does not cover it."""
    known = lessons(services)
    if not known:
        return None, None
    named = [_naming(question, lesson) for lesson in known]
    topic = " ".join(FILLER.sub(" ", question.replace("'", "")).split()) or question
    titles = await similarities(topic, [lesson.title for lesson in known], services)
    every = [(lesson, section) for lesson in known for section in lesson.sections]
    inside = await similarities(question, [f"{section.title}. {section.text}" for _, section in every], services)
    heads = await similarities(question, [section.title for _, section in every], services)
    scores = []
    for place, lesson in enumerate(known):
        # A short question is more like the title of a section that answers it than like its whole text.
        scored = zip(every, inside, heads, strict=True)
        within = max(max(text, LEAD * head) for (owner, _), text, head in scored if owner is lesson)
        scores.append(max(named[place], titles[place], within))
    best = max(range(len(known)), key=lambda place: (scores[place], titles[place]))
    if scores[best] < COVERED:
        return None, None
    lesson = known[best]
    asked = stems(topic)
    if section := next((each for each in lesson.sections if stems(each.title) == asked), None):
        return lesson, section
    # A part of the lesson's title that heads a section, and does not begin the title: "osmosis" of "Cells and osmosis".
    heads_it = next((each for each in lesson.sections if asked and asked <= stems(each.title)), None)
    if heads_it is not None and asked <= stems(lesson.title) and not asked & stems(lesson.title.split()[0]):
        return lesson, heads_it
    headed = [each for each in lesson.sections if asked and asked <= stems(each.title)]
    if len(headed) == 1 and not asked & stems(lesson.title):  # "gradient descent" of the lesson "Training a model"
        return lesson, headed[0]
    if named[best] == 1.0 and not asked - stems(" ".join((lesson.title, *lesson.also))):
        return lesson, lesson.sections[0]  # the whole subject, so from its beginning
    parts = [
        (s, score + _shared(question, s)) for (owner, s), score in zip(every, inside, strict=True) if owner is lesson
    ]
    return lesson, max(parts, key=lambda part: part[1])[0]


def _naming(question: str, lesson: Lesson) -> float:
    """1 when a question names the lesson, 0.6 when it names one of its terms, else 0."""
    words = stems(question)
    # A title such as "Supply and demand" must be there as a whole; of "DNA and genes" either part will do.
    names = [lesson.title, *re.split(r", | and (?=(?:the )?\w+$)|'s | of ", lesson.title), *lesson.also]
    if any(_names(name, words, question) for name in names):
        return 1.0
    return 0.6 if any(names_term(term, question) for term in lesson.terms) else 0.0


def titled(question: str, lesson: Lesson) -> bool:
    """Returns whether the text names a lesson by its title, not only by one of its terms."""
    return _naming(question, lesson) == 1.0


def names_term(term: Term, question: str) -> bool:
    """Returns whether the text names a term, in either language."""
    return _names(term.name, stems(question), question) or bool(term.chinese and term.chinese in question)


def _names(name: str, words: frozenset[str], question: str) -> bool:
    if not name.isascii():
        return name in question
    wanted = stems(name) - {"and", "the", "of"}
    return bool(wanted) and wanted <= words


@lru_cache(4096)
def stems(text: str) -> frozenset[str]:
    """The English words of a text, lower case, without endings that matter little."""
    return frozenset(word.rstrip("s")[:9] for word in re.findall(r"[a-z]{2,}", text.lower()))


def _shared(question: str, section: Section) -> float:
    words = stems(FILLER.sub(" ", question))
    return 0.3 * len(words & stems(f"{section.title} {section.text}")) / (len(words) or 1)


def names_topic(text: str, services: Services) -> bool:
    """Returns whether the text names a lesson, one of its other names, or a term of it."""
    words = stems(text)
    names = (
        name
        for lesson in lessons(services)
        for name in (lesson.title, *lesson.also, *(n for term in lesson.terms for n in (term.name, term.chinese) if n))
    )
    return any(_names(name, words, text) for name in names)


async def find_term(question: str, services: Services) -> Term | None:
    """The glossary entry that a question asks for; None when there is none."""
    every = [term for lesson in lessons(services) for term in lesson.terms]
    named = [term for term in every if names_term(term, question)]
    if named:
        return max(named, key=lambda term: len(term.name))
    topic = " ".join(FILLER.sub(" ", question).split())
    if not topic or not every:
        return None
    scores = await similarities(topic, [term.name for term in every], services)
    best = max(range(len(every)), key=lambda place: scores[place])
    return every[best] if scores[best] >= 0.7 else None
