"""Changing an order before it leaves: how many, where to, and when."""

from __future__ import annotations

import re
from datetime import date, timedelta

from assistant import Dialogue, Reply, Services, Turn

from .counter import CORRECTIONS, Visit, choose_item, choose_order, visit
from .orders import Item, Order, money, written_day

__all__ = ["change_address", "change_order"]

MOST = 20
"""of one item in an order"""
LATEST = 60
"""days ahead on which a delivery can be"""
ATTEMPTS = 2
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "tomorrow", "next", "周", "星期", "明天", *"123456789")
"""beginnings of words that name a day"""
NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5}
DIGITS = tuple("0123456789")
HOUSE = re.compile(r"\W*(?:(?:house|door)\s*)?(?:number|no\.?|nr\.?|门牌)?\s*(\d{1,4}[a-z]?)\s*号?\W*", re.IGNORECASE)
REFUSED = re.compile(
    r"^\W*(?:no|nope|wait|sorry|actually|不|不是|不对)\b[\s,.，]*(?:(?:it'?s|i meant?|make it|to)\b\s*)?", re.I
)
REMOVE = re.compile(
    r"\b(?:remove|take out|drop|leave out|without|delete|don't (?:want|need))\b|去掉|删掉|不要", re.IGNORECASE
)
WHEN = re.compile(
    r"\b(?:day|date|later|earlier|postpone|reschedule|deliver(?:y|ed)? (?:on|date|day)|tomorrow|next week|weekend"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b|日期|改天|推迟|提前|几号|明天|下周|[周星期][一二三四五六日天]",
    re.I,
)
NEW_ADDRESS = re.compile(
    r"(?:to|address is|is now|new address:?|send it to|deliver(?:ed)? to)\s+(?P<en>[^.?!]*\d[^?!]*)"
    r"|(?:改到|改成|送到|寄到|地址是|换成)\s*(?P<zh>[^。？！]+)",
    re.IGNORECASE,
)


async def change_order(
    turn: Turn,
    dialogue: Dialogue,
    services: Services,
    order: str = "",
    item: str = "",
    day: date | None = None,
) -> Reply | str:
    """Change how many of an item an order holds, or its delivery day."""
    at = await visit(turn, dialogue, services)
    words = f"{turn.utterance} {order} {item}"
    chosen = await choose_order(at, words, lambda o: o.status == "processing")
    if chosen is None:
        return at.failed("no_order_chosen")
    if chosen.status != "processing":
        return at.say("change_too_late", **_values(at, chosen))
    if day is not None or WHEN.search(turn.utterance):
        return await _another_day(at, chosen, day)
    thing = await choose_item(at, words, chosen, question="change_which_item")
    return await _another_quantity(at, chosen, thing)


async def _another_quantity(
    at: Visit, order: Order, item: Item, wanted: int | None = None, corrections: int = CORRECTIONS
) -> Reply | str:
    most = min(MOST, item.quantity + item.stock)
    values = _values(at, order) | {"item": item.named(at.language), "most": most}
    if not corrections:
        return at.failed("change_kept", **values)
    said = 0 if REMOVE.search(at.turn.utterance) else _wanted(at.turn.utterance)
    quantity = wanted if corrections < CORRECTIONS else said
    for _ in range(ATTEMPTS):
        if quantity is not None and 0 <= quantity <= most:
            break
        key = "change_how_many" if quantity is None else "change_not_so_many"
        quantity = await at.dialogue.ask(at.say(key, **values), kind=int)
    if quantity is None or not 0 <= quantity <= most:
        return at.failed("change_kept", **values)
    if quantity == 0 and len(order.items) == 1:
        return at.say("change_last_item", **values)
    after = order.cents + (quantity - item.quantity) * item.cents
    values |= {"quantity": quantity, "before": money(order.cents), "after": money(after)}
    confirm = "change_confirm" if quantity else "change_confirm_remove"
    agreed = await at.dialogue.ask(at.say(confirm, **values), kind=bool, mentions=[*DIGITS, *NUMBERS])
    if isinstance(agreed, str):  # "no, four"
        return await _another_quantity(at, order, item, _number(agreed), corrections - 1)
    if not agreed:
        return at.say("change_kept", **values)
    done = await at.dialogue.once(
        f"quantity:{order.number}:{item.sku}",
        lambda: at.shop.change_quantity(order.number, item.sku, quantity, at.today),
    )
    data = {"order": order.number, "quantity": quantity, "cents": done["cents"]}
    return Reply(at.say("change_done" if done["done"] else "change_too_late", **values), data=data)


