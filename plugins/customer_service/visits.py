"""Opens a visit: the customer, the language, and the orders they mean."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from assistant import AssistantError, Dialogue, Reply, Services, Turn
from assistant.understanding.consent import read_bare_answer

from .backend import Backend, open_backend
from .filters import pick, sift
from .naming import Named, read_named, recent_orders
from .orders import NAMES, Item, Order, find_orders, item_in, order_numbers
from .wording import Language, language_of, say
from .words import declines, heard, ordinals_in

__all__ = [
    "CORRECTIONS",
    "Visit",
    "amended",
    "choose_item",
    "choose_order",
    "choose_orders",
    "others",
    "sifted",
    "visit",
]

CORRECTIONS = 3
"""times a customer may say "no, I meant the other one" in one visit"""
ATTEMPTS = 2
"""questions about the order before the clerk gives up"""
REMEMBERED = 6
"""past turns in which "it" is looked for"""
REFUSALS = (
    *("none", "no", "nothing", "no order", "none of them", "none of these", "不是", "没有", "无", "都不是", "不用"),
)
FEW = 3
"""orders that a description may leave to be asked about"""
LIKE, SURELY, MARGIN = 0.22, 0.3, 0.05
"""cosine from which words tell of a thing, the same of somebody who says not to know, and how far behind the best
another one may be to be meant as well; "I don't know" and "what do you mean" come to 0.17 at most"""
NAMED, APART = 0.64, 0.08
"""sum of both cosines from which words name a thing, and how far behind the next thing must be; measured on 36
sentences of 15 languages: what names none comes to 0.59 at most"""
LONGEST = 120
"""characters of words that may name a thing in another language"""
FORGOT = (
    *("no idea", "no clue", "no number", "number", "forgot", "lost", "remember", "don't know", "dont know", "dunno"),
    *(
        *(
            *(
                "can't find",
                "cant find",
                "something",
                "记不",
                "忘",
                "不知道",
                "不清楚",
                "找不到",
                "单号",
                "号码",
                "那个",
                "用的",
            ),
        ),
    ),
)
"""beginnings of answers without a number, or with a description of the thing"""
PLACES = ("first", "second", "third", "fourth", "fifth", "last", "latest", "newest", "第", "最后", "最近", "最新")
"""beginnings of words that pick from a list"""


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
    recent: tuple[tuple[str, ...], ...] = ()
    """order numbers that past answers of this conversation named, the latest first"""

    def say(self, key: str, **values: object) -> str:
        """A phrase in the customer's language."""
        return say(key, self.language, **values)

    def failed(self, key: str, **values: object) -> Reply:
        """A phrase that says the customer could not be helped; three in a row bring a person (see `handover`)."""
        return Reply(self.say(key, **values), data={"helped": False})

    def key(self, what: str) -> str:
        """A key that names one effect of this visit, the same after a restart."""
        return f"{self.turn.session}:{self.turn.id}:{what}"

    def listed(self, orders: Sequence[Order]) -> str:
        """Orders in a sentence: "A1002 (coffee grinder) and A1007 (coffee mugs)"."""
        return self.say("and").join(self.say("an_order", number=o.number, items=o.named(self.language)) for o in orders)


async def visit(turn: Turn, dialogue: Dialogue, services: Services) -> Visit:
    """Open the shop for one customer."""
    today = datetime.fromtimestamp(turn.at).date()
    shop = open_backend(services, today)
    seen = await dialogue.once("orders", lambda: [order.to_json() for order in shop.orders(turn.session)])
    orders = tuple(Order.from_json(values) for values in seen)
    NAMES.update(word for each in orders for item in each.items for word in (*item.words, item.chinese) if word)
    earlier = await services.conversation(turn.session, REMEMBERED)
    recent = await dialogue.once("recent", lambda: recent_orders(earlier, orders))
    language = language_of(turn.utterance)
    return Visit(turn, dialogue, services, shop, language, today, orders, tuple(map(tuple, recent)))


