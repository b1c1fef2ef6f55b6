"""Decodes files in a process of its own, which has limits of time and memory, no network and no other files.

One process decodes file after file. A file that kills it, or takes too long, is one line; the next file gets a new one.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
import threading
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from assistant.confine import start_python
from assistant.errors import AudioError, ImageError, InputError, TextError
from assistant.inputs.audio_file import clip_of, joined
from assistant.inputs.decoder_child import ERRORS, HEAD
from assistant.inputs.document_file import IN_PARTS, MOST_BYTES
from assistant.inputs.opening import open_file
from assistant.inputs.section import Section
from assistant.types import AudioClip, FloatArray, Picture

__all__ = ["Decoder"]

MEGABYTES = 1536
"""that the process may use beyond what it begins with: a picture of 100 million pixels with transparency fits"""
SECONDS = 60.0
"""that a file may take until something of it is read, and between two things that are"""
LONGEST = 2000
"""pixels of the longer side of a picture: as much as any model looks at"""
START_SECONDS = 60.0
"""that the process may take to begin"""
_KINDS: dict[str, type[InputError]] = {"document": TextError, "picture": ImageError, "sound": AudioError}

Message = tuple[dict[str, Any], bytearray]


class _Stopped(Exception):
    """The process was killed, or died; says why."""


class Decoder:
    """Decodes documents, pictures and sound. Calls of several threads wait for each other.

    Its process may use so many megabytes of memory, and take so many seconds until something of a file is read.
    """

    def __init__(self, megabytes: int = MEGABYTES, seconds: float = SECONDS) -> None:
        self._megabytes, self._seconds = megabytes, seconds
        self.process: _Process | None = None
        """the process that runs; `assistant.confine.LIMITS` that hold in it are its `limits`"""
        self._using = threading.RLock()

    def sections(self, path: Path) -> Iterator[Section]:
        """As `assistant.inputs.document_file.read_sections`, which also raises.

        An office file whose tables kill its parser is read without them, and says so.
        """
        parts_only = False
        while True:
            request = {"name": path.name, "parts_only": parts_only}
            try:
                for head, pixels in self._decoded("document", path, request, MOST_BYTES):
                    picture = Picture(_image(head["size"], pixels), head["place"]) if "size" in head else None
                    yield Section(head["text"], head["place"], picture, head["missing"])
            except _Stopped as reason:
                if parts_only or path.suffix.lower() not in IN_PARTS:
                    raise TextError(f"{path.name} cannot be read: {reason}") from None
                parts_only = True
            else:
                if parts_only:
                    yield Section(missing="which cell of a table a text stands in")
                return

    def picture(self, path: Path, max_megapixels: float) -> Picture:
        """As `assistant.inputs.image_file.read_picture`, but no side longer than `LONGEST`."""
        return self.decode_picture(path, str(path), max_megapixels, "vision.max_megapixels", LONGEST)

    def decode_picture(
        self, what: bytes | Path, source: str, max_megapixels: float, setting: str, side: int = 2**31
    ) -> Picture:
        """As `assistant.inputs.image_file.decode_picture`, which also raises; no side is longer than `side` pixels."""
        request = {"name": source, "most": max_megapixels, "setting": setting, "side": side}
        [(head, pixels)] = self._media("picture", what, request)
        return Picture(_image(head["size"], pixels), source)

    def decode_audio(self, content: bytes, source: str, max_minutes: float, setting: str) -> AudioClip:
        """As `assistant.inputs.audio_file.decode_audio`, which also raises."""
        request = {"name": source, "most": max_minutes, "setting": setting}
        return clip_of(joined([_samples(*message) for message in self._media("sound", content, request)]), source)

    def sound(self, path: Path, max_minutes: float) -> Iterator[FloatArray]:
        """As `assistant.inputs.audio_file.audio_blocks`, which also raises."""
        request = {"name": path.name, "most": max_minutes, "setting": "speech.max_minutes"}
        for message in self._media("sound", path, request):
            yield _samples(*message)

    def close(self) -> None:
        """End the process; another call starts a new one."""
        with self._using:
            process, self.process = self.process, None
            if process is not None:
                process.close()

    def _media(self, do: str, what: Path | bytes, request: dict[str, Any]) -> Iterator[Message]:
        try:
            yield from self._decoded(do, what, request)
        except _Stopped as reason:
            raise _KINDS[do](f"{request['name']} cannot be read: {reason}") from None

    def _decoded(
        self, do: str, what: Path | bytes, request: dict[str, Any], most: int | None = None
    ) -> Iterator[Message]:
        kind = _KINDS[do]
        with self._using, _opened(what, kind, most) as file:
            finished = False
            try:
                if self.process is not None and not self.process.alive:  # it ends with the thread that started it
                    self.close()
                if self.process is None:
                    self.process = _Process(self._megabytes)
                for head, content in self.process.ask({"do": do, **request}, file, self._seconds):
                    if "end" not in head:
                        yield head, content
                        continue
                    finished = not head["tired"] and head.get("kind") != "MemoryError"
                    if head.get("kind") == "MemoryError":
                        raise _Stopped(f"it needs more than {self._megabytes:,} MB of memory")
                    if "error" in head:
                        raise ERRORS.get(head["kind"], kind)(head["error"], too_large=head["too_large"])
            finally:
                if not finished:
                    self.close()


def _opened(what: Path | bytes, kind: type[InputError], most: int | None) -> Any:
    """The open file, or one of these bytes."""
    if not isinstance(what, bytes):
        return open_file(what, kind, most)
    file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by who asked for it
    file.write(what)
    file.seek(0)
    return file


def _image(size: Sequence[int], pixels: bytearray) -> Image.Image:
    return Image.frombuffer("RGB", (size[0], size[1]), pixels, "raw", "RGB", 0, 1)


def _samples(head: dict[str, Any], content: bytearray) -> FloatArray:
    """(n, sides)."""
    return np.frombuffer(content, np.float32).reshape(-1, head["sides"])


class _Process:
    """The running process."""

    def __init__(self, megabytes: int) -> None:
        self._megabytes = megabytes
        self._channel, there = socket.socketpair()
        self.folder = tempfile.mkdtemp(prefix="assistant-")
        with there:
            arguments = [str(there.fileno()), str(megabytes), self.folder]
            self._popen = start_python("assistant.inputs.decoder_child", arguments, (there.fileno(),))
        self._begun = False
        self.limits: tuple[str, ...] = ()
        self.pid = self._popen.pid
        self._end = weakref.finalize(self, _end, self._channel, self._popen, self.folder)

    def ask(self, request: dict[str, Any], file: Any, seconds: float) -> Iterator[Message]:
        """Messages up to that which ends them; _Stopped when it took too long, or the process died."""
        try:
            if not self._begun:
                self._channel.settimeout(START_SECONDS)
                self.limits, self._begun = tuple(self._receive()[0]["limits"]), True
            self._channel.settimeout(seconds)
            socket.send_fds(self._channel, [json.dumps(request).encode()], [file.fileno()])
            while "end" not in (message := self._receive())[0]:
                yield message
            yield message
        except TimeoutError:
            raise _Stopped(f"it was not finished within {seconds:g} s") from None
        except OSError:
            limit = f"its reader crashed, or needs more than {self._megabytes:,} MB of memory"
            raise _Stopped(limit) from None

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._popen.poll() is None

    def _receive(self) -> Message:
        head, content = HEAD.unpack(self._exactly(HEAD.size))
        return json.loads(self._exactly(head)), self._exactly(content)

    def _exactly(self, count: int) -> bytearray:
        received = bytearray(count)
        view = memoryview(received)
        while view:
            got = self._channel.recv_into(view)
            if not got:
                raise ConnectionResetError
            view = view[got:]
        return received

    def close(self) -> None:
        """Kill it, and delete what it left."""
        self._end()


def _end(channel: socket.socket, popen: subprocess.Popen[bytes], folder: str) -> None:
    channel.close()
    popen.kill()
    popen.wait()
    shutil.rmtree(folder, ignore_errors=True)
