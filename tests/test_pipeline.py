"""The pipeline, walked with real plugins, real dialogues and a real database; only the models are small."""

import asyncio
import textwrap
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from assistant.bus import Bus
from assistant.dialogue.clarification import Clarifications, pick_option
from assistant.dialogue.manager import DialogueManager
from assistant.encoders.models import Models
from assistant.encoders.runner import ModelRunner
from assistant.encoders.worker import InferenceWorker
from assistant.errors import ModelUnavailable, StorageError
from assistant.events import Event, IntentRecognized, ReplyReady, StageFinished, TurnCancelled, TurnStarted
from assistant.fusion.projection import SharedSpace
from assistant.pipeline import Pipeline
from assistant.plugins.manager import PluginManager
from assistant.safety import SafetyChecks
from assistant.settings import load_settings, shipped_dir
from assistant.speech.tone import DIMENSIONS, Tone, ToneReader, save_tone, tone_file
from assistant.storage import Attachments, Database, DialogueLog, History
from assistant.types import AudioClip, Candidate, Decision, Encoding, Picture, TextLine, Transcript, Turn, TurnResult

PLUGIN = '''
"""Says things."""
import asyncio
from assistant import Decision, Picture, hookimpl

def echo(turn) -> str:
    """Repeat what was said."""
    return f"{turn.utterance}|{len(turn.images)}"

def fail() -> str:
    """Break."""
    raise RuntimeError("out of paper")

async def hang() -> str:
    """Never answer."""
    await asyncio.sleep(60)

async def look(dialogue) -> str:
    """Look at a picture."""
    picture = await dialogue.ask("Show me the photo.", kind=Picture)
    return f"It is {picture.image.width} pixels wide."

@hookimpl
def register_intents(register):
    for handler in (echo, fail, hang, look):
        register(handler, examples=[f"please {handler.__name__}"], acts=False)

@hookimpl
def recognize_intent(turn):
    if "alarm" in turn.utterance:
        return Decision("talk.echo", 1.0, "answer", source="talk")
'''

DESK = '''
"""Takes things back."""
from assistant import hookimpl

async def give_back(dialogue) -> str:
    """Take something back."""
    return "Noted: " + await dialogue.ask("Why?")

async def paint(dialogue) -> str:
    """Paint something."""
    return "Painted: " + str(await dialogue.ask("Paint it?", kind=bool, mentions=["red"]))

async def warn(dialogue) -> str:
    """Ask about dangers."""
    return "Heard: " + await dialogue.ask("What must one never do with it?")

def count() -> str:
    """Count things."""
    return "There are two."

@hookimpl
def register_intents(register):
    for handler in (give_back, paint, warn, count):
        register(handler, examples=[f"please {handler.__name__}"], acts=handler in (give_back, paint))
'''


class WordEncoder:
    name, modality, dimension = "words", "text", 1

    def load(self) -> None: ...

    def encode(self, inputs: Sequence[Any]) -> list[Encoding]:
        one = np.ones((1, 1), np.float32)
        return [Encoding("text", self.name, one, np.ones(1, np.bool_), one[0], text=text) for text in inputs]


class BlindEncoder:
    name, modality, dimension = "eyes", "image", 1

    def load(self) -> None:
        raise ModelUnavailable("No weights for eyes: run `assistant models pull`.")

    def encode(self, inputs: Sequence[Any]) -> list[Encoding]:
        self.load()
        return []


class SmallRecognizer:
    def __init__(self, words: str = "", rejected: str = "", doubtful: str = "") -> None:
        self.transcript = Transcript(words, "en", rejected=rejected, doubtful=doubtful)
        self.listened = 0

    def load(self) -> None: ...

    def listen(self, clip: AudioClip, language: str = "") -> tuple[Transcript, Encoding]:
        self.listened += 1
        [encoding] = WordEncoder().encode([self.transcript.text])
        return self.transcript, encoding


class NoReader:
    def read(self, picture: Picture) -> list[TextLine]:
        return []


