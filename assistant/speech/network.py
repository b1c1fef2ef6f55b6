"""Whisper's network, made for one short clip at a time on a processor without a graphics card.

The weights and the arithmetic are those of ``whisper.model.Whisper``. What differs is how they run.

Whisper was trained on windows of 30 s, short clips filled up with silence, and computes all of it. Cut to
the clip, it is faster but no longer knows when to stop: it repeats short commands over and over. Here the
silence is computed once, at loading: each layer's keys and values of a silent window are kept, and a clip
attends to its own frames and, after them, to the kept silence, in the encoder and from the decoder. So
the model sees its 30 s while the clip pays for its own length only.

Queries, keys and values come from one product; the tokens' keys and values are kept in one preallocated
cache; and where the processor has bfloat16 units, the encoder runs in bfloat16 and the decoder, which
waits for memory, reads its weights as 8-bit integers (one scale per output row).

Source: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", 2022, section 2.2;
the kept silence is ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from assistant.types import FloatArray

__all__ = ["SILENCE", "WINDOW", "Cache", "Dimensions", "Precision", "WhisperNetwork", "best_precision", "log_mel"]

SILENCE = -0.75
"""Whisper's log-Mel value of silence in a clip whose loudest value is 1.25, near that of real recordings"""

WINDOW = 30.0
"""seconds Whisper hears at once"""
FRAME = 320
"""samples at 16 kHz per encoder frame (20 ms): two steps of the spectrogram"""
DYNAMIC_RANGE = 2.0
"""log-Mel values below the loudest that are heard at all: Whisper's 8 decades over 4"""
NOTHING = -1.5
"""the log-Mel value of samples that are exactly 0"""

Precision = Literal["float32", "bfloat16", "int8"]
"""float32 throughout; bfloat16 throughout; or bfloat16 with 8-bit weights in the decoder"""


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


def best_precision() -> Precision:
    """The fastest precision this processor has units for: "int8" with bfloat16 units, else "float32"."""
    probe = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return "int8" if probe is not None and probe() else "float32"


class _Linear:
    """y = x Wᵀ + b, with W in the working precision or as 8-bit integers."""

    def __init__(self, weight: Tensor, bias: Tensor | None, dtype: torch.dtype, eight_bit: bool) -> None:
        self.bias = None if bias is None else bias.to(dtype)
        self.scale: Tensor | None = None
        if eight_bit:
            scale = weight.abs().amax(dim=1).clamp(min=1e-8) / 127
            self.weight = (weight / scale[:, None]).round().to(torch.int8)
            self.scale = scale.to(dtype)
        else:
            self.weight = weight.to(dtype).contiguous()

    def __call__(self, x: Tensor) -> Tensor:
        if self.scale is None:
            return F.linear(x, self.weight, self.bias)
        flat: Tensor = torch._weight_int8pack_mm(x.reshape(-1, x.shape[-1]), self.weight, self.scale)
        y = flat.view(*x.shape[:-1], -1)
        return y if self.bias is None else y.add_(self.bias)


class _Norm:
    def __init__(self, weights: Mapping[str, Tensor], name: str, dtype: torch.dtype) -> None:
        self.weight = weights[f"{name}.weight"].to(dtype)
        self.bias = weights[f"{name}.bias"].to(dtype)

    def __call__(self, x: Tensor) -> Tensor:
        return F.layer_norm(x, self.weight.shape, self.weight, self.bias)


def _heads(x: Tensor, heads: int) -> Tensor:
    """(batch, n, d) → (batch, heads, n, d / heads)."""
    return x.view(*x.shape[:2], heads, -1).transpose(1, 2)


def _joined(x: Tensor) -> Tensor:
    """(batch, heads, n, d / heads) → (batch, n, d)."""
    return x.transpose(1, 2).flatten(2)


