"""The length that a sound file declares, beside the bytes that are there: pipes and crashes leave wrong ones."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from assistant.errors import AudioError

__all__ = ["rightly_sized"]

UNKNOWN_LENGTH = 0x7FFFF000
"""bytes of sound, 2 GB, from which a WAV's declared length is what programs write into pipes: it is not known yet"""
MEASURED_ELSEWHERE = 0xFFFFFFFF
"""what RF64 declares where its chunk ds64 holds the length"""
TOLERATED = 1024
"""bytes that may be missing at the end: less than a sound of speech"""


class _Patched(io.RawIOBase):
    """A file with other bytes at some places."""

    def __init__(self, stream: BinaryIO, patches: Mapping[int, bytes]) -> None:
        self._stream, self._patches = stream, patches

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
        data = bytearray(self._stream.read(len(buffer)))
        for place, patch in self._patches.items():
            for offset, byte in enumerate(patch, place - at):
                if 0 <= offset < len(data):
                    data[offset] = byte
        buffer[: len(data)] = data
        return len(data)


def rightly_sized(stream: BinaryIO, size: int, name: str) -> BinaryIO:
    """The same file, a WAV with the length of the sound that is there; AudioError when it declares more than that.

    A length that is not known (0, or the largest) and one after which more sound follows is put right. `size` is the
    file's, bytes.
    """
    stream.seek(0)
    head = stream.read(36)
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        _check(struct.unpack_from(">I", head, 4)[0], size - 8, name)
    patches: dict[int, bytes] = {}
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        for at, chunk, length in _chunks(stream, size):
            if chunk != b"data":
                continue
            there = size - at - 8
            if head[:4] == b"RF64" and length == MEASURED_ELSEWHERE:
                length = struct.unpack_from("<Q", head.ljust(36, b"\0"), 28)[0] if head[12:16] == b"ds64" else there
                _check(length, there, name)
            elif there > 0 and (length >= UNKNOWN_LENGTH or not _followed(stream, at + 8 + length, size)):
                right = {4: size - 8, at + 4: there}
                patches = {place: struct.pack("<I", min(count, 2**32 - 1)) for place, count in right.items()}
            else:
                _check(length, there, name)
            break
    stream.seek(0)
    return _Patched(stream, patches) if patches else stream  # type: ignore[return-value]


def _chunks(stream: BinaryIO, size: int) -> Iterator[tuple[int, bytes, int]]:
    """Where each chunk begins, its name and its declared length, bytes."""
    at = 12
    while at + 8 <= size:
        stream.seek(at)
        chunk, length = struct.unpack("<4sI", stream.read(8))
        yield at, chunk, length
        at += 8 + length + length % 2


def _followed(stream: BinaryIO, end: int, size: int) -> bool:
    """Whether samples that are said to end there do: at the end of the file, or before another chunk."""
    for at in (end, end + end % 2):
        stream.seek(min(at, size))
        head = stream.read(8)
        if len(head) < 8:
            return end >= size - TOLERATED
        chunk, length = struct.unpack("<4sI", head)
        if all(0x20 <= byte < 0x7F for byte in chunk) and at + 8 + length <= size + 1:
            return True
    return False


def _check(declared: int, there: int, name: str) -> None:
    if declared - there > TOLERATED:
        raise AudioError(
            f"{name} is cut short or has a wrong header: it declares {declared} bytes of sound, not {max(there, 0)}; "
            "record or export it again"
        )
