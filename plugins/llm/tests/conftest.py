"""An endpoint with the manners that a test gives it, on a real local HTTP server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from assistant import Decision, Exchange, Reply, Turn
from assistant.events import Event, ReplyPart
from assistant.testing import FakeServices, load_plugin
from assistant.types import Candidate

HERE = Path(__file__).parent.parent
SAID = [Exchange("my name is Ada", "Hello, Ada."), Exchange("what do you like", "Order.")]
Script = list[Any] | Callable[[dict[str, Any]], list[Any]]
"""what is streamed: texts, deltas (dicts), raw bytes, and seconds to wait (floats)"""


def call(name: str, arguments: Any, index: int = 0) -> dict[str, Any]:
    """A delta that calls a tool."""
    written = arguments if isinstance(arguments, str) else json.dumps(arguments)
    function = {"name": name.replace(".", "__"), "arguments": written}
    return {"tool_calls": [{"index": index, "id": f"c{index}", "type": "function", "function": function}]}


class Server(ThreadingHTTPServer):
    """An endpoint that answers as told, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.status = 200
        self.body: bytes | None = None
        """a whole answer, that is not streamed"""
        self.delay = 0.0
        self.script: Script = ["Because ", "of ", "Rayleigh."]
        self.ends: str | None = "stop"
        """the last finish_reason; None breaks off"""
        self.sent: list[float] = []
        """when each piece was sent"""
        self.left = threading.Event()
        """set when a client went away in the middle"""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self._whole(json.dumps({"data": [{"id": "tiny"}, {"id": "large"}]}).encode())

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(asked)
        self.server.keys.append(self.headers.get("Authorization"))
        time.sleep(self.server.delay)
        if self.server.status != 200 or self.server.body is not None:
            self._whole(self.server.body or b"")
            return
        try:
            self._stream(asked)
        except OSError:
            self.server.left.set()

    def _whole(self, body: bytes) -> None:
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):  # a client that waits no longer, perhaps after the end of its test
            self.wfile.write(body)

    def _stream(self, asked: dict[str, Any]) -> None:
        script = self.server.script
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b": a comment\n\n")
        for piece in script(asked) if callable(script) else script:
            if isinstance(piece, float):
                time.sleep(piece)
            elif isinstance(piece, bytes):
                self.wfile.write(piece)
            else:
                delta = {"content": piece} if isinstance(piece, str) else piece
                self.server.sent.append(time.monotonic())
                self._event({"delta": delta, "finish_reason": None})
            self.wfile.flush()
        if self.server.ends is not None:
            self._event({"delta": {}, "finish_reason": self.server.ends})
            self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, choice: dict[str, Any]) -> None:
        event = {"model": "tiny", "object": "chat.completion.chunk", "choices": [{"index": 0, **choice}]}
        self.wfile.write(b"event: chunk\ndata: " + json.dumps(event).encode() + b"\n\n")

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    running = Server()
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


Asked = tuple[Reply | None, list[str]]


def ask(text: str, *, services: FakeServices | None = None, near: str = "", images: Any = (), **options: Any) -> Asked:
    """The reply of `answer_fallback`, and the notices."""
    reply, notices, _ = follow(text, services=services, near=near, images=images, **options)
    return reply, notices


def follow(
    text: str, *, services: FakeServices | None = None, near: str = "", images: Any = (), **options: Any
) -> tuple[Reply | None, list[str], list[tuple[ReplyPart, float]]]:
    """The same, with each piece and when it was announced."""
    plugin = load_plugin(HERE)
    notices: list[str] = []
    parts: list[tuple[ReplyPart, float]] = []
    given = services or FakeServices(said=SAID)
    given.options = options
    turn = Turn(text=text, images=tuple(images))

    def hear(event: Event) -> None:
        if isinstance(event, ReplyPart):
            parts.append((event, time.monotonic()))

    async def run() -> Reply | None:
        plugin.manager._bus.bind(asyncio.get_running_loop())
        plugin.manager._bus.listen(hear, (ReplyPart,))
        await plugin.manager.startup(lambda info: given)
        candidates = (Candidate(near, 0.4),) if near else ()
        decision = Decision("out_of_scope", 1.0, "out_of_scope", candidates)
        try:
            with plugin.manager.live.answering(turn):
                return await plugin.manager.answer_fallback(turn, decision, notices)
        finally:
            await plugin.manager.shutdown()

    return asyncio.run(run()), notices, parts
