"""Tweets with pictures: does joining beat words alone and pictures alone on a task that no plugin has?

A small head is trained on frozen features, in five folds, once per strategy: logistic regressions on words and on
pictures give each modality's opinion (out of fold), and the strategy joins them, going on from the shipped weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from assistant.contracts import Encoder, Evidence
from assistant.evaluation.fusion import data_folder, read_rows
from assistant.fusion import SharedSpace
from assistant.fusion.opinions import log_softmax
from assistant.fusion.projection import ANCHOR, unit
from assistant.fusion.shipped import load_weights
from assistant.intents.logistic import fit_logistic
from assistant.messages import FloatArray
from assistant.training.episodes import Episode
from assistant.training.features import FeatureStore, Progress
from assistant.training.learning import learn, predict
from assistant.training.sources import open_pictures

__all__ = ["SentimentReport", "evaluate_sentiment"]

LABELS = ("negative", "neutral", "positive")
FOLDS = 5
EPOCHS, RATE, DECAY = 4, 0.3, 0.1
WORD_STRENGTH, PICTURE_STRENGTH = 1.0, 0.1
VISION = "efficientnet-lite0"


@dataclass(frozen=True)
class SentimentReport:
    """Accuracy, 0 to 1, over all folds."""

    accuracy: Mapping[str, float]
    """strategy or control → accuracy"""
    tweets: int


@dataclass(frozen=True, eq=False)
class _Tweets:
    labels: NDArray[np.int64]
    words: FloatArray
    tokens: FloatArray
    pictures: FloatArray
    patches: FloatArray


def evaluate_sentiment(
    texts: Mapping[str, Encoder], vision: Encoder, statistics: Encoder, work: Path, progress: Progress, seed: int = 0
) -> SentimentReport:
    """Five-fold accuracy of every strategy, with its controls.

    Args:
        texts: "bert" and "use".
        vision: the picture encoder.
        statistics: the encoder of plain numbers.
        work: where features are kept.
        progress: told how far it is.
        seed: of the folds and the heads.
    """
    tweets = _read(texts, vision, statistics, work, progress)
    rng = np.random.default_rng(seed)
    folds = rng.permutation(np.arange(len(tweets.labels)) % FOLDS)
    shuffle = rng.permutation(len(tweets.labels))
    right: dict[str, list[NDArray[np.bool_]]] = {}
    for fold in range(FOLDS):
        for name, guesses in _one_fold(tweets, folds != fold, shuffle, seed).items():
            right.setdefault(name, []).append(guesses == tweets.labels[folds == fold])
        progress("sentiment folds", fold + 1, FOLDS)
    return SentimentReport({name: float(np.concatenate(parts).mean()) for name, parts in right.items()}, len(folds))


def _read(
    texts: Mapping[str, Encoder], vision: Encoder, statistics: Encoder, work: Path, progress: Progress
) -> _Tweets:
    folder = data_folder("pairs_mvsa")
    rows = read_rows(folder / "manifest.csv")
    store = FeatureStore(work, vision, statistics, dict(texts), progress)
    seen = store.pictures("tweets", len(rows), lambda: open_pictures(folder / row["file"] for row in rows))
    sentences = [row["text"] for row in rows]
    views = [store.sentences(name, "tweets", sentences) for name in texts]
    tokens, _ = store.words(ANCHOR, "tweets", sentences)
    patches = SharedSpace().project(VISION, seen.tokens.astype(np.float32))
    labels = np.array([LABELS.index(row["label"]) for row in rows])
    numbers = (seen.statistics - seen.statistics.mean(axis=0)) / (seen.statistics.std(axis=0) + 1e-3)
    pictures = np.hstack([6.0 * unit(np.sqrt(seen.pooled)), 0.3 * numbers]).astype(np.float32)
    words = np.hstack(views).astype(np.float32)
    return _Tweets(labels, words, unit(tokens.astype(np.float32)), pictures, patches)


def _one_fold(
    tweets: _Tweets, train: NDArray[np.bool_], shuffle: NDArray[np.int64], seed: int
) -> dict[str, NDArray[np.int64]]:
    """Guesses for the tweets held out of `train`, by strategy and control."""
    words = _opinions(tweets.words, tweets.labels, train, WORD_STRENGTH, seed)
    pictures = _opinions(tweets.pictures, tweets.labels, train, PICTURE_STRENGTH, seed)
    queries = unit(
        np.stack([tweets.words[train & (tweets.labels == k), :384].mean(axis=0) for k in range(len(LABELS))])
    )
    both = [_episode(tweets, i, i, words, pictures, queries) for i in range(len(tweets.labels))]
    test = np.flatnonzero(~train).tolist()
    held = [both[i] for i in test]
    swapped = [_episode(tweets, i, int(shuffle[i]), words, pictures, queries) for i in test]
    halves = [_episode(tweets, i, i, words, pictures, queries, only=i % 4) for i in np.flatnonzero(train).tolist()]
    guesses = {"words only": words[test].argmax(axis=1), "picture only": pictures[test].argmax(axis=1)}
    guesses["always the commonest"] = np.full(len(test), np.bincount(tweets.labels[train]).argmax())
    weights: dict[str, FloatArray] = {}
    with TemporaryDirectory() as folder:
        for name in ("late", "attention", "early"):
            fixed = {"trust": weights["trust"]} if name == "attention" else {}
            weights = learn(
                name,
                halves,
                epochs=EPOCHS,
                seed=seed,
                start=load_weights(name),
                rate=RATE,
                decay=DECAY,
                fixed=fixed,
                checkpoint=Path(folder) / name,
                progress=_silent,
            )
            whole = weights | fixed
            guesses[name] = predict(name, whole, held)
            guesses[f"{name}, shuffled pictures"] = predict(name, whole, swapped)
            for only, what in ((1, "without picture"), (2, "without words")):
                missing = [_episode(tweets, i, i, words, pictures, queries, only=only) for i in test]
                guesses[f"{name}, {what}"] = predict(name, whole, missing)
    return guesses


def _opinions(
    rows: FloatArray, labels: NDArray[np.int64], train: NDArray[np.bool_], strength: float, seed: int
) -> FloatArray:
    """Log-probabilities (n, 3): of training rows by a head that has not seen them, of the others by a head on all."""
    known = np.flatnonzero(train)
    parts = np.random.default_rng(seed).permutation(np.arange(len(known)) % FOLDS)
    logs = np.zeros((len(rows), len(LABELS)), np.float32)
    for part in range(FOLDS):
        fit, rest = known[parts != part], known[parts == part]
        logs[rest] = _apply(fit_logistic(rows[fit], labels[fit], len(LABELS), strength), rows[rest])
    logs[~train] = _apply(fit_logistic(rows[known], labels[known], len(LABELS), strength), rows[~train])
    return logs


def _apply(weights: FloatArray, rows: FloatArray) -> FloatArray:
    return log_softmax(rows @ weights[:-1] + weights[-1])


def _episode(
    tweets: _Tweets, text: int, image: int, words: FloatArray, pictures: FloatArray, queries: FloatArray, only: int = 0
) -> Episode:
    """A tweet as evidence; `only` 1 leaves the picture out, 2 the words, anything else nothing."""
    said = tweets.tokens[text][np.any(tweets.tokens[text] != 0, axis=1)]
    present = np.array([only != 2, only != 1, False])
    logits = np.stack([words[text], pictures[image], np.zeros(len(LABELS), np.float32)]) * present[:, None]
    tokens = np.concatenate([said, tweets.patches[image]])
    modalities = np.repeat([0, 1], [len(said), len(tweets.patches[image])]).astype(np.int64)
    mask = present[modalities]
    evidence = Evidence(tokens, modalities, mask, queries, logits, present, present.astype(np.float32))
    return Episode(evidence, int(tweets.labels[text]), "tweet")


def _silent(step: str, done: int, total: int) -> None:
    """Folds report, epochs do not."""
