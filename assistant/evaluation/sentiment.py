"""Measures whether joining words and pictures of tweets beats either alone, on a task that no plugin has.

Small heads are trained on frozen features, in five folds: logistic regressions on words and on pictures give each
modality's opinion (out of fold), and every strategy joins them, adapted from the shipped weights in the same way.
Near-duplicates share a fold, and the folds within folds as well. What can be chosen was chosen on tweets kept aside
within the training folds.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from assistant.encoders.encoder import Encoder
from assistant.encoders.ocr import TextReader
from assistant.evaluation.labelled import encoders_of
from assistant.evaluation.metrics import compared
from assistant.fusion.modality_logits import log_softmax
from assistant.fusion.projection import ANCHOR, DIMENSION, SharedSpace, unit
from assistant.fusion.strategy import FusionInput
from assistant.intents.logistic import fit_logistic
from assistant.settings import Settings, cache_dir
from assistant.terminal.report import Report, percent
from assistant.terminal.steps import StepProgress, tracked
from assistant.training.data import data_folder, read_table
from assistant.training.episodes import Episode
from assistant.training.features import FeatureStore, open_pictures
from assistant.training.learning import adapt, collate, guess
from assistant.types import FloatArray, Picture

__all__ = ["clean_tweet", "evaluate_sentiment", "near_duplicates"]

LABELS = ("negative", "neutral", "positive")
VISION, MULTILINGUAL = "efficientnet-lite0", "use"
READ_AT = 640
"""pixels of the longer side at which print is looked for: a fifth of a second a picture"""
PRINT_LENGTH = 600
"""letters of print that are read"""
SAME_PICTURE = 0.97
"""cosine of two pictures' vectors from which one is taken for a copy of the other"""
WORDLESS = "a picture"
"""read in place of a tweet that is nothing but a link"""
LEAST_LETTERS = 9
"""texts shorter than this are not compared: many tweets have hardly a word"""
FOLDS = 5
GOAL = 74.5
"""percent, of attention fusion"""
RUNS = 3
"""that are averaged, each with another part of the training tweets aside"""
STRENGTH = 0.008
"""C of the logistic regressions"""
WHOLE, WITHOUT_PICTURE, WITHOUT_WORDS = 0, 1, 2
COMPARED = ("attention", "late", "early", "words only", "picture only")
Guesses = dict[str, NDArray[np.int64]]
"""strategy or control → label of each tweet held out"""


@dataclass(frozen=True, eq=False)
class _Fold:
    """One division: the training rows, and each modality's log-probabilities for every tweet."""

    tweets: _Tweets
    train: NDArray[np.bool_]
    words: FloatArray
    """(n, 3), log-probabilities"""
    pictures: FloatArray
    """(n, 3)"""
    queries: FloatArray
    """(3, 384): the labels in the shared space, means of their tweets"""
    wholes: FloatArray
    """(n, 2, 384): all that is known of the words, and of the picture, as one token each"""

    def episode(self, text: int, image: int, left_out: int = WHOLE) -> Episode:
        """Returns the words of one tweet and the picture of another, or the same, as evidence."""
        said, shown = (
            rows[np.any(rows != 0, axis=1)] for rows in (self.tweets.tokens[text], self.tweets.patches[image])
        )
        present = np.array([left_out != WITHOUT_WORDS, left_out != WITHOUT_PICTURE, False])
        silent = np.zeros(len(LABELS), np.float32)
        logits = np.stack([self.words[text], self.pictures[image], silent]) * present[:, None]
        modalities = np.repeat([0, 1, 0, 1], [len(said), len(shown), 1, 1]).astype(np.int64)
        wholes = self.wholes[[text, image], [0, 1]]
        tokens, reliability = np.concatenate([said, shown, wholes]).astype(np.float32), present.astype(np.float32)
        evidence = FusionInput(
            tokens, modalities, present[modalities], self.queries, logits.astype(np.float32), present, reliability
        )
        return Episode(evidence, int(self.tweets.labels[text]), "tweet")


