"""A handler asks, the user answers, and neither a crash nor a restart makes them begin again."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from assistant.bus import Bus
from assistant.dialogue.manager import DialogueManager
from assistant.errors import PluginError
from assistant.events import DialogueAsked, Event
from assistant.plugins.manager import PluginManager
from assistant.plugins.reloading import Reloader
from assistant.settings import load_settings
from assistant.storage import Attachments, Database, DialogueLog
from assistant.testing import FakeServices
from assistant.types import Picture, Reply, Turn

SHOP = '''
from datetime import date
from assistant import Manifest, Picture, hookimpl

MANIFEST = Manifest(timeout=0.5)

async def give_back(turn, dialogue, reason: str = "none"):
    """Return an order."""
    number = await dialogue.ask("Which order?", kind=int)
    photo = await dialogue.ask("May I see it?", kind=Picture)
    ticket = await dialogue.once("ticket", lambda: open_ticket(number))
    sure = await dialogue.ask("Shall I send the label?", kind=bool, speech="The label?")
    await dialogue.once("label", send_label)
    return f"{turn.text}: {number}, {photo.image.size}, {reason}, ticket {ticket['id']}, {sure}"

def open_ticket(number):
    note(f"ticket {number}")
    return {"id": 7, "on": date(2026, 1, 2)}

async def send_label():
    note("label")

def note(line):
    with open(FILE, "a") as file:
        file.write(line + "\\n")

def needs(day: date, size: str):
    """Book a parcel."""
    return f"{size} on {day}"

@hookimpl
def register_intents(register):
    register(give_back, examples=["return it"])
    register(needs, examples=["book a parcel"])
'''


class Counter:
    """A shop's assistant that can be shut and opened again; what is on disk stays."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.heard: list[Event] = []
        self.effects = folder / "effects"
        self.trusted = ["shop", "odd"]
        (folder / "plugins").mkdir(exist_ok=True)
        self.write(SHOP)

    def write(self, code: str, name: str = "shop") -> None:
        code = f"FILE = {str(self.effects)!r}\n{textwrap.dedent(code)}"
        (self.folder / "plugins" / f"{name}.py").write_text(code)

    def open(self, **options: Any) -> DialogueManager:
        bus = Bus()
        bus.listen(self.heard.append)
        settings = {"folder": str(self.folder / "plugins"), "trusted": self.trusted}
        self.plugins = PluginManager(load_settings({"plugins": settings}), bus)
        self.plugins.load()
        log = DialogueLog(Database(f"sqlite:///{self.folder / 'log.sqlite3'}"))
        return DialogueManager(log, Attachments(self.folder / "pictures"), self.plugins, bus, **options)

    def run(self, story: Callable[[DialogueManager], Coroutine[Any, Any, Any]], **options: Any) -> Any:
        async def live() -> Any:
            dialogues = self.open(**options)
            try:
                return await story(dialogues)
            finally:
                await dialogues.close()
                await self.plugins.shutdown()

        return asyncio.run(live())

    async def start(self, dialogues: DialogueManager, name: str = "shop.give_back", **slots: Any) -> Reply:
        intent = next(intent for intent in self.plugins.intents if intent.name == name)
        return await dialogues.start(intent, say("return it"), slots)


def say(text: str = "", *pictures: Picture) -> Turn:
    return Turn(session="s", text=text, images=pictures)


PHOTO = Picture(Image.new("RGB", (6, 4), "red"))
ANSWERS = [say("number 1042"), say("here", PHOTO), say("yes please")]
DONE = "return it: 1042, (6, 4), broken, ticket 7, True"


@pytest.fixture
def counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counter:
    empty = tmp_path / "shipped"
    empty.mkdir()
    monkeypatch.setattr("assistant.plugins.discovery.shipped_dir", lambda name: empty)
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))
    return Counter(tmp_path)


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


def test_restart_before_every_answer_changes_nothing_and_repeats_no_effect(counter: Counter) -> None:
    texts = [counter.run(lambda dialogues: counter.start(dialogues, reason="broken")).text]
    for answer in ANSWERS:

        async def story(dialogues: DialogueManager, answer: Turn = answer) -> str:
            question = dialogues.waiting.question("s")
            assert question is not None
            assert question.text == texts[-1]
            return (await dialogues.resume("s", answer)).text

        texts.append(counter.run(story))
    assert texts == ["Which order?", "May I see it?", "Shall I send the label?", DONE]
    assert counter.effects.read_text().split("\n") == ["ticket 1042", "label", ""]


