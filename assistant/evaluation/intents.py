"""How well turns are decided: accuracy, calibration and knowing one's limits, with every control beside it."""

from __future__ import annotations

import csv
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from assistant.contracts import Encoder, Intent
from assistant.encoders import create_encoders
from assistant.errors import InputError, SettingsError
from assistant.evaluation.metrics import area_under_roc, calibration_error, macro_f1, recall_at_retention
from assistant.fusion import STRATEGIES, create_fusion
from assistant.inputs.audio_file import read_audio
from assistant.inputs.image_file import read_picture
from assistant.intents import FitReport, IntentModel
from assistant.messages import MODALITIES, Decision, Encoding, Modality
from assistant.settings import Settings
from assistant.speech import SpeechRecognizer

__all__ = ["NOBODY", "Figures", "Row", "draw_shots", "evaluate_intents", "intents_of", "read_rows"]

NOBODY = ("", "none", "oos", "out_of_scope")
"""labels of turns that belong to no intent"""


@dataclass(frozen=True)
class Row:
    """One labelled turn."""

    text: str
    label: str
    """an intent, or one of `NOBODY`"""
    image: Path | None = None
    audio: Path | None = None


@dataclass(frozen=True)
class Figures:
    """What came out; shares are 0 to 1, nan where there was nothing to measure."""

    name: str
    """which modalities or control"""
    turns: int
    accuracy: float
    """of turns that belong to an intent: the best intent is the right one"""
    macro_f1: float
    decided_rightly: float
    """of all turns: right intent and not refused, or refused when it is nobody's"""
    ece_before: float
    """calibration error of the logistic regression as it is"""
    ece: float
    """calibration error after the cross-validated temperature"""
    oos_auroc: float
    oos_recall: float
    """of out-of-scope turns at 95 % of the others kept"""
    accuracy_at_threshold: float
    """of turns that belong to an intent: let through by the model's own threshold, and right"""
    recall_at_threshold: float
    """of out-of-scope turns by the model's own threshold"""
    coverage: float
    """the right intent is in the conformal set"""
    set_size: float
    """mean size of the conformal set"""
    decide_ms: float
    """median milliseconds of the decision, encoding not counted"""

    def to_json(self) -> dict[str, Any]:
        """Rounded, nan as null."""
        values = asdict(self).items()
        return {k: (None if v != v else round(v, 4)) if isinstance(v, float) else v for k, v in values}


def read_rows(path: Path, root: Path | None = None) -> list[Row]:
    """Read a CSV with the columns text and label, and maybe image and audio (paths relative to `root`).

    Raises:
        InputError: the file cannot be read, or a row cannot be used; names the row.
    """
    folder = root or path.parent
    rows: list[Row] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            if not {"text", "label"} <= set(table.fieldnames or ()):
                raise InputError(
                    f"{path} needs the columns text and label; it has: {', '.join(table.fieldnames or ['none'])}"
                )
            for number, record in enumerate(table, 2):
                rows.append(_row(record, folder, f"{path}, row {number}"))
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} is not a CSV file in UTF-8: {error}") from error
    if not rows:
        raise InputError(f"{path} has no rows")
    return rows


def _row(record: Mapping[str, Any], folder: Path, where: str) -> Row:
    if None in record or any(value is None for value in record.values()):
        raise InputError(f"{where}: it has another number of columns than the first line")
    files = {kind: folder / record[kind].strip() for kind in ("image", "audio") if record.get(kind, "").strip()}
    for kind, file in files.items():
        if not file.is_file():
            raise InputError(f"{where}: there is no {kind} {file}")
    if not record["text"].strip() and not files:
        raise InputError(f"{where}: it has neither text nor image nor audio")
    return Row(record["text"].strip(), record["label"].strip(), files.get("image"), files.get("audio"))


