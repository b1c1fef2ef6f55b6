"""The sound of a video, bit by bit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import AudioError
from assistant.inputs.audio_file import SAMPLE_RATE
from assistant.types import FloatArray

__all__ = ["VIDEO_ENDINGS", "video_blocks"]

VIDEO_ENDINGS = frozenset((".mp4", ".mkv", ".webm", ".mov", ".m4v", ".avi", ".mpg", ".mpeg", ".m4a", ".aac"))
"""endings of files whose sound `video_blocks` reads, in lower case; also sound in the containers of videos"""
GATHERED = 8 * SAMPLE_RATE
"""samples at least in what is yielded"""


def video_blocks(path: Path, max_minutes: float = 180.0) -> Iterator[FloatArray]:
    """The first sound track, mono at 16 kHz.

    Yields:
        Stretches of some seconds, (n,), float32.

    Raises:
        AudioError: the file is empty, damaged, too long or silent, or what reads videos is not installed.
    """
    try:
        import av
    except ImportError as error:
        raise AudioError(
            f"{path.name} is a video, which needs a package that is not installed: "
            "pip install 'multimodal-assistant[video]'"
        ) from error
    try:
        if path.stat().st_size == 0:
            raise AudioError(f"{path.name} is empty (0 bytes)")
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise AudioError(f"{path.name} has no sound")
            yield from _gathered(_decoded(container), path.name, max_minutes)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise AudioError(f"{path.name} is damaged or cannot be read: {' '.join(str(error).split())[:200]}") from error


def _decoded(container: Any) -> Iterator[FloatArray]:
    import av

    resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
    for frame in container.decode(audio=0):
        for block in resampler.resample(frame):
            yield block.to_ndarray().reshape(-1).astype(np.float32)
    for block in resampler.resample(None):
        yield block.to_ndarray().reshape(-1).astype(np.float32)


def _gathered(blocks: Iterator[FloatArray], name: str, max_minutes: float) -> Iterator[FloatArray]:
    """The same samples in fewer, longer stretches."""
    waiting: list[FloatArray] = []
    count = total = 0
    for block in blocks:
        waiting.append(block)
        count += len(block)
        total += len(block)
        if total > max_minutes * 60 * SAMPLE_RATE:
            raise AudioError(f"{name} is longer than {max_minutes:g} minutes (setting speech.max_minutes)")
        if count >= GATHERED:
            yield np.concatenate(waiting)
            waiting, count = [], 0
    if not total:
        raise AudioError(f"{name} holds no sound: its header is there, its samples are not")
    if waiting:
        yield np.concatenate(waiting)
