"""Whisper's network in ONNX Runtime, made for one short clip at a time on a processor without a graphics card.

The weights and the arithmetic are those of ``whisper.model.Whisper``, without the import of torch. What differs is
how they run.

Whisper was trained on windows of 30 s, short clips filled up with silence, and computes all of it. Cut to
the clip, it is faster but no longer knows when to stop: it repeats short commands over and over. Here the
silence is computed once: of a silent window, each layer's keys and values are kept, and a clip attends to its own
frames and, after them, to the kept silence, in the encoder and from the decoder. Of silence many frames are alike:
they are kept as `CLUSTERS` means, each of which counts as often as there are frames of it after the clip. So the model
sees its 30 s while the clip pays for its own length only.

In 8 bits, a third of the memory is read, and the processor's units for 8-bit products compute several times as fast.

Source: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", 2022, section 2.2;
the kept silence is ours.
"""

from __future__ import annotations

import io
import platform
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from assistant.encoders.checkpoints import read_json, read_weights
from assistant.encoders.device import on_processor
from assistant.encoders.exported import keep_made, load_exported
from assistant.speech.spectrogram import SILENCE, Dimensions
from assistant.types import FloatArray

__all__ = ["Cache", "Precision", "WhisperNetwork", "best_precision"]

CLUSTERS = 64
"""frames that stand for the silence of a window"""
ROUNDS = 10
"""of making clusters"""
NEVER = -1e4
"""logarithm of how often a frame counts that is not there"""

Precision = Literal["float32", "int8"]
"""float32 throughout; or linear layers with 8-bit weights, whose rows are rounded to 8 bits as they are read"""


def best_precision() -> Precision:
    """The fastest precision that is computed exactly here.

    Without units for 8-bit products (VNNI, or those of ARM), sums of two such products overflow on x86: "float32" then.
    """
    if not on_processor():
        return "float32"
    if platform.machine().lower() in ("arm64", "aarch64"):
        return "int8"
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:  # a system that does not tell
        return "float32"
    return "int8" if "avx512_vnni" in flags or "avx_vnni" in flags else "float32"


class Cache:
    """Keys and values of one decoding: those of the sound, and those of the tokens so far."""

    def __init__(self, sound: Mapping[str, FloatArray], biases: Sequence[FloatArray]) -> None:
        self.sound = sound
        """"key.i" and "value.i" of each layer, (batch, heads, frames, d / heads)"""
        self.biases = biases
        """of each layer (frames,): logarithm of how often each frame counts"""
        self.own: dict[str, FloatArray] = {name: part[:, :, :0] for name, part in sound.items()}
        """the same of the tokens, (batch, heads, length, d / heads)"""

    @property
    def length(self) -> int:
        """Tokens written so far."""
        return int(self.own["key.0"].shape[2])

    def clear(self) -> None:
        """Forgets the tokens, not the sound."""
        self.own = {name: part[:, :, :0] for name, part in self.own.items()}

    def reorder(self, rows: list[int]) -> None:
        """Row i goes on from what row `rows[i]` was (beam search)."""
        if rows != list(range(len(rows))):
            self.own = {name: part[rows] for name, part in self.own.items()}


