"""Reads follow-ups to an answer of the clock: a change to what was set last, one more, its end, or a question.

They are read by what they hold, not as whole sentences: a time, a length, how often, days left out, another name; and
all other words must be ones with which people change things, or tell that something has changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from assistant import Exchange
from assistant.intents.numbers import find_numbers

from .anchoring import DAYS, GOES_ON, means_last_day
from .arriving import shifts_arrival
from .asking import CHANGES, NEGATIVE, SPAN, STOPS, TIME, bare, is_question, masked
from .checking import checks
from .cues import ALARM, REMIND, TIMER
from .ending import ends, looks
from .excepting import days_left_out
from .hurried import spelled_out
from .kept import Kind, kind_in, told_keys
from .moments import HALF_KNOWN, PART
from .pieces import entities_of
from .renaming import new_name, replaced, text_told

__all__ = [
    "MORE",
    "after",
    "asks_another",
    "follows",
    "last_kind",
    "meant_after_all",
    "time_told",
    "undoes",
]

LONGEST = 200
"""characters that are read"""
_MENDS = frozenset(
    (  # noqa: SIM905
        "make change move set switch push bring put shift swap postpone delay reschedule go do it that this the one"
        " ones alarm alarms reminder reminders timer to for at on by in of from back forward forwards up out earlier"
        " later sooner early late bit a an little too much so no nah nope not actually wait sorry oh hmm hm ugh um uh"
        " er well ok okay yes yeah i mean meant want need said say rather instead please pls plz thanks thank cheers"
        " mate love dear can could would will you u we lets let's let just only but and though tho except skip"
        " without never as well also again same time every each then after before till until better maybe perhaps"
        " safer think should be is it's its that's thats half quarter past a.m p.m am pm than if possible my me ring"
        " remind first thing day hours hour minutes mins min other way round keep leave off no one's doesn't don't"
        " does apart excluding drop all both more less extra add longer shorter take knock give another plus tack"
        " stick cut pause hold resume carry continue restart start over stop freeze unpause going morning afternoon"
        " evening night tonight noon lunchtime i'd i'll hang second thought thoughts scratch ah gonna about around"
        " like really not need needed have at's o'clock oclock must shall clock whole thing while further minus"
        " subtract neither either workdays workday obviously of course clearly definitely naturally duh one's moment"
        " minute running from once nvm argh fine lol yo right cool doesnt dont weekly daily monthly on's right wrong"
        " guess works too soon long short afterwards"
    ).split()
)
"""words with which people change what is set, beside times and days"""
_MENDS_ZH = re.compile(
    r"[⏰⏱\s，,。！!…、的了吧呗呢啊呀来哦噢喔诶欸嘿呃额唉哟咯嘛哈嗯当然肯明显那就还是都也改成为到换调挪定设推迟提前延后往晚早一点个些太把它这帮我给请响叫再从以起每"
    r"别不用要必除外休息只仅好行可以对算等哎时间候闹钟铃提醒计器加减少多延长缩短暂停继续恢复重新开始吃或者大概上下半凌晨午傍夜里睡会"
    r"前之后天周末双日工作内才免无需记得响铃间隔换分秒先那次遍另]"
)
CHANGED = re.compile(
    r"\b(?:now|instead|moved?|changed?|rescheduled?|postponed?|delayed?|brought forward|pushed|put (?:it )?(?:back|off)"
    r"|make|push|bring|shift|swap)\b|改|提前|推迟|推后|延[后迟期]|换[到成]|挪",
    re.IGNORECASE,
)
"""tells that something comes at another time"""
_OF_ME = re.compile(r"^\W*(?:i|i'?m|i'?ve|i'?ll|we|we'?re|we'?ve)\b(?! (?:mean|meant|want|need|said))", re.IGNORECASE)
_OTHER = re.compile(
    r"\b(?:list|order|note|weather|music|play|song|email|message|text|buy|convert|percent|plus|divided|times|joke|news"
    r"|call me|what|who|why|how)\b|%|[=×÷*]|订单|清单|天气|多少|什么|谁|怎么|[吗么][?？]?$",
    re.IGNORECASE,
)
"""what no mere change of a time holds"""
_ALSO = r"(?:oh |ok |okay |yeah |and |also |plus |then |[\s,])*"
MORE = re.compile(
    rf"^{_ALSO}(?:and|also|plus|then|another|one more|a second|oh and)\b|\b(?:too|as well|also)\W*$"
    r"|^(?:还有|另外|再(?:来|加|设|定|给)|也)|也(?:要|提醒|响|叫)|再(?:来|设|定|加|响|提醒我?|叫我)一?[个次遍]|还要(?:再)?(?:来|设|定|加)?一?[个次]|来一个|设一个",
    re.IGNORECASE,
)
"""asks for one more of what was set"""
UNDO = re.compile(
    r"(?:undo|revert|take (?:it|that) back|(?:put|change|set|move) (?:it|that) back(?: (?:to|how|the way) .*)?"
    r"|as it was|(?:oh|no|actually|wait|please|sorry|can you|could you|[\s,])+)+(?: ?(?:it|that|this|please|again"
    r"|the last (?:one|change)))*\W*|(?:撤销|恢复原来的?|改回[去来]|还原|变回[去来])(?:吧|了|一下|刚才的)*",
    re.IGNORECASE,
)
_UNDONE = re.compile(r"undo|revert|take|back|as it was|撤销|恢复|回|还原", re.IGNORECASE)
_HALF = re.compile(r"\b(?:[ap]\.?m|morning|evening|afternoon|night)\b|早上|晚上|上午|下午", re.IGNORECASE)
_PAST = re.compile(r"\b(?:half|(?:a )?quarter|ten|twenty|five) (?:past|to)\b|半$|整$", re.IGNORECASE)
OTHERWISE = re.compile(
    r"[?？]|\b(?:remind|wake|alarm|timer|set|cancel|delete|what|when|how|who|where|why|another|also|add|order|not|too)\b"
    r"|提醒|闹钟|计时|取消|订单|什么|怎么|[吗么]|另外|还有|也|别|不要",
    re.IGNORECASE,
)
"""what no mere answer about a time holds"""
ANSWERS_WITH = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|yeah|yes|no|nah|well|oh|hmm+|maybe|better|rather|actually|make it|say|like|more|i'd say|let's"
    r"|early|earlier|late|later|just|in the|the|at|around|about|by|for|on|that day)\b[\s,.]*)*"
    r"|^(?:那就?|嗯|好|不|改成?|还是|就|大概|当天|那天|最好|[，,\s])*",
    re.IGNORECASE,
)
"""what stands before the time in such an answer"""


ORDERED = re.compile(r"\b[A-Za-z]-?\d{3,}\b|\b(?:orders?|parcels?|package)\b|订单|[这那]单|包裹|快递", re.IGNORECASE)
"""speaks of an order: "cancel A1002" ends no timer"""


def follows(intent: str) -> Callable[[str, Sequence[Exchange]], bool]:
    """Returns what says whether words surely mean an intent after what was answered before."""
    return lambda text, before: len(text) <= LONGEST and after(text, before) == intent


def after(text: str, before: Sequence[Exchange]) -> str:
    """Returns the intent of a follow-up to the last answer; "" if it need not mean the clock."""
    if not before or ORDERED.search(text):
        return ""
    newest = before[-1]
    if _spoke(newest) and told_keys(newest.data) and checks(text):
        return "show"
    if newest.intent in DAYS:
        if shifts_arrival(text, newest.data):
            return "count_days"
        if "places" in newest.data and GOES_ON.fullmatch(" ".join(text.split())):
            return "tell_time"
        return "count_days" if means_last_day(text) else ""
    if (kind := last_kind(before)) is None:
        return ""
    if time_told(text, before):
        return "change_alarm"
    change = "change_timer" if kind == "timer" else "change_alarm"
    said = masked(text)
    replies = " ".join(each.reply for each in before).casefold()
    # What was only asked since has changed nothing.
    done = next((each for each in reversed(before) if not is_question(bare(masked(each.text)))), newest)
    if _spoke(done) and "undo" in _all_data(done) and undoes(said):
        return change
    if looks(said, replies):
        return "show"
    if _spoke(newest) and (new_name(text) is not None or replaced(text, newest.reply) is not None):
        return change
    if ends(said, replies, newest, kind):
        return "cancel"
    if not _spoke(newest):
        return ""
    if kind == "reminder" and text_told(text):
        return change
    return _changes(said, text, kind, change, replies)


def _skips(said: str, text: str, replies: str) -> bool:
    """Returns whether the text skips one day of a recurring entry: 下周一不用, "turn it off on Wednesday"."""
    off = NEGATIVE.search(said) or re.search(r"\b(?:turn|switch) it off\b|\bskip\b", said, re.IGNORECASE)
    again = re.search(r"\bevery\b|每", replies) and not days_left_out(text)[0]
    days = [each for each in entities_of(spelled_out(text), datetime.now()) if each.kind != "number"]
    return bool(off and again) and len(days) == 1 and days[0].kind == "date"


def _changes(said: str, text: str, kind: Kind, change: str, replies: str) -> str:
    plain = bare(said)
    polite = re.match(r"\W*(?:ugh|oh|hey|please|[\s,])*(?:can|could|would|will) (?:you|u|we)\b", said, re.IGNORECASE)
    if (is_question(plain) and not polite) or _OTHER.search(plain) or any(cue.search(plain) for cue in (REMIND, TIMER)):
        return ""
    if CHANGES.search(plain) and kind != "timer":
        return ""
    if re.match(r"(?:an? |one |new )*(?:alarms?|reminders?) (?:for|at|on)\b", plain, re.IGNORECASE):
        return ""
    if STOPS.match(plain) and kind != "timer" and not days_left_out(text)[0]:
        return ""
    if ALARM.search(plain) and not re.search(r"\b(?:ring|go off)\b|\balarm\b", plain, re.IGNORECASE):
        return ""
    timed = TIME in said or SPAN in said or bool(find_numbers(said) or days_left_out(text)[0] or _PAST.search(plain))
    if not timed and not (_HALF.search(plain) or (kind == "timer" and _operates(plain))):
        return ""
    if kind != "timer" and _skips(said, text, replies):
        return "cancel"
    rest = _rest(said)
    if kind == "timer":
        rest = [word for word in rest if word not in replies]
        if _NEW_ONE.search(said) and (SPAN in said or find_numbers(said)):
            return "set_timer"
        if re.search(r"(?:⏱|\d|\w+) (?:more|longer|extra|less)\b|多加|再加", said) and len(_rest(said)) > len(rest):
            return change
    if rest and kind != "timer" and (meant := meant_after_all(text)) and meant != text:
        return _changes(masked(meant), meant, kind, change, replies)
    if more := MORE.search(said):
        once = re.match(rf"{_ALSO}and\b", said, re.IGNORECASE) and not re.search(
            r"\b(?:too|also|as well|another|one more)\b", said
        )
        if (
            once
            and kind != "timer"
            and _names(text, "recurrence")
            and not _names(text, "time", "datetime")
            and set(rest) <= {"week", "month"}
        ):
            return change
        return _one_more(said, text, kind, rest, more)
    if not rest:
        return (
            ""
            if re.fullmatch(r"it'?s ⏰ now\W*", said)
            and not _names(text, "date", "datetime", "recurrence", "date_range")
            else change
        )
    moved = kind != "timer" and CHANGED.search(said) and not _OF_ME.match(said) and (TIME in said or SPAN in said)
    return change if moved and len(said.split()) <= 16 else ""


_NEW_ONE = re.compile(
    r"\b(?:another|an extra|one more|a second|a new|new) (?:\w+ ){0,2}(?:timer|one)\b|\b(?:another|one more) one\b"
    r"|(?:再|还要?|另外?)(?:来|加|设|定|要|给我?)?(?:一个|个|一)(?!⏱)[^⏱\d]{1,8}(?:的|计时器?)?[，,\s]*(?:⏱|\d)",
    re.IGNORECASE,
)
"""asks for a timer beside those that run, and not for more time"""


def _one_more(said: str, text: str, kind: Kind, rest: Sequence[str], more: re.Match[str]) -> str:
    if kind == "timer":
        lengthens = re.fullmatch(
            r"(?:\w+ )?(?:another|an extra|one more) (?:⏱|\d+)(?: (?:please|pls|thanks|more))*", bare(said), re.I
        )
        lengthens = lengthens or re.search(
            r"再(?:加|多|延长)|给.{1,8}?加|\b(?:more|longer|extra|on it|to it)\b(?! for)(?!.*\bfor\b)", said
        )
        gives = re.search(r"\b(?:add|give it|tack|stick|put)\b", said) and not re.search(r"\b(?:one|timer)\b", said)
        if lengthens or gives:
            return "change_timer"
        if re.search(r"⏰.*\bto [a-z]|\bto [a-z].*⏰", said):
            return "remind_me"
        return "set_timer" if SPAN in said or find_numbers(said) or TIME in said else ""
    if rest:
        return "remind_me" if TIME in said or SPAN in said else ""
    return {"alarm": "set_alarm", "reminder": "remind_me"}[kind]


def _rest(said: str) -> list[str]:
    """Returns the words that are neither a time nor typical of a change."""
    if re.search(r"[\u4e00-\u9fff]", said):
        return list(_MENDS_ZH.sub("", re.sub(r"[a-z0-9:]+", "", said)))
    for number in reversed(find_numbers(said)):
        said = said[: number.start] + " " + said[number.end :]
    return [
        word for word in re.findall(r"[a-z][a-z'.]*", said.lower().replace("’", "'")) if word.strip(".") not in _MENDS
    ]


def _operates(said: str) -> bool:
    return re.search(
        r"\b(?:pause|hold|freeze|resume|continue|carry on|restart|unpause|keep going|start (?:it )?(?:again"
        r"|over))\b|暂停|继续|恢复|重新|接着",
        said,
        re.I,
    ) is not None and not _rest(said)


def undoes(said: str) -> bool:
    """Returns whether the text, masked by `masked`, takes back the last answer."""
    return TIME not in said and SPAN not in said and UNDO.fullmatch(said) is not None and bool(_UNDONE.search(said))


_WHY = re.compile(
    r"^\W*(?:hm+|um+|oh|ok(?:ay)?|well)[\s,.!]+|[\s,]+(?:just )?(?:in case|because|cos|so that|for if)\b.*$"
    r"|[，,\s]*(?:以防|免得|怕).*$",
    re.IGNORECASE,
)
"""why, and no part of what is asked for"""


def meant_after_all(text: str) -> str:
    """Returns the clause with the request; the others give reasons: "the bus goes at nine so seven will do"."""
    parts = re.split(
        r"\bso\b|[.;!,，。；]\s*|(?<=[\u4e00-\u9fff])\s+|\s+(?=(?:cos|because|i'?m|im|she'?s|shes|he'?s|hes"
        r"|they'?ve|theyve|we'?re|the \w+ (?:doesn'?t|doesnt|goes|is|starts))\b)",
        text,
    )
    parts = [each.strip() for each in parts if each.strip()]
    timed = (
        each
        for each in parts
        if not _rest(said := masked(each)) and (TIME in said or SPAN in said or find_numbers(said))
    )
    whole = list(timed)
    if not whole or (len(whole) > 1 and not (re.search(r"\bso\b", text) and whole[-1] == parts[-1])):
        return text
    half = _HALF.search(text.replace(whole[-1], ""))
    if half is None or HALF_KNOWN.search(whole[-1]):
        return whole[-1]
    part = half.group()
    return f"{whole[-1]} {part if part.endswith('m') else f'in the {part}'}" if part.isascii() else f"{part}{whole[-1]}"


def asks_another(text: str) -> bool:
    """Returns whether the text asks only for a copy of the last entry at another time."""
    said = _WHY.sub("", masked(text))
    return len(text) <= LONGEST and MORE.search(said) is not None and not _rest(said) and (TIME in said or SPAN in said)


def time_told(text: str, before: Sequence[Exchange]) -> str:
    """Returns the time in an answer to which time of day is meant: "morning, like at 8"; "" for none.

    Args:
        before: the last of them set a reminder at a time that was not said, and offered another.
    """
    if not before or not before[-1].data.get("guessed") or OTHERWISE.search(said := spelled_out(text)):
        return ""
    found = [each for each in entities_of(said, datetime.now()) if each.kind in ("time", "datetime")]
    if len(found) != 1 or len(said) > LONGEST // 2:
        return ""
    rest = ANSWERS_WITH.sub("", said)  # it begins with the time, or the part of the day
    if not rest.lower().startswith(found[0].text.lower()) and not PART.match(rest.lower()):
        return ""
    part = "" if HALF_KNOWN.search(found[0].text) else next(iter(PART.findall(said.lower())), "")
    return f"{found[0].text} in the {part}" if part.isascii() and part else f"{part}{found[0].text}"


def _names(text: str, *kinds: str) -> bool:
    return any(each.kind in kinds for each in entities_of(spelled_out(text), datetime.now()))


def _spoke(exchange: Exchange) -> bool:
    """Returns whether the clock gave all or part of the answer."""
    return exchange.intent.startswith("clock.") or "parts" in exchange.data


def _all_data(exchange: Exchange) -> set[str]:
    parts = [part for part in exchange.data.get("parts", ()) if isinstance(part, dict)]
    return {name for each in (exchange.data, *parts) for name in each}


def last_kind(before: Sequence[Exchange]) -> Kind | None:
    """Returns the kind that the clock mentioned last; None if it did not answer, or mentioned several kinds."""
    spoke = next((each for each in reversed(before) if _spoke(each)), None)
    return kind_in(spoke.reply) or kind_in(spoke.text) if spoke is not None else None
