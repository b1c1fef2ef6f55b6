"""Do sentences, pictures and spoken clips meet in the shared space?

Retrieval among 200 items that nothing was trained on, and phrases that nothing was trained on. Beside the shipped
maps stands a map trained on photographs of the same set: how much better the space would be if such data could be used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.encoders.encoder import Encoder
from assistant.evaluation.data import data_folder, read_table
from assistant.evaluation.metrics import area_under_roc
from assistant.evaluation.spoken import (
    Spoken,
    SpokenSentences,
    evaluate_recordings,
    evaluate_spoken,
    find,
    read_requests,
)
from assistant.fusion import SharedSpace
from assistant.fusion.projection import ANCHOR, unit
from assistant.speech import SpeechRecognizer
from assistant.training.alignment import recall_at, ridge
from assistant.training.features import FeatureStore, Progress
from assistant.training.sources import open_pictures
from assistant.types import FloatArray

__all__ = ["PHRASES", "Found", "Phrase", "SpaceReport", "evaluate_space"]

VISION = "efficientnet-lite0"
ITEMS = 200
"""photographs looked for: the last of the set in alphabetical order; the others may be trained on"""
CAPTIONS = 5
"""of each photograph"""
AGREE = 2
"""captions that must name a thing for it to count as shown; where just one does, the photograph is left out"""
OWN_PENALTY = 1.0
"""of the map trained on the set itself, chosen by cross-validation on the photographs that are not looked for"""

PHRASES: dict[str, str] = {
    "a child at play": r"child|children|kid|kids|boy|boys|girl|girls|toddler",
    "a dog": r"dog|dogs|puppy",
    "somebody riding a bicycle": r"bike|bikes|bicycle|bicycles|cyclist|biker",
    "snow in winter": r"snow|snowy|snowboarder|ski|skier",
    "the sea at the beach": r"beach|ocean|sea|surf|surfer|shore",
    "people playing football": r"soccer|football",
    "climbing a steep rock": r"climb|climbs|climbing|climber|cliff",
    "swimming in a pool": r"pool|swims|swimming",
    "a crowd in a city street": r"crowd|street|sidewalk|city",
    "a green meadow": r"grass|grassy|field|lawn",
    "a skateboard trick": r"skateboard|skateboarder|skateboarding",
    "a jump in mid-air": r"jump|jumps|jumping|midair|leaps|leaping",
    "water splashing": r"splash|splashes|splashing",
    "a horse and rider": r"horse|horses|rodeo",
    "a basketball game": r"basketball",
    "a woman in a dress": r"dress|gown|costume|costumes",
}
"""what a plugin's author might write → the words in captions that tell whether a photograph shows it"""


@dataclass(frozen=True)
class Found:
    """Shares of queries, 0 to 1."""

    first: float
    """the right item comes first"""
    tenth: float
    """the right item is among the first ten"""


@dataclass(frozen=True)
class Phrase:
    """How well one phrase picks out its photographs."""

    pictures: int
    """that show it"""
    area: float
    """under the ROC curve: how likely one that shows it is more similar than one that does not; 0.5 is chance"""


@dataclass(frozen=True)
class SpaceReport:
    """What the shared space is worth."""

    items: int
    """how many items each query chooses among"""
    recalls: Mapping[str, Found]
    phrases: Mapping[str, Phrase]
    spoken: Mapping[str, Spoken]
    """what clips find, without a transcript; and what the same captions find as text"""

    @property
    def mean_area(self) -> float:
        """Over all phrases."""
        return float(np.mean([phrase.area for phrase in self.phrases.values()]))

    def to_json(self) -> dict[str, Any]:
        """Rounded."""
        return {
            "items": self.items,
            "recalls": {name: _rounded(found) for name, found in self.recalls.items()},
            "phrases": {phrase: _rounded(found) for phrase, found in self.phrases.items()},
            "spoken": {name: _rounded(found) for name, found in self.spoken.items()},
            "mean_area": round(self.mean_area, 4),
        }


@dataclass(frozen=True, eq=False)
class _Photographs:
    pooled: FloatArray
    """(n, 1280)"""
    captions: FloatArray
    """(n, 5, 384), unit length"""
    texts: list[list[str]]


