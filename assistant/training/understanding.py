"""Fits the weights that split turns into clauses and read them, from the labelled turns in ``clauses/``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from assistant.encoders.cache import EncodingCache
from assistant.encoders.encoder import Encoder
from assistant.encoders.factory import create_encoders
from assistant.settings import Settings
from assistant.terminal.report import Report, Row
from assistant.terminal.steps import StepProgress
from assistant.training.clause_network import fit_networks, sample
from assistant.training.data import read_labelled
from assistant.understanding.cues import tag
from assistant.understanding.features import Piece, clause_features, pieces_of
from assistant.understanding.linear import FloatArray, Linear, hashed, packed
from assistant.understanding.model import WEIGHTS
from assistant.understanding.network import PREFIX
from assistant.understanding.splitting import candidate_gaps, gap_features, rule_splits
from assistant.understanding.states import word_states
from assistant.understanding.tokens import Word, words_of
from assistant.understanding.types import FIELDS

__all__ = [
    "DATA",
    "AnnotatedTurn",
    "fit_reader",
    "read_turns",
    "states_of",
    "train_understanding",
    "with_spoken",
]

ITERATIONS = 120
SEEN = 2
"""examples that must show a feature, else it is left out"""
DATA = Path(__file__).parent / "clauses"
"""``train/`` and ``held_out/``, a JSON-lines file per author in each; in the source repository only"""
SPLITTING = 3.0
CLAUSES = 30.0
"""C of the two regressions; chosen by cross-validation on the training half"""
FAINT = 0.1
"""features of a table that weigh less than this for every value are left out"""


@dataclass(frozen=True)
class AnnotatedTurn:
    """A turn with its clauses as an author has read them."""

    text: str
    language: str
    asked: str
    clauses: tuple[dict[str, str], ...]
    """each with "text" and a value for each of `FIELDS`"""

    @property
    def words(self) -> list[Word]:
        """The words of the text."""
        return words_of(self.text)

    def begins(self) -> list[int]:
        """Indices of the words that begin a clause, without the first."""
        found, at = [], 0
        words = self.words
        for clause in self.clauses:
            start = self.text.index(clause["text"], at)
            at = start + len(clause["text"])
            found.append(next(i for i, word in enumerate(words) if word.end > start))
        return found[1:]

    def tags(self) -> list[str]:
        """The cue that begins at each word."""
        return tag([word.text for word in self.words], self.language)


def read_turns(path: Path) -> list[AnnotatedTurn]:
    """Read a JSON-lines file, or all those in a folder; see `read_labelled`."""
    return read_labelled(path, _turn)


def _turn(row: dict[str, Any]) -> AnnotatedTurn:
    clauses = tuple({name: clause[name] for name in ("text", *FIELDS)} for clause in row["clauses"])
    for clause in clauses:
        wrong = [name for name, values in FIELDS.items() if clause[name] not in values]
        if wrong:
            raise ValueError(f"{wrong[0]} is {clause[wrong[0]]!r}")
    turn = AnnotatedTurn(row["text"], row["lang"], row.get("asked", ""), clauses)
    if len(turn.begins()) + 1 != len(clauses):
        raise ValueError("no clauses")
    return turn


def with_spoken(turns: Sequence[AnnotatedTurn]) -> list[AnnotatedTurn]:
    """The turns, and behind them each as a speech recogniser without punctuation and capitals would write it."""
    found = {(turn.text, turn.asked): turn for turn in turns}
    for turn in turns:
        if spoken := _as_spoken(turn):
            found.setdefault((spoken.text, spoken.asked), spoken)
    return [*turns, *list(found.values())[len({(turn.text, turn.asked) for turn in turns}) :]]


def _as_spoken(turn: AnnotatedTurn) -> AnnotatedTurn | None:
    if not any(word.after for word in turn.words[:-1]):
        return None
    texts = [_MARKS.sub("", clause["text"]).strip().lower() for clause in turn.clauses]
    if not all(texts):
        return None
    clauses = tuple({**clause, "text": text} for clause, text in zip(turn.clauses, texts, strict=True))
    joined = ("" if turn.language == "zh" else " ").join(texts)
    spoken = replace(turn, text=joined, clauses=clauses)
    return spoken if len(spoken.begins()) == len(turn.begins()) else None


_MARKS = re.compile(r"[，。；：！？、…—]+|[,.;:!?-]+(?=\s|$|[\u4e00-\u9fff])")


def states_of(turns: Sequence[AnnotatedTurn], encoders: Sequence[Encoder]) -> list[FloatArray | None]:
    """The states of each turn's words, see `word_states`; None where an encoder that is needed is not there.

    Raises:
        ModelUnavailable: an encoder's weights cannot be had.
    """
    texts = [turn.text for turn in turns]
    read = zip(*(encoder.encode(texts) for encoder in encoders), strict=True)
    return [
        word_states(turn.words, turn.text, turn.language, encodings)
        for turn, encodings in zip(turns, read, strict=True)
    ]


def fit_reader(
    turns: Sequence[AnnotatedTurn], states: Sequence[FloatArray | None] = (), networks: int = 3
) -> dict[str, NDArray[Any]]:
    """Fit all weights. The same turns give the same weights on the same machine.

    Args:
        turns: labelled.
        states: for each turn those of its words; without any, no network is fitted.
        networks: how many, from different seeds.

    Returns:
        The arrays of the weights' file: matrices as int8 with a scale for each row, the rest in float16; hashes are
        uint32.
    """
    torch.set_num_threads(1)  # one thread gives the same sums on every machine, and more gain little
    arrays: dict[str, NDArray[Any]] = {}
    for name, table in _fit_tables(turns).items():
        weights = table.weights.astype(np.float16)
        heard = np.abs(weights).max(axis=1) >= FAINT
        arrays |= packed(f"{name}.weights", weights[heard])
        arrays |= {f"{name}.hashes": table.hashes[heard], f"{name}.bias": table.bias.astype(np.float16)}
    samples = [
        sample(turn.words, turn.tags(), _asked(turn), seen, turn.begins(), turn.clauses)
        for turn, seen in zip(turns, states or [None] * len(turns), strict=True)
        if seen is not None
    ]
    for name, array in fit_networks(samples, networks).items() if samples else ():
        arrays |= packed(PREFIX + name, array) if array.ndim > 2 else {PREFIX + name: array.astype(np.float16)}
    return arrays


def _fit_tables(turns: Sequence[AnnotatedTurn]) -> dict[str, Linear]:
    """The tables "splitting" and "clauses"."""
    gaps: list[list[str]] = []
    splits: list[bool] = []
    features: list[list[str]] = []
    labels: list[dict[str, str]] = []
    for turn in turns:
        words, tags, begins = turn.words, turn.tags(), turn.begins()
        rules = rule_splits(words, tags)
        for at in candidate_gaps(words, tags):
            gaps.append(gap_features(words, tags, at, at in rules))
            splits.append(at in begins)
        pieces = pieces_of(words, tags, begins)
        asked = _asked(turn)
        features += [clause_features(pieces, at, asked, turn.language) for at in range(len(pieces))]
        labels += turn.clauses
    targets = [
        (np.array([values.index(label[name]) for label in labels], np.int64), len(values))
        for name, values in FIELDS.items()
    ]
    return {
        "splitting": _fit_linear(gaps, [(np.array(splits, np.int64), 2)], SPLITTING),
        "clauses": _fit_linear(features, targets, CLAUSES),
    }


def _asked(turn: AnnotatedTurn) -> Piece | None:
    words = words_of(turn.asked)
    return pieces_of(words, tag([word.text for word in words], turn.language), [])[0] if words else None


def train_understanding(
    settings: Settings, progress: StepProgress, data: Path | None, out: Path | None, networks: int
) -> Report:
    """Fits to the labelled turns of a file or folder, by default the training turns, and writes the weights."""
    from safetensors.numpy import save_file

    turns, path = with_spoken(read_turns(data or DATA / "train")), out or WEIGHTS
    encoders = [each for each in create_encoders(Settings(), EncodingCache(0)) if each.modality == "text"]
    arrays = fit_reader(turns, states_of(turns, encoders) if networks else (), networks)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, path)
    rows = [Row("clauses", sum(len(turn.clauses) for turn in turns)), Row("weights", path.stat().st_size / 1e6, "MB")]
    return Report("train understanding", f"{len(turns)} turns", rows, [f"Written to {path}"])


def _fit_linear(
    features: Sequence[Sequence[str]], targets: Sequence[tuple[NDArray[np.int64], int]], strength: float
) -> Linear:
    """Fit one table of weights with the columns of several fields side by side, whose losses are added up.

    Args:
        features: n times the names of what is there.
        targets: for each field the class of each example (n,), and the number of classes.
        strength: C, the inverse of the L2 penalty.

    Returns:
        The weights, in float32; the same input gives the same weights.
    """
    rows = [sorted({hashed(name) for name in names}) for names in features]
    counts = Counter(value for row in rows for value in row)
    known = np.array(sorted(value for value, count in counts.items() if count >= SEEN), np.uint32)
    index = {value: at for at, value in enumerate(known.tolist())}
    places = [[index[value] for value in row if value in index] for row in rows]
    lengths = np.array([len(row) for row in places])
    where = np.stack([np.repeat(np.arange(len(places)), lengths), np.array([at for row in places for at in row], int)])
    values = np.repeat(1 / np.sqrt(np.maximum(lengths, 1)), lengths).astype(np.float32)
    shape = (len(places), len(known))  # of the sparse matrix of examples and features, whose rows have unit length
    shown = torch.sparse_coo_tensor(torch.from_numpy(where), torch.from_numpy(values), shape, check_invariants=True)
    shown, turned = shown.coalesce(), shown.t().coalesce()
    widths = [classes for _, classes in targets]
    wanted = torch.cat([torch.nn.functional.one_hot(torch.from_numpy(y), k).float() for y, k in targets], dim=1)
    weights = torch.zeros(len(known), sum(widths), requires_grad=True)
    bias = torch.zeros(sum(widths), requires_grad=True)
    optimiser = torch.optim.LBFGS(
        [weights, bias], max_iter=ITERATIONS, max_eval=2 * ITERATIONS, history_size=10, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        with torch.no_grad():
            logs = [part.log_softmax(1) for part in torch.split(shown @ weights + bias, widths, 1)]
            shares = torch.cat(logs, dim=1)
            wrong = shares.exp() - wanted
            weights.grad, bias.grad = turned @ wrong + weights / strength, wrong.sum(0)
            return 0.5 * weights.square().sum() / strength - (shares * wanted).sum()

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    return Linear(known, weights.detach().numpy(), bias.detach().numpy())
