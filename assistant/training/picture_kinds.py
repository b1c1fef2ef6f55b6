"""Fits detectors of picture kinds: which of a few kinds a picture is, or everyday.

A user's folder of photographs has one sub-folder for each kind, and perhaps one of other pictures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.encoders.encoder import Encoder
from assistant.encoders.text import BertEncoder
from assistant.encoders.vision import VisionEncoder
from assistant.errors import ImageError, InputError
from assistant.fusion.picture_kinds import CLIP, KindDetector, PictureKind, roots, write_detector
from assistant.fusion.shipped import load_weights
from assistant.inputs.image_file import read_picture
from assistant.intents.logistic import fit_logistic
from assistant.settings import Settings
from assistant.terminal.report import Report, Row, percent
from assistant.terminal.steps import StepProgress
from assistant.types import FloatArray, Picture

__all__ = [
    "EVERYDAY",
    "OTHER",
    "PictureFolder",
    "Samples",
    "everyday_samples",
    "fit_detector",
    "fit_folder",
    "read_folder",
    "train_pictures",
]

EVERYDAY = ("photo", "drawing", "page", "scene")
"""the classes of everyday pictures: photographs, drawings, pages of text, textures"""
EVERYDAY_WEIGHTS = Path(__file__).parent / "weights"
"""folder of ``everyday.safetensors``: some everyday pictures as vectors, for users' own detectors"""
STRENGTH, PLAIN_STRENGTH = 0.3, 0.1
"""C of the logistic regressions on vectors, and on plain numbers"""
SHARPNESS = 1 / 0.6
"""the strong penalty leaves the detectors too unsure; found on drawings held against real pictures"""
WEIGHTS = {"drawing": 0.5}
"""how much a class counts against the others; 1 where it is not named"""
SCALE = np.float32(6.0)
"""length of the vectors while the regression is fitted, so that its penalty bites as on a handful of features"""
OTHER = "other"
"""sub-folder of pictures that belong to no kind"""
PHRASES = "phrases.txt"
"""file in a sub-folder with the kind's phrases, one a line"""
LEAST = 2
"""pictures of a kind"""
FOLDS = 5
BATCH = 8
SHOWN = 5
"""skipped files that are named"""


@dataclass(frozen=True, eq=False)
class PictureFolder:
    """The pictures of a folder as vectors."""

    kinds: tuple[PictureKind, ...]
    vectors: Mapping[str, FloatArray]
    """kind or `OTHER` → (n, 1280)"""
    skipped: tuple[str, ...]
    """a line for each file that is not a readable picture"""


def train_pictures(settings: Settings, progress: StepProgress, folder: Path, out: Path, seed: int) -> Report:
    """Fits a detector to a folder's pictures and writes it; names the pictures that were skipped."""
    found = read_folder(folder, VisionEncoder(), progress)
    detector, report = fit_folder(found, BertEncoder(), seed)
    write_detector(out, detector)
    notes = [f"{kind.name}: looks_like {', '.join(map(repr, kind.phrases))}" for kind in detector.kinds]
    if found.skipped:
        notes = [f"Skipped, as not readable as pictures: {len(found.skipped)}", *found.skipped[:SHOWN], *notes]
    return replace(report, notes=[*notes, f"Written: {out} ({out.stat().st_size / 1e3:.0f} kB)"])


