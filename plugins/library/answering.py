"""Finds passages in the user's own files and quotes them with page or minute. Text of files is only shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath
from typing import Any

from assistant import LibraryAnswer, Reply, Services, Turn

from .wording import SAID, Language, language_of, say

__all__ = ["answer_if_known", "find_in_files", "gap_of", "matches_find", "name_nearest", "reply_with"]

MOST_WORDS = 60
"""words of a question; longer texts are something pasted"""
RATHER, SURE, CERTAIN = 0.5, 0.7, 0.9
"""relevance from which the files answer rather than an intent"""
HALF, MOSTLY = 0.5, 0.8
"""an intent's confidence below which `RATHER` is enough, and from which `CERTAIN` is asked for"""
NEAR, RATHER_NEAR = 0.12, 0.2
"""relevance from which a request for something in the files is told where the nearest stands, and a question that names
no files and that nothing else answers"""
MOST = 3
"""answers that are named"""
_ASKS = re.compile(
    r"[?？]|^(?:what|when|where|who|whose|whom|which|why|how|is|are|was|were|do|does|did|can|could|may|am|will|would)\b"
    r"|^(?:should|has|have|find|search|look|show|tell|list|locate|get)\b"
    r"|\b(?:what|when|where|who|how much|how many|how long|which)\b|什么|多少|多久|怎么|哪|谁|几|吗|找|搜|查",
    re.IGNORECASE,
)
_PLACE = {"page": "第{}页", "slide": "第{}张幻灯片", "row": "第{}行", "sheet": "工作表{}"}


def matches_find(words: str) -> bool:
    """Returns whether the text surely asks for something in the user's own files."""
    if len(words.split()) > MOST_WORDS or len(words) > 400 or any(SAID.fitting("not_find", words)):
        return False
    plain = SAID.without_courtesies(words)
    return any(SAID.fitting("find", plain)) and not any(SAID.fitting("summarise", plain))


async def find_in_files(turn: Turn, services: Services, topic: str = "") -> Reply:
    """Find something in your own files, and say where it is."""
    language = language_of(turn.utterance)
    files = await services.library_files()
    if not files:
        return Reply(say("empty", language), data={"answers": []})
    answers = await services.library_answers(turn.utterance, MOST)
    if answers:
        return reply_with(answers, language, await gap_of(answers[0].source, services, language))
    if near := await _nearest(turn.utterance, services, NEAR, len(files)):
        return near
    unread = await services.library_unread()
    gap = " " + say("unread_files", language, count=len(unread), names=_named(unread)) if unread else ""
    return Reply(say("nothing", language, count=len(files)) + gap, data={"answers": []})


async def name_nearest(turn: Turn, services: Services) -> Reply | None:
    """Names the passage nearest to a question; None if nothing is near enough, or if it is no question."""
    if not _is_question(turn):
        return None
    return await _nearest(turn.utterance, services, RATHER_NEAR, len(await services.library_files()))


async def _nearest(words: str, services: Services, least: float, count: int) -> Reply | None:
    """Say that no passage surely answers, and name the nearest place without quoting it."""
    language = language_of(words)
    near = await services.library_answers(words, MOST, least)
    places = list(dict.fromkeys(_shown(each, language) for each in near))
    if not places:
        return None
    speech = say("unsure_speech", language, file=_spoken(near[0]), place=_where(near[0], language))
    lines = [say("unsure", language, count=count), *(f"  · {place}" for place in places)]
    return Reply("\n".join(lines), speech=speech, data={"answers": []})


async def answer_if_known(turn: Turn, services: Services, likely: float = 0.0) -> Reply | None:
    """Answers a question from the files; None if they hold no answer, or if it is no question.

    Args:
        likely: how likely an intent serves the question, 0 to 1: the likelier, the surer must the files' answer be.
    """
    words = turn.utterance
    if not _is_question(turn):
        return None
    least = None if not likely else CERTAIN if likely >= MOSTLY else SURE if likely >= HALF else RATHER
    answers = await services.library_answers(words, MOST, least)
    if not answers:
        return None
    language = language_of(words)
    return reply_with(answers, language, await gap_of(answers[0].source, services, language))


def _is_question(turn: Turn) -> bool:
    words = turn.utterance
    return not turn.images and len(words.split()) <= MOST_WORDS and len(words) <= 400 and bool(_ASKS.search(words))


async def gap_of(path: str, services: Services, language: Language) -> str:
    """A line about the parts of a file that could not be read; "" if all were."""
    what = (await services.library_unread()).get(path, "")
    return "\n" + say("unread_part", language, what=what.removeprefix("not read: ")) if what else ""


def _named(paths: Iterable[str]) -> str:
    """The names of the first files."""
    names = [PurePath(path).name for path in paths]
    return ", ".join(names[:MOST]) + (", …" if len(names) > MOST else "")


def reply_with(answers: Sequence[LibraryAnswer], language: Language, gap: str = "") -> Reply:
    """Builds a reply that quotes the best answer, with unread parts of its file and the places of other answers."""
    best, *others = answers
    place = _where(best, language)
    if best.kind == "image" and not _written(best):
        shows = say("shows", language, names=best.text) if best.text else ""
        text = say("picture", language, where=_shown(best, language), shows=shows)
        speech = say("picture_speech", language, file=PurePath(best.source).stem)
    else:
        text = say("quote", language, text=best.text, where=_shown(best, language))
        speech = say("quote_speech", language, file=_spoken(best), place=place, text=best.text.replace(" | ", ", "))
    text += gap
    if others := [each for each in others if each.source != best.source]:
        text += "\n" + "\n".join([say("more", language), *(f"  · {_shown(each, language)}" for each in others)])
    return Reply(text, speech=speech, data={"answers": [_json(each) for each in answers]})


def _written(answer: LibraryAnswer) -> bool:
    return "\n" in answer.text or any(character.isdigit() for character in answer.text)


def _spoken(answer: LibraryAnswer) -> str:
    """A file's name as it is said."""
    return re.sub(r"[\W_]+", " ", PurePath(answer.source).stem).strip()


def _shown(answer: LibraryAnswer, language: Language) -> str:
    path, home = answer.source, str(Path.home())
    path = f"~{path[len(home) :]}" if path.startswith(f"{home}/") else path
    return path + _where(answer, language)


def _where(answer: LibraryAnswer, language: Language) -> str:
    """The page or minute, with the comma before it; "" for the whole of a file."""
    place = answer.place
    if answer.start is not None:
        place = f"{int(answer.start) // 60:02d}:{int(answer.start) % 60:02d}"
    kind, _, rest = place.partition(" ")
    if language == "zh" and kind in _PLACE:
        place = _PLACE[kind].format(rest)
    return f"{'，' if language == 'zh' else ', '}{place}" if place else ""


def _json(answer: LibraryAnswer) -> dict[str, Any]:
    found: dict[str, Any] = {"text": answer.text, "file": answer.source, "relevance": round(answer.relevance, 3)}
    return found | {"place": answer.place or None, "start_s": answer.start}
