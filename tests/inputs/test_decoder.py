"""Files are decoded in a process that can be killed, and that harms nothing."""

import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from assistant.confine import LIMITS
from assistant.errors import AudioError, ImageError, TextError
from assistant.inputs.audio_file import joined
from assistant.inputs.decoder import Decoder
from assistant.inputs.document_file import read_sections
from assistant.inputs.image_file import read_picture
from tests.inputs.kinds import make_kind, word


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    decoder = Decoder()
    yield decoder
    decoder.close()


def hostile(path: Path) -> Path:
    """A text document with one cell that claims a hundred million columns."""
    word(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    wide = b'<w:tc><w:tcPr><w:gridSpan w:val="100000000"/></w:tcPr>'
    parts["word/document.xml"] = parts["word/document.xml"].replace(b"<w:tc>", wide)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_one_process_decodes_documents_pictures_and_sound_as_this_one_would(tmp_path: Path, decoder: Decoder) -> None:
    make_kind(tmp_path, "slides.pptx")
    Image.effect_mandelbrot((400, 300), (-2, -1, 1, 1), 30).convert("RGB").save(tmp_path / "a.png")
    samples = np.sin(np.arange(200_000) / 20).astype(np.float32) / 2
    soundfile.write(tmp_path / "a.wav", samples, 16_000, subtype="FLOAT")
    here = list(read_sections((tmp_path / "slides.pptx").read_bytes(), "slides.pptx"))
    assert list(decoder.sections(tmp_path / "slides.pptx")) == here
    process = decoder.process
    assert decoder.picture(tmp_path / "a.png", 100).digest == read_picture(tmp_path / "a.png").digest
    assert joined(list(decoder.sound(tmp_path / "a.wav", 10)))[:, 0] == pytest.approx(samples, abs=1e-6)
    content = (tmp_path / "a.png").read_bytes()
    assert decoder.decode_picture(content, "it", 100, "s").digest == read_picture(tmp_path / "a.png").digest
    clip = decoder.decode_audio((tmp_path / "a.wav").read_bytes(), "it", 10, "s")
    assert clip.samples == pytest.approx(samples, abs=1e-6)
    with pytest.raises(ImageError, match=r"^it is not a picture"):
        decoder.decode_picture(b"words" * 20, "it", 100, "s")
    with pytest.raises(AudioError, match=r"longer than|minutes long; the limit is 0\.1 \(setting s\)"):
        decoder.decode_audio((tmp_path / "a.wav").read_bytes(), "it", 0.1, "s")
    assert decoder.process is process


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock and seccomp are Linux's")
def test_the_process_has_neither_network_nor_other_files(tmp_path: Path, decoder: Decoder) -> None:
    list(decoder.sections(make_kind(tmp_path, "readme.md")))
    missing = set(LIMITS) - set(decoder.process.limits)
    if "files" in missing:
        pytest.skip("this kernel has no Landlock")
    assert missing == set()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits memory so")
def test_a_document_that_kills_its_reader_is_read_without_its_tables(tmp_path: Path) -> None:
    decoder = Decoder(megabytes=400)
    sections = list(decoder.sections(hostile(tmp_path / "a.docx")))
    assert "nestedtapir price" in " ".join(section.text for section in sections)
    assert sections[-1].missing == "which cell of a table a text stands in"
    assert list(decoder.sections(make_kind(tmp_path, "readme.md")))
    decoder.close()


def test_what_takes_too_long_is_stopped_and_the_next_file_is_read(tmp_path: Path) -> None:
    Image.new("L", (9_000, 9_000)).save(tmp_path / "slow.jp2")
    decoder = Decoder(seconds=0.3)
    began = time.monotonic()
    with pytest.raises(ImageError, match=r"slow\.jp2 cannot be read: it was not finished within 0\.3 s"):
        decoder.picture(tmp_path / "slow.jp2", 100)
    assert time.monotonic() - began < 30
    decoder.close()
    patient = Decoder()
    assert [section.text for section in patient.sections(make_kind(tmp_path, "film.srt"))]
    patient.close()


def test_a_process_that_dies_is_one_line_and_the_next_file_gets_a_new_one(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(4_000_000, np.float32), 16_000)
    decoder = Decoder()
    blocks = decoder.sound(tmp_path / "a.wav", 10)
    next(blocks)
    assert decoder.process is not None
    os.kill(decoder.process.pid, signal.SIGKILL)
    with pytest.raises(AudioError, match=r"a\.wav cannot be read: its reader crashed"):
        list(blocks)
    assert sum(map(len, decoder.sound(tmp_path / "a.wav", 10))) == 4_000_000
    decoder.close()


def test_a_process_that_ended_with_its_thread_is_started_again(tmp_path: Path) -> None:
    make_kind(tmp_path, "readme.md")
    decoder = Decoder()
    thread = threading.Thread(target=lambda: list(decoder.sections(tmp_path / "readme.md")))
    thread.start()
    thread.join()
    time.sleep(0.2)
    assert list(decoder.sections(tmp_path / "readme.md"))
    decoder.close()


def test_a_recording_that_is_left_half_way_does_not_confuse_the_next(tmp_path: Path, decoder: Decoder) -> None:
    soundfile.write(tmp_path / "a.wav", np.full(2_000_000, 0.25, np.float32), 16_000)
    blocks = decoder.sound(tmp_path / "a.wav", 10)
    next(blocks)
    blocks.close()
    assert [section.text.strip() for section in decoder.sections(make_kind(tmp_path, "conf.ini"))] == [
        "[zebra]\nname = lemur"
    ]


def test_what_cannot_be_read_keeps_its_own_line(tmp_path: Path, decoder: Decoder) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"nothing of the kind")
    with pytest.raises(TextError, match=r"^broken\.pdf is damaged"):
        list(decoder.sections(tmp_path / "broken.pdf"))
    Image.new("1", (4_000, 4_000)).save(tmp_path / "large.png")
    with pytest.raises(ImageError, match="more than 10 million") as caught:
        decoder.picture(tmp_path / "large.png", 10)
    assert caught.value.too_large
    for path in (tmp_path / "nowhere.txt", tmp_path, Path("a\0b.txt")):
        with pytest.raises(TextError):
            list(decoder.sections(path))


def test_the_process_and_its_folder_go_with_the_program(tmp_path: Path) -> None:
    make_kind(tmp_path, "readme.md")
    code = (
        "import sys; from pathlib import Path; from assistant.inputs.decoder import Decoder; d = Decoder();"
        f"list(d.sections(Path({str(tmp_path / 'readme.md')!r}))); print(d.process.pid, d.process.folder)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    pid, folder = told.split()
    end = time.monotonic() + 30
    while time.monotonic() < end and (Path(folder).exists() or Path("/proc", pid).exists()):
        time.sleep(0.05)
    assert not Path(folder).exists()
    assert not Path("/proc", pid).exists()
