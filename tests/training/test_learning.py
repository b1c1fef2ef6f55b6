import numpy as np
import pytest
import torch

from assistant.fusion.attention import AttentionFusion
from assistant.fusion.early import EarlyFusion
from assistant.fusion.factory import STRATEGIES
from assistant.fusion.late import LateFusion
from assistant.fusion.modality_logits import log_softmax
from assistant.fusion.projection import unit
from assistant.fusion.strategy import FusionInput
from assistant.training.alignment import Classifier, contrast, place_classes, recall_at, ridge
from assistant.training.episodes import Episode
from assistant.training.learning import FORWARD, collate, initial_weights, learn, predict


def _silent(step: str, done: int, total: int) -> None:
    pass


def _episode(seed: int, present: tuple[bool, bool, bool] = (True, True, False)) -> Episode:
    """A turn whose picture is right and whose words are noise, though both claim to be reliable."""
    rng = np.random.default_rng(seed)
    k = int(rng.integers(3, 7))
    label = int(rng.integers(k))
    sizes = [int(n) * here for n, here in zip(rng.integers(2, 6, 3), present, strict=True)]
    modalities = np.repeat([0, 1, 2], sizes).astype(np.int64)
    logits = rng.normal(0, 1.5, (3, k)).astype(np.float32)
    logits[1, label] += 4
    queries = unit(rng.normal(size=(k, 384)).astype(np.float32))
    evidence = FusionInput(
        unit(rng.normal(size=(len(modalities), 384)).astype(np.float32)),
        modalities,
        np.ones(len(modalities), np.bool_),
        queries,
        (log_softmax(logits) * np.array(present)[:, None]).astype(np.float32),
        np.array(present),
        np.array(present, np.float32) * 0.8,
    )
    return Episode(evidence, label, "drawn")


@pytest.mark.parametrize("name", STRATEGIES)
def test_torch_and_numpy_agree(name: str) -> None:
    weights = initial_weights(name, 3)
    if name == "attention":
        weights["gate"] += 0.5
        weights["trust"] = torch.tensor([1.0, 0.7, 1.2])
    arrays = {key: value.numpy() for key, value in weights.items()}
    strategy = {
        "late": lambda: LateFusion(arrays["trust"]),
        "attention": lambda: AttentionFusion(arrays, arrays["trust"]),
        "early": lambda: EarlyFusion(arrays),
    }[name]()
    episodes = [
        _episode(1),
        _episode(2, (True, False, False)),
        _episode(3, (False, True, True)),
        _episode(4, (True,) * 3),
    ]
    batched = FORWARD[name](weights, collate(episodes)).numpy()
    for row, episode in zip(batched, episodes, strict=True):
        fused = strategy.fuse(episode.evidence)  # type: ignore[attr-defined]
        np.testing.assert_allclose(row[: len(fused.logits)], fused.logits, atol=2e-4)


def test_late_fusion_learns_whom_to_trust() -> None:
    episodes = [_episode(seed) for seed in range(256)]
    trust = learn("late", episodes, epochs=8, seed=0, progress=_silent)["trust"]
    assert trust[1] > 1.3 * trust[0]


def test_attention_learns_what_late_fusion_misses() -> None:
    episodes, late = [_episode(seed) for seed in range(96)], {"trust": np.ones(3, np.float32)}
    weights = learn("attention", episodes, epochs=3, seed=1, fixed=late, progress=_silent)
    assert (predict("attention", weights | late, episodes) == [e.label for e in episodes]).mean() > 0.6


def test_ridge_finds_a_linear_map_and_contrast_mends_a_poor_one() -> None:
    rng = np.random.default_rng(0)
    rows = unit(rng.normal(size=(400, 20)).astype(np.float32))
    targets = unit((rows @ rng.normal(size=(20, 30))).astype(np.float32))
    weight, bias = ridge(rows, targets, 1e-3)
    assert recall_at(targets, rows @ weight.T + bias, (1,))[0] > 0.95
    start = (np.zeros_like(weight) + rng.normal(0, 0.1, weight.shape).astype(np.float32), np.zeros_like(bias))
    poor = recall_at(targets, rows @ start[0].T + start[1], (10,))[0]
    better = contrast(start, rows, targets, np.arange(400), epochs=120, seed=0, progress=_silent)
    assert recall_at(targets, rows @ better[0].T + better[1], (10,))[0] > poor + 0.1


def test_classes_are_placed_the_same_way_every_time_and_keep_the_classifier() -> None:
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(300, 280)).astype(np.float32) * 0.05
    classifier = Classifier(weight, rng.normal(size=300).astype(np.float32), rng.uniform(0, 1, 280).astype(np.float32))
    captions = unit(rng.normal(size=(300, 384)).astype(np.float32))
    first, again = place_classes(classifier, captions), place_classes(classifier, captions)
    assert all(first[key].tobytes() == again[key].tobytes() for key in first)
    rows = rng.uniform(0, 2, (20, 280)).astype(np.float32)
    exact = rows @ (weight - weight.mean(axis=0)).T
    kept = rows @ first["classes.reduce"].T @ first["classes.expand"].T
    assert np.corrcoef(exact.ravel(), kept.ravel())[0, 1] > 0.95
