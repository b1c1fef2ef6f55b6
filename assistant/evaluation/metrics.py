"""Metrics of classifiers and transcripts, computed by scikit-learn and jiwer (the extra ``[evaluate]``)."""

from __future__ import annotations

import importlib
import itertools
import math
import re
import statistics
import time
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.errors import SettingsError
from assistant.terminal.report import Peer, Row

__all__ = [
    "area_under_roc",
    "calibration_error",
    "compared",
    "low_end",
    "mean",
    "median",
    "milliseconds",
    "need",
    "peer_of",
    "word_error_rate",
]

Floats = NDArray[np.floating]
SPACELESS = frozenset({"ja", "lo", "my", "th", "yue", "zh"})
"""ISO 639-1 codes of languages whose errors are counted in characters"""


def need(module: str) -> Any:
    """Imports a module of the extra ``[evaluate]``.

    Raises:
        SettingsError: it is not installed; says how to install it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise SettingsError("Measuring needs more packages: pip install 'multimodal-assistant[evaluate]'") from error


def milliseconds(call: Callable[[], object]) -> float:
    """Returns how long a call takes."""
    began = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - began)


def mean(values: Iterable[float]) -> float:
    """Returns the mean; NaN without values."""
    found = [float(value) for value in values]
    return statistics.fmean(found) if found else math.nan


def median(values: Sequence[float]) -> float:
    """Returns the median; NaN without values."""
    return statistics.median(values) if values else math.nan


def peer_of(name: str, values: Mapping[str, float]) -> Peer | None:
    """Returns the figure of a peer where it was measured."""
    return Peer(name, values[name]) if name in values else None


def area_under_roc(inside: Floats, outside: Floats) -> float:
    """Returns how likely a random value inside exceeds a random one outside, 0 to 1; NaN where one side is empty."""
    if not len(inside) or not len(outside):
        return math.nan
    truth = np.repeat([1, 0], [len(inside), len(outside)])
    return float(need("sklearn.metrics").roc_auc_score(truth, np.concatenate([inside, outside])))


def calibration_error(confidences: Floats, correct: NDArray[np.bool_], bins: int = 15) -> float:
    """Returns the mean gap of confidence and accuracy over equally wide bins, weighted by size, 0 to 1.

    Source: Guo et al. 2017, https://arxiv.org/abs/1706.04599, equation 3.
    """
    if not len(confidences):
        return math.nan
    index = np.minimum((confidences * bins).astype(np.int64), bins - 1)
    gaps = np.bincount(index, confidences - correct, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidences))


def low_end(differences: Floats, rng: np.random.Generator) -> Floats:
    """Returns the 2.5th percentile of the mean of paired differences, (n,) or (n, k), over resampled cases."""
    picks = rng.integers(0, len(differences), (2000, len(differences)))
    return np.asarray(np.quantile(differences[picks].mean(axis=1), 0.025, axis=0))


def compared(right: Mapping[str, NDArray[np.bool_]], seed: int) -> list[Row]:
    """Returns rows of how far each way is right more often than each later one, with the ends of its 95 % interval.

    `right` says of every way which of the same (n,) cases it gets right; cases are resampled in pairs.
    """
    rows: list[Row] = []
    for one, other in itertools.combinations(right, 2):
        ahead = 100.0 * (right[one].astype(np.float64) - right[other])
        rng, name = np.random.default_rng(seed), f"{one} ahead of {other}"
        low, high = float(low_end(ahead, rng)), -float(low_end(-ahead, rng))
        rows += [Row(name, float(ahead.mean()), "%"), Row(f"{name}, at 2.5 %", low, "%")]
        rows.append(Row(f"{name}, at 97.5 %", high, "%"))
    return rows


def word_error_rate(pairs: Iterable[tuple[str, str]], language: str = "en") -> float:
    """Returns substitutions, deletions and insertions over the number of reference words; may exceed 1.

    Case, punctuation and spelling variants do not count ("5" is "five" in English, by Whisper's own normaliser, so
    that figures compare with the published ones).

    Args:
        pairs: (reference, hypothesis); references without words are left out.
        language: ISO 639-1; for Chinese and other spaceless languages characters are counted.

    Raises:
        ValueError: no reference holds a word.
    """
    plain = [(_normalised(wanted, language), _normalised(got, language)) for wanted, got in pairs]
    plain = [(wanted, got) for wanted, got in plain if wanted]
    if not plain:
        raise ValueError("word error rate needs at least one reference word")
    return float(need("jiwer").wer([wanted for wanted, _ in plain], [got for _, got in plain]))


def _normalised(text: str, language: str) -> str:
    """Words, or characters of a spaceless language, with one space between."""
    if language == "en":
        return " ".join(str(_english_normalizer()(text)).split())
    plain = unicodedata.normalize("NFKC", text).lower()
    if language in SPACELESS:
        return " ".join(letter for letter in plain if letter.isalnum())
    return " ".join(re.sub(r"[^\w\s]|_", " ", plain).split())


@cache
def _english_normalizer() -> Any:
    from whisper.normalizers import EnglishTextNormalizer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves its spelling list open
        return EnglishTextNormalizer()
