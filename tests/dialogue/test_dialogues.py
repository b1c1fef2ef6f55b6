"""Tests dialogues: questions, answers, missing slots, and several at once."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from assistant.dialogue.manager import DialogueManager
from assistant.errors import PluginError
from assistant.events import DialogueAsked
from assistant.types import Reply, Turn
from tests.dialogue.returns import ANSWERS, DONE, SHOP, Counter, say


def test_handler_asks_and_goes_on_with_the_answers(counter: Counter) -> None:
    async def story(dialogues: DialogueManager) -> list[Reply]:
        replies = [await counter.start(dialogues, reason="broken")]
        assert dialogues.waiting.pending("s") == "shop.give_back"
        replies += [await dialogues.resume("s", answer) for answer in ANSWERS]
        assert (dialogues.waiting.pending("s"), dialogues.waiting.pending("other")) == ("", "")
        return replies

    replies = counter.run(story)
    assert [reply.text for reply in replies] == ["Which order?", "May I see it?", "Shall I send the label?", DONE]
    assert [reply.follow_up for reply in replies] == [True, True, True, False]
    assert replies[2].spoken == "The label?"
    assert counter.effects.read_text().split("\n") == ["ticket 1042", "label", ""]
    asked = [event.question for event in counter.heard if isinstance(event, DialogueAsked)]
    assert asked == ["Which order?", "May I see it?", "Shall I send the label?"]


def test_answer_that_does_not_fit_is_asked_for_again(counter: Counter) -> None:
    async def story(dialogues: DialogueManager) -> list[str]:
        await counter.start(dialogues)
        told = [(await dialogues.resume("s", turn)).text for turn in (say("no idea"), say("12.5"), say("3 or 4"))]
        assert not dialogues.waiting.fits(say("hm"))
        assert dialogues.waiting.fits(say("forty"))
        assert dialogues.waiting.fits(say("never mind"))
        return [*told, (await dialogues.resume("s", say("forty"))).text]

    again = "I need one whole number. (Or say “never mind”.) Which order?"
    assert counter.run(story) == [again, again, again, "May I see it?"]


def test_a_yes_that_comes_too_late_confirms_nothing(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(dialogues: DialogueManager) -> list[str]:
        await counter.start(dialogues, reason="broken")
        for answer in ANSWERS[:2]:
            await dialogues.resume("s", answer)
        now = time.time
        with monkeypatch.context() as later:
            later.setattr(time, "time", lambda: now() + 601)
            told = [(await dialogues.resume("s", ANSWERS[2])).text]
        assert "label" not in counter.effects.read_text()
        return [*told, (await dialogues.resume("s", ANSWERS[2])).text]

    again = "That question was asked a while ago, so I ask again to be sure: Shall I send the label?"
    assert counter.run(story) == [again, DONE]


def test_user_can_leave_a_dialogue(counter: Counter) -> None:
    async def story(dialogues: DialogueManager) -> tuple[str, str]:
        await counter.start(dialogues)
        reply = await dialogues.resume("s", say("Never mind."))
        return reply.text, dialogues.waiting.pending("s")

    assert counter.run(story) == ("All right, I have stopped that.", "")
    with pytest.raises(PluginError, match="no question is open"):
        counter.run(lambda dialogues: dialogues.resume("s", say("5")))


def test_waiting_for_the_user_neither_times_out_nor_holds_a_thread(counter: Counter) -> None:
    async def story(dialogues: DialogueManager) -> str:
        await counter.start(dialogues)
        await asyncio.sleep(0.1)
        before = threading.active_count()
        for number in range(5):
            intent = counter.plugins.intents[0]
            await dialogues.start(intent, Turn(session=f"other {number}", text="x"), {})
        assert threading.active_count() == before
        await asyncio.sleep(0.6)  # longer than the plugin's timeout
        return (await dialogues.resume("s", say("5"))).text

    assert counter.run(story) == "May I see it?"


def test_missing_slots_are_asked_for_before_the_handler_runs(counter: Counter) -> None:
    async def story(dialogues: DialogueManager) -> list[str]:
        texts = [(await counter.start(dialogues, "shop.needs")).text]
        texts.append((await dialogues.resume("s", say("2026-12-24"))).text)
        return texts

    assert counter.run(story) == ["What is the day?", "What is the size?"]
    finished = counter.run(lambda dialogues: dialogues.resume("s", say("a big one")))
    assert finished.text == "a big one on 2026-12-24"


def test_new_request_sets_the_dialogue_aside_until_it_is_woken(counter: Counter) -> None:
    async def story(dialogues: DialogueManager) -> list[str]:
        await counter.start(dialogues)
        other = await counter.start(dialogues, "shop.needs")
        assert dialogues.waiting.pending("s") == "shop.needs"
        await dialogues.resume("s", say("cancel"))
        assert dialogues.waiting.pending("s") == ""
        woken = dialogues.waiting.wake("s")
        assert woken is not None
        return [other.text, woken.text, (await dialogues.resume("s", say("8"))).text]

    assert counter.run(story) == ["What is the day?", "Which order?", "May I see it?"]


def test_questions_asked_at_once_are_put_one_after_the_other(counter: Counter) -> None:
    counter.write(
        "import asyncio\nfrom assistant import Manifest, hookimpl\nMANIFEST = Manifest(timeout=0.3)\n"
        "async def odd(dialogue):\n    return ' '.join(await asyncio.gather(dialogue.ask('A?'), dialogue.ask('B?')))\n"
        "@hookimpl\ndef register_intents(register):\n    register(odd, examples=['odd'])\n",
        "odd",
    )

    async def story(dialogues: DialogueManager) -> list[str]:
        texts = [(await counter.start(dialogues, "odd.odd")).text]
        for answer in ("one", "two"):
            await asyncio.sleep(0.2)
            texts.append((await dialogues.resume("s", say(answer))).text)
        return texts

    assert counter.run(story) == ["A?", "B?", "one two"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('await dialogue.ask("")', "ask() needs a question"),
        ('await dialogue.ask("What?", kind=list)', "ask() cannot take kind=list"),
        ('await dialogue.ask("What?", choices="ab")', "ask() needs choices as a list of strings"),
        ('await dialogue.ask("What?", choices=["a", ""])', "ask() needs choices as a list of strings"),
        ('await dialogue.ask("What?", mentions=[7])', "ask() needs mentions as a list of strings"),
        ('await dialogue.once("x", lambda: {1, 2})', "once('x'): set is not a JSON value; return plain values"),
        ("raise ValueError", "ValueError"),
    ],
)
def test_question_that_cannot_be_asked_is_a_clear_error(counter: Counter, body: str, reason: str) -> None:
    counter.write(
        f"import asyncio\nfrom assistant import hookimpl\nasync def odd(dialogue):\n    {body}\n"
        "@hookimpl\ndef register_intents(register):\n    register(odd, examples=['odd'])\n",
        "odd",
    )

    async def story(dialogues: DialogueManager) -> str:
        with pytest.raises(PluginError) as caught:
            await counter.start(dialogues, "odd.odd")
        assert dialogues.waiting.pending("s") == ""
        return caught.value.reason

    assert reason in counter.run(story)


def test_isolated_plugin_asks_too(counter: Counter) -> None:
    counter.trusted = []
    counter.write(SHOP.replace('with open(FILE, "a") as file:', "if True:").replace("file.write(line", "print(line"))

    async def story(dialogues: DialogueManager) -> str:
        await counter.start(dialogues, reason="broken")
        for answer in ANSWERS:
            reply = await dialogues.resume("s", answer)
        return reply.text

    assert counter.run(story) == DONE


def test_of_several_set_aside_the_named_one_is_woken(counter: Counter) -> None:
    async def story(dialogues: DialogueManager) -> list[str]:
        await counter.start(dialogues)
        await counter.start(dialogues, "shop.needs")
        dialogues.waiting.suspend("s")
        assert dialogues.waiting.set_aside("s") == ["shop.needs", "shop.give_back"]
        woken = [
            dialogues.waiting.wake("s", "back to what I give back"),
            dialogues.waiting.wake("s", "go back to the parcel booking"),
        ]
        return [reply.text for reply in woken if reply]

    assert counter.run(story) == ["Which order?", "What is the day?"]
