"""Reads labelled turns from CSV files, checks them row by row, makes intents of them, and encodes them.

Controls are the same turns with a modality lost or exchanged.
"""

from __future__ import annotations

import csv
import random
import sys
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from assistant.encoders.encoder import Encoder
from assistant.encoders.factory import create_encoders
from assistant.encoders.vision import VisionEncoder
from assistant.errors import InputError
from assistant.inputs.audio_file import read_audio
from assistant.inputs.image_file import read_picture
from assistant.plugins.api import Intent
from assistant.settings import Settings
from assistant.speech import SpeechRecognizer
from assistant.terminal.steps import StepProgress, tracked
from assistant.types import MODALITIES, Encoding, Modality

__all__ = [
    "NOBODY",
    "Condition",
    "EncodedTurn",
    "LabelledTurn",
    "conditions",
    "draw_shots",
    "encode_turns",
    "encoders_of",
    "examples_of",
    "intents_of",
    "read_examples",
    "read_rows",
    "read_test",
    "require_known",
]

BATCH = 64
NOBODY = ("", "none", "oos", "out_of_scope")
"""labels of turns that belong to no intent (out-of-scope turns)"""
MOST_WARNINGS = 5


@dataclass(frozen=True)
class LabelledTurn:
    """One labelled turn."""

    text: str
    label: str
    """an intent, or one of `NOBODY`"""
    image: Path | None = None
    audio: Path | None = None
    where: str = ""
    """file and row, for people; the first line of a file is row 1"""
    kind: str = ""
    """sort of turn, where the file has such a column"""

    @property
    def key(self) -> str:
        """The text as the intent model compares it: case and spacing do not count."""
        return " ".join(self.text.casefold().split())


def read_rows(path: Path, root: Path | None = None, *, check_files: bool = True) -> list[LabelledTurn]:
    """Reads a CSV with the columns text and label, and optionally image, audio (paths relative to `root`) and kind.

    Args:
        root: folder of images and audio; the file's own by default.

    Raises:
        InputError: the file cannot be read, or a row cannot be used; names the row.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(_rows(csv.reader(file), path, root or path.parent, check_files))
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} is not a CSV file in UTF-8: {error}") from error
    if not rows:
        raise InputError(f"{path} has no rows")
    return rows


def _rows(lines: Iterator[list[str]], path: Path, folder: Path, check_files: bool) -> Iterator[LabelledTurn]:
    header = [name.strip() for name in next(lines, [])]
    if not {"text", "label"} <= set(header):
        raise InputError(f"{path} needs the columns text and label; it has: {', '.join(header) or 'none'}")
    for number, cells in enumerate(lines, 2):
        where = f"{path}, row {number}"
        if not cells:
            continue  # an empty line
        if len(cells) != len(header):
            raise InputError(f"{where}: it has {len(cells)} columns, but the first line has {len(header)}")
        record = dict(zip(header, (cell.strip() for cell in cells), strict=True))
        files = {kind: folder / record[kind] for kind in ("image", "audio") if record.get(kind)}
        for kind, file in files.items():
            if check_files and not file.is_file():
                raise InputError(f"{where}: there is no {kind} {file}")
        if not record["text"] and not files:
            raise InputError(f"{where}: it has neither text nor image nor audio")
        yield LabelledTurn(record["text"], record["label"], **files, where=where, kind=record.get("kind", ""))


def examples_of(rows: Sequence[LabelledTurn]) -> tuple[list[LabelledTurn], list[str]]:
    """Returns the rows that can teach an intent, each text once, and a line for each row that is left out.

    Raises:
        InputError: none is left.
    """
    kept: dict[str, LabelledTurn] = {}
    warnings: list[str] = []
    for row in rows:
        if row.label in NOBODY:
            continue
        first = kept.setdefault(row.key, row) if row.text else None
        if first is None:
            warnings.append(f"{row.where}: it has no words, so it teaches nothing")
        elif first is not row:
            same, place = first.label == row.label, first.where.rpartition(", ")[2]
            label = "is given twice, first in" if same else f"means {row.label} here but {first.label} in"
            warnings.append(f"{row.where}: {row.text!r} {label} {place}; it is left out here")
    if not kept:
        raise InputError(f"There is no example of any intent in {rows[0].where.rpartition(', ')[0]}")
    return list(kept.values()), warnings


def read_test(test: Path, oos: Path | None, root: Path | None = None) -> list[LabelledTurn]:
    """Reads the turns of both files; those of the second belong to no intent."""
    more = read_rows(oos, root) if oos else []
    return read_rows(test, root) + [replace(row, label="none") for row in more]


def read_examples(train: Path, test: Sequence[LabelledTurn]) -> list[LabelledTurn]:
    """Reads the examples to learn from; says on stderr which are left out, and how many the test holds too."""
    examples, warnings = examples_of(read_rows(train, check_files=False))
    known = {row.key for row in examples}
    if seen := [row for row in test if row.text and row.key in known]:
        warnings.append(f"{seen[0].where}: {len(seen)} of the test's turns are among the examples: the figures flatter")
    more = [f"… and {len(warnings) - MOST_WARNINGS} more"] if len(warnings) > MOST_WARNINGS else []
    for line in warnings[:MOST_WARNINGS] + more:
        print(line, file=sys.stderr)
    return examples


def intents_of(rows: Sequence[LabelledTurn]) -> list[Intent]:
    """Returns an intent per label, with the label's texts as its examples."""
    groups = _by_label([row for row in rows if row.label not in NOBODY and row.text])
    return [Intent(label, lambda: "", label, tuple(row.text for row in group)) for label, group in groups.items()]


