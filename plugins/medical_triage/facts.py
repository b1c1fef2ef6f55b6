"""Extracts health facts from a text: symptoms, denials, duration, severity, age."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from assistant.plugins.toolkit.made import made_of

from .denials import clauses, is_denied
from .history import about_patient_now, without_relatives
from .patterns import READING, Among, Pattern, compiled
from .quantities import is_pregnant, read_age, read_duration, read_severity
from .spelling import SIMPLIFIED, corrected
from .vitals import judged, read_vitals
from .wording import Language

__all__ = ["Facts", "Place", "lowered", "names_of", "plain", "read_facts", "read_places", "symptoms"]

NOT_SAID = re.compile(
    r"\b(?:cant|cannot|can not|couldnt|wouldnt) (?:really )?say (?:that )?(?:i|im|ive|he|she|it|its|my \w+|there)\b"
    r"(?: (?:have|has|had|feels?|am|is|got)\b)?(?: an?\b)? ?"
)
"""a denial that is put politely: "I can't say I have a headache" """
DEAD_SOUND = re.compile(
    r"(\b(?:headphones?|earphones?|earbuds?|airpods?|headset|loudspeakers?|speakers)\b(?:[\s,:]|\b(?:a?\d+|but|and|now|already|just)\b)*)"
    r"\b(?:the )?(?:left|right|one|other) (?:side|half|ear|cup|channel)s? (?:is|has|has gone|went|gone|goes) "
    r"(?:\w+ )?(?:dead|silent|quiet)\b"
)
"""a fault of what makes sound: "got the headphones, left side is dead"; not "headphones in, one side went dead" """
LONG_ACCOUNT, WORDS_A_FACT = 20, 8
"""words from which an account is long, and words in which at least one fact is expected"""
FOLDER = Path(__file__).parent
FILES = ("symptoms.toml", "findings.toml")


@dataclass(frozen=True)
class Facts:
    """Facts known about one person so far."""

    present: frozenset[str] = frozenset()
    """symptoms of ``symptoms.toml``"""
    denied: frozenset[str] = frozenset()
    hours: float | None = None
    """how long it has lasted"""
    severity: int | None = None
    """pain, 0 to 10"""
    age: float | None = None
    """years"""
    pregnant: bool = False
    words: int = 0
    """how many words were read (a Chinese character counts as half a word)"""

    @property
    def poorly_understood(self) -> bool:
        """Whether little of a long account was recognised, so that something serious may have been missed."""
        return self.words >= LONG_ACCOUNT and len(self.present | self.denied) * WORDS_A_FACT < self.words

    def joined(self, other: Facts) -> Facts:
        """Both together; what is said later about numbers counts, and a symptom once named stays."""
        return Facts(
            self.present | other.present,
            (self.denied | other.denied) - self.present - other.present,
            other.hours if other.hours is not None else self.hours,
            other.severity if other.severity is not None else self.severity,
            other.age if other.age is not None else self.age,
            self.pregnant or other.pregnant,
            self.words + other.words,
        )

    def adding(self, names: Iterable[str]) -> Facts:
        """With more symptoms."""
        return replace(self, present=self.present | set(names), denied=self.denied - set(names))

    def denying(self, names: Iterable[str]) -> Facts:
        """With symptoms ruled out, except those that are known to be there."""
        return replace(self, denied=self.denied | (set(names) - self.present))


@dataclass(frozen=True)
class Symptom:
    """One entry of ``symptoms.toml``."""

    key: str
    name: str
    chinese: str
    covers: str
    """the milder symptom it is named instead of; "" for none"""
    history: bool
    """raises a risk even when it is long over, such as an operation"""
    patterns: tuple[Pattern, ...]


@cache
def symptoms() -> dict[str, Symptom]:
    """Every symptom and finding by its key."""
    files = [*_files(), FOLDER / "words.toml", *READING, Path(__file__)]
    kept: dict[str, list[Any]] = made_of(files, "symptoms", _written)
    return {
        key: Symptom(key, name, chinese, covers, history, tuple(map(Pattern.read, patterns)))
        for key, (name, chinese, covers, history, patterns) in kept.items()
    }


def _files() -> list[Path]:
    return [*(FOLDER / name for name in FILES), *sorted((FOLDER / "systems").glob("*.toml"))]


def _written() -> dict[str, list[Any]]:
    """Each symptom's entry, as the fields of `Symptom` after its key."""
    entries: dict[str, Any] = {}
    for path in _files():
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        entries |= content["symptom"] if path.parent.name == "systems" else content
    words = tomllib.loads((FOLDER / "words.toml").read_text(encoding="utf-8"))
    found = {}
    for key, entry in entries.items():
        edgeless = [*entry.get("zh", ()), *entry.get("other", ())]
        patterns = [pattern.written() for pattern in compiled(entry["en"], edgeless, words["words"])]
        told = [entry["name"], entry["chinese"], entry.get("covers", ""), entry.get("history", False)]
        found[key] = [*told, patterns]
    return found


