"""The timers of a request, each with its name: "rice needs 18 minutes and the eggs only 7"."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import pairwise

from .kept import FILLER, clean
from .pieces import JOINT, entities_of, grouped, lengths_of

__all__ = ["label", "timer_named", "timers_in", "with_units"]

_UNITLESS = re.compile(
    r"(?P<n>\b\d{1,3}\b|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty"
    r"|fifty)\b)(?=\s*(?:$|[,.;!?]|and\b|for\b|on\b|can\b|could\b|please\b|pls\b|to\b|then\b|&|as\b|total\b|time\b"
    r"|both\b|i'm\b|to go\b))",
    re.IGNORECASE,
)


_CALLED = re.compile(
    r"\b(?:called|named|label+ed|titled|(?:call|name|label)(?: (?:it|that|this|that one|this one|the \w+ one))?)\s+"
    r"[\"“']?(?P<en>(?!me\b)[\w' -]{1,40}?)[\"”']*(?=[.,!]|$|\s+(?:please|pls)\b)"
    r"|(?:叫做|名叫|名为|名字是|起名|就叫|叫(?!我|醒|一声))[“\"]?(?P<zh>[\w]{1,12}?)[”\"]?(?=的|吧|$|[，,。\s])",
    re.IGNORECASE,
)


_FOR = re.compile(r"\bfor\s+(?:the\s+|my\s+|some\s+|our\s+|a\s+)?(?P<name>[a-z][a-z' -]{1,40})", re.IGNORECASE)


_TIMER = re.compile(r"(?P<name>[^\W\d_]+(?:[ -][^\W\d_]+)?)\s+timer\b", re.IGNORECASE)


_NOT_LABEL = frozenset(
    (  # noqa: SIM905
        "a an the my our your this that these those it its it's another new one ones two three four five six set"
        " start put begin make create run give add please pls plz can could u you i me us we need needs want wants"
        " would like i'd get gets got take takes to for of and with on in at up by from off timer timers time both"
        " all each them everything second minute hour hours minutes seconds min mins sec secs more other first last"
        " next long short kitchen's quick went goes gone came popped stuck threw chucked some is just go going ahead"
        " now let lets have has do done run running different separate thing that's count countdown countdowns down"
        " also then plus only about around till until after before start starting begin so ok okay hey hi um well"
        " thanks thank cheers mate love dear instead exactly sharp total today tonight tomorrow later again right"
        " away straight been im i'm am are was were will not no don't stop cancel pause resume hold extend change"
        " longer extra left much how what which when who any if gimme say said me's clock timed simple several couple"
        " pieces here there too as well next same continue reset restart unpause kill delete remove freeze shorten"
        " alarm alarms out cut knock subtract minus less away end forget bin drop ditch lose scrap clear get rid turn"
        " switch off"
    ).split()
)


_VERBS_FIRST = frozenset("stick pop chuck throw boil cook bake steam put".split())  # noqa: SIM905


_NO_LABEL_HAN = re.compile(
    r"设置?|定时?|来|开始?|弄|启动|新建|取消|暂停|继续|计时器?|倒计时?|倒数|定时器|闹[钟铃表]|帮我?|给我?|请|麻烦|我要?|想|再|另外|还有|以及"
    r"|一起|同时|分别|一下|一?个|两|三|把|要|需要|用|的|是|都|和|跟|吧|了|呗|呢|掐|表|时间|到|后|钟|第|[组次轮回]|谢|快|好|提醒|叫|着|就|行|够"
    r"|先|每|为|计|现在|只|也|上|[\W_]"
)


_TELLS = re.compile(
    r"\b(?:i|i'?m|i'?ve|im|we|we'?re|he|she|they|it'?s|that'?s|because|cos|so|but|was|were|had|which)\b", re.IGNORECASE
)


def with_units(text: str, now: datetime) -> str:
    """Numbers beside a length of time, with its unit: "the rice 18 minutes and the eggs only 7"."""
    found = [each for each in entities_of(text, now) if each.kind == "duration"]
    if not found:
        return text
    unit = re.search(r"h(?:ou)?rs?\b|sec(?:ond)?s?\b|min(?:ute)?s?\b", found[0].text, re.IGNORECASE)
    if unit is None:
        return text
    for number in reversed(list(_UNITLESS.finditer(text))):
        inside = any(each.start <= number.start() < each.end for each in found)
        inside = inside or any(each.start() <= number.start() < each.end() for each in _CALLED.finditer(text))
        if not inside and not re.search(r"(?:\bat|\bby|\buntil|[:.])\s*$", text[: number.start()], re.IGNORECASE):
            text = f"{text[: number.end()]} {unit.group()}{text[number.end() :]}"
    return text


def timers_in(text: str, now: datetime) -> list[tuple[float, str]]:
    """The length in seconds of each timer that words ask for, with its name; "" where it has none."""
    text = with_units(FILLER.sub("", text), now)
    found = [each for each in entities_of(text, now) if each.kind == "duration"]
    groups = grouped(text, [part for each in found for part in lengths_of(each)])
    if not groups:
        return []
    text_first = not _label_words(text[: groups[0].start])
    edges = [0]
    for before, after in pairwise(groups):
        joints = [e for e in JOINT.finditer(text) if before.end <= e.start() and e.end() <= after.start]
        joints = [each for each in joints if not _CALLED.match(text[each.end() : after.start])] or joints
        edge = joints[-1] if text_first and joints else joints[0] if joints else None
        edges.append(edge.start() if edge else after.start if text_first else before.end)
    timers = []
    for group, (start, end) in zip(groups, pairwise([*edges, len(text)]), strict=True):
        seconds = sum((each.value.total_seconds() for each in group.marks if isinstance(each.value, timedelta)), 0.0)
        timers.append((seconds, label(text[start:end], now)))
    names = [name for _, name in timers]
    called = _CALLED.search(text)
    if called and len(timers) > 1 and names.count("") == len(names) - 1:
        return timers
    if len(timers) > 1 and names[-1] and not any(names[:-1]) and re.search(r"\btimers\b|[两二三四五]个", text):
        shared = names[-1]
        return [(seconds, shared) for seconds, _ in timers]
    return timers


def label(text: str, now: datetime) -> str:
    """Returns the name that the text gives to a timer: "rice" of "the rice needs 18 minutes"; "" without one."""
    if called := _CALLED.search(text):
        return clean(called["en"] or called["zh"]).lower()
    marks = sorted((e for e in entities_of(text, now) if e.kind == "duration"), key=lambda e: -e.start)
    plain = text
    for each in marks:
        plain = plain[: each.start] + " ⏱ " + plain[each.end :]
    if re.search(r"[\u4e00-\u9fff]", plain):
        told = [
            each
            for each in re.split(r"[，,。；]|\s(?!⏱)(?<!⏱ )", plain)
            if "⏱" in each or not re.match(r"我(?!要?[定计设])", each)
        ]
        runs = [
            run
            for each in told
            for run in re.findall("\\d{1,2}[\u4e00-\u9fff]{1,8}|[\u4e00-\u9fff]{2,8}", _NO_LABEL_HAN.sub(" ", each))
        ]
        if beside := re.search(r"(?:^|[\s，,、；和])([\u4e00-\u9fff])\s*⏱", plain):  # 鱼十二分钟
            return beside[1]
        near = next((run for run in runs if not re.search(r"我|你|他|她|在|等|谁|怎|什|可以|喂", run)), "")
        return clean(near)
    for pattern in (_TIMER, _FOR):
        for found in pattern.finditer(plain):
            if words := _label_words(found["name"], kept=4):
                return words
    plain = re.split(r"[:–—]", plain)[-1] if ":" in plain and not marks else plain
    before, _, after = plain.partition("⏱")
    behind = after.strip(" ,.!?").lower()
    if behind and not _TELLS.search(behind) and (words := _label_words(behind)):
        return words
    return _label_words(re.sub(r"\b(?:in|on|into|onto) (?:the|my)\b.*", "", re.split(r"[:–—]", before)[-1]))


def timer_named(text: str) -> str:
    """The name of the one timer that words speak of: "pause the rice timer"; "" for none."""
    if re.search(r"[\u4e00-\u9fff]", text):
        return label(text, datetime.now()) if re.search("计时|定时", text) else ""
    return next(filter(None, (_label_words(found["name"]) for found in _TIMER.finditer(text))), "")


def _label_words(said: str, kept: int = 3) -> str:
    """The last words that can be a name; "" where words tell something."""
    tells = _TELLS.search(said)
    said = said[: tells.start()] if tells else said
    runs: list[list[str]] = [[]]
    for word in re.findall(r"[a-z][\w'-]*|[,.;:⏱]|\d+", said.lower()):
        if word in _NOT_LABEL or (word in _VERBS_FIRST and not runs[-1]) or not word[0].isalpha():
            runs.append([])
        else:
            runs[-1].append(word)
    named = [run for run in runs if run]
    return clean(" ".join(named[-1][-kept:])) if named else ""