def evaluate_space(
    encoders: Mapping[str, Encoder], recognizer: SpeechRecognizer, work: Path, progress: Progress, seed: int = 0
) -> SpaceReport:
    """Look for photographs by their captions and by phrases, and for texts and photographs by speech.

    Args:
        encoders: by name; "bert", "efficientnet-lite0" and "image-statistics" are needed.
        recognizer: Whisper; the size that the shipped map was learnt from.
        work: where features are kept.
        progress: told how far it is.
        seed: of the control.

    Raises:
        DeviceError: a voice is not installed.
        InputError: the data is not there.
    """
    photographs = _read(encoders, work, progress)
    space = SharedSpace()
    shipped = space.project_pooled(VISION, photographs.pooled)
    own = _trained_here(photographs)
    rng = np.random.default_rng(seed)
    recalls = {
        "caption → photograph, shipped map": _recall(photographs.captions, shipped),
        "caption → photograph, map trained on this set": _recall(photographs.captions, own),
        "caption → photograph, shuffled (chance)": _recall(photographs.captions, rng.permutation(shipped[-ITEMS:])),
        "photograph → caption, shipped map": _recall(photographs.captions, shipped, backwards=True),
        "photograph → caption, map trained on this set": _recall(photographs.captions, own, backwards=True),
    }
    read = _reader(encoders[ANCHOR], space)
    phrases = zip(PHRASES.items(), read(list(PHRASES)), strict=True)
    found = {phrase: _pick(vector, words, shipped, photographs.texts) for (phrase, words), vector in phrases}
    captions = SpokenSentences("caption", "photograph", [t[0] for t in photographs.texts[-ITEMS:]], shipped[-ITEMS:])
    spoken = {
        **evaluate_spoken([read_requests(read, seed), captions], recognizer, work, progress),
        "the same captions, written → photograph": find(read(captions.texts), captions.items, np.arange(ITEMS)),
        **evaluate_recordings(read, recognizer, progress),
    }
    return SpaceReport(ITEMS, recalls, found, spoken)


def _reader(encoder: Encoder, space: SharedSpace) -> Callable[[Sequence[str]], FloatArray]:
    def read(texts: Sequence[str]) -> FloatArray:
        return space.project(ANCHOR, np.stack([encoding.pooled for encoding in encoder.encode(list(texts))]))

    return read


def _read(encoders: Mapping[str, Encoder], work: Path, progress: Progress) -> _Photographs:
    folder = data_folder("img_flickr8k")
    captions: dict[str, list[str]] = {}
    for row in read_table(folder / "manifest.csv"):
        captions.setdefault(row["file"], []).append(row["caption"])
    names = sorted(captions)
    store = FeatureStore(work, encoders[VISION], encoders["image-statistics"], {ANCHOR: encoders[ANCHOR]}, progress)
    seen = store.pictures("photographs", len(names), lambda: open_pictures(folder / name for name in names))
    texts = [captions[name][:CAPTIONS] for name in names]
    vectors = store.sentences(ANCHOR, "photograph-captions", [text for group in texts for text in group])
    return _Photographs(seen.pooled, vectors.reshape(len(names), CAPTIONS, -1), texts)


def _trained_here(photographs: _Photographs) -> FloatArray:
    """All photographs (n, 384) through a map trained on those that are not looked for."""
    rows = unit(np.sqrt(photographs.pooled))
    aims = unit(photographs.captions.mean(axis=1))
    weight, bias = ridge(rows[:-ITEMS], aims[:-ITEMS], OWN_PENALTY)
    placed: FloatArray = rows @ weight.T + bias - aims[:-ITEMS].mean(axis=0)
    return placed


def _recall(captions: FloatArray, seen: FloatArray, *, backwards: bool = False) -> Found:
    """Over the last `ITEMS` photographs and each of their captions in turn."""
    pictures = seen[-ITEMS:]
    scores = []
    for turn in range(CAPTIONS):
        said = captions[-ITEMS:, turn]
        scores.append(recall_at(pictures, said) if backwards else recall_at(said, pictures))
    first, tenth = np.mean(scores, axis=0)
    return Found(float(first), float(tenth))


def _pick(phrase: FloatArray, words: str, seen: FloatArray, captions: list[list[str]]) -> Phrase:
    pattern = re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    naming = np.array([sum(bool(pattern.search(text)) for text in group) for group in captions])
    similarity: NDArray[np.float32] = seen @ phrase
    shows, lacks = similarity[naming >= AGREE], similarity[naming == 0]
    return Phrase(len(shows), area_under_roc(shows, lacks))


def _rounded(found: Found | Phrase | Spoken) -> dict[str, float | int]:
    return {name: round(value, 4) for name, value in asdict(found).items()}
