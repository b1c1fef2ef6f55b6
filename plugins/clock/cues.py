"""Words with which a timer, an alarm or a reminder is asked for."""

from __future__ import annotations

import re

__all__ = ["ALARM", "ALARM_ZH", "CUES", "NOUN", "REMIND", "REMIND_ZH", "SHOUT", "TIMER", "TIMER_ZH"]

TIMER = re.compile(
    r"\b(?:timers?|count ?-?downs?)\b|\btime (?:me|it|both|them|these|this|all|⏱)|\bon the clock\b", re.I
)
TIMER_ZH = re.compile(r"倒?计时|定时|倒数|计一下|掐[个着好一]?(?:个)?表")
ALARM = re.compile(r"\balarms?\b|\b(?:wake|get) me\b|\b(?:ring|beep|chime|go off)\b", re.I)
ALARM_ZH = re.compile(
    r"闹[钟铃表]|(?:叫|喊|闹)(?:醒)?我(?:起床|起来|起|醒|一[声下次])*$|把我(?:叫|喊|闹|弄)|叫醒我|(?:响|闹)(?:铃|一?[次下声])?$"
)
REMIND = re.compile(
    r"\b(?:remind|nudge|ping|poke|prod|buzz|alert|notify) me (?!again\b|later\b|when\b|if\b|once\b|who\b|what\b"
    r"|how\b|why\b|where\b|which\b)|\b(?:do not|don'?t) let me forget\b|\breminders?\b|\btell me to\b",
    re.I,
)
REMIND_ZH = re.compile(
    r"提醒(?:一下)?我|(?:别|不要)(?:让我|给我)?忘了?|到时候?.{0,4}(?:喊|叫|告诉|通知)(?:一下)?我|通知我|提前.{0,4}(?:叫|喊)我"
)
SHOUT = re.compile(r"\b(?:give me a (?:shout|nudge|ring|buzz|yell|ping)|let me know|tell me|shout)\b", re.I)
"""asks for a sign when a time is over"""
NOUN = re.compile(r"\b(?:timers?|count ?-?downs?|alarms?|reminders?)\b", re.I)
CUES: dict[str, re.Pattern[str]] = {
    "timer": re.compile(
        r"\btim(?:er|e|ing)s?\b|\bcount|\bclock\b|\blet me know\b|\btell me\b|\balert\b|计时|倒数|定时|时间到"
        r"|告诉我|提醒|叫我",
        re.IGNORECASE,
    ),
    "alarm": re.compile(r"\balarms?\b|\bwak(?:e|ing)\b|\bup\b|\bbed\b|\brise\b|闹|醒|起|叫", re.IGNORECASE),
    "reminder": re.compile(
        r"remind|remember|forget|make sure|\bping\b|\bnudge\b|\bnotify\b|\balert\b|let me know|tell me|提醒|忘"
        r"|记得|叫我|通知|告诉我",
        re.IGNORECASE,
    ),
}
"""words with which each kind is asked for"""