class WhisperNetwork:
    """The encoder and the decoder; `folder` holds the state dictionary of ``whisper.model.Whisper`` and its settings.

    KeyError, TypeError or ValueError when they are not a Whisper's, ModelUnavailable when a file is missing or damaged.
    """

    def __init__(self, folder: Path, precision: Precision = "float32", threads: int = 2) -> None:
        self.dimensions = dims = Dimensions(**read_json(folder / "config.json"))
        self.precision = precision
        path = folder / "model.safetensors"
        weights = read_weights(path)
        self._audio_position = weights["encoder.positional_embedding"]
        self._text_position = weights["decoder.positional_embedding"]
        self._embedding = weights["decoder.token_embedding.weight"]
        _check(dims, weights)

        def load(part: str) -> Any:
            def export() -> bytes:
                from assistant.speech import network_graph  # its library is needed for this only

                write: Callable[..., bytes] = getattr(network_graph, f"export_{part}")
                return write(dims, weights, precision == "int8")

            return load_exported(path, f"whisper-{part}-{precision}", export, threads)

        self._encoder, self._sounds, self._decoder = map(load, ("encoder", "sound", "decoder"))
        self._silence: dict[str, FloatArray] = {}
        kept = keep_made(path, f"whisper-silence-{CLUSTERS}-{precision}", ".npz", self._listen_to_silence)
        with np.load(io.BytesIO(kept) if isinstance(kept, bytes) else kept, allow_pickle=False) as silence:
            self._silence = dict(silence)

    def _listen_to_silence(self) -> bytes:
        """The content of an npz file: what each layer attends to of a silent window, in clusters."""
        dims = self.dimensions
        mel = np.full((2 * dims.n_audio_ctx, dims.n_mels), SILENCE, np.float32)
        names = _names("", dims.n_audio_layer)
        empty: FloatArray = np.zeros((1, 0, dims.n_audio_state), np.float32)
        alike: FloatArray = np.zeros((1, 1, dims.n_audio_ctx, dims.n_audio_ctx), np.float32)
        inputs = dict.fromkeys(_names("silent ", dims.n_audio_layer), empty)
        inputs |= {f"bias.{layer}": alike for layer in range(dims.n_audio_layer)}
        frames, *heard = self._hear(mel, inputs, ["frames", *names])
        arrays = _clustered("silent", dict(zip(names, heard, strict=True)), dims.n_audio_layer)
        arrays |= _clustered("sound", self._sound(frames[0]), dims.n_text_layer)
        out = io.BytesIO()
        np.savez(out, allow_pickle=False, **arrays)
        return out.getvalue()

    def encode(self, mel: FloatArray) -> FloatArray:
        """Listens: (2 n, n_mels) to (n, n_audio_state), both float32, 100 and 50 per second.

        `mel` is Whisper's log-Mel spectrogram, in which silence is `SILENCE`; n is at most n_audio_ctx. What is missing
        to 30 s is heard as silence.
        """
        layers, count = self.dimensions.n_audio_layer, len(mel) // 2
        inputs = {name: self._silence[name] for name in _names("silent ", layers)}
        for layer in range(layers):
            inputs[f"bias.{layer}"] = _repeated(self._bias("silent", layer, count), count)
        frames: FloatArray = self._hear(mel, inputs, ["frames"])[0][0]
        return frames

    def _bias(self, what: str, layer: int, frames: int) -> FloatArray:
        """(frames + clusters,): logarithm of how often each of so many frames, and of the silence after, counts."""
        clusters = self._silence[f"{what} clusters.{layer}"]
        members = np.bincount(clusters[frames:], minlength=int(clusters.max()) + 1)
        often = np.where(members > 0, np.log(np.maximum(members, 1)), NEVER)
        return np.concatenate([np.zeros(frames), often]).astype(np.float32)

    def _hear(self, mel: FloatArray, inputs: Mapping[str, FloatArray], outputs: Sequence[str]) -> list[FloatArray]:
        padded = np.pad(mel, ((1, 1), (0, 0)))
        steps = np.concatenate([padded[:-2], padded[1:-1], padded[2:]], axis=1)[None]
        positions = self._audio_position[None, : len(mel) // 2].astype(np.float32)
        found: list[FloatArray] = self._encoder.run(outputs, {"mel": steps, "positions": positions} | dict(inputs))
        return found

    def _sound(self, frames: FloatArray) -> dict[str, FloatArray]:
        """Returns the decoder's inputs: "key.i" and "value.i" of each layer, (1, heads, n, d / heads)."""
        names = _names("", self.dimensions.n_text_layer)
        return dict(zip(names, self._sounds.run(names, {"frames": frames[None]}), strict=True))

    def start(self, frames: FloatArray, batch: int = 1) -> Cache:
        """Begins a decoding of what `encode` returned, for `batch` beams."""
        heard = self._sound(frames)
        sound = {name: np.concatenate([part, self._silence[f"sound {name}"]], axis=2) for name, part in heard.items()}
        if batch > 1:
            sound = {name: part.repeat(batch, axis=0) for name, part in sound.items()}
        return Cache(sound, [self._bias("sound", layer, len(frames)) for layer in range(self.dimensions.n_text_layer)])

    def step(
        self,
        tokens: Sequence[Sequence[int]],
        cache: Cache,
        queries: list[FloatArray] | None = None,
        *,
        each: bool = False,
    ) -> FloatArray:
        """Reads the next tokens, (batch, n); the cache grows by n.

        Returns the logits of the token after the last, (batch, 1, n_vocab) float32, or with `each` after every one.
        `queries` gets each layer's queries to the sound, (batch, heads, n, d / heads).
        """
        read = np.asarray(tokens, np.int64)
        (batch, count), before, layers = read.shape, cache.length, self.dimensions.n_text_layer
        embedded = self._embedding[read].astype(np.float32) + self._text_position[before : before + count]
        inputs = {"tokens": embedded} | dict(cache.sound)
        inputs |= {f"bias.{layer}": _repeated(row, count) for layer, row in enumerate(cache.biases)}
        inputs["asked"] = np.arange(0 if each else count - 1, count)
        inputs |= {f"past {name}": part for name, part in cache.own.items()}
        outputs = ["logits", *_names("present ", layers)]
        asked = [f"query.{index}" for index in range(layers)] if queries is not None else []
        logits, *rest = self._decoder.run(outputs + asked, inputs)
        cache.own = dict(zip(cache.own, rest[: 2 * layers], strict=True))
        if queries is not None:
            heads = self.dimensions.n_text_head
            queries += [query.reshape(batch, count, heads, -1).swapaxes(1, 2) for query in rest[2 * layers :]]
        found: FloatArray = logits
        return found


def _names(prefix: str, layers: int) -> list[str]:
    return [f"{prefix}{part}.{index}" for index in range(layers) for part in ("key", "value")]


def _repeated(row: FloatArray, count: int) -> FloatArray:
    """(1, 1, count, n)."""
    return np.tile(row, (1, 1, count, 1))


def _clustered(what: str, silence: Mapping[str, FloatArray], layers: int) -> dict[str, Any]:
    """Each layer's keys and values, (1, n, d) or (1, heads, n, d / heads), as the means of clusters of like frames."""
    arrays: dict[str, Any] = {}
    for layer in range(layers):
        names = [f"key.{layer}", f"value.{layer}"]
        flat = [np.moveaxis(silence[name][0], -2, 0).reshape(silence[name].shape[-2], -1) for name in names]
        clusters = arrays[f"{what} clusters.{layer}"] = _cluster(np.concatenate(flat, axis=1))
        members = np.arange(clusters.max() + 1)[:, None] == clusters
        shares = (members / members.sum(axis=1, keepdims=True)).astype(np.float32)
        arrays |= {f"{what} {name}": shares @ silence[name] for name in names}
    return arrays


def _cluster(rows: FloatArray) -> NDArray[np.int64]:
    """Assigns each row (n, d) to one of at most `CLUSTERS` clusters, none empty: k-means from every n-th row."""
    centres = rows[:: -(-len(rows) // CLUSTERS)]
    for _ in range(ROUNDS):
        nearest = (rows @ centres.T - (centres**2).sum(axis=1) / 2).argmax(axis=1)
        _, nearest = np.unique(nearest, return_inverse=True)
        centres = np.stack([rows[nearest == index].mean(axis=0) for index in range(nearest.max() + 1)])
    return np.asarray(nearest, np.int64)


def _check(dims: Dimensions, weights: Mapping[str, NDArray[Any]]) -> None:
    shapes = {
        "encoder.conv1.weight": (dims.n_audio_state, dims.n_mels, 3),
        "encoder.positional_embedding": (dims.n_audio_ctx, dims.n_audio_state),
        "decoder.token_embedding.weight": (dims.n_vocab, dims.n_text_state),
        "decoder.positional_embedding": (dims.n_text_ctx, dims.n_text_state),
    }
    for name, shape in shapes.items():
        if weights[name].shape != shape:
            raise ValueError(f"{name} is {weights[name].shape}, not {shape}")
