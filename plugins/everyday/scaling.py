"""Recipes for more or fewer people: "the recipe is for 4 and needs 300 g of rice, we're 7"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .units import unit_named

__all__ = ["Scaled", "read_scaling", "scaled_on"]

LONGEST, SHORT = 200, 40
"""characters that are read, and of words that go on"""
RECIPE = re.compile(
    r"\brecipe|\bserves?\b|\bservings?\b|\bfeeds\b|\bportions?\b|方子|食谱|菜谱|配方|人份|份量|做法", re.IGNORECASE
)
NUMBER = re.compile(r"(?<![\d.])\d+(?:\.\d+)?(?![\d.])")
AMOUNT = re.compile(
    r"\s*(?P<unit>[a-z]+|[\u4e00-\u9fff]{1,3}?)(?:\s+of)?\s*(?P<thing>[a-z][a-z -]{1,25}"
    r"|[\u4e00-\u9fff\ue000-\ue020]{1,6})?"
)
NEEDS = re.compile(r"(?:needs?|uses?|takes?|calls? for|says|wants|with|has|asks for|要|需要?|用|放)\s*$", re.IGNORECASE)
PEOPLE = re.compile(r"\s*(?:个人|口人|人|位|people|persons|servings|portions|of us|guests|eaters)", re.IGNORECASE)
FOR_RECIPE = re.compile(r"(?:recipe|serves?|feeds|makes|方子|食谱|菜谱|配方)\D{0,20}$", re.IGNORECASE)
RECIPE_BEHIND = re.compile(
    r"\s*(?:servings?|portions?|(?:个?人|口人|位)?的?(?:方子|食谱|菜谱|配方|人份|份))", re.IGNORECASE
)


NO_FIGURES = re.compile(
    "五花|五香|八角|八宝|三文|三黄|三明治|四季豆|千张|千层|百合|百里香|九层塔|十三香|十全|七喜|一品鲜|二锅头"
)
"""things whose names begin like a number"""
OTHER = {figure: chr(0xE000 + at) for at, figure in enumerate("一二三四五七八九十百千")}


@dataclass(frozen=True)
class Scaled:
    """An amount for some people, wanted for others."""

    amount: Fraction
    unit: str
    """as it was said; "" for things that are counted"""
    thing: str
    made_for: int
    wanted_for: int

    @property
    def value(self) -> Fraction:
        """The amount that is wanted."""
        return self.amount * self.wanted_for / self.made_for


def read_scaling(text: str) -> Scaled | None:
    """The amount of a recipe that a sentence wants for another number of people; None where it wants anything else."""
    from assistant.understanding.entities.reading import read_in_digits

    if len(text) > LONGEST or not RECIPE.search(text):
        return None
    plain = read_in_digits(NO_FIGURES.sub(lambda name: OTHER[name.group()[0]] + name.group()[1:], text)).text
    numbers = list(NUMBER.finditer(plain))
    if len(numbers) != 3:
        return None
    measured = [each for each in numbers if _measured(plain, each)]
    if len(measured) != 1:
        return None
    found = AMOUNT.match(plain, measured[0].end())
    first, second = (each for each in numbers if each is not measured[0])
    if not (_of_recipe(plain, first) or not _of_recipe(plain, second)):
        first, second = second, first
    counts = [each.group() for each in (first, second)]
    if any("." in each or not 0 < int(each) <= 1_000 for each in counts):
        return None
    unit, thing = (found["unit"] or "", found["thing"] or "") if found else ("", "")
    if unit and not unit_named(unit):
        unit, thing = "", f"{unit} {thing}".strip() if unit.isascii() else unit + thing
    thing = thing.translate({ord(other): figure for figure, other in OTHER.items()})
    thing = re.split(r"\s+(?:and|but|for|we|i|how|there)\b", thing)[0].strip()
    return Scaled(Fraction(measured[0].group()), unit, thing, int(counts[0]), int(counts[1]))


def scaled_on(text: str, told: Mapping[str, Any]) -> Scaled | None:
    """Another amount of the recipe before, for the same people; or its amount for others; None for other words."""
    from assistant.understanding.entities.reading import read_in_digits

    scale = told.get("scale")
    if not scale or len(text) > SHORT:
        return None
    plain = LEADS.sub("", read_in_digits(text).text).strip(" ?？.。!！呢")
    number = NUMBER.match(plain)
    if number is None or len(NUMBER.findall(plain)) != 1:
        return None
    made_for, wanted_for, amount, unit, thing = scale
    if people := PEOPLE.match(plain, number.end()):
        asked = Scaled(Fraction(amount), unit, thing, made_for, int(Fraction(number.group())))
        return asked if people.end() == len(plain) and asked.wanted_for > 0 else None
    found = AMOUNT.match(plain, number.end())
    if found is None or found.end() != len(plain):
        return None
    unit, thing = found["unit"] or "", found["thing"] or ""
    if unit and not unit_named(unit):
        unit, thing = "", f"{unit} {thing}".strip() if unit.isascii() else unit + thing
    return Scaled(Fraction(number.group()), unit, thing, made_for, wanted_for)


LEADS = re.compile(
    r"^(?:(?:and|also|plus|what about|how about|then|for|with|the|ok|so|那么?|还有|再|如果是?|要是|给)[\s,，]*)+", re.I
)


def _measured(text: str, number: re.Match[str]) -> bool:
    behind = AMOUNT.match(text, number.end())
    if PEOPLE.match(text, number.end()):
        return False
    return bool(behind and unit_named(behind["unit"])) or bool(NEEDS.search(text[: number.start()]))


def _of_recipe(text: str, number: re.Match[str]) -> bool:
    return bool(FOR_RECIPE.search(text[: number.start()]) or RECIPE_BEHIND.match(text, number.end()))