def names_of(keys: Collection[str], language: Language) -> str:
    """The names of symptoms, for people."""
    known = symptoms()
    told = sorted(set(keys) - {known[key].covers for key in keys})
    names = [known[key].chinese if language == "zh" else known[key].name for key in told]
    return ("、" if language == "zh" else ", ").join(names)


def lowered(text: str) -> str:
    """Lower case, without apostrophes, spaces evened out: "Can’t" is "cant"."""
    text = re.sub(r"['’‘`´]", "", text.lower())
    return re.sub(r"[ \t]+", " ", text.replace("-", " "))


@lru_cache(64)
def plain(text: str) -> str:
    """As `lowered`, with traditional Chinese characters simplified."""
    return DEAD_SOUND.sub(r"\1broken", NOT_SAID.sub("no ", lowered(text).translate(SIMPLIFIED)))


@lru_cache(maxsize=1024)
def read_facts(text: str) -> Facts:
    """Read a text: a report in everyday words, or a case as a clinician writes it.

    A symptom that is both named and denied counts as there: it is safer to believe it. A finding brings the milder
    symptom it covers along, and measured values count as the findings they amount to.
    """
    text = corrected(plain(text))
    now = about_patient_now(text)
    places = _places(text, now)
    present = {place.fact for place in places if not place.denied}
    denied = {place.fact for place in places if place.denied}
    age = read_age(text)
    present |= judged(read_vitals(text), age)
    while more := {symptoms()[key].covers for key in present} - present - {""}:
        present |= more
    return Facts(
        frozenset(present),
        frozenset(denied - present),
        read_duration(now),
        read_severity(now),
        age,
        is_pregnant(text),
        len(re.findall(r"[a-z0-9]+|[\u3400-\u9fff]{2}", text)),
    )


@dataclass(frozen=True)
class Place:
    """Span of a symptom in a text."""

    fact: str
    words: str
    """as they are read: lower case, typing errors undone"""
    denied: bool


def read_places(text: str) -> list[Place]:
    """Returns the spans of the symptoms that `read_facts` finds, in order; measured values are not included."""
    text = corrected(plain(text))
    return _places(text, about_patient_now(text))


def _places(text: str, now: str) -> list[Place]:
    kinds = ((now, False), (without_relatives(text), True)) if now != text else ((text, None),)
    found = []
    for told, history in kinds:
        for clause in clauses(told):
            found += _in_clause(clause, history)
    return found


@cache
def _patterns() -> tuple[tuple[tuple[Symptom, Pattern], ...], Among]:
    """The patterns of all symptoms, each with its symptom."""
    pairs = tuple((symptom, pattern) for symptom in symptoms().values() for pattern in symptom.patterns)
    return pairs, Among([pattern for _, pattern in pairs])


def _in_clause(clause: str, history: bool | None) -> list[Place]:
    """The places of all symptoms, or only of those that (do not) count when they are long over."""
    pairs, among = _patterns()
    likely = (pairs[at] for at in among.may_be_in(clause))
    return [
        Place(symptom.key, clause[start:end], inner or is_denied(clause, start, end))
        for symptom, pattern in likely
        if history in (None, symptom.history)
        for start, end, inner in pattern.found_in(clause)
    ]
