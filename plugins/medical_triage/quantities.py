"""Reads durations, severity and ages from a text about health."""

from __future__ import annotations

import re

__all__ = ["NUMBERS", "WORDS", "in_figures", "is_pregnant", "read_age", "read_duration", "read_severity", "read_years"]

WORDS: tuple[str, ...] = ("zero", "one a an 一", "two couple 两 二", "three 三", "four 四", "five 五", "six 六")
WORDS += ("seven 七", "eight 八", "nine 九", "ten 十")
NUMBERS: dict[str, float] = {word: number for number, words in enumerate(WORDS) for word in words.split()}
NUMBERS |= {"零": 0, "few": 3, "several": 4, "几": 3, "半": 0.5, "half": 0.5}
HOURS = {"minute": 1 / 60, "min": 1 / 60, "hour": 1, "hr": 1, "day": 24, "night": 24, "week": 168, "fortnight": 336}
HOURS |= {"month": 730, "year": 8760, "分钟": 1 / 60, "小时": 1, "天": 24, "日": 24, "晚": 24, "周": 168, "星期": 168}
HOURS |= {"礼拜": 168, "个月": 730, "月": 730, "年": 8760}
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
TEENS = ("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
SPELLED = re.compile(
    rf"\b(?:({'|'.join(TENS)})(?: ({'|'.join(each.split()[0] for each in WORDS[1:10])}))?|({'|'.join(TEENS)}))\b"
    r"|([二两三四五六七八九]?)十([一二三四五六七八九]?)"
)
"""numbers from ten on in words: "thirty five", 三十五"""
AMOUNT = r"(\d+(?:\.\d+)?|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + r")"
DURATION = re.compile(
    rf"(?<![\w.]){AMOUNT}(?: of)?(?: (?:full|whole|more))? "
    r"(minute|min|hour|hr|day|night|week|fortnight|month|year)s?\b(?! old| of age|old)"
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


BEGAN = re.compile(
    r"\b(?:began|started|start|since|onset|noticed|developed|appeared|came on|woke|first)\b[^.;]{0,40}$|开始.{0,4}$"
)
OVER = re.compile(
    r"\b(?:every|each|per|next|in (?:about )?|last(?:s|ing|ed)(?: about)?|known for|once|twice|times|one|two|three"
    r"|few) $"
)
SPELLS = re.compile(r"\b(?:on and off|off and on|off) for $")
"""before minutes, hours and days it is how long each spell lasts; before weeks and more how long it has gone on"""
"""what makes a time no duration of the complaint: how often, or how long each spell lasts"""
NEARBY = 80
"""characters before and after a time that may say what it is"""
WRITTEN = re.compile(r"(?<![\d/.])(\d{1,2})/(7|52|12)\b")
CLERKED = {"7": 24.0, "52": 168.0, "12": 730.0}


def _in_digits(text: str) -> str:
    """A text with its numbers from ten to ninety-nine in digits, so that "thirty five years" is not five."""
    return SPELLED.sub(_digits, text)


def _digits(found: re.Match[str]) -> str:
    if found[1]:
        return str(20 + 10 * TENS.index(found[1]) + int(NUMBERS.get(found[2], 0)))
    if found[3]:
        return str(11 + TEENS.index(found[3]))
    return str(int(10 * NUMBERS.get(found[4], 1) + NUMBERS.get(found[5], 0)))


UNITS = "|".join(each.split()[0] for each in WORDS)
HUNDRED = re.compile(
    rf"\b(a|{UNITS}) hundred(?:(?: and)? (\d{{1,2}}|{UNITS})\b)?"
    r"|([一二两三四五六])百(?:零?(\d{1,2})|零([一二三四五六七八九])|([一二三四五六七八九])(?!十))?"
)
FIGURES = (
    (re.compile(r"(?<![\d,.])(\d{1,3}),(\d{1,2})(?![\d,])"), r"\1.\2"),
    (re.compile(r"\b(one|1) ten\b"), "110"),
    (re.compile(r"\bone (?=[1-9]\d\b)"), "1"),
    (re.compile(r"\btwo (?=[1-9]\d\b)"), "2"),
    (re.compile(r"(\d{2,3}) (?:over|upon|比) (\d{2,3})"), r"\1/\2"),
    (re.compile(r"(\d{2})度(\d)(?!\d)"), r"\1.\2"),
    (re.compile(r"血压\D{0,6}?(\d{2,3})[，、, ]{1,2}(\d{2,3})(?!\d)"), r"血压\1/\2"),
    (re.compile(r"(pressure\D{0,20})(\d{2,3}) (?:and|by) (\d{2,3})\b"), r"\1\2/\3"),
    (re.compile(r"高压\D{0,3}(\d{2,3})\D{0,6}低压\D{0,3}(\d{2,3})"), r"\1/\2"),
)
POINT = re.compile(
    rf"\b(\d{{1,3}}|{UNITS}) point (\d|{UNITS})\b"
    r"|(\d{1,3}|[零一二两三四五六七八九])[度点]([零一二三四五六七八九])"
)


def in_figures(text: str) -> str:
    """A text with spoken and continental numbers as measuring needs them: "one eighty over 39,5" is "180/39.5"."""
    text = HUNDRED.sub(_hundreds, _in_digits(text))
    for pattern, written in FIGURES:
        text = pattern.sub(written, text)
    return POINT.sub(lambda found: f"{_number(found[1] or found[3]):g}.{_number(found[2] or found[4]):g}", text)


def _hundreds(found: re.Match[str]) -> str:
    if found[6]:  # 一百二 is a hundred and twenty
        return f"{100 * _number(found[3]) + 10 * _number(found[6]):g}"
    rest = found[2] or found[4] or found[5]
    return f"{100 * _number(found[1] or found[3]) + (_number(rest) if rest else 0):g}"


def read_duration(text: str) -> float | None:
    """Hours a text gives for how long something lasts: the longest; None for none. What began "ago" counts less."""
    text = _in_digits(text)
    lasting: list[float] = []
    ago: list[float] = []
    for hit in DURATION.finditer(text):
        before, after = text[max(0, hit.start() - NEARBY) : hit.start()], text[hit.end() : hit.end() + NEARBY]
        if re.match(r"s? (?:ago i (?:was|had)|pregnant|old|gestation|post|after|of age)", after) or OVER.search(before):
            continue
        hours = _number(hit[1] or hit[3]) * HOURS[hit[2] or hit[4]]
        if hours < HOURS["week"] and SPELLS.search(before):
            continue
        since = re.match(r" (?:ago|before|earlier|previously)|前", after) and not BEGAN.search(before)
        (ago if since else lasting).append(hours)
    lasting += [float(hit[1]) * CLERKED[hit[2]] for hit in WRITTEN.finditer(SMALL.sub(" ", text))]
    if lasting:
        return max(lasting)
    if ago:
        return min(ago)
    return next((hours for pattern, hours in SINCE if pattern.search(text)), None)


def _number(word: str) -> float:
    return NUMBERS[word] if word in NUMBERS else float(word)


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
    rf"{AMOUNT}(?: and a half)?[ ]?(years?|yrs?|months?|mos?|weeks?|wks?|days?)[ ]?(?:olds?|of age)\b"
    r"|\b(?:age|aged) (\d{1,3})\b"
    r"|\b(?:(?<!it )(?<!temp )(?<!temperature )(?<!fever )is|im|i am|hes|shes|turned) (\d{1,3})"
    r"(?!\.\d| ?(?:/|out|weeks|months|days|hours|minutes|percent|%"
    r"|degrees|°))\b"
    rf"|{AMOUNT}个?(岁|月大|天大|周大)"
    r"|\b(\d{1,3}) ?(?:y(?= [fm]\b)|y/?o\b|yrs?\b(?! ago)|[fm]\b(?=[ ,.:])|(?:male|female|man|woman|boy|girl)\b)"
)
SMALL = re.compile(r"\b[mf],? (\d{1,2})/(12|52|7)\b|^\W*(\d{1,2})/(12|52|7)\b|(?<![\d/.])(\d{1,2})/(12|52|7) [mf]\b")
"""a baby's age as it is clerked: "F 7/12" (months), "6/52 M" (weeks)"""
CLERK = re.compile(r"\b[mf],? ?(\d{1,3}) ?(?:yrs?|years?)?\b(?! ?(?:/|mm|cm|kg|%|weeks|months))|, (\d{1,3}),")
"""ages as they are clerked, "M 82", or told: "my mother, 71," """
PARTS = {"12": 12.0, "52": 52.0, "7": 365.0}
YEARS = {"y": 1.0, "m": 1 / 12, "w": 1 / 52, "d": 1 / 365, "岁": 1.0, "月大": 1 / 12, "天大": 1 / 365, "周大": 1 / 52}
KINDS = (
    (re.compile(r"\b(?:newborn|new born)|新生儿"), 0.05),
    (re.compile(r"\b(?:baby|infant)|宝宝|婴儿"), 0.5),
    (re.compile(r"\btoddler"), 2.0),
    (re.compile(r"\b(?:my (?:child|kid|son|daughter|(?:little )?(?:boy|girl))|the child)\b|孩子|小孩|儿子|女儿"), 6.0),
)


