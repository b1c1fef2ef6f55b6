"""Measures answers from small libraries: the right passage first, and silence where there is no answer.

Files and questions are in a source checkout. How sure an answer is, is fitted on the development half of the questions:
every sentence of every hit is an example, right when it holds the words that answer.
"""

from __future__ import annotations

import json
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from assistant.encoders.models import Models
from assistant.evaluation.metrics import mean, milliseconds, need
from assistant.language import language_of
from assistant.loading import create_models
from assistant.retrieval.asking import make_query
from assistant.retrieval.library import answering
from assistant.retrieval.library.answering import FEATURES, MOST_HITS, features_of, least_relevance, title_of
from assistant.retrieval.library.library import Library
from assistant.retrieval.library.questions import read_question
from assistant.retrieval.library.scanning import kind_of
from assistant.retrieval.library.sentences import split_sentences
from assistant.settings import Settings, load_settings
from assistant.terminal.report import Report, Row, percent
from assistant.terminal.steps import StepProgress, tracked
from assistant.training.data import TESTS, load_from_tests

__all__ = ["DATA", "SETS", "AnswerQuestion", "answers", "evaluate_answers", "fitted", "read_questions", "train_answers"]

FILES = "evaluation/library_answers"
DATA = TESTS / FILES
SETS = (DATA, DATA / "household", DATA / "studio")
"""each one user's files, with questions about them"""
WEIGHTS = Path(answering.__file__).with_name("relevance.json")
PENALTY = 0.1
"""inverse strength of the penalty on weights of features of unit variance"""
FOLDS = 5
FALSE = 0.05
"""share of the questions without an answer that may get one"""
RIGHT, SILENT = 80, 95
"""goals, per cent: of the questions with an answer, and of those without"""


@dataclass(frozen=True)
class AnswerQuestion:
    """A question about the files."""

    ask: str
    file: str = ""
    """which file answers it"""
    holds: str = ""
    """words of the passage that answers it; "" when no file does"""

    @property
    def languages(self) -> str:
        """The languages of the question and of the file."""
        chinese = language_of(self.ask) == "zh"
        foreign = self.file.startswith("中文") != chinese
        return "across languages" if foreign else "Chinese" if chinese else "English"


def evaluate_answers(settings: Settings, progress: StepProgress, split: str) -> Report:
    """Measures the questions of a split, "development" or "held-out".

    Raises:
        InputError: this is an installed package, which has neither files nor questions.
    """
    make_files = load_from_tests(FILES, "The questions and their files are").make_files
    part, models = split.replace("-", "_"), create_models(settings, keep_encodings=False)
    right: dict[AnswerQuestion, bool] = {}
    told: dict[AnswerQuestion, bool] = {}
    times: list[float] = []
    sets = {data: questions for data in SETS if (questions := read_questions(data / f"{part}.toml"))}
    for data, questions in sets.items():
        with _library(make_files, models, data) as library:
            for each in tracked(progress, "questions", questions):
                found: list[Any] = []
                times.append(milliseconds(lambda: found.extend(library.answers(each.ask, 1, least=0.0))))  # noqa: B023
                right[each] = bool(found) and answers(each, found[0].hit.source, found[0].text)
                told[each] = bool(found) and found[0].relevance >= least_relevance()
    there, absent = ([each for each in right if bool(each.holds) is answered] for answered in (True, False))
    rows = [
        percent("right passage first", mean(right[each] for each in there), at_least=RIGHT),
        percent("right passage first, and told", mean(right[each] and told[each] for each in there)),
        percent("a wrong passage told", mean(told[each] and not right[each] for each in there)),
        percent("not there: nothing told", mean(not told[each] for each in absent), at_least=SILENT),
    ]
    for name in dict.fromkeys(each.languages for each in there):
        share = mean(right[each] for each in there if each.languages == name)
        rows.append(percent(f"{name}: right passage first", share))
    rows.append(Row("an answer, median", median(times), "ms"))
    counted = f"{len(there)} questions with an answer and {len(absent)} without"
    return Report("evaluate answers", f"{counted} ({split}) of {len(sets)} libraries", rows)


