"""Facts that users stated about themselves, for plugins."""

from __future__ import annotations

import time
from collections.abc import Sequence

from assistant.errors import InputError, TextError
from assistant.storage.database import Database

__all__ = ["LONGEST_FACT", "MOST_FACTS", "Memory"]

MOST_FACTS = 500
LONGEST_FACT = 500
"""characters of a value"""
LONGEST_KEY = 100


class Memory:
    """Facts by key, such as "name" or "sister.home". They belong to the user of this data folder.

    Args:
        enabled: False keeps nothing and tells nothing; what is there stays in the database.
    """

    def __init__(self, database: Database, *, enabled: bool = True) -> None:
        self._database, self._enabled = database, enabled

    def facts(self) -> dict[str, str]:
        """Key and value of every fact, the latest last; empty when memory is off."""
        if not self._enabled:
            return {}
        table = self._database.table("facts")
        query = table.select().order_by(table.c.told_at, table.c.key)
        return {row.key: row.value for row in self._database.rows(query)}

    def keep(self, key: str, value: str) -> None:
        """Store a fact, replacing the one under its key.

        Raises:
            InputError: memory is off, or holds `MOST_FACTS`.
            TextError: the key or the value is empty or too long.
        """
        if not self._enabled:
            raise InputError("Memory is off, so nothing was stored. Turn it on with the setting memory.enabled.")
        key, value = " ".join(key.split()), " ".join(value.replace("\0", "").split())
        if not 0 < len(key) <= LONGEST_KEY or not 0 < len(value) <= LONGEST_FACT:
            raise TextError(f"A fact has 1 to {LONGEST_FACT} characters; nothing was stored.")
        table, this = self._database.table("facts"), {"key": key, "value": value, "told_at": time.time()}
        with self._database.begin(durable=True) as connection:
            connection.execute(table.delete().where(table.c.key == key))
            if len(connection.execute(table.select()).all()) >= MOST_FACTS:
                raise InputError(f"{MOST_FACTS} facts are stored, which is the limit; forget some first.")
            connection.execute(table.insert().values(this))

    def forget(self, keys: Sequence[str]) -> int:
        """Forget facts for good, also while memory is off; returns how many there were."""
        table = self._database.table("facts")
        with self._database.begin(durable=True) as connection:
            return connection.execute(table.delete().where(table.c.key.in_(list(keys)))).rowcount
