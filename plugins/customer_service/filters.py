"""Filters on a list of orders: days, weekdays, amounts, states, things, and the dearest or the newest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from assistant import AmountRange, DateRange, Entity, Money, Recurrence, find_entities
from assistant.language import weekday_name, written_day

from .naming import split_exceptions
from .orders import Order, find_orders, money
from .spoken import in_plain_words
from .wording import Language, say
from .words import heard

__all__ = ["Filter", "Found", "is_late", "names_past_day", "pick", "read_filters", "sift"]

EURO = ("", "EUR")
ROUGHLY = Decimal("0.15")
"""share of an amount by which another one may be "about" it"""
STATES: dict[str, Callable[[Order, date], bool]] = {
    "late": lambda order, today: is_late(order, today),
    "undelivered": lambda order, _: order.status in ("processing", "shipped"),
    "unsent": lambda order, _: order.status == "processing",
    "underway": lambda order, _: order.status == "shipped",
    "delivered": lambda order, _: order.status == "delivered",
    "cancelled": lambda order, _: order.status == "cancelled",
    "returned": lambda order, _: order.status == "returned" or bool(order.returned),
}
"""which orders a word about their state means; the first word that is heard counts"""
BEST: dict[str, Callable[[Order], object]] = {
    "latest": lambda order: (order.placed, order.number),
    "oldest": lambda order: (order.placed, order.number),
    "dearest": lambda order: order.cents,
    "cheapest": lambda order: order.cents,
}
COMPARED = {"dearer": "dearest", "cheaper": "cheapest", "newer": "latest", "older": "oldest"}
"""what is compared among a few orders, as among all"""


@dataclass(frozen=True)
class Filter:
    """One condition on orders."""

    text: str
    """it in words, in the customer's language"""
    holds: Callable[[Order], bool]

    def turned(self, language: Language) -> Filter:
        """The opposite condition."""
        return Filter(say("filter_not", language, what=self.text), lambda order: not self.holds(order))


@dataclass(frozen=True)
class Found:
    """The orders that pass, and how they were looked for."""

    orders: tuple[Order, ...]
    filters: tuple[Filter, ...] = ()
    missed: tuple[str, ...] = ()
    """conditions that the shop cannot apply, as they were said"""

    def described(self, language: Language) -> str:
        """All conditions in words."""
        return ("、" if language == "zh" else ", ").join(each.text for each in self.filters)


def is_late(order: Order, today: date) -> bool:
    """Returns whether the order is overdue and still on its way."""
    return order.status == "shipped" and date.fromisoformat(order.due) < today


def sift(text: str, orders: Sequence[Order], today: date, language: Language) -> Found:
    """Apply the filters that a question about orders names.

    Args:
        text: the question.
        orders: of this customer, newest first.
        today: what "last week" counts from.
        language: for the conditions in words.
    """
    said, spared = split_exceptions(text)
    filters, missed = read_filters(said if spared else text, today, language)
    if spared:  # "leave out those that were delivered"
        filters += [each.turned(language) for each in read_filters(spared, today, language)[0]]
    if spared and (left_out := find_orders(spared, orders)):
        names = say("and", language).join(order.number for order in left_out)
        filters.append(Filter(say("filter_without", language, orders=names), lambda order: order not in left_out))
    if named := find_orders(said, orders):
        things = say("and", language).join(order.named(language) for order in named)
        if filters:
            filters.append(Filter(say("filter_named", language, items=things), lambda order: order in named))
    kept = [order for order in orders if all(each.holds(order) for each in filters)]
    kind = next((kind for kind in BEST if heard(kind, text)), "")
    if kind and kept:
        counted = [e.value for e in find_entities(text, language) if e.kind == "number" and isinstance(e.value, int)]
        kept = sorted(kept, key=BEST[kind], reverse=kind in ("latest", "dearest"))[: counted[0] if counted else 1]  # type: ignore[arg-type]
        best = tuple(kept)
        filters.append(Filter(say("filter_" + kind, language), lambda order: order in best))
    return Found(tuple(kept), tuple(filters), tuple(missed))


def pick(text: str, orders: Sequence[Order], today: date) -> list[Order]:
    """The orders that words point out by what they are like: "the cheaper one", "the one that's late", 晚的那个.

    Args:
        text: what was said.
        orders: among which.
        today: when it is asked.

    Returns:
        [] when the words point out none by that.
    """
    if not orders or not heard("one_of_them", text):
        return []
    if kind := next((best for word, best in COMPARED.items() if heard(word, text)), ""):
        return sorted(orders, key=BEST[kind], reverse=kind in ("latest", "dearest"))[:1]  # type: ignore[arg-type]
    state = next((holds for state, holds in STATES.items() if heard(state, text)), None)
    return [order for order in orders if state(order, today)] if state else []


