"""The time and the date, here and elsewhere."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from assistant import Exchange, Reply, Services, Turn
from assistant.understanding.entities import Entity, find_entities

from .anchoring import GOES_ON, day_after_last, means_last_day
from .arriving import answer_arrival
from .between import answer_between
from .counting import HOW_MANY, answer_count, asks_count, names_day
from .facts import CHANGE, difference_then, season_said, tell_changes, tell_fact
from .festivals import FESTIVAL
from .places import Place, places_in, unknown_place
from .recalled import day_recalled, place_recalled
from .wording import WEEKDAYS, WEEKDAYS_ZH, Language, day_of, language_of, length, say

__all__ = ["count_days", "tell_time"]

ASKS_TIME = re.compile(r"\b(?:time|clock|late|hour|timezone)\b|几点|时间|时候|时差", re.IGNORECASE)
LED = re.compile(r"^\W*(?:(?:and|then|so|what about|how about)\b\W*)+|^那", re.IGNORECASE)
ANOTHER_DAY = re.compile(r"^\W*(?:and|what about|how about|or)\b|呢\W*$", re.IGNORECASE)
"""names another day for the same question"""
UNIT = re.compile(
    r"(?:(?:and|so|ok|what about|how about|how many|in|that is|that's)\W+)*(?P<en>weeks|months|days)\W*(?:then\W*)?"
    r"|(?:那|换成|合|是|算成?)*(?:几|多少)?个?(?P<zh>周|星期|礼拜|天|月)呢?[?？]?",
    re.IGNORECASE,
)
"""the same in another unit: "and in weeks?" """
LUNAR = re.compile(r"农历|阴历|\blunar (?:date|calendar|month)\b", re.IGNORECASE)
LOOKED_BACK = 3
"""turns"""
ASKS_LIGHT = re.compile(
    r"\bday(?:time|light)? or night\b|\bnight or day\b|\b(?:is it|still) (?:dark|light|night|daytime)\b|白天还是"
    r"|还是白天|是(?:白天|晚上|半夜)",
    re.IGNORECASE,
)
ASKS_DIFFERENCE = re.compile(
    r"\bdifference\b|\b(?:ahead|behind)\b|\bhow many hours\b|时差|差几个?小时|[快慢早晚](?:几个?小时|多少)",
    re.IGNORECASE,
)
NOT_TIME = re.compile(
    r"\b(?:how far|distance|weather|how big|how large|how tall|where|who|population|how do i get|flights?|news)\b"
    r"|多远|天气|在哪|怎么去|人口|多大",
    re.IGNORECASE,
)
"""asks about a place, and not about the time there"""
THERE = re.compile(r"\b(?:there|over there)\b|那[边里儿]", re.IGNORECASE)
HERE = re.compile(r"\bhere\b|\bour time\b|\bmy time\b|\blocal time\b|我们?这[里儿边]|本地", re.IGNORECASE)
ZH_WEEKDAY = re.compile(r"(?:星期|周|礼拜)([一二三四五六日天])")
ASKS_DAY = re.compile(
    r"\b(?:date|day|weekday|month|year)\b|几号|星期几|周几|礼拜几|日期|几月|哪年|哪天|哪一年", re.IGNORECASE
)


async def count_days(turn: Turn, services: Services, day: str = "") -> Reply:
    """Count the days to a date, or say which weekday or which date a day is."""
    text, now = turn.utterance, datetime.fromtimestamp(turn.at)
    if (fact := tell_fact(text, now, language_of(text))) is not None:
        return fact
    before = await services.conversation(turn.session, LOOKED_BACK)
    if (arrival := answer_arrival(text, now, before[-1].data if before else {}, language_of(text))) is not None:
        return arrival
    if (between := answer_between(text, language_of(text))) is not None:
        return between
    if CHANGE.search(text) or _last_places(text, before[-1:]):
        return await tell_time(turn, services)
    if LUNAR.search(text) and not FESTIVAL.search(text):
        return await tell_time(turn, services)
    last = next((str(each.data["date"]) for each in reversed(before) if "date" in each.data), "")
    if (shifted := day_after_last(text, last, now)) is not None:
        told_day = say(
            "date_is",
            language_of(text),
            date=day_of(shifted, language_of(text)),
            name=LED.sub("", text).strip(" .?!？。呢"),
        )
        return Reply(told_day, data={"date": shifted.isoformat()})
    if last and (unit := UNIT.fullmatch(text.strip())):
        text = f"how many {unit['en']} until" if unit["en"] else f"还有多少{unit['zh']}"
    if (asks_count(text) or means_last_day(text)) and not names_day(text, now):
        name, named = ("", "") if last and (unit or means_last_day(text)) else await day_recalled(turn, services)
        written = (
            f"{date.fromisoformat(last[:10]):{'%Y年%m月%d日' if language_of(text) == 'zh' else '%d %B %Y'}}"
            if last
            else ""
        )
        if named or last:
            told = answer_count(f"{text.rstrip(' .?!。？！')} {named or written}", now, language_of(text))
            return replace(told, data={**told.data, "what": name})
    first = next((each.text for each in reversed(before) if not ANOTHER_DAY.search(each.text)), "")
    if ANOTHER_DAY.search(text) and HOW_MANY.search(first) and names_day(text, now):
        text += "还有几天" if language_of(text) == "zh" else " how many days"  # 元旦呢, after 离圣诞节还有几天
    if asks_count(text) or names_day(text, now):
        return answer_count(text, now, language_of(text))
    return await tell_time(turn, services)


async def tell_time(turn: Turn, services: Services, place: str = "") -> Reply:
    """Say the time, the date or the day of the week, here or anywhere in the world."""
    text, language = turn.utterance, language_of(turn.utterance)  # several places may be in it, and times
    now = datetime.fromtimestamp(turn.at).astimezone()
    if (fact := tell_fact(text, now.replace(tzinfo=None), language)) is not None:
        return fact
    if words := _last_places(text, await services.conversation(turn.session, 1)):
        text = f"{text} {words}" if text.isascii() else f"{words} {text}"
        season = season_said(text, now)
        places = places_in(words)
        if places and season is not None:
            here = Place(say("here", language), now.tzinfo or UTC, 0, 0)
            return difference_then(places if len(places) > 1 else [here, *places], season, language)
    if CHANGE.search(text):
        named = places_in(text)
        zone = named[0].zone if named else datetime.now().astimezone().tzinfo or UTC
        zone = ZoneInfo(_zone_here()) if not named and _zone_here() else zone
        return tell_changes(text, zone, _in(named[0].name if named else say("here", language), language), now, language)
    if LUNAR.search(text) and not FESTIVAL.search(text):
        return Reply(say("no_lunar", language, date=day_of(now.date(), language)))
    places = places_in(text)
    told_of = (await services.conversation(turn.session, 1))[-1:]
    last = str(told_of[0].data.get("place") or "") if told_of else ""
    points = last and (ASKS_DIFFERENCE.search(text) or THERE.search(text))
    if not places and (place := (last if points else "") or await place_recalled(turn, services)):
        said = f"in {place}" if text.isascii() else f" {place} "
        text = (
            THERE.sub(said, text, 1)
            if points and THERE.search(text)
            else f"{text} {said}"
            if text.isascii()
            else said + text
        )
        places = places_in(text)
    if not places and asks_count(text):
        return answer_count(text, now.replace(tzinfo=None), language)
    if not places and HERE.search(text) and told_of and (known := told_of[0].data.get("moment")):
        then = datetime.fromisoformat(str(known)).astimezone()
        return Reply(say("time", language, time=f"{then:%H:%M}", date=day_of(then.date(), language)))
    if not places:
        unknown = unknown_place(text)
        if unknown and not HERE.search(unknown):
            return Reply(say("unknown_place", language, place=unknown))
        return Reply(_here(text, now, language), data={"time": now.isoformat(timespec="seconds")})
    if NOT_TIME.search(text) and not ASKS_TIME.search(text):
        return Reply(say("only_time", language, place=places[0].name))
    if ASKS_DIFFERENCE.search(text):
        told = {"places": [each.name for each in places], "place": places[-1].name}
        if (season := season_said(text, now)) is not None and len(places) > 1:
            return difference_then(places, season, language)
        return Reply(_difference(places, now, language), data=told)
    clock = next((e for e in find_entities(text, now=now) if e.kind in ("time", "datetime")), None)
    if clock is not None:
        words, moment = _converted(text, clock, places, now, language)
        return Reply(words, data={"moment": moment.isoformat(), "place": places[-1].name})
    lines = [_there(text, place, now, language) for place in places[:5]]
    there = places[0].at(now).isoformat(timespec="seconds")
    return Reply("\n".join(lines), data={"place": places[0].name, "places": [places[0].name], "time": there})


def _last_places(text: str, before: Sequence[Exchange]) -> str:
    """Returns the places of the last answer if the text names none: 夏天呢, 比北京早多少; "" for none."""
    told = before[-1].data.get("places") if before else None
    return " ".join(map(str, told)) if isinstance(told, list) and GOES_ON.fullmatch(" ".join(text.split())) else ""


def _zone_here() -> str:
    """The IANA name of the zone that this machine keeps; "" where it is not known."""
    if os.environ.get("TZ", "").strip(":") in available_timezones():
        return os.environ["TZ"].strip(":")
    link = os.path.realpath("/etc/localtime")
    return link.partition("zoneinfo/")[2]


def _there(text: str, place: Place, now: datetime, language: Language) -> str:
    there = place.at(now)
    key = "time_there" if ASKS_TIME.search(text) or not ASKS_DAY.search(text) else "date_there"
    days = (there.date() - now.date()).days
    near = say({1: "there_tomorrow", -1: "there_yesterday"}[days], language) if days else ""
    told = say(key, language, place=place.name, time=f"{there:%H:%M}", date=day_of(there.date(), language), near=near)
    return told + (_light(there.hour, language) if ASKS_LIGHT.search(text) else "")


def _light(hour: int, language: Language) -> str:
    """Returns "day" or "night" for an hour, in words."""
    if 7 <= hour < 18:
        return say("by_day", language)
    return say("by_night", language, part=say("evening" if 18 <= hour < 22 else "night", language))


def _in(name: str, language: Language) -> str:
    """Returns a place as part of a sentence: "in Tokyo"."""
    here = say("here", language)
    return name if name == here or language == "zh" else f"in {name}"


def _difference(places: list[Place], now: datetime, language: Language) -> str:
    first, second = (places[0].at(now), places[1].at(now)) if len(places) > 1 else (now, places[0].at(now))
    from_name = places[0].name if len(places) > 1 else say("here", language)
    to_name = places[-1].name
    offset = (second.utcoffset() or timedelta()) - (first.utcoffset() or timedelta())
    if not offset:
        return say("no_difference", language, place=to_name, other=from_name, time=f"{second:%H:%M}")
    key = "ahead" if offset > timedelta() else "behind"
    by = length(abs(offset).total_seconds(), language)
    return say(key, language, place=to_name, other=from_name, by=by, time=f"{second:%H:%M}")


def _converted(
    text: str, clock: Entity, places: list[Place], now: datetime, language: Language
) -> tuple[str, datetime]:
    """Converts a local time to the place asked about, or a time there to local time; also returns the moment."""
    said = clock.value
    value = (
        said if isinstance(said, datetime) else datetime.combine(now.date(), said if isinstance(said, time) else time())
    )
    beside = next(
        (
            place
            for place in places
            if abs(place.start - clock.end) < 8
            and re.search(r"^\W*(?:in\s+|at\s+)?$|时间", text[clock.end : place.start])
        ),
        None,
    )
    before = next((place for place in places if place.end <= clock.start and clock.start - place.end < 4), None)
    source = beside or before
    if (
        source is not None
        and len(places) == 1
        and not re.search(r"\b(?:what|几点)", text[clock.end :].lower())
        and not HERE.search(text)
    ):
        source = source if before or re.search(r"\bin\b", text[clock.end : source.end]) else None
    if source is None:
        there = places[-1].at(value.astimezone())
        target, origin = places[-1].name, say("here", language)
    else:
        moment = value.replace(tzinfo=source.zone)
        others = [place for place in places if place is not source]
        there = others[0].at(moment) if others else moment.astimezone()
        target = others[0].name if others else say("here", language)
        origin = source.name
    days = (there.date() - value.date()).days
    near = say({1: "next_day", -1: "day_before"}[days], language) if days in (1, -1) else ""
    values = {"place": _in(target, language), "from_place": _in(origin, language), "near": near}
    return say("converted", language, said=f"{value:%H:%M}", time=f"{there:%H:%M}", **values), there


def _here(text: str, now: datetime, language: Language) -> str:
    written = day_of(now.date(), language)
    asked = asked_weekday(text)
    if asked is not None:
        return say("weekday_yes" if asked == now.weekday() else "weekday_no", language, date=written)
    if ASKS_TIME.search(text) or not ASKS_DAY.search(text):
        return say("time", language, time=f"{now:%H:%M}", date=written)
    return say("date", language, date=written)


def asked_weekday(text: str) -> int | None:
    """The weekday a question such as "is it Tuesday?" names, 0 for Monday; None when it names none."""
    if found := ZH_WEEKDAY.search(text):
        return WEEKDAYS_ZH.index(found[1].replace("天", "日"))
    lower = text.lower()
    return next((i for i, day in enumerate(WEEKDAYS) if re.search(rf"\b{day.lower()}\b", lower)), None)
