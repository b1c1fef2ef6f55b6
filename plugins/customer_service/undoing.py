"""Undoes changes of the demo shop, each in the transaction that marks it as undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from .tables import tables

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping, Table

__all__ = ["undo_last"]


def undo_last(db: Connection, key: str, customer: str, today: date, only: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Take back what the last changing turn of a customer did.

    Args:
        db: an open transaction.
        key: names this undoing; repeating it changes nothing and returns the same.
        customer: whose last change.
        today: a cancellation can be taken back on its own day only.
        only: numbers of the orders that are meant; any by default.

    Returns:
        The changes as {"kind", "order", "item", "before", "done"}; [] when there is none.
    """
    changes = _table("changes")
    mine = changes.select().where(changes.c.customer == customer).order_by(changes.c.id.desc())
    rows = db.execute(mine).mappings().all()
    again = [row for row in rows if row["undone"] == key]
    if again:
        return [_plain(row, done=row["result"] == "done") for row in reversed(again)]
    standing = [row for row in rows if not row["undone"] and (not only or row["order_number"] in only)]
    last = [row for row in standing if row["turn"] == standing[0]["turn"]]
    told = []
    for row in reversed(last):
        done = _UNDO[row["kind"]](db, row, today)
        result = "done" if done else "not"
        db.execute(changes.update().where(changes.c.id == row["id"]).values(undone=key, result=result))
        told.append(_plain(row, done=done))
    return told


def _plain(row: RowMapping, *, done: bool) -> dict[str, Any]:
    return {
        "kind": row["kind"],
        "order": row["order_number"],
        "item": row["item"],
        "before": row["before"],
        "done": done,
    }


def _cancellation(db: Connection, row: RowMapping, today: date) -> bool:
    """An order cancelled today whose refund is not paid yet is packed again."""
    orders, refunds = _table("orders"), _table("refunds")
    number = row["order_number"]
    paid = (refunds.c.order_number == number) & (refunds.c.status == "paid")
    if db.execute(refunds.select().where(paid)).first():
        return False
    this = (orders.c.number == number) & (orders.c.status == "cancelled") & (orders.c.changed == today.isoformat())
    if not db.execute(orders.update().where(this).values(status="processing", changed="")).rowcount:
        return False
    db.execute(refunds.delete().where(refunds.c.order_number == number))
    return True


def _address(db: Connection, row: RowMapping, _today: date) -> bool:
    orders = _table("orders")
    return bool(db.execute(orders.update().where(_packed(row)).values(address=row["before"])).rowcount)


def _day(db: Connection, row: RowMapping, _today: date) -> bool:
    shipments = _table("shipments")
    if not _is_packed(db, row):
        return False
    this = shipments.c.order_number == row["order_number"]
    return bool(db.execute(shipments.update().where(this).values(due=row["before"])).rowcount)


def _quantity(db: Connection, row: RowMapping, _today: date) -> bool:
    items = _table("items")
    if not _is_packed(db, row):
        return False
    this = (items.c.order_number == row["order_number"]) & (items.c.sku == row["item"])
    quantity = int(row["before"])
    if not db.execute(items.update().where(this).values(quantity=quantity)).rowcount:
        db.execute(items.insert().values(order_number=row["order_number"], sku=row["item"], quantity=quantity))
    return True


def _return(db: Connection, row: RowMapping, _today: date) -> bool:
    """A return that has not arrived is closed."""
    orders, returns = _table("orders"), _table("returns")
    arrived = (orders.c.number == row["order_number"]) & (orders.c.status == "returned")
    if db.execute(orders.select().where(arrived)).first():
        return False
    this = (returns.c.order_number == row["order_number"]) & (returns.c.item == row["item"])
    return bool(db.execute(returns.delete().where(this)).rowcount)


_UNDO: dict[str, Callable[[Connection, RowMapping, date], bool]] = {
    "cancel": _cancellation,
    "address": _address,
    "day": _day,
    "quantity": _quantity,
    "return": _return,
}


def _packed(row: RowMapping) -> Any:
    orders = _table("orders")
    return (orders.c.number == row["order_number"]) & (orders.c.status == "processing")


def _is_packed(db: Connection, row: RowMapping) -> bool:
    return db.execute(_table("orders").select().where(_packed(row))).first() is not None


def _table(name: str) -> Table:
    return tables().tables[f"shop_{name}"]
