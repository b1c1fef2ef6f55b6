"""Orders as values, and finding the ones a sentence talks about."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from assistant import find_entities, identifier_readings
from assistant.language import written_day as day_in_words

from .wording import Language, name_in, say

__all__ = [
    "NAMES",
    "Item",
    "Order",
    "Refund",
    "find_orders",
    "in_one_piece",
    "in_order_said",
    "item_in",
    "items_in",
    "money",
    "order_numbers",
    "written_day",
]

Status = Literal["processing", "shipped", "delivered", "returned", "cancelled"]

LONG, ALIKE = 6, 0.85
"""letters from which a word may be misspelt, and how alike (0 to 1) it must be then"""


NAMES: set[str] = set()
"""what people call the things of the orders that were looked at, for readers that see words alone"""


@dataclass(frozen=True)
class Item:
    """One thing in an order."""

    name: str
    chinese: str
    words: tuple[str, ...]
    """what people call it, lower case, singular"""
    cents: int
    """price of one, euro cents"""
    sku: str = ""
    """the shop's own name for it"""
    quantity: int = 1
    stock: int = 0
    """how many more there are"""
    warranty_months: int = 24
    returned: str = ""
    """number of its return under way, "" for none"""

    def named(self, language: Language) -> str:
        """Its name in the user's language."""
        name = self.chinese if language == "zh" else name_in(language, self.name)
        return name if self.quantity == 1 else f"{self.quantity} × {name}"


@dataclass(frozen=True)
class Refund:
    """Money on its way back."""

    order: str
    cents: int
    """euro cents"""
    status: Literal["pending", "paid"]
    changed: str
    """ISO date of the last change"""


