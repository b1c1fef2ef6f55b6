"""Turns that ask back, and the answers to them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.dialogue.clarification import pick_option
from tests.pipeline.conftest import Setup, picture


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
