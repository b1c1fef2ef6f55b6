"""Aligns the words of a transcript with the sound, by the decoder's cross-attention while it writes each word.

Source: ``whisper.timing`` (cross-attention of the heads known to follow the sound, standardised, median-filtered,
averaged). The path is a Viterbi alignment here instead of dynamic time warping: every frame belongs to one token, and
tokens follow each other, so that it needs no compiled code.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from assistant.types import FloatArray

if TYPE_CHECKING:
    from assistant.speech.decoding import Decoder
    from assistant.speech.network import WhisperNetwork

__all__ = ["align", "spoken_part", "word_times"]

FRAME = 0.02
"""seconds per encoder frame"""
HEADS = {
    "whisper-base": [(3, 1), (4, 2), (4, 3), (4, 7), (5, 1), (5, 2), (5, 4), (5, 6)],
    "whisper-tiny.en": [(1, 0), (2, 0), (2, 5), (3, 0), (3, 1), (3, 2), (3, 3), (3, 4)],
}
"""layer and number of the decoder's heads that follow the sound (``whisper._ALIGNMENT_HEADS``)"""
SMOOTHING = 7
"""frames of the median filter (whisper.timing's)"""


def word_times(
    network: WhisperNetwork, decoder: Decoder, model: str, frames: FloatArray, tokens: Sequence[int], language: str
) -> list[tuple[float, float, str]]:
    """The words of one window: start and end in seconds from the start of the window, and the word.

    Args:
        model: name in the catalogue, such as "whisper-base"; of an unknown one, the heads of the upper half are used.
        frames: (n, d), from `WhisperNetwork.encode`, those that hold the window's own sound.
        tokens: the text tokens of its reading.
    """
    tokenizer = decoder.tokenizer(language)
    opening = list(tokenizer.sot_sequence_including_notimestamps)
    cache = network.start(frames)
    queries: list[FloatArray] = []
    network.step([[*opening, *tokens, tokenizer.eot]], cache, queries)
    count, weights = len(frames), []
    dims = network.dimensions
    upper = [(layer, head) for layer in range(dims.n_text_layer // 2, dims.n_text_layer) for head in range(2)]
    for layer, head in HEADS.get(model, upper):
        key, query = cache.sound[f"key.{layer}"][0, head, :count], queries[layer][0, head]
        scores = query @ key.T / key.shape[1] ** 0.5
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights.append(shares / shares.sum(axis=-1, keepdims=True))
    attention = np.stack(weights)
    spread = attention.std(axis=-2, keepdims=True)
    smooth = _median_filtered((attention - attention.mean(axis=-2, keepdims=True)) / np.maximum(spread, 1e-6))
    rows = smooth.mean(axis=0)[len(opening) - 1 : -1]  # the row before a token is the one that writes it
    begins = align(rows) * FRAME
    words, word_tokens = tokenizer.split_to_word_tokens([*tokens, tokenizer.eot])
    edges = np.cumsum([0, *map(len, word_tokens)])
    found = [
        (float(begins[first]), float(begins[last]), word.strip())
        for word, first, last in zip(words[:-1], edges[:-2], edges[1:-1], strict=True)
    ]
    return _punctuated(found)


def align(scores: FloatArray) -> FloatArray:
    """The best path through (tokens, frames) in which every frame belongs to one token and tokens follow each other.

    Returns (tokens,), the first frame of each; spread evenly where there are fewer frames than tokens.
    """
    count, frames = scores.shape
    if frames < count:
        return np.linspace(0, frames, count, endpoint=False, dtype=np.float32)
    best = np.full(count, -np.inf, np.float32)
    best[0] = scores[0, 0]
    came = np.zeros((frames, count), np.bool_)
    for frame in range(1, frames):
        moved = np.concatenate([[-np.inf], best[:-1]])
        came[frame] = moved > best
        best = np.maximum(best, moved) + scores[:, frame]
    begins, token = np.zeros(count, np.float32), count - 1
    for frame in range(frames - 1, 0, -1):
        if came[frame, token]:
            begins[token] = frame
            token -= 1
    return begins


def spoken_part(start: float, end: float, spans: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """A word's seconds without the pause before or after it: those within the span of speech that it shares most."""
    shared = [(min(end, stop) - max(start, begin), max(start, begin), min(end, stop)) for begin, stop in spans]
    most, first, last = max(shared, default=(0.0, start, end))
    return (first, last) if most > 0 else (start, end)


def _median_filtered(scores: FloatArray) -> FloatArray:
    """The median of `SMOOTHING` neighbours along the last axis, mirrored at its ends."""
    half = SMOOTHING // 2
    if scores.shape[-1] <= half:
        return scores
    padded = np.pad(scores, ((0, 0), (0, 0), (half, half)), mode="reflect")
    medians: FloatArray = np.median(np.lib.stride_tricks.sliding_window_view(padded, SMOOTHING, axis=-1), axis=-1)
    return medians


def _punctuated(words: list[tuple[float, float, str]]) -> list[tuple[float, float, str]]:
    """The same with punctuation joined to the word before it."""
    joined: list[tuple[float, float, str]] = []
    for start, end, word in words:
        if joined and not any(map(str.isalnum, word)):
            joined[-1] = joined[-1][0], joined[-1][1], joined[-1][2] + word
        elif word:
            joined.append((start, end, word))
    return joined
