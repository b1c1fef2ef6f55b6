"""Reads sums as people say them: "15 % of 80", "split 84 euros by 3", 把86打八折."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

from .arithmetic import value_of
from .wording import Language

__all__ = ["Sum", "bare", "in_digits", "read_sum", "signs_within", "stepped", "with_cents", "without_currency"]

Kind = Literal["value", "percentage", "share", "saved", "zhe"]

LONGEST = 200
"""characters that are read"""
N = r"(-?\d+(?:\.\d+)?)"
FIGURES = re.compile(r"[\d\s.+*/^()%-]*")
LESSON = re.compile(r"(?<![\d.])\d+ ?/ ?\d+\)? ?[-+*/] ?\(?\d+ ?/ ?\d+(?![\d.])")
"""fractions joined: an exercise, of which the steps are wanted"""
NAMELY = re.compile(r"\d+(?:[-/.]\d+){1,3}|[\d\s()+-]*")
"""what alone is a date, a score, a number to dial or a fraction, and no sum"""
ASKS = re.compile(r"[=?？]|what|how|calculat|comput|work out|figure out|divide|多少|等于|几|算|求")
ITEMS = re.compile(r",\s*(?:and )?|\s+and\s+|、|和|与|\+")


@dataclass(frozen=True)
class Sum:
    """A sum that was read whole."""

    signs: str
    """for `arithmetic.value_of`"""
    kind: Kind = "value"
    currency: str = ""
    """ISO 4217, or "cents"; "" for none"""
    parts: tuple[str, str] = ("", "")
    """what is shared, and by how many; or what is compared"""

    def value(self) -> tuple[Fraction, bool]:
        """Its value, and whether that is exact. Raises what `value_of` raises."""
        return value_of(self.signs)

    def shown(self) -> str:
        """The sum as it was read, in printed signs."""
        text = re.sub(r"\s*([-+*])\s*", r" \1 ", self.signs).strip()
        text = re.sub(r"(?<![\d.])(\d+(?:\.\d+)?)/100\b(?! \*)", r"\1%", text)
        text = re.sub(r"(\d+(?:\.\d+)?)/100 \* ", r"\1% × ", text)
        text = re.sub(r"(?:(?<=^)|(?<=\()|(?<=[-+*/] ))- ", "−", text)
        text = text.replace("/", " ÷ ").replace("sqrt", "√").replace("cbrt", "∛")
        return " ".join(text.replace(" * ", " × ").replace(" - ", " − ").split())

    def priced(self, number: str, language: Language) -> str:
        """A number with the currency of the sum, as it is written in a language."""
        form = _words()["symbols"].get(self.currency, ["{}", "{}"])[language == "zh"]
        return str(form).format(number)


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "sums.toml").read_text("utf-8"))


@cache
def _around(side: str) -> re.Pattern[str]:
    words = "|".join(_words()[side])
    # A word of an alphabet ends where the next begins; Chinese has no spaces.
    if side == "before":
        return re.compile(rf"^(?:(?:{words})(?![a-z])[\s,:]*)+")
    return re.compile(rf"(?:[\s,.?!:;]*(?<![a-z])(?:{words}))+[\s.?!]*$|[\s,.?!;:=]+$")


@cache
def _rules() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(_numbered(rule)), sign) for rule, sign in _words()["rewriting"]["rules"]]


def _numbered(rule: str) -> str:
    return re.sub(r"(?<![A-Za-z\\])N(?![A-Za-z])", lambda _: N, rule)


def bare(text: str) -> str:
    """A sentence in small letters and digits, without "what is …", "please" and the like around it."""
    from assistant.understanding.entities.reading import read_in_digits

    text = re.sub(r"\b(what|how|that)s\b", r"\1's", text, flags=re.IGNORECASE)
    text = re.sub(r"(?<=\d)(?=[一二两三四五六七八九十]+个?人)", " ", text)  # 94块5四个人
    plain = " ".join(read_in_digits(text).text.split())
    return _around("after").sub("", _around("before").sub("", plain)).strip()


def read_sum(text: str) -> Sum | None:
    """The sum that a sentence asks for; None where it asks for anything else besides."""
    if len(text) > LONGEST or not re.search(r"[\d零一二三四五六七八九十百千半两]|[a-z]{3}", text.lower()):
        return None
    plain = with_cents(bare(text))
    if not re.search(r"\d", plain):
        return None
    figures, currency = without_currency(plain)
    if figures is None or LESSON.search(figures):
        return None
    read = _rewritten(figures)
    if read.startswith("+") or re.fullmatch(r"\(?-?[\d.]+/100\)?", read):  # a step of a sum, "and 20%?", is none
        return None
    asked = _asked(read, currency) or _value(read, currency)
    if asked is None or (asked.kind == "value" and _says_nothing(figures, read, text)):
        return None
    try:
        asked.value()
    except SyntaxError:
        return None
    except Exception:
        return asked
    return asked


def signs_within(text: str) -> Sum | None:
    """The sum that the words for signs make, whatever is said around it; None where a number stands outside of it."""
    figures, currency = without_currency(with_cents(bare(text.replace("。", "，"))))
    if figures is None or len(text) > LONGEST:
        return None
    read = _rewritten(figures)
    spans = [found for found in SIGNS.finditer(read) if re.search(r"\d", found[0])]
    if (
        len(spans) != 1
        or (len(re.findall(r"\d+", spans[0][0])) < 2 and "rt" not in spans[0][0])
        or re.search(r"%#|[%％]", read.replace(spans[0][0], ""))
        or spans[0][0].strip().startswith("+")
    ):
        return None
    around = read[: spans[0].start()] + read[spans[0].end() :]
    if OPERATES.search(around) or (asked := _value(spans[0][0].strip(), currency)) is None:
        return None
    try:
        asked.value()
    except SyntaxError:
        return None
    except Exception:
        return asked
    return asked


SIGNS = re.compile(r"(?:sqrt|cbrt|[\d\s.+*/^()%-])+")
OPERATES = re.compile(
    r"percent|百分|\b(?:each|half|double|twice|triple|split|share|average|root|squared?|cubed?|less|off|left|change"
    r"|per|difference|remainder)\b|[每半倍折方根摊分剩找]|平均"
)
"""said beside signs, it asks for more than they say"""
COINS = re.compile(
    r"(?<![\d.])(\d+) ?(quid|pounds?|euros?|dollars?|bucks?|[£€$]) ?(\d\d)(?![\d.%])(?! ?(?:percent|per cent"
    r"|ways|people|of us))",
    re.IGNORECASE,
)
"""money and its small coins: "64 quid 80" """
COINS_ZH = re.compile(r"(?<![\d.])(\d+)[块元](\d{1,2})(?!\d|\.|%|[个人折])")
FEWER = re.compile(
    rf"(?:有|其中)?{N}个?(?:人|位)?[^\d]{{0,8}}(?:不|没|免|别)[^\d]{{0,8}}|{N} (?:of (?:us|them|the \w+) )?(?:isn't"
    rf"|aren't|is not|are not|doesn't|don't|does not|won't|didn't|can't|isnt|arent)[a-z ]{{2,30}}"
)
"""says that some pay no share"""
ONLY = re.compile(
    rf"(?:only|just) {N} (?:of (?:us|them|the \w+) )?[a-z ]*?(?:pay|paying|chipping in|eating|came"
    rf"|there)[a-z ]{{0,12}}|(?:只有?|就|实际)(?:是)?{N}个?人?(?:来|付|出|给|掏|分|摊|aa|吃)[^\d]{{0,6}}"
)
"""says how many pay a share"""
STEPS = (
    (
        re.compile(
            r"(?:add|plus|with|put on|加上?|再加)(?: an?| another| on| a further)? ?N%(?: ?(?:tip|vat|tax"
            r"|service(?: charge)?|on top|的?[\u4e00-\u9fff]{0,3}[费税]|(?!of\b)[a-z]+(?: (?!of\b)[a-z]+)?))?".replace(
                "N", N
            )
        ),
        "{0}*(1+{n}/100)",
    ),
    (
        re.compile(
            r"(?:take|knock|minus|less|subtract|deduct|with|减|便宜|优惠)(?: off)?(?: an?| another)? ?N%(?: ?(?:off"
            r"|discount))?(?: (?:it|that))?".replace("N", N)
        ),
        "{0}*(1-{n}/100)",
    ),
    (re.compile(r"(?:that )?N times(?: (?:that|it))?".replace("N", N)), "{0} * {n}"),
    (re.compile(r"打(\d)折"), "{0}*0.{n}"),
    (re.compile(r"打(\d\d)折"), "{0}*0.{n}"),
    (re.compile(r"(?:add|plus|\+|加上?)(?: another)? ?N(?: (?:to (?:that|it)|more))?".replace("N", N)), "{0} + {n}"),
    (
        re.compile(
            r"(?:minus|take away|subtract|take(?: off)?|less|减去?|减掉|-) ?N(?: (?:off|from (?:that|it)))?".replace(
                "N", N
            )
        ),
        "{0} - {n}",
    ),
    (re.compile(r"(?:times|multipl(?:y|ied)(?: (?:that|it))? by|x|\*|乘以?|乘上) ?N".replace("N", N)), "{0}*{n}"),
    (
        re.compile(
            r"(?:(?:divided?|split|share)(?: (?:that|it|this))? (?:by|between|among|into)|over|/|除以"
            r"|平?分给?) ?N(?: (?:ways|people|of us)|个?人|份)?".replace("N", N)
        ),
        "{0}/{n}",
    ),
    (re.compile(r"(?:split|divide|share)(?: (?:that|it|this))? N ways".replace("N", N)), "{0}/{n}"),
    (re.compile(r"(?:half|halve)(?: (?:of )?(?:that|it))?|(?:它的)?一半"), "{0}/2"),
    (re.compile(r"(?:double|twice)(?: (?:that|it))?|翻倍|翻一番"), "{0}*2"),
)
"""steps that go on from a result, and their signs"""
LEADS = re.compile(
    r"^(?:(?:and|now|then|actually|sorry|no|wait|oh|ok(?:ay)?|so|what if (?:i|we|you)|what(?:'s| is) that|if (?:i|we"
    r"|you)|let's|can you|please|that|it|也|再|然后|那|如果)[\s,]*)+"
)
TRAILS = re.compile(r"(?:[\s,]*(?:please|too|as well|then|now|呢|吗|吧|是?多少|等于几?|的话|上|一下|\?))+$")
FIRST = re.compile(r"[\s,]*\b(?:first|before (?:that|splitting(?: it)?|you split it))\b|先(?=[加减打])")


def in_digits(text: str) -> str:
    """Words in small letters and digits, with "%" for "percent"."""
    from assistant.understanding.entities.reading import read_in_digits

    plain = " ".join(read_in_digits(text).text.lower().split()).strip(" .!?。！？")
    plain = re.sub(r"(?<![\d.])([1-9])成(?![本为员立功交果人了])", r"\g<1>0%", plain)
    return re.sub(r"(?<=\d) ?(?:percent|per cent|pct)\b", "%", re.sub(r"百分之(\d+(?:\.\d+)?)", r"\1%", plain))


def stepped(text: str, result: str, share: Sequence[str]) -> Sum | None:
    """A sum that goes on from a result: "add ten percent", 再乘以三; None where the words name no such step.

    Args:
        result: of the sum before, as it was written.
        share: what was shared in it, and by how many: "add ten percent first" is of the whole. Empty for no share.
    """
    before = bool(FIRST.search(text)) and len(share) == 2  # before its "first" becomes a figure
    plain = in_digits(FIRST.sub("", text))
    plain = TRAILS.sub("", LEADS.sub("", plain))
    start = str(share[0]) if before else result.replace(",", "").replace("−", "-")
    if not re.fullmatch(N, start):
        return None
    if len(share) == 2 and (payers := _payers(plain, str(share[1]))):
        return Sum(f"{share[0]}/{payers}", "share", parts=(str(share[0]), str(payers)))
    for pattern, signs in STEPS:
        if found := pattern.fullmatch(plain):
            stepped_on = signs.format(start, n=next(iter(found.groups()), ""))
            whole = (f"({stepped_on})", share[1]) if before else ("", "")
            return Sum(f"{whole[0]}/{whole[1]}", "share", parts=whole) if before else Sum(stepped_on)
    return None


def _payers(said: str, before: str) -> int:
    """Returns the new number of payers: "one of us isn't paying", 有一个不用掏; 0 if the text does not say."""
    if not before.isdigit():
        return 0
    if found := ONLY.fullmatch(said):
        return max(0, _count(found))
    found = FEWER.fullmatch(said)
    return max(0, int(before) - _count(found)) if found and _count(found) > 0 else 0


def _count(found: re.Match[str]) -> int:
    """The whole number in a match; 0 for none."""
    number = next(filter(None, found.groups()), "")
    return int(number) if number.isdigit() else 0


def with_cents(plain: str) -> str:
    """Money with its small coins as one amount: "64 quid 80" is 64.80 quid, 8块5 is 8.5块."""
    plain = re.sub(r"(?<=\d)([块元])(?=\d+个?人)", r"\1 ", plain)
    return COINS_ZH.sub(r"\1.\2块", COINS.sub(r"\1.\3 \2", plain))


@cache
def _currencies() -> list[tuple[re.Pattern[str], str, str]]:
    """For each currency what finds it beside a figure, what parts the words around it then, and its code."""
    found = []
    for words, code in _words()["currencies"]:
        pattern = rf"(?<![a-z])(?:{words})(?![a-z])"
        near = re.compile(rf"(?<=\d) ?{pattern}(?: (?:bill|each))?|{pattern} ?(?=\d)")
        found.append((near, " " if not re.search(r"[\u4e00-\u9fff]", words) else "", code))
    return found


def without_currency(text: str) -> tuple[str | None, str]:
    """The text without its currency; None where it holds two."""
    found = set()
    for near, between, code in _currencies():
        text, count = near.subn(between, text)
        text = re.sub(r"(\d) +(?=[\u4e00-\u9fff])", r"\1", " ".join(text.split()))
        found |= {code} if count else set()
    if len(found) > 1:
        return None, ""
    if found:  # "96,60 €" is a decimal comma
        text = re.sub(r"(?<=\d),(?=\d{2}(?!\d))", ".", text)
    return text, next(iter(found), "")


def _rewritten(text: str) -> str:
    text = re.sub(r"^([\d.]+[加减][\d.加减]+?)[，, ]*(?:再|然后)(?=[乘除])", r"(\1)", text)  # one after the other
    for pattern, sign in _rules():
        text = pattern.sub(partial(_framed, sign) if r"\g<0>" in sign else sign, text)
    return text.strip()


def _framed(sign: str, found: re.Match[str]) -> str:
    return sign.replace(r"\g<0>", next(group for group in found.groups() if group))


def _asked(read: str, currency: str) -> Sum | None:
    """A percentage, a change, a share or a list."""
    if found := re.fullmatch(rf"pct {N} of {N}", read):
        return Sum(f"{found[1]}/{found[2]}*100", "percentage", currency, (found[1], found[2]))
    if found := re.fullmatch(rf"chg {N} to {N}", read):
        return Sum(f"({found[2]} - {found[1]})/{found[1]}*100", "percentage", currency, (found[1], found[2]))
    if found := re.fullmatch(rf"share {N} by {N}", read):
        return Sum(f"{found[1]}/{found[2]}", "share", currency, (found[1], found[2]))
    if found := re.fullmatch(r"(mean|sum|product) (.+)", read):
        items = [each for each in ITEMS.split(found[2]) if each]
        if len(items) < 2 or not all(re.fullmatch(N, each) for each in items):
            return None
        joined = ("*" if found[1] == "product" else " + ").join(items)
        return Sum(f"({joined})/{len(items)}" if found[1] == "mean" else joined, "value", currency)
    return None


def _value(read: str, currency: str) -> Sum | None:
    signs = re.sub(r"\b(?:sqrt|cbrt)(?=\()", "", read)
    joined = re.search(r"[-+*/^%]|sqrt|cbrt", read.lstrip("- "))
    if not FIGURES.fullmatch(signs) or not joined or re.search(r"\d\s+\d", signs):
        return None
    return Sum(read, "value", currency)


def _says_nothing(plain: str, read: str, text: str) -> bool:
    """Returns whether the numbers need not be a sum: a date, a phone number, "140 over 90", 七分之三."""
    if ASKS.search(text.lower()):
        return False
    if re.fullmatch(rf"\(?{N} ?/ ?{N}\)?", read) and not re.search(r"÷|\d /|/ \d|除以|divided", text):
        return True
    alone = not re.search(r"[a-z\u4e00-\u9fff]", text.lower())
    return alone and bool(NAMELY.fullmatch(plain)) and not re.search(r"\d\s+[-+]\s+\d", plain)
