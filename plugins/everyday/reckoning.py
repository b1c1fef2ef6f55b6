"""Reads a sum in any words, with a model fitted to example sentences.

The numbers of a sentence are taken out; what the words around them mean for a sum is read by ``sum_words.toml``; and
kernel ridge regression on those meanings chooses the operation, as it was learned from ``sum_sayings.toml``. What was
learned is stored in ``sum_weights.safetensors``; ``python -m plugins.everyday.reckoning`` learns it again.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .figures import Figure, Masked, masked
from .sums import Sum

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Model", "Reckoned", "learned", "meanings", "reckoned", "sayings", "signs_of"]

HERE = Path(__file__).parent
WEIGHTS = HERE / "sum_weights.safetensors"
LONGEST = 200
"""characters that are read"""
MOST = 12
"""numbers that are read"""
RIDGE = 0.1
DEGREE = 3
"""of the kernel: how many meanings are taken together"""
NEAR = 14
"""characters beside a number that say what it is"""
SMALL = 30
"""a whole number up to which things are counted rather than paid"""
NOTHING = "none"
"""the label of numbers that are not to be reckoned with"""
VARIADIC = ("sum", "mean", "product", "less", "sum/last", "sum/first")


@dataclass(frozen=True)
class Reckoned:
    """A way to read the sum of a sentence."""

    sum: Sum
    score: float
    """of the operation, about 1 where sentences like it were learned, about 0 where none were"""
    nothing: float = 0.0
    """score of the numbers being said of something else than a sum"""


def reckoned(text: str) -> list[Reckoned]:
    """The ways to read a sentence as a sum that uses every number of it, the likeliest first; [] for none."""
    if len(text) > LONGEST or (said := masked(text)) is None or not 1 <= len(said.figures) <= MOST:
        return []
    model = _model()
    read: dict[str, Reckoned] = {}
    scores = dict(zip(model.labels, map(float, model.scores(meanings(said))), strict=True))
    nothing = scores.pop(NOTHING)
    for label, score in sorted(scores.items(), key=lambda each: -each[1]):
        signs = signs_of(label, said.figures)
        if signs and signs not in read:
            read[signs] = Reckoned(_sum(label, signs, said), score, nothing)
    return list(read.values())


def _sum(label: str, signs: str, said: Masked) -> Sum:
    if label.endswith("*100"):
        return Sum(signs, "percentage", said.currency)
    if label in ("x/y", "y/x"):
        top, by = (figure.shown for figure in (said.figures if label == "x/y" else said.figures[::-1]))
        return Sum(signs, "share", said.currency, (top, by))
    return Sum(signs, "value", said.currency)


def signs_of(label: str, figures: Sequence[Figure]) -> str:
    """The signs of an operation on numbers; "" where it does not take just these."""
    plain = [figure.shown for figure in figures if figure.kind == "plain"]
    parts = [figure.shown for figure in figures if figure.kind == "percent"]
    if label == NOTHING:
        return ""
    if label in VARIADIC:
        if parts or len(plain) < (3 if "/" in label else 2):
            return ""
        first, *rest = plain
        if label in ("sum", "less") and len({"/" in each for each in plain}) > 1:  # a third of what else?
            return ""
        return {
            "sum": " + ".join(plain),
            "mean": f"({' + '.join(plain)})/{len(plain)}",
            "product": "*".join(plain),
            "less": " - ".join(plain),
            "sum/last": f"({' + '.join(plain[:-1])})/{plain[-1]}",
            "sum/first": f"({' + '.join(rest)})/{first}",
        }[label]
    apart = bool(re.search(r"\bd\b", label))
    names = set(re.findall(r"\b[xyzw]\b", label)) | (set("xy") if apart else set())
    if len(plain) != len(names) or len(parts) != bool(re.search(r"\bp\b", label)):
        return ""
    values = {**dict(zip("xyzw", plain, strict=False)), **dict(zip("p", parts, strict=False))}
    if apart:
        high, low = plain if figures[0].value >= figures[1].value else plain[::-1]
        values["d"] = f"({high} - {low})" if label != "d" else f"{high} - {low}"
    return re.sub(r"\b[xyzwpd]\b", lambda found: values[found[0]], re.sub(r"(?<!t)\((\w)\)", r"\1", label))


@cache
def _words() -> dict[str, Any]:
    told = tomllib.loads((HERE / "sum_words.toml").read_text("utf-8"))
    return {
        "concepts": [(name, re.compile(pattern)) for name, pattern in told["concepts"].items()],
        "gaps": [(name, re.compile(pattern)) for name, pattern in told["gaps"].items()],
        "roles": [
            (name, re.compile(f"(?:{before})$".replace(" $)$", " ?)$")), re.compile(behind))
            for name, (before, behind) in told["roles"].items()
        ],
    }


def meanings(said: Masked) -> frozenset[str]:
    """Returns features of a sentence's words and numbers that suggest an operation."""
    words = _words()
    found = {name for name, pattern in words["concepts"] if pattern.search(said.text)}
    gaps = re.split("%?#", said.text)
    number, last = 0, sum(figure.kind == "plain" for figure in said.figures)
    for at, figure in enumerate(said.figures):
        before, behind = gaps[at][-NEAR:], gaps[at + 1][:NEAR]
        names = [name for name, left, right in words["roles"] if left.search(before) or right.search(behind)]
        number += figure.kind == "plain"
        place = "p" if figure.kind == "percent" else str(number)
        found |= {f"{place} {name}" for name in names}
        found |= {f"last {name}" for name in names} if number == last > 2 else set()
        if at > 0:
            found |= {f"{at}> {name}" for name, pattern in words["gaps"] if pattern.search(gaps[at])}
    return frozenset(found | set(_sizes(said.figures)))


