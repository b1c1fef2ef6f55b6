"""Reads turns into clauses: splits, then reads act, polarity, time, whose and scope of each clause."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ModelUnavailable
from assistant.language import detect_language
from assistant.types import Encoding
from assistant.understanding.cues import tag
from assistant.understanding.features import Piece, clause_features, pieces_of
from assistant.understanding.linear import FloatArray, Linear, probabilities
from assistant.understanding.negation import declines
from assistant.understanding.network import Networks, Sight
from assistant.understanding.rules import asks_to_do, read_act, read_polarity, read_scope
from assistant.understanding.splitting import spans_of, split_words
from assistant.understanding.states import word_states
from assistant.understanding.tokens import words_of
from assistant.understanding.types import FIELDS, Act, Clause, Polarity, Scope, Time, Understanding, Whose

__all__ = ["LEARNED", "MOST", "WEIGHTS", "ClauseReader", "values_of"]

WEIGHTS = Path(__file__).parent / "weights" / "clauses.safetensors"
LEARNED = frozenset(["en", "zh"])
"""languages with a learned reader; the others are read by rules"""
MOST = 1_000
"""clauses read by the model; what follows is read by rules, with confidence 0"""
MOST_WORDS = 8_000
"""words split by the model; longer turns are split by rules"""
NETWORK_WORDS = 200
"""words up to which a turn is read by the networks too"""
READ_ASKED = 500
"""characters read of the open question"""
BY_RULE = 0.4
"""confidence of a clause that rules read: too little to act on"""

_NUMBERED = re.compile(r"\w*\d\w*")
"""numbers and identifiers, whose letters ("A" of A1002) are no words of any language"""

Values = tuple[Act, Polarity, Time, Whose, Scope, float]
"""the fields of a clause, and its confidence"""


class ClauseReader:
    """Reads turns. The weights are loaded at the first turn; one reader may serve many threads.

    Args:
        weights: a safetensors file written by `assistant train understanding`.
        uses_states: whether the encodings given to `read` are of the encoders that the weights were fitted to.
    """

    def __init__(self, weights: Path = WEIGHTS, *, uses_states: bool = True) -> None:
        self._weights = weights
        self._uses_states = uses_states

    def load(self) -> None:
        """Load the weights now instead of at the first turn.

        Raises:
            ModelUnavailable: the weights are missing or damaged.
        """
        _ = self.splitter, self.classifier, self.networks

    def read(self, text: str, asked: str = "", language: str = "", encodings: Sequence[Encoding] = ()) -> Understanding:
        """Split a turn into clauses and read each.

        Args:
            text: what the user said or typed; any string.
            asked: the question that is open, word for word; "" for none.
            language: ISO 639-1; "" finds out.
            encodings: what the text encoders made of this very text; without them it is read less well.

        Raises:
            ModelUnavailable: the weights are missing or damaged.
        """
        language = language or detect_language(_NUMBERED.sub(" ", text), detect_language(_NUMBERED.sub(" ", asked)))
        words = words_of(text)
        if not words:
            return Understanding(text, language, tuple(Clause(text[a:b], a, b) for a, b in spans_of(text, [], [])))
        tags, question = tag([word.text for word in words], language), _piece_of(asked, language)
        learned = language in LEARNED
        seen = self._uses_states and learned and len(words) <= NETWORK_WORDS
        states = word_states(words, text, language, encodings) if seen else None
        sight = self.networks.see(words, tags, question, states) if self.networks and states is not None else None
        splitter = self.splitter if learned and len(words) <= MOST_WORDS else None
        begins = split_words(words, language, splitter, sight.gaps() if sight else None)
        read = self._fields(pieces_of(words, tags, begins), begins, question, language, sight)
        clauses = (
            Clause(text[a:b], a, b, *values) for (a, b), values in zip(spans_of(text, words, begins), read, strict=True)
        )
        return Understanding(text, language, tuple(clauses))

    def _fields(
        self, pieces: Sequence[Piece], begins: Sequence[int], asked: Piece | None, language: str, sight: Sight | None
    ) -> list[Values]:
        learned = language in LEARNED
        known = min(MOST, len(pieces)) if learned else 0
        scores = self.classifier.scores([clause_features(pieces, at, asked, language) for at in range(known)])
        if sight:
            scores = np.float32(0.5) * (scores + sight.clauses(begins))
        values = zip(values_of(scores), pieces[:known], strict=True)
        read = [_careful(each, piece, asked) for each, piece in values]
        return read + [_by_rules(piece, asked, 0.0 if learned else BY_RULE) for piece in pieces[known:]]

    @cached_property
    def splitter(self) -> Linear:
        """Scores of no new clause and a new clause at a gap."""
        return self._load("splitting")

    @cached_property
    def classifier(self) -> Linear:
        """Scores of all values of all `FIELDS`, side by side."""
        return self._load("clauses")

    @cached_property
    def networks(self) -> Networks | None:
        """The networks that read the encoders' states; None if the weights hold none."""
        return Networks.from_arrays(self._arrays)

    def _load(self, name: str) -> Linear:
        try:
            return Linear.from_arrays(self._arrays, name)
        except KeyError as error:
            raise ModelUnavailable(f"{self._weights} lacks {error}; reinstall the assistant") from error

    @cached_property
    def _arrays(self) -> dict[str, NDArray[np.generic]]:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            return dict(load_file(self._weights))
        except (OSError, SafetensorError) as error:
            raise ModelUnavailable(f"Cannot read {self._weights} ({error}); reinstall the assistant") from error


def values_of(scores: FloatArray) -> list[Values]:
    """The likeliest value of each field; a refusal is negative whatever the polarity's own score.

    Args:
        scores: (n, k), logits of all values of all `FIELDS`, side by side.
    """
    chosen: list[list[str]] = []
    shares: list[FloatArray] = []
    at = 0
    for choices in FIELDS.values():
        share = probabilities(scores[:, at : at + len(choices)])
        best = share.argmax(axis=1)
        chosen.append([choices[i] for i in best.tolist()])
        shares.append(share[np.arange(len(best)), best])
        at += len(choices)
    sure = (shares[0] * shares[1] * shares[2] * shares[3]).tolist()
    found = []
    for act, polarity, time, whose, scope, share in zip(*chosen, sure, strict=True):
        polarity = "negative" if act == "no" else polarity
        found.append(cast(Values, (act, polarity, time, whose, scope, share)))
    return found


def _careful(values: Values, piece: Piece, asked: Piece | None) -> Values:
    """Takes a request with a negated verb for one not to act, and such a yes for a no, whatever was learned."""
    act, polarity, time, whose, scope, confidence = values
    if act == "question" and asks_to_do(piece.words):
        return "request", polarity, time, whose, scope, confidence
    if act == "request" and declines(piece.words):
        return act, "negative", time, whose, scope, confidence
    if act == "yes" and asked and declines(piece.words) and not declines(asked.words):
        return "no", "negative", time, whose, scope, confidence
    return values


def _by_rules(piece: Piece, asked: Piece | None, confidence: float) -> Values:
    act = read_act(piece, asked)
    return act, read_polarity(piece, act), "now", "mine", read_scope(piece), confidence


def _piece_of(asked: str, language: str) -> Piece | None:
    """The open question as one piece; None where nothing is asked."""
    words = words_of(asked[:READ_ASKED])
    return pieces_of(words, tag([word.text for word in words], language), [])[0] if words else None
