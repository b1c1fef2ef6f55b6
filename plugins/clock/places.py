"""Cities, countries and their time zones, found in what was said; see ``make_places.py`` for where they come from."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from assistant.understanding.entities import find_entities

__all__ = ["Place", "places_in", "unknown_place", "zone_of"]

ALIASES = {
    "nyc": "new york city", "new york": "new york city", "la": "los angeles", "sf": "san francisco",
    "dc": "washington", "washington dc": "washington", "uk": "united kingdom", "england": "united kingdom",
    "britain": "united kingdom", "great britain": "united kingdom", "scotland": "united kingdom", "us": "united states",
    "usa": "united states", "america": "united states", "the states": "united states", "saigon": "ho chi minh city",
    "peking": "beijing", "bombay": "mumbai", "korea": "south korea", "holland": "netherlands", "kiev": "kyiv",
    "纽约": "new york city", "华盛顿": "washington", "洛杉矶": "los angeles", "首尔": "seoul", "美国": "united states",
    "阿联酋": "united arab emirates", "香港": "hong kong", "澳门": "macao", "台湾": "taiwan", "韩国": "south korea",
}  # fmt: skip
"""what people say for a place → its name in the file"""
COMMON = frozenset(
    (  # noqa: SIM905
        "march may mobile reading nice bath orange of most same best young central many split male ho imo how is it"
        " the time now what date here there today local a an i my me us la dc our san vary man hit ok in at on to"
    ).split()
)
"""words that are rarely a place, unless "in" stands before them"""
LEAD = re.compile(
    r"(?:\b(?:in|at|to|for|from|of|over|and|between|vs\.?|versus|is it now in)\s+(?:the\s+)?)$", re.IGNORECASE
)
ASKED = re.compile(
    r"\b(?:in|at|to|for|with|from)\s+(?P<place>[^\W\d_][^\W\d_.'’-]*(?:[ .'’-]+[^\W\d_.'’-]+){0,3}?)(?=\s+(?:right"
    r"|now|today|at|when|if|currently|please|and|time)\b|\s*[?.!,]|\s*$)"
    r"|(?P<han>[\u4e00-\u9fff]{2,8}?)(?:的?(?:时间|现在)|现在|几点|今天|是几|的日期|和|跟)",
    re.IGNORECASE,
)
NOT_PLACES = re.compile(
    r"^(?:now|right now|here|today|tomorrow|the moment|moment|general|total|time|a moment|my .*|your .*|现在|今天"
    r"|明天|后天|昨天|这里|这儿|当地|告诉我|我想知道|(?:请问|现在|你).*|.*什么.*|home|work|school|(?:over )?there)$",
    re.IGNORECASE,
)


ASK_ZH = re.compile(
    r"^(?:请问|帮我|帮忙|给我|替我|告诉我|你?知道|看一?下|看看|查一?下|说一?下|瞧一?[眼下]|看|查|那么?)+"
)
CLAUSE = re.compile(
    r"(?!^)\b(?:the|an?)\b|\b(?:out|up|down|off|my|your|our|his|her|me|us|it|you|i|we|they|and|or|but|so|that"
    r"|this|these"
    r"|those|tell|get|go|be|do|have|make|see|look|check|know|say|help|work|bed|some|any|no|not|all|every|each|while"
    r"|late|early|least|last|first|case|front|order|public|private)\b|[我你您他她咱看瞧查帮请告诉说知道问想要给下点是不什么眼这那有没把跟时几会该]",
    re.IGNORECASE,
)
"""what no name of a place holds: the rest of a sentence has been taken for one"""


@dataclass(frozen=True)
class Place:
    """A place, and the time there."""

    name: str
    """as it was said"""
    zone: tzinfo
    start: int
    end: int

    def at(self, moment: datetime) -> datetime:
        """A moment on the clock there."""
        return moment.astimezone(self.zone)


@cache
def _known() -> dict[str, str]:
    """Folded name → IANA zone. Of places with one name the first in the file counts: countries, then large cities."""
    found: dict[str, str] = {}
    text = Path(__file__).with_name("places.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        names, _, zone, kind = line.split("\t")
        for name in names.split("|"):
            if kind != "state" or _folded(name) not in found:
                found.setdefault(_folded(name), zone)
    for zone in available_timezones():
        city = zone.rpartition("/")[2].replace("_", " ")
        if zone.count("/") and not zone.startswith(("Etc", "Indian/Christmas", "Pacific/Easter")):
            found.setdefault(_folded(city), zone)
    found.update({alias: found[name] for alias, name in ALIASES.items() if name in found})
    return found


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char)).replace("’", "'").replace(".", "")


def places_in(text: str) -> list[Place]:
    """The places of a text in order; also zones such as "UTC+2" and "EST"."""
    found: list[Place] = []
    words = list(re.finditer(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?", text))
    taken = -1
    for number, word in enumerate(words):
        if word.start() < taken:
            continue
        for size in range(4, 0, -1):
            run = words[number : number + size]
            if len(run) == size and (place := _place(text, run[0].start(), run[-1].end())):
                found.append(place)
                taken = place.end
                break
    found += _han(text)
    for entity in find_entities(text):
        if entity.kind == "timezone" and not any(p.start < entity.end and entity.start < p.end for p in found):
            found.append(Place(entity.text, zone_of(str(entity.value)), entity.start, entity.end))
    return sorted(found, key=lambda place: place.start)


def _place(text: str, start: int, end: int) -> Place | None:
    name = text[start:end].strip(".")
    folded = _folded(name).replace("-", " ")
    zone = _known().get(folded) or _known().get(_folded(name)) or _known().get(f"{folded} city")
    if zone is None or (not name.isascii() and re.fullmatch(r"[\u4e00-\u9fff]+", name)):
        return None
    led = LEAD.search(text[:start]) is not None
    if (folded in COMMON or len(folded) < 4) and not led:
        return None
    plain = not led and not name[0].isupper()
    if plain and not (
        re.search(r"\b(?:is|are)\s+$", text[:start]) or re.match(r"\s*(?:time\b|'s time|\W*$)", text[end:])
    ):
        return None
    if folded == "us" and not name.isupper() and not re.search(r"\bthe\s+$", text[:start], re.IGNORECASE):
        return None
    return Place(name, ZoneInfo(zone), start, end)


def _han(text: str) -> list[Place]:
    found: list[Place] = []
    at = 0
    while at < len(text):
        for size in range(8, 1, -1):
            name = text[at : at + size]
            zone = _known().get(_folded(name)) if re.fullmatch(rf"[\u4e00-\u9fff]{{{size}}}", name) else None
            if zone is not None and not NOT_PLACES.match(name):
                found.append(Place(name, ZoneInfo(zone), at, at + size))
                at += size - 1
                break
        at += 1
    return found


def zone_of(value: str) -> tzinfo:
    """The zone that an entity names, such as "Asia/Tokyo" or "UTC+02:00"."""
    if offset := re.fullmatch(r"UTC([+-])(\d\d):(\d\d)", value):
        span = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return timezone(-span if offset[1] == "-" else span) if span < timedelta(hours=24) else UTC
    return ZoneInfo(value)


def unknown_place(text: str) -> str:
    """Returns the unknown place in a question about the time there; "" if there is none."""
    for match in ASKED.finditer(text):
        place = (match["place"] or ASK_ZH.sub("", match["han"] or "")).strip()
        if (
            len(place) > 1
            and not NOT_PLACES.match(place)
            and not CLAUSE.search(place)
            and not re.search(
                r"\d|天|周"
                r"|月|年|小时|分钟",
                place,
            )
        ):
            return place
    return ""