BABY_IS = re.compile(
    rf"(宝宝|婴儿|新生儿|孩子|儿子|女儿)(?:才|刚刚?|只有|快|还不到)?{AMOUNT}个?(月|天|周)(?=[，,。；;！!]|$)"
)
""""宝宝才一个月，": how old, without the word that says so"""


def read_age(text: str) -> float | None:
    """Years; a guess where only "my baby" or "my son" is said, None when nothing tells."""
    text = BABY_IS.sub(r"\1\2\3大", _in_digits(text))
    if found := SMALL.search(text):
        count, part = (group for group in found.groups() if group)
        return float(count) / PARTS[part]
    if found := AGE.search(text):
        if found[1]:
            return _number(found[1]) * YEARS[found[2][0]]
        if found[5]:
            return _number(found[5]) * YEARS[found[6]]
        age = float(found[3] or found[4] or found[7])
        return age if age <= 120 else None
    if found := CLERK.search(text):
        age = float(found[1] or found[2])
        return age if age <= 120 else None
    if is_pregnant(text):
        return None  # "the baby" is then the one to come
    return next((years for pattern, years in KINDS if pattern.search(text)), None)


GROWN = (
    (re.compile(r"\b(?:elderly|old (?:man|woman|lady)|pensioner|retired)\b|老人|老年"), 75.0),
    (re.compile(r"\b(?:an adult|adult|grown ?up|middle aged)\b|成年|大人"), 40.0),
    (re.compile(r"\b(?:teen\w*)\b|青少年"), 15.0),
)
BARE = re.compile(
    r"\W*(?:(?:im|i am|hes|shes|he is|she is|its|about|only|just|almost|nearly|over|around|maybe|大概|大约|快|才)\s*)*"
    rf"{AMOUNT}"
    r"(?: and a half)?\s*(years?|yrs?|months?|mos?|weeks?|wks?|days?)?\W*"
)

