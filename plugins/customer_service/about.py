"""Answers to questions about an action ("did you cancel it?", "can I return it later?"), which never do it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from assistant import Dialogue, Reply, Services, Turn

from .cancelling import can_be_cancelled
from .naming import read_named, words_of
from .ordering import whereabouts
from .orders import Order, money, written_day
from .reasons import EXCHANGES
from .returning import last_day, why_not_returned
from .visits import Visit, sifted, visit
from .wording import language_of, say
from .words import heard

__all__ = [
    "about_cancelling",
    "about_changing",
    "about_damage",
    "about_missing",
    "about_people",
    "about_returning",
]


async def about_cancelling(
    turn: Turn, dialogue: Dialogue, services: Services, order: str = "", item: str = ""
) -> Reply | str:
    """Answer whether an order was or can be cancelled, and what comes of it."""
    at = await visit(turn, dialogue, services)
    words = words_of(turn.utterance, order, item)
    asked = _asked(at, words, can_be_cancelled)
    if not asked:
        fitting = [each for each in at.orders if can_be_cancelled(each)]
        return _rule(at, "about_cancel_rule", fitting, words)
    lines = []
    for each in asked:
        values = _values(at, each)
        if can_be_cancelled(each):
            past = heard("past_question", words) or heard("went_through", words)
            values["what"] = at.say("about_cancel_not_yet" if past else "about_cancel_can")
            lines.append(at.say("about_cancel_open", **values))
            lines += [at.say("about_cancel_refund", **values)] if heard("money_question", words) else []
        else:
            lines.append(at.say("cancel_" + each.status, **values))
    return _answer(lines, asked)


async def about_returning(
    turn: Turn, dialogue: Dialogue, services: Services, order: str = "", item: str = ""
) -> Reply | str:
    """Answer whether and how something can be returned, and whether it was."""
    at = await visit(turn, dialogue, services)
    words = words_of(turn.utterance, order, item)
    asked = _asked(at, words, lambda each: each.status == "delivered")
    lines = [at.say("return_exchange")] if EXCHANGES.search(words) else []
    if len(asked) != 1 and (not asked or heard("those", words)):  # "which of them can go back"
        fitting = [each for each in asked or at.orders if not why_not_returned(at, each)]
        return at.say("gap").join([*lines, _rule(at, "about_return_rule", fitting, words)])
    for each in asked:
        refusal = why_not_returned(at, each)
        values = (
            _values(at, each) | {"until": written_day(last_day(each).isoformat(), at.language)} if not refusal else {}
        )
        lines.append(refusal or at.say("about_return_open", **values))
    return _answer(lines, asked)


async def about_changing(
    turn: Turn, dialogue: Dialogue, services: Services, order: str = "", item: str = "", day: date | None = None
) -> Reply | str:
    """Answer whether an order, its address or its day can be changed, and what they are now."""
    at = await visit(turn, dialogue, services)
    words = words_of(turn.utterance, order, item)
    asked = _asked(at, words, can_be_cancelled)
    if not asked:
        return _rule(at, "about_change_rule", [each for each in at.orders if can_be_cancelled(each)], words)
    keys = {"processing": "about_change_open", "shipped": "address_too_late"}
    lines = [at.say(keys.get(each.status, "change_too_late"), **_values(at, each)) for each in asked]
    return _answer(lines, asked)


async def about_damage(
    turn: Turn, dialogue: Dialogue, services: Services, order: str = "", item: str = ""
) -> Reply | str:
    """Answer how damage is reported."""
    return say("about_damage", language_of(turn.utterance))


async def about_missing(
    turn: Turn, dialogue: Dialogue, services: Services, order: str = "", item: str = ""
) -> Reply | str:
    """Answer what happens when a parcel does not come."""
    at = await visit(turn, dialogue, services)
    asked = _asked(at, words_of(turn.utterance, order, item), lambda each: each.status == "shipped")
    return "\n".join([*(whereabouts(at, each) for each in asked), at.say("about_missing")])


async def about_people(turn: Turn, dialogue: Dialogue, services: Services) -> Reply | str:
    """Answer when and how a person can be reached."""
    return say("about_people", language_of(turn.utterance))


def _asked(at: Visit, words: str, likely: Callable[[Order], bool]) -> Sequence[Order]:
    named = sifted(at, read_named(words, at.orders, likely, at.recent), likely)
    return named.orders or named.left_out  # "what if I don't cancel A1002"


def _rule(at: Visit, key: str, fitting: Sequence[Order], words: str) -> str:
    """The rule, and which orders it fits now; an unknown number is read back first."""
    named = read_named(words, at.orders, lambda _: True)
    lead = [at.say("unknown_order", number=at.say("and").join(named.unknown))] if named.unknown else []
    now = at.say("about_now", orders=at.listed(fitting)) if fitting else at.say("about_now_none")
    return at.say("gap").join([*lead, at.say(key), now])


def _answer(lines: Sequence[str], asked: Sequence[Order]) -> Reply:
    return Reply("\n".join(lines), data={"orders": [each.number for each in asked], "changed": False})


def _values(at: Visit, order: Order) -> dict[str, object]:
    return {
        "number": order.number,
        "items": order.named(at.language),
        "amount": money(order.cents),
        "address": order.address,
        "due": written_day(order.due, at.language),
        "day": written_day(order.changed or order.delivered or order.due, at.language),
    }
