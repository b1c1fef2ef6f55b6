"""Records the changes of a conversation, and undoes the last one (`undo_change`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from assistant import Dialogue, Reply, Services, Turn

from .naming import words_of
from .orders import Order, money, order_numbers, written_day
from .visits import Visit, visit

__all__ = ["note_change", "undo_change"]


async def note_change(at: Visit, kind: str, number: str, item: str = "", before: str = "") -> None:
    """Records a change once per dialogue; a shop that keeps no notes cannot undo.

    Args:
        at: the visit.
        kind: "cancel", "address", "day", "quantity" or "return".
        number: of the order.
        item: of the order, "" for none.
        before: what held before, such as the old address.
    """
    note = getattr(at.shop, "note_change", None)
    if note is None:
        return
    key = f"{kind}:{number}:{item}"
    await at.dialogue.once(
        f"note:{key}", lambda: note(at.key(key), at.turn.session, at.turn.id, kind, number, item, before)
    )


async def undo_change(turn: Turn, dialogue: Dialogue, services: Services, order: str = "") -> Reply | str:
    """Undo the last change: a cancellation of today, an address, a day, a quantity, a return."""
    at = await visit(turn, dialogue, services)
    undo = getattr(at.shop, "undo", None)
    if undo is None:
        return at.say("undo_not_here")
    only, _ = order_numbers(words_of(turn.utterance, order), at.orders)
    undone: list[dict[str, Any]] = await dialogue.once(
        "undo", lambda: undo(at.key("undo"), turn.session, at.today, only)
    )
    if not undone:
        return at.say("undo_nothing")
    now = at.shop.orders(turn.session)  # what was taken out is in it again
    lines = [_told(at, each, now) for each in undone]
    return Reply("\n".join(lines), data={"undone": [each["order"] for each in undone if each["done"]]})


def _told(at: Visit, change: dict[str, Any], orders: Sequence[Order]) -> str:
    order = next((each for each in orders if each.number == change["order"]), None)
    values: dict[str, object] = {"number": change["order"], "before": change["before"], "item": change["item"]}
    values["items"] = order.named(at.language) if order else ""
    values["amount"] = money(order.cents) if order else ""
    if change["kind"] == "day":
        values["before"] = written_day(change["before"], at.language)
    if change["item"] and order:
        values["item"] = _named(order, change["item"], at)
    return at.say(f"undo_{change['kind']}" + ("" if change["done"] else "_not"), **values)


def _named(order: Order, item: str, at: Visit) -> str:
    found = next((each for each in order.items if item in (each.name, each.sku)), None)
    return replace(found, quantity=1).named(at.language) if found else item