class NamedIntent:
    """Decides for the intent whose name stands in the words; two names are a question."""

    def decide(self, encodings: Sequence[Encoding]) -> Decision:
        text = " ".join(encoding.text for encoding in encodings)
        named = [f"talk.{name}" for name in ("echo", "fail", "hang", "look") if name in text]
        named += [f"desk.{name}" for name in ("give_back", "paint", "warn", "count") if name in text]
        if "rescue" in text:
            return Decision("files.rescue", 0.4, "answer", (Candidate("files.rescue", 0.4),))
        candidates = tuple(Candidate(name, 0.9 / len(named)) for name in named)
        if "this" in text:
            return Decision("talk.echo", 0.3, "clarify", candidates)
        if not named:
            return Decision("out_of_scope", 0.9, "out_of_scope", out_of_scope=0.9)
        outcome = "clarify" if len(named) > 1 else "answer"
        options = tuple(named) if outcome == "clarify" else ()
        return Decision(named[0], candidates[0].confidence, outcome, candidates, options, {"text": 1.0})

    def in_context(self, alone: Decision, joint: Decision, last: str, encodings: Sequence[Encoding]) -> Decision:
        return alone

    def respell(self, text: str) -> str:
        return text.replace("ehco", "echo")


class Setup:
    """A pipeline with everything around it."""

    def __init__(self, home: Path, speech: SmallRecognizer | None = None, checks: SafetyChecks | None = None) -> None:
        self.events: list[Event] = []
        bus = Bus()
        bus.listen(self.events.append)
        self.plugins = PluginManager(load_settings(), bus)
        self.plugins.load()
        self.worker = InferenceWorker()
        database = Database(f"sqlite:///{home / 'assistant.sqlite3'}")
        self.history = History(database)
        attachments = Attachments(home / "attachments")
        models = Models([WordEncoder(), BlindEncoder()], speech or SmallRecognizer(), NoReader(), SharedSpace)
        self.runner = ModelRunner(models, self.worker, bus, 5.0, ToneReader().read)
        self.dialogues = DialogueManager(DialogueLog(database), attachments, self.plugins, bus)
        asked = Clarifications(self.history, attachments)
        self.pipeline = Pipeline(
            self.runner, NamedIntent(), self.plugins, self.dialogues, asked, self.history, bus, checks
        )

    async def say(self, text: str = "", **rest: Any) -> TurnResult:
        return (await self.pipeline.run(Turn(session="s", text=text, **rest))).result

    async def close(self) -> None:
        await self.dialogues.close()
        await self.plugins.shutdown()
        self.worker.close()


Scenario = Callable[[Setup], Awaitable[None]]


@pytest.fixture
def with_pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    monkeypatch.setenv("ASSISTANT_PLUGINS__FOLDER", str(tmp_path / "mine"))
    monkeypatch.setattr("assistant.plugins.discovery.shipped_dir", lambda name: tmp_path / "none")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "talk.py").write_text(textwrap.dedent(PLUGIN), "utf-8")
    (tmp_path / "mine" / "desk.py").write_text(textwrap.dedent(DESK), "utf-8")

    shipped = shipped_dir("plugins")

    def run(*scenarios: Scenario, speech: SmallRecognizer | None = None, guarded: bool = False) -> None:
        async def live(scenario: Scenario) -> None:
            setup = Setup(tmp_path, speech, SafetyChecks(shipped) if guarded else None)
            try:
                await scenario(setup)
            finally:
                await setup.close()

        for scenario in scenarios:  # each in a process of its own: what lies between them is a restart
            asyncio.run(live(scenario))

    return run


def picture(width: int = 4) -> Picture:
    return Picture(Image.new("RGB", (width, 4), "red"))


def clip() -> AudioClip:
    return AudioClip(np.zeros(16_000, np.float32))


class SpeakingRecognizer(SmallRecognizer):
    """A recognizer whose encoder's frames say 1 throughout."""

    def listen(self, clip: AudioClip, language: str = "") -> tuple[Transcript, Encoding]:
        frames, seconds = np.ones((5, 4), np.float32), tuple(f"{0.2 * i:.1f}" for i in range(5))
        heard = Encoding("audio", "whisper", frames, np.ones(5, np.bool_), frames[0], self.transcript.text, seconds)
        return self.transcript, heard


