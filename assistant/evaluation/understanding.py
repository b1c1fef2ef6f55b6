"""Measures how well turns are read: each field of each clause, the split, whole turns, and what may be acted upon."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.encoders.encoder import Encoder
from assistant.encoders.factory import create_encoders
from assistant.settings import Settings
from assistant.terminal.report import Report, Row
from assistant.terminal.steps import StepProgress
from assistant.training.understanding import DATA, AnnotatedTurn, read_turns
from assistant.understanding.model import ClauseReader
from assistant.understanding.tokens import words_of
from assistant.understanding.types import FIELDS, Clause, Understanding

__all__ = ["Read", "ReadingFigures", "evaluate_understanding", "measure_understanding", "reading"]

GOALS = {"act": 92.0, "polarity": 96.0, "whole turns": 88.0}
"""percent, at least"""
CONFUSIONS = 6
"""pairs of acts that are named"""
ACTING = ("request", "positive", "now", "mine")
PARTS = {"held-out": ["held_out"], "train": ["train"], "all": ["train", "held_out"]}
"""split → folders of labelled turns"""

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


def reading(reader: ClauseReader, encoders: Sequence[Encoder]) -> Read:
    """Returns what reads turns as the pipeline does: with what the text encoders make of them."""

    def read(text: str, asked: str, language: str) -> Understanding:
        encodings = [encoding for encoder in encoders for encoding in encoder.encode([text])]
        return reader.read(text, asked, language, encodings)

    return read


def measure_understanding(settings: Settings, progress: StepProgress, file: Path | None, split: str) -> Report:
    """Reads labelled turns and compares with the labels; rows per language, and the acts most often taken for another.

    Args:
        file: of turns, or a folder of such files; by default those of `split` in a source checkout.
    """
    turns = [turn for path in ([file] if file else [DATA / part for part in PARTS[split]]) for turn in read_turns(path)]
    read = reading(ClauseReader(), [each for each in create_encoders(settings) if each.modality == "text"])
    rows: list[Row] = []
    notes: list[str] = []
    for figures in evaluate_understanding(turns, read):
        shares = {name: figures.right[name] / figures.clauses for name in FIELDS}
        shares |= {"split": figures.split / figures.turns, "whole turns": figures.whole / figures.turns}
        shares["acting, precision"] = figures.acted_rightly / max(1, figures.acted)
        shares["acting, recall"] = figures.acted_rightly / max(1, figures.to_act)
        language = figures.language
        rows += [
            Row(f"{language}: {name}", 100 * share, "%", at_least=GOALS.get(name)) for name, share in shares.items()
        ]
        wrong = [(pair, count) for pair, count in figures.confusion.most_common() if pair[0] != pair[1]]
        told = ", ".join(f"{gold} → {taken} {count}" for (gold, taken), count in wrong[:CONFUSIONS])
        notes.append(f"{language}: {figures.turns} turns, {figures.clauses} clauses; labelled → read: {told}")
    return Report("evaluate understanding", str(file or f"{split} turns"), rows, notes)


def evaluate_understanding(turns: Iterable[AnnotatedTurn], read: Read) -> list[ReadingFigures]:
    """Reads every turn and compares with its labels; one result for each language, by name."""
    found: dict[str, ReadingFigures] = {}
    for turn in turns:
        figures = found.setdefault(turn.language, ReadingFigures(turn.language))
        _count(figures, turn, read(turn.text, turn.asked, turn.language).clauses)
    return [found[language] for language in sorted(found)]


def _count(figures: ReadingFigures, turn: AnnotatedTurn, read: Sequence[Clause]) -> None:
    gold = _labelled_spans(turn)
    same_split = [a for a, _ in gold] == [_first_word(turn.text, c.start) for c in read]
    right = 0
    for (start, end), label in zip(gold, turn.clauses, strict=True):
        # The clause read that shares most with the labelled one.
        clause = max(read, key=lambda each: min(each.end, end) - max(each.start, start))
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


def _labelled_spans(turn: AnnotatedTurn) -> list[tuple[int, int]]:
    """First word's start, and end, of each labelled clause."""
    words = turn.words
    begins = [0, *turn.begins()]
    ends = [words[at - 1].end for at in begins[1:]] + [words[-1].end]
    return [(words[at].start, end) for at, end in zip(begins, ends, strict=True)]


def _first_word(text: str, start: int) -> int:
    """Where the first word at or after a place begins."""
    words = words_of(text[start:])
    return start + words[0].start if words else start