def evaluate_sentiment(settings: Settings, progress: StepProgress, seed: int) -> Report:
    """Computes the five-fold accuracy of every strategy, with its controls."""
    tweets = _read_tweets(encoders_of(settings), cache_dir() / "evaluation", progress)
    folds = _divide(tweets.groups, seed)
    shuffle = np.random.default_rng(seed).permutation(len(tweets.labels))
    found: dict[str, list[NDArray[np.int64]]] = {}
    for fold in tracked(progress, "sentiment folds", range(FOLDS)):
        for name, guesses in _one_fold(tweets, folds != fold, shuffle, seed).items():
            found.setdefault(name, []).append(guesses)

    labels = np.concatenate([tweets.labels[folds == fold] for fold in range(FOLDS)])
    right = {name: np.concatenate(parts) == labels for name, parts in found.items()}
    goals = {"attention": GOAL}
    rows = [percent(name, float(each.mean()), at_least=goals.get(name)) for name, each in right.items()]
    rows += compared({name: right[name] for name in COMPARED}, seed)
    data = f"{len(folds)} tweets in {int(tweets.groups.max()) + 1} groups of near-duplicates"
    return Report("evaluate sentiment", data, rows)


def _one_fold(tweets: _Tweets, train: NDArray[np.bool_], shuffle: NDArray[np.int64], seed: int) -> Guesses:
    """Guesses for the tweets held out of `train`, by strategy and control."""
    words, pictures = (_opinions(tweets, rows, train, seed) for rows in (tweets.words, tweets.pictures))
    anchored = tweets.words[:, :DIMENSION]
    means = [anchored[train & (tweets.labels == label)].mean(axis=0) for label in range(len(LABELS))]
    wholes = np.stack([_narrow(rows, train) for rows in (tweets.words, tweets.pictures)], axis=1)
    fold, test = _Fold(tweets, train, words, pictures, unit(np.stack(means)), wholes), np.flatnonzero(~train)
    alone = {"words only": words[test].argmax(axis=1), "picture only": pictures[test].argmax(axis=1)}
    return alone | _strategies(fold, test, shuffle, seed)


def _strategies(fold: _Fold, test: NDArray[np.int64], shuffle: NDArray[np.int64], seed: int) -> Guesses:
    turns = {
        "": collate([fold.episode(i, i) for i in test.tolist()]),
        ", shuffled pictures": collate([fold.episode(i, int(shuffle[i])) for i in test.tolist()]),
        ", without picture": collate([fold.episode(i, i, WITHOUT_PICTURE) for i in test.tolist()]),
        ", without words": collate([fold.episode(i, i, WITHOUT_WORDS) for i in test.tolist()]),
    }
    known = np.flatnonzero(fold.train)
    examples = collate([fold.episode(i, i) for i in known.tolist()])
    parts = _divide(fold.tweets.groups, seed + 2)[known]
    runs: dict[str, list[dict[str, torch.Tensor]]] = {"late": [], "attention": [], "early": []}
    for run in range(RUNS):
        learnt, aside = (torch.from_numpy(np.flatnonzero(rows)) for rows in (parts != run, parts == run))
        for name, done in runs.items():
            fixed = {"trust": runs["late"][run]["trust"]} if name == "attention" else {}
            done.append(adapt(name, examples, learnt, aside, seed * RUNS + run, fixed))
    return {
        name + control: guess(name, done, shown).numpy()
        for name, done in runs.items()
        for control, shown in turns.items()
    }


def _narrow(rows: FloatArray, train: NDArray[np.bool_]) -> FloatArray:
    """(n, d) to (n, 384), unit length, along the directions in which the training rows differ most."""
    middle = rows[train].mean(axis=0)
    _, _, directions = np.linalg.svd(rows[train] - middle, full_matrices=False)
    return unit(((rows - middle) @ directions[:DIMENSION].T).astype(np.float32))


def _opinions(tweets: _Tweets, rows: FloatArray, train: NDArray[np.bool_], seed: int) -> FloatArray:
    """Log-probabilities (n, 3): of training rows by a head that has not seen them, of the others by a head on all."""
    known, labels = np.flatnonzero(train), tweets.labels
    parts = _divide(tweets.groups, seed + 1)[known]
    logs = _head(rows, labels, known)
    for part in range(FOLDS):
        logs[known[parts == part]] = _head(rows, labels, known[parts != part])[known[parts == part]]
    return logs


def _head(rows: FloatArray, labels: NDArray[np.int64], known: NDArray[np.int64]) -> FloatArray:
    """Log-probabilities (n, 3) of all rows by a logistic regression on those that are known."""
    middle = rows[known].mean(axis=0)
    shifted = (rows[known] - middle).astype(np.float32)
    fitted = fit_logistic(shifted, labels[known], len(LABELS), STRENGTH, iterations=60)
    return log_softmax((rows - middle) @ fitted[:-1] + fitted[-1])


