"""Stores timers, alarms and reminders, and finds the entries that a user means."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from assistant import Dialogue, Reply, Services, Turn
from assistant.intents.numbers import find_numbers
from assistant.outputs.schedule import Scheduled

from .moments import durations
from .sparing import told_apart
from .wording import Language, language_of, length, moment, repeats, say, short_name

__all__ = [
    "FILLER",
    "MOST",
    "Kind",
    "Visit",
    "choose",
    "clean",
    "coming",
    "described",
    "just_set",
    "kind_in",
    "matching",
    "names_one",
    "rings_note",
    "snapshot",
    "told_keys",
    "wants_all",
]

Kind = Literal["timer", "alarm", "reminder"]
ALL = re.compile(r"\b(?:all|every|both|everything|each)\b|全部|所有|都|每个", re.IGNORECASE)
WORDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("timer", re.compile(r"\btimers?\b|\bcount\s?downs?\b|计时|倒计时", re.IGNORECASE)),
    ("alarm", re.compile(r"\balarms?\b|\bwake\b|闹钟|闹铃|叫醒|起床", re.IGNORECASE)),
    ("reminder", re.compile(r"\breminders?\b|\bremind\b|\bremember\b|提醒", re.IGNORECASE)),
)
KEYS = ("timer", "timers", "alarm", "alarms", "reminder", "reminders", "moved")
"""of the data of replies: what was set or changed"""
LOOKED_BACK = 3
"""turns"""
ORDINALS = ("first", "second", "third", "fourth", "fifth")
COUNTS = ("two", "three", "four", "两", "三", "四")
SEVERAL = re.compile(
    r"\b(?:first|(?P<end>last))(?: of the)? (?P<en>two|three|four)\b|(?:前|(?P<end_zh>后|最后))(?P<zh>[两三四])[个条]"
)
"""how many of those at the beginning or the end"""
LAST = re.compile(r"\b(?:last|latest|newest|longest)\b|最后|最近|最长", re.IGNORECASE)
MIDDLE = re.compile(r"\bmiddle\b|中间", re.IGNORECASE)
SHORTEST = re.compile(r"\b(?:shortest|quickest)\b|最短", re.IGNORECASE)
FILLER = re.compile(r"\b(?:u+m+|u+h+|e+r+m*|hm+)\b[\s,.…]*", re.IGNORECASE)
OTHERS = re.compile(
    r"\b(?:others?|rest|everything|all|lot|bunch|both|remaining|any)\b|其[他它余]|别的|另外?[一那]?[个条]?|剩下|余下|全|都|所有",
    re.IGNORECASE,
)
"""means whatever is not left alone"""
UNNAMED = frozenset(
    (  # noqa: SIM905
        "lot of bunch cancel delete remove clear kill get rid of turn off switch scrap drop end stop lose bin ditch"
        " dump forget the a my our that this those these one ones timer timers alarm alarms reminder reminders please"
        " can you could just now then only it them and but so ok oh no actually i want need to"
    ).split()
)
UNNAMED_ZH = re.compile(
    r"取消|关了|关掉|停了|停掉|停|删除?掉?|清掉|去掉|撤掉?|不要了|不用了|计时器?|闹[钟铃]|提醒|[把将那这个条的了吧就请帮我给一下掉，,\s]"
)
CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
LONGEST = 300
"""characters of a name or a task"""
MOST = 10_000
"""entries that one request looks at"""


def clean(text: str) -> str:
    """A text in one line, without control characters, and not too long."""
    plain = " ".join(CONTROL.sub(" ", text).split()).strip(" ,.;:!?。，；：！？\"'“”‘’")
    return plain if len(plain) <= LONGEST else f"{plain[: LONGEST - 1]}…"


def kind_in(text: str) -> Kind | None:
    """Returns the kind of entry that a text names; None if it names none or several."""
    named = [kind for kind, pattern in WORDS if pattern.search(text)]
    return named[0] if len(named) == 1 else None


def wants_all(text: str) -> bool:
    """Returns whether the text means all entries."""
    return ALL.search(text) is not None


@dataclass(frozen=True)
class Visit:
    """One request."""

    turn: Turn
    services: Services
    dialogue: Dialogue
    language: Language
    now: datetime
    """on the wall clock, without a zone"""

    @classmethod
    def of(cls, turn: Turn, dialogue: Dialogue, services: Services) -> Visit:
        """The request of a turn."""
        return cls(turn, services, dialogue, language_of(turn.utterance), datetime.fromtimestamp(turn.at))

    def say(self, key: str, **values: object) -> str:
        """A phrase in the user's language."""
        return say(key, self.language, **values)

    def key(self, kind: Kind, number: int = 0) -> str:
        """Returns a key that stays the same when the request is resumed after a restart."""
        return f"{kind}:{self.turn.id}:{number}"

    async def kept(self, kind: Kind | None = None) -> list[Scheduled]:
        """Returns the entries that will ring and the paused timers, the next one first."""
        found = await self.services.scheduled(self.turn.session, f"{kind}:" if kind else "", MOST)
        return [each for each in found if coming(each)]


