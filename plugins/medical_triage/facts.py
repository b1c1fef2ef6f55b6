"""What a text says about somebody's health: symptoms, denials, how long, how strong, how old."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from .denials import clauses, is_denied
from .quantities import is_pregnant, read_age, read_duration, read_severity
from .vitals import judged, read_vitals
from .wording import Language

__all__ = ["Facts", "names_of", "plain", "read_facts", "symptoms"]

FILES = ("symptoms.toml", "findings.toml")


@dataclass(frozen=True)
class Facts:
    """What is known about one person so far."""

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

    def joined(self, other: Facts) -> Facts:
        """Both together; what is said later about numbers counts, and a symptom once named stays."""
        return Facts(
            self.present | other.present,
            (self.denied | other.denied) - self.present - other.present,
            other.hours if other.hours is not None else self.hours,
            other.severity if other.severity is not None else self.severity,
            other.age if other.age is not None else self.age,
            self.pregnant or other.pregnant,
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
    pattern: re.Pattern[str]


@cache
def symptoms() -> dict[str, Symptom]:
    """Every symptom and finding by its key."""
    entries: dict[str, Any] = {}
    for name in FILES:
        entries |= tomllib.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))
    person = entries.pop("person")
    found = {}
    for key, entry in entries.items():
        english = "|".join(entry["en"]).replace("{person}", person)
        pattern = re.compile(rf"\b(?:{english})(?!\w)|{'|'.join(entry['zh'])}", re.IGNORECASE)
        found[key] = Symptom(key, entry["name"], entry["chinese"], entry.get("covers", ""), pattern)
    return found


def names_of(keys: Collection[str], language: Language) -> str:
    """The names of symptoms, for people."""
    known = symptoms()
    told = sorted(set(keys) - {known[key].covers for key in keys})
    names = [known[key].chinese if language == "zh" else known[key].name for key in told]
    return ("、" if language == "zh" else ", ").join(names)


def plain(text: str) -> str:
    """Lower case, without apostrophes, spaces evened out: "Can’t" is "cant"."""
    text = re.sub(r"['’‘`´]", "", text.lower())
    return re.sub(r"[ \t]+", " ", text.replace("-", " "))


FAMILY = re.compile(
    r"family history of[^.;]*|\b(?:mother|father|parents?|grand\w+|sister|brother|uncle|aunt)s? "
    r"(?:had|has|have|died (?:of|from)|suffers? from|with)[^.;,]*"
)
"""illnesses of others, which only the patient's risk depends on"""


def read_facts(text: str) -> Facts:
    """Read a text: a report in everyday words, or a case as a clinician writes it.

    A symptom that is both named and denied counts as there: it is safer to believe it. A finding brings the milder
    symptom it covers along, and measured values count as the findings they amount to.
    """
    text = plain(text)
    patient = FAMILY.sub(" ", text) if CLINICAL.search(text) else text
    present: set[str] = set()
    denied: set[str] = set()
    for clause in clauses(patient):
        for key, symptom in symptoms().items():
            for found in symptom.pattern.finditer(clause):
                (denied if is_denied(clause, found.start(), found.end()) else present).add(key)
    age = read_age(text)
    present |= judged(read_vitals(text), age)
    while more := {symptoms()[key].covers for key in present} - present - {""}:
        present |= more
    return Facts(
        frozenset(present),
        frozenset(denied - present),
        read_duration(text),
        read_severity(text),
        age,
        is_pregnant(text),
    )


CLINICAL = re.compile(r"\b(?:year|yr|month|week|day)s?[ -]?olds?\b|\b\d+ ?(?:yo|y/o|f|m)\b|\bpatient\b|history of")
"""a case told about somebody: "a 40 year old man" """
