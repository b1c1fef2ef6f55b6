"""Resolves what a speaker repairs within one utterance: "order A1001, I mean A1008" is "order A1008"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice, pairwise

from assistant.language import detect_language
from assistant.language.script import simplified
from assistant.understanding.entities.finding import find_entities
from assistant.understanding.entities.identifiers import identifier_spans
from assistant.understanding.tokens import with_apostrophes, with_commas

__all__ = ["Corrected", "apply_corrections", "mended"]

MOST = 4
"""repairs of one utterance"""
LONGEST = 2_000
"""characters up to which an utterance is looked at"""
_MARK = re.compile(
    r"(?:[\s,.;:…—–-]|\b|(?<=[^\x00-\x7f]))(?:"
    r"(?P<strong>(?:oh\s+|uh\s+|um\s+|er\s+|ah\s+)?(?:no[\s,]+(?:wait|sorry|i\s+mean|i\s+meant|not\s+that"
    r"|rather|make\s+that|actually)"
    r"|wait[\s,]+no|sorry[\s,]+(?:i\s+mean|i\s+meant|no|make\s+that)|i\s+mean|i\s+meant|i\s+meant\s+to\s+say"
    r"|or\s+rather"
    r"|make\s+(?:that|it)|scratch\s+that|correction|strike\s+that|my\s+mistake|i\s+misspoke|i\s+tell\s+a\s+lie))"
    r"|(?P<weak>(?:oh\s+|uh\s+|um\s+|er\s+|ah\s+)?(?:no|nope|sorry|actually|rather|oops|excuse\s+me|pardon"
    r"|(?:wait|hang\s+on|hold\s+on)(?=\s*[,.;…—-])))"
    r"|(?P<han>(?:哦不|啊不|噢不|不对不对|不对|不是(?=[\s,，。])|不不|错了|说错了|我说错了|我是说|我说的是|我的意思是|更正一下|更正|抱歉|应该是|等等|等一下)"
    r"(?:[\s,，。]*(?:不对|(?:我)?说错了?|错了|我是说|我说的是|应该是|是))*)"
    r")(?![a-z'](?<=[a-z][a-z']))[\s,.;:!，。、；：…—-]*",
    re.IGNORECASE,
)
_ANSWER = re.compile(r"no|actually", re.IGNORECASE)
_LEAD = re.compile(
    r"(?:(?:it'?s|its|it\s+is|it\s+should\s+be|should\s+be|that'?s|make\s+(?:it|that)|to|for|at|on|in|from|by"
    r"|of|the|order|number|item|say|use"
    r"|i\s+mean|i\s+meant|sorry|not\s+that|rather|actually|please|wait|no|是|到|在|给|订单|改成|应该是|我是说|[\u4e00-\u9fff]{1,6}的话)[\s,:，：]*)*",
    re.IGNORECASE,
)
_NOT_THAT = re.compile(
    r"(?P<said>.+?)[\s,;.，。；]+"
    r"(?:(?:sorry|no|oh|wait|actually|i mean|i meant|make that|rather|不对|我是说|应该是|是)[\s,，]*)+"
    r"(?P<new>[^,.;，。；]{1,30})[\s,，]+(?:and )?(?:not|不是)\s*(?P<old>[^,.;!?，。；！？]{1,30})[\s.!。！]*",
    re.IGNORECASE,
)
_NOT_BUT = re.compile(r"(?:\bno[\s,]+)?\bnot\s+|(?:不是|并非)\s*", re.IGNORECASE)
_BUT = re.compile(r"[\s,;，；]*(?:(?:but|it'?s|rather|instead|um|uh|er)\b|而是|是)?[\s,，]*", re.IGNORECASE)
_RELATIVE = re.compile(
    r"the (?:day|week|month|year) (?:after|before)(?: that| it)?\W*$|the (?:next"
    r"|following) (?:day|week)\W*$"
)
"""a repair that only counts on from the day before it, which the date reader does"""
_ANCHORS = frozenset("to for from with at on in by the my a an his her our your their".split())  # noqa: SIM905
_ALIKE = tuple(
    frozenset(words.split())
    for words in (
        "red blue green black white yellow orange purple pink grey gray brown silver gold beige navy",
        "small medium large tiny big huge xs s m l xl xxl",
        "left right middle centre center upper lower front back top bottom inner outer",
        "breakfast lunch dinner supper brunch",
        "him her them me us he she they",
        "celsius fahrenheit kelvin",
    )
)
_NO_NAMES = frozenset(
    (  # noqa: SIM905
        "thanks thank please yes no ok okay bye hello hi sure right well it that this what when where why how who"
        " stop cancel wait never nothing everything i we you now then later"
    ).split()
)


@dataclass(frozen=True)
class Corrected:
    """An utterance with its repairs carried out."""

    text: str
    replaced: tuple[tuple[str, str], ...] = ()
    """(what was said first, what it was replaced by), in order"""


@dataclass(frozen=True)
class _Piece:
    kind: str
    start: int
    end: int
    written: str


def mended(text: str) -> str:
    """An utterance as it was meant: in one script, with its apostrophes and commas, and its repairs carried out."""
    language = detect_language(text)
    spelled = with_apostrophes(text) if language == "en" else with_commas(text)
    return apply_corrections(simplified(spelled) if language == "zh" else spelled).text


def apply_corrections(text: str) -> Corrected:
    """Carries out the repairs that a speaker makes within one utterance.

    A repair replaces the stretch of its own kind that was said last: an identifier, a number, a date, an address (its
    town and postcode stay unless they are repeated), or words of the same sort. A "no" with nothing alike before it
    is no repair: the text then stays as it is, and nothing is reported.
    """
    replaced: list[tuple[str, str]] = []
    while len(replaced) < MOST and len(text) <= LONGEST:
        step = _contrast(text) or _named_again(text) or _misread(text) or _repair(text)
        if step is None:
            break
        text, pair = step
        replaced.append(pair)
    return Corrected(text, tuple(replaced))


Step = tuple[str, tuple[str, str]]


def _pieces(text: str) -> list[_Piece]:
    """The values of a text in order; a spelled identifier is one piece."""
    found = [_Piece(each.kind, each.start, each.end, each.text) for each in find_entities(text)]
    kept = {
        "address",
        "money",
        "money_range",
        "date",
        "date_range",
        "time",
        "datetime",
        "duration",
        "phone",
        "percentage",
    }
    for start, end in identifier_spans(text):
        inside = [each for each in found if each.start < end and start < each.end]
        if not any(each.kind in kept for each in inside):
            found = [each for each in found if each not in inside]
            found.append(_Piece("identifier", start, end, text[start:end]))
    return sorted(found, key=lambda each: each.start)


def _contrast(text: str) -> Step | None:
    """ "not A1001, A1008" and 不是A1001，是A1008: the second is meant. "A1001, not A1002" stays."""
    for match in islice(_NOT_BUT.finditer(text), 2 * MOST):
        pieces = _pieces(text[match.end() :])
        if len(pieces) < 2 or pieces[0].start > 0 or pieces[0].kind != pieces[1].kind:
            continue
        rest = text[match.end() :]
        between = rest[pieces[0].end : pieces[1].start]
        if _BUT.fullmatch(between) and between.strip():
            return text[: match.start()] + rest[pieces[1].start :], (pieces[0].written, pieces[1].written)
    return None


def _named_again(text: str) -> Step | None:
    """ "call Anna, I mean Hannah, not Anna": what is not meant is replaced where it stands."""
    match = _NOT_THAT.fullmatch(text)
    if match is None:
        return None
    said, new, old = match["said"], match["new"].strip(), match["old"].strip()
    edge = r"\b" if old.isascii() else ""
    places = list(re.finditer(f"{edge}{re.escape(old)}{edge}", said, re.IGNORECASE))
    if not places or new.casefold() in said.casefold():
        return None
    start, end = places[-1].span()
    return said[:start] + new + said[end:], (said[start:end], new)


def _repair(text: str) -> Step | None:
    for mark in islice(_MARK.finditer(text), 2 * MOST):
        said, repair = text[: mark.start()], text[mark.end() :]
        answers = mark["weak"] and _ANSWER.match(mark["weak"]) and said.rstrip().endswith(("?", "？"))
        if answers or not said.strip(" ,.;:!?，。") or not repair.strip() or _RELATIVE.match(repair):
            continue
        step = _by_value(said, repair) or _by_words(said, repair, firm=bool(mark["strong"] or mark["han"]))
        if step is not None:
            return step
    return None


def _misread(text: str) -> Step | None:
    """ "check A1001, ah, that was the wrong line, A1008": one value, words about a slip, and another of its kind."""
    pieces = _pieces(text)
    for old, new in (*pairwise(pieces), *zip(pieces, pieces[2:], strict=False)):  # "wrong one" holds a number itself
        gap, rest = text[old.end : new.start], text[new.end :]
        slip = _SLIP.search(gap) and len(gap) <= LONGEST_SLIP and _GAP.match(gap)
        ends = not rest.strip() or _GAP.match(rest) or text[: old.start].endswith(("把", "将"))
        if slip and ends and (put := _fit(old, new)) is not None:
            return _put(text[: old.end], old, put, rest), (old.written, put)
    return None


LONGEST_SLIP = 40
"""characters between a value and the one that is meant"""
_GAP = re.compile(r"[个只件条张本杯]?\s*[,.;:!?…，。；！？—-]")
"""what a value ends with"""
_SLIP = re.compile(
    r"\b(?:oops|whoops|my bad|i lied?|tell a lie|silly me|typo|that'?s wrong|wrong (?:one|line|row|number|button|key)"
    r"|(?:not|forget|ignore) that(?: one)?|mis(?:read|typed|spoke|heard|counted)|(?:mixed|muddled) (?:\w+ )?up"
    r"|(?:got|had|read|said|typed|looked at|looking at) (?:\w+ )?(?:the )?wrong)\b"
    r"|[看说记打念听讲写输弄搞数拿认](?:错|岔|串|混|反|花眼)|串行|口误|手滑|手误|嘴瓢|瞎说",
    re.IGNORECASE,
)
"""says that a slip was made"""


def _by_value(said: str, repair: str) -> Step | None:
    lead = _LEAD.match(repair)
    begins = lead.end() if lead else 0
    new = next((each for each in _pieces(repair)), None)
    if new is None or not 0 <= new.start <= begins:
        return None
    olds = _pieces(said)
    for old in olds[:-1]:
        if old.kind == new.kind and old.written.casefold() == new.written.casefold():  # said again from there on
            return said[: old.start] + repair[new.start :], (
                said[old.start :].rstrip(" ,.;:，。…-—"),
                repair[new.start :],
            )
    for old in reversed(olds):
        if old.kind != new.kind and said[old.end :].strip(" ,.;:，。…—-"):
            continue
        replacement = _fit(old, new)
        if replacement is not None:
            return _put(said, old, replacement, repair[new.end :]), (old.written, replacement)
    return None


_PARTS = {"number", "ordinal"}
_HOLDERS = {"duration", "money", "percentage", "time", "address", "identifier", "date", "datetime", "money_range"}


def _fit(old: _Piece, new: _Piece) -> str | None:
    """Returns the replacement of the old value, or None if the two differ in kind."""
    if old.kind == new.kind:
        return _same_town(old.written, new.written) if new.kind == "address" else new.written
    if {old.kind, new.kind} <= {"date", "date_range", "datetime", "recurrence"} and old.kind != "datetime":
        return new.written
    if new.kind in _HOLDERS - {"address", "identifier", "date"} and old.kind == "number":
        return new.written  # "5 sorry 10 minutes"
    if new.kind == "number" and old.kind in _HOLDERS:
        return _inside(old.written, new.written)
    house = re.match(r"\d+(?=号)", new.written)
    if old.kind == "address" and house:
        return _inside(old.written, house.group())
    if old.kind == "datetime" and new.kind == "time":
        clock = r"(?:\d{1,2}(?:[:.]\d\d)?\s?(?:[ap]\.?m\.?)?|[\d零一二两三四五六七八九十]+[点點时時].*)$"
        return re.sub(clock, new.written, old.written) if re.search(clock, old.written) else None
    return None


def _inside(written: str, number: str) -> str | None:
    """A value with its first number replaced: "5 minutes" and "10" are "10 minutes"."""
    plain = re.search(r"\d[\d.,]*", written)
    if plain:
        return written[: plain.start()] + number + written[plain.end() :]
    first = re.match(r"(?:[a-z]+-)?[a-z]+", written, re.IGNORECASE)
    return number + written[first.end() :] if first else None


def _same_town(old: str, new: str) -> str:
    """The new address with the town and postcode of the old one where it names none."""
    town = re.search(r",\s*\S.*$|\s+\d{4,5}(?:\s+\S+)*$", old)
    return new + town.group() if town and not re.search(r",\s*\S|\s\d{4,5}\b", new) else new


def _put(said: str, old: _Piece, replacement: str, rest: str) -> str:
    after = said[old.end :].rstrip(" ,.;:，。…-—")
    if after.strip() and rest.strip().startswith(after.strip()):
        after = ""  # 三个，不对，四个
    gap = "" if not rest or rest[0] in " ,.;:!?，。；！？'" or not rest[0].isascii() else " "
    return said[: old.start] + replacement + after + gap + rest


def _by_words(said: str, repair: str, firm: bool) -> Step | None:
    """Words for words of the same sort: "to Bob, no wait, Alice", "the red one, no, the blue one"."""
    said = said.rstrip(" ,.;:，。…-—")
    match = re.match(r"[^,.;:!?，。；！？]+", repair)
    if match is None:
        return None
    new, rest = match.group().strip(), repair[match.end() :]
    if re.search("[\u4e00-\u9fff]", new):
        return _by_characters(said, new, rest)
    words, old = new.split(), said.split()
    if not 0 < len(words) <= 5 or words[0].lower().strip("'") in _NO_NAMES:
        return None
    if words[0].lower() in _ANCHORS and len(words) > 1:
        places = [at for at, word in enumerate(old) if word.lower() == words[0].lower()]
        if places and 0 < len(old) - places[-1] - 1 <= 4:
            return _swap(old[: places[-1]], old[places[-1] :], words, rest)
    if len(words) <= 2 and len(old) > 1 and _alike(old, words[0], words, firm):
        return _swap(old[: -len(words)], old[-len(words) :], words, rest)
    return None


def _alike(old: list[str], first: str, words: list[str], firm: bool) -> bool:
    before = old[-len(words)]
    if any(before.lower() in group and first.lower() in group for group in _ALIKE):
        return True
    if len(old) <= len(words) or before.lower() in _NO_NAMES | _ANCHORS:
        return False
    named = before[0].isupper() and first[0].isupper()
    after_preposition = old[-len(words) - 1].lower() in ("to", "for", "with", "from", "call", "text", "message")
    return named or (firm and len(words) == 1 and after_preposition and not first.lower().endswith("ly"))


def _swap(kept: list[str], old: list[str], new: list[str], rest: str) -> Step:
    return " ".join([*kept, *new]) + rest, (" ".join(old), " ".join(new))


def _by_characters(said: str, new: str, rest: str) -> Step | None:
    """Chinese words that begin with the same character: 给小明，不对，给小红; 小明，不对，小红."""
    if len(new) <= 4 and len(said) >= len(new) and new[-1] == said[-1] and new[0] != said[-len(new)]:
        return said[: -len(new)] + new + rest, (said[-len(new) :], new)
    place = said.rfind(new[0])
    if len(new) > 8 or place < 0 or not 1 < len(said) - place <= 8:
        return None
    return said[:place] + new + rest, (said[place:], new)
