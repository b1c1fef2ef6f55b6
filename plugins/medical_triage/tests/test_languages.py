"""Emergencies and crises in every language that the README names; at least 25 phrasings each."""

import tomllib
from pathlib import Path

import pytest

from plugins.medical_triage.alarms import alarm_reply
from plugins.medical_triage.facts import read_facts
from plugins.medical_triage.languages import LANGUAGES, crisis_perhaps_in, emergency_perhaps_in
from plugins.medical_triage.replies import answered
from plugins.medical_triage.rules import questions, rules
from plugins.medical_triage.wording import WRITTEN

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


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each not in WRITTEN])
def test_the_reply_names_the_number_in_the_language_and_says_that_the_rest_is_english(language: str) -> None:
    reply = alarm_reply(SAID[language]["urgent"][0])
    assert reply is not None
    first, second, *rest = reply.text.splitlines()
    assert any(number in first for number in ("112", "119", "1669", "15", "192"))
    assert "in English" in second
    assert any("emergency" in line for line in rest)


ENGLISH = {"the", "and", "you", "your", "call", "with", "somebody", "help", "this"}


def in_english(text: str) -> bool:
    return bool(ENGLISH & {word.strip(".,:;()").lower() for word in text.split()})


def in_german(text: str) -> bool:
    return not in_english(text)


@pytest.mark.parametrize("what", ["urgent", "crisis"])
def test_german_alarms_are_answered_in_german_on_the_screen_and_aloud(what: str) -> None:
    replies = [alarm_reply(text) for text in SAID["de"][what]]
    written = [reply for reply in replies if reply is not None]
    assert len(written) == len(replies)
    for reply in written:
        assert in_german(reply.text.partition("Grundlage:")[0]), reply.text  # a source keeps its English name
        assert in_german(reply.speech)
        assert "112" in reply.text or "142" in reply.text


def test_doubt_and_worry_about_somebody_else_are_answered_in_german_too() -> None:
    assert in_german(crisis_perhaps_in("Ich weiß nicht, wozu das alles noch gut ist").text)
    assert in_german(emergency_perhaps_in("Ich glaube, das ist ein Notfall mit meiner Mutter").text)
    friend = alarm_reply("Mein Bruder will nicht mehr leben")
    assert friend is not None
    assert "lassen Sie ihn nicht allein" in friend.text


def test_every_red_flag_says_in_german_why_and_every_question_is_asked_in_german() -> None:
    assert [rule.id for rule in rules() if rule.red_flag and rule.reason("de") == rule.en] == []
    assert [each.id for each in questions() if in_english(each.text("de")) or in_english(each.simple_text("de"))] == []


@pytest.mark.parametrize(("said", "reading"), [("ja", "answered"), ("Nein.", "answered"), ("weiß nicht", "open")])
def test_a_german_yes_and_no_answer_a_question(said: str, reading: str) -> None:
    question = next(each for each in questions() if each.id == "chest")
    facts, read = answered(read_facts("chest pain"), question, said)
    assert read == reading
    assert ("severe" in facts.present) == (said == "ja")
