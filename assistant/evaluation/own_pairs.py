"""Fits attention fusion to a user's own turns of words and a picture, and measures it on turns kept aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from assistant.encoders.factory import create_encoders
from assistant.errors import InputError
from assistant.evaluation.encoded_turns import encode_turns
from assistant.evaluation.intents import plugin_intents
from assistant.evaluation.labelled import NOBODY, read_rows, require_known
from assistant.fusion.attention import AttentionFusion
from assistant.fusion.shipped import load_weights, save_weights
from assistant.fusion.strategy import FusionInput, FusionOutput
from assistant.intents import IntentModel
from assistant.settings import Settings, data_dir
from assistant.speech import SpeechRecognizer
from assistant.terminal.report import Report, Row, percent
from assistant.terminal.steps import StepProgress
from assistant.training.adapting import adapt
from assistant.training.episodes import Episode
from assistant.training.learning import collate, predict
from assistant.types import Encoding, FloatArray

__all__ = ["fit_episodes", "train_fusion"]

FEWEST = 40
"""turns that hold words and a picture which both say something"""
PART = 5
"""one of so many turns is kept aside for the figures, and one more says when to stop"""


class _Recorder:
    """Attention fusion that remembers its last input."""

    name = "attention"

    def __init__(self) -> None:
        self._inner = AttentionFusion()
        self._seen: FusionInput | None = None

    def fuse(self, evidence: FusionInput) -> FusionOutput:
        self._seen = evidence
        return self._inner.fuse(evidence)

    def input_of(self, model: IntentModel, encodings: Sequence[Encoding]) -> FusionInput | None:
        """The input that the model makes of a turn, or None where nothing is to be joined."""
        self._seen = None
        model.decide(encodings)
        return self._seen


def train_fusion(
    settings: Settings, progress: StepProgress, pairs: Path, data_root: Path | None, seed: int, out: Path | None
) -> Report:
    """Fits to the user's own turns that hold words, a picture and the intent that is meant.

    The weights are written to `out`, or to the user's data folder unless they decide the turns kept aside worse.
    """
    rows = read_rows(pairs, data_root)
    intents = plugin_intents(settings)
    require_known(rows, {intent.name for intent in intents})
    encoders = {encoder.name: encoder for encoder in create_encoders(settings)}
    recorder = _Recorder()
    model = IntentModel(encoders, recorder, settings, keep=False)
    model.fit(intents)
    episodes = []
    turns = [row for row in rows if row.label not in NOBODY]
    for turn in encode_turns(turns, encoders, SpeechRecognizer.from_settings(settings), settings, progress):
        seen = recorder.input_of(model, turn.encodings)
        if seen is not None and seen.present.sum() > 1:
            episodes.append(Episode(seen, model.intents.index(turn.row.label), "pair"))
    figures, weights = fit_episodes(episodes, seed)
    before, after = (row.value for row in figures)
    folder = out or data_dir() / "fusion"
    note = f"Written to {folder}; delete attention.safetensors there to go back."
    if out is None and after < before:
        note = "Nothing is installed: it would decide worse than before."
    else:
        save_weights("attention", weights, folder)
    data = f"{len(episodes)} of {len(rows)} turns hold words and a picture that both count"
    return Report("train fusion", data, figures, [note])


def fit_episodes(episodes: Sequence[Episode], seed: int) -> tuple[list[Row], dict[str, FloatArray]]:
    """Fits attention fusion, going on from the shipped weights."""
    if len(episodes) < FEWEST:
        raise InputError(
            f"Fitting needs {FEWEST} turns whose words and picture both say something, not {len(episodes)}"
        )
    order = np.random.default_rng(seed).permutation(len(episodes)).tolist()
    held = [episodes[index] for index in order[::PART]]
    rest = [episodes[index] for place, index in enumerate(order) if place % PART]
    aside = torch.arange(0, len(rest), PART)
    learnt = torch.from_numpy(np.setdiff1d(np.arange(len(rest)), aside.numpy()))
    trust = {"trust": load_weights("late")["trust"]}
    fixed = {key: torch.from_numpy(value.copy()) for key, value in trust.items()}
    fitted = adapt("attention", collate(rest), learnt, aside, seed, fixed)
    weights = {key: value.numpy() for key, value in fitted.items() if key not in trust}
    rows = [
        percent("kept aside, before", _accuracy(load_weights("attention") | trust, held)),
        percent("kept aside, after", _accuracy(weights | trust, held)),
    ]
    return rows, weights


def _accuracy(weights: Mapping[str, FloatArray], episodes: Sequence[Episode]) -> float:
    labels = np.array([episode.label for episode in episodes])
    return float((predict("attention", weights, episodes) == labels).mean())
