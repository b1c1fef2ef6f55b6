"""Sound from a file: read, checked, made mono at 16 kHz."""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assistant.errors import AudioError
from assistant.inputs.chunking import SAMPLE_RATE
from assistant.types import AudioClip, FloatArray

if TYPE_CHECKING:
    import soundfile

__all__ = ["SAMPLE_RATE", "audio_blocks", "clip_of", "decode_audio", "read_audio"]

FORMATS = "WAV, FLAC, OGG, Opus, MP3 or AIFF"
MAX_CHANNELS = 64
RATES = range(2_000, 768_001)
"""Hertz: from the lowest telephone to the highest studio rate"""
BLOCK = 1 << 18
"""samples of all channels decoded at a time: 1 MB, whatever the header says"""

MINUTES = "speech.max_minutes"
"""the setting that holds the limit"""


@dataclass(frozen=True)
class _Limit:
    minutes: float
    setting: str


def read_audio(path: str | os.PathLike[str], max_minutes: float = 180.0) -> AudioClip:
    """Read a file as mono sound at 16 kHz; channels are averaged.

    Args:
        path: a file in WAV, FLAC, OGG (Vorbis, Opus), MP3 or AIFF.
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
    if not content:
        raise AudioError(f"{name} is empty (0 bytes)")
    _check_wav_length(content[:4096], len(content), name)
    return clip_of(np.concatenate(list(_blocks(BytesIO(content), name, _Limit(max_minutes, setting)))), name)


def audio_blocks(path: str | os.PathLike[str], max_minutes: float = 180.0) -> Iterator[FloatArray]:
    """Read a file as mono sound at 16 kHz bit by bit, so that hours need no memory; see `read_audio`.

    Yields:
        Stretches of some seconds, (n,), float32; also above 1 where the file holds such samples.

    Raises:
        AudioError: as `read_audio`; that the file is cut short is known only at its end.
    """
    name = Path(path).name or str(path)
    _check_file(Path(path), name)
    yield from _blocks(os.fspath(path), name, _Limit(max_minutes, MINUTES))


def clip_of(samples: FloatArray, source: str = "") -> AudioClip:
    """A clip of mono samples at 16 kHz (n,), made softer as a whole where some are above 1."""
    peak = float(np.abs(samples).max(initial=0.0))
    return AudioClip(samples / np.float32(peak) if peak > 1 else samples, SAMPLE_RATE, source)


def _blocks(stream: str | BytesIO, name: str, limit: _Limit) -> Iterator[FloatArray]:
    import soundfile

    try:
        with soundfile.SoundFile(stream) as file:
            _check_header(file, name, limit)
            yield from _decode(file, name, limit)
    except (soundfile.LibsndfileError, TypeError, ValueError, RuntimeError) as error:
        raise AudioError(
            f"{name} cannot be read as sound; use {FORMATS} (ffmpeg -i FILE out.wav converts others)"
        ) from error


def _check_file(path: Path, name: str) -> None:
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise AudioError(f"{name} is a folder; name a sound file in it")
        if not stat.S_ISREG(found.st_mode):
            raise AudioError(f"{name} is not a file")
        if found.st_size == 0:
            raise AudioError(f"{name} is empty (0 bytes)")
        with path.open("rb") as file:
            _check_wav_length(file.read(4096), found.st_size, name)
    except FileNotFoundError as error:
        raise AudioError(f"{path} does not exist") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name cannot be a file's name"
        raise AudioError(f"{name!r} cannot be opened: {reason}") from error


def _check_wav_length(head: bytes, size: int, name: str) -> None:
    """Compare a WAV's declared length with the file's: the decoder would read what is there and say nothing."""
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return
    at = 12
    while at + 8 <= len(head):
        chunk, length = struct.unpack_from("<4sI", head, at)
        if chunk == b"data":
            there = size - at - 8
            if length > there:
                raise AudioError(
                    f"{name} is cut short, or its header lies: it declares {length} bytes of sound and holds {there}; "
                    "record or export it again"
                )
            return
        at += 8 + length + length % 2


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
    decoded, most = 0, int(limit.minutes * 60 * file.samplerate)
    while len(block := file.read(BLOCK // file.channels, dtype="float32", always_2d=True)):
        decoded += len(block)
        if decoded > most:
            raise AudioError(_too_long(name, "longer than its header says", limit), too_large=True)
        mono = block.mean(axis=1)
        if not np.isfinite(mono).all():
            raise AudioError(f"{name} holds samples that are not numbers; export it again")
        yield resampler.resample_chunk(mono)
    yield resampler.resample_chunk(np.zeros(0, np.float32), last=True)
    if decoded == 0:
        raise AudioError(f"{name} holds no sound: its header is there, its samples are not")
    # An MP3's length is an estimate; everywhere else the header must be right.
    if file.format != "MP3" and decoded < file.frames:
        raise AudioError(f"{name} is cut short: {decoded} of {file.frames} samples are there; copy or record it again")