async def choose_orders(
    at: Visit, text: str, likely: Callable[[Order], bool], *, question: str = "which_order"
) -> Named | None:
    """The orders a customer means, asking when the words leave it open; None when they name none.

    Args:
        at: the visit.
        text: what the customer said so far.
        likely: which orders the request could be about; these are offered, and these are "all".
        question: the phrase that asks, with "{orders}" for the list.
    """
    named = sifted(at, read_named(text, at.orders, likely, at.recent), likely)
    if not named.orders and not named.unknown and not named.every and (alike := await _alike(at, text)):
        named = replace(named, orders=(alike,))
    attempts, unread = ATTEMPTS, ""
    while attempts > 0:
        attempts -= 1
        if named.every and not named.orders:
            return named
        if named.either:
            offered = list(named.orders)
        elif named.orders and (len(named.orders) == 1 or named.every or _told_apart(named, at)):
            return named
        elif fitting := [order for order in named.orders if likely(order)]:
            if len(fitting) == 1:
                return replace(named, orders=tuple(fitting))
            offered = fitting
        else:
            offered = list(named.orders) or [order for order in at.orders if likely(order)] or list(at.orders)
        answer = await _ask(at, named, unread or ("which_of_these" if named.orders else question), offered)
        if answer.strip().lower().rstrip(".!。") in REFUSALS:
            return None
        picked = _picked(answer, offered)
        named = Named(tuple(picked)) if picked else read_named(answer, at.orders, lambda o, shown=offered: o in shown)  # type: ignore[misc]
        if named.orders or named.unknown or named.every:
            unread = ""
        elif read_bare_answer(answer) != "other":  # "oui" names none
            unread = "which_again"
        elif found := pick(answer, offered, at.today) or await _described(at, answer):
            named, unread = Named(tuple(found)), ""
        else:
            forgot = bool(heard("forgot_number", answer) or heard("number_word", answer))
            attempts += forgot and not unread  # a customer without a number has not answered yet
            unread = "which_forgotten" if forgot else "which_again"
    return named if named.orders and not named.either else None


async def choose_order(
    at: Visit, text: str, likely: Callable[[Order], bool], *, question: str = "which_order"
) -> Order | None:
    """The one order a customer means, asking when the words leave it open; None when they name none.

    Args:
        at: the visit.
        text: what the customer said so far.
        likely: which orders the request could be about; these are offered.
        question: the phrase that asks, with "{orders}" for the list.
    """
    named = await choose_orders(at, text, likely, question=question)
    for _ in range(ATTEMPTS):
        if named is None or len(named.orders) == 1:
            break
        offered = list(named.orders)
        answer = await _ask(at, named, "which_of_these", offered)
        picked = _picked(answer, offered) or find_orders(answer, at.orders)
        named = Named(tuple(picked)) if picked else named
    return named.orders[0] if named and len(named.orders) == 1 else None


def sifted(at: Visit, named: Named, likely: Callable[[Order], bool]) -> Named:
    """Filters the orders by conditions: "all orders over 45 euros", "the cheapest", "the one I placed yesterday"."""
    by_name = find_orders(named.said, at.orders) or named.unknown
    shown = [order for order in at.orders if order.number in (at.recent[0] if at.recent else ())]
    among = shown if len(shown) > 1 else [order for order in at.orders if likely(order)]
    if not by_name and (found := pick(named.said, among, at.today)):
        rest = [each for each in found if not at.recent or each.number not in at.recent[0]]
        found = rest if rest and heard("other_one", named.said) else found  # "the other one that's on the way"
        several = len(found) > 1 and not heard("plural", named.said)  # "the one that isn't sent", of two
        return replace(named, orders=tuple(found), every=False, either=several)
    described = not named.orders and not named.unknown and (heard("placing", named.said) or heard("best", named.said))
    if not described and not (named.every and named.orders):
        return named
    pool = named.orders if named.every else [order for order in at.orders if likely(order)]
    kept = sift(named.said, pool, at.today, at.language)
    return replace(named, orders=kept.orders) if kept.filters else named


async def _alike(at: Visit, text: str) -> Order | None:
    """Returns the order of an item named in any language, such as "devolver los auriculares"; None for none.

    A thing is named where the words come near to its name and nearer to "where is" it than to "where is something".
    """
    if len(text) > LONGEST:
        return None
    names = list(dict.fromkeys(item.name for order in at.orders for item in order.items))
    asked = [f"where is my {name}" for name in (*names, "something")]
    try:
        vectors = await at.services.encode_text([text, *names, *asked])
    except AssistantError:
        return None
    near = vectors[1:] @ vectors[0]
    scores = near[: len(names)] + near[len(names) : -1] - near[-1]
    first, second = sorted(range(len(names)), key=lambda place: -scores[place])[:2] if len(names) > 1 else (0, 0)
    clear = len(names) == 1 or scores[first] - scores[second] >= APART
    holding = [order for order in at.orders if any(item.name == names[first] for item in order.items)]
    return holding[0] if scores[first] >= NAMED and clear and len(holding) == 1 else None


