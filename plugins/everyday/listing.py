"""Reads what shall be put on a list from all clauses of a turn, once it is sure that something shall.

"We're out of washing up liquid and i'd kill for some crisps, stick them on the list": what a clause needs, what it
puts, and what it spares are told apart, and the words around the things are taken away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from .list_reading import Wish, kind_of, list_kinds, repaired, split_items
from .said import without_courtesies, without_fillers

__all__ = ["Listed", "listed"]

LONGEST = 500
"""characters that are read"""
HAN = re.compile(r"[\u4e00-\u9fff]")
PRONOUN = re.compile(
    r"(?:both|all|them|those|these|it|that|this|everything|the lot)(?: (?:of (?:them|those|these)|two|both|all|lot))*"
    r"|(?:它们?|这些|那些|这几样|这个|那个|都|全部?|这两样|两样|这)(?:都|全)?", re.IGNORECASE,
)  # fmt: skip
NAME = (
    r"(?:(?:the|my|our|me|a|an|this"
    r"|that) )?(?:(?P<name>(?:new )?[\w'-]+(?: [\w'-]+)?) )?(?:lists?|lsit)\b|(?:the |my "
    r"|our )?(?P<bare>shoppin?g?|groceries|to-?do|to do)\b(?! \w+ing\b)"
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
    rf"^(?:(?:start|make|create|begin|open)(?: me)? )?(?:{NAME})(?:\s*[:,-]\s*|\s+(?:with"
    rf"|please add|add|needs?|should have)\s+|\s+)(?P<items>(?!(?:of|is|was|has|app|for|on"
    rf"|in|called|named)\b).+)",
    re.IGNORECASE,
)
PUT = re.compile(rf"\b{VERBS}\b(?: also)?\s+(?P<items>.+?)(?: (?:down|on|in|there|on there|on it))?\W*$", re.IGNORECASE)
LINK = (
    r"(?:and|but|so|oh|also|plus|then|please|pls|actually|sorry|wait|no|because|cos|cause"
    r"|since|as|though|well|hey|ok|and then|can you|could you|would you|will you|maybe"
    r"|just)"
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
FORBIDS = re.compile(
    r"^(?:please |you |i |we )*(?:don'?t|do not|never|you shouldn't|no need to)\s+(?:add"
    r"|put|stick|write|include|pop|chuck|get|want|need)\b(?: any| the)?\s*"
    r"|^(?:先|千万|请)*(?:别|不要|不用|不必|甭)(?:再)?(?:把|加|放|写|记|添|买)+",
    re.IGNORECASE,
)
ONTO = re.compile(
    r"\s+(?:to|on|onto|in) (?:\w+ ){0,3}lists?\b.*$|(?:加|放|写|记|添)?(?:到|进|在|上)?[^\s，]{0,6}(?:清单|单子).*$",
    re.IGNORECASE,
)
SPARE = re.compile(
    r"^(?:not|no need for|no|skip|leave(?: out| off)?|forget|scratch|drop|lose|without"
    r"|minus|except(?: for)?|apart from|never mind|(?:you )?(?:don't|dont|do not) (?:add"
    r"|put|need|get|want|bother with)"
    r"|(?:i|we) (?:don't|dont|do not) (?:need|want))\b\s*(?:about |on )?(?:the |any |that "
    r"|those |more )?(?P<items>[a-z].*)",
    re.IGNORECASE,
)
BEHIND = re.compile(
    r"[\s,]*\b(?:(?:as |cos |because |since |cause )?(?:i|we|mum|dad|she|he|they)(?:'ve"
    r"| have|'re| are|ve|'s| has)?\b(?= (?:still |already |got|have|has|had|bought|running"
    r"|run|out|need|don't|dont))|cos|because|since|off|out|after all|actually|today|on it"
    r"|please|pls).*$",
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

NAME_ZH = (
    r"(?:今天的?|我的?|我们的?|那个|这个"
    r"|咱们?的?)?(?P<name>[^\s，,。、的把到进在往从给记写加放添上]{0,6}?)(?:清单|单子|列表"
    r"|(?<=[物买购购])单|(?<=待办)(?:事项)?|物单|书单)"
)
ADD_ZH = r"(?:加|放|写|记|添|列|塞|弄|搁|存|补)"
COMMAND_ZH = re.compile(
    rf"^(?:把|将)?(?P<items>.*?)(?:都|也|全|一起|一并|给我|帮我)*{ADD_ZH}(?:到|进去?|入|在"
    rf"|上|下|一下)*(?:{NAME_ZH})(?:里面?|上面?|中|里头)?(?:去|吧|来)*$"
)
BEHIND_ZH = re.compile(
    rf"^(?:在|往|给|到)?(?:{NAME_ZH})(?:里面?|上面?|中|里头)?(?:再|多|还[要得]?|也|帮我"
    rf"|给我)*(?:{ADD_ZH}|得?有(?![什哪啥没多几]))(?:上|入|进|个|点|些|一下|一个|一些|一条"
    rf"|一项)*[:：]?(?P<items>.+)$"
)
HEAD_ZH = re.compile(rf"^(?:{NAME_ZH})(?:里面?|上面?)?[:：]?(?P<items>.*)$")
BA_ZH = re.compile(rf"^(?:把|将)(?P<items>.+?)(?:都|也|全)*{ADD_ZH}(?:上|进去|下来|下|一下)+(?:吧)?$")
SPARE_ZH = re.compile(
    r"^(?:但是?|不过|哦|对了|啊)?(?P<items>[^不别]{1,10}?)(?:就|先|暂时)*(?:算了|不要|不用"
    r"|不买|不加|别加|别买|免了|去掉|删掉?)(?:了|吧|加|买)*(?:[家我].*)?$"
    r"|^(?:但是?|不过|哦)?(?:不要|别加|别买|别放|不加|不用买?|除了)(?P<items_>[^了]{1,10}?)(?:了|吧)?$"
)
NEEDS_ZH = tuple(re.compile(pattern) for pattern in (
    r"^(?:家里|冰箱里?|厨房里?|屋里)?的?(?:也|快|都|已经)*没有?(?!有)(?P<items>[^了]+?)了?$",
    (r"^(?:家里|冰箱里?|厨房里?)?的?(?P<items>.+?)(?:也|都|又|就|已经|快要?|差不多)*(?:没"
        r"|用完|吃完|喝完|用光|吃光|见底|不够|空|用没|剩不多)了?$"),
    r"^.*?(?:要|得|想|该|需要|记得|别忘了|去|顺便)*(?:买|采购|囤|带|准备|置办)(?:的|点儿?|些|个|一些)?(?P<items>.+)$",
    r"^(?:家里|还)?(?:缺|差|少)(?:点|个|了)?(?P<items>.+)$",
    r"^.{0,6}?(?:想要|要|想吃)(?:点|些|个)?(?P<items>.+)$",
))  # fmt: skip
LEAD_ZH = re.compile(
    r"^(?:(?:请|麻烦你?|劳驾|帮我|帮忙|给我|替我|顺便|对了|还有|另外|再|然后|还要?|那个|哦"
    r"|啊|嗯|也|也帮我|记得|你|我要?|我想)[，,\s]*)+"
)
REASON_ZH = re.compile(
    r"(?:用的|要用|要吃|聚会|家里[还都]?有|还有半|快到了|回来|来了|过生日|烧烤|做饭|包饺子"
    r"|火锅)$|^(?:家里|冰箱里?)?(?:还|都)?有|^(?:明天|周末|今天|晚上|今晚|下周).*(?:用|吃"
    r"|来|去|要)|^(?:因为|所以|为了)|^去(?:超市|市场|菜场)$"
)
VERB_ZH = re.compile(r"[我你他她它]|[没不别]|了$|吗|呢|吧$|怎么|什么")


@dataclass
class Listed:
    """What shall be put on a list, and what shall not."""

    name: str = ""
    items: list[str] = field(default_factory=list)
    spared: list[str] = field(default_factory=list)
    put: bool = False
    """it names a list, and says to put things there"""

    def wish(self) -> Wish:
        """The same as a wish."""
        return Wish("add", self.name, tuple(self.items))


def puts_on_list(text: str) -> bool:
    """Whether a turn surely wants things on a list: it names one, and says to put them there."""
    found = listed(text)
    return found is not None and found.put and not ASKS.search(text)


ASKS = re.compile(
    r"[?？吗]|\b(?:what|whatever|whether|tick|check|read|tell)\b|[写开打]一?张单|^\W*(?:is|are|was|did|do|does|have|has|had"
    r"|what|which|who|why|how|when|where|take|remove|delete|tick|cross|clear|empty|read"
    r"|show)\b|删|划|勾|清空|念|读|看看|有没有|什么|哪|啥|提醒",
    re.IGNORECASE,
)


def listed(text: str) -> Listed | None:
    """What a turn wants on a list and what not, where it surely wants something; None where it names nothing."""
    if len(text) > LONGEST or REMOVES.search(text):
        return None
    found = _chinese(text) if HAN.search(text) else _english(text)
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


def _english(text: str) -> Listed:
    said = PAIRS.sub(lambda pair: f"{pair[1]} {JOIN} {pair[2]}", without_fillers(text).replace("’", "'"))
    said = re.sub(r"(?<=[a-z]) n (?=[a-z])", " and ", said)
    topic = TOPIC.sub(lambda list_: f"{list_[1]} list: ", said)
    said = topic if TOPIC.search(said) else said
    found, needed, put, open_ = Listed(), list[str](), False, False
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
    return found


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


def _chinese(text: str) -> Listed:
    found, needed, bare, named = Listed(), list[str](), list[str](), False
    for clause in filter(None, re.split(r"[，,。；;！!？?\s\n]+", repaired(without_fillers(text)))):
        said = LEAD_ZH.sub("", clause)
        if not said:
            continue
        if FORBIDS.match(said):
            found.spared += _things_zh(FORBIDS.sub("", ONTO.sub("", said)))
        elif (command := COMMAND_ZH.match(said)) or (command := BEHIND_ZH.match(said)):
            named = found.put = True
            found.name = found.name or kind_of(_name_zh(command["name"]))
            items = re.sub("^(?:上|一下|下来|进去)+$", "", command["items"].strip())
            if items and not PRONOUN.fullmatch(items):
                found.items += _needs_zh(items) or _things_zh(items)
        elif (kind := KIND_ZH.match(said)) is not None and not named:
            named = True
            found.put = found.put or bool(re.match("to-?do", said, re.IGNORECASE))
            found.name = kind_of(kind["name"].lower() if kind["name"].isascii() else _name_zh(kind["name"]))
            found.items += _things_zh(kind["items"])
        elif (spare := SPARE_ZH.match(said)) is not None:
            found.spared += _things_zh(spare["items"] or spare["items_"] or "")
        elif (head := HEAD_ZH.match(said)) is not None:
            named = True
            found.name = found.name or kind_of(_name_zh(head["name"]))
            found.items += _things_zh(head["items"])
        elif BA_ZH.match(said) is not None:
            found.items += _things_zh(BA_ZH.match(said)["items"])  # type: ignore[index]
        elif (amount := AMOUNT_ZH.fullmatch(said)) is not None:
            kept = next(
                (
                    each
                    for each in (found.items, needed, bare)
                    if each and (not amount["thing"] or amount["thing"] in each)
                ),
                None,
            )
            if kept is not None:
                at = kept.index(amount["thing"]) if amount["thing"] else -1
                kept[at] = f"{amount['count']}{kept[at]}"
            else:
                bare += _things_zh(said)
        elif REASON_ZH.search(said):
            continue
        elif needs := _needs_zh(said):
            needed += needs
        elif re.fullmatch(rf"(?:都|全|一起|帮我)*{ADD_ZH}(?:一下|上|进去|下来|下)+.*", said):
            continue
        elif not VERB_ZH.search(said.replace("尿不湿", "")):
            bare += _things_zh(re.sub(r"^(?:再|也|还)*(?:放|添|写上|记上|[加写记][上个点些])(?=\S{2})", "", said))
    found.items += [*needed, *bare] if named or not found.items else needed
    return found


KIND_ZH = re.compile(
    r"^(?P<name>买菜|采购|购物|待办|要买的?|要带的|to-?do)(?:的?(?:清单|单子))?(?:[:：]|记一下|一下|$)?"
    r"(?P<items>(?![买吗怎什是有里上点个])[^里上]*)$",
    re.IGNORECASE,
)
AMOUNT_ZH = re.compile(
    r"(?:(?P<thing>[^要来买]{1,8}?)?(?:要|来|买))?"
    r"(?P<count>[\d一二两三四五六七八九十半]+[个条瓶袋盒斤包只根箱块把桶提罐]?)(?:吧|就行|就够)?"
)
NAME_KINDS_ZH = re.compile(r"购物?|买菜|采购|要买")


def _name_zh(said: str) -> str:
    said = re.sub(r"^(?:我的?|我们的?|那个|这个|帮我|一下)", "", said or "")
    return "购物" if NAME_KINDS_ZH.search(said) else said


def _needs_zh(said: str) -> list[str]:
    for pattern in NEEDS_ZH:
        if match := pattern.match(said):
            return [] if PRONOUN.fullmatch(match["items"]) else _things_zh(match["items"])
    return []


def _things_zh(said: str) -> list[str]:
    said = re.sub(
        r"[到进在往](?:我的?|那个|这个)?[\u4e00-\u9fff]{0,3}(?:清单|单子|列表|购物单)(?:里面?|上面?)?$", "", said
    )
    said = re.sub(r"^(?:把|将|有|是|要|一下)+|(?:也|都|就|全|一起|要)+$", "", said)
    return [
        each
        for each in split_items(said.replace("还有", "、").replace("跟", "和"), "shopping")
        if each and not PRONOUN.fullmatch(each)
    ]
