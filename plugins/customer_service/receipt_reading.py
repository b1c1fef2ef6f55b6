"""Reading a photographed receipt, and keeping it when asked to."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from assistant import Dialogue, Picture, Reply, Services, Turn, picture_problem

from .orders import order_numbers
from .receipts import Receipt, parse_receipt
from .visits import Visit, visit
from .words import ANY_WORDS, asks_about, declines

__all__ = ["read_receipt"]

KEEP = re.compile(
    r"\b(?:keep|save|store|file|add|enter|record|warranty|expenses?)\b|存|保存|记|入账|报销", re.IGNORECASE
)

NOT_KEPT = re.compile(
    r"\b(?:don'?t|do not|never|without|no need to|not to)\b[^.;!?]{0,20}\b(?:keep|sav|stor|fil|add|enter|record)"
    r"|\bonly read\b|\bjust read\b|(?:别|不要|不用|无需|不必)[^，。；]{0,6}(?:存|记|入账|报销)",
    re.IGNORECASE,
)


async def read_receipt(turn: Turn, dialogue: Dialogue, services: Services) -> Reply | str:
    """Read a receipt from a photo."""
    at = await visit(turn, dialogue, services)
    if not turn.images and asks_about(turn.utterance):  # "can you read receipts?"
        return at.say("about_receipts")
    picture = (
        turn.images[0] if turn.images else await dialogue.ask(at.say("receipt_photo"), kind=Picture, mentions=ANY_WORDS)
    )
    if not isinstance(picture, Picture):
        return at.say("receipt_no_photo")
    lines = await services.read_text(picture)
    receipt = await _settled(at, parse_receipt(lines))
    missing = [name for name in ("company", "day", "total") if getattr(receipt, name) in ("", None)]
    if len(missing) == 3:
        problem = picture_problem(picture)
        told = " " + at.say("receipt_" + problem) if problem else ""
        return Reply(at.say("receipt_nothing") + told, data={"helped": False})
    parts = [_read(at, receipt)]
    if missing:
        names = at.say("and").join(at.say("receipt_field_" + name) for name in missing)
        parts.append(at.say("receipt_missing", fields=names))
    elif not receipt.sure:
        parts.append(at.say("receipt_unsure"))
    if _to_be_kept(turn.utterance):
        parts.append(at.say("receipt_kept", number=await _keep(at, receipt)))
    orders, _ = order_numbers("\n".join(line.text for line in lines), at.orders)
    return Reply("\n".join(parts), speech=_spoken(at, receipt), data=_data(receipt, orders))


def _to_be_kept(text: str) -> bool:
    """Returns whether the text asks to keep the receipt; "don't keep it" and "did you keep it?" do not."""
    return bool(KEEP.search(text)) and not (declines(text) or asks_about(text) or NOT_KEPT.search(text))


async def _settled(at: Visit, receipt: Receipt) -> Receipt:
    """The receipt with the total that the customer says, where its own numbers disagree."""
    if receipt.total is None or receipt.other is None:
        return receipt
    printed, reckoned = _price(receipt), _price(replace(receipt, total=receipt.other))
    question = at.say("receipt_which_total", printed=printed, reckoned=reckoned)
    chosen = await at.dialogue.ask(question, choices=(printed, reckoned))
    return replace(receipt, total=receipt.total if chosen == printed else receipt.other, sure=True)


def _data(receipt: Receipt, orders: list[str]) -> dict[str, Any]:
    """The fields for programs; total as a decimal string, so that no cent is lost."""
    return {
        "company": receipt.company,
        "date": receipt.day.isoformat() if receipt.day else "",
        "total": "" if receipt.total is None else str(receipt.total),
        "currency": receipt.currency,
        "orders": orders,
    }


def _read(at: Visit, receipt: Receipt) -> str:
    return "\n".join(
        at.say("receipt_" + name, value=value)
        for name, value in (
            ("company", receipt.company),
            ("day", receipt.day.isoformat() if receipt.day else ""),
            ("total", _price(receipt)),
        )
        if value
    )


def _price(receipt: Receipt) -> str:
    return "" if receipt.total is None else f"{receipt.currency} {receipt.total}".strip()


def _spoken(at: Visit, receipt: Receipt) -> str:
    if receipt.total is None:
        return at.say("receipt_speech_no_total")
    return at.say("receipt_speech", total=_price(receipt), company=receipt.company or at.say("receipt_a_shop"))


async def _keep(at: Visit, receipt: Receipt) -> str:
    day = receipt.day.isoformat() if receipt.day else ""
    return await at.dialogue.once(
        "keep", lambda: at.shop.keep_receipt(at.key("receipt"), receipt.company, day, _price(receipt))
    )
