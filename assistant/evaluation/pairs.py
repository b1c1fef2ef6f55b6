"""Measures words with a real picture on the plugins' intents, against either alone and with another turn's picture.

Two sets: turns that mean an intent (``pairs_intents``), and photographs of everyday things under words that only
point (``img_imagenet1000``, ``img_coco_qa``), which belong to no intent and should lead to a question. Attention
fusion is also fitted to a user's own turns of words and a picture, and measured on turns kept aside.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from assistant.encoders.encoder import Encoder
from assistant.encoders.factory import create_encoders
from assistant.errors import InputError
from assistant.evaluation.intents import create_model
from assistant.evaluation.labelled import (
    NOBODY,
    EncodedTurn,
    LabelledTurn,
    conditions,
    encode_turns,
    read_rows,
    require_known,
)
from assistant.evaluation.metrics import compared
from assistant.fusion.attention import AttentionFusion
from assistant.fusion.factory import STRATEGIES
from assistant.fusion.shipped import load_weights, save_weights
from assistant.fusion.strategy import FusionInput, FusionOutput
from assistant.intents import IntentModel
from assistant.settings import Settings, data_dir
from assistant.terminal.plugin_commands import load_plugins
from assistant.terminal.report import Report, Row, percent
from assistant.terminal.steps import StepProgress
from assistant.training.data import data_folder, read_table
from assistant.training.episodes import Episode
from assistant.training.learning import adapt, collate, predict
from assistant.types import Decision, FloatArray

__all__ = ["evaluate_pairs", "fit_episodes", "is_right", "train_fusion"]

FEWEST = 40
"""turns that hold words and a picture which both say something"""
PART = 5
"""one of so many turns is kept aside for the figures, and one more says when to stop"""
AMBIGUOUS = "ambiguous_text"
"""kind of turns whose words only point"""
MOST_ANSWERED = {"img_imagenet1000": 2.5, "img_coco_qa": 5}
"""folder of everyday photographs → goal: per cent answered by a domain"""
POINTING = (
    *("so, what do we have here", "mind having a quick look", "this is the thing", "I wonder about this"),
    *("well, here it is", "could you tell me more about that one", "look what I found", "your thoughts, please"),
)
"""words that only point; none of them is among the sentences that anything was trained on"""
UNSEEN = "pointing.txt"
"""more of them, to show with labelled pictures"""
EACH = 2
"""of them for every such picture"""
SHOWN = {
    "together": "together",
    "image missing": "words only",
    "text missing": "picture only",
    "image shuffled": "shuffled pictures",
}
"""condition → its name in the report"""


def evaluate_pairs(settings: Settings, progress: StepProgress, fusion: str = "attention", seed: int = 0) -> Report:
    """Decides every pair together, by words alone, by its picture alone, and with another turn's picture."""
    rows = read_rows(data_folder("pairs_intents") / "pairs.csv", data_folder("."))
    everyday = {name: list(_everyday(name)) for name in MOST_ANSWERED}
    encoders = {encoder.name: encoder for encoder in create_encoders(settings)}
    model = create_model(fusion, encoders, settings)
    model.fit(load_plugins(settings).intents)
    turns = encode_turns(rows, encoders, settings, progress)
    figures = [*_pairs(model, turns, seed), *_pointing(model, turns, encoders, seed), *_strategies(model, turns, seed)]
    for name, shown in everyday.items():
        encoded = encode_turns(shown, encoders, settings, progress)
        ends = Counter(model.decide(turn.encodings).outcome for turn in encoded)
        answered, asked = ends["answer"] / len(shown), ends["clarify"] / len(shown)
        metric = f"pointing words, {name}"
        figures.append(percent(f"{metric}: answered by a domain", answered, at_most=MOST_ANSWERED[name]))
        figures.append(percent(f"{metric}: asked which is meant", asked))
    data = f"{len(rows)} pairs, {sum(map(len, everyday.values()))} everyday photographs; {fusion}"
    return Report("evaluate pairs", data, figures)


def _pairs(model: IntentModel, turns: Sequence[EncodedTurn], seed: int) -> Iterator[Row]:
    for condition in conditions(turns, "together", seed):
        if condition.name not in SHOWN:
            continue
        found: dict[str, list[bool]] = defaultdict(list)
        labels: dict[str, list[bool]] = defaultdict(list)
        for turn in condition.turns:
            row = turn.row
            right = is_right(model.decide(turn.encodings), row.label)
            found[row.kind + (", out of scope" if row.label in NOBODY else "")].append(right)
            if condition.name == "together" and row.kind == AMBIGUOUS:
                labels[row.label].append(right)
        for kind, rights in sorted(found.items()):
            yield percent(f"{SHOWN[condition.name]}: {kind} ({len(rights)})", float(np.mean(rights)))
        for label, rights in sorted(labels.items()):
            yield percent(f"pointing words with a picture: {label} ({len(rights)})", float(np.mean(rights)))


