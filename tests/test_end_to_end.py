"""The whole assistant with its real models: what it hears, sees and reads becomes the right plugin's answer."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from assistant.types import AudioClip, Picture, Turn, TurnResult, new_id

pytestmark = pytest.mark.models

Ask = Callable[..., TurnResult]

BROKEN = "raise RuntimeError('no licence key')\n"
WEATHER = '''
"""Guesses the weather."""
from assistant import hookimpl

def forecast(city: str = "here") -> str:
    """Guess the weather of tomorrow."""
    return f"Fair in {city}."

@hookimpl
def register_intents(register):
    register(forecast, examples=["what will the weather be tomorrow", "weather forecast for {city}", "will it rain"])
'''


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A user's folders, with two plugins dropped in; model weights stay in the real cache."""
    from assistant.settings import cache_dir

    home, cache = tmp_path_factory.mktemp("home"), cache_dir()
    plugins = home / "config" / "plugins"
    plugins.mkdir(parents=True)
    (plugins / "weather.py").write_text(WEATHER, "utf-8")
    (plugins / "broken.py").write_text(BROKEN, "utf-8")
    cache.mkdir(parents=True, exist_ok=True)
    (home / "cache").symlink_to(cache)
    before = os.environ.get("ASSISTANT_HOME")
    os.environ["ASSISTANT_HOME"] = str(home)
    yield home
    os.environ.pop("ASSISTANT_HOME") if before is None else os.environ.update(ASSISTANT_HOME=before)


@pytest.fixture(scope="module")
def app(home: Path) -> Iterator[tuple[Any, asyncio.Runner]]:
    from assistant.app import App

    with asyncio.Runner() as runner:
        app = runner.run(App.open())
        yield app, runner
        runner.run(app.close())


@pytest.fixture
def ask(app: tuple[Any, asyncio.Runner]) -> Ask:
    """Ask in a conversation of its own, unless one is named."""

    def ask(text: str = "", *, session: str = "", **rest: Any) -> TurnResult:
        turn = Turn(session=session or new_id(), text=text, **rest)
        result: TurnResult = app[1].run(app[0].respond(turn))
        return result

    return ask


@pytest.fixture(scope="module")
def drawn() -> Callable[[str], Picture]:
    """Pictures as our own generator draws them, with a seed that no training used."""
    import numpy as np

    from assistant.training.drawn import load_drawings

    draw = load_drawings().DRAWINGS
    return lambda kind: Picture(draw[kind](np.random.default_rng(987_654)).convert("RGB"))


@pytest.fixture(scope="module")
def spoken() -> Callable[[str], AudioClip]:
    from assistant.speech import Synthesizer

    voice = Synthesizer()
    return lambda words: voice.say(words, "en")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("my parcel arrived with a broken screen, I want my money back", "customer_service."),
        ("where has my order got to", "customer_service.track_order"),
        ("I have crushing chest pain and my left arm is numb", "medical_triage."),
        ("my throat has been sore for four days", "medical_triage.check_symptoms"),
        ("explain photosynthesis to me", "education."),
        ("please solve 3x + 5 = 20", "education.solve_exercise"),
        ("throw a 20 sided die", "dice.roll_die"),
        ("is it going to rain tomorrow", "weather.forecast"),
        ("what can you do", "fallback.help"),
        ("我想退货", "customer_service.return_item"),
    ],
)
def test_words_reach_the_right_plugin(ask: Ask, text: str, intent: str) -> None:
    result = ask(text)
    assert result.decision.outcome == "answer", result.decision
    assert result.decision.intent.startswith(intent), result.decision.candidates[:3]


@pytest.mark.parametrize("text", ["purple monkey dishwasher", "the moon is made of green cheese", "qwertz uiop"])
def test_what_belongs_to_no_plugin_is_out_of_scope(ask: Ask, text: str) -> None:
    result = ask(text)
    assert result.to_json()["out_of_scope"] is True
    assert result.reply.text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("five minute timer and whats 30% off 85", ("5 minutes", "59.5")),
        ("设个五分钟的计时，80的15%是多少", ("计时5分钟", "= 12")),
        ("remind me to call mum at 5 pm, what time is it in tokyo", ("17:00: call mum", "tokyo")),
        ("转人工 别跟我绕圈子", ("T2001",)),
        ("shush", ("I won't do anything",)),
        ("闭嘴吧", ("什么都不做",)),
        ("他今天有足球课", ("知道了",)),
        ("we always end up buying too much butter", ("I see.",)),
        ("妈妈躺在地上我叫她她不理我我一个人在家", ("120",)),
    ],
)
def test_every_part_of_a_turn_is_answered(ask: Ask, text: str, shown: tuple[str, ...]) -> None:
    """Two requests without a break, what nothing used, words that ask for nothing, and what may be an alarm."""
    told = ask(text).reply.text
    assert all(words in told for words in shown), told


def test_a_question_about_a_picture_is_answered_while_a_confirmation_waits(
    ask: Ask, drawn: Callable[[str], Picture]
) -> None:
    session = new_id()
    ask("cancel A1007", session=session)
    result = ask("what is in this picture", session=session, images=(drawn("receipt"),))
    assert result.decision.intent != "customer_service.cancel_order", result.reply.text
    assert "cancelled" not in result.reply.text


