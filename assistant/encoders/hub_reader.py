"""The other half of a CLIP or SigLIP: sentences to vectors in the space of its pictures."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.encoders.checkpoints import read_json, read_weights
from assistant.encoders.encoder import unit
from assistant.encoders.threads import torch_threads
from assistant.errors import ModelUnavailable
from assistant.types import FloatArray

__all__ = ["HubReader"]

BATCH = 32
"""sentences per forward pass"""
_TOWERS = {"clip": "CLIPTextModelWithProjection", "siglip": "SiglipTextModel"}
USUAL_SCALE = 100.0
"""of CLIP, for a checkpoint that keeps none"""


class HubReader:
    """Reads. A sentence and a picture that mean the same are near each other.

    Args:
        folder: ``config.json``, the tokenizer's files and ``model.safetensors``.
        threads: processor threads.

    Raises:
        ModelUnavailable: the weights are not those of such a model, or the tokenizer is missing.
    """

    def __init__(self, folder: Path, threads: int) -> None:
        transformers: Any = importlib.import_module("transformers")  # it is not annotated
        self._kind = str(read_json(folder / "config.json").get("model_type", ""))
        self._threads = threads
        try:
            tower = getattr(transformers, _TOWERS[self._kind])
            self._network = tower.from_pretrained(folder, use_safetensors=True, local_files_only=True).eval()
            self._tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
        except Exception as error:  # whatever is wrong with a folder shows in another exception of transformers
            raise ModelUnavailable(f"{folder} does not hold the words' half of its model: {error}") from error
        self.scale = _scale(folder)
        """what a cosine of a sentence and a picture is multiplied by before a softmax"""

    @staticmethod
    def exists(folder: Path) -> bool:
        """Whether the model in a folder has this half."""
        return str(read_json(folder / "config.json").get("model_type", "")) in _TOWERS

    def __call__(self, texts: Sequence[str]) -> FloatArray:
        """(n, d), float32, unit length, in the space of the pooled pictures."""
        import torch

        longest = self._network.config.max_position_embeddings
        rows: list[FloatArray] = []
        for start in range(0, len(texts), BATCH):
            # SigLIP was trained on sentences padded to its full length, and attends to the padding.
            given = self._tokenizer(
                list(texts[start : start + BATCH]),
                padding="max_length" if self._kind == "siglip" else True,
                truncation=True,
                max_length=longest,
                return_tensors="pt",
            )
            mask = {} if self._kind == "siglip" else {"attention_mask": given["attention_mask"]}
            with torch.inference_mode(), torch_threads(self._threads):
                out = self._network(input_ids=given["input_ids"], **mask)
            found = out.pooler_output if self._kind == "siglip" else out.text_embeds
            rows.append(found.float().numpy())
        return unit(np.concatenate(rows))


def _scale(folder: Path) -> float:
    for path in sorted(folder.glob("*.safetensors")):
        with contextlib.suppress(KeyError):
            return float(np.exp(read_weights(path)["logit_scale"].astype(np.float64)).ravel()[0])
    return USUAL_SCALE
