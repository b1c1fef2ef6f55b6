"""What a fresh start takes: processes of their own, an empty cache of encodings, models on the disk."""

from __future__ import annotations

import asyncio
import json
import os
import re
import select
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import AssistantError
from assistant.evaluation.metrics import milliseconds
from assistant.evaluation.turn import app_for_bench, drawing, new_turn
from assistant.terminal.report import Peer, Report, Row

if TYPE_CHECKING:
    from assistant.settings import Settings

__all__ = ["bench_start", "measure_help", "measure_prompt", "proportional_mb"]

ASK = (sys.executable, "-m", "assistant", "ask")
LIBRARY = "ASSISTANT_LIBRARY__FOLDER"
QUESTION = "where is my order A1002?"
SPOKEN = "Where is my order, please? It was a coffee grinder, and it should have been here on Monday at the latest."
PROMPT_LIMIT = 30.0
"""seconds after which a prompt that has not come never will"""
WORTH_A_LINE = 10.0
"""milliseconds of import, below which a package is not listed"""
STEPS = """
import asyncio, json, sys, time
began = time.perf_counter()
steps = {}
def step(name):
    global began
    now = time.perf_counter()
    steps[name] = 1000 * (now - began)
    began = now
from assistant.app import App
from assistant.events import ModelLoaded
from assistant.settings import load_settings
from assistant.types import Turn
step("import the assistant")
async def run():
    app = await App.open(load_settings())
    step("open it: safety rules, plugins")
    app.bus.listen(lambda event: steps.__setitem__(f"read {event.model}", 1000 * event.seconds), (ModelLoaded,))
    app.start_loading(text_only=True)
    await app.wait_ready()
    step("models and plugins ready, in all")
    result = await app.respond(Turn(session="bench-start", text=sys.argv[1]))
    step("first turn, in all")
    steps.update({f"first turn: {stage}": ms for stage, ms in result.latency_ms.items() if stage != "total"})
    await app.close()
asyncio.run(run())
print(json.dumps(steps))
"""
MEMORY = """
import asyncio, sys
from assistant.app import App
from assistant.encoders.models import SPEECH
from assistant.evaluation.start import proportional_mb
from assistant.evaluation.turn import drawing
from assistant.inputs.audio_file import read_audio
from assistant.settings import load_settings
from assistant.types import Turn
async def run(clip, *more):
    app = await App.open(load_settings())
    app.start_loading(text_only=True)
    await app.wait_ready()
    for number in range(20):
        await app.respond(Turn(session=f"bench-{number}", text=f"where is my order A100{number}?"))
    print(proportional_mb())
    await app.runner.load(SPEECH)
    await app.respond(Turn(session="bench-spoken", audio=read_audio(clip, 1)))
    for number in range(5 if more else 0):
        await app.respond(Turn(session=f"bench-picture-{number}", text="look", images=(drawing(number),)))
    print(proportional_mb())
    await app.close()
asyncio.run(run(*sys.argv[1:]))
"""


def bench_start(settings: Settings, runs: int) -> Report:
    """Measures fresh commands beside ``import torch``, questions beside a running assistant, and memory."""
    with tempfile.TemporaryDirectory() as folder, _scratch_history(folder):
        picture, clip = Path(folder) / "drawing.png", Path(folder) / "question.wav"
        drawing(1).image.save(picture)
        _speak(settings, clip)
        torch, fresh = _side_by_side(runs, [sys.executable, "-c", "import torch"], [*ASK, "--alone", QUESTION])
        rows = [
            measure_help(runs),
            measure_prompt(runs),
            Row("fresh ask TEXT", fresh, "ms", at_most=torch, peer=Peer("python -c 'import torch'", torch)),
            _fresh("fresh ask --image", runs, "what is this?", "--image", str(picture)),
            _fresh("fresh ask --audio, 6 s", runs, "--audio", str(clip), goal=3000),
            _search(folder, runs),
            asyncio.run(_beside(settings, runs)),
            *_memory(clip),
            *_imports(),
            *_steps(),
        ]
    return Report("bench start", f"medians of {runs} new processes each", rows)


@contextmanager
def _scratch_history(folder: str) -> Iterator[None]:
    """Send the history of new processes to a folder that goes."""
    name = "ASSISTANT_STORAGE__URL"
    before = os.environ.get(name)
    os.environ[name] = f"sqlite:///{folder}/bench.sqlite3"
    try:
        yield
    finally:
        os.environ.pop(name)
        if before is not None:
            os.environ[name] = before


def _speak(settings: Settings, path: Path) -> None:
    from assistant.speech import Synthesizer, write_audio

    write_audio(path, Synthesizer.from_settings(settings).recording(SPOKEN))


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssistantError(f"{' '.join(command)} failed: {done.stderr.strip()[-300:]}")
    return done.stdout


