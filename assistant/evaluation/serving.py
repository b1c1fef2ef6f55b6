"""What the way over HTTP costs: the same turns asked directly and through a server, and many clients at once."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import itertools
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.errors import AssistantError
from assistant.settings import Settings, cache_dir
from assistant.types import Turn, new_id

__all__ = ["ServingFigures", "bench_serving"]

TOKEN = "a-token-of-the-benchmark"
STARTS = ("please tell me about", "I would like to know about", "can you explain", "I have a question about")
THINGS = ("my parcel", "a sore throat", "long division", "my account", "a broken cup", "photosynthesis", "a rash")
WARM = 5
"""turns before anything is measured"""
START_LIMIT = 180.0
"""seconds in which the server must be ready"""


@dataclass(frozen=True)
class ServingFigures:
    """Milliseconds per turn, and turns per second."""

    turns: int
    clients: int
    direct_ms: float
    """median of typed turns asked in this process, one after another"""
    one_client_ms: float
    """median of such turns over HTTP, one client, one after another"""
    overhead_ms: float
    """what the way over HTTP costs: the difference of the two"""
    many_clients_ms: float
    """median with all clients at once, waiting included"""
    many_clients_p95_ms: float
    turns_per_second: float
    """with all clients at once"""
    refused: int
    """answered with 429"""

    def to_json(self) -> dict[str, Any]:
        """All of it."""
        return {name: round(value, 2) for name, value in asdict(self).items()}


def bench_serving(settings: Settings, turns: int, clients: int) -> ServingFigures:
    """Measure; nothing is kept in the user's history.

    Args:
        settings: of the models; the server's are the same.
        turns: how many are asked each way, each with words never seen before.
        clients: how many ask at once.

    Raises:
        AssistantError: the server did not start, or failed.
    """
    sentences = _sentences()
    with tempfile.TemporaryDirectory() as folder:
        direct = asyncio.run(_direct(settings, f"sqlite:///{folder}/direct.sqlite3", sentences, turns))
        with _server(Path(folder)) as port:
            one, _, _ = _load(port, sentences, turns, 1)
            many, seconds, refused = _load(port, sentences, turns, clients)
    return ServingFigures(
        turns,
        clients,
        statistics.median(direct),
        statistics.median(one),
        statistics.median(one) - statistics.median(direct),
        statistics.median(many),
        statistics.quantiles(many, n=20)[-1],
        len(many) / seconds,
        refused,
    )


def _sentences(seed: int = 11) -> Iterator[str]:
    dice = random.Random(seed)
    for number in itertools.count(1):  # a number of its own: no cache of encodings can answer
        yield f"{dice.choice(STARTS)} {dice.choice(THINGS)} number {number}"


async def _direct(settings: Settings, url: str, sentences: Iterator[str], turns: int) -> list[float]:
    from assistant.app import App

    storage = settings.storage.model_copy(update={"url": url})
    app = await App.open(settings.model_copy(update={"storage": storage}))
    try:
        await app.wait_ready()
        found = []
        for _ in range(WARM + turns):
            began = time.perf_counter()
            await app.respond(Turn(session=f"bench-{new_id()}", text=next(sentences)))
            found.append(1000 * (time.perf_counter() - began))
        return found[WARM:]
    finally:
        await app.close()


@contextlib.contextmanager
def _server(folder: Path) -> Iterator[int]:
    """``assistant serve`` in a home of its own, with the user's weights; yields its port."""
    cache_dir().mkdir(parents=True, exist_ok=True)
    (folder / "cache").symlink_to(cache_dir())
    tokens = folder / "tokens"
    tokens.touch(0o600)
    tokens.write_text(f"bench {TOKEN}\n")
    environment = os.environ | {"ASSISTANT_HOME": str(folder), "ASSISTANT_STORAGE__URL": ""}
    command = [sys.executable, "-m", "assistant", "serve", "--port", "0", "--token-file", str(tokens)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield _port(process)
        finally:
            process.terminate()


def _port(process: subprocess.Popen[str]) -> int:
    stopper = threading.Timer(START_LIMIT, process.kill)
    stopper.start()
    try:
        return _told_port(process)
    finally:
        stopper.cancel()


def _told_port(process: subprocess.Popen[str]) -> int:
    lines: list[str] = []
    assert process.stderr is not None
    for line in process.stderr:
        lines.append(line)
        if line.startswith("Ready"):
            found = re.search(r"Listening at http://[\d.]+:(\d+)", "".join(lines))
            assert found is not None
            # What it may still say has a reader, so that it never waits for one.
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return int(found[1])
    raise AssistantError(f"the server did not start: {' '.join(lines)[-300:]}")


def _load(port: int, sentences: Iterator[str], turns: int, clients: int) -> tuple[list[float], float, int]:
    """Milliseconds of each answered turn, seconds of all, and how many were refused."""
    lock = threading.Lock()
    texts = [next(sentences) for _ in range(turns)]
    found: list[float] = []
    failed: list[str] = []
    refused = 0

    def client() -> None:
        nonlocal refused
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        while texts and not failed:
            try:
                text = texts.pop()
            except IndexError:
                break
            began = time.perf_counter()
            try:
                status = _ask(connection, text)
            except AssistantError as error:
                failed.append(str(error))
                break
            with lock:
                if status == 200:
                    found.append(1000 * (time.perf_counter() - began))
                elif status == 429:
                    refused += 1
                else:
                    failed.append(f"the server answered {status}")
        connection.close()

    warm = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    for _ in range(WARM):
        _ask(warm, next(sentences))
    warm.close()
    threads = [threading.Thread(target=client) for _ in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed or len(found) < 2:
        raise AssistantError(failed[0] if failed else "the server refused nearly all turns")
    return found, time.perf_counter() - began, refused


def _ask(connection: http.client.HTTPConnection, text: str) -> int:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    try:
        connection.request("POST", "/v1/turns", json.dumps({"text": text}), headers)
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException) as error:
        raise AssistantError(f"the server left without an answer ({str(error) or type(error).__name__})") from error
    return response.status
