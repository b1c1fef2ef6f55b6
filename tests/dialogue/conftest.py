"""A dialogue with a shop, lived in processes that can be killed (SIGKILL) at any moment.

A nursery loads the assistant once; each life is a fork of it, with its plugins and its database opened anew.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.dialogue.returns import Counter

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

NURSERY = """
import asyncio, builtins, json, os, sys, traceback
from pathlib import Path
from assistant.bus import Bus
from assistant.dialogue.manager import DialogueManager
from assistant.types import Turn
from assistant.plugins.manager import PluginManager
from assistant.settings import load_settings, shipped_dir
from assistant.storage import Attachments, Database, DialogueLog

import sqlalchemy.dialects.sqlite

passed, last = 0, ""

def tell(**what):
    print(json.dumps(what), flush=True)

def moment(name):
    global passed
    passed += 1
    tell(moment=name)
    if last in (str(passed), name):
        os.kill(os.getpid(), 9)

class Log(DialogueLog):
    def open(self, *given):
        moment("before open")
        made = super().open(*given)
        moment("after open")
        return made
    def append(self, dialogue, kind, data, **how):
        moment("before " + kind)
        super().append(dialogue, kind, data, **how)
        moment("after " + kind)
    def close(self, *given):
        moment("before close")
        super().close(*given)
        moment("after close")

async def be_born(folder):
    others = [path.stem for path in shipped_dir("plugins").iterdir()]
    given = {"folder": str(folder / "plugins"), "disabled": others, "trusted": ["shop"]}
    plugins = PluginManager(load_settings({"plugins": given}), Bus())
    plugins.load()
    log = Log(Database(f"sqlite:///{folder / 'log.sqlite3'}"))
    dialogues = DialogueManager(log, Attachments(folder / "pictures"), plugins)
    await live(folder, next(i for i in plugins.intents if i.name == "shop.give_back"), dialogues, log)
    await dialogues.close()
    await plugins.shutdown()

for line in sys.stdin:
    folder, last = json.loads(line)
    if child := os.fork():
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        continue
    sys.stdout = open(Path(folder, "told.jsonl"), "w")
    os.environ["ASSISTANT_HOME"] = str(Path(folder, "home"))
    builtins.moment, builtins.EFFECTS = moment, str(Path(folder, "effects.sqlite3"))
    try:
        asyncio.run(be_born(Path(folder)))
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)
"""


class Shop:
    """A folder in which the dialogue is lived, in processes of its own."""

    def __init__(self, folder: Path, nursery: subprocess.Popen[str]) -> None:
        self.folder, self._nursery = folder, nursery
        (folder / "plugins").mkdir(parents=True)
        (folder / "plugins" / "shop.py").write_text(SHOP)
        with sqlite3.connect(folder / "effects.sqlite3") as effects:
            effects.execute("create table effects (key text primary key, what text)")

    def live(self, killed_at: int | str = 0) -> tuple[int, list[str], list[str]]:
        """Live until the end, or until a moment (its name or number).

        Returns:
            How the process ended, the moments it passed, and what the user was told.
        """
        assert self._nursery.stdin
        assert self._nursery.stdout
        self._nursery.stdin.write(json.dumps([str(self.folder), str(killed_at)]) + "\n")
        self._nursery.stdin.flush()
        code = int(self._nursery.stdout.readline())
        told = (self.folder / "told.jsonl").read_text().splitlines()
        lines: list[dict[str, Any]] = [json.loads(line) for line in told]
        moments = [line["moment"] for line in lines if "moment" in line]
        return code, moments, [line["said"] for line in lines if "said" in line]

    def effects(self) -> list[str]:
        """The calls that the other system received."""
        with sqlite3.connect(self.folder / "effects.sqlite3") as there:
            return [what for (what,) in there.execute("select what from effects order by rowid")]


@pytest.fixture(scope="module")
def shop_in(request: pytest.FixtureRequest) -> Iterator[Callable[[Path], Shop]]:
    """Opens a shop in a folder; the test's module says in `LIFE` what ``live(folder, intent, dialogues, log)`` does."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"}
    nursery = subprocess.Popen(
        [sys.executable, "-c", request.module.LIFE + NURSERY],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with nursery:
        yield lambda folder: Shop(folder, nursery)
        nursery.kill()


@pytest.fixture
def counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counter:
    empty = tmp_path / "shipped"
    empty.mkdir()
    monkeypatch.setattr("assistant.plugins.discovery.shipped_dir", lambda name: empty)
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))
    return Counter(tmp_path)
