"""Slot values, read off what the user said with the help of the intent's own examples.

First the examples' patterns (``throw a {sides} sided die``) are laid over the utterance, whole and then in part.
What is still missing is looked for by its kind: a number beside a word it stands beside in the examples or
beside its own name, a date, a choice that is mentioned, a code with digits, a quotation. Nothing is guessed: a
number that could mean anything is left alone, and a required slot that stays empty is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from assistant.intents.choices import match_choice, mentioned_choices, read_yes_no
from assistant.intents.entity_slots import ENTITY_KINDS, find_days, read_entities
from assistant.intents.numbers import NUMBER, find_numbers
from assistant.plugins.api import Intent, Slot
from assistant.plugins.tool_schema import slot_description
from assistant.understanding.entities import Entity

__all__ = ["expected_words", "extract_slots", "missing_slots", "slot_question"]

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_END = r"\s*[.!?。！？]*\s*$"
_STOP = r"(?=\s*(?:[.,;!?。，；！？]|$))"
_LEADING = re.compile(r"^(?:(?:in|at|for|of|to|on|about)\s+)?(?:(?:the|a|an|my|this|that|our|some)\s+)?", re.IGNORECASE)
_PRONOUNS = frozenset({"it", "that", "this", "them", "one", "something", "this one", "that one"})
_CODE = re.compile(r"(?<![\w-])#?([A-Za-z]{0,8}[-_]?\d[\w-]*)", re.ASCII)
_CODE_SLOT = re.compile(r"\b(?:id|number|no|nr|code|sku|tracking|serial)\b|编号|单号|号码")
_QUOTED = re.compile(r"[\"“「『]([^\"”」』]+)[\"”」』]")
_COMMON = frozenset(
    "a an the of to for in on at with and or is are my me please i you it this that 的 了 个 一".split()  # noqa: SIM905
)


def extract_slots(intent: Intent, utterance: str, today: date | None = None) -> dict[str, Any]:
    """The slot values an utterance holds; slots it does not mention are left out.

    Args:
        today: what "tomorrow" counts from; the current day by default.
    """
    if not intent.slots or not utterance.strip():
        return {}
    found = _by_pattern(intent, utterance, today)
    choices = {slot.name: slot.choices for slot in intent.slots if slot.choices}
    for name, mentioned in mentioned_choices(utterance, choices).items():
        if len(mentioned) == 1:
            found[name] = mentioned[0]
        elif found.get(name) not in mentioned:  # of several, the place in an example's pattern tells which
            found.pop(name, None)
    for slot in intent.slots:
        if slot.name not in found:
            value = _by_kind(intent, slot, utterance, today, found)
            if value is not None:
                found[slot.name] = value
    return found


def missing_slots(intent: Intent, slots: Mapping[str, Any]) -> list[Slot]:
    """The required slots that have no value yet."""
    return [slot for slot in intent.slots if slot.required and slots.get(slot.name) is None]


def expected_words(intents: Iterable[Intent], most: int = 120) -> tuple[str, ...]:
    """Words likely in turns for these intents, as hints for the recogniser: those of their choices.

    Args:
        most: words; those of later intents are left out.
    """
    choices = [choice.replace("_", " ") for intent in intents for slot in intent.slots for choice in slot.choices]
    kept: list[str] = []
    # "lots of milk" holds no word that "milk" and "lots of cream" do not.
    for choice in sorted(dict.fromkeys(choices), key=lambda each: len(each.split())):
        known = {word for each in kept for word in each.split()}
        if set(choice.lower().split()) - known and sum(len(each.split()) for each in kept) < most:
            kept.append(choice)
    return tuple(kept)


def slot_question(intent: Intent, slot: Slot) -> str:
    """The question for a slot: from its line under ``Args:`` in the docstring, or from its name.

    A line that ends with a question mark is asked word for word.
    """
    described = _described(intent, slot.name)
    if described.endswith(("?", "\uff1f")):
        return described
    thing = described.rstrip(".") or slot.name.replace("_", " ")
    if not re.match(r"(?:the|a|an|your|how|what|which|when|where)\b", thing, re.IGNORECASE):
        thing = f"the {thing}"
    if slot.choices:
        *rest, last = (choice.replace("_", " ") for choice in slot.choices)
        options = f"{', '.join(rest)} or {last}" if rest else last
        return f"What is {thing}: {options}?"
    return f"{thing[0].upper()}{thing[1:]}: yes or no?" if slot.kind is bool else f"What is {thing}?"


def _described(intent: Intent, slot: str) -> str:
    return re.split(r"(?<=[.?。？])\s", slot_description(intent, slot))[0]


# By the patterns of the examples


def _by_pattern(intent: Intent, utterance: str, today: date | None) -> dict[str, Any]:
    slots = {slot.name: slot for slot in intent.slots}
    numeric = frozenset(name for name, slot in slots.items() if slot.kind in (int, float))
    # Longest first: the more of the utterance an example explains, the surer it is.
    examples = sorted((each for each in intent.examples if "{" in each), key=len, reverse=True)
    for whole in (True, False):
        for example in examples:
            match = _pattern(example, numeric, whole).search(utterance)
            if match is None:
                continue
            read = {name: _read(intent, slots[name], text, today) for name, text in match.groupdict().items()}
            if all(value is not None for value in read.values()):
                return read
    return {}


@lru_cache(1024)
def _pattern(example: str, numeric: frozenset[str], whole: bool) -> re.Pattern[str]:
    parts = _PLACEHOLDER.split(example.rstrip(" .!?。！？"))
    pattern, seen = "", set()
    for index, part in enumerate(parts):
        if index % 2 == 0:
            literal = re.sub(r"(?:\\\s)+|\s+|\\?-", r"[\\s-]+", re.escape(part))
            pattern += literal.replace(r"[\s-]+is[\s-]+", r"(?:[\s-]+is|['’]s)[\s-]+")
        elif part in seen:
            pattern += f"(?P={part})"
        else:
            seen.add(part)
            last = index == len(parts) - 2 and not parts[-1].strip()
            pattern += f"(?P<{part}>{_value_pattern(part in numeric, last and not whole)})"
    left = r"^\s*" if whole else (r"\b" if re.match(r"[A-Za-z]", example) else "")
    right = _END if whole else (r"\b" if re.search(r"[A-Za-z]$", example) else "")
    return re.compile(left + pattern + right, re.IGNORECASE)


def _value_pattern(numeric: bool, to_stop: bool) -> str:
    if numeric:
        return rf"(?:\d+(?:[.,]\d+)*|{NUMBER})"
    return rf"\S.*?{_STOP}" if to_stop else r"\S.*?"


def _read(intent: Intent, slot: Slot, text: str, today: date | None) -> Any:
    """The value of a text that stands where the slot stands in an example, or None."""
    text = text.strip(" \t\n,.;:!?\"“”'。，；：！？")
    if slot.choices:
        return match_choice(text, slot.choices)
    if slot.kind in ENTITY_KINDS:
        return next(iter(read_entities(slot.kind, text, _moment(today))), None)
    if slot.kind is bool:
        return read_yes_no(text)
    if slot.kind in (int, float):
        return next((value for m in find_numbers(text) if (value := _number(slot, m.value)) is not None), None)
    if _is_code(intent, slot):
        match = _CODE.search(text)
        return match.group(1) if match else None
    if any(other.kind is date for other in intent.slots):
        for day in reversed(find_days(text)):  # "in New York tomorrow": the day has a slot of its own
            text = f"{text[: day.start]}{text[day.end :]}".strip()
    text = _LEADING.sub("", text)
    return None if text.lower() in _PRONOUNS else text or None


def _moment(today: date | None) -> datetime | None:
    return None if today is None else datetime.combine(today, datetime.now().time())


def _number(slot: Slot, value: float) -> int | float | None:
    if slot.kind is float:
        return value
    return int(value) if value == int(value) else None


def _is_code(intent: Intent, slot: Slot) -> bool:
    words = f"{slot.name.replace('_', ' ')} {_described(intent, slot.name)}"
    return bool(_CODE_SLOT.search(words.lower()))


# By the kind of the slot


def _by_kind(intent: Intent, slot: Slot, utterance: str, today: date | None, found: Mapping[str, Any]) -> Any:
    if slot.choices:
        return None  # looked for together, see `mentioned_choices`
    if slot.kind in ENTITY_KINDS:
        values = read_entities(slot.kind, utterance, _moment(today), [*found.values()])
        return values[0] if len(values) == 1 else None
    if slot.kind in (int, float):
        return _number_by_neighbours(intent, slot, utterance, found)
    if slot.kind is bool:
        return _mentioned(slot, utterance)
    return _code_or_quotation(intent, slot, utterance)


def _mentioned(slot: Slot, utterance: str) -> bool | None:
    name = re.escape(slot.name.replace("_", " ")).replace(r"\ ", r"[\s-]+")
    match = re.search(rf"(?P<no>\b(?:no|not|without|don'?t)\s+(?:\w+\s+)?)?\b{name}\b", utterance, re.IGNORECASE)
    return None if match is None else match["no"] is None


def _code_or_quotation(intent: Intent, slot: Slot, utterance: str) -> str | None:
    if _is_code(intent, slot):
        days = find_days(utterance)
        codes = [m for m in _CODE.finditer(utterance) if not any(_overlap(m.start(), m.end(), day) for day in days)]
        # A bare small number is a count ("2 lamps") unless it is called by the slot's own words.
        codes = [
            m for m in codes if len(m.group(1)) > 3 or _neighbours(utterance, m.start(), m.end()) & _stems([slot.name])
        ]
        return codes[0].group(1) if len(codes) == 1 else None
    quoted = _QUOTED.findall(utterance)
    return quoted[0].strip() if len(quoted) == 1 else None


def _number_by_neighbours(intent: Intent, slot: Slot, utterance: str, found: Mapping[str, Any]) -> int | float | None:
    days = find_days(utterance)
    mentions = [m for m in find_numbers(utterance) if not any(_overlap(m.start, m.end, day) for day in days)]
    known = _stems([slot.name]) | _example_neighbours(intent, slot.name)
    for mention in mentions:
        if _neighbours(utterance, mention.start, mention.end) & known:
            return _number(slot, mention.value)
    free = [mention for mention in mentions if mention.value not in found.values()]
    rivals = [other for other in missing_slots(intent, found) if other.kind in (int, float)]
    if slot.required and len(free) == 1 and len(rivals) == 1:
        return _number(slot, free[0].value)
    return None


def _overlap(start: int, end: int, mention: Entity) -> bool:
    return start < mention.end and mention.start < end


def _stems(words: Iterable[str]) -> set[str]:
    """Words cut down so that "sides", "sided" and "side" are one; words that mean nothing here are left out."""
    found = (re.sub(r"(?:es|ed|ing|s|e)$", "", part) for word in words for part in re.split(r"[\s_-]+", word.lower()))
    return {stem for stem in found if stem and stem not in _COMMON}


def _neighbours(text: str, start: int, end: int) -> set[str]:
    """The stems of the words right before and right after a stretch of text."""
    before = re.search(r"([A-Za-z']+|[^\W\d_a-zA-Z])[\s-]*$", text[:start])
    after = re.match(r"[\s-]*([A-Za-z']+|[^\W\d_a-zA-Z])", text[end:])
    return _stems(match.group(1) for match in (before, after) if match)


def _example_neighbours(intent: Intent, slot: str) -> set[str]:
    stems: set[str] = set()
    for example in intent.examples:
        for match in re.finditer(rf"\{{{re.escape(slot)}\}}", example):
            stems |= _neighbours(example, match.start(), match.end())
    return stems
