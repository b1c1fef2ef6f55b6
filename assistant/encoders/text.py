"""Sentences to vectors with BERT (all-MiniLM-L6-v2 by default) or MPNet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.encoders.checkpoints import locate
from assistant.encoders.device import on_processor
from assistant.encoders.threads import map_threads
from assistant.encoders.words import average, clean, group_pieces
from assistant.errors import ModelUnavailable
from assistant.types import Encoding, FloatArray, Modality

if TYPE_CHECKING:
    from tokenizers import Encoding as Pieces
    from tokenizers import Tokenizer

    from assistant.encoders.bert import BertModel

__all__ = ["FINER", "USUAL", "BertEncoder"]

BATCH = 32
"""sentences per forward pass: more gains nothing on a processor"""
USUAL, FINER = "minilm-l6", "mpnet-base"
"""models of the catalogue; the second reads intents beside the first, whose space pictures share"""
IN_8_BITS = (USUAL, FINER)
"""the models whose 8-bit weights were measured beside the original's (``-m data``); others keep their precision"""


class BertEncoder:
    """Reads English. One token per word (the mean of its word pieces); pooled is the mean of all pieces, unit length.

    Args:
        model: a name from ``config/models.toml``, ``"dir:/path"`` or ``"hub:owner/name"``: any BERT or MPNet with
            a ``tokenizer.json``.
        max_tokens: word pieces read; the rest is cut.
        threads: processor threads.
        name: of the encoder and its space.
    """

    modality: Modality = "text"
    english_only = True

    def __init__(self, model: str = USUAL, *, max_tokens: int = 256, threads: int = 2, name: str = "bert") -> None:
        self.name = name
        self.model = model
        self.dimension = 384
        self._max_tokens = max_tokens
        self._threads = threads
        self._network: BertModel | None = None
        self._tokenizer: Tokenizer | None = None

    def load(self) -> None:
        """Load the weights now instead of at the first `encode`. Idempotent.

        Raises:
            ModelUnavailable: they are missing, damaged, or not those of a BERT.
        """
        if self._network is not None:
            return
        folder = locate(self.model)
        from assistant.encoders.bert import BertModel

        try:
            network = BertModel(folder, in_8_bits=self.model in IN_8_BITS and on_processor())
            most = min(self._max_tokens, network.config.max_position_embeddings)
            tokenizer = _load_tokenizer(str(folder / "tokenizer.json"), most)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise ModelUnavailable(f"{folder} does not hold a BERT: {error}") from error
        self._network, self._tokenizer, self.dimension = network, tokenizer, network.config.hidden_size

    def encode(self, inputs: Sequence[str]) -> list[Encoding]:
        """Encode sentences; one encoding each, in order.

        Raises:
            ModelUnavailable: the weights cannot be had.
        """
        self.load()
        assert self._tokenizer is not None
        texts = [clean(text) for text in inputs]
        pieces = self._tokenizer.encode_batch(texts)
        # Neighbours of like length share a batch, so that little is spent on padding.
        order = sorted(range(len(texts)), key=lambda index: len(pieces[index].ids))
        encodings: dict[int, Encoding] = {}
        batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
        forward = map_threads(self._threads, lambda batch: self._forward([pieces[i].ids for i in batch]), batches)
        for chosen, rows in zip(batches, forward, strict=True):
            for index, states in zip(chosen, rows, strict=True):
                encodings[index] = self._encoding(inputs[index], texts[index], pieces[index], states)
        return [encodings[index] for index in range(len(texts))]

    def knows(self, word: str) -> bool:
        """Returns whether a lower-case word is a whole piece of the vocabulary, as common words are.

        Raises:
            ModelUnavailable: the weights cannot be had.
        """
        self.load()
        assert self._tokenizer is not None
        return self._tokenizer.token_to_id(word) is not None

    def fade(self, text: str, gains: FloatArray) -> list[Encoding]:
        """Encode one sentence again and again, each time with some of its words weakened.

        Args:
            text: the sentence.
            gains: (m, words), float32, 0 to 1: what the embeddings of each word are multiplied by, before they
                meet the other words. Words as in the labels of its encoding.

        Returns:
            m encodings.

        Raises:
            ModelUnavailable: the weights cannot be had.
        """
        self.load()
        assert self._tokenizer is not None
        assert self._network is not None
        cleaned = clean(text)
        pieces: Pieces = self._tokenizer.encode(cleaned)
        inner = [index for index, special in enumerate(pieces.special_tokens_mask) if not special]
        groups, _ = group_pieces(cleaned, [pieces.offsets[index] for index in inner])
        by_piece = np.ones((len(gains), len(pieces.ids)), np.float32)
        by_piece[:, inner] = gains[:, groups]
        encodings: list[Encoding] = []
        for rows in (by_piece[start : start + BATCH] for start in range(0, len(gains), BATCH)):
            states = self._network(np.tile(pieces.ids, (len(rows), 1)), None, rows)
            encodings += [self._encoding(text, cleaned, pieces, row) for row in states]
        return encodings

    def _forward(self, batch: list[list[int]]) -> list[FloatArray]:
        assert self._network is not None
        lengths = np.array([len(ids) for ids in batch])
        ids = np.zeros((len(batch), lengths.max()), np.int64)
        for row, piece_ids in zip(ids, batch, strict=True):
            row[: len(piece_ids)] = piece_ids
        return [states[:length] for states, length in zip(self._network(ids, lengths), lengths, strict=True)]

    def _encoding(self, original: str, text: str, pieces: Pieces, states: FloatArray) -> Encoding:
        pooled = states.mean(axis=0)
        pooled /= max(float(np.linalg.norm(pooled)), 1e-12)
        inner = [index for index, special in enumerate(pieces.special_tokens_mask) if not special]
        if not inner:  # nothing but the start and end marks
            return Encoding("text", self.name, states[:1].copy(), np.ones(1, np.bool_), pooled, original, ("",))
        groups, words = group_pieces(text, [pieces.offsets[index] for index in inner])
        tokens = average(states[inner], groups, len(words))
        return Encoding("text", self.name, tokens, np.ones(len(tokens), np.bool_), pooled, original, words)


def _load_tokenizer(path: str, max_tokens: int) -> Any:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(path)
    except Exception as error:  # the Rust library raises bare exceptions
        raise ModelUnavailable(f"Cannot read {path}: {error}; fetch the model again") from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer
