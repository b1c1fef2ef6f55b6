"""Measured values in a text, judged by what is normal at that age: temperature, pulse, breathing, pressure, oxygen.

Limits: adults, the high-risk column of NICE NG253 (suspected sepsis); children, the red and amber columns of
NICE NG143 (fever in under 5s) and, from 5 to 11, of NG254.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .quantities import in_figures

__all__ = ["Vitals", "judged", "read_vitals", "without_values"]

NUMBER = r"(\d{2,3}(?:\.\d{1,2})?)"
BETWEEN = (
    "of|is|are|was|at|to|only|just|level|reading|rate|about|around|up|now|as|high|and|reads|measured|reached|orally"
    "|rises|spikes|says|he|she|has"
)
CHINESE_BETWEEN = (
    "度|约|大约|大概|为|达|是|到|才|有|只有|每分钟|一分钟|百分之|测出来|测得|测了|测量|测|量出来|量了|量得|量|夹出来|显示|读数|结果|数值|值|现在|刚才|刚刚"
    "|刚|今天|今早|早上|晚上|空腹|饭后|餐后|一直|降到|升到|掉到|只剩|还有|高达|就|的|了|都|已经|仪|计|夹子|夹|饱和度|在|上|说|一下"
)
GAP = rf"(?:\W+(?:{BETWEEN}|rectal\w*)|\W*(?:{CHINESE_BETWEEN})){{0,6}}\W{{0,3}}"
TEMPERATURE = re.compile(
    rf"(?:temp\w*|fevers?|febrile|体温|发烧|发热|高烧|\bt\b){GAP}{NUMBER}"
    rf"|{NUMBER} ?(?:°|º|degrees?|deg)? ?(?:c\b|celsius|centigrade|度|℃)"
    # "40 f" is a woman of 40; "38.4" alone is a temperature, unless something else is measured in it.
    r"|\b(9[4-9](?:\.\d)?|10\d(?:\.\d)?) ?(?:°|º|degrees?|deg)? ?(?:f\b|fahrenheit|华氏)"
    r"|\b((?:3[5-9]|4[0-2]|9[4-9]|10\d)(?:\.\d)?) ?(?:degrees? )?(?:fever|temperature)\b"
    r"|(?<![\d./])((?:3[5-9]|4[0-2])\.\d)(?![\d/]|\.\d| ?(?:kg|kilo|cm|mm|mg|ml|g\b|l\b|%|lb|weeks|months|years|km))"
)
PULSE = re.compile(
    rf"(?:pulse|heart rate|heart beat\w*|\bhr\b|\bp\b|心率|心跳|脉搏){GAP}(\d{{2,3}})(?!\s*/)"
    r"|(\d{2,3}) ?(?:bpm|beats)|\bheart(?: \w+){0,3} (\d{2,3}) times\b"
)
BREATHING = re.compile(
    rf"(?:respirat\w*(?: rate)?|breathing rate|\brr\b|\bresps?\b|\br\b|呼吸(?:频率)?){GAP}(\d{{2,3}})(?!\s*%)"
    r"|(\d{2,3}) ?(?:breaths|respirations)"
)
PRESSURE = re.compile(
    r"(?<![\d/.])(\d{2,3}) ?/ ?(\d{2,3})(?!\d)(?! ?(?:10|out))"
    r"|(?:systolic(?:\W+\w+){0,3}\W+|(?:收缩压|高压)\D{0,4})(\d{2,3})(?!\d| ?/)"
)
OXYGEN = re.compile(
    r"(?:sp ?o2|sa ?o2|o2 sat\w*|oxygen(?: sat\w*| level)?|\bsats?|\bo2\b|saturat\w*|(?:pulse )?ox(?:imeter)?\b"
    rf"|血氧\S{{0,3}}){GAP}"
    r"(\d{2,3}) ?%?"
    r"|(\d{2}) ?% (?:on|in|of|with|at) (?:room|air|ra\b|\w+ oxygen)"
    r"|(?<![\d.])(\d{2,3}) ?(?:(?:%|per ?cent)(?: (?:of|in|on|the|my|his|her|blood))* (?:sats?|saturat\w*|oxygen)\b"
    r"(?! (?:tank|cylinder|bottle|mask|therapy))|(?:(?:%|per ?cent) ?)?(?: ?\w+){0,4} (?:oximeter|pulse ox)\b)"
)
GLUCOSE = re.compile(
    rf"(?:(?:blood )?sugars?(?: level)?|glucose(?: level)?|血糖){GAP}"
    r"(\d{1,3}(?:\.\d{1,2})?)(?!\d|\.\d| ?(?:g\b|grams|%))"
    r" ?(mmol|mg)?"
)
MG_FROM = 40.0
"""from here a glucose without a unit is in mg/dl"""
LOWEST_SUGAR = 1.0
"""mmol/l; below it nobody talks, and the number is of something else"""
MG = 18.0
"""mg/dl of one mmol/l of glucose"""


@dataclass(frozen=True)
class Vitals:
    """Measured values; None for those not measured."""

    temperature: float | None = None
    """degrees Celsius"""
    pulse: float | None = None
    """beats per minute"""
    breathing: float | None = None
    """breaths per minute"""
    systolic: float | None = None
    """mmHg"""
    oxygen: float | None = None
    """saturation, percent"""
    highest: tuple[float, float] = (0.0, 0.0)
    """the highest pressure, systolic and diastolic, mmHg"""
    coldest: float | None = None
    """the lowest temperature, degrees Celsius"""
    glucose: float | None = None
    """the highest blood sugar, mmol/l"""
    glucose_low: float | None = None
    """the lowest blood sugar, mmol/l"""


def read_vitals(text: str) -> Vitals:
    """Read a text, as `facts.plain` returns it. Of several values of one kind the most worrying counts."""
    text = in_figures(text)
    temperatures = [value for found in _values(TEMPERATURE, text) if (value := _celsius(found)) is not None]
    sugars = [_mmol(found) for found in GLUCOSE.finditer(text)]
    pressures = [value for value in _values(PRESSURE, text) if 50 <= value <= 260]
    return Vitals(
        max(temperatures, default=None),
        max((value for value in _values(PULSE, text) if 25 <= value <= 260), default=None),
        max((value for value in _values(BREATHING, text) if 6 <= value <= 99), default=None),
        min(pressures, default=None),
        min((value for value in _values(OXYGEN, text) if 50 <= value <= 100), default=None),
        max(((float(m[1] or m[3]), float(m[2] or 0)) for m in PRESSURE.finditer(text)), default=(0.0, 0.0)),
        min(temperatures, default=None),
        max(sugars, default=None),
        min((value for value in sugars if value >= LOWEST_SUGAR), default=None),
    )


def without_values(text: str) -> str:
    """A text without what was measured, so that the mere measuring says nothing about it."""
    for pattern in (TEMPERATURE, PULSE, BREATHING, PRESSURE, OXYGEN):
        text = pattern.sub(" ", text)
    return text


def _values(pattern: re.Pattern[str], text: str) -> list[float]:
    if pattern is PRESSURE:
        found = pattern.finditer(text)
        pairs = ((m[1] and float(m[1]), m[2] and float(m[2]), m[3] and float(m[3])) for m in found)
        return [float(top or lone) for top, low, lone in pairs if lone or (top and low and top > low >= 30)]
    return [float(next(group for group in found.groups() if group)) for found in pattern.finditer(text)]


def _mmol(found: re.Match[str]) -> float:
    value = float(found[1])
    return value / MG if found[2] == "mg" or (not found[2] and value >= MG_FROM) else value


def _celsius(value: float) -> float | None:
    if 28 <= value <= 43:
        return value
    return (value - 32) / 1.8 if 94 <= value <= 109 else None


def judged(vitals: Vitals, age: float | None) -> frozenset[str]:
    """The findings (keys of ``findings.toml``) that measured values amount to.

    Args:
        vitals: what was measured.
        age: years; adult when unknown.
    """
    fast_pulse, danger_pulse, fast_breath, danger_breath, low, danger_low = _limits(age)
    found: set[str] = set()
    if vitals.highest[0] >= 180 or vitals.highest[1] >= 120:
        found.add("pressure_high")
    if vitals.coldest is not None and vitals.coldest < 35:
        found.add("cold_body")
    elif vitals.coldest is not None and vitals.coldest < 36 and age is not None and age < 0.25:
        found.add("danger_vitals")
    if vitals.pulse is not None and vitals.pulse < 40:
        found.add("slow_pulse")
    if vitals.temperature is not None and vitals.temperature >= 37.95:
        found.add("fever")
        if vitals.temperature >= 39.0:
            found.add("high_fever")
    if vitals.oxygen is not None and vitals.oxygen <= 94:
        found.add("danger_vitals" if vitals.oxygen < 92 else "raised_vitals")
    for value, fast, danger in (
        (vitals.pulse, fast_pulse, danger_pulse),
        (vitals.breathing, fast_breath, danger_breath),
    ):
        if value is not None and value >= fast:
            found.add("raised_vitals")
            if value >= danger:
                found.add("danger_vitals")
    if vitals.systolic is not None and vitals.systolic <= low:
        found.add("danger_vitals" if vitals.systolic <= danger_low else "raised_vitals")
    if vitals.glucose_low is not None and vitals.glucose_low < 4:
        found.add("measured_low_sugar")
    return frozenset(found | _alone(vitals, age))


def _alone(vitals: Vitals, age: float | None) -> set[str]:
    """Returns the signs that the values alone amount to."""
    grown = age is None or age >= 12
    heat, sugar, pulse = vitals.temperature or 0.0, vitals.glucose or 0.0, vitals.pulse
    danger = (
        (vitals.oxygen is not None and vitals.oxygen < 90)
        or (grown and pulse is not None and (pulse < 40 or pulse >= 150))
        or (grown and vitals.systolic is not None and vitals.systolic <= 80)
        or heat >= 41.0
        or sugar >= 30
        or (vitals.glucose_low is not None and vitals.glucose_low < 2.2)
    )
    high = vitals.highest[0] >= 180 or vitals.highest[1] >= 120 or heat >= 39.4 or sugar >= 20
    return ({"measured_danger"} if danger else set()) | ({"measured_high"} if high else set())


def _limits(age: float | None) -> tuple[float, float, float, float, float, float]:
    """Pulse and breathing that are fast, and dangerous; pressure that is low, and dangerous."""
    if age is None or age >= 12:
        return 100, 131, 21, 25, 100, 90
    if age < 1:
        return 160, 190, 50, 60, 70, 65
    if age < 2:
        return 150, 180, 40, 55, 75, 70
    if age < 5:
        return 140, 170, 40, 50, 80, 75
    return 120, 140, 27, 35, 85, 80
