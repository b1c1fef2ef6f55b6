"""Spaced repetition: when each question of the course is asked again, scheduled by FSRS."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fsrs import Scheduler

__all__ = ["Card", "Reviews", "next_card"]

RATINGS = {"right": 3, "partly": 2, "wrong": 1}
"""verdict of an answer → `fsrs.Rating` (good, hard, again)"""

_SCHEMA = (
    (
        "CREATE TABLE IF NOT EXISTS schedule (question TEXT PRIMARY KEY, due TEXT NOT NULL, reviewed TEXT NOT NULL, "
        "stability REAL NOT NULL, difficulty REAL NOT NULL)"
    ),
    "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, question TEXT NOT NULL)",
)
_FROM_SM2 = (
    # FSRS's stability is the interval after which nine of ten are remembered, which is what SM-2's interval aims at.
    # SM-2's first ease, 2.5, becomes the difficulty of a first right answer, 2.1; the least ease, 1.3, the greatest.
    (
        "INSERT OR IGNORE INTO schedule SELECT question, due, date(due, '-' || days || ' days'), max(days, 1), "
        "min(10, max(1, 10 - 6.6 * (ease - 1.3))) FROM cards"
    ),
    "DROP TABLE cards",
)
"""takes over the schedule that earlier versions kept"""


@dataclass(frozen=True)
class Card:
    """Learning state of one question that was answered."""

    question: str
    due: str
    """ISO date"""
    reviewed: str
    """ISO date of the last answer"""
    stability: float
    """days after which nine of ten are still remembered"""
    difficulty: float
    """1 to 10"""


def _scheduler() -> Scheduler:
    from fsrs import Scheduler

    # Whole days only, and no chance in them: a dialogue that goes on after a crash must name the same date.
    return Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)


def _at(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), UTC)


def next_card(question: str, before: Card | None, verdict: str, today: date) -> Card:
    """The card of a question after an answer: "right", "partly" or "wrong"."""
    import fsrs

    card = fsrs.Card(card_id=0)
    if before is not None:
        card = fsrs.Card(
            card_id=0,
            state=fsrs.State.Review,
            stability=before.stability,
            difficulty=before.difficulty,
            due=_at(before.due),
            last_review=_at(before.reviewed),
        )
    now = _at(today.isoformat())
    after, _ = _scheduler().review_card(card, fsrs.Rating(RATINGS[verdict]), now)
    assert after.stability is not None
    assert after.difficulty is not None
    return Card(question, after.due.date().isoformat(), today.isoformat(), after.stability, after.difficulty)


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
            for statement in _SCHEMA:
                db.execute(statement)
            if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'cards'").fetchone():
                for statement in _FROM_SM2:
                    db.execute(statement)
            yield db

    def due(self, questions: Sequence[str], today: date) -> list[str]:
        """The questions of these that are due, the longest overdue first."""
        with self._open() as db:
            order = "SELECT question FROM schedule WHERE due <= ? ORDER BY due"
            rows = db.execute(order, (today.isoformat(),)).fetchall()
        return [question for (question,) in rows if question in questions]

    def seen(self, questions: Sequence[str]) -> set[str]:
        """Those of these questions that were ever answered."""
        with self._open() as db:
            return {question for (question,) in db.execute("SELECT question FROM schedule")} & set(questions)

    def answered(self, key: str, question: str, verdict: str, today: date) -> str:
        """Notes an answer once per key; returns the ISO date on which the question is due again."""
        with self._open() as db:
            row = db.execute("SELECT * FROM schedule WHERE question = ?", (question,)).fetchone()
            card = Card(*row) if row else None
            if card is None or db.execute("SELECT 1 FROM answers WHERE key = ?", (key,)).fetchone() is None:
                card = next_card(question, card, verdict, today)
                db.execute("INSERT OR IGNORE INTO answers VALUES (?, ?)", (key, question))
                db.execute("INSERT OR REPLACE INTO schedule VALUES (?, ?, ?, ?, ?)", tuple(vars(card).values()))
            return card.due
