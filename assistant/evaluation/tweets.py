"""Tweets with pictures as features: what was written, what is seen, and what is printed in the picture."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.encoders.encoder import Encoder
from assistant.encoders.ocr import TextReader
from assistant.fusion.projection import ANCHOR, SharedSpace, unit
from assistant.terminal.steps import StepProgress
from assistant.training.data import data_folder, read_table
from assistant.training.features import FeatureStore, open_pictures
from assistant.types import FloatArray, Picture

__all__ = ["LABELS", "Tweets", "clean_tweet", "near_duplicates", "read_tweets"]

LABELS = ("negative", "neutral", "positive")
VISION, STATISTICS, MULTILINGUAL = "efficientnet-lite0", "image-statistics", "use"
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


@dataclass(frozen=True, eq=False)
class Tweets:
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


def read_tweets(encoders: Mapping[str, Encoder], work: Path, progress: StepProgress) -> Tweets:
    """Reads and encodes the tweets.

    Args:
        encoders: by name: "bert", "use", "efficientnet-lite0", "image-statistics".
        work: where features are kept; an interrupted run goes on from there.
    """
    folder = data_folder("pairs_mvsa")
    rows = read_table(folder / "manifest.csv")
    files = [folder / row["file"] for row in rows]
    texts = {name: encoders[name] for name in (ANCHOR, MULTILINGUAL)}
    store = FeatureStore(work, encoders[VISION], encoders[STATISTICS], texts, progress)
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
    return Tweets(
        labels=np.array([LABELS.index(row["label"]) for row in rows]),
        words=6.0 * np.hstack(words),
        tokens=unit(tokens.astype(np.float32)),
        pictures=np.hstack([6.0 * unit(np.sqrt(seen.pooled)), 0.5 * np.clip(numbers, -3, 3), 4.0 * np.hstack(prints)]),
        patches=np.hstack([patches, unit(print_tokens.astype(np.float32)) * has_print[:, :, None]]),
        groups=near_duplicates(written, seen.pooled),
    )


def clean_tweet(text: str) -> str:
    """The words of a tweet: without links, names and the mark of a retweet, and with hashtags taken apart.

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
