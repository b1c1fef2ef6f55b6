"""Reads what shall be put on a list from the clauses of a Chinese turn: 家里没纸巾了，帮我记上."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .items import repaired, split_items
from .list_reading import kind_of
from .said import without_fillers

if TYPE_CHECKING:
    from .listing import Listed

__all__ = ["FORBIDS", "ONTO", "PRONOUN", "read_chinese"]

PRONOUN = re.compile(
    r"(?:both|all|them|those|these|it|that|this|everything|the lot)(?: (?:of (?:them|those|these)|two|both|all|lot))*"
    r"|(?:它们?|这些|那些|这几样|这个|那个|都|全部?|这两样|两样|这)(?:都|全)?", re.IGNORECASE,
)  # fmt: skip
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
NAME_ZH = (
    r"(?:今天的?|我的?|我们的?|那个|这个|咱们?的?)?(?P<name>[^\s，,。、的把到进在往从给记写加放添上]{0,6}?)(?:清单"
    r"|单子|列表|(?<=[物买购购])单|(?<=待办)(?:事项)?|物单|书单)"
)
ADD_ZH = r"(?:加|放|写|记|添|列|塞|弄|搁|存|补)"
COMMAND_ZH = re.compile(
    rf"^(?:把|将)?(?P<items>.*?)(?:都|也|全|一起|一并|给我|帮我)*{ADD_ZH}(?:到|进去?|入|在"
    rf"|上|下|一下)*(?:{NAME_ZH})(?:里面?|上面?|中|里头)?(?:去|吧|来)*$"
)
BEHIND_ZH = re.compile(
    rf"^(?:在|往|给|到)?(?:{NAME_ZH})(?:里面?|上面?|中|里头)?(?:再|多|还[要得]?|也|帮我|给我)*(?:{ADD_ZH}"
    rf"|得?有(?![什哪啥没多几]))(?:上|入|进|个|点|些|一下|一个|一些|一条|一项)*[:：]?(?P<items>.+)$"
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


def read_chinese(text: str, found: Listed) -> None:
    """Read what the clauses of a Chinese turn want on a list, and what not, into `found`."""
    needed, bare, named = list[str](), list[str](), False
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
