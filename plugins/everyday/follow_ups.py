"""Follow-ups to the request before: another value, another unit, one more step, another throw."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from assistant import Exchange, Services, Turn, find_entities

from .chances import Chance, read_chance
from .conversions import Conversion, read_conversion
from .figures import masked
from .reckoning import Reckoned, reckoned
from .scaling import scaled_on
from .stepping import compared_with_start, discounted, fewer_payers
from .sums import Sum, in_digits, read_sum, signs_within, stepped
from .units import density_of
from .wording import language_of

__all__ = [
    "LOOKED_BACK",
    "asked_again",
    "chance_again",
    "conversion_again",
    "converts_on",
    "draws_again",
    "reckons",
    "sum_again",
    "sum_going_on",
    "sums_on",
    "ways_to_read",
]

LONGEST = 60
"""characters of words that only change a value"""
LOOKED_BACK = 3
"""turns"""
SURE, APART, FAR = 0.2, 0.1, 0.15
"""scores of a reading: from which it is taken, how much better than the next it must be, and below which it is none"""
SURELY = 0.5
"""score from which words after a sum go on from it, whatever the intent model says"""
ALONE = 0.4
"""score from which a number by itself, such as of "double 45", is a sum"""
DECIDES = 0.5
"""score from which a sentence is a sum, whatever the intent model says"""
ASKS = re.compile(
    r"\b(?:what|whats|how|total|percentage|work out|calculate)\b|\?|多少|几|等于|总共|一共|算", re.IGNORECASE
)
COUNTS = re.compile(
    r"\d|[一二两三四五六七八九十百千半]|\b(?:half|third|quarter|two|three|four|five|six"
    r"|seven|eight|nine|ten|eleven|twelve"
    r"|[a-z]+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|double|twice|square|root)\b",
    re.IGNORECASE,
)
LETTERED = re.compile(r"[A-Za-z]\d|\b[xyz]\b|[*/()·^√]|分之.*分之")
"""numbers with letters are those of orders; signs that are typed are read by `read_sum`, or are an exercise"""
COME = re.compile(
    r"(?P<more>\b(?:more|another|extra|joins?|joining|coming too|tag\w*|turned up"
    r"|as well)\b|又来|多来|再来|加入|也来|多了)"
    r"|\b(?:fewer|left early|gone|not coming|dropped out|pulled out|can't make it|cancelled)\b|走了|不来|少了|来不了"
)
"""says that more or fewer share"""
ANOTHER = re.compile(
    r"^\W*(?:(?:and|so|ok(?:ay)?|oh|no|what about|how about|what if|if|make (?:it|that)|actually|sorry|now|or|over"
    r"|with|for)\b[\s,]*)+[^\d]{0,24}(?:\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|[a-z]+teen|twenty"
    r"|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred)\b)|\bso (?:it'?s |we'?re |that'?s )?\d+\W*$|^(?:那么?"
    r"|换成|要是|如果|改成|不对|应该是|不是)|呢[?？]?$",
    re.IGNORECASE,
)
"""words that name another value for the sum before"""
OPERATES = re.compile(
    r"\b(?:off|take|add|plus|minus|times|divided?|split|double|half|multipl\w+|subtract|less)\b|[加减乘除]",
    re.IGNORECASE,
)
"""one more step, and no other value"""
OTHERS = re.compile(
    r"\b(?:timer|alarm|remind|minutes?|wake|o'clock|note|list|order|call|at \d)\b|提醒"
    r"|闹钟|定时|定个|计时|订单|记一?下|清单|点钟?|分钟|叫我|喊我",
    re.IGNORECASE,
)
"""speaks of something else than sums"""
MENDS = re.compile(
    r"\W*(?:(?:no|nope|sorry|wait|actually|i meant?)\b[\s,]*)+|(?:不对|不是|错了|说错了)[，,\s]*", re.IGNORECASE
)
FORGOTTEN = re.compile(r"\b(?:forgot|missed|left out|there'?s also)\b|[漏忘]了?|少算了?|还有", re.IGNORECASE)
"""says that a number of the last sum is missing"""
VALUES = ("percentage", "money", "number")
LEAD = re.compile(
    r"^\W*(?:(?:and|so|ok(?:ay)?|what about|how about|what(?:'s| is)(?: that)?|now|then|or|in)\b[\s,]*)+"
    r"|^(?:那么?|再|换成|还有)",
    re.IGNORECASE,
)
SAME = re.compile(
    r"^(?:the )?(?:same|it|that)(?: (?:thing|amount))? (?:in(?:to)?|as|to) |^(?:一样的?|同样的?|它)?换?(?:算|成)+",
    re.IGNORECASE,
)
AGAIN = re.compile(
    r"\W*(?:(?:and|ok|okay|please|now|just|let's)\W+)*(?:again|once (?:more|again)|one more(?: time)?"
    r"|another(?: (?:one|go|roll|flip|throw|try))?|(?:roll|flip|toss|throw|draw|pick|choose|do|try|spin)(?: (?:it"
    r"|them|that|one))?(?: (?:again|once more|another))|best of three|next(?: one)?)(?:\W+please)?\W*|(?:那"
    r"|就)?再(?:来|掷|扔|抛|抽|选|挑|摇|丢|投)(?:一)?[次个把下遍]?(?:吧|呗)?[。！!]?",
    re.IGNORECASE,
)


async def asked_again(turn: Turn, services: Services, intent: str) -> str:
    """Returns the last request for an intent with its value replaced by this turn's; "" for none."""
    said = turn.utterance
    new = [each for each in find_entities(said, language_of(said)) if each.kind in VALUES]
    if len(said) > LONGEST or len(new) != 1:
        return ""
    for each in reversed(await services.conversation(turn.session, LOOKED_BACK)):
        if each.intent == intent and each.text != said:
            old = [found for found in find_entities(each.text, language_of(each.text)) if found.kind in VALUES]
            place = next((found for found in old if found.kind == new[0].kind), old[0] if old else None)
            return each.text[: place.start] + new[0].text + each.text[place.end :] if place else ""
    return ""


