"""Sound from a file: read, checked, made mono at 16 kHz."""

from __future__ import annotations

import io
import os
import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from assistant.errors import AudioError
from assistant.inputs.channels import Downmix
from assistant.inputs.chunking import SAMPLE_RATE
from assistant.inputs.video_file import video_blocks
from assistant.types import AudioClip, FloatArray

if TYPE_CHECKING:
    import soundfile

__all__ = ["SAMPLE_RATE", "audio_blocks", "clip_of", "decode_audio", "read_audio", "sound_blocks"]

FORMATS = "WAV, FLAC, OGG, Opus, MP3, AIFF, M4A or WebM"
MAX_CHANNELS = 64
RATES = range(2_000, 768_001)
"""Hertz: from the lowest telephone to the highest studio rate"""
BLOCK = 1 << 18
"""samples of all channels decoded at a time: 1 MB, whatever the header says"""

MINUTES = "speech.max_minutes"
"""the setting that holds the limit"""

UNKNOWN_LENGTH = 0x7FFFF000
"""bytes of sound, 2 GB, from which a WAV's declared length is what programs write into pipes: it is not known yet"""
CHUNKS = (b"LIST", b"id3 ", b"fact", b"cue ", b"bext")
"""what may follow an empty stretch of samples"""


@dataclass(frozen=True)
class _Limit:
    minutes: float
    setting: str


def read_audio(path: str | os.PathLike[str], max_minutes: float = 180.0) -> AudioClip:
    """Read a file as mono sound at 16 kHz; see `assistant.inputs.channels` for several channels.

    Args:
        path: a file in WAV, FLAC, OGG (Vorbis, Opus), MP3 or AIFF, or with a sound track in MP4, M4A, WebM, Matroska ….
        max_minutes: longest sound taken, minutes; checked in the header first, and again while decoding.

    Raises:
        AudioError: the file is missing, empty, damaged, cut short, too long, or no sound at all.
    """
    return clip_of(np.concatenate(list(audio_blocks(path, max_minutes))), str(path))


def decode_audio(content: bytes, source: str = "", max_minutes: float = 180.0, setting: str = MINUTES) -> AudioClip:
    """Like `read_audio`, for a sound file held in memory; `setting` is the limit's name in the error.

    Raises:
        AudioError: one line saying what is wrong with it.
    """
    name = source or "the recording"
    return clip_of(np.concatenate(list(sound_blocks(io.BytesIO(content), name, max_minutes, setting))), name)


def audio_blocks(path: str | os.PathLike[str], max_minutes: float = 180.0) -> Iterator[FloatArray]:
    """Read a file as mono sound at 16 kHz bit by bit, so that hours need no memory; see `read_audio`.

    Yields:
        Stretches of some seconds, (n,), float32; also above 1 where the file holds such samples.

    Raises:
        AudioError: as `read_audio`; that the file is cut short is known only at its end.
    """
    name = Path(path).name or str(path)
    try:
        found = Path(path).stat()
        if stat.S_ISDIR(found.st_mode):
            raise AudioError(f"{name} is a folder; name a sound file in it")
        if not stat.S_ISREG(found.st_mode):
            raise AudioError(f"{name} is not a file")
        with open(path, "rb") as file:
            yield from sound_blocks(file, name, max_minutes)
    except FileNotFoundError as error:
        raise AudioError(f"{path} does not exist") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name cannot be a file's name"
        raise AudioError(f"{name!r} cannot be opened: {reason}") from error


def sound_blocks(
    stream: BinaryIO, name: str, max_minutes: float = 180.0, setting: str = MINUTES
) -> Iterator[FloatArray]:
    """Like `audio_blocks`, for an open file; `setting` is the limit's name in the error."""
    import soundfile

    limit = _Limit(max_minutes, setting)
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    if size == 0:
        raise AudioError(f"{name} is empty (0 bytes)")
    stream = _sized(stream, size, name)
    try:
        file = soundfile.SoundFile(stream)
    except (soundfile.LibsndfileError, TypeError, ValueError, RuntimeError) as error:
        stream.seek(0)
        advice = f"{name} cannot be read as sound; use {FORMATS} (ffmpeg -i FILE out.wav converts others)"
        try:
            yield from video_blocks(stream, name, max_minutes, setting)
        except ValueError:  # it is not a container of sound either
            raise AudioError(advice) from error
        return
    try:
        with file:
            _check_header(file, name, limit)
            yield from _decode(file, name, limit)
    except (soundfile.LibsndfileError, TypeError, ValueError, RuntimeError) as error:
        raise AudioError(f"{name} is damaged, and cannot be read to its end; record or export it again") from error


