"""Reads what a question about a picture asks for: an aspect, one thing, or kinds of things."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from assistant import Services

from .colours import COLOURS
from .things import Thing, Things
from .wording import Language, language_of

__all__ = [
    "Aspect",
    "alternatives",
    "asks_to_read",
    "asks_whether",
    "aspect_of",
    "colour_named",
    "thing_meant",
    "things_named",
]

Aspect = Literal["all", "colour", "text", "count", "compare", "person", "where", "light", "style"]

_ASPECTS: tuple[tuple[Aspect, str], ...] = (
    ("count", r"\bhow many\b|\bcount\b|\bnumber of\b|多少[个只辆条人头匹张]|几[个只辆条位头匹张]|数一?数|有多少"),
    ("colour", r"\bcolou?r(?:s|ed)?\b|什么颜?色|颜色|哪种颜?色"),
    ("compare", r"\bcompar\w+|\bdiffer\w*|\bthese two\b|\bboth\b|\bthe two\b|比较|对比|不同|区别|一样吗|两[张幅个]"),
    (
        "text",
        r"\bread\b|\bwrit\w+|\btext\b|\bwords?\b|\bletters?\b|\bsays?\b|\binscription\b|念|读|写[了着的]|文字|的字|什么字",
    ),
    ("person", r"\bwho(?:'?s|se)?\b|\b(?:he|she|they)\b|\bsmil\w+|\bhow old\b|谁|[他她]|微笑|几岁|多大年纪"),
    ("where", r"\bwhere(?:abouts)?\b|\bwhich (?:side|corner|part)\b|哪里|哪儿|什么位置|哪边|哪一?边"),
    (
        "light",
        (
            r"\b(?:day ?time|night ?time|night|daylight|dark|bright(?:er|ness)?|light(?:ing)?|lit|exposed)\b"
            r"|白天|晚上|夜里|亮|暗|光线"
        ),
    ),
    (
        "style",
        (
            r"\b(?:drawing|drawn|painting|painted|sketch|cartoon|screenshot|black[- ]and[- ]white|colourless)\b"
            r"|\bwhat (?:kind|type|sort) of (?:picture|photo\w*|image)\b|\b(?:size|resolution|pixels)\b"
            r"|画的吗|还是画|黑白|哪种图|什么图|分辨率|多大的图"
        ),
    ),
)
_WRITING = (
    r"(?:text|writing|words?|letters?|print|page|sheet|notice|note|sign|label|poster|leaflet|flyer|card|postcard|scan"
    r"|screenshot|screen|document|paper|slip|sticker|menu|packet|message|handwriting|board|whiteboard|blackboard)"
)
_THE_WRITING = rf"(?:this|that|the|my|all (?:of )?(?:this|the))\s+(?:(?!till|sales|pay)\w+\s+)?{_WRITING}"
_THIS = rf"(?:{_THE_WRITING}|this|that|it|these|those)"
_IN_IT = r"(?:\s+(?:here|there|(?:in|on|from|of)\s+(?:it|(?:this|that|the|my)\s+(?:\w+\s+)?\w+)))?"
_ASKS = (
    rf"read {_THIS}{_IN_IT}(?:\s+(?:out|aloud|out loud|to me|for me))*",
    rf"read (?:out|aloud) (?:{_THIS}|what(?:'s| is)? .{{1,40}})",
    r"read (?:me )?(?:what (?:it|this|that) says|what(?:'s| is) (?:written|printed|there))",
    rf"(?:transcribe|ocr|decipher) {_THIS}{_IN_IT}",
    rf"(?:tell me )?what(?:'s| is| does| do)?\s+{_THIS}\s+says?{_IN_IT}",
    rf"(?:tell me )?what(?:'s| is) (?:written|printed){_IN_IT}",
    rf"(?:tell me )?what(?:'s| is) on (?:this|that|the) {_WRITING}",
)
_ON_IT = "(?:这|那|图|照片|它|牌子|标签|纸|上|里|张|页|份|封|个|面|片|是|的|都|字|文字|内容)*"
_ASKS_IN_CHINESE = (
    rf"{_ON_IT}(?:写|印)(?:了|着|的)(?:是)?(?:些)?(?:什么|啥)(?:字|内容)?",
    rf"{_ON_IT}(?:念|读)(?:一下|一遍|出来|给我听|给我|出)*{_ON_IT}(?:吧|好吗)?",
)
_READS = re.compile(
    r"\W*(?:(?:please|ok(?:ay)?|hey|so|and|now|just|hi)\W+)*"
    r"(?:(?:can|could|would|will) you (?:please )?|i(?:'d| would) like you to )?"
    rf"(?:{'|'.join(_ASKS)})(?:\W+please)?\W*"
    rf"|\W*(?:请|麻烦)?(?:你)?(?:帮我|给我|替我)?(?:把)?(?:{'|'.join(_ASKS_IN_CHINESE)})\W*",
    re.IGNORECASE,
)
"""a whole sentence that wants the writing itself, whatever sort of page it stands on"""
_WHETHER = re.compile(
    r"^\W*(?:(?:so|and|well|please|can you (?:see|tell))\W+)*(?:is|are|was|were|does|do|can|has|have|isn't|aren't)\b"
    r"|\bany\b|\bif there\b|有没有|是不是|吗[？?]?\s*$|有.*吗",
    re.IGNORECASE,
)
_CHOICE = re.compile(r"\bor\b|还是|或者")
_WORD = re.compile(r"[a-z][a-z'-]+", re.IGNORECASE)
_WORDS = (
    "a an the this that these those it its is are was were be do does did of in on at to for from by with and"
    " or not what which who where when how many much colour color colours colors coloured colored kind type"
    " sort name here there picture photo image photograph pic see show shows shown tell me my your you i can"
    " could would please any some have has he she they his her their look looks like thing things object one"
    " two main called"
)
_FUNCTION = frozenset(_WORDS.split())
"""words that name no thing"""
_CHINESE_FUNCTION = re.compile(
    "什么|颜色|哪种|哪个|这张?|那张?|图片?|照片|里面?|上面?|中|有没有|是|的|吗|呢|请问?|在|哪里|哪儿|它|[，。？！?!,. ]"
)
NEAR = 0.6
"""cosine similarity from which an unknown noun is taken for the thing that is nearest in meaning"""


def aspect_of(text: str, default: Aspect = "all") -> Aspect:
    """Returns the aspect of a picture that a question asks for."""
    lowered = text.lower()
    found: Aspect = next((aspect for aspect, pattern in _ASPECTS if re.search(pattern, lowered)), default)
    return "colour" if found == "all" and colour_named(text) and _WHETHER.search(text) else found


def asks_to_read(text: str) -> bool:
    """Returns whether the text asks only to read the writing in a picture."""
    return bool(_READS.fullmatch(text))


def asks_whether(text: str) -> bool:
    """Returns whether a question wants yes or no."""
    return bool(_WHETHER.search(text)) and not _CHOICE.search(text.lower())


def colour_named(text: str) -> str:
    """The first colour that words name; "" for none."""
    lowered = text.lower().replace("gray", "grey")
    found = [
        (place, name)
        for name, chinese in COLOURS.items()
        for place in (_place(name, lowered), lowered.find(chinese[:-1] + "色"))
        if place >= 0
    ]
    return min(found)[1] if found else ""


def _place(word: str, text: str) -> int:
    found = re.search(rf"\b{word}\b", text)
    return found.start() if found else -1


def things_named(text: str, things: Things) -> list[Thing]:
    """The things whose names stand in a text, in its order; the longest name wins where several fit."""
    lowered = " " + " ".join(_WORD.findall(text.lower())) + " "
    found: list[tuple[int, int, Thing]] = []
    for thing in things.all:
        names = _english_names(thing) if language_of(text) == "en" else ()
        places = [(lowered.find(f" {name} "), len(name)) for name in names]
        places += [(text.find(name), len(name)) for name in re.split("[或、]", thing.chinese)]
        found += [(place, length, thing) for place, length in places if place >= 0]
    kept: list[tuple[int, int, Thing]] = []
    for place, length, thing in sorted(found, key=lambda each: (-each[1], len(each[2].classes))):
        if all(place + length <= p or p + n <= place for p, n, _ in kept):
            kept.append((place, length, thing))
    return [thing for _, _, thing in sorted(kept, key=lambda each: each[0])]


@lru_cache(maxsize=1024)
def _english_names(thing: Thing) -> tuple[str, ...]:
    """The nouns of a thing's name, and its classes' names, in singular and plural."""
    bare = [re.sub(r"^(?:an?|the) ", "", each) for each in re.split(r", | or | and ", thing.english)]
    names = {*bare, *(name.lower() for name in thing.classes if len(thing.classes) < 40)}
    return tuple(sorted(names | {each for name in names for each in _plurals(name)}))


def _plurals(name: str) -> Sequence[str]:
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return (f"{name[:-1]}ies",)
    return (f"{name}s", f"{name}es", f"{name[:-1]}ves" if name.endswith("f") else f"{name}s")


def alternatives(text: str, things: Things) -> list[Thing]:
    """The things between which a question chooses ("is it a horse or a cow"); [] when it does not."""
    named = things_named(text, things)
    return named if len(named) > 1 and _CHOICE.search(text.lower()) else []


async def thing_meant(text: str, things: Things, services: Services) -> tuple[Thing | None, str]:
    """The thing a question is about, and the noun it names it by; None with the noun where it is not a thing known."""
    named = things_named(text, things)
    if named:
        return named[-1], named[-1].english
    noun = _noun(text, language_of(text))
    if not noun:
        return None, ""
    vectors = await services.encode_text([noun, *(thing.english for thing in things.all)])
    scores = vectors[1:] @ vectors[0]
    best = int(scores.argmax())
    return (things.all[best] if float(scores[best]) >= NEAR else None), noun


def _noun(text: str, language: Language) -> str:
    if language == "en":
        words = [word for word in _WORD.findall(text.lower()) if word not in _FUNCTION and word not in COLOURS]
        return " ".join(words[-2:])
    return re.sub(r"^[这那一]?[辆只个件把条朵]", "", _CHINESE_FUNCTION.sub("", text))
