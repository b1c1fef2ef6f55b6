"""Optional: a vision-language model of the hub's, through `transformers`, that answers in sentences. Off by default."""

from __future__ import annotations

import asyncio
import importlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant import Picture, Services, UserError
from assistant.encoders.checkpoints import locate
from assistant.errors import ModelUnavailable

__all__ = ["ModelAnswer", "VisionLanguageModel", "ask_model"]

DESCRIBE = "Describe this picture in two short sentences."
"""what is asked when a picture comes without words"""


@dataclass(frozen=True)
class ModelAnswer:
    """Answer of a vision-language model."""

    text: str = ""
    model: str = ""
    problem: str = ""
    """why it could not be asked; "" when it could, or none is set"""


class VisionLanguageModel:
    """Any checkpoint that `transformers` loads for pictures and text together (SmolVLM, LLaVA, Qwen-VL, BLIP, …).

    Args:
        model: ``"hub:owner/name"`` or ``"dir:/path"``, with safetensors; pickled weights and code are refused.
    """

    def __init__(self, model: str) -> None:
        self.model = model
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None

    @property
    def name(self) -> str:
        """For people."""
        return self.model.partition(":")[2] or self.model

    def load(self) -> tuple[Any, Any]:
        """The network and its processor; loaded once.

        Raises:
            ModelUnavailable: they are out of reach, damaged, pickled, or no vision-language model.
        """
        with self._lock:
            if self._loaded is None:
                self._loaded = _load(locate(self.model))
            return self._loaded

    def ask(self, question: str, pictures: Sequence[Picture], words: int) -> str:
        """Answer a question about pictures, greedily.

        Args:
            words: most tokens of the answer.

        Raises:
            ModelUnavailable: see `load`; or the model cannot answer.
        """
        import torch

        network, processor = self.load()
        images = [picture.image for picture in pictures]
        try:
            with self._lock, torch.inference_mode():
                inputs = processor(images=images, text=_prompt(processor, question, len(images)), return_tensors="pt")
                made = network.generate(**inputs, max_new_tokens=words, do_sample=False)
                given = inputs["input_ids"].shape[1] if not network.config.is_encoder_decoder else 0
                repeats = made.shape[1] > given and bool((made[:, :given] == inputs["input_ids"]).all())
                tokens = made[0, given:] if repeats else made[0]
                return str(processor.decode(tokens, skip_special_tokens=True)).strip()
        except Exception as error:  # each model's own code raises its own errors
            raise ModelUnavailable(f"{self.name} could not answer: {_reason(error)}") from error


def _load(folder: Path) -> tuple[Any, Any]:
    if not list(folder.glob("*.safetensors")):
        raise ModelUnavailable(f"{folder} holds no safetensors; pickled weights are not opened: convert them first")
    transformers: Any = importlib.import_module("transformers")  # it is not annotated
    try:
        network = transformers.AutoModelForImageTextToText.from_pretrained(
            folder, use_safetensors=True, local_files_only=True, trust_remote_code=False
        )
        processor = transformers.AutoProcessor.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # whatever is wrong with a folder shows in another exception of transformers
        raise ModelUnavailable(f"{folder} holds no vision-language model: {_reason(error)}") from error
    return network.eval(), processor


def _prompt(processor: Any, question: str, pictures: int) -> str:
    """The question as the model was taught to be asked."""
    if getattr(processor, "chat_template", None):
        content = [*({"type": "image"} for _ in range(pictures)), {"type": "text", "text": question}]
        return str(processor.apply_chat_template([{"role": "user", "content": content}], add_generation_prompt=True))
    token = getattr(processor, "image_token", "")
    return f"{token * pictures}\n{question}" if isinstance(token, str) and token else question


def _reason(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


_models: dict[str, VisionLanguageModel] = {}


async def ask_model(text: str, pictures: Sequence[Picture], services: Services) -> ModelAnswer:
    """The answer of the model that the settings name; an empty one where they name none."""
    model = str(services.options.get("model", ""))
    if not model:
        return ModelAnswer()
    asked = _models.setdefault(model, VisionLanguageModel(model))
    words = max(1, int(services.options.get("words", 80)))
    try:
        answer = await asyncio.to_thread(asked.ask, text.strip() or DESCRIBE, pictures[:2], words)
    except UserError as error:
        return ModelAnswer(model=asked.name, problem=str(error))
    return ModelAnswer(answer, asked.name)
