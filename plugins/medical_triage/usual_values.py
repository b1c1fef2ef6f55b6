"""Answers questions about measured values that are normal, with the source of each range."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .calm import says
from .facts import plain, read_facts
from .quantities import in_figures, read_age
from .vitals import Vitals, judged, read_vitals, without_values
from .wording import Language, say

__all__ = ["only_usual_values", "surely_usual", "usual_values"]

NAMED = re.compile(
    r"\b(?:bp|blood pressure|systolic|pulse|heart ?rate|resting rate|hr|sats?|spo2|saturation|oxygen|oximeter|pulse ox"
    r"|temp(?:erature)?s?|glucose|sugars?)\b"
    r"|血压|高压|心率|心跳|脉搏|血氧|体温|血糖"
)
NOT_A_BODY = re.compile(
    r"\b(?:outside|outdoors?|weather|room|oven|fridge|freezer|water|pool|engine|cpu|gpu|server|battery|tyres?|tires?"
    r"|air|recipe|cake"
    r"|forecast|degrees in|thermostat|heating|boiler|grams|house|in (?:the )?(?:city|town))\b"
    r"|气温|室温|水温|天气|烤箱|空调|冰箱|发动机|胎压|轮胎"
)
CHILD = 12
"""years below which pulse and pressure are others"""
NEWBORN = 0.25
"""years below which every value is another matter"""
NO_COMPLAINT = frozenset({"well", "heart_risk", "sudden", "severe"})
"""what words of measuring may be read as"""
ASKED = re.compile(
    r"\b(?:is|are|does|would|counts?|mean\w*|have|got)\b[^,.;?]{0,24}?\b(?:fever|hypertension|diabet\w+|hypo\w*|feverish|tachycardia)\b"
    r"|(?:算|是)(?:不?算|不是)?(?:是|有)?(?:发烧|发热|低烧|高血压|低血压|糖尿病|低血糖)|(?:发烧|发热|低烧)[吗么]"
)
"""asks whether the value is a complaint"""


QUESTION = re.compile(r"[?？吗么呢吧]|\b(?:is|are|does|would|hows?)\b|不是|算不")
FILLER = re.compile(
    r"\b(?:my|the|is|that|this|it|its|a|an|ok|okay|normal|fine|good|bad|high|low|right|alright|healthy|usual|safe|too|so|does|do|look"
    r"|looks|today|this|morning|evening|tonight|just|now|measured|was|are|at|rest|resting|reading|and|with|i|me|of|for|about|should|be|worried"
    r"|worry|percent|per|cent|over|how|hows|what|whats|you|think|mean|here|says|said|monitor|machine|thermometer|on|in|level|degrees|celsius"
    r"|bpm|mmhg|mmol|l|c|f|got|get|have|has|had|mum|mums|mom|moms|dad|dads|mother|mothers|father|fathers|wife|wifes|husband|husbands|he|she|his|her"
    r"|or|all|still|please|tell|hi|hello|then)\b"
    r"|[我你他她您它的是今天早上晚刚才量测了这样那算正常吗么呢吧没事可以高低好不现在一下还有多请问个值结果爸妈老公婆奶爷孩子人为是数显示度和都在家后空腹饭前后餐怎嘛啊呀哈太过偏会要紧行]"
)
"""words that add nothing to a measured value"""
LEFT_OVER = " .,;:!?%/°，。；：！？、％\n"


@dataclass(frozen=True)
class Range:
    """Usual range of a value for an adult at rest."""

    value: str
    """attribute of `Vitals`"""
    low: float
    high: float
    key: str
    """of the phrases"""
    source: str


RANGES = (
    Range("temperature", 35.5, 37.4, "temperature", "NHS: High temperature (fever) in adults"),
    Range("pulse", 60, 100, "pulse", "NHS: Checking your pulse"),
    Range("oxygen", 95, 100, "oxygen", "NHS: Pulse oximeter"),
    Range("glucose", 4.0, 7.8, "glucose", "Diabetes UK: Normal blood sugar ranges"),
)
PRESSURE_SOURCE = "NHS: Blood pressure test"
USUAL_PRESSURE, HIGH_PRESSURE, LOW_PRESSURE = (121.0, 81.0), (140.0, 90.0), (90.0, 60.0)
"""mmHg, from which it is above the ideal, and high; and below which it is low"""
FASTING_IN_PREGNANCY = 5.3
"""mmol/l from which blood sugar in pregnancy is another matter"""


def only_usual_values(text: str) -> Vitals | None:
    """Returns the values of a text that names only values without a finding; else None.

    A complaint beside them, a child, a pregnancy or an impossible value leads to the ordinary questions.
    """
    told = in_figures(plain(text))
    if not NAMED.search(told) or NOT_A_BODY.search(told) or says("lost", ASKED.sub(" ", told)):
        return None
    vitals, age = read_vitals(told), read_age(told)
    if vitals == Vitals() or judged(vitals, age):
        return None
    if age is not None and (age < NEWBORN or (age < CHILD and (vitals.pulse or vitals.highest[0] or vitals.breathing))):
        return None
    beside = read_facts(without_values(ASKED.sub(" ", told) if QUESTION.search(told) else told))
    if beside.present - NO_COMPLAINT or (beside.pregnant and not _pregnancy_allows(vitals)):
        return None
    return vitals if vitals.highest[0] or any(getattr(vitals, each.value) is not None for each in RANGES) else None


def _pregnancy_allows(vitals: Vitals) -> bool:
    top, low = vitals.highest
    return top < HIGH_PRESSURE[0] and low < HIGH_PRESSURE[1] and (vitals.glucose or 0.0) < FASTING_IN_PREGNANCY


def surely_usual(text: str) -> int:
    """Returns 2 if a text only asks about usual values, else 0; 2 because sums look like some of them."""
    told = in_figures(plain(text))
    if not QUESTION.search(told) or only_usual_values(text) is None:
        return 0
    return 2 * (not FILLER.sub("", NAMED.sub(" ", without_values(ASKED.sub(" ", told)))).strip(LEFT_OVER))


def usual_values(vitals: Vitals, language: Language) -> str:
    """Lists the values beside their usual ranges, each with its source."""
    lines, sources, all_usual = [], [], True
    if vitals.highest[0]:
        top, low = vitals.highest
        high = top >= HIGH_PRESSURE[0] or low >= HIGH_PRESSURE[1]
        below = top < LOW_PRESSURE[0] or 0 < low < LOW_PRESSURE[1]
        above = top >= USUAL_PRESSURE[0] or low >= USUAL_PRESSURE[1]
        kind = "high" if high else "low" if below else "above" if above else "usual"
        all_usual = all_usual and not high and not below
        lines.append(say(f"pressure_{kind}", language, value=f"{top:g}/{low:g}" if low else f"{top:g}"))
        sources.append(PRESSURE_SOURCE)
    for each in RANGES:
        value: float | None = getattr(vitals, each.value)
        if value is None:
            continue
        kind = "low" if value < each.low else "high" if value > each.high else "usual"
        all_usual = all_usual and kind == "usual"
        lines.append(say(f"{each.key}_{kind}", language, value=f"{value:.1f}".removesuffix(".0")))
        sources.append(each.source)
    lines.append(say("values_fine" if all_usual else "values_outside", language))
    lines.append(say("sources", language, names="; ".join(sources)))
    return "\n".join(lines)
