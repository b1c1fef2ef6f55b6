"""Words that surely mean an intent: by themselves (`matches`), or after what the desk said before (`follows`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypedDict

from assistant import Exchange

from .addressing import mends_address
from .asked import PLUGIN, asked_after, asked_for, points, shown_in
from .missing import looks_different
from .naming import asks_beside_refusal
from .ordering import asks_forgotten
from .people import tells_of_charge
from .rules import asks_rule
from .words import asks_about, declines, heard

__all__ = ["meant_by"]

LONG, BRIEF = 160, 60
"""characters of words that tell something, and that point back to what was said before"""
Follows = Callable[[str, Sequence[Exchange]], bool]


class Meaning(TypedDict):
    """Options of `Register` about an intent's words."""

    matches: Callable[[str], bool]
    follows: Follows


def meant_by(name: str) -> Meaning:
    """Tell which words surely mean an intent, by themselves or after what the desk said."""
    alone, after = _MATCHES.get(name), _FOLLOWS.get(name, ())

    def follows(text: str, before: Sequence[Exchange]) -> bool:
        return asked_after(text, before) == name or any(reads(text, before) for reads in after)

    return {"matches": lambda text: asked_for(text) == name or bool(alone and alone(text)), "follows": follows}


def _drops(text: str, before: Sequence[Exchange]) -> bool:
    """ "I don't want the second after all", of orders that were just named: asked about before anything is done."""
    unwanted = heard("not_wanted", text) and not heard("rule_back", text)
    return bool(unwanted and shown_in(before) > 1 and points(text) and not asks_about(text) and not declines(text))


def _cancels_all(text: str) -> bool:
    """Whatever can still be cancelled: its question lists the orders before anything is done."""
    every = heard("all", text) if heard("rule_cancel", text) and len(text) <= BRIEF else None
    ours = every and (heard("order_list", text) or every[0].lower() in ("everything", "whatever", "都"))
    fits = ours and (heard("cancellable", text) or heard("unsent", text))
    return bool(fits) and not asks_about(text) and not declines(text)


def _finds_number(text: str) -> bool:
    """The order's number is not known, and how it is found."""
    return bool(len(text) <= BRIEF and heard("order_number", text) and asks_forgotten(text) and heard("rule_how", text))


def _forgot(text: str, before: Sequence[Exchange]) -> bool:
    """ "I don't know the number", to the desk."""
    spoke = bool(before) and before[-1].intent.startswith(PLUGIN)
    return len(text) <= LONG and asks_forgotten(text) and (spoke or bool(heard("order_number", text)))


def _instead(name: str) -> Follows:
    """ "The mugs then", 那就杯子吧, after the desk left something as it was."""

    def follows(text: str, before: Sequence[Exchange]) -> bool:
        said = len(text) <= BRIEF and heard("then_that", text) and not asks_about(text) and not declines(text)
        # Not where the same turn was also about something else: 改成半小时, of the alarm that was set with it.
        last = before[-1] if said and before and "parts" not in before[-1].data else None
        return bool(last and last.intent == PLUGIN + name and heard("left_as_was", last.reply))

    return follows


def _went_through(name: str) -> Follows:
    """ "Did that go through?", 办好了吗, right after the desk did such a thing."""

    def follows(text: str, before: Sequence[Exchange]) -> bool:
        said = len(text) <= BRIEF and heard("went_through", text)
        return bool(said and before and before[-1].intent == PLUGIN + name)

    return follows


_MATCHES: dict[str, Callable[[str], bool]] = {
    "policy_question": asks_rule,
    "list_orders": lambda text: _finds_number(text) or asks_beside_refusal(text, "wants_content"),
    "order_total": lambda text: asks_beside_refusal(text, "plain_price"),
    "check_warranty": lambda text: asks_beside_refusal(text, "wants_warranty"),
    "cancel_order": _cancels_all,
    "report_missing": looks_different,
    "complaint": tells_of_charge,
}
_FOLLOWS: dict[str, tuple[Follows, ...]] = {
    "change_address": (mends_address, _went_through("change_address")),
    "change_order": (_went_through("change_order"),),
    "cancel_order": (_drops, _went_through("cancel_order"), _instead("cancel_order")),
    "return_item": (_went_through("return_item"), _instead("return_item")),
    "list_orders": (_forgot,),
}
