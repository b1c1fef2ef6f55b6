"""Measures what the way over HTTP costs, and how many clients at once are served."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assistant.errors import AssistantError
from assistant.evaluation.speech import spoken_commands
from assistant.evaluation.stream import cpu_seconds
from assistant.evaluation.turn import app_for_bench, new_sentences, new_turn, turn_ms
from assistant.settings import Settings, cache_dir
from assistant.terminal.report import Report, Row
from assistant.terminal.steps import StepProgress
from assistant.types import AudioClip

if TYPE_CHECKING:
    from assistant.app import App

__all__ = ["TOKEN", "bench_serving", "running_server"]

TOKEN = "a-token-of-the-benchmark"
WARM = 5
"""turns before anything is measured"""
HEARD_EACH = 5
"""times that each recording is transcribed each way"""
START_LIMIT = 180.0
"""seconds in which the server must be ready"""
SETTLED = 0.03
"""seconds before each request, in which what the one before left to be done is done"""

Request = tuple[str, str, bytes]
"""path, content type and body"""
Way = Callable[[], Awaitable[float]]
"""asks something, and returns the milliseconds of it"""


async def bench_serving(settings: Settings, progress: StepProgress, turns: int, clients: int) -> Report:
    """Measures typed turns with words never seen before, and transcriptions; the user's history keeps nothing.

    One client's figures are taken in pairs: the same assistant is asked directly and over HTTP, one after the other, so
    that what else the machine does meets both.
    """
    sentences = new_sentences(11)
    typed: list[list[float]] = []
    spoken: list[list[float]] = []
    async with app_for_bench(settings) as app, _served(app) as port:

        async def over_http(request: Request) -> float:
            status, milliseconds = await asyncio.to_thread(_ask, port, request)
            if status != 200:
                raise AssistantError(f"the server answered {status}")
            return milliseconds

        for number in range(WARM + turns):
            text = next(sentences)  # a different letter each way, so that no cached encoding can answer
            ways = [partial(turn_ms, app, new_turn(f"{text}a")), partial(over_http, _as_turn(f"{text}b"))]
            typed.append(await _each(ways, number))
        clips = [clip for clip, _ in spoken_commands()]
        for number in range(len(clips) * HEARD_EACH + WARM):
            clip = clips[number % len(clips)]
            ways = [partial(_heard_ms, app, clip), partial(over_http, _as_transcription(clip))]
            spoken.append(await _each(ways, number))
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder)) as (port, process):
        _load(port, list(islice(sentences, WARM)), 1)
        spent = cpu_seconds(process)
        many, seconds, refused = _load(port, list(islice(sentences, turns)), clients)
        spent = 1000 * (cpu_seconds(process) - spent) / turns
    direct, sent = np.array(typed[WARM:]).T
    heard, posted = np.array(spoken[WARM:]).T
    rows = [
        Row("typed turn, asked directly", float(np.median(direct)), "ms"),
        Row("over HTTP, one client", float(np.median(sent)), "ms"),
        Row("what HTTP adds", float(np.median(sent - direct)), "ms", at_most=8),
        Row("transcription of a short command, directly", float(np.median(heard)), "ms"),
        Row("what OpenAI's transcription route adds", float(np.median(100 * (posted / heard - 1))), "%", at_most=5),
        Row(f"{clients} clients at once, median", float(np.median(many)), "ms"),
        Row(f"{clients} clients at once, 95th percentile", float(np.percentile(many, 95)), "ms"),
        Row(f"{clients} clients at once", len(many) / seconds, "turns/s"),
        Row("a typed turn, of one core", spent, "ms"),
        Row("refused with 429", refused),
    ]
    return Report("bench serve", f"{turns} typed turns each way, {len(heard)} transcriptions, medians of pairs", rows)


@contextlib.asynccontextmanager
async def _served(app: App) -> AsyncIterator[int]:
    """Serves an assistant in this process, as `assistant serve` does, and yields the port."""
    import uvicorn

    from assistant.server.api import create_api
    from assistant.server.app_state import AppState
    from assistant.server.connections import Connections
    from assistant.server.server import Address, listen_at
    from assistant.server.tokens import Clients

    serve = app.settings.serve
    connections = Connections(serve.header_seconds, serve.strangers)
    api = create_api(AppState(app), Clients({"bench": TOKEN}), connections=connections)
    listening, address = listen_at(Address("127.0.0.1", 0))
    config = uvicorn.Config(api, http=connections.protocol(), log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listening]))
    try:
        yield address.port
    finally:
        server.should_exit = True
        await serving
        listening.close()


@contextlib.contextmanager
def running_server(folder: Path, variables: Mapping[str, str] | None = None) -> Iterator[tuple[int, int]]:
    """Runs ``assistant serve`` in a home of its own, with the user's weights; yields its port and process."""
    cache_dir().mkdir(parents=True, exist_ok=True)
    (folder / "cache").symlink_to(cache_dir())
    tokens = folder / "tokens"
    tokens.touch(0o600)
    tokens.write_text(f"bench {TOKEN}\n")
    environment = os.environ | {"ASSISTANT_HOME": str(folder), "ASSISTANT_STORAGE__URL": ""} | dict(variables or {})
    command = [sys.executable, "-m", "assistant", "serve", "--port", "0", "--token-file", str(tokens)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        stopper = threading.Timer(START_LIMIT, process.kill)
        stopper.start()
        try:
            port = _port(process)
            stopper.cancel()  # it was in time
            yield port, process.pid
        finally:
            stopper.cancel()
            process.terminate()


def _port(process: subprocess.Popen[str]) -> int:
    lines: list[str] = []
    assert process.stderr is not None
    for line in process.stderr:
        lines.append(line)
        if line.startswith("Ready"):
            found = re.search(r"Listening at http://[\d.]+:(\d+)", "".join(lines))
            assert found is not None
            # Its log needs a reader, or the server would block on a full pipe.
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return int(found[1])
    raise AssistantError(f"the server did not start: {' '.join(lines)[-300:]}")


async def _each(ways: Sequence[Way], number: int) -> list[float]:
    """The milliseconds of each way, begun with another one each time."""
    found = [0.0] * len(ways)
    for at in range(len(ways)):
        way = (number + at) % len(ways)
        await asyncio.sleep(SETTLED)
        found[way] = await ways[way]()
    return found


async def _heard_ms(app: App, clip: AudioClip) -> float:
    began = time.perf_counter()
    await app.transcribe(clip, keep=False)
    return 1000 * (time.perf_counter() - began)


def _as_turn(text: str) -> Request:
    return "/v1/turns", "application/json", json.dumps({"text": text}).encode()


def _as_transcription(clip: AudioClip) -> Request:
    from assistant.server.sound_encoding import wav_file

    part = b'--part\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
    return "/v1/audio/transcriptions", "multipart/form-data; boundary=part", part + wav_file(clip) + b"\r\n--part--\r\n"


def _load(port: int, texts: Sequence[str], clients: int) -> tuple[list[float], float, int]:
    """Returns the milliseconds of each answered turn, the seconds of all, and how many were refused."""
    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        answers = list(pool.map(lambda text: _ask(port, _as_turn(text)), texts))
    seconds = time.perf_counter() - began
    answered = [milliseconds for status, milliseconds in answers if status == 200]
    if len(answered) < 2:
        raise AssistantError("the server refused nearly all turns")
    return answered, seconds, len(answers) - len(answered)


def _ask(port: int, request: Request) -> tuple[int, float]:
    """Returns the status, 200 or 429, and the milliseconds of a request over a connection that is open already."""
    path, kind, body = request
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
        try:
            connection.connect()
            began = time.perf_counter()
            connection.request("POST", path, body, {"Authorization": f"Bearer {TOKEN}", "Content-Type": kind})
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException) as error:
            raise AssistantError(f"the server left without an answer ({str(error) or type(error).__name__})") from error
    if response.status not in (200, 429):
        raise AssistantError(f"the server answered {response.status}")
    return response.status, 1000 * (time.perf_counter() - began)
