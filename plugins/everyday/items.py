"""Splits an enumeration into items: "milk, eggs and two loaves of bread", 牛奶面包鸡腿."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from .said import without_fillers

__all__ = ["ARTICLE", "list_words", "repaired", "run_on", "split_items", "things_said"]

COMMA = r"\s*[,，;；、\n]\s*(?:(?:and|plus|还有|以及|和)\s*)?"
AND = (
    r"\s+(?:and|plus|&|as well as|und|et|y|e)\s+(?:also\s+)?"
    r"|(?<=[\u4e00-\u9fff\w])(?:还有|以及|(?<![温平柔])和(?=[^\s平气谐牛]|牛[奶肉腩排油腱筋杂尾]))\s*"
)
ARTICLE = re.compile(r"^(?:(?:the|some|also)\s+|(?:再加?|还有|一些|一?点儿?)\s*)(?=\S)", re.IGNORECASE)
COUNTED = re.compile(
    r"(?:[一二两三四五六七八九十几\d]+|这)(?:件事情?|样东西|样|项|个东西|个)|如下|以下"
    r"|(?:two|three|four|five|six|\d+|a few|some|these|the following) (?:things|items|tasks|jobs)",
    re.IGNORECASE,
)
"""says how many things follow, and is none of them"""
HEADER = re.compile(
    r"^(?:我?们?要?(?:去)?买(?:的)?(?:东西|一些|点)?|东西|以下(?:东西)?|这些(?:东西)?|(?:the following"
    r"|these)(?: things| items)?|things|stuff)\s*[:：]\s*",
    re.IGNORECASE,
)
"""said before the things of an enumeration"""
MANY = re.compile(
    r"(?!(?:brussels|christmas|sports|swiss|glass|goods|bus|gas|news|hummus|couscous|asparagus|plus|molasses"
    r"|baby'?s|kids|mens|womens|ladies|[a-z]*ss)$)[a-z]{3,}s",
    re.IGNORECASE,
)
"""a word for many things, after which another thing may follow at once"""
REPAIR = re.compile(
    r"[\s,，]*(?:(?:哦|啊|噢)?不对|(?:哦|啊|噢)不|不是|错了|说错了)[\s,，]*(?:是|应该是|我说的是|要)?[\s,，]*(?=\S)"
    r"|[\s,]+(?:no wait|wait no|no sorry|sorry no|no i mean|i mean|i meant|scratch that|or rather|make that"
    r"|oh no)[\s,]+(?=\S)|,\s*(?:no|sorry|actually)[\s,]+(?=\S)",
    re.IGNORECASE,
)


OF_THEM = re.compile(r"(\w+) of (?:them|those|these|it)", re.IGNORECASE)
"""how many of what was named before it"""
HAN_SPACED = re.compile(r"(?:\d*[^\W\da-zA-Z]+ )+\d*[^\W\da-zA-Z]+")


@cache
def list_words() -> dict[str, Any]:
    """The words of lists, by what they are."""
    return tomllib.loads((Path(__file__).parent / "list_words.toml").read_text("utf-8"))


def split_items(said: str, name: str = "") -> tuple[str, ...]:
    """The items of an enumeration, each as it was said.

    Args:
        name: the list's; on one of tasks "and" joins nothing where no comma does.
    """
    said = repaired(without_fillers(said).strip(" \t\"“”'.!。！：:"))
    if HAN_SPACED.fullmatch(said):  # 酱油 鸡蛋 大葱
        said = "、".join(said.split())
    things = not name or name in list_words()["splits"]["things"]
    said = BUYING.sub("", said) if things else said
    joint = COMMA
    if things or re.search(r"[,，;；、\n]", said):
        joint += f"|{AND}"
    items = [ARTICLE.sub("", each.strip()) for each in re.split(joint, said)]
    if things and (len(items) > 1 or len(said.split()) > 2) and not re.search(r"[,，;；、\n]", said):
        items = [each for item in items for each in run_on(item)]
    items = [each for item in items for each in _tiled(item)]
    for at in range(len(items) - 1, 0, -1):  # "and cheese, two of them"
        if count := OF_THEM.fullmatch(items[at]):
            items[at - 1 : at + 1] = [f"{count[1]} {items[at - 1]}"]
    items[0] = HEADER.sub("", items[0]) or items[0]
    if len(items) > 1 and COUNTED.fullmatch(items[0]):
        items = items[1:]
    return tuple(dict.fromkeys(each for each in items if each))


def things_said(said: str) -> tuple[str, ...]:
    """Splits a text that only names items, with or without separators: "milk bread eggs"."""
    items = split_items(said)
    return tuple(run_on(items[0])) if len(items) == 1 and items[0].isascii() else items


BUYING = re.compile(r"^(?:please )?(?:buy|get|pick up|grab)(?: me| us)? (?=[a-z])", re.IGNORECASE)
OF = frozenset({"of", "for", "with", "in", "without"})
"""words between the parts of one thing's name"""


def run_on(item: str) -> list[str]:
    """Things said without a pause: "nails screws" is two, for the first is many by itself."""
    words = item.split()
    if len(words) > 2 and any(word.lower() in OF for word in words[1:-1]):  # "two loaves of bread"
        return [item]
    goods = frozenset(list_words()["goods"]["english"])
    if len(words) > 1 and all(word.lower() in goods for word in words):
        return words
    for at in range(1, len(words) - 1):  # "milk eggs washing powder"
        if len(words) > 2 and all(word.lower() in goods for word in words[: at + 1]):
            return [*words[:at], *run_on(" ".join(words[at:]))]
    cut = next((at for at, word in enumerate(words[:-1], 1) if MANY.fullmatch(word)), 0)
    return [" ".join(words[:cut]), *run_on(" ".join(words[cut:]))] if cut else [item]


def _tiled(item: str) -> list[str]:
    """Splits Chinese items without separators: 牛奶面包鸡腿 is three."""
    if item.isascii() or len(item) < 3:
        return [item]
    goods = frozenset(list_words()["goods"]["chinese"])
    reached: dict[int, list[str]] = {0: []}
    for end in range(1, len(item) + 1):
        starts = [at for at in reached if item[at:end] in goods]
        if starts:
            reached[end] = [*reached[min(starts)], item[min(starts) : end]]
    if tiled := reached.get(len(item)):
        return tiled
    rest = reached.get(len(item) - 2, [])  # 牛奶面包黄油: the last is known by those before it
    return [*rest, item[-2:]] if len(rest) > 1 else [item]


def repaired(said: str) -> str:
    """Applies slips of the tongue in an enumeration: 酱油，不对，是生抽 is 生抽."""
    while found := REPAIR.search(said):
        before = re.split(f"({COMMA}|{AND})", said[: found.start()])
        said = "".join(before[:-1]) + said[found.end() :]
    return said