def coming(entry: Scheduled) -> bool:
    """Returns whether the entry will ring or is a paused timer."""
    return entry.due is not None or entry.reply.data.get("left") is not None


def described(entry: Scheduled, at: Visit) -> str:
    """An entry in a few words, with its time."""
    data, language = entry.reply.data, at.language
    name = str(data.get("name") or "")
    if data.get("kind") == "timer":
        seconds = float(data["seconds"])
        named = name or short_name(seconds, language)
        left = data.get("left")
        if left is not None:
            return at.say("timer_paused_line", name=named, left=length(float(left), language))
        rest = entry.due.timestamp() - at.turn.at if entry.due is not None else 0.0
        return at.say("timer_line", name=named, left=length(rest, language))
    assert entry.due is not None
    due = entry.due.replace(tzinfo=None)
    if entry.repeat is not None:
        when = repeats(entry.repeat.unit, entry.repeat.every, entry.repeat.weekdays, due, language)
    else:
        when = moment(due, at.now, language)
    return at.say(f"{data.get('kind', 'reminder')}_line", name=name, when=when).strip(" :：")


def matching(entries: Sequence[Scheduled], text: str, at: Visit) -> list[Scheduled]:
    """Returns the entries that a text names: by name, duration, or the time at which they ring."""
    said = text.casefold()
    named = [
        entry
        for entry in entries
        if (name := str(entry.reply.data.get("name") or "").casefold()) and _holds(said, name)
    ]
    if named:
        best = max(_shared(said, str(entry.reply.data["name"]).casefold()) for entry in named)
        return [entry for entry in named if _shared(said, str(entry.reply.data["name"]).casefold()) == best]
    lengths = {entity.value.total_seconds() for entity in durations(text, at.now)}  # type: ignore[union-attr]
    bare = re.search(r"\bthe (\d{1,3}|\w+)(?: (?:one|timer|alarm)\b|\W*$)", text)
    numbers = find_numbers(bare[1]) if bare else []
    if numbers:
        lengths |= {float(numbers[0].value) * size for size in (60, 3600)}
    if found := [entry for entry in entries if entry.reply.data.get("seconds") in lengths]:
        return found
    if bare and numbers and numbers[0].value == int(numbers[0].value):  # "the nine one" of alarms
        hour = int(numbers[0].value) % 12
        due = ((entry, entry.due.replace(tzinfo=None)) for entry in entries if entry.due is not None)
        if found := [entry for entry, at_ in due if at_.minute == 0 and at_.hour % 12 == hour]:
            return found
    return _at_time(entries, text, at)


def _at_time(entries: Sequence[Scheduled], text: str, at: Visit) -> list[Scheduled]:
    from .moments import read_when

    when = read_when(text, at.now, "alarm")
    fitting = []
    for entry in entries:
        if entry.due is None:
            continue
        due = entry.due.replace(tzinfo=None)
        if (when.repeat is not None and entry.repeat is not None and when.repeat == entry.repeat) or (
            when.at is not None
            and not when.guessed
            and (due.hour % 12, due.minute) == (when.at.hour % 12, when.at.minute)
        ):
            fitting.append(entry)
    return fitting or _on_day(entries, text, at)


def _on_day(entries: Sequence[Scheduled], text: str, at: Visit) -> list[Scheduled]:
    from assistant.language import detect_language
    from assistant.understanding.entities import find_entities

    days = {e.value for e in find_entities(text, detect_language(text), at.now) if e.kind == "date"}
    return [entry for entry in entries if entry.due is not None and entry.due.date() in days]


def _words(text: str) -> set[str]:
    words = (
        set(re.findall(r"[^\W_]+", text)) if text.isascii() else set(re.findall(r"[a-z0-9]+|[\u4e00-\u9fff]{2}", text))
    )
    return words - {"the", "my", "a", "an", "to", "about", "of", "for", "timer", "alarm", "reminder", "me", "at", "on"}


def _shared(said: str, name: str) -> float:
    if name in said:
        return 2.0
    words = _words(name)
    return len(words & _words(said)) / len(words) if words else 0.0


def _holds(said: str, name: str) -> bool:
    return name in said or _shared(said, name) >= 0.3


def names_one(text: str, entries: Sequence[Scheduled]) -> bool:
    """Returns whether the text holds the whole name of a timer, alarm or reminder."""
    names = (str(entry.reply.data.get("name") or "").casefold() for entry in entries)
    return any(name and name in text.casefold() for name in names)


async def just_set(
    at: Visit, entries: Sequence[Scheduled], back: int = LOOKED_BACK, *, every: bool = False
) -> list[Scheduled]:
    """Returns the entries that the last answer about one set or changed, or `every` one of a few answers; or []."""
    told = [told_keys(exchange.data) for exchange in reversed(await at.services.conversation(at.turn.session, back))]
    for keys in [set().union(*told)] if every else told:
        if found := [entry for entry in entries if entry.key in keys]:
            return found
    return []