def ways_to_read(text: str) -> list[Reckoned]:
    """Returns the readings of a sentence as a sum: one if it is sure, two if it is ambiguous, none if it is no sum."""
    if (signs := signs_within(text)) is not None:
        return [Reckoned(signs, 1.0)]
    figures = len(said.figures) if (said := masked(text)) is not None else 0
    # Of a single number, or of a story with many, only what is near a sum that was learned is one.
    least = ALONE if figures == 1 or figures > SEVERAL else FAR
    ways = [way for way in reckoned(text)[:2] if way.score >= least and not _adds_blindly(text, way.sum)]
    return ways[:1] if ways and _sure(ways) else ways


def _adds_blindly(text: str, asked: Sum) -> bool:
    """Returns whether a sum adds unlike things: people and prices, or what each one pays."""
    numbers = asked.signs.split(" + ")
    return len(numbers) > 2 and asked.kind == "value" and UNLIKE.search(text) is not None


SEVERAL = 3
"""numbers, beyond which a sentence is more likely a story"""
UNLIKE = re.compile(
    r"\b(?:each|per|apiece|every|pays?|people|persons|of us|years? old|get off|left over|how many)\b|[每]|大人"
    r"|小孩|只头|条腿|岁|单价",
    re.IGNORECASE,
)
"""says that the numbers of a sentence are not of one kind"""


def reckons(text: str) -> bool:
    """Returns whether a sentence surely asks for a sum."""
    if not ASKS.search(text) or not COUNTS.search(text) or OTHERS.search(text) or LETTERED.search(text):
        return False
    if (signs := signs_within(text)) is not None:
        return len(re.findall(r"\d+", signs.signs)) > 1
    ways = reckoned(text)[:2]
    return bool(ways) and _sure(ways) and ways[0].score >= DECIDES and ways[0].score - ways[0].nothing >= DECIDES


def _sure(ways: Sequence[Reckoned]) -> bool:
    return ways[0].score >= SURE and (len(ways) == 1 or ways[0].score - ways[1].score >= APART)


def sums_on(text: str, before: Sequence[Exchange]) -> bool:
    """Returns whether the text continues the last sum: "add ten percent", "divide that by 3", 再乘以二, "and 12?"."""
    if sum_again(text, before) is not None or (before and scaled_on(text, before[-1].data) is not None):
        return True
    ways = sum_going_on(text, before[-1:]) if not OTHERS.search(text) else []
    return len(ways) == 1 and ways[0].score >= SURELY


