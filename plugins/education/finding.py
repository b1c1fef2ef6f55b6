"""Finds where the course covers a topic: the lecture's minute, the slide, the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant import Match, Reply, Services, Turn

from .course import FILLER, lessons, sentences, stems
from .course_folders import folders
from .indexing import Index, build_index, course
from .passages import Kind, Passage
from .wording import Language, language_of, say

__all__ = ["Hit", "find_in_lecture", "search", "see_also"]

PATIENCE = 10.0
"""seconds a question waits for files that are not read yet"""
FOUND = 0.45
"""score from which a passage is about the question"""
FOREIGN = 0.18
"""the same, for a Chinese question and an English passage: no word can be shared, and short topics score low"""
NAMED = 0.3
"""weight of the question's own words being there; the rest is meaning"""
EVEN = 0.2
"""difference of scores that says little"""
CANDIDATES = 20
"""passages that are looked at"""
ALSO = 3
"""passages named besides the best"""

PLACES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("slide", re.compile(r"\bslides?\b|幻灯片|投影", re.IGNORECASE)),
    ("page", re.compile(r"\bpages?\b|\bhandouts?\b|\bpdf\b|讲义|页", re.IGNORECASE)),
)
"""where the user wants to be pointed to; the recording's minute otherwise"""

ASKING = re.compile(
    r"\b(?:where|when|which|did|do|does|the|in|at|our|we|they|she|he|lecture[rs]?|lectures|professor|prof|teacher|tutor|video|recording|"
    r"class|course|slides?|page|part|minute|moment|time|point|talk(?:ed|s|ing)?|mention(?:ed|s)?|say|said|says|speak|"
    r"spoke|explain(?:ed|s)?|discuss(?:ed|es)?|cover(?:ed|s)?|introduced?|find|show|me|about|come|comes|came|up|first)\b"
    r"|在哪里?|哪里|哪儿|什么时候|哪一?[段页张分部]\w?|讲到|讲的?|提到|说到|解释|课上|课里|老师|教授|讲座|视频|录音|幻灯片|课程|第几|分钟|页",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Hit:
    """A passage that is about a question."""

    passage: Passage
    score: float
    """cosine plus the share of the question's words, -1 to 1.35"""
    lead: float = 0.0
    """above 0 when a word of the question stands in the passage's first sentence"""


async def find_in_lecture(turn: Turn, services: Services, topic: str = "") -> Reply:
    """Find the minute, slide or page where the course speaks about something."""
    language = language_of(turn.utterance)
    index = await build_index(folders(services), services, PATIENCE)
    note = _note(index, language)
    hits = await search(turn.utterance, services)
    if not hits:
        return Reply(say("find_nothing", language) + note, data={"passages": [], **_missing(index)})
    wanted = next((kind for kind, words in PLACES if words.search(turn.utterance)), "lecture")
    best = next((hit for hit in hits if hit.passage.kind == wanted), hits[0])
    best = _beginning(best, hits)
    others = _others(best.passage, hits)
    lines = [say("find_answer", language, where=best.passage.where(language), text=best.passage.text)]
    if others:
        listed = "\n".join(f"  · {each.passage.where(language)}" for each in others)
        lines.append(say("find_also", language, places=listed))
    found = [_json(hit) for hit in (best, *others)]
    return Reply(
        "\n".join(lines) + note,
        speech=say("find_speech", language, where=best.passage.said(language)),
        data={**found[0], "passages": found, **_missing(index)},
    )


async def search(question: str, services: Services) -> list[Hit]:
    """The passages about a question, best first; [] when none is. Ask for the index first: it puts them there."""
    topic = " ".join(FILLER.sub(" ", ASKING.sub(" ", question)).split()).strip("?？.!。 ") or question
    in_english = _in_english(topic, services)
    asked, foreign = _words(in_english), not in_english.isascii()
    matches = await course(services).search(in_english if in_english != topic or foreign else question, top=CANDIDATES)
    hits = [_hit(match, asked, foreign) for match in matches]
    least = FOREIGN if foreign and any(hit.passage.text.isascii() for hit in hits) else FOUND
    return [hit for hit in hits if hit.score >= least]


def _hit(match: Match, asked: frozenset[str], foreign: bool) -> Hit:
    passage = Passage.found(match)
    # The passage whose first sentence says it is where it is explained; the one before merely ends there.
    share = len(asked & _words(passage.text)) / (len(asked) or 1)
    lead = 0.05 * bool(asked & _words(sentences(passage.text)[0]))
    alike = match.likeness.get("meaning", 0.0)
    if not foreign:  # the English encoder reads English best
        alike = max(alike, match.likeness.get("shared", 0.0))
    return Hit(passage, alike + NAMED * share + lead, lead)


def _in_english(topic: str, services: Services) -> str:
    """A Chinese topic with the English names that the course's glossaries give it; as it is where they give none."""
    known = [term.name for each in lessons(services) for term in each.terms if term.chinese and term.chinese in topic]
    return " ".join(known) if known else topic


async def see_also(question: str, language: Language, services: Services) -> tuple[str, list[Hit]]:
    """A line that names where else the course speaks of something, and the places; ("", []) for none."""
    await build_index(folders(services), services, PATIENCE / 4)
    hits = await search(question, services)
    if not hits:
        return "", []
    chosen = [hits[0], *_others(hits[0].passage, hits)][:2]
    places = ("；" if language == "zh" else "; ").join(hit.passage.where(language) for hit in chosen)
    return say("see_also", language, places=places), chosen


def _beginning(best: Hit, hits: Sequence[Hit]) -> Hit:
    """Returns the passage where a recording begins to cover the topic.

    Of the stretches that fit about as well, the first whose first sentence names it; of overlapping ones, the earliest.
    """
    same = [hit for hit in hits if hit.passage.file == best.passage.file]
    named = [hit for hit in same if hit.lead and hit.score >= best.score - EVEN / 2]
    best = min(named, key=lambda hit: hit.passage.start, default=best)
    near = [hit for hit in same if hit.score >= best.score - EVEN and _overlap(hit.passage, best.passage)]
    return min((hit for hit in [*near, best] if hit.lead >= best.lead), key=lambda hit: hit.passage.start)


def _others(best: Passage, hits: Sequence[Hit]) -> list[Hit]:
    """The best passage of every other place: overlapping stretches of one recording are one place."""
    seen: list[Passage] = [best]
    chosen = []
    for hit in hits:
        passage = hit.passage
        if not any(_overlap(passage, other) for other in seen):
            seen.append(passage)
            chosen.append(hit)
    return chosen[:ALSO]


def _overlap(one: Passage, other: Passage) -> bool:
    if one.file != other.file or one.page != other.page:
        return False
    return one.start < 0 or (one.start < other.end + 5 and other.start < one.end + 5)


def _words(text: str) -> frozenset[str]:
    chinese = re.findall(r"[\u4e00-\u9fff]+", text)
    return frozenset(stems(text)) | {run[i : i + 2] for run in chinese for i in range(len(run) - 1)}


def _json(hit: Hit) -> dict[str, object]:
    return {**hit.passage.to_json(), "score": round(hit.score, 3)}


def _missing(index: Index) -> dict[str, object]:
    unread = [{"file": file, "reason": reason} for file, reason in index.problems]
    return {"unread": unread, "waiting": index.waiting} if unread or index.waiting else {}


def _note(index: Index, language: Language) -> str:
    """Returns a note about files that the answer could not use."""
    parts = [say("find_waiting", language, files=", ".join(index.waiting[:5]))] if index.waiting else []
    if index.problems:
        listed = "; ".join(f"{file} ({reason})" for file, reason in index.problems[:3])
        parts.append(say("find_unread", language, files=listed))
    return "".join(f"\n{part}" for part in parts)
