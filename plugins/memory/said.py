"""Reads statements and questions about the user, by the patterns of ``said.toml``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant import Sentences

from .people import person_key

__all__ = [
    "Fact",
    "Question",
    "forgets_last",
    "key_of_thing",
    "read_correction",
    "read_forgetting",
    "read_loosely",
    "read_question",
    "read_request",
    "read_telling",
    "read_thing",
    "somebody_in",
]

LONGEST = 300
"""characters that are read"""
MOST_WORDS = 12
NAME_WORDS = 4
_sentences = Sentences(Path(__file__).parent / "said.toml")
_AND = re.compile(
    r"\s*[,，;；。.]\s*(?:and\s+|而且|并且)?(?=(?:i|my|我|he|she|they|his|her|their)\b|[我你他她它今现住在叫]|也|生日|[\d一二三四五六七八九十]+岁)"
    r"|\s+and\s+(?=(?:i|i'm|my|he|she|they|his|her|their|he's|she's)\b)",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"(?P<en>my (?:[a-z]+[- ])??[a-z-]+?)(?:'s|s)? (?:is|name|called|named|lives|works|comes|birthday|turned|just)\b"
    r"|(?P<zh>我(?:的|家的?)?(?![在叫是住的家现今最会])[\u4e00-\u9fff]{1,3}?)(?=叫|住|在|是|今年|现在|的名字|的生日|[\d一二三四五六七八九十]+岁)",
    re.IGNORECASE,
)
"""the subject of a statement about one of the user's people"""
_PRONOUN = re.compile(r"^(?:(?P<its>(?:his|her|their|its)\b)|(?:he|she|they|it)(?='s|\b)|[他她它]的?)", re.IGNORECASE)
_ASK_TAIL = re.compile(
    r"(?:[\s,，]*(?:again|tho|though|by the way|btw|now|then|来着|呀|啊|呢))+(?=\s*[?？。.!]*$)", re.IGNORECASE
)
_LEAD = re.compile(
    r"^(?:(?:hi(?:ya)?|hello|hey|ok(?:ay)?|right|well|so|by the way|btw|oh|also|fyi|just so you know|你好|您好|对了"
    r"|顺便说一下)[\s,，!.！]*)+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:,? (?:now|just so you know|just to let you know|fyi|for your information|if (?:it|that) (?:helps|matters)"
    r"|in case (?:it|that) (?:helps|matters)|in case you(?:'re| are) wondering|by the way|btw|these days"
    r"|at the moment|though|actually|too|nowadays|recently"
    r"|(?:last|this) (?:year|month)|(?:a|two|three|\d+) (?:years?|months?|weeks?) ago|(?<!born )in (?:19|20)\d\d))+$",
    re.IGNORECASE,
)
_AFTERTHOUGHT = re.compile(
    r"(?: now)?, (?:moved|used to|came|been|just|only|originally|previously|having|since)\b.*$", re.IGNORECASE
)
"""behind a place: "I live in York now, moved from Leeds last week" """
_GREETED = re.compile(
    r"(?:[Hh]i(?:ya)?|[Hh]ello|[Hh]ey)(?: there)?[\s,.!]+(?:[Ii]'?m|[Ii] am|[Tt]his is|[Mm]y name's"
    r"|[Ii]t's(?= [A-Z][\w' -]+ here\b)) (?P<en>[A-Z][\w'-]+(?: [A-Z][\w'-]+)?)"
    r"(?:,? (?:here|by the way|btw))*|(?:你好|您好|嗨|哈[喽啰罗])[，,！!\s]*我是(?P<zh>[小老阿][\u4e00-\u9fff]{1,2})"
)
"""says hello and who it is: a name is written with a capital letter"""
_GREETED_HURRIED = re.compile(
    r"(?:hi(?:ya)?|hello|hey)(?: there)?[\s,.!]+i'?m (?!(?:an?|the|at|in|on|from|not|so|really|very|just|new|back|here"
    r"|home|tired|ill|sick|fine|good|ok|okay|sorry|ready|old|sad|happy|late|lost|stuck|bored|hungry)\b)(?P<en>[a-z'-]+)(?P<zh>(?!))?",
)
"""the same without capitals: a name only where more is told behind it"""
_GOES_ON = re.compile(r"(?:\s*[,;.，。；]+\s*(?:and )?|\s+and )(?=\S)")
_NO_NAME = re.compile(
    r".*(?:ish|ese|ench|utch|day)|Back|Home|Here|Sorry|Fine|Good|OK|Ok|Ready|小孩|老师|老板|老人|老外|阿姨"
)


