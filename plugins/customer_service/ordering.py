"""Answers questions about orders: where they are, what they contain, and what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from assistant import Dialogue, Reply, Services, Turn

from .asked import amends
from .filters import Found, is_late, names_past_day, sift
from .naming import Named, read_named, split_exceptions, without_declined, words_of
from .orders import Order, find_orders, in_order_said, money, order_numbers, written_day
from .receipt_reading import read_receipt
from .visits import Visit, choose_order, choose_orders, visit
from .words import heard

__all__ = ["asks_forgotten", "list_orders", "order_total", "price_of", "track_order", "whereabouts"]

SPOKEN = 3
"""orders of a long list that are said aloud"""
IN_FULL = 4
"""orders whose place is described in full; more are listed"""


async def track_order(
    turn: Turn, dialogue: Dialogue, services: Services, order: str = "", item: str = ""
) -> Reply | str:
    """See where an order is and when it arrives."""
    if heard("where_is_money", turn.utterance):  # "where's my backpack money"
        from .refunding import refund_status  # it tells where orders are as well

        return await refund_status(turn, dialogue, services, order, item)
    at = await visit(turn, dialogue, services)
    words = without_declined(words_of(turn.utterance, order, item))
    if not names_parcel(turn.utterance, at):
        return Reply(at.say("track_no_order")).declined()
    if not find_orders(words, at.orders) and (rest := _other_than_shown(at, words)):
        return _told(at, rest) if len(rest) <= IN_FULL else _listed(at, Found(tuple(rest)))
    plain = find_orders(split_exceptions(words)[0], at.orders)
    if not plain and (_is_filtered(words) or _of_a_day(at, words)):
        found = sift(words, _pool(at, words), at.today, at.language)
        if found.filters:
            return _told(at, found.orders) if 0 < len(found.orders) <= IN_FULL else _listed(at, found)
    under_way = [each for each in at.orders if each.status in ("processing", "shipped")]
    if heard("stuff", words) and 0 < len(under_way) <= IN_FULL and not find_orders(words, at.orders):
        return _told(at, sorted(under_way, key=lambda each: not is_late(each, at.today)))
    named = await choose_orders(at, words, lambda o: o in under_way)
    if named is None:
        return at.failed("no_order_chosen")
    return _told(at, in_order_said(words, named.orders), named)


def names_parcel(said: str, at: Visit) -> bool:
    """Returns whether the text names an order, an item in one, or a parcel: "where's my car" does not."""
    if not heard("where_is", said) or heard("parcel_word", said) or asks_forgotten(said):
        return True
    return bool(find_orders(said, at.orders) or order_numbers(said, at.orders)[1])


def asks_forgotten(said: str) -> bool:
    """Returns whether the customer says they have no order number."""
    return bool(heard("forgot_number", said) and (heard("number_word", said) or heard("any_order", said)))


def _other_than_shown(at: Visit, words: str) -> list[Order]:
    """What is left of all orders after those just named: "and the other stuff I ordered"."""
    shown = at.recent[0] if at.recent else ()
    if not shown or not heard("other_stuff", words):
        return []
    return [order for order in at.orders if order.number not in shown]


def _is_filtered(words: str) -> bool:
    """Whether "where is …" asks for orders of some kind: of a day, or of a state when it means several."""
    kinds = ("placing", "plural", "latest", "oldest", "asks_which")
    return amends(words) or any(heard(kind, words) for kind in kinds)


def _pool(at: Visit, words: str) -> tuple[Order, ...]:
    """The orders among which words ask: those just shown, where they only amend them ("without the laptop") or add."""
    shown = tuple(order for order in at.orders if at.recent and order.number in at.recent[0])
    more = find_orders(words, at.orders) if heard("adds", words) else []
    if shown and more:
        return tuple(order for order in at.orders if order in shown or order in more)
    return shown if shown and amends(words) else at.orders


def _of_a_day(at: Visit, words: str) -> bool:
    """Whether "where is …" asks for what was ordered on a past day: "the order of the 19th"."""
    return bool(heard("one_order", words)) and names_past_day(words, at.today, at.language)


def _told(at: Visit, orders: Sequence[Order], named: Named | None = None) -> Reply:
    lines = [whereabouts(at, each) for each in orders]
    spoken = [whereabouts(at, each, brief=True) for each in orders]
    if named and named.unknown:
        lines.append(at.say("unknown_order", number=at.say("and").join(named.unknown)))
    data = [{"order": o.number, "status": o.status, "due": o.due, "tracking": o.tracking} for o in orders]
    return Reply("\n".join(lines), speech=" ".join(spoken), data=data[0] if len(data) == 1 else {"orders": data})


def whereabouts(at: Visit, order: Order, *, brief: bool = False) -> str:
    """Says where an order is; with `brief`, short enough to be spoken."""
    values = {
        "number": order.number,
        "items": order.named(at.language),
        "due": written_day(order.due, at.language),
        "carrier": order.carrier,
        "tracking": order.tracking,
    }
    if order.status == "shipped":
        late = (at.today - date.fromisoformat(order.due)).days
        key = "track_late" if is_late(order, at.today) else "track_shipped"
        return at.say(key + ("_speech" if brief else ""), **values, late=late)
    if order.status == "processing":
        return at.say("track_processing", **values)
    if order.status == "delivered":
        return at.say("track_delivered", **values, day=written_day(order.delivered, at.language))
    return at.say("track_" + order.status, **values, day=written_day(order.changed, at.language))


async def list_orders(
    turn: Turn, dialogue: Dialogue, services: Services, order: str = "", item: str = ""
) -> Reply | str:
    """List what you ordered, all of it or what fits some days, an amount or a state."""
    at = await visit(turn, dialogue, services)
    if not at.orders:
        return at.say("list_nothing")
    words = without_declined(words_of(turn.utterance, order, item))
    if asks_forgotten(words) and not find_orders(words, at.orders):
        lines = "\n".join(f"  {i}. {each.listed(at.language)}" for i, each in enumerate(at.orders, 1))
        return at.say("list_forgotten", orders=lines)
    if not find_orders(words, at.orders) and (rest := _other_than_shown(at, words)):
        return _listed(at, Found(tuple(rest)), "list_others")
    found = sift(words, _pool(at, words), at.today, at.language)
    if found.filters or found.missed:
        return _total(at, found) if heard("sum", words) and not heard("dearest", words) else _listed(at, found)
    named = read_named(words, at.orders, lambda _: True, at.recent)
    if named.unknown and not named.orders:
        return at.say("unknown_order", number=at.say("and").join(named.unknown)) + " " + at.say("ask_for_list")
    if heard("sum", words):
        return _total(at, Found(named.orders or at.orders))
    by_number = bool(order_numbers(words, at.orders)[0])
    all_of_them = named.every or heard("all", words) or heard("any_order", words)
    wanted = () if all_of_them and not by_number else named.orders
    return _listed(at, Found(wanted), "list_these") if wanted else _listed(at, Found(at.orders))


def _listed(at: Visit, found: Found, key: str = "") -> Reply:
    """Orders in a list, with the filter they passed and what could not be applied."""
    shown, described = found.orders, found.described(at.language)
    lines = [f"  {each.listed(at.language)}{at.say('comma')}{money(each.cents)}" for each in shown]
    newest = at.say("and").join(each.named(at.language) for each in shown[:SPOKEN])
    if not key:
        key = "list_all" if not described else "list_filtered" if len(shown) > 1 else "list_one" if shown else "list_no"
    values: dict[str, object] = {"count": len(shown), "newest": newest, "orders": "\n".join(lines)}
    values |= {"filter": described, "all": len(at.orders)}
    note = "\n" + at.say("filter_missed", words=at.say("and").join(found.missed)) if found.missed else ""
    return Reply(
        at.say(key, **values) + note,
        speech=at.say(key + "_speech", **values) + note,
        data={"orders": [each.number for each in shown], "filters": [each.text for each in found.filters]},
    )


async def order_total(
    turn: Turn, dialogue: Dialogue, services: Services, order: str = "", item: str = ""
) -> Reply | str:
    """See what an order cost, or several together."""
    at = await visit(turn, dialogue, services)
    words = without_declined(words_of(turn.utterance, order, item))
    if turn.images and not find_orders(words, at.orders):
        return await read_receipt(turn, dialogue, services)  # "how much did I pay" and a picture: it stands there
    pool = _pool(at, words)
    if pool != at.orders and heard("adds", words):
        return _total(at, Found(pool))
    found = sift(words, pool, at.today, at.language)
    if found.filters or found.missed or amends(words):
        summed = heard("sum", words) or amends(words)  # "without the laptop", of a sum
        return _total(at, found) if summed and not heard("best", words) else _listed(at, found)
    named = read_named(words, at.orders, lambda _: True, at.recent)
    if named.every or (not named.orders and not named.unknown and heard("spent", words)):
        return _total(at, Found(named.orders or at.orders))
    if len(named.orders) > 1 and not named.either and len(find_orders(words, at.orders)) == len(named.orders):
        return _total(at, Found(tuple(in_order_said(words, named.orders))))
    chosen = await choose_order(at, words, lambda o: o.status != "cancelled")
    if chosen is None:
        return at.failed("no_order_chosen")
    return Reply(price_of(at, chosen), data={"order": chosen.number, "total_cents": chosen.cents})


def price_of(at: Visit, order: Order) -> str:
    """Returns a sentence with the price of an order."""
    return at.say("order_total", number=order.number, items=order.named(at.language), amount=money(order.cents))


def _total(at: Visit, found: Found) -> Reply:
    """Adds up the prices of the orders, and says what was or will be refunded."""
    shown, described = found.orders, found.described(at.language)
    if not shown:
        return _listed(at, found)
    cents = sum(each.cents for each in shown)
    back = sum(each.refund.cents for each in shown if each.refund)
    values: dict[str, object] = {
        "count": len(shown),
        "amount": money(cents),
        "filter": f"{at.say('comma')}{described}" if described else "",
        "orders": "\n".join(f"  {each.listed(at.language)}{at.say('comma')}{money(each.cents)}" for each in shown),
    }
    text = at.say("total_one" if len(shown) == 1 else "total_all", **values)
    text += "\n" + at.say("total_back", amount=money(back), rest=money(cents - back)) if back else ""
    text += "\n" + at.say("filter_missed", words=at.say("and").join(found.missed)) if found.missed else ""
    data = {"orders": [each.number for each in shown], "total_cents": cents, "refunded_cents": back}
    return Reply(text, speech=at.say("total_speech", **values), data=data)
