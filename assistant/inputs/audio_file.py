"""Sound from a file or a video: read, checked, made mono at 16 kHz; hours of it piece by piece."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from assistant.errors import AudioError
from assistant.inputs.chunking import SAMPLE_RATE, Downmix
from assistant.inputs.opening import open_file
from assistant.inputs.wav_header import rightly_sized
from assistant.types import AudioClip, FloatArray

if TYPE_CHECKING:
    import soundfile

__all__ = [
    "SAMPLE_RATE",
    "VIDEO_ENDINGS",
    "audio_blocks",
    "clip_of",
    "cut_pieces",
    "decode_audio",
    "joined",
    "read_audio",
    "sound_blocks",
    "video_blocks",
]

FORMATS = "WAV, FLAC, OGG, Opus, MP3, AIFF, M4A or WebM"
MAX_CHANNELS = 64
RATES = range(2_000, 768_001)
"""Hertz: from the lowest telephone to the highest studio rate"""
BLOCK = 1 << 18
"""samples of all channels decoded at a time: 1 MB, whatever the header says"""

MINUTES = "speech.max_minutes"
"""the setting that holds the limit"""


def read_audio(path: str | os.PathLike[str], max_minutes: float = 180.0) -> AudioClip:
    """Read a file as mono sound at 16 kHz; several channels are mixed as `Downmix` does.

    It is WAV, FLAC, OGG (Vorbis, Opus), MP3 or AIFF, or has a sound track in MP4, M4A, WebM, Matroska …. Its length is
    checked in the header first, and again while decoding.

    Raises:
        AudioError: the file is missing, empty, damaged, cut short, too long, or no sound at all.
    """
    return clip_of(joined(list(audio_blocks(path, max_minutes))), str(path))


def decode_audio(content: bytes, source: str = "", max_minutes: float = 180.0, setting: str = MINUTES) -> AudioClip:
    """Like `read_audio`, for a sound file held in memory; `setting` is the limit's name in the error."""
    name = source or "the recording"
    return clip_of(joined(list(sound_blocks(io.BytesIO(content), name, max_minutes, setting))), name)


def audio_blocks(path: str | os.PathLike[str], max_minutes: float = 180.0) -> Iterator[FloatArray]:
    """Read a file as sound at 16 kHz bit by bit, so that hours need no memory; raises as `read_audio` does.

    Yields stretches of some seconds, (n, 1) float32, or (n, 2) of two sides as `Downmix` has them; also above 1 where
    the file holds such samples. That the file is cut short is known only at its end.
    """
    with open_file(path, AudioError) as file:
        yield from sound_blocks(file, Path(path).name, max_minutes)


def sound_blocks(
    stream: BinaryIO, name: str, max_minutes: float = 180.0, setting: str = MINUTES
) -> Iterator[FloatArray]:
    """Like `audio_blocks`, for an open file; `setting` is the limit's name in the error."""
    import soundfile

    size = stream.seek(0, os.SEEK_END)
    if size == 0:
        raise AudioError(f"{name} is empty (0 bytes)")
    stream = rightly_sized(stream, size, name)
    unreadable = (soundfile.LibsndfileError, TypeError, ValueError, RuntimeError, OSError)
    try:
        file = soundfile.SoundFile(stream)
    except unreadable as error:
        stream.seek(0)
        advice = f"{name} cannot be read as sound; use {FORMATS} (ffmpeg -i FILE out.wav converts others)"
        try:
            yield from _within(video_blocks(stream, name), name, max_minutes, setting)
        except ValueError:  # it is not a container of sound either
            raise AudioError(advice) from error
        return
    try:
        with file:
            _check_header(file, name, max_minutes, setting)
            yield from _within(_decode(file, name), name, max_minutes, setting)
    except unreadable as error:
        raise AudioError(f"{name} is damaged, and cannot be read to its end; record or export it again") from error


def _within(blocks: Iterator[FloatArray], name: str, max_minutes: float, setting: str) -> Iterator[FloatArray]:
    """The same blocks; a header may have said less than there is."""
    total = 0
    for block in blocks:
        total += len(block)
        if total > max_minutes * 60 * SAMPLE_RATE:
            raise AudioError(f"{name} is longer than {max_minutes:g} minutes (setting {setting})", too_large=True)
        yield block
    if not total:
        raise AudioError(f"{name} holds no sound: it has a header but no samples")


def clip_of(samples: FloatArray, source: str = "") -> AudioClip:
    """A clip of samples at 16 kHz (n, 1 or 2 sides), made softer as a whole where some are above 1."""
    mono = samples.sum(axis=1)
    peak = np.float32(max(1.0, np.abs(mono).max(initial=0.0), np.abs(samples).max(initial=0.0)))
    sides = tuple(np.ascontiguousarray(side) for side in (samples / peak).T) if samples.shape[1] > 1 else ()
    return AudioClip(mono / peak, SAMPLE_RATE, source, sides=sides)


def joined(blocks: Sequence[FloatArray]) -> FloatArray:
    """Blocks (n, 1 or 2) as one; of those before the second side was heard, each side gets half."""
    sides = max((block.shape[1] for block in blocks), default=1)
    parts = [block if block.shape[1] == sides else np.repeat(block / sides, sides, axis=1) for block in blocks]
    return np.concatenate([np.zeros((0, sides), np.float32), *parts], dtype=np.float32)


