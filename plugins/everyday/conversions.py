"""Reads conversions as people ask for them: "5 miles in km", "how many ml in a cup", 一米八是多少英尺."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from .said import fitting, without_fillers
from .sums import bare
from .units import convert, density_of, unit_named

__all__ = ["SMALLER", "Conversion", "plain_amounts", "read_amount", "read_conversion", "read_conversions"]

LONGEST = 160
"""characters that are read"""
NUMBER = r"-?\d+(?:\.\d+)?"
AROUND = re.compile(
    r"^(?:(?:tall|long|far|heavy|big|high|hot|cold|warm|fast|deep|wide|much|how|is|are|do|what|a temperature of)\s+)+"
    r"|\s+(?:tall|long|away|weigh|heavy)$"
)
PIECE = re.compile(
    rf"\s*(?:and |, )?(?P<number>{NUMBER}|half an?|an?|the)\s*(?P<unit>[^\d\s,][^\d,]*?)?(?=\s*(?:and |,)?\s*\d|$)"
)
PIECE_ZH = re.compile(rf"(?P<number>{NUMBER}|半)(?P<half>个半|个)?(?P<unit>[^\d半,]+|半[^\d,]+)?(?P<more>半(?!\d))?")
PARTS = (
    (r"\bhalf (?:of )?an? ", "0.5"),
    (r"\b3 quarters (?:of )?(?:an? )?(?=[a-z])", "0.75"),
    (r"\b(?:an? |1 )?quarter (?:of )?(?:an? )?(?=[a-z])", "0.25"),
    (r"\b(?:an? |1 )?(?:3th|third) (?:of )?(?:an? )?(?=[a-z])", "0.333333"),
)
FRACTION = re.compile(
    r"\b(?:(?P<n>\d+|an?) )?(?P<d>half|halves|quarters?|3th|thirds?|4th|5ths?|fifths?|6ths?|8ths?|eighths?"
    r"|10ths?) (?:of )?(?:an? |the |my |our |this )?(?P<v>\d+(?:\.\d+)?)(?= ?[a-z])"
)
"""a part of a measured thing: "2 thirds of a 1.2 kilo joint" """
PARTS_OF = {"hal": 2, "qua": 4, "thi": 3, "fif": 5, "eig": 8}
THAT = re.compile(
    r"(?:i'?m|he'?s|she'?s|it'?s|that'?s|they'?re|(?:my|the|this) \w+ (?:is|weighs)|i (?:am|weigh)"
    r"|we'?re)\s+(?P<amount>[^,?]*?\d[^,?]*?|[^,?]+?)(?: tall| long| high| heavy| wide)?[\s,.]+(?:so )?(?:what'?s"
    r"|what is|how (?:much|many|tall|far|long|heavy) is) (?:that|it|this) in (?P<unit>[^?]+)",
    re.IGNORECASE,
)
"""an amount, and "what's that in cm?" behind it"""
THERE = re.compile(
    r"^.*?\b(?:at|is|of|to|for|about) (?P<amount>-?\d[\d.]* ?[a-z°]+(?: [a-z]+)?)[\s,]+(?:so )?(?:what'?s|what is"
    r"|how much is) (?:that|it|this) in (?P<unit>[^?]+)",
    re.IGNORECASE,
)
ROUGHLY = re.compile(
    r"\b(?:roughly|approximately|approx|about|around|or so|exactly|precisely"
    r"|more or less)\b|(?:大概|大约|差不多|左右)",
    re.IGNORECASE,
)
MINUS = re.compile(r"(?:\b(?:minus|negative) |零下|负)(?=[\d一二两三四五六七八九十百零])", re.IGNORECASE)
BELOW = re.compile(
    r"\b(\d+(?:\.\d+)?)(?= ?(?:degrees? )?(?:celsius |fahrenheit |c |f )?below(?: zero)?\b)(?: ?below(?: zero)?)?",
    re.IGNORECASE,
)
THINGS = {
    "half marathon": (re.compile(r"\b(?:an? |the )?half[ -]marathon\b", re.IGNORECASE), "21.0975 km"),
    "marathon": (re.compile(r"\b(?:an? |the )?marathon\b", re.IGNORECASE), "42.195 km"),
    "半马": (re.compile("(?:一个)?半(?:程)?马(?:拉松)?"), "21.0975公里"),
    "马拉松": (re.compile("(?:一个|一场|一次)?(?:全程)?马拉松"), "42.195公里"),
}
"""lengths that have a name of their own"""
FEET_AND_INCHES = re.compile(
    r"(?:ft|feet|foot)(?: and | |,|/)(?:inch(?:es)?|in)|英尺(?:几|多少|和|零)*英寸", re.IGNORECASE
)
SCALES = {"degF": "degC", "degC": "degF"}
SMALLER = {"foot": "inch", "pound": "ounce", "stone": "pound", "hour": "minute", "minute": "second"}
"""of a number without a unit behind one with: "6 foot 2" """


@dataclass(frozen=True)
class Conversion:
    """A conversion that was read whole."""

    amounts: tuple[tuple[float, str], ...]
    """numbers and units, for `units.convert`"""
    said: str
    """the amount as it was read"""
    target: str
    unit: str
    """the target as it was said"""
    thing: str = ""
    """what is measured, such as flour; "" for anything"""


SLIP = re.compile(
    r"(?P<number>\d ?)[a-z]+[\s,.…]+(?:(?:no|sorry)[\s,]+)?(?P<unit>[a-z]+)[\s,]+(?:sorry|i mean(?:t)?|rather)\b", re.I
)
"""a unit that is put right: "400 kilos... grams, sorry" """
TELL = re.compile(r"^\W*(?:(?:just|please|can you|could you|so|and)\W+)*(?:tell|show) me (?=what|how)", re.IGNORECASE)
AMOUNTS_TO = re.compile(r"\b(?:comes?|amounts?|works? out) (?:to|at)\b", re.IGNORECASE)


def read_conversion(text: str) -> Conversion | None:
    """The conversion that a sentence asks for; None where it asks for anything else."""
    if len(text) > LONGEST:
        return None
    chinese = bool(re.search(r"[\u4e00-\u9fff]", text))
    text = AMOUNTS_TO.sub("is", TELL.sub("", SLIP.sub(r"\g<number>\g<unit>", text)))
    plain = _written(THAT.sub(r"\g<amount> in \g<unit>", without_fillers(THERE.sub(r"\g<amount> in \g<unit>", text))))
    section = "chinese_units" if chinese else "english_units"
    for words in dict.fromkeys((_trimmed(plain, chinese), bare(plain))):
        for _, groups in fitting(section, words):
            if read := _read(groups.get("amount", "").strip(), groups["unit"].strip(" ?.!"), chinese):
                return read
    return None


APART = re.compile(
    r"\s*[,，;；。?？]\s*(?:(?:and|also|plus)\b)?\s*|\s+(?:and|also|plus)\s+|(?:还有|另外|以及|再?顺便)[,，]?\s*", re.I
)
"""between two conversions of one sentence"""


def read_conversions(text: str) -> tuple[Conversion, ...]:
    """All conversions that a sentence asks for: "5 foot 11 in cm and 13 stone in kg"; () where it asks for others.

    An amount without a unit to turn it into is turned into that beside it: "3 cups of flour and 2 of sugar in grams".
    """
    if (whole := read_conversion(text)) is not None:
        return (whole,)
    pieces = [piece.rstrip("呢?？ ") for piece in APART.split(text) if piece.strip()] if len(text) <= LONGEST else []
    read = [read_conversion(piece) for piece in pieces]
    for at, piece in enumerate(pieces):
        beside = next(filter(None, [*read[at:], *reversed(read[:at])]), None)
        if read[at] is None and beside is not None:
            unit = beside.unit
            read[at] = read_conversion(f"{piece} in {unit}" if piece.isascii() else f"{piece}是多少{unit}")
    found = tuple(filter(None, read))
    return found if len(found) == len(pieces) > 1 else ()


def plain_amounts(text: str, chinese: bool) -> str:
    """A sentence with its amounts in figures: "half a litre" is "0.5 litre", 零下5度 is -5度."""
    return _trimmed(_written(without_fillers(text)), chinese)


def _written(text: str) -> str:
    plain = BELOW.sub(r"-\1", MINUS.sub("-", ROUGHLY.sub(" ", _halves(text)).strip()))
    plain = re.sub(r"(?<=亩)[地田]", "", plain)
    plain = re.sub(r"(?<=[\d一二三四五六七八九十半])两", "tael", plain)  # which is no number there
    for thing, (pattern, amount) in THINGS.items():
        plain = pattern.sub(amount, plain) if thing in plain.lower() else plain
    return plain


def read_amount(text: str, *, chinese: bool) -> tuple[tuple[float, str], ...]:
    """The numbers and units of an amount as it was said: "half a litre"; () where it is none."""
    plain = _trimmed(_halves(text), chinese)
    return tuple(_pieces_zh(plain) if chinese else _pieces(plain))


def _halves(text: str) -> str:
    """ "1½" and "1 1/2" as 1.5."""
    text = re.sub(r"(\d*) ?([½¼¾⅓⅔⅛])", lambda m: f"{int(m[1] or 0) + unicodedata.numeric(m[2]):.4g}", text)
    text = re.sub(r"\b(\d+) (\d)/(\d)(?!\d)", lambda m: f"{int(m[1]) + int(m[2]) / max(1, int(m[3])):.4g}", text)
    text = re.sub(r"(?<![\d/])(\d)/(\d)(?![\d/])(?= ?[a-z])", lambda m: f"{int(m[1]) / max(1, int(m[2])):.4g}", text)
    return re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)


def _trimmed(text: str, chinese: bool) -> str:
    """Without courtesies, but with "how many", which `bare` takes away."""
    from assistant.understanding.entities.reading import read_in_digits

    plain = " ".join(read_in_digits(text).text.split()).strip(" ?.!")
    if chinese:
        plain = re.sub(r"(摄氏|华氏)(?:几|多少)度", r"多少\1度", plain)
        plain = re.sub(r"(\d+)度(\d)(?!\d)", r"\1.\2度", plain)  # 98度6
        plain = re.sub(r"(\d+)分之(\d+)", lambda part: f"{int(part[2]) / max(1, int(part[1])):.6g}", plain)
        plain = re.sub(r"(?<=[米克升里寸尺斤两磅亩顷度码])(?:有)?(?:多大|多长|多高|多重|多远|多宽)$", "", plain)
        plain = re.sub(r"^(?:请问|请|麻烦|帮我|你?知道|告诉我|算一下|换算一下|那么?|,)+", "", plain)
        return (
            re.sub(r"(?:是多少|多少|呢|啊|呀|吗|谢谢|\?)+$", "", plain)
            if _asks_twice(plain)
            else plain.rstrip("呢啊呀吗?")
        )
    plain = re.sub(
        r"^(?:(?:hey|hi|ok|so|and|please|can you|could you|tell me|what is|what's|what are)[ ,]+)+", "", plain
    )
    plain = re.sub(r"(?:,? please)+$", "", plain)
    plain = FRACTION.sub(_part, re.sub(r"(\d+) and (?:a )?half\b", r"\1.5", plain))
    for words, number in PARTS:
        plain = re.sub(words, f"{number} ", plain)
    return re.sub(r"^how (?:tall|long|far|heavy|big|high|hot|cold|warm|fast|deep|wide) (?:is|are) ", "", plain).strip()


def _part(found: re.Match[str]) -> str:
    count = float(found["n"]) if found["n"] and found["n"].isdigit() else 1.0
    whole = int(re.match(r"\d+", found["d"])[0]) if found["d"][0].isdigit() else PARTS_OF[found["d"][:3]]  # type: ignore[index]
    return f"{count * float(found['v']) / whole:.6g}"


def _asks_twice(plain: str) -> bool:
    return bool(re.search(r"(?:成|为|用|以).+(?:是多少|多少)$", plain))


def _read(amount: str, unit: str, chinese: bool) -> Conversion | None:
    unit = "feet and inches" if FEET_AND_INCHES.fullmatch(unit) else unit
    if unit == "feet and inches":
        asked = _read(amount, "英寸" if chinese else "inches", chinese)
        return asked and replace(asked, unit=unit)
    target = unit_named(AROUND.sub("", unit) if not chinese else unit)
    if not target:
        return None
    amount, thing = _apart(AROUND.sub("", amount.strip(" ,")), chinese)
    if chinese and not thing and not _pieces_zh(amount):  # 老家那2亩, 说华氏101度，是发烧了吗
        amount = re.sub(r"^[^\d]*?(?=(?:华氏|摄氏)度?-?\d)|^[^\d半-]+(?=-?\d|半)", "", amount).split(",")[0]
    if target in SCALES and (degrees := re.fullmatch(rf"({NUMBER}) ?(?:degrees?|度)", amount)):
        return Conversion(((float(degrees[1]), SCALES[target]),), amount, target, unit)
    pieces = _pieces_zh(amount) if chinese else _pieces(amount)
    if not pieces or (thing and not density_of(thing) and convert(pieces, target) is None):
        return None
    joint = " of " if thing and not chinese else ""
    return Conversion(
        tuple(pieces), f"{amount}{joint}{thing}".replace("tael", "两" if chinese else "tael"), target, unit, thing
    )


def _apart(amount: str, chinese: bool) -> tuple[str, str]:
    """An amount, and what is measured: "2 cups of flour", 一杯面粉."""
    if not chinese:
        amount, _, thing = amount.partition(" of ")
        return amount.strip(), thing.strip()
    if _pieces_zh(amount):  # 15平方米 holds no rice
        return amount, ""
    for cut in range(len(amount) - 1, max(0, len(amount) - 6), -1):
        if density_of(amount[cut:].removeprefix("的")) and _pieces_zh(amount[:cut]):
            return amount[:cut], amount[cut:].removeprefix("的")
    return amount, ""


def _pieces(amount: str) -> list[tuple[float, str]]:
    pieces: list[tuple[float, str]] = []
    place = 0
    while place < len(amount):
        found = PIECE.match(amount, place)
        if found is None or found.end() == place:
            return []
        place = found.end()
        number = {"a": 1.0, "an": 1.0, "the": 1.0}.get(found["number"])
        number = 0.5 if found["number"].startswith("half") else number or float(found["number"])
        name = (found["unit"] or "").strip()
        first, _, rest = name.partition(" ")  # "0.8 kilo joint"
        unit = (
            (unit_named(name) or (unit_named(first) if rest.isalpha() else ""))
            if name
            else SMALLER.get(pieces[-1][1], "")
            if pieces
            else ""
        )
        if not unit:
            return []
        pieces.append((number, unit))
    return pieces


def _pieces_zh(amount: str) -> list[tuple[float, str]]:
    """1米8 is 1.8 metres, 2斤半 2.5 jin, 华氏350度 350 degrees Fahrenheit."""
    if scale := re.fullmatch(rf"(华氏|摄氏)(?:度)?({NUMBER})度?", amount):
        return [(float(scale[2]), unit_named(scale[1]))]
    pieces: list[tuple[float, str]] = []
    place = 0
    while place < len(amount):
        found = PIECE_ZH.match(amount, place)
        if found is None:
            return []
        place = found.end()
        number = 0.5 if found["number"] == "半" else float(found["number"])
        if found["unit"] is None:
            if not pieces or not re.fullmatch(r"\d{1,2}", found["number"]):
                return []
            if pieces[-1][1] == unit_named("英尺"):  # 六英尺二 is six feet two inches
                pieces.append((number, unit_named("英寸")))
                continue
            pieces[-1] = (pieces[-1][0] + number / 10 ** len(found["number"]), pieces[-1][1])
            continue
        unit = unit_named(found["unit"].strip())
        if not unit:
            return []
        pieces.append((number + (0.5 if found["more"] or found["half"] == "个半" else 0), unit))
    return pieces