def intents_of(rows: Sequence[Row]) -> list[Intent]:
    """An intent per label, with the label's texts as its examples."""
    texts: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.label not in NOBODY and row.text:
            texts[row.label].append(row.text)
    return [Intent(label, lambda: "", label, tuple(examples)) for label, examples in texts.items()]


def draw_shots(rows: Sequence[Row], shots: int, seed: int) -> list[Row]:
    """So many rows of each label, drawn at random."""
    by_label: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_label[row.label].append(row)
    rng = random.Random(seed)
    return [row for group in by_label.values() for row in rng.sample(group, min(shots, len(group)))]


def evaluate_intents(
    intents: Sequence[Intent], test: Sequence[Row], settings: Settings, fusion: str = "attention"
) -> tuple[FitReport, list[Figures]]:
    """Fit to the intents and decide every row; controls follow when rows have pictures or recordings.

    Args:
        intents: what may be meant.
        test: labelled turns, those of `NOBODY` included.
        settings: as the assistant runs.
        fusion: a strategy, or the one modality that is looked at.

    Raises:
        SettingsError: there is no such fusion.
        InputError: a label of the test rows is no intent, or a file cannot be read.
        ModelUnavailable: weights are missing.
    """
    known = {intent.name for intent in intents}
    if strange := next((row.label for row in test if row.label not in known and row.label not in NOBODY), None):
        raise InputError(f"The label {strange!r} is no intent; those of nobody are called none, oos or out_of_scope")
    only = [m for m in MODALITIES if m == fusion]
    strategy = create_fusion("attention" if only else fusion)
    if strategy is None:
        raise SettingsError(f"There is no fusion {fusion!r}; choose {', '.join((*STRATEGIES, *MODALITIES))}")
    encoders = {encoder.name: encoder for encoder in create_encoders(settings)}
    model = IntentModel(encoders, strategy, settings)
    report = model.fit(intents)
    turns = _encode(test, encoders, settings)
    if only:
        return report, [_measure(f"{fusion} only", model, test, _keep(turns, only))]
    figures = [_measure(fusion, model, test, turns)]
    present = [m for m in MODALITIES if any(e.modality == m for turn in turns for e in turn)]
    if len(present) > 1:
        figures += [_measure(f"{m} only", model, test, _keep(turns, [m])) for m in present]
        figures += [_measure(f"{m} shuffled", model, test, _shuffle(turns, m)) for m in present if m != "text"]
    return report, figures


def _encode(rows: Sequence[Row], encoders: Mapping[str, Encoder], settings: Settings) -> list[list[Encoding]]:
    turns: list[list[Encoding]] = [[] for _ in rows]
    spoken = _transcribe(rows, settings)
    for encoder in encoders.values():
        if encoder.modality == "text":
            for modality, texts in (
                ("text", {i: row.text for i, row in enumerate(rows) if row.text}),
                ("audio", spoken),
            ):
                for index, encoding in zip(texts, encoder.encode(list(texts.values())) if texts else [], strict=True):
                    turns[index].append(replace(encoding, modality=modality))  # type: ignore[arg-type]
        elif encoder.modality == "image":
            for index, row in enumerate(rows):
                if row.image is not None:
                    turns[index] += encoder.encode([read_picture(row.image, settings.vision.max_megapixels)])
    return turns


def _transcribe(rows: Sequence[Row], settings: Settings) -> dict[int, str]:
    heard = {index: row.audio for index, row in enumerate(rows) if row.audio is not None}
    if not heard:
        return {}
    recognizer = SpeechRecognizer.from_settings(settings)
    texts = {
        index: recognizer.listen(read_audio(path, settings.speech.max_minutes))[0].text for index, path in heard.items()
    }
    return {index: text for index, text in texts.items() if text}


def _keep(turns: Sequence[Sequence[Encoding]], modalities: Sequence[Modality]) -> list[list[Encoding]]:
    return [[encoding for encoding in turn if encoding.modality in modalities] for turn in turns]


