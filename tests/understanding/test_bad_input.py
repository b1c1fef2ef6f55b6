"""Whatever a user types or a recogniser writes is read, quickly and safely."""

import random
import time
from itertools import pairwise
from pathlib import Path

import pytest

from assistant.errors import ModelUnavailable
from assistant.understanding.model import ClauseReader
from assistant.understanding.types import Understanding

ODD = [
    "",
    " \n\t ",
    "...",
    "?!?!",
    "。。。，，，",
    "🙂😡",
    "\0",
    "cancel\0it",
    "\ud800 where is my order \udfff",
    "取消 A1002 please и ещё كلب",
    "٣ + ٤",
    "((((((",
    "'''\"\"\"",
    "İİİ ıı ßß",
    "a" * 20_000,
    "不" * 5_000,
    "-" * 20_000,
    "e\u0301" * 500,
]


def holds_together(said: Understanding) -> None:
    assert all(said.text[clause.start : clause.end] == clause.text for clause in said.clauses)
    assert all(first.end <= second.start for first, second in pairwise(said.clauses))
    covered = sum(clause.end - clause.start for clause in said.clauses)
    assert covered + sum(char.isspace() for char in said.text) >= len(said.text)


@pytest.mark.parametrize("text", ODD, ids=lambda text: ascii(text[:12]))
def test_odd_text_is_covered_by_its_clauses_and_never_acts(reader: ClauseReader, text: str) -> None:
    said = reader.read(text)
    holds_together(said)
    if not any(char.isalnum() for char in text):
        assert not any(clause.acting or clause.confidence for clause in said.clauses)


def test_random_text_is_covered_by_its_clauses(reader: ClauseReader) -> None:
    chance = random.Random(5)
    alphabet = "abc de ,.;?!'\"\n\0不要吗。，？🙂\ud800éñاב12-"
    for _ in range(300):
        holds_together(reader.read("".join(chance.choices(alphabet, k=chance.randrange(60)))))


def test_ten_thousand_clauses_take_seconds_at_most_and_those_beyond_the_limit_never_act(reader: ClauseReader) -> None:
    text = "cancel it. " * 10_000
    reader.read("warm up")
    began = time.thread_time()
    said = reader.read(text)
    assert time.thread_time() - began < 10  # a second on an idle machine
    assert len(said.clauses) == 10_000
    assert not any(clause.acting for clause in said.clauses[1_000:])


def test_reading_time_grows_with_the_length_and_not_faster(reader: ClauseReader) -> None:
    rant = "and then the driver left it in the rain, which I told you about last week, so where is it? "

    def seconds(times: int) -> float:
        began = time.thread_time()
        reader.read(rant * times)
        return time.thread_time() - began

    seconds(20)
    short, long = min(seconds(20) for _ in range(5)), min(seconds(80) for _ in range(3))
    assert long < 12 * short


@pytest.mark.parametrize("text", ["cancel A1002", "取消A1002，再查一下物流", "où est ma commande ?"])
def test_the_same_text_is_read_the_same(reader: ClauseReader, text: str) -> None:
    assert reader.read(text).to_json() == ClauseReader().read(text).to_json()


def test_missing_and_damaged_weights_say_so(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"no weights")
    for path in (tmp_path / "missing.safetensors", damaged):
        with pytest.raises(ModelUnavailable, match="reinstall"):
            ClauseReader(path).read("hello there")


def test_an_overlong_question_does_not_matter(reader: ClauseReader) -> None:
    assert reader.read("yes", "Cancel it? " * 10_000).clauses[0].act == "yes"
