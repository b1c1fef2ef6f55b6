"""Reads what shall be put on a list from all clauses of a turn, once it is sure that something shall.

"We're out of washing up liquid and i'd kill for some crisps, stick them on the list": what a clause needs, what it
puts, and what it spares are told apart, and the words around the things are taken away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from .items import split_items
from .list_reading import Wish, kind_of, list_kinds
from .listing_chinese import FORBIDS, ONTO, PRONOUN, read_chinese
from .said import without_courtesies, without_fillers

__all__ = ["Listed", "listed"]

LONGEST = 500
"""characters that are read"""
HAN = re.compile(r"[\u4e00-\u9fff]")
NAME = (
    r"(?:(?:the|my|our|me|a|an|this|that) )?(?:(?P<name>(?:new )?[\w'-]+(?: [\w'-]+)?) )?(?:lists?|lsit)\b|(?:the "
    r"|my |our )?(?P<bare>shoppin?g?|groceries|to-?do|to do)\b(?! \w+ing\b)"
)
VERBS = (
    r"(?:add|put|stick|pop|chuck|throw|write|jot|bung|whack|slap|include|drop|get|log|pen"
    r"|enter|shove|place|note|whack|plonk|sling|want|need|have)"
)
COMMAND = re.compile(
    rf"\b{VERBS}\b(?: down| in| also| me)*\s+(?P<items>.*?)\s*(?:\b(?:on to|onto|on|to|in"
    rf"|into|down on|2)\b\s*)(?:{NAME})",
    re.IGNORECASE,
)
PLAIN = re.compile(rf"^(?P<items>[^?]+?)\s+(?:on to|onto|on|to) (?:{NAME})\W*$", re.IGNORECASE)
CLAUSE = re.compile(r"\b(?:i|we|it|that|they|he|she|should|go|goes|need|needs|belongs?)\b", re.IGNORECASE)
TOPIC = re.compile(
    r"\b(?:a |the |my )?(?:new )?list (?:for|called|named) (?:the |my |a )?"
    r"(?!(?:me|us|you|now|today)\b)([\w']+)\s*[.:,]\s*(?=\w)",
    re.IGNORECASE,
)
COMMAND_BEHIND = re.compile(
    rf"\b{VERBS}\b(?: down| in| also)*\s+(?:on to|onto|on|to|in|into) (?:{NAME})\s*[:,-]?\s*(?P<items>.+)",
    re.IGNORECASE,
)
HEAD = re.compile(
    rf"^(?:(?:start|make|create|begin|open)(?: me)? )?(?:{NAME})(?:\s*[:,-]\s*|\s+(?:with|please add|add|needs?"
    rf"|should have)\s+|\s+)(?P<items>(?!(?:of|is|was|has|app|for|on|in|called|named)\b).+)",
    re.IGNORECASE,
)
PUT = re.compile(rf"\b{VERBS}\b(?: also)?\s+(?P<items>.+?)(?: (?:down|on|in|there|on there|on it))?\W*$", re.IGNORECASE)
LINK = (
    r"(?:and|but|so|oh|also|plus|then|please|pls|actually|sorry|wait|no|because|cos|cause|since|as|though|well|hey|ok"
    r"|and then|can you|could you|would you|will you|maybe|just)"
)
LINKS = re.compile(rf"^(?:{LINK}\b[\s,]*)+", re.IGNORECASE)
STARTS = (
    rf"(?:(?:{LINK}) )*(?:i|we|i'm|we're|i'd|we'd|i've|we've|ive|weve|i'll|we'll|there's"
    rf"|theres|it's|its|they|they're|he|she|mum|dad|"
    r"(?:the|my|our) (?:kids?|wife|husband|boys?|girls?|lads?)|can|could|please|put|add"
    r"|stick|pop|chuck|throw|bung|write|jot|skip|leave|don't|dont|do not|never|not|forget"
    r"|scratch|get (?:it|them|that|those|both)|"
    r"[\w' ]{2,30}(?:'s| is| are|s) (?:nearly|almost|all|about|running|gone|finished|out|empty|low))\b"
)
CLAUSES = re.compile(
    rf"[.;!?\n]+\s*|\s*,\s*(?={STARTS})|\s+(?=(?:and|but|so|oh|because|cos|since|actually"
    rf"|though)\s+{STARTS})|\s+(?=(?:oh )?(?:and |but )?not the\b)",
    re.IGNORECASE,
)
PEOPLE = re.compile(r"(?:i|we|you|he|she|they|mum|dad|i'm|we're)", re.IGNORECASE)
REMOVES = re.compile(
    r"\b(?:get rid of|clear (?:out|off)|wipe|empty|bin|scrap|chuck out|throw (?:out|away))"
    r" (?:everything|all|it all|the|my|our)\b",
    re.IGNORECASE,
)
SPARE = re.compile(
    r"^(?:not|no need for|no|skip|leave(?: out| off)?|forget|scratch|drop|lose|without|minus|except(?: for)?"
    r"|apart from|never mind|(?:you )?(?:don't|dont|do not) (?:add|put|need|get|want|bother with)|(?:i|we) (?:don't"
    r"|dont|do not) (?:need|want))\b\s*(?:about |on )?(?:the |any |that |those |more )?(?P<items>[a-z].*)",
    re.IGNORECASE,
)
BEHIND = re.compile(
    r"[\s,]*\b(?:(?:as |cos |because |since |cause )?(?:i|we|mum|dad|she|he|they)(?:'ve| have|'re| are|ve|'s"
    r"| has)?\b(?= (?:still |already |got|have|has|had|bought|running|run|out|need|don't|dont))|cos|because|since"
    r"|off|out|after all|actually|today|on it|please|pls).*$",
    re.IGNORECASE,
)
NEEDS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in (
    (r"\b(?:i|we|i'd|we'd|i'll|mum|the kids|everyone|he|she|they)?\s*(?:kill for|die for"
        r"|fancy|could do with|love some|want|wants|need|needs|would like|must (?:buy|get)"
        r"|have to (?:buy|get)|should (?:buy|get)|gotta get|to buy|buy|pick up"
        r"|grab)(?: to (?:buy|get|pick up))? (?P<items>(?!to\b).+)"),
    (r"\b(?:out of|low on|short of|run out of|short on|no more|not got any|haven't got any"
        r"|don't have any|havent any|used up(?: all)?|finished|used the last of"
        r"|ran out of)(?: the| our| any| all)? (?P<items>.+)"),
    (r"\b(?:got|have|there's|theres|there is"
        r"|there are)? ?no (?:more )?(?P<items>.+?)(?: left| at all| in the house"
        r"| any ?more)*$"),
    (r"^(?:the |our |my )?(?P<items>[\w' -]+?)(?:'s|'re| is| are| has| have)?(?: (?:nearly"
        r"|almost|all|about|just|already|run|running|also|too|getting|a bit))* (?:gone"
        r"|finished|empty|out|low|over|done)$"),
))  # fmt: skip
TAILS = re.compile(
    r"(?:[\s,]+(?:too|as well|also|please|pls|both|now|then|ta|thanks|cheers|mate"
    r"|while you're at it|for me|if you can|quickly|down))+\W*$",
    re.IGNORECASE,
)
DETERMINERS = re.compile(
    r"^(?:(?:some|that|those|these|the|more|any|also|and|with|another lot of|a bit of)\s+)+(?=\w)", re.IGNORECASE
)
PAIRS = re.compile(
    r"\b(mac|salt|fish|half|head|bed|gin|rum|sweet|cookies|ham|cut) (?:and|n|&) (cheese"
    r"|vinegar|chips|half|shoulders|breakfast|tonic|coke|sour|cream)\b",
    re.IGNORECASE,
)
JOIN = "\ue000"
"""stands for "and" within the name of one thing"""


@dataclass
class Listed:
    """Items to add to a list, and items to keep off it."""

    name: str = ""
    items: list[str] = field(default_factory=list)
    spared: list[str] = field(default_factory=list)
    put: bool = False
    """it names a list, and says to put things there"""

    def wish(self) -> Wish:
        """The same as a wish."""
        return Wish("add", self.name, tuple(self.items))


def puts_on_list(text: str) -> bool:
    """Returns whether a turn surely adds to a list: it names one and says to add things."""
    found = listed(text)
    return found is not None and found.put and not ASKS.search(text)


ASKS = re.compile(
    r"[?？吗]|\b(?:what|whatever|whether|tick|check|read|tell)\b|[写开打]一?张单|^\W*(?:is|are|was|did|do|does|have|has|had"
    r"|what|which|who|why|how|when|where|take|remove|delete|tick|cross|clear|empty|read"
    r"|show)\b|删|划|勾|清空|念|读|看看|有没有|什么|哪|啥|提醒",
    re.IGNORECASE,
)


def listed(text: str) -> Listed | None:
    """Returns the items that a turn adds and those it excludes; None if it names none."""
    if len(text) > LONGEST or REMOVES.search(text):
        return None
    found = Listed()
    if HAN.search(text):
        read_chinese(text, found)
    else:
        _read_english(text, found)
    found.items = list(dict.fromkeys(_left(found.items, found.spared)))
    return found if found.items else None


def _left(items: Sequence[str], spared: Sequence[str]) -> Iterator[str]:
    """The items without those that are spared; "cheese ham" without ham is cheese."""
    for item in items:
        for out in spared:
            item = re.sub(
                rf"(?:^|(?<=\s))(?:the )?{re.escape(out)}(?=\s|$)" if out.isascii() else re.escape(out),
                "",
                item,
                flags=re.IGNORECASE,
            ).strip()
        if item:
            yield item


def _read_english(text: str, found: Listed) -> None:
    said = PAIRS.sub(lambda pair: f"{pair[1]} {JOIN} {pair[2]}", without_fillers(text).replace("’", "'"))
    said = re.sub(r"(?<=[a-z]) n (?=[a-z])", " and ", said)
    topic = TOPIC.sub(lambda list_: f"{list_[1]} list: ", said)
    said = topic if TOPIC.search(said) else said
    needed, put, open_ = list[str](), False, False
    for clause in filter(None, map(str.strip, CLAUSES.split(said))):
        bare = LINKS.sub("", clause).strip(" ,")
        if not bare:
            continue
        if FORBIDS.match(bare):
            found.spared += _things(FORBIDS.sub("", ONTO.sub("", bare)), "")
        elif (spare := SPARE.match(bare)) is not None and not re.search(r"\blist\b", spare["items"]):
            found.spared += _things(BEHIND.sub("", spare["items"]), "")
        elif (
            command := COMMAND.search(bare) or COMMAND_BEHIND.search(bare) or HEAD.search(bare) or PLAIN.search(bare)
        ) is not None:
            groups = command.groupdict()
            if command.re is PLAIN and (verb := CLAUSE.search(groups["items"])):
                subject = groups["items"][: verb.start()].strip()
                groups["items"] = subject if subject and not re.search(r"\b(?:i|we)\b", subject) else "it"
            found.name = found.name or kind_of(_name(groups.get("name") or groups.get("bare") or ""))
            before = bare[: command.start()]
            said_items = groups["items"]
            behind = bare[command.end() :].strip(" ,")
            put = True
            found.put = (
                found.put
                or command.re is not HEAD
                or ":" in command[0]
                or bool(re.match(r"to-?do\b", command[0], re.IGNORECASE))
            )
            if PRONOUN.fullmatch(said_items.strip()):
                needed += _needs(before)
            else:
                found.items += _things(said_items, found.name)
                if command.re is COMMAND and behind and not BEHIND.match(" " + behind):
                    found.items += (
                        _things(LINKS.sub("", behind), found.name) if re.match(r"(?:and|also|plus)\b", behind) else []
                    )
            open_ = bool(found.items)
        elif needs := _needs(bare):
            needed += needs
        elif (command := PUT.search(bare)) is not None:
            put = True
            found.items += [] if PRONOUN.fullmatch(command["items"]) else _things(command["items"], "")
        elif open_ and not re.search(r"\b(?:i|we|he|she|they|it|is|are|was|you)\b|'s\b|'re\b", bare):
            found.items += _things(bare, found.name)
    if put or not found.items:
        found.items += needed


def _name(said: str) -> str:
    """A list's name without what is said before it: "to my new shopping"."""
    words = re.sub(r"^(?:the|my|our|a|an|new|this|that|me)\s+", "", said.lower()).split()
    for size in (2, 1):
        if kind_of(" ".join(words[-size:])) in list_kinds():
            return " ".join(words[-size:])
    if words and (near := get_close_matches(words[-1], list_kinds(), 1, 0.8)):
        return near[0]
    return " ".join(words[-1:])


def _needs(clause: str) -> list[str]:
    said = TAILS.sub("", clause)
    for pattern in NEEDS:
        if match := pattern.search(said):
            things = _things(BEHIND.sub("", match["items"]), "")
            return [] if any(PRONOUN.fullmatch(each) or PEOPLE.fullmatch(each) for each in things) else things
    return []


def _things(said: str, name: str) -> list[str]:
    said = TAILS.sub("", without_courtesies(said, ends=False)).strip(" ,")
    said = re.sub(r"^(?:in |on )?(?:for (?:the |my )?[\w']+(?: [\w']+)?,? )?(?:i|we)? ?(?:want|need|get) ", "", said)
    name = "" if name != "to-do" else name
    said = (
        said
        if name
        else re.sub(r"^(?:please )?(?:buy|get|pick up|grab)(?: me| us)? (?=\w)", "", said, flags=re.IGNORECASE)
    )
    return [
        DETERMINERS.sub("", TAILS.sub("", each)).replace(JOIN, "and")
        for each in split_items(said, name)
        if each and not PRONOUN.fullmatch(each)
    ]
