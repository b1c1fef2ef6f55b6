"""A plugin in a process of its own: every hook runs there, and a process that hangs or dies harms no other."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from typing import Any

import pytest

from assistant.errors import PluginError
from assistant.types import OUT_OF_SCOPE, Decision, Reply, Turn
from tests.plugins.test_harm import handler, reason_of

Build = Callable[..., Any]


IN_PROCESS = """
import os
from assistant import Decision, Manifest, hookimpl

MANIFEST = Manifest(timeout=20)
STARTED = []

def act() -> str:
    return "acted"

@hookimpl
def register_intents(register):
    register(act, examples=["act"], acts=False)

@hookimpl
async def startup(services):
    STARTED.append(services.intents()[0][0])

@hookimpl
def recognize_intent(turn):
    if turn.text == "now":
        return Decision("iso.act", 1.0, "answer", slots={"pid": os.getpid(), "started": STARTED})

@hookimpl
async def answer_fallback(turn, decision, services):
    return f"{turn.text} {decision.outcome} {[line.text for line in await services.read_text(turn.images[0])]}"
"""


def test_every_hook_runs_in_the_plugins_process(build: Build) -> None:
    from PIL import Image

    from assistant.types import Picture

    loaded = build({"iso": IN_PROCESS}, hook_timeout=20)
    loaded.services.known, loaded.services.lines = [("a.b", "s", ("x",))], ["TOTAL"]
    turn = Turn(text="later", images=(Picture(Image.new("RGB", (4, 4), "red")),))

    async def both() -> tuple[Any, Any, str]:
        decided = await loaded.manager.recognize_intent(Turn(text="now"))
        nothing = await loaded.manager.recognize_intent(Turn(text="later"))
        fallen = await loaded.manager.answer_fallback(turn, Decision(OUT_OF_SCOPE, 1.0, "out_of_scope"))
        return decided, nothing, fallen.text

    decided, nothing, fallen = loaded.run(both())
    assert (decided.intent, decided.source, decided.slots["started"]) == ("iso.act", "iso", ["a.b"]), "started once"
    assert decided.slots["pid"] != os.getpid()
    assert (nothing, fallen) == (None, "later out_of_scope ['TOTAL']")
    assert loaded.failures == []


def test_decision_for_an_intent_nobody_has_is_refused(build: Build) -> None:
    hook = "from assistant import Decision, hookimpl\n@hookimpl\ndef recognize_intent():\n"
    hook += "    return Decision({!r}, 1.0, 'answer')\n"
    loaded = build({"a": hook.format("b.nonsense"), "b": hook.format("out_of_scope")})
    decision = loaded.run(loaded.manager.recognize_intent(Turn(text="x")))
    assert (decision.intent, decision.source) == (OUT_OF_SCOPE, "b")
    assert "recognize_intent decided for 'b.nonsense', which it cannot" in loaded.failures[0][2]


def test_plugin_that_fails_to_start_is_left_out(build: Build, greeter: str) -> None:
    bad = greeter + "\n@hookimpl\nasync def startup(services):\n    raise OSError('no licence')\n"
    loaded = build({"bad": bad, "good": greeter})
    loaded.run(asyncio.sleep(0))
    assert loaded.info("bad").status == "failed"
    assert loaded.info("bad").reason == "startup: bad.py:15: OSError: no licence"
    assert [intent.name for intent in loaded.manager.intents] == ["good.hello"]


def test_process_that_never_ends_is_killed_and_another_answers(build: Build) -> None:
    body = "while hang: pass\nreturn str(os.getpid())"
    loaded = build({"bad": handler(body, "def act(hang: bool = False)", manifest="timeout=1")})

    async def story() -> list[int]:
        first = int((await loaded.answer("bad.act")).text)
        with pytest.raises(PluginError, match=r"did not answer within 1 s"):
            await loaded.answer("bad.act", hang=True)
        assert await asyncio.to_thread(_ends, first)
        return [first, int((await loaded.answer("bad.act")).text)]

    first, second = loaded.run(story())
    assert first != second
    assert _ends(second), "the end of the program is the end of its processes"


def _ends(pid: int) -> bool:
    for _ in range(100):
        try:
            with open(f"/proc/{pid}/stat") as file:
                if file.read().rpartition(")")[2].split()[0] == "Z":
                    return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


SHOUT = """for _ in range({}):
    try: os.write(3, {})
    except OSError: pass
time.sleep(3)
return 'x'"""
"""writes into everything that is open, the pipe to the assistant among it"""


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("os._exit(7)", "its process ended on its own (code 7)"),
        ("os.kill(os.getpid(), 11)", "its process ended on its own (signal 11)"),
        ("sys.exit(1)", "bad.py:5: raised SystemExit 1"),
        ("return 5", "act returned int; return str or Reply"),
        ("return {1, 2}", "TypeError: set is not a JSON value"),
        (SHOUT.format(1, "b'{}\\n'"), "sent an unknown message"),
        (SHOUT.format(10**6, "b'x' * 60_000"), "sent more than 8 MB at once"),
    ],
)
def test_process_that_dies_is_a_clear_error(build: Build, body: str, reason: str) -> None:
    loaded = build({"bad": handler(body, manifest="timeout=5")})
    assert reason_of(loaded) == reason


def test_process_prints_asks_services_and_returns_like_any_other(build: Build) -> None:
    body = (
        "print('{\"reply\": 1}')\n"
        "lines = await services.read_text(turn.images[0])\n"
        "try: await services.open_picture('x')\n"
        "except Exception as error: denied = str(error)\n"
        "return Reply(f'{os.getpid()} {turn.text} {lines[0].text} {size} {denied}', speech='done')"
    )
    head = "async def act(turn, services, size: float)"
    loaded = build({"iso": handler(body, head, "timeout=20")})
    loaded.services.lines = ["TOTAL 5.00"]

    async def ask() -> Reply:
        from PIL import Image

        from assistant.types import Picture

        turn = Turn(text="你好", images=(Picture(Image.new("RGB", (4, 4), "red")),))
        return await loaded.manager.answer(loaded.intent("iso.act"), turn, {"size": 1.5})

    reply = loaded.run(ask())
    pid, rest = reply.text.split(" ", 1)
    assert int(pid) != os.getpid()
    assert rest.startswith("你好 TOTAL 5.00 1.5 iso: services.open_picture() needs capabilities")
    assert reply.speech == "done"
