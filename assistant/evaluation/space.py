"""Measures whether sentences, pictures and spoken clips meet in the shared space.

Photographs and texts that nothing was trained on are looked for among 200. Beside the shipped map stands a map
trained on photographs of the same set: how much better the space would be if such data could be used. Sentences are
spoken by voices that nothing was trained on; no transcript is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from assistant.encoders.encoder import Encoder
from assistant.evaluation.labelled import encoders_of
from assistant.fusion.projection import ANCHOR, SharedSpace, unit
from assistant.settings import Settings, cache_dir
from assistant.speech import SpeechRecognizer
from assistant.terminal.report import Report, Row
from assistant.terminal.steps import StepProgress
from assistant.training.alignment import recall_rows, ridge
from assistant.training.data import data_folder, read_captions, read_table
from assistant.training.features import FeatureStore, open_pictures
from assistant.training.spoken import STRANGERS, hear
from assistant.types import Encoding, FloatArray

__all__ = ["evaluate_space"]

VISION = "efficientnet-lite0"
ITEMS = 200
"""photographs and requests looked for; photographs are the last in alphabetical order, others may be trained on"""
CAPTIONS = 5
"""of each photograph"""
OWN_PENALTY = 1.0
"""of the map trained on the set itself, chosen by cross-validation on the photographs that are not looked for"""
VOICES = dict(zip(("neural voice", "espeak-ng"), STRANGERS, strict=True))


def evaluate_space(settings: Settings, progress: StepProgress, seed: int) -> Report:
    """Looks for photographs by their captions, and for texts and photographs by speech."""
    encoders, recognizer = encoders_of(settings), SpeechRecognizer(language="en")
    work = cache_dir() / "evaluation"
    requests = [row["text"] for row in read_table(data_folder("text_clinc150") / "test.csv")]
    requests = [requests[index] for index in np.random.default_rng(seed).permutation(len(requests))[:ITEMS]]
    texts, pooled, captions = _photographs(encoders, work, progress)
    space = SharedSpace()
    shipped = space.project_pooled(VISION, pooled)
    rows = list(_captions(captions, shipped, _trained_here(pooled, captions), seed))
    first = [group[0] for group in texts[-ITEMS:]]
    read = space.project(ANCHOR, np.stack([each.pooled for each in encoders[ANCHOR].encode(requests)]))
    for name, lines, items in (("request → text", requests, read), ("caption → photograph", first, shipped)):
        for voice, who in VOICES.items():
            step = f"{name}, {voice}"
            heard = hear(lines, [who], recognizer, work / "spoken", step, progress)
            whole = [Encoding("audio", "whisper", h, np.ones(len(h), np.bool_), h.mean(axis=0)) for h in heard]
            rows += recall_rows(f"{step}, no transcript", _place(whole), items[-ITEMS:])
    rows += _own_spaces(encoders, texts)
    return Report("evaluate space", f"{len(texts)} photographs, {ITEMS} looked for, {ITEMS} requests", rows)


def _photographs(
    encoders: Mapping[str, Encoder], work: Path, progress: StepProgress
) -> tuple[list[list[str]], FloatArray, FloatArray]:
    """Captions, vectors (n, 1280), and vectors of the captions (n, 5, 384), unit length."""
    folder, said = read_captions()
    store = FeatureStore(work, encoders, progress)
    seen = store.pictures("photographs", len(said), lambda: open_pictures(folder / name for name in said))
    texts = [captions[:CAPTIONS] for captions in said.values()]
    vectors = store.sentences(ANCHOR, "photograph-captions", [text for group in texts for text in group])
    return texts, seen.pooled, vectors.reshape(len(said), CAPTIONS, -1)


def _trained_here(pooled: FloatArray, captions: FloatArray) -> FloatArray:
    """All photographs (n, 384) through a map trained on those that are not looked for."""
    rows, aims = unit(np.sqrt(pooled)), unit(captions.mean(axis=1))
    weight, bias = ridge(rows[:-ITEMS], aims[:-ITEMS], OWN_PENALTY)
    placed: FloatArray = rows @ weight.T + bias - aims[:-ITEMS].mean(axis=0)
    return placed


def _captions(captions: FloatArray, shipped: FloatArray, own: FloatArray, seed: int) -> Iterator[Row]:
    """Every caption looks for its photograph among the last `ITEMS`."""
    said = captions[-ITEMS:].reshape(-1, captions.shape[-1])
    owner = np.repeat(np.arange(ITEMS), CAPTIONS).tolist()
    maps = {"shipped map": shipped[-ITEMS:], "map trained on this set": own[-ITEMS:]}
    maps["shuffled (chance)"] = np.random.default_rng(seed).permutation(shipped[-ITEMS:])
    for name, pictures in maps.items():
        yield from recall_rows(f"caption → photograph, {name}", said, pictures, owner)


def _own_spaces(encoders: Mapping[str, Encoder], texts: Sequence[Sequence[str]]) -> Iterator[Row]:
    """The same captions and photographs in the space of each picture encoder that can read, such as a CLIP."""
    folder, said = read_captions()
    files = [*said][-ITEMS:]
    owner = np.repeat(np.arange(len(files)), [len(group) for group in texts[-ITEMS:]]).tolist()
    for encoder in (getattr(each, "inner", each) for each in encoders.values()):
        if (reader := getattr(encoder, "reader", lambda: None)()) is not None:
            seen = np.stack([each.pooled for each in encoder.encode(list(open_pictures(folder / f for f in files)))])
            read = reader([text for group in texts[-ITEMS:] for text in group])
            yield from recall_rows(f"caption → photograph, {encoder.name}'s own space", read, seen, owner)


def _place(heard: Sequence[Encoding]) -> FloatArray:
    space = SharedSpace()
    placed = [space.place(encoding) for encoding in heard]
    missing = np.zeros(space.dimension, np.float32)
    return np.stack([missing if row is None else row for row in placed])
