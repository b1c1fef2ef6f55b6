"""Handles returns: one item, several of several orders, or all but some."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from assistant import Dialogue, Reply, Services, Turn

from .changes import note_change
from .naming import Named, read_named, split_exceptions, words_of
from .orders import Item, Order, items_in, money, order_numbers, written_day
from .reasons import ask_reason, new_reason, reason_in
from .visits import CORRECTIONS, Visit, choose_orders, others, visit
from .words import beginnings, heard

__all__ = ["RETURN_DAYS", "last_day", "return_item", "why_not_returned"]

RETURN_DAYS = 30

Thing = tuple[Order, Item]


async def return_item(
    turn: Turn, dialogue: Dialogue, services: Services, order: str = "", item: str = ""
) -> Reply | str:
    """Return something you bought."""
    at = await visit(turn, dialogue, services)
    named = await choose_orders(at, words_of(turn.utterance, order, item), _returnable)
    if named is None:
        return at.failed("no_order_chosen")
    things, notes = _things(at, named)
    if not things and len(named.orders) == 1 and not notes:
        things = await _ask_which(at, named.orders[0])
    if not things:
        return at.say("gap").join(notes) if notes else at.say("return_none")
    reason = reason_in(turn.utterance)
    for _ in range(CORRECTIONS):
        lead, changed = _lead(at, things, notes, named), None
        if reason is None:
            until = min(last_day(order) for order in _orders(things)).isoformat()
            facts = at.say("return_facts", until=written_day(until, at.language), amount=money(_worth(things)))
            reason, changed = await ask_reason(at, lead, _listed(at, things), _elsewhere(at, things), facts)
            lead = ""  # it was told with the first question
        changed = await _confirm(at, things, lead) if changed is None else changed
        if changed is True:
            return await _send_back(at, things, reason or "")
        if changed is False:
            break
        before = things
        if heard("reason_word", changed) and reason is not None:  # "no wait, forget that reason", 原因换成连不上蓝牙
            reason = new_reason(changed)
            notes = [at.say("return_new_reason", reason=reason)] if reason else []
            continue
        things, notes = await _amended(at, things, changed)
        if not things:
            return at.say("gap").join(notes)
        if not (set(things) < set(before) or set(before) < set(things)):
            reason = None
    return at.say("return_kept", item=_listed(at, things))


def _returnable(order: Order) -> bool:
    return order.status == "delivered" and bool(_left(order))


def _left(order: Order) -> list[Item]:
    """Returns the items of an order that are not being returned yet."""
    return [each for each in order.items if not each.returned]


def _things(at: Visit, named: Named) -> tuple[list[Thing], list[str]]:
    """Returns the items of the orders that can be returned now, and why the others cannot."""
    things: list[Thing] = []
    notes: list[str] = []
    for order in named.orders:
        spared = items_in(named.spared, order.items) if named.spared else []
        wanted = [each for each in _wanted(named, order) if each not in spared]
        if refusal := why_not_returned(at, order, wanted):
            if not named.every or order.status == "shipped":
                notes.append(refusal)
            continue
        things += [(order, each) for each in wanted]
    if named.unknown:
        notes.append(at.say("unknown_order", number=at.say("and").join(named.unknown)))
    return things, notes


def _wanted(named: Named, order: Order) -> list[Item]:
    """The items of an order that words name; all that are left when there is but one, or when they say so."""
    left, found = _left(order), items_in(named.said, order.items)
    if named.every or (heard("all", named.said) and not (found and len(found) < len(left))):
        return left
    rest = [each for each in left if each not in items_in(named.spared, order.items)] if named.spared else left
    return found or (rest if len(rest) == 1 or len(named.orders) > 1 else [])


def why_not_returned(at: Visit, order: Order, things: Sequence[Item] = ()) -> str:
    """Why an order, or these things of it, cannot be returned, and what to do instead; "" when they can."""
    values = {"number": order.number, "items": order.named(at.language), "days": RETURN_DAYS}
    if not _left(order):
        return at.say("return_under_way", **values, **{"return": _numbers(at, order.items) or order.returned})
    if order.status != "delivered":
        return at.say("return_" + order.status, **values)
    age = (at.today - date.fromisoformat(order.delivered)).days
    if age > RETURN_DAYS:
        return at.say("return_too_late", **values, day=written_day(order.delivered, at.language), age=age)
    if on_their_way := [each for each in things if each.returned]:
        values["return"] = _numbers(at, on_their_way)
        told = at.say("return_item_under_way", item=_named(at, on_their_way), **values)
        return told + " " + at.say("return_rest", item=_left(order)[0].named(at.language))
    return ""


def last_day(order: Order) -> date:
    """The last day on which a delivered order can be returned."""
    return date.fromordinal(date.fromisoformat(order.delivered).toordinal() + RETURN_DAYS)


async def _ask_which(at: Visit, order: Order) -> list[Thing]:
    left = _left(order)
    choices = [*(each.named(at.language) for each in left), at.say("return_all_of_it")]
    answer = await at.dialogue.ask(at.say("return_which_item", number=order.number), choices=choices)
    place = choices.index(answer)
    return [(order, each) for each in left] if place == len(left) else [(order, left[place])]


def _lead(at: Visit, things: Sequence[Thing], notes: Sequence[str], named: Named) -> str:
    """Explains what is not part of the return, what stays, and what is already on its way back; "" for nothing."""
    stays = [each for each in _rest(things) if named.spared and items_in(named.spared, [each])]
    told = [*notes, *([at.say("return_stays", item=_named(at, stays))] if stays else []), _going(at, things)]
    return at.say("gap").join(filter(None, told))


async def _confirm(at: Visit, things: Sequence[Thing], lead: str) -> bool | str:
    """Asks for confirmation; returns yes, no, or the words that name something else."""
    rest = [word for each in _rest(things) for word in each.words]
    mentions = [
        *others(at, *_orders(things)),
        *rest,
        *beginnings("all"),
        "all of",
        "everything",
        "other one",
        *beginnings("reason_word"),
    ]
    if len(things) > 1:
        mentions += ["only", "just", "not the", "只", "不退", *(word for _, each in things for word in each.words)]
    values = {"number": _order_numbers(at, things), "item": _listed(at, things), "amount": money(_worth(things))}
    question = at.say("return_confirm", **values)
    answer: bool | str = await at.dialogue.ask(f"{lead} {question}".strip(), kind=bool, mentions=mentions)
    return answer


async def _amended(at: Visit, things: list[Thing], answer: str) -> tuple[list[Thing], list[str]]:
    """Corrects the selection after "no, the other one", "only the laptop", "not the case", "and the phone case too"."""
    said, spared = split_exceptions(answer)
    rest, here = _rest(things), _orders(things)
    fewer = [(order, each) for order, each in things if not spared or not items_in(spared, [each])]
    if 0 < len(fewer) < len(things) and not items_in(said, rest):
        return fewer, []
    if heard("other_one", answer) and len(rest) == 1:
        return [(here[0], rest[0])], []
    inside = [(order, each) for order in here for each in items_in(said, order.items) if not each.returned]
    if inside and not order_numbers(said, at.orders)[0]:
        adds = heard("also", said) and not heard("only", said)
        return list(dict.fromkeys([*things, *inside])) if adds else inside, []
    named = read_named(answer, at.orders, _returnable, [[order.number for order in here]])
    if not named.orders:
        return things, []
    found, notes = _things(at, named)
    if heard("as_well", said):  # "the jacket too"
        return list(dict.fromkeys([*things, *found])), notes
    if not found and not notes and len(named.orders) == 1:
        found = await _ask_which(at, named.orders[0])
    return found, notes


async def _send_back(at: Visit, things: Sequence[Thing], reason: str) -> Reply:
    numbers = []
    for order, each in things:
        numbers.append(await _start(at, order.number, each.name, reason))
        await note_change(at, "return", order.number, each.name)
    values = {"number": _order_numbers(at, things), "item": _listed(at, things), "amount": money(_worth(things))}
    values["return"] = at.say("and").join(dict.fromkeys(numbers))
    key = "return_done" if len(things) == 1 else "return_done_several"
    data = {
        "order": ", ".join(order.number for order in _orders(things)),
        "item": ", ".join(each.name for _, each in things),
        "return": ", ".join(numbers),
    }
    return Reply(
        at.say(key, **values), speech=at.say(key + "_speech", **values), data=data | {"refund_cents": _worth(things)}
    )


async def _start(at: Visit, order: str, name: str, reason: str) -> str:
    return await at.dialogue.once(
        f"return:{order}:{name}",
        lambda: at.shop.start_return(at.key(f"return {name}"), order, name, reason, at.today),
    )


def _going(at: Visit, things: Sequence[Thing]) -> str:
    """Says what of these orders is on its way back already; "" when nothing is."""
    going = [each for order in _orders(things) for each in order.items if each.returned]
    return at.say("return_going", item=_named(at, going), **{"return": _numbers(at, going)}) if going else ""


def _orders(things: Iterable[Thing]) -> list[Order]:
    return list(dict.fromkeys(order for order, _ in things))


def _rest(things: Sequence[Thing]) -> list[Item]:
    """Returns the other items of the same orders."""
    return [each for order in _orders(things) for each in order.items if (order, each) not in things]


def _elsewhere(at: Visit, things: Sequence[Thing]) -> tuple[list[Item], list[Item], list[Item]]:
    """The things that are meant, the rest of their orders, and what is in other orders."""
    here = _orders(things)
    return (
        [each for _, each in things],
        _rest(things),
        [each for order in at.orders if order not in here for each in order.items],
    )


def _numbers(at: Visit, items: Sequence[Item]) -> str:
    return at.say("and").join(sorted({each.returned for each in items if each.returned}))


def _order_numbers(at: Visit, things: Sequence[Thing]) -> str:
    return at.say("and").join(order.number for order in _orders(things))


def _worth(things: Sequence[Thing]) -> int:
    return sum(each.cents * each.quantity for _, each in things)


def _listed(at: Visit, things: Sequence[Thing]) -> str:
    return _named(at, [each for _, each in things])


def _named(at: Visit, items: Sequence[Item]) -> str:
    return at.say("and").join(each.named(at.language) for each in items)
