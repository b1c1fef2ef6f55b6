"""Tests answers from a library, with the real models."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile
from PIL import Image, ImageDraw, ImageFont

from assistant.encoders.models import Models
from assistant.errors import TextError
from assistant.loading import create_models
from assistant.retrieval.library.library import Library
from assistant.settings import load_settings
from assistant.types import AudioClip

pytestmark = pytest.mark.models

FILES = {
    "lease.txt": "The rent is 900 euros a month. Either side may end the lease with two months' notice. Cats may stay.",
    "job.txt": "Contract of employment. During probation the notice is one week. You have 27 days of leave.",
    "bill march.txt": "Invoice. Date: 18 March 2026. Cutting two apple trees. Total: 176.00 EUR",
    "bill april.txt": "Invoice. Date: 7 April 2026. Tuning the piano. Total: 146.00 EUR",
    "面包.txt": "酸面包的做法。先和面，再发酵一夜。盖上盖子烤二十五分钟，再去掉盖子烤二十分钟。",
}


@pytest.fixture(scope="module")
def models() -> Models:
    return create_models(load_settings(), keep_encodings=False)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, models: Models, say: Callable[[str], AudioClip]) -> Library:
    folder = tmp_path_factory.mktemp("answers")
    files = folder / "files"
    files.mkdir()
    for name, text in FILES.items():
        (files / name).write_text(text, "utf-8")
    soundfile.write(files / "memo.wav", say("The lighthouse was painted red last summer.").samples, 16_000)
    receipt = Image.new("RGB", (560, 160), "white")
    ImageDraw.Draw(receipt).text((20, 20), "KEDAI RIA\nTOTAL RM 177.40", "black", ImageFont.load_default(40))
    receipt.save(files / "receipt.png")
    library = Library(load_settings({"library": {"folder": str(folder / "library")}}), models)
    assert not library.add([files]).failed
    return library


@pytest.mark.parametrize(
    ("asked", "file", "held"),
    [
        ("what does my lease say about notice?", "lease.txt", "two months' notice"),
        ("how many days of leave do I have?", "job.txt", "27 days"),
        ("how long is the bread baked with the lid on?", "面包.txt", "二十五分钟"),
        ("面包要发酵多久？", "面包.txt", "发酵一夜"),
        ("房租多少钱？", "lease.txt", "900 euros"),
        ("find the invoice from March 2026", "bill march.txt", "18 March"),
        ("receipts over 100 ringgit", "receipt.png", "177.40"),
        ("search my files for the April bill", "bill april.txt", "Invoice."),
        ("when was the lighthouse painted?", "memo.wav", "last summer"),
    ],
)
def test_the_sentence_that_answers_comes_with_its_file(library: Library, asked: str, file: str, held: str) -> None:
    best = library.answers(asked)[0]
    assert Path(best.hit.source).name == file
    assert held in best.text


@pytest.mark.parametrize(
    "asked",
    [
        "zxqv flurble",
        "who won the world cup in 1998?",
        "search my files for tiramisu",
        "receipts over 500 ringgit",
        "find the invoice from August 2024",
        "北京的天气怎么样？",
    ],
)
def test_what_is_not_there_is_not_answered(library: Library, asked: str) -> None:
    assert library.answers(asked) == []


def test_an_exact_sentence_comes_first_whatever_its_kind(library: Library) -> None:
    hits = library.search("The lighthouse was painted red last summer.")
    assert hits[0].kind == "audio"
    fits = [hit.relevance for hit in hits]
    assert fits == sorted(fits, reverse=True)  # type: ignore[type-var]


def test_nothing_fits_gibberish(library: Library) -> None:
    assert library.search("zxqv flurble") == []
    assert library.search("zxqv flurble", loosely=True)


def test_an_empty_question_is_refused(library: Library) -> None:
    with pytest.raises(TextError, match="nothing to search for"):
        library.answers("  ")


def test_all_words_of_a_file_are_kept_in_order(library: Library) -> None:
    source = next(name for name in library.table.sources() if name.endswith("job.txt"))
    assert library.texts(source) == [FILES["job.txt"]]
    assert library.texts("/nowhere") == []
    assert library.large_table().passages(source)[0].text == FILES["job.txt"]


SEARCHING = """
import sys
from assistant.cli import main
try:
    main(["library", *sys.argv[1:]])
finally:
    print("imported:", *sorted({"lancedb", "lance", "pyarrow", "torch", "sqlalchemy", "scipy"} & sys.modules.keys()))
"""


def test_a_search_by_words_in_a_fresh_process_imports_no_torch_and_no_lance(tmp_path: Path) -> None:
    (tmp_path / "bread.md").write_text("Feed the sourdough starter the evening before.", "utf-8")
    fresh = [sys.executable, "-c", SEARCHING]
    environment = os.environ | {"ASSISTANT_LIBRARY__FOLDER": str(tmp_path / "library")}
    subprocess.run([*fresh, "add", str(tmp_path / "bread.md")], env=environment, capture_output=True, check=True)
    done = subprocess.run([*fresh, "search", "sourdough"], env=environment, capture_output=True, text=True, check=True)
    shown, _, imported = done.stdout.rstrip("\n").rpartition("\n")
    assert "bread.md" in shown
    assert imported == "imported:"
