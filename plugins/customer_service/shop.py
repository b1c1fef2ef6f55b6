"""The shop's database: orders, refunds, returns, receipts and tickets in one SQLite file."""

from __future__ import annotations

import sqlite3
import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from .orders import Item, Order, Refund

__all__ = ["Shop"]

DEMO = Path(__file__).parent / "demo.toml"

SCHEMA = """
CREATE TABLE orders (
    number TEXT PRIMARY KEY, status TEXT NOT NULL, placed TEXT NOT NULL, due TEXT NOT NULL,
    delivered TEXT NOT NULL, changed TEXT NOT NULL, carrier TEXT NOT NULL, tracking TEXT NOT NULL);
CREATE TABLE items (
    id INTEGER PRIMARY KEY, order_number TEXT NOT NULL REFERENCES orders(number),
    name TEXT NOT NULL, chinese TEXT NOT NULL, words TEXT NOT NULL, cents INTEGER NOT NULL);
CREATE TABLE refunds (
    order_number TEXT PRIMARY KEY REFERENCES orders(number),
    cents INTEGER NOT NULL, status TEXT NOT NULL, changed TEXT NOT NULL);
CREATE TABLE returns (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, order_number TEXT NOT NULL REFERENCES orders(number),
    item TEXT NOT NULL, reason TEXT NOT NULL, opened TEXT NOT NULL);
CREATE TABLE tickets (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, order_number TEXT NOT NULL,
    words TEXT NOT NULL, details TEXT NOT NULL, opened TEXT NOT NULL);
CREATE TABLE receipts (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,
    company TEXT NOT NULL, day TEXT NOT NULL, total TEXT NOT NULL);
"""


class Shop:
    """Opens the shop of a folder, and fills it with the demo orders when it is new.

    Every change carries a key (or is the same when done twice), so that repeating it changes nothing.

    Args:
        folder: where ``shop.sqlite3`` lives.
        today: the day the demo orders are counted from.
    """

    def __init__(self, folder: Path, today: date) -> None:
        self._file = folder / "shop.sqlite3"
        with self._open() as db:
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'orders'").fetchone():
                for table in SCHEMA.split(";")[:-1]:
                    db.execute(table)
                _fill(db, today)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._file, timeout=5.0, isolation_level=None)) as db, db:
            db.row_factory = sqlite3.Row
            # Two assistants may open the same new shop at once: whoever comes second must wait and look again.
            db.execute("BEGIN IMMEDIATE")
            yield db

    def orders(self) -> list[Order]:
        """Every order, newest first."""
        with self._open() as db:
            rows = db.execute("SELECT * FROM orders ORDER BY placed DESC, number DESC").fetchall()
            return [_order(db, row) for row in rows]

    def cancel(self, number: str, today: date) -> dict[str, Any]:
        """Cancel an order that has not left yet and start its refund; the same again when done twice.

        Returns:
            "done": whether it is cancelled; "cents": what is paid back.
        """
        with self._open() as db:
            db.execute(
                "UPDATE orders SET status = 'cancelled', changed = ? WHERE number = ? AND status = 'processing'",
                (today.isoformat(), number),
            )
            row = db.execute("SELECT * FROM orders WHERE number = ?", (number,)).fetchone()
            order = _order(db, row)
            if order.status == "cancelled" and order.refund is None:
                db.execute("INSERT INTO refunds VALUES (?, ?, 'pending', ?)", (number, order.cents, today.isoformat()))
            return {"done": order.status == "cancelled", "cents": order.cents}

    def start_return(self, key: str, order: str, item: str, reason: str, today: date) -> str:
        """Note a return once per key; its number, such as "R501"."""
        values = (key, order, item, reason, today.isoformat())
        columns = "returns (key, order_number, item, reason, opened)"
        return f"R{500 + self._insert(columns, values)}"

    def open_ticket(self, key: str, kind: str, order: str, words: str, details: str, today: date) -> str:
        """Open a ticket once per key; its number, such as "T2001"."""
        values = (key, kind, order, words, details, today.isoformat())
        columns = "tickets (key, kind, order_number, words, details, opened)"
        return f"T{2000 + self._insert(columns, values)}"

    def keep_receipt(self, key: str, company: str, day: str, total: str) -> str:
        """Keep a receipt once per key; its number, such as "B1"."""
        return f"B{self._insert('receipts (key, company, day, total)', (key, company, day, total))}"

    def _insert(self, columns: str, values: tuple[str, ...]) -> int:
        marks = ", ".join("?" * len(values))
        with self._open() as db:
            db.execute(f"INSERT OR IGNORE INTO {columns} VALUES ({marks})", values)
            table = columns.partition(" ")[0]
            row = db.execute(f"SELECT id FROM {table} WHERE key = ?", values[:1]).fetchone()
            return int(row["id"])


def _order(db: sqlite3.Connection, row: sqlite3.Row) -> Order:
    number = row["number"]
    items = db.execute("SELECT * FROM items WHERE order_number = ? ORDER BY id", (number,)).fetchall()
    refund = db.execute("SELECT * FROM refunds WHERE order_number = ?", (number,)).fetchone()
    returned = db.execute("SELECT id FROM returns WHERE order_number = ? ORDER BY id DESC", (number,)).fetchone()
    return Order(
        **dict(row),
        items=tuple(Item(i["name"], i["chinese"], tuple(i["words"].split("|")), i["cents"]) for i in items),
        refund=Refund(number, refund["cents"], refund["status"], refund["changed"]) if refund else None,
        returned=f"R{500 + returned['id']}" if returned else "",
    )


def _fill(db: sqlite3.Connection, today: date) -> None:
    def day(offset: int | None) -> str:
        return "" if offset is None else (today + timedelta(days=offset)).isoformat()

    for entry in tomllib.loads(DEMO.read_text(encoding="utf-8"))["order"]:
        number = entry["number"]
        days = [day(entry.get(name)) for name in ("placed", "due", "delivered", "changed")]
        values = (number, entry["status"], *days, entry.get("carrier", ""), entry.get("tracking", ""))
        db.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
        for item in entry["items"]:
            db.execute(
                "INSERT INTO items (order_number, name, chinese, words, cents) VALUES (?, ?, ?, ?, ?)",
                (number, item["name"], item["chinese"], "|".join(item["words"]), item["cents"]),
            )
        if refund := entry.get("refund"):
            db.execute(
                "INSERT INTO refunds VALUES (?, ?, ?, ?)",
                (number, refund["cents"], refund["status"], day(refund["changed"])),
            )