@dataclass(frozen=True)
class Order:
    """One purchase. Dates are ISO dates, "" for none."""

    number: str
    status: Status
    placed: str
    due: str
    items: tuple[Item, ...]
    delivered: str = ""
    changed: str = ""
    """when it was cancelled or returned"""
    carrier: str = ""
    tracking: str = ""
    refund: Refund | None = None
    returned: str = ""
    """number of the first return under way, "" for none"""
    address: str = ""
    """where it goes"""

    @property
    def cents(self) -> int:
        """Price paid, euro cents."""
        return sum(item.cents * item.quantity for item in self.items)

    def named(self, language: Language) -> str:
        """Lists the items of the order in the user's language."""
        return say("and_items", language).join(item.named(language) for item in self.items)

    def listed(self, language: Language) -> str:
        """Number, contents and state in one line."""
        status = say(f"status_{self.status}", language)
        return say("order_line", language, number=self.number, items=self.named(language), status=status)

    def to_json(self) -> dict[str, Any]:
        """The order as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Order:
        """Read back what `to_json` wrote."""
        items = tuple(Item(**{**item, "words": tuple(item["words"])}) for item in values["items"])
        refund = Refund(**values["refund"]) if values["refund"] else None
        return cls(**{**values, "items": items, "refund": refund})


_DIGIT = "[0-9零〇一二两三四五六七八九幺]"
_SPELLED = re.compile(rf"[a-zA-Z][，, ]?(?:{_DIGIT}[，, ]?){{2,}}{_DIGIT}|(?:{_DIGIT}[，, ]){{3,}}{_DIGIT}")


def in_one_piece(text: str) -> str:
    """A text with identifiers that are spelled out in one piece each: "A，一，零，零，四" is "A一零零四"."""
    return _SPELLED.sub(lambda match: re.sub("[，, ]", "", match[0]), text)


def order_numbers(text: str, orders: Sequence[Order]) -> tuple[list[str], list[str]]:
    """The numbers of orders that a text names, and what looks like one and is none of theirs, to be read back.

    "A ten oh seven", "10-07", "order 1 0 0 7" and "A１００７" all name A1007; an amount, a date or a telephone number
    beside a known number names none.
    """
    known, text = [order.number for order in orders], in_one_piece(text)
    read = identifier_readings(text, known)
    named = [number for number in read if number in known]
    named += [number for number in _by_ending(text, known) if number not in named]
    calls = [each.text for each in find_entities(text) if each.kind == "phone" and (named or each.text.startswith("+"))]
    digits = {re.sub(r"\D", "", call) for call in calls}
    return named, [number for number in read if number not in known and re.sub(r"\D", "", number) not in digits]


ENDING = re.compile(
    r"(?:\bend(?:s|ing)?(?: (?:in|with|on))?|\blast (?:\w+ )?digits?(?: (?:is|are|being))?|尾号"
    r"|[后末][两三四]位)(?:是|为)?\s*(?P<digits>\d{2,4}|[零〇一二三四五六七八九]{2,4})(?!\d)",
    re.IGNORECASE,
)
HAN_DIGITS = str.maketrans("零〇一二三四五六七八九", "00123456789")


def _by_ending(text: str, known: Sequence[str]) -> list[str]:
    """The numbers of which a text says the last digits: "the one ending in 02", 尾号零二."""
    said = [match["digits"].translate(HAN_DIGITS) for match in ENDING.finditer(text)]
    return [number for number in known if any(number.endswith(digits) for digits in said)]


def find_orders(text: str, orders: Sequence[Order]) -> list[Order]:
    """The orders a text means, by number and by what is in them, in the shop's order.

    Where several orders hold a thing it names, those that match most words win: "coffee mugs" is one order, "coffee"
    two. A thing counts beside a number when the numbered orders do not hold it: "A1002 and the mugs".
    """
    numbers, _ = order_numbers(text, orders)
    told = {word for order in orders if order.number in numbers for item in order.items for word in item.words}
    words = {order.number: _words_in(text, order) for order in orders}
    most = [
        order
        for order in orders
        if words[order.number] - told and not any(words[order.number] < other for other in words.values())
    ]
    return [order for order in orders if order.number in numbers or order in most]


def in_order_said(text: str, orders: Sequence[Order]) -> list[Order]:
    """Orders as a text names them, so that "the second" is the second that was said; else as they come."""
    numbers, _ = order_numbers(text, orders)
    if len(numbers) == len(orders):
        return sorted(orders, key=lambda order: numbers.index(order.number))
    said = text.lower()
    places = {
        order.number: min((said.find(word) for item in order.items for word in item.words if word in said), default=-1)
        for order in orders
    }
    return list(orders) if -1 in places.values() else sorted(orders, key=lambda order: places[order.number])


def _words_in(text: str, order: Order) -> frozenset[str]:
    tokens = _tokens(text)
    return frozenset(word for item in order.items for word in item.words if _named(word, text, tokens))


def _named(word: str, text: str, tokens: Collection[str]) -> bool:
    return _written(word, tokens) if word.isascii() else word in text


def _tokens(text: str) -> set[str]:
    return {_singular(token) for token in re.findall(r"[a-z]+", text.lower())}


def item_score(text: str, item: Item) -> int:
    """Counts the words of an item's name that a text holds, allowing one wrong letter in long words ("hedphones")."""
    tokens = _tokens(text)
    return sum(_named(word, text, tokens) for word in item.words)


def _written(word: str, tokens: Collection[str]) -> bool:
    if word in tokens:
        return True
    near = (token for token in tokens if len(token) >= LONG and token[0] == word[0] and abs(len(token) - len(word)) < 2)
    return len(word) >= LONG and any(difflib.SequenceMatcher(None, token, word).ratio() >= ALIKE for token in near)


def items_in(text: str, items: Iterable[Item]) -> list[Item]:
    """The items that a text names, in their order; those alone that it names by most words when they share one."""
    scores = [(item_score(text, item), item) for item in items]
    own = [
        (score, item, _own_words(item, [other for _, other in scores if other is not item])) for score, item in scores
    ]
    return [
        item for score, item, words in own if score and any(_named(word, text, _tokens(text)) for word in words)
    ] or [item for score, item in scores if score]


def _own_words(item: Item, rest: Sequence[Item]) -> list[str]:
    return [word for word in item.words if not any(word in other.words for other in rest)]


def item_in(text: str, order: Order) -> Item | None:
    """The one item of an order that a text names; None when it names none or several."""
    if len(order.items) == 1:
        return order.items[0]
    named = items_in(text, order.items)
    return named[0] if len(named) == 1 else None


def money(cents: int) -> str:
    """Euros as people write them: 1990 is "€19.90"."""
    return f"€{cents // 100:,}.{cents % 100:02d}"


def written_day(day: str, language: Language) -> str:
    """An ISO date as people write it: "Tuesday, 3 March" or "3月3日星期二"."""
    return day_in_words(date.fromisoformat(day), language)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
