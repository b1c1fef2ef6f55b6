"""Timers: set, changed, paused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from assistant import Dialogue, Reply, Services, Turn
from assistant.intents.numbers import find_numbers
from assistant.outputs.schedule import Scheduled

from .kept import Visit, choose, clean, described, just_set, kind_in, matching, rings_note, surely
from .moments import durations, negative, read_when
from .said import asks_surely, new_name, tells_of_earlier
from .timer_reading import read_timers
from .wording import length, short_name

__all__ = ["change_timer", "over", "set_timer"]

LONGEST = 366 * 86_400.0
"""seconds"""
AT_ONCE = 20
"""timers that one request sets"""
RECENT = 600.0
"""seconds for which time can be added to a timer that has rung"""
CALLED = re.compile(
    r"\b(?:called|named|labell?ed|titled|(?:call|name|label) (?:it|that"
    r"|this(?: one)?))\s+[\"“']?(?P<a>[\w' -]{1,40})|(?:叫做|名叫|叫|名为"
    r"|名字是)[“\"]?(?P<b>[\w]{1,20}?)[”\"]?的",
    re.IGNORECASE,
)
THING = re.compile(r"\btimers?\b|计时")
NOT_NAMES = frozenset(
    (  # noqa: SIM905
        "a an the my your our this that another new one set start put begin make create run give add please can"
        " could you i me need want to for of and with on in up timer timers second minute hour seconds minutes"
        " hours more other all both every each first last next pause resume stop cancel hold continue extend change"
        " long short kitchen's quick time some is left how much running it clock us just go ahead now let have"
        " which what any restart unpause kill delete remove freeze reset shorten off from by out down take cut"
        " knock subtract minus less away end"
    ).split()
)
FOR = re.compile(
    r"\bfor\s+(?:the\s+|my\s+|some\s+)?(?P<name>[a-z][a-z' -]{1,30}?)(?=\s+(?:please|now|timer)\b|\s*[,.!?]|\s*$)",
    re.IGNORECASE,
)
HAN_FIRST = re.compile(r"^(?:帮我|请|给我|麻烦)*(?P<name>[\u4e00-\u9fff]{1,8})[，,]\s*(?:定时|计时|倒计时)")
APPOSED = re.compile(
    r"的?\s*[，,:：]\s*(?:for )?(?:(?:the|my|some) (?P<name>[a-z][a-z' -]{1,25}?)"
    r"|(?P<han>[\u4e00-\u9fff]{1,6}))[\s.!?。！？]*",
    re.IGNORECASE,
)
"""what a timer is for, behind its length: "10 minutes, the tea" """
APPOSED_BARE = re.compile(r"\s+(?P<name>[a-z]{3,}(?: [a-z]{3,})?)[\s.!]*", re.IGNORECASE)
"""the same without a pause: "timer 45 mins laundry" """
BEFORE_TIMER = re.compile(r"(?P<name>[^\W\d_]+(?:[ -][^\W\d_]+)?)\s+timer\b", re.IGNORECASE)
HAN_NAME = re.compile(
    r"(?:设置?|定|来|开|启动|新建|取消|暂停|继续|把|给)?(?:一个|个|那个"
    r"|这个)?(?P<name>[\u4e00-\u9fff]{1,8}?)的?(?:倒?计时器?|定时器?)"
)
HAN_NOT = re.compile(
    r"^(?:设置?|定|来|开|启动|新建|取消|暂停|继续|把|给|一|个|我|帮|请|的|再|所有|全部|那|这|倒|半?小时|分钟?"
    r"|秒钟?|现在|还|有|几|哪些?|都)+"
)
NOT_HAN_NAME = re.compile("谢|快|好[吗了]|[吧呗哈啊了吗我你先来再给就]|一[组个次]")
COURTESIES = frozenset(
    (  # noqa: SIM905
        "pls plz thanks thank cheers mate love dear instead exactly sharp total each today tonight tomorrow later again"
        " right away straight from ago okay before after until was were went rang"
    ).split()
)
"""words behind a length that are no name"""
NOT_NAME = re.compile(r"\b(?:was|were|is|are|had|but|because|which|that)\b", re.IGNORECASE)
"""makes words a sentence rather than a name"""
ANOTHER = re.compile(r"\b(?:another|and (?:a|one|then)|second one|timer)\b|再|另|还要|一个", re.IGNORECASE)
"""between the lengths of two timers"""
ANOTHER_BARE = re.compile(r"\b(?:another|one more|a second)(?: one)?(?: (?:for|of))? (?P<n>\w+)\W*$", re.IGNORECASE)
"""one more timer, whose length has no unit of its own"""
OPERATIONS = {
    "resume": r"\b(?:resume|continue|unpause|un-pause|carry on|go on|keep going|unfreeze)\b|继续|恢复|接着",
    "restart": r"\b(?:restart|reset|start .*again|start over|from the beginning)\b|重新|从头",
    "pause": r"\b(?:pause|hold|freeze|halt|suspend|stop .* for a (?:moment|minute|second)|wait)\b|暂停|先停|停一下",
    "shorten": r"\b(?:take|subtract|remove|knock|shave|cut|less|fewer|shorter|shorten|reduce|minus)\b|减|缩短|少|提前",
    "extend": r"\b(?:add|adding|more|another|extend|longer|extra|plus|prolong|tack|increase|lengthen)\b|加|延长|多|再",
}


def over(name: str, seconds: float, at: Visit) -> Reply:
    """What is said when a timer ends."""
    text = (
        at.say("timer_over_named", name=name) if name else at.say("timer_over", length=short_name(seconds, at.language))
    )
    return Reply(text, data={"kind": "timer", "name": name, "seconds": seconds})


async def set_timer(turn: Turn, dialogue: Dialogue, services: Services, duration: timedelta | None = None) -> Reply:
    """Set a timer, with a name if you like."""
    at = Visit.of(turn, dialogue, services)
    found = durations(turn.utterance, at.now)
    if any(negative(turn.utterance, entity) for entity in found):
        return Reply(at.say("timer_negative"))
    if tells_of_earlier(turn.utterance):
        return Reply(at.say("told_earlier")).declined()
    if named := read_timers(turn.utterance, at.now)[:AT_ONCE]:
        return await _set_named(at, named)
    if not (asks_surely(turn.utterance) or await surely(at, "timer")):
        return Reply(at.say("left_alone"))
    lengths = _lengths(turn.utterance, at) or ([_until(at)] if not found else [])
    if lengths == [None]:
        asked = await dialogue.ask(at.say("timer_how_long"), kind=timedelta)
        lengths = [asked.total_seconds()]
    seconds = [each for each in lengths if each is not None]
    if min(seconds, default=0) < 1:
        return Reply(at.say("timer_too_short"))
    if max(seconds) > LONGEST:
        return Reply(at.say("timer_too_long"))
    name = name_in(turn.utterance, at)
    kept = []
    for number, each in enumerate(seconds[:AT_ONCE]):
        kept.append(await _start(at, at.key("timer", number), name, each, each))
    told = at.say("and").join(length(each, at.language) for each in seconds[:AT_ONCE])
    key = "timers_set" if len(kept) > 1 else "timer_set_named" if name else "timer_set"
    note = rings_note(at, kept, at.say(key, length=told, name=name, count=len(kept)), timers=[e.key for e in kept])
    return note.about(at.say("the_timer"))


async def _set_named(at: Visit, timers: Sequence[tuple[float, str]]) -> Reply:
    """Start several timers, each with its own name."""
    lengths = [seconds for seconds, _ in timers]
    if min(lengths) < 1 or max(lengths) > LONGEST:
        return Reply(at.say("timer_too_short" if min(lengths) < 1 else "timer_too_long"))
    kept, told = [], []
    for number, (seconds, name) in enumerate(timers):
        kept.append(await _start(at, at.key("timer", number), name, seconds, seconds))
        written = length(seconds, at.language)
        told.append(at.say("timer_named", name=name, length=written) if name else written)
    text = at.say("timers_set", length=at.say("comma").join(told), count=len(kept))
    return rings_note(at, kept, text, timers=[entry.key for entry in kept])


async def _start(at: Visit, key: str, name: str, seconds: float, left: float) -> Scheduled:
    due = datetime.fromtimestamp(at.turn.at + left).astimezone()
    return await at.services.at(due, over(name, seconds, at), session=at.turn.session, key=key, insistent=True)


def _lengths(text: str, at: Visit) -> list[float | None]:
    """The lengths of the timers that are asked for: one, or several such as "5, 10 and 15 minutes"."""
    found = durations(text, at.now)
    if not found:
        return []
    several = re.search(r"((?:\d+\s*(?:,|and|&|、|和)\s*)+)$", text[: found[0].start])
    unit = re.fullmatch(r"(\d+)\D+", found[0].text)
    if several and unit and "timers" in text.lower() + ("timers" if "计时" in text else ""):
        each = found[0].value.total_seconds() / int(unit[1])  # type: ignore[union-attr]
        return [*(int(n) * each for n in re.findall(r"\d+", several[1])), int(unit[1]) * each]
    total: list[float | None] = []
    end = -1
    for entity in found:
        value = entity.value.total_seconds()  # type: ignore[union-attr]
        joined = end >= 0 and re.fullmatch(r"\s*,?\s*(?:and\s+)?|零|又", text[end : entity.start])
        if joined and not ("timers" in text.lower() and value):
            total[-1] = (total[-1] or 0.0) + value
        else:
            total.append(value)
        end = entity.end
    if len(total) == 1 and (bare := ANOTHER_BARE.search(text[found[-1].end :])):
        numbers = find_numbers(bare["n"])
        seconds = total[0] or 0.0
        size = next(size for size in (3600, 60, 1) if seconds % size == 0)
        return [seconds, float(numbers[0].value) * size] if len(numbers) == 1 else total
    several_asked = "timers" in text.lower() or re.search("分别|[两二三四五]个(?:倒?计时|定时)", text)
    return total if several_asked or ANOTHER.search(text[found[0].end :]) else total[:1]


def _until(at: Visit) -> float | None:
    """Seconds until the time of day that is named instead of a length."""
    when = read_when(at.turn.utterance, at.now, "reminder")
    if when.at is None or when.problem or when.repeat or when.guessed:
        return None
    return when.at.timestamp() - at.turn.at


def name_in(text: str, at: Visit) -> str:
    """What a timer is called; "" for nothing."""
    if called := CALLED.search(text):
        return clean(called["a"] or called["b"]).lower()
    lengths = durations(text, at.now)
    if len(lengths) == 1 and (apposed := APPOSED.fullmatch(text[lengths[0].end :])):
        name = clean(apposed["name"] or apposed["han"])
        return "" if NOT_HAN_NAME.search(name) else name.lower()
    if len(lengths) == 1 and (bare := APPOSED_BARE.fullmatch(text[lengths[0].end :])):
        words = bare["name"].lower().split()
        if not any(word in NOT_NAMES or word in COURTESIES for word in words):
            return " ".join(words)
    for entity in sorted(lengths, key=lambda e: -e.start):
        text = (
            f"{text[: entity.start]} {text[entity.end :]}"
            if text.isascii()
            else text[: entity.start] + text[entity.end :]
        )
    if han := HAN_FIRST.search(text) or HAN_NAME.search(text):
        return clean(HAN_NOT.sub("", han["name"]))
    for pattern in (BEFORE_TIMER, FOR):
        if found := pattern.search(text):
            words = [word for word in re.split(r"[ -]+", found["name"].strip().lower()) if word not in NOT_NAMES]
            words = [] if NOT_NAME.search(found["name"]) else words
            if words:
                return clean(" ".join(words))
    return ""


async def change_timer(turn: Turn, dialogue: Dialogue, services: Services, duration: timedelta | None = None) -> Reply:
    """Add time to a timer, take some off, pause it, let it run on, or start it again."""
    at = Visit.of(turn, dialogue, services)
    if kind_in(turn.utterance) in ("alarm", "reminder"):
        return Reply(at.say("change_how"))
    if (named := new_name(turn.utterance)) is not None and (running := await at.kept("timer")):
        return await _renamed(at, (await just_set(at, running) or running)[-1], clean(named[0]))
    text = turn.utterance.lower()
    operation = next((name for name, words in OPERATIONS.items() if re.search(words, text)), "")
    found = durations(turn.utterance, at.now)
    timers = await at.kept("timer")
    if operation == "pause":
        timers = [timer for timer in timers if timer.due is not None]
    elif operation == "resume":
        timers = [timer for timer in timers if timer.due is None]
    if not timers:
        return await _none(at, operation, found[0].value.total_seconds() if found else 0.0)  # type: ignore[union-attr]
    by = found[0].value.total_seconds() if found else _bare(turn.utterance, timers)  # type: ignore[union-attr]
    if operation in ("extend", "shorten", "") and not by:
        return Reply(at.say("change_how"))
    if found and operation in ("extend", "shorten") and negative(turn.utterance, found[0]):
        operation = "shorten" if operation == "extend" else "extend"
    bare = _without(at, found)
    name = name_in(bare.utterance, at)
    visit = Visit(bare, services, dialogue, at.language, at.now)
    if len(timers) > 1 and not name and not matching(timers, bare.utterance, visit) and not THING.search(text):
        timers = await just_set(at, timers) or timers
    chosen = await choose(visit, timers, "which_timer", name)
    if not chosen:
        return Reply(at.say("no_such_timer"))
    lines = [await _change(services, at, timer, operation, by) for timer in chosen]
    changed = [timer for _, timer in lines if timer is not None]
    note = rings_note(at, changed, "\n".join(line for line, _ in lines[:10]), timers=[timer.key for timer in changed])
    return note.about(at.say("the_timer"))


async def _renamed(at: Visit, timer: Scheduled, name: str) -> Reply:
    reply, seconds = timer.reply, float(timer.reply.data["seconds"])
    rings = over(name, seconds, at)
    kept = Reply(rings.text, data={**reply.data, "name": name})
    entry = await at.services.at(timer.due, kept, session=at.turn.session, key=timer.key, insistent=True)
    return Reply(at.say("one", what=described(entry, at)), data={"timers": [timer.key]}).about(at.say("the_timer"))


def _bare(text: str, timers: Sequence[Scheduled]) -> float:
    """Seconds that a number without a unit means for a single timer, in that timer's own unit; 0 for none."""
    numbers = [mention.value for mention in find_numbers(text)]
    if len(numbers) != 1 or len(timers) != 1 or "%" in text:
        return 0.0
    seconds = float(timers[0].reply.data["seconds"])
    return float(numbers[0]) * next(unit for unit in (3600, 60, 1) if seconds % unit == 0)


