"""Sending an order to another address before it leaves."""

from __future__ import annotations

import re

from assistant import Dialogue, Reply, Services, Turn, apply_corrections, find_entities

from .changes import note_change
from .counter import CORRECTIONS, choose_order, visit
from .naming import words_of
from .words import acts_in, spans_of

__all__ = ["change_address"]

ATTEMPTS = 2
DIGITS = tuple("0123456789")
HOUSE = re.compile(r"\W*(?:(?:house|door)\s*)?(?:number|no\.?|nr\.?|门牌)?\s*(\d{1,4}[a-z]?)\s*号?\W*", re.IGNORECASE)
NEW_ADDRESS = re.compile(
    r"(?:to|address is|is now|new address:?|send it to|deliver(?:ed)? to)\s+(?P<en>[^.?!]*\d[^?!]*)"
    r"|(?:改到|改成|送到|寄到|地址是|换成)\s*(?P<zh>[^。？！]+)",
    re.IGNORECASE,
)
ORDER_NUMBER = re.compile(r"(?:order )?[a-z]?\d{4,}", re.IGNORECASE)


async def change_address(
    turn: Turn, dialogue: Dialogue, services: Services, order: str = "", item: str = ""
) -> Reply | str:
    """Send an order to another address."""
    at = await visit(turn, dialogue, services)
    address = _named_address(turn.utterance)
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
    question = at.say("address_which", **values)
    for _ in range(ATTEMPTS + CORRECTIONS):
        address = address or _whole(await dialogue.ask(question), question)
        question = at.say("address_again")
        if not address:
            continue
        agreed = await dialogue.ask(at.say("address_confirm", new=address, **values), kind=bool, mentions=DIGITS)
        if agreed is True:
            break
        if agreed is False:
            return at.say("address_kept", **values)
        address = _mended(address, agreed)
    else:
        return at.failed("address_kept", **values)
    number = chosen.number
    done = await dialogue.once(f"address:{number}", lambda: at.shop.change_address(number, address))
    if done:
        await note_change(at, "address", number, "", chosen.address)
    text = at.say("address_done" if done else "change_too_late", new=address, **values)
    return Reply(text, data={"order": number, "address": address})


def _mended(address: str, said: str) -> str:
    """An address after "no, number 12" or "make it 7 Elm Street", with the town it had; "" when it is not whole."""
    spoken = said
    for mark in reversed(list(spans_of("keep_rest", said))):
        if mark.start() == 0 or not said[: mark.start()].strip(" ,.，。"):
            spoken = said[mark.end() :].strip(" ,.，。")
    if number := HOUSE.fullmatch(spoken):
        return re.sub(r"\d+[a-z]?", number[1], address, count=1)
    spoken = re.sub(r",?\s*(?:and )?not \d+\w?\W*$", "", spoken)
    spoken = re.sub(r"^(?:it['’]?s|it is|its|that['’]?s|should be)\s+", "", spoken, flags=re.IGNORECASE)
    new = _named_address(spoken) or _whole(spoken)
    mended = apply_corrections(f"{address}, no, {new}") if new else None
    return mended.text if mended and mended.replaced else new


def _named_address(text: str) -> str:
    """The address in a request; "" for none that is whole."""
    for entity in find_entities(text):
        if entity.kind == "address" and (whole := _whole(entity.text)):
            return whole
    found = NEW_ADDRESS.search(text)
    return _whole((found["en"] or found["zh"] or "").strip()) if found else ""


def _whole(text: str, asked: str = "") -> str:
    """An address as it is written down; "" when a number or the street is missing, so that no parcel goes astray."""
    plain = " ".join(text.split()).strip(" .。,，")
    letters = sum(map(str.isalpha, plain))
    chinese = any("\u4e00" <= letter <= "\u9fff" for letter in plain)
    whole = letters >= (4 if chinese else 6) and any(map(str.isdigit, plain)) and len(plain) <= 200
    if not whole or ORDER_NUMBER.fullmatch(plain):
        return ""
    return "" if asked and acts_in(plain, asked) & {"question", "request", "human", "help"} else plain
