"""Our tokens of Whisper are those of the package openai-whisper, for every language and kind of text."""

import importlib.util
import sys
import warnings
from pathlib import Path
from types import ModuleType

import pytest

from assistant.speech.tokenizer import Tokenizer

TEXTS = (
    "And so, my fellow Americans: ask not what your country can do for you!",
    " it's 12:30 — don't",
    "请把明天早上七点的闹钟取消，谢谢。",
    "もうやめて、ありがとう",
    "ขอบคุณมากครับ",
    "Zażółć gęślą jaźń",
    "naïve 🎉 café <|endoftext|> [music] ♪♪",
    "",
)


@pytest.fixture(scope="module")
def original() -> ModuleType:
    """The package's module by itself: the package would import torch."""
    spec = importlib.util.find_spec("whisper")
    assert spec is not None
    assert spec.origin is not None
    place = Path(spec.origin).parent / "tokenizer.py"
    found = importlib.util.spec_from_file_location("tests_whisper_tokenizer", place)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module  # dataclasses look their module up
    found.loader.exec_module(module)
    return module


@pytest.mark.parametrize("languages", [99, 100])
def test_every_language_opens_and_splits_as_in_the_package(original: ModuleType, languages: int) -> None:
    codes = list(original.LANGUAGES)[:languages]
    assert list(Tokenizer("en", languages).languages) == codes
    for code in codes:
        ours, theirs = Tokenizer(code, languages), wrapped(original, code, languages)
        assert ours.opening == theirs.sot_sequence_including_notimestamps
        assert set(ours.languages.values()) == set(theirs.all_language_tokens)
        for text in TEXTS[:-2]:
            tokens = [*ours.encode(text), ours.end]
            assert ours.split_words(tokens) == theirs.split_to_word_tokens(tokens)


@pytest.mark.parametrize("language", ["en", "zh", ""])
def test_words_and_marks_are_those_of_the_package(original: ModuleType, language: str) -> None:
    ours, theirs = Tokenizer(language, 99), wrapped(original, language, 99)
    assert ours.suppressed == theirs.non_speech_tokens
    assert (ours.end, ours.no_speech, ours.before) == (theirs.eot, theirs.no_speech, theirs.sot_prev)
    for text in TEXTS:
        tokens = ours.encode(text)
        assert tokens == theirs.encoding.encode_ordinary(text)
        stamped = [*tokens, theirs.timestamp_begin + 7]
        assert ours.decode(stamped) == theirs.decode(stamped) == text


def test_a_language_that_whisper_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="xx"):
        Tokenizer("xx", 99)
    with pytest.raises(ValueError, match="yue"):
        Tokenizer("yue", 99)  # only the newest models


def wrapped(original: ModuleType, language: str, languages: int):  # type: ignore[no-untyped-def]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves its vocabulary file open
        return original.get_tokenizer(bool(language), num_languages=languages, language=language or None)
