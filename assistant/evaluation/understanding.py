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
from assistant.terminal.steps import StepProgress, tracked
from assistant.training.understanding import DATA, AnnotatedTurn, read_turns
from assistant.understanding.model import ClauseReader
from assistant.understanding.tokens import words_of
from assistant.understanding.types import FIELDS, Clause, Understanding

__all__ = ["Read", "ReadingFigures", "evaluate_understanding", "measure_understanding", "reading"]

GOALS = {"act": 92.0, "polarity": 96.0, "whole turns": 88.0}
"""percent, at least"""
CONFUSIONS = 6
"""pairs of acts that are named"""
ACTING = {"act": "request", "polarity": "positive", "time": "now", "whose": "mine"}
PARTS = {"held-out": ["held_out"], "train": ["train"], "all": ["train", "held_out"]}
"""split → folders of labelled turns"""

Read = Callable[[str, str, str], Understanding]
"""text, question asked, language → clauses"""


@dataclass
class ReadingFigures:
    """Counts for the turns of one language."""

    turns: int = 0
    whole: int = 0
    """turns whose split, acts and polarities are all right"""
    split: int = 0
    """turns split as labelled"""
    clauses: int = 0
    right: Counter[str] = field(default_factory=Counter)
    """field → labelled clauses whose value the clause read in their place (the one that shares most) has too"""
    confusion: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(labelled act, other act read) → clauses"""
    acted: int = 0
    """clauses read as surely asking for something to be done now, for the user"""
    acted_rightly: int = 0
    to_act: int = 0
    """clauses labelled so"""

    def shares(self) -> dict[str, float]:
        """Returns every figure as a share, 0 to 1."""
        found = {name: self.right[name] / self.clauses for name in FIELDS}
        found |= {"split": self.split / self.turns, "whole turns": self.whole / self.turns}
        acting = {"precision": self.acted, "recall": self.to_act}
        return found | {f"acting, {name}": self.acted_rightly / max(1, of) for name, of in acting.items()}


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
    for language, figures in evaluate_understanding(tracked(progress, "turns", turns), read).items():
        rows += [Row(f"{language}: {n}", 100 * s, "%", at_least=GOALS.get(n)) for n, s in figures.shares().items()]
        told = ", ".join(f"{gold} → {took} {n}" for (gold, took), n in figures.confusion.most_common(CONFUSIONS))
        notes.append(f"{language}: {figures.turns} turns, {figures.clauses} clauses; labelled → read: {told}")
    return Report("evaluate understanding", str(file or f"{split} turns"), rows, notes)


def evaluate_understanding(turns: Iterable[AnnotatedTurn], read: Read) -> dict[str, ReadingFigures]:
    """Reads every turn and compares with its labels; figures by language."""
    found: dict[str, ReadingFigures] = {}
    for turn in turns:
        clauses = read(turn.text, turn.asked, turn.language).clauses
        _count(found.setdefault(turn.language, ReadingFigures()), turn, clauses)
    return dict(sorted(found.items()))


def _count(figures: ReadingFigures, turn: AnnotatedTurn, read: Sequence[Clause]) -> None:
    words, begins = turn.words, [0, *turn.begins()]
    ends = [words[at - 1].end for at in begins[1:]] + [words[-1].end]
    same_split = [words[at].start for at in begins] == [_first_word(turn.text, clause.start) for clause in read]
    whole = same_split
    for at, end, label in zip(begins, ends, turn.clauses, strict=True):
        # The clause read that shares most with the labelled one.
        clause = max(read, key=lambda each: min(each.end, end) - max(each.start, words[at].start))
        same = {name for name in FIELDS if getattr(clause, name) == label[name]}
        figures.clauses += 1
        figures.right.update(same)
        figures.confusion.update([(label["act"], clause.act)] if "act" not in same else [])
        whole = whole and {"act", "polarity"} <= same
        wanted = all(label[name] == value for name, value in ACTING.items())
        figures.to_act += wanted
        figures.acted += clause.acting
        figures.acted_rightly += clause.acting and wanted
    figures.turns += 1
    figures.split += same_split
    figures.whole += whole


def _first_word(text: str, start: int) -> int:
    """Where the first word at or after a place begins."""
    words = words_of(text[start:])
    return start + words[0].start if words else start
