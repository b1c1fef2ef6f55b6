"""Reads what people want of their lists: "put milk, eggs and two loaves on my shopping list", 鸡蛋买好了，划掉."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, cast

from .items import ARTICLE, list_words, run_on, split_items
from .keeping import key_of
from .said import fitting, without_courtesies, without_fillers

__all__ = [
    "NAMES_LIST",
    "Do",
    "Wish",
    "chinese_name",
    "found_among",
    "holds_things",
    "is_kind",
    "kind_of",
    "left_off",
    "list_kinds",
    "loose_items",
    "own_lists",
    "present",
    "read_after",
    "read_wish",
    "surely_missing",
    "unwanted_items",
]

Do = Literal[
    "add", "read", "tick", "remove", "clear", "delete", "make", "which", "change", "spare", "instead", "swap", "back"
]

LONGEST = 500
"""characters that are read"""
PRONOUNS = frozenset(
    {"it", "them", "that", "this", "those", "everything", "all", "something", "它", "这个", "那个", "这些", "那些"}
)
NAMES_LIST = re.compile(r"\blists?\b|清单|单子", re.IGNORECASE)
SPARED = re.compile(
    r",?\s*\b(?:(?:but|and) (?:not|no|don't (?:add|put|include)|without)|(?:but |and )?leave out|except"
    r"|apart from)\b(?:(?! (?:to|on|onto) (?:my|the|our)\b)[^,.;])*|[,.;]\s*(?:and |but )?(?:not|no)\s+(?!wait\b"
    r"|sorry\b|i\b|that\b|more\b|longer\b)(?:the |any )?[a-z]+(?: [a-z]+)?(?=\W*$)|[，,]?\s*(?:但|但是|不过)?(?:不要"
    r"|别加|别放|不用)[^，,。；]*",
    re.IGNORECASE,
)
"""what is said to stay off a list"""
MORE = re.compile(
    r"(?:oh )?(?:and|also|plus)(?: also)? (?P<items>[^?]{1,60}?)(?: (?:too|as well|also|please))*[.!]?"
    r"|(?:还有|以及|再来|再加)(?:一点|一些|点|些)?(?P<items_zh>[^?？]{1,30}?)(?:吧)?[。！]?",
    re.IGNORECASE,
)
"""more of the same: "and oat milk" """
AND_READ = re.compile(
    r"[\s,;]*(?:and|then)\s+(?:then )?(?:what(?:'s| is)(?: still| now)? on it"
    r"|read (?:it|them|that|the list|everything)?(?: ?(?:back|out|again))*(?: to me)?"
    r"|(?:tell|show) me (?:what(?:'s| is) on it|the list|it))(?: now)?[\s.?!]*$"
    r"|[，,\s]*(?:然后|再|并|顺便)?(?:给我|帮我)?(?:念|读)(?:一遍|一下|给我听听?|出来|念|读)+[吧。！\s]*$",
    re.IGNORECASE,
)
"""asks to hear the list, behind what is to be put on it"""
NO_NAME = frozenset(
    {
        *("the", "my", "our", "a", "an", "this", "that", "new", "first", "second", "whole", "entire", "same"),
        *("it", "there", "我", "我的", "我们", "咱们", ""),
    }
)


@dataclass(frozen=True)
class Wish:
    """A change to a list, or a request to read it."""

    do: Do
    name: str = ""
    """which list, as `kind_of` names it; "" where none is named"""
    items: tuple[str, ...] = ()
    new: str = ""
    """what stands in place of an item's number"""
    read: bool = False
    """the list is to be read too"""


def kind_of(name: str) -> str:
    """The name that a list is kept under, whichever language it is named in."""
    plain = " ".join(name.lower().split()).strip(" -'“”\"")
    plain = re.sub(
        "^(?:看看|看一?下|查看|念一?下|读一?下|打开|现在|目前|当前|眼下|此刻|这会儿|到现在|今天|那|那么|我)+的?(?=.|$)",
        "",
        plain,
    )
    plain = "" if plain in NO_NAME else plain
    return next((kind for kind, names in list_words()["kinds"].items() if plain in names), plain)


def list_kinds() -> frozenset[str]:
    """The names of the kinds of lists."""
    return frozenset(list_words()["kinds"])


def is_kind(name: str) -> bool:
    """Returns whether the name can only be the user's own list: a shopping list, or just "the list"."""
    return not name or name in list_words()["kinds"]


def holds_things(name: str) -> bool:
    """Returns whether the list holds things, so that no item is a clause."""
    return not name or name in list_words()["splits"]["things"]


def chinese_name(name: str) -> str:
    """A list's name in Chinese."""
    return str(list_words()["chinese"].get(name, f"{name}清单"))


def found_among(said: str, items: Sequence[str]) -> list[str]:
    """The items that a few words mean: "bread" means "two loaves of bread"; the nearest alone where one is equal."""
    if equal := [item for item in items if key_of(item) == key_of(said)]:
        return equal
    wanted = _stems(said)
    return [item for item in items if wanted and (wanted <= _stems(item) or (not said.isascii() and said in item))]


def _stems(text: str) -> set[str]:
    return {re.sub(r"(?:es|s)$", "", word) for word in re.findall(r"[^\W_]+", key_of(text))}


BETWEEN_LISTS = re.compile(r"[,，.;；。]\s*(?:and\s+)?|\s+and\s+(?=[^,.]*\b(?:on|to|onto) [^,.]*\blist)", re.IGNORECASE)
ANOTHER_CLAUSE = re.compile(
    r"\b(?:can|could|would|will) you\b|\b(?:i|i'm|i've|he|she|they|we)\b|\b(?:been|swallowing|hurts?|is|are|was"
    r"|were)\b|^(?:no|not) \w|[我你他她].{0,4}(?:了|在|是)",
    re.IGNORECASE,
)
"""what no thing on a shopping list is called by"""


