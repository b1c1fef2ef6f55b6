"""Measures what is recognised in everyday sentences, indirect crises and emergencies, by language."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant import Services, UserError
from assistant.terminal.report import Report, Row, percent

from .alarm_meaning import alarm_by_meaning
from .alarms import alarm_reply
from .remaining import mildly_told

__all__ = ["Said", "heard", "heard_by_meaning", "holds_sentences", "read_said_cases", "said_report"]

KINDS = ("calm", "crisis", "emergency")
HEARD = {"medical_triage.crisis_support": "crisis", "medical_triage.emergency": "emergency"}


@dataclass(frozen=True)
class Said:
    """One sentence, and what it was taken for."""

    text: str
    language: str
    expected: str
    """one of `KINDS`"""
    heard: str = "calm"
    """by the patterns of the safety check"""
    meant: str = "calm"
    """by the patterns, and by what it means where they hear nothing"""


def holds_sentences(path: Path) -> bool:
    """Returns whether a file holds sentences rather than cases, by its first line."""
    try:
        with path.open(encoding="utf-8") as file:
            return '"said"' in file.readline()
    except (OSError, UnicodeDecodeError):
        return False


def read_said_cases(path: Path) -> list[Said]:
    """Read JSON lines with ``said``, ``language`` and ``expected`` (calm, crisis or emergency).

    Raises:
        UserError: the file cannot be read; says why.
    """
    try:
        entries = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
        return [Said(entry["said"], entry["language"], entry["expected"]) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: needs said, language and expected in each line: {error}") from error


async def heard(cases: Iterable[Said], services: Services | None) -> list[Said]:
    """Classifies each sentence; without services by the patterns alone."""
    found = []
    for case in cases:
        reply = alarm_reply(case.text)
        by_patterns = HEARD.get(reply.intent or "", "calm") if reply else "calm"
        meant = by_patterns
        if services and meant == "calm" and not mildly_told(case.text):
            by_meaning = await alarm_by_meaning(case.text, services)
            meant = HEARD.get(f"medical_triage.{by_meaning}", "calm")
        found.append(Said(case.text, case.language, case.expected, by_patterns, meant))
    return found


async def heard_by_meaning(texts: Iterable[str], services: Services) -> list[bool]:
    """Returns for each text whether it raises an alarm that the patterns miss."""
    cases = await heard((Said(text, "", "") for text in texts), services)
    return [case.heard == "calm" and case.meant != "calm" for case in cases]


def said_report(cases: Sequence[Said], *, misses: bool = False, data: str = "") -> Report:
    """Makes the report: the share of each kind that was classified rightly, overall and by language."""
    rows = []
    for kind in KINDS:
        own = [case for case in cases if case.expected == kind]
        if own:
            rows.append(Row(f"{kind}: sentences", len(own)))
            rows.append(_share(f"{kind}: by the patterns", [case.heard == kind for case in own]))
            rows.append(_share(f"{kind}: with meaning", [case.meant == kind for case in own]))
    for language in sorted({case.language for case in cases}):
        own = [case for case in cases if case.language == language]
        rows.append(_share(f"{language}: with meaning", [case.meant == case.expected for case in own]))
    wrong = [f"{c.expected} taken for {c.meant} [{c.language}]: {c.text}" for c in cases if c.meant != c.expected]
    return Report("evaluate triage", f"{len(cases)} sentences {data}".rstrip(), rows, wrong if misses else [])


def _share(metric: str, hits: Sequence[bool]) -> Row:
    return percent(metric, sum(hits) / len(hits))
