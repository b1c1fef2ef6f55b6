"""Damaged files of every kind: each is read or is one clear line, and never a traceback, a hang or a dead program.

Seeded: the same damage at each run. ``ASSISTANT_FUZZ=200`` does two hundred rounds instead of one.
"""

import os
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from assistant.errors import InputError
from assistant.inputs.decoder import Decoder
from tests.inputs.kinds import KINDS, make_kind

ROUNDS = int(os.environ.get("ASSISTANT_FUZZ", "1"))
PICTURES = ("png", "jpeg", "gif", "bmp", "webp", "tiff", "avif", "ppm", "tga", "ico", "jpeg2000")
SOUNDS = ("wav", "flac", "ogg", "mp3", "aiff")


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    decoder = Decoder(megabytes=700, seconds=20)
    yield decoder
    decoder.close()


def damaged(content: bytes, rng: np.random.Generator) -> bytes:
    """Some bytes changed, cut out, said twice or replaced by the largest numbers; or the end cut off."""
    data = bytearray(content)
    for _ in range(rng.integers(1, 12)):
        at = int(rng.integers(0, max(len(data), 1)))
        length = int(rng.integers(1, 64))
        match rng.integers(0, 6):
            case 0:
                data[at : at + length] = rng.bytes(length)
            case 1:
                del data[at : at + length]
            case 2:
                data[at:at] = data[at : at + length] * int(rng.integers(1, 50))
            case 3:
                data[at : at + 4] = b"\xff\xff\xff\xff"
            case 4 if len(data) > 8:
                data[at] ^= 1 << int(rng.integers(0, 8))
            case 5 if rng.random() < 0.2:
                del data[at:]
    return bytes(data)


def attacked(path: Path, read: Callable[[Path], object], seed: int) -> None:
    content = path.read_bytes()
    rng = np.random.default_rng(seed)
    for _ in range(2 * ROUNDS):
        path.write_bytes(damaged(content, rng))
        try:
            read(path)
        except InputError as error:
            if len(str(error)) > 700 or "Traceback" in str(error):
                pytest.fail(f"not one clear line: {error}")


@pytest.mark.faults
@pytest.mark.parametrize("name", KINDS)
def test_damaged_documents(tmp_path: Path, decoder: Decoder, name: str) -> None:
    attacked(make_kind(tmp_path, name), lambda path: list(decoder.sections(path)), len(name))


@pytest.mark.faults
@pytest.mark.parametrize("kind", PICTURES)
def test_damaged_pictures(tmp_path: Path, decoder: Decoder, kind: str) -> None:
    file = BytesIO()
    Image.effect_mandelbrot((96, 64), (-2, -1, 1, 1), 30).convert("RGB").save(file, kind)
    (tmp_path / "a.png").write_bytes(file.getvalue())
    attacked(tmp_path / "a.png", lambda path: decoder.picture(path, 10), len(kind))


@pytest.mark.faults
@pytest.mark.parametrize("kind", SOUNDS)
def test_damaged_recordings(tmp_path: Path, decoder: Decoder, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    soundfile.write(path, np.sin(np.arange(16_000) / 20).astype(np.float32) / 2, 16_000)
    attacked(path, lambda path: list(decoder.sound(path, 10)), len(kind))
