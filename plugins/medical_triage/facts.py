"""What a text says about somebody's health: symptoms, denials, how long, how strong, how old."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from .wording import Language

__all__ = ["Facts", "names_of", "plain", "read_age", "read_duration", "read_facts", "read_severity", "symptoms"]

FILE = Path(__file__).parent / "symptoms.toml"


@dataclass(frozen=True)
class Facts:
    """What is known about one person so far."""

    present: frozenset[str] = frozenset()
    """symptoms of ``symptoms.toml``"""
    denied: frozenset[str] = frozenset()
    hours: float | None = None
    """how long it has lasted"""
    severity: int | None = None
    """pain, 0 to 10"""
    age: float | None = None
    """years"""
    pregnant: bool = False

    def joined(self, other: Facts) -> Facts:
        """Both together; what is said later about numbers counts, and a symptom once named stays."""
        return Facts(
            self.present | other.present,
            (self.denied | other.denied) - self.present - other.present,
            other.hours if other.hours is not None else self.hours,
            other.severity if other.severity is not None else self.severity,
            other.age if other.age is not None else self.age,
            self.pregnant or other.pregnant,
        )

    def adding(self, names: Iterable[str]) -> Facts:
        """With more symptoms."""
        return replace(self, present=self.present | set(names), denied=self.denied - set(names))

    def denying(self, names: Iterable[str]) -> Facts:
        """With symptoms ruled out, except those that are known to be there."""
        return replace(self, denied=self.denied | (set(names) - self.present))


@dataclass(frozen=True)
class Symptom:
    """One entry of ``symptoms.toml``."""

    key: str
    name: str
    chinese: str
    pattern: re.Pattern[str]


@cache
def symptoms() -> dict[str, Symptom]:
    """Every symptom by its key."""
    entries = tomllib.loads(FILE.read_text(encoding="utf-8"))
    person = entries.pop("person")
    found = {}
    for key, entry in entries.items():
        english = "|".join(entry["en"]).replace("{person}", person)
        pattern = re.compile(rf"\b(?:{english})(?!\w)|{'|'.join(entry['zh'])}", re.IGNORECASE)
        found[key] = Symptom(key, entry["name"], entry["chinese"], pattern)
    return found


def names_of(keys: Iterable[str], language: Language) -> str:
    """The names of symptoms, for people."""
    known = symptoms()
    names = [known[key].chinese if language == "zh" else known[key].name for key in sorted(keys)]
    return ("、" if language == "zh" else ", ").join(names)


def plain(text: str) -> str:
    """Lower case, without apostrophes, spaces evened out: "Can’t" is "cant"."""
    text = re.sub(r"['’‘`´]", "", text.lower())
    return re.sub(r"[ \t]+", " ", text.replace("-", " "))


def read_facts(text: str) -> Facts:
    """Read a text.

    A symptom that is both named and denied counts as there: it is safer to believe it.
    """
    text = plain(text)
    present: set[str] = set()
    denied: set[str] = set()
    for clause in CLAUSE_BREAK.split(re.sub(r"[?？]\s*(no|none|没有|无)\b", r": \1", text)):
        for key, symptom in symptoms().items():
            for found in symptom.pattern.finditer(clause):
                (denied if _negated(clause, found.start(), found.end()) else present).add(key)
    return Facts(
        frozenset(present),
        frozenset(denied - present),
        read_duration(text),
        read_severity(text),
        read_age(text),
        _pregnant(text),
    )


# Denials. The scope of "no" follows the idea of NegEx (Chapman et al., J. Biomed. Inform. 34, 2001): it reaches
# forward to the end of its clause; here it is kept short, because to miss a symptom is worse than to ask about it.

NEGATOR = re.compile(
    r"\b(?:no(?! (?:one|body|doubt|idea|matter|reason|relief|wonder|longer able|way))|not(?! (?:only|just|sure|going|able|getting|well|"
    r"better|feeling (?:well|good)|stopping|know|helping|improving|right))|without|den(?:y|ies|ied)|neither|nor|"
    r"never(?! (?:had|felt|experienced|known|seen) (?:such|this|anything|so|a))|free of|"
    r"(?:dont|do not|doesnt|does not|didnt|did not|havent|have not|hasnt|has not|havent got) (?:really |actually |currently )?"
    r"(?:have|has|had|got|get|feel|experience|notice|think|see|any)|"
    r"(?:havent|hasnt) had|(?:isnt|arent|wasnt|werent|aint) (?:any|a|an|having|experiencing|in))\b"
    r"|(?:并?没有?|并?不是|不(?!舒服|能|了|上|过|清|停|住|动|醒|到|得|下|想|好|会|止|褪|退|起)|无(?!力|法)|未|否认)",
)
CLAUSE_BREAK = re.compile(r"[.;!?\n。；！？](?!\d)|\b(?:but|however|though|although|except|yet)\b|但是?|可是|不过|只是")
CLAUSE_END = re.compile(r"\b(?:because|since|when|while|just|only|and|my|i|im|ive)\b|而且")
REACH = {"en": 45, "zh": 8}
"""characters over which a denial may reach"""


def _negated(text: str, start: int, end: int) -> bool:
    """Whether the symptom at a place of the text is denied."""
    if re.match(r"\s*(?:[:?？：-])\s*(?:no|none|denied|negative|没有|无)\b", text[end:]):
        return True
    before = text[:start]
    for negator in NEGATOR.finditer(before):
        between = before[negator.end() :]
        chinese = ord(negator[0][0]) > 0x2E80
        listed = re.search(r"\b(?:or|nor)\b", between + text[start : end + 60])
        near = len(between) <= REACH["zh" if chinese else "en"] and not CLAUSE_END.search(between)
        if near and (listed or not re.search(r"[,，]", between)):
            return True
    return False


# How long, how strong, how old

NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            "zero",
            "one a an 一",
            "two couple 两 二",
            "three 三",
            "four 四",
            "five 五",
            "six 六",
            "seven 七",
            "eight 八",
            "nine 九",
            "ten 十",
        )
    )
    for word in words.split()
} | {"few": 3, "several": 4, "几": 3, "半": 0.5, "half": 0.5}
HOURS = {
    "minute": 1 / 60, "min": 1 / 60, "hour": 1, "hr": 1, "day": 24, "night": 24, "week": 168, "fortnight": 336, "month": 730, "year": 8760,
    "分钟": 1 / 60, "小时": 1, "天": 24, "日": 24, "晚": 24, "周": 168, "星期": 168, "礼拜": 168, "个月": 730, "月": 730, "年": 8760,
}  # fmt: skip
AMOUNT = r"(\d+(?:\.\d+)?|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + r")"
DURATION = re.compile(
    rf"(?<![\w.]){AMOUNT}(?: of)?(?: (?:full|whole|more))? (minute|min|hour|hr|day|night|week|fortnight|month|year)s?\b(?! old| of age|old)"
    rf"|{AMOUNT}个?(分钟|小时|天|日|晚|周|星期|礼拜|个月|月|年)(?!大)"
)
SINCE = (
    (re.compile(r"since yesterday|从昨天|昨天开始"), 24.0),
    (re.compile(r"since last night|last night|昨晚"), 12.0),
    (re.compile(r"since (?:this )?(?:morning|noon)|this morning|今天早上|从早上|今早"), 6.0),
    (re.compile(r"just (?:now|started)|right now|minutes ago|刚刚|刚才"), 0.5),
    (re.compile(r"since last week|上周"), 168.0),
    (re.compile(r"(?:for )?(?:weeks|several weeks)\b|好几周|几个星期"), 504.0),
    (re.compile(r"(?:for )?months\b|好几个月"), 2190.0),
    (re.compile(r"(?:for )?days\b|好几天"), 96.0),
)


def read_duration(text: str) -> float | None:
    """Hours a text gives for how long something lasts; the longest one, None for none."""
    found = [
        _number(hit[1] or hit[3]) * HOURS[hit[2] or hit[4]]
        for hit in DURATION.finditer(text)
        if not re.match(r"s? (?:ago i (?:was|had)|pregnant)", text[hit.end() :])
    ]
    if found:
        return max(found)
    return next((hours for pattern, hours in SINCE if pattern.search(text)), None)


def _number(word: str) -> float:
    return float(NUMBERS[word]) if word in NUMBERS else float(word)


SEVERITY = re.compile(
    r"\b(\d{1,2}) ?(?:/|out of|of) ?10\b|(?:pain|severity|strength)(?: \w+){0,3} (\d{1,2})\b|(\d{1,2})分"
)


def read_severity(text: str) -> int | None:
    """Pain from 0 to 10; None when the text gives none."""
    found = SEVERITY.search(text)
    if not found:
        return None
    value = int(next(group for group in found.groups() if group))
    return value if value <= 10 else None


AGE = re.compile(
    rf"{AMOUNT}(?: and a half)?[ ]?(years?|yrs?|months?|weeks?|days?)[ ]?(?:old|of age)\b|\b(?:age|aged) (\d{{1,3}})\b"
    rf"|\b(?:is|im|i am|hes|shes|turned) (\d{{1,3}})(?! ?(?:/|out|weeks|months|days|hours|minutes|percent|%|degrees|°))\b|{AMOUNT}个?(岁|月大|天大|周大)"
)
YEARS = {"y": 1.0, "m": 1 / 12, "w": 1 / 52, "d": 1 / 365, "岁": 1.0, "月大": 1 / 12, "天大": 1 / 365, "周大": 1 / 52}
KINDS = (
    (re.compile(r"\b(?:newborn|new born)|新生儿"), 0.05),
    (re.compile(r"\b(?:baby|infant)|宝宝|婴儿"), 0.5),
    (re.compile(r"\btoddler"), 2.0),
    (re.compile(r"\b(?:my (?:child|kid|son|daughter|little (?:boy|girl))|the child)\b|孩子|小孩|儿子|女儿"), 6.0),
)


def read_age(text: str) -> float | None:
    """Years; a guess where only "my baby" or "my son" is said, None when nothing tells."""
    if found := AGE.search(text):
        if found[1]:
            return _number(found[1]) * YEARS[found[2][0]]
        if found[5]:
            return _number(found[5]) * YEARS[found[6]]
        age = float(found[3] or found[4])
        return age if age <= 120 else None
    if _pregnant(text):
        return None  # "the baby" is then the one to come
    return next((years for pattern, years in KINDS if pattern.search(text)), None)


def _pregnant(text: str) -> bool:
    found = re.search(
        r"\b(?:im|i am|she is|shes|is|while|being|\d+ weeks|months) pregnant\b|\bin (?:my )?pregnancy\b|\bpregnant (?:and|with)\b|怀孕|孕妇|孕期",
        text,
    )
    return bool(found) and not re.search(r"\bnot pregnant\b|没有?怀孕|没怀孕", text)
