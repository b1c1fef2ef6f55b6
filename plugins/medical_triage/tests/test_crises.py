"""Crises that nobody names: two hints together, or what a sentence means."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from assistant import Turn
from assistant.encoders.multilingual import MultilingualEncoder
from assistant.testing import FakeServices
from assistant.types import FloatArray
from plugins.medical_triage.alarm_meaning import READ, alarm_by_meaning, surely_calm
from plugins.medical_triage.alarms import alarm_reply
from plugins.medical_triage.answers import crisis_support, emergency
from plugins.medical_triage.evaluation import judge, read_cases, triage_report
from plugins.medical_triage.evaluation_said import heard, read_said_cases, said_report
from plugins.medical_triage.hints import hinted
from plugins.medical_triage.languages import crisis_perhaps_in, hinted_crisis

CASES = Path(__file__).parent.parent / "cases"


class Encoding(FakeServices):
    """Encodes for real."""

    encoder = MultilingualEncoder()

    async def encode_text(self, texts: Sequence[str]) -> FloatArray:
        return np.stack([encoding.pooled for encoding in self.encoder.encode(texts)])


@pytest.mark.parametrize(
    ("hints", "one_of_them"),
    [
        ("You can have my guitar. I will be gone for good.", "You can have my guitar."),
        ("I'm on the roof. Nobody would notice.", "I'm on the roof."),
        ("how many of these tablets would be fatal", "how many of these tablets a day"),
        ("I bought a rope. It ends tonight.", "I bought a rope."),
    ],
)
def test_two_hints_of_different_kinds_are_a_crisis_and_one_is_none(hints: str, one_of_them: str) -> None:
    assert hinted(hints) == "en"
    assert hinted(one_of_them) == ""


def test_an_ordinary_reason_outweighs_hints() -> None:
    assert hinted("You can have my desk, I will be gone for good: I have a new job") == ""


def test_who_is_heard_by_hints_gets_the_lines_with_doubt_and_the_number_of_their_language() -> None:
    reply = alarm_reply("Ich stehe auf der Brücke. Niemand würde es merken.")
    assert reply is not None
    assert "falsch verstanden" in reply.text
    assert "TelefonSeelsorge" in reply.text


def test_a_language_without_a_catalogue_gets_its_number_first_and_the_rest_in_english() -> None:
    reply = crisis_perhaps_in("Je ne sais pas à quoi tout cela sert encore")
    assert reply.text.splitlines()[1].startswith("(The rest of this answer has no translation yet")
    assert "If I misunderstood" in reply.text


def test_meaning_hears_what_no_pattern_knows() -> None:
    services = Encoding()
    assert asyncio.run(alarm_by_meaning("I wish a lorry would run me over", services)) == "crisis_support"
    assert not asyncio.run(alarm_by_meaning("I wish the lorry would bring my sofa", services))


@pytest.mark.parametrize(
    "told",
    [
        "gramps went all clammy and grey and now he keeps sliding off the chair",
        "the toddler got at the drain cleaner under the sink, her mouth is all white",
        "老爷子突然瘫在沙发上,嘴角流口水叫他也不理",
        "咳出来一大口红的,不是一点点,是半杯",
        "le petit a vidé la bouteille de débouchant, il bave et il pleure",
    ],
)
def test_an_emergency_that_no_pattern_knows_gets_the_number_with_doubt(told: str) -> None:
    services = Encoding()
    assert alarm_reply(told) is None
    assert asyncio.run(alarm_by_meaning(told, services)) == "emergency"
    reply = asyncio.run(emergency(Turn(text=told), services))
    assert "112" in reply.text
    assert "may be an emergency" in reply.text or "可能是紧急情况" in reply.text


@pytest.mark.parametrize(
    "told",
    [
        "Ich will nichts stornieren, wo ist meine Kaffeemühle?",
        "Ik wil niets annuleren, waar blijft mijn lamp?",
        "跟男朋友分手了 心里好难受",
        "My boyfriend left me and I feel awful",
        "宝宝四个月，没抽也没烧，就是有点鼻塞",
        "没磕着头，人也清醒，就是膝盖破了点皮",
        "i got the headphones, A1003, left side is dead",
    ],
)
def test_a_refusal_a_broken_heart_and_denials_raise_no_alarm_by_meaning(told: str) -> None:
    assert alarm_reply(told) is None
    assert not asyncio.run(alarm_by_meaning(told, Encoding()))


@pytest.mark.parametrize("told", ["my eyes are killing me after all that typing", "这道题难死我了，根本不会做"])
def test_the_intent_model_alone_raises_no_alarm_about_what_is_surely_calm(told: str) -> None:
    assert asyncio.run(surely_calm(told, Encoding()))
    assert "If I misunderstood" not in asyncio.run(crisis_support(Turn(text=told), Encoding())).text


def test_without_a_fitting_encoder_meaning_hears_nothing() -> None:
    assert not asyncio.run(alarm_by_meaning("I wish a lorry would run me over", FakeServices()))
    assert not asyncio.run(surely_calm("I wish the lorry would bring my sofa", FakeServices()))


@pytest.mark.parametrize("half", ["development", "held_out", "everyday_development"])
def test_calm_sentences_stay_calm_and_dangers_are_heard_by_the_patterns(half: str) -> None:
    found = asyncio.run(heard(read_said_cases(CASES / "said" / f"{half}.jsonl"), None))
    report = said_report(found)
    assert report.value("calm: by the patterns") >= 97
    assert report.value("crisis: by the patterns") >= 90
    assert report.value("emergency: by the patterns") >= 95


def test_the_model_was_not_fitted_to_the_held_out_half() -> None:
    def said(name: str) -> set[str]:
        lines = (CASES / "said" / f"{name}.jsonl").read_text("utf-8").splitlines()
        return {json.loads(line)["said"] for line in lines}

    fitted = set().union(*map(said, READ))
    assert not fitted & (said("held_out") | said("everyday_held_out"))


@pytest.mark.parametrize("half", ["development", "held_out"])
def test_vignettes_of_clinicians_are_sent_where_they_belong(half: str) -> None:
    report = triage_report(judge(read_cases(CASES / "vignettes" / f"{half}.jsonl")))
    assert report.value("sent rightly") >= 80
    assert report.value("over-triage") <= 15
    assert not report.missed, "none is sent two levels too low"


@pytest.mark.parametrize(
    ("said", "crisis"),
    [
        ("我没有想伤害自己，就是最近老睡不好", False),
        ("那倒没有，从来没动过伤害自己的念头", False),
        ("我没有想伤害自己，但是活着真没意思", True),
        ("不是不想伤害自己，是不敢", True),
        ("没有我，家里人应该会轻松很多吧", True),
    ],
)
def test_a_hint_that_is_denied_is_none_unless_the_denial_is(said: str, crisis: bool) -> None:
    assert (hinted_crisis(said, "medical_triage") is not None) is crisis
