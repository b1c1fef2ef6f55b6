"""Whatever a plugin does, it is reported by name, and nobody else notices."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from typing import Any

import pytest

from assistant.errors import PluginError, UserError
from assistant.types import OUT_OF_SCOPE, Decision, Reply, Turn

Build = Callable[..., Any]


def handler(body: str, head: str = "def act()", manifest: str = "timeout=0.15") -> str:
    """A plugin with one intent, `act`."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return (
        "import asyncio, os, sys, time\n"
        "from assistant import Manifest, Reply, UserError, hookimpl\n"
        f"MANIFEST = Manifest({manifest})\n"
        f"{head}:\n{lines}\n"
        "@hookimpl\n"
        "def register_intents(register):\n"
        "    register(act, examples=['act'])\n"
    )


def reason_of(house: Any, name: str = "bad.act") -> str:
    async def fail() -> str:
        with pytest.raises(PluginError) as caught:
            await house.answer(name)
        return caught.value.reason

    return str(house.run(fail()))


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("async def act()", "await asyncio.sleep(60)"),
        ("def act()", "time.sleep(1)"),
        ("async def act()", "time.sleep(1)"),
    ],
    ids=["hangs", "blocks a thread", "blocks its event loop"],
)
def test_silent_plugin_is_given_up_and_delays_nobody(build: Build, greeter: str, head: str, body: str) -> None:
    house = build({"bad": handler(body, head), "good": greeter})

    async def both() -> float:
        began = time.perf_counter()
        stuck = asyncio.create_task(house.answer("bad.act"))
        await asyncio.sleep(0.02)  # it is stuck now
        assert (await house.answer("good.hello")).text == "hello"
        with pytest.raises(PluginError, match=r"did not answer within 0\.15 s"):
            await stuck
        return time.perf_counter() - began

    assert house.run(both()) < 0.9
    assert house.failures == [("bad", "bad.act", "did not answer within 0.15 s")]


def test_plugin_that_blocked_its_loop_gets_a_fresh_one(build: Build) -> None:
    house = build({"bad": handler("if wait: time.sleep(0.6)\nreturn 'awake'", "async def act(wait: bool = False)")})

    async def twice() -> str:
        with pytest.raises(PluginError):
            await house.answer("bad.act", wait=True)
        return (await house.answer("bad.act")).text

    assert house.run(twice()) == "awake"


def test_plugin_whose_threads_all_hang_rests_until_they_come_back(build: Build) -> None:
    house = build({"bad": handler("time.sleep(0.5)\nreturn 'back'", manifest="timeout=0.05")}, failures=99)

    async def many() -> tuple[str, str]:
        for _ in range(3):
            with pytest.raises(PluginError, match="did not answer"):
                await house.answer("bad.act")
        with pytest.raises(PluginError) as caught:
            await house.answer("bad.act")
        status = house.info("bad").status
        await asyncio.sleep(0.5)
        return f"{status}: {caught.value.reason}", house.info("bad").status

    assert house.run(many()) == ("resting: rests until 3 calls that hang come back", "active")


@pytest.mark.parametrize(
    ("body", "head", "reason"),
    [
        ("return 1 / 0", "def act()", "bad.py:5: ZeroDivisionError: division by zero"),
        ("raise KeyError('x')", "async def act()", "bad.py:5: KeyError: 'x'"),
        ("sys.exit(3)", "def act()", "bad.py:5: raised SystemExit 3"),
        ("sys.exit(3)", "async def act()", "bad.py:5: raised SystemExit 3"),
        ("raise StopIteration", "def act()", "bad.py:5: raised StopIteration"),
        ("raise asyncio.CancelledError", "async def act()", "RuntimeError: cancelled itself"),
        ("return 6", "def act()", "act returned int; return str or Reply"),
        ("return None", "async def act()", "act returned NoneType; return str or Reply"),
        ("return '  '", "def act()", "act returned an empty answer"),
        ("return Reply(7)", "def act()", "act returned a Reply whose text is int; it must be str"),
        ("return await services.take_picture()", "async def act(services)", 'needs capabilities=("camera",)'),
        ("return str(services.data_dir)", "def act(services)", 'needs capabilities=("files",)'),
        ("return await services.record(1)", "async def act(services)", 'needs capabilities=("microphone",)'),
    ],
)
def test_broken_answer_is_a_clear_error(build: Build, body: str, head: str, reason: str) -> None:
    house = build({"bad": handler(body, head)})
    assert reason in reason_of(house)
    assert [failure[:2] for failure in house.failures] == [("bad", "bad.act")]


