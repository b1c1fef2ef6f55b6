"""Recognises follow-ups that end or query an entry: "bin the toast one", "how long on the potatoes"."""

from __future__ import annotations

import re

from assistant import Exchange

from .asking import OFF_ZH, SPAN, STOPS, TIME, clauses
from .cues import NOUN
from .kept import Kind, told_keys
from .sparing import ONLY_KEPT, SPARED, ended_and_spared, spares

__all__ = ["ends", "looks"]

_DROPS = re.compile(
    r"(?:never mind|forget it|actually|no|oh|well|ok|[\s,.])*(?:i |we )?(?:don'?t|do not|won'?t) need (?:it|that"
    r"|them|the \w+)(?: (?:any ?more|after all|now))*\W*|(?:there's )?no need(?: to \w+| for (?:it"
    r"|that))?(?: any ?more| now)?\W*|(?:算了吧?[，,\s]*)?(?:不要|不用|不需要)(?:了|再?[等响叫提醒计]+我?了?)吧?\W*",
    re.IGNORECASE,
)


_ENDS = re.compile(
    r"(?:oh|no|nah|ok|actually|so|and|please|can you|could you|just|now|then|[\s,])*(?:stop|don'?t (?:wait|ring"
    r"|bother)|no more|forget (?:it|the timer|about it)|you can stop)(?: \w+){0,2}\W*|.*(?:不用|别|不必|不要|甭"
    r"|不需要|可以)(?:再)?(?:等|计|响|叫|提醒|停).{0,3}",
    re.IGNORECASE,
)


_RID = re.compile(
    r"(?:.{0,40}\b)?(?:lol |just |please |ok(?:ay)? )*(?:get rid(?: of (?:it|that|them))?|don'?t bother(?: with "
    r"(?:it|that))?|knock it off|scrap (?:it|that)"
    r"|call it off|bin it|forget it)(?: (?:please|then|now|lol|i'?ll do it myself|she'?s .{1,20}|he'?s .{1,20}))*\W*",
    re.IGNORECASE,
)
"""takes back what was set last, whatever is said for it"""


_DONE = re.compile(r"\b(?:done|ready|cooked|boiled|baked|finished|out|over|stopped)\b|了$", re.IGNORECASE)


_NAMES = frozenset(
    (  # noqa: SIM905
        "two three four it that this them these those both all everything the a an my our lot one ones last first"
        " second third fourth fifth middle latest newest next other every each of timer timers alarm alarms reminder"
        " reminders please now then again too as well for on at in minute minutes hour hours min mins longest"
        " shortest longer shorter actually just stop after wait no oh ok okay can you could you pls thanks any more"
        " completely entirely about"
    ).split()
)


_NAMES_ZH = re.compile(
    r"把|它|那|这|个|条|的|第|[一二三四五六两]|中间|最后|全|都|部|吧|了|呗|掉|刚才|刚|就|给我|帮我|请|先|还是|算|闹钟|计时器?|提醒|[⏰⏱\s，,。不要用]"
)


_LOOKS = frozenset(
    (  # noqa: SIM905
        "how much long many more time longer left is are has have do does the a my on for it that got to go remaining"
        " still what what's whats which ones one anything set running going ticking active up coming timer timers"
        " alarm alarms reminder reminders minutes minute s so and ok now right when will ring off there be of till"
        " until any are they in total"
    ).split()
)


_LOOK = re.compile(r"\b(?:how (?:much|long|many)|what|whats|which|anything|when)\b", re.IGNORECASE)


_LOOK_AT = re.compile(
    r"\b(?:left|longer|to go|remaining|going|running|ticking|active|set|coming|ring|go off|more|on|got)\b",
    re.IGNORECASE,
)


