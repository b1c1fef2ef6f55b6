"""Keeps lists and notes in a database file of the plugin's own, safe for several programs at once."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from assistant import PluginError

__all__ = ["MOST_ITEMS", "Item", "Keeper", "Note", "key_of"]

MOST_ITEMS = 1_000
"""items on a list, and notes; more are refused, so that nothing is dropped in silence"""
TABLES = """
CREATE TABLE IF NOT EXISTS lists (name TEXT PRIMARY KEY, used REAL NOT NULL);
CREATE TABLE IF NOT EXISTS items (
    id INTEGER PRIMARY KEY, list TEXT NOT NULL, key TEXT NOT NULL, text TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0,
    UNIQUE (list, key)
);
CREATE TABLE IF NOT EXISTS notes (id TEXT PRIMARY KEY, text TEXT NOT NULL, at REAL NOT NULL);
"""


@dataclass(frozen=True)
class Item:
    """One thing on a list."""

    text: str
    done: bool = False


@dataclass(frozen=True)
class Note:
    """One note."""

    id: str
    text: str
    at: float
    """seconds since the epoch"""


class Keeper:
    """Reads and writes the file; every call is one transaction.

    Args:
        folder: the plugin's own.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "everyday.sqlite3"

    @contextmanager
    def _begin(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=10, isolation_level=None)) as connection:
                connection.executescript(TABLES)
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                except BaseException:
                    connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise PluginError("everyday", f"{self._path} cannot be used: {error}; nothing was changed") from error

    # Lists

    def lists(self) -> list[str]:
        """The names of all lists, the one used last first."""
        with self._begin() as db:
            return [name for (name,) in db.execute("SELECT name FROM lists ORDER BY used DESC, name")]

    def make(self, name: str) -> bool:
        """Make a list; False where it is there already."""
        with self._begin() as db:
            there = db.execute("SELECT 1 FROM lists WHERE name = ?", (name,)).fetchone()
            self._touch(db, name)
            return there is None

    def items(self, name: str) -> list[Item]:
        """Returns the items of a list, open ones first."""
        with self._begin() as db:
            return self._items(db, name)

    def add(self, name: str, items: Sequence[str]) -> tuple[list[str], list[str]]:
        """Put items on a list, and make it where it is missing.

        Returns:
            Those that are new or no longer ticked off, and those that were on it.

        Raises:
            PluginError: it would hold more than `MOST_ITEMS`.
        """
        added, there = [], []
        with self._begin() as db:
            self._touch(db, name)
            known = {key_of(item.text): item for item in self._items(db, name)}
            if len(known) + len(items) > MOST_ITEMS:
                raise PluginError("everyday", f"a list holds at most {MOST_ITEMS:,} items; nothing was added")
            for text in items:
                old = known.get(key_of(text))
                if old is not None and not old.done:
                    there.append(old.text)
                    continue
                db.execute("DELETE FROM items WHERE list = ? AND key = ?", (name, key_of(text)))
                db.execute("INSERT INTO items (list, key, text) VALUES (?, ?, ?)", (name, key_of(text), text))
                known[key_of(text)] = Item(text)
                added.append(text)
        return added, there

    def tick(self, name: str, items: Sequence[str]) -> None:
        """Tick items off, by their texts."""
        self._change("UPDATE items SET done = 1 WHERE list = ? AND key = ?", name, items)

    def remove(self, name: str, items: Sequence[str]) -> None:
        """Take items off, by their texts."""
        self._change("DELETE FROM items WHERE list = ? AND key = ?", name, items)

    def clear(self, name: str, *, wholly: bool) -> int:
        """Take everything off a list; `wholly` the list too. Returns how many items it held."""
        with self._begin() as db:
            count = db.execute("DELETE FROM items WHERE list = ?", (name,)).rowcount
            if wholly:
                db.execute("DELETE FROM lists WHERE name = ?", (name,))
            return count

    def _change(self, statement: str, name: str, items: Sequence[str]) -> None:
        with self._begin() as db:
            self._touch(db, name)
            db.executemany(statement, [(name, key_of(item)) for item in items])

    def _touch(self, db: sqlite3.Connection, name: str) -> None:
        db.execute("INSERT INTO lists VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET used = excluded.used",
                   (name, time.time()))  # fmt: skip

    def _items(self, db: sqlite3.Connection, name: str) -> list[Item]:
        rows = db.execute("SELECT text, done FROM items WHERE list = ? ORDER BY done, id", (name,))
        return [Item(text, bool(done)) for text, done in rows]

    # Notes

    def notes(self) -> list[Note]:
        """All notes, oldest first."""
        with self._begin() as db:
            return [Note(*row) for row in db.execute("SELECT id, text, at FROM notes ORDER BY at, id")]

    def note(self, note: Note) -> None:
        """Keep a note; one of an id that is there stays as it is.

        Raises:
            PluginError: there are `MOST_ITEMS`.
        """
        with self._begin() as db:
            if db.execute("SELECT count(*) FROM notes").fetchone()[0] >= MOST_ITEMS:
                raise PluginError("everyday", f"{MOST_ITEMS:,} notes are kept at most; delete some first")
            db.execute("INSERT OR IGNORE INTO notes VALUES (?, ?, ?)", (note.id, note.text, note.at))

    def reword(self, note: str, text: str) -> None:
        """Give the note of an id another text."""
        with self._begin() as db:
            db.execute("UPDATE notes SET text = ? WHERE id = ?", (text, note))

    def drop(self, ids: Sequence[str]) -> None:
        """Delete notes by their ids."""
        with self._begin() as db:
            db.executemany("DELETE FROM notes WHERE id = ?", [(each,) for each in ids])


def key_of(text: str) -> str:
    """Returns the key that identifies equal items: lower case, without articles."""
    words = " ".join(text.lower().split()).strip(" .,!?。，！？")
    for article in ("a ", "an ", "the ", "some ", "my "):
        words = words.removeprefix(article)
    return words