def test_a_plugin_gets_the_tone_once_a_head_is_installed(with_pipeline: Callable[..., None]) -> None:
    sound = AudioClip(np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32))

    async def without(setup: Setup) -> None:
        assert (await setup.say(audio=sound)).turn.tone == {}

    async def installed(setup: Setup) -> None:
        weights = np.full((4, 3), 1.0, np.float32)
        save_tone(Tone(np.zeros(4, np.float32), np.ones(4, np.float32), weights, np.zeros(3, np.float32)), tone_file())

    async def heard(setup: Setup) -> None:
        result = await setup.say(audio=sound)
        assert result.turn.tone == pytest.approx(dict.fromkeys(DIMENSIONS, 0.982), abs=1e-3)
        assert (await setup.say("please echo")).turn.tone == {}, "nothing was said aloud"

    with_pipeline(without, installed, heard, speech=SpeakingRecognizer("please echo"))


def test_every_doorway_is_announced_in_order(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        result = await setup.say("echo")
        kinds = [type(event) for event in setup.events]
        assert kinds[0] is TurnStarted
        assert kinds[-1] is ReplyReady
        assert IntentRecognized in kinds
        stages = [event.stage for event in setup.events if isinstance(event, StageFinished)]
        assert stages == ["check", "keep", "read", "understand", "decide", "answer", "store"]
        assert set(result.latency_ms) == {*stages, "total"}
        assert result.reply.text == "echo|0"
        [stored] = setup.history.turns("s")
        assert (stored.status, stored.reply, stored.intent) == ("answered", "echo|0", "talk.echo")

    with_pipeline(scenario)


def test_a_spoken_alarm_is_answered_though_nothing_can_be_kept(
    with_pipeline: Callable[..., None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    check = """
from assistant import hookimpl

@hookimpl
def check_safety(words):
    return "Leave the house." if "gas" in words else None
"""
    (tmp_path / "mine" / "gas.py").write_text(check, "utf-8")

    def full(*args: Any, **kwargs: Any) -> None:
        raise StorageError("The disk is full.")

    async def scenario(setup: Setup) -> None:
        monkeypatch.setattr(setup.history, "begin", full)
        result = await setup.say(audio=clip())
        assert (result.reply.text, result.decision.source) == ("Leave the house.", "safety")
        assert any("missing from the history" in notice for notice in result.notices)
        with pytest.raises(StorageError):
            await setup.say("echo")

    with_pipeline(scenario, speech=SmallRecognizer("I smell gas"))


def test_a_spoken_alarm_ends_the_turn_before_anything_is_decided(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        result = await setup.say(audio=clip())
        stages = [event.stage for event in setup.events if isinstance(event, StageFinished)]
        assert stages[stages.index("listen") :] == ["listen", "check", "store"]
        assert (result.decision.source, result.decision.intent) == ("safety", result.reply.intent)

    with_pipeline(scenario, speech=SmallRecognizer("please echo, my husband is not breathing"), guarded=True)


def test_broken_plugin_is_named_and_the_session_goes_on(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        broken = await setup.say("fail")
        assert "talk" in broken.reply.text
        assert "out of paper" in broken.reply.text
        assert broken.notices
        assert (await setup.say("echo")).reply.text == "echo|0"

    with_pipeline(scenario)


def test_cancelled_turn_is_stored_and_the_session_goes_on(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        task = asyncio.create_task(setup.say("hang"))
        while not any(isinstance(event, IntentRecognized) for event in setup.events):  # noqa: ASYNC110 (events are a list)
            await asyncio.sleep(0.05)
        began = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - began < 30  # the handler would take 60 s
        assert any(isinstance(event, TurnCancelled) for event in setup.events)
        assert (await setup.say("echo")).reply.text == "echo|0"
        assert [turn.status for turn in setup.history.turns("s")] == ["cancelled", "answered"]

    with_pipeline(scenario)


def test_missing_sense_leaves_a_notice_and_the_words_are_answered(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        result = await setup.say("echo", images=(picture(),))
        assert result.reply.text == "echo|1"
        assert result.notices == ("I could not look at the picture: No weights for eyes: run `assistant models pull`.",)

    with_pipeline(scenario)


def test_spoken_words_are_answered_like_typed_ones(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        result = await setup.say(audio=clip())
        assert result.reply.text == "please echo|0"
        assert result.to_json()["transcript"] == "please echo"

    with_pipeline(scenario, speech=SmallRecognizer("please echo"))


def test_doubtful_words_are_shown_and_heeded_only_where_they_are_alarming(
    with_pipeline: Callable[..., None],
) -> None:
    async def unsure(setup: Setup) -> None:
        reply = (await setup.say(audio=clip())).reply.text
        assert reply == "I am not sure what I heard: “please echo”. Say it again, or type it?"
        assert (await setup.say("please echo", audio=clip())).notices == ("Not sure, and left out: “please echo”.",)

    async def alarming(setup: Setup) -> None:
        result = await setup.say(audio=clip())
        assert "112" in result.reply.text
        assert result.to_json()["transcript"] == "my husband is not breathing"
        assert result.notices == ()
        [stored] = setup.history.turns("s", 1)
        assert (stored.status, stored.reply) == ("answered", result.reply.text)

    with_pipeline(unsure, speech=SmallRecognizer("", "repetition", "please echo"))
    with_pipeline(alarming, speech=SmallRecognizer("", "repetition", "my husband is not breathing"), guarded=True)


def test_what_another_program_chose_is_done_and_not_decided_anew(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        chosen = Decision("talk.echo", 1.0, "answer", contributions={"text": 1.0}, source="tool")
        result = (await setup.pipeline.run(Turn("s", text="count this"), chosen=chosen)).result
        assert (result.reply.text, result.decision) == ("count this|0", chosen)
        assert (result.reply.intent, result.reply.contributions) == ("talk.echo", {"text": 1.0})

    with_pipeline(scenario)


def test_a_recording_in_which_nobody_speaks_is_told_once(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        alone = await setup.say(audio=clip())
        assert alone.reply.text.startswith("I did not hear any words")
        assert alone.notices == ()
        beside = await setup.say("please echo", audio=clip())
        assert beside.reply.text == "please echo|0"
        assert len(beside.notices) == 1
        shown = await setup.say(audio=clip(), images=(picture(),))
        assert not shown.reply.text.startswith("I did not hear any words")

    with_pipeline(scenario)


def test_a_clip_heard_before_the_turn_is_not_listened_to_again_and_its_words_stay(
    with_pipeline: Callable[..., None],
) -> None:
    recognizer = SmallRecognizer("hey jarvis please echo")

    async def scenario(setup: Setup) -> None:
        heard = await setup.runner.transcribe(clip())
        assert heard.text == "hey jarvis please echo"
        result = await setup.say(audio=clip(), transcript=Transcript("please echo", "en"))
        assert result.reply.text == "please echo|0"
        assert recognizer.listened == 1

    with_pipeline(scenario, speech=recognizer)


def test_a_turn_that_carries_its_transcript_is_not_listened_to(with_pipeline: Callable[..., None]) -> None:
    recognizer = SmallRecognizer("something else")

    async def scenario(setup: Setup) -> None:
        result = await setup.say(audio=clip(), transcript=Transcript("please echo", "en"), tone={"urgency": 0.9})
        assert result.reply.text == "please echo|0"
        assert result.turn.tone == {"urgency": 0.9}
        assert recognizer.listened == 0

    with_pipeline(scenario, speech=recognizer)


def test_the_encodings_of_a_clip_that_was_transcribed_before_its_turn_come_along(
    with_pipeline: Callable[..., None],
) -> None:
    async def scenario(setup: Setup) -> None:
        turn = Turn("s", audio=clip(), transcript=Transcript("please echo", "en"))
        assert [each.encoder for each in (await setup.pipeline.consider(turn)).encodings] == ["words"]
        await setup.runner.transcribe(clip())
        assert [each.encoder for each in (await setup.pipeline.consider(turn)).encodings] == ["whisper", "words"]

    with_pipeline(scenario, speech=SpeakingRecognizer("please echo"))


@pytest.mark.parametrize(
    ("before", "words", "source"),
    [
        ((), "echo", "example"),
        ((), "ehco", "model"),
        ((), "fail alarm", "talk"),
        (("paint",), "no, the red one", "dialogue"),
        (("echo or look",), "the first one", "choice"),
        (("echo or look",), "echo", "example"),
        (("count",), "and the blue ones?", "carried on"),
        (("give_back", "can you paint it?", "yes"), "go back to my return", "set aside"),
    ],
)
def test_what_a_turn_would_be_decided_as_is_what_it_is_decided_as(
    with_pipeline: Callable[..., None], before: tuple[str, ...], words: str, source: str
) -> None:
    async def scenario(setup: Setup) -> None:
        for line in before:
            await setup.say(line)
        setup.events.clear()
        for _ in range(2):  # considering changes nothing, not even what is considered next
            considered = await setup.pipeline.consider(Turn("s", text=words))
            assert considered.decision.source == source
        assert not setup.events
        assert len(setup.history.turns("s")) == len(before)
        decided = (await setup.pipeline.run(Turn("s", text=words))).decided
        assert decided is not None
        assert decided.decision == considered.decision
        assert decided.turn.text == considered.turn.text

    with_pipeline(scenario)


def test_an_explanation_rests_on_the_words_that_were_decided_on(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        mended = (await setup.pipeline.consider(Turn("s", text="ehco"))).decided
        assert mended is not None
        assert (mended.turn.text, mended.basis.text) == ("ehco", "echo")
        assert [each.text for each in mended.encodings] == ["echo"]
        await setup.say("echo or look")
        joined = (await setup.pipeline.consider(Turn("s", text="echo"))).decided
        assert joined is not None
        assert (joined.turn.text, joined.basis.text) == ("echo or look echo", "echo")
        assert [each.text for each in joined.encodings] == ["echo"]

    with_pipeline(scenario)


def test_only_the_last_few_clips_are_remembered(with_pipeline: Callable[..., None]) -> None:
    recognizer = SmallRecognizer("please echo")

    async def scenario(setup: Setup) -> None:
        for _ in range(2):
            for number in range(10):
                await setup.runner.transcribe(AudioClip(np.full(16_000, number / 10, np.float32)))
        assert recognizer.listened == 20

    with_pipeline(scenario, speech=recognizer)


def test_silence_is_said_to_be_silence(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        result = await setup.say(audio=clip())
        assert "did not hear any words" in result.reply.text
        assert result.decision.outcome == "out_of_scope"
        result = await setup.say("echo", audio=clip())
        assert result.notices == ("No words were heard in the recording (no speech); the rest is answered.",)

    with_pipeline(scenario, speech=SmallRecognizer("", rejected="no speech"))


def test_out_of_scope_turn_is_admitted(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        result = await setup.say("purple monkey dishwasher")
        assert result.to_json()["out_of_scope"] is True
        assert "don't know" in result.reply.text

    with_pipeline(scenario)


def test_plugin_that_recognises_outranks_the_model(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        result = await setup.say("fail alarm")
        assert (result.decision.source, result.decision.intent) == ("talk", "talk.echo")

    with_pipeline(scenario)


def test_answer_to_a_choice_joins_the_earlier_turn_even_after_a_restart(with_pipeline: Callable[..., None]) -> None:
    async def ask(setup: Setup) -> None:
        result = await setup.say("echo or look", images=(picture(),))
        assert result.decision.options == ("talk.echo", "talk.look")
        assert "1. Repeat what was said." in result.reply.text
        assert result.reply.follow_up

    async def choose(setup: Setup) -> None:
        result = await setup.say("the first one")
        assert result.decision.intent == "talk.echo"
        assert result.reply.text == "echo or look|1"

    with_pipeline(ask, choose)


def test_vague_words_are_asked_about_and_the_picture_is_kept(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        asked = await setup.say("this", images=(picture(),))
        assert "in a few words" in asked.reply.text
        assert (await setup.say("echo")).reply.text == "echo|1"
        assert (await setup.say("echo")).reply.text == "echo|0"

    with_pipeline(scenario)


def test_question_waits_for_its_answer_over_a_restart(with_pipeline: Callable[..., None]) -> None:
    async def ask(setup: Setup) -> None:
        assert (await setup.say("look")).reply.text == "Show me the photo."

    async def answer(setup: Setup) -> None:
        result = await setup.say(images=(picture(width=7),))
        assert result.reply.text == "It is 7 pixels wide."
        assert result.decision.source == "dialogue"

    with_pipeline(ask, answer)


def test_new_subject_is_answered_while_a_question_waits(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        await setup.say("look")
        assert (await setup.say("echo")).reply.text == "echo|0"

    with_pipeline(scenario)


@pytest.mark.parametrize(
    ("said", "index"),
    [
        ("2", 1),
        ("the first one", 0),
        ("option two please", 1),
        ("the second one", 1),
        ("第二个", 1),
        ("the last one", 1),
    ],
)
def test_short_answers_pick_an_option(said: str, index: int) -> None:
    assert pick_option(said, 2) == index


@pytest.mark.parametrize("said", ["3", "where is my order", "two parcels never came", "one of my plates broke", ""])
def test_other_words_pick_none(said: str) -> None:
    assert pick_option(said, 2) is None


def test_a_question_interrupted_by_a_short_matter_is_asked_again_with_its_answer(
    with_pipeline: Callable[..., None],
) -> None:
    async def scenario(setup: Setup) -> None:
        await setup.say("give_back")
        reply = (await setup.say("how many are there, count them?")).reply
        assert reply.text == "There are two.\nBack to what we began: Why?"
        assert (reply.spoken, reply.follow_up) == ("There are two. Back to what we began: Why?", True)
        assert (await setup.say("too small")).reply.text == "Noted: too small"

    with_pipeline(scenario)


def test_a_question_interrupted_by_a_longer_matter_waits_to_be_called_back(
    with_pipeline: Callable[..., None],
) -> None:
    async def scenario(setup: Setup) -> None:
        await setup.say("give_back")
        assert (await setup.say("can you paint it?")).reply.text == "Paint it?"
        assert (await setup.say("yes")).reply.text == "Painted: True"
        assert (await setup.say("go back to my return")).reply.text == "Why?"

    with_pipeline(scenario)


def test_words_that_ask_nothing_answer_a_free_question_of_their_own_plugin(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        await setup.say("give_back")
        assert (await setup.say("I could not count on it")).reply.text == "Noted: I could not count on it"

    with_pipeline(scenario)


def test_after_a_plugin_that_outranks_the_model_no_question_is_pressed(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        await setup.say("give_back")
        assert (await setup.say("will you echo it for me, then?")).reply.text.endswith("then?|0")

    with_pipeline(scenario)


def test_an_answer_that_mentions_what_matters_comes_word_for_word(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        await setup.say("paint")
        assert (await setup.say("no, the red one")).reply.text == "Painted: no, the red one"
        await setup.say("paint")
        assert (await setup.say("the green paint is nice")).reply.text.startswith(
            "Nothing has been changed. I need a clear yes or no."
        )
        assert (await setup.say("sorry, what was that?")).reply.text.endswith("Paint it?")
        assert (await setup.say("can we stop?")).reply.text == "All right, I have stopped that. Nothing is changed."

    with_pipeline(scenario)


@pytest.mark.parametrize(
    "answer", ["yes, but count the things first", "yes and count only the blue ones", "可以，不过请 count 一下红色的"]
)
def test_a_yes_on_a_condition_is_no_yes(with_pipeline: Callable[..., None], answer: str) -> None:
    async def scenario(setup: Setup) -> None:
        await setup.say("paint")
        assert "Painted" not in (await setup.say(answer)).reply.text
        assert (await setup.say("yes")).reply.text == "Painted: True"

    with_pipeline(scenario)


@pytest.mark.parametrize(("asks", "left_open"), [("give_back", ""), ("warn", "desk.warn")])
def test_a_refusal_ends_the_question_of_what_would_act_and_no_other(
    with_pipeline: Callable[..., None], asks: str, left_open: str
) -> None:
    async def scenario(setup: Setup) -> None:
        await setup.say(asks)
        assert "Noted" not in (await setup.say("don't send it back")).reply.text
        assert setup.dialogues.waiting.pending("s") == left_open

    with_pipeline(scenario)


def test_what_says_nothing_as_it_stands_is_read_again_without_its_slips(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        result = await setup.say("ehco")
        assert (result.decision.intent, result.reply.text) == ("talk.echo", "ehco|0")  # the words stay as they were

    with_pipeline(scenario)


def test_a_few_words_ask_the_same_of_something_else(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        assert (await setup.say("and the blue ones?")).decision.outcome == "out_of_scope"
        await setup.say("count")
        assert (await setup.say("and the blue ones?")).reply.text == "There are two."
        assert (await setup.say("what a lovely day")).decision.outcome == "out_of_scope"
        assert (await setup.say("and the red ones?")).decision.outcome == "out_of_scope"

    with_pipeline(scenario)


def test_what_another_plugin_knows_stands_in_for_a_question_back_but_not_for_what_is_urgent(
    with_pipeline: Callable[..., None], tmp_path: Path
) -> None:
    files = """
from assistant import hookimpl

def rescue() -> str:
    '''Rescue somebody.'''
    return "rescued"

@hookimpl
def register_intents(register):
    register(rescue, examples=["please rescue"], acts=False, urgent=True)

@hookimpl
def answer_unsure(turn, decision):
    return f"The files say so ({decision.outcome})." if "known" in turn.utterance else None
"""
    (tmp_path / "mine" / "files.py").write_text(files, "utf-8")

    async def scenario(setup: Setup) -> None:
        assert (await setup.say("give_back or count the known thing")).reply.text == "The files say so (clarify)."
        assert (await setup.say("give_back or count a thing")).reply.follow_up
        setup.pipeline._answerer._clarifications.close("s")
        assert (await setup.say("count the known things")).reply.text == "There are two.", "the model is sure"
        assert (await setup.say("rescue the known thing")).reply.text == "rescued"

    with_pipeline(scenario)


ASKED_ELSEWHERE = """
from assistant import Reply, hookimpl

def mend(turn) -> Reply:
    '''Mend something.'''
    return Reply("Mended.") if "sock" in turn.utterance else Reply("I mend socks only.").declined()

def sew(turn) -> Reply:
    '''Sew something.'''
    return Reply("I sew nothing here.").declined()

@hookimpl
def register_intents(register):
    register(mend, examples=["please mend my sock"], acts=False)
    register(sew, examples=["please sew"], acts=True)

@hookimpl
def knows(turn):
    return "sock" in turn.utterance

@hookimpl
def answer_unsure(turn, decision):
    sure = decision.source == "declined" or decision.confidence >= 0.8
    return "The files know." if sure and "kettle" in turn.utterance else None

@hookimpl
def answer_fallback(turn, decision):
    return "A model says." if decision.source == "declined" and "model" in turn.utterance else None
"""


def test_what_a_plugin_declines_or_does_not_know_the_files_or_a_model_answer(
    with_pipeline: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine" / "tailor.py").write_text(ASKED_ELSEWHERE, "utf-8")

    def decide(self: NamedIntent, encodings: Sequence[Encoding]) -> Decision:
        name = "tailor.sew" if any("sew" in encoding.text for encoding in encodings) else "tailor.mend"
        return Decision(name, 0.95, "answer", (Candidate(name, 0.95),))

    monkeypatch.setattr(NamedIntent, "decide", decide)

    async def scenario(setup: Setup) -> None:
        known = await setup.say("can you mend my sock with the kettle")
        assert known.reply.text == "Mended.", "the plugin knows what is named"
        assert (await setup.say("please mend my kettle")).reply.text == "The files know."
        told = await setup.say("please mend my model")
        assert told.reply.text == "A model says."
        assert (told.decision.intent, told.decision.source) == ("out_of_scope", "declined")
        declined = await setup.say("please mend my tent")
        assert declined.reply.text == "I mend socks only."
        assert declined.decision.intent == "tailor.mend"
        assert (await setup.say("please sew the kettle")).reply.text == "I sew nothing here.", "it would act"

    with_pipeline(scenario)
