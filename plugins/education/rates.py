"""Solves word problems with amounts and rates by their units: "350 km at 70 km an hour"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from .quantities import Asked, Quantity
from .story_words import LENGTHS, LOSES, MEASURES, TIMES

__all__ = ["by_rates", "signs_of", "worth"]

MINUTES = Fraction(1, 60)
"""of an hour"""


def by_rates(said: str, found: Sequence[Quantity], asked: Asked) -> str:
    """Solves a word problem from its amounts and rates by their units; "" if the units allow several ways."""
    if any(not each.unit and not each.per for each in found) or (
        LOSES.search(asked.text.replace("left", "")) and "左" in said
    ):
        return ""
    found = _in_hours(_units_of_packs(found), asked)
    plain, rates = [q for q in found if not q.per], [q for q in found if q.per]
    if asked.per:
        return _rate_of(plain, asked) if not rates else ""
    if len(plain) == len(rates) > 0 and len({q.unit for q in rates}) == 1:
        return _totals(plain, rates, asked) or (_counted(plain[0], rates[0], asked) if len(rates) == 1 else "")
    if not rates and len(plain) == 3:
        return _in_proportion(plain, asked)
    return ""


def _units_of_packs(found: Sequence[Quantity]) -> list[Quantity]:
    """ "Bags of 8" hold what was counted before."""
    plain = {q.unit for q in found if not q.per and q.unit}
    return [
        replace(q, unit=next(iter(plain - {q.per}))) if q.per and not q.unit and len(plain - {q.per}) == 1 else q
        for q in found
    ]


def _in_hours(found: Sequence[Quantity], asked: Asked) -> list[Quantity]:
    """Minutes as hours where something is told by the hour, or a speed is asked for."""
    hourly = asked.per == "hour" or any(q.per == "hour" for q in found)
    return [
        replace(q, value=q.value * MINUTES, unit="hour") if hourly and q.unit == "minute" and not q.per else q
        for q in found
    ]


def _rate_of(plain: Sequence[Quantity], asked: Asked) -> str:
    top = [q for q in plain if q.unit == asked.unit]
    bottom = [q for q in plain if q.unit == asked.per]
    if len(plain) != 2 or len(top) != 1 or len(bottom) != 1 or not bottom[0].value:
        return ""
    return f"{signs_of(top[0])} / {signs_of(bottom[0])}"


def _totals(plain: Sequence[Quantity], rates: Sequence[Quantity], asked: Asked) -> str:
    """So many of each at so much: "4 books at 12 and 5 pens at 3"."""
    if asked.unit != rates[0].unit:
        return ""
    parts = []
    for rate in rates:
        amounts = [q for q in plain if q.unit == rate.per]
        if len(amounts) != 1:
            return ""
        parts.append(f"{signs_of(amounts[0])} * {signs_of(rate)}")
    return " + ".join(parts) if len({q.per for q in rates}) == len(rates) else ""


def _counted(amount: Quantity, rate: Quantity, asked: Asked) -> str:
    """Divides an amount by a rate: 350 km at 70 km an hour, 96 rolls in bags of 8."""
    if amount.unit != rate.unit or asked.unit != rate.per or not rate.value:
        return ""
    signs = f"{signs_of(amount)} / {signs_of(rate)}"
    whole = asked.unit in MEASURES and asked.unit != "person"
    return signs if whole or worth(signs).denominator == 1 else ""


def _in_proportion(plain: Sequence[Quantity], asked: Asked) -> str:
    """3 kg cost 12 euros, how much do 5 kg cost; never what gets less by more, such as days by workers."""
    wanted = [q for q in plain if q.unit == asked.unit]
    others = [q for q in plain if q.unit != asked.unit]
    if len(wanted) != 1 or len(others) != 2 or others[0].unit != others[1].unit:
        return ""
    if asked.unit in TIMES and others[0].unit not in LENGTHS:
        return ""
    known, new = sorted(others, key=lambda q: abs(q.start - wanted[0].start))
    if new.start < asked.start and known.start < asked.start:
        return ""
    return f"{signs_of(wanted[0])} / {signs_of(known)} * {signs_of(new)}" if known.value else ""


def signs_of(quantity: Quantity) -> str:
    """A quantity's value as it is written in a calculation."""
    value = quantity.value
    if value.denominator == 1:
        return str(value)
    text = f"{float(value):.10g}"
    return text if Fraction(text) == value else f"({value.numerator}/{value.denominator})"


def worth(signs: str) -> Fraction:
    """Evaluates a calculation; 0 if it is not possible."""
    from .evaluator import value_of
    from .parsing import parse

    return value_of(parse(signs)) or Fraction(0)