def _followed(key: Tensor, value: Tensor, silence: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """Keys and values of n frames, followed by those of silence from frame n to the end of the window."""
    n = key.shape[2]
    return torch.cat([key, silence[0][:, :, n:]], dim=2), torch.cat([value, silence[1][:, :, n:]], dim=2)


class _Block:
    """One residual attention block, of the encoder or the decoder."""

    def __init__(
        self, weights: Mapping[str, Tensor], name: str, heads: int, dtype: torch.dtype, *, eight_bit: bool, cross: bool
    ) -> None:
        def linear(*parts: str, eight: bool = eight_bit) -> _Linear:
            matrices = [weights[f"{name}.{part}.weight"] for part in parts]
            biases = [
                weights.get(f"{name}.{part}.bias", torch.zeros(matrix.shape[0]))  # Whisper's keys have no bias
                for part, matrix in zip(parts, matrices, strict=True)
            ]
            return _Linear(torch.cat(matrices), torch.cat(biases), dtype, eight)

        self.heads = heads
        self.attn_norm = _Norm(weights, f"{name}.attn_ln", dtype)
        self.attn_qkv = linear("attn.query", "attn.key", "attn.value")
        self.attn_out = linear("attn.out")
        self.mlp_norm = _Norm(weights, f"{name}.mlp_ln", dtype)
        self.mlp_in, self.mlp_out = linear("mlp.0"), linear("mlp.2")
        if cross:
            self.cross_norm = _Norm(weights, f"{name}.cross_attn_ln", dtype)
            self.cross_query, self.cross_out = linear("cross_attn.query"), linear("cross_attn.out")
            # Run once per clip over every frame: a large product, for which bfloat16 is faster than 8 bits.
            self.cross_kv = linear("cross_attn.key", "cross_attn.value", eight=False)

    def qkv(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values, each (batch, heads, n, d / heads)."""
        query, key, value = self.attn_qkv(self.attn_norm(x)).chunk(3, dim=-1)
        return _heads(query, self.heads), _heads(key, self.heads), _heads(value, self.heads)

    def mlp(self, x: Tensor) -> Tensor:
        return x + self.mlp_out(F.gelu(self.mlp_in(self.mlp_norm(x))))


class Cache:
    """Keys and values of one decoding: those of the sound, and those of the tokens so far."""

    def __init__(self, sound: list[tuple[Tensor, Tensor]], own: Tensor) -> None:
        self.sound = sound
        """per layer: keys and values (1, heads, frames, d / heads)"""
        self.own = own
        """(layers, 2, batch, heads, n_text_ctx, d / heads)"""
        self.length = 0
        """tokens written so far"""

    def reorder(self, rows: list[int]) -> None:
        """Row i goes on from what row `rows[i]` was (beam search)."""
        if rows != list(range(self.own.shape[2])):
            used = self.own[:, :, :, :, : self.length]
            used.copy_(used[:, :, rows])


class _FullPrecision(Mapping[str, Tensor]):
    """Tensors in float32, each only while it is looked at: all at once would take twice the memory of the network."""

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        self._weights = weights

    def __getitem__(self, name: str) -> Tensor:
        return self._weights[name].float()

    def __iter__(self) -> Iterator[str]:
        return iter(self._weights)

    def __len__(self) -> int:
        return len(self._weights)


class WhisperNetwork:
    """The encoder and the decoder, from the state dictionary of ``whisper.model.Whisper``, any floating dtype."""

    def __init__(self, weights: Mapping[str, Tensor], dimensions: Dimensions, precision: Precision = "float32") -> None:
        self.dimensions = dims = dimensions
        self.precision = precision
        self.dtype = dtype = torch.float32 if precision == "float32" else torch.bfloat16
        full = _FullPrecision(weights)
        eight_bit = precision == "int8"
        self._conv = [
            (full[f"encoder.{name}.weight"].to(dtype), full[f"encoder.{name}.bias"].to(dtype))
            for name in ("conv1", "conv2")
        ]
        self._audio_position = full["encoder.positional_embedding"].to(dtype)
        self._audio_blocks = [
            _Block(full, f"encoder.blocks.{i}", dims.n_audio_head, dtype, eight_bit=False, cross=False)
            for i in range(dims.n_audio_layer)
        ]
        self._audio_norm = _Norm(full, "encoder.ln_post", dtype)
        self._silence: list[tuple[Tensor, Tensor]] = []
        self._embedding = full["decoder.token_embedding.weight"].to(dtype)
        self._vocabulary = _Linear(full["decoder.token_embedding.weight"], None, dtype, eight_bit)
        if not eight_bit:
            self._vocabulary.weight = self._embedding  # one copy in memory
        self._text_position = full["decoder.positional_embedding"].to(dtype)
        self._text_blocks = [
            _Block(full, f"decoder.blocks.{i}", dims.n_text_head, dtype, eight_bit=eight_bit, cross=True)
            for i in range(dims.n_text_layer)
        ]
        self._text_norm = _Norm(full, "decoder.ln", dtype)
        self._keep_silence()

    @torch.inference_mode()
    def _keep_silence(self) -> None:
        """Run a silent window once, and keep what a clip attends to after its end."""
        mel = torch.full((self.dimensions.n_mels, 2 * self.dimensions.n_audio_ctx), SILENCE)
        kept: list[tuple[Tensor, Tensor]] = []
        frames = self._encode(mel, kept)
        self._silence = kept
        self._silent_sound = self._sound(frames)

    @torch.inference_mode()
    def encode(self, mel: Tensor) -> Tensor:
        """Listen.

        Args:
            mel: (n_mels, 2 n), float32: Whisper's log-Mel spectrogram, 100 per second, in which silence is
                `SILENCE`; n at most n_audio_ctx. What is missing to 30 s is heard as silence.

        Returns:
            (n, n_audio_state), in `dtype`: 50 per second.
        """
        return self._encode(mel, None)

    def _encode(self, mel: Tensor, kept: list[tuple[Tensor, Tensor]] | None) -> Tensor:
        """Encode; with `kept`, add each layer's keys and values to it instead of attending to the kept silence."""
        x = mel[None].to(self.dtype)
        x = F.gelu(F.conv1d(x, *self._conv[0], padding=1))
        x = F.gelu(F.conv1d(x, *self._conv[1], stride=2, padding=1))
        x = x.transpose(1, 2) + self._audio_position[: x.shape[2]]
        for layer, block in enumerate(self._audio_blocks):
            query, key, value = block.qkv(x)
            if kept is None:
                key, value = _followed(key, value, self._silence[layer])
            else:
                kept.append((key, value))
            x = x + block.attn_out(_joined(F.scaled_dot_product_attention(query, key, value)))
            x = block.mlp(x)
        return self._audio_norm(x)[0]

    def _sound(self, frames: Tensor) -> list[tuple[Tensor, Tensor]]:
        """What the decoder attends to, per layer: keys and values (1, heads, n, d / heads)."""
        sound = []
        for block in self._text_blocks:
            key, value = block.cross_kv(frames[None]).chunk(2, dim=-1)
            sound.append((_heads(key, block.heads), _heads(value, block.heads)))
        return sound

    @torch.inference_mode()
    def start(self, frames: Tensor, batch: int = 1) -> Cache:
        """Begin a decoding of what `encode` returned, for `batch` beams."""
        dims = self.dimensions
        sound = [
            _followed(key, value, silent)
            for (key, value), silent in zip(self._sound(frames), self._silent_sound, strict=True)
        ]
        width = dims.n_text_state // dims.n_text_head
        shape = (dims.n_text_layer, 2, batch, dims.n_text_head, dims.n_text_ctx, width)
        return Cache(sound, torch.empty(shape, dtype=self.dtype))

    @torch.inference_mode()
    def step(self, tokens: Tensor, cache: Cache, queries: list[Tensor] | None = None) -> Tensor:
        """Reads the next tokens, (batch, n) int64; the cache grows by n.

        Args:
            queries: gets each layer's queries to the sound, (batch, heads, n, d / heads).

        Returns:
            (batch, n, n_vocab), float32: logits of the token after each.
        """
        start, end = cache.length, cache.length + tokens.shape[1]
        x = F.embedding(tokens, self._embedding) + self._text_position[start:end]
        for layer, block in enumerate(self._text_blocks):
            query, key, value = block.qkv(x)
            keys, values = cache.own[layer, 0], cache.own[layer, 1]
            keys[:, :, start:end], values[:, :, start:end] = key, value
            # A prompt is read from an empty cache, so the causal mask's corner is the right one.
            heard = F.scaled_dot_product_attention(
                query, keys[:, :, :end], values[:, :, :end], is_causal=end - start > 1
            )
            x = x + block.attn_out(_joined(heard))
            query = _heads(block.cross_query(block.cross_norm(x)), block.heads)
            if queries is not None:
                queries.append(query)
            sound_keys, sound_values = (part.expand(len(tokens), -1, -1, -1) for part in cache.sound[layer])
            x = x + block.cross_out(_joined(F.scaled_dot_product_attention(query, sound_keys, sound_values)))
            x = block.mlp(x)
        cache.length = end
        return self._vocabulary(self._text_norm(x)).float()


def log_mel(samples: FloatArray, seconds: float, n_mels: int = 80) -> Tensor:
    """The spectrogram of the first `seconds` of a recording; what is missing is silence.

    Whisper clips everything more than 80 dB below the loudest value to one floor, which silence falls to.
    The whole is shifted so that this floor is `SILENCE`, which is the same as playing it a little
    louder or softer.

    Args:
        samples: (n,), float32 at 16 kHz.
        seconds: length wanted, at most `WINDOW`.

    Returns:
        (n_mels, 2 m), float32, 100 per second, for m encoder frames.
    """
    from whisper.audio import log_mel_spectrogram

    frames = min(max(int(np.ceil(seconds * 16_000 / FRAME)), 1), int(WINDOW * 16_000 / FRAME))
    length = frames * FRAME
    padded = np.zeros(length, np.float32)
    part = samples[:length]
    padded[: len(part)] = part
    mel: Tensor = log_mel_spectrogram(torch.from_numpy(padded), n_mels)
    floor = max(float(mel.max()) - DYNAMIC_RANGE, NOTHING)
    return mel + (SILENCE - floor)
