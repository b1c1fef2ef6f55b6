"""Words that surely mean an intent: by themselves (`matches`), or after what the desk said before (`follows`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TypedDict

from assistant import Exchange
from assistant.understanding.entities.identifiers import identifier_spans

from .addresses import named_address
from .addressing import mends_address
from .filters import names_past_day, read_filters
from .missing import looks_different
from .naming import asks_beside_refusal
from .ordering import asks_forgotten
from .orders import in_one_piece
from .people import tells_of_charge
from .rules import asks_rule
from .wording import language_of
from .words import asks_about, declines, heard, ordinals_in

__all__ = ["meant_by"]

PLUGIN = "customer_service."
SAID = 14
"""characters beside a number in an answer that gives nothing else: "she says it's A1005" """
LONG = 160
BRIEF = 60
"""characters of words that point back to what was said before"""


class Meaning(TypedDict):
    """What `Register` is told about the words of an intent; None where it goes by its examples alone."""

    matches: Callable[[str], bool] | None
    follows: Callable[[str, Sequence[Exchange]], bool] | None


def meant_by(name: str) -> Meaning:
    """Tell which words surely mean an intent, by themselves or after what the desk said."""
    return {"matches": _MATCHES.get(name), "follows": _FOLLOWS.get(name)}


def _whereabouts(text: str) -> bool:
    """An order's number, and where or when: "order A one zero zero four, when was it delivered"."""
    if len(text) > BRIEF or not heard("where_or_when", text):
        return False
    if heard("one_order", text) and names_past_day(text, date.today(), language_of(text)):
        return True
    others = any(heard(kind, text) for kind in ("acts_now", "rule_money", "wants_price", "wants_warranty", "day"))
    return not others and bool(_numbers(text)) and not named_address(text)


def _numbers(text: str) -> list[tuple[int, int]]:
    return identifier_spans(in_one_piece(text))


def _shown(before: Sequence[Exchange]) -> int:
    """How many orders the desk named in its last answer."""
    if not before or not before[-1].intent.startswith(PLUGIN):
        return 0
    return len({before[-1].reply[start:end] for start, end in identifier_spans(before[-1].reply)})


def _points(text: str) -> bool:
    return bool(ordinals_in(text) or heard("one_of_them", text)) and len(text) <= BRIEF and not _numbers(text)


def _drops(text: str, before: Sequence[Exchange]) -> bool:
    """ "I don't want the second after all", of orders that were just named: asked about before anything is done."""
    unwanted = heard("not_wanted", text) and not heard("rule_back", text)
    return bool(unwanted and _shown(before) > 1 and _points(text) and not asks_about(text) and not declines(text))


def _cancels_all(text: str) -> bool:
    """Whatever can still be cancelled: its question lists the orders before anything is done."""
    every = heard("all", text) if heard("rule_cancel", text) and len(text) <= BRIEF else None
    ours = every and (heard("order_list", text) or every[0].lower() in ("everything", "whatever", "都"))
    fits = ours and (heard("cancellable", text) or heard("unsent", text))
    return bool(fits) and not asks_about(text) and not declines(text)


def _contents(text: str) -> bool:
    """An order's number, and what is in it; or that the number is not known, and how it is found."""
    holds = len(text) <= BRIEF and heard("wants_content", text) and _numbers(text)
    forgot = len(text) <= BRIEF and heard("order_number", text) and asks_forgotten(text)
    return bool(holds or (forgot and heard("rule_how", text)))


def _refund(text: str) -> bool:
    """How far a refund is: 退款 A一〇〇六 到哪一步了, "where's my backpack money"."""
    if len(text) > BRIEF or not heard("refund_word", text):
        return False
    status = heard("where_or_when", text) or heard("rule_own", text) or heard("wants_status", text)
    return bool(status and (_numbers(text) or heard("where_is_money", text)))


def _asks_more(text: str, before: Sequence[Exchange]) -> bool:
    """ "Tell me more about the second one", "催一下晚的那个", or a number, of orders that were just named."""
    spoke = bool(before) and before[-1].intent.startswith(PLUGIN) and len(text) <= BRIEF
    elsewhere = any(heard(kind, text) for kind in ("acts", "not_wanted", "rule_money"))
    if not spoke or elsewhere or not (shown := _shown(before)):
        return False
    numbers = _numbers(text)
    bare = bool(numbers) and len(in_one_piece(text)) - sum(end - start for start, end in numbers) <= SAID
    return bool(heard("chase", text) or bare or (shown > 1 and heard("asks_more", text) and _points(text)))