@contextmanager
def _library(make_files: Any, models: Models, data: Path) -> Iterator[Library]:
    """A library of the files of a set, for as long as the block runs."""
    with tempfile.TemporaryDirectory() as folder:
        make_files(Path(folder) / "files", data / "files.toml")
        library = Library(load_settings({"library": {"folder": f"{folder}/library"}}), models)
        library.add([Path(folder) / "files"])
        yield library


def answers(question: AnswerQuestion, source: str, text: str) -> bool:
    """Returns whether a text out of a file answers a question."""
    held, words = (" ".join(part.split()).lower() for part in (question.holds, text))
    return bool(held) and source.endswith(question.file) and held in words


def train_answers(settings: Settings, progress: StepProgress) -> Report:
    """Fits the weights of words on the development questions and writes them; those of pictures stay as they are.

    Relevance is the probability that the best sentence of a question answers it, as it was for questions that were left
    out of the fitting, one fifth at a time.
    """
    make_files = load_from_tests(FILES, "The questions and their files are").make_files
    models = create_models(settings, keep_encodings=False)
    questions: list[AnswerQuestion] = []
    examples: list[tuple[Any, bool, int]] = []  # features of a sentence, whether it answers, number of its question
    for data in tracked(progress, "reading libraries", SETS):
        with _library(make_files, models, data) as library:
            for each in read_questions(data / "development.toml"):
                examples += [(*scored, len(questions)) for scored in _sentences(library, models, each)]
                questions.append(each)
    features, right, asked = (np.array(column) for column in zip(*examples, strict=True))
    absent = [not each.holds for each in questions]
    kept: dict[str, Any] = json.loads(WEIGHTS.read_text("utf-8")) | fitted(features, right, asked, absent)
    WEIGHTS.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    rows = [Row("relevance from which an answer is told", kept["answers_from"])]
    return Report("train answers", f"{len(questions)} questions", rows, [f"Written to {WEIGHTS}"])


def _sentences(library: Library, models: Models, asked: AnswerQuestion) -> Iterator[tuple[Any, bool]]:
    """Features (f,) of all sentences that may answer a question, and whether each does."""
    question = read_question(asked.ask, library.endings)
    near = library.near(question, make_query(models, question.topic), MOST_HITS)
    hits = [hit for hit in near if hit.text.strip() and not question.lacks_code(hit, title_of(hit.source))]
    for scored in features_of(models, question, hits):
        hit = hits[scored.hit]
        yield scored.features, answers(asked, hit.source, split_sentences(hit.text)[scored.sentence].text)


def fitted(rows: Any, right: Any, asked: Any, absent: Sequence[bool]) -> dict[str, Any]:
    """Weights per feature, bias, and the relevance that at most `FALSE` of the questions without an answer reach."""
    regression = need("sklearn.linear_model").LogisticRegression
    spread = rows.std(axis=0) + 1e-6

    def fit(chosen: Any, answered: Any) -> Any:
        return regression(C=PENALTY, max_iter=5000).fit(chosen / spread, answered)

    left_out = np.zeros(len(rows))
    for fold in range(FOLDS):
        out = asked % FOLDS == fold
        left_out[out] = fit(rows[~out], right[~out]).decision_function(rows[out] / spread)
    best = {int(q): int(np.flatnonzero(asked == q)[left_out[asked == q].argmax()]) for q in np.unique(asked)}
    tops = np.array(list(best.values()))
    steep = regression(C=100.0).fit(left_out[tops, None], right[tops])
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


def read_questions(path: Path) -> list[AnswerQuestion]:
    """The questions of a file that can be answered from files of kinds that are read, and those without an answer."""
    asked = [AnswerQuestion(**entry) for entry in tomllib.loads(path.read_text("utf-8"))["questions"]]
    return [each for each in asked if not each.file or kind_of(Path(each.file)) is not None]
