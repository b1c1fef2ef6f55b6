"""The rule base: which rules hold for the facts, and what to ask next."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from assistant.plugins.toolkit.made import made_of

from .facts import Facts, symptoms
from .wording import Language, written_in

__all__ = [
    "LEVELS",
    "Level",
    "Question",
    "Rule",
    "Source",
    "knowledge",
    "level_of",
    "matching",
    "next_question",
    "questions",
    "rules",
]

Level = Literal["self_care", "doctor", "urgent", "emergency"]
LEVELS: tuple[Level, ...] = ("self_care", "doctor", "urgent", "emergency")
"""from the mildest to the gravest"""

FOLDER = Path(__file__).parent


def knowledge() -> list[Path]:
    """The files that hold rules."""
    return [FOLDER / "rules.toml", FOLDER / "conditions.toml", *sorted((FOLDER / "systems").glob("*.toml"))]


@dataclass(frozen=True)
class Source:
    """Public guidance a rule follows."""

    name: str
    url: str


@dataclass(frozen=True)
class Rule:
    """One rule of ``rules.toml``; its header explains the fields."""

    id: str
    level: Level
    source: Source
    en: str
    zh: str
    red_flag: bool = False
    groups: tuple[frozenset[str], ...] = ()
    """of each group one symptom must be there"""
    none: frozenset[str] = frozenset()
    age_below: float | None = None
    age_from: float | None = None
    hours_from: float | None = None
    hours_below: float | None = None
    severity_from: int | None = None
    pregnant: bool = False
    count_of: frozenset[str] = frozenset()
    count_from: int = 0
    """at least so many of `count_of`"""
    settled: bool = False
    """a small matter that was seen plainly"""
    generic: bool = False
    """says little by itself, and nothing against what is settled"""
    over: frozenset[str] = frozenset()
    """ids of the rules that it silences, because it has looked for their warning signs itself"""

    def holds(self, facts: Facts) -> bool:
        """Returns whether the rule applies."""
        return (
            all(group & facts.present for group in self.groups)
            and not self.none & facts.present
            and (self.age_below is None or self._young(facts))
            and (self.age_from is None or (facts.age is not None and facts.age >= self.age_from))
            and (self.hours_from is None or (facts.hours is not None and facts.hours >= self.hours_from))
            and (self.hours_below is None or self._brief(facts))
            and (self.severity_from is None or (facts.severity is not None and facts.severity >= self.severity_from))
            and (not self.pregnant or facts.pregnant)
            and len(self.count_of & facts.present) >= self.count_from
        )

    def _brief(self, facts: Facts) -> bool:
        return facts.hours < (self.hours_below or 0) if facts.hours is not None else self.settled

    def _young(self, facts: Facts) -> bool:
        return facts.age < (self.age_below or 0) if facts.age is not None else self.settled

    def reason(self, language: Language) -> str:
        """Why, for people."""
        return self.zh if language == "zh" else written_in(language, f"rule {self.id}", self.en)

    @property
    def conditions(self) -> str:
        """Describes the rule's conditions for display."""
        parts = [" or ".join(sorted(group)) for group in self.groups]
        if self.count_of:
            parts.append(f"at least {self.count_from} of {', '.join(sorted(self.count_of))}")
        parts += [f"no {name}" for name in sorted(self.none)]
        for label, value in (
            ("under {:g} years", self.age_below),
            ("from {:g} years", self.age_from),
            ("for {:g} hours or more", self.hours_from),
            ("for less than {:g} hours", self.hours_below),
            ("pain {:g} or more of 10", self.severity_from),
        ):
            if value is not None:
                parts.append(label.format(value))
        return "; ".join([*parts, "pregnant"] if self.pregnant else parts)


@dataclass(frozen=True)
class Question:
    """One follow-up question of ``rules.toml``."""

    id: str
    en: str
    zh: str
    simple_en: str
    simple_zh: str
    """the same in simpler words, after an unclear answer"""
    kind: Literal["yes_no", "duration", "severity", "age"] = "yes_no"
    about: frozenset[str] = frozenset()
    """asked when one of these is present; empty for always"""
    asks: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()

    def text(self, language: Language) -> str:
        """The question, for people."""
        return self.zh if language == "zh" else written_in(language, f"question {self.id}", self.en)

    def simple_text(self, language: Language) -> str:
        """The question in simpler words."""
        if language == "zh":
            return self.simple_zh
        return written_in(language, f"simpler {self.id}", self.simple_en)

    def open_signs(self, facts: Facts) -> tuple[str, ...]:
        """The signs it asks about of which nothing is known yet."""
        return tuple(sign for sign in self.asks if sign not in facts.present | facts.denied)

    def open_for(self, facts: Facts) -> bool:
        """Returns whether the answer is unknown and would change the result."""
        if self.about and not self.about & facts.present:
            return False
        if self.kind != "yes_no":
            return getattr(facts, {"duration": "hours"}.get(self.kind, self.kind)) is None
        return not set(self.asks) & facts.present and not set(self.asks) <= facts.denied


