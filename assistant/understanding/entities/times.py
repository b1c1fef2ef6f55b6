"""Times of day, durations, recurrences and time zones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time, timedelta
from functools import cache

from assistant.understanding.entities.found import Found
from assistant.understanding.entities.types import Recurrence
from assistant.understanding.entities.vocabulary import vocabulary

__all__ = ["find_durations", "find_recurrences", "find_times", "find_zones"]

_HALF = r"a\.?m\b\.?|p\.?m\b\.?"
_PART = r"(?:in\s+the\s+)?(?:morning|afternoon|evening|night)|at\s+night|tonight"
_HAN_PART = "凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|半夜"
_CLOCK = re.compile(
    rf"""
    (?<![\d.,:/-])(?P<h>\d{{1,2}})(?:[:]|(?P<dot>[.])|(?P<french>h)|\s?uhr\s?)(?P<m>[0-5]\d)(?::[0-5]\d)?(?![\d%.,]\d|[\d%:])\s?(?P<ap>{_HALF})?
        (?:\s?(?:uhr|o'clock))?(?:\s+(?P<p1>{_PART}))?
    |(?<![\d.,:/-])(?P<h2>\d{{1,2}})\s?(?:(?P<ap2>{_HALF})|o'?\s?clock|uhr\b)(?:\s+(?P<p2>{_PART}))?
    |(?<![\d.,:/-])(?P<h3>\d{{1,2}})\s+(?P<p3>in\s+the\s+(?:morning|afternoon|evening)|at\s+night|tonight)\b
    |(?<!from\s)\b(?:(?P<fm>\d{{1,2}})(?P<fw>\s+minutes?)?|(?P<fq>(?:a\s+)?quarter|half))\s+(?P<fd>past|to|after|before|till|of)\s+(?P<fh>\d{{1,2}})
        (?![\d/:]|\s*(?:hours?|days?|weeks?|months?|years?|euros?|dollars?|pounds?|percent|%|people|times)\b)(?:\s?(?P<ap4>{_HALF}))?(?:\s+(?P<p4>{_PART}))?
    |\b(?P<word>noon|midday|midnight)\b
    |(?P<hp>{_HAN_PART})?(?:差(?P<hl>\d{{1,2}}|十)(?P<hlu>分钟?|刻钟?)(?:就|到)?)?(?<!\d)(?P<hh>\d{{1,2}})(?:点|點|时(?!间)|時)(?:(?P<hm>\d{{1,2}})分?(?![个天年月刻])|(?P<hhalf>半)|(?P<hq>[13])刻|(?P<hfull>钟|鐘|整))?
        (?:差(?P<hl2>\d{{1,2}})(?P<hlu2>分钟?|刻钟?))?
    |(?P<hp2>{_HAN_PART})(?P<hh2>\d{{1,2}})[:](?P<hm2>\d\d)
    """,
    re.VERBOSE,
)
_BEFORE_DOT = re.compile(
    r"\b(?:à|at|um|om|alle|às|vers|dès|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|today|tonight|tomorrow)\s+$",
    re.IGNORECASE,
)
"""what makes a number with a dot a time: "thursday 2.30" """
_LOOSE = re.compile(
    r"\b(?:at|by|until|till|before|after|around|about|from)\s+(?P<h>\d{1,2})(?![\d.,:/%-]|\s?(?:%|percent|euro|dollar|pound|buck|cent|hour|minute|day|week|degree|of\b|\w+\s+(?:street|road|avenue|lane|st)\b))"
)
_SPOKEN = re.compile(
    r"\b(?:at|by|until|till|for|before|around|about|up)\s+(?:(?P<h>\d{1,2})\s+(?P<m>[0-5]\d)|(?P<all>half\s+(?P<half>\d{1,2})))"
    r"(?![\d.,:/%-]|\s?(?:%|percent|euro|dollar|pound|hour|minute|second|day|week|month|year|degree|of\b|people|a\b))"
)
"""a time said without a word of it: "at 7 30", "for half 6" """
_SECONDS = {"s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hr": 3600, "hour": 3600}
_SECONDS |= {"day": 86_400, "night": 86_400, "week": 604_800, "fortnight": 1_209_600, "month": 2_592_000}
_SECONDS |= {"year": 31_536_000, "秒": 1, "分": 60, "小时": 3600, "钟头": 3600, "天": 86_400, "日": 86_400}
_SECONDS |= {"周": 604_800, "週": 604_800, "星期": 604_800, "礼拜": 604_800, "月": 2_592_000, "年": 31_536_000}
_SECONDS |= {"stunde": 3600, "stunden": 3600, "minuten": 60, "tag": 86_400, "tage": 86_400, "tagen": 86_400}
_SECONDS |= {"woche": 604_800, "wochen": 604_800, "heure": 3600, "jour": 86_400, "semaine": 604_800, "hora": 3600}
_SECONDS |= {"minuto": 60, "día": 86_400, "semana": 604_800, "ora": 3600, "ore": 3600, "minuti": 60, "giorni": 86_400}
_SECONDS |= {"uur": 3600, "dagen": 86_400, "weken": 604_800, "dia": 86_400, "uren": 3600, "minuut": 60}
_NAMED = sorted((u for u in _SECONDS if len(u) > 2 and u.isalpha() and u < "\u2000"), key=len, reverse=True)
_MORE = r"(?:\s(?:more|further|extra|additional|other))?"
_PIECE = rf"\d{{1,6}}(?:[.,]\d{{1,4}})?{_MORE}\s?-?(?:(?:{'|'.join(_NAMED)})s?|h|m|(?<!\d\d\d\d)s)(?![^\W\d_])"
_DURATION = re.compile(
    rf"""
    (?P<compact>(?<![A-Za-z0-9_.,])(?P<ch>\d{{1,3}})\s?h\s?(?P<cm>[0-5]?\d)(?:\s?m(?:in)?)?(?!\w))
    |(?P<half>\b(?:half\s+an?\s+|a\s+half\s+)(?P<hu>hour|day|year|minute)\b|(?P<q>\b(?:(?:a|(?P<qn>[123]))\s+)?quarters?\s+of\s+an\s+hour\b))
    |(?P<one>(?<!once\s)(?<!twice\s)(?<!times\s)\b(?:an?|another|a\s+couple\s+of|a\s+few){_MORE}\s+(?P<ou>hour|minute|second|day|week|month|year|fortnight)s?\b(?:\s+and\s+a\s+(?P<oh>half|quarter)\b)?)
    |(?P<named>(?<![A-Za-z0-9_.,]){_PIECE}(?:(?:\s*,?\s*(?:and\s+)?){_PIECE}){{0,4}}(?:\s+and\s+a\s+(?P<nh>half)\b)?)
    |(?P<mixed>(?<![\w.,])(?P<mc>\d{{1,6}})\s+and\s+a\s+(?P<mh>half|quarter)\s+(?P<mu>hour|day|week|month|year|minute)s?\b)
    |(?P<hanhalf>半个?(?P<xu>小时|钟头|天|月|年))
    |(?P<hanquarter>(?<!\d)(?P<hq>[13])刻钟)
    |(?P<han>(?:(?<![\d.点第])\d{{1,6}}(?:\.\d{{1,4}})?(?:(?:个半?(?:小时|钟头)|小时|分钟|分(?![之钟])|秒钟|秒(?!钟))(?![前以内级份初末]|之前)|(?:个半?(?:星期|礼拜|月)|天半?|周半?|週|年半?)(?![前后後以内级份初末]|之前|之后))零?){{1,4}}(?P<hx>半)?)
    """,
    re.VERBOSE,
)
_PIECES = re.compile(rf"(\d+(?:[.,]\d+)?){_MORE}\s?-?([^\W\d_]+)")
_ZONES = {
    "utc": "UTC", "gmt": "UTC", "cet": "Europe/Paris", "cest": "Europe/Paris", "bst": "Europe/London",
    "est": "America/New_York", "edt": "America/New_York", "cst": "America/Chicago", "cdt": "America/Chicago",
    "mst": "America/Denver", "pst": "America/Los_Angeles", "pdt": "America/Los_Angeles", "jst": "Asia/Tokyo",
    "ist": "Asia/Kolkata", "aest": "Australia/Sydney", "eastern": "America/New_York", "pacific": "America/Los_Angeles",
    "central": "America/Chicago", "mountain": "America/Denver", "central european": "Europe/Paris",
    "beijing": "Asia/Shanghai", "北京": "Asia/Shanghai", "东京": "Asia/Tokyo", "纽约": "America/New_York",
    "伦敦": "Europe/London", "巴黎": "Europe/Paris", "柏林": "Europe/Berlin", "上海": "Asia/Shanghai",
    "香港": "Asia/Hong_Kong", "首尔": "Asia/Seoul", "悉尼": "Australia/Sydney", "莫斯科": "Europe/Moscow",
    "新加坡": "Asia/Singapore", "洛杉矶": "America/Los_Angeles", "台北": "Asia/Taipei", "曼谷": "Asia/Bangkok",
    "san francisco": "America/Los_Angeles", "boston": "America/New_York", "washington": "America/New_York",
    "delhi": "Asia/Kolkata", "new delhi": "Asia/Kolkata", "mumbai": "Asia/Kolkata", "munich": "Europe/Berlin",
    "miami": "America/New_York", "seattle": "America/Los_Angeles", "milan": "Europe/Rome", "osaka": "Asia/Tokyo",
    "india": "Asia/Kolkata", "japan": "Asia/Tokyo", "china": "Asia/Shanghai", "germany": "Europe/Berlin",
}  # fmt: skip
_ZONE = re.compile(
    r"\b(?P<offset>(?:utc|gmt)\s?[+-]\s?\d{1,2}(?::?[0-5]\d)?)|\b(?P<short>utc|gmt|cet|cest|bst|est|edt|pst|pdt|jst|aest)\b"
    r"|\b(?:time|clock|late)\b(?:\s+(?:is\s+it|now|zone|it\s+is))*\s+in\s+(?!(?:utc|gmt)\b)"
    r"(?P<place>[^\W\d_]+(?:[ -][^\W\d_]+){0,2})"
    r"|\b(?P<named>[^\W\d_]+(?:[ ][^\W\d_]+)?)(?=\s+(?:standard\s+|daylight\s+)?time(?:zone)?\b)"
    r"|(?P<han>[\u4e00-\u9fff]{2,4}?)(?=时间|現在几点|现在几点|几点)"
)
_RECURRENCE_UNIT = r"minute|hour|day|night|morning|evening|afternoon|week|weekend|month|year"


def find_times(text: str) -> Iterator[Found]:
    """Every time of day in a reading; "8" after "at" only where nothing says what else it counts."""
    for match in _CLOCK.finditer(text):
        part = {name: value for name, value in match.groupdict().items() if value is not None}
        value = _time(part)
        start = match.start()
        if "french" in part or "dot" in part:  # "2h30" is a duration, "3.14" a number, "at 3.14" a time
            lead = _BEFORE_DOT.search(text[max(0, start - 12) : start])
            start -= len(lead.group()) if lead and "french" in part else 0
            value = value if lead or "ap" in part or "uhr" in match.group() else None
        if value is not None:
            yield Found("time", value, start, match.end())
    for match in _SPOKEN.finditer(text):
        if (hour := int(match["h"] or match["half"])) < 24:
            yield Found(
                "time", time(hour, int(match["m"] or 30)), match.start("h" if match["h"] else "all"), match.end()
            )
    for match in _LOOSE.finditer(text):
        hour = int(match["h"])
        if hour < 24 and (match.group().startswith("at") or _day_before(text, match.start())):
            yield Found("time", time(hour), match.start("h"), match.end())


def _day_before(text: str, start: int) -> bool:
    return bool(re.search(r"day\s*$|tomorrow\s*$", text[max(0, start - 12) : start]))


def _time(part: dict[str, str]) -> time | None:
    if "word" in part:
        return time(0 if part["word"] == "midnight" else 12)
    minute = int(part.get("m") or part.get("hm") or part.get("hm2") or 0)
    hour = int(next((part[name] for name in ("h", "h2", "h3", "fh", "hh", "hh2") if name in part), "99"))
    if "fm" in part and "fw" not in part and int(part["fm"]) not in (5, 10, 20, 25):
        return None
    if "fh" in part:
        minute = int(part["fm"]) if "fm" in part else 30 if part["fq"] == "half" else 15
        if part["fd"] in ("to", "before", "till", "of"):
            if part.get("fq") == "half" or (part["fd"] in ("of", "before") and "fm" in part):
                return None
            hour, minute = (hour - 1) % 24, 60 - minute
            hour = hour or 12
    if "hh" in part:
        minute = 30 if "hhalf" in part else 15 * int(part["hq"]) if "hq" in part else minute
        if not {"hp", "hm", "hhalf", "hq", "hfull", "hl", "hl2"} & part.keys() and hour == 1:
            return None  # 便宜一点
        if left := int((part.get("hl") or part.get("hl2") or "0").replace("十", "10")):  # 差一刻七点, 七点差五分
            left *= 15 if "刻" in (part.get("hlu") or part.get("hlu2") or "") else 1
            hour, minute = (hour - 1) % 24 or 12, 60 - left
    half = next((part[name] for name in ("ap", "ap2", "ap4") if name in part), "")
    hour = _on_24(hour, half, next((part[n] for n in ("p1", "p2", "p3", "p4", "hp", "hp2") if n in part), ""))
    return time(hour, minute) if 0 <= hour < 24 and minute < 60 else None


def _on_24(hour: int, half: str, day_part: str) -> int:
    late = half.startswith("p") or any(w in day_part for w in ("afternoon", "evening", "night", "下午", "傍晚", "晚"))
    if (half or day_part) and hour == 12:
        return 12 if (late and "night" not in day_part and "晚" not in day_part) or "中午" in day_part else 0
    if "中午" in day_part and hour < 3:
        return hour + 12
    return hour + 12 if late and hour < 12 else hour


def find_durations(text: str) -> Iterator[Found]:
    """Every length of time in a reading; a month counts 30 days and a year 365."""
    for match in _DURATION.finditer(text):
        seconds = _seconds(match)
        if seconds is not None and seconds < 1e11:
            yield Found("duration", timedelta(seconds=seconds), match.start(), match.end())


def _seconds(match: re.Match[str]) -> float | None:
    part = {name: value for name, value in match.groupdict().items() if value is not None}
    if "compact" in part:
        return int(part["ch"]) * 3600 + int(part["cm"]) * 60
    if "half" in part:
        return 900 * int(part.get("qn", 1)) if "q" in part else _SECONDS[part["hu"]] / 2
    if "one" in part:
        count = 2 if "couple" in part["one"] else 3 if "few" in part["one"] else 1
        return _SECONDS[part["ou"]] * (count + {"half": 0.5, "quarter": 0.25}.get(part.get("oh", ""), 0))
    if "mixed" in part:
        return _SECONDS[part["mu"]] * (int(part["mc"]) + (0.5 if part["mh"] == "half" else 0.25))
    if "hanhalf" in part:
        return _SECONDS[part["xu"]] / 2
    if "hanquarter" in part:
        return int(part["hq"]) * 900
    return _sum(match.group(), bool(part.get("nh")))


def _sum(text: str, half: bool) -> float | None:
    total, last, halves = 0.0, 0.0, 0.0
    for count, unit in _PIECES.findall(text):
        halves = 0.5 if "半" in unit else 0.0
        unit = re.sub("[个個半零钟]", "", unit) if unit > "\u2000" else unit
        unit = "钟头" if unit == "头" else unit
        size = (
            _SECONDS.get(unit) or _SECONDS.get(unit.rstrip("s")) or (_SECONDS.get(unit[0]) if len(unit) == 1 else None)
        )
        if size is None:
            return None
        last = size
        total += (float(count.replace(",", ".")) + halves) * size
    return total + (last / 2 if half else 0.0)


@cache
def _recurrence(language: str) -> re.Pattern[str]:
    day = "|".join(sorted(map(re.escape, vocabulary(language).weekdays), key=len, reverse=True))
    return re.compile(
        rf"\b(?:every|each)\s+(?:(?P<n>\d{{1,4}}|other)(?:st|nd|rd|th)?\s+)?(?:(?P<u>{_RECURRENCE_UNIT})s?\b"
        rf"|(?P<d>(?:{day})s?\b(?:\s*(?:,|and|&)\s*(?:{day})s?\b){{0,6}})|(?P<wd>weekday))"
        rf"|\b(?:on\s+)?(?P<ds>week(?:day|end)s)\b|\bon\s+an?\s+(?P<a>{day})\b|\b(?:on\s+)?(?P<p>{day})s\b|\b(?P<w>hourly|daily|weekly|monthly|yearly|annually)\b"
        r"|每(?:隔)?(?P<hn>\d{1,4})?个?(?P<hu>天|日|周|週|星期|礼拜|月|年|小时|分钟)"
        r"(?:(?<=[周週期拜])(?P<hd>末|[1-6日天]+(?:[、,和及跟与]?(?:周|週|星期|礼拜)?[1-6日天](?![点點:分]))*)(?:到(?:周|週|星期|礼拜)?(?P<ht>[1-6日天]))?)?"
        r"|每(?P<hp>早|晚)|(?:每个?)?(?P<hwork>工作日)"
    )


_WORDS = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month", "yearly": "year", "annually": "year"}
_HAN_UNITS = {"周": "week", "週": "week", "星期": "week", "礼拜": "week", "月": "month", "年": "year", "小时": "hour"}
_DAY_PARTS = frozenset({"night", "morning", "evening", "afternoon"})


def find_recurrences(text: str, language: str = "en") -> Iterator[Found]:
    """Everything that comes again, such as "every other Monday", "on a Friday", "daily" and 每周一."""
    weekdays = vocabulary(language).weekdays
    for match in _recurrence(language).finditer(text):
        part = {name: value for name, value in match.groupdict().items() if value is not None}
        value = _repeats(part, weekdays)
        if value is not None:
            yield Found("recurrence", value, match.start(), match.end())


def _repeats(part: dict[str, str], weekdays: dict[str, int]) -> Recurrence | None:
    count = 2 if part.get("n") == "other" else int(part.get("n") or part.get("hn") or 1)
    if "d" in part or "a" in part or "p" in part:
        named = part.get("d") or part.get("a") or part["p"]
        found = [
            weekdays.get(word) or weekdays.get(word.rstrip("s")) or 0
            for word in re.findall(r"[^\W\d_]+", named)
            if word != "and"
        ]
        if "p" in part and len(named) < 4:
            return None  # "the suns"
        return Recurrence("week", count, tuple(sorted(set(found))))
    if "wd" in part or "hwork" in part or part.get("ds") == "weekdays":
        return Recurrence("week", count, (0, 1, 2, 3, 4))
    if part.get("ds") == "weekends":
        return Recurrence("week", count, (5, 6))
    unit = part.get("u") or _WORDS.get(part.get("w", "")) or _HAN_UNITS.get(part.get("hu", ""), "day")
    if part.get("hu") == "分钟":
        unit = "minute"
    if unit == "weekend" or part.get("hd") == "末":
        return Recurrence("week", count, (5, 6))
    if "hd" in part:
        days = [6 if day in "日天" else int(day) - 1 for day in re.findall("[1-6日天]", part["hd"])]
        if (last := part.get("ht")) is not None:
            days = list(range(days[0], (6 if last in "日天" else int(last) - 1) + 1))
        return Recurrence("week", count, tuple(sorted(set(days)))) if unit == "week" and days else None
    for known in ("minute", "hour", "week", "month", "year"):
        if unit == known:
            return Recurrence(known, count)
    return Recurrence("day", count) if unit == "day" or unit in _DAY_PARTS else None


def find_zones(text: str) -> Iterator[Found]:
    """Every time zone in a reading, as an IANA name; "UTC+02:00" for an offset."""
    for match in _ZONE.finditer(text):
        if match["offset"]:
            hours, minutes = re.findall(r"[+-]|\d\d?", match["offset"])[:2], re.findall(r"\d\d?", match["offset"])[1:]
            value = f"UTC{hours[0]}{int(hours[1]):02d}:{minutes[0] if minutes else '00'}"
            yield Found("timezone", value, match.start(), match.end())
            continue
        name = next(group for group in ("short", "place", "named", "han") if match[group])
        zone, words = _zone(match[name], last=name in ("named", "han"))
        if zone:
            start = match.end(name) - len(words) if name in ("named", "han") else match.start(name)
            yield Found("timezone", zone, start, start + len(words))


def _zone(place: str, last: bool) -> tuple[str, str]:
    """The zone of a place named by the last, or the first, of some words; and those words."""
    spaced = place.isascii() or " " in place
    parts = place.split() if spaced else list(place)
    glue = " " if spaced else ""
    for size in range(len(parts), 0, -1):
        words = glue.join(parts[-size:] if last else parts[:size])
        found = _ZONES.get(words) or (_cities().get(words) if last is False or len(words) > 3 else None)
        if found:
            return found, words
    return "", ""


@cache
def _cities() -> dict[str, str]:
    from zoneinfo import available_timezones

    named = sorted(
        zone for zone in available_timezones() if zone.count("/") == 1 and not zone.startswith(("Etc", "US/"))
    )
    return {zone.split("/")[1].replace("_", " ").lower(): zone for zone in named}