def sum_again(text: str, before: Sequence[Exchange]) -> Sum | None:
    """Returns the sum that continues the last one; None if the text does not."""
    told = before[-1].data if before else {}
    if len(text) > LONGEST or "result" not in told or read_sum(text) is not None:
        return None
    if (compared := compared_with_start(text, told)) is not None:
        return compared
    mended = MENDS.match(text)
    if mended and len(before) > 1 and str(told.get("sum", "")).startswith(str(before[-2].data.get("result", "−"))):
        return sum_again(text[mended.end() :], before[:-1])  # "no, three times": the last step in another way
    if (longer := _with_forgotten(text, told)) is not None:
        return longer
    plain, result = in_digits(text), str(told["result"]).replace(",", "")
    share = [str(each) for each in told.get("share") or ()]
    if (fewer := fewer_payers(plain, share)) is not None:
        return fewer
    if _of_percentage(text, told):
        return None
    if re.fullmatch(r"\d+(?:\.\d+)?", result) and not share:
        discount = discounted(plain, result, str(told.get("sum", "")))
        if discount is not None:
            return discount
    stepped_on = stepped(text, str(told["result"]), told.get("share") or ())
    return (
        stepped_on
        or _with_more_shares(text, told)
        or (_with_another(text, told) if ANOTHER.search(text) and not OPERATES.search(text) else None)
    )


def _with_forgotten(text: str, told: Mapping[str, Any]) -> Sum | None:
    """The last average or total with one number more: "I forgot a 20", 漏了个20."""
    said, signs = masked(text), str(told.get("sum", ""))
    if said is None or len(said.figures) != 1 or not FORGOTTEN.search(text):
        return None
    new = said.figures[0].shown
    if average := re.fullmatch(r"\(([\d.+ ]+)\) ?/ ?(\d+)", signs):
        return Sum(f"({average[1]} + {new})/{int(average[2]) + 1}")
    return Sum(f"{signs} + {new}") if re.fullmatch(r"[\d.]+(?: [+-] [\d.]+)+", signs) else None


def sum_going_on(text: str, before: Sequence[Exchange]) -> list[Reckoned]:
    """Returns the readings of a text as a continuation: from the last result, or with another number; [] for none."""
    told = next((each.data for each in reversed(before) if "sum" in each.data), None)
    if told is None or len(text) > LONGEST or _of_percentage(text, told):
        return []
    result = str(told["result"]).replace(",", "").replace("−", "-")
    said = masked(text)
    if said is None or not said.figures or not re.fullmatch(r"-?[\d.]+", result):
        return []
    ways = [
        way
        for way in reckoned(f"{result}，{text}" if language_of(text) == "zh" else f"{result}, {text}")[:2]
        if way.score >= SURE
    ]
    if ways and _sure(ways):
        return ways[:1]
    other = _with_another(text, told)
    return [Reckoned(other, SURE)] if other is not None else ways[:1]


def _of_percentage(text: str, told: Mapping[str, Any]) -> bool:
    """Returns whether the text subtracts from or divides a percentage, which makes no sense."""
    return str(told.get("sum", "")).endswith("*100") and OPERATES.search(text) is not None


def _with_more_shares(text: str, told: Mapping[str, Any]) -> Sum | None:
    """The share before, with so many more or fewer who share: 又来了两个人, "two more are coming"."""
    share: list[str] = [str(each) for each in told.get("share") or ()]
    said = masked(text)
    if len(share) != 2 or said is None or len(said.figures) > 1 or not str(share[1]).isdigit():
        return None
    count = said.figures[0].value if said.figures else Fraction(1)
    if re.search(
        r"\b(?:so|actually|make it|now|only|just)\b[^#]{0,14}#(?! more)|#个?人了", said.text
    ):  # how many they are now
        return None
    if (come := COME.search(said.text)) is None or "%" in said.text or count.denominator != 1:
        return None
    payers = int(share[1]) + (int(count) if come["more"] else -int(count))
    return Sum(f"{share[0]}/{payers}", "share", parts=(str(share[0]), str(payers))) if payers > 0 else None


