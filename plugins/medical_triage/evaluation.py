"""How well cases are sent where they belong: accuracy, confusion, under- and over-triage.

The three levels are those of the vignettes in Semigran et al., "Evaluation of symptom checkers for self diagnosis and
triage" (BMJ 351, 2015), where symptom checkers were right in 57 % of cases.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from assistant import UserError

from .facts import names_of, read_facts
from .likeness import ORDER, URGENCY, Opinion, Urgency, joint_level
from .rules import Level, matching

__all__ = ["Case", "Verdict", "judge", "read_cases", "summary", "table"]

NAMES = {"em": "emergency", "ne": "non-emergency", "sc": "self-care"}


@dataclass(frozen=True)
class Case:
    """One line of a case file."""

    description: str
    urgency: Urgency
    group: str = ""
    """cases that say the same in other words share it; "" for none"""


@dataclass(frozen=True)
class Verdict:
    """Where a case was sent, and why."""

    case: Case
    given: Urgency
    level: Level
    rules: tuple[str, ...]
    """ids of the rules that held, gravest first"""
    facts: str
    """what was understood, for people"""

    @property
    def steps(self) -> int:
        """Levels too high (positive) or too low (negative)."""
        return ORDER.index(self.given) - ORDER.index(self.case.urgency)


def read_cases(path: Path) -> list[Case]:
    """Read JSON lines with ``case_description``, ``urgency_level`` (em, ne or sc) and perhaps ``group``.

    Raises:
        UserError: a line is no such case; says which.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"Cannot read {path}: {error}") from error
    cases = [_case(line, f"{path}:{number}") for number, line in enumerate(lines, 1) if line.strip()]
    if not cases:
        raise UserError(f"{path} holds no cases.")
    return cases


def _case(line: str, where: str) -> Case:
    try:
        entry = json.loads(line)
        description, urgency = entry["case_description"], entry["urgency_level"]
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{where}: needs case_description and urgency_level as one JSON object.") from error
    if not isinstance(description, str) or urgency not in get_args(Urgency):
        raise UserError(f"{where}: urgency_level is em, ne or sc, not {urgency!r}.")
    return Case(description, urgency, str(entry.get("group", "")))


def judge(cases: Sequence[Case], opinions: Sequence[Opinion | None] = ()) -> list[Verdict]:
    """Send every case somewhere, from its words alone; no question is asked.

    Args:
        cases: what to judge.
        opinions: the second opinion on each; without any the rules decide alone.
    """
    verdicts = []
    for case, opinion in zip(cases, opinions or [None] * len(cases), strict=True):
        facts = read_facts(case.description)
        found = matching(facts)
        level = joint_level(found, opinion)
        ids = tuple(rule.id for rule in found)
        verdicts.append(Verdict(case, URGENCY[level], level, ids, names_of(facts.present, "en")))
    return verdicts


def summary(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """All figures as plain values; shares are 0 to 1."""
    count = len(verdicts)
    levels: dict[str, Any] = {}
    for urgency in reversed(ORDER):
        own = [v for v in verdicts if v.case.urgency == urgency]
        sent: dict[str, int] = {to: sum(v.given == to for v in own) for to in reversed(ORDER)}
        levels[urgency] = {"cases": len(own), "right": sent[urgency], "sent": sent}
    return {
        "cases": count,
        "accuracy": sum(v.steps == 0 for v in verdicts) / count,
        "under_triage": sum(v.steps < 0 for v in verdicts) / count,
        "over_triage": sum(v.steps > 0 for v in verdicts) / count,
        "under_by_two": sum(v.steps == -2 for v in verdicts),
        "over_by_two": sum(v.steps == 2 for v in verdicts),
        "consistency": _consistency(verdicts),
        "levels": levels,
        "misses": [_miss(v) for v in verdicts if v.steps],
    }


def _consistency(verdicts: Sequence[Verdict]) -> float | None:
    """The share of groups whose cases were all sent to the same place; None without groups."""
    groups: dict[str, set[Urgency]] = {}
    for verdict in verdicts:
        if verdict.case.group:
            groups.setdefault(verdict.case.group, set()).add(verdict.given)
    return sum(len(given) == 1 for given in groups.values()) / len(groups) if groups else None


def _miss(verdict: Verdict) -> dict[str, Any]:
    return {
        "case_description": verdict.case.description,
        "urgency_level": verdict.case.urgency,
        "given": verdict.given,
        "rules": list(verdict.rules),
        "understood": verdict.facts,
    }


def table(figures: dict[str, Any], *, misses: bool) -> str:
    """The figures for people."""
    lines = [f"{'':15}{'cases':>6}{'right':>10}   sent to em/ne/sc"]
    for urgency, row in figures["levels"].items():
        right = f"{100 * row['right'] / row['cases']:.1f} %" if row["cases"] else "-"
        sent = "/".join(str(n) for n in row["sent"].values())
        lines.append(f"{NAMES[urgency]:15}{row['cases']:>6}{right:>10}   {sent}")
    lines.append(f"{'all':15}{figures['cases']:>6}{100 * figures['accuracy']:>8.1f} %")
    for name, two in (("under", "under_by_two"), ("over", "over_by_two")):
        lines.append(f"{name}-triage {100 * figures[name + '_triage']:.1f} %, by two levels: {figures[two]}")
    if figures["consistency"] is not None:
        lines.append(f"{'consistency':15}{100 * figures['consistency']:>14.1f} % of the groups are sent to one place")
    for miss in figures["misses"] if misses else ():
        lines.append(f"\n{miss['urgency_level']} sent to {miss['given']}: {miss['case_description']}")
        lines.append(
            f"  rules: {', '.join(miss['rules'][:6]) or 'none'}\n  understood: {miss['understood'] or 'nothing'}"
        )
    return "\n".join(lines)