@pytest.mark.parametrize("isolation", ["thread", "process"])
def test_error_meant_for_the_user_passes_and_is_no_failure(build: Build, isolation: str) -> None:
    body = "raise UserError('The form has no signature; sign it first.')"
    house = build({"bad": handler(body, manifest=f"isolation={isolation!r}")}, failures=1)

    async def ask() -> None:
        with pytest.raises(UserError, match=r"^The form has no signature; sign it first\.$") as caught:
            await house.answer("bad.act")
        assert not isinstance(caught.value, PluginError)

    house.run(ask())
    assert (house.failures, house.info("bad").status) == ([], "active")


def test_flood_of_text_is_cut_and_says_so(build: Build) -> None:
    house = build({"bad": handler("return '\\0x' * 5_000_000")})
    text = house.run(house.answer("bad.act")).text
    assert len(text) < 20_100
    assert "\0" not in text
    assert text.endswith("(cut: the answer had 10,000,000 characters)")


def test_flood_of_events_is_dropped_and_reported_once(build: Build) -> None:
    body = (
        "from assistant.events import Notice\nfor n in range(5000): services.publish(Notice(text=str(n)))\nreturn 'x'"
    )
    house = build({"bad": handler(body, "def act(services)", "timeout=5")})
    house.run(house.answer("bad.act"))
    assert 50 <= len(house.services.published) < 1000
    assert [where for _, where, _ in house.failures] == ["publish"]
    assert "published more than 50 events in a second" in house.failures[0][2]


def test_breaker_opens_after_failures_in_a_row_and_heals(build: Build) -> None:
    house = build(
        {"bad": handler("if fail: raise OSError('down')\nreturn 'up'", "def act(fail: bool = True)")}, rest=60
    )

    async def story() -> list[str]:
        told = []
        for fail, wait in [(True, 0), (True, 0), (False, 0), (True, 0), (True, 0), (True, 0), (False, 30), (False, 31)]:
            house.clock.now += wait
            try:
                told.append((await house.answer("bad.act", fail=fail)).text)
            except PluginError as error:
                told.append("rests" if "rests for" in error.reason else "fails")
        return told

    assert house.run(story()) == ["fails", "fails", "up", "fails", "fails", "fails", "rests", "up"]
    assert house.info("bad").failures == 5


def test_breaker_opens_again_when_the_first_try_after_the_rest_fails(build: Build) -> None:
    house = build({"bad": handler("raise OSError('down')")}, failures=2, rest=60)

    async def story() -> list[str]:
        told = []
        for wait in (0, 0, 61, 1):
            house.clock.now += wait
            with pytest.raises(PluginError) as caught:
                await house.answer("bad.act")
            told.append(caught.value.reason[:9])
        return told

    assert house.run(story()) == ["bad.py:5:", "bad.py:5:", "bad.py:5:", "rests for"]
    assert house.info("bad").status == "resting"
    assert "rests for 59 s after 3 failures in a row: bad.py:5: OSError: down" in house.info("bad").reason


HOOKS = """
import asyncio, time
from dataclasses import replace
from assistant import hookimpl

@hookimpl
def prepare_turn(turn):
    {prepare}

@hookimpl
async def recognize_intent(turn):
    {recognize}

@hookimpl
def answer_fallback(turn, decision):
    {fallback}

@hookimpl
async def prepare_reply(reply):
    {reply}

@hookimpl
def track_event(event):
    {track}
"""

POLITE = HOOKS.format(
    prepare="return replace(turn, text=turn.text + '!')",
    recognize="await asyncio.sleep(0)",  # an async None is no answer
    fallback="return 'at your service'",
    reply="return replace(reply, text=reply.text.upper())",
    track="events.append(event)",
).replace("import asyncio", "events = []\nimport asyncio")


