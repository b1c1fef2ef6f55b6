"""Measures a fresh start: new processes, an empty cache of encodings, models on the disk."""

from __future__ import annotations

import asyncio
import os
import re
import select
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import AssistantError
from assistant.evaluation.metrics import milliseconds
from assistant.evaluation.turn import app_for_bench, drawing, new_turn
from assistant.terminal.report import Peer, Report, Row

if TYPE_CHECKING:
    from assistant.settings import Settings
    from assistant.terminal.steps import StepProgress

__all__ = ["bench_start", "measure_help", "measure_prompt", "proportional_mb"]

ASSISTANT = (sys.executable, "-m", "assistant")
ALONE = ("ask", "--alone")
TORCH = (sys.executable, "-c", "import torch")
QUESTION = "where is my order A1002?"
SPOKEN = "Where is my order, please? It was a coffee grinder, and it should have been here on Monday at the latest."
PROMPT_LIMIT = 30.0
"""seconds after which a prompt that has not come never will"""
MEMORY = """
import asyncio, sys
from assistant.app import App
from assistant.encoders.models import SPEECH
from assistant.evaluation.start import proportional_mb
from assistant.evaluation.turn import drawing
from assistant.inputs.audio_file import read_audio
from assistant.settings import load_settings
from assistant.types import Turn
async def run(clip):
    app = await App.open(load_settings())
    app.start_loading(text_only=True)
    await app.wait_ready()
    for number in range(20):
        await app.respond(Turn(session=f"bench-{number}", text=f"where is my order A100{number}?"))
    print(proportional_mb())
    await app.runner.load(SPEECH)
    await app.respond(Turn(session="bench-spoken", audio=read_audio(clip, 1)))
    print(proportional_mb())
    for number in range(5):
        await app.respond(Turn(session=f"bench-picture-{number}", text="look", images=(drawing(number),)))
    print(proportional_mb())
    await app.close()
asyncio.run(run(sys.argv[1]))
"""


def bench_start(settings: Settings, progress: StepProgress, runs: int) -> Report:
    """Measures fresh commands beside ``import torch``, questions beside a running assistant, and memory."""
    from assistant.speech import Synthesizer, write_audio

    with tempfile.TemporaryDirectory() as folder, _variable("ASSISTANT_STORAGE__URL", f"sqlite:///{folder}/bench.db"):
        picture, clip = Path(folder) / "drawing.png", Path(folder) / "question.wav"
        drawing(1).image.save(picture)
        write_audio(clip, Synthesizer.from_settings(settings).recording(SPOKEN))
        torch, fresh = _medians(runs, TORCH, (*ASSISTANT, *ALONE, QUESTION))
        rows = [
            measure_help(runs),
            measure_prompt(runs),
            Row("fresh ask TEXT", fresh, "ms", at_most=torch, peer=Peer("python -c 'import torch'", torch)),
            _fresh("fresh ask --image", runs, None, *ALONE, "what is this?", "--image", str(picture)),
            _fresh("fresh ask --audio, 6 s", runs, 3000, *ALONE, "--audio", str(clip)),
            asyncio.run(_beside_running(settings, runs)),
            *_memory(clip),
        ]
    return Report("bench start", f"medians of {runs} new processes each", rows)


@contextmanager
def _variable(name: str, value: str) -> Iterator[None]:
    """Sets an environment variable for new processes, for as long as the block runs."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        os.environ.pop(name)
        if before is not None:
            os.environ[name] = before


def _run(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssistantError(f"{' '.join(command)} failed: {done.stderr.strip()[-300:]}")
    return done.stdout


def _medians(runs: int, *commands: Sequence[str]) -> list[float]:
    """Milliseconds of commands that take turns, so that a busy moment meets all."""
    # The first round reads everything from the disk.
    rounds = [[milliseconds(partial(_run, command)) for command in commands] for _ in range(runs + 1)]
    return [statistics.median(times) for times in zip(*rounds[1:], strict=True)]


def _fresh(metric: str, runs: int, goal: float | None, *arguments: str) -> Row:
    (median,) = _medians(runs, (*ASSISTANT, *arguments))
    return Row(metric, median, "ms", at_most=goal)


async def _beside_running(settings: Settings, runs: int) -> Row:
    """A question that this process, which runs the assistant, answers."""
    from assistant.terminal.answer_socket import answer_others

    async with app_for_bench(settings) as app, answer_others(app):
        await app.respond(new_turn(QUESTION))
        return await asyncio.to_thread(_fresh, "ask TEXT beside a running assistant", runs, 300, "ask", QUESTION)


def measure_help(runs: int) -> Row:
    """Times ``assistant --help`` from the start of the process to its end."""
    return _fresh("assistant --help", runs, 400, "--help")


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
    began, seen = time.perf_counter(), b""
    process = subprocess.Popen(
        ASSISTANT, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
    )
    os.close(theirs)
    try:
        while b"> " not in seen:
            if not select.select([ours], [], [], max(0.0, began + PROMPT_LIMIT - time.perf_counter()))[0]:
                raise AssistantError(f"no prompt within {PROMPT_LIMIT:.0f} s; on the screen is {seen[-200:]!r}")
            seen += os.read(ours, 65536)
        return 1000 * (time.perf_counter() - began)
    finally:
        process.kill()  # it would load its models and slow down the next run
        process.wait()
        os.close(ours)


def _memory(clip: Path) -> list[Row]:
    text, speech, everything = (float(line) for line in _run([sys.executable, "-c", MEMORY, str(clip)]).split())
    return [
        Row("memory, text", text, "MB", at_most=300),
        Row("memory, text and speech", speech, "MB", at_most=650),
        Row("memory, text, speech and pictures", everything, "MB", at_most=800),
    ]


def proportional_mb() -> float:
    """Memory of this process, MB; a page that n processes share counts 1/n. NaN where the system does not tell."""
    try:
        found = re.search(r"^Pss:\s+(\d+) kB", Path("/proc/self/smaps_rollup").read_text(), re.M)
    except OSError:
        return float("nan")
    return int(found[1]) * 1024 / 1e6 if found else float("nan")
