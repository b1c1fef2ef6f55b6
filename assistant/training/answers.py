"""Fits how sure an answer from the library is, on the development half of the questions about users' files.

Every sentence of every hit is an example, right when it holds the words that answer.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.encoders.models import Models
from assistant.loading import create_models
from assistant.retrieval.asking import make_query
from assistant.retrieval.library import answering
from assistant.retrieval.library.answering import FEATURES, MOST_HITS, features_of, title_of
from assistant.retrieval.library.library import Library
from assistant.retrieval.library.questions import read_question
from assistant.retrieval.library.sentences import split_sentences
from assistant.settings import Settings, load_settings
from assistant.terminal.report import Report, Row
from assistant.terminal.steps import StepProgress
from assistant.training.answer_files import DATA, SETS, AnswerQuestion, make_files, read_questions

__all__ = ["answers", "fitted", "library_of_files", "train_answers"]

WEIGHTS = Path(answering.__file__).with_name("relevance.json")
PENALTY = 0.1
"""inverse strength of the penalty on weights of features of unit variance"""
FOLDS = 5
FALSE = 0.05
"""share of the questions without an answer that may get one"""


def library_of_files(folder: Path, models: Models, data: Path = DATA) -> Library:
    """Makes the files of a set below a folder, and a library of them."""
    make_files(folder / "files", data / "files.toml")
    library = Library(load_settings({"library": {"folder": str(folder / "library")}}), models)
    library.add([folder / "files"])
    return library


def _examples_in(library: Library, models: Models, questions: Sequence[AnswerQuestion]) -> tuple[Any, Any, Any]:
    """Features (n, f) of all stretches, whether each answers (n,), and the number of its question (n,)."""
    rows, right, asked = [], [], []
    for number, each in enumerate(questions):
        question = read_question(each.ask, library.endings)
        near = library.near(question, make_query(models, question.topic), MOST_HITS)
        hits = [hit for hit in near if hit.text.strip() and not question.lacks_code(hit, title_of(hit.source))]
        for scored in features_of(models, question, hits):
            hit = hits[scored.hit]
            words = split_sentences(hit.text)[scored.sentence].text
            rows.append(scored.features)
            right.append(answers(each, hit.source, words))
            asked.append(number)
    return np.array(rows), np.array(right), np.array(asked)


def answers(question: AnswerQuestion, source: str, text: str) -> bool:
    """Whether a text out of a file answers a question."""
    held, words = (" ".join(part.split()).lower() for part in (question.holds, text))
    return bool(held) and source.endswith(question.file) and held in words


def train_answers(settings: Settings, progress: StepProgress) -> Report:
    """Fits the weights of words on the development questions and writes them; those of pictures stay as they are.

    Relevance is the probability that the best sentence of a question answers it, as it was for questions that were left
    out of the fitting, one fifth at a time.
    """
    models = create_models(settings, keep_encodings=False)
    questions: list[AnswerQuestion] = []
    found = []
    for done, data in enumerate(SETS, 1):
        some = read_questions(data / "development.toml")
        with tempfile.TemporaryDirectory() as made:
            rows, right, asked = _examples_in(library_of_files(Path(made), models, data), models, some)
        found.append((rows, right, asked + len(questions)))
        questions += some
        progress("reading libraries", done, len(SETS))
    features, right, asked = (np.concatenate(parts) for parts in zip(*found, strict=True))
    absent = [not each.holds for each in questions]
    kept: dict[str, Any] = json.loads(WEIGHTS.read_text("utf-8")) | fitted(features, right, asked, absent)
    WEIGHTS.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    rows = [Row("relevance from which an answer is told", kept["answers_from"])]
    return Report("train answers", f"{len(questions)} questions", rows, [f"Written to {WEIGHTS}"])


def fitted(rows: Any, right: Any, asked: Any, absent: Sequence[bool]) -> dict[str, Any]:
    """Weights per feature, bias, and the relevance that at most `FALSE` of the questions without an answer reach."""
    from sklearn.linear_model import LogisticRegression

    def fit(chosen: Any, answered: Any) -> Any:
        return LogisticRegression(C=PENALTY, max_iter=5000).fit(chosen / spread, answered)

    spread = rows.std(axis=0) + 1e-6
    left_out = np.zeros(len(rows))
    for fold in range(FOLDS):
        out = asked % FOLDS == fold
        left_out[out] = fit(rows[~out], right[~out]).decision_function(rows[out] / spread)
    best = {int(q): int(np.flatnonzero(asked == q)[left_out[asked == q].argmax()]) for q in np.unique(asked)}
    tops = np.array(list(best.values()))
    steep = LogisticRegression(C=100.0).fit(left_out[tops, None], right[tops])
    scale, shift = float(steep.coef_[0, 0]), float(steep.intercept_[0])
    wrong = sorted((left_out[top] for q, top in best.items() if absent[q]), reverse=True)
    least = 1 / (1 + np.exp(-(scale * wrong[int(FALSE * sum(absent))] + shift)))
    whole = fit(rows, right)
    weights = scale * whole.coef_[0] / spread
    return {
        "words": {name: round(float(weight), 4) for name, weight in zip(FEATURES, weights, strict=True)},
        "bias": round(scale * float(whole.intercept_[0]) + shift, 4),
        "answers_from": round(float(least) + 0.001, 3),
    }