def _side_by_side(runs: int, first: list[str], second: list[str]) -> tuple[float, float]:
    """Medians of two commands that take turns, so that a busy moment meets both."""
    times: tuple[list[float], list[float]] = [], []
    for _ in range(runs + 1):  # the first round reads everything from the disk
        for command, own in zip((first, second), times, strict=True):
            own.append(milliseconds(lambda command=command: _run(command)))  # type: ignore[misc]
    return statistics.median(times[0][1:]), statistics.median(times[1][1:])


def _search(folder: str, runs: int) -> Row:
    """A search by a sentence in a library of hundred notes."""
    notes = Path(folder) / "notes"
    notes.mkdir()
    for number in range(100):
        (notes / f"{number}.txt").write_text(f"Note {number}: the sourdough of day {number} rose for {number} minutes.")
    os.environ[LIBRARY] = str(Path(folder) / "library")
    command = [sys.executable, "-m", "assistant", "library"]
    try:
        _run([*command, "add", str(notes)])
        torch, fresh = _side_by_side(runs, [sys.executable, "-c", "import torch"], [*command, "search", "sourdough"])
    finally:
        os.environ.pop(LIBRARY)
    return Row("fresh library search", fresh, "ms", at_most=1000, peer=Peer("python -c 'import torch'", torch))


def _fresh(metric: str, runs: int, *arguments: str, goal: float | None = None) -> Row:
    command = [*ASK, "--alone", *arguments]
    _run(command)
    return Row(metric, statistics.median(milliseconds(lambda: _run(command)) for _ in range(runs)), "ms", at_most=goal)


async def _beside(settings: Settings, runs: int) -> Row:
    """A question that this process, which runs the assistant, answers."""
    from assistant.terminal.answer_socket import answer_others

    async with app_for_bench(settings) as app, answer_others(app):
        await app.respond(new_turn(QUESTION))
        command = [*ASK, QUESTION]
        times = [await asyncio.to_thread(milliseconds, lambda: _run(command)) for _ in range(runs + 1)]
    return Row("ask TEXT beside a running assistant", statistics.median(times[1:]), "ms", at_most=300)


def measure_help(runs: int) -> Row:
    """Times ``assistant --help`` from the start of the process to its end."""
    command = [sys.executable, "-m", "assistant", "--help"]
    _run(command)
    median = statistics.median(milliseconds(lambda: _run(command)) for _ in range(runs))
    return Row("assistant --help", median, "ms", at_most=400)


def measure_prompt(runs: int) -> Row:
    """Times ``assistant`` in a terminal of its own, from the start of the process to the prompt."""
    _prompt_ms()
    median = statistics.median(_prompt_ms() for _ in range(runs))
    return Row("assistant, until the prompt", median, "ms", at_most=600)


def _prompt_ms() -> float:
    import pty
    import termios

    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    environment = os.environ | {"PROMPT_TOOLKIT_NO_CPR": "1", "TERM": "xterm"}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        _wait_for(ours, b"> ", PROMPT_LIMIT)
        return 1000 * (time.perf_counter() - began)
    finally:
        process.kill()  # it would go on to load its models, in the way of the next run
        process.wait()
        os.close(ours)


def _wait_for(descriptor: int, mark: bytes, limit: float) -> None:
    seen, end = b"", time.monotonic() + limit
    while mark not in seen:
        ready, _, _ = select.select([descriptor], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            raise AssistantError(f"no prompt within {limit:.0f} s; on the screen is {seen[-200:]!r}")
        seen += os.read(descriptor, 65536)


def _memory(clip: Path) -> list[Row]:
    text, speech = (float(line) for line in _run([sys.executable, "-c", MEMORY, str(clip)]).split())
    _, everything = _run([sys.executable, "-c", MEMORY, str(clip), "pictures"]).split()
    return [
        Row("memory, text", text, "MB", at_most=300),
        Row("memory, text and speech", speech, "MB", at_most=650),
        Row("memory, text, speech and pictures", float(everything), "MB", at_most=800),
    ]


def proportional_mb(pid: int | str = "self") -> float:
    """Memory of a process, MB; a page that n processes share counts 1/n. NaN where the system does not tell."""
    try:
        found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
    except OSError:
        return float("nan")
    return int(found[1]) * 1024 / 1e6 if found else float("nan")


def _imports() -> list[Row]:
    """What a fresh ``ask`` imports, in milliseconds by package, without what a package itself imports."""
    command = [sys.executable, "-X", "importtime", "-m", "assistant", "ask", "--alone", QUESTION]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    spent: Counter[str] = Counter()
    for own, module in re.findall(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)", told, re.M):
        first, _, rest = module.partition(".")
        spent[f"{first}.{rest.split('.')[0]}" if first == "assistant" and rest else first] += int(own)
    listed = [(name, own / 1000) for name, own in spent.most_common() if own / 1000 >= WORTH_A_LINE]
    rows = [Row(f"import {name}", own, "ms") for name, own in listed]
    return [*rows, Row("import all", sum(spent.values()) / 1000, "ms")]


def _steps() -> list[Row]:
    steps: dict[str, float] = json.loads(_run([sys.executable, "-c", STEPS, QUESTION]).splitlines()[-1])
    return [Row(name, spent, "ms") for name, spent in steps.items()]
