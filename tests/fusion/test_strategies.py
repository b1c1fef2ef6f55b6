import itertools
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from assistant.fusion.attention import AttentionFusion
from assistant.fusion.factory import STRATEGIES, create_fusion
from assistant.fusion.late import LateFusion
from assistant.fusion.shipped import load_weights
from assistant.fusion.strategy import FusionInput

SUBSETS = [subset for subset in itertools.product((True, False), repeat=3) if any(subset)]
Make = Callable[..., FusionInput]


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize("present", SUBSETS)
def test_any_subset_of_modalities_gives_probabilities_and_shares(
    name: str, present: tuple[bool, ...], evidence: Make
) -> None:
    turn = evidence(3, present)
    fused = STRATEGIES[name]().fuse(turn)
    assert np.exp(fused.logits).sum() == pytest.approx(1, abs=1e-4)
    assert fused.weights.sum() == pytest.approx(1, abs=1e-5)
    assert (fused.weights[~np.array(present)] == 0).all()
    assert (fused.weights >= 0).all()
    assert fused.attention.sum() == pytest.approx(1, abs=1e-4)
    assert fused.attention.shape == turn.mask.shape


def test_the_former_name_of_the_weights_still_works_and_warns(evidence: Make) -> None:
    fused = LateFusion().fuse(evidence(3))
    with pytest.warns(DeprecationWarning, match="FusionOutput.weights"):
        assert fused.shares is fused.weights


@pytest.mark.parametrize("name", STRATEGIES)
def test_order_of_tokens_does_not_matter_and_order_of_intents_is_kept(name: str, evidence: Make) -> None:
    turn, rng = evidence(1), np.random.default_rng(0)
    strategy = STRATEGIES[name]()
    straight = strategy.fuse(turn)
    order = rng.permutation(len(turn.mask))
    mixed = strategy.fuse(
        replace(turn, tokens=turn.tokens[order], modalities=turn.modalities[order], mask=turn.mask[order])
    )
    np.testing.assert_allclose(mixed.logits, straight.logits, atol=1e-4)
    np.testing.assert_allclose(mixed.attention, straight.attention[order], atol=1e-4)
    intents = rng.permutation(len(turn.queries))
    moved = strategy.fuse(replace(turn, queries=turn.queries[intents], logits=turn.logits[:, intents]))
    np.testing.assert_allclose(moved.logits, straight.logits[intents], atol=1e-4)


@pytest.mark.parametrize("name", STRATEGIES)
def test_padding_changes_nothing(name: str, evidence: Make) -> None:
    turn = evidence(2)
    noise = np.random.default_rng(9).normal(size=(4, 384)).astype(np.float32)
    padded = replace(
        turn,
        tokens=np.concatenate([turn.tokens, noise]),
        modalities=np.concatenate([turn.modalities, [0, 1, 1, 1]]).astype(np.int64),
        mask=np.concatenate([turn.mask, np.zeros(4, np.bool_)]),
    )
    plain, with_padding = STRATEGIES[name]().fuse(turn), STRATEGIES[name]().fuse(padded)
    np.testing.assert_allclose(with_padding.logits, plain.logits, atol=1e-5)
    assert (with_padding.attention[-4:] == 0).all()


@pytest.mark.parametrize("name", ["late", "attention"])
def test_words_alone_come_back_exactly(name: str, evidence: Make) -> None:
    turn = evidence(4, (True, False, False))
    assert (STRATEGIES[name]().fuse(turn).logits == turn.logits[0]).all()


@pytest.mark.parametrize("name", STRATEGIES)
def test_an_all_masked_picture_is_no_picture(name: str, evidence: Make) -> None:
    both = evidence(5)
    shown = both.modalities == 1
    masked = replace(both, mask=~shown)
    words = replace(
        both,
        tokens=both.tokens[~shown],
        modalities=both.modalities[~shown],
        mask=both.mask[~shown],
        present=np.array([True, False, False]),
    )
    fused, alone = STRATEGIES[name]().fuse(masked), STRATEGIES[name]().fuse(words)
    np.testing.assert_allclose(fused.logits, alone.logits, atol=1e-5)
    assert fused.weights[1] == 0


def test_attention_with_a_closed_gate_is_late_fusion(evidence: Make) -> None:
    closed = AttentionFusion({**load_weights("attention"), "gate": np.zeros(1, np.float32)})
    for seed in range(5):
        turn = evidence(seed, (True, True, True))
        np.testing.assert_allclose(closed.fuse(turn).logits, LateFusion().fuse(turn).logits, atol=1e-6)


def test_trained_gate_is_open_and_changes_decisions(evidence: Make) -> None:
    assert abs(AttentionFusion().gate) > 0.01
    turn = evidence(6)
    assert not np.allclose(AttentionFusion().fuse(turn).logits, LateFusion().fuse(turn).logits, atol=1e-4)


def test_an_unreliable_modality_is_hardly_heard(evidence: Make) -> None:
    turn = evidence(7)
    pointing = replace(turn, reliability=np.array([0.02, 0.95, 0.0], np.float32))
    fused = LateFusion().fuse(pointing)
    assert fused.logits.argmax() == turn.logits[1].argmax()
    assert fused.weights[1] > 0.8


def test_unknown_strategy_is_none() -> None:
    assert create_fusion("magic") is None


@pytest.mark.bench
@pytest.mark.parametrize("name", STRATEGIES)
def test_a_turn_is_joined_within_three_milliseconds(name: str, evidence: Make) -> None:
    turn, strategy = evidence(0, (True, True, True), k=30), STRATEGIES[name]()
    spent = []
    for _ in range(50):
        began = time.perf_counter()
        strategy.fuse(turn)
        spent.append(time.perf_counter() - began)
    assert np.median(spent) < 0.003
