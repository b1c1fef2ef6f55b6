"""Finds items to keep off a list, to correct, or to remove as they are at home, and rejects words that are no item.

Read clause by clause, for such words stand beside their reasons: 牛奶就别往清单里加了，冰箱里还有两盒; "not
lemons, I meant three limes"; "we still have tuna, cross it off".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .items import split_items
from .list_reading import found_among
from .said import without_fillers

__all__ = ["AMOUNT_FIRST", "asks_twice", "had_already", "kept_off", "mended", "no_thing", "spared_in", "without_had"]

LONGEST = 200
"""characters that are read"""
CLAUSES = re.compile(
    r"[,，.。;；!！?？\n]+\s*|\s+(?:because|cos|cause|since|as|but|and|so)\s+(?=(?:we|i|there)\b)", re.I
)
PUTS = r"(?:add|put|stick|pop|chuck|write|include|place|jot|note|bung|throw)"
KEEPS_OFF = re.compile(
    rf"^(?:(?:oh|no|ok(?:ay)?|please|actually|and|so|but|well|hey)[\s,]+)*(?:you |we "
    rf"|i )?(?:(?:really )?(?:don'?t|do not"
    rf"|needn'?t|need not|shouldn'?t|should not|mustn'?t|never|better not|rather not)(?: (?:need|have|bother|want"
    rf"|go))?"
    rf"(?: you)?(?: to)?|(?:there'?s |there is )?no (?:need|point)(?: (?:to|in|for you to))?|not to|stop)"
    rf" (?:{PUTS}|(?:add|putt|stick|popp|writ)ing)(?: down)? (?:any |the |more |some )?(?P<en>[a-z].*?)"
    rf"(?: (?:to|on|onto|in|into|down)\b.*)?$"
    r"|^(?:那|哦|啊|但是?|不过|这次|今天)*(?:把)?(?P<zh>[^，,别不甭把]{1,10}?)(?:就|先|也|都|暂时|可以|这次)*(?:别|不要|不用|不必|甭|无需|不需要)"
    r"(?:再)?(?:[往给在到][^加写放记添列]{0,8})?(?:加|写|放|记|添|列)(?:到.{1,8})?(?:[进上]去?|到?[了啦吧啊呢里]|进来)*$"
    r"|^(?:那|哦|啊|但是?|不过|先|千万|请|你)*(?:别|不要|不用|不必|甭|无需|不需要)(?:再)?(?:把|将)(?P<ba>.{1,10}?)(?:再)?(?:加|写|放|记|添|列).{0,10}$",
    re.IGNORECASE,
)
HAVE = r"(?:still |already |just |only )*(?:have|got|have got)(?: still| already| got)*"
HAD = re.compile(
    rf"(?:oh |and |but |actually |well |wait |no |[\s,])*(?:we|i|we'?ve|i'?ve|there'?s|there is|there are|mum'?s"
    rf"|she'?s|he'?s)"
    rf"(?: {HAVE}| still| already| plenty of| loads of| lots of)+ (?:some |the |a |any |enough |plenty of |loads of "
    rf"|lots of )*(?P<en>[a-z][\w' -]*?)(?: (?:at home|in the (?:fridge|cupboard|freezer|house)|left|actually"
    rf"|already|too"
    r"|after all))*"
    r"|(?:哦|对了|啊|但|不过|等等|那个)*(?P<zh>[^，,还有剩]{1,8}?)(?:家里|冰箱里?|柜子里|厨房里?|屋里)?(?:还|都|已经)*(?:有|剩)"
    r"(?:的是|着呢|不少|好多|很多|点|些|[\d一二两三四五六七八九十半几][^，,]{0,3})?(?:呢|的|了|啊|吧|呀)*"
    r"|(?:哦|对了|啊|但|不过)*(?:家里|冰箱里?|柜子里|厨房里?|屋里)(?:还|都|已经)*(?:有|剩)(?:着|点|些)?(?P<zh2>[^，,\d]{1,8}?)(?:呢|的|了|啊)*",
    re.IGNORECASE,
)
"""a clause that says what is at home"""
OFF = re.compile(
    r"\b(?:cross|take|scratch|tick|strike|drop|get)\b.*\b(?:off|out)\b|\b(?:remove|delete|lose|scrap|forget|skip"
    r"|bin)\b|\b(?:don'?t|no) (?:need|want|need for)\b|划掉|划了|去掉|删|拿掉|不要|不用|不买|免了|算了|勾掉",
    re.IGNORECASE,
)
ENDS = re.compile(r"[.。;；!！\n]+\s*|[,，]\s*(?=(?:oh|but|we|i)\b|哦|对了|不过)")
REASON = re.compile(
    r"家里|冰箱|柜子|厨房|屋里|还有|还剩|多着|有的是|够[用吃喝]|不缺"
    r"|\b(?:have|got|left|plenty|loads|lots|enough|there(?:\'s| is| are))\b",
    re.I,
)
SORRY = r"(?:(?:no|nope|sorry|oops|wait|oh|actually|hang on|hold on|i said|ah)[\s,.!]+)*"
MEANT = r"(?:i (?:mean|meant|said|wanted)|it'?s|it should (?:be|say)|make (?:it|that)|that should be)"
MENDS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in (
    rf"{SORRY}not (?:the )?(?P<old>[a-z][\w' -]*?)[\s,.;–-]+(?:but |sorry,? )?(?:{MEANT} )?(?P<new>[a-z\d][\w' -]*)",
    rf"{SORRY}(?:{MEANT} )(?P<new>[a-z\d][\w' -]*?),? (?:not|instead of|rather than) (?:the )?(?P<old>[a-z][\w' -]*)",
    rf"{SORRY}(?P<new>[a-z\d][\w' -]*?),? (?:not|instead of) (?:the )?(?P<old>[a-z][\w' -]*)",
    (r"(?:哦|啊|不对|错了|说错了|等等|[，,\s])*不是(?P<old>[^，,\s是]{1,10}?)[，,\s]+(?:(?:我)?(?:说错了|错了|记错了)[，,\s]*)?"
    r"(?:我?是?(?:说|要|想说|指)的?)?(?:而?是|应该是|要的是)?(?P<new>[^，,\s是]{1,14}?)(?:吧|呀|啊|才对)?"),
    (r"(?:哦|啊|不对|错了|说错了|等等|[，,\s])*我?(?:说|要"
    r"|想说)的?是?(?P<new>[^，,\s不是]{1,14}?)[，,\s]*(?:而?不是)(?P<old>[^，,\s是]{1,10}?)(?:吧|呀|啊)?"),
))  # fmt: skip
"""what says which thing was meant in place of another"""
TWICE = re.compile(r"\b(?:twice|two times|doubled?)\b|(?:两|2|二|好几|几)[遍次回]|重复", re.IGNORECASE)
PUT_THERE = re.compile(rf"\b(?:{PUTS}|added|stuck|wrote|written|got)\b|加|写|记|添|放", re.IGNORECASE)
AMOUNT_FIRST = re.compile(r"^(?:\d[\d.]*|[一二两三四五六七八九十半几]+)[^\W\d]?", re.IGNORECASE)
CLAUSE_ZH = re.compile(
    r"^[上进下去来吧了]+$|[我你您他她咱]|别(?!针)|不(?!锈|粘|织|干|沾|倒|含|带|湿)|甭|没有?|吗$|呢$|吧你|了吧|[^了]了$|就(?:够|行|好|可以)|^(?:叫|名字|对|嗯|好的?|是的?|行|可以"
    r"|不是)$|^名字|^叫(?!花)"
    r"|还有|还剩|家里|冰箱|清单|单子|什么|怎么|哪|为什么|多少|几[号点个月天]|[周期]几|谁"
)
"""what no thing's name in Chinese holds"""
CLAUSE_EN = re.compile(
    r"\b(?:i|we|you|he|she|they|i'?m|we'?re|you'?ve|haven'?t|didn'?t|don'?t|isn'?t|aren'?t|doesn'?t|can'?t|won'?t|is"
    r"|are|was|were|have|has|had|will|would|should|because)\b|\b(?:not|instead)\b|^(?:to|no|yes|yeah|yep|ok(?:ay)?"
    r"|oh|please|put|add|them|it|that|those|these) \w|^(?:no|yes|yeah|yep|ok(?:ay)?|oh|sure|right|please|nope|not"
    r"|and|to)$|\blists?\b|\?",
    re.IGNORECASE,
)
"""what no thing's name in English holds"""


