"""Reads whole addresses from a request, and applies later corrections."""

from __future__ import annotations

import re

from assistant import apply_corrections, find_entities

from .words import heard, spans_of

__all__ = ["keeps_old", "mended", "named_address", "repairs", "whole_address"]

LONGEST = 200
HAN_PLACE = re.compile(r"[路街道巷弄胡同号室楼村镇乡区县市省苑栋座里庄]")
WRONG = re.compile(r"不对|错了|应该是|\b(?:wrong|should be|i mean)\b", re.IGNORECASE)
"""what no address holds"""
ORDER_NUMBER = re.compile(r"(?:order )?[a-z]?\d{4,}", re.IGNORECASE)
NEW_ADDRESS = re.compile(
    r"(?:to|address is|is now|new address:?|send it to|deliver(?:ed)? to)\s+(?P<en>[^.?!]*\d[^?!]*)"
    r"|(?:改到|改成|改送|送到|寄到|地址是|换成)\s*(?P<zh>[^。？！]+)",
    re.IGNORECASE,
)
POSTCODE = (
    r"(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[\dW] ?[A-Z\d]{4}|\d{4} ?[A-Z]{2}|\d{5}-\d{3,4}|\d{2}-\d{3}|\d{4,6})"
)
_TAIL = re.compile(
    rf"[,，、\s]*(?:邮政?编码?|(?:post ?|zip ?)code)?\s*[:：是]?\s*(?:[\u4e00-\u9fff]{{2,8}}\s*\d{{6}}(?!\d)"
    rf"|\d{{6}}(?!\d)|[\u4e00-\u9fff]{{2,6}}[省市区县镇](?![\u4e00-\u9fff])|[A-Z][\w' -]{{1,30}} {POSTCODE}\b"
    rf"|{POSTCODE}(?: [A-Z][\w'-]+)+)|[,，、\s]*(?:邮政?编码?|(?:post ?|zip ?)code)\s*[:：是]?\s*{POSTCODE}\b"
)
"""a town, a postcode, or both, behind street and number"""
_TOWN = re.compile(r"[,，]\s*[\u4e00-\u9fff]{2,4}(?<![吗吧呢了啊谢的好])[\s。.!！]*$")
_PLACE = re.compile(
    rf"{POSTCODE} (?!.*\b(?:street|road|lane|avenue|drive|way|court|place|square|hill)\b)[^\W\d][^\d,]{{1,30}}",
    re.IGNORECASE,
)
"""a postcode and a town, alone"""
_LEAD = re.compile(
    r"^(?:(?:(?:deliver|send|ship|post|go|move|change)(?:ed|s|es|d)? |sent )?to\s+"
    r"|(?:改送|改到|改成|改为|换成|换到|送到|寄到|寄往|送往|发到|送|寄)\s*)+",
    re.IGNORECASE,
)
_REQUEST = re.compile(r"^(?:[a-z'’]+ ){1,6}to (?=\S)")
"""the rest of a request before an address: "the grinder to Torstrasse 5" """
_COURTESY = re.compile(
    r"[\s,，]*(?:(?:instead|please|pls|thanks?(?: you)?|from now on|ok(?:ay)?|if (?:you|possible)[\w ]*)[\s,]*)+$"
    r"|[\s,，]*(?:谢谢(?:您|你)?|麻烦(?:您|你)?了?|好吗|可以吗|行吗|吧|吗)+$",
    re.IGNORECASE,
)
_TWICE = re.compile(r"([号室楼弄栋])\1+")

