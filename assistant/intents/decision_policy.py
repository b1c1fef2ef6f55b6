"""The decision policy: from joined logits to an answer, a question which intent is meant, or out of scope."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from assistant.fusion.strategy import FusionInput, FusionOutput
from assistant.intents.head import Reading
from assistant.types import MODALITIES, OUT_OF_SCOPE, Candidate, Decision, FloatArray, Modality

__all__ = ["apply_policy", "in_scope", "weights_of", "words_attended"]

CLEAR_LEAD = 0.2
"""an intent this much less likely than the best is not worth a question"""
LEAST_SURE = 0.35
"""confidence below which the user is asked; between it and one half, most answers to our own pairs are right"""
HEARD_ANYWAY = 0.3
"""how far a picture may speak for itself beside words that are about something else"""
MOST_CANDIDATES = 10
MOST_ATTENDED = 12


def in_scope(readings: Mapping[Modality, Reading], picture: float) -> tuple[float, float]:
    """Probability that the turn is in scope, and that its words only point; both 0 to 1.

    Args:
        readings: what was typed and said.
        picture: probability that a picture belongs to any intent; 0 without one.
    """
    if not readings:
        return picture, 0.0
    words = max(readings.values(), key=lambda reading: reading.reliability)
    spoken = words.in_scope + (1.0 - words.in_scope) * picture * HEARD_ANYWAY
    return words.deictic * picture + (1.0 - words.deictic) * spoken, words.deictic


def apply_policy(
    names: Sequence[str],
    fused: FusionOutput,
    ours: float,
    pointing: float,
    floor: float,
    most_options: int,
    weights: Mapping[Modality, float],
    attended: tuple[tuple[Modality, str, float], ...],
) -> Decision:
    """Decide.

    Args:
        names: of the k intents.
        fused: the joined logits.
        ours: probability that the turn is in scope.
        pointing: probability that its words only point at something.
        floor: least probability of an option.
        most_options: most intents a question offers.
        weights: how much each modality decided, 0 to 1.
        attended: what was looked at.
    """
    probabilities = np.exp(fused.logits - np.logaddexp.reduce(fused.logits))
    order = np.argsort(-probabilities, kind="stable")[:MOST_CANDIDATES]
    candidates = tuple(Candidate(names[i], float(probabilities[i] * ours)) for i in order)
    outside = float(1.0 - ours)
    best = candidates[0]

    def decision(intent: str, confidence: float, outcome: str, options: tuple[str, ...] = ()) -> Decision:
        return Decision(intent, confidence, outcome, candidates, options, weights, attended, outside)  # type: ignore[arg-type]

    if ours < 0.5 and pointing >= 0.5:  # it is about something, but not said what: ask, without options
        return decision(best.intent, best.confidence, "clarify")
    if ours < 0.5:
        return decision(OUT_OF_SCOPE, outside, "out_of_scope")
    least = max(floor, CLEAR_LEAD * float(probabilities[order[0]]))
    options = tuple(names[i] for i in order if probabilities[i] >= least)[:most_options]
    if len(options) < 2:
        if best.confidence >= LEAST_SURE:
            return decision(best.intent, best.confidence, "answer")
        options = tuple(candidate.intent for candidate in candidates[:2])
    return decision(best.intent, best.confidence, "clarify", options)


def weights_of(fused: FusionOutput, inputs: FusionInput, readings: Mapping[Modality, Reading]) -> dict[Modality, float]:
    """Share of each present modality in the decision, summing to 1; 0 for words that only pointed."""
    shown = {m: max(float(fused.weights[i]), 0.0) for i, m in enumerate(MODALITIES) if inputs.present[i]}
    total = sum(shown.values())
    parts = {m: part / total if total > 0 else 1.0 / len(shown) for m, part in shown.items()}
    return {m: parts.get(m, 0.0) for m in MODALITIES if m in parts or m in readings}


def words_attended(
    attention: FloatArray, inputs: FusionInput, labels: Sequence[str]
) -> tuple[tuple[Modality, str, float], ...]:
    """The tokens the best intent looked at, most first; a word that two encoders read is one, with both weights."""
    sums: dict[tuple[Modality, str], float] = defaultdict(float)
    for weight, modality, label in zip(attention, inputs.modalities, labels, strict=True):
        if label:
            sums[MODALITIES[modality], label] += float(weight)
    ranked = sorted(sums.items(), key=lambda item: -item[1])[:MOST_ATTENDED]
    return tuple((modality, label, weight) for (modality, label), weight in ranked)
