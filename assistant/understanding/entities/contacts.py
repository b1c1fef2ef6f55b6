"""Phone numbers, e-mail and postal addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.understanding.entities.found import Found

__all__ = ["find_addresses", "find_emails", "find_phones"]

_EMAIL = re.compile(r"(?<![\w.+-])[a-z0-9_.+-]{1,64}@[\w-]+(?:\.[\w-]+){1,5}")
_SPOKEN_EMAIL = re.compile(
    r"(?<![\w.+-])(?P<user>[a-z0-9_+-]{1,40}(?:(?: dot | underscore | dash |\.)[a-z0-9_+-]{1,40}){0,3}) at "
    r"(?P<host>[a-z0-9-]{1,40}(?:(?: dot |\.)[a-z0-9-]{1,20}){1,3})\b"
)
_PHONE = re.compile(r"(?<![\w+.,/-])(?:\+|00(?=[1-9]))?\(?\d(?:[ ()./-]{0,2}\d){5,15}(?![\w]|[.,/:-]\d)", re.ASCII)
_CALL = re.compile(
    r"(?:phone|mobile|cell|tel|call|ring|reach|number|text|whatsapp|fax|telefon|电话|手机|号码|致电|拨打)"
)
_DATE = re.compile(r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d")
_STREET = (
    r"street|str|st|avenue|ave|road|rd|lane|ln|drive|dr|court|ct|close|way|boulevard|blvd|square|sq|terrace|place|pl"
    r"|crescent|highway|hwy|parkway|pkwy|row|alley|mews|hill|gardens|grove|walk|quay|circle|trail|broadway|heights"
)
_POSTCODE = r"\d{5}(?:-\d{4})?|[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}|\d{4}\s?[a-z]{2}|\d{4}"
_TOWN = (
    rf"(?!(?:{_POSTCODE})\b)"
    r"(?!(?:and|or|please|instead|not|no|but|by|on|before|tomorrow|today|sorry|thanks|for|i|i'm|we|it|that|my|oops|oh|wait"
    r"|silly|actually|rather|make|wrong|typo)\b)[^\W\d_][\w'-]*\.?"
)
_ADDRESS = re.compile(
    rf"""
    (?<![\w.,/#-])\d{{1,5}}[a-z]?(?:-\d{{1,4}})?(?:/\d{{1,3}})?\s+
        (?:(?!(?:and|or|to|of|minutes?|hours?|days?|the|orders?|items?)\b)[\w'.-]+\s+){{1,4}}?(?:{_STREET})\b\.?
        (?:\s*,?\s*(?:apt|apartment|flat|unit|suite|no)\.?\s*\#?\w{{1,6}})?
        (?:\s*,\s*(?:{_TOWN})(?:\s+(?:{_TOWN})){{0,2}})?(?:\s*,?\s*(?:[a-z]{{2}}\s+)?(?:{_POSTCODE})\b)?
        (?:\s*,?\s+(?:{_TOWN})(?=\s*[.!?]?$))?
    |(?<![\w])(?:[^\W\d_]+[ -]){{0,3}}(?:[^\W\d_]{{2,30}}(?:straße|strasse|str\.|weg|platz|gasse|allee
        |straat|laan|plein))
        \s+\d{{1,4}}\s?[a-z]?\b
        (?:\s*,?\s*\d{{4,5}}(?:\s?[a-z]{{2}}\b)?(?:\s+[^\W\d_][\w'-]+){{1,3}})?
    |(?<![\w])(?:(?:rue|avenue|boulevard|place|chemin|via|viale|piazza|corso|calle|avenida|plaza|paseo
        |rua|praça|ulica|ul\.)
        (?:\s+(?:de|du|des|la|le|del|della|dei|da|do|dos|los|las))*(?:\s+[^\W\d_][\w'-]+){{1,3}}\s*,?\s*\d{{1,4}}\b)
        (?:\s*,?\s*\d{{2}}-?\d{{3}}(?:\s+[^\W\d_][\w'-]+){{1,3}})?
    |(?<![\w,])\d{{1,4}}\s?(?:bis\s)?,?\s(?:rue|avenue|boulevard|place|chemin|impasse|allée)(?:\s+(?:de|du|des|la|le|l'))*
        (?:\s+[^\W\d_][\w'-]+){{1,3}}
        (?:\s*,?\s*\d{{5}}(?:\s+[^\W\d_][\w'-]+){{1,3}})?
    """,
    re.VERBOSE,
)
_HAN_STREET = re.compile(
    r"(?<=[\u4e00-\u9fff])(?:路|街|道|巷|弄|胡同)\s?\d{1,5}\s?(?:号|弄|號)(?:\s?\d{1,4}\s?(?:号楼|栋|幢|单元|楼|层|室|号|座)){0,4}"
)
_HAN_BEFORE = re.compile(r"[\u4e00-\u9fff]{1,24}$")
_LEAD = re.compile(r"地址|改成|改为|换成|变成|寄到|送到|寄给|送去|搬到|住在|位于|应该是|不对|不是|而是|我在|[是到住在]")


def find_emails(text: str) -> Iterator[Found]:
    """Every e-mail address, also as it is spoken: "bob dot smith at example dot com"."""
    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield Found("email", match.group(), match.start(), match.end())
    if " dot " in text and " at " in text:
        for match in _SPOKEN_EMAIL.finditer(text):
            value = (
                f"{match['user']}@{match['host']}".replace(" dot ", ".")
                .replace(" underscore ", "_")
                .replace(" dash ", "-")
            )
            yield Found("email", value, match.start(), match.end())


def find_phones(text: str) -> Iterator[Found]:
    """Every phone number; the value is its digits, with a plus in front where it is international."""
    for match in _PHONE.finditer(text):
        written = match.group()
        digits = re.sub(r"\D", "", written)
        if _DATE.fullmatch(written) or not _is_phone(written, digits, text[max(0, match.start() - 30) : match.start()]):
            continue
        international = written.startswith(("+", "00"))
        value = f"+{digits.removeprefix('00')}" if international else digits
        yield Found("phone", value, match.start(), match.end())


def _is_phone(written: str, digits: str, before: str) -> bool:
    if written.startswith(("+", "00")):
        return 8 <= len(digits) <= 17
    if re.fullmatch(r"1[3-9]\d{9}|[2-9]\d{2}[2-9]\d{6}", digits):  # China; North America
        return True
    if re.search(r"order|订单|单号|tracking", before):
        return False
    if _CALL.search(before):
        return 6 <= len(digits) <= 15
    groups = re.findall(r"\d+", written)
    apart = len(groups) > 1 and min(map(len, groups)) >= 2 and "." not in written
    return 9 <= len(digits) <= 13 and (
        written.startswith(("0", "(0")) or (apart and written.count(" ") + written.count("-") > 1)
    )


def find_addresses(text: str) -> Iterator[Found]:
    """Every postal address that has a street and a house number; the value is the text as it stands."""
    for match in _ADDRESS.finditer(text):
        yield Found("address", "", match.start(), match.end())
    for match in _HAN_STREET.finditer(text):
        before = _HAN_BEFORE.search(text[max(0, match.start() - 24) : match.start()])
        if before:
            leads = [lead.end() for lead in _LEAD.finditer(before.group())]
            name = before.group()[max(leads, default=0) :]
            if name:
                yield Found("address", "", match.start() - len(name), match.end())
