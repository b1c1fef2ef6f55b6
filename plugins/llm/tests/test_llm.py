"""A language model answers what nothing else can: asked over a real local HTTP server, and through the llm package."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from assistant import Decision, Exchange, Reply, Turn
from assistant.testing import FakeServices, load_plugin

HERE = Path(__file__).parent.parent
SAID = [Exchange("my name is Ada", "Hello, Ada."), Exchange("what do you like", "Order.")]


class Server(ThreadingHTTPServer):
    """An endpoint that answers as told, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.status = 200
        self.body: bytes | None = None
        self.delay = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        self.server.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.server.keys.append(self.headers.get("Authorization"))
        time.sleep(self.server.delay)
        answer = {"model": "tiny", "choices": [{"message": {"role": "assistant", "content": " Because of Rayleigh. "}}]}
        body = json.dumps(answer).encode() if self.server.body is None else self.server.body
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError):  # a client that waits no longer, perhaps after the end of its test
            self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    running = Server()
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


def ask(text: str, **options: Any) -> tuple[Reply | None, list[str]]:
    """The reply of `answer_fallback`, and the notices."""
    plugin = load_plugin(HERE)
    notices: list[str] = []

    async def run() -> Reply | None:
        await plugin.manager.startup(lambda info: FakeServices(options=options, said=SAID))
        decision = Decision("out_of_scope", 1.0, "out_of_scope")
        try:
            return await plugin.manager.answer_fallback(Turn(text=text), decision, notices)
        finally:
            await plugin.manager.shutdown()

    return asyncio.run(run()), notices


def test_it_is_off_by_default(server: Server) -> None:
    assert ask("why is the sky blue") == (None, [])
    assert server.asked == []


def test_the_answer_is_marked_and_the_conversation_goes_along(server: Server) -> None:
    reply, notices = ask("why is the sky blue", url=server.url, model="tiny", turns=1)
    assert reply is not None
    assert reply.text.startswith("Because of Rayleigh.")
    assert "[Answered by the language model tiny. It can be wrong.]" in reply.text
    assert reply.speech == "A language model says: Because of Rayleigh."
    assert reply.data == {"language_model": "tiny"}
    assert notices == []
    sent = server.asked[0]["messages"]
    assert [message["role"] for message in sent] == ["system", "user", "assistant", "user"]
    assert [message["content"] for message in sent[1:]] == ["what do you like", "Order.", "why is the sky blue"]


def test_a_chinese_question_gets_a_chinese_mark(server: Server) -> None:
    reply, _ = ask("天空为什么是蓝的", url=server.url)
    assert reply is not None
    assert "由语言模型 tiny 回答" in reply.text


def test_the_key_comes_from_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    ask("why", url=server.url)
    monkeypatch.setenv("MY_KEY", "secret")
    ask("why", url=server.url, key_variable="MY_KEY")
    assert server.keys == [None, "Bearer secret"]
    _, notices = ask("why", url="http://models.example.org/v1", key_variable="MY_KEY")
    assert "unencrypted" in notices[0]


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, b"{}", "refuses the key: set a valid one in OPENAI_API_KEY"),
        (404, b"{}", "knows no model 'tiny'"),
        (429, b"{}", "takes no more questions"),
        (500, b"<html>", "failed with error 500"),
        (302, b"", "sends us elsewhere; set llm.url to http://127.0.0.1:9/elsewhere"),
        (200, b"<html>hello</html>", "not as an OpenAI-compatible endpoint"),
        (200, b'{"choices": []}', "not as an OpenAI-compatible endpoint"),
        (200, b'{"choices": [{"message": {"content": ""}}]}', "not as an OpenAI-compatible endpoint"),
    ],
)
def test_what_goes_wrong_is_one_line_and_the_next_plugin_answers(
    server: Server, status: int, body: bytes, said: str
) -> None:
    server.status, server.body = status, body
    reply, notices = ask("why is the sky blue", url=server.url, model="tiny")
    assert reply is None
    assert len(notices) == 1
    assert said in notices[0]
    assert "\n" not in notices[0]


def test_nobody_listening_is_one_line() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    reply, notices = ask("why", url=f"http://127.0.0.1:{port}/v1")
    assert reply is None
    assert "cannot be reached: Connection refused." in notices[0]


def test_a_slow_model_is_given_up_and_rests(server: Server) -> None:
    server.delay = 2.0
    plugin = load_plugin(HERE)
    notices: list[str] = []

    async def run() -> None:
        services = FakeServices(options={"url": server.url, "seconds": 0.3})
        await plugin.manager.startup(lambda info: services)
        decision = Decision("out_of_scope", 1.0, "out_of_scope")
        for _ in range(2):
            assert await plugin.manager.answer_fallback(Turn(text="why"), decision, notices) is None
        await plugin.manager.shutdown()

    asyncio.run(run())
    assert notices == ["The language model did not answer within 0.3 s; it rests for 60 s."]
    assert len(server.asked) == 1


def test_an_address_that_is_none_is_explained() -> None:
    _, notices = ask("why", url="localhost:11434")
    assert "needs http:// or https://" in notices[0]


ECHO = """
import llm

class Echo(llm.Model):
    model_id = "echo-for-tests"

    def execute(self, prompt, stream, response, conversation=None):
        yield f"You said {prompt.prompt.splitlines()[-1]!r}."

class Models:
    @llm.hookimpl
    def register_models(self, register):
        register(Echo())

llm.plugins.pm.register(Models(), "echo-for-tests")
from plugins.llm.tests.test_llm import ask
print(ask("why is the sky blue", model="echo-for-tests")[0].text)
print(ask("why", model="no-such-model")[1])
"""


def test_a_model_of_the_llm_package_answers(tmp_path: Path) -> None:
    if importlib.metadata.packages_distributions().get("llm") is None:
        pytest.skip("the llm package is not installed: pip install 'multimodal-assistant[llm]'")
    # In a process of its own: in this one, pytest has given the package's name to the folder of this plugin.
    environment = {**os.environ, "LLM_USER_PATH": str(tmp_path), "PYTHONPATH": str(HERE.parent.parent)}
    done = subprocess.run(
        [sys.executable, "-c", ECHO], capture_output=True, text=True, timeout=120, cwd=tmp_path, env=environment
    )
    assert "You said 'why is the sky blue'." in done.stdout, done.stderr
    assert "[Answered by the language model echo-for-tests." in done.stdout
    assert "has no model 'no-such-model'" in done.stdout
