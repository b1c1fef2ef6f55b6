"""Spaced repetition: when each question of the course is asked again.

The schedule is SM-2 (P. A. Wozniak, "Optimization of learning", University of Technology in Poznan, 1990,
section 3.2): after an answer of quality q (0 to 5) of at least 3 the ease becomes
EF' = max(1.3, EF + 0.1 − (5 − q)(0.08 + (5 − q) 0.02)); intervals are 1 day, 6 days, then the last one times EF;
q below 3 begins again at one day and leaves the ease.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

__all__ = ["Card", "Reviews", "next_card"]

QUALITY = {"right": 5, "partly": 3, "wrong": 1}
"""verdict of an answer → SM-2's quality of response"""
LEAST_EASE, FIRST_EASE = 1.3, 2.5


@dataclass(frozen=True)
class Card:
    """What is known about one question."""

    question: str
    due: str
    """ISO date"""
    repetitions: int = 0
    """right or partly right in a row"""
    interval: int = 0
    """days"""
    ease: float = FIRST_EASE
    """E-factor, at least 1.3"""


def next_card(card: Card, quality: int, today: date) -> Card:
    """The card after an answer of quality 0 to 5."""
    ease, repetitions, interval = card.ease, 0, 1
    if quality >= 3:
        miss = 5 - quality
        ease = max(LEAST_EASE, card.ease + 0.1 - miss * (0.08 + miss * 0.02))
        repetitions = card.repetitions + 1
        interval = 1 if repetitions == 1 else 6 if repetitions == 2 else round(card.interval * ease)
    due = (today + timedelta(days=interval)).isoformat()
    return Card(card.question, due, repetitions, interval, ease)


class Reviews:
    """The cards of one learner, in an SQLite file.

    Args:
        folder: where ``reviews.sqlite3`` lives.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "reviews.sqlite3"

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._file, timeout=5.0, isolation_level=None)) as db, db:
            db.execute("BEGIN IMMEDIATE")
            db.execute(
                "CREATE TABLE IF NOT EXISTS cards (question TEXT PRIMARY KEY, due TEXT NOT NULL, "
                "repetitions INTEGER NOT NULL, days INTEGER NOT NULL, ease REAL NOT NULL)"
            )
            db.execute("CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, question TEXT NOT NULL)")
            yield db

    def due(self, questions: Sequence[str], today: date) -> list[str]:
        """The questions of these that are due, the longest overdue first."""
        with self._open() as db:
            rows = db.execute("SELECT question FROM cards WHERE due <= ? ORDER BY due", (today.isoformat(),)).fetchall()
        return [question for (question,) in rows if question in questions]

    def seen(self, questions: Sequence[str]) -> set[str]:
        """Those of these questions that were ever answered."""
        with self._open() as db:
            return {question for (question,) in db.execute("SELECT question FROM cards")} & set(questions)

    def answered(self, key: str, question: str, verdict: str, today: date) -> str:
        """Note an answer once per key; the ISO date on which the question is due again."""
        with self._open() as db:
            row = db.execute("SELECT * FROM cards WHERE question = ?", (question,)).fetchone()
            card = Card(*row) if row else Card(question, today.isoformat())
            if db.execute("INSERT OR IGNORE INTO answers VALUES (?, ?)", (key, question)).rowcount:
                card = next_card(card, QUALITY[verdict], today)
                values = (card.question, card.due, card.repetitions, card.interval, card.ease)
                db.execute("INSERT OR REPLACE INTO cards VALUES (?, ?, ?, ?, ?)", values)
            return card.due
