"""The words of word problems: units, verbs that lose and gain, and words that name nothing."""

from __future__ import annotations

import re

__all__ = ["CLASSIFIERS", "GAINS", "LENGTHS", "LOSES", "MEASURE", "MEASURES", "NOUN_ZH", "STOP", "TIMES"]

MEASURES: dict[str, str] = {
    "money": r"[€$£¥]|euros?|dollars?|pounds?|quid|bucks|元|块钱?|人民币",
    "cent": r"cents?|pence|角|分钱",
    "km": r"km|kilomet(?:re|er)s?|千米|公里",
    "mile": r"miles?|英里",
    "m": r"m|met(?:re|er)s?|米",
    "cm": r"cm|centimet(?:re|er)s?|厘米",
    "hour": r"hours?|hrs?|h|个?小时|个?钟头",
    "minute": r"minutes?|mins?|分钟",
    "second": r"seconds?|secs?|秒钟?",
    "day": r"days?|天|日",
    "week": r"weeks?|个?星期|周",
    "month": r"months?|个月",
    "year": r"years?|年",
    "kg": r"kg|kilos?|kilograms?|千克|公斤",
    "g": r"g|grams?|克",
    "jin": r"斤",
    "litre": r"l|lit(?:re|er)s?|升",
    "ml": r"ml|millilit(?:re|er)s?|毫升",
    "person": r"people|persons?|friends|kids|children|child|guests|students|pupils|of them|of us|个?(?:小朋友|同学|学生"
    r"|朋友|孩子|人)|位(?:同学|客人)?",
}
LENGTHS, TIMES, WEIGHTS = (
    ("km", "mile", "m", "cm"),
    ("hour", "minute", "second", "day", "week", "month", "year"),
    ("kg", "g", "jin"),
)
MEASURE = {name: re.compile(rf"\s*(?:{words})(?![a-z])", re.IGNORECASE) for name, words in MEASURES.items()}
CLASSIFIERS = "个本支只张件条块箱瓶袋包盒辆台把朵棵颗粒头匹枚页杯碗盘双套道题名间层排组份篇班元筐桶串根片架艘"
NOUN_ZH = re.compile(
    rf"\s*(?P<of>[{CLASSIFIERS}])?(?P<noun>(?:(?![一每给在后前又再还了有是和共走来去吃买卖用借送分就放装能可需的要多几呢吗吧啊,，。、；])[\u4e00-\u9fff]){{0,3}})"
)
STOP = frozenset(
    (  # noqa: SIM905
        "a an the and or but to of in on at for from with by is are was were be has have had he she it they we i you"
        " his her their my your our its each every per then so how many much more less fewer left than as if what"
        " which who that this these those gives gave give gets got buys bought sells sold eats ate loses lost uses"
        " used spends spent finds found takes took puts put has cost costs needs need can will would does do did into"
        " onto out away altogether together total all there after before when while only just also still now later"
        " again off up down one some lends lent picks picked packs packed"
    ).split()
)
LOSES = re.compile(
    r"\b(?:g[ai]v(?:es?|ing|en)|eats?|ate|eaten|los(?:es?|t|ing)|s(?:ells?|old)|sp(?:ends?|ent)|us(?:es?|ed|ing)"
    r"|br(?:eaks?|oke|oken)|lea(?:ves?|ving)|left|lends?|lent|donat\w+|remov\w+|t(?:akes?|ook) (?:out|away|off)"
    r"|go(?:es)? (?:away|off|home)|went (?:away|off|home)|get off|gets off|got off|fl(?:y|ies|ew) (?:away|off)"
    r"|drop\w*|throws?|threw|throw away|pays?|paid|hands? (?:out|over)|die[ds]?|melt\w*|passes on|r[ai]n away"
    r"|drinks?|drank|consum\w+|cuts? off)\b|送|给[了出]?|吃|丢|卖|用[了去掉]|花|借给|借出|借走|拿走|拿出|飞走|走了"
    r"|下车|下去|坏|捐|剪|运走|取[走出]|喝|开走|游走|跑走|掉[了]|减少|还给|还了|倒出|死",
)
GAINS = re.compile(
    r"\b(?:buys?|bought|receiv\w+|finds?|found|w[io]ns?|adds?|added|more (?:come|came|join|arrive|get on|got on)"
    r"|com(?:es?|ing)|came|joins?|joined|arriv\w+|gets? on|got on|borrow\w*|is given|was given|are given|gets?|got"
    r"|picks?|picked|earns?|earned|saves?|saved|bakes?|baked|makes?|made|collects?|collected|another|catch(?:es)?"
    r"|caught|grows?|grew)\b|买|得到|捡|收到|赢|来了|上车|上来|飞来|借来|借进|多了|增加|摘|运来|拿来|加[入了]|存|挣"
    r"|又有|游来|开来|做了|进[来了货]",
)
