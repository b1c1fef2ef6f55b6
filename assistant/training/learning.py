"""The training loop of the strategies: seeded, and able to go on where it was stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from assistant.terminal.steps import StepProgress
from assistant.training.episodes import Episode
from assistant.training.strategies import FORWARD, Batch, initial_weights
from assistant.types import MODALITIES, FloatArray

__all__ = ["collate", "learn", "predict"]

BATCH = 64
RATES = {"late": 2e-2, "attention": 1e-3, "early": 1e-3}


def collate(episodes: Sequence[Episode]) -> Batch:
    """Pad episodes to one batch."""
    count = len(episodes)
    most_tokens = max(len(e.evidence.mask) for e in episodes)
    most_intents = max(len(e.evidence.queries) for e in episodes)
    width = episodes[0].evidence.tokens.shape[1]
    tokens, queries = (
        np.zeros((count, most_tokens, width), np.float32),
        np.zeros((count, most_intents, width), np.float32),
    )
    modalities, mask = np.zeros((count, most_tokens), np.int64), np.zeros((count, most_tokens), np.bool_)
    intents = np.zeros((count, most_intents), np.bool_)
    logits = np.zeros((count, len(MODALITIES), most_intents), np.float32)
    for row, episode in enumerate(episodes):
        evidence = episode.evidence
        n, k = len(evidence.mask), len(evidence.queries)
        tokens[row, :n], modalities[row, :n], mask[row, :n] = evidence.tokens, evidence.modalities, evidence.mask
        queries[row, :k], intents[row, :k], logits[row, :, :k] = evidence.queries, True, evidence.logits
    present = np.stack([e.evidence.present for e in episodes])
    reliability = np.stack([e.evidence.reliability for e in episodes])
    labels = np.array([e.label for e in episodes])
    arrays = (tokens, modalities, mask, queries, intents, logits, present, reliability, labels)
    return Batch(*(torch.from_numpy(array) for array in arrays))


def predict(name: str, weights: Mapping[str, FloatArray], episodes: Sequence[Episode]) -> NDArray[np.int64]:
    """The best intent (n,) of each episode."""
    tensors = {key: torch.from_numpy(value) for key, value in weights.items()}
    parts = (collate(episodes[start : start + 256]) for start in range(0, len(episodes), 256))
    with torch.inference_mode():
        found = [FORWARD[name](tensors, part).argmax(dim=1).numpy() for part in parts]
    return np.concatenate(found)


def learn(
    name: str,
    episodes: Sequence[Episode],
    *,
    epochs: int,
    seed: int,
    fixed: dict[str, FloatArray] | None = None,
    checkpoint: Path,
    progress: StepProgress,
) -> dict[str, FloatArray]:
    """Trains a strategy ("late", "attention" or "early") by AdamW on the cross-entropy of the intents.

    `fixed` are weights that it needs and does not change. After each epoch the checkpoint, a safetensors file, is
    written; training goes on from it.
    """
    weights = initial_weights(name, seed)
    for value in weights.values():
        value.requires_grad_()
    frozen = {key: torch.from_numpy(value) for key, value in (fixed or {}).items()}
    optimizer = torch.optim.AdamW(weights.values(), lr=RATES[name], weight_decay=0.0)
    done = _resume(checkpoint, weights, optimizer)
    for epoch in range(done, epochs):
        generator = torch.Generator().manual_seed(seed * 1000 + epoch)
        for group in optimizer.param_groups:
            group["lr"] = RATES[name] * (1 - epoch / epochs)
        for rows in torch.split(torch.randperm(len(episodes), generator=generator), BATCH):
            batch = collate([episodes[row] for row in rows.tolist()])
            logits = FORWARD[name](weights | frozen, batch)
            loss = torch.nn.functional.nll_loss(logits, batch.labels)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            if name == "late":
                with torch.no_grad():
                    weights["trust"].clamp_(0.2, 5.0)
        _keep(checkpoint, weights, optimizer, epoch + 1)
        progress(f"training {name} fusion", epoch + 1, epochs)
    return {key: value.detach().numpy() for key, value in weights.items()}


def _keep(path: Path, weights: dict[str, Tensor], optimizer: torch.optim.Optimizer, epoch: int) -> None:
    from safetensors.torch import save_file

    state = {f"w.{key}": value.detach().clone() for key, value in weights.items()} | {"epoch": torch.tensor([epoch])}
    for key, value in weights.items():
        for part, moment in optimizer.state[value].items():
            state[f"o.{part}.{key}"] = moment.detach().clone()
    partial = path.with_suffix(".part")
    save_file(state, partial)
    partial.replace(path)


def _resume(path: Path, weights: dict[str, Tensor], optimizer: torch.optim.Optimizer) -> int:
    """Load a checkpoint, if there is one; the number of epochs done."""
    if not path.exists():
        return 0
    from safetensors.torch import load_file

    state = load_file(path)
    for key, value in weights.items():
        with torch.no_grad():
            value.copy_(state[f"w.{key}"])
        parts = ("step", "exp_avg", "exp_avg_sq")
        optimizer.state[value] = {part: state[f"o.{part}.{key}"] for part in parts}
    return int(state["epoch"][0])
