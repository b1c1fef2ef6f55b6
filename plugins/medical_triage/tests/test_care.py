"""First aid, medicines, crisis, pictures, and the plugin as the assistant loads it."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image, ImageDraw, ImageFilter

from assistant import Picture, Turn
from assistant.testing import FakeServices, PluginUnderTest, load_plugin
from plugins.medical_triage.commands import add_commands
from plugins.medical_triage.pictures import find_spot
from plugins.medical_triage.remedies import guides_in, medicines_in


@pytest.fixture(scope="module")
def plugin() -> PluginUnderTest:
    return load_plugin(Path(__file__).parent.parent)


def skin(spot: bool = True, blur: float = 0.0) -> Picture:
    noise = np.random.default_rng(7).normal(0, 6, (400, 500, 3))
    pixels = np.clip(np.array([224, 172, 150]) + noise, 0, 255).astype(np.uint8)
    image = Image.fromarray(pixels)
    if spot:
        ImageDraw.Draw(image).ellipse((200, 140, 300, 250), fill=(90, 50, 40))
    return Picture(image.filter(ImageFilter.GaussianBlur(blur)) if blur else image)


def test_emergency_is_decided_before_the_model(plugin: PluginUnderTest) -> None:
    decision = plugin.recognize(Turn(text="I have crushing chest pain and my left arm is numb"))
    assert decision is not None
    assert decision.intent == "medical_triage.emergency"
    assert decision.source == "medical_triage"
    assert plugin.recognize(Turn(text="where is my parcel")) is None


def test_emergency_reply_sends_to_the_emergency_number(plugin: PluginUnderTest) -> None:
    reply = plugin.ask("I have crushing chest pain and my left arm is numb", intent="emergency")
    assert "999" in reply.text
    assert "heart attack" in reply.text
    assert len(reply.speech) < 150


def test_crisis_reply_speaks_to_the_one_who_worries(plugin: PluginUnderTest) -> None:
    assert "You don't have to go through this alone" in plugin.ask("I want to die", intent="crisis_support").text
    assert "stay with them" in plugin.ask("my friend says she wants to die", intent="crisis_support").text


@pytest.mark.parametrize(
    ("text", "guide"),
    [
        ("I burned my hand on the stove", "burn"),
        ("my nose is bleeding", "nosebleed"),
        ("someone is choking", "choking"),
        ("a wasp stung me", "sting"),
        ("I've got a blister on my heel", "blister"),
        ("脚趾磨了个水泡咋办", "blister"),
        ("手指被纸划了一下", "cut"),
        ("被蚊子咬了好痒怎么办", "sting"),
        ("how to do CPR", "cpr"),
        ("I cut my finger with a kitchen knife", "cut"),
        ("a dog bit me, how do I clean the wound", "bite"),
        ("烫伤了怎么处理", "burn"),
        ("脚扭了", "sprain"),
    ],
)
def test_first_aid_guide_is_found(text: str, guide: str) -> None:
    assert guides_in(text)[0] == guide


def test_first_aid_gives_steps_and_a_source(plugin: PluginUnderTest) -> None:
    reply = plugin.ask("I burned my hand on the stove", intent="first_aid")
    assert "20 minutes" in reply.text
    assert "NHS: Burns and scalds" in reply.text


def test_first_aid_in_an_emergency_says_to_call_first(plugin: PluginUnderTest) -> None:
    reply = plugin.ask("my friend is choking and can't breathe", intent="first_aid")
    assert reply.text.startswith("This can be an emergency")
    assert "shoulder blades" in reply.text


def test_medicine_answer_gives_no_amounts(plugin: PluginUnderTest) -> None:
    reply = plugin.ask("how many ibuprofen tablets can I take", intent="medication_question")
    assert "I give no amounts" in reply.text
    assert not any(f"{amount} mg" in reply.text for amount in (200, 400, 500, 600, 1000))


def test_overdose_asked_as_a_medicine_question_is_an_emergency(plugin: PluginUnderTest) -> None:
    reply = plugin.ask("I took 20 paracetamol tablets, is that ok", intent="medication_question")
    assert "112" in reply.text
    assert "poison" in reply.text.lower()


def test_two_medicines_are_both_answered() -> None:
    assert medicines_in("can I take ibuprofen and paracetamol together") == ["paracetamol", "ibuprofen"]
    assert medicines_in("吃头孢能喝酒吗") == ["antibiotic"]


def test_skin_photo_gets_a_description_and_no_verdict(plugin: PluginUnderTest) -> None:
    reply = plugin.ask("look at this mole", intent="review_skin", pictures=[skin()])
    assert "darker area" in reply.text
    assert "ABCDE" in reply.text
    assert "can't tell from a picture" in reply.text
    assert not any(word in reply.text.lower() for word in ("cancer", "melanoma is", "benign", "malignant"))


def test_skin_photo_is_asked_for(plugin: PluginUnderTest) -> None:
    assert "darker area" in plugin.ask("my mole has changed", intent="review_skin", answers=[skin()]).text


def test_changing_mole_should_be_seen_within_days(plugin: PluginUnderTest) -> None:
    reply = plugin.ask("my mole has got bigger and bleeds", intent="review_skin", pictures=[skin()])
    assert "within days" in reply.text


def test_blurred_photo_is_said_to_be_blurred(plugin: PluginUnderTest) -> None:
    assert "blurred" in plugin.ask("look at this mole", intent="review_skin", pictures=[skin(blur=8)]).text


def test_spot_is_measured() -> None:
    spot = find_spot(skin())
    assert spot is not None
    assert 0.03 < spot.share < 0.12
    assert spot.uneven < 0.1
    assert find_spot(skin(spot=False)) is None


def test_xray_reply_reads_the_marks_and_names_the_radiologist(plugin: PluginUnderTest) -> None:
    grey = np.tile(np.linspace(20, 220, 300, dtype=np.uint8), (300, 1))
    picture = Picture(Image.fromarray(grey).convert("RGB"))
    services = FakeServices(lines=["L", "PORTABLE", "12:45"])
    reply = plugin.ask("look at my x-ray", intent="review_xray", pictures=[picture], services=services)
    assert "L, PORTABLE" in reply.text
    assert "radiologist" in reply.text
    assert "black-and-white" in reply.text


def test_rules_are_printed_with_their_sources() -> None:
    commands: list[object] = []
    add_commands(commands.append)
    result = CliRunner().invoke(commands[0], ["rules", "--source", "NICE", "--level", "emergency"])  # type: ignore[arg-type]
    assert result.exit_code == 0
    assert "young_baby_fever [red flag]" in result.output
    assert "https://www.nice.org.uk/guidance/ng143" in result.output


def test_a_picture_of_something_else_is_said_to_be_so_and_the_advice_stays(plugin: PluginUnderTest) -> None:
    girl = FakeServices(labels=[("paintbrush", 0.8)], kinds={"skin": 0.0, "other": 0.01})
    reply = plugin.ask("my rash looks like this", intent="review_skin", pictures=[skin()], services=girl).text
    assert "something else" in reply
    assert "paintbrush" in reply
    assert "tones" not in reply
    assert "does not fade under a glass" in reply
    chinese = plugin.ask("我的皮疹是这样的", intent="review_skin", pictures=[skin()], services=girl).text
    assert "别的东西" in chinese
    close = FakeServices(labels=[("paintbrush", 0.8)], kinds={"skin": 0.4})
    assert "darker area" in plugin.ask("look at this", intent="review_skin", pictures=[skin()], services=close).text
