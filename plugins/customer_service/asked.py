"""Reads what a question about orders asks for, and which orders it means: by aspect, filters and pointers.

A question names an aspect of orders (where, how much, until when) and says which orders (a state, a day, a number, a
thing, "it", "which of them", "all but …"), or it only changes one of both: "same for the lamp", "without the laptop".
All other words must be plain ones, so that a question about something else is never taken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from assistant import Exchange, find_entities
from assistant.understanding.entities.identifiers import identifier_spans

from .addresses import named_address
from .filters import STATES, names_past_day, read_filters
from .naming import split_exceptions
from .orders import NAMES, in_one_piece
from .spoken import in_plain_words
from .wording import language_of
from .words import asks_about, declines, heard, ordinals_in, without

__all__ = ["PLUGIN", "SAID", "amends", "asked_after", "asked_for", "names_any", "points", "shown_in"]

PLUGIN = "customer_service."
BRIEF = 80
"""characters of a question that is read"""
SAID = 14
"""characters beside a number in an answer that gives nothing else: "she says it's A1005" """
ASPECTS = (
    ("check_warranty", "wants_warranty"),
    ("return_item", "rule_back"),
    ("refund_status", "rule_money"),
    ("order_total", "asks_price"),
    ("refund_status", "refund_word"),
    ("list_orders", "wants_content"),
    ("track_order", "where_or_when"),
)
"""which intent tells what a kind of words asks for; the first that is heard counts"""
A_THING = 4
"""words or Chinese characters that may name a thing in a question whose things are not known yet"""
NUMBER = re.compile(r"[a-z]\W?\w{3,}|\d{4}|\d\d\W\d\d|[零〇一二三四五六七八九]{3,}", re.IGNORECASE)
"""how the number of an order is written"""
ACTS_ONLY = frozenset({"return_item"})
"""what is never done by words that only go on"""
LASTING = frozenset({"check_warranty", "return_item", "refund_status"})
"""after which a mere "when" asks until when, and not when a parcel comes"""
SURE = ("undelivered", "unsent", "underway", "delivered")
"""states that only parcels have"""
ELSE = ("reminds", "rule_cancel", "left_as_was", "wants_new", "rule_postage", "elsewhere")
"""what is no mere question about orders"""
_PLAIN = (
    *(kind for _, kind in ASPECTS),
    *("pronoun", "those", "one_of_them", "other_one", "other_stuff", "latest", "dearer", "cheaper", "newer", "older"),
    *STATES,
    *("all", "any_order", "order_list", "parcel_word", "plural", "stuff", "except", "only", "same", "sum", "count"),
    *(
        "adds",
        "ordinal",
        "asks_more",
        "asks_about",
        "chase",
        "last",
        "placing",
        "spent",
        "wants_status",
        "rule_own",
        "roughly",
    ),
    "plain",
)


def _numbers(text: str) -> list[tuple[int, int]]:
    return identifier_spans(in_one_piece(text))


def points(text: str) -> bool:
    """Returns whether brief words pick out one of several orders by its place or by what it is like."""
    return bool(ordinals_in(text) or heard("one_of_them", text)) and len(text) <= BRIEF and not _numbers(text)


def shown_in(before: Sequence[Exchange]) -> int:
    """Returns the number of orders named in the desk's last answer."""
    if not before or not before[-1].intent.startswith(PLUGIN):
        return 0
    return len({before[-1].reply[start:end] for start, end in identifier_spans(before[-1].reply)})


def amends(text: str) -> bool:
    """Returns whether the text only changes which orders are meant: "without the laptop", 不算电脑呢."""
    kept, spared = split_exceptions(text)
    spares = spared and not _rest(kept) and (_numbers(spared) or _names_thing(spared) or names_any(spared))
    return bool((heard("those", text) and not heard("order_list", text)) or spares)


def _names_thing(text: str) -> bool:
    words = re.findall(r"[a-z]+", text.lower())
    return any(name in text for name in NAMES if not name.isascii()) or any(
        word in NAMES or word.removesuffix("s") in NAMES for word in words
    )


def names_any(text: str) -> bool:
    """Returns whether words hold a filter: a state, a past day or an amount."""
    language = language_of(text)
    return bool(read_filters(text, date.today(), language)[0])  # whichever day it is, one is named or not


