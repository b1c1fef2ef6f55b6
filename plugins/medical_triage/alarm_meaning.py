"""Recognises emergencies and crises in words that no pattern knows, with a small network over sentence vectors.

It reads sixteen languages. It is less sure than the patterns, so its answers say that they may be mistaken.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from assistant import AssistantError, Services, UserError
from assistant.understanding.tokens import with_commas

from .facts import read_facts
from .red_flags import Alarm, alarm_of
from .remaining import remaining, understood
from .rules import level_of, matching

if TYPE_CHECKING:
    import torch

__all__ = [
    "FILE",
    "KINDS",
    "AlarmModel",
    "alarm_by_meaning",
    "fit",
    "likely_emergency",
    "possible_alarm",
    "read_said",
    "surely_calm",
]

FILE = Path(__file__).parent / "alarm_meaning.safetensors"
SAID = Path(__file__).parent / "cases" / "said"
READ = (
    "training",
    "development",
    "everyday_development",
    "alarms_one",
    "alarms_two",
    "alarms_three",
    "sad_and_over",
    "requests",
    "turns",
)
"""files of `SAID` to fit on; the others are for measuring"""
TOLD = ("alarms_one", "alarms_two", "alarms_three", "sad_and_over", "development", "everyday_development")
"""those of `READ` whose calm texts, and each sentence of them, are learnt once more, as are those of the cases: what is
said in one sentence of a calm account is calm, too"""
CASES = ("adults", "ages", "lay", "notes", "practice", "robustness", "short", "textbook", "developed")
"""files of written cases, of which those for emergency care are emergencies and all others are not"""
PLUGINS = Path(__file__).parent.parent
"""the folder of the shipped plugins; what their intents are asked with is calm, but for the two of `ALARMS`"""
TURNS = PLUGINS.parent / "assistant" / "training" / "clauses" / "train"
"""what people say to an assistant: "I haven't decided" is no crisis; what is an alarm, or may be one, is in "turns" """
KINDS = ("calm", "emergency", "crisis")
ALARMS: tuple[Alarm, ...] = ("", "emergency", "crisis_support")
"""the intent of each kind"""
HIDDEN, NETWORKS = 64, 5
"""units of a network, and networks whose opinions are averaged"""
WEIGHTS = (1.0, 3.0, 3.0)
"""how much a sentence of each kind counts: what is missed is worse than what is asked about"""
NOISE = 0.7
"""length of the random vector that is added to a sentence (length 1) whenever it is learnt, so that what lies near it
counts as alike. At equal alarms heard, unseen everyday sentences raise half as many"""
EPOCHS, BATCH, RATE, PENALTY = 60, 200, 1e-3, 1e-2
"""of Adam; the L2 penalty is per sentence of a batch, as in scikit-learn's MLPClassifier"""
THRESHOLD = 0.5
"""probability of an alarm from which a text counts"""
URGENT_THRESHOLD, SMALL_THRESHOLD = 0.3, 0.6
"""the same where the rules send somebody to a doctor today, and where they see a small matter plainly. All three were
chosen by cross-validation on the sentences and cases of `READ` and `CASES`: as many emergencies reach them as before"""
FOLDS = 5
FEWEST_WORDS, FEWEST_CALM = 4, 2
"""words below which too little is said for an alarm, or to be surely calm; a Chinese, Japanese, Korean or Thai letter
counts as half a word"""
MOST_SENTENCES = 6
LIKELY = 0.65
"""probability of an emergency from which the answer to a complaint begins with when to call"""
POSSIBLE = 0.2
"""probability of an alarm from which a text that means nothing else is answered as one; below it the intent
model is not believed that it is one"""
DOUBTED = 0.06
"""probability from which what is left of a text, and not understood, leaves the judgement to the whole of it"""
SURE = 0.78
"""probability of an alarm from which it is heard in the midst of something else"""
HEARD, LIKELY_HEARD, POSSIBLY_HEARD = 0.9, 0.7, 0.3
"""confidence of a decision for what is heard by meaning alone: words that surely ask another plugin for something are
for that one; below 0.8 an open question goes first, and below 0.5 everything else does"""
SENTENCE = re.compile(r"(?<=[.!?;\n。！？；؟])\s*")
LETTERS = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2}|[^\W\d_]+")


