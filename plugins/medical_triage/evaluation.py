"""Measures triage: accuracy, confusion, under- and over-triage.

The three levels are those of the vignettes in Semigran et al., "Evaluation of symptom checkers for self diagnosis and
triage" (BMJ 351, 2015), where symptom checkers were right in 57 % of cases.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from assistant import UserError
from assistant.terminal.report import Report, Row, percent

from .alarms import alarm_reply
from .facts import names_of, read_facts
from .rules import Level, level_of, matching

__all__ = ["Case", "Verdict", "judge", "read_cases", "triage_report"]

Urgency = Literal["em", "ne", "sc"]
ORDER: tuple[Urgency, ...] = ("sc", "ne", "em")
"""from the mildest: self-care, non-emergency (see a doctor, urgently or not), emergency"""
URGENCY: dict[Level, Urgency] = {"self_care": "sc", "doctor": "ne", "urgent": "ne", "emergency": "em"}
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
    """The level given to a case, and why."""

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


def judge(cases: Sequence[Case]) -> list[Verdict]:
    """Assign a level to every case from its words alone; no question is asked.

    What raises an alarm is answered before anything is asked, whatever the rules say.
    """
    verdicts = []
    for case in cases:
        facts = read_facts(case.description)
        found = matching(facts)
        level: Level = "emergency" if alarm_reply(case.description) else level_of(found)
        ids = tuple(rule.id for rule in found)
        verdicts.append(Verdict(case, URGENCY[level], level, ids, names_of(facts.present, "en")))
    return verdicts


def triage_report(
    verdicts: Sequence[Verdict], *, meant: Sequence[bool] = (), misses: bool = False, data: str = ""
) -> Report:
    """Makes the report.

    Args:
        verdicts: of at least one case.
        meant: whether each case is taken for an alarm by what it means; () to leave this out.
        misses: whether a note tells of every case that was sent elsewhere.
        data: what the cases are.
    """

    def share(metric: str, hits: Sequence[bool]) -> Row:
        return percent(metric, sum(hits) / len(hits) if hits else float("nan"))

    steps = [verdict.steps for verdict in verdicts]
    rows = [share("sent rightly", [step == 0 for step in steps])]
    for urgency in reversed(ORDER):
        own = [v for v in verdicts if v.case.urgency == urgency]
        rows.append(Row(f"{NAMES[urgency]}: cases", len(own)))
        rows.append(share(f"{NAMES[urgency]}: sent rightly", [v.steps == 0 for v in own]))
        others = [to for to in reversed(ORDER) if to != urgency]
        rows += [Row(f"{NAMES[urgency]}: sent to {NAMES[to]}", sum(v.given == to for v in own)) for to in others]
        if meant:
            alarms = sum(each for v, each in zip(verdicts, meant, strict=True) if v.case.urgency == urgency)
            rows.append(Row(f"{NAMES[urgency]}: alarm by meaning", alarms))
    rows += [share("under-triage", [step < 0 for step in steps]), share("over-triage", [step > 0 for step in steps])]
    rows.append(Row("under-triage by two levels", sum(step == -2 for step in steps), at_most=0))
    rows.append(Row("over-triage by two levels", sum(step == 2 for step in steps)))
    if (consistency := _consistency(verdicts)) is not None:
        rows.append(percent("groups sent to one place", consistency))
    notes = [_miss(verdict) for verdict in verdicts if verdict.steps] if misses else []
    return Report("evaluate triage", f"{len(verdicts)} cases {data}".rstrip(), rows, notes)


def _consistency(verdicts: Sequence[Verdict]) -> float | None:
    """The share of groups whose cases were all sent to the same place; None without groups."""
    groups: dict[str, set[Urgency]] = {}
    for verdict in verdicts:
        if verdict.case.group:
            groups.setdefault(verdict.case.group, set()).add(verdict.given)
    return sum(len(given) == 1 for given in groups.values()) / len(groups) if groups else None


def _miss(verdict: Verdict) -> str:
    case = verdict.case
    rules, understood = ", ".join(verdict.rules[:6]) or "none", verdict.facts or "nothing"
    sent = f"{case.urgency} sent to {verdict.given}: {case.description}"
    return f"\n{sent}\n  rules: {rules}\n  understood: {understood}"
