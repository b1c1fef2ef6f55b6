"""Tests answers of a language model, over a real local HTTP server and through the llm package."""

from __future__ import annotations

import asyncio
import importlib.metadata
import importlib.util
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from assistant import Decision, Turn
from assistant.testing import FakeServices, load_plugin

from .conftest import HERE, Server, ask, follow


def test_it_is_off_by_default(server: Server) -> None:
    assert ask("why is the sky blue") == (None, [])
    assert server.asked == []


def test_the_answer_is_marked_and_the_conversation_goes_along(server: Server) -> None:
    reply, notices = ask("why is the sky blue", url=server.url, model="tiny", turns=1)
    assert reply is not None
    assert reply.text == (
        "Because of Rayleigh.\n\n"
        "[Answered by the language model tiny on this machine. It can be wrong; it has changed nothing.]"
    )
    assert reply.speech.strip() == "A language model says:\nBecause of Rayleigh."
    assert reply.data == {"language_model": "tiny"}
    assert notices == []
    sent = server.asked[0]["messages"]
    assert [message["role"] for message in sent] == ["system", "user", "assistant", "user"]
    assert [message["content"] for message in sent[1:]] == ["what do you like", "Order.", "why is the sky blue"]


def test_a_chinese_question_gets_a_chinese_mark(server: Server) -> None:
    reply, _ = ask("天空为什么是蓝的", url=server.url)
    assert reply is not None
    assert "由本机上的语言模型 tiny 回答" in reply.text


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
        (200, b"<html>hello</html>", "not like an OpenAI-compatible endpoint"),
        (200, b'{"choices": []}', "not like an OpenAI-compatible endpoint"),
        (200, b'{"choices": [{"message": {"content": ""}}]}', "not like an OpenAI-compatible endpoint"),
        (200, b"[" * 100_000, "not like an OpenAI-compatible endpoint"),
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
    assert notices == ["The language model did not answer within 0.3 s; it is not asked for 60 s."]
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
from plugins.llm.tests.conftest import ask
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


def test_a_server_that_does_not_stream_is_read_too(server: Server) -> None:
    server.body = b'{"model": "old", "choices": [{"message": {"content": " Whole. "}}]}'
    reply, _ = ask("why", url=server.url)
    assert reply is not None
    assert reply.text.startswith("Whole.\n\n[Answered by the language model old")


def test_pieces_are_announced_as_they_arrive(server: Server) -> None:
    server.script = [piece for n in range(20) for piece in (f"word{n} ", 0.03)]
    reply, _, parts = follow("why is the sky blue", url=server.url)
    said = [at for part, at in parts if part.text.startswith("word")]
    delays = sorted(at - sent for at, sent in zip(said, server.sent, strict=True))
    print(f"median {delays[len(delays) // 2] * 1000:.1f} ms, worst {delays[-1] * 1000:.1f} ms")
    assert sum(at < server.sent[-1] for at in said) > len(said) / 2, "they were kept back until the end"
    assert reply is not None
    assert "".join(part.text for part, _ in parts) == reply.text


@pytest.mark.parametrize(
    ("script", "ends", "said", "why"),
    [
        (["It is", " half"], None, "It is half\n[Cut off here: ", "stopped in the middle of its answer"),
        (["So ", b"data: {nonsense\n\n"], "stop", "So \n[Cut off here: ", "not like an OpenAI-compatible endpoint"),
        (["So ", b'data: {"error": {"message": "out of memory"}}\n\n'], "stop", "So \n[Cut", "failed: out of memory"),
        (["So ", b'data: {"choices": [{"delta": {"content": 7}}]}\n\n'], "stop", "So \n[Cut", "not like an OpenAI"),
        (["So ", 3.0, "late"], "stop", "So \n[Cut off here: ", "did not answer within 0.5 s"),
        (["So ", b"data: " + b"x" * 600_000 + b"\n\n"], "stop", "So \n[Cut off here: ", "exceeded the length limit"),
        (["x " * 3_000 for _ in range(9)], "stop", "x x ", "said more than 16,000 characters"),
    ],
)
def test_bad_manners_cost_the_rest_and_keep_what_was_said(
    server: Server, script: list[object], ends: str | None, said: str, why: str
) -> None:
    server.script, server.ends = script, ends
    reply, notices = ask("why", url=server.url, seconds=0.5)
    assert reply is not None
    assert reply.text.startswith(said)
    assert why in reply.text.splitlines()[-1]
    assert why in reply.data["cut"]
    assert notices == []


def test_an_answer_of_nothing_is_one_line(server: Server) -> None:
    server.script = ["  ", "\n"]
    reply, notices = ask("why", url=server.url, model="tiny")
    assert (reply, notices) == (None, ["The language model tiny gave an empty answer."])


def test_who_stops_listening_stops_the_model(server: Server) -> None:
    server.script = [piece for n in range(400) for piece in ("word ", 0.02)]
    plugin = load_plugin(HERE)

    async def run() -> None:
        await plugin.manager.startup(lambda info: FakeServices(options={"url": server.url}))
        work = plugin.manager.answer_fallback(Turn(text="why"), Decision("out_of_scope", 1.0, "out_of_scope"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(work, 0.5)
        await asyncio.to_thread(server.left.wait, 3)
        await plugin.manager.shutdown()

    asyncio.run(run())
    assert server.left.is_set()
    assert len(server.sent) < 100


def test_doctor_says_whether_it_can_be_asked(server: Server) -> None:
    plugin = load_plugin(HERE)
    (examine,) = [look for hook, look in vars(plugin.manager._plugins[0].module).items() if hook == "examine"]
    off = {"url": "", "model": "", "key_variable": "", "seconds": 1.0}
    assert examine(off) == ""
    assert examine({**off, "url": server.url, "model": "tiny"}) == f"tiny at 127.0.0.1:{server.server_port}"
    with pytest.raises(Exception, match="knows no model 'huge'; it has tiny, large"):
        examine({**off, "url": server.url, "model": "huge"})
    with pytest.raises(Exception, match="cannot be reached"):
        examine({**off, "url": "http://127.0.0.1:9/v1"})
