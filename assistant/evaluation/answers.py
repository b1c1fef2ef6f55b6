"""Measures answers from small libraries: the right passage first, and nothing told that is not there."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from assistant.errors import InputError
from assistant.language import language_of
from assistant.loading import create_models
from assistant.retrieval.library.answering import least_relevance
from assistant.retrieval.library.library import Library
from assistant.settings import Settings
from assistant.terminal.report import Report, Row, percent
from assistant.terminal.steps import StepProgress, tracked
from assistant.training.answers import DATA, SETS, AnswerQuestion, answers, files_in, library_of_files, read_questions

__all__ = ["evaluate_answers"]

RIGHT, SILENT = 80, 95
"""goals, per cent: of the questions with an answer, and of those without"""


@dataclass(frozen=True)
class _Asked:
    question: AnswerQuestion
    right: bool
    """the first passage holds the answer"""
    told: bool
    """it was relevant enough to be told"""
    ms: float


def evaluate_answers(settings: Settings, progress: StepProgress, split: str) -> Report:
    """Measures the questions of a split, "development" or "held-out".

    Raises:
        InputError: files and questions are not there: they lie in a source checkout only.
    """
    if not DATA.is_dir():
        raise InputError("The questions and their files are in a source checkout only, not in the installed package.")
    part, models = split.replace("-", "_"), create_models(settings, keep_encodings=False)
    asked: list[_Asked] = []
    sets = [data for data in SETS if read_questions(data / f"{part}.toml")]
    for data in sets:
        with tempfile.TemporaryDirectory() as folder:
            library = library_of_files(Path(folder), models, data)
            asked += _ask(library, read_questions(data / f"{part}.toml"), progress)
    there = [each for each in asked if each.question.holds]
    absent = [each for each in asked if not each.question.holds]
    rows = [
        percent("right passage first", _share([each.right for each in there]), at_least=RIGHT),
        percent("right passage first, and told", _share([each.right and each.told for each in there])),
        percent("a wrong passage told", _share([each.told and not each.right for each in there])),
        percent("not there: nothing told", _share([not each.told for each in absent]), at_least=SILENT),
    ]
    for name, chosen in _groups(there).items():
        rows.append(percent(f"{name}: right passage first", _share([each.right for each in chosen])))
    rows.append(Row("an answer, median", median(each.ms for each in asked), "ms"))
    counted = f"{len(there)} questions with an answer and {len(absent)} without"
    files = sum(len(files_in(data / "files.toml")) for data in sets)
    return Report("evaluate answers", f"{counted} ({split}), {files} files in {len(sets)} libraries", rows)


def _ask(library: Library, questions: Sequence[AnswerQuestion], progress: StepProgress) -> list[_Asked]:
    asked = []
    for question in tracked(progress, "questions", questions):
        began = time.perf_counter()
        found = library.answers(question.ask, 1, least=0.0)
        ms = 1000 * (time.perf_counter() - began)
        right = bool(found) and answers(question, found[0].hit.source, found[0].text)
        asked.append(_Asked(question, right, bool(found) and found[0].relevance >= least_relevance(), ms))
    return asked


def _groups(asked: Sequence[_Asked]) -> dict[str, list[_Asked]]:
    """By the languages of the question and of the file."""
    groups: dict[str, list[_Asked]] = {}
    for each in asked:
        chinese = language_of(each.question.ask) == "zh"
        foreign = each.question.file.startswith("中文") != chinese
        name = "across languages" if foreign else "Chinese" if chinese else "English"
        groups.setdefault(name, []).append(each)
    return groups


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else float("nan")