async def _described(at: Visit, answer: str) -> list[Order]:
    """Returns the orders whose items fit a description: "something for the kitchen"."""
    things = [
        (order, name) for order in at.orders for item in order.items for name in (item.name, item.chinese) if name
    ]
    try:
        vectors = await at.services.encode_text([answer, *(name for _, name in things)])
    except AssistantError:
        return []
    alike = (vectors[1:] @ vectors[0]).tolist()
    least = max(SURELY if heard("forgot_number", answer) else LIKE, max(alike, default=0.0) - MARGIN)
    near = [order for (order, _), score in zip(things, alike, strict=True) if score >= least]
    found = list(dict.fromkeys(near))
    return found if len(found) <= FEW else []


def _told_apart(named: Named, at: Visit) -> bool:
    """Returns whether several orders were named one by one, not by one word that they share ("coffee")."""
    if not find_orders(named.said, at.orders):
        return True  # by their places, or by what was talked about
    numbers, _ = order_numbers(named.said, at.orders)
    words = [{word for item in order.items for word in item.words} for order in named.orders]
    spoken = named.said.lower()
    for shared in sorted({word for one, other in itertools.combinations(words, 2) for word in one & other}):
        spoken = spoken.replace(shared, " ")
    return all(order.number in numbers or find_orders(spoken, [order]) for order in named.orders)


def amended(at: Visit, chosen: Sequence[Order], answer: str, likely: Callable[[Order], bool]) -> tuple[Order, ...]:
    """Returns the orders after a correction such as "no, only A1002", "not the mugs" or "and A1007 too"."""
    # "Only the mugs, keep the grinder" leaves out what is done; said with it, what stays is told apart.
    words = answer if heard("acts", answer) else f"{'取消' if at.language == 'zh' else 'cancel'} {answer}"
    named = read_named(words, at.orders, likely, [[each.number for each in chosen]])
    if named.left_out and not set(named.orders) - set(chosen):
        return tuple(each for each in chosen if each not in named.left_out)
    if declines(f"{answer}，") and not heard("only", answer) and set(named.orders) < set(chosen):  # 磨豆机先别取消
        return tuple(each for each in chosen if each not in named.orders)
    if heard("also", answer) and named.orders and not heard("only", answer):
        return tuple(dict.fromkeys((*chosen, *named.orders)))
    return named.orders


def others(at: Visit, *orders: Order) -> list[str]:
    """The words that name another order than these, for `Dialogue.ask`: "no, A1002", "no, the headphones"."""
    rest = [each for each in at.orders if each not in orders]
    own = {word for order in orders for item in order.items for word in item.words}
    words = {word for each in rest for item in each.items for word in item.words} - own
    if len(orders) > 1:  # "only the mugs": one of those that are meant now
        words |= own
        rest = list(at.orders)
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


async def _ask(at: Visit, named: Named, question: str, offered: list[Order]) -> str:
    """Asks which order is meant; without a list after an unknown number, as no other order may replace it."""
    unknown = bool(named.unknown) and not named.orders
    lines = "\n".join(f"  {i}. {order.listed(at.language)}" for i, order in enumerate(offered, 1))
    lead = at.say("unknown_order", number=at.say("and").join(named.unknown)) + " " if unknown else ""
    # A listener knows what was bought, not its number.
    what = ("；" if at.language == "zh" else "; ").join(order.named(at.language) for order in offered)
    text = at.say("which_number") if unknown else at.say(question, orders=lines)
    speech = lead + (at.say("which_number") if unknown else at.say("which_order_speech", orders=what))
    known = {word for order in at.orders for item in order.items for word in item.words}
    # An answer names an order; words that name none may be another request.
    mentions = [*sorted(known), *map(str, range(1, 10)), *(f"A{n}" for n in range(10)), *PLACES, *FORGOT, "order"]
    answer: str = await at.dialogue.ask(lead + text, mentions=[*mentions, *REFUSALS[2:]], speech=speech)
    return answer


def _picked(answer: str, offered: list[Order]) -> list[Order]:
    """The orders an answer such as "2", "the first one" or "the first and the last" picks from the list."""
    words = answer.strip().lower().rstrip(".!。")
    if words.isdigit() and 1 <= int(words) <= len(offered):
        return [offered[int(words) - 1]]
    if find_orders(answer, offered):
        return []
    if heard("latest", words):
        return [offered[0]]
    places = [place for place in ordinals_in(words) if place < len(offered)]
    return list(dict.fromkeys(offered[place] for place in places))
