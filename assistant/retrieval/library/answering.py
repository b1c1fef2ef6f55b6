"""Answers out of the user's own files: the sentences that answer, where they stand, and how sure that is.

A question brings the passages, pictures and moments nearest to it (`VectorStore.search`). Each sentence of them is
scored by a logistic regression over how alike it and the question are: as a whole, word by word (Zhang et al. 2020,
"BERTScore", section 3: each word of the question against its best word there), by the words they share, weighted by how
rare they are among what was found, and by whether what is asked for, such as a number, is there. The weights
(`relevance.json`) are fitted by `assistant train answers`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path, PurePath
from typing import Any, NamedTuple

import numpy as np

from assistant.encoders.encoder import unit
from assistant.encoders.models import MULTILINGUAL, Models
from assistant.language import detect_language
from assistant.retrieval.items import SHOWS, Hit, Passage
from assistant.retrieval.library.questions import Expected, LibraryQuestion, holds_expected, read_question, telling
from assistant.retrieval.library.sentences import label_of, split_sentences, stands_alone
from assistant.types import Encoding, FloatArray

__all__ = [
    "FEATURES",
    "MOST_HITS",
    "Answer",
    "Scored",
    "answers_among",
    "features_of",
    "least_relevance",
    "relevances",
    "title_of",
    "with_neighbours",
]

MOST_HITS = 10
"""hits of a kind whose sentences are looked at"""
MOST_SENTENCES = 120
"""sentences that are encoded for one question: a tenth of a second"""
AROUND = 1
"""moments before and after one that are read with it"""
SHOWN = 260
"""width of an answer, unless its best sentence is longer; a Chinese character is as wide as two and a half others"""
PLENTY = 110
"""width from which an answer needs no sentence around it"""

EXPECTED = ("time", "money", "number", "person")
FEATURES = (
    *("foreign", "passage_shared", "passage_meaning", "meaning", "foreign_meaning", "words_meaning", "least_word"),
    *("covered", "covered_here", "covered_near", "covered_around", *EXPECTED, "focus", "length"),
    *("titled", "labelled"),
)


@dataclass(frozen=True)
class Answer:
    """Something in the library that answers a question."""

    hit: Hit
    text: str
    """the sentences that answer; what a picture shows, in words"""
    relevance: float
    """probability, 0 to 1, that it answers"""


class Scored(NamedTuple):
    """A sentence of a hit, with its features."""

    hit: int
    """place among the hits"""
    sentence: int
    """its place among the sentences of the hit's text"""
    features: FloatArray
    """one for each of `FEATURES`"""


@cache
def _weights() -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(Path(__file__).with_name("relevance.json").read_text("utf-8"))
    return kept | {"words": np.array([kept["words"][name] for name in FEATURES], np.float32)}


def least_relevance() -> float:
    """Least relevance of an answer: 95 % of the passages found for other questions are below it."""
    return float(_weights()["answers_from"])


def answers_among(models: Models, question: LibraryQuestion, hits: Sequence[Hit]) -> list[Answer]:
    """Answers among hits, most relevant first; at most one per hit, however unlikely."""
    found = [_picture_answer(question, hit) for hit in hits if hit.kind == "image" and not hit.text.strip()]
    worded = [hit for hit in hits if hit.text.strip()]
    best: dict[int, tuple[float, Scored]] = {}
    for scored in features_of(models, question, worded):
        logit = float(scored.features @ _weights()["words"]) + _weights()["bias"]
        hit = worded[scored.hit]
        likely = _probability(logit + question.fielded(hit, title_of(hit.source)))
        if likely > best.get(scored.hit, (-1.0,))[0]:
            best[scored.hit] = (likely, scored)
    for place, (likely, scored) in best.items():
        hit = worded[place]
        first = 0 if question.names(title_of(hit.source)) else scored.sentence
        found.append(Answer(hit, _quoted(hit, first, question.expects), likely))
    return sorted(found, key=lambda answer: -answer.relevance)


def relevances(models: Models, question: str, texts: Sequence[str]) -> list[float]:
    """Probability (0 to 1) that each text answers a question.

    Raises:
        ModelUnavailable: the sentence encoder cannot be loaded.
    """
    found = [0.0] * len(texts)
    hits = [Hit(str(place), "text", text, "", 0.0) for place, text in enumerate(texts)]
    for scored in features_of(models, read_question(question), hits):
        likely = _probability(float(scored.features @ _weights()["words"]) + _weights()["bias"])
        found[scored.hit] = max(found[scored.hit], likely)
    return found


def with_neighbours(hits: Sequence[Hit], passages: Callable[[str], Sequence[Passage]]) -> list[Hit]:
    """Hits, each moment of a recording with the words right before and after it, without repetitions."""
    found: list[Hit] = []
    said: set[tuple[str, float | None]] = set()
    for hit in hits:
        if hit.kind != "audio":
            found.append(hit)
            continue
        moments = passages(hit.source)
        at = next((place for place, each in enumerate(moments) if each.start == hit.start), None)
        if at is None or (hit.source, hit.start) in said:
            continue
        around = moments[max(0, at - AROUND) : at + AROUND + 1]
        said |= {(hit.source, each.start) for each in around}
        found.append(replace(hit, text="\n".join(each.text for each in around)))
    return found


