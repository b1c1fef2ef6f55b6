"""A small shop's service desk: orders, returns, damage, receipts, policies, and a person when needed."""

from __future__ import annotations

from assistant import Manifest, Register, Reply, Turn, hookimpl

from .damage import report_damage
from .ordering import cancel_order, track_order
from .people import offer_person, talk_to_person
from .policies import policy_question
from .receipt_reading import read_receipt
from .returning import refund_status, return_item
from .wording import examples_of

__all__ = ["MANIFEST", "prepare_reply", "register_intents"]

MANIFEST = Manifest(
    title="Customer service",
    summary="Tracks, cancels and returns orders, takes damage reports, reads receipts, knows the shop's policies.",
    capabilities=("files",),
    timeout=20.0,
)


@hookimpl
def register_intents(register: Register) -> None:
    """Declare what the service desk does."""
    for handler in (
        track_order,
        cancel_order,
        return_item,
        report_damage,
        read_receipt,
        refund_status,
        policy_question,
        talk_to_person,
    ):
        register(handler, **examples_of(handler.__name__))


@hookimpl
def prepare_reply(turn: Turn, reply: Reply) -> Reply | None:
    """Offer a person to somebody who sounds angry."""
    return offer_person(turn, reply)