@pytest.mark.parametrize(
    "bad",
    [
        dict.fromkeys(("prepare", "recognize", "fallback", "reply", "track"), "raise RuntimeError('boo')"),
        dict.fromkeys(("prepare", "recognize", "fallback", "reply", "track"), "return 42"),
        dict.fromkeys(("prepare", "recognize", "fallback", "reply", "track"), "time.sleep(0.3)"),
    ],
    ids=["raises", "wrong type", "blocks"],
)
def test_hook_that_fails_is_skipped_and_the_others_are_called(build: Build, bad: dict[str, str]) -> None:
    rude = HOOKS.format(**bad) + "\nfrom assistant import Manifest\nMANIFEST = Manifest(timeout=0.1)\n"
    house = build({"a_rude": rude, "b_polite": POLITE}, hook_timeout=0.1, failures=99)
    turn, decision = Turn(text="hi"), Decision(OUT_OF_SCOPE, 1.0, "out_of_scope")

    async def corridor() -> tuple[str, Any, str, str]:
        prepared = await house.manager.prepare_turn(turn)
        decided = await house.manager.recognize_intent(turn)
        fallen = await house.manager.answer_fallback(turn, decision)
        polished = await house.manager.prepare_reply(turn, Reply("bye"))
        await house.manager.track_event(house.heard[0])
        return prepared.text, decided, fallen.text, polished.text

    assert house.run(corridor()) == ("hi!", None, "at your service", "BYE")
    failed = [where for plugin, where, _ in house.failures if plugin == "a_rude"]
    expected = ["prepare_turn", "recognize_intent", "answer_fallback", "prepare_reply", "track_event"]
    assert failed == expected if bad["track"] != "return 42" else failed == expected[:-1]
    assert not [plugin for plugin, _, _ in house.failures if plugin == "b_polite"]


def test_decision_for_an_intent_nobody_has_is_refused(build: Build) -> None:
    hook = "from assistant import Decision, hookimpl\n@hookimpl\ndef recognize_intent():\n"
    hook += "    return Decision({!r}, 1.0, 'answer')\n"
    house = build({"a": hook.format("b.nonsense"), "b": hook.format("out_of_scope")})
    decision = house.run(house.manager.recognize_intent(Turn(text="x")))
    assert (decision.intent, decision.source) == (OUT_OF_SCOPE, "b")
    assert "recognize_intent decided for 'b.nonsense', which no plugin has" in house.failures[0][2]


def test_plugin_that_fails_to_start_is_left_out(build: Build, greeter: str) -> None:
    bad = greeter + "\n@hookimpl\nasync def startup(services):\n    raise OSError('no licence')\n"
    house = build({"bad": bad, "good": greeter})
    house.run(asyncio.sleep(0))
    assert house.info("bad").status == "failed"
    assert house.info("bad").reason == "startup: bad.py:15: OSError: no licence"
    assert [intent.name for intent in house.manager.intents] == ["good.hello"]


def test_process_that_never_ends_is_killed_with_its_children(build: Build, tmp_path: Any) -> None:
    pids = tmp_path / "pids"
    body = (
        "import subprocess\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        "while True: pass"
    )
    house = build({"bad": handler(body, manifest="timeout=0.3, isolation='process'")})
    assert reason_of(house) == "did not answer within 0.3 s"
    for pid in map(int, pids.read_text().split()):
        assert _ends(pid)


def _ends(pid: int) -> bool:
    for _ in range(100):
        try:
            with open(f"/proc/{pid}/stat") as file:
                if file.read().rpartition(")")[2].split()[0] == "Z":
                    return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("os._exit(7)", "its process ended on its own (code 7)"),
        ("os.kill(os.getpid(), 11)", "its process ended on its own (signal 11)"),
        ("sys.exit(1)", "bad.py:5: SystemExit: 1"),
        ("return 5", "act returned int; return str or Reply"),
    ],
)
def test_process_that_dies_is_a_clear_error(build: Build, body: str, reason: str) -> None:
    house = build({"bad": handler(body, manifest="timeout=5, isolation='process'")})
    assert reason_of(house) == reason


def test_process_prints_asks_services_and_returns_like_any_other(build: Build) -> None:
    body = (
        "print('{\"reply\": 1}')\n"
        "lines = await services.read_text(turn.images[0])\n"
        "try: await services.take_picture()\n"
        "except Exception as error: denied = str(error)\n"
        "return Reply(f'{os.getpid()} {turn.text} {lines[0].text} {size} {denied}', speech='done')"
    )
    head = "async def act(turn, services, size: float)"
    house = build({"iso": handler(body, head, "timeout=20, isolation='process'")})
    house.services.lines = ["TOTAL 5.00"]

    async def ask() -> Reply:
        from PIL import Image

        from assistant.types import Picture

        turn = Turn(text="你好", images=(Picture(Image.new("RGB", (4, 4), "red")),))
        return await house.manager.answer(house.intent("iso.act"), turn, {"size": 1.5})

    reply = house.run(ask())
    pid, rest = reply.text.split(" ", 1)
    assert int(pid) != os.getpid()
    assert rest.startswith("你好 TOTAL 5.00 1.5 iso: services.take_picture() needs capabilities")
    assert reply.speech == "done"
