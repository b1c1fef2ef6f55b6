"""Tests what is answered before everything else, what needs a doctor today, and what stays calm."""

import asyncio
import tomllib
from pathlib import Path

import pytest

from assistant.testing import FakeDialogue, FakeServices
from assistant.types import Turn
from plugins.medical_triage.alarms import alarm_reply
from plugins.medical_triage.answers import emergency
from plugins.medical_triage.checking import check_symptoms
from plugins.medical_triage.facts import plain, read_facts
from plugins.medical_triage.quantities import in_figures
from plugins.medical_triage.red_flags import needs_questions, red_flags
from plugins.medical_triage.safety import check_safety
from plugins.medical_triage.vitals import read_vitals

SAID = Path(__file__).parent / "said"
CALM = tomllib.loads((SAID / "calm.toml").read_text("utf-8"))
URGENT = tomllib.loads((SAID / "urgent.toml").read_text("utf-8"))


@pytest.mark.parametrize("kind", CALM)
def test_calm_sentences_with_medical_words_raise_no_alarm(kind: str) -> None:
    assert [text for text in CALM[kind] if check_safety(text) is not None] == []


def test_there_are_enough_calm_sentences_to_say_so() -> None:
    assert sum(map(len, CALM.values())) >= 100
    assert all(len(said) >= 5 for said in (*CALM.values(), *URGENT.values()))


@pytest.mark.parametrize(("kind", "intent"), [("emergency", "emergency"), ("crisis", "crisis_support")])
def test_danger_is_answered_at_once(kind: str, intent: str) -> None:
    def intent_of(text: str) -> str:
        reply = alarm_reply(text)
        return reply.intent if reply else ""

    assert [text for text in URGENT[kind] if intent_of(text) != f"medical_triage.{intent}"] == []


def test_warning_signs_in_pregnancy_send_to_the_maternity_unit() -> None:
    def sent(text: str) -> bool:
        reply = alarm_reply(text)
        return reply is not None and ("maternity unit" in reply.text or "产科" in reply.text)

    assert [text for text in URGENT["maternity"] if not sent(text)] == []


def test_a_miscarriage_is_met_kindly() -> None:
    reply = alarm_reply("I think I'm having a miscarriage")
    assert reply is not None
    assert reply.text.startswith("I am so sorry")


@pytest.mark.parametrize("text", URGENT["today"])
def test_what_a_doctor_must_see_today_is_said_so(text: str) -> None:
    assert alarm_reply(text) is None
    assert needs_questions(text)
    dialogue = FakeDialogue(("no", "since today", "3"))
    reply = asyncio.run(check_symptoms(Turn(text=text), dialogue, FakeServices()))
    assert reply.text.startswith(("Please be seen today", "请今天就医"))


@pytest.mark.parametrize(
    "text",
    [
        "it is not bleeding any more",
        "the wound no longer bleeds",
        "she denies chest pain",
        "血已经不流了",
        "I can't say I have a headache",
    ],
)
def test_what_a_model_takes_for_an_emergency_is_read_once_more(text: str) -> None:
    services = FakeServices()
    reply = asyncio.run(emergency(Turn(text=text), services))
    assert not reply.text.startswith(("This can be an emergency", "这可能是紧急情况"))
    assert not list(services.data_dir.rglob("*.json"))


@pytest.mark.parametrize("text", ["something is terribly wrong with him, help", "she went grey and cold"])
def test_what_no_rule_knows_and_nobody_denies_stays_urgent(text: str) -> None:
    reply = asyncio.run(emergency(Turn(text=text), FakeServices()))
    assert reply.text.startswith(("This can be an emergency", "This may be an emergency"))


@pytest.mark.parametrize(
    ("said", "figures"),
    [
        ("one eighty over one twenty", "180/120"),
        ("two hundred over one hundred and ten", "200/110"),
        ("a hundred and four point five", "104.5"),
        ("39,5", "39.5"),
        ("38 point 5", "38.5"),
        ("thirty nine point eight", "39.8"),
        ("39度5", "39.5"),
        ("200 over 120", "200/120"),
        ("10,000 steps", "10,000 steps"),
        ("eighty six percent", "86 percent"),
    ],
)
def test_numbers_are_read_as_people_say_and_write_them(said: str, figures: str) -> None:
    assert in_figures(said) == figures


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("my blood sugar is 400", "glucose", 400 / 18),
        ("glucose 25 mmol", "glucose", 25.0),
        ("blood sugar 5.4", "glucose", 5.4),
        ("sugar of 90 mg", "glucose", 5.0),
        ("血糖25", "glucose", 25.0),
        ("temperature 104 F", "temperature", 40.0),
        ("my temperature is 101", "temperature", 38.333),
        ("sats are 86 percent", "oxygen", 86.0),
        ("pulse 35", "pulse", 35.0),
        ("心率只有33", "pulse", 33.0),
    ],
)
def test_readings_are_found_with_and_without_units(text: str, field: str, value: float) -> None:
    assert getattr(read_vitals(plain(text)), field) == pytest.approx(value, abs=0.01)


def test_a_number_of_weeks_is_no_strength_and_a_season_no_spelling() -> None:
    assert read_facts("it began 3 weeks ago").severity is None
    assert not red_flags("my seasonal sneezing began 3 weeks ago")[1]


@pytest.mark.parametrize("text", ["afebrile", "abdomen nontender", "no fever\nno rash", "fever, now resolved"])
def test_denials_by_prefix_line_and_resolution_leave_nothing(text: str) -> None:
    assert not read_facts(text).present & {"fever", "rash", "belly_pain"} or not red_flags(text)[1]
