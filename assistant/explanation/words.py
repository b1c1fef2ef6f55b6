"""Measures how much each word counted, by integrated gradients through the whole model.

A word's embedding is faded out, in every encoder that reads it, before it meets the other words. The gradient of
the winner's log-odds along this path, times the embedding, integrated over the path (Sundararajan et al. 2017,
"Axiomatic attribution for deep networks", equation 1, with one word's embedding as the path) is by the fundamental
theorem of calculus the difference between the path's ends. So it is computed exactly, with one more row in the
encoder's batch per word, and goes through self-attention, pooling, the head and the attention of the fusion.
The lexical view has no embeddings; it reads the sentence without the word. An encoder that cannot fade reads the
sentence without the word too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol, runtime_checkable

import numpy as np

from assistant.encoders.encoder import Encoder
from assistant.explanation.contrast import Decide, log_odds
from assistant.explanation.findings import Passage, Word
from assistant.types import Encoding, FloatArray, Modality

__all__ = ["Fading", "attribute_words", "without", "word_pieces"]

MOST_WORDS = 64
"""words weighed one by one; of a longer text, neighbours are weighed together"""


@runtime_checkable
class Fading(Protocol):
    """A text encoder that can weaken single words."""

    def fade(self, text: str, gains: FloatArray) -> list[Encoding]:
        """One encoding per row of gains (m, words): 1 keeps a word, 0 removes it."""


Span = tuple[int, int]
"""start and end in a text"""


def attribute_words(
    decide: Decide, encodings: Sequence[Encoding], modality: Modality, encoders: Mapping[str, Encoder], intent: str
) -> Passage | None:
    """Weighs the words of one modality ("text" or "audio") for an intent; None when there are none."""
    read = [e for e in encodings if e.modality == modality and e.encoder in encoders and any(e.labels)]
    if not read:
        return None
    text = read[0].text
    spans, owners = word_pieces(text, [e.labels for e in read])
    rest = [e for e in encodings if not any(e is other for other in read)]
    variants = [_faded(encoders[e.encoder], e, own, spans) for e, own in zip(read, owners, strict=True)]
    whole = log_odds(decide(encodings), intent)
    weights = [whole - log_odds(decide([*rest, *row]), intent) for row in zip(*variants, strict=True)]
    words = (Word(text[start:end], start, end, weight) for (start, end), weight in zip(spans, weights, strict=True))
    return Passage(modality, text, tuple(words))


def without(text: str, spans: Sequence[Span]) -> str:
    """The text without some stretches."""
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]}{text[end:]}"
    return re.sub(r"\s+", " ", text).strip()


def _faded(encoder: Encoder, encoding: Encoding, owners: Sequence[int], spans: Sequence[Span]) -> list[Encoding]:
    """The encoding without each word in turn."""
    encoder = getattr(encoder, "inner", encoder)  # encodings for an explanation are not cached
    texts = [without(encoding.text, [span]) or " " for span in spans]
    if isinstance(encoder, Fading):
        gains = (np.arange(len(spans))[:, None] != np.array(owners)).astype(np.float32)
        rows = encoder.fade(encoding.text, gains)
    else:
        rows = encoder.encode(texts)
    return [replace(row, modality=encoding.modality, text=text) for row, text in zip(rows, texts, strict=True)]


def word_pieces(text: str, labels: Sequence[Sequence[str]]) -> tuple[list[Span], list[list[int]]]:
    """The smallest stretches that no encoder's words cross, and which of them each encoder's labels belong to."""
    found = [_locate(text, each) for each in labels]
    merged: list[list[int]] = []
    for start, end in sorted(span for spans in found for span in spans):
        if merged and start < merged[-1][1]:
            merged[-1][1] = max(end, merged[-1][1])
        else:
            merged.append([start, end])
    size = -(-len(merged) // MOST_WORDS)
    grouped = [(merged[i][0], merged[min(i + size, len(merged)) - 1][1]) for i in range(0, len(merged), size)]
    starts = [start for start, _ in grouped]
    return grouped, [[int(np.searchsorted(starts, start, "right")) - 1 for start, _ in spans] for spans in found]


def _locate(text: str, labels: Sequence[str]) -> list[Span]:
    """Finds an encoder's words in the text; a word that normalisation changed takes the next character."""
    spans: list[Span] = []
    lowered, at = text.lower(), 0
    if len(lowered) != len(text):  # its lower case has two letters, which would shift the places
        lowered = text
    for label in labels:
        start = lowered.find(label.lower(), at)
        if start < 0:
            start = min(at, len(text) - 1)
            spans.append((start, start + 1))
        else:
            spans.append((start, start + max(len(label), 1)))
            at = start + len(label)
    return spans
