"""Encodes speech bit by bit, so that it can be sent while it is made."""

from __future__ import annotations

import asyncio
import io
import struct
from typing import Any, Literal

import numpy as np

from assistant.types import AudioClip, FloatArray

__all__ = ["MEDIA_TYPES", "Format", "SoundEncoder", "pcm", "wav_file"]

Format = Literal["mp3", "opus", "flac", "wav", "pcm"]

MEDIA_TYPES: dict[Format, str] = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
RATE = 24_000
"""Hertz of all that is sent"""
PAUSE = 0.2
"""seconds between two sentences"""
UNKNOWN = 0xFFFFFFFF
"""the length in the header of a WAV whose end is not known"""
_FILES: dict[Format, tuple[str, str]] = {
    "mp3": ("MP3", "MPEG_LAYER_III"),
    "opus": ("OGG", "OPUS"),
    "flac": ("FLAC", "PCM_16"),
}


def pcm(samples: FloatArray) -> bytes:
    """16-bit little-endian samples of float ones."""
    return (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()


class _Forward(io.RawIOBase):
    """A file that is only written; what the encoder would mend at its beginning stays as it was sent."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._at = self._end = 0

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._end)[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def write(self, data: Any) -> int:
        content = bytes(data)
        if self._at == self._end:
            self._waiting += content
            self._end += len(content)
        self._at += len(content)
        return len(content)

    def take(self) -> bytes:
        """What was written since the last call."""
        content = bytes(self._waiting)
        self._waiting.clear()
        return content


class SoundEncoder:
    """Encodes clips one after another, with a short pause between them, as one file."""

    def __init__(self, kind: Format) -> None:
        self._kind = kind
        # A FLAC needs its length in its header, so it is sent when it is whole.
        self._target: _Forward | io.BytesIO = io.BytesIO() if kind == "flac" else _Forward()
        self._file: Any = None
        self._begun = False

    async def add(self, clip: AudioClip) -> bytes:
        """The next bytes of the file, with the clip in them."""
        return await asyncio.to_thread(self._add, clip)

    async def end(self) -> bytes:
        """The last bytes of the file."""
        return await asyncio.to_thread(self._end)

    def _add(self, clip: AudioClip) -> bytes:
        samples = clip.samples
        if clip.sample_rate != RATE:
            import soxr

            samples = np.asarray(soxr.resample(samples, clip.sample_rate, RATE), np.float32)
        if self._begun:
            samples = np.concatenate([np.zeros(round(PAUSE * RATE), np.float32), samples])
        first, self._begun = not self._begun, True
        if self._kind == "pcm":
            return pcm(samples)
        if self._kind == "wav":
            return (_wav_header() if first else b"") + pcm(samples)
        if self._file is None:
            import soundfile

            container, subtype = _FILES[self._kind]
            # Of an MP3 whose bit rate varies, readers guess the length wrongly: its header would have to be mended.
            more: dict[str, Any] = {"bitrate_mode": "CONSTANT", "compression_level": 0.5} if self._kind == "mp3" else {}
            self._file = soundfile.SoundFile(self._target, "w", RATE, 1, subtype, format=container, **more)
        self._file.write(samples)
        return self._target.take() if isinstance(self._target, _Forward) else b""

    def _end(self) -> bytes:
        if not self._begun:
            return self._add(AudioClip(np.zeros(0, np.float32), RATE)) + self._end()
        if self._file is not None:
            self._file.close()
        return self._target.take() if isinstance(self._target, _Forward) else self._target.getvalue()


def wav_file(clip: AudioClip) -> bytes:
    """A clip as a WAV file of 16-bit samples."""
    import soundfile

    stream = io.BytesIO()
    soundfile.write(stream, clip.samples, clip.sample_rate, format="WAV", subtype="PCM_16")
    return stream.getvalue()


def _wav_header() -> bytes:
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, 2 * RATE, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", UNKNOWN, b"WAVE") + form + struct.pack("<4sI", b"data", UNKNOWN)
