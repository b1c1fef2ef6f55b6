"""Removes the calm clauses of a text, and returns what is left about an ill person here and now.

A clause is taken out when it denies what it names ("he isn't confused"), finds a part of the body normal, tells of the
dead or of long ago, says that a complaint is over, or what a doctor ruled out; so is a figure of speech. Whoever hears
alarms by meaning hears the words of such clauses, not that they are denied. What only may be an alarm stays in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from assistant.language import detect_language
from assistant.understanding.tokens import with_commas

from .calm import says
from .denials import NOT_SO
from .facts import Facts, plain, read_facts
from .red_flags import LONGEST, all_about_now, had_by_another, mine_is_another, nothing_now, speaks_now, told_now
from .rules import level_of, matching

__all__ = ["about_patient", "mildly_told", "only_over", "remaining", "told_beside_past", "told_calmly", "understood"]

SENTENCE = re.compile(
    r"(?<!\d)(?<=[.!?;])(?!\d)\s*|(?<=[\n。！？；])\s*|\s+(?=(?:but|however)\b)|(?=但是?|可是|(?<![喘透])不过)",
    re.IGNORECASE,
)
CLAUSE = re.compile(
    r"(?<=[,，])(?!\d)\s*|\s+(?=(?:though|although|just|only|except|and|so|because|since|now)\b)"
    r"|(?=(?<!也)就是(?!说)|只是|(?<=[^，,\s])(?:我|他|她)(?:现在|今天|就是))",
    re.IGNORECASE,
)
WORD = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]")
LONGEST_DENIAL = 12
"""words (Chinese characters) beyond which a clause tells more than what it denies"""
NOT_ILL = frozenset({"well", "unwell", "severe", "sudden", "heart_risk", "food_risk", "smoker", "period", "meets_ill"})
"""findings that alone are not a complaint"""


@dataclass(frozen=True)
class _Clause:
    written: str
    told: str
    """as `plain` returns it, without the marks at its ends"""
    facts: Facts


def _clauses(sentence: str) -> list[_Clause]:
    found = []
    for written in CLAUSE.split(sentence):
        told = plain(written).strip(" ,，.;!。；！、")
        if told:
            found.append(_Clause(written.strip(), told, read_facts(told)))
    return found


def remaining(text: str) -> str:
    """A text, as it was typed, without the clauses that are calm; "" when nothing is left."""
    if not any(calm for _, calm in _judged(text)):
        return text
    return " ".join(clause.written for clause, calm in _judged(text) if not calm)


def about_patient(text: str) -> str:
    """A text without what is over, ruled out, or of the dead; its denials stay, since they say something."""
    kept = " ".join(clause.written for clause, calm in _judged(text) if calm in ("", "denied", "normal", "past"))
    return kept if kept.strip() else text


def only_over(text: str) -> bool:
    """Returns whether a text says that a complaint is over, names no other, and requests nothing."""
    judged = _judged(text)
    kept = [clause for clause, calm in judged if not calm]
    over = any(
        calm == "over" or (calm == "past" and says("over", clause.told) and clause.facts.present | clause.facts.denied)
        for clause, calm in judged
    )
    return over and not any(
        clause.facts.present
        or says("complains", clause.told)
        or says("lost", clause.told)
        or not (says("lively", clause.told) or says("light", clause.told))
        or says("asks", clause.written)
        for clause in kept
    )


def understood(text: str) -> bool:
    """Returns whether the rest of a text is empty, or a known complaint that needs no doctor today."""
    left = remaining(text)
    present = read_facts(left).present
    return not left or (bool(present - NOT_ILL) and not _urgent(present))


def told_calmly(text: str) -> bool:
    """Returns whether a text denies, explains or has overcome one thing, and names another complaint or none.

    Where something is long over or of the dead, the other complaint must be one that no rule sends to a doctor today.
    """
    judged = _judged(text)
    if only_over(text):
        return True
    kept = [clause for clause, calm in judged if not calm]
    told = frozenset[str]().union(*(clause.facts.present - NOT_ILL for clause in kept))
    if any(calm in ("dead", "figure", "past") for _, calm in judged) and told and not _urgent(told):
        return True
    return any(calm in ("denied", "ruled out", "normal") for _, calm in judged) and bool(told)


def told_beside_past(text: str) -> str:
    """Returns the current part of a text that is also about the past or the dead; "" if it is not."""
    judged = _judged(text)
    return remaining(text) if any(calm in ("dead", "figure", "past") for _, calm in judged) else ""


def mildly_told(text: str) -> bool:
    """Returns whether the complaint beside a denied one is called mild and needs no doctor today."""
    left = remaining(text)
    return told_calmly(text) and says("mild", plain(left)) and not _urgent(read_facts(left).present)


@lru_cache(maxsize=64)
def _judged(text: str) -> list[tuple[_Clause, str]]:
    """Each clause of a text, and why it is calm: "denied", "normal", "past", "figure", "dead", "ruled out", "over".

    Most of what people say holds no word of any of this: then there are no clauses.
    """
    judged: list[tuple[_Clause, str]] = []
    if detect_language(text) not in ("en", "zh"):
        return judged
    whole = plain(text[:LONGEST])
    if not says("marked", whole) and all_about_now(text) and not mine_is_another(whole):
        return judged
    for sentence in SENTENCE.split(with_commas(text[:LONGEST])):
        clauses = _clauses(sentence)
        if clauses:
            judged += list(zip(clauses, _reasons(plain(sentence), clauses), strict=True))
    if mine_is_another(plain(text[:LONGEST])):
        judged = [(each, "dead" if not why and had_by_another(each.told) else why) for each, why in judged]
    return _without_over(judged)


def _reasons(sentence: str, clauses: list[_Clause]) -> Iterator[str]:
    facts = read_facts(sentence)
    denied = facts.denied if len(clauses) > 1 else frozenset()
    past = not told_now(sentence) and not says("over", sentence)
    figure, explained = nothing_now(sentence), False
    for clause in clauses:
        explained = explained or bool(says("explains", clause.told))
        yield _reason(
            clause, denied, past=past and (figure or not speaks_now(clause.told)), figure=figure, explained=explained
        )


def _reason(clause: _Clause, denied: frozenset[str], *, past: bool, figure: bool, explained: bool) -> str:
    told, present = clause.told, clause.facts.present - {"well"}
    if (says("dead", told) or (says("family", told) and says("long_past", told))) and not says("just_now", told):
        return "dead"
    if past or not told_now(told):
        return "" if _passed(told, clause.facts) else "figure" if figure else "past"
    if says("lost", told):
        return ""
    if explained and says("reassures", told) and not says("unexplained", told) and not present:
        return "ruled out"
    if "self_harm" in present | clause.facts.denied:
        return ""
    if present:
        return "denied" if present <= denied else ""
    if len(WORD.findall(told)) > LONGEST_DENIAL or says("goes_on", told):
        return ""
    if clause.facts.denied or says("no_complaint", told) or NOT_SO.search(told):
        return "denied"
    return "normal" if says("normal", told) else ""


def _without_over(judged: list[tuple[_Clause, str]]) -> list[tuple[_Clause, str]]:
    """As given, with what a clause says to be over, which it or the clause before names, marked so.

    A stroke or a fit that passed is an emergency all the same.
    """
    found = list(judged)
    for at, (clause, reason) in enumerate(judged):
        before = judged[at - 1][0] if at else None
        lively = before and says("lively", clause.told) and says("before_now", before.told)
        over = says("over", clause.told) and not says("over_later", clause.told)
        if reason not in ("", "past", "denied") or not (over or lively) or says("lost", clause.told):
            continue
        own = clause.facts.present | clause.facts.denied or (over and says("passing", clause.told))
        named = clause if own or before is None else before
        facts = named.facts.present | named.facts.denied
        if (facts or says("passing", named.told)) and not _urgent(facts) and not says("lost", named.told):
            found[at] = (clause, "over")
            found[at - (named is not clause)] = (named, "over")
    return found


def _passed(told: str, facts: Facts) -> bool:
    """Returns whether a symptom that has passed is still an emergency, unless it is years ago."""
    return bool(says("over", told)) and not says("long_past", told) and _urgent(facts.present | facts.denied)


def _urgent(named: frozenset[str]) -> bool:
    return level_of(matching(Facts(present=named))) in ("urgent", "emergency")
