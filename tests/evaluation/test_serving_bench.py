"""The measurement of the way over HTTP measures, and says in one line what keeps it from it."""

import asyncio
import itertools
import os
import threading
from collections.abc import Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from assistant.errors import AssistantError
from assistant.evaluation.serving import _each, _load
from assistant.settings import load_settings


@pytest.fixture
def leaving() -> Iterator[int]:
    """The port of a server that answers ten turns, and then none."""
    numbers = itertools.count(1)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            if next(numbers) > 10:
                self.close_connection = True
                return
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  http.server's own name for it
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_a_server_that_leaves_in_the_midst_is_one_clear_line(leaving: int) -> None:
    answered, _, refused = _load(leaving, ["hello"] * 5, clients=2)
    assert (len(answered), refused) == (5, 0)
    with pytest.raises(AssistantError, match="the server left without an answer"):
        _load(leaving, ["hello"] * 20, clients=2)


def test_each_way_begins_in_turn_and_keeps_its_place() -> None:
    begun: list[str] = []

    def way(name: str) -> Callable[[], Awaitable[float]]:
        async def take() -> float:
            begun.append(name)
            return float(ord(name))

        return take

    for number in range(3):
        assert asyncio.run(_each([way(name) for name in "abc"], number)) == [97, 98, 99]
    assert "".join(begun) == "abcbcacab"


@pytest.mark.bench
@pytest.mark.models
def test_the_way_over_http_costs_a_few_milliseconds() -> None:
    pytest.importorskip("fastapi", reason="needs the extra [serve]")
    from assistant.evaluation.serving import bench_serving

    report = asyncio.run(bench_serving(load_settings(), lambda step, done, total: None, turns=30, clients=4))
    assert report.value("refused with 429") == 0
    assert report.value("4 clients at once, 95th percentile") >= report.value("4 clients at once, median") > 0
    assert report.value("what HTTP adds") < max(20, report.value("typed turn, asked directly"))
    assert report.value("what OpenAI's transcription route adds") < 50


@pytest.mark.bench
@pytest.mark.models
@pytest.mark.timeout(300)
def test_spoken_requests_are_answered_while_others_listen() -> None:
    pytest.importorskip("websockets", reason="needs the extra [serve]")
    from assistant.evaluation.listening import measure_listening

    settings = load_settings()
    report = asyncio.run(measure_listening(settings, lambda *_: None, clients=5, speaking=2, rounds=1))
    assert report.value("spoken requests without an answer") == 0
    assert report.value("2 of 5 speak at once: median") > 0
    assert report.value("of it the WebSocket's, beside the voice loop's own figure") < 60 or os.getloadavg()[0] > 2