@lru_cache(64)  # every intent about lists asks it of the same words
def read_wish(text: str) -> Wish | None:
    """Reads a request about a list; None if the sentence names no list or several."""
    if len(text) > LONGEST:
        return None
    if (both := AND_READ.search(text)) is not None and both.start():
        wish = read_wish(text[: both.start()])
        if wish is not None and wish.do == "add":
            return replace(wish, read=True)
    for said in dict.fromkeys((SPARED.sub(" ", text).strip(), text)):
        readings = (_read(cast(Do, do), groups) for do, groups in fitting("lists", without_courtesies(said)))
        wish = next(filter(None, readings), None)
        if wish is not None and (said == text or wish.do == "add"):
            return wish
    return None


def own_lists(text: str) -> list[str]:
    """The clauses of a request that put things on several lists, one for each; [] where it names fewer than two."""
    clauses = [each for each in BETWEEN_LISTS.split(text) if each.strip()] if len(text) <= LONGEST else []
    wishes = [read_wish(each) for each in clauses]
    names = [wish.name for wish in wishes if wish is not None and wish.do == "add" and wish.name]
    return clauses if len(set(names)) == len(clauses) > 1 else []


def left_off(text: str) -> tuple[str, ...]:
    """Returns the items that the request excludes."""
    lead = r"^\W*(?:(?:but|and|not|no|without|the|any)\b\s*|但是?|不过|不要|别加|别放|不用)*"
    found = (re.sub(lead, "", each.group()).strip(" .,!?。，") for each in SPARED.finditer(text))
    return tuple(filter(None, found))


def read_after(text: str) -> Wish | None:
    """Reads a follow-up to the last list: "and bananas", "got the cheese", 还剩什么没做."""
    if len(text) > LONGEST:
        return None
    said = " ".join(without_fillers(text).split()).replace("’", "'").strip(" .!?。！？")
    said = re.sub(r"^(?:n|'n'?|&)(?= [a-z])", "and", said)
    for words in dict.fromkeys((said, without_courtesies(text))):
        for do, groups in fitting("after_list", words):
            items = split_items(groups.get("items", ""))
            if did := groups.get("did"):
                items = tuple(f"{present(did)} {ARTICLE.sub('', item)}" for item in items)
            if do == "add" and any(ANOTHER_CLAUSE.search(each) for each in items):
                continue
            if do in ("read", "clear", "back") or (items and not any(each.lower() in PRONOUNS for each in items)):
                name = kind_of(groups.get("name", ""))
                named = name if is_kind(name) or do == "add" else ""
                return Wish(cast(Do, do), named, items, groups.get("new", ""))
    return None


def present(verb: str) -> str:
    """Converts a past verb to the form on a list: "fixed" becomes "fix"."""
    plain = verb.lower()
    known = list_words()["past"].get(plain)
    return known or re.sub(r"([^aeiou])\1ed$", r"\1", plain).removesuffix("ed") or plain


def _read(do: Do, groups: Mapping[str, str]) -> Wish | None:
    named = "" if do == "make" and (groups.get("name") or "") in ("", "new") else groups.get("name")
    name, said = kind_of(named or groups.get("topic", "")), groups.get("items") or groups.get("run", "")
    # "milk to the shopping list and eggs to the packing list" is two requests.
    elsewhere = name not in list_words()["kinds"] and re.search(r"\blists?\b|\b(?:to|on|from|off|and)\b|清单", name)
    if elsewhere or re.search(r"\blists?\b|清单|单子", said):
        return None
    if re.search(r"\w (?:my|our) \w", name):  # "camping my camping"
        return None
    if do == "add" and re.search(r"\S\W+(?:and )?(?:put|add) \w", said):  # "since lunch, and put rice": two things said
        return None
    items = split_items(said, "" if groups.get("both") else name)
    if "run" in groups and len(items) == 1:  # "shopping list tomatoes onions rice"
        items = tuple(run_on(items[0]))
    if do in ("add", "tick", "remove", "swap") and (not items or any(each.lower() in PRONOUNS for each in items)):
        return None
    if name in ("", *list_words()["splits"]["things"]) and any(ANOTHER_CLAUSE.search(each) for each in items):
        return None  # "my throat has been sore, and can you put lozenges on the shopping list"
    return Wish(do, name, items, groups.get("new", ""))


def surely_missing(text: str) -> Wish | None:
    """Returns the missing items that should be added: "we're out of milk, add it" or 家里没纸巾了，帮我记上."""
    if len(text) > LONGEST:
        return None
    found = (split_items(groups["items"]) for _, groups in fitting("surely_missing", without_courtesies(text)))
    items = next(found, ())
    return Wish("add", "shopping", items) if items and not any(each.lower() in PRONOUNS for each in items) else None


def unwanted_items(text: str) -> Wish | None:
    """Returns the items to tick off or remove when no list is named; None if no item is named."""
    readings = (
        (cast(Do, do), split_items(groups["items"])) for do, groups in fitting("unwanted", without_courtesies(text))
    )
    named = ((do, items) for do, items in readings if items and not any(each.lower() in PRONOUNS for each in items))
    return next((Wish(do, "", items) for do, items in named), None)


def loose_items(text: str) -> tuple[str, ...]:
    """More of the same, of words such as "and oat milk"; empty where they name nothing."""
    if NAMES_LIST.search(text):
        return ()
    more = MORE.fullmatch(text.strip())
    return split_items(more["items"] or more["items_zh"]) if more else ()