def _sizes(figures: Sequence[Figure]) -> Iterator[str]:
    """Yields features of the numbers: how many there are, how large they are, and whether they rise or fall."""
    plain = [figure.value for figure in figures if figure.kind == "plain"]
    yield from (f"{len(plain)} plain", f"{len(figures) - len(plain)} percent")
    for at, value in enumerate(plain[:4]):
        yield f"{at} {'count' if value.denominator == 1 and 0 < value <= SMALL else 'much' if value > 1 else 'part'}"
    if len(plain) == 2:
        low, high = sorted(map(abs, plain))
        yield "falls" if plain[0] > plain[1] else "rises"
        yield "near" if low * 2 > high else "far"


def sayings() -> list[tuple[str, str]]:
    """Training sentences, each with its operation in front."""
    told = tomllib.loads((HERE / "sum_sayings.toml").read_text("utf-8"))["reckoned"]
    return [(label, text) for label, texts in told.items() for text in texts]


@dataclass(frozen=True)
class Model:
    """Kernel ridge regression with a column for each operation."""

    names: Sequence[str]
    """meanings"""
    labels: Sequence[str]
    rows: NDArray[Any]
    """learned sentences, (sentences, meanings), 1 where one has the meaning"""
    weights: NDArray[Any]
    """(sentences, labels)"""

    def scores(self, found: frozenset[str]) -> NDArray[Any]:
        """The score of each label, shape (labels,)."""
        import numpy as np

        row = np.array([name in found for name in self.names], np.float32)
        lengths = np.sqrt(self.rows.sum(1, dtype=np.float32) * max(1, row.sum()))
        scores: NDArray[Any] = (self.rows @ row / lengths) ** DEGREE @ self.weights
        return scores


def learned(told: Sequence[tuple[str, str]]) -> tuple[Model, NDArray[Any]]:
    """Learns from sentences with their operations; returns the model, and the scores (sentences, labels) of each
    sentence by a model that has not learned it."""
    import numpy as np

    found = [meanings(said) for _, text in told if (said := masked(text)) is not None]
    names, labels = sorted({name for each in found for name in each}), list(dict.fromkeys(label for label, _ in told))
    rows = np.array([[name in each for name in names] for each in found], np.float32)
    wanted = np.array([[label == other for other in labels] for label, _ in told], np.float64)
    unit = rows / np.sqrt(rows.sum(1, keepdims=True))
    inverse = np.linalg.inv((unit @ unit.T).astype(np.float64) ** DEGREE + RIDGE * np.eye(len(found)))
    weights = inverse @ wanted
    model = Model(names, labels, rows, weights.astype(np.float32))
    return model, wanted - weights / np.diag(inverse)[:, None]


def digest() -> str:
    """Returns a hash of the training sentences."""
    files = (HERE / name for name in ("sum_sayings.toml", "sum_words.toml"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def store() -> None:
    """Fits the model again, and stores it."""
    import numpy as np
    from safetensors.numpy import save_file

    model, _ = learned(sayings())
    told = {"names": json.dumps(model.names), "labels": json.dumps(model.labels), "learned_from": digest()}
    tensors: dict[str, NDArray[Any]] = {
        "rows": model.rows.astype(np.uint8),
        "weights": model.weights.astype(np.float16),
    }
    save_file(tensors, WEIGHTS, metadata=told)


@cache
def _model() -> Model:
    import numpy as np
    from safetensors import safe_open

    with safe_open(WEIGHTS, "numpy") as file:
        told = file.metadata()
        rows, weights = (file.get_tensor(name).astype(np.float32) for name in ("rows", "weights"))
    return Model(json.loads(told["names"]), json.loads(told["labels"]), rows, weights)


if __name__ == "__main__":
    store()
