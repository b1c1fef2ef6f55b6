"""The counter: who is served, in which language, and which order they mean."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from assistant import Dialogue, Reply, Services, Turn

from .backend import Backend, open_backend
from .orders import Item, Order, find_orders, item_in, order_numbers
from .wording import Language, language_of, say

__all__ = ["CORRECTIONS", "Visit", "choose_item", "choose_order", "others", "visit"]

CORRECTIONS = 3
"""times a customer may say "no, I meant the other one" in one visit"""
ATTEMPTS = 2
"""questions about the order before the clerk gives up"""
REFUSALS = (
    "none",
    "no",
    "nothing",
    "no order",
    "none of them",
    "none of these",
    "不是",
    "没有",
    "无",
    "都不是",
    "不用",
)
ORDINALS = (
    ("first", "第一"),
    ("second", "第二"),
    ("third", "第三"),
    ("fourth", "第四"),
    ("fifth", "第五"),
)
LATEST = re.compile(r"\b(?:latest|newest|most recent)\b|最近|最新", re.IGNORECASE)
LAST = re.compile(r"\W*(?:the )?last(?: one)?\W*|最后(?:一个)?", re.IGNORECASE)


@dataclass(frozen=True)
class Visit:
    """One customer at the counter."""

    turn: Turn
    dialogue: Dialogue
    services: Services
    shop: Backend
    language: Language
    today: date
    orders: tuple[Order, ...]
    """as they were when the visit began, so that a dialogue replayed after a crash takes the same path"""

    def say(self, key: str, **values: object) -> str:
        """A phrase in the customer's language."""
        return say(key, self.language, **values)

    def failed(self, key: str, **values: object) -> Reply:
        """A phrase that says the customer could not be helped; three in a row bring a person (see `handover`)."""
        return Reply(self.say(key, **values), data={"helped": False})

    def key(self, what: str) -> str:
        """A key that names one effect of this visit, the same after a restart."""
        return f"{self.turn.session}:{self.turn.id}:{what}"


async def visit(turn: Turn, dialogue: Dialogue, services: Services) -> Visit:
    """Open the shop for one customer."""
    today = datetime.fromtimestamp(turn.at).date()
    shop = open_backend(services, today)
    seen = await dialogue.once("orders", lambda: [order.to_json() for order in shop.orders(turn.session)])
    orders = tuple(Order.from_json(values) for values in seen)
    return Visit(turn, dialogue, services, shop, language_of(turn.utterance), today, orders)


async def choose_order(
    at: Visit, text: str, likely: Callable[[Order], bool], *, question: str = "which_order"
) -> Order | None:
    """The order a customer means, asking when the words leave it open; None when they name none.

    Args:
        at: the visit.
        text: what the customer said so far.
        likely: which orders the request could be about; these are offered.
        question: the phrase that asks, with "{orders}" for the list.
    """
    found = find_orders(text, at.orders)
    unknown = [n for n in order_numbers(text) if n not in {order.number for order in at.orders}]
    for _ in range(ATTEMPTS):
        if len(found) > 1 and (fitting := [order for order in found if likely(order)]):
            found = fitting
        if len(found) == 1:
            return found[0]
        offered = found or [order for order in at.orders if likely(order)] or list(at.orders)
        lead = at.say("unknown_order", number=unknown[0]) + " " if unknown and not found else ""
        answer = await _ask(at, lead, question if not found else "which_of_these", offered)
        if answer.strip().lower().rstrip(".!。") in REFUSALS:
            return None
        found = _picked(answer, offered) or find_orders(answer, at.orders)
        unknown = [] if found else order_numbers(answer)
    return found[0] if len(found) == 1 else None


def others(at: Visit, order: Order) -> list[str]:
    """The words that name another order than this one, for `Dialogue.ask`: "no, A1002", "no, the headphones"."""
    rest = [each for each in at.orders if each is not order]
    own = {word for item in order.items for word in item.words}
    words = {word for each in rest for item in each.items for word in item.words} - own
    return sorted({form for each in rest for form in (each.number, each.number[1:])} | words)


async def choose_item(at: Visit, text: str, order: Order, *, question: str) -> Item:
    """The item of an order that a customer means, asking when the words leave it open.

    Args:
        at: the visit.
        text: what the customer said so far.
        order: not empty.
        question: the phrase that asks, with "{number}" for the order's.
    """
    if (named := item_in(text, order)) is not None:
        return named
    choices = [item.named(at.language) for item in order.items]
    answer = await at.dialogue.ask(at.say(question, number=order.number), choices=choices)
    return order.items[choices.index(answer)]


async def _ask(at: Visit, lead: str, question: str, offered: list[Order]) -> str:
    lines = "\n".join(f"  {i}. {order.listed(at.language)}" for i, order in enumerate(offered, 1))
    # A listener knows what was bought, not its number.
    named = ("；" if at.language == "zh" else "; ").join(order.named(at.language) for order in offered)
    speech = lead + at.say("which_order_speech", orders=named)
    known = {word for order in at.orders for item in order.items for word in item.words}
    ordinals = (word for words in ORDINALS[: len(offered)] for word in words)
    # An answer names an order; words that name none may be another request.
    mentions = [*sorted(known), *map(str, range(1, 10)), *(f"A{n}" for n in range(10)), *ordinals, "last", "latest"]
    answer: str = await at.dialogue.ask(
        lead + at.say(question, orders=lines), mentions=[*mentions, "newest", "order", *REFUSALS[2:]], speech=speech
    )
    return answer


def _picked(answer: str, offered: list[Order]) -> list[Order]:
    """The order an answer such as "2" or "the first one" picks from the list, newest first."""
    words = answer.strip().lower().rstrip(".!。")
    for place, names in enumerate(ORDINALS[: len(offered)]):
        if any(name in words for name in names):
            return [offered[place]]
    if LATEST.search(words):
        return [offered[0]]
    if LAST.fullmatch(words):
        return [offered[-1]]
    if words.isdigit() and 1 <= int(words) <= len(offered):
        return [offered[int(words) - 1]]
    return []