def _check_header(file: soundfile.SoundFile, name: str, max_minutes: float, setting: str) -> None:
    if file.samplerate not in RATES:
        raise AudioError(f"{name} declares {file.samplerate} samples per second, which is not a valid rate")
    if not 1 <= file.channels <= MAX_CHANNELS:
        raise AudioError(f"{name} declares {file.channels} channels; at most {MAX_CHANNELS} can be read")
    minutes = file.frames / file.samplerate / 60
    if minutes > max_minutes:
        told = f"{name} is {minutes:.0f} minutes long; the limit is {max_minutes:g} (setting {setting})"
        raise AudioError(told, too_large=True)


def _decode(file: soundfile.SoundFile, name: str) -> Iterator[FloatArray]:
    """Samples at 16 kHz, block by block, so that memory stays bounded."""
    import soxr

    resampler = soxr.ResampleStream(file.samplerate, SAMPLE_RATE, file.channels, dtype="float32")
    downmix = Downmix()
    decoded = 0
    while len(block := file.read(BLOCK // file.channels, dtype="float32", always_2d=True)):
        decoded += len(block)
        if not np.isfinite(block).all():
            raise AudioError(f"{name} holds samples that are not numbers; export it again")
        yield downmix.mix(resampler.resample_chunk(block))
    yield downmix.mix(resampler.resample_chunk(np.zeros((0, file.channels), np.float32), last=True))
    # An MP3's length is an estimate; everywhere else the header must be right.
    if decoded and file.format != "MP3" and decoded < file.frames:
        raise AudioError(
            f"{name} is cut short: {decoded} of {file.frames} samples can be read; copy or record it again"
        )


PIECE = 300.0
"""seconds of a piece at most: 19 MB"""
SEARCHED = 20.0
"""seconds before its end in which a quiet place is looked for"""
QUIET = 0.3
"""seconds that are to be quiet"""
STEP = 160
"""samples (10 ms)"""


def cut_pieces(blocks: Iterable[FloatArray], seconds: float = PIECE) -> Iterator[tuple[float, AudioClip]]:
    """Joins blocks at 16 kHz to pieces of so many seconds at most; yields each with the second it begins at."""
    longest = int(seconds * SAMPLE_RATE)
    kept = joined([])
    begins = 0
    for block in blocks:
        kept = joined([kept, block])
        while len(kept) > longest:
            cut = _quietest(kept[:longest].sum(axis=1), min(SEARCHED, seconds / 2))
            yield begins / SAMPLE_RATE, clip_of(kept[:cut])
            kept, begins = kept[cut:], begins + cut
    if len(kept):
        yield begins / SAMPLE_RATE, clip_of(kept)


def _quietest(samples: FloatArray, searched: float) -> int:
    """The middle of the quietest stretch near the end, in samples."""
    start = len(samples) - int(searched * SAMPLE_RATE)
    steps = samples[start:][: (len(samples) - start) // STEP * STEP].reshape(-1, STEP)
    energy = np.concatenate([[0.0], np.cumsum(np.square(steps, dtype=np.float64).sum(axis=1))])
    width = int(QUIET * SAMPLE_RATE / STEP)
    return start + (int(np.argmin(energy[width:] - energy[:-width])) + width // 2) * STEP


VIDEO_ENDINGS = frozenset(
    """.mp4 .mkv .webm .mov .m4v .avi .mpg .mpeg .wmv .flv .3gp
    .m4a .m4b .aac .wma .amr .caf .mka""".split()  # noqa: SIM905
)
"""endings of videos, and of sound in the containers of videos, in lower case"""
CONTAINERS = frozenset(
    ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "mpeg", "aac", "asf", "flv", "ogg", "amr", "caf", "mp3")
)
"""what is opened, as FFmpeg names it: a demuxer that guesses takes any text for subtitles, any bytes for raw video"""
GATHERED = 8 * SAMPLE_RATE
"""samples at least in what is yielded"""


def video_blocks(stream: BinaryIO, name: str) -> Iterator[FloatArray]:
    """The first sound track at 16 kHz, in stretches of some seconds, (n, 1 or 2 sides), float32.

    AudioError when it is damaged or silent, ValueError when there is no track of sound or pictures.
    """
    import av

    try:
        container = av.open(stream)
    except (av.FFmpegError, OSError) as error:
        raise ValueError(str(error)) from error
    try:
        with container:
            if container.format.name not in CONTAINERS:
                raise ValueError(container.format.name)
            if not container.streams.audio:
                raise AudioError(f"{name} has no sound")
            yield from _gathered(_decoded(container))
    except (av.FFmpegError, OSError) as error:
        raise AudioError(f"{name} is damaged or cannot be read: {' '.join(str(error).split())[:200]}") from error


def _decoded(container: Any) -> Iterator[FloatArray]:
    import av

    resampler = av.AudioResampler(format="flt", rate=SAMPLE_RATE)
    downmix = Downmix()
    for frame in chain(container.decode(audio=0), [None]):  # None lets out what the resampler still holds
        for block in resampler.resample(frame):
            channels = len(block.layout.channels)
            yield downmix.mix(block.to_ndarray().reshape(-1, channels).astype(np.float32, copy=False))


def _gathered(blocks: Iterator[FloatArray]) -> Iterator[FloatArray]:
    """The same samples in fewer, longer stretches."""
    waiting: list[FloatArray] = []
    for block in blocks:
        waiting.append(block)
        if sum(map(len, waiting)) >= GATHERED:
            yield joined(waiting)
            waiting = []
    if waiting:
        yield joined(waiting)
