"""A Ray cluster of two replicas on this machine: one is killed under load, and nothing is lost or done twice."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ray.serve", reason="needs the extra [cluster]")
pytestmark = [
    pytest.mark.bench,  # two replicas with all their models: minutes, and 3 GB
    pytest.mark.models,
    pytest.mark.timeout(600),
    pytest.mark.filterwarnings("ignore"),
]

TOKEN = "a-token-of-the-tests"
ORDERS = 60

SHOP = """
import asyncio, os, sqlite3
from assistant import Decision, hookimpl

def note(key, what):  # a system of its own, which takes each idempotency key once
    with sqlite3.connect(EFFECTS, timeout=30) as there:
        there.execute("insert or ignore into effects values (?, ?, ?)", (key, what, os.getpid()))

async def order(turn, dialogue):
    '''Order a kettle.'''
    number = turn.text.split()[-1]
    await dialogue.once("order", lambda: note(f"{dialogue.id}:order", number))
    await asyncio.sleep(0.4)
    return f"Ordered {number}."

async def ask(turn, dialogue):
    '''Ask which one.'''
    size = await dialogue.ask("Which size?", kind=int)
    return f"Size {size} from {turn.text}."

@hookimpl
def register_intents(register):
    register(order, examples=["order kettle"])
    register(ask, examples=["ask me"])

@hookimpl
def recognize_intent(turn):
    for name in ("order", "ask"):
        if turn.text.startswith(name + " "):
            return Decision("shop." + name, 1.0, "answer", source="shop")
"""


class Cluster:
    """``assistant serve --ray local`` in a process of its own."""

    def __init__(self, folder: Path, database: str) -> None:
        from assistant.settings import cache_dir

        self.folder = folder
        plugins = folder / "config" / "plugins"
        plugins.mkdir(parents=True)
        effects = str(folder / "effects.sqlite3")
        (plugins / "shop.py").write_text(SHOP.replace("EFFECTS,", f"{effects!r},"))
        with sqlite3.connect(effects) as there:
            there.execute("create table effects (key text primary key, what text, process integer)")
        cache_dir().mkdir(parents=True, exist_ok=True)
        (folder / "cache").symlink_to(cache_dir())
        (folder / "config" / "serve-tokens").write_text(f"app {TOKEN}\n")
        (folder / "config" / "serve-tokens").chmod(0o600)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        environment = os.environ | {
            "ASSISTANT_HOME": str(folder),
            "ASSISTANT_PLUGINS__TRUSTED": '["shop"]',
            "ASSISTANT_STORAGE__URL": database,
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, sys.path)]),
        }
        command = [sys.executable, "-m", "assistant", "serve", "--ray", "local", "--replicas", "2", "--port", str(port)]
        self.process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None
        lines = []
        for line in self.process.stderr:
            lines.append(line)
            if line.startswith("Listening"):
                break
        assert lines[-1].startswith("Listening"), lines

    def ask(self, text: str, session: str, key: str = "") -> dict[str, Any]:
        """A turn; raises what a client sees when it fails."""
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        body = json.dumps({"text": text, "session": session}).encode()
        request = urllib.request.Request(self.url + "/v1/turns", body, headers)
        with urllib.request.urlopen(request, timeout=60) as response:
            answer: dict[str, Any] = json.load(response)
            return answer

    def ask_until_answered(self, text: str, session: str, key: str, failures: list[str]) -> dict[str, Any]:
        """As a client does that sends its request again with its key."""
        for _ in range(60):
            try:
                return self.ask(text, session, key)
            except (urllib.error.URLError, OSError) as error:
                body = error.read()[:300] if isinstance(error, urllib.error.HTTPError) else b""
                failures.append(f"{error} {body!r}")
                time.sleep(0.5)
        raise AssertionError(f"no answer to {text!r}: {failures[-3:]}")

    def effects(self) -> list[tuple[str, int]]:
        with sqlite3.connect(self.folder / "effects.sqlite3") as there:
            return list(there.execute("select what, process from effects order by rowid"))

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(120)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, postgres: str) -> Iterator[Cluster]:
    running = Cluster(tmp_path_factory.mktemp("cluster") / "home", postgres)
    yield running
    if running.process.poll() is None:
        running.process.kill()
        running.process.wait()


def test_the_other_doors_are_carried_too(cluster: Cluster) -> None:
    from websockets.sync.client import connect

    bearer = {"Authorization": f"Bearer {TOKEN}"}

    def post(path: str, body: object, headers: dict[str, str]) -> Any:
        headers = {"Content-Type": "application/json", **headers}
        request = urllib.request.Request(cluster.url + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.loads(response.read() or b"null")

    for _ in range(6):  # at whichever replica: the link is made at one and used at another
        code = post("/v1/web/codes", {}, bearer)["code"]
        post("/v1/web/login", {"code": code}, {})
        with pytest.raises(urllib.error.HTTPError, match="403"):
            post("/v1/web/login", {"code": code}, {})
    chat = {"model": "assistant", "messages": [{"role": "user", "content": "ask me"}]}
    assert post("/v1/chat/completions", chat, bearer)["choices"][0]["message"]["content"] == "Which size?"
    with urllib.request.urlopen(cluster.url + "/web/", timeout=60) as page:
        assert b"<title>Assistant" in page.read()
    with connect(cluster.url.replace("http", "ws") + "/v1/listen", additional_headers=bearer) as socket:
        socket.send(json.dumps({"type": "start", "mode": "push_to_talk"}))
        assert json.loads(socket.recv(30))["type"] == "ready"


def test_a_replica_killed_under_load_loses_nothing_and_does_nothing_twice(cluster: Cluster) -> None:
    failures: list[str] = []

    def order(number: int) -> str:
        answer = cluster.ask_until_answered(f"order kettle {number}", f"s{number}", f"key{number}", failures)
        text: str = answer["reply"]["text"]
        return text

    def kill_one() -> None:
        while len(found := cluster.effects()) < ORDERS // 3 or len({process for _, process in found}) < 2:
            time.sleep(0.02)
        os.kill(found[-1][1], signal.SIGKILL)

    killer = threading.Thread(target=kill_one, daemon=True)
    killer.start()
    with ThreadPoolExecutor(8) as clients:
        answers = list(clients.map(order, range(ORDERS)))
    killer.join(1)
    assert answers == [f"Ordered {number}." for number in range(ORDERS)]
    assert sorted(int(what) for what, _ in cluster.effects()) == list(range(ORDERS)), "each once"
    assert failures, "the killed replica had turns in hand"
    assert order(0) == "Ordered 0.", "an answer that was given is given again"
    assert len(cluster.effects()) == ORDERS
    assert not [failure for failure in failures if "went wrong here" in failure]
    for step in range(6):  # a dialogue whose turns any replica may get
        session = f"talk{step}"
        assert cluster.ask_until_answered("ask me", session, f"a{step}", failures)["reply"]["text"] == "Which size?"
        assert cluster.ask_until_answered("7", session, f"b{step}", failures)["reply"]["text"] == "Size 7 from ask me."
    assert cluster.stop() == 0
