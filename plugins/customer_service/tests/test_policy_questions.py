"""Questions people may ask, and the policy sections that answer them, with the real encoders."""

import asyncio
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.loading import create_models
from assistant.retrieval.collection import key_of, read_encodings
from assistant.settings import load_settings
from plugins.customer_service.policies import ENCODED, find_passages, passages
from plugins.customer_service.wording import Language, language_of

LANGUAGES: tuple[Language, ...] = ("en", "zh", "de")


def questions() -> Iterator[tuple[str, str]]:
    written = tomllib.loads((Path(__file__).parent / "policy_questions.toml").read_text("utf-8"))
    for section, asked in (*written.pop("german").items(), *written.items()):
        yield from ((section, question) for question in asked)


def test_the_demo_shops_pages_come_with_their_encodings() -> None:
    known = read_encodings(ENCODED)
    texts = [f"{each.title}. {each.text}" for language in LANGUAGES for each in passages(language)]
    version = create_models(load_settings()).text_version
    missing = [text for text in texts if key_of(version, text) not in known]
    assert not missing, "run python -m plugins.customer_service.make_encodings"


@pytest.mark.models
@pytest.mark.slow
def test_questions_find_their_sections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.app import App

    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))

    async def found() -> list[tuple[str, str, list[str]]]:
        app = await App.open()
        try:
            services = app.services_for("customer_service")
            told = []
            for section, question in questions():
                language = language_of(question)
                english = dict(
                    zip((p.title for p in passages(language)), (p.title for p in passages("en")), strict=True)
                )
                answers = await find_passages(question, language, services)
                told.append((section, question, [english[each.title] for each in answers]))
            return told
        finally:
            await app.close()

    told = asyncio.run(found())
    answered = [each for each in told if each[0] and language_of(each[1]) != "de"]
    german = [each for each in told if each[0] and language_of(each[1]) == "de"]
    assert len(german) == 22
    assert sum(section in titles for section, _, titles in german) >= 18, german
    missed = [each for each in answered if each[2][:1] != [each[0]]]
    assert len(answered) == 45
    assert len(missed) <= 10, missed  # as many as a search by sentences alone missed
    assert sum(section in titles for section, _, titles in answered) >= 40
    assert [each for each in told if not each[0] and each[2]] == []
