"""Tests that harmful plugins hurt neither the assistant nor other plugins."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import PluginError, UserError
from assistant.types import OUT_OF_SCOPE, Decision, Turn
from tests.plugins.hostile import CALLS, HEAD, NO_ANSWER, REGISTER, THREADS, Build

PATIENCE = {NO_ANSWER: 1, "": 1}
"""seconds that a plugin has, by what is told of it: few where it never answers, or may not"""

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="files, network and processes are limited on Linux only"
)

UNPRIVILEGED = ("reads keys", "opens a socket", "fork bomb", "memory bomb", "kills its parent", "kills everything")


def plugin(body: str, seconds: int = 20) -> str:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    head = HEAD.replace("timeout=20", f"timeout={seconds}")
    return f"{head}{'async ' * ('await ' in body)}def act():\n{lines}\n{REGISTER}"


async def outcome(loaded: Any) -> str:
    try:
        return str((await loaded.answer("bad.act")).text)
    except PluginError as error:
        return error.reason
    except UserError as error:  # it says so itself
        return str(error)


@pytest.mark.parametrize("kind", CALLS)
def test_harm_done_in_an_answer_stays_in_its_process(build: Build, greeter: str, kind: str, tmp_path: Path) -> None:
    body, told = CALLS[kind]
    before = {name: os.path.getmtime(name) for name in ("/etc/passwd",)}
    keys = tmp_path / "id_rsa"
    keys.write_text("a key")
    code = plugin(body.replace("KEYS", str(keys)), PATIENCE.get(told, 20))
    other = {"plugins/other/__init__.py": "", "plugins/other/secret.txt": "x"}
    loaded = build({"bad": code, "good": greeter, **other}, memory=128)

    async def story() -> tuple[str, int]:
        doing = asyncio.create_task(outcome(loaded))
        meanwhile = 0
        while not doing.done():
            assert (await loaded.answer("good.hello")).text == "hello"
            meanwhile += not doing.done()
            await asyncio.sleep(0.05)
        said = await doing
        assert (await loaded.answer("good.hello")).text == "hello"
        return said, meanwhile

    said, meanwhile = loaded.run(story())
    assert told in said
    if told == NO_ANSWER:
        assert meanwhile > 1, "nobody else was answered while it was busy"
    assert json.dumps([1]) == "[1]"
    assert keys.read_text() == "a key"
    assert keys.stat().st_mode & 0o077 == 0o044
    assert (tmp_path / "plugins" / "bad.py").read_text() == code
    assert {name: os.path.getmtime(name) for name in before} == before


REGISTERS = """
from assistant import hookimpl
def act(): ''
@hookimpl
def register_intents(register):
    register(act, {})
"""


AT_IMPORT = {
    "exits": ("import os\nos._exit(0)", "its process ended while it was loaded (code 0)"),
    "hangs": ("while True: pass", "took longer than 2 s to load"),
    "kills": ("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)", "bad.py:2: PermissionError"),
    "eats memory": ("held = []\nwhile True: held.append('x' * 10**7)", "bad.py:2: MemoryError"),
    "makes noise": ("while True: print('noise ' * 100)", "printed more than 256 KB in one answer"),
    "raises what ends a program": ("raise KeyboardInterrupt", "bad.py:1: raised KeyboardInterrupt"),
    "answers for the loader": ("import os\nos.write(3, b'[1]\\n')\nos._exit(0)", "an unknown message"),
    "describes itself at length": (
        REGISTERS.format("examples=[f'act {n}' for n in range(300_000)]"),
        "describes itself in more than 1 MB",
    ),
    "hides what it may use": (
        "from assistant import Manifest\nGIVEN = ('network',)\nMANIFEST = Manifest(capabilities=GIVEN)",
        "write MANIFEST = Manifest(capabilities=",
    ),
    "brings a file that is not its own": (
        REGISTERS.format("examples=['x'], looks_like=['x'], picture_kinds='/etc/hosts'"),
        "picture_kinds is not in the plugin's own folder",
    ),
}


@pytest.mark.parametrize("kind", AT_IMPORT)
def test_harm_done_while_it_is_loaded_leaves_it_out(build: Build, greeter: str, kind: str) -> None:
    code, told = AT_IMPORT[kind]
    loaded = build({"bad": code, "good": greeter}, load_timeout=2 if kind == "hangs" else 30, memory=64)
    assert loaded.info("bad").status == "failed"
    assert told in loaded.info("bad").reason
    assert loaded.run(loaded.answer("good.hello")).text == "hello"


def test_a_plugin_decides_for_no_intent_of_another(build: Build, greeter: str) -> None:
    hook = "from assistant import Decision, hookimpl\n@hookimpl\ndef recognize_intent(turn):\n"
    loaded = build({"bad": hook + "    return Decision('good.hello', 1.0, 'answer')\n", "good": greeter})
    assert loaded.run(loaded.manager.recognize_intent(Turn(session="s", text="x"))) is None
    assert "decided for 'good.hello'" in loaded.failures[0][2]


def test_a_plugin_attaches_bytes_and_files_of_its_own(build: Build, tmp_path: Path) -> None:
    body = "return Reply('x', attachments=(b'\\x89PNG\\r\\n', 'table.txt', 'notes: é'.encode()))"
    loaded = build({"bad": plugin(body), "plugins/table.txt": "1 2 3"})
    first, second, third = (Path(path) for path in loaded.run(loaded.answer("bad.act")).attachments)
    assert (first.suffix, first.read_bytes()) == (".png", b"\x89PNG\r\n")
    assert second == tmp_path / "plugins" / "table.txt"
    assert (third.suffix, third.read_text("utf-8")) == (".txt", "notes: é")


def test_a_plugin_declares_no_more_than_it_wrote_and_hides_nothing_of_it(build: Build) -> None:
    code = plugin("return 'x'").replace("timeout=20", "capabilities=('network',)") + "\nMANIFEST = Manifest()\n"
    assert build({"bad": code}).info("bad").capabilities == ("network",)


SLEEPY = """
import time
from assistant import hookimpl

