"""Whole conversations: what is said, what is asked, and how soon to see whom."""

import asyncio
import tomllib
from collections import Counter

import pytest

from assistant import Turn
from assistant.testing import FakeDialogue, FakeServices
from plugins.medical_triage.checking import check_symptoms, result
from plugins.medical_triage.facts import FILES, FOLDER, read_facts, symptoms
from plugins.medical_triage.rules import LEVELS, knowledge, level_of, matching, questions, rules

# What somebody tells, and the level that the rules must reach without asking.
CASES = [
    ("crushing chest pain for 20 minutes", "emergency"),
    ("my face is drooping on one side", "emergency"),
    ("fever of 39 and I'm confused", "emergency"),
    ("fever, stiff neck and a headache", "emergency"),
    ("my 6 week old baby has a temperature of 38.5", "emergency"),
    ("I hit my head and vomited twice", "emergency"),
    ("sudden severe tummy pain", "emergency"),
    ("swollen calf and short of breath", "emergency"),
    ("my heart is racing and I fainted", "emergency"),
    ("pregnant and bleeding with belly pain, I'm pregnant", "emergency"),
    ("I'm very thirsty and keep vomiting", "emergency"),
    ("肚子突然剧烈疼痛", "emergency"),
    ("a mild pain in my chest that comes and goes", "urgent"),
    ("I get out of breath on the stairs lately", "urgent"),
    ("I'm pregnant and have a fever", "urgent"),
    ("I'm on chemo and have a temperature of 38.2 degrees", "emergency"),
    ("burning when I pee and fever", "urgent"),
    ("my calf is swollen and red", "urgent"),
    ("blood in my stool", "urgent"),
    ("I can't put weight on my ankle after a fall", "urgent"),
    ("my baby has diarrhoea", "urgent"),
    ("she's not drinking and hasn't peed since yesterday", "urgent"),
    ("headache, 9 out of 10", "urgent"),
    ("belly pain with fever", "urgent"),
    ("I fainted this morning", "urgent"),
    ("my testicle hurts a bit", "urgent"),
    ("I have had a fever and a cough for three days", "doctor"),
    ("a cough for four weeks", "doctor"),
    ("it burns when I pee", "doctor"),
    ("a lump in my neck", "doctor"),
    ("my knee has been painful for 2 weeks", "doctor"),
    ("toothache since yesterday", "doctor"),
    ("I've been feeling anxious and can't sleep", "doctor"),
    ("my 8 month old has a cough", "doctor"),
    ("发烧三天了", "doctor"),
    ("runny nose and sneezing since yesterday", "self_care"),
    ("sore throat for two days, no fever", "self_care"),
    ("I've had the runs since this morning", "self_care"),
    ("a slight headache after a long day", "self_care"),
    ("my back aches after gardening", "self_care"),
    ("I twisted my ankle a bit", "self_care"),
    ("有点流鼻涕", "self_care"),
]


@pytest.mark.parametrize(("text", "level"), CASES)
def test_level(text: str, level: str) -> None:
    facts = read_facts(text)
    assert level_of(matching(facts)) == level


def ask(text: str, *answers: str, tone: dict[str, float] | None = None) -> tuple[str, list[str]]:
    dialogue = FakeDialogue(answers)
    reply = asyncio.run(check_symptoms(Turn(text=text, tone=tone or {}), dialogue, FakeServices()))
    return reply.text, dialogue.asked


def test_mild_chest_pain_is_asked_about_and_a_yes_makes_it_an_emergency() -> None:
    text, asked = ask("I have some pain in my chest", "yes, it does")
    assert "112" in text
    assert "call your emergency number now" in asked[0]
    assert len(asked) == 1


def test_a_no_rules_the_warning_signs_out() -> None:
    text, asked = ask("I have a headache", "no", "two days", "4")
    assert text.startswith("From what you told me, you can look after this at home")
    assert len(asked) == 3
    assert "not a diagnosis" in text
    assert "CG150" in text