def _shuffle(turns: Sequence[Sequence[Encoding]], modality: Modality) -> list[list[Encoding]]:
    """Each turn's own evidence of one modality changed for another turn's."""
    places = [index for index, turn in enumerate(turns) if any(e.modality == modality for e in turn)]
    order = places.copy()
    random.Random(0).shuffle(order)
    others = {a: [e for e in turns[b] if e.modality == modality] for a, b in zip(places, order, strict=True)}
    return [[*(e for e in turn if e.modality != modality), *others.get(i, [])] for i, turn in enumerate(turns)]


def _measure(name: str, model: IntentModel, rows: Sequence[Row], turns: Sequence[Sequence[Encoding]]) -> Figures:
    decisions, times = [], []
    for turn in turns:
        began = time.perf_counter()
        decisions.append(model.decide(turn))
        times.append(1000.0 * (time.perf_counter() - began))
    ours = np.array([row.label not in NOBODY for row in rows])
    kept = np.array([1.0 - decision.out_of_scope for decision in decisions])
    best = [decision.candidates[0].intent if decision.candidates else "" for decision in decisions]
    right = np.array([row.label == intent for row, intent in zip(rows, best, strict=True)])
    through = np.array([_answers(decision) for decision in decisions])
    sure = np.array([_sure(decision) for decision in decisions])
    words = _words(model, rows, turns)
    return Figures(
        name=name,
        turns=len(rows),
        accuracy=_mean(right[ours]),
        macro_f1=macro_f1(*_pairs(rows, best)),
        decided_rightly=_mean(np.where(ours, right & through, ~through)),
        ece_before=words.get("ece_before", float("nan")),
        ece=calibration_error(sure[ours], right[ours]),
        oos_auroc=area_under_roc(kept[ours], kept[~ours]),
        oos_recall=recall_at_retention(kept[ours], kept[~ours]),
        accuracy_at_threshold=_mean((right & through)[ours]),
        recall_at_threshold=_mean(~through[~ours]),
        coverage=words.get("coverage", float("nan")),
        set_size=words.get("set_size", float("nan")),
        decide_ms=statistics.median(times),
    )


def _words(model: IntentModel, rows: Sequence[Row], turns: Sequence[Sequence[Encoding]]) -> dict[str, float]:
    """What the words alone say: calibration without a temperature, and conformal sets."""
    raw, hits, covered, sizes = [], [], [], []
    for row, turn in zip(rows, turns, strict=True):
        reading, head = model.read(turn), model.head_of(turn)
        if reading is None or head is None or row.label in NOBODY or any(e.modality != "text" for e in turn):
            continue
        logs = reading.log_probs * head.temperature
        raw.append(float(np.exp(logs.max() - np.logaddexp.reduce(logs))))
        true = model.intents.index(row.label)
        probabilities = np.exp(reading.log_probs)
        hits.append(int(np.argmax(logs)) == true)
        options = probabilities >= min(head.floor, float(probabilities.max()))
        covered.append(bool(options[true]))
        sizes.append(int(options.sum()))
    if not raw:
        return {}
    before = calibration_error(np.array(raw), np.array(hits))
    return {"ece_before": before, "coverage": statistics.fmean(covered), "set_size": statistics.fmean(sizes)}


def _answers(decision: Decision) -> bool:
    return decision.outcome == "answer" or len(decision.options) > 1


def _sure(decision: Decision) -> float:
    """Confidence in the best intent, given that it is any."""
    return decision.candidates[0].confidence / max(1.0 - decision.out_of_scope, 1e-9) if decision.candidates else 0.0


def _pairs(rows: Sequence[Row], best: Sequence[str]) -> tuple[list[str], list[str]]:
    pairs = [(row.label, intent) for row, intent in zip(rows, best, strict=True) if row.label not in NOBODY]
    return [truth for truth, _ in pairs], [intent for _, intent in pairs]


def _mean(values: np.ndarray[Any, Any]) -> float:
    return float(values.mean()) if len(values) else float("nan")
