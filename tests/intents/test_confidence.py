from __future__ import annotations

import numpy as np
import pytest

from assistant.fusion.modality_logits import log_softmax
from assistant.intents.confidence import CERTAINTY, LEXICAL, Scope, conformal_floor, fit_temperature
from assistant.intents.logistic import fit_logistic


def draw(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are calibrated at temperature 1, and labels drawn from them."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (n, 6)).astype(np.float32)
    labels = np.array([rng.choice(6, p=row / row.sum()) for row in np.exp(logits.astype(np.float64))])
    return logits, labels


def test_temperature_undoes_a_scale() -> None:
    logits, labels = draw(4000)
    assert abs(fit_temperature(logits * 3.0, labels) / fit_temperature(logits, labels) - 3.0) < 0.1
    assert abs(fit_temperature(logits, labels) - 1.0) < 0.1


def test_conformal_floor_covers_new_draws_as_promised() -> None:
    logits, labels = draw(3000)
    probabilities = np.exp(log_softmax(logits))[np.arange(3000), labels]
    floor = conformal_floor(probabilities[:1500], 0.9)
    assert abs((probabilities[1500:] >= floor).mean() - 0.9) < 0.025


def test_scope_keeps_the_share_it_is_told_to() -> None:
    rng = np.random.default_rng(0)
    ours, foreign = rng.normal(1, 0.3, (800, 5)).astype(np.float32), rng.normal(0, 0.3, (300, 5)).astype(np.float32)
    scope = Scope.fit(ours, foreign, 20, 0.95)
    assert abs((scope.probability(ours) >= 0.5).mean() - 0.95) < 0.01
    assert (scope.probability(foreign) >= 0.5).mean() < 0.01


def test_one_intent_alone_is_never_hesitated_about() -> None:
    rng = np.random.default_rng(0)
    ours, foreign = rng.normal(1, 0.3, (50, 5)).astype(np.float32), rng.normal(0, 0.3, (50, 5)).astype(np.float32)
    assert np.all(Scope.fit(ours, foreign, 2, 0.95).weights > 0)
    assert np.flatnonzero(Scope.fit(ours, foreign, 1, 0.95).weights == 0).tolist() == [CERTAINTY, LEXICAL]


def test_few_examples_promise_their_coverage_by_leaving_every_intent_in() -> None:
    assert conformal_floor(np.array([0.6, 0.7], np.float32), 0.95) == 0.0


def test_logistic_regression_agrees_with_scikit_learn() -> None:
    linear = pytest.importorskip("sklearn.linear_model", reason="scikit-learn comes with the extra peers")
    rng = np.random.default_rng(0)
    y = np.arange(90) % 3
    x = (rng.normal(0, 1, (90, 8)) + np.eye(3, 8)[y]).astype(np.float32)
    ours = fit_logistic(x, y, 3, 2.0, iterations=200)
    theirs = linear.LogisticRegression(C=2.0, max_iter=2000, tol=1e-8).fit(x, y)
    expected = theirs.predict_log_proba(x)
    assert np.abs(log_softmax(x @ ours[:-1] + ours[-1]) - expected).max() < 0.01
