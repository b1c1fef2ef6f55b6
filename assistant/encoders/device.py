"""Chooses the device of the models: the processor, or a supported graphics card."""

from __future__ import annotations

from typing import Literal

from assistant.errors import SettingsError

__all__ = ["Device", "on_processor", "providers", "torch_device", "use_device"]

Device = Literal["auto", "cpu", "cuda", "mps"]

PROVIDERS = {"cuda": "CUDAExecutionProvider", "mps": "CoreMLExecutionProvider"}
"""ONNX Runtime's names"""
INSTALL = {
    "cuda": "an NVIDIA card and `pip install onnxruntime-gpu` in place of onnxruntime",
    "mps": "a Mac with an Apple processor",
}

_wanted: Device = "auto"


def use_device(device: Device) -> None:
    """Choose where every model of this process computes that is loaded from now on.

    Args:
        device: "auto" is a card of NVIDIA's where ONNX Runtime can use one, else the processor.

    Raises:
        SettingsError: ONNX Runtime cannot use it here.
    """
    global _wanted
    if device in PROVIDERS and PROVIDERS[device] not in _available():
        raise SettingsError(
            f"Setting inference.device cannot be {device!r} here: that needs {INSTALL[device]}; set it to auto or cpu."
        )
    _wanted = device


def providers() -> list[str]:
    """ONNX Runtime's providers, best first."""
    card = "cuda" if _wanted == "auto" else _wanted
    name = PROVIDERS.get(card)
    return [name, "CPUExecutionProvider"] if name and name in _available() else ["CPUExecutionProvider"]


def on_processor() -> bool:
    """Returns whether the processor computes: its 8-bit units are not those of a card."""
    return len(providers()) == 1


def torch_device() -> str:
    """The same for models that run in torch: "cpu", "cuda" or "mps"."""
    import torch

    if _wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return _wanted if there[_wanted] else "cpu"


def _available() -> list[str]:
    import onnxruntime

    found: list[str] = onnxruntime.get_available_providers()
    return found