def test_what_an_answer_names_counts_by_itself() -> None:
    assert "112" in ask("I have a fever", "my neck is very stiff")[0]


def test_at_most_three_questions_are_asked() -> None:
    _, asked = ask("I have a fever, a cough, a headache and my back hurts", "no", "no", "no")
    assert len(asked) == 3


def test_nothing_known_is_asked_for_and_sent_to_a_doctor() -> None:
    text, asked = ask("I feel weird", "my aura wobbles", "two days")
    assert "What is wrong" in asked[0]
    assert "could not make out a symptom" in text
    assert "see a doctor" in text


def test_thoughts_of_self_harm_in_an_answer_get_crisis_help() -> None:
    text, _ = ask("I feel so anxious", "yes, I want to kill myself")
    assert "988" in text
    assert "116 123" in text


def test_a_plain_yes_to_the_question_about_self_harm_gets_crisis_help() -> None:
    assert "988" in ask("I am depressed", "yes")[0]


def test_distress_in_the_voice_raises_the_level() -> None:
    calm, _ = ask("a cold since yesterday", "no", "30")
    upset, _ = ask("a cold since yesterday", "no", "30", tone={"urgency": 0.9})
    assert "at home" in calm
    assert "see a doctor" in upset


def test_chinese_is_answered_in_chinese() -> None:
    text, asked = ask("我头痛", "没有", "两天", "3分")
    assert "头痛" in asked[0]
    assert "目前可以先在家护理" in text


@pytest.mark.parametrize(
    ("text", "said", "unsaid"),
    [
        ("my 3 year old has had a fever since yesterday", "A small child with a fever", "adults"),
        ("my 3 year old has had a fever since yesterday", "no aspirin under 16", "While pregnant"),
        ("I have had a fever since yesterday", "mostly harmless", "child"),
        ("I'm pregnant and have hay fever", "While pregnant", "no aspirin under 16"),
        ("my 3 month old is constipated", "no laxative", "Constipation: fibre"),
        ("my baby has a sunburn", "their skin is thin", "for a child"),
        ("my 5 year old has hay fever", "For a child", "baby under one"),
        ("my 8 week old has a cold", "baby of a few weeks", "no aspirin under 16"),
    ],
)
def test_advice_fits_whom_it_is_for(text: str, said: str, unsaid: str) -> None:
    reply = result(read_facts(text), "en").text
    assert said in reply
    assert unsaid not in reply


def test_emergency_reply_names_the_source() -> None:
    assert "NHS: Chest pain; NICE CG95" in result(read_facts("crushing chest pain"), "en").text


def test_every_rule_has_a_source_both_languages_and_can_hold() -> None:
    for rule in rules():
        assert rule.source.url.startswith("https://"), rule.id
        assert rule.en, rule.id
        assert rule.zh, rule.id
        assert rule.level in LEVELS, rule.id
        assert set().union(*rule.groups, rule.none, rule.count_of) <= symptoms().keys(), rule.id
        assert rule.groups or rule.severity_from or rule.count_from, rule.id
    ids = {rule.id for rule in rules()}
    assert len(ids) == len(rules())
    assert frozenset().union(*(rule.over for rule in rules())) <= ids


def test_nothing_is_defined_twice() -> None:
    """A second entry of the same key would silently replace the first."""
    names: list[str] = []
    for path in sorted({*knowledge(), *(FOLDER / name for name in FILES)}):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        kept = content if path.name in FILES else content.get("symptom", {})
        names += [f"symptom {key}" for key in kept]
        names += [f"source {key}" for key in content.get("sources", {})]
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_every_question_asks_about_known_symptoms() -> None:
    for question in questions():
        assert {*question.about, *question.asks, *question.adds} <= symptoms().keys(), question.id
        assert question.en, question.id
        assert question.zh, question.id
