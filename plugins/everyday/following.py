"""Recognises follow-ups to a list: "and bananas", "got the cheese", "read it"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from assistant import Exchange

from .done import done_among, without_reason
from .items import things_said
from .keeping_off import AMOUNT_FIRST, asks_twice, had_already, kept_off, mended, no_thing, without_had
from .list_reading import Do, Wish, found_among, is_kind, kind_of, read_after, read_wish

__all__ = ["AMOUNT", "amended", "going_on", "list_told", "said_before"]

LONGEST = 60
"""characters of words that change a thing"""
COUNT = (
    r"(?:\d[\d.,]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|(?:a |one )?(?:half a )?dozen|a couple of|twenty|thirty|forty|fifty"
    r"|a hundred)\b|[一二两三四五六七八九十半]+(?![^\s个斤盒瓶袋包条罐只根箱把桶提两克份张块打板串]))"
)
UNIT = (
    r"(?:\s?(?:kg|g|ml|l|kilos?|grams?|litres?|liters?|packs?|tins?|cans?|bottles?|boxes|bags?|loaves|loaf)\b|公?斤"
    r"|克|两|袋|瓶|盒|个|包|根|条|升|罐|只|箱|把|桶|提|份|张|块|打|板|串)?"
)
AMOUNT_SAID = re.compile(rf"(?:size )?{COUNT}{UNIT}(?:\s(?:of)\b)?", re.IGNORECASE)
AMOUNT = re.compile(rf"^(?:size )?{COUNT}{UNIT}(?:\s(?:of)\b)?\s*|{COUNT}{UNIT}$", re.IGNORECASE)
NOT = re.compile(rf"[\s,]*(?:\bnot\b|而不是|不是) ?{COUNT}{UNIT}", re.IGNORECASE)
FILLERS = re.compile(
    r"\b(?:make|it|that|to|be|should|change|actually|sorry|no|oh|wait|of|the|my|need|i|we|meant|mean"
    r"|instead|please|them|those|only|just|lets|let's)\b|\b(?:is|are|will|would|enough|plenty|do|fine"
    r"|though|actually)\b|就?(?:够|行|可以|好)了?[吧啊呀]?$|改成|换成|改为|变成|改|换|要|来|买|应该"
    r"|不对|是|吧|就|只|哦|啊|的$", re.IGNORECASE
)  # fmt: skip
CHANGES = re.compile(
    r"\b(?:make|actually|sorry|no|wait|change|instead|meant|mean|should|enough)\b|改|换|不对|不是|要|吧|应该|就[够行好]",
    re.IGNORECASE,
)
KIND_OF_IT = re.compile(
    r"(?:(?:no|sorry|actually|oh|wait|i meant?|make (?:it|that)|not that"
    r"|get)[\s,]+)*(?:the )(?P<en>[\w-]+(?: [\w-]+)?) ones?(?: please)?|(?:不对|不是|哦|啊"
    r"|那个)?[，,]?(?:是|要|换成?|改成|买)(?P<zh>[^\d，, 的要买]{1,5})的(?:那种)?(?:吧)?", re.IGNORECASE
)  # fmt: skip
OTHERS = re.compile(
    r"\b(?:timer|alarm|remind|minutes?|o'clock|order|what|how|percent|off|pm|am)\b|提醒|闹钟|分钟|点|订单|多少|几",
    re.IGNORECASE,
)
NAMED: tuple[Do, ...] = ("tick", "remove", "change", "spare", "swap")
"""what names things that are on the list"""


def going_on(*does: Do) -> Callable[[str, Sequence[Exchange]], bool]:
    """Returns what says whether words want one of these things of the list that was spoken of before."""

    def follows(text: str, before: Sequence[Exchange]) -> bool:
        if said_before(text, before):
            return "add" in does
        told = list(_told(before))
        if told and kept_off(text):
            return "add" in does
        if told and asks_twice(text):
            return "read" in does
        if not told or read_wish(text) is not None:
            return False
        if (amendment := amended(text, before)) is not None:
            return amendment.do in does
        if done_among(text, _known(told)):
            return "tick" in does
        wish = read_after(without_had(text))
        if wish is None or wish.do not in does:
            return False
        if wish.do == "add" and wish.name and wish.name not in {each["list"] for each in told}:
            return False
        if wish.do in NAMED:
            return _on_it(wish, told)
        if wish.do in ("instead", "back"):
            return bool(before[-1].data.get("added"))
        # More things, and what is on it, are asked for at once, or they are asked of something else.
        return bool(list(_told(before[-1:]))) or (wish.do == "read" and bool(wish.name))

    return follows


def amended(text: str, before: Sequence[Exchange]) -> Wish | None:
    """Returns a change to an item on the list: "make it four", "20 elbows not 10", "no, the big ones", 鸡蛋三斤吧."""
    told = list(_told(before[-1:])) or list(_told(before))
    if not told or len(text) > LONGEST * 2:
        return None
    name, last = str(told[0]["list"]), [str(each) for each in _told_last(before, "added")]
    if (swap := mended(text, list(dict.fromkeys([*last, *_known(told)])))) is not None:
        old, new = swap
        count = AMOUNT.match(old) if not AMOUNT_FIRST.match(new) and not AMOUNT.match(new) else None
        gap = " " if new.isascii() and count else ""
        return Wish("swap", name, (old,), f"{count.group().strip() if count else ''}{gap}{new}")
    if had := had_already(text, _known(list(_told(before)))):
        return Wish("remove", name, tuple(had))
    if len(text) > LONGEST or OTHERS.search(text):
        return None
    said = re.split(r"[,，;]|(?<=[吧个斤]) ", text.strip(" .!?。！？"))[0].strip()
    said = said if len(said) > 3 or len(text) < LONGEST // 2 else text
    counts = list(AMOUNT_SAID.finditer(NOT.sub("", said)))
    if len(counts) == 1:
        plain = NOT.sub("", said)
        rest = FILLERS.sub(" ", plain[: counts[0].start()] + " " + plain[counts[0].end() :])
        rest = " ".join(rest.split()).strip(" ,")
        known = _known(told)
        if not rest and len(last) == 1 and CHANGES.search(text):
            return Wish("change", name, (last[0],), counts[0][0].strip())
        if rest and len(found := found_among(rest, known)) == 1 and len(rest) <= len(found[0]) + 3:
            return Wish("change", name, (found[0],), counts[0][0].strip())
    if len(last) == 1 and (kind := KIND_OF_IT.fullmatch(said)) is not None:
        thing = AMOUNT.sub("", last[0]).strip()
        if kind["zh"]:
            return Wish("swap", name, (last[0],), f"{kind['zh']}{thing}")
        return Wish("swap", name, (last[0],), f"{kind['en']} {thing.split()[-1]}")
    return None


def said_before(text: str, before: Sequence[Exchange]) -> tuple[str, tuple[str, ...]] | None:
    """Returns the list and the items of "yes, put them on the list", if the turn before only named items."""
    told = before[-1].data if before else {}
    if told.get("made") and len(text) <= LONGEST * 2:  # a list that was made just now is filled
        alone = things_said(without_lead(text))
        if len(alone) > 1 and not any(map(no_thing, alone)) and read_wish(text) is None and read_after(text) is None:
            return str(told["list"]), alone
    found = PUT_THEM.fullmatch(" ".join(text.split()).strip(" .!。！吧"))
    if found is None or not before or len(before[-1].text) > LONGEST * 2:
        return None
    items = things_said(without_lead(before[-1].text))
    if (
        before[-1].data.get("added")
        or not items
        or any(map(no_thing, items))
        or (len(items) < 2 and not _needs(before[-1].text))
    ):
        return None
    name = kind_of(found["en"] or found["zh"] or "")
    return (name if name and is_kind(name) else "shopping"), items


def without_lead(text: str) -> str:
    """Things without "we need" before them."""
    return NEEDS.sub("", text.strip())


def _needs(text: str) -> bool:
    return NEEDS.match(text.strip()) is not None


NEEDS = re.compile(
    r"(?:(?:i|we)(?:'ll)? (?:must|need|have|should|gotta|want)(?: to)?(?: (?:buy|get))? |(?:must|need to|have to"
    r"|gotta) (?:buy|get) |need |buy |get )|(?:我们?)?(?:还|得|要|想|该|需要)+(?:去)?买(?:点|些)?",
    re.IGNORECASE,
)
PUT_THEM = re.compile(
    r"(?:(?:yes|yeah|yep|ok(?:ay)?|sure|right|please|correct|exactly|and|so|those|they)[\s,.!]+)*(?:(?:add|put|stick"
    r"|pop|write)?(?: (?:it|them|those|that|all|these|all of (?:it|them)))?(?: all)?(?: down)? ?(?:go )?(?:on|to"
    r"|onto|in) )(?:the |my |our )?(?:(?P<en>[\w-]+) )?list(?: please| thanks)*|(?:对|嗯+|好的?|是的?|行|可以|没错"
    r"|对的|就是)*[，,\s]*(?:把)?(?:这些|它们|这几样|那些|都|全|全部|帮我)*(?:都|全)?(?:加|放|写|记|添)(?:到|进|在"
    r"|上)?(?P<zh>[^，,]{0,4}?)(?:清单|单子)(?:里面?|上面?|里头)?(?:去)?",
    re.IGNORECASE,
)
"""puts what was said just before on a list"""


def _told_last(before: Sequence[Exchange], key: str) -> list[Any]:
    return [item for each in _told(before[-1:]) for item in each.get(key, ())]


def list_told(before: Sequence[Exchange]) -> str | None:
    """The list that was spoken of last; None for none."""
    return next((str(each["list"]) for each in _told(before)), None)


def _told(before: Sequence[Exchange]) -> Iterator[Mapping[str, Any]]:
    """Yields the data of replies about lists, the newest first."""
    for exchange in reversed(before):
        parts = (exchange.data, *(part for part in exchange.data.get("parts", ()) if isinstance(part, Mapping)))
        yield from (part for part in parts if "list" in part)


def _known(told: Sequence[Mapping[str, Any]]) -> list[str]:
    found = (item for each in told for key in ("added", "there", "items", "left") for item in each.get(key, ()))
    return list(dict.fromkeys(found))


def _on_it(wish: Wish, told: Sequence[Mapping[str, Any]]) -> bool:
    known = _known(told)
    if wish.do == "remove":
        return without_reason(wish, known) is not None
    return all(found_among(item, known) for item in wish.items)
