"""Cancels orders that have not left: one, several, or all but some."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assistant import Dialogue, Reply, Services, Turn, find_entities

from .changes import note_change
from .naming import Named, wanted_in_part, words_of
from .orders import Order, items_in, money, written_day
from .reasons import reason_in
from .visits import CORRECTIONS, Visit, amended, choose_orders, others, visit
from .words import heard

__all__ = ["can_be_cancelled", "cancel_order"]


def can_be_cancelled(order: Order) -> bool:
    """Returns whether the order can be cancelled because it has not been sent."""
    return order.status == "processing"


async def cancel_order(
    turn: Turn, dialogue: Dialogue, services: Services, order: str = "", item: str = ""
) -> Reply | str:
    """Cancel orders that have not been sent."""
    at = await visit(turn, dialogue, services)
    words = words_of(turn.utterance, order, item)
    named = await choose_orders(at, words, can_be_cancelled)
    if named is None:
        return at.failed("no_order_chosen")
    if not named.orders:
        return at.say("cancel_none", orders=at.listed(named.left_out) or at.say("nothing"))
    if partly := [each for each in named.orders if wanted_in_part(named.said, named.spared, each)]:
        wanted = [item for item in partly[0].items if item not in items_in(named.spared, partly[0].items)]
        return at.say("cancel_in_part", number=partly[0].number, item=wanted[0].named(at.language))
    meant: tuple[Order, ...] = named.orders
    beside = ""
    for _ in range(CORRECTIONS):
        going = [each for each in meant if can_be_cancelled(each)]
        if not going:
            return _told_why_not(at, meant, named)
        question = " ".join(filter(None, (beside, _question(at, going, meant, named))))
        agreed = await dialogue.ask(question, kind=bool, mentions=others(at, *going))
        if agreed is True:
            return await _cancelled(at, going)
        if agreed is False:
            return at.say("cancel_kept" if len(going) == 1 else "cancel_kept_several", number=_numbers(at, going))
        if reason_in(agreed) and not heard("acts", agreed):  # "yes, and the lamp came broken" is another matter
            things = items_in(agreed, [item for each in at.orders for item in each.items])
            beside = at.say("cancel_beside", item=at.say("and").join(item.named(at.language) for item in things))
            continue
        beside = ""
        meant = amended(at, going, agreed, can_be_cancelled) or meant  # "no wait, I meant A1002", "only the mugs"
        named = Named(meant)
    return at.failed("no_order_chosen")


def _question(at: Visit, going: Sequence[Order], meant: Sequence[Order], named: Named) -> str:
    """Asks for confirmation, with the orders to be cancelled, the refund, and what stays."""
    cents = sum(each.cents for each in going)
    values = _values(at, going[0]) | {"orders": at.listed(going), "count": len(going), "amount": money(cents)}
    question = at.say("cancel_confirm" if len(going) == 1 else "cancel_confirm_several", **values)
    notes = []
    if wrong := _miscounted(at, named):
        notes.append(wrong)
    not_going = [each for each in meant if each not in going]
    notes += [at.say("cancel_not", order=at.listed([each]), state=_state(at, each)) for each in not_going]
    left = [each for each in named.left_out if each not in going]
    if left:
        notes.append(at.say("cancel_stays", orders=at.listed(left)))
    if named.unknown:
        notes.append(at.say("unknown_order", number=at.say("and").join(named.unknown)))
    return at.say("gap").join([*notes, question])


def _miscounted(at: Visit, named: Named) -> str:
    """Says how many orders there are when the customer counts otherwise: "I have 3 orders, cancel the first"."""
    counted = [each for each in find_entities(at.turn.utterance, at.language) if each.kind == "number"]
    near = [each for each in counted if heard("plural", at.turn.utterance[each.end : each.end + 12])]
    open_now = sum(can_be_cancelled(each) for each in at.orders)
    return at.say("cancel_count", count=open_now) if near and near[0].value != open_now and named.orders else ""


async def _cancelled(at: Visit, going: Sequence[Order]) -> Reply:
    done: list[Order] = []
    late: list[Order] = []
    for order in going:
        number = order.number
        result: dict[str, Any] = await at.dialogue.once(
            f"cancel:{number}",
            lambda number=number: at.shop.cancel(number, at.today),  # type: ignore[misc]
        )
        (done if result["done"] else late).append(order)
        if result["done"]:
            await note_change(at, "cancel", number)
    cents = sum(each.cents for each in done)
    lines = [at.say("cancel_too_late", number=each.number) for each in late]
    if done:
        key = "cancel_done" if len(done) == 1 else "cancel_done_several"
        lines.insert(0, at.say(key, number=_numbers(at, done), amount=money(cents)))
    numbers = [each.number for each in done]
    data: dict[str, object] = {"cancelled": bool(done), "refund_cents": cents}
    data |= {"order": going[0].number} if len(going) == 1 else {"orders": numbers}
    return Reply("\n".join(lines), data=data)


def _told_why_not(at: Visit, meant: Sequence[Order], named: Named) -> Reply | str:
    if not meant:
        return at.failed("no_order_chosen")
    lines = [at.say("cancel_" + each.status, **_values(at, each)) for each in meant]
    if named.unknown:
        lines.append(at.say("unknown_order", number=at.say("and").join(named.unknown)))
    return "\n".join(lines)


def _state(at: Visit, order: Order) -> str:
    return at.say("state_" + order.status)


def _numbers(at: Visit, orders: Sequence[Order]) -> str:
    return at.say("and").join(order.number for order in orders)


def _values(at: Visit, order: Order) -> dict[str, object]:
    return {
        "number": order.number,
        "items": order.named(at.language),
        "amount": money(order.cents),
        "day": written_day(order.changed or order.delivered or order.due, at.language),
    }
