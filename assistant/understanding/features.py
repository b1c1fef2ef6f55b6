"""Names what a clause shows: its words, their order, its cues, its neighbours, and the question it may answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from assistant.understanding.tokens import Word

__all__ = ["Piece", "clause_features", "pieces_of"]

SHORT = 7
"""words up to which a clause may answer a question as a whole"""
LONGEST = 60
"""words read of one clause: the first two thirds and the end"""
NEAR = 4
"""words from the start within which a negation is likely the main verb's"""
NEIGHBOUR = 8
"""words read of the clause before"""


@dataclass(frozen=True)
class Piece:
    """A clause before it is read."""

    words: tuple[str, ...]
    tags: tuple[str, ...]
    mark: str
    """punctuation behind the last word"""


def pieces_of(words: Sequence[Word], tags: Sequence[str], begins: Sequence[int]) -> list[Piece]:
    """The clauses that begin at these words; the first begins at word 0."""
    edges = [0, *begins, len(words)]
    return [
        Piece(
            tuple(word.text for word in words[start:end]),
            tuple(tags[start:end]),
            "".join(sorted(set(words[end - 1].after)))[:2] if end > start else "",
        )
        for start, end in pairwise(edges)
    ]


def clause_features(pieces: Sequence[Piece], at: int, asked: Piece | None, language: str) -> list[str]:
    """Names of what the clause shows.

    Args:
        pieces: the clauses of the turn.
        at: which one.
        asked: the open question that the turn may answer.
        language: ISO 639-1.
    """
    piece = pieces[at]
    texts = piece.words if len(piece.words) <= LONGEST else piece.words[:40] + piece.words[-20:]
    names = [
        f"len{_size(len(texts))}",
        f"mark{piece.mark}",
        f"lang{language}",
        f"mark{piece.mark}len{_size(len(texts))}",
    ]
    names += _grams("w", texts)
    names += _grams("t", [kind or "-" for kind in piece.tags[:LONGEST]])
    names += [f"k{kind}" for kind in set(piece.tags)]
    names += _repeats(texts)
    names += _negations(piece)
    names += _place(pieces, at)
    names += _answer(piece, asked) if asked else ["open"]
    return names


def _grams(kind: str, texts: Sequence[str]) -> Iterator[str]:
    """Runs of one to three words, and those at the start and at the end."""
    for at, word in enumerate(texts):
        yield f"{kind}{word}"
        if at:
            yield f"{kind}{texts[at - 1]} {word}"
        if at > 1:
            yield f"{kind}{texts[at - 2]} {texts[at - 1]} {word}"
    for size in (1, 2, 3):
        if len(texts) >= size:
            yield f"{kind}^{' '.join(texts[:size])}"
            yield f"{kind}{' '.join(texts[-size:])}$"


def _repeats(texts: Sequence[str]) -> Iterator[str]:
    """Chinese asks with a word, "not", and the word again (好不好, 去没去), or leaves out the second one at the end."""
    for first, middle, last in zip(texts, texts[1:], texts[2:], strict=False):
        if first == last and middle in "不没":
            yield "whether"
    if texts and texts[-1] in "不没吗呢":
        yield f"whether{texts[-1]}$"


def _negations(piece: Piece) -> Iterator[str]:
    """Number of negations, whether the first is near the start, and whether the clause asks."""
    found = [at for at, kind in enumerate(piece.tags) if kind in ("negation", "nothing")]
    bare = bool(piece.words) and piece.words[0] == "no" and len(piece.words) > 1 and "refuse" not in piece.tags[1:]
    count = min(len(found) + bare, 3)
    asks = "?" in piece.mark or "asking" in piece.tags or "asks" in piece.tags
    yield f"not{count}"
    yield f"not{count}{asks}"
    yield f"not{count}{bool(found) and found[0] < NEAR}{'supposed' in piece.tags}"


def _place(pieces: Sequence[Piece], at: int) -> Iterator[str]:
    """Place of the clause in its turn, and the first words of its neighbours."""
    yield f"place{at == 0}{at == len(pieces) - 1}"
    if at:
        before = pieces[at - 1]
        yield f"before{before.mark}"
        for kind, texts in (("bw", before.words), ("bt", before.tags)):
            yield from (f"{kind}{text}" for text in set(texts[:NEIGHBOUR]))
            yield f"{kind}^{' '.join(texts[:2])}"
    if at + 1 < len(pieces):
        coming = pieces[at + 1]
        for kind, texts in (("aw", coming.words), ("at", coming.tags)):
            yield f"{kind}^{' '.join(texts[:1])}"
            yield f"{kind}^{' '.join(texts[:2])}"


def _answer(piece: Piece, asked: Piece) -> Iterator[str]:
    """Features of an answer to the open question."""
    yield "asked"
    wants = "which" if "asking" in asked.tags else "whether"
    yield f"asked{wants}"
    yield f"asked{wants}len{_size(len(piece.words))}"
    yield f"asked^{' '.join(asked.words[:2])}"
    shared = len(set(asked.words) & {word for word, kind in zip(piece.words, piece.tags, strict=True) if not kind})
    yield f"shared{min(shared, 3)}"
    short = len(piece.words) <= SHORT
    for kind, texts in (("q", piece.words), ("qt", piece.tags)):
        yield f"{kind}^{texts[0] if texts else ''}{wants}"
        yield f"{kind}^{' '.join(texts[:2])}"
        if short:
            yield from (f"{kind}{text}" for text in texts)
            yield f"{kind}={' '.join(texts)}"


def _size(count: int) -> int:
    return int(np.searchsorted((1, 2, 3, 4, 6, 9, 14, 22), count))
