"""The tables of the demo shop."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import MetaData

__all__ = ["tables"]


@cache
def tables() -> MetaData:
    """Products, customers, orders, items, shipments, refunds, returns, tickets, receipts, failed attempts and changes.

    Days are ISO dates, "" for none; prices are euro cents.
    """
    from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, Text

    metadata = MetaData()

    def text(name: str) -> Column[str]:
        return Column(name, Text, nullable=False, default="")

    def number(name: str) -> Column[int]:
        return Column(name, Integer, nullable=False)

    Table(
        "shop_products",
        metadata,
        Column("sku", String(64), primary_key=True),
        *(text(name) for name in ("name", "chinese", "words")),
        *(number(name) for name in ("cents", "stock", "warranty_months")),
    )
    Table("shop_customers", metadata, Column("id", String(64), primary_key=True), text("name"), text("email"))
    Table(
        "shop_orders",
        metadata,
        Column("number", String(32), primary_key=True),
        Column("customer", String(64), ForeignKey("shop_customers.id"), nullable=False),
        *(text(name) for name in ("status", "placed", "changed", "address")),
    )
    Table(
        "shop_items",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("order_number", String(32), ForeignKey("shop_orders.number"), nullable=False),
        Column("sku", String(64), ForeignKey("shop_products.sku"), nullable=False),
        number("quantity"),
    )
    Table(
        "shop_shipments",
        metadata,
        Column("order_number", String(32), ForeignKey("shop_orders.number"), primary_key=True),
        *(text(name) for name in ("carrier", "tracking", "due", "delivered")),
    )
    Table(
        "shop_refunds",
        metadata,
        Column("order_number", String(32), ForeignKey("shop_orders.number"), primary_key=True),
        number("cents"),
        *(text(name) for name in ("status", "changed")),
    )
    keyed = {
        "shop_returns": ("order_number", "item", "reason", "opened"),
        "shop_tickets": ("kind", "order_number", "words", "details", "opened"),
        "shop_receipts": ("company", "day", "total"),
        "shop_attempts": ("customer",),
        "shop_changes": ("customer", "turn", "kind", "order_number", "item", "before", "undone", "result"),
    }
    for name, columns in keyed.items():
        Table(
            name,
            metadata,
            Column("id", Integer, primary_key=True),
            Column("key", String(200), nullable=False, unique=True),
            *(text(column) for column in columns),
        )
    return metadata