@dataclass(frozen=True)
class Fact:
    """A fact about the user or a person."""

    key: str
    """see `Services.remembered`"""
    value: str


@dataclass(frozen=True)
class Question:
    """A question for facts, or a request to forget them."""

    kind: str
    """"fact", "all", "last", "person" or "thing" """
    key: str = ""


def read_telling(text: str) -> tuple[Fact, ...]:
    """Reads the facts of a sentence that does nothing else; empty otherwise."""
    if len(text) > LONGEST or re.search(r"[?？]\s*$", text):
        return ()
    whole = " ".join(text.split()).replace("’", "'").rstrip(" .!。！")
    said = _TAIL.sub("", _LEAD.sub("", whole))
    for _, groups in _sentences.fitting("called", said):
        if len(groups["value"].split()) <= NAME_WORDS:
            return Fact("name", groups["value"]), Fact("full name", groups["full"])
    for name, groups in _sentences.fitting("moved", said):
        return (Fact(name, groups["value"]),)
    greeted = _GREETED.match(whole) or _GREETED_HURRIED.match(whole)
    if greeted is not None and not _NO_NAME.fullmatch(name := greeted["en"] or greeted["zh"]):
        rest = _GOES_ON.match(whole, greeted.end())
        more = read_telling(whole[rest.end() :]) if rest else ()
        if more or (greeted.end() == len(whole) and greeted.re is _GREETED):
            return Fact("name", name), *more
    facts = [_fact(piece) for piece in _pieces(said)]
    return _named_in_full([fact for fact in facts if fact]) if all(facts) else ()


def read_loosely(text: str, person: str = "") -> tuple[tuple[Fact, ...], tuple[str, ...]]:
    """Reads the facts of a sentence to be remembered, and its statements without a known fact.

    "My sister is called Priya and shes in Toronto, she loves it there" gives two facts and a statement.

    Args:
        person: who "he" or "she" is, by what was said before: "my son".
    """
    facts: list[Fact] = []
    others: list[str] = []
    said = re.sub(r"^(?:and|also|plus)\s+", "", " ".join(text.split()), flags=re.IGNORECASE)
    for piece in _pieces(_TAIL.sub("", _LEAD.sub("", said.rstrip(" .!。！"))), person):
        if fact := _fact(piece):
            facts.append(fact)
        else:
            others.append(piece)
    return _named_in_full(facts), tuple(others)


def _named_in_full(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """Of two names the first is the full one, the last what people say: 我叫何晓彤 叫我小何就行."""
    names = [fact for fact in facts if fact.key == "name"]
    full = {id(fact) for fact in names[:-1]}
    return tuple(Fact("full name", fact.value) if id(fact) in full else fact for fact in facts)


def _plain(text: str) -> str:
    """A sentence with the apostrophes and commas that hurried writers leave out."""
    said = _BARE.sub(_with_apostrophe, text.replace("’", "'"))
    return re.sub(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])", "，", said)


def _with_apostrophe(found: re.Match[str]) -> str:
    first, last = filter(None, found.groups())
    return f"{first}'{last}"


_BARE = re.compile(
    r"\b(he|she|it|who|name|that)(s)\b|\b(i)(m)\b|\b(they|we|you)(re)\b|\b(i|we|they)(ve)\b", re.IGNORECASE
)


def somebody_in(text: str) -> str:
    """Returns the last of the user's people that a text names, as it names them: "my son"; "" for none."""
    person = next((groups["person"] for _, groups in _sentences.fitting("somebody", text)), "")
    return f"{'my ' if person.isascii() else '我'}{person}" if person else ""


