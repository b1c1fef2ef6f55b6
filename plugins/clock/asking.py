"""Recognises sure requests to the clock clause by clause, from the verb and the times beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache

from assistant.language import detect_language
from assistant.understanding.entities import find_entities

from .arriving import asks_arrival
from .between import asks_between
from .counting import asks_day
from .cues import ALARM, ALARM_ZH, NOUN, REMIND, REMIND_ZH, SHOUT, TIMER, TIMER_ZH
from .excepting import blanked, days_left_out
from .facts import CHANGE, asks_fact
from .hurried import spelled_out
from .kept import FILLER
from .labels import timers_in
from .shifting import repaired

__all__ = ["SPAN", "TIME", "asks", "bare", "clauses", "is_question", "masked", "surely_means", "tells_of_earlier"]

TIME, SPAN = "⏰", "⏱"
LONGEST = 200
"""characters that are read"""
SAYS = re.compile(
    r"\d|time|clock|alarm|remind|wak|count|nudge|ping|poke|forget|get me|ring|beep|chime|shout|buzz|go off|calls?|tell"
    r"|coming up|down for|you've|min|hour|cancel|delete|clear|week|day|月|日|周|天|[点钟时分秒]|闹|提醒|叫|喊|忘|响"
    r"|安排|停|取消|删|关|leap|old|born|年|岁|令时",
    re.IGNORECASE,
)
"""what words about time hold"""
_SIGNS = {"duration": SPAN, **dict.fromkeys(("time", "date", "datetime", "date_range", "recurrence"), TIME)}
_HOUR = re.compile(
    r"\b(?:for|at|to|up|by) (\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?=[\s,.!?]*$|,)",
    re.IGNORECASE,
)
"""an hour that nothing marks as one, at the end"""
_EDGE = re.compile(
    r"\s*[,;!?…]\s*|\.\s+|\s+-\s+|\s*[–—]\s*|\s*[，、。；！？]\s*"
    r"|\s+(?=(?:because|cuz|cos|coz|'cause|since i|so (?!that\b)|as (?:i|we)|i'?m|i'?ve|i need|i have|i got|i gotta"
    r"|we'?re|we'?ve|he'?s|she'?s|it'?s|my \w+ (?:is|has)|but|or)\b)|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff⏰⏱\d])"
    r"|(?<=[⏰⏱])\s+(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])\s+(?=[⏰⏱])",
    re.IGNORECASE,
)
REASON = re.compile(r"(?:because|cuz|cos|coz|'cause|since|as|so i|so we|i'?ve got|i got|i have to|we'?ve got)\b", re.I)
"""how a clause begins that only says why"""
ELSE = re.compile(
    r"[?？]|[吗么]$|\b(?:not|no|never|nothing|don't|won't|remind|alarms?|timers?|wake|set|cancel|stop|delete|add|put"
    r"|order|track|send|buy|write|read|tell|show|what|how|why|when|where|who|which|can you|could you|will you|would you"
    r"|or|then|note|spell|convert|flip|roll|pick|play|list|maybe)\b"
    r"|别|不(?!了|够|住|来)|没|取消|提醒|闹钟|订单|清单|几[点个天]|什么|怎么|哪|查|加[到上]|记[住下一]|告诉|顺便|换算|等于",
    re.IGNORECASE,
)
"""what a clause beside the wish does not hold where it asks for nothing"""
COURTESY = (
    r"(?:(?:please|pls|plz|hey|hi|hello|ok(?:ay)?|right|well|so|and|also|then|now|just|actually|oh|ah|ugh|yeah|yes|um+"
    r"|quick(?:ly)?|thanks|love|mate|could you|can you|can u|could u|will you|would you|you can|you could|i want you to"
    r"|i need you to|i'?d like you to|can i (?:get|have)|could i (?:get|have)|may i have|let'?s|go ahead and"
    r"|(?:my \w+|he|she)(?: says?| said)(?: that)?|better|i(?:'?d)? (?:need|want|like)(?: to)?|mind)[\s,.]+)*"
)
_VERB = (
    r"(?:set|start|do|give|make|get|put|run|begin|create|add|pop|stick|need|want|gimme|schedule|throw|chuck|got)"
    r"(?: me| us| up| on| down)*"
)
_ART = (
    r"(?:(?:a|an|the|one|two|three|four|five|\d+|another|new|quick|separate|second|simple|some|several|couple of"
    r"|my)\s+)*"
)
FINITE = re.compile(
    r"\b(?:is|was|were|are|goes|went|rang|rings|didn't|doesn't|did|does|has|had|broke|stopped|keeps|kept|never"
    r"|works?)\b",
    re.I,
)
"""makes words with a thing of the clock in them a sentence about it"""
LED = re.compile(
    rf"{COURTESY}(?:(?:{_VERB}|for|in|at|on|by|every|so) ?)?{_ART}(?:(?:for|in|at|on|by|every|from) )*", re.I
)
NEGATIVE = re.compile(
    r"\b(?:don'?t|do not|not|never|no need|shouldn't|won't|cancel|delete|remove|without)\b(?! (?:let me )?forget)"
    r"|(?<!分)别(?!给?我?忘|让我忘)|不用|不要(?!忘|让)|不必|不想|取消|删|没(?!问题)|不(?=响|叫)",
    re.I,
)
ASKS = re.compile(
    r"^\W*(?:so |and |but |then )*(?:did|do(?! (?:me|one|it|a|an|another)\b)|does|is|are|was|were|should|shall|what'?s?"
    r"|which|when'?s?|why|how|who|where|have|has|am(?= i\b))\b"
    r"|(?<![好行以])[吗么没][?？。!！\s]*$|为什么|怎么|几点|什么时候|多久",
    re.I,
)
EARLIER = re.compile(
    r"\b(?:i|we|you|he|she|they)(?:'d| had| have|'ve)? (?:already |just )?(?:set|had|started|put|made|used)\b"
    r"|\b(?:yesterday|last (?:night|week|time|year|month)|the other day|ago|earlier today|this morning)\b.*\b(?:was"
    r"|were|had|did|set|went)\b|\bused to\b|(?:昨天|昨晚|上次|上周|之前|刚才).*(?:设|定|响|过|了)",
    re.I,
)
ASK_ZH = re.compile(
    r"(?:请|麻烦你?|劳驾|帮我|帮忙|给我|替我|我要|我想|要|能不能|可以|能|那|就|行吧|好吧|行|好|嗯|么|另外|还有|再|过|等"
    r"|必须|得|一定|务必|准时|按时|记得|到时候?|先|后|以|之|的|钟|都|也|设置?|定|订|来|开|弄|加|搞|整|建|新建|添|一?个|一下|上"
    r"|[⏰⏱\s，,])*"
)
STORY_ZH = re.compile(
    r"我的|我妈|我爸|老公|老婆|他|她|响[了过]|[没不]响|坏|(?<!麻)烦|声音|铃声|怎么|什么|哪|你(?!帮|能|可)|英语|意思"
)
SET_ZH = re.compile(
    r"(?:设置?|定|订|来|开|弄|加个|搞|整|建|掐|卡|计|数|倒数)(?:着|好|上)?(?:一?个|一下|个?表|个?时间)?\s*⏱(?!以?之?后)"
)
STOPS = re.compile(
    r"\b(?:cancel|delete|remove|clear|kill|get rid of|turn off|switch off|scrap|drop|end|stop|lose|bin|ditch|dump"
    r"|forget)\b",
    re.I,
)
OFF_ZH = re.compile(r"删除?|取消|关了|关掉|停了|停掉|清空|清掉|去掉|撤掉|撤了|不要了")
THING_ZH = r"(?:倒?计时器?|定时器|闹[钟铃表]|提醒)"
CHANGES = re.compile(
    r"\bsnooze\b|\b(?:ring|wake me|remind me) again\b|\b(?:the|my|that) (?:\w+ )?timer\b.*\b(?:longer|shorter"
    r"|more|less)\b"
    r"|\b(?:add|extend|tack|knock|take)\b.*\btimer\b|再[响睡]|(?:再多|再加个?|多加|加上|延长|缩短|减|给.{1,8}?(?:再|多)*加)[⏱\d]",
    re.I,
)
"""asks for a change of what is set already"""
_TOGETHER = re.compile(r"\b(?:go|both|start|at once|together)\W*$|一起|同时|计上|计一下|都.{0,3}计", re.I)
_SHOWN = frozenset(
    (  # noqa: SIM905
        "what whats which are is there any some a an all of my the other do i have got we ive i've did me read show"
        " list tell out every everything you you've youve set on running going active left pending up ticking down"
        " for coming still rn right now at moment currently please today tonight tomorrow yet again timers timer"
        " alarms alarm reminders reminder countdowns countdown ⏰ how many ones so and ok will been ahead can could"
        " to give go over remind upcoming just that this week was has hear remembered put no haven't havent hadnt"
        " does go off when days day in me"
    ).split()
)
_SHOWS = re.compile(
    r"\b(?:timers?|alarms?|reminders?|countdowns?|coming up|down for me|(?:you'?ve|you have|i'?ve|have i|did i|i have)"
    r" (?:got )?set|remind me of|you'?ve got (?:set|down|on)|put down for me)\b",
    re.I,
)
_SHOW_ZH = re.compile(
    rf"(?=.*(?:哪些|什么|啥|几个|多少个?|有没有|还有|念|列|看看|有.*[吗没]$|几点)).*(?:{THING_ZH}|安排|记了).*"
)
_SHOW_REST_ZH = re.compile(
    rf"{THING_ZH}|[⏰⏱]|现在|目前|一共|[我都还你给设定有开置了哪些什么啥几个多少念一遍下列出来看安排记别的在走跑响运行计吗没呢啊吧是点请帮\s，,?？。]"
)
_WHY = re.compile(
    r"(?:how come|why)\b.*\b(?:alarms?|timers?|reminders?)\b.*\b(?:go|went|gone|ring|rang|rung|beep|work)(?:ed|ing)?\b"
    rf"|{THING_ZH}(?:怎么|为什么|为啥|咋)[没不]有?响",
    re.I,
)


@lru_cache(256)
def masked(text: str) -> str:
    """Normalises a sentence, with ``⏱`` for each duration and ``⏰`` for each time or day."""
    said = spelled_out(FILLER.sub("", " ".join(text.split())))
    found = find_entities(said, detect_language(said), datetime.now())
    for entity in sorted(found, key=lambda each: -each.start):
        if (sign := _SIGNS.get(entity.kind)) is not None:
            said = said[: entity.start] + sign + said[entity.end :]
    said = _HOUR.sub(lambda hour: hour.group().replace(hour[1], TIME), said)
    said = re.sub(r"\b(?:⏱|⏰)[- ]timer\b", lambda m: m.group()[0] + " timer", said)
    return re.sub(rf"{TIME}(?:[\s的，,]*{TIME})+", TIME, said).strip(" .!。！")


def bare(text: str) -> str:
    """Removes polite phrases around a text."""
    text = re.sub(rf"^[\s,.!…]*{COURTESY}", "", text.strip(), flags=re.I)
    return re.sub(
        r"(?:[\s,]+(?:please|pls|plz|thanks|thank you|ta|cheers|mate|love|dear))+[\s.!?]*$", "", text, flags=re.I
    )


def clauses(said: str) -> list[str]:
    """The clauses of a sentence, as `masked` makes it or as it was said."""
    return [each.strip() for each in _EDGE.split(said) if each and each.strip()]


def is_question(text: str) -> bool:
    """Returns whether the text asks for information and does not request anything."""
    return ASKS.search(text) is not None


def tells_of_earlier(text: str) -> bool:
    """Returns whether the text reports something set earlier and requests nothing: "I set a timer yesterday"."""
    return EARLIER.search(text) is not None


@lru_cache(256)
def asks(text: str) -> str:
    """Returns the intent that the text surely requests; "" if none is sure."""
    if len(text) > LONGEST or SAYS.search(text) is None:
        return ""
    said = masked(text)
    if _WHY.search(said) or _shows(said):
        return "show"
    if asks_arrival(text) or asks_between(text) or asks_day(said) or asks_fact(text) or CHANGE.search(text):
        return "count_days"
    if cancels := _cancels(said):
        return cancels
    spelled = spelled_out(text)
    if (mended := repaired(spelled)) and (kind := asks(mended[0])) in ("set_timer", "set_alarm", "remind_me"):
        return kind
    kept = masked(blanked(spelled, days_left_out(spelled)[1]))
    wishes = " , ".join(part for part in clauses(kept) if not REASON.match(part))
    wishes = re.sub(r"(?:don'?t|do not) (?:let me )?forget", "", wishes, flags=re.I)
    if EARLIER.search(wishes) or NEGATIVE.search(wishes):
        return ""
    parts = clauses(kept)
    if len(parts) > 5:
        return ""
    wanted = [(part, _wanted(part, kept)) for part in parts]
    meant = {kind for _, kind in wanted if kind}
    if CHANGES.search(kept) or re.search(r"再[晚早][⏱\d]|^以后.*[响叫]", kept):
        return ""
    if not meant and len(alone := timers_in(spelled, datetime.now())) > 1 and _only_timers(kept, alone):
        return "set_timer"
    if not meant and not is_question(bare(kept)) and not ELSE.search(re.sub(r"^(?:put|set)\b", "", bare(kept))):
        several = timers_in(spelled, datetime.now())
        led = re.match(r"(?:put|stick|pop|set|start|time|get|do|chuck|[⏱⏰\d])", bare(kept), re.I) or _TOGETHER.search(
            kept
        )
        return "set_timer" if led and len(several) > 1 and all(name for _, name in several) else ""
    if len(meant) != 1:
        return ""
    others = [part for part, kind in wanted if not kind]
    if (kind := meant.pop()) != "remind_me" and any(ELSE.search(part) and not REASON.match(part) for part in others):
        return ""
    return kind


def _only_timers(said: str, timers: Sequence[tuple[float, str]]) -> bool:
    """Returns whether the text holds only names and durations of timers: "eggs 7 mins potatoes 20", 煮鸡蛋 八分钟."""
    if TIME in said or SPAN not in said or not all(name for _, name in timers) or ELSE.search(said):
        return False
    rest = re.sub("|".join(re.escape(word) for _, name in timers for word in name.split()), "", said.casefold())
    return not re.sub(r"\b(?:for|the|my|and|to|of|mins?|minutes?|please|pls)\b|[⏱\d\W]", "", rest)


def _shows(said: str) -> bool:
    plain = said.casefold().replace("’", "'")
    words = set(re.findall(r"[\w'⏰⏱]+", plain))
    if (
        _SHOWS.search(plain)
        and words <= _SHOWN
        and not words <= {"what", "is", "are", "a", "an", "the", "timer", "alarm"}
    ):
        return (
            is_question(bare(plain)) or re.match(r"(?:read|show|list|tell|give|go over|any)\b", bare(plain)) is not None
        )
    return bool(_SHOW_ZH.fullmatch(plain)) and not _SHOW_REST_ZH.sub("", plain)


def _cancels(said: str) -> str:
    words = bare(said)
    if re.match(
        rf"{STOPS.pattern} (?:(?:all|every|both|each|of|the|my|those|these|our|single) )*(?:⏰ )?{NOUN.pattern}",
        words,
        re.I,
    ):
        rest = NOUN.split(words, maxsplit=1)[1]
        return "cancel" if not re.match(r"\W*(?:\w+ ){0,2}(?:app|clock|sound|subscription)\b", rest) else ""
    whole = re.fullmatch(
        rf"(?:把|我|的|所有|全部|请|帮|给|[⏰\s])*(?:{THING_ZH}(?:全部|全|都|统统|通通|给我)*(?:{OFF_ZH.pattern})"
        rf"|(?:{OFF_ZH.pattern})(?:我|的|所有|全部|[⏰\s])*{THING_ZH})(?:吧|了|掉|呗|谢谢|[\s，,])*",
        said,
    )
    return "cancel" if whole or re.fullmatch(r"(?:别|不用|不要|停止)再?(?:倒?计时|定时)(?:了|吧)*", said) else ""


def _wanted(part: str, whole: str) -> str:
    """Returns the intent that one clause surely requests, given the times of the whole text; "" if there is none."""
    if re.search(r"[\u4e00-\u9fff]", part):
        return _wanted_zh(part, whole)
    if is_question(bare(part)):
        return ""
    timed = TIME in whole or SPAN in whole
    if found := REMIND.search(part):
        led = LED.match(part[: found.start()])
        alone = led is not None and not re.sub(r"[⏰⏱\s,]", "", part[led.end() : found.start()])
        names = "reminder" not in found.group().lower() or (timed or " to " in part)
        return (
            "remind_me"
            if alone and names and not FINITE.search(part[: found.end()]) and len(part) > found.end()
            else ""
        )
    sure = timed and re.match(r"\W*" + LED.pattern + r"(?:[⏰⏱]|\w+ (?:timer|alarm)|\w+ \w+ timer|$)", part, re.I)
    noun = NOUN.search(part)
    head = LED.match(part)
    led_noun = noun is not None and head is not None and len(part[head.end() : noun.start()].split()) <= 3
    if noun and timed and (sure or led_noun) and not FINITE.search(part):
        name = noun.group().lower()
        return "set_alarm" if name.startswith("alarm") else "remind_me" if name.startswith("remind") else "set_timer"
    if found := ALARM.search(part):
        before = part[: found.start()]
        led = LED.match(before)
        alone = led is not None and not re.sub(r"[⏰⏱\s,]", "", before[led.end() :])
        return "set_alarm" if timed and alone and not NOUN.search(part) else ""
    if TIMER.search(part) and SPAN in whole:
        return "set_timer"
    if SPAN in part and (shout := SHOUT.search(part)) and LED.match(part[: shout.start()]):
        rest = re.sub(r"\b(?:in|after|when|for|up|me|it'?s|is|over|done|and|please)\b|[⏱\W]", "", part[shout.end() :])
        return "" if rest else "set_timer"
    return ""


def _wanted_zh(part: str, whole: str) -> str:
    if is_question(part) or not (TIME in whole or SPAN in whole):
        return ""
    if re.search(
        r"提醒(?:我|他|她|奶奶|爷爷|爸|妈|老婆|老公|孩子|宝宝|全家|大家)(?!的|了|过)", part
    ) or REMIND_ZH.search(part):
        return "" if STORY_ZH.search(part[: part.find("提醒")] if "提醒" in part else part) else "remind_me"
    if STORY_ZH.search(part):
        return ""
    if re.search(r"提前.{0,4}(?:叫|喊)我", part):
        return "remind_me"
    if re.search("闹[钟铃表]", part):
        return "set_timer" if SPAN in part and TIME not in whole and "煮" in whole else "set_alarm"
    if (found := re.search(r"叫我|喊我", part)) and re.search(
        r"[\u4e00-\u9fff]{2,}", re.sub("起床|起来|一声|一下|[吧呗啊]", "", part[found.end() :])
    ):
        return "remind_me" if ASK_ZH.fullmatch(part[: found.start()]) else ""
    if found := ALARM_ZH.search(part):
        return "set_alarm" if ASK_ZH.fullmatch(part[: found.start()]) else ""
    if SPAN in whole and TIMER_ZH.search(part):
        return "set_timer"
    if SET_ZH.search(part) and not re.search(r"我来|⏱[^的]*了$|天⏱", part):
        return "set_timer"
    if re.search(r"(?:掐|来|开|定|计)(?:一?[组次轮回节趟个]|第一[组次轮回节趟个])", part) and re.search(
        r"每一?[组次轮回节趟个]⏱", whole
    ):
        return "set_timer"
    return ""


def surely_means(intent: str) -> Callable[[str], bool]:
    """Returns what says whether a sentence surely means an intent."""
    return lambda text: asks(text) == intent
