"""The decoder's process: limits itself, then decodes one file after another.

``python -P -m assistant.inputs.decoder_child FD MEGABYTES FOLDER``; `assistant.inputs.decoder` starts it and is at the
other end of the socket. A request is one JSON packet with the open file; its answers are messages, each a head in JSON
and bytes.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from assistant.confine import SYSTEM, Confinement, confine, libraries
from assistant.errors import AudioError, ImageError, InputError, TextError

__all__ = ["HEAD", "PACKET", "main"]

HEAD = struct.Struct(">II")
"""bytes of the head in JSON, and of what follows it"""
PACKET = 2**16
"""bytes of the longest request"""
TIRED = 600 * 2**20
"""bytes in memory after a file from which a new process takes over: what a parser held is seldom given back"""
FILE_MEGABYTES = 256

Message = tuple[dict[str, Any], Any]
"""what is sent: a head, and bytes"""


def main() -> None:
    """Serve until the other end is closed."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    private = [str(Path.home())]
    tempfile.tempdir = folder = sys.argv[3]
    os.environ |= dict.fromkeys(("TMPDIR", "HOME", "XDG_CACHE_HOME"), folder)
    readable = [*map(Path, SYSTEM), *libraries(filter(None, sys.path), private)]
    writable = (Path(os.devnull), Path(folder))
    held = confine(Confinement(int(sys.argv[2]), tuple(readable), writable, file_megabytes=FILE_MEGABYTES))
    _send(channel, ({"limits": held}, b""))
    while True:
        data, handles, _, _ = socket.recv_fds(channel, PACKET, 1)
        if not data:
            return
        with open(handles[0], "rb") as file:
            _answer(channel, json.loads(data), file)


def _answer(channel: socket.socket, request: dict[str, Any], file: BinaryIO) -> None:
    end: dict[str, Any] = {"end": True}
    try:
        for message in _WAYS[request["do"]](file, request):
            _send(channel, message)
    except InputError as error:
        end |= {"error": str(error), "kind": type(error).__name__, "too_large": error.too_large}
    except MemoryError:
        end |= {"error": "", "kind": "MemoryError", "too_large": False}
    except RecursionError:
        end |= {"error": f"{request['name']} is damaged or cannot be read", "kind": "", "too_large": False}
    _send(channel, ({**end, "tired": _resident() > TIRED}, b""))


def _send(channel: socket.socket, message: Message) -> None:
    head, content = json.dumps(message[0]).encode(), memoryview(message[1]).cast("B")
    channel.sendall(HEAD.pack(len(head), len(content)) + head)
    channel.sendall(content)


def _document(file: BinaryIO, request: dict[str, Any]) -> Iterator[Message]:
    from assistant.inputs.document_file import read_sections

    for section in read_sections(file.read(), request["name"], parts_only=request["parts_only"]):
        head = {"text": section.text, "place": section.place, "missing": section.missing}
        if section.picture is None:
            yield head, b""
        else:
            image = section.picture.image
            yield {**head, "size": image.size}, image.tobytes()


def _picture(file: BinaryIO, request: dict[str, Any]) -> Iterator[Message]:
    from PIL import Image

    from assistant.inputs.image_file import load_picture

    image = load_picture(file, request["name"], request["most"], request["setting"]).image
    if max(image.size) > request["side"]:
        scale = request["side"] / max(image.size)
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    yield {"size": image.size}, image.tobytes()


def _sound(file: BinaryIO, request: dict[str, Any]) -> Iterator[Message]:
    from assistant.inputs.audio_file import sound_blocks

    for block in sound_blocks(file, request["name"], request["most"], request["setting"]):
        yield {"sides": block.shape[1]}, block.tobytes()


_WAYS = {"document": _document, "picture": _picture, "sound": _sound}

ERRORS: dict[str, type[InputError]] = {each.__name__: each for each in (AudioError, ImageError, TextError)}


def _resident() -> int:
    with suppress(OSError, ValueError), open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


if __name__ == "__main__":
    main()
