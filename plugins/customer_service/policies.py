"""Answers from the shop's own policy pages, with the page named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assistant import AssistantError, Dialogue, Reply, Services, Turn

from .wording import Language, language_of, say

__all__ = ["Passage", "find_passages", "folder_of", "passages", "policy_question"]

FOLDER = Path(__file__).parent / "policy"
NEAR = 0.32
"""cosine similarity below which a passage does not answer the question"""
STOP_WORDS = frozenset(
    {"what", "is", "your", "the", "do", "you", "how", "are", "for", "can", "my", "of", "to", "on", "it"}
)


@dataclass(frozen=True)
class Passage:
    """One section of a policy page."""

    source: str
    """such as "returns.md" """
    title: str
    text: str


def folder_of(services: Services) -> Path:
    """The folder of policy pages: the shop's own if the settings name one."""
    named = str(services.options["policies"])
    return Path(named).expanduser() if named else FOLDER


def passages(language: Language, folder: Path = FOLDER) -> tuple[Passage, ...]:
    """Every section of the policy pages in a language; of the English ones where a folder has no others.

    Args:
        language: whose pages.
        folder: with the folders ``en`` and ``zh``, or with the pages themselves. Read again when a page changes.
    """
    place = next((each for each in (folder / language, folder / "en") if each.is_dir()), folder)
    pages = sorted(place.glob("*.md"))
    return _sections(tuple((page, page.stat().st_mtime_ns) for page in pages))


@cache
def _sections(pages: tuple[tuple[Path, int], ...]) -> tuple[Passage, ...]:
    found = []
    for page, _ in pages:
        for section in re.split(r"^## ", page.read_text(encoding="utf-8", errors="replace"), flags=re.MULTILINE)[1:]:
            title, _, text = section.partition("\n")
            found.append(Passage(page.name, title.strip(), " ".join(text.split())))
    return tuple(found)


async def policy_question(turn: Turn, dialogue: Dialogue, services: Services, topic: str = "") -> Reply:
    """Answer a question about delivery, returns, payment or warranty from the shop's policy pages."""
    language = language_of(turn.utterance)
    found = await find_passages(turn.utterance or topic, language, services)
    if not found:
        topics = ("、" if language == "zh" else ", ").join(p.title for p in passages(language, folder_of(services))[:8])
        return Reply(say("policy_nothing", language, topics=topics), data={"helped": False})
    best = found[0]
    text = say("policy_answer", language, text=best.text, title=best.title, source=best.source)
    if len(found) > 1:
        also = ("、" if language == "zh" else ", ").join(p.title for p in found[1:])
        text += "\n" + say("policy_also", language, titles=also)
    return Reply(text, speech=best.text, data={"source": best.source, "section": best.title, "passage": best.text})


async def find_passages(question: str, language: Language, services: Services) -> list[Passage]:
    """The passages that answer a question, best first, at most three; [] when none comes near."""
    known = passages(language, folder_of(services))
    if not known:
        return []
    words = _words(question)
    overlap = [len(words & _words(f"{p.title} {p.title} {p.text}")) / (len(words) or 1) for p in known]
    try:
        similar = await _similarity(question, known, services)
    except AssistantError:  # without sentence vectors shared words still find the page
        similar = [0.0] * len(known)
    # Of passages that fit about equally, the one its page begins with is the general one.
    first = [0.04 * (i == 0 or known[i - 1].source != p.source) for i, p in enumerate(known)]
    scores = [s + 0.25 * o + f for s, o, f in zip(similar, overlap, first, strict=True)]
    order = sorted(range(len(known)), key=lambda i: -scores[i])
    if scores[order[0]] < NEAR and not (not any(similar) and overlap[order[0]] >= 0.3):
        return []
    return [known[i] for i in order[:3] if scores[i] >= scores[order[0]] - 0.08]


async def _similarity(question: str, known: Sequence[Passage], services: Services) -> list[float]:
    """Cosine of the question with each passage: the better of its title and its sentences."""
    texts: list[str] = []
    owners: list[int] = []
    for i, passage in enumerate(known):
        sentences = [s for s in re.split(r"(?<=[.!?。！？])\s*", passage.text) if s]
        texts += [passage.title, *sentences]
        owners += [i] * (1 + len(sentences))
    vectors = await services.encode_text([question, *texts])
    best = [-1.0] * len(known)
    for owner, score in zip(owners, (vectors[1:] @ vectors[0]).tolist(), strict=True):
        best[owner] = max(best[owner], float(score))
    return best


def _words(text: str) -> set[str]:
    """English words without the commonest; Chinese as pairs of characters."""
    english = {w.rstrip("s") for w in re.findall(r"[a-z]{2,}", text.lower())} - STOP_WORDS
    chinese = re.findall(r"[\u4e00-\u9fff]+", text)
    return english | {run[i : i + 2] for run in chinese for i in range(len(run) - 1)}
