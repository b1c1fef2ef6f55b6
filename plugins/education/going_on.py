"""What is asked of the exercise that was solved last: why it factors so, and the same with another term."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant import Exchange, Reply

from .wording import Language, say

__all__ = ["asks_why", "told_why", "with_term"]

SOLVED = "education.solve_exercise"
LONGEST = 80
"""characters that are read"""
WHY = re.compile(
    r"\bwhy\b|\bhow come\b|\bhow (?:do|did|does|can|could) (?:you|it|that|i|we)\b|\bwhere (?:do|does"
    r"|did)\b|为什么|为啥|怎么|凭什么|哪来",
    re.IGNORECASE,
)
SPLITS = re.compile(
    r"\bsplit|factor|brackets?|(?:break|write) (?:it|that|this)|分解|拆|写成|变成|因式"
    r"|是[-−]?\d+和|得|来的|\bget\b|\bcome",
    re.IGNORECASE,
)
QUADRATIC = re.compile(r"(?<![\w^)])([a-z])\^2([+-]\d*)\1([+-]\d+)=0")
TERM = re.compile(
    r"^\W*(?:(?:and|so|ok|but|then|what|if|how|about|it's|it|the|constant|were|was|is|had|been|instead|say|now|with|for)\b[\s,]*|那么?|要是|如果|假如|换成|改成|改为|变成|是|把它|中间|常数项?|的|呢|就)*"
    r"(?P<term>[+\-−] ?\d*(?:\.\d+)? ?[a-z](?:\^?[2-9²³])?|[+\-−] ?\d+(?:\.\d+)?)(?:\s*(?:instead|now|呢|的话"
    r"|会怎样|怎么算|怎么解|怎么办|吗))*[\s?？.。]*$",
    re.IGNORECASE,
)


def _last(before: Sequence[Exchange]) -> str:
    """The expression solved last, in plain signs without spaces; "" for none."""
    told: Sequence[object] = ()
    for each in before[-2:]:
        told = each.data["expressions"] if each.data.get("task") == "solve" else told
    if len(told) != 1:
        return ""
    return re.sub(r"\s|\*|·", "", str(told[0])).replace("−", "-").replace("²", "^2").replace("^(2)", "^2")


def asks_why(text: str, before: Sequence[Exchange]) -> bool:
    """Whether words ask why the equation that was solved last comes apart as it does."""
    return len(text) <= LONGEST and bool(WHY.search(text) and SPLITS.search(text)) and _roots(before) is not None


def told_why(text: str, before: Sequence[Exchange], language: Language) -> Reply | None:
    """Why an equation such as x² − 5x + 6 = 0 comes apart into (x − 2)(x − 3); None where that was not asked."""
    roots = _roots(before) if asks_why(text, before) else None
    if roots is None:
        return None
    letter, first, second, b, c = roots
    product = f"({letter}{_signed(-first)})({letter}{_signed(-second)})"
    whole = f"{letter}²{_signed(b)}{letter}{_signed(c)}"
    numbers = {"first": _shown(-first), "second": _shown(-second), "b": _shown(b), "c": _shown(c)}
    told = say("why_factors", language, product=product, whole=whole, **numbers)
    last = {name: value for name, value in before[-1].data.items() if name in ("task", "expressions", "steps")}
    return Reply(told, data=last)


def _roots(before: Sequence[Exchange]) -> tuple[str, int, int, int, int] | None:
    found = QUADRATIC.fullmatch(_last(before))
    if found is None:
        return None
    b = int(found[2] + "1" if found[2] in "+-" else found[2])
    c = int(found[3])
    for first in (each for size in range(1, min(abs(c), 10_000) + 1) for each in (size, -size)):
        if c % first == 0 and first + c // first == -b:
            one, other = sorted((first, c // first))
            return found[1], one, other, b, c
    return None


def with_term(text: str, before: Sequence[Exchange]) -> str:
    """The equation solved last with one term of it replaced: "what if it was +5x", 那要是+5x呢; "" for none."""
    found, last = TERM.match(text.strip()), _last(before)
    if found is None or not last or len(text) > LONGEST:
        return ""
    new = re.sub(r"\s", "", found["term"]).replace("−", "-").replace("²", "^2").replace("³", "^3")
    power = re.search(r"[a-z](?:\^?(\d))?$", new, re.IGNORECASE)
    left, _, right = last.partition("=")
    left = left if left[:1] in "+-" else f"+{left}"
    if power is None:
        pattern = r"[+-]\d+(?:\.\d+)?(?![\w^.(])"
    else:
        letter = re.search(r"[a-z]", new, re.IGNORECASE)
        name = re.escape(letter[0]) if letter else "x"
        pattern = rf"[+-]\d*(?:\.\d+)?{name}" + (rf"\^{power[1]}" if power[1] else r"(?!\^)")
    changed, count = re.subn(pattern, new, left, count=1)
    return f"{changed.removeprefix('+')}={right}" if count and changed != left else ""


def _signed(number: int) -> str:
    return f"+{number}" if number >= 0 else f"−{-number}"


def _shown(number: int) -> str:
    return str(number) if number >= 0 else f"−{-number}"