def _is_else(text: str) -> bool:
    """Returns whether the text is more than a question about orders: it requests an act, or is about other things."""
    asks = asks_about(text)
    acts = heard("acts_now", without("refund_word", text)) or heard("not_wanted", text)
    return len(text) > BRIEF or bool(acts and not asks) or any(heard(kind, text) for kind in ELSE) or declines(text)


def _aspect(text: str) -> str:
    return next((intent for intent, kind in ASPECTS if heard(kind, text)), "")


def _rest(text: str) -> list[str]:
    """The words that neither ask for an aspect of orders, nor say which, nor are plain ones."""
    text = in_plain_words(text, date.today())
    for entity in reversed(find_entities(text, language_of(text))):
        text = f"{text[: entity.start]} {text[entity.end :]}" if entity.kind != "address" else text
    for kind in _PLAIN:
        text = without(kind, text)
    for thing in sorted(NAMES, key=len, reverse=True):
        text = text if thing.isascii() else text.replace(thing, "")
    words = re.findall(r"[a-z]+|[\u4e00-\u9fff]", text.lower())
    return [word for word in words if word not in NAMES and word.removesuffix("s") not in NAMES]


def asked_for(text: str) -> str:
    """The intent that words surely ask for by themselves, all of them read; "" for none."""
    if _is_else(text) or named_address(text):
        return ""
    aspect, numbered = _aspect(text), bool(_numbers(text))
    aspect = "" if aspect == "order_total" and not heard("sum", text) else aspect  # "which cost over 50 euros"
    if numbered and aspect and aspect not in ACTS_ONLY:
        return aspect
    if aspect in ACTS_ONLY and heard("still_time", text) and len(_rest(text)) <= A_THING:
        return aspect if asks_about(text) else ""
    said, spared = split_exceptions(text)
    filtered = names_any(text)
    sure = any(heard(state, said) for state in SURE) and (heard("asks_which", text) or heard("order_list", text))
    listed = heard("order_list", text) or heard("one_order", text) or heard("placing", text) or sure
    if aspect == "order_total" and (filtered or spared) and heard("spent_in_shop", text):
        return aspect
    if not (listed and filtered) or aspect not in ("", "track_order", "list_orders") or _rest(said):
        return ""
    one = heard("one_order", text) and names_past_day(text, date.today(), language_of(text))
    return (
        "track_order"
        if (sure and not heard("order_list", text)) or (one and aspect == "track_order")
        else "list_orders"
    )


def asked_after(text: str, before: Sequence[Exchange]) -> str:
    """The intent that words ask for after an answer of the desk: an aspect, or the last one again; "" for none."""
    newest = before[-1].intent.removeprefix(PLUGIN) if before and before[-1].intent.startswith(PLUGIN) else ""
    shown = shown_in(before)
    if not newest or _is_else(text):
        return ""
    numbers = _numbers(text)
    beside = len(in_one_piece(text)) - sum(end - start for start, end in numbers)
    questions = {name for name, _ in ASPECTS}
    if heard("as_well", text) and newest not in questions:  # "and A1007 too" has the same done to it
        return ""
    if shown and len(numbers) == 1 and beside <= SAID and NUMBER.search(in_one_piece(text)):
        return "track_order" if newest not in LASTING else newest
    if shown and not _rest(text) and (heard("chase", text) or (heard("other_stuff", text) and not _aspect(text))):
        return "track_order" if heard("chase", text) else "list_orders"
    if _rest(text) or not (shown or heard("same", text)):
        return ""
    aspect = _aspect(text)
    points_back = heard("same", text) or amends(text) or points(text) or _names_thing(text)
    of_it = heard("pronoun", text) and heard("wants_status", text)
    if aspect == "track_order" and not (points_back or of_it or heard("only_parcels", text)):
        aspect = "" if newest not in LASTING else aspect  # "what day is it"
    states = any(heard(state, text) for state in STATES)
    goes_on = points_back or states or (names_any(text) and (heard("bare_thing", text) or heard("placing", text)))
    last = newest if newest in questions else _aspect(before[-1].text) or "track_order"
    if not aspect or (aspect == "track_order" and last in LASTING and not heard("only_parcels", text)):
        return last if goes_on or aspect else ""
    if aspect in ACTS_ONLY and not asks_about(text):
        return ""
    return aspect
