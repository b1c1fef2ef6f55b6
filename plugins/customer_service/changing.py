"""Changing an order before it leaves: how many of a thing, and on which day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from assistant import Dialogue, Reply, Services, Turn, find_entities

from .changes import note_change
from .naming import words_of
from .orders import Item, Order, money, written_day
from .visits import CORRECTIONS, Visit, choose_item, choose_order, visit
from .words import beginnings, heard

__all__ = ["change_order"]

MOST = 20
"""of one item in an order"""
LATEST = 60
"""days ahead on which a delivery can be"""
ATTEMPTS = 2
DIGITS = tuple("0123456789")


async def change_order(
    turn: Turn,
    dialogue: Dialogue,
    services: Services,
    order: str = "",
    item: str = "",
    day: date | None = None,
) -> Reply | str:
    """Change how many of an item an order holds, or its delivery day."""
    at = await visit(turn, dialogue, services)
    words = words_of(turn.utterance, order, item)
    chosen = await choose_order(at, words, lambda o: o.status == "processing")
    if chosen is None:
        return at.failed("no_order_chosen")
    if chosen.status != "processing":
        return at.say("change_too_late", **_values(at, chosen))
    wanted = _day_in(turn.utterance, at)
    if wanted or day is not None or heard("day", turn.utterance):
        wanted = wanted or day
        lead = "" if wanted or not _numbers_in(turn.utterance) else at.say("day_unread") + " "  # "on 31 February"
        return await _another_day(at, chosen, wanted, lead=lead)
    thing = await choose_item(at, words, chosen, question="change_which_item")
    return await _another_quantity(at, chosen, thing, _quantity_in(turn.utterance, thing))


async def _another_quantity(
    at: Visit, order: Order, item: Item, quantity: int | None, corrections: int = CORRECTIONS
) -> Reply | str:
    most = min(MOST, item.quantity + item.stock)
    values = _values(at, order) | {"item": item.named(at.language), "most": most}
    if not corrections:
        return at.failed("change_kept", **values)
    for _ in range(ATTEMPTS):
        if quantity is not None and 0 <= quantity <= most:
            break
        key = "change_how_many" if quantity is None else "change_not_so_many"
        quantity = await at.dialogue.ask(at.say(key, **values), kind=int)
    if quantity is None or not 0 <= quantity <= most:
        return at.failed("change_kept", **values)
    if quantity == item.quantity:
        return at.say("change_same", quantity=quantity, **values)
    if quantity == 0 and len(order.items) == 1:
        return at.say("change_last_item", **values)
    after = order.cents + item.cents * (quantity - item.quantity)
    values |= {"quantity": quantity, "before": money(order.cents), "after": money(after)}
    confirm = "change_confirm" if quantity else "change_confirm_remove"
    agreed = await at.dialogue.ask(
        at.say(confirm, **values), kind=bool, mentions=[*DIGITS, *beginnings("number_words")]
    )
    if isinstance(agreed, str):  # "no, four"
        numbers = _numbers_in(agreed)
        return await _another_quantity(at, order, item, numbers[-1] if numbers else None, corrections - 1)
    if not agreed:
        return at.say("change_kept", **values)
    done = await at.dialogue.once(
        f"quantity:{order.number}:{item.sku}",
        lambda: at.shop.change_quantity(order.number, item.sku, quantity, at.today),
    )
    if done["done"]:
        await note_change(at, "quantity", order.number, item.sku, str(item.quantity))
    data = {"order": order.number, "quantity": quantity, "cents": done["cents"]}
    return Reply(at.say("change_done" if done["done"] else "change_too_late", **values), data=data)


def _quantity_in(text: str, item: Item) -> int | None:
    """Returns the quantity that a request wants: "make it 3", "one more", "remove one of", "two instead of one"."""
    numbers = _numbers_in(text)
    if heard("remove", text):
        return max(0, item.quantity - numbers[0]) if numbers and heard("part_of", text) else 0
    if heard("add", text):
        return item.quantity + (numbers[0] if numbers else 1)
    return numbers[0] if len(numbers) == 1 or (numbers and heard("instead", text)) else None


def _numbers_in(text: str) -> list[int]:
    """The whole numbers of a text that are no order number, date or amount."""
    return [int(e.value) for e in find_entities(text) if e.kind == "number" and isinstance(e.value, int)]


def _day_in(text: str, at: Visit) -> date | None:
    """The one day a text names; None for none, or several."""
    now = datetime.combine(at.today, datetime.min.time())
    days = {
        each.value
        for each in find_entities(text, at.language, now)
        if each.kind == "date" and isinstance(each.value, date)
    }
    if len(days) != 1:
        return None
    named = days.pop()
    return named + timedelta(days=7) if named == at.today and not heard("today", text) else named  # "monday", on one


async def _another_day(
    at: Visit, order: Order, day: date | None, corrections: int = CORRECTIONS, lead: str = ""
) -> Reply | str:
    first, last = at.today + timedelta(days=1), at.today + timedelta(days=LATEST)
    values = _values(at, order) | {
        "first": written_day(first.isoformat(), at.language),
        "last": written_day(last.isoformat(), at.language),
    }
    for _ in range(ATTEMPTS):
        if day is not None and first <= day <= last:
            break
        if day is not None:
            key = "day_past" if day < first else "day_far"
            lead = at.say(key, day=written_day(day.isoformat(), at.language), **values) + " "
        day = await at.dialogue.ask(lead + at.say("day_which", **values), kind=date)
    if day is None or not first <= day <= last:
        return at.failed("day_kept", **values)
    values["day"] = written_day(day.isoformat(), at.language)
    mentions = [*DIGITS[1:], *beginnings("day_words")]
    agreed = await at.dialogue.ask(at.say("day_confirm", **values), kind=bool, mentions=mentions)
    if isinstance(agreed, str) and corrections:  # "actually, Monday"
        return await _another_day(at, order, _day_in(agreed, at), corrections - 1)
    if agreed is not True:
        return at.say("day_kept", **values)
    chosen = day
    done = await at.dialogue.once(f"day:{order.number}", lambda: at.shop.change_day(order.number, chosen))
    if done:
        await note_change(at, "day", order.number, "", order.due)
    return Reply(
        at.say("day_done" if done else "change_too_late", **values), data={"order": order.number, "day": str(day)}
    )


def _values(at: Visit, order: Order) -> dict[str, object]:
    return {"number": order.number, "items": order.named(at.language), "address": order.address}
