"""A turn whose process is killed (SIGKILL) at any moment is sent again: the same answers, and each effect once."""

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
    sure = await dialogue.ask("Shall I send the label?", kind=bool)
    label = await dialogue.once("label", lambda: note(f"{dialogue.id}:label", f"label {sure}"))
    return f"{turn.text}: {ticket}, {label}"

def note(key, what):  # a system of its own, which takes each idempotency key once
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
folder, last = Path(sys.argv[1]), sys.argv[2]
passed = 0

def moment(name):
    global passed
    passed += 1
    print(json.dumps({"moment": name}), flush=True)
    if last in (str(passed), name):
        os.kill(os.getpid(), 9)

builtins.moment, builtins.EFFECTS = moment, str(folder / "effects.sqlite3")

from assistant.bus import Bus
from assistant.dialogue import DialogueManager
from assistant.messages import Turn
from assistant.plugins import PluginManager
from assistant.settings import load_settings
from assistant.storage import Attachments, Database, DialogueLog

class Log(DialogueLog):
    def open(self, *given):
        moment("before open")
        made = super().open(*given)
        moment("after open")
        return made
    def append(self, dialogue, kind, data):
        moment("before " + kind)
        super().append(dialogue, kind, data)
        moment("after " + kind)
    def close(self, *given):
        moment("before close")
        super().close(*given)
        moment("after close")

TURNS = {"t1": "return it", "t2": "1042", "t3": "yes"}

async def live():
    plugins = PluginManager(load_settings({"plugins": {"folder": str(folder / "plugins")}}), Bus())
    plugins.load()
    dialogues = DialogueManager(
        Log(Database(f"sqlite:///{folder / 'log.sqlite3'}")), Attachments(folder / "pictures"), plugins
    )
    intent = next(i for i in plugins.intents if i.name == "shop.give_back")
    done = folder / "done.json"
    answered = json.loads(done.read_text()) if done.exists() else {}
    for name, text in TURNS.items():
        if name in answered:
            continue
        turn = Turn(session="s", text=text, id=name)
        again = await dialogues.answer_again(turn)
        if again is not None:
            reply = again[1]
        elif dialogues.pending("s"):
            reply = await dialogues.resume("s", turn)
        else:
            reply = await dialogues.start(intent, turn, {})
        moment("answered " + name)
        answered[name] = reply.text
        done.write_text(json.dumps(answered))
    await dialogues.close()
    await plugins.shutdown()

asyncio.run(live())
"""

ANSWERS = {"t1": "Which order?", "t2": "Shall I send the label?", "t3": "return it: ticket 1042, label True"}


class Shop:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "plugins").mkdir(parents=True)
        (folder / "plugins" / "shop.py").write_text(SHOP)
        (folder / "life.py").write_text(LIFE)
        with sqlite3.connect(folder / "effects.sqlite3") as effects:
            effects.execute("create table effects (key text primary key, what text)")

    def live(self, killed_at: int | str = 0) -> tuple[int, list[str]]:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        environment["ASSISTANT_HOME"] = str(self.folder / "home")
        command = [sys.executable, str(self.folder / "life.py"), str(self.folder), str(killed_at)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        return done.returncode, [line["moment"] for line in lines]

    def answers(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.folder / "done.json").read_text())
        return found

    def effects(self) -> list[str]:
        with sqlite3.connect(self.folder / "effects.sqlite3") as there:
            return [what for (what,) in there.execute("select what from effects order by rowid")]


@pytest.mark.parametrize("moment", ["after label True", "after close"])
def test_sent_again_after_a_kill_a_turn_has_its_answer_and_its_effect_once(tmp_path: Path, moment: str) -> None:
    shop = Shop(tmp_path / "killed")
    code, moments = shop.live(killed_at=moment)
    assert (code, moments[-1]) == (-signal.SIGKILL, moment)
    assert shop.live()[0] == 0
    assert shop.answers() == ANSWERS
    assert shop.effects() == ["ticket 1042", "label True"]


@pytest.mark.bench  # fifty processes
@pytest.mark.timeout(600)
def test_the_same_holds_for_a_kill_at_any_moment_at_all(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "whole")
    code, moments = shop.live()
    assert (code, shop.answers()) == (0, ANSWERS)
    assert len(moments) >= 20
    for number, moment in enumerate(moments, 1):
        shop = Shop(tmp_path / f"killed {number}")
        assert shop.live(killed_at=number)[0] == -signal.SIGKILL, moment
        assert shop.live()[0] == 0, moment
        assert shop.answers() == ANSWERS, moment
        assert shop.effects() == ["ticket 1042", "label True"], moment
