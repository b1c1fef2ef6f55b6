"""Encodes labelled turns, and makes controls of them: the same turns with a modality lost or exchanged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from assistant.encoders.encoder import Encoder
from assistant.encoders.factory import create_encoders
from assistant.encoders.vision import VisionEncoder
from assistant.errors import InputError
from assistant.evaluation.labelled import LabelledTurn
from assistant.inputs.audio_file import read_audio
from assistant.inputs.image_file import read_picture
from assistant.settings import Settings
from assistant.speech import SpeechRecognizer
from assistant.terminal.steps import StepProgress, tracked
from assistant.types import MODALITIES, Encoding, Modality

__all__ = ["Condition", "EncodedTurn", "conditions", "encode_turns", "encoders_of"]

BATCH = 64


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
        """The same turn with nothing but some modalities."""
        return replace(self, encodings=tuple(e for e in self.encodings if e.modality in modalities))

    def without(self, modality: Modality) -> EncodedTurn:
        """The same turn with one modality lost."""
        return self.only(*(other for other in MODALITIES if other != modality))


@dataclass(frozen=True, eq=False)
class Condition:
    """Turns to decide: as they are, or as a control has changed them."""

    name: str
    turns: tuple[EncodedTurn, ...]


# Encoding


def encoders_of(settings: Settings) -> dict[str, Encoder]:
    """The encoders of the settings, by name, and the default picture encoder, which some measures are made for."""
    return {VisionEncoder.name: VisionEncoder()} | {each.name: each for each in create_encoders(settings)}


def encode_turns(
    rows: Sequence[LabelledTurn],
    encoders: Mapping[str, Encoder],
    recognizer: SpeechRecognizer,
    settings: Settings,
    progress: StepProgress,
) -> list[EncodedTurn]:
    """Encode every row.

    Args:
        encoders: by name; those of text read what was typed and what was said.
        recognizer: writes down recordings; loads at the first of them.
    """
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


# Controls


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
        theirs = tuple(e for e in turns[other].encodings if e.modality == modality)
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
