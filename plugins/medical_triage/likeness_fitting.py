"""Fits the second opinion to the written cases, and says how good it is on an author it has never read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant import Services, UserError

from .evaluation import Case, Verdict, judge, read_cases
from .likeness import ORDER, Likeness, Opinion, features, terms_of

__all__ = ["CASES", "cross_author", "fit", "read_authors"]

CASES = Path(__file__).parent / "cases"
RETOLD = "robustness"
"""the file that tells the same stories again and again"""
VIGNETTES = Path("vignettes", "development.jsonl")
LEAST = 2
"""cases that must hold a term before it counts"""
PENALTY = 1 / 30
"""L2, per sum over the cases"""


def read_authors(folder: Path = CASES) -> dict[str, list[Case]]:
    """Reads the cases by the file that holds them: one way of telling each.

    Raises:
        UserError: there are none; a package that is not a source checkout has none.
    """
    if not folder.is_dir():
        raise UserError(f"Fitting needs the written cases of a source checkout; there is no {folder}")
    files = [path for path in sorted(folder.glob("*.jsonl")) if path.stem != RETOLD]
    # The other half of the vignettes is held out, for an honest figure.
    return {path.stem: read_cases(path) for path in (*files, folder / VIGNETTES) if path.exists()}


def fit(cases: Sequence[Case], vectors: NDArray[np.float32]) -> Likeness:
    """Multinomial logistic regression on words and meaning.

    Args:
        cases: n descriptions with their levels.
        vectors: (n, d), float32: what they mean.
    """
    terms = [terms_of(case.description) for case in cases]
    rarity = _rarity(terms)
    rows = features(terms, vectors, rarity)
    labels = np.array([ORDER.index(case.urgency) for case in cases])
    weights, bias = _regress(rows, labels)
    return Likeness(rarity, weights, bias)


def _rarity(terms: Sequence[Mapping[str, int]]) -> dict[str, float]:
    held = Counter(term for counts in terms for term in counts)
    return {term: 1.0 + float(np.log((1 + len(terms)) / (1 + n))) for term, n in sorted(held.items()) if n >= LEAST}


def _regress(rows: NDArray[np.float32], labels: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    import torch

    x, y = torch.from_numpy(rows), torch.from_numpy(labels)
    weights = torch.zeros(x.shape[1], len(ORDER), requires_grad=True)
    bias = torch.zeros(len(ORDER), requires_grad=True)
    optimiser = torch.optim.LBFGS([weights, bias], max_iter=500, tolerance_change=1e-9, line_search_fn="strong_wolfe")

    def loss() -> float:
        optimiser.zero_grad()
        value = torch.nn.functional.cross_entropy(x @ weights + bias, y, reduction="sum")
        value = value + 0.5 * PENALTY * weights.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return float(value.detach())

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    return weights.detach().numpy(), bias.detach().numpy()


async def cross_author(authors: Mapping[str, Sequence[Case]], services: Services) -> tuple[list[Verdict], Likeness]:
    """Judge each author's cases by a model fitted to the others', then fit one to all.

    Returns:
        the verdicts, and the model of all cases.
    """
    cases = [case for own in authors.values() for case in own]
    owner = np.array([name for name, own in authors.items() for _ in own])
    vectors = np.asarray(await services.encode_text([case.description for case in cases]), np.float32)
    verdicts: list[Verdict] = []
    for name, own in authors.items():
        others = owner != name
        model = fit([case for case, other in zip(cases, others, strict=True) if other], vectors[others])
        seen: list[Opinion | None] = [*model.judge([case.description for case in own], vectors[~others])]
        verdicts += judge(own, seen)
    return verdicts, fit(cases, vectors)