SPARES = re.compile(
    r"\b(?:but|except|bar|besides|keep|leave|save|spare|apart|other than|not)\b|除|留|保留|别|不要(?:删|清)|以外|之外",
    re.IGNORECASE,
)
"""says that something stays on the list"""


def no_thing(item: str) -> bool:
    """Returns whether the words are no item that can be bought or packed: a clause, an answer, a refusal."""
    return (CLAUSE_EN if item.isascii() else CLAUSE_ZH).search(item.strip(" .!?。！？")) is not None


def kept_off(text: str) -> tuple[str, ...]:
    """Returns the items that a turn says not to add, if it adds none; () otherwise."""
    if len(text) > LONGEST or re.search(r"\b(?:forget|why)\b|忘", text, re.IGNORECASE):
        return ()
    found: list[str] = []
    for clause in filter(None, (each.strip() for each in CLAUSES.split(_plain(text)))):
        match = KEEPS_OFF.search(clause)
        if match is not None:
            found += split_items(match["en"] or match["zh"] or match["ba"])
        elif not REASON.search(clause) and not re.fullmatch(r"(?:please|thanks|ok|no|谢谢|哦|好|嗯)+", clause, re.I):
            return ()
    return tuple(re.sub(r"^把|[就先也都]+$", "", each) for each in found)


