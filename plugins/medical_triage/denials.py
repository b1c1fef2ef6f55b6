"""Decides whether a text denies a symptom that it names.

The scope of "no" follows NegEx (Chapman et al., J. Biomed. Inform. 34, 2001): it reaches forward to the end of its
clause. Here it is kept short, because to miss a symptom is worse than to ask about it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache

__all__ = ["NOT_SO", "clauses", "is_denied"]

KEEPS_ON = (
    "help|helping|helped|work|working|worked|touch|touched|reliev|relieved|relieving|stop|stopped|stopping"
    "|go|gone|going"
    "|improv|improved|improving|ease|eased|easing|settle|settled|settling|better|getting|shift|shifted"
    "|resolve|resolved|know"
    "|sleep|slept|respond|responding|let|make|made|able|well|feeling|right|control|drink|eat|keep"
    "|clear|cleared|budge"
    "|ruled|excluded|used to|sure|only|just|till|until|started?|last|walk|stand|move|bear|cope|wake|take|blanch|fade|breathing|mind|care|see"
)
NEGATORS = (
    r"nothing",
    r"no(?! (?:one|body|doubt|idea|matter|reason|relief|wonder|longer able|way|better|help|change(?! \w+ bowel)))",
    rf"not(?! (?:been )?(?:\w+ly )?(?:{KEEPS_ON})\b)",
    r"never(?! (?:had|felt|experienced|known|seen) (?:such|this|anything|so|a (?:\w+ ){0,2}(?:like|so|this)))",
    r"without|neither|nor|nil|free of|den(?:y|ies|ied|ying)|negative for|absence of|lacks?|rather than|clear of|non",
    r"(?<!not )(?<!not been )(?<!nt )(?<!nt been )(?<!cannot be )(?<!to )(?<!be )ruled out",
    r"(?:did|does|ha[sd]|have|already|doctors?|they|he|she|hospital|nurse|gp|tests?)(?: already| just)? rules? out",
    rf"(?:do|does|did|have|has|had|is|are|was|were|ai)nt(?! (?:been )?(?:\w+ly )?(?:{KEEPS_ON})\b)",
)
CHINESE_NEGATORS = (
    r"并?没有?|并?不是|不(?!舒服|能|了|上|过|清|停|住|动|醒|到|得|下|想|好|会|止|褪|退|起|断)|未|否认|无(?!力|法)"
    r"|(?<!不能)(?<!无法)(?<!没有)(?<!没)排除(?!不)"
)
NEGATOR = re.compile(rf"\b(?:{'|'.join(NEGATORS)})\b|(?:{CHINESE_NEGATORS})")
DENIAL = re.compile(r"den(?:y|ies|ied|ying)|negative for|absence of|free of|否认")
"""denials of a whole list, whatever joins it"""

BREAK = re.compile(
    r"[.;!?\n。！？；](?!\d)|\b(?:but|however|though|although|except|yet|apart from|other than)\b"
    r"|但是?|可是|(?<![喘透])不过|只是"
)
CLAUSE_END = re.compile(
    r"\b(?:because|since|when|while|just|only|and|my|i|im|ive|he|she|his|her|it|its|which|who|has|have|is"
    r"|are|was|now|despite|"
    r"until|unless|after|before)\b|而且"
)
REACH, CHINESE_REACH = 60, 8
"""characters over which a denial may reach"""
FARTHEST = 260
"""characters a denied list may be long"""
SIX_WORDS = re.compile(r"(?<![^,\s])(?:[^,\s]++\s++){5}[^,\s]")
AFTERWARDS = re.compile(
    r"\s*[:：]\s*(?:no|none|nil|denied|negative|没有|无)\b"
    r"| (?:is |was |were |are )?(?:denied|absent|negative|nil|excluded|ruled out)\b"
)
"""what denies the symptom before it"""
NOT_SO = re.compile(
    r"(?<![时阵儿得])(?:并?不|没(?:有|怎么)?)(?:太|怎么|觉得|感到|再)?(?:疼痛?|痛|闷|晕|麻|肿|痒|喘|憋|咳|吐|烧|拉|紫|歪|抽|抖|堵|胀|酸|花|硬|僵|恶心)"
    r"(?!不|得|死)"
)
"""what of a Chinese complaint is not so: the end of 胸口不闷也不疼, where a complaint is looked for as 胸口…疼"""
VERB = re.compile(
    r"\b(?:is|are|has|have|had|was|were|with|now|hurts?|feels?|started|began|who|which|that|my|but|then"
    r"|comes|since|after)\b"
)


def clauses(text: str) -> list[str]:
    """A text in parts that a denial does not reach across.

    Args:
        text: as `facts.plain` returns it.
    """
    return BREAK.split(re.sub(r"[?？]\s*(no|none|没有|无)\b", r": \1", text))


def _lists(between: str, after: str, whole: bool) -> bool:
    """Returns whether a denial opens a list: "no fever, night sweats, cough, or" … (items of at most five words)."""
    if "," not in between or len(between) >= FARTHEST or SIX_WORDS.search(between) or VERB.search(between):
        return False
    return (
        whole or bool(re.search(r"\b(?:or|nor)\b", between + after)) or bool(re.search(r", and (?:any|no)\b", between))
    )


def _ends_denied(words: str) -> bool:
    return any(found.end() == len(words) and found.start() > 0 for found in NOT_SO.finditer(words))


@lru_cache(maxsize=64)
def _negators(clause: str) -> tuple[re.Match[str], ...]:
    """Once for all symptoms of a clause."""
    return tuple(NEGATOR.finditer(clause))


def is_denied(clause: str, start: int, end: int) -> bool:
    """Returns whether a clause denies the symptom at a span."""
    if AFTERWARDS.match(clause, end) or _ends_denied(clause[start:end]):
        return True
    negators = _negators(clause)
    first, last = (bisect_left(negators, place, key=re.Match.start) for place in (start - FARTHEST, start))
    for negator in reversed(negators[first:last]):
        if negator.end() > start:
            continue
        between = clause[negator.end() : start]
        chinese = ord(negator[0][0]) > 0x2E80
        whole = bool(DENIAL.match(negator[0]))
        if not chinese and (whole or "," in between) and _lists(between, clause[end : end + 60], whole):
            return True
        if whole and not VERB.search(between) and len(between) < FARTHEST:
            return True
        if negator[0] == "non" and between.strip():
            continue
        if len(between) > (CHINESE_REACH if chinese else REACH) or CLAUSE_END.search(between):
            continue
        # "No fever, chest pain since noon" denies the fever only; "no fever, pain or cough" denies them all.
        listed = re.search(r"\b(?:or|nor)\b", between + clause[start : end + 60])
        if listed or not re.search(r"[,，]", between):
            return True
    return False
