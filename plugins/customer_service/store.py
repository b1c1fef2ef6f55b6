"""The demo shop: products, customers, orders, shipments, returns, refunds and tickets in SQLite or PostgreSQL."""

from __future__ import annotations

import os
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant import PluginError

from .orders import Item, Order, Refund
from .tables import tables
from .undoing import undo_last

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, RowMapping, Select, Table

__all__ = ["Store"]

DEMO = Path(__file__).parent / "demo.toml"
FIRST = {"shop_returns": ("R", 500), "shop_tickets": ("T", 2000), "shop_receipts": ("B", 0)}
"""letter and base of the numbers that people read"""


class Store:
    """Opens a shop's database; see `backend.Backend` for what each method promises.

    Args:
        url: an SQLAlchemy URL, such as ``sqlite:///shop.sqlite3`` or ``postgresql+psycopg://user@host/shop``.
        today: the day the demo orders are counted from.
        fill: fill it with the demo orders when it holds none.
    """

    def __init__(self, url: str, today: date, *, fill: bool = True) -> None:
        from sqlalchemy.exc import SQLAlchemyError

        try:
            self._engine = _engine(url)
            if (file := _file_of(url)) is None or _made.get(url) != file:
                with self._begin() as db:
                    tables().create_all(db)
                    if fill and not db.execute(_table("shop_orders").select().limit(1)).first():
                        _fill(db, today)
                _made[url] = _file_of(url)
        except (SQLAlchemyError, ImportError) as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            raise PluginError("customer_service", f"the shop's database cannot be opened: {reason}") from error

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection

    def fill(self, today: date) -> int:
        """Replace everything in it by the demo orders; how many there are."""
        with self._begin() as db:
            for table in reversed(tables().sorted_tables):
                db.execute(table.delete())
            return _fill(db, today)

    def orders(self, customer: str) -> list[Order]:
        """Every order, newest first: in the demo there is one customer."""
        orders = _table("shop_orders")
        with self._begin() as db:
            rows = db.execute(orders.select().order_by(orders.c.placed.desc(), orders.c.number.desc())).mappings()
            return _orders(db, rows.all(), every=True)

    def cancel(self, number: str, today: date) -> dict[str, Any]:
        """Cancel an order that has not left yet and start its refund."""
        with self._begin() as db:
            self._change(db, number, status="cancelled", changed=today.isoformat())
            order = self._one(db, number)
            if order.status == "cancelled" and order.refund is None:
                refund = {"order_number": number, "cents": order.cents, "status": "pending", "changed": order.changed}
                db.execute(_table("shop_refunds").insert().values(refund))
            return {"done": order.status == "cancelled", "cents": order.cents}

    def change_quantity(self, number: str, item: str, quantity: int, today: date) -> dict[str, Any]:
        """Set how many of an item are sent; 0 takes it out."""
        items = _table("shop_items")
        with self._begin() as db:
            done = self._change(db, number, changed=today.isoformat())
            this = (items.c.order_number == number) & (items.c.sku == item)
            if done:
                db.execute(
                    items.update().where(this).values(quantity=quantity) if quantity else items.delete().where(this)
                )
            return {"done": done, "cents": self._one(db, number).cents}

    def change_address(self, number: str, address: str) -> bool:
        """Send an order elsewhere that has not left yet."""
        with self._begin() as db:
            return self._change(db, number, address=address)

    def change_day(self, number: str, day: date) -> bool:
        """Deliver an order that has not left yet on another day."""
        shipments = _table("shop_shipments")
        with self._begin() as db:
            if not self._change(db, number):
                return False
            db.execute(shipments.update().where(shipments.c.order_number == number).values(due=day.isoformat()))
            return True

    def _change(self, db: Connection, number: str, **values: str) -> bool:
        """Change an order that has not left yet; whether there is one."""
        orders = _table("shop_orders")
        this = (orders.c.number == number) & (orders.c.status == "processing")
        return bool(db.execute(orders.update().where(this).values(values or {"status": "processing"})).rowcount)

    def _one(self, db: Connection, number: str) -> Order:
        orders = _table("shop_orders")
        return _orders(db, [db.execute(orders.select().where(orders.c.number == number)).mappings().one()])[0]

    def start_return(self, key: str, order: str, item: str, reason: str, today: date) -> str:
        """Note a return once per key, and once per item of an order; its number, such as "R501"."""
        values = {"order_number": order, "item": item, "reason": reason, "opened": today.isoformat()}
        # Two dialogues about one thing may both come this far: the second is told the first one's number.
        return self._insert("shop_returns", key, values, alike=("order_number", "item"))

    def open_ticket(self, key: str, kind: str, order: str, words: str, details: str, today: date) -> str:
        """Open a ticket once per key; its number, such as "T2001"."""
        values = {"kind": kind, "order_number": order, "words": words, "details": details, "opened": today.isoformat()}
        return self._insert("shop_tickets", key, values)

    def keep_receipt(self, key: str, company: str, day: str, total: str) -> str:
        """Keep a receipt once per key; its number, such as "B1"."""
        return self._insert("shop_receipts", key, {"company": company, "day": day, "total": total})

    def failed(self, key: str, customer: str) -> int:
        """Note a failed attempt once per key; how many there are now."""
        from sqlalchemy import func, select

        attempts = _table("shop_attempts")
        self._insert("shop_attempts", key, {"customer": customer})
        with self._begin() as db:
            query = select(func.count()).select_from(attempts).where(attempts.c.customer == customer)
            return int(db.execute(query).scalar_one())

    def helped(self, customer: str) -> None:
        """Forget the failed attempts of a customer."""
        attempts = _table("shop_attempts")
        with self._begin() as db:
            db.execute(attempts.delete().where(attempts.c.customer == customer))

    def tickets_of(self, customer: str) -> list[dict[str, str]]:
        """The number, kind and order of each ticket that was opened in a conversation, oldest first."""
        mine = [each for each in self.tickets() if each["key"].startswith(f"{customer}:") and each["kind"] != "contact"]
        return [{name: each[name] for name in ("number", "kind", "order_number")} for each in reversed(mine)]

    def note_change(self, key: str, customer: str, turn: str, kind: str, number: str, item: str, before: str) -> str:
        """Note once per key what a turn changed, and what held before, so that it can be taken back."""
        values = {"customer": customer, "turn": turn, "kind": kind, "order_number": number, "item": item}
        return self._insert("shop_changes", key, values | {"before": before, "undone": "", "result": ""})

    def undo(self, key: str, customer: str, today: date, only: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Take back what the last changing turn of a customer did, once per key; see `undoing.undo_last`."""
        with self._begin() as db:
            return undo_last(db, key, customer, today, only)

    def tickets(self) -> list[dict[str, Any]]:
        """Every ticket, newest first."""
        table = _table("shop_tickets")
        with self._begin() as db:
            rows = db.execute(table.select().order_by(table.c.id.desc())).mappings().all()
        return [{"number": f"T{2000 + row['id']}", **row} for row in rows]

    def _insert(self, name: str, key: str, values: dict[str, str], alike: tuple[str, ...] = ()) -> str:
        """Inserts a row, unless one with its key or with the same values in some columns exists; returns its number."""
        from sqlalchemy import and_, or_

        table = _table(name)
        same = [and_(*(table.c[column] == values[column] for column in alike))] if alike else []
        query = table.select().where(or_(table.c.key == key, *same)).order_by(table.c.id)
        with self._begin() as db:
            if db.dialect.name == "postgresql":  # SQLite lets one in at a time anyhow: see _begin_for_writing
                db.exec_driver_sql(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE")
            known = db.execute(query).mappings().first()
            if known is None:
                db.execute(table.insert().values(key=key, **values))
                known = db.execute(query).mappings().one()
        letter, base = FIRST.get(name, ("", 0))
        return f"{letter}{base + known['id']}"


def _leave_transactions_to_us(connection: Any, _record: object) -> None:
    connection.isolation_level = None


def _begin_for_writing(connection: Connection) -> None:
    # Two assistants may open the same new shop at once: the second must wait and look again.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


_made: dict[str, tuple[int, int] | None] = {}
"""URL → the file in which this process has found or made the tables"""


def _file_of(url: str) -> tuple[int, int] | None:
    """Device and number of the file of a SQLite database; None where there is none."""
    try:
        found = os.stat(url.removeprefix("sqlite:///"))
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found.st_size else None


@cache
def _engine(url: str) -> Engine:
    """One for each database: it remembers how its statements are compiled, which takes longer than to run them."""
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import NullPool

    # A connection per transaction: no handle outlives its use, in any thread.
    engine = create_engine(url, poolclass=NullPool)
    if url.startswith("sqlite"):
        event.listen(engine, "connect", _leave_transactions_to_us)
        event.listen(engine, "begin", _begin_for_writing)
    return engine


def _table(name: str) -> Table:
    return tables().tables[name]


def _orders(db: Connection, rows: Sequence[RowMapping], *, every: bool = False) -> list[Order]:
    """Whole orders, in four queries however many they are; `every` when there are no others."""
    numbers = [row["number"] for row in rows]
    among = None if every else numbers
    items = _by_order(db, "items", among, "products")
    returns, shipments, refunds = (_by_order(db, name, among) for name in ("returns", "shipments", "refunds"))
    return [
        _order(row, items[number], returns[number], *(next(iter(of[number]), None) for of in (shipments, refunds)))
        for row, number in zip(rows, numbers, strict=True)
    ]


@cache
def _of_orders(name: str, joined: str) -> Select[Any]:
    """All rows of a table of orders; to write a statement takes longer than to run it."""
    table = _table(f"shop_{name}")
    source = table.join(_table(f"shop_{joined}")) if joined else table
    return source.select().order_by(*table.primary_key)


def _by_order(
    db: Connection, name: str, numbers: Sequence[str] | None, joined: str = ""
) -> defaultdict[str, list[RowMapping]]:
    query = _of_orders(name, joined)
    if numbers is not None:
        query = query.where(_table(f"shop_{name}").c.order_number.in_(numbers))
    found: defaultdict[str, list[RowMapping]] = defaultdict(list)
    for row in db.execute(query).mappings():
        found[row["order_number"]].append(row)
    return found


def _order(
    row: RowMapping,
    items: Sequence[RowMapping],
    going: Sequence[RowMapping],
    shipment: RowMapping | None,
    refund: RowMapping | None,
) -> Order:
    sku = _table("shop_items").c.sku
    returns = {each["item"]: f"R{500 + each['id']}" for each in going}
    things = tuple(
        Item(
            each["name"],
            each["chinese"],
            tuple(each["words"].split("|")),
            each["cents"],
            each[sku],
            each["quantity"],
            each["stock"],
            each["warranty_months"],
            returns.get(each["name"], ""),
        )
        for each in items
    )
    shipped: dict[str, Any] = {
        name: shipment[name] if shipment else "" for name in ("carrier", "tracking", "due", "delivered")
    }
    return Order(
        **{name: row[name] for name in ("number", "status", "placed", "changed", "address")},
        **shipped,
        items=things,
        refund=Refund(row["number"], refund["cents"], refund["status"], refund["changed"]) if refund else None,
        returned=next(iter(returns.values()), ""),
    )


def _fill(db: Connection, today: date) -> int:
    def day(offset: int | None) -> str:
        return "" if offset is None else (today + timedelta(days=offset)).isoformat()

    demo = tomllib.loads(DEMO.read_text(encoding="utf-8"))
    customer = demo["customer"]
    db.execute(_table("shop_customers").insert().values({name: customer[name] for name in ("id", "name", "email")}))
    for entry in demo["order"]:
        number = entry["number"]
        order = {
            "number": number,
            "customer": customer["id"],
            "status": entry["status"],
            "address": customer["address"],
        }
        db.execute(
            _table("shop_orders")
            .insert()
            .values(**order, placed=day(entry["placed"]), changed=day(entry.get("changed")))
        )
        days = {name: day(entry.get(name)) for name in ("due", "delivered")}
        sent = {name: entry.get(name, "") for name in ("carrier", "tracking")}
        db.execute(_table("shop_shipments").insert().values(order_number=number, **days, **sent))
        for item in entry["items"]:
            _fill_item(db, number, item)
        if refund := entry.get("refund"):
            values = {"order_number": number, "cents": refund["cents"], "status": refund["status"]}
            db.execute(_table("shop_refunds").insert().values(**values, changed=day(refund["changed"])))
    return len(demo["order"])


def _fill_item(db: Connection, number: str, item: dict[str, Any]) -> None:
    sku = item["name"].replace(" ", "-")
    product = {"sku": sku, "words": "|".join(item["words"]), "stock": 12, "warranty_months": 24}
    product |= {name: item[name] for name in ("name", "chinese", "cents")}
    db.execute(_table("shop_products").insert().values(product))
    db.execute(_table("shop_items").insert().values(order_number=number, sku=sku, quantity=1))