@hookimpl
def check_safety(words): time.sleep(60)
@hookimpl
async def recognize_intent(turn): time.sleep(60)
@hookimpl
def answer_fallback(turn): time.sleep(60)
@hookimpl
def shutdown(): time.sleep(60)
"""


def test_a_plugin_that_sleeps_in_every_hook_is_waited_for_once(build: Build, greeter: str) -> None:
    loaded = build({"bad": SLEEPY, "good": greeter}, hook_timeout=0.3, failures=1)
    turn, decision = Turn(session="s", text="hi"), Decision(OUT_OF_SCOPE, 1.0, "out_of_scope")

    async def two_turns() -> None:
        for _ in range(2):
            await loaded.manager.check_safety("hi", "s")
            await loaded.manager.recognize_intent(turn)
            await loaded.manager.answer_fallback(turn, decision)

    began = time.monotonic()
    loaded.run(two_turns())
    assert time.monotonic() - began < 30, "each hook sleeps for a minute"
    assert [(plugin, hook) for plugin, hook, _ in loaded.failures if hook != "shutdown"] == [("bad", "check_safety")]


def test_what_one_client_does_switches_a_plugin_off_for_no_other(build: Build) -> None:
    code = HEAD + "def act(turn):\n    if turn.text == 'die': os._exit(1)\n    return 'fine'\n" + REGISTER
    loaded = build({"bad": code})
    intent = loaded.intent("bad.act")

    async def ask(session: str, text: str) -> str:
        try:
            return str((await loaded.manager.answer(intent, Turn(session=session, text=text), {})).text)
        except PluginError as error:
            return error.reason

    async def story() -> tuple[str, str]:
        for _ in range(3):
            await ask("attacker", "die")
        return await ask("attacker", "hello"), await ask("user", "hello")

    rests, fine = loaded.run(story())
    assert rests.startswith("rests for")
    assert fine == "fine"


def test_nothing_of_a_plugin_runs_between_its_answers(build: Build) -> None:
    loaded = build({"bad": plugin(THREADS)})

    async def story() -> tuple[int, int]:
        await loaded.answer("bad.act")
        pid = loaded.manager._plugins[0].process._running._started._process.pid
        await asyncio.sleep(0.2)
        first = _ticks(pid)
        await asyncio.sleep(0.5)
        return first, _ticks(pid)

    first, second = loaded.run(story())
    assert first == second


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests run as an unprivileged user already")
def test_the_limits_hold_for_an_unprivileged_user() -> None:
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "--user", "true"], capture_output=True).returncode:
        pytest.skip("no other user can be had here: unshare --user does not work")
    command = [unshare, "--user", sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider"]
    case = f"{__file__}::{test_harm_done_in_an_answer_stays_in_its_process.__name__}"
    environment = {**os.environ, "HOME": "/nonexistent"}
    done = subprocess.run(
        [*command, *(f"{case}[{kind}]" for kind in UNPRIVILEGED)], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert done.stdout.startswith("." * len(UNPRIVILEGED))
