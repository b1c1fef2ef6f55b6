"""Facts about whole numbers: primes, divisors, prime factors; also of what was asked just before ("is 91 one?")."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from assistant import Exchange, Reply
from assistant.intents.numbers import find_numbers

from .wording import Language, say

__all__ = ["about_numbers", "asks_about_numbers", "goes_on_about_numbers"]

LONGEST = 120
"""characters that are read"""
LARGEST = 10**12
MOST_LISTED = 10_000
"""up to which the primes are listed"""
PRIME = r"\bprimes?\b|质数|素数"
DEFINES = re.compile(
    r"\W*(?:(?:so|and|hey|please|can you|could you|tell me|explain)\W+)*(?:what(?:'s| is| are)|define"
    r"|explain)(?: an?| the)? prime(?: numbers?|s)?\W*|(?:请问|给我|帮我)?(?:什么是|什么叫做?|解释一?下?"
    r"|讲讲)(?:质数|素数)\W*|(?:质数|素数)(?:是什么|是啥|什么意思).*",
    re.IGNORECASE,
)
IS_PRIME = re.compile(rf"^(?:(?!\bhow many\b|\bbetween\b|之间|以内).)*(?:{PRIME})(?:(?!以内|之间).)*$", re.IGNORECASE)
DIVISORS = re.compile(r"\b(?:divisors?|factors)\b(?! of production)|\bwhat divides\b|因数|约数", re.IGNORECASE)
PRIME_FACTORS = re.compile(
    r"\bprime factor\w*|\bfactori[sz]e (?:the number )?\d+\W*$|\bfactori[sz]ation of \d+\W*$|分解质因数|质因数"
    r"|素因数",
    re.IGNORECASE,
)
LIST = re.compile(
    r"\b(?:primes?|prime numbers?)\b.*\b(?:below|under|up to|less than|smaller than|until|to"
    r"|between)\b|以内|以下|之间",
    re.I,
)
ONE = re.compile(
    r"\W*(?:(?:and|so|ok|but|what about|how about|then|is|are"
    r"|would)\b[\s,]*)*(?:the number )?(?P<n>\d[\d,]*)(?: (?:be|is|count|counts|too|also|as well|one|a prime|prime"
    r"|then|though))*\W*|(?:那么?|还有)?(?P<zh>\d+)(?:也|算|是|呢|吗|不|的|它|这个|个)*[？?]*",
    re.IGNORECASE,
)


def asks_about_numbers(text: str) -> bool:
    """Returns whether the text surely asks about primes or divisors of whole numbers."""
    return len(text) <= LONGEST and _asked(text) != ""


def goes_on_about_numbers(text: str, before: Sequence[Exchange]) -> bool:
    """Returns whether the text asks the same about another number: "and 97?", "is 91 one?", 那97呢."""
    return _meant_again(text, before) != ""


def about_numbers(text: str, before: Sequence[Exchange], language: Language) -> Reply | None:
    """The answer to what is asked of whole numbers; None where nothing is, or of other numbers."""
    asked = _asked(text) or _meant_again(text, before)
    # In figures where there are any: "is 91 one?" is of one number.
    numbers = [int(each.replace(",", "")) for each in re.findall(r"(?<![\d.])\d[\d,]*", text)]
    numbers = numbers or [int(each.value) for each in find_numbers(text) if each.value == int(each.value)]
    if not asked:
        return None
    if asked == "define":
        return Reply(say("prime_means", language), data={"numbers": "prime"})
    if not numbers or max(numbers) > LARGEST:
        return Reply(say("numbers_too_large", language)) if numbers else None
    if asked == "list":
        return _listed(numbers, language)
    lines = [_told(asked, number, language) for number in numbers[:5]]
    return Reply("\n".join(lines), data={"numbers": asked})


def _asked(text: str) -> str:
    numbers = re.search(r"\d", text) or find_numbers(text)
    if DEFINES.fullmatch(text.strip()):
        return "define"
    if not numbers or re.search(r"\b[a-z]\s*[\^²*+=]|[\^²=]|[a-z]\d|\d[a-z]\b", text, re.IGNORECASE):
        return ""
    if PRIME_FACTORS.search(text):
        return "factors"
    if LIST.search(text) and re.search(PRIME, text, re.IGNORECASE):
        return "list"
    if DIVISORS.search(text):
        return "divisors"
    return (
        "prime"
        if IS_PRIME.match(text)
        and not re.search(
            r"\bprime (?:minister|time|video"
            r"|rib)\b",
            text,
            re.I,
        )
        else ""
    )


def _meant_again(text: str, before: Sequence[Exchange]) -> str:
    told = str(before[-1].data.get("numbers", "")) if before else ""
    return told if told and len(text) <= LONGEST // 2 and ONE.fullmatch(text.strip()) else ""


def _told(asked: str, number: int, language: Language) -> str:
    if asked == "divisors":
        every = _divisors(number)
        shown = ("、" if language == "zh" else ", ").join(f"{each}" for each in every[:60])
        return (
            say("divisors", language, number=number, divisors=shown, count=len(every))
            if number
            else say("zero_divisors", language)
        )
    factors = _factors(number)
    product = " × ".join(str(each) for each in factors)
    if asked == "factors":
        key = "is_prime" if len(factors) == 1 else "prime_factors"
        return say(key if number > 1 else "no_prime", language, number=number, product=product)
    if number < 2:
        return say("no_prime", language, number=number)
    return say("is_prime" if len(factors) == 1 else "not_prime", language, number=number, product=product)


def _listed(numbers: Sequence[int], language: Language) -> Reply:
    low, high = (min(numbers), max(numbers)) if len(numbers) > 1 else (2, numbers[0])
    if high > MOST_LISTED:
        return Reply(say("numbers_too_large", language))
    found = [each for each in range(max(2, low), high + 1) if len(_factors(each)) == 1]
    shown = ("、" if language == "zh" else ", ").join(map(str, found[:200])) or say("none", language)
    return Reply(say("primes", language, low=low, high=high, primes=shown, count=len(found)), data={"numbers": "prime"})


def _factors(number: int) -> list[int]:
    """The prime factors in order: 12 has 2, 2 and 3. At most a million divisions."""
    found, divisor = [], 2
    while divisor * divisor <= number:
        while number % divisor == 0:
            found.append(divisor)
            number //= divisor
        divisor += 1 if divisor == 2 else 2
    return [*found, number] if number > 1 else found


def _divisors(number: int) -> list[int]:
    small = [each for each in range(1, math.isqrt(number) + 1) if number % each == 0]
    return [*small, *(number // each for each in reversed(small) if each * each != number)]