def _pointing(
    model: IntentModel, turns: Sequence[EncodedTurn], encoders: Mapping[str, Encoder], seed: int
) -> list[Row]:
    """Every labelled picture under unseen words that only point, beside the picture alone and another's picture."""
    lines = Path(__file__).with_name(UNSEEN).read_text(encoding="utf-8").splitlines()
    words = [line for line in lines if line and not line.startswith("#")]
    texts = [encoder for encoder in encoders.values() if encoder.modality == "text"]
    said = {text: [encoder.encode([text])[0] for encoder in texts] for text in words}
    pictures = {turn.row.image: turn.only("image") for turn in turns if turn.row.image and turn.row.label not in NOBODY}
    rng = random.Random(seed)
    found: dict[str, list[bool]] = defaultdict(list)
    for turn in pictures.values():
        other = rng.choice([each for each in pictures.values() if each.row.label != turn.row.label])
        for text in rng.sample(words, EACH):
            shown = {"with": [*turn.encodings, *said[text]], "alone": turn.encodings}
            for name, encodings in (shown | {"shuffled": [*other.encodings, *said[text]]}).items():
                found[name].append(is_right(model.decide(encodings), turn.row.label))
    right = {name: np.array(rights) for name, rights in found.items()}
    name = "unseen pointing words and a picture"
    lost = compared({"with": right["with"], "alone": right["alone"]}, seed)
    return [
        percent(f"{name} ({len(right['with'])})", float(right["with"].mean()), at_least=93),
        percent(f"{name}: the picture alone", float(right["alone"].mean())),
        *(replace(row, metric=f"{name}: {row.metric}") for row in lost),
        percent(f"{name}: shuffled pictures", float(right["shuffled"].mean()), at_most=1),
    ]


def _strategies(model: IntentModel, turns: Sequence[EncodedTurn], seed: int) -> list[Row]:
    """All turns with a picture, decided by each strategy, and how far they are apart."""
    shown = [turn for turn in turns if turn.row.image]
    chosen, right = model.fusion, dict[str, NDArray[np.bool_]]()
    for name, create in STRATEGIES.items():
        model.fusion = create()
        right[name] = np.array([is_right(model.decide(turn.encodings), turn.row.label) for turn in shown])
    model.fusion = chosen
    rows = [percent(f"all turns with a picture ({len(shown)}): {name}", float(r.mean())) for name, r in right.items()]
    return rows + compared(right, seed)


def is_right(decision: Decision, label: str) -> bool:
    """Returns whether the intent is answered as it should be; for out-of-scope turns, whether no intent is answered."""
    if label in NOBODY:
        return decision.outcome != "answer"
    return decision.outcome == "answer" and decision.intent == label


def _everyday(name: str) -> Iterator[LabelledTurn]:
    """Each photograph of a folder, under words that only point."""
    folder = data_folder(name)
    files = sorted({folder / row["file"] for row in read_table(folder / "manifest.csv")})
    for number, file in enumerate(files):
        yield LabelledTurn(POINTING[number % len(POINTING)], "none", file, where=f"{folder.name}, {file.name}")


class _Recorder(AttentionFusion):
    """Attention fusion that keeps its inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[FusionInput] = []

    def fuse(self, inputs: FusionInput) -> FusionOutput:
        """Joins, as attention fusion does."""
        self.seen.append(inputs)
        return super().fuse(inputs)


def train_fusion(
    settings: Settings, progress: StepProgress, pairs: Path, data_root: Path | None, seed: int, out: Path | None
) -> Report:
    """Fits to the user's own turns that hold words, a picture and the intent that is meant.

    The weights are written to `out`, or to the user's data folder unless they decide the turns kept aside worse.
    """
    rows = read_rows(pairs, data_root)
    intents = load_plugins(settings).intents
    require_known(rows, {intent.name for intent in intents})
    encoders = {encoder.name: encoder for encoder in create_encoders(settings)}
    recorder = _Recorder()
    model = IntentModel(encoders, recorder, settings, keep=False)
    model.fit(intents)
    episodes = []
    turns = [row for row in rows if row.label not in NOBODY]
    for turn in encode_turns(turns, encoders, settings, progress):
        recorder.seen.clear()
        model.decide(turn.encodings)
        joined = [inputs for inputs in recorder.seen if inputs.present.sum() > 1]
        episodes += [Episode(inputs, model.intents.index(turn.row.label), "pair") for inputs in joined]
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
    if (count := len(episodes)) < FEWEST:
        raise InputError(f"Fitting needs {FEWEST} turns whose words and picture both say something, not {count}")
    order = np.random.default_rng(seed).permutation(len(episodes)).tolist()
    held = [episodes[index] for index in order[::PART]]
    rest = [episodes[index] for place, index in enumerate(order) if place % PART]
    places = torch.arange(len(rest))
    aside, learnt = places[places % PART == 0], places[places % PART > 0]
    trust = {"trust": load_weights("late")["trust"]}
    fixed = {key: torch.from_numpy(value.copy()) for key, value in trust.items()}
    fitted = adapt("attention", collate(rest), learnt, aside, seed, fixed)
    weights = {key: value.numpy() for key, value in fitted.items() if key not in trust}
    labels = np.array([episode.label for episode in held])
    used = {"before": load_weights("attention"), "after": weights}
    right = {when: predict("attention", each | trust, held) == labels for when, each in used.items()}
    return [percent(f"kept aside, {when}", float(each.mean())) for when, each in right.items()], weights
