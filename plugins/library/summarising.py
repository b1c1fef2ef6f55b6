"""Extractive summaries: the most representative sentences, word for word and in their order.

Each sentence is scored by its likeness to the whole (Radev et al. 2004, "Centroid-based summarization of multiple
documents"), and chosen so that none says what one before it says (Carbonell and Goldstein 1998, "The use of MMR").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import PurePath

import numpy as np

from assistant import Reply, Services, Turn
from assistant.retrieval.library.sentences import split_sentences

from .answering import gap_of
from .wording import SAID, language_of, say

__all__ = ["choose_sentences", "matches_summarise", "summarise", "summarise_named"]

MOST_SENTENCES = 300
"""of a text that are read; a longer one is sampled evenly"""
SHARE, FEWEST, MOST = 0.3, 3, 6
"""of the sentences that a summary holds"""
LONGEST = 700
"""characters of a summary"""
FACTS = 0.08
"""what a date or an amount adds to a sentence's score"""
REPEATS = 0.5
"""how much likeness to what is chosen already counts against a sentence"""
_NAMED = re.compile(
    r"(?:summari[sz]e|sum up|(?:give me )?(?:a |the )?(?:short |quick )?(?:summary|gist) of|tl;?dr(?: of)?)\s+(.+)"
    r"|(?:总结|概括|归纳)(?:一下)?(.+)",
    re.IGNORECASE,
)
PASTED = 240
"""characters from which words after a request are a pasted text"""


def matches_summarise(words: str) -> int:
    """Returns 1 if the text asks for the summary of a file, 2 for the summary of text it contains, else 0."""
    if any(SAID.fitting("not_find", words[:200])) and not re.search("[:：]", words[:200]):
        return 0
    asked = [groups for _, groups in SAID.fitting("summarise", _plain(words))]
    return 2 if any(groups.get("text") for groups in asked) else int(bool(asked))


async def summarise_named(turn: Turn, services: Services) -> Reply | None:
    """The summary of a file whose name is said and is not a word for a paper; None where no file is called so."""
    asked = _NAMED.match(_plain(turn.utterance))
    name = next((part for part in asked.groups() if part), "") if asked else ""
    words = _words(name)
    if not words or len(name) > 80:
        return None
    source = next((file for file in await services.library_files() if words <= _words(PurePath(file).stem)), None)
    return await _summary_of(source, turn, services) if source else None


async def summarise(turn: Turn, services: Services) -> Reply:
    """Summarise a file of your library, or a text that you paste: its main sentences, word for word."""
    language = language_of(turn.utterance[:PASTED])
    asked = next((groups for _, groups in SAID.fitting("summarise", _plain(turn.utterance))), {})
    if text := asked.get("text") or _pasted(turn.utterance):
        return Reply(await _summary([text], "summary_pasted", "", turn, services))
    name = (asked.get("file") or asked.get("name") or "").strip(" \"'“”")
    if not name:
        return Reply(say("summary_which", language))
    source = await _file_called(name, services)
    if source is None:
        return Reply(say("summary_unknown", language, name=name))
    return await _summary_of(source, turn, services)


async def _summary_of(source: str, turn: Turn, services: Services) -> Reply:
    text = await _summary(await services.library_texts(source), "summary", PurePath(source).name, turn, services)
    return Reply(text + await gap_of(source, services, language_of(turn.utterance[:PASTED])), data={"file": source})


async def _summary(texts: Sequence[str], phrase: str, file: str, turn: Turn, services: Services) -> str:
    language = language_of(turn.utterance[:PASTED])
    sentences = [sentence.text for text in texts for sentence in split_sentences(text)]
    sentences = list(dict.fromkeys(each for each in sentences if len(each) > 1))
    step = -(-len(sentences) // MOST_SENTENCES)
    sentences = sentences[:: max(1, step)]
    if len(sentences) <= FEWEST:
        return say("summary_short", language, text=" ".join(sentences))
    vectors = await services.encode_text(sentences)
    chosen = [sentences[place] for place in choose_sentences(sentences, np.asarray(vectors))]
    return say(phrase, language, text="\n".join(f"· {each}" for each in chosen), file=file)


def choose_sentences(sentences: Sequence[str], vectors: np.ndarray) -> list[int]:
    """The places of the sentences that stand for the whole, in order.

    Args:
        vectors: (n, d), unit length.
    """
    centre = vectors.mean(axis=0)
    scores = vectors @ (centre / (np.linalg.norm(centre) or 1.0))
    scores = scores + FACTS * np.array([bool(re.search(r"\d", each)) for each in sentences])
    count = int(np.clip(round(SHARE * len(sentences)), FEWEST, MOST))
    chosen: list[int] = []
    while len(chosen) < count:
        repeated = (vectors @ vectors[chosen].T).max(axis=1) if chosen else np.zeros(len(sentences))
        gains = scores - REPEATS * repeated
        gains[chosen] = -np.inf
        best = int(np.argmax(gains))
        if chosen and sum(len(sentences[place]) for place in [*chosen, best]) > LONGEST:
            break
        chosen.append(best)
    return sorted(chosen)


def _plain(words: str) -> str:
    head, colon, rest = words.strip(), "", ""
    if match := re.match(r"([^:：\n]{0,80})([:：\n])(.*)", head, re.DOTALL):
        head, colon, rest = match.groups()
    return f"{SAID.without_courtesies(head)}{colon}{rest}"


def _pasted(words: str) -> str:
    """A long text after a request on its first line."""
    head, _, rest = words.strip().partition("\n")
    return rest if len(rest) >= PASTED and len(head) < PASTED else ""


async def _file_called(name: str, services: Services) -> str | None:
    """Finds a file of the library by its name, by most of the name's words, or by its content."""
    files = await services.library_files()
    called = name.casefold()
    for file in files:
        if PurePath(file).name.casefold() == called or file.casefold().endswith(f"/{called}"):
            return file
    if PurePath(name).suffix and " " not in name:
        return None
    words = _words(name)
    best = max(files, key=lambda file: len(words & _words(PurePath(file).stem)), default=None)
    if (
        best is not None
        and words & _words(PurePath(best).stem)
        and len(words & _words(PurePath(best).stem)) * 2 >= len(words)
    ):
        return best
    found = await services.library_answers(name, 1, 0.05)
    return found[0].source if found else None


def _words(text: str) -> set[str]:
    plain = text.casefold()
    return set(re.findall(r"[a-z]{3,}", plain)) | {a + b for a, b in pairwise(plain) if min(a, b) > "\u3400"}