_LOOK_ZH = re.compile(
    r"[\u4e00-\u9fff]{0,8}?(?:那个|的)?还?(?:有|剩|要|得)(?:下)?(?:多久|多长时间|多少时间|几分钟|多长)[了啊呢]?[？?]?"
    r"|还(?:有|剩)(?:哪些|哪个|几个)(?:在(?:走|跑|计|响))?[？?]?|(?:什么时候|几点)响[？?]?|都?还剩(?:多少|多久)[？?]?"
    r"|.{1,8}(?:还在(?:走|跑|计|响)|真?没了|好了没)[吧吗有]*[？?]?|(?:那|所以)?(?:现在)?(?:是)?(?:哪几天响|是?几点|哪天|定在?(?:了)?(?:几号|几点"
    r"|哪天))了?[？?]?"
    r"|(?:我|你)?刚?(?:才)?[定设]的?(?:是|在)?(?:哪天|几号|几点)了?[？?]?|(?:再)?念(?:给我|一遍|一下)?(?:听听|听)?"
)


def looks(said: str, replies: str) -> bool:
    """Returns whether the text, masked by `masked`, asks about something in the `replies`."""
    if re.search(r"[\u4e00-\u9fff]", said):
        return _LOOK_ZH.fullmatch(said) is not None
    words = set(re.findall(r"[a-z]+", said.lower())) - _LOOKS
    if re.fullmatch(
        r"(?:so |and |ok |um |hmm )*(?:any(?:thing)? left|how'?s (?:it|that|the \w+) (?:doing|going|getting on)"
        r"|what'?s (?:first|next)|when am i .*|(?:have|did|do) i (?:got|have|set) .{0,12}(?:on|set|left"
        r"|others?).*|haven'?t got any .*|so just .*)\W*",
        said,
        re.I,
    ):
        return True
    return bool(_LOOK.search(said) and _LOOK_AT.search(said)) and all(
        re.search(rf"\b{word}\b", replies) for word in words
    )


def ends(said: str, replies: str, newest: Exchange, kind: Kind) -> bool:
    """Returns whether the text, masked by `masked`, ends something mentioned in the `replies`."""
    if ONLY_KEPT.match(said):  # 只留八点那个
        return bool(told_keys(newest.data))
    ended, spared = ended_and_spared(said)
    said = SPARED.sub("", ended if spared else said)  # "keep the rice, kill the pasta", "lose all but the 8"
    parts = [part for part in clauses(said) if not spares(part)]
    told = bool(told_keys(newest.data))
    done = [part for part in parts if TIME not in part and (_ENDS.fullmatch(part) or _DROPS.fullmatch(part))]
    others = [part for part in parts if part not in done]
    if done and others and kind == "timer" and all(_DONE.search(part) for part in others):
        return True
    if (_DROPS.fullmatch(said) or (done and not others)) and told:
        return True
    if told and _RID.fullmatch(said) and not NOUN.search(said):
        return True
    named = [part for part in parts if _names_end(part, replies)]
    return bool(named) and not any(
        (TIME in part or SPAN in part or NOUN.search(part)) for part in parts if part not in named
    )


def _names_end(part: str, replies: str) -> bool:
    """Returns whether a clause ends something mentioned in the replies: "bin the toast one", 把中间那个停掉."""
    if re.search(r"[\u4e00-\u9fff]", part):
        if not (OFF_ZH.search(part) or re.search(r"停[了下掉吧]?$|停掉|去掉|删", part)) or re.search(
            r"订单|提前|别|[吗么]", part
        ):
            return False
        named = re.sub(_NAMES_ZH, "", OFF_ZH.sub("", re.sub(r"停[了下掉吧]?", "", part)))
        return (
            not named
            or named in replies
            or re.search(rf"{re.escape(named)}(?:那个|那条|的)", part) is not None
            or bool(re.search("不[^用要]|[改黄]了", named))
        )
    plain = re.sub(
        r"^(?:(?:oh|no|nah|actually|wait|so|and|please|just|then|now|ok|can you|could you|you can)\b[\s,]*)+",
        "",
        part,
        flags=re.I,
    )
    if not (found := STOPS.match(plain)):
        return False
    rest = [each for each in re.findall(r"[a-z']+", plain[found.end() :].lower()) if each not in _NAMES]
    known = all(re.search(rf"\b{re.escape(each)}\b", replies) for each in rest)
    return known or re.search(r"\bones?\W*$", plain, re.IGNORECASE) is not None
