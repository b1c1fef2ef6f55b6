"""Measures how well turns are read: each field of each clause, the split, whole turns, and what may be acted upon."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.training.understanding import LabelledTurn
from assistant.understanding.types import FIELDS, Clause, Understanding

__all__ = ["ReadingFigures", "evaluate_understanding"]

Read = Callable[[str, str, str], Understanding]
"""text, question asked, language → clauses"""


@dataclass
class ReadingFigures:
    """Counts for the turns of one language."""

    language: str
    turns: int = 0
    whole: int = 0
    """turns whose split, acts and polarities are all right"""
    split: int = 0
    """turns split as labelled"""
    clauses: int = 0
    right: Counter[str] = field(default_factory=Counter)
    """field → labelled clauses whose value the clause read in their place (the one that shares most) has too"""
    confusion: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(labelled act, act read) → clauses"""
    acted: int = 0
    """clauses read as surely asking for something to be done now, for the user"""
    acted_rightly: int = 0
    to_act: int = 0
    """clauses labelled so"""

    def to_json(self) -> dict[str, Any]:
        """Shares 0 to 1; null where there was nothing to measure."""
        return {
            "language": self.language,
            "turns": self.turns,
            "clauses": self.clauses,
            "split": _share(self.split, self.turns),
            "whole": _share(self.whole, self.turns),
            **{name: _share(self.right[name], self.clauses) for name in FIELDS},
            "acting_precision": _share(self.acted_rightly, self.acted),
            "acting_recall": _share(self.acted_rightly, self.to_act),
            "acted": self.acted,
            "confusion": {f"{gold} → {read}": count for (gold, read), count in self.confusion.most_common()},
        }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def evaluate_understanding(turns: Iterable[LabelledTurn], read: Read) -> list[ReadingFigures]:
    """Read every turn and compare with its labels; one result for each language, by name.

    Args:
        turns: labelled.
        read: usually `ClauseReader.read`.
    """
    found: dict[str, ReadingFigures] = {}
    for turn in turns:
        figures = found.setdefault(turn.language, ReadingFigures(turn.language))
        _count(figures, turn, read(turn.text, turn.asked, turn.language).clauses)
    return [found[language] for language in sorted(found)]


def _count(figures: ReadingFigures, turn: LabelledTurn, read: Sequence[Clause]) -> None:
    gold = _labelled_spans(turn)
    same_split = [a for a, _ in gold] == [_first_word(turn.text, c.start) for c in read]
    right = 0
    for (start, end), label in zip(gold, turn.clauses, strict=True):
        clause = _closest(turn.text, read, start, end)
        same = {name: getattr(clause, name) == label[name] for name in FIELDS}
        figures.clauses += 1
        figures.right.update(name for name, equal in same.items() if equal)
        figures.confusion[label["act"], clause.act] += 1
        right += same["act"] and same["polarity"]
        wanted = tuple(label[name] for name in ("act", "polarity", "time", "whose"))
        figures.to_act += wanted == ACTING
        figures.acted += clause.acting
        figures.acted_rightly += clause.acting and wanted == ACTING
    figures.turns += 1
    figures.split += same_split
    figures.whole += same_split and right == len(gold)


ACTING = ("request", "positive", "now", "mine")


def _labelled_spans(turn: LabelledTurn) -> list[tuple[int, int]]:
    """First word's start, and end, of each labelled clause."""
    words = turn.words
    begins = [0, *turn.begins()]
    ends = [words[at - 1].end for at in begins[1:]] + [words[-1].end]
    return [(words[at].start, end) for at, end in zip(begins, ends, strict=True)]


def _closest(text: str, read: Sequence[Clause], start: int, end: int) -> Clause:
    """The clause read that shares most with a labelled one."""
    return max(read, key=lambda clause: min(clause.end, end) - max(clause.start, start))


def _first_word(text: str, start: int) -> int:
    """Where the first word at or after a place begins."""
    from assistant.understanding.tokens import words_of

    words = words_of(text[start:])
    return start + words[0].start if words else start
