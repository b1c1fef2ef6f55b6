"""The sizes of a Whisper."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Dimensions"]


@dataclass(frozen=True)
class Dimensions:
    """The sizes in Whisper's ``config.json`` (``whisper.model.ModelDimensions``)."""

    n_mels: int
    n_audio_ctx: int
    n_audio_state: int
    n_audio_head: int
    n_audio_layer: int
    n_vocab: int
    n_text_ctx: int
    n_text_state: int
    n_text_head: int
    n_text_layer: int
