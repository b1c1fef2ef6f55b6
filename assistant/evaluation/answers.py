"""Measures answers from small libraries: the right passage first, and silence where there is no answer.

The files are made out of a table; each file's name says of which kind it is. How sure an answer is, is fitted on the
development half of the questions: every sentence of every hit is an example, right when it holds the words that answer.
"""

from __future__ import annotations

import csv
import json
import tempfile
import textwrap
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from assistant.encoders.models import Models
from assistant.errors import InputError
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

__all__ = [
    "DATA",
    "SETS",
    "AnswerQuestion",
    "answers",
    "evaluate_answers",
    "files_in",
    "fitted",
    "library_of_files",
    "make_files",
    "read_questions",
    "train_answers",
]

DATA = Path(__file__).parents[2] / "tests" / "evaluation" / "library_answers"
"""in a source checkout only"""
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
            questions = read_questions(data / f"{part}.toml")
            asked += [_ask(library, question) for question in tracked(progress, "questions", questions)]
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


def _ask(library: Library, question: AnswerQuestion) -> _Asked:
    began = time.perf_counter()
    found = library.answers(question.ask, 1, least=0.0)
    ms = 1000 * (time.perf_counter() - began)
    right = bool(found) and answers(question, found[0].hit.source, found[0].text)
    return _Asked(question, right, bool(found) and found[0].relevance >= least_relevance(), ms)


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
    for data in tracked(progress, "reading libraries", SETS):
        some = read_questions(data / "development.toml")
        with tempfile.TemporaryDirectory() as made:
            rows, right, asked = _examples_in(library_of_files(Path(made), models, data), models, some)
        found.append((rows, right, asked + len(questions)))
        questions += some
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


@dataclass(frozen=True)
class AnswerQuestion:
    """A question about the files."""

    ask: str
    file: str = ""
    """which file answers it"""
    holds: str = ""
    """words of the passage that answers it; "" when no file does"""


def read_questions(path: Path) -> list[AnswerQuestion]:
    """The questions of a file that can be answered from files of kinds that are read, and those without an answer."""
    asked = [AnswerQuestion(**entry) for entry in tomllib.loads(path.read_text("utf-8"))["questions"]]
    return [each for each in asked if not each.file or kind_of(Path(each.file)) is not None]


def files_in(table: Path = DATA / "files.toml") -> list[dict[str, Any]]:
    """The files that a table describes, of kinds that are read."""
    described: list[dict[str, Any]] = tomllib.loads(table.read_text("utf-8"))["file"]
    return [entry for entry in described if kind_of(Path(entry["name"])) is not None]


def make_files(folder: Path, table: Path = DATA / "files.toml") -> None:
    """Write the files of a table below a folder."""
    for entry in files_in(table):
        path = folder / entry["name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        if "text" in entry:
            path.write_text(entry["text"], "utf-8")
        else:
            _WRITERS[path.suffix](path, entry)


def _pdf(path: Path, entry: Mapping[str, Any]) -> None:
    """Pages of one paragraph in Helvetica, as plain as the format allows."""
    pages = [_drawn(text) for text in entry["pages"]]
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>"]
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    for number, drawn in enumerate(pages):
        fonts = f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * number} 0 R"
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] {fonts} >>")
        objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
    out, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    out += f"{head}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    path.write_bytes(out.encode("cp1252"))


def _drawn(text: str) -> str:
    lines = [line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in textwrap.wrap(text, 90)]
    return "BT /F1 11 Tf 50 780 Td 14 TL\n" + "\n".join(f"({line}) Tj T*" for line in lines) + "\nET"


def _word(path: Path, entry: Mapping[str, Any]) -> None:
    from docx import Document

    document: Any = Document()
    for line in "\n".join(entry["pages"]).splitlines():
        document.add_paragraph(line)
    document.save(str(path))


def _slides(path: Path, entry: Mapping[str, Any]) -> None:
    from pptx import Presentation

    deck: Any = Presentation()
    for page in entry["pages"]:
        title, _, body = page.partition("\n")
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text, slide.placeholders[1].text = title, body
    deck.save(str(path))


def _sheet(path: Path, entry: Mapping[str, Any]) -> None:
    from openpyxl import Workbook

    book: Any = Workbook()
    book.active.title = entry["sheet"]
    for row in entry["rows"]:
        book.active.append([float(cell) if cell.isdecimal() else cell for cell in row])
    book.save(str(path))


def _rows(path: Path, entry: Mapping[str, Any]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(entry["rows"])


def _picture(path: Path, entry: Mapping[str, Any]) -> None:
    from PIL import Image, ImageDraw, ImageFont

    lines = entry["lines"]
    picture = Image.new("RGB", (720, 60 + 44 * len(lines)), "white")
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        draw.text((30, 30 + 44 * number), line, "black", ImageFont.load_default(26))
    picture.save(path)


def _recording(path: Path, entry: Mapping[str, Any]) -> None:
    from assistant.speech import Synthesizer, write_audio

    write_audio(path, Synthesizer("hibari").recording(entry["said"]))


_WRITERS: dict[str, Callable[[Path, Mapping[str, Any]], None]] = {
    ".pdf": _pdf,
    ".docx": _word,
    ".pptx": _slides,
    ".xlsx": _sheet,
    ".csv": _rows,
    ".png": _picture,
    ".wav": _recording,
}
