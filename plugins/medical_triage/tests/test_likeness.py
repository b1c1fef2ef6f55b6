"""The second opinion: what it may move, what it may not, and how well it judges an author it has never read."""

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest

from assistant.encoders.multilingual import MultilingualEncoder
from assistant.terminal.report import Report
from assistant.testing import FakeServices
from assistant.types import FloatArray
from plugins.medical_triage.evaluation import Case, judge, triage_report
from plugins.medical_triage.likeness import ENOUGH, Likeness, Opinion, Urgency, joint_level, opinions
from plugins.medical_triage.likeness_fitting import cross_author, fit, read_authors
from plugins.medical_triage.rules import Level, rules


def opinion(em: float, ne: float, sc: float) -> Opinion:
    return Opinion({"em": em, "ne": ne, "sc": sc}, {"em": (), "ne": (), "sc": ()})


@pytest.mark.parametrize(
    ("by_rules", "seen", "level"),
    [
        ("emergency", opinion(0.01, 0.01, 0.98), "emergency"),
        ("urgent", opinion(0.01, 0.01, 0.98), "doctor"),
        ("doctor", opinion(0.01, 0.04, 0.95), "self_care"),
        ("self_care", opinion(0.01, 0.95, 0.04), "doctor"),
        ("self_care", opinion(0.9, 0.05, 0.05), "emergency"),
        ("urgent", opinion(0.2, 0.5, 0.3), "urgent"),
        ("doctor", None, "doctor"),
    ],
)
def test_an_opinion_moves_what_the_rules_leave_open(by_rules: Level, seen: Opinion | None, level: Level) -> None:
    rule = next(rule for rule in rules() if rule.level == by_rules and not rule.settled)
    assert joint_level([rule], seen) == level


def test_a_small_matter_seen_plainly_is_moved_less_easily_and_what_no_rule_knows_more() -> None:
    plainly = next(rule for rule in rules() if rule.settled)
    weakly = next(rule for rule in rules() if rule.level == "self_care" and not rule.settled)
    seen = opinion(0.7, 0.1, 0.2)
    assert joint_level([plainly], seen) == "self_care"
    assert joint_level([weakly], seen) == "emergency"
    assert joint_level([], opinion(0.5, 0.4, 0.1)) == "emergency"


class Encoding(FakeServices):
    """Encodes for real."""

    async def encode_text(self, texts: Sequence[str]) -> FloatArray:
        return np.stack([encoding.pooled for encoding in MultilingualEncoder().encode(texts)])


@pytest.fixture
def small() -> Likeness:
    told: list[tuple[str, Urgency]] = [
        ("crushing pain and sweat", "em"),
        ("a lump for months", "ne"),
        ("runny nose", "sc"),
    ]
    cases = [Case(text, urgency) for text, urgency in told for _ in range(2)]
    return fit(cases, np.zeros((len(cases), 4), np.float32))


def test_it_says_which_words_counted(small: Likeness) -> None:
    (seen,) = small.judge(["His nose is runny."], np.zeros((1, 4), np.float32))
    assert max(seen.shares, key=lambda urgency: seen.shares[urgency]) == "sc"
    assert set(seen.words["sc"]) == {"nose", "runny"}
    assert sum(seen.shares.values()) == pytest.approx(1.0)


def test_of_few_words_and_with_another_encoder_it_has_no_opinion() -> None:
    long = "a cough " * ENOUGH
    assert asyncio.run(opinions(["my head hurts", long], FakeServices())) == [None, None]


class WordsAlone(FakeServices):
    """Knows no meaning: what is fitted learns from the words alone, and no encoder has to be loaded."""

    async def encode_text(self, texts: Sequence[str]) -> FloatArray:
        return np.zeros((len(texts), 1), np.float32)


def taught(services: FakeServices, *names: str) -> tuple[Report, Report]:
    """The figures of some authors, each judged by a model of the others; and those of the rules alone."""
    authors = {name: own for name, own in read_authors().items() if not names or name in names}
    verdicts, _ = asyncio.run(cross_author(authors, services))
    return triage_report(verdicts), triage_report(judge([verdict.case for verdict in verdicts]))


def test_the_words_of_some_authors_teach_more_about_another_than_the_rules_know() -> None:
    figures, alone = taught(WordsAlone(), "lay", "notes", "textbook", "practice")
    assert figures.value("sent rightly") > alone.value("sent rightly")
    assert figures.value("emergency: sent rightly") >= 95
    assert not figures.missed, "none is sent two levels too low"


@pytest.mark.bench
def test_the_shipped_cases_teach_more_than_the_rules_know() -> None:
    figures, alone = taught(Encoding())
    assert figures.value("sent rightly") >= max(80, alone.value("sent rightly"))
    assert figures.value("emergency: sent rightly") >= 93
    assert figures.value("under-triage by two levels") <= 1