@dataclass(frozen=True)
class AlarmModel:
    """The fitted networks side by side.

    Attributes:
        hidden: (513, h), float32, over the multilingual sentence space; the bias is last.
        out: (h + 1, 3), float32, to `KINDS`.
        threshold: the probability of an alarm from which a sentence counts, 0 to 1.
    """

    hidden: NDArray[np.float32]
    out: NDArray[np.float32]
    threshold: float

    def probabilities(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Of (n, 512) sentences the probabilities (n, 3) of `KINDS`."""
        active = np.maximum(vectors @ self.hidden[:-1] + self.hidden[-1], 0)
        logits = active @ self.out[:-1] + self.out[-1]
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares: NDArray[np.float32] = odds / odds.sum(axis=1, keepdims=True)
        return shares

    def hears(self, vectors: NDArray[np.float32], *, each: bool) -> tuple[Alarm, float]:
        """Returns the likeliest alarm of a text (1, 512) and its sentences (n, 512), and its probability, 0 to 1.

        Args:
            vectors: the text first.
            each: whether one sentence alone may be the emergency of a longer account; a crisis always may.
        """
        found = self.probabilities(vectors)
        alarming = 1 - found[:, 0] if each else np.r_[1 - found[:1, 0], found[1:, KINDS.index("crisis")]]
        worst = found[alarming.argmax()]
        return ALARMS[1 + int(worst[1:].argmax())], float(alarming.max())

    def likely_emergency(self, vectors: NDArray[np.float32]) -> bool:
        """Returns whether one of (n, 512) sentences is more likely an emergency than not."""
        return bool(self.probabilities(vectors)[:, 1].max() >= LIKELY)

    def surely_calm(self, vectors: NDArray[np.float32]) -> bool:
        """Returns whether no sentence of (n, 512) may be an alarm."""
        return bool(self.probabilities(vectors)[:, 0].min() > 1 - POSSIBLE)

    def save(self, path: Path = FILE) -> None:
        """Write the weights, in half precision."""
        arrays = {"hidden": self.hidden.astype(np.float16), "out": self.out.astype(np.float16)}
        save_file({**arrays, "threshold": np.array([self.threshold], np.float32)}, path)


@cache
def _shipped() -> AlarmModel:
    numbers = load_file(FILE)
    hidden, out = (numbers[name].astype(np.float32) for name in ("hidden", "out"))
    return AlarmModel(hidden, out, float(numbers["threshold"][0]))


async def alarm_by_meaning(text: str, services: Services) -> Alarm:
    """The intent that must answer a text by what it, or a sentence of it, means; "" for none or without the encoder."""
    return (await possible_alarm(text, services, _threshold(text)[0]))[0]


def _threshold(text: str) -> tuple[float, bool]:
    """The probability of an alarm from which a text counts; and whether the rules say that a doctor is needed today."""
    found = matching(read_facts(text))
    if level_of(found) in ("urgent", "emergency"):
        return URGENT_THRESHOLD, True
    small = level_of(found) == "self_care" and any(rule.settled for rule in found)
    return SMALL_THRESHOLD if small else _shipped().threshold, False


async def possible_alarm(text: str, services: Services, least: float = POSSIBLE) -> tuple[Alarm, float]:
    """Returns the intent of a possible alarm, "" below the threshold, and how far it may be trusted.

    Clauses that are calm are not heard (`remaining`), unless what is left is neither understood nor surely calm itself.

    Returns:
        the intent, and the confidence of the decision for it: `HEARD` where it must answer, `LIKELY_HEARD` where it
        must if no question is open, `POSSIBLY_HEARD` where it must if the words mean nothing else.
    """
    vectors = await _encoded(remaining(text), services)
    threshold, urgent = _threshold(text)
    alarm, probable = _shipped().hears(vectors, each=urgent) if vectors is not None else ("", 0.0)
    if probable < threshold and not understood(text) and (whole := await _encoded(text, services)) is not None:
        alarm_of_all, probable_of_all = _shipped().hears(whole, each=urgent)
        if probable >= DOUBTED:
            alarm, probable = alarm_of_all, probable_of_all
    if probable < least:
        return "", 0.0
    heard = HEARD if probable >= SURE else LIKELY_HEARD if probable >= threshold else POSSIBLY_HEARD
    return alarm, heard


async def surely_calm(text: str, services: Services) -> bool:
    """Returns whether a text surely raises no alarm by its meaning; False without the encoder."""
    if not remaining(text):
        return True
    if (await possible_alarm(text, services))[0]:
        return False
    vectors = await _encoded(remaining(text), services, least=FEWEST_CALM)
    return vectors is not None and _shipped().surely_calm(vectors)


async def likely_emergency(text: str, services: Services) -> bool:
    """Returns whether a text is likelier an emergency than a complaint, by its meaning; False without the encoder."""
    vectors = await _encoded(remaining(text), services)
    return vectors is not None and _shipped().likely_emergency(vectors)


async def _encoded(text: str, services: Services, least: int = FEWEST_WORDS) -> NDArray[np.float32] | None:
    """A text and its sentences (n, 512); None where too little is said, and without the encoder."""
    told = _pieces(text, least)
    if not told:
        return None
    try:
        vectors = await services.encode_text(told)
    except AssistantError:  # the patterns and the intent model decide alone
        return None
    return vectors if vectors.shape[1] == len(_shipped().hidden) - 1 else None


def _pieces(text: str, least: int = FEWEST_WORDS) -> list[str]:
    """A text and its sentences, but for those of fewer words."""
    parts = [part for part in SENTENCE.split(text) if part.strip()][:MOST_SENTENCES]
    return [part for part in dict.fromkeys([text, *parts]) if len(LETTERS.findall(part)) >= least]


def read_said(*files: Path) -> dict[str, str]:
    """Sentences of case files with ``said`` and ``expected``, and the kind of each.

    Raises:
        UserError: a file cannot be read.
    """
    try:
        entries = [json.loads(line) for path in files for line in path.read_text("utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise UserError(f"Fitting needs the written sentences of a source checkout: {error}") from error
    return {entry["said"]: entry["expected"] for entry in entries}


def _examples() -> dict[str, str]:
    """Returns the examples of the shipped plugins' intents, without the braces around slots."""
    kinds = dict(zip(ALARMS, KINDS, strict=True))
    found: dict[str, str] = {}
    for path in sorted(PLUGINS.glob("*/examples.toml")):
        for intent, entry in tomllib.loads(path.read_text("utf-8")).items():
            for key, texts in entry.items() if isinstance(entry, dict) else [("", entry)]:
                kind = "calm" if key == "unlike" else kinds.get(intent, "calm")  # type: ignore[call-overload]
                found |= {re.sub(r"[{}]", "", text): kind for text in texts if isinstance(text, str)}
    return found


def _cases() -> dict[str, str]:
    """The written cases: complaints that a doctor should see are no emergencies either."""
    lines = (line for name in CASES for line in (SAID.parent / f"{name}.jsonl").read_text("utf-8").splitlines())
    entries = [json.loads(line) for line in lines]
    return {each["case_description"]: "emergency" if each["urgency_level"] == "em" else "calm" for each in entries}


def _conversations() -> dict[str, str]:
    """Returns the users' turns in the scripted conversations of the other shipped plugins."""
    scripts = (path for path in sorted(PLUGINS.glob("*/tests/conversations/*.talk")) if path.parents[2] != FILE.parent)
    lines = (line for path in scripts for line in path.read_text("utf-8").splitlines())
    return {line.removeprefix("user:").strip(): "calm" for line in lines if line.startswith("user:")}


def _turns() -> dict[str, str]:
    """Returns the training turns of the clause reader in which the patterns find nothing."""
    lines = (line for path in sorted(TURNS.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines())
    said = dict.fromkeys(json.loads(line)["text"] for line in lines)
    return {text: "calm" for text in said if not alarm_of(text)}


async def fit(services: Services) -> tuple[AlarmModel, dict[str, float]]:
    """Fit the networks to the written sentences and cases, and to what people say to the plugins and the assistant.

    Returns:
        the model, and of the sentences of each kind the share that was taken for an alarm by networks that never
        read it.
    """
    written = _cases() | _conversations() | _examples() | read_said(*(SAID / f"{name}.jsonl" for name in READ))
    turns = _turns()
    sentences = {text: kind for text, kind in (turns | written).items() if kind in KINDS}
    told = _cases() | read_said(*(SAID / f"{name}.jsonl" for name in TOLD))
    calm = [text for text in told if sentences.get(text) == KINDS[0]]
    more = [(text, each) for text in calm for each in dict.fromkeys([*_pieces(remaining(text)), *_pieces(text)])]
    texts = [with_commas(text) for text in sentences] + [each for _, each in more]  # as turns are read
    batches = [await services.encode_text(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
    vectors = np.concatenate(batches).astype(np.float32)
    kinds = np.array([KINDS.index(kind) for kind in sentences.values()] + [0] * len(more))
    drawn = dict(zip(sentences, np.random.default_rng(1).permutation(len(sentences)) % FOLDS, strict=True))
    fold = np.array([*drawn.values(), *(drawn[text] for text, _ in more)])
    alarm = np.empty(len(kinds), np.float32)
    for number in range(FOLDS):
        held = fold == number
        alarm[held] = 1 - _learn(vectors[~held], kinds[~held], 1).probabilities(vectors[held])[:, 0]
    model = _learn(vectors, kinds)
    own = slice(len(sentences))
    heard = {name: float((alarm[own][kinds[own] == index] >= THRESHOLD).mean()) for index, name in enumerate(KINDS)}
    return AlarmModel(model.hidden, model.out, THRESHOLD), heard


def _learn(rows: NDArray[np.float32], kinds: NDArray[np.int64], count: int = NETWORKS) -> AlarmModel:
    networks = [_network(rows, kinds, seed) for seed in range(count)]
    hidden = np.hstack([hidden for hidden, _ in networks])
    out = np.vstack([out[:-1] for _, out in networks] + [sum(out[-1:] for _, out in networks)]) / count
    return AlarmModel(hidden, out.astype(np.float32), 0.5)


def _network(
    rows: NDArray[np.float32], kinds: NDArray[np.int64], seed: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """One network's weights (d + 1, h) and (h + 1, 3)."""
    import torch

    drawn = torch.Generator().manual_seed(seed)
    x, y, weights = torch.from_numpy(rows), torch.from_numpy(kinds), torch.tensor(WEIGHTS)
    layers = [_layer(x.shape[1], HIDDEN, drawn), _layer(HIDDEN, len(KINDS), drawn)]
    optimiser = torch.optim.Adam(layers, lr=RATE)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(x), generator=drawn).split(BATCH):  # type: ignore[no-untyped-call]
            noise = torch.randn(len(batch), x.shape[1], generator=drawn) * (NOISE / x.shape[1] ** 0.5)
            active = ((x[batch] + noise) @ layers[0][:-1] + layers[0][-1]).relu()
            loss = torch.nn.functional.cross_entropy(active @ layers[1][:-1] + layers[1][-1], y[batch], weight=weights)
            loss = loss + 0.5 * PENALTY / len(batch) * sum(layer[:-1].square().sum() for layer in layers)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    hidden, out = (layer.detach().numpy() for layer in layers)
    return hidden, out


def _layer(inputs: int, outputs: int, drawn: torch.Generator) -> torch.Tensor:
    """Weights (inputs + 1, outputs) of a layer, Glorot's draw; the bias is last."""
    import torch

    bound = (6 / (inputs + outputs)) ** 0.5
    weights: torch.Tensor = (torch.rand(inputs + 1, outputs, generator=drawn) * 2 - 1) * bound
    return weights.requires_grad_()
