from pathlib import Path

import numpy as np
import pytest
import torch

from assistant.errors import InputError, ModelUnavailable
from assistant.evaluation.pairs import fit_episodes
from assistant.fusion.attention import AttentionFusion
from assistant.fusion.factory import STRATEGIES, create_fusion
from assistant.fusion.modality_logits import log_softmax
from assistant.fusion.projection import unit
from assistant.fusion.shipped import load_weights, save_weights
from assistant.fusion.strategy import FusionInput
from assistant.settings import data_dir
from assistant.training.episodes import Episode
from assistant.training.learning import Batch, adapt, collate, guess

COUNT = 480
QUERIES = unit(np.random.default_rng(9).normal(size=(3, 384)).astype(np.float32))


def _turn(seed: int) -> Episode:
    """A picture that mostly knows, and words that are noise but as sure of themselves."""
    rng = np.random.default_rng(seed)
    label = seed % 3
    logits = rng.normal(0, 1.5, (3, 3)).astype(np.float32)
    logits[1, label] += 2.5
    logits = log_softmax(logits)
    logits[2] = 0
    tokens = unit(rng.normal(size=(4, 384)).astype(np.float32))
    present = np.array([True, True, False])
    modalities = np.array([0, 0, 1, 1])
    evidence = FusionInput(
        tokens, modalities, np.ones(4, np.bool_), QUERIES, logits, present, present.astype(np.float32)
    )
    return Episode(evidence, label, "drawn")


@pytest.fixture(scope="module")
def turns() -> Batch:
    return collate([_turn(seed) for seed in range(COUNT)])


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_strategy_learns_whom_to_believe(name: str, turns: Batch) -> None:
    fixed = {"trust": torch.tensor([0.3, 1.0, 1.0])} if name == "attention" else {}
    learnt, aside, test = torch.arange(300), torch.arange(300, 400), torch.arange(400, COUNT)
    shipped = {key: torch.from_numpy(value) for key, value in load_weights(name).items()} | fixed
    runs = [adapt(name, turns, learnt, aside, seed, fixed) for seed in range(2)]
    right, before = (
        float((guess(name, weights, turns)[test] == turns.labels[test]).float().mean()) for weights in (runs, [shipped])
    )
    assert right > 0.6  # chance is a third
    assert right >= before


def test_what_does_not_hold_for_examples_kept_aside_is_not_learnt(turns: Batch) -> None:
    aside = torch.arange(300, 400)
    labels = turns.labels.clone()
    labels[aside] = (labels[aside] + 1) % 3
    parts = {**vars(turns), "labels": labels}
    weights = adapt("attention", Batch(**parts), torch.arange(300), aside, 0, {"trust": torch.ones(3)})
    assert abs(float(weights["gate"][0])) < 0.05


def test_the_same_seed_learns_the_same(turns: Batch) -> None:
    first, again = (adapt("late", turns, torch.arange(300), torch.arange(300, 400), 1, {}) for _ in range(2))
    assert torch.equal(first["trust"], again["trust"])


def test_fusion_is_fitted_to_pairs_of_ones_own_and_then_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    episodes = [_turn(seed) for seed in range(200)]
    rows, weights = fit_episodes(episodes, seed=0)
    before, after = (row.value for row in rows)
    assert after >= before
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    save_weights("attention", weights, data_dir() / "fusion")
    fitted = create_fusion("attention")
    assert isinstance(fitted, AttentionFusion)
    assert fitted.weights["gate"] == pytest.approx(weights["gate"], rel=1e-3)
    (data_dir() / "fusion" / "attention.safetensors").write_bytes(b"damaged")
    load_weights.cache_clear()
    with pytest.raises(ModelUnavailable, match="damaged"):
        create_fusion("attention")
    with pytest.raises(InputError, match="Fitting needs 40 turns"):
        fit_episodes(episodes[:10], seed=0)
