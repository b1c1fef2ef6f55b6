"""The sound of a video, bit by bit."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, BinaryIO

import numpy as np

from assistant.errors import AudioError
from assistant.inputs.channels import Downmix
from assistant.inputs.chunking import SAMPLE_RATE
from assistant.types import FloatArray

__all__ = ["VIDEO_ENDINGS", "video_blocks"]

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


def video_blocks(stream: BinaryIO, name: str, max_minutes: float, setting: str) -> Iterator[FloatArray]:
    """The first sound track, mono at 16 kHz.

    Args:
        name: of the file, for errors.
        setting: the name of the limit.

    Yields:
        Stretches of some seconds, (n,), float32.

    Raises:
        AudioError: it is damaged, too long or silent.
        ValueError: it is not a file with a track of sound or pictures.
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
            yield from _gathered(_decoded(container), name, max_minutes, setting)
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


def _gathered(blocks: Iterator[FloatArray], name: str, max_minutes: float, setting: str) -> Iterator[FloatArray]:
    """The same samples in fewer, longer stretches."""
    waiting: list[FloatArray] = []
    count = total = 0
    for block in blocks:
        waiting.append(block)
        count += len(block)
        total += len(block)
        if total > max_minutes * 60 * SAMPLE_RATE:
            raise AudioError(f"{name} is longer than {max_minutes:g} minutes (setting {setting})", too_large=True)
        if count >= GATHERED:
            yield np.concatenate(waiting)
            waiting, count = [], 0
    if not total:
        raise AudioError(f"{name} holds no sound: its header is there, its samples are not")
    if waiting:
        yield np.concatenate(waiting)
