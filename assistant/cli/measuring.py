"""How long starts and turns take, measured as a user would see them."""

from __future__ import annotations

import asyncio
import os
import random
import select
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import AssistantError
from assistant.types import Picture, Reply, Turn, new_id

if TYPE_CHECKING:
    from assistant.app import App
    from assistant.evaluation.speech import Contender
    from assistant.settings import Settings

__all__ = ["Measurement", "measure_help", "measure_prompt", "measure_speech", "measure_turns"]

FASTER_THAN_PEER = 2.5
PROMPT_LIMIT = 30.0
"""seconds after which a prompt that has not come never will"""


@dataclass(frozen=True)
class Measurement:
    """One figure beside its goal."""

    what: str
    value: float
    """median"""
    unit: str
    goal: float
    """`value` passes when it is no more than this"""
    runs: int
    worst: float
    """largest single value"""

    @property
    def passed(self) -> bool:
        """Whether the goal is met."""
        return self.value <= self.goal


def _measurement(what: str, values: list[float], goal: float, unit: str = "ms") -> Measurement:
    return Measurement(what, statistics.median(values), unit, goal, len(values), max(values))


def _milliseconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - began)


def measure_help(runs: int) -> Measurement:
    """``assistant --help``, from the start of the process to its end."""
    command = [sys.executable, "-m", "assistant", "--help"]

    def run() -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    run()  # the first one reads everything from the disk
    return _measurement("assistant --help", [_milliseconds(run) for _ in range(runs)], goal=400)


def measure_prompt(runs: int) -> Measurement:
    """``assistant`` in a terminal of its own, from the start of the process to the prompt."""
    _prompt_ms()
    return _measurement("assistant, until the prompt", [_prompt_ms() for _ in range(runs)], goal=600)


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


# Turns

OPENINGS = ("please tell me", "I would like to know", "can you explain", "help me with", "I have a question about")
THINGS = (
    "my order",
    "a parcel",
    "a sore throat",
    "long division",
    "the weather",
    "my account",
    "a broken cup",
    "a poem",
)


def _sentences(seed: int = 7) -> Iterator[str]:
    """Sentences that differ, so that no cache of encodings can answer."""
    random_words = random.Random(seed)
    while True:
        number = random_words.randrange(10_000)
        yield f"{random_words.choice(OPENINGS)} {random_words.choice(THINGS)} number {number}"


def _picture(number: int) -> Picture:
    """A drawing no two of which are alike: 640 by 480 pixels."""
    from PIL import Image, ImageDraw

    dice = random.Random(number)
    image = Image.new("RGB", (640, 480), tuple(dice.randrange(256) for _ in range(3)))
    draw = ImageDraw.Draw(image)
    for _ in range(30):
        x, y, size = dice.randrange(600), dice.randrange(440), dice.randrange(20, 200)
        draw.ellipse((x, y, x + size, y + size), tuple(dice.randrange(256) for _ in range(3)))
    return Picture(image, f"drawing {number}")


async def measure_turns(settings: Settings, runs: int) -> list[Measurement]:
    """Warm turns, each with words (and pixels) never seen before, and the memory they leave in use.

    Nothing of it is kept in the user's history.
    """
    from assistant.app import App

    with tempfile.TemporaryDirectory() as folder:
        storage = settings.storage.model_copy(update={"url": f"sqlite:///{folder}/bench.sqlite3"})
        app = await App.open(settings.model_copy(update={"storage": storage}))
        try:
            await app.wait_ready()
            sentences = _sentences()
            spoken = await _spoken_turn(app, Path(folder) / "spoken.wav")
            for turn in (spoken, _turn(next(sentences)), _turn(next(sentences), -1)):
                await app.respond(turn)
            memory = _resident_megabytes()
            typed = [await _turn_ms(app, _turn(next(sentences))) for _ in range(runs)]
            shown = [await _turn_ms(app, _turn(next(sentences), number)) for number in range(runs)]
        finally:
            await app.close()
    return [
        _measurement("typed turn, warm", typed, goal=30),
        _measurement("turn with one photo, warm", shown, goal=150),
        _measurement("memory after text, image and audio", [memory], goal=1500, unit="MB"),
    ]


def measure_speech(settings: Settings) -> Measurement:
    """Transcription of a short command; the goal is to be 2.5 times faster than faster-whisper, where that is there."""
    from assistant.evaluation.speech import bench_speech

    measured = bench_speech(5, settings=settings)
    ours, *others = measured.contenders
    peer = next((other for other in others if "faster" in other.name), None)
    return Measurement(
        f"transcription of {measured.seconds:.1f} s" + (f" ({_ratio(peer, ours)})" if peer else ""),
        ours.milliseconds,
        "ms",
        peer.milliseconds / FASTER_THAN_PEER if peer else 500,
        measured.clips * measured.runs,
        ours.slowest,
    )


def _ratio(peer: Contender, ours: Contender) -> str:
    return f"{peer.milliseconds / ours.milliseconds:.1f} times faster than {peer.name}"


def _turn(text: str, picture: int | None = None) -> Turn:
    # A session of its own: an answer to the turn before would not pass the models.
    images = () if picture is None else (_picture(picture),)
    return Turn(session=f"bench-{new_id()}", text=text, images=images)


async def _spoken_turn(app: App, path: Path) -> Turn:
    from assistant.inputs.audio_file import read_audio

    await app.say(Reply("Where is my order, and when will it arrive?"), path)
    clip = await asyncio.to_thread(read_audio, path)
    return Turn(session=f"bench-{new_id()}", audio=clip)


async def _turn_ms(app: App, turn: Turn) -> float:
    began = time.perf_counter()
    await app.respond(turn)
    return 1000 * (time.perf_counter() - began)


def _resident_megabytes() -> float:
    try:
        status = Path("/proc/self/status").read_text("ascii", "replace")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024
    except (OSError, StopIteration):
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1 << 20)