def _wanted(text: str) -> int | None:
    """The number that a request such as "make it 3" or "two instead of one" wants; None when it names none."""
    found = re.search(
        r"\b(?:make (?:it|that|them)|i (?:want|need)|to|only|just)\s+(\d{1,3}|one|two|three|four|five)\b(?!\s*\d)"
        r"|\b(\d{1,2}|one|two|three|four|five)\s+instead"
        r"|改成(\d{1,2}|一|两|二|三|四|五)[个件条台]?",
        text,
        re.IGNORECASE,
    )
    if not found:
        return None
    word = next(group for group in found.groups() if group).lower()
    return int(word) if word.isdigit() else NUMBERS[word]


def _number(text: str) -> int | None:
    """The one number in a correction such as "no, four"; None when there is none, or several."""
    words = re.findall(r"\d{1,3}|[a-z]+|[一两二三四五]", text.lower())
    found = [int(word) if word.isdigit() else NUMBERS[word] for word in words if word.isdigit() or word in NUMBERS]
    return found[0] if len(found) == 1 else None


async def _another_day(at: Visit, order: Order, day: date | None, corrections: int = CORRECTIONS) -> Reply | str:
    first, last = at.today + timedelta(days=1), at.today + timedelta(days=LATEST)
    values = _values(at, order) | {
        "first": written_day(first.isoformat(), at.language),
        "last": written_day(last.isoformat(), at.language),
    }
    lead = ""
    for _ in range(ATTEMPTS):
        if day is not None and first <= day <= last:
            break
        if day is not None:
            key = "day_past" if day < first else "day_far"
            lead = at.say(key, day=written_day(day.isoformat(), at.language), **values) + " "
        day = await at.dialogue.ask(lead + at.say("day_which", **values), kind=date)
    if day is None or not first <= day <= last:
        return at.failed("day_kept", **values)
    values["day"] = written_day(day.isoformat(), at.language)
    agreed = await at.dialogue.ask(at.say("day_confirm", **values), kind=bool, mentions=DAYS)
    if isinstance(agreed, str) and corrections:  # "actually, Monday"
        return await _another_day(at, order, None, corrections - 1)
    if agreed is not True:
        return at.say("day_kept", **values)
    chosen = day
    done = await at.dialogue.once(f"day:{order.number}", lambda: at.shop.change_day(order.number, chosen))
    return Reply(
        at.say("day_done" if done else "change_too_late", **values), data={"order": order.number, "day": str(day)}
    )


async def change_address(
    turn: Turn, dialogue: Dialogue, services: Services, order: str = "", item: str = ""
) -> Reply | str:
    """Send an order to another address."""
    at = await visit(turn, dialogue, services)
    chosen = await choose_order(at, f"{turn.utterance} {order} {item}", lambda o: o.status == "processing")
    if chosen is None:
        return at.failed("no_order_chosen")
    values = _values(at, chosen)
    if chosen.status != "processing":
        return at.say("address_too_late" if chosen.status == "shipped" else "change_too_late", **values)
    address = _address(_named_address(turn.utterance))
    question = at.say("address_which", **values)
    for _ in range(ATTEMPTS + CORRECTIONS):
        address = address or _address(await dialogue.ask(question))
        question = at.say("address_again")
        if not address:
            continue
        agreed = await dialogue.ask(at.say("address_confirm", new=address, **values), kind=bool, mentions=DIGITS)
        if agreed is True:
            break
        if agreed is False:
            return at.say("address_kept", **values)
        said = REFUSED.sub("", agreed)
        number_alone = HOUSE.fullmatch(said)  # "no, number 12" mends the address that was named
        address = re.sub(r"\d+[a-z]?", number_alone[1], address, count=1) if number_alone else _address(said)
    else:
        return at.failed("address_kept", **values)
    number = chosen.number
    done = await dialogue.once(f"address:{number}", lambda: at.shop.change_address(number, address))
    text = at.say("address_done" if done else "change_too_late", new=address, **values)
    return Reply(text, data={"order": number, "address": address})


def _named_address(text: str) -> str:
    found = NEW_ADDRESS.search(text)
    return (found["en"] or found["zh"] or "").strip() if found else ""


def _address(text: str) -> str:
    """An address as it is written down; "" when a number or the street is missing, so that no parcel goes astray."""
    plain = " ".join(text.split()).strip(" .。,，")
    letters = sum(map(str.isalpha, plain))
    chinese = any("\u4e00" <= letter <= "\u9fff" for letter in plain)
    whole = letters >= (4 if chinese else 6) and any(map(str.isdigit, plain)) and len(plain) <= 200
    return plain if whole and not re.fullmatch(r"(?:order )?A?\d{4}", plain, re.IGNORECASE) else ""


def _values(at: Visit, order: Order) -> dict[str, object]:
    return {"number": order.number, "items": order.named(at.language), "address": order.address}