def clip_of(samples: FloatArray, source: str = "") -> AudioClip:
    """A clip of mono samples at 16 kHz (n,), made softer as a whole where some are above 1."""
    peak = float(np.abs(samples).max(initial=0.0))
    return AudioClip(samples / np.float32(peak) if peak > 1 else samples, SAMPLE_RATE, source)


class _Sized(io.RawIOBase):
    """A file whose first bytes are read as others."""

    def __init__(self, stream: BinaryIO, head: bytes) -> None:
        self._stream, self._head = stream, head

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        at = self._stream.tell()
        data = self._stream.read(len(buffer))
        patched = self._head[at : at + len(data)]
        buffer[: len(data)] = patched + data[len(patched) :]
        return len(data)


def _sized(stream: BinaryIO, size: int, name: str) -> BinaryIO:
    """A WAV with its right length where a pipe left none.

    Raises:
        AudioError: it declares more than is there: the decoder would read what is there and say nothing.
    """
    head = stream.read(4096)
    stream.seek(0)
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return stream
    at = 12
    while at + 8 <= len(head):
        chunk, length = struct.unpack_from("<4sI", head, at)
        if chunk == b"data":
            there = size - at - 8
            unknown = length >= UNKNOWN_LENGTH or (length == 0 and head[at + 8 : at + 12] not in CHUNKS)
            if length != there and unknown and there > 0:
                patched = bytearray(head[: at + 8])
                struct.pack_into("<I", patched, 4, min(size - 8, 0xFFFFFFFF))
                struct.pack_into("<I", patched, at + 4, min(there, 0xFFFFFFFF))
                return _Sized(stream, bytes(patched))  # type: ignore[return-value]
            if length > there:
                raise AudioError(
                    f"{name} is cut short, or its header lies: it declares {length} bytes of sound and holds {there}; "
                    "record or export it again"
                )
            return stream
        at += 8 + length + length % 2
    return stream


def _check_header(file: soundfile.SoundFile, name: str, limit: _Limit) -> None:
    if file.samplerate not in RATES:
        raise AudioError(f"{name} declares {file.samplerate} samples per second, which no recording has")
    if not 1 <= file.channels <= MAX_CHANNELS:
        raise AudioError(f"{name} declares {file.channels} channels; at most {MAX_CHANNELS} can be read")
    minutes = file.frames / file.samplerate / 60
    if minutes > limit.minutes:
        raise AudioError(_too_long(name, f"{minutes:.0f} minutes long", limit), too_large=True)


def _too_long(name: str, length: str, limit: _Limit) -> str:
    return f"{name} is {length}; the limit is {limit.minutes:g} (setting {limit.setting})"


def _decode(file: soundfile.SoundFile, name: str, limit: _Limit) -> Iterator[FloatArray]:
    """Mono samples at 16 kHz, block by block, so that memory stays bounded."""
    import soxr

    resampler = soxr.ResampleStream(file.samplerate, SAMPLE_RATE, 1, dtype="float32")
    downmix = Downmix()
    decoded, most = 0, int(limit.minutes * 60 * file.samplerate)
    while len(block := file.read(BLOCK // file.channels, dtype="float32", always_2d=True)):
        decoded += len(block)
        if decoded > most:
            raise AudioError(_too_long(name, "longer than its header says", limit), too_large=True)
        mono = downmix.mix(block)
        if not np.isfinite(mono).all():
            raise AudioError(f"{name} holds samples that are not numbers; export it again")
        yield resampler.resample_chunk(mono)
    yield resampler.resample_chunk(np.zeros(0, np.float32), last=True)
    if decoded == 0:
        raise AudioError(f"{name} holds no sound: its header is there, its samples are not")
    # An MP3's length is an estimate; everywhere else the header must be right.
    if file.format != "MP3" and decoded < file.frames:
        raise AudioError(f"{name} is cut short: {decoded} of {file.frames} samples are there; copy or record it again")