def read_folder(folder: Path, vision: Encoder, progress: StepProgress) -> PictureFolder:
    """Read and encode the pictures of a folder; other files are skipped.

    Args:
        folder: with a sub-folder for each kind, named after it, and optionally one named `OTHER`. A file
            `PHRASES` in a sub-folder holds the kind's phrases; without it they are made from its name.
        vision: the encoder `assistant.fusion.picture_kinds.ENCODER`.

    Raises:
        InputError: the folder has no sub-folders, or a kind has fewer than two readable pictures.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder")
    folders = {path.name: path for path in sorted(folder.iterdir()) if path.is_dir() and path.name[0] != "."}
    if not folders.keys() - {OTHER}:
        raise InputError(f"{folder} has no sub-folder of a kind: make one for each kind of picture, named after it")
    files = {name: _files(path) for name, path in folders.items()}
    total, done, skipped = sum(map(len, files.values())), 0, list[str]()
    vectors: dict[str, FloatArray] = {}
    for name, paths in files.items():
        rows: list[FloatArray] = []
        for start in range(0, len(paths), BATCH):
            rows += _encode(paths[start : start + BATCH], vision, skipped)
            done += len(paths[start : start + BATCH])
            progress("looking at the pictures", done, total)
        if name != OTHER and len(rows) < LEAST:
            raise InputError(f"{folders[name]} holds too few readable pictures: {len(rows)}; a kind needs {LEAST}")
        if rows:
            vectors[name] = roots(np.stack(rows))
    kinds = tuple(PictureKind(name, _phrases(path)) for name, path in folders.items() if name != OTHER)
    return PictureFolder(kinds, vectors, tuple(skipped))


def fit_folder(pictures: PictureFolder, text: Encoder, seed: int = 0) -> tuple[KindDetector, Report]:
    """Fits a detector to a folder's pictures and to everyday pictures, and cross-validates it.

    `text` is the encoder `assistant.fusion.projection.ANCHOR`, which reads the phrases.
    """
    # No second view: the everyday pictures are drawn or synthetic, so plain numbers would tell cameras, not kinds.
    rows = {**pictures.vectors, **everyday_samples().vectors}
    phrases = [np.stack([found.pooled for found in text.encode(kind.phrases)]) for kind in pictures.kinds]
    phrases = [group / np.linalg.norm(group, axis=1, keepdims=True) for group in phrases]
    report = _cross_validate(pictures.kinds, rows, phrases, seed)
    return fit_detector(pictures.kinds, Samples(rows), phrases), report


def _cross_validate(
    kinds: Sequence[PictureKind], rows: Mapping[str, FloatArray], phrases: Sequence[FloatArray], seed: int
) -> Report:
    folds = min(FOLDS, *(len(rows[kind.name]) for kind in kinds))
    rng = np.random.default_rng(seed)
    fold_of = {name: rng.permutation(len(part)) % folds for name, part in rows.items()}
    taken_for = {name: np.zeros(len(part), np.int64) for name, part in rows.items()}  # the kind's number; -1: none
    for fold in range(folds):
        learnt = {name: part[fold_of[name] != fold] for name, part in rows.items()}
        detector = fit_detector(kinds, Samples({name: part for name, part in learnt.items() if len(part)}), phrases)
        for name, part in rows.items():
            held = fold_of[name] == fold
            odds = detector.log_odds_of_roots(part[held])
            taken_for[name][held] = np.where(odds.max(axis=1) > 0, odds.argmax(axis=1), -1)
    everyday = np.concatenate([found for name, found in taken_for.items() if name not in {k.name for k in kinds}])
    figures: list[Row] = []
    for index, kind in enumerate(kinds):
        name, own = f"{kind.name} ({len(rows[kind.name])})", taken_for[kind.name]
        figures.append(percent(f"{name}: recognized", float((own == index).mean())))
        figures.append(percent(f"{name}: everyday pictures taken for it", float((everyday == index).mean())))
    return Report("train pictures", f"held out in {folds} folds, beside {len(everyday)} everyday pictures", figures)


def _encode(paths: Sequence[Path], vision: Encoder, skipped: list[str]) -> list[FloatArray]:
    read: list[Picture] = []
    for path in paths:
        try:
            read.append(read_picture(path))
        except ImageError as error:
            skipped.append(str(error))
    return [encoding.pooled for encoding in vision.encode(read)] if read else []


def _files(folder: Path) -> list[Path]:
    files = (path for path in folder.iterdir() if path.is_file() and path.name[0] != ".")
    return sorted(path for path in files if path.name != PHRASES)


def _phrases(folder: Path) -> tuple[str, ...]:
    """The phrases of a kind; by default its folder's name, plain and as a picture."""
    file = folder / PHRASES
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    words = " ".join(folder.name.replace("_", " ").replace("-", " ").split())
    return tuple(line.strip() for line in lines if line.strip()) or (words, f"a picture of {words}")


@dataclass(frozen=True, eq=False)
class Samples:
    """Pictures by class: kinds, and classes of everyday pictures."""

    vectors: Mapping[str, FloatArray]
    """class → (n, 1280), see `assistant.fusion.picture_kinds.roots`"""
    statistics: Mapping[str, FloatArray] = field(default_factory=dict)
    """class → (n, 30) plain numbers, for a second view; a class may be missing, {} for no second view"""


def fit_detector(kinds: Sequence[PictureKind], samples: Samples, phrases: Sequence[FloatArray]) -> KindDetector:
    """Fit a detector.

    Args:
        samples: pictures of every kind, and of at least one other class, which is everyday.
        phrases: per kind (m, 384), its phrases in the shared space, unit length.
    """
    weights = _fit(_kinds_first(kinds, samples.vectors), STRENGTH, SCALE) * SHARPNESS
    arrays = {
        "kind.weight": weights[:-1].T * SCALE,
        "kind.bias": weights[-1],
        "phrase.vectors": np.concatenate(phrases),
        "phrase.kind": np.repeat(np.arange(len(phrases)), [len(part) for part in phrases]).astype(np.float32),
    }
    if samples.statistics:
        arrays |= _second_view(_kinds_first(kinds, samples.statistics))
    return KindDetector(tuple(kinds), arrays)


def everyday_samples() -> Samples:
    """Some everyday pictures that come with the package, as vectors."""
    return Samples(load_weights("everyday", EVERYDAY_WEIGHTS))


def _kinds_first(kinds: Sequence[PictureKind], rows: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    return {kind.name: rows[kind.name] for kind in kinds} | dict(rows)


def _second_view(numbers: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    rows = np.concatenate(list(numbers.values()))
    middle, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-3
    scaled = {name: np.clip((part - middle) / spread, -CLIP, CLIP) for name, part in numbers.items()}
    weights = _fit(scaled, PLAIN_STRENGTH, np.float32(1.0))
    return {
        "statistics.weight": weights[:-1].T,
        "statistics.bias": weights[-1],
        "statistics.middle": middle,
        "statistics.spread": spread,
    }


def _fit(rows: Mapping[str, FloatArray], strength: float, scale: np.float32) -> FloatArray:
    """Weights (d + 1, classes), every class counting as `WEIGHTS` says however many rows it has."""
    y: NDArray[np.int64] = np.repeat(np.arange(len(rows)), [len(part) for part in rows.values()])
    per_row = np.array([WEIGHTS.get(name, 1.0) / len(part) for name, part in rows.items()])[y]
    counts = (per_row / per_row.mean()).astype(np.float32)
    x = np.concatenate(list(rows.values())).astype(np.float32) * scale
    return fit_logistic(x, y, len(rows), strength, row_weights=counts, iterations=300)
