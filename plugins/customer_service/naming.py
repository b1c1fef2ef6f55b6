"""Finds the orders that a request means, those it excludes, and the names that the shop does not know."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant import Exchange

from .orders import Item, Order, find_orders, items_in, order_numbers
from .words import clause_end, clauses_in, declines, heard, ordinals_in, spans_of

__all__ = [
    "LISTED",
    "Named",
    "asks_beside_refusal",
    "read_named",
    "recent_orders",
    "split_exceptions",
    "wanted_in_part",
    "without_declined",
    "words_of",
]

LISTED = 12
"""orders of a past answer that are remembered as a list"""
CLAUSE = re.compile(r"[,，.。;；!！?？]|\band\b|\bbut\b|但|不过", re.IGNORECASE)
"""where a clause may end"""
BARE = 12
"""characters up to which a clause only names a thing of a list: "the mugs," """
LONGEST = 160
"""characters of a refusal with a question"""
START = 12
"""characters into a text up to which an exception is one that comes first: "except for the mugs, cancel all" """


@dataclass(frozen=True)
class Named:
    """The orders of a request."""

    orders: tuple[Order, ...] = ()
    left_out: tuple[Order, ...] = ()
    """said to be left as they are"""
    unknown: tuple[str, ...] = ()
    """numbers the shop does not know, as they were written"""
    every: bool = False
    """all that can be, except `left_out`"""
    either: bool = False
    """one of them, and it is open which"""
    said: str = ""
    """the words without their exceptions"""
    spared: str = ""
    """the words of the exceptions"""


def words_of(said: str, order: str = "", item: str = "") -> str:
    """Returns the utterance, with slot values that are not part of it appended."""
    more = (value for value in (order, item) if value and value.lower() not in said.lower())
    return " ".join((said, *more)).strip()


_DECLINED = re.compile(
    r"(?:(?<=^)|(?<=[,.;:!?] )|(?<=please )|(?<=no, ))(?:please )?"
    r"(?:(?:do not|don['’]?t|dont|never|no need to|i(?:['’]?m| am) not|i (?:do not|don['’]?t) want to)(?: \w+)?) "
    r"(?:return|cancel|send|refund|change|call)\w*(?: back| off)?(?= )"
    r"|(?:请|先)?(?:别|不要|不用|不是要?|没要|没说要)(?:再|给我|帮我)*(?:退货?|取消|改|换)|不(?:退|取消)(?=[，,])",
    re.IGNORECASE,
)


def without_declined(text: str) -> str:
    """Removes a refusal before a question about the same item: "don't return the shoes, what did I pay"."""
    return _DECLINED.sub("", text).strip()


def asks_beside_refusal(text: str, kind: str) -> bool:
    """Returns whether the text refuses an act and only asks: "I don't want to cancel it, just know its price".

    Args:
        text: what was said.
        kind: the table of words of what is asked for, such as "plain_price".
    """
    found = _DECLINED.search(text) if len(text) <= LONGEST else None
    found = found if found and heard("acts_now", found[0]) else None
    rest = text[found.end() :] if found else ""
    return bool(heard(kind, rest) and heard("wants_to_know", rest))


def split_exceptions(text: str) -> tuple[str, str]:
    """Splits a request into what it wants and what it excludes: "cancel all but the mugs", "A1008, not A1001"."""
    kept, spared, place = "", "", 0
    marks = [(match.start(), match.end(), "except") for match in spans_of("except", text)]
    marks += [(match.start(), match.end(), "not") for match in spans_of("not", text)]
    for match in spans_of("but_after_all", text):  # "everything but the mugs"
        if heard("all", text[: match.start()]):
            marks.append((match.start(), match.end(), "except"))
    for start, end, kind in sorted(marks):
        if start < place:
            continue
        until = _until(text, start, end, kind)
        kept, spared, place = kept + text[place:start], f"{spared} {text[end:until]}", until
    return (kept + text[place:]).strip(), spared.strip()


def _corrected(text: str, orders: Sequence[Order]) -> str:
    """Removes a withdrawn order from a request: of "取消杯子那单，不对，是磨豆机那单" the second part stays."""
    for mark in reversed(list(spans_of("corrects", text))):
        before, behind = text[: mark.start()], text[mark.end() :]
        if find_orders(before, orders) and find_orders(behind, orders):
            acts = " ".join(match[0] for match in spans_of("acts", before))
            return f"{acts} {behind}".strip()
    return text


def _told_apart(said: str, spared: str, orders: Sequence[Order]) -> tuple[str, str]:
    """Splits a text into what it asks for and what it keeps: "the laptop stays", 磨豆机还要."""
    several = any(mark.end() < len(said) for mark in CLAUSE.finditer(said))
    clauses = [each.text for each in clauses_in(said)] if several else []
    things = [set(items_in(each, [item for order in orders for item in order.items])) for each in clauses]
    asks = [bool(heard("acts", each) or heard("not_wanted", each)) and not declines(f"{each}，") for each in clauses]
    wanted = set[Item]().union(*(found for found, asked in zip(things, asks, strict=True) if asked))
    named = [heard("all", each) or order_numbers(each, orders)[0] for each in clauses]
    every = any(asked and by for by, asked in zip(named, asks, strict=True))
    rest: list[str] = []
    kept: list[Item] = []
    for each, found, asked in zip(clauses, things, asks, strict=True):
        others = found - wanted if wanted and len(each) > BARE and not heard("acts", each) else set[Item]()
        leaves = found if heard("kept", each) or declines(f"{each}，") else others if not heard("as_well", each) else ()
        if asked or not leaves or not (wanted or every):
            rest.append(each)
        kept += () if asked or not (wanted or every) else leaves
    names = (name for item in kept for name in (item.name, item.chinese))
    return (" ".join(rest), f"{spared} {' '.join(names)}".strip()) if kept else (said, spared)


def wanted_in_part(said: str, spared: str, order: Order) -> bool:
    """Returns whether the text asks for part of an order and keeps another part: "A1009, but not the laptop"."""
    named, left = items_in(said, order.items), items_in(spared, order.items)
    number = bool(order_numbers(said, [order])[0])
    return bool(left and len(left) < len(order.items) and (number or any(each not in left for each in named)))


def _until(text: str, start: int, end: int, kind: str) -> int:
    if (mark := heard("except_ends", text[end:])) and kind == "except":
        return end + mark.end()
    if kind == "not" or start <= START:
        return clause_end(text, end)
    stops = [place for mark in ".;。；!！?？" if (place := text.find(mark, end)) >= 0]
    return min(stops, default=len(text))


def read_named(
    text: str,
    orders: Sequence[Order],
    likely: Callable[[Order], bool],
    recent: Sequence[Sequence[str]] = (),
) -> Named:
    """Read the orders of a request.

    Args:
        text: what was said.
        orders: of this customer.
        likely: which of them the request could be about: "all" and "the first" count these.
        recent: the numbers that past answers named, the latest first; "it" and "the other one" mean these.
    """
    text = _corrected(text, orders)
    said, spared = _told_apart(*split_exceptions(text), orders)
    found, left_out = find_orders(said, orders), find_orders(spared, orders) if spared else []
    left_out = [each for each in left_out if not wanted_in_part(said, spared, each)]
    _, unknown = order_numbers(text, orders)
    either = bool(heard("either", said)) and not heard("all", said) if len(found) > 1 else False
    named = Named(tuple(found), tuple(left_out), tuple(unknown), False, either, said, spared)
    if found and left_out:
        named = replace(named, orders=tuple(each for each in found if each not in left_out) or named.orders)
    if found or unknown:
        return named
    if heard("all", said) or (left_out and heard("other_one", said)):
        fitting = tuple(each for each in orders if likely(each) and each not in left_out)
        return replace(named, orders=fitting, every=True)
    shown = _known(recent[0] if recent else (), orders)
    counted = sorted((each for each in orders if likely(each)), key=lambda each: (each.placed, each.number))
    if picked := _places(said, shown if len(shown) > 1 else counted):
        return replace(named, orders=tuple(picked))
    return replace(named, orders=tuple(_pointed_at(said, orders, recent)))


def _places(said: str, listed: Sequence[Order]) -> list[Order]:
    """The orders at the places that were said: "the first and the last"."""
    places = [place for place in ordinals_in(said) if place < len(listed)] if listed else []
    return list(dict.fromkeys(listed[place] for place in places))


def _pointed_at(said: str, orders: Sequence[Order], recent: Sequence[Sequence[str]]) -> list[Order]:
    """Resolves "it", "the other one", or a missing name to orders of past answers."""
    if not recent:
        return []
    latest = _known(recent[0], orders)
    if heard("other_one", said):
        several = next((numbers for numbers in recent if len(numbers) > 1), ())
        others = [each for each in _known(several, orders) if len(latest) > 1 or each not in latest]
        return others if len(others) == 1 else []
    if heard("any_order", said) and not heard("pronoun", said):
        return []  # "cancel my order" names one that is not said
    return latest if len(latest) == 1 or heard("all", said) or heard("those", said) else []


def _known(numbers: Sequence[str], orders: Sequence[Order]) -> list[Order]:
    by_number = {order.number: order for order in orders}
    return [by_number[number] for number in numbers if number in by_number]


def recent_orders(earlier: Sequence[Exchange], orders: Sequence[Order]) -> list[list[str]]:
    """The numbers that past answers, or else the questions, named: one list a turn, the latest first."""
    found = []
    for exchange in reversed(earlier):
        named = order_numbers(exchange.reply, orders)[0] or order_numbers(exchange.text, orders)[0]
        if named and len(named) <= LISTED:
            found.append(named)
    return found
