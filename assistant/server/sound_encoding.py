"""Encodes speech bit by bit, so that it can be sent while it is made."""

from __future__ import annotations

import io
from typing import Any, Literal

import numpy as np

from assistant.types import AudioClip

__all__ = ["MEDIA_TYPES", "RATE", "Format", "SoundEncoder", "wav_file"]

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
_WAYS: dict[Format, tuple[str, str]] = {
    "mp3": ("mp3", "libmp3lame"),
    "opus": ("ogg", "libopus"),
    "flac": ("flac", "flac"),
    "wav": ("wav", "pcm_s16le"),
    "pcm": ("s16le", "pcm_s16le"),
}
"""FFmpeg's names of the container and the codec"""
_AT_ONCE = {"flush_packets": "1", "fflags": "+bitexact"}
"""FFmpeg's options: what is encoded is written at once, and nothing but sound is"""


class _Pipe:
    """A file that is only written, and cannot be gone back in."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:
        self._waiting += data
        return len(data)

    def take(self) -> bytes:
        """The bytes written since the last call."""
        content = bytes(self._waiting)
        self._waiting.clear()
        return content


class SoundEncoder:
    """Encodes clips one after another, with a short pause between them, as one file of 16 bits or 64 kbit/s."""

    def __init__(self, kind: Format) -> None:
        import av

        container, codec = _WAYS[kind]
        # A FLAC needs its length in its header, so it is sent when it is whole.
        self._target: _Pipe | io.BytesIO = io.BytesIO() if kind == "flac" else _Pipe()
        paged = {"page_duration": "200000"} if container == "ogg" else {}
        self._file: Any = av.open(self._target, "w", format=container, options={**_AT_ONCE, **paged})
        self._track: Any = self._file.add_stream(codec, rate=RATE, layout="mono")
        self._track.bit_rate = 64_000
        self._begun = False

    def add(self, clip: AudioClip) -> bytes:
        """The next bytes of the file, with the clip in them; takes some milliseconds."""
        from av import AudioFrame

        samples = clip.samples
        if clip.sample_rate != RATE:
            import soxr

            samples = soxr.resample(samples, clip.sample_rate, RATE)
        pause = np.zeros(round(PAUSE * RATE) if self._begun else 0, np.float32)
        whole = (np.clip(np.concatenate([pause, samples]), -1, 1) * 32767).astype(np.int16)
        self._begun = True
        frame = AudioFrame.from_ndarray(whole[None], format="s16", layout="mono")
        frame.sample_rate = RATE
        return self._encoded(frame)

    def end(self) -> bytes:
        """The last bytes of the file."""
        self._file.start_encoding()
        last = self._encoded(None)
        self._file.close()
        return last + (self._target.take() if isinstance(self._target, _Pipe) else self._target.getvalue())

    def _encoded(self, frame: Any) -> bytes:
        self._file.mux(self._track.encode(frame))
        return self._target.take() if isinstance(self._target, _Pipe) else b""


def wav_file(clip: AudioClip) -> bytes:
    """A clip as a WAV file of 16-bit samples."""
    import soundfile

    stream = io.BytesIO()
    soundfile.write(stream, clip.samples, clip.sample_rate, format="WAV", subtype="PCM_16")
    return stream.getvalue()
