"""Answers questions about the state of a refund."""

from __future__ import annotations

from assistant import Dialogue, Reply, Services, Turn

from .about import about_returning
from .naming import words_of
from .orders import Order, find_orders, money, order_numbers, written_day
from .policies import answer_rules, waiting_refund
from .reasons import EXCHANGES
from .visits import Visit, choose_orders, visit
from .words import heard

__all__ = ["refund_status"]

WAYS = {"processing": "cancelling", "shipped": "refusing", "delivered": "returning"}
"""how an order that is in a state is paid back"""


async def refund_status(
    turn: Turn, dialogue: Dialogue, services: Services, order: str = "", item: str = ""
) -> Reply | str:
    """Ask how far a refund is."""
    at = await visit(turn, dialogue, services)
    words = words_of(turn.utterance, order, item)
    if EXCHANGES.search(words):  # "not a refund, I want an exchange"
        return await about_returning(turn, dialogue, services, order, item)
    if heard("no_refund", words):
        return at.say("refund_not_wanted")
    spoken_of = bool(at.recent) and len(at.recent[0]) == 1 and (heard("pronoun", words) or heard("possible", words))
    named = find_orders(words, at.orders) or order_numbers(words, at.orders)[1]
    if named or heard("one_of_them", words) or spoken_of:
        meant = await choose_orders(at, words, lambda o: o.refund is not None or bool(o.returned))
        if meant is None:
            return at.failed("no_order_chosen")
        return "\n".join(_refund(at, each) for each in meant.orders)
    if await waiting_refund(at):  # "where does the money go", before a cancellation's yes
        return await answer_rules(turn, dialogue, services, words, ["refund_time"])
    awaited = [o for o in at.orders if (o.refund and o.refund.status == "pending") or (o.returned and not o.refund)]
    told = awaited or [o for o in at.orders if o.refund]
    lines = [_refund(at, o) for o in told] or [at.say("refund_nothing")]
    lines += [at.say("refund_wanted")] if heard("wants_money", turn.utterance) else []
    return "\n".join(lines)


def _refund(at: Visit, order: Order) -> str:
    values = {"number": order.number, "items": order.named(at.language)}
    if order.refund:
        day = written_day(order.refund.changed, at.language)
        return at.say("refund_" + order.refund.status, **values, amount=money(order.refund.cents), day=day)
    if order.returned:
        sent = [each for each in order.items if each.returned] or list(order.items)
        numbers = at.say("and").join(sorted({each.returned or order.returned for each in sent}))
        values["items"] = at.say("and").join(each.named(at.language) for each in sent)
        return at.say("refund_waits_for_return", **values, **{"return": numbers})
    told, way = at.say("refund_none", **values), WAYS.get(order.status, "")
    joint = "" if at.language == "zh" else " "
    return f"{told}{joint}{at.say(f'refund_by_{way}', **values)}" if way else told