def told_keys(data: Mapping[str, Any]) -> set[str]:
    """The keys of the entries in a reply."""
    parts = [part for part in data.get("parts", ()) if isinstance(part, Mapping)]
    told = [each for part in (data, *parts) for name in KEYS if (each := part.get(name))]
    shown = data.get("entries", ())
    told += [entry["key"] for entry in shown] if len(shown) == 1 else []
    return {key for each in told for key in ([each] if isinstance(each, str) else each) if isinstance(key, str)}


async def choose(at: Visit, entries: Sequence[Scheduled], question: str, named: str = "") -> list[Scheduled]:
    """Returns the entries that a request means, and asks if that is unclear; [] for none.

    Args:
        named: the name that the request gives one; where none has it, none is meant.
    """
    text, spared = told_apart(at.turn.utterance)
    if spared and (left := matching(entries, spared, at)):
        others = [each for each in entries if each not in left]
        if ended := matching(others, text, at) or [each for each in _placed(entries, text) if each not in left]:
            return ended
        if OTHERS.search(text) or not _names(text):
            return others
        unnamed = [each for each in others if not each.reply.data.get("name")]
        return unnamed if len(unnamed) == len(others) == 1 else []
    if wants_all(text) and not spared:  # what it leaves alone is not known: it is asked
        return list(entries)
    if found := matching(entries, text, at):
        return found
    if named or (len(entries) < 2 and not spared):
        return [] if named else list(entries)
    if (placed := _placed(await just_set(at, entries) or entries, text)) or (placed := _placed(entries, text)):
        return placed
    shown = entries[:10]
    listed = "\n".join(f"  {number}. {described(entry, at)}" for number, entry in enumerate(shown, 1))
    answer = await at.dialogue.ask(at.say(question, listed=listed, count=len(entries)), kind=str)
    if wants_all(answer):
        return list(entries)
    digits = re.fullmatch(r"\D*(\d{1,2})\D*", answer)
    if digits is not None and 1 <= int(digits[1]) <= len(shown):
        return [shown[int(digits[1]) - 1]]
    for place, word in enumerate(ORDINALS):
        if word in answer.lower() and place < len(shown):
            return [shown[place]]
    return matching(entries, answer, at)


def _names(text: str) -> list[str]:
    """The words that can be a name in a request to end something."""
    if re.search(r"[\u4e00-\u9fff]", text):
        return re.findall(r"[\u4e00-\u9fff]+", UNNAMED_ZH.sub(" ", text))
    return [word for word in re.findall(r"[a-z']+", text.lower()) if word not in UNNAMED]


def _placed(entries: Sequence[Scheduled], text: str) -> list[Scheduled]:
    """Returns the entries that a text names by place: "the middle one", "the first two", 第二个; [] for none."""
    said = text.lower()
    if found := SEVERAL.search(said):
        count = COUNTS.index(found["en"] or found["zh"]) % (len(COUNTS) // 2) + 2
        return list(entries[-count:] if found["end"] or found["end_zh"] else entries[:count])
    ordinals = [
        number
        for number, word in enumerate(ORDINALS)
        if re.search(rf"\b{word}(?: (?:one|timer|alarm|reminder)\b| and\b|\W*$)|第{'一二三四五'[number]}", said)
    ]
    if placed := [entries[number] for number in ordinals if number < len(entries)]:
        return placed
    if MIDDLE.search(text) and len(entries) % 2:
        return [entries[len(entries) // 2]]
    if LAST.search(text):
        return [entries[-1]]
    return [entries[0]] if SHORTEST.search(text) or re.search(r"\bfirst\b", text) else []


def snapshot(entry: Scheduled) -> dict[str, Any]:
    """An entry as data from which it can be set again."""
    repeat = entry.repeat
    again = [repeat.unit, repeat.every, list(repeat.weekdays)] if repeat is not None else None
    due = entry.due.isoformat() if entry.due is not None else None
    data = dict(entry.reply.data)
    return {
        "key": entry.key,
        "due": due,
        "repeat": again,
        "insistent": entry.insistent,
        "text": entry.reply.text,
        "data": data,
    }


def rings_note(at: Visit, kept: Sequence[Scheduled], text: str, **data: object) -> Reply:
    """Builds a reply about an entry that will ring, with a warning if no running program can ring it.

    Its data tell how to undo it: by default what is kept now was not there before.
    """
    data.setdefault("undo", [{"key": entry.key} for entry in kept])
    if kept and not all(entry.rings for entry in kept):
        return Reply(f"{text}\n{at.say('nothing_rings')}", speech=f"{text} {at.say('nothing_rings_speech')}", data=data)
    return Reply(text, data=data)
