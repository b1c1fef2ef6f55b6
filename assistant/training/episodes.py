"""Synthetic turns: small sets of synthetic intents, with words and pictures that mean one of them.

Plugins come and go, so the strategies must never learn any intent by heart: every episode has a fresh set of
intents, made of visual kinds and of the keywords of clip art. Modalities are left out at random, pictures are
at times of nothing or of another intent, and sentences that only point are as common as those that say something.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.fusion.modality_logits import log_softmax
from assistant.fusion.picture_kinds import ENCODER, STATISTICS
from assistant.fusion.pictures import PictureScorer
from assistant.fusion.projection import unit
from assistant.fusion.strategy import FusionInput
from assistant.types import MODALITIES, Encoding, FloatArray

__all__ = ["Episode", "Subject", "World", "make_episode"]

TEXT, IMAGE, AUDIO = (MODALITIES.index(modality) for modality in ("text", "image", "audio"))
LEAST_INTENTS, MOST_INTENTS = 3, 12
SITUATIONS = {
    "said and shown": 0.28,
    "pointed and shown": 0.27,
    "said, something else shown": 0.10,
    "said, another intent shown": 0.08,
    "said": 0.12,
    "shown": 0.15,
}
"""situation → how often; what is said decides when the picture says something else"""


@dataclass(frozen=True, eq=False)
class Subject:
    """Something that can become an intent."""

    name: str
    sayings: tuple[int, ...]
    """rows of `World.sentences`"""
    phrases: FloatArray
    """(m, 384), unit length: what its pictures look like"""
    pictures: tuple[int, ...]
    """rows of `World.pictures`"""


@dataclass(frozen=True, eq=False)
class World:
    """The material of episodes."""

    subjects: Sequence[Subject]
    pointing: tuple[int, ...]
    """rows of `sentences` that only point"""
    everyday: tuple[int, ...]
    """rows of `pictures` that belong to no subject"""
    words: FloatArray
    """(s, 12, 384), in the shared space; zero rows are padding"""
    sentences: FloatArray
    """(s, 384), unit length"""
    patches: FloatArray
    """(p, 16, 384), in the shared space"""
    pictures: FloatArray
    """(p, 1280): pooled picture vectors"""
    statistics: FloatArray
    """(p, 30): the same pictures in plain numbers"""
    scorer: PictureScorer
    kinds: int
    """number of picture kinds, which come first in `subjects`"""


@dataclass(frozen=True, eq=False)
class Episode:
    """One pretended turn."""

    evidence: FusionInput
    label: int
    """the intent that is meant, 0 to k-1"""
    situation: str


def make_episode(world: World, rng: np.random.Generator) -> Episode:
    """Draw one episode."""
    situation = str(rng.choice(list(SITUATIONS), p=list(SITUATIONS.values())))
    count = int(rng.integers(LEAST_INTENTS, MOST_INTENTS + 1))
    chosen = [world.subjects[i] for i in _mixture(world, count, rng)]
    label = int(rng.integers(count))
    meant = chosen[label]
    splits = [_split(subject.sayings, rng) for subject in chosen]
    queries = unit(np.stack([world.sentences[list(known)].mean(axis=0) for known, _ in splits]))
    logits = np.zeros((len(MODALITIES), count), np.float32)
    present = np.zeros(len(MODALITIES), np.bool_)
    reliability = np.zeros(len(MODALITIES), np.float32)
    tokens, owners = [], []
    if "said" in situation or "pointed" in situation:
        says = "said" in situation
        row = int(rng.choice(splits[label][1] if says else world.pointing))
        voice = AUDIO if rng.random() < 0.3 else TEXT
        logits[voice] = _opinion_of(world.sentences[row] @ queries.T, says, rng)
        present[voice], reliability[voice] = True, rng.beta(7, 2) if says else rng.beta(1, 6)
        words = world.words[row]
        tokens.append(words[np.any(words != 0, axis=1)])
        owners.append(voice)
    if "shown" in situation:
        if "something" in situation:
            row = int(rng.choice(world.everyday))
        else:
            others = [i for i in range(count) if i != label]
            subject = chosen[int(rng.choice(others))] if "another" in situation else meant
            row = int(rng.choice(subject.pictures))
        views = {ENCODER: world.pictures[row], STATISTICS: world.statistics[row]}
        seen = [Encoding("image", name, NONE, NO_MASK, view) for name, view in views.items()]
        opinion = world.scorer.score(seen, [subject.phrases for subject in chosen])
        assert opinion is not None
        logits[IMAGE], present[IMAGE], reliability[IMAGE] = opinion.log_probs, True, opinion.reliability
        tokens.append(world.patches[row])
        owners.append(IMAGE)
    modalities = np.repeat(owners, [len(part) for part in tokens]).astype(np.int64)
    joined = np.concatenate(tokens).astype(np.float32)
    mask = np.ones(len(joined), np.bool_)
    return Episode(FusionInput(joined, modalities, mask, queries, logits, present, reliability), label, situation)


NONE = np.zeros((0, 1280), np.float32)
NO_MASK = np.zeros(0, np.bool_)


def _mixture(world: World, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Visual kinds come first in `World.subjects`; each set holds some of them and some keywords."""
    kinds = int(rng.integers(1, world.kinds + 1))
    first = rng.choice(world.kinds, min(kinds, count), replace=False)
    rest = world.kinds + rng.choice(len(world.subjects) - world.kinds, count - len(first), replace=False)
    return rng.permutation(np.concatenate([first, rest]))


def _split(sayings: tuple[int, ...], rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sentences the intent is known by, and those a user says."""
    order = rng.permutation(sayings)
    half = len(order) // 2
    return order[:half], order[half:]


def _opinion_of(similarity: FloatArray, says: bool, rng: np.random.Generator) -> FloatArray:
    """The logits of a calibrated few-shot text head for these similarities, with its errors."""
    sharpness = rng.uniform(8, 20) if says else rng.uniform(3, 10)
    noise = rng.normal(0, rng.choice([0.3, 1.0, 2.0]), len(similarity))
    return log_softmax((sharpness * similarity + noise).astype(np.float32))
