"""Measures what the way over HTTP costs, and how many clients at once are served."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from assistant.errors import AssistantError
from assistant.evaluation.idle import cpu_seconds
from assistant.evaluation.turn import app_for_bench, new_sentences, new_turn, turn_ms
from assistant.settings import Settings, cache_dir
from assistant.terminal.report import Report, Row

__all__ = ["TOKEN", "bench_serving", "running_server"]

TOKEN = "a-token-of-the-benchmark"
WARM = 5
"""turns before anything is measured"""
START_LIMIT = 180.0
"""seconds in which the server must be ready"""


def bench_serving(settings: Settings, turns: int, clients: int) -> Report:
    """Measures typed turns with words never seen before, as many each way; the user's history keeps nothing."""
    sentences = new_sentences(11)
    with tempfile.TemporaryDirectory() as folder:
        direct = asyncio.run(_direct(settings, sentences, turns))
        with running_server(Path(folder)) as (port, process):
            one, _, _ = _load(port, sentences, turns, 1)
            chat, _, _ = _load(port, sentences, turns, 1, _as_chat)
            spent = cpu_seconds(process)
            many, seconds, refused = _load(port, sentences, turns, clients)
            spent = 1000 * (cpu_seconds(process) - spent) / (turns + WARM)
    overhead = statistics.median(one) - statistics.median(direct)
    rows = [
        Row("typed turn, asked directly", statistics.median(direct), "ms"),
        Row("over HTTP, one client", statistics.median(one), "ms"),
        Row("what HTTP adds", overhead, "ms"),
        Row("as OpenAI's chat, one client", statistics.median(chat), "ms"),
        Row(f"{clients} clients at once, median", statistics.median(many), "ms"),
        Row(f"{clients} clients at once, 95th percentile", statistics.quantiles(many, n=20)[-1], "ms"),
        Row(f"{clients} clients at once", len(many) / seconds, "turns/s"),
        Row("a typed turn, of one core", spent, "ms"),
        Row("refused with 429", refused),
    ]
    return Report("bench serve", f"{turns} typed turns each way", rows)


async def _direct(settings: Settings, sentences: Iterator[str], turns: int) -> list[float]:
    async with app_for_bench(settings) as app:
        return [await turn_ms(app, new_turn(next(sentences))) for _ in range(WARM + turns)][WARM:]


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


def _as_turn(text: str) -> tuple[str, object]:
    return "/v1/turns", {"text": text}


def _as_chat(text: str) -> tuple[str, object]:
    return "/v1/chat/completions", {"messages": [{"role": "user", "content": text}]}


def _load(
    port: int,
    sentences: Iterator[str],
    turns: int,
    clients: int,
    request: Callable[[str], tuple[str, object]] = _as_turn,
) -> tuple[list[float], float, int]:
    """Returns the milliseconds of each answered turn, the seconds of all, and how many were refused."""
    texts = [next(sentences) for _ in range(turns)]
    free: SimpleQueue[http.client.HTTPConnection] = SimpleQueue()

    def ask(text: str) -> tuple[int, float]:
        connection = free.get()
        began = time.perf_counter()
        try:
            return _ask(connection, *request(text)), 1000 * (time.perf_counter() - began)
        finally:
            free.put(connection)

    with contextlib.ExitStack() as stack:
        for _ in range(clients):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
            free.put(stack.enter_context(contextlib.closing(connection)))
        for _ in range(WARM):
            ask(next(sentences))
        began = time.perf_counter()
        answers = list(stack.enter_context(ThreadPoolExecutor(clients)).map(ask, texts))
        seconds = time.perf_counter() - began
    count = Counter(status for status, _ in answers)
    if other := count.keys() - {200, 429}:
        raise AssistantError(f"the server answered {min(other)}")
    if count[200] < 2:
        raise AssistantError("the server refused nearly all turns")
    return [milliseconds for status, milliseconds in answers if status == 200], seconds, count[429]


def _ask(connection: http.client.HTTPConnection, path: str, body: object) -> int:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    try:
        connection.request("POST", path, json.dumps(body), headers)
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException) as error:
        raise AssistantError(f"the server left without an answer ({str(error) or type(error).__name__})") from error
    return response.status
