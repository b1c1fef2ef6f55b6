"""When each word of a transcript is said, from what the decoder attends to while it writes the word.

Source: ``whisper.timing`` (cross-attention of the heads known to follow the sound, standardised, median-filtered,
averaged). The path is a Viterbi alignment here instead of dynamic time warping: every frame belongs to one token, and
tokens follow each other, so that it needs no compiled code.
"""

from __future__ import annotations

import base64
import gzip
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from assistant.types import FloatArray

if TYPE_CHECKING:
    from torch import Tensor

    from assistant.speech.decoding import Decoder
    from assistant.speech.network import WhisperNetwork

__all__ = ["align", "spoken_part", "word_times"]

FRAME = 0.02
"""seconds per encoder frame"""
SMOOTHING = 7
"""frames of the median filter (whisper.timing's)"""


@torch.inference_mode()
def word_times(
    network: WhisperNetwork, decoder: Decoder, model: str, frames: Tensor, tokens: Sequence[int], language: str
) -> list[tuple[float, float, str]]:
    """The words of one window.

    Args:
        model: name in the catalogue, such as "whisper-base"; of an unknown one, the heads of the upper half are used.
        frames: (n, d), from `WhisperNetwork.encode`, those that hold the window's own sound.
        tokens: the text tokens of its reading.

    Returns:
        Start and end in seconds from the start of the window, and the word.
    """
    from whisper.timing import median_filter

    tokenizer = decoder.tokenizer(language)
    opening = list(tokenizer.sot_sequence_including_notimestamps)
    cache = network.start(frames)
    queries: list[Tensor] = []
    network.step(torch.tensor([[*opening, *tokens, tokenizer.eot]]), cache, queries)
    count, weights = len(frames), []
    for layer, head in _heads(network, model):
        key = cache.sound[layer][0][0, head, :count].float()
        query = queries[layer][0, head].float()
        weights.append((query @ key.T / key.shape[1] ** 0.5).softmax(-1))
    attention = torch.stack(weights)
    deviation, mean = torch.std_mean(attention, dim=-2, keepdim=True, unbiased=False)
    smooth = median_filter((attention - mean) / deviation.clamp(min=1e-6), SMOOTHING)
    rows = smooth.mean(0)[len(opening) - 1 : -1]  # the row before a token is the one that writes it
    begins = align(np.asarray(rows, np.float32)) * FRAME
    words, word_tokens = tokenizer.split_to_word_tokens([*tokens, tokenizer.eot])
    edges = np.cumsum([0, *map(len, word_tokens)])
    found = [
        (float(begins[first]), float(begins[last]), word.strip())
        for word, first, last in zip(words[:-1], edges[:-2], edges[1:-1], strict=True)
    ]
    return _punctuated(found)


def align(scores: FloatArray) -> FloatArray:
    """The best path through (tokens, frames) in which every frame belongs to one token and tokens follow each other.

    Returns:
        (tokens,), the first frame of each; spread evenly where there are fewer frames than tokens.
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


def _heads(network: WhisperNetwork, model: str) -> list[tuple[int, int]]:
    """Layer and number of the heads that follow the sound (``whisper._ALIGNMENT_HEADS``)."""
    import whisper

    dims = network.dimensions
    dump = whisper._ALIGNMENT_HEADS.get(model.removeprefix("whisper-"))
    if dump is None:
        return [(layer, head) for layer in range(dims.n_text_layer // 2, dims.n_text_layer) for head in range(2)]
    flags = np.frombuffer(gzip.decompress(base64.b85decode(dump)), np.bool_)
    return [(int(a), int(b)) for a, b in np.argwhere(flags.reshape(dims.n_text_layer, dims.n_text_head))]


def _punctuated(words: list[tuple[float, float, str]]) -> list[tuple[float, float, str]]:
    """The same with punctuation joined to the word before it."""
    joined: list[tuple[float, float, str]] = []
    for start, end, word in words:
        if joined and not any(map(str.isalnum, word)):
            joined[-1] = joined[-1][0], joined[-1][1], joined[-1][2] + word
        elif word:
            joined.append((start, end, word))
    return joined
