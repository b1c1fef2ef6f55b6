"""A small shop's service desk: orders, returns, damage, receipts, warranty, policies, and a person when needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from assistant import Manifest, Option, Register, Services, Turn, hookimpl

from .about import (
    about_cancelling,
    about_changing,
    about_damage,
    about_missing,
    about_people,
    about_returning,
)
from .addressing import change_address
from .backend import open_backend
from .cancelling import cancel_order
from .changes import undo_change
from .changing import change_order
from .commands import add_commands
from .damage import report_damage
from .handover import Served, served
from .meaning import meant_by
from .missing import report_missing
from .naming import split_exceptions
from .ordering import list_orders, order_total, track_order
from .orders import find_orders
from .people import complaint, talk_to_person, ticket_status
from .policies import policy_question
from .receipt_reading import read_receipt
from .refunding import refund_status
from .returning import return_item
from .warranty import check_warranty
from .wording import examples_of

if TYPE_CHECKING:
    import click

__all__ = ["MANIFEST", "knows", "register_commands", "register_intents"]

MANIFEST = Manifest(
    title="Customer service",
    summary="Tracks, changes, cancels and returns orders, takes damage reports, reads receipts, knows the policies.",
    translations={
        "zh": ("客户服务", "查询、更改、取消和退回订单，受理损坏报告，读取收据，解答店铺规则。"),
        "de": (
            "Kundendienst",
            "Verfolgt, ändert und storniert Bestellungen, nimmt Schäden auf, liest Belege, kennt die Regeln.",
        ),
    },
    capabilities=("files",),
    timeout=60.0,
    welcome=(
        *("where is my order", "cancel the coffee grinder"),
        *("我的订单到哪里了", "我想退货"),
        *("Wo ist meine Bestellung?", "Was kostet der Versand?"),
    ),
    options=(
        Option("url", "", 'SQLAlchemy URL of the shop\'s database; "" is the demo shop in SQLite'),
        Option("adapter", "", 'a shop of your own as module:Class, see backend.py; "" for none'),
        Option("policies", "", 'folder of Markdown policy pages; "" is the demo shop\'s'),
    ),
)

ANSWERING: tuple[Served, ...] = (
    track_order,
    list_orders,
    order_total,
    refund_status,
    check_warranty,
    policy_question,
    read_receipt,  # keeps a receipt only where the words ask for that
)
"""what only looks things up"""
ACTING: dict[Served, Served] = {
    cancel_order: about_cancelling,
    change_order: about_changing,
    change_address: about_changing,
    return_item: about_returning,
    report_damage: about_damage,
    report_missing: about_missing,
}
"""what changes an order or opens a ticket, and what answers questions about it"""


@hookimpl
def register_intents(register: Register) -> None:
    """Declare what the service desk does."""
    for handler in ANSWERING:  # anger or a third failed attempt brings a person
        register(served(handler), acts=False, **examples_of(handler.__name__), **meant_by(handler.__name__))
    register(ticket_status, acts=False, **examples_of("ticket_status"))
    for handler, about in ACTING.items():
        # The desk turns away questions itself: words that are an example are served whatever they are.
        register(
            served(handler, about),
            acts=True,
            about=about,
            **examples_of(handler.__name__),
            **meant_by(handler.__name__),
        )
    register(complaint, acts=True, about=about_people, **examples_of("complaint"), **meant_by("complaint"))
    register(talk_to_person, acts=True, about=about_people, directs="human", **examples_of("talk_to_person"))
    register(undo_change, acts=True, directs="undo", **examples_of("undo_change"))


@hookimpl
def knows(turn: Turn, services: Services) -> bool:
    """Returns whether the text names an order or a thing in one, and does not exclude it: "cancel the grinder"."""
    shop = open_backend(services, datetime.fromtimestamp(turn.at).date())
    named, _ = split_exceptions(turn.utterance)
    return bool(find_orders(named, shop.orders(turn.session)))


@hookimpl
def register_commands(register: Callable[[click.Command], None]) -> None:
    """Add ``assistant shop`` and ``assistant evaluate receipts``."""
    add_commands(register)