def read_filters(text: str, today: date, language: Language, *, states: bool = True) -> tuple[list[Filter], list[str]]:
    """The conditions on days, amounts and states that a text names, and the words for those that cannot be applied."""
    filters, missed = [], []
    came = bool(heard("delivered", text)) and not heard("undelivered", text)
    now, about = datetime.combine(today, datetime.min.time()), heard("roughly", text) is not None
    for entity in _plain_entities(in_plain_words(text, today), language, now):
        made = _days(entity, today, language, came=came) or _amount(entity, language, about=about)
        if made:
            filters.append(made)
        elif entity.kind in ("date_range", "money", "money_range", "recurrence", "time", "datetime", "percentage"):
            missed.append(entity.text)
    for state, holds in STATES.items():
        if states and heard(state, text):
            filters.append(Filter(say("filter_" + state, language), lambda order, holds=holds: holds(order, today)))  # type: ignore[misc]
            break
    return filters, missed


def names_past_day(text: str, today: date, language: Language) -> bool:
    """Returns whether the text names a past day or a period that has begun: "the order of the 19th", 三天前下的那单."""
    now = datetime.combine(today, datetime.min.time())
    values = [each.value for each in _plain_entities(in_plain_words(text, today), language, now)]
    days = [value.start if isinstance(value, DateRange) else value for value in values]
    return any(isinstance(day, date) and not isinstance(day, datetime) and day <= today for day in days)


def _plain_entities(text: str, language: Language, now: datetime) -> Iterator[Entity]:
    """The values of a text; what reads like an address ("place before 20 November") may be a day all the same."""
    for entity in find_entities(text, language, now):
        if entity.kind == "address":
            yield from find_entities(entity.text.partition(" ")[2], language, now)
        else:
            yield entity


def _days(entity: Entity, today: date, language: Language, *, came: bool) -> Filter | None:
    """A condition on the day an order was placed, or came."""

    def holds(order: Order, test: Callable[[date], bool]) -> bool:
        day = order.delivered if came else order.placed
        return bool(day) and test(date.fromisoformat(day))

    value, verb = entity.value, say("verb_came" if came else "verb_placed", language)
    if isinstance(value, Recurrence) and value.weekdays:
        names = say("and", language).join(weekday_name(day, language) for day in value.weekdays)
        text = say("filter_weekday", language, day=names, verb=verb)
        return Filter(text, lambda order: holds(order, lambda day: day.weekday() in value.weekdays))
    if isinstance(value, date) and not isinstance(value, datetime):
        meant = _past(value, today)
        text = say("filter_day", language, day=_dated(meant, today, language), verb=verb)
        return Filter(text, lambda order: holds(order, lambda day: day == meant))
    if isinstance(value, DateRange):
        span = value if value.start is None or value.start <= today else _earlier(value, today)
        return Filter(_written(span, today, language, verb), lambda order: holds(order, span.holds))
    return None


def _past(day: date, today: date) -> date:
    """The day a past purchase can mean: what lies within the next week is the same weekday of the last one."""
    return day - timedelta(days=7) if today < day <= today + timedelta(days=7) else day


def _earlier(span: DateRange, today: date) -> DateRange:
    week = timedelta(days=7)
    near = span.start is not None and span.start <= today + week
    return DateRange(span.start and span.start - week, span.end and span.end - week) if near else span


def _written(span: DateRange, today: date, language: Language, verb: str) -> str:
    start, end = (_dated(day, today, language) if day else "" for day in (span.start, span.end))
    key = "filter_days" if start and end else "filter_since" if start else "filter_until"
    return say(key, language, start=start, end=end, verb=verb)


def _dated(day: date, today: date, language: Language) -> str:
    """A day, with its year where that is another one."""
    return written_day(day, language, year=day.year != today.year)


def _amount(entity: Entity, language: Language, *, about: bool) -> Filter | None:
    value = entity.value
    if isinstance(value, Money) and value.currency in EURO:
        near = value.amount * ROUGHLY if about else 0
        value = AmountRange(value.amount - near, value.amount + near, value.currency)
    if not isinstance(value, AmountRange) or value.currency not in EURO:
        return None
    bounds = value
    low, high = (money(int(amount * 100)) if amount is not None else "" for amount in (bounds.low, bounds.high))
    key = "filter_exactly" if low == high else "filter_between" if low and high else "filter_over" if low else ""
    text = say(key or "filter_under", language, low=low, high=high)
    return Filter(text, lambda order: bounds.holds(Decimal(order.cents) / 100))
