"""Measures how long turns take, as a user sees them."""

from __future__ import annotations

import itertools
import os
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.terminal.report import Report, Row
from assistant.types import Picture, Turn, new_id

if TYPE_CHECKING:
    from assistant.app import App
    from assistant.settings import Settings
    from assistant.terminal.steps import StepProgress

__all__ = [
    "app_for_bench",
    "bench_turn",
    "changed",
    "drawing",
    "new_sentences",
    "new_turn",
    "resident_mb",
    "turn_ms",
]

OPENINGS = ("please tell me about", "I would like to know about", "can you explain", "I have a question about")
THINGS = ("my order", "a parcel", "a sore throat", "long division", "my account", "a broken cup", "photosynthesis")


def new_sentences(seed: int = 7) -> Iterator[str]:
    """Yields sentences with a number of their own, so that no cache of encodings can answer."""
    dice = random.Random(seed)
    for number in itertools.count(1):
        yield f"{dice.choice(OPENINGS)} {dice.choice(THINGS)} number {number}"


def drawing(number: int) -> Picture:
    """Returns a drawing no two of which are alike: 640 by 480 pixels."""
    from PIL import Image, ImageDraw

    dice = random.Random(number)
    image = Image.new("RGB", (640, 480), tuple(dice.randrange(256) for _ in range(3)))
    draw = ImageDraw.Draw(image)
    for _ in range(30):
        x, y, size = dice.randrange(600), dice.randrange(440), dice.randrange(20, 200)
        draw.ellipse((x, y, x + size, y + size), tuple(dice.randrange(256) for _ in range(3)))
    return Picture(image, f"drawing {number}")


async def bench_turn(settings: Settings, progress: StepProgress, runs: int) -> Report:
    """Measures warm turns, `runs` times, and memory; the user's history keeps nothing."""
    from assistant.speech import Synthesizer

    async with app_for_bench(settings) as app:
        sentences = new_sentences()
        clip = Synthesizer.from_settings(settings).recording("Where is my order, and when will it arrive?")
        spoken = Turn(session=f"bench-{new_id()}", audio=clip)
        for turn in (spoken, new_turn(next(sentences)), new_turn(next(sentences), -1)):
            await app.respond(turn)
        memory = resident_mb()
        typed = [await turn_ms(app, new_turn(next(sentences))) for _ in range(runs)]
        shown = [await turn_ms(app, new_turn(next(sentences), number)) for number in range(runs)]
    rows = [
        Row(f"typed turn, warm, median of {runs}", statistics.median(typed), "ms", at_most=30),
        Row(f"turn with one photo, warm, median of {runs}", statistics.median(shown), "ms", at_most=150),
        Row("memory after text, image and audio", memory, "MB", at_most=1500),
    ]
    return Report("bench turn", "sentences and drawings never seen before", rows)


def changed(settings: Settings, **sections: dict[str, Any]) -> Settings:
    """Returns the settings with some values of some sections changed."""
    changes = {name: getattr(settings, name).model_copy(update=values) for name, values in sections.items()}
    return settings.model_copy(update=changes)


@asynccontextmanager
async def app_for_bench(settings: Settings) -> AsyncIterator[App]:
    """Opens the assistant with its models loaded and a history of its own, which is deleted afterwards."""
    from assistant.app import App

    with tempfile.TemporaryDirectory() as folder:
        app = await App.open(changed(settings, storage={"url": f"sqlite:///{folder}/bench.sqlite3"}))
        try:
            await app.wait_ready()
            yield app
        finally:
            await app.close()


def new_turn(text: str, picture: int | None = None) -> Turn:
    """Makes a turn in a session of its own: an answer to the turn before would not pass the models."""
    images = () if picture is None else (drawing(picture),)
    return Turn(session=f"bench-{new_id()}", text=text, images=images)


async def turn_ms(app: App, turn: Turn) -> float:
    """Times a turn."""
    began = time.perf_counter()
    await app.respond(turn)
    return 1000 * (time.perf_counter() - began)


def resident_mb(pid: int | str = "self") -> float:
    """Returns the resident memory of a process, MB; NaN where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return float("nan")
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
