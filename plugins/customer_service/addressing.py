"""Sending an order to another address before it leaves."""

from __future__ import annotations

from collections.abc import Sequence

from assistant import Dialogue, Exchange, Reply, Services, Turn

from .addresses import keeps_old, mended, named_address, repairs, whole_address
from .changes import note_change
from .naming import words_of
from .visits import CORRECTIONS, choose_order, visit
from .words import acts_in, beginnings

__all__ = ["change_address", "mends_address"]

ATTEMPTS = 2
DIGITS = tuple("0123456789")
REPAIRS = ("not ", "should be", "不是", "写错", "打错", "错了", "不对", "应该是", "改成", "改为")
"""beginnings of words that put one name in place of another"""
INTENT = "customer_service.change_address"


async def change_address(
    turn: Turn, dialogue: Dialogue, services: Services, order: str = "", item: str = ""
) -> Reply | str:
    """Send an order to another address."""
    at = await visit(turn, dialogue, services)
    earlier = await services.conversation(turn.session, 1)
    repaired = await dialogue.once("repaired", lambda: bool(earlier) and mends_address(turn.utterance, earlier))
    address = "" if repaired else named_address(turn.utterance)
    words = words_of(turn.utterance, order, item)
    words = words.replace(address, " ") if address else words
    chosen = await choose_order(at, words, lambda o: o.status == "processing")
    if chosen is None:
        return at.failed("no_order_chosen")
    values: dict[str, object] = {
        "number": chosen.number,
        "items": chosen.named(at.language),
        "address": chosen.address,
    }
    if chosen.status != "processing":
        return at.say("address_too_late" if chosen.status == "shipped" else "change_too_late", **values)
    if repaired:  # "sorry, 24 not 22", after the address was changed
        address = mended(chosen.address, turn.utterance)
    question, before, unread = at.say("address_which", **values), "", 0
    agreed: bool | str = False
    for _ in range(ATTEMPTS + CORRECTIONS):
        if not address:
            answer: str = await dialogue.ask(question)
            if keeps_old(answer):
                return at.say("address_kept", **values)
            address = _answered(answer, question) or (mended(before, answer) if before else "")
        question = at.say("address_again")
        if not address:
            unread += 1
            if unread >= ATTEMPTS:
                break
            continue
        told = at.say("address_confirm", new=address, **values)
        agreed = await dialogue.ask(told, kind=bool, mentions=(*DIGITS, *beginnings("old_address"), *REPAIRS))
        if agreed is True:
            break
        if agreed is False or keeps_old(str(agreed)):
            return at.say("address_kept", **values)
        before, address = address, mended(address, str(agreed))
    if agreed is not True:
        return at.failed("address_kept", **values)
    number = chosen.number
    done = await dialogue.once(f"address:{number}", lambda: at.shop.change_address(number, address))
    if done:
        await note_change(at, "address", number, "", chosen.address)
    text = at.say("address_done" if done else "change_too_late", new=address, **values)
    return Reply(text, data={"order": number, "address": address})


def mends_address(said: str, before: Sequence[Exchange]) -> bool:
    """Returns whether the text corrects the address that was just changed."""
    return bool(before) and before[-1].intent == INTENT and bool(before[-1].data.get("address")) and repairs(said)


def _answered(answer: str, asked: str) -> str:
    """Returns the address in an answer; "" for none, and for a question or another request."""
    address = named_address(answer) or whole_address(answer)
    return "" if acts_in(answer, asked) & {"question", "request", "human", "help"} else address