def draw_shots(rows: Sequence[LabelledTurn], shots: int, seed: int) -> list[LabelledTurn]:
    """Draws so many rows of each label at random."""
    rng = random.Random(seed)
    return [row for group in _by_label(rows).values() for row in rng.sample(group, min(shots, len(group)))]


def _by_label(rows: Sequence[LabelledTurn]) -> dict[str, list[LabelledTurn]]:
    groups: dict[str, list[LabelledTurn]] = defaultdict(list)
    for row in rows:
        groups[row.label].append(row)
    return groups


def require_known(rows: Sequence[LabelledTurn], intents: Collection[str]) -> None:
    """Checks that every label is an intent or one of `NOBODY`.

    Raises:
        InputError: one is not; names the first such row, and how many more there are.
    """
    strange = [row for row in rows if row.label not in intents and row.label not in NOBODY]
    if strange:
        count = f" ({len(strange)} rows have such labels)" if len(strange) > 1 else ""
        raise InputError(
            f"{strange[0].where}: the label {strange[0].label!r} is no intent that was learned{count};"
            " turns that belong to no intent are labelled none, oos or out_of_scope"
        )


@dataclass(frozen=True, eq=False)
class EncodedTurn:
    """A labelled turn and its encodings."""

    row: LabelledTurn
    encodings: tuple[Encoding, ...]

    @property
    def modalities(self) -> tuple[Modality, ...]:
        """Modalities of its encodings."""
        here = {encoding.modality for encoding in self.encodings}
        return tuple(modality for modality in MODALITIES if modality in here)

    def only(self, *modalities: Modality) -> EncodedTurn:
        """Returns the same turn with nothing but some modalities."""
        return replace(self, encodings=tuple(e for e in self.encodings if e.modality in modalities))

    def without(self, modality: Modality) -> EncodedTurn:
        """Returns the same turn with one modality lost."""
        return self.only(*(other for other in MODALITIES if other != modality))


@dataclass(frozen=True, eq=False)
class Condition:
    """Turns to decide: as they are, or as a control has changed them."""

    name: str
    turns: tuple[EncodedTurn, ...]


def encoders_of(settings: Settings) -> dict[str, Encoder]:
    """The encoders of the settings, by name, and the default picture encoder, which some measures are made for."""
    return {VisionEncoder.name: VisionEncoder()} | {each.name: each for each in create_encoders(settings)}


