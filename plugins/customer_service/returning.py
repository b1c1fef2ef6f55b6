"""Sending things back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from assistant import Dialogue, Reply, Services, Turn

from .counter import CORRECTIONS, Visit, choose_order, others, visit
from .orders import Item, Order, items_in, money, written_day

__all__ = ["return_item"]

RETURN_DAYS = 30
REASONS = re.compile(
    r"wrong size|too (?:small|big|large|tight|short|long|heavy)|(?:do(?:es)?n't|do(?:es)? not) fit|don't like|not like"
    r"|broken|broke|defective|faulty|damaged|scratched|does(?:n't| not) work|stopped working"
    r"|changed my mind|not what i expected|wrong colou?r|colou?r is different|bought .* by mistake"
    r"|尺码[^，。]*|太[大小紧长短]|不喜欢|坏了|破了|裂了|有问题|颜色不[^，。]*|不合适",
    re.IGNORECASE,
)
EVERYTHING = re.compile(
    r"\b(?:both|all|everything|(?:whole|entire|complete) (?:order|thing|lot))\b|都|全部|两[个件样]|整单", re.IGNORECASE
)
OTHER_ONE = re.compile(r"\bother (?:one|item|thing)\b|另(?:外)?一[个件]", re.IGNORECASE)
ALSO = re.compile(r"\b(?:and|also|too|as well|plus|both)\b|也|还有|一起", re.IGNORECASE)
CORRECTS = re.compile(
    r"\b(?:i mean(?:t)?|sorry|actually|wait|instead|rather|not (?:the|that)|wrong one|other one|also|as well|too)\b"
    r"|^\W*no\b|不是|搞错|我是说|还有|也要",
    re.IGNORECASE,
)
EXCHANGES = re.compile(r"\b(?:exchang|swap|trade)\w*|换(?!季)", re.IGNORECASE)
NO_REASON = re.compile(
    r"\W*(?:no(?:ne|thing|pe)?(?: (?:special |particular )?reason)?|just because|没有?(?:什么)?(?:原因)?)\W*",
    re.IGNORECASE,
)

FEWER = ("only the", "only my", "just the", "just my", "只退", "只要")
"""how one says that not all of several things are meant"""


async def return_item(
    turn: Turn, dialogue: Dialogue, services: Services, order: str = "", item: str = ""
) -> Reply | str:
    """Return something you bought."""
    at = await visit(turn, dialogue, services)
    words = f"{turn.utterance} {order} {item}"
    more: tuple[Item, ...] = ()
    asked: tuple[Item, ...] = ()
    reason = ""
    for _ in range(CORRECTIONS):
        chosen = await choose_order(at, words, lambda o: o.status == "delivered" and bool(_left(o)))
        if chosen is None:
            return at.failed("no_order_chosen")
        things = tuple(dict.fromkeys((*(each for each in more if each in chosen.items), *_named(words, chosen))))
        if refusal := _refuse(at, chosen, things):
            return refusal
        things = things or await _ask_which(at, chosen)
        told_why = more or (asked and all(each in asked for each in things))
        reason = reason if told_why else await _reason(at, chosen, things)
        changed = reason if _corrects(at, chosen, things, reason) else await _confirm(at, chosen, things)
        if changed is True:
            return await _send_back(at, chosen, things, reason)
        if changed is False:
            break
        # "No, the other one" and "only the laptop" name what is meant now; "and the phone case too" adds to it.
        asked = things
        rest = [each for each in _left(chosen) if each not in things]
        if OTHER_ONE.search(changed) and len(rest) == 1:
            changed = f"{rest[0].name} {rest[0].chinese}"
        more = things if ALSO.search(changed) and items_in(changed, rest) else ()
        words = changed if order_named(changed, at) else f"{chosen.number} {changed}"
    return at.say("return_kept", item=_listed(at, things))


def order_named(text: str, at: Visit) -> bool:
    """Whether words name an order, or something in one."""
    return any(order.number in text.upper() or items_in(text, order.items) for order in at.orders)


def _left(order: Order) -> list[Item]:
    """What of an order is not on its way back."""
    return [each for each in order.items if not each.returned]


def _named(words: str, order: Order) -> list[Item]:
    """The items that words name; all that are left when there is but one, or when they say so."""
    left = _left(order)
    named = items_in(words, order.items)
    if EVERYTHING.search(words) and not (named and len(named) < len(left)):
        return left
    return named or (left if len(left) == 1 else [])


def _refuse(at: Visit, order: Order, things: Sequence[Item]) -> str:
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
        told = at.say("return_item_under_way", item=_listed(at, on_their_way), **values)
        return told + " " + at.say("return_rest", item=_left(order)[0].named(at.language))
    return ""


async def _ask_which(at: Visit, order: Order) -> tuple[Item, ...]:
    left = _left(order)
    choices = [*(each.named(at.language) for each in left), at.say("return_all_of_it")]
    answer = await at.dialogue.ask(at.say("return_which_item", number=order.number), choices=choices)
    place = choices.index(answer)
    return tuple(left) if place == len(left) else (left[place],)


async def _reason(at: Visit, order: Order, things: Sequence[Item]) -> str:
    if found := REASONS.search(at.turn.utterance):
        return found[0]
    going = [each for each in order.items if each.returned]
    told = at.say("return_going", item=_listed(at, going), **{"return": _numbers(at, going)}) + " " if going else ""
    told += at.say("return_exchange") + " " if EXCHANGES.search(at.turn.utterance) else ""
    answer: str = await at.dialogue.ask(told + at.say("return_reason", item=_listed(at, things)))
    return "" if NO_REASON.fullmatch(answer) else answer


def _corrects(at: Visit, order: Order, things: Sequence[Item], answer: str) -> bool:
    """Whether an answer to the question about the reason names something else to be returned instead."""
    rest = [each for each in order.items if each not in things]
    elsewhere = [each for other in at.orders if other is not order for each in other.items]
    another = items_in(answer, [*rest, *elsewhere]) and not items_in(answer, things)
    short = len(answer.split()) <= 3 and bool(items_in(answer, rest))
    return bool(another and CORRECTS.search(answer)) or short or bool(OTHER_ONE.search(answer) and rest)


async def _confirm(at: Visit, order: Order, things: Sequence[Item]) -> bool | str:
    """Yes, no, or the words that name something else."""
    values = {"number": order.number, "item": _listed(at, things), "amount": money(_worth(things))}
    rest = [word for each in order.items if each not in things for word in each.words]
    mentions = [
        *others(at, order),
        *rest,
        "other one",
        "other item",
        "both",
        "all of",
        "everything",
        "另",
        "都",
        "全部",
    ]
    mentions += FEWER if len(things) > 1 else ()
    answer: bool | str = await at.dialogue.ask(at.say("return_confirm", **values), kind=bool, mentions=mentions)
    return answer


async def _send_back(at: Visit, order: Order, things: Sequence[Item], reason: str) -> Reply:
    numbers = []
    for each in things:
        name = each.name
        numbers.append(
            await at.dialogue.once(
                f"return:{order.number}:{name}",
                lambda name=name: at.shop.start_return(  # type: ignore[misc]
                    at.key(f"return {name}"), order.number, name, reason, at.today
                ),
            )
        )
    values = {"number": order.number, "item": _listed(at, things), "amount": money(_worth(things))}
    values["return"] = at.say("and").join(dict.fromkeys(numbers))
    key = "return_done" if len(things) == 1 else "return_done_several"
    data = {"order": order.number, "item": ", ".join(each.name for each in things), "return": ", ".join(numbers)}
    return Reply(
        at.say(key, **values), speech=at.say(key + "_speech", **values), data=data | {"refund_cents": _worth(things)}
    )


def _numbers(at: Visit, things: Sequence[Item]) -> str:
    return at.say("and").join(sorted({each.returned for each in things if each.returned}))


def _worth(things: Sequence[Item]) -> int:
    return sum(each.cents * each.quantity for each in things)


def _listed(at: Visit, things: Sequence[Item]) -> str:
    return at.say("and").join(each.named(at.language) for each in things)
