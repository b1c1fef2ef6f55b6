"""A small shop's service desk: orders, returns, damage, receipts, warranty, policies, and a person when needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from assistant import Manifest, Option, Register, hookimpl

from .assurance import check_warranty
from .changing import change_address, change_order
from .commands import add_commands
from .damage import report_damage
from .handover import served
from .missing import report_missing
from .ordering import cancel_order, list_orders, order_total, track_order
from .people import complaint, talk_to_person
from .policies import policy_question
from .receipt_reading import read_receipt
from .refunding import refund_status
from .returning import return_item
from .wording import examples_of

if TYPE_CHECKING:
    import click

__all__ = ["MANIFEST", "register_commands", "register_intents"]

MANIFEST = Manifest(
    title="Customer service",
    summary="Tracks, changes, cancels and returns orders, takes damage reports, reads receipts, knows the policies.",
    capabilities=("files",),
    timeout=60.0,
    options=(
        Option("url", "", 'SQLAlchemy URL of the shop\'s database; "" is the demo shop in SQLite'),
        Option("adapter", "", 'a shop of your own as module:Class, see backend.py; "" for none'),
        Option("policies", "", 'folder of Markdown policy pages; "" is the demo shop\'s'),
    ),
)

ANSWERING = (track_order, list_orders, order_total, refund_status, check_warranty, policy_question)
"""what only looks things up"""
ACTING = (cancel_order, change_order, change_address, return_item, report_damage, report_missing, read_receipt)
"""what changes an order, opens a ticket or keeps a receipt"""


@hookimpl
def register_intents(register: Register) -> None:
    """Declare what the service desk does."""
    for handler in (*ANSWERING, *ACTING):  # anger or a third failed attempt brings a person
        register(served(handler), acts=handler in ACTING, **examples_of(handler.__name__))
    for handler in (complaint, talk_to_person):
        register(handler, acts=True, **examples_of(handler.__name__))


@hookimpl
def register_commands(register: Callable[[click.Command], None]) -> None:
    """Add ``assistant shop`` and ``assistant evaluate receipts``."""
    add_commands(register)
