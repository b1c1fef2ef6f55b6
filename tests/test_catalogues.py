"""Every sentence that a reply may say is written in each language that its folder has, with the same placeholders."""

import re
from pathlib import Path
from string import Formatter

import pytest

from assistant.language.catalogue import Catalogue

HERE = Path(__file__).parents[1]
FOLDERS = sorted({path.parent for room in ("assistant", "plugins") for path in (HERE / room).rglob("phrases*.toml")})
WRITTEN = [(folder, language) for folder in FOLDERS for language in Catalogue(folder).languages]


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def named(folder: Path) -> str:
    return folder.relative_to(HERE).as_posix()


@pytest.mark.parametrize(("folder", "language"), WRITTEN, ids=[f"{named(f)}-{code}" for f, code in WRITTEN])
def test_every_sentence_exists_in_the_language_with_the_same_placeholders(folder: Path, language: str) -> None:
    english, other = Catalogue(folder).sentences("en"), Catalogue(folder).sentences(language)
    extra = {key for key in other if " " in key}  # names of things, such as the demo shop's products
    assert set(other) - extra == set(english), f"{named(folder)}: {set(other) ^ set(english)}"
    for key, sentence in english.items():
        assert placeholders(other[key]) <= placeholders(sentence), f"{key} asks for a value that English has not"


def test_german_is_written_for_the_core_and_whoever_replies_in_it() -> None:
    german = {named(folder) for folder, language in WRITTEN if language == "de"}
    assert "assistant/language" in german
    for place in german:
        for key, sentence in Catalogue(HERE / place).sentences("de").items():
            assert not re.search(r"[\u4e00-\u9fff]|“[^”„]*”", sentence), f"{place}: {key} has marks of another language"


def test_a_language_without_a_file_is_answered_in_english(tmp_path: Path) -> None:
    (tmp_path / "phrases.toml").write_text('[kept]\nen = "I kept {what}."\nzh = "保存了{what}。"\n', "utf-8")
    catalogue = Catalogue(tmp_path)
    assert catalogue.say("kept", "de", what="it") == "I kept it."
    (tmp_path / "phrases.de.toml").write_text('kept = "Ich habe {what} gespeichert."\n', "utf-8")
    added = Catalogue(tmp_path)
    assert added.languages == ("en", "zh", "de")
    assert added.say("kept", "de", what="es") == "Ich habe es gespeichert."
