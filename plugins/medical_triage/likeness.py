"""What cases told like this one were: a second opinion, fitted to the written cases in ``cases/``.

Rules know what they were told to know; people tell the rest in other words. A linear model over words and meaning reads
the whole description, and only moves a decision that the rules leave open: an emergency of the rules stays one.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from assistant import AssistantError, Services

from .facts import plain
from .quantities import read_age
from .rules import Level, Rule, level_of
from .vitals import Vitals, judged, read_vitals, without_values

__all__ = [
    "FILE",
    "ORDER",
    "URGENCY",
    "Likeness",
    "Opinion",
    "Urgency",
    "features",
    "joint_level",
    "opinions",
    "terms_of",
]

Urgency = Literal["em", "ne", "sc"]
ORDER: tuple[Urgency, ...] = ("sc", "ne", "em")
"""from the mildest: self-care, non-emergency (see a doctor, urgently or not), emergency"""
URGENCY: dict[Level, Urgency] = {"self_care": "sc", "doctor": "ne", "urgent": "ne", "emergency": "em"}

FILE = Path(__file__).parent / "likeness.safetensors"

WORD = re.compile(r"[a-z]+|[\u3400-\u9fff]")
UNITS = frozenset({"bp", "bpm", "c", "f", "mmhg", "min"})
WORDS_WEIGH = 1.5
"""how much words count beside meaning; this and what follows was chosen with one author's cases left out at a time"""
RULES_WEIGH, PLAINLY_SMALL_WEIGHS = 1.0, 1.0
"""log-odds in favour of what a rule says, and more of them for a small matter seen plainly; where no rule holds, none"""
EMERGENCY_NEEDS, HOME_WEIGHS = 0.5, 0.5
"""log-odds that an emergency needs besides, and that a rule which sends home has"""
ENOUGH = 12
"""words below which too little is told, so that the rules and their questions decide alone"""
SHOWN = 4


@dataclass(frozen=True)
class Opinion:
    """How likely a description belongs to each level."""

    shares: Mapping[Urgency, float]
    """sums to 1"""
    words: Mapping[Urgency, tuple[str, ...]]
    """the words that spoke most for each level"""


def terms_of(text: str) -> Counter[str]:
    """Words and pairs of neighbours, and what measured values amount to; the numbers themselves do not count."""
    text = plain(text)
    words = [word for word in WORD.findall(without_values(text)) if word not in UNITS]
    vitals = read_vitals(text)
    findings = judged(vitals, read_age(text)) or ({"normal_vitals"} if vitals != Vitals() else set())
    return Counter([*words, *(f"{one} {two}" for one, two in pairwise(words)), *findings])


def features(
    terms: Sequence[Mapping[str, int]], vectors: NDArray[np.float32], rarity: Mapping[str, float]
) -> NDArray[np.float32]:
    """Meaning and words side by side.

    Args:
        terms: of n descriptions, with their counts.
        vectors: (n, d), float32, unit length: their meaning.
        rarity: inverse document frequency of every known term.

    Returns:
        (n, d + known terms), float32; the words weigh 1 + ln(count), times rarity, scaled to the length `WORDS_WEIGH`.
    """
    places = {term: place for place, term in enumerate(rarity)}
    rows = np.zeros((len(terms), len(places)), np.float32)
    for row, counts in zip(rows, terms, strict=True):
        for term, count in counts.items():
            if term in places:
                row[places[term]] = (1.0 + np.log(count)) * rarity[term]
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.hstack([vectors, WORDS_WEIGH * rows / np.maximum(length, 1e-9)])


@dataclass(frozen=True)
class Likeness:
    """The fitted model.

    Attributes:
        rarity: known terms and their inverse document frequency.
        weights: (d + terms, 3), float32; columns as in `ORDER`.
        bias: (3,), float32.
    """

    rarity: Mapping[str, float]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def judge(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> list[Opinion]:
        """One opinion for each description, with (n, d) vectors of their meaning."""
        rows = features([terms_of(text) for text in texts], vectors, self.rarity)
        scores = rows @ self.weights + self.bias
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        return [self._opinion(row, share, vectors.shape[1]) for row, share in zip(rows, shares, strict=True)]

    def _opinion(self, row: NDArray[np.float32], shares: NDArray[np.float32], width: int) -> Opinion:
        present = np.flatnonzero(row[width:])
        names = list(self.rarity)
        weights = self.weights[width + present]
        pulls = row[width + present, None] * (weights - weights.mean(axis=1, keepdims=True))
        words: dict[Urgency, tuple[str, ...]] = {}
        for column, urgency in enumerate(ORDER):
            best = [i for i in np.argsort(-pulls[:, column])[:SHOWN] if pulls[i, column] > 0]
            words[urgency] = tuple(names[present[i]] for i in best)
        return Opinion({u: float(share) for u, share in zip(ORDER, shares, strict=True)}, words)

    def save(self, path: Path = FILE) -> None:
        """Write the weights; the terms stand in the file's own description."""
        numbers: dict[str, NDArray[Any]] = {
            "weights": self.weights.astype(np.float16),
            "bias": self.bias,
            "rarity": _column(self.rarity),
        }
        save_file(numbers, path, metadata={"terms": json.dumps(list(self.rarity), ensure_ascii=False)})


def _column(rarity: Mapping[str, float]) -> NDArray[np.float32]:
    return np.fromiter(rarity.values(), np.float32, len(rarity))


@cache
def _shipped() -> Likeness:
    from safetensors import safe_open

    numbers = load_file(FILE)
    with safe_open(FILE, "np") as file:
        terms: list[str] = json.loads(file.metadata()["terms"])
    rarity = dict(zip(terms, numbers["rarity"].tolist(), strict=True))
    return Likeness(rarity, numbers["weights"].astype(np.float32), numbers["bias"])


async def opinions(texts: Sequence[str], services: Services) -> list[Opinion | None]:
    """The second opinion on each description; None where too little is told, or its meaning cannot be had."""
    told = [text for text in texts if sum(1 for _ in WORD.finditer(text.lower())) >= ENOUGH]
    if not told:
        return [None] * len(texts)
    try:
        vectors = await services.encode_text(told)
    except AssistantError:  # without its model the rules decide alone, as they may
        return [None] * len(texts)
    model = _shipped()
    if vectors.shape[1] != len(model.weights) - len(model.rarity):  # another encoder than it was fitted with
        return [None] * len(texts)
    found = dict(zip(told, model.judge(told, vectors), strict=True))
    return [found.get(text) for text in texts]


def joint_level(found: Sequence[Rule], opinion: Opinion | None) -> Level:
    """The level by the rules that hold and the opinion.

    An emergency of the rules stays one, and "urgent" is never lowered. An emergency that only the opinion sees needs to
    be clearer than what parts a doctor from care at home.
    """
    level = level_of(found)
    if opinion is None or level == "emergency":
        return level
    em, ne, sc = (float(np.log(opinion.shares[urgency] + 1e-6)) for urgency in ("em", "ne", "sc"))
    rules_weigh = RULES_WEIGH if found else 0.0
    small = level == "self_care" and any(rule.settled for rule in found)
    plainly_small = PLAINLY_SMALL_WEIGHS if small else 0.0
    if em - max(ne, sc) > EMERGENCY_NEEDS + rules_weigh + plainly_small:
        return "emergency"
    if level == "urgent":
        return level
    home = sc - float(np.logaddexp(em, ne))
    if level == "self_care":
        return "doctor" if -home > HOME_WEIGHS + plainly_small else level
    return "self_care" if home > rules_weigh else level
