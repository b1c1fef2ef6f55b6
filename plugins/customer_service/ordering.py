"""Where an order is, and cancelling it."""

from __future__ import annotations

from datetime import date

from assistant import Dialogue, Reply, Services, Turn

from .counter import CORRECTIONS, Visit, choose_order, others, visit
from .orders import Order, find_orders, money, written_day
from .receipt_reading import read_receipt

__all__ = ["cancel_order", "list_orders", "order_total", "track_order", "whereabouts"]

SPOKEN = 3
"""orders of a long list that are said aloud"""


async def track_order(
    turn: Turn, dialogue: Dialogue, services: Services, order: str = "", item: str = ""
) -> Reply | str:
    """See where an order is and when it arrives."""
    at = await visit(turn, dialogue, services)
    under_way = [o for o in at.orders if o.status in ("processing", "shipped")]
    words = f"{turn.utterance} {order} {item}"
    chosen = await choose_order(at, words, lambda o: o in under_way)
    if chosen is None:
        return at.failed("no_order_chosen")
    data = {"order": chosen.number, "status": chosen.status, "due": chosen.due, "tracking": chosen.tracking}
    return Reply(whereabouts(at, chosen), speech=whereabouts(at, chosen, brief=True), data=data)


def whereabouts(at: Visit, order: Order, *, brief: bool = False) -> str:
    """Where an order is; `brief` to be said aloud."""
    values = {
        "number": order.number,
        "items": order.named(at.language),
        "due": written_day(order.due, at.language),
        "carrier": order.carrier,
        "tracking": order.tracking,
    }
    if order.status == "shipped":
        late = (at.today - date.fromisoformat(order.due)).days
        key = "track_late" if late > 0 else "track_shipped"
        return at.say(key + ("_speech" if brief else ""), **values, late=late)
    if order.status == "processing":
        return at.say("track_processing", **values)
    if order.status == "delivered":
        return at.say("track_delivered", **values, day=written_day(order.delivered, at.language))
    return at.say("track_" + order.status, **values, day=written_day(order.changed, at.language))


async def list_orders(
    turn: Turn, dialogue: Dialogue, services: Services, order: str = "", item: str = ""
) -> Reply | str:
    """List what you ordered."""
    at = await visit(turn, dialogue, services)
    if not at.orders:
        return at.say("list_nothing")
    named = find_orders(f"{turn.utterance} {order} {item}", at.orders)
    shown = named or list(at.orders)
    lines = [f"  {each.listed(at.language)}, {money(each.cents)}" for each in shown]
    newest = at.say("and").join(each.named(at.language) for each in shown[:SPOKEN])
    key = "list_these" if named else "list_all"
    values = {"count": len(shown), "newest": newest, "orders": "\n".join(lines)}
    return Reply(
        at.say(key, **values),
        speech=at.say(key + "_speech", **values),
        data={"orders": [each.number for each in shown]},
    )


async def order_total(
    turn: Turn, dialogue: Dialogue, services: Services, order: str = "", item: str = ""
) -> Reply | str:
    """See what an order cost."""
    at = await visit(turn, dialogue, services)
    if turn.images and not find_orders(f"{turn.utterance} {order} {item}", at.orders):
        return await read_receipt(turn, dialogue, services)  # "how much did I pay" and a picture: it stands there
    chosen = await choose_order(at, f"{turn.utterance} {order} {item}", lambda o: o.status != "cancelled")
    if chosen is None:
        return at.failed("no_order_chosen")
    values = {"number": chosen.number, "items": chosen.named(at.language), "amount": money(chosen.cents)}
    return Reply(at.say("order_total", **values), data={"order": chosen.number, "total_cents": chosen.cents})


async def cancel_order(
    turn: Turn, dialogue: Dialogue, services: Services, order: str = "", item: str = ""
) -> Reply | str:
    """Cancel an order that has not been sent."""
    at = await visit(turn, dialogue, services)
    words = f"{turn.utterance} {order} {item}"
    for _ in range(CORRECTIONS):
        chosen = await choose_order(at, words, lambda o: o.status == "processing")
        if chosen is None:
            return at.failed("no_order_chosen")
        values = {
            "number": chosen.number,
            "items": chosen.named(at.language),
            "amount": money(chosen.cents),
            "day": written_day(chosen.changed or chosen.delivered or chosen.due, at.language),
        }
        if chosen.status != "processing":
            return at.say("cancel_" + chosen.status, **values)
        agreed = await dialogue.ask(at.say("cancel_confirm", **values), kind=bool, mentions=others(at, chosen))
        if agreed is True:
            break
        if agreed is False:
            return at.say("cancel_kept", **values)
        words = agreed  # "no wait, I meant A1002"
    else:
        return at.failed("no_order_chosen")
    number = chosen.number
    done = await dialogue.once(f"cancel:{number}", lambda: at.shop.cancel(number, at.today))
    return Reply(
        at.say("cancel_done" if done["done"] else "cancel_too_late", **values),
        data={"order": number, "cancelled": done["done"], "refund_cents": done["cents"] if done["done"] else 0},
    )
