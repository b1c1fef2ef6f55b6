"""The process is killed (SIGKILL) around each change: the dialogue goes on, and the shop's rows are there once."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

LIFE = """
import asyncio, json, os, sys
from pathlib import Path
folder, (intent, words, killed_at, *answers) = Path(sys.argv[1]), sys.argv[2:]
passed = 0

def moment(name):
    global passed
    passed += 1
    print(json.dumps({"moment": name}), flush=True)
    if killed_at in (name, str(passed)):
        os.kill(os.getpid(), 9)

from assistant.bus import Bus
from assistant.dialogue.manager import DialogueManager
from assistant.types import Turn
from assistant.plugins.manager import PluginManager
from assistant.settings import load_settings, shipped_dir
from assistant.storage import Attachments, Database, DialogueLog
from assistant.testing import FakeServices

class Log(DialogueLog):
    def append(self, dialogue, kind, data, **how):
        what = f"{kind} {data.get('key', '')}".strip()
        moment("before " + what)
        super().append(dialogue, kind, data, **how)
        moment("after " + what)

async def live():
    others = [path.stem for path in shipped_dir("plugins").iterdir() if path.name != "customer_service"]
    settings = load_settings({"plugins": {"folder": str(folder / "plugins"), "disabled": others}})
    plugins = PluginManager(settings, Bus())
    plugins.load()
    shop = FakeServices(data_dir=folder, options={"adapter": "", "url": ""})
    await plugins.startup(lambda info: shop)
    log = Log(Database(f"sqlite:///{folder / 'log.sqlite3'}"))
    dialogues = DialogueManager(log, Attachments(folder / "pictures"), plugins)
    said = (await dialogues.recover("s") or [None])[-1] or dialogues.waiting.question("s")
    if said is None and not log.story("s"):
        chosen = next(i for i in plugins.intents if i.name == intent)
        said = await dialogues.start(chosen, Turn(session="s", text=words), {})
    while said is not None:
        print(json.dumps({"said": said.text}), flush=True)
        if not said.follow_up:
            break
        said = await dialogues.resume("s", Turn(session="s", text=answers[0 if len(answers) == 1 else
            sum(kind == "answered" for kind, _ in log.events(log.pending("s")[0].id))]))
    await dialogues.close()
    await plugins.shutdown()

asyncio.run(live())
"""

CASES = {
    "return": ("return_item", "I want to return the phone case of A1009, I don't like it", ("yes",)),
    "cancel": ("cancel_order", "cancel A1007", ("yes",)),
    "quantity": ("change_order", "make it 3 coffee mugs in A1007", ("yes",)),
    "complaint": ("complaint", "I complain about the courier of A1001, he was rude to me", ("no", "me@example.org")),
}


def live(folder: Path, case: str, killed_at: str = "") -> tuple[int, list[str], list[str]]:
    """Runs a conversation in a process and returns its exit code, the steps it passed, and the replies."""
    folder.mkdir(exist_ok=True)
    (folder / "plugins").mkdir(exist_ok=True)
    intent, words, answers = CASES[case]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(part for part in sys.path if part),
        "XDG_DATA_HOME": str(folder / "home"),
    }
    command = [sys.executable, "-c", LIFE, str(folder), f"customer_service.{intent}", words]
    done = subprocess.run([*command, killed_at, *answers], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    moments = [line["moment"] for line in lines if "moment" in line]
    return done.returncode, moments, [line["said"] for line in lines if "said" in line]


def rows(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Returns all rows of the shop's tables without their keys."""
    wanted = {
        "shop_returns": "order_number, item",
        "shop_refunds": "order_number, cents, status",
        "shop_tickets": "kind, order_number",
        "shop_items": "order_number, sku, quantity",
        "shop_orders": "number, status",
    }
    with sqlite3.connect(folder / "store.sqlite3") as shop:
        return {name: sorted(shop.execute(f"select {columns} from {name}")) for name, columns in wanted.items()}


def test_killed_between_the_change_and_its_record_the_money_moves_once(tmp_path: Path) -> None:
    folder = tmp_path / "return"
    code, moments, _ = live(folder, "return", "before did return:A1009:phone case")
    assert (code, moments[-1]) == (-signal.SIGKILL, "before did return:A1009:phone case")
    assert len(rows(folder)["shop_returns"]) == 1  # the change was made, and nothing tells so
    code, _, after = live(folder, "return")
    assert (code, len(after)) == (0, 1)
    assert rows(folder)["shop_returns"] == [("A1009", "phone case")]


@pytest.mark.bench
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("case", CASES)
def test_killed_at_every_step_each_change_is_made_once(case: str, tmp_path: Path) -> None:
    code, moments, told = live(tmp_path / "whole", case)
    assert code == 0
    wanted = rows(tmp_path / "whole")
    for number, moment in enumerate(moments, 1):
        folder = tmp_path / f"killed {number}"
        assert live(folder, case, str(number))[0] == -signal.SIGKILL, moment
        code, _, after = live(folder, case)
        assert code == 0, moment
        assert after[-1] == told[-1], moment
        assert rows(folder) == wanted, moment
