"""A process is killed (SIGKILL) at every step of a dialogue: it goes on where it was, and nothing happens twice."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

SHOP = """
import sqlite3
from assistant import hookimpl

async def give_back(turn, dialogue):
    '''Return an order.'''
    number = await dialogue.ask("Which order?", kind=int)
    ticket = await dialogue.once("ticket", lambda: note(f"{dialogue.id}:ticket", f"ticket {number}"))
    reason = await dialogue.ask("Why?", choices=["broken", "too small"])
    sure = await dialogue.ask("Shall I send the label?", kind=bool)
    label = await dialogue.once("label", lambda: note(f"{dialogue.id}:label", f"label {reason}"))
    return f"{turn.text}: {ticket}, {label}, {sure}"

def note(key, what):  # a system of its own, which takes each idempotency key once and counts the calls
    moment("before " + what)
    with sqlite3.connect(EFFECTS) as there:
        there.execute("insert or ignore into effects values (?, ?)", (key, what))
    moment("after " + what)
    return what

@hookimpl
def register_intents(register):
    register(give_back, examples=["return it"])
"""

LIFE = """
import asyncio, builtins, json, os, sys
from pathlib import Path
folder, last = Path(sys.argv[1]), int(sys.argv[2])
passed = 0

def moment(name):
    global passed
    passed += 1
    print(json.dumps({"moment": name}), flush=True)
    if passed == last:
        os.kill(os.getpid(), 9)

builtins.moment, builtins.EFFECTS = moment, str(folder / "effects.sqlite3")

from assistant.bus import Bus
from assistant.dialogue import DialogueManager
from assistant.messages import Turn
from assistant.plugins import PluginManager
from assistant.settings import load_settings
from assistant.storage import Attachments, Database, DialogueLog

class Log(DialogueLog):
    def open(self, session, intent, turn):
        moment("before open")
        made = super().open(session, intent, turn)
        moment("after open")
        return made
    def append(self, dialogue, kind, data):
        moment("before " + kind)
        super().append(dialogue, kind, data)
        moment("after " + kind)
    def close(self, dialogue, reason, *reply):
        moment("before close")
        super().close(dialogue, reason, *reply)
        moment("after close")

ANSWERS = {"Which order?": "1042", "Why?": "the first one", "Shall I send the label?": "yes"}

async def live():
    plugins = PluginManager(load_settings({"plugins": {"folder": str(folder / "plugins")}}), Bus())
    plugins.load()
    log = Log(Database(f"sqlite:///{folder / 'log.sqlite3'}"))
    dialogues = DialogueManager(log, Attachments(folder / "pictures"), plugins)
    said = (await dialogues.recover("s") or [None])[-1] or dialogues.question("s")
    if said is None and not log.story("s"):
        intent = next(i for i in plugins.intents if i.name == "shop.give_back")
        said = await dialogues.start(intent, Turn(session="s", text="return it"), {})
    while said is not None:
        print(json.dumps({"said": said.text}), flush=True)
        if not said.follow_up:
            break
        said = await dialogues.resume("s", Turn(session="s", text=ANSWERS[said.text]))
    await dialogues.close()
    await plugins.shutdown()

asyncio.run(live())
"""

DONE = "return it: ticket 1042, label broken, True"
QUESTIONS = ["Which order?", "Why?", "Shall I send the label?"]


class Shop:
    """A dialogue lived in processes of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "plugins").mkdir(parents=True)
        (folder / "plugins" / "shop.py").write_text(SHOP)
        (folder / "life.py").write_text(LIFE)
        with sqlite3.connect(folder / "effects.sqlite3") as effects:
            effects.execute("create table effects (key text primary key, what text)")

    def live(self, killed_at: int = 0) -> tuple[int, list[str], list[str]]:
        """How a process ended, the moments it passed, and what the user was told."""
        path = os.pathsep.join(part for part in sys.path if part)
        environment = {**os.environ, "PYTHONPATH": path, "ASSISTANT_HOME": str(self.folder / "home")}
        command = [sys.executable, str(self.folder / "life.py"), str(self.folder), str(killed_at)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        moments = [line["moment"] for line in lines if "moment" in line]
        return done.returncode, moments, [line["said"] for line in lines if "said" in line]

    def effects(self) -> list[str]:
        with sqlite3.connect(self.folder / "effects.sqlite3") as there:
            return [what for (what,) in there.execute("select what from effects order by rowid")]


@pytest.mark.timeout(600)
def test_killed_at_every_step_it_goes_on_with_everything_known_and_each_effect_once(tmp_path: Path) -> None:
    code, moments, told = Shop(tmp_path / "whole").live()
    assert code == 0
    assert told == [*QUESTIONS, DONE]
    assert len(moments) >= 22  # before and after: open, 3 asked, 3 answered, 2 effects, their 2 records, close
    for number, moment in enumerate(moments, 1):
        shop = Shop(tmp_path / f"killed {number}")
        code, _, before = shop.live(killed_at=number)
        assert code == -signal.SIGKILL, moment
        code, _, after = shop.live()
        assert code == 0, moment
        if moment == "after close":  # it was over; only the last words were not shown any more
            assert after == []
            continue
        assert after[-1] == DONE, moment
        # The question that was open is asked again; one whose answer was recorded never is.
        answered = sum(m == "after answered" for m in moments[:number])
        assert after[:-1] == QUESTIONS[answered:], moment
        assert before == QUESTIONS[: len(before)], moment
        assert shop.effects() == ["ticket 1042", "label broken"], moment