def test_killed_process_loses_nothing(counter: Counter, tmp_path: Path) -> None:
    counter.write(SHOP.replace('note("label")', 'note("label"); import os; os.kill(os.getpid(), 9)'))
    script = tmp_path / "run.py"
    script.write_text(
        "import asyncio, sys\nfrom pathlib import Path\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "import test_dialogues as t\n"
        "class Again(t.Counter):\n"
        "    def write(self, code, name='shop'): pass\n"
        f"counter = Again(Path({str(tmp_path)!r}))\n"
        "async def story(dialogues):\n"
        "    await counter.start(dialogues, reason='broken')\n"
        "    for answer in t.ANSWERS: await dialogues.resume('s', answer)\n"
        "counter.run(story)\n"
    )
    home = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    ended = subprocess.run([sys.executable, str(script)], env=home, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    assert counter.effects.read_text().split() == ["ticket", "1042", "label"]

    counter.write(SHOP)
    recovered = counter.run(lambda dialogues: dialogues.recover("s"))
    assert [reply.text for reply in recovered] == [DONE]
    # Killed between the effect and its record, the label alone may come twice; the ticket was recorded.
    assert counter.effects.read_text().split() == ["ticket", "1042", "label", "label"]


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


def test_changed_handler_asks_anew_what_it_asks_differently(counter: Counter) -> None:
    async def first(dialogues: DialogueManager) -> None:
        await counter.start(dialogues, reason="broken")
        await dialogues.resume("s", say("5"))

    counter.run(first)
    counter.write(SHOP.replace('"Which order?", kind=int', '"Which order, exactly?"'))
    texts = [
        counter.run(lambda dialogues, turn=turn: dialogues.resume("s", turn)).text
        for turn in (say("", PHOTO), say("order six"), say("", PHOTO))
    ]
    assert texts == ["Which order, exactly?", "May I see it?", "Shall I send the label?"]


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


def test_handlers_beyond_the_limit_are_run_again_from_the_log(counter: Counter) -> None:
    async def story(dialogues: DialogueManager) -> list[str]:
        intent = counter.plugins.intents[0]
        for session in ("a", "b", "c"):
            await dialogues.start(intent, Turn(session=session, text=session), {})
        return [(await dialogues.resume(session, say("5"))).text for session in ("a", "b", "c")]

    assert counter.run(story, kept=1) == ["May I see it?"] * 3


def test_dialogue_of_a_plugin_that_is_gone_ends_with_a_clear_error(counter: Counter) -> None:
    counter.run(counter.start)
    counter.write("")

    async def story(dialogues: DialogueManager) -> str:
        with pytest.raises(PluginError, match="shop: give_back is gone"):
            await dialogues.resume("s", say("5"))
        return dialogues.waiting.pending("s")

    assert counter.run(story) == ""


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


@pytest.mark.parametrize("change", ["reload", "kill"])
def test_a_question_of_an_isolated_plugin_survives_its_process(
    counter: Counter, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.plugins.reloading.PAUSE", 0.0)
    counter.trusted = []
    code = SHOP.replace('with open(FILE, "a") as file:', "if True:").replace("file.write(line", "print(line")
    code = code.replace("timeout=0.5", "timeout=5")
    counter.write(code)

    async def story(dialogues: DialogueManager) -> str:
        settings = load_settings({"plugins": {"folder": str(counter.folder / "plugins")}})
        reloader = Reloader(settings, counter.plugins, Bus())
        await counter.start(dialogues, reason="broken")
        await dialogues.resume("s", ANSWERS[0])
        if change == "reload":
            counter.write(code.replace('return f"{turn.text}', 'return f"anew {turn.text}'))
            await reloader.look(lambda info: FakeServices())
        else:
            running = counter.plugins.all[0].process._running
            os.kill(running._started._process.pid, signal.SIGKILL)
            while not running.over:  # noqa: ASYNC110 - another process ends
                await asyncio.sleep(0.01)
        for answer in ANSWERS[1:]:
            reply = await dialogues.resume("s", answer)
        return reply.text

    assert counter.run(story) == ("anew " + DONE if change == "reload" else DONE)


def test_queued_request_waits_over_a_restart_and_begins_when_its_turn_has_come(counter: Counter) -> None:
    async def first(dialogues: DialogueManager) -> str:
        asked = await counter.start(dialogues, reason="broken")
        parcel = next(intent for intent in counter.plugins.intents if intent.name == "shop.needs")
        dialogues.queue(parcel, say("and book a parcel"), {"size": "small"})
        return asked.text

    async def second(dialogues: DialogueManager) -> list[str]:
        assert await dialogues.recover("s") == []
        assert dialogues.waiting.pending("s") == "shop.give_back"
        assert dialogues.waiting.queued_words("s") == ["and book a parcel"]
        said = [(await dialogues.resume("s", answer)).text for answer in ANSWERS]
        said.append((await dialogues.begin_queued(ANSWERS[-1])).text)
        assert dialogues.waiting.queued_words("s") == []
        assert dialogues.waiting.pending("s") == "shop.needs"
        return [*said, (await dialogues.resume("s", say("2026-12-24"))).text]

    assert counter.run(first) == "Which order?"
    said = counter.run(second)
    assert said[2] == DONE
    assert said[3] == "What is the day?"
    assert said[-1] == "small on 2026-12-24"