def _without(at: Visit, found: list) -> Turn:  # type: ignore[type-arg]
    """The turn without its lengths: five more minutes names no timer of five minutes."""
    from dataclasses import replace

    text = at.turn.utterance
    for entity in sorted(found, key=lambda e: -e.start):
        text = text[: entity.start] + " " + text[entity.end :]
    return replace(at.turn, text=text, transcript=None)


async def _change(
    services: Services, at: Visit, timer: Scheduled, operation: str, by: float
) -> tuple[str, Scheduled | None]:
    name, seconds = str(timer.reply.data.get("name") or ""), float(timer.reply.data["seconds"])
    paused = timer.reply.data.get("left")
    left = float(paused) if paused is not None else max(0.0, timer.due.timestamp() - at.turn.at if timer.due else 0.0)
    named = name or short_name(seconds, at.language)
    if operation == "pause":
        reply = over(name, seconds, at)
        kept = Reply(reply.text, data={**reply.data, "left": left})
        await at.services.at(None, kept, session=at.turn.session, key=timer.key, insistent=True)
        return at.say("timer_paused", name=named, left=length(left, at.language)), None
    if operation in ("extend", "shorten"):
        left += by if operation == "extend" else -by
    elif operation == "restart":
        left = seconds
    elif operation == "":
        left = seconds = by
    if left > LONGEST:
        return at.say("timer_too_long"), None
    if left < 1:
        await services.unschedule([timer.key])
        await services.announce(over(name, seconds, at), session=at.turn.session)
        return at.say("timer_over_now", name=named), None
    if paused is not None and operation in ("extend", "shorten"):
        reply = over(name, seconds, at)
        kept = Reply(reply.text, data={**reply.data, "left": left})
        await at.services.at(None, kept, session=at.turn.session, key=timer.key, insistent=True)
        return at.say("timer_paused", name=named, left=length(left, at.language)), None
    started = await _start(at, timer.key, name, seconds, left)
    return at.say("timer_runs", name=named, left=length(left, at.language)), started


async def _none(at: Visit, operation: str, by: float) -> Reply:
    """No timer runs: time added to one that has just rung starts it again; a length alone is a timer of its own."""
    found = await at.services.scheduled(at.turn.session, "timer:", 50)
    rung = [each for each in found if each.rung is not None and at.turn.at - each.rung.timestamp() < RECENT]
    if operation == "extend" and by >= 1 and rung:
        last = max(rung, key=lambda each: each.rung.timestamp() if each.rung else 0.0)
        name = str(last.reply.data.get("name") or "")
        started = await _start(at, at.key("timer"), name, by, by)
        return rings_note(
            at, [started], at.say("timer_set_named" if name else "timer_set", length=length(by, at.language), name=name)
        )
    if operation == "" and by >= 1:  # Timer auf 5 Minuten
        started = await _start(at, at.key("timer"), "", by, by)
        return rings_note(at, [started], at.say("timer_set", length=length(by, at.language), name=""))
    paused = operation == "pause" and any(each.reply.data.get("left") is not None for each in found)
    return Reply(at.say("timer_paused_already" if paused else "no_paused" if operation == "resume" else "no_timers"))
