"""A turn from its words to its reply, and what goes wrong on the way."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from assistant.events import IntentRecognized, ReplyReady, StageFinished, TurnCancelled, TurnStarted
from assistant.types import Candidate, Decision, Encoding, Turn
from tests.pipeline.conftest import NamedIntent, Setup, picture

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


def test_what_another_program_chose_is_done_and_not_decided_anew(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        chosen = Decision("talk.echo", 1.0, "answer", contributions={"text": 1.0}, source="tool")
        result = (await setup.pipeline.run(Turn("s", text="count this"), chosen=chosen)).result
        assert (result.reply.text, result.decision) == ("count this|0", chosen)
        assert (result.reply.intent, result.reply.contributions) == ("talk.echo", {"text": 1.0})

    with_pipeline(scenario)


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


def test_out_of_scope_turn_is_admitted(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        result = await setup.say("purple monkey dishwasher")
        assert result.to_json()["out_of_scope"] is True
        assert "don't know" in result.reply.text

    with_pipeline(scenario)


def test_a_stop_of_something_is_for_its_intent_and_a_mere_stop_for_none(with_pipeline: Callable[..., None]) -> None:
    async def story(setup: Setup) -> None:
        assert (await setup.say("stop the echo")).decision.intent == "talk.echo"
        quiet = await setup.say("shush")
        assert (quiet.decision.intent, quiet.reply.text) == ("out_of_scope", "All right, I won't do anything.")

    with_pipeline(story)


def test_words_before_an_example_do_not_hide_it(with_pipeline: Callable[..., None]) -> None:
    async def story(setup: Setup) -> None:
        led = await setup.say("hold on, please echo")
        assert (led.decision.source, led.reply.text) == ("example", "please echo|0")

    with_pipeline(story)


def test_plugin_that_recognises_outranks_the_model(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        result = await setup.say("fail alarm")
        assert (result.decision.source, result.decision.intent) == ("talk", "talk.echo")

    with_pipeline(scenario)


def test_what_says_nothing_as_it_stands_is_read_again_without_its_slips(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        result = await setup.say("ehco")
        assert (result.decision.intent, result.reply.text) == ("talk.echo", "ehco|0")  # the words stay as they were

    with_pipeline(scenario)


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