def encode_turns(
    rows: Sequence[LabelledTurn], encoders: Mapping[str, Encoder], settings: Settings, progress: StepProgress
) -> list[EncodedTurn]:
    """Encodes every row; the encoders of text, which are among those by name, read what was typed and what was said."""
    recognizer = SpeechRecognizer.from_settings(settings)  # it loads at the first recording
    found: list[list[Encoding]] = [[] for _ in rows]
    words: list[tuple[Modality, int, str]] = [("text", index, row.text) for index, row in enumerate(rows) if row.text]
    heard = [(index, row, row.audio) for index, row in enumerate(rows) if row.audio is not None]
    for index, row, path in tracked(progress, "listening", heard):
        with _named(row):
            clip = read_audio(path, settings.speech.max_minutes)
        if text := recognizer.listen(clip)[0].text:
            words.append(("audio", index, text))
    unique = list(dict.fromkeys(text for _, _, text in words))
    for encoder in encoders.values() if words else ():
        if encoder.modality == "text":
            starts = tracked(progress, f"reading ({encoder.name})", range(0, len(unique), BATCH))
            encoded = [each for start in starts for each in encoder.encode(unique[start : start + BATCH])]
            known = dict(zip(unique, encoded, strict=True))
            for modality, index, text in words:
                found[index].append(replace(known[text], modality=modality))
    shown = [(index, row, row.image) for index, row in enumerate(rows) if row.image is not None]
    looking = [encoder for encoder in encoders.values() if encoder.modality == "image"]
    for index, row, path in tracked(progress, "looking", shown):
        with _named(row):
            picture = read_picture(path, settings.vision.max_megapixels)
        found[index] += [encoding for encoder in looking for encoding in encoder.encode([picture])]
    return [EncodedTurn(row, tuple(encodings)) for row, encodings in zip(rows, found, strict=True)]


@contextmanager
def _named(row: LabelledTurn) -> Iterator[None]:
    """Has an error of input say which row it is about."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{row.where}: {error}") from error


def conditions(turns: Sequence[EncodedTurn], name: str, seed: int = 0) -> Iterator[Condition]:
    """The turns as they are, called `name`, then the controls that apply to them; `seed` is that of the exchange.

    Each modality alone is measured on the turns that hold it. Losing and exchanging a modality are measured on
    the complete turns, those that hold several; so a row of their own shows these as they are.
    """
    yield Condition(name, tuple(turns))
    present = [m for m in MODALITIES if any(m in turn.modalities for turn in turns)]
    if len(present) < 2:
        return
    for modality in present:
        holding = [turn for turn in turns if modality in turn.modalities]
        yield Condition(f"{modality} only", tuple(turn.only(modality) for turn in holding))
    complete = [turn for turn in turns if len(turn.modalities) > 1]
    if not complete:
        return
    yield Condition("complete turns", tuple(complete))
    for modality in present:
        holding = [turn for turn in complete if modality in turn.modalities]
        yield Condition(f"{modality} missing", tuple(turn.without(modality) for turn in holding))
        if modality != "text":
            yield Condition(f"{modality} shuffled", tuple(_exchange(holding, modality, seed)))


def _exchange(turns: Sequence[EncodedTurn], modality: Modality, seed: int) -> Iterator[EncodedTurn]:
    """Each turn with another turn's encodings of one modality, of another label as often as possible."""
    for turn, other in zip(turns, _derange([turn.row.label for turn in turns], seed), strict=True):
        theirs = turns[other].only(modality).encodings
        kept = turn.without(modality)
        yield replace(kept, encodings=kept.encodings + theirs)


def _derange(labels: Sequence[str], seed: int) -> list[int]:
    rng = np.random.default_rng(seed)
    order: list[int] = rng.permutation(len(labels)).tolist()
    for _ in range(20):
        for i in [i for i in range(len(labels)) if labels[order[i]] == labels[i]]:
            j = int(rng.integers(len(labels)))
            order[i], order[j] = order[j], order[i]
    return order
