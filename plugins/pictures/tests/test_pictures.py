"""Tests what the plugin says about pictures, from what the encoders recognise."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from assistant import Picture
from assistant.encoders.vision import imagenet_names
from assistant.testing import FakeServices, PluginUnderTest, load_plugin
from plugins.pictures.colours import colours_of, main_colours
from plugins.pictures.looking import place_of, things
from plugins.pictures.questions import asks_to_read, aspect_of, colour_named, things_named

MIDDLE = np.zeros((7, 7), np.float32)
MIDDLE[2:5, 2:5] = 0.9


@pytest.fixture(scope="module")
def plugin() -> PluginUnderTest:
    return load_plugin(Path(__file__).parent.parent)


def scene(ground: str = "green", thing: str = "red") -> Picture:
    """A coloured thing in the middle of a noisy ground."""
    image = Image.new("RGB", (320, 240), ground)
    ImageDraw.Draw(image).rectangle((120, 80, 200, 160), fill=thing)
    noise = np.random.default_rng(5).normal(0, 9, (240, 320, 3))
    return Picture(Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8)))


def seen(*labels: tuple[str, float], **rest: object) -> FakeServices:
    return FakeServices(labels=labels, places=MIDDLE, **rest)  # type: ignore[arg-type]


BEAGLE = (("beagle", 0.7), ("basset hound", 0.15), ("tennis ball", 0.05))


def test_every_class_belongs_to_a_thing_and_every_thing_to_one_it_is_a_kind_of() -> None:
    named = frozenset().union(*(thing.classes for thing in things().all))
    assert named == set(imagenet_names())
    for thing in things().all:
        assert thing.classes, thing.english
        assert thing.chinese, thing.english
        assert not thing.broader or thing.classes <= things().by_name[thing.broader].classes


def test_a_description_names_the_thing_its_certainty_its_place_and_the_colours(plugin: PluginUnderTest) -> None:
    reply = plugin.ask("what's in this picture?", pictures=[scene()], services=seen(*BEAGLE)).text
    assert "a dog, most likely a beagle (85 %) in the middle" in reply
    assert "320 × 240" in reply
    assert "green" in reply
    assert "tennis ball" not in reply


def test_what_is_not_sure_is_only_perhaps(plugin: PluginUnderTest) -> None:
    reply = plugin.ask("describe this picture", pictures=[scene()], services=seen(("sofa bed", 0.3), ("pillow", 0.1)))
    assert "not sure" in reply.text
    assert "It shows" not in reply.text
    nothing = plugin.ask("describe this picture", pictures=[scene()], services=seen(("sofa bed", 0.02)))
    assert "I can't tell" in nothing.text


def test_chinese_is_answered_in_chinese(plugin: PluginUnderTest) -> None:
    reply = plugin.ask("这张图片里有什么", intent="describe_picture", pictures=[scene()], services=seen(*BEAGLE)).text
    assert "狗" in reply
    assert "It shows" not in reply


def test_people_are_not_counted_or_recognised(plugin: PluginUnderTest) -> None:
    for text in ("how many people are there", "照片里有几个人"):
        reply = plugin.ask(text, intent="describe_picture", pictures=[scene()], services=seen(*BEAGLE)).text
        assert "can't count people" in reply or "数不了图中有几个人" in reply
    who = plugin.ask("who is this", intent="describe_picture", pictures=[scene()], services=seen(*BEAGLE)).text
    assert "don't recognise people" in who


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("what breed is the dog", "a beagle (70 %)"),
        ("which animal is this", "beagle"),
        ("is there a dog in it?", "Yes, I see a dog"),
        ("is there a bus in it?", "I don't see a bus"),
        ("is it a dog or a cat", "rather a dog"),
        ("which bird is that", "I don't see a bird"),
        ("where is the dog", "The dog is in the middle"),
        ("where is the bus", "I can't make out a bus"),
        ("what colour is the dog", "The dog is mostly red"),
        ("what colour is the car", "I can't make out a car"),
        ("is the dog blue?", "does not look blue"),
        ("is the bird yellow?", "I can't make out a bird"),
        ("was it taken at night", "mean brightness"),
        ("is this a photo or a drawing", "A colour picture"),
    ],
)
def test_what_is_asked_of_the_picture_is_answered(text: str, said: str, plugin: PluginUnderTest) -> None:
    services = seen(*BEAGLE)
    reply = plugin.ask(text, intent="describe_picture", pictures=[scene()], services=services).text
    assert said in reply


def test_writing_is_read_out_and_its_absence_is_said(plugin: PluginUnderTest) -> None:
    reply = plugin.ask("read this to me", pictures=[scene()], services=FakeServices(lines=["NO PARKING", "8 to 18 h"]))
    assert "NO PARKING\n8 to 18 h" in reply.text
    assert "no writing" in plugin.ask("read this to me", pictures=[scene()], services=FakeServices()).text


def test_two_pictures_are_compared(plugin: PluginUnderTest) -> None:
    dark, light = scene("navy"), scene("lightyellow")
    reply = plugin.ask("compare these two pictures", pictures=[dark, light], services=seen(*BEAGLE)).text
    assert "Both show a dog" in reply
    assert "second one is brighter" in reply
    same = plugin.ask("compare these two pictures", pictures=[dark, dark], services=seen(*BEAGLE)).text
    assert "the same picture" in same


def test_a_question_without_a_picture_is_about_the_last_one_shown_or_asks_for_one(plugin: PluginUnderTest) -> None:
    reply = plugin.ask("what colour is the dog in the picture", services=seen(*BEAGLE, shown=[scene(thing="yellow")]))
    assert "mostly yellow" in reply.text
    assert "before" in reply.text
    asked = plugin.ask("what's in this picture", answers=[scene()], services=seen(*BEAGLE))
    assert "a dog" in asked.text
    compared = plugin.ask(
        "compare the two pictures", pictures=[scene()], services=seen(*BEAGLE, shown=[scene(ground="white")])
    )
    assert "First picture" in compared.text


def test_words_about_the_picture_that_no_intent_knows_are_answered_and_others_are_left(plugin: PluginUnderTest) -> None:
    from assistant import Turn

    services = seen(*BEAGLE)
    asked = plugin.fall_back(turn=Turn(text="count the sheep", images=(scene(),)), services=services)
    assert asked is not None
    assert "can't count" in asked.text
    assert plugin.fall_back(turn=Turn(text="book me a flight", images=(scene(),)), services=services) is None
    assert plugin.fall_back("how many people live in Lima", services=services) is None


def test_blank_tiny_and_black_and_white_pictures_are_told_as_they_are(plugin: PluginUnderTest) -> None:
    services = seen(("velvet", 0.2))
    blank = plugin.ask(
        "describe this picture", pictures=[Picture(Image.new("RGB", (90, 60), "red"))], services=services
    )
    assert "one colour, red" in blank.text
    tiny = plugin.ask("describe this picture", pictures=[Picture(Image.new("RGB", (1, 1), "blue"))], services=services)
    assert "blue" in tiny.text
    grey = Picture(scene("navy", "yellow").image.convert("L").convert("RGB"))
    assert "black-and-white" in plugin.ask("describe this picture", pictures=[grey], services=services).text


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((250, 250, 250), "white"),
        ((20, 20, 20), "black"),
        ((128, 128, 128), "grey"),
        ((200, 30, 30), "red"),
        ((240, 140, 20), "orange"),
        ((110, 70, 35), "brown"),
        ((250, 220, 40), "yellow"),
        ((40, 140, 60), "green"),
        ((40, 80, 200), "blue"),
        ((120, 50, 180), "purple"),
        ((250, 170, 200), "pink"),
        ((225, 205, 170), "beige"),
    ],
)
def test_colours_have_the_names_people_use(rgb: tuple[int, int, int], name: str) -> None:
    assert main_colours(colours_of(Image.new("RGB", (20, 20), rgb))) == [name]


def test_the_colour_of_a_thing_is_not_that_of_its_surroundings() -> None:
    assert next(iter(colours_of(scene().image))) == "green"
    assert next(iter(colours_of(scene().image, MIDDLE))) == "red"


def test_places_are_named_within_the_whole_picture() -> None:
    corner = np.zeros((7, 7), np.float32)
    corner[0, 0] = 0.8
    assert place_of(corner, (400, 400)) == "upper_left"
    assert place_of(corner, (4000, 400)) == "upper"
    assert place_of(MIDDLE, (400, 300)) == "middle"
    assert place_of(np.full((7, 7), 0.9, np.float32), (400, 300)) == ""
    assert place_of(np.zeros((0, 0), np.float32), (400, 300)) == ""


def test_questions_are_told_apart() -> None:
    assert aspect_of("how many people can you see") == "count"
    assert aspect_of("which colour is it") == "colour"
    assert aspect_of("is the car red or blue?") == "colour"
    assert aspect_of("这是白天还是晚上拍的") == "light"
    assert aspect_of("what do you see") == "all"
    assert colour_named("is the gray one mine") == "grey"
    assert [thing.english for thing in things_named("two dogs and a cat", things())] == ["a dog", "a cat"]
    assert [thing.english for thing in things_named("这只狗在哪里", things())] == ["a dog"]


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("read this to me", True),
        ("What does the sign say?", True),
        ("could you read the small print out loud please", True),
        ("what is on this page?", True),
        ("tell me what it says", True),
        ("这上面写了什么？", True),
        ("帮我读一下这张图上的文字", True),
        ("read my till slip", False),
        ("read the question and give the answer", False),
        ("what does the contract say about notice?", False),
        ("there it is, what do you say", False),
        ("what does the x-ray say", False),
        ("读这张小票多少钱", False),
    ],
)
def test_whole_sentences_that_want_the_writing_itself_are_known(text: str, reads: bool) -> None:
    assert asks_to_read(text) is reads