def _divide(groups: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """The fold (n,) of each row; rows of one group share theirs."""
    order = np.random.default_rng(seed).permutation(int(groups.max()) + 1)
    return (order % FOLDS)[groups]


@dataclass(frozen=True, eq=False)
class _Tweets:
    """n tweets."""

    labels: NDArray[np.int64]
    """(n,): index into `LABELS`"""
    words: FloatArray
    """(n, d): both text encoders, of the tweet as it is and cleaned"""
    tokens: FloatArray
    """(n, 12, 384), in the shared space; zero rows are padding"""
    pictures: FloatArray
    """(n, d): vision, plain numbers, and both text encoders of the print in the picture"""
    patches: FloatArray
    """(n, 28, 384): 16 patches and 12 words of print in the shared space; zero rows are padding"""
    groups: NDArray[np.int64]
    """(n,): the same for tweets that are near-duplicates of each other"""


def _read_tweets(encoders: Mapping[str, Encoder], work: Path, progress: StepProgress) -> _Tweets:
    """Reads and encodes the tweets.

    Args:
        encoders: by name: "bert", "use", "efficientnet-lite0", "image-statistics".
        work: where features are kept; an interrupted run goes on from there.
    """
    folder = data_folder("pairs_mvsa")
    rows = read_table(folder / "manifest.csv")
    files = [folder / row["file"] for row in rows]
    texts, store = (ANCHOR, MULTILINGUAL), FeatureStore(work, encoders, progress)
    seen = store.pictures("tweets", len(rows), lambda: open_pictures(files))
    printed = store.lines("tweets-print", len(rows), lambda: _read_print(files))
    written = [row["text"] for row in rows]
    views = {"tweets": written, "tweets-clean": [clean_tweet(text) or WORDLESS for text in written]}
    words = [store.sentences(name, view, lines) for view, lines in views.items() for name in texts]
    has_print = np.array([len(line) > 3 for line in printed], np.float32)[:, None]
    prints = [has_print * store.sentences(name, "tweets-print", printed) for name in texts]
    tokens, _ = store.words(ANCHOR, "tweets-clean", views["tweets-clean"])
    print_tokens, _ = store.words(ANCHOR, "tweets-print", printed)
    patches = SharedSpace().project(VISION, seen.tokens.astype(np.float32))
    numbers = (seen.statistics - seen.statistics.mean(axis=0)) / (seen.statistics.std(axis=0) + 1e-3)
    return _Tweets(
        labels=np.array([LABELS.index(row["label"]) for row in rows]),
        words=6.0 * np.hstack(words),
        tokens=unit(tokens.astype(np.float32)),
        pictures=np.hstack([6.0 * unit(np.sqrt(seen.pooled)), 0.5 * np.clip(numbers, -3, 3), 4.0 * np.hstack(prints)]),
        patches=np.hstack([patches, unit(print_tokens.astype(np.float32)) * has_print[:, :, None]]),
        groups=near_duplicates(written, seen.pooled),
    )


def clean_tweet(text: str) -> str:
    """Returns the words of a tweet: without links, names and the mark of a retweet, and with hashtags taken apart.

    What is left of a text that was cut off in the middle of a link goes too; "" where nothing is left.
    """
    text = html.unescape(text.replace("\ufffd", " "))
    text = re.sub(r"\bRT @\w+:?|https?:\S*|\bhtt?p?\b:?", " ", text)
    text = re.sub(r"#(\w+)", lambda tag: re.sub(r"(?<=[a-z])(?=[A-Z])", " ", tag[1]), text)
    text = re.sub(r"@\w+:?", " ", text)
    return re.sub(r"\s+", " ", text).strip()


def near_duplicates(texts: Sequence[str], pictures: FloatArray) -> NDArray[np.int64]:
    """Groups (n,) of tweets that share their words (links, names and digits aside) or their picture.

    Retweets and serial posts would otherwise be learnt in one fold and asked for in another.
    """
    group = np.arange(len(texts))
    letters = [re.sub(r"[^a-z]+", " ", clean_tweet(text).lower()).strip() for text in texts]
    first: dict[str, int] = {}
    pairs = [(first.setdefault(words, i), i) for i, words in enumerate(letters) if len(words) >= LEAST_LETTERS]
    rows = unit(pictures - pictures.mean(axis=0))
    pairs += [(int(a), int(b)) for a, b in np.argwhere(np.triu(rows @ rows.T > SAME_PICTURE, 1))]
    for a, b in pairs:
        group[group == group[b]] = group[a]
    return np.unique(group, return_inverse=True)[1]


def _read_print(files: Sequence[Path]) -> Iterator[str]:
    reader = TextReader()
    for picture in open_pictures(files):
        image = picture.image.copy()
        image.thumbnail((READ_AT, READ_AT))
        yield " ".join(line.text for line in reader.read(Picture(image, picture.source)))[:PRINT_LENGTH]