def mended(text: str, known: Sequence[str]) -> tuple[str, str] | None:
    """Returns the wrong item on a list and the right one; None if the text corrects none of `known`."""
    whole = _plain(text).strip(" .!。！")
    plain = ", ".join(each for each in CLAUSES.split(whole) if each and not REASON.search(each))  # "…, we have some. …"
    ways = [each.fullmatch(said) for said in dict.fromkeys((plain, whole)) for each in MENDS]
    for match in filter(None, ways) if len(text) <= LONGEST else ():
        old = found_among(match["old"].strip(), known)
        new = re.sub(r"^(?:是|the )", "", match["new"].strip())
        if len(old) == 1 and new and not no_thing(new):
            return old[0], new
    return None


def had_already(text: str, known: Sequence[str], *, ordered: bool = True) -> list[str]:
    """Returns the list items that are already at home and so come off: 鸡蛋家里还有 划掉.

    Args:
        ordered: only where the words say to take them off, too.
    """
    if len(text) > LONGEST or (ordered and not OFF.search(text)):
        return []
    clauses = [each.strip() for each in re.split(rf"{CLAUSES.pattern}|(?<=[\u4e00-\u9fff])\s+", _plain(text)) if each]
    named: list[str] = []
    for clause in filter(None, clauses):
        if (match := HAD.fullmatch(clause)) is not None and (said := match["en"] or match["zh"] or match["zh2"]):
            named += [each for item in split_items(said) for each in found_among(item, known)]
    return list(dict.fromkeys(named))


def without_had(text: str) -> str:
    """Removes the clauses about what is at home: "and butter. oh and we still have eggs" is "and butter"."""
    pieces = [
        each for each in re.split(r"[.。;；!！\n]+\s*|[,，]\s*(?=(?:oh|but|we|i)\b|哦|对了|不过)", text) if each.strip()
    ]
    left = [each for each in pieces if HAD.fullmatch(each.strip(" ,，")) is None]
    return ", ".join(left).strip() if left and len(left) < len(pieces) else text


def asks_twice(text: str) -> bool:
    """Returns whether the text says that an item was added twice: 加两遍了吧你."""
    return (
        len(text) <= LONGEST // 3
        and bool(TWICE.search(text) and PUT_THERE.search(text))
        and not re.match(r"\W*(?:please |can you )?(?:add|put)\b", text, re.IGNORECASE)
    )


def _plain(text: str) -> str:
    return " ".join(without_fillers(text).split()).replace("’", "'")


def spared_in(text: str, texts: Sequence[str]) -> tuple[str, ...]:
    """Returns the items of a list that a request to clear it keeps: "clear it but keep the eggs", 清空，鸡蛋留着."""
    said = text.casefold()
    named = (item for item in texts if re.search(rf"(?<![a-z]){re.escape(item.casefold())}(?![a-z])", said))
    return tuple(named) if SPARES.search(text) else ()