BARE_CHINESE = re.compile(rf"\W*(?:才|快|大概|大约)?{AMOUNT}个?(月|周|星期|天)(?:大|了|多)?\W*")


def read_years(text: str) -> float | None:
    """Years in a reply to "how old?", where a number alone or "18 months" is an age; None when it tells none."""
    text = _in_digits(text)
    if found := BARE_CHINESE.fullmatch(text):
        return _number(found[1]) * YEARS[{"月": "月大", "天": "天大"}.get(found[2], "周大")]
    if found := BARE.fullmatch(text):
        age = _number(found[1]) * YEARS[(found[2] or "y")[0]]
        return age if "." not in found[1] and age <= 120 else None
    return next((years for pattern, years in GROWN if pattern.search(text)), None)


def is_pregnant(text: str) -> bool:
    """Returns whether a text says that the person is pregnant."""
    found = re.search(
        r"\b(?:im|i am|she is|shes|is|while|being|\d+ ?(?:weeks?|wks?)|months) pregnant\b|\bin (?:my )?pregnancy\b"
        r"|\bpregnant (?:and|with|woman|women|lady|patient|teacher|nurse|\()|^\W*pregnant\b|\b(?:[1-3]\d|4[0-2])/40\b"
        r"|\b\d{1,2} weeks?(?: along| gone)?,?(?: and)? (?:my|the) baby\b|\blosing (?:the|my) baby\b"
        r"|\b\d{1,2} weeks gest|\bgravid\w*|\bprimi\w*"
        r"|\bgestation|\btrimester|怀孕|孕妇|孕期|身孕|怀着|怀了(?!疑)|怀(?:上|的)?双胞胎|孕\d+周",
        text,
    )
    otherwise = r"\bnot pregnant\b|没有?怀孕|没怀(?:孕|上)|怀着.{0,6}(?:心|期待|希望)"
    return bool(found) and not re.search(otherwise, text)
