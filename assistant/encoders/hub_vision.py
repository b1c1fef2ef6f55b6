"""Pictures to vectors with any ViT, CLIP or SigLIP that `transformers` can read; sentences with the last two."""

from __future__ import annotations

import contextlib
import importlib
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from assistant.encoders.checkpoints import locate, read_json, read_weights
from assistant.encoders.device import torch_device
from assistant.encoders.encoder import unit
from assistant.encoders.threads import torch_threads
from assistant.errors import ModelUnavailable
from assistant.types import Encoding, FloatArray, Modality, Picture

__all__ = ["HubReader", "HubVisionEncoder"]

SENTENCES = 32
"""read per forward pass"""
_READING = {"clip": "CLIPTextModelWithProjection", "siglip": "SiglipTextModel"}
"""model type → the class of its half for words"""
USUAL_SCALE = 100.0
"""of CLIP, for a checkpoint that keeps none"""
BATCH = 8
"""pictures per forward pass"""
_TOWERS = {
    "clip": "CLIPVisionModelWithProjection",
    "clip_vision_model": "CLIPVisionModelWithProjection",
    "siglip": "SiglipVisionModel",
    "siglip_vision_model": "SiglipVisionModel",
}
"""model type → the class of its vision half; every other type is a ViT of one half"""


class HubVisionEncoder:
    """Looks with a vision transformer. Tokens are the patches, labelled "row,column".

    Pooled is CLIP's projected picture embedding, SigLIP's attention-pooled one, and a ViT's first token. CLIP's
    patches go through the same projection, so that tokens and pooled share one space. Nothing is of unit length.

    Args:
        model: ``"hub:owner/name"`` or ``"dir:/path"``: ``config.json``, ``preprocessor_config.json`` and
            ``model.safetensors``. Pickled weights are refused.
        threads: processor threads.
    """

    modality: Modality = "image"

    def __init__(self, model: str, *, threads: int = 2) -> None:
        self.model = model
        self.name = model.partition(":")[2] or model
        self._threads = threads
        self._network: Any = None
        self._processor: Any = None
        self._reader: HubReader | None = None
        self._dimension = 0

    @property
    def dimension(self) -> int:
        """d of the pooled vectors; the first question loads the model, which knows.

        Raises:
            ModelUnavailable: the model cannot be had.
        """
        self.load()
        return self._dimension

    def load(self) -> None:
        """Load the weights now instead of at the first `encode`. Idempotent.

        Raises:
            ModelUnavailable: they are out of reach, damaged, pickled, or not those of a vision transformer.
        """
        if self._network is not None:
            return
        folder = locate(self.model)
        kind = str(read_json(folder / "config.json").get("model_type", ""))
        if not list(folder.glob("*.safetensors")):
            raise ModelUnavailable(f"{folder} holds no safetensors; pickled weights are not opened: convert them first")
        try:
            network, processor = _load(folder, kind)
            states, pooled = _states(
                network, processor([Image.new("RGB", (64, 64))], return_tensors="pt")["pixel_values"]
            )
        except Exception as error:  # whatever is wrong with a folder shows in another exception of transformers
            raise ModelUnavailable(f"{folder} does not hold a ViT, CLIP or SigLIP that can be used: {error}") from error
        if math.isqrt(states.shape[1]) ** 2 != states.shape[1]:
            raise ModelUnavailable(f"{folder} does not hold a ViT, CLIP or SigLIP: its patches form no square")
        self._network, self._processor, self._dimension = network, processor, pooled.shape[1]

    def reader(self) -> HubReader | None:
        """The model's other half, which reads; None for one that only sees. Loads it at the first call.

        Raises:
            ModelUnavailable: it cannot be had.
        """
        if self._reader is None:
            folder = locate(self.model)
            if not HubReader.exists(folder):
                return None
            with _quiet():
                self._reader = HubReader(folder, self._threads)
        return self._reader

    def encode(self, inputs: Sequence[Picture]) -> list[Encoding]:
        """Encode pictures; one encoding each, in order.

        Raises:
            ModelUnavailable: the weights cannot be had.
        """
        self.load()
        encodings: list[Encoding] = []
        for start in range(0, len(inputs), BATCH):
            images = [picture.image for picture in inputs[start : start + BATCH]]
            pixels = self._processor(images, return_tensors="pt")["pixel_values"]
            with torch_threads(self._threads):
                tokens, pooled = _states(self._network, pixels)
            side = math.isqrt(tokens.shape[1])
            labels = tuple(f"{row},{column}" for row in range(side) for column in range(side))
            mask = np.ones(len(labels), np.bool_)
            encodings += [
                Encoding("image", self.name, t, mask, p, "", labels) for t, p in zip(tokens, pooled, strict=True)
            ]
        return encodings


def _load(folder: Path, kind: str) -> tuple[Any, Any]:
    transformers: Any = importlib.import_module("transformers")  # it is not annotated
    tower = getattr(transformers, _TOWERS.get(kind, "AutoModel"))
    with _quiet():
        network = tower.from_pretrained(folder, use_safetensors=True, local_files_only=True)
        processor = transformers.AutoImageProcessor.from_pretrained(folder, local_files_only=True)
    device = torch_device()
    network = network.eval().to(device)
    return network.half() if device == "cuda" else network, processor


def _states(network: Any, pixels: Any) -> tuple[FloatArray, FloatArray]:
    """(batch, 3, h, w) to patches (batch, n, d) and pooled (batch, d)."""
    import torch

    with torch.inference_mode():
        out = network(pixel_values=pixels.to(network.device, network.dtype))
        states = out.last_hidden_state
        config = network.config
        patches = (config.image_size // config.patch_size) ** 2
        if getattr(out, "image_embeds", None) is not None:  # CLIP
            tokens = network.visual_projection(network.vision_model.post_layernorm(states[:, -patches:]))
            return tokens.float().cpu().numpy(), out.image_embeds.float().cpu().numpy()
        first = out.pooler_output if states.shape[1] == patches else states[:, 0]  # SigLIP has no first token
        return states[:, -patches:].float().cpu().numpy().copy(), first.float().cpu().numpy().copy()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the library's loading reports and progress bars: what matters comes as an exception."""
    logging: Any = importlib.import_module("transformers.utils.logging")
    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(logging.CRITICAL)
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


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
            tower = getattr(transformers, _READING[self._kind])
            self._network = tower.from_pretrained(folder, use_safetensors=True, local_files_only=True).eval()
            self._tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
        except Exception as error:  # whatever is wrong with a folder shows in another exception of transformers
            raise ModelUnavailable(f"{folder} does not hold the words' half of its model: {error}") from error
        self.scale = _scale(folder)
        """what a cosine of a sentence and a picture is multiplied by before a softmax"""

    @staticmethod
    def exists(folder: Path) -> bool:
        """Returns whether the model in a folder has this half."""
        return str(read_json(folder / "config.json").get("model_type", "")) in _READING

    def __call__(self, texts: Sequence[str]) -> FloatArray:
        """(n, d), float32, unit length, in the space of the pooled pictures."""
        import torch

        longest = self._network.config.max_position_embeddings
        rows: list[FloatArray] = []
        for start in range(0, len(texts), SENTENCES):
            # SigLIP was trained on sentences padded to its full length, and attends to the padding.
            given = self._tokenizer(
                list(texts[start : start + SENTENCES]),
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