LONG_STANDING = 3 * 168.0
"""hours from which only a plainly small matter is sent home"""
NEUTRAL = frozenset({"well", "severe", "sudden", "meets_ill", "heart_risk", "smoker", "period", "unwell", "food_risk"})


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule, in the order of the file."""
    content = _content()
    sources = {key: Source(**value) for key, value in content["sources"].items()}
    return tuple(_rule(dict(entry), sources) for entry in content["rule"])


def _rule(entry: dict[str, Any], sources: dict[str, Source]) -> Rule:
    groups = [frozenset({name}) for name in entry.pop("all", ())]
    groups += [frozenset(group) for group in entry.pop("all_of", ())]
    if some := entry.pop("any", ()):
        groups.append(frozenset(some))
    entry["source"] = sources[entry["source"]]
    sets = {name: frozenset(entry.get(name, ())) for name in ("none", "count_of", "over")}
    return Rule(**{**entry, **sets, "groups": tuple(groups)})


@cache
def questions() -> tuple[Question, ...]:
    """Every follow-up question, most important first."""
    made = []
    for entry in _content()["question"]:
        values = {**entry, "about": frozenset(entry.get("for", ())), "asks": tuple(entry.get("asks", ()))}
        values.pop("for", None)
        made.append(Question(**{**values, "adds": tuple(entry.get("adds", ()))}))
    return tuple(made)


@cache
def _content() -> dict[str, Any]:
    kept: dict[str, Any] = made_of([*knowledge(), Path(__file__)], "rules", _read)
    return kept


def _read() -> dict[str, Any]:
    joined: dict[str, Any] = {"rule": [], "sources": {}, "question": []}
    for path in knowledge():
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        joined["rule"] += content["rule"]
        joined["sources"] |= content["sources"]
        joined["question"] += content.get("question", [])
    return joined


def matching(facts: Facts, *, red_flags_only: bool = False) -> list[Rule]:
    """The rules that hold, gravest first.

    What is plainly a small matter silences the generic rules. Where little of a long account was understood, or a
    symptom is named that no rule sends home, only a plainly small matter may be sent home.
    """
    found = [rule for rule in _possible(facts) if (rule.red_flag or not red_flags_only) and rule.holds(facts)]
    if any(rule.settled for rule in found):
        found = [rule for rule in found if not rule.generic]
    elif facts.poorly_understood or facts.present - _mild() or (facts.hours or 0) >= LONG_STANDING:
        found = [rule for rule in found if rule.level != "self_care"]
    silenced = frozenset().union(*(rule.over for rule in found))
    found = [rule for rule in found if rule.id not in silenced or rule.red_flag]
    return sorted(found, key=lambda rule: -LEVELS.index(rule.level))


def _possible(facts: Facts) -> list[Rule]:
    """The rules that need none of the symptoms, or one that is there, in the order of the file."""
    by_symptom = _by_symptom()
    places = set(by_symptom[""]).union(*(by_symptom.get(name, ()) for name in facts.present))
    return [rules()[place] for place in sorted(places)]


@cache
def _by_symptom() -> dict[str, list[int]]:
    """The places of the rules that need a symptom or one of its group; under "" those that need none."""
    found: dict[str, list[int]] = {"": []}
    for place, rule in enumerate(rules()):
        needed = rule.groups[0] if rule.groups else rule.count_of if rule.count_from else ("",)
        for name in needed:
            found.setdefault(name, []).append(place)
    return found


@cache
def _mild() -> frozenset[str]:
    """Returns the symptoms for care at home, and those that do not count against it."""
    home = frozenset().union(*(group for rule in rules() if rule.level == "self_care" for group in rule.groups))
    return home | {key for key, symptom in symptoms().items() if symptom.covers in home} | NEUTRAL


def level_of(found: Sequence[Rule]) -> Level:
    """Returns the gravest level of the rules; without a rule or an understood symptom, a doctor's."""
    return found[0].level if found else "doctor"


def next_question(facts: Facts, asked: Sequence[str]) -> Question | None:
    """The most important question that is still open; None when there is none."""
    return next((q for q in questions() if q.id not in asked and q.open_for(facts)), None)
