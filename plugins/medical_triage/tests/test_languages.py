"""Emergencies and crises in every language that the README names; at least 25 phrasings each."""

import tomllib
from pathlib import Path

import pytest

from plugins.medical_triage.alarms import alarm_reply
from plugins.medical_triage.languages import LANGUAGES

SAID = tomllib.loads((Path(__file__).parent / "said" / "languages.toml").read_text("utf-8"))


def heard_as(text: str) -> str:
    reply = alarm_reply(text)
    return "calm" if reply is None else {"emergency": "urgent", "crisis_support": "crisis"}[reply.intent.split(".")[1]]


@pytest.mark.parametrize("language", SAID)
@pytest.mark.parametrize("what", ["urgent", "crisis", "calm"])
def test_emergencies_crises_and_calm_sentences_are_told_apart(language: str, what: str) -> None:
    assert [text for text in SAID[language][what] if heard_as(text) != what] == []


def test_every_language_of_the_readme_has_its_sentences() -> None:
    assert set(SAID) == {*LANGUAGES, "en", "zh", "zh_hant"}
    assert all(len(said["urgent"]) + len(said["crisis"]) >= 25 for said in SAID.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_reply_names_the_number_in_the_language_and_says_that_the_rest_is_english(language: str) -> None:
    reply = alarm_reply(SAID[language]["urgent"][0])
    assert reply is not None
    first, second, *rest = reply.text.splitlines()
    assert any(number in first for number in ("112", "119", "1669", "15", "192"))
    assert "in English" in second
    assert any("emergency" in line for line in rest)