def _with_another(text: str, told: Mapping[str, Any]) -> Sum | None:
    """The last sum with the one number of these words in place of the number that it is nearest to."""
    said, signs = masked(text), str(told.get("sum", ""))
    if said is None or len(said.figures) != 1 or not said.figures[0].value > 0:
        return None
    new = said.figures[0]
    held = [
        found
        for found in re.finditer(r"(?<![\d.])\d+(?:\.\d+)?", signs)
        if signs[found.start() - 1 : found.end()] != "/100"
    ]
    held = [found for found in held if found[0] != "100" or not signs.endswith("*100") or found.end() != len(signs)]
    if new.kind == "percent":
        held = [found for found in held if signs[found.end() :].startswith("/100")]
    likely = [found for found in held if float(found[0])]
    if not likely:
        return None
    place = min(likely, key=lambda found: abs(math.log(float(new.value) / float(found[0]))))
    changed = signs[: place.start()] + new.shown + signs[place.end() :]
    share: list[str] = [new.shown if each == place[0] else str(each) for each in told.get("share") or ()]
    kind: Any = "share" if share else "percentage" if signs.endswith("*100") else "value"
    return Sum(changed, kind, parts=(share[0], share[1]) if len(share) == 2 else ("", ""))


def converts_on(text: str, before: Sequence[Exchange]) -> bool:
    """Returns whether the text repeats the last conversion with another amount or unit: "and in a third of a cup?"."""
    return conversion_again(text, before) is not None


def conversion_again(text: str, before: Sequence[Exchange]) -> Conversion | None:
    """The conversion before, with the amount or the unit that the words name; None where they name neither."""
    told: Mapping[str, Any] = before[-1].data if before else {}
    if len(text) > LONGEST or "asked" not in told or read_conversion(text) is not None:
        return None
    amount, unit = (str(each) for each in told["asked"])
    chinese = language_of(text) == "zh"
    own = LEAD.sub("", text).strip(" ?？.。!呢吗")
    if thing := str(told.get("thing") or ""):
        if (measured := read_conversion(f"{own}是多少{unit}" if chinese else f"{own} in {unit}")) is not None:
            return measured
        if other := _other_thing(text, thing):
            bare = amount.removesuffix(f" of {thing}").removesuffix(thing)
            return read_conversion(f"{bare}{other}是多少{unit}" if chinese else f"{bare} of {other} in {unit}")
    if (whole := read_conversion(re.sub(r"呢?[，,]\s*", "", LEAD.sub("", text)))) is not None:  # 那39度呢，换成华氏
        return whole
    rest = SAME.sub("", LEAD.sub("", text)).strip(" ?？.。!呢吗")
    if not rest or (rest == text.strip(" ?？.。!") and len(rest.split()) > 4):
        return None
    if re.fullmatch(r"-?\d+(?:\.\d+)?", rest):  # "what about 95", of degrees
        other = re.sub(r"-?\d+(?:\.\d+)?", rest, amount, count=1)
        return read_conversion(f"{other}是多少{unit}" if language_of(amount) == "zh" else f"{other} in {unit}")
    if language_of(text) == "zh":
        tried = (f"{rest}是多少{unit}", f"{amount}是多少{rest.removeprefix('多少').removeprefix('几')}")
    else:
        tried = (f"how many {unit} in {rest}", f"{amount} in {rest}")
    return next(filter(None, map(read_conversion, tried)), None)


def _other_thing(text: str, thing: str) -> str:
    """The one other thing from the kitchen that words name: "no, not flour, I meant sugar"; "" for none, or several."""
    if text.isascii():
        words = re.findall(r"[a-z]+", text.lower())
        runs = [" ".join(words[at : at + size]) for size in (2, 1) for at in range(len(words))]
    else:
        runs = [text[at : at + size] for size in (4, 3, 2, 1) for at in range(len(text) - size + 1)]
    named: list[str] = []
    for run in runs:
        if density_of(run) and not any(run in other for other in [thing, *named]):
            named.append(run)
    return named[0] if len(named) == 1 else ""


REFUSES = re.compile(
    r"^(?:no|not that(?: one)?|i don'?t (?:like|want|fancy) (?:that|it)|不[想要喜爱好][^，,]{0,5})[,，.\s]+",
    re.I,
)
"""wants something else than what was drawn"""


def draws_again(text: str, before: Sequence[Exchange]) -> bool:
    """Returns whether the text repeats the last draw: "again", after dice."""
    return AGAIN.fullmatch(REFUSES.sub("", text)) is not None and chance_again(before[-1:]) is not None


def chance_again(before: Sequence[Exchange]) -> Chance | None:
    """Returns the last draw; None if there was none, or if something else was asked since."""
    for exchange in reversed(before):
        if (asked := read_chance(exchange.text)) is not None:
            return asked
        if chance := exchange.data.get("chance"):
            kind, times, low, high, *choices = chance
            return Chance(str(kind), int(times), int(low), int(high), tuple(map(str, choices)))
    return None
