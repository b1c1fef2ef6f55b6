"""Sending things back, and the money for them."""

from __future__ import annotations

import re
from datetime import date

from assistant import Dialogue, Reply, Services, Turn

from .counter import Visit, choose_item, choose_order, visit
from .orders import Order, find_orders, money, written_day

__all__ = ["refund_status", "return_item"]

RETURN_DAYS = 30
REASONS = re.compile(
    r"wrong size|too (?:small|big|large|tight|short|long|heavy)|(?:do(?:es)?n't|do(?:es)? not) fit|don't like|not like"
    r"|broken|broke|defective|faulty|damaged|scratched|does(?:n't| not) work|stopped working"
    r"|changed my mind|not what i expected|wrong colou?r|colou?r is different|bought .* by mistake"
    r"|尺码[^，。]*|太[大小紧长短]|不喜欢|坏了|破了|裂了|有问题|颜色不[^，。]*|不合适",
    re.IGNORECASE,
)


async def return_item(
    turn: Turn, dialogue: Dialogue, services: Services, order: str = "", item: str = ""
) -> Reply | str:
    """Return something you bought."""
    at = await visit(turn, dialogue, services)
    words = f"{turn.utterance} {order} {item}"
    chosen = await choose_order(at, words, lambda o: o.status == "delivered")
    if chosen is None:
        return at.failed("no_order_chosen")
    if refusal := _refuse(at, chosen):
        return refusal
    thing = await choose_item(at, words, chosen, question="return_which_item")
    found = REASONS.search(turn.utterance)
    reason = found[0] if found else await dialogue.ask(at.say("return_reason", item=thing.named(at.language)))
    values = {"number": chosen.number, "item": thing.named(at.language), "amount": money(thing.cents)}
    if not await dialogue.ask(at.say("return_confirm", **values), kind=bool):
        return at.say("return_kept", **values)
    name = thing.name
    number = await dialogue.once(
        f"return:{chosen.number}:{name}",
        lambda: at.shop.start_return(at.key("return"), chosen.number, name, reason, at.today),
    )
    return Reply(
        at.say("return_done", **values, **{"return": number}),
        speech=at.say("return_done_speech", **values, **{"return": number}),
        data={"order": chosen.number, "item": name, "return": number, "refund_cents": thing.cents},
    )


def _refuse(at: Visit, order: Order) -> str:
    """Why an order cannot be returned, kindly and with what to do instead; "" when it can."""
    values = {"number": order.number, "items": order.named(at.language), "days": RETURN_DAYS}
    if order.returned:
        return at.say("return_under_way", **values, **{"return": order.returned})
    if order.status != "delivered":
        return at.say("return_" + order.status, **values)
    age = (at.today - date.fromisoformat(order.delivered)).days
    if age > RETURN_DAYS:
        return at.say("return_too_late", **values, day=written_day(order.delivered, at.language), age=age)
    return ""


async def refund_status(
    turn: Turn, dialogue: Dialogue, services: Services, order: str = "", item: str = ""
) -> Reply | str:
    """Ask how far a refund is."""
    at = await visit(turn, dialogue, services)
    refunded = [o for o in at.orders if o.refund]
    named = find_orders(f"{turn.utterance} {order} {item}", at.orders)
    if named or order:
        chosen = await choose_order(at, f"{turn.utterance} {order} {item}", lambda o: o.refund is not None)
        if chosen is None:
            return at.failed("no_order_chosen")
        return _refund(at, chosen)
    if not refunded:
        return at.say("refund_nothing")
    pending = [o for o in refunded if o.refund and o.refund.status == "pending"]
    return "\n".join(_refund(at, o) for o in (pending or refunded))


def _refund(at: Visit, order: Order) -> str:
    values = {"number": order.number, "items": order.named(at.language)}
    if order.refund:
        day = written_day(order.refund.changed, at.language)
        return at.say("refund_" + order.refund.status, **values, amount=money(order.refund.cents), day=day)
    if order.returned:
        return at.say("refund_waits_for_return", **values, **{"return": order.returned})
    return at.say("refund_none", **values)