def _others(text: str, before: Sequence[Exchange]) -> bool:
    """ "And the other stuff I ordered?", after some orders."""
    if len(text) > BRIEF or not heard("other_stuff", text) or heard("acts", text):
        return False
    return _shown(before) > 0 and not _numbers(text)


def _filtered(text: str) -> bool:
    """Orders of some days or amounts, and nothing about them but that: 四十到七十欧之间的订单给我列一下."""
    others = ("acts", "wants_status", "rule_money", "sum", "wants_warranty", "rule_back", "what_if", "reminds")
    if not heard("order_list", text) or any(heard(kind, text) for kind in others):
        return False
    return _names_filter(text)


def _spent(text: str) -> bool:
    """What was spent in some time: 十一月中旬以后花了多少."""
    return bool(heard("spent_in_shop", text)) and _names_filter(text)


def _names_filter(text: str) -> bool:
    today = date.today()  # whichever day it is, a day is named or not
    return len(text) <= BRIEF and bool(read_filters(text, today, language_of(text), states=False)[0])


def _forgot(text: str, before: Sequence[Exchange]) -> bool:
    """ "I don't know the number", to the desk."""
    spoke = bool(before) and before[-1].intent.startswith(PLUGIN)
    return len(text) <= LONG and asks_forgotten(text) and (spoke or bool(heard("order_number", text)))


def _refunds(text: str, before: Sequence[Exchange]) -> bool:
    """ "And the dearer one, was it refunded", of orders that were just named."""
    return bool(heard("refund_word", text)) and _points(text) and _shown(before) > 1 and not declines(text)


def _returns(text: str, before: Sequence[Exchange]) -> bool:
    """ "Can the cheaper one still go back", "how long can I still return it", of orders that were just named."""
    points = (_points(text) and _shown(before) > 1) or (heard("pronoun", text) and asks_about(text) and _shown(before))
    return bool(heard("rule_back", text) and points) and not declines(text)


def _instead(name: str) -> Callable[[str, Sequence[Exchange]], bool]:
    """ "The mugs then", 那就杯子吧, after the desk left something as it was."""

    def follows(text: str, before: Sequence[Exchange]) -> bool:
        said = len(text) <= BRIEF and heard("then_that", text) and not asks_about(text) and not declines(text)
        return bool(said and before and before[-1].intent == PLUGIN + name and heard("left_as_was", before[-1].reply))

    return follows


def _went_through(name: str) -> Callable[[str, Sequence[Exchange]], bool]:
    """ "Did that go through?", 办好了吗, right after the desk did such a thing."""

    def follows(text: str, before: Sequence[Exchange]) -> bool:
        said = len(text) <= BRIEF and heard("went_through", text)
        return bool(said and before and before[-1].intent == PLUGIN + name)

    return follows


def _either(*readers: Callable[[str, Sequence[Exchange]], bool]) -> Callable[[str, Sequence[Exchange]], bool]:
    return lambda text, before: any(reads(text, before) for reads in readers)


_MATCHES: dict[str, Callable[[str], bool]] = {
    "policy_question": asks_rule,
    "track_order": _whereabouts,
    "list_orders": lambda text: _contents(text) or _filtered(text) or asks_beside_refusal(text, "wants_content"),
    "order_total": lambda text: _spent(text) or asks_beside_refusal(text, "plain_price"),
    "check_warranty": lambda text: asks_beside_refusal(text, "wants_warranty"),
    "refund_status": _refund,
    "cancel_order": _cancels_all,
    "report_missing": looks_different,
    "complaint": tells_of_charge,
}
_FOLLOWS: dict[str, Callable[[str, Sequence[Exchange]], bool]] = {
    "change_address": _either(mends_address, _went_through("change_address")),
    "change_order": _went_through("change_order"),
    "cancel_order": _either(_drops, _went_through("cancel_order"), _instead("cancel_order")),
    "return_item": _either(_returns, _went_through("return_item"), _instead("return_item")),
    "refund_status": _refunds,
    "track_order": _asks_more,
    "list_orders": lambda text, before: _others(text, before) or _forgot(text, before),
}
