"""Detectors of picture kinds: a file of a plugin that tells its kinds of picture from everyday pictures.

A file knows its own kinds and everyday pictures, nothing of other files. Its log-odds of each kind against everyday
pictures are what it contributes, so that any number of files make one softmax together.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from assistant.errors import InputError
from assistant.fusion.projection import DIMENSION as SPACE
from assistant.fusion.projection import unit
from assistant.types import FloatArray

__all__ = ["CLIP", "ENCODER", "STATISTICS", "KindDetector", "PictureKind", "read_detector", "roots", "write_detector"]

ENCODER = "efficientnet-lite0"
"""the encoder whose pooled vectors a detector reads"""
STATISTICS = "image-statistics"
"""the encoder whose plain numbers are a second view of the kinds, where it is there"""
METADATA = "assistant_picture_kinds"
"""key of the metadata, whose value is JSON"""
DIMENSION, NUMBERS = 1280, 30
"""of the vectors of `ENCODER`, and of `STATISTICS`"""
CLIP = 3.0
"""standard deviations from the mean beyond which a plain number counts no further"""


@dataclass(frozen=True)
class PictureKind:
    """A kind of picture."""

    name: str
    phrases: tuple[str, ...]
    """an intent whose ``looks_like`` means the same receives the pictures of this kind"""
    objects: tuple[int, ...] = ()
    """ImageNet-1k classes one of which its pictures show; () for any"""
    least_objects: float = 0.0
    """probability of `objects` below which a picture is of this kind the less surely, 0 to 1"""
    whole: tuple[int, ...] = ()
    """ImageNet-1k classes of things as they should be: a whole car is recognised surely, a dented one is not"""
    most_whole: float = 1.0
    """probability of one of `whole` above which a picture is of this kind the less surely, 0 to 1"""
    odds: float = 0.0
    """log-odds added to the detector's, chosen on real pictures: it was fitted to drawings"""


@dataclass(frozen=True, eq=False)
class KindDetector:
    """Tells kinds of pictures from everyday pictures. k kinds, e everyday classes, m phrases."""

    kinds: tuple[PictureKind, ...]
    arrays: Mapping[str, FloatArray]
    """``kind.weight`` (k + e, 1280) and ``kind.bias`` (k + e); ``phrase.vectors`` (m, 384) in the shared space and
    ``phrase.kind`` (m); for the second view, if it has one, ``statistics.weight`` (k + e', 30), ``statistics.bias``,
    ``statistics.middle`` (30) and ``statistics.spread`` (30)"""

    def log_odds(self, pooled: FloatArray) -> FloatArray:
        """(p, k): log-odds of each kind against everyday pictures, from vectors (p, 1280) of `ENCODER`."""
        return self.log_odds_of_roots(roots(pooled))

    def log_odds_of_roots(self, vectors: FloatArray) -> FloatArray:
        """(p, k): the same from vectors that went through `roots`."""
        return self._against_everyday(vectors @ self.arrays["kind.weight"].T + self.arrays["kind.bias"])

    def second_log_odds(self, statistics: FloatArray) -> FloatArray:
        """(p, k): the same from plain numbers (p, 30) of `STATISTICS`; 0, undecided, without a second view."""
        a = self.arrays
        if "statistics.weight" not in a or statistics.shape[-1] != len(a["statistics.middle"]):
            return np.zeros((len(statistics), len(self.kinds)), np.float32)
        scaled = np.clip((statistics - a["statistics.middle"]) / a["statistics.spread"], -CLIP, CLIP)
        return self._against_everyday(scaled @ a["statistics.weight"].T + a["statistics.bias"])

    def phrases_of(self, kind: int) -> FloatArray:
        """(m, 384): the phrases of a kind in the shared space, unit length."""
        phrases: FloatArray = self.arrays["phrase.vectors"][self.arrays["phrase.kind"] == kind]
        return phrases

    def only(self, names: Collection[str]) -> KindDetector:
        """The detector of some of the kinds, whose log-odds stay the same."""
        kept = [index for index, kind in enumerate(self.kinds) if kind.name in names]
        arrays = dict(self.arrays)
        for key in arrays.keys() & {"kind.weight", "kind.bias", "statistics.weight", "statistics.bias"}:
            arrays[key] = np.concatenate([arrays[key][kept], arrays[key][len(self.kinds) :]])
        owners = arrays["phrase.kind"].astype(np.int64)
        mine = np.isin(owners, kept)
        arrays["phrase.vectors"] = arrays["phrase.vectors"][mine]
        arrays["phrase.kind"] = np.searchsorted(kept, owners[mine]).astype(np.float32)
        return KindDetector(tuple(self.kinds[index] for index in kept), arrays)

    def whatever_is_shown(self) -> KindDetector:
        """The detector without what its kinds say of the objects in real pictures."""
        return replace(self, kinds=tuple(PictureKind(kind.name, kind.phrases) for kind in self.kinds))

    def _against_everyday(self, logits: FloatArray) -> FloatArray:
        k = len(self.kinds)
        return logits[:, :k] - np.logaddexp.reduce(logits[:, k:], axis=1, keepdims=True)


def roots(pooled: FloatArray) -> FloatArray:
    """Vectors (p, d) of `ENCODER` as detectors read them: square roots, unit length."""
    return unit(np.sqrt(np.maximum(np.atleast_2d(pooled), 0.0)))


def write_detector(path: Path, detector: KindDetector) -> None:
    """Write a detector as safetensors: float16 arrays, and its kinds as JSON in the metadata."""
    from safetensors.numpy import save

    arrays = {key: np.ascontiguousarray(value, dtype=np.float16) for key, value in detector.arrays.items()}
    kinds = [asdict(kind) for kind in detector.kinds]
    told = json.dumps({"encoder": ENCODER, "kinds": kinds}, ensure_ascii=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(save(arrays, {METADATA: told}))  # one entry: the order of several changes from run to run


def read_detector(path: Path) -> KindDetector:
    """Read a file of picture kinds.

    Raises:
        InputError: it is missing, damaged, or made for another encoder.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            told = json.loads((file.metadata() or {})[METADATA])
            arrays = {key: file.get_tensor(key).astype(np.float32) for key in file.keys()}  # noqa: SIM118
        if told["encoder"] != ENCODER:
            raise InputError(f"{path} is made for the picture encoder {told['encoder']!r}; make it again")
        kinds = tuple(_kind(entry) for entry in told["kinds"])
        detector = KindDetector(kinds, arrays)
        _try_out(detector)
    except FileNotFoundError as error:
        raise InputError(f"There is no file {path}") from error
    except (OSError, SafetensorError, KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
        raise InputError(f"{path} holds no picture kinds; `assistant train pictures` makes such a file") from error
    return detector


def _try_out(detector: KindDetector) -> None:
    """Raises a KeyError, IndexError or ValueError when arrays are missing or of a wrong shape."""
    vectors, numbers = np.zeros((1, DIMENSION), np.float32), np.zeros((1, NUMBERS), np.float32)
    odds = detector.log_odds(vectors), detector.second_log_odds(numbers)
    phrases = [detector.phrases_of(index) for index in range(len(detector.kinds))]
    if any(row.shape != (1, len(phrases)) for row in odds) or not all(len(p) and p.shape[1] == SPACE for p in phrases):
        raise ValueError("the arrays do not fit the kinds")


def _kind(entry: Mapping[str, object]) -> PictureKind:
    fields = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    return PictureKind(**fields)  # type: ignore[arg-type]