def test_emergency_sends_to_emergency_care(ask: Ask) -> None:
    reply = ask("I have crushing chest pain and my left arm is numb").reply.text
    assert "emergency" in reply.lower()
    assert "112" in reply


def test_what_a_plugin_recognizes_itself_is_foreseen(app: tuple[Any, asyncio.Runner]) -> None:
    opened, runner = app
    decision, complete = runner.run(
        opened.considering.preview(new_id(), "my chest feels crushed and my left arm is numb")
    )
    assert decision.intent == "medical_triage.emergency"
    assert complete


def test_the_decision_that_was_made_is_the_one_explained(app: tuple[Any, asyncio.Runner], ask: Ask) -> None:
    opened, runner = app
    session, words = new_id(), "please throw a 20 sided die"
    made = ask(words, session=session).decision
    turn, explanation, _ = runner.run(opened.explain_last(session))
    assert (explanation.decision, turn.text) == (made, words)
    strongest = sorted(explanation.passages[0].words, key=lambda word: -word.weight)[:3]
    assert {word.text for word in strongest} & {"throw", "sided", "die"}
    _, guess, _ = runner.run(opened.considering.explain(Turn(session=new_id(), text=words)))
    assert guess.decision == made
    assert runner.run(opened.explain_last(new_id())) is None


def test_chinese_sentence_has_the_intent_of_its_english_one(ask: Ask) -> None:
    assert ask("我想退货，屏幕碎了").decision.intent == ask("I want to return it, the screen is broken").decision.intent


@pytest.mark.parametrize(
    ("kind", "intent"), [("receipt", "customer_service.read_receipt"), ("xray", "medical_triage.review_xray")]
)
def test_picture_decides_what_vague_words_leave_open(
    ask: Ask, drawn: Callable[[str], Picture], kind: str, intent: str
) -> None:
    result = ask("what do you make of this", images=(drawn(kind),))
    assert result.decision.intent == intent
    assert result.decision.contributions["image"] > 0.5


def test_vague_words_alone_are_asked_back(ask: Ask) -> None:
    result = ask("what do you make of this")
    assert result.decision.outcome == "clarify"
    assert result.reply.follow_up


def test_clear_words_outweigh_a_picture_of_something_else(ask: Ask, drawn: Callable[[str], Picture]) -> None:
    result = ask("where is my order A1001", images=(drawn("xray"),))
    assert result.decision.intent == "customer_service.track_order"


def test_spoken_request_is_transcribed_and_answered(ask: Ask, spoken: Callable[[str], AudioClip]) -> None:
    result = ask(audio=spoken("Where is my order?"))
    assert "order" in (result.to_json()["transcript"] or "").lower(), result.notices
    assert result.decision.intent == "customer_service.track_order"
    assert result.decision.contributions["audio"] == pytest.approx(1.0)


def test_spoken_question_about_a_picture_is_one_turn(
    ask: Ask, spoken: Callable[[str], AudioClip], drawn: Callable[[str], Picture]
) -> None:
    result = ask(audio=spoken("What do you make of this?"), images=(drawn("receipt"),))
    assert result.decision.intent == "customer_service.read_receipt"
    assert set(result.decision.contributions) == {"audio", "image"}


def test_broken_plugin_is_listed_with_its_reason_and_harms_nothing(app: tuple[Any, asyncio.Runner]) -> None:
    infos = {info.name: info for info in app[0].plugins.infos}
    assert infos["broken"].status == "failed"
    assert "no licence key" in infos["broken"].reason
    assert infos["weather"].status == "active"


def test_why_names_the_words_that_decided(ask: Ask) -> None:
    attended = [word.lower() for modality, word, _ in ask("throw a 20 sided die").decision.attended]
    assert "die" in attended[:3]


@pytest.mark.slow
def test_an_explanation_draws_what_counted(home: Path, tmp_path: Path) -> None:
    """A brown spot on skin: the heat lies on it, and the words that name it weigh most."""
    image = Image.new("RGB", (320, 320), (224, 172, 150))
    ImageDraw.Draw(image).ellipse((110, 110, 210, 210), fill=(96, 52, 36))
    image.filter(ImageFilter.GaussianBlur(6)).save(tmp_path / "spot.png")
    arguments = ["is this mole dangerous", "--image", str(tmp_path / "spot.png"), "--out", str(tmp_path / "heat.png")]
    command = [sys.executable, "-m", "assistant", "explain", *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found = json.loads(done.stdout)
    assert found["explained"] == "medical_triage.review_skin"
    heaviest = sorted(found["words"], key=lambda word: word["weight"])[-2:]
    assert {word["text"] for word in heaviest} == {"mole", "dangerous"}
    grid = np.array(found["pictures"][0]["grid"])
    assert grid[2:5, 2:5].mean() > grid.mean()
    with Image.open(tmp_path / "heat.png") as drawn:
        assert drawn.width == 1200


def test_command_line_prints_one_json_document(home: Path) -> None:
    command = [sys.executable, "-m", "assistant", "ask", "where is my order A1001", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    answer = json.loads(done.stdout)
    assert answer["intent"] == "customer_service.track_order"
    assert set(answer) >= {"session", "text", "transcript", "plugin", "confidence", "alternatives", "contributions"}
    assert answer["latency_ms"]["total"] > 0