def _pieces(said: str, person: str = "") -> list[str]:
    """The statements of a sentence, each with its subject: "my brother's called Tom and he lives in York"."""
    told: list[str] = []
    for piece in (each.strip() for each in _AND.split(_plain(said)) if each.strip()):
        named = _SUBJECT.match(piece)
        if named is not None:
            person = (named["en"] or named["zh"]).strip()
        elif person:
            pronoun = _PRONOUN.match(piece)
            if pronoun is not None:
                piece = f"{person}{chr(39) + 's' if pronoun['its'] else ''}{piece[pronoun.end() :]}"
            elif not piece.isascii() and not piece.startswith("我"):
                piece = person + piece
        told.append(_TAIL.sub("", piece))
    return told


def read_correction(text: str) -> tuple[str, str]:
    """Returns the corrected value, and the old one if stated: 不是小雨，是小语; "" for none."""
    if len(text) > LONGEST or re.search(r"[?？]\s*$", text):
        return "", ""
    said = " ".join(text.split()).replace("’", "'").rstrip(" .!。！")
    found = next((groups for _, groups in _sentences.fitting("corrected", said)), {"value": ""})
    return (found["value"], found.get("old", "")) if len(found["value"].split()) <= NAME_WORDS else ("", "")


def _fact(said: str) -> Fact | None:
    for name, groups in _sentences.fitting("told", said):
        capital = name.endswith(".capital")
        name = name.removesuffix(".capital")
        value = _AFTERTHOUGHT.sub("", groups.get("value", "")).strip(" .\"“”'")
        if not value or len(value.split()) > (NAME_WORDS if name.endswith("name") else MOST_WORDS):
            continue
        if capital and not all(word[0].isupper() for word in re.findall(r"[^\W\d_]+", value) if word != "and"):
            continue
        return Fact(_key(name, groups), value)
    return None


def read_request(text: str) -> str:
    """Returns the fact that a sentence asks to remember: "remember that my locker is 42"; "" if it asks for nothing."""
    said = _sentences.without_courtesies(text)
    return next((groups["rest"] for _, groups in _sentences.fitting("asked_to_remember", said)), "")


def read_thing(text: str) -> Fact | None:
    """A fact of any kind: "my shoe size is 43"."""
    for _, groups in _sentences.fitting("thing_told", " ".join(text.split()).rstrip(" .!。！")):
        return Fact(key_of_thing(groups["thing"]), groups["value"])
    return None


def read_question(text: str, *, anything: bool = False) -> Question | None:
    """Reads a question about the user's facts; None if the sentence asks for something else.

    Args:
        anything: also what only looks like it: "what's my shoe size".
    """
    return _question("asked", "asked_thing" if anything else "", text)


def read_forgetting(text: str) -> Question | None:
    """Reads a request to forget facts; None if the sentence asks for something else."""
    found = _question("forget", "", text)
    if found is not None and found.kind != "thing":
        return found
    said = _sentences.without_courtesies(_ASK_TAIL.sub("", text))
    for _, groups in _sentences.fitting("forget_what", said):
        asked = _question("asked", "", groups["what"])
        if asked is not None and asked.kind == "fact":
            return asked
    return found


def forgets_last(text: str) -> bool:
    """Returns whether the text asks to forget the last fact: "actually no, forget that"."""
    return len(text) <= LONGEST and any(_sentences.fitting("forget_last", text.strip(" .!。！").replace("’", "'")))


def _question(table: str, other: str, text: str) -> Question | None:
    if len(text) > LONGEST:
        return None
    said = _sentences.without_courtesies(_ASK_TAIL.sub("", text))
    for each in filter(None, (table, other)):
        for name, groups in _sentences.fitting(each, said):
            if name in ("all", "last"):
                return Question(name)
            if name == "thing":
                return Question("thing", key_of_thing(groups.get("thing", "")))
            if name == "person":
                return Question("person", person_key(groups.get("person", "")))
            return Question("fact", _key(name, groups))
    return None


def _key(name: str, groups: Mapping[str, str]) -> str:
    if person := groups.get("person", ""):
        return f"{person_key(person)}.{name.partition('.')[2]}"
    return f"favourite {key_of_thing(groups['thing'])}" if name == "favourite" else name


def key_of_thing(said: str) -> str:
    """Returns the key of any other fact."""
    return " ".join(said.lower().replace("'s ", ".").split()).strip(" .?")