_PART = r"[^,，.。;；!！?？]{1,40}?"
_SWAPS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^(?P<new>{_PART})[\s,;—-]+(?:and\s+)?(?:not|instead of|rather than)\s+(?P<old>{_PART})$",
        rf"^not\s+(?P<old>{_PART})[\s,;—-]+(?:but\s+|rather\s+)?(?P<new>{_PART})$",
        rf"^(?P<old>{_PART})\s+(?:is|was)\s+(?:wrong|a typo)[\s,.;]+(?P<new>{_PART})$",
        rf"^(?P<old>{_PART})\s+should(?:'ve)?\s+(?:be|been|read|have been)\s+(?P<new>{_PART})$",
        rf"^(?:不是|并非)(?P<old>{_PART})[，,\s]*(?:而|应该)?是(?P<new>{_PART})$",
        rf"^(?P<new>{_PART})[，,\s]*(?:而)?不是(?P<old>{_PART})$",
        rf"^不是(?P<old>{_PART})[，,、\s]+(?:而|应该)?是?(?P<new>{_PART})$",
        rf"^(?P<old>{_PART})(?:是?[写打说讲]?错的?了?|不对)[，,。\s]*(?:应该)?(?:是|改成|改为|换成)?(?P<new>{_PART})$",
        rf"^把?(?P<old>{_PART})(?:应该是|改成|改为|换成)(?P<new>{_PART})$",
    )
)
"""one part of an address in place of another: "24 not 22", 502写错了 是520"""
_BEFORE = re.compile(
    r"^(?:(?:the\s+)?(?:house|door|street|flat|number|town|city|post ?code|zip(?: code)?|address)(?:\s+(?:number"
    r"|name))?\s*(?:is|should be|was)?\s+|it['’]?s\s+|it is\s+|its\s+|that['’]?s\s+|should be\s+|is\s+|in\s+|at\s+"
    r"|(?:门牌号?|房间号?|邮编|街道|城市)(?:码)?(?:是|应该是)?\s*|是|应该是|[哦啊呃嗯]+)+",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\W*(?:(?:number|no\.?|nr\.?|#)\s*)?(?P<number>\d{1,4}[a-z]?)\s*(?P<of>[号室楼弄栋]?)写?\W*", re.I
)
_CODE = re.compile(
    rf"(?:post ?code|zip(?: code)?|邮政?编码?)\W*(?:(?:is|should be|was|wrong|写?错了?|不对|是|应该是)\W*)*"
    rf"(?P<code>{POSTCODE})\b",
    re.IGNORECASE,
)


def named_address(text: str) -> str:
    """The address in a request, with the town and the postcode that are said with it; "" for none that is whole."""
    text = _TWICE.sub(r"\1", text)  # a correction within the request leaves "80号号"
    for entity in find_entities(text):
        if entity.kind == "address" and (whole := whole_address(entity.text + _tail(text, entity.end))):
            return whole
    found = NEW_ADDRESS.search(text)
    return whole_address((found["en"] or found["zh"] or "").strip()) if found else ""


def _tail(text: str, end: int) -> str:
    start = end
    while found := _TAIL.match(text, end):
        end = found.end()
    if found := _TOWN.match(text, end):
        end = found.end()
    return text[start:end]


def whole_address(text: str) -> str:
    """An address as it is written down; "" when a number or the street is missing, so that no parcel goes astray."""
    plain = _COURTESY.sub("", " ".join(text.split()).strip(" .。,，"))
    plain = _TWICE.sub(r"\1", _REQUEST.sub("", _LEAD.sub("", plain))).strip(" .。,，")
    letters = sum(map(str.isalpha, plain))
    chinese = any("\u4e00" <= letter <= "\u9fff" for letter in plain)
    placed = HAN_PLACE.search(plain) if chinese else True
    whole = placed and letters >= (4 if chinese else 6) and any(map(str.isdigit, plain)) and len(plain) <= LONGEST
    return plain if whole and not ORDER_NUMBER.fullmatch(plain) else ""


def keeps_old(said: str) -> bool:
    """Returns whether an answer keeps the old address: "my old address was fine", 还是原来的吧."""
    return bool(heard("old_address", said)) and not any(map(str.isdigit, said))


def repairs(said: str) -> bool:
    """Returns whether the text replaces one part of an address, or is only a number or postcode: "sorry, 24 not 22"."""
    if len(said) > LONGEST:
        return False
    spoken = _spoken(said)
    led = spoken != said.strip(" ,.，。!！")
    number = _NUMBER.fullmatch(_BEFORE.sub("", spoken))
    return bool(_swaps(spoken) or _CODE.search(spoken) or (led and number))


def mended(address: str, said: str) -> str:
    """Applies a correction such as "no, number 12", "sorry 24 not 22" or "make it 7 Elm Street"; keeps the rest.

    Args:
        address: as it was read.
        said: what corrects it.

    Returns:
        "" when nothing of it can be read.
    """
    if len(said) > LONGEST:
        return ""
    spoken = _spoken(said)
    for old, new in _swaps(spoken):
        place = re.compile(
            rf"(?<![0-9A-Za-z]){re.escape(old)}(?![0-9A-Za-z])" if old.isascii() else re.escape(old), re.I
        )
        if there := place.search(address):
            house, _, street = new.partition(" ")  # "41 mill lane, not 14": the street is there already
            if street and address[there.end() :].strip().casefold().startswith(street.strip().casefold()):
                new = house
            return _TWICE.sub(r"\1", place.sub(lambda _, new=new: new, address, count=1))  # type: ignore[misc]
    swaps = _swaps(spoken)
    spoken = swaps[0][1] if swaps else spoken  # "24 not 22", where neither was heard before
    if code := _CODE.search(spoken):
        return _with_code(address, code["code"])
    spoken = _BEFORE.sub("", spoken).strip()
    if number := _NUMBER.fullmatch(spoken):
        return _with_number(address, number["number"], number["of"])
    if re.fullmatch(POSTCODE, spoken):
        return _with_code(address, spoken)
    if _PLACE.fullmatch(spoken):
        tail = next((each for each in _TAIL.finditer(address) if each.end() == len(address)), None)
        return f"{address[: tail.start()] if tail else address}, {spoken}"
    new = named_address(spoken) or whole_address(spoken)
    if not new or WRONG.search(new):
        return ""
    if not new.isascii():
        return _with_street(address, new)
    corrected = apply_corrections(f"{address}, no, {new}")
    return corrected.text if corrected.replaced else new


def _spoken(said: str) -> str:
    """Words without "no, sorry" before them."""
    spoken = said.strip(" ,.，。!！")
    for mark in reversed(list(spans_of("keep_rest", said))):
        if not re.sub(r"[\W_]|[哦啊呃嗯等一下]", "", said[: mark.start()]):
            spoken = said[mark.end() :].strip(" ,.，。!！—-")
            break
    return re.sub(
        r"\s+(?:actually|sorry|please|thanks)$|(?:才对|的|啊|哈|吧|，?谢谢)+$", "", spoken, flags=re.IGNORECASE
    )


def _swaps(spoken: str) -> list[tuple[str, str]]:
    """Returns every possible replacement as (old, new)."""
    found = (pattern.match(spoken) for pattern in _SWAPS)
    pairs = [
        tuple(_BEFORE.sub("", match[part].strip()).strip(" \"'“”") for part in ("old", "new"))
        for match in found
        if match
    ]
    return [(old, new) for old, new in pairs if old and new and old != new]


def _with_number(address: str, number: str, of: str) -> str:
    """Replaces the house number; of several, the one named the same or nearly the same."""
    numbers = list(re.finditer(r"\d+[a-z]?(?![a-z\d])", address, re.IGNORECASE))
    called = [each for each in numbers if of and address[each.end() : each.end() + 1] == of]
    near = [each for each in numbers if len(each[0]) > 1 and sorted(each[0]) == sorted(number)]
    place = next(iter(called or near or numbers), None)
    return f"{address[: place.start()]}{number}{address[place.end() :]}" if place else ""


def _with_code(address: str, code: str) -> str:
    codes = list(re.finditer(rf"\b{POSTCODE}\b|(?<!\d)\d{{6}}(?!\d)", address))
    if not codes:
        return f"{address}{' ' if address.isascii() else '，'}{code}"
    return f"{address[: codes[-1].start()]}{code}{address[codes[-1].end() :]}"


def _with_street(address: str, new: str) -> str:
    """A Chinese address with another street and number: province, town and postcode stay where none is said."""
    if re.search(r"\d{6}|[省市]", new):
        return new
    if street := re.match(r"\D{2,}", new):
        same = re.search(re.escape(street[0]) + r"\d+[号弄]?", address)
        if same:
            return address[: same.start()] + new + address[same.end() :]
    parts = re.fullmatch(
        r"(?P<region>(?:[^，,\s\d]+?[省市区县镇])*)(?P<street>[^，,\s]*)(?P<rest>(?:[，,\s].*)?)", address
    )
    return f"{parts['region']}{new}{parts['rest']}" if parts else new
