"""Whether a symptom that a text names is denied in it.

The scope of "no" follows NegEx (Chapman et al., J. Biomed. Inform. 34, 2001): it reaches forward to the end of its
clause. Here it is kept short, because to miss a symptom is worse than to ask about it.
"""

from __future__ import annotations

import re

__all__ = ["clauses", "is_denied"]

NEGATORS = (
    r"no(?! (?:one|body|doubt|idea|matter|reason|relief|wonder|longer able|way))",
    r"not(?! (?:only|just|sure|going|able|getting|well|better|feeling|stopping|know|helping|improving|right))",
    r"never(?! (?:had|felt|experienced|known|seen) (?:such|this|anything|so|a (?:\w+ ){0,2}(?:like|so|this)))",
    r"without|neither|nor|free of|den(?:y|ies|ied|ying)|negative for|absence of|lacks?|rather than",
    r"(?:do|does|did|have|has)(?: not|nt) (?:\w+ly )?(?:have|has|had|got|get|feel|experience|notice|think|see|any)",
    r"(?:is|are|was|were|ai)nt (?:any|a|an|having|experiencing|in)",
)
CHINESE_NEGATORS = (
    r"并?没有?|并?不是|不(?!舒服|能|了|上|过|清|停|住|动|醒|到|得|下|想|好|会|止|褪|退|起)|无(?!力|法)|未|否认"
)
NEGATOR = re.compile(rf"\b(?:{'|'.join(NEGATORS)})\b|(?:{CHINESE_NEGATORS})")

BREAK = re.compile(
    r"[.;!?\n。；！？](?!\d)|\b(?:but|however|though|although|except|yet)\b|但是?|可是|(?<![喘透])不过|只是"
)
CLAUSE_END = re.compile(r"\b(?:because|since|when|while|just|only|and|my|i|im|ive)\b|而且")
REACH, CHINESE_REACH = 45, 8
"""characters over which a denial may reach"""
FARTHEST = 240
"""characters a denied list may be long"""


def clauses(text: str) -> list[str]:
    """A text in parts that a denial does not reach across.

    Args:
        text: as `facts.plain` returns it.
    """
    return BREAK.split(re.sub(r"[?？]\s*(no|none|没有|无)\b", r": \1", text))


def _lists(between: str, after: str) -> bool:
    """Whether a denial opens a plain list: "no fever, night sweats, cough, or" … (items of at most four words)."""
    items = between.split(",")
    short = all(len(item.split()) <= 4 for item in items) and len(between) < FARTHEST
    ends = re.search(r"\b(?:or|nor)\b", between + after)
    return len(items) > 1 and short and bool(ends) and not VERB.search(between)


VERB = re.compile(
    r"\b(?:is|are|has|have|had|was|were|with|now|hurts?|feels?|started|began|who|which|that|my|but|then)\b"
)


def is_denied(clause: str, start: int, end: int) -> bool:
    """Whether the symptom at a place of a clause is denied."""
    if re.match(r"\s*[:：]\s*(?:no|none|denied|negative|没有|无)\b", clause[end:]):
        return True
    for negator in NEGATOR.finditer(clause, max(0, start - FARTHEST)):
        if negator.end() > start:
            break
        between = clause[negator.end() : start]
        if ord(negator[0][0]) <= 0x2E80 and _lists(between, clause[end : end + 60]):
            return True
        reach = CHINESE_REACH if ord(negator[0][0]) > 0x2E80 else REACH
        if len(between) > reach or CLAUSE_END.search(between):
            continue
        # "No fever, chest pain since noon" denies the fever only; "no fever, pain or cough" denies them all.
        listed = re.search(r"\b(?:or|nor)\b", between + clause[start : end + 60])
        if listed or not re.search(r"[,，]", between):
            return True
    return False