def _quoted(hit: Hit, best: int, expects: Expected) -> str:
    """The best sentence of a hit, with those around it where it is short, and the total of a bill."""
    split = split_sentences(hit.text)
    sentences = [sentence.text for sentence in split]
    first, last = best, best + 1
    if stands_alone(sentences[best]):
        heading = split[best].heading.rpartition(": ")[2]
        return f"{heading}\n{sentences[best]}" if " | " in heading else sentences[best]
    while _width(sentences[first:last]) < PLENTY and (last < len(sentences) or first):
        longer = [(first, last + 1)] if last < len(sentences) and not stands_alone(sentences[last]) else []
        longer += [(first - 1, last)] if first and not stands_alone(sentences[first - 1]) else []
        fitting = [span for span in longer if _width(sentences[slice(*span)]) <= SHOWN]
        if not fitting:
            break
        first, last = fitting[0]
    joint = "\n" if "\n" in hit.text and any(_width([each]) < PLENTY for each in sentences[first:last]) else " "
    quoted = joint.join(sentences[first:last])
    total = next((each for each in sentences[last:] if expects == "money" and holds_expected("money", each) > 1), "")
    return f"{quoted} … {total}" if total else quoted


def _width(sentences: Sequence[str]) -> float:
    return sum(1.0 if character < "\u2e80" else 2.5 for sentence in sentences for character in sentence)


def features_of(models: Models, question: LibraryQuestion, hits: Sequence[Hit]) -> list[Scored]:
    """Every sentence of the hits with its features; hits without text bring none."""
    sentences = list(islice(_sentences(hits), MOST_SENTENCES))
    if not sentences:
        return []
    asked, *read = models.encoders[MULTILINGUAL].encode([question.topic, *(text for *_, text in sentences)])
    seen = [frozenset(telling(f"{title_of(hit.source)} {hit.text}")) for hit in hits]
    rare = {word: math.log((len(hits) + 1) / (sum(word in words for words in seen) + 0.5)) for word in question.words}
    focus = [word for word in telling(question.focus) if word in rare] if question.focus else []
    expects, language = question.expects, detect_language(question.text)
    pooled, words = unit(asked.pooled), _rows(asked)
    named, weight = _weighed(asked, rare)
    titled = [_share(rare, frozenset(telling(title_of(hit.source)))) for hit in hits]
    scored = []
    for (place, before, number, body, text), encoding in zip(sentences, read, strict=True):
        hit, around = hits[place], seen[place]
        near = frozenset(telling(f"{before} {text}"))
        foreign = float((detect_language(body, language) == "zh") != (language == "zh"))
        cosine = float(pooled @ unit(encoding.pooled))
        alike = (words[named] @ _rows(encoding).T).max(axis=1)
        fits = holds_expected(expects, body)
        features = (
            foreign,
            hit.likeness.get("shared", 0.0),
            hit.likeness.get("meaning", 0.0),
            cosine,
            cosine * foreign,
            float(alike @ weight),
            float(alike.min()),
            _share(rare, frozenset(telling(text))) * (1 - foreign),
            _share(rare, frozenset(telling(body))) * (1 - foreign),
            _share(rare, near) * (1 - foreign),
            _share(rare, around) * (1 - foreign),
            *(fits if kind == expects else 0.0 for kind in EXPECTED),
            (_share({word: rare[word] for word in focus}, around) - 1) * (1 - foreign) if focus else 0.0,
            math.log(len(text)),
            titled[place] * (1 - foreign),
            _labelled(body, rare) * (1 - foreign),
        )
        scored.append(Scored(place, number, np.array(features, np.float32)))
    return scored


def _sentences(hits: Sequence[Hit]) -> Iterator[tuple[int, str, int, str, str]]:
    """Place of the hit; the sentence before, the sentence's place, itself, and as it is read, below its headings."""
    for place, hit in enumerate(hits):
        before = ""
        for number, (sentence, heading) in enumerate(split_sentences(hit.text)):
            above = ": ".join(filter(None, (title_of(hit.source), heading)))
            yield place, before, number, sentence, f"{above}: {sentence}"
            before = sentence


def title_of(source: str) -> str:
    """A file's name as words."""
    return re.sub(r"[\W_]+", " ", PurePath(source).stem).strip()


def _weighed(asked: Encoding, rare: Mapping[str, float]) -> tuple[list[int], FloatArray]:
    """The places of a question's telling words among its tokens, and how much each counts, 1 in all."""
    stems = [(place, telling(label)) for place, label in enumerate(asked.labels)]
    weights = {place: max(rare.get(words[0], 1.0), 0.1) for place, words in stems if words}
    weights = weights or dict.fromkeys(range(len(asked.tokens)), 1.0)
    values = np.array(list(weights.values()), np.float32)
    return list(weights), values / values.sum()


def _share(weights: Mapping[str, float], words: frozenset[str]) -> float:
    """The weight of those that are among the words; 1 is all of it."""
    return sum(weight for word, weight in weights.items() if word in words) / (sum(weights.values()) or 1.0)


def _labelled(sentence: str, asked: Mapping[str, float]) -> float:
    """The share of a field's label that is asked for: of "Booking number" in "Booking number: 88213"; 0 without."""
    words = telling(label_of(sentence))
    return sum(word in asked for word in words) / len(words) if words else 0.0


def _rows(encoding: Encoding) -> FloatArray:
    rows: FloatArray = encoding.tokens / np.maximum(np.linalg.norm(encoding.tokens, axis=1, keepdims=True), 1e-9)
    return rows


def _picture_answer(question: LibraryQuestion, hit: Hit) -> Answer:
    """A picture without writing, by its look and the names of what it shows; whoever asks for a picture has one."""
    shown, weights = str(hit.metadata.get(SHOWS, "")), _weights()["picture"]
    names = frozenset(telling(shown))
    covered = sum(word in names for word in question.words) / (len(question.words) or 1)
    values = {"shared": hit.likeness.get("shared", 0.0), "meaning": hit.likeness.get("meaning", 0.0), "names": covered}
    logit = sum(weights[name] * values[name] for name in values) + weights["bias"]
    logit += weights["asked"] if question.kind == "image" else 0.0
    return Answer(hit, shown, _probability(logit))


def _probability(logit: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))
