"""Thirty ways to do harm: each is named in the message, and the program goes on answering meanwhile."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import PluginError, UserError
from assistant.types import OUT_OF_SCOPE, Decision, Reply, Turn

Build = Callable[..., Any]

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="files, network and processes are limited on Linux only"
)

HEAD = """
import asyncio, ctypes, json, os, re, signal, socket, subprocess, sys, threading, time
from assistant import Manifest, Reply, hookimpl
MANIFEST = Manifest(timeout=20)
"""
NO_ANSWER = "did not answer within 1 s"
PATIENCE = {NO_ANSWER: 1, "": 1}
"""seconds that a plugin has, by what is told of it: few where it never answers, or may not"""
REGISTER = """
@hookimpl
def register_intents(register):
    register(act, examples=['act'], acts=False)
"""
FORK_BOMB = "while True:\n    os.fork()"
MEMORY_BOMB = "held = []\nwhile True: held.append(bytearray(10_000_000))"
THREADS = "def burn():\n    while True: pass\nfor _ in range(3): threading.Thread(target=burn).start()\nreturn 'left'"
SIGNALS = (
    "for number in range(1, 65):\n    try: signal.signal(number, lambda *_: None)\n"
    "    except (OSError, ValueError): pass\nwhile True: pass"
)
TRACE = "libc = ctypes.CDLL(None, use_errno=True)\nassert libc.ptrace(16, os.getppid(), 0, 0) == 0, 'not traced'"
PATCH = "json.dumps = json.loads = None\nimport assistant.errors\nassistant.errors.PluginError = None\nreturn 'patched'"
INTERNALS = (
    "from assistant.storage import Database\nfrom assistant.settings import data_dir\n"
    "with Database(f'sqlite:///{data_dir()}/assistant.sqlite3').begin() as there: there.exec_driver_sql('drop table x')"
)
CLOSE = "os.closerange(0, 200)\nreturn 'closed'"
NOISE = "while True: os.write(2, b'noise ' * 1000 + b'\\n')"
STREAM = "def forever():\n    while True: yield 'more'\nreturn forever()"
NICE = "os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)"
INJECT = 'os.write(3, b\'{"id": 1, "do": "eval", "of": "services", "arguments": {}}\\n\' * 500)\ntime.sleep(9)'
SHARE = "import mmap\nheld = []\nwhile True:\n    held.append(mmap.mmap(-1, 10**8))\n    held[-1].write(b'x' * 10**8)"
LINK = "os.symlink('/etc/passwd', 'mine.txt')\nreturn Reply('x', attachments=('mine.txt',))"
OTHERS = "return Reply('x', attachments=('other/secret.txt',))"

CALLS = {
    "catastrophic regex": ("re.match('(a+)+$', 'a' * 60 + 'b')", NO_ANSWER),
    "endless power": ("9**9**8", NO_ANSWER),
    "exit": ("os._exit(0)", "its process ended on its own (code 0)"),
    "abort": ("os.abort()", "its process ended on its own (signal 6)"),
    "patches the program": (PATCH, NO_ANSWER),
    "attaches a password file": ("return Reply('x', attachments=('/etc/passwd',))", "attached '/etc/passwd'"),
    "attaches by a way up": ("return Reply('x', attachments=('../../../etc/passwd',))", "attached '../../../etc/"),
    "attaches what belongs to another": (OTHERS, "attached 'other/secret.txt', which is not a file of its own"),
    "attaches through a link": (LINK, "PermissionError"),
    "reads keys": ("return open('KEYS').read()", "PermissionError"),
    "lists a home": ("return str(os.listdir(os.path.expanduser('~')))", "PermissionError"),
    "opens a socket": ("socket.create_connection(('127.0.0.1', 9))", "PermissionError"),
    "asks a local service": ("socket.socket(socket.AF_UNIX).connect('/var/run/docker.sock')", "PermissionError"),
    "fork bomb": (FORK_BOMB, "PermissionError"),
    "starts a program": ("subprocess.run(['true'])", "PermissionError"),
    "becomes a program": ("os.execv('/bin/true', ['true'])", "PermissionError"),
    "memory bomb": (MEMORY_BOMB, "MemoryError"),
    "shared memory bomb": (SHARE, "bad.py"),
    "kills its parent": ("os.kill(os.getppid(), 9)", "PermissionError"),
    "kills everything": ("os.kill(-1, 9)", "PermissionError"),
    "slows the program down": (NICE, "PermissionError"),
    "looks into the program": (TRACE, "not traced"),
    "stops itself": ("os.kill(os.getpid(), signal.SIGSTOP)\nreturn 'x'", NO_ANSWER),
    "huge reply": ("return 'x' * 50_000_000", "(cut: the answer had 50,000,000 characters)"),
    "huge data": ("return Reply('x', data={'x': 'y' * 12_000_000})", "answers with 11 MB; at most 8 MB are taken"),
    "endless stream": (STREAM, "generator"),
    "reply that is no JSON": ("return Reply('x', data={'x': object()})", "object is not a JSON value"),
    "threads that never end": (THREADS, "left"),
    "signal handlers": (SIGNALS, NO_ANSWER),
    "noise": (NOISE, "printed more than 256 KB in one answer"),
    "closes what it inherited": (CLOSE, ""),
    "writes outside its folder": ("open('../owned', 'w')", "PermissionError"),
    "writes into its own folder": ("open('bad.py', 'a').write('#')", "PermissionError"),
    "uses the program's parts": (INTERNALS, "Permission denied"),
    "raises a BaseException": ("raise BaseException('boo')", "raised BaseException boo"),
    "raises GeneratorExit": ("raise GeneratorExit", "raised GeneratorExit"),
    "sends requests of its own": (INJECT, "sent an unknown message"),
    "sleeps": ("time.sleep(60)", NO_ANSWER),
}


RAW = "libc = ctypes.CDLL(None, use_errno=True)\nassert libc.syscall({}) >= 0, f'refused: {{ctypes.get_errno()}}'"
STUBBORN = "while True:\n    try: await asyncio.sleep(60)\n    except BaseException: pass"
NESTED = "deep = []\nfor _ in range(100_000): deep = [deep]\nreturn Reply('x', data={'deep': deep})"
THREAD_BOMB = "for _ in range(100_000): threading.Thread(target=time.sleep, args=(60,)).start()"
FILE_BOMB = "held = [open(os.devnull) for _ in range(100_000)]"
SCRUB = "import gc, atexit\natexit.register(time.sleep, 60)\nsys.modules.clear()\nsys.exit(0)"
DEEP = "sys.setrecursionlimit(10**9)\ndef down(n): return down(n + 1)\ndown(0)"
FORGE = 'os.write(3, b\'{"to": 0, "value": {"$path": 5}}\\n\')\ntime.sleep(9)'
LONG_LINE = "sys.stdout.write('x' * 10**7)\nreturn 'x'"
ESCAPES = "print(chr(27) + '[2J')\nreturn 'fine' + chr(0)"

CALLS |= {
    "crashes the interpreter": ("ctypes.string_at(0)", "its process ended on its own (signal 11)"),
    "endless recursion": (DEEP, ""),
    "socket by number": (RAW.format("41, 2, 1, 0"), "refused: 1"),
    "io_uring by number": (RAW.format("425, 8, 0"), "refused: 1"),
    "memfd by number": (RAW.format("319, b'x', 0"), "refused: 1"),
    "reads the program's environment": ("return open(f'/proc/{os.getppid()}/environ').read()", "PermissionError"),
    "writes shared memory": ("open('/dev/shm/owned', 'w')", "PermissionError"),
    "empties a file": ("os.truncate('KEYS', 0)", "PermissionError"),
    "deletes a file": ("os.unlink('KEYS')", "PermissionError"),
    "renames another plugin": ("os.rename('good.py', 'bad2.py')", "PermissionError"),
    "opens a file to all": ("os.chmod('KEYS', 0o777)", "PermissionError"),
    "changes times": ("os.utime('good.py')", "PermissionError"),
    "makes a pipe": ("os.mkfifo('pipe')", "PermissionError"),
    "thread bomb": (THREAD_BOMB, "bad.py"),
    "file bomb": (FILE_BOMB, "Too many open files"),
    "raises its limits": ("import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))", "bad.py"),
    "nested data": (NESTED, "RecursionError"),
    "takes everything away": (SCRUB, ""),
    "forges an answer": (FORGE, ""),
    "one long line": (LONG_LINE, "printed more than 256 KB in one answer"),
    "escapes": (ESCAPES, "fine"),
    "new session": ("os.setsid()", "PermissionError"),
    "swallows that it is given up": (STUBBORN, NO_ANSWER),
    "chroot": ("os.chroot('/')", "PermissionError"),
}

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


def test_a_call_that_changes_nothing_is_made_again_when_another_takes_its_process_down(build: Build) -> None:
    code = HEAD + "async def act(turn):\n    await asyncio.sleep(0.3)\n    if turn.text == 'die': os._exit(1)\n"
    loaded = build({"bad": code + "    return 'fine'\n" + REGISTER})
    intent = loaded.intent("bad.act")

    async def ask(session: str, text: str) -> str:
        try:
            return str((await loaded.manager.answer(intent, Turn(session=session, text=text), {})).text)
        except PluginError as error:
            return error.reason

    async def story() -> list[str]:
        return await asyncio.gather(ask("attacker", "die"), ask("user", "hello"))

    died, fine = loaded.run(story())
    assert "its process ended on its own (code 1)" in died
    assert fine == "fine"


def test_a_hook_is_asked_again_when_another_call_takes_its_process_down(build: Build) -> None:
    act = "def act(turn):\n    os._exit(1)\n"
    hook = "@hookimpl\nasync def answer_fallback(turn):\n    await asyncio.sleep(0.3)\n    return 'found'\n"
    loaded = build({"bad": HEAD + act + REGISTER + hook})

    async def story() -> tuple[Reply | None, BaseException]:
        turn = Turn(session="user", text="hello")
        asking = asyncio.ensure_future(loaded.manager.answer_fallback(turn, Decision(OUT_OF_SCOPE, 0.0, OUT_OF_SCOPE)))
        await asyncio.sleep(0.1)
        with pytest.raises(PluginError) as died:
            await loaded.answer("bad.act")
        return await asking, died.value

    found, died = loaded.run(story())
    assert "its process ended on its own (code 1)" in str(died)
    assert found is not None
    assert found.text == "found"


def test_what_may_change_something_is_not_done_again_when_its_process_is_lost(build: Build) -> None:
    code = HEAD + (
        "async def act(turn):\n    await asyncio.sleep(0.3)\n"
        "    if turn.text == 'die': os._exit(1)\n    return 'fine'\n"
    )
    loaded = build({"bad": code + REGISTER.replace("acts=False", "acts=True")})
    intent = loaded.intent("bad.act")
    assert intent.may_act

    async def ask(text: str) -> str:
        try:
            return (await loaded.manager.answer(intent, Turn(session=text, text=text), {})).text
        except PluginError as error:
            return error.reason

    async def story() -> list[str]:
        return await asyncio.gather(ask("die"), ask("hello"))

    died, lost = loaded.run(story())
    assert "its process ended on its own" in died
    assert lost != "fine"
    assert not loaded.failures, "which of the two ended it is not known"


def test_an_answer_that_has_begun_is_not_begun_again_when_its_process_is_lost(build: Build) -> None:
    code = HEAD + (
        "async def act(turn):\n    yield 'one '\n    await asyncio.sleep(0.3)\n"
        "    if turn.text == 'die': os._exit(1)\n    yield 'two'\n"
    )
    loaded = build({"bad": code + REGISTER})

    async def story() -> list[Reply]:
        return await asyncio.gather(loaded.answer("bad.act", "die"), loaded.answer("bad.act", "hello"))

    for reply in loaded.run(story()):
        assert reply.text.startswith("one")
        assert reply.text.count("one") == 1
        assert "two" not in reply.text


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
