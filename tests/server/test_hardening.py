"""Hosts and origins that are not ours, slow clients, too many of them, and quotas."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable
from typing import Any

import pytest

from assistant.server.authentication import Quotas
from assistant.terminal.json_log import JsonLines
from tests.server.conftest import TOKENS

Serve = Callable[..., Any]
TOKEN = f"Authorization: Bearer {TOKENS['app']}\r\n"


async def until(true: Callable[[], bool]) -> None:
    for _ in range(1200):
        if true():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come true within a minute")


async def raw(server: Any, *parts: str | float, seconds: float = 15) -> str:
    """Sends bytes as they are, waiting the given seconds in between; returns all that comes until the end."""
    host, port = server.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        for part in parts:
            if isinstance(part, str):
                writer.write(part.encode())
            else:
                await asyncio.sleep(part)
        return (await asyncio.wait_for(reader.read(), seconds)).decode()
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8420", 200),
        ("[::1]:8420", 200),
        ("192.168.1.5", 200),
        ("localhost:8420", 200),
        ("Localhost.", 200),
        ("app.localhost", 200),
        ("nas.local", 200),
        ("deep.sub.example.org", 200),
        ("example.org", 421),
        ("evil.example:8420", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example", 421),
        ("notnas.local", 421),
        ("", 421),
    ],
)
def test_a_name_that_is_not_ours_is_refused(serving: Serve, host: str, status: int) -> None:
    async def run() -> None:
        async with serving(hosts=("nas.local", "*.example.org")) as server:
            for path in ("/healthz", "/v1/models"):
                told = await server.client().get(path, headers={"Host": host})
                assert told.status_code == status
            if status != 200:
                assert "[serve] hosts" in told.json()["error"]["message"]

    asyncio.run(run())


def test_a_page_elsewhere_may_neither_ask_nor_look_whether_it_may(serving: Serve) -> None:
    async def run() -> None:
        async with serving(origins=("https://app.example",)) as server:
            client = server.client()
            asked = {"json": {"text": "please echo"}}
            for origin in ("https://evil.example", "null", "https://app.example.evil.example", "http://app.example"):
                refused = await client.post("/v1/turns", **asked, headers={"Origin": origin})
                assert (refused.status_code, refused.json()["code"]) == (403, "wrong_origin")
                preflight = {"Origin": origin, "Access-Control-Request-Method": "POST"}
                refused = await server.client("").options("/v1/turns", headers=preflight)
                assert refused.status_code == 403
                assert "[serve] origins" in refused.json()["what_to_do"]
                assert "access-control-allow-origin" not in refused.headers
            for origin in ("https://app.example", server.url):
                assert (await client.post("/v1/turns", **asked, headers={"Origin": origin})).status_code == 200

    asyncio.run(run())


def test_a_client_that_sends_no_request_is_left(serving: Serve) -> None:
    async def run() -> None:
        async with serving(header_seconds=0.6) as server:
            began = time.monotonic()
            silent, slow, trickling = await asyncio.gather(
                raw(server),
                raw(server, "GET /healthz HTTP/1.1\r\n", 0.4, "Host: localhost\r\n", 0.1, "X-A: b\r\n"),
                raw(server, *[part for letter in "GET" for part in (letter, 0.18)]),
            )
            assert time.monotonic() - began < 8
            for told in (silent, slow, trickling):
                assert told.startswith("HTTP/1.1 408 ")
                assert json.loads(told.partition("\r\n\r\n")[2])["code"] == "too_slow"
            kept = await raw(server, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 0.3, "GET /hea")
            assert kept.startswith("HTTP/1.1 200 ")
            assert "HTTP/1.1 408 " in kept, "the next request on the same connection has a deadline too"
            assert server.connections.unknown == 0

    asyncio.run(run())


@pytest.mark.slow
def test_a_body_that_stalls_or_trickles_is_left(serving: Serve) -> None:
    head = f"POST /v1/turns HTTP/1.1\r\nHost: localhost\r\n{TOKEN}Content-Type: application/json\r\n"

    async def run() -> None:
        async with serving(stall=0.8) as server:
            stalled = await raw(server, f'{head}Content-Length: 1000\r\n\r\n{{"text": "')
            trickled = await raw(server, f"{head}Content-Length: 1000\r\n\r\n", *(["x", 0.3] * 12))
            for told in (stalled, trickled):
                assert told.startswith("HTTP/1.1 408 "), told
                assert "[serve] stall" in told
            assert not server.app_state.turn_service.limiter.inside
            server.slow(2.0)
            answer = await server.client().post("/v1/turns", json={"text": "please slow"})
            assert answer.status_code == 200, "a turn may take longer than a client may pause"

    asyncio.run(run())


def test_a_stalled_upload_does_not_hold_up_the_end(serving: Serve) -> None:
    head = f"POST /v1/turns HTTP/1.1\r\nHost: localhost\r\n{TOKEN}Content-Type: application/json\r\n"

    async def run() -> None:
        async with serving(stall=60) as server:
            upload = asyncio.create_task(raw(server, f"{head}Content-Length: 1000\r\n\r\nx", seconds=30))
            await asyncio.sleep(0.3)
            began = time.monotonic()
            server.app_state.turn_service.limiter.draining = True
            assert (await upload).startswith("HTTP/1.1 408 ")
            assert time.monotonic() - began < 8

    asyncio.run(run())


def test_a_client_that_never_reads_is_cut(serving: Serve) -> None:
    async def run() -> None:
        async with serving(stall=0.7) as server:
            host, port = server.url.removeprefix("http://").split(":")
            body = json.dumps({"input": "All is well. " * 120, "model": "v", "voice": "v", "response_format": "pcm"})
            reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
            head = f"POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\n{TOKEN}Content-Type: application/json\r\n"
            writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            limiter = server.app_state.turn_service.limiter
            await until(lambda: limiter.inside == 1)
            await until(lambda: limiter.inside == 0)  # its place is free
            writer.close()
            assert reader is not None

    asyncio.run(run())


def test_of_too_many_connections_without_a_token_the_oldest_goes(serving: Serve) -> None:
    async def run() -> None:
        async with serving(strangers=3) as server:
            host, port = server.url.removeprefix("http://").split(":")
            mine = server.client()
            await mine.get("/v1/models")  # kept open, and known
            opened = [await asyncio.open_connection(host, int(port)) for _ in range(5)]
            await asyncio.sleep(0.3)
            assert server.connections.unknown == 3
            for reader, _ in opened[:2]:
                [end] = await asyncio.wait_for(asyncio.gather(reader.read(), return_exceptions=True), 5)
                assert end == b"" or isinstance(end, ConnectionError)
            assert (await mine.get("/v1/models")).status_code == 200
            for _, writer in opened:
                writer.close()

    asyncio.run(run())


def test_a_token_has_its_quota(serving: Serve) -> None:
    async def run() -> None:
        async with serving(requests_a_minute=2) as server:
            client = server.client()
            statuses = [(await client.post("/v1/turns", json={"text": "please echo"})).status_code for _ in range(3)]
            assert statuses == [200, 200, 429]
            refused = await client.post("/v1/chat/completions", json={"messages": []})
            assert refused.json()["error"]["type"] == "rate_limit_error"
            assert 1 <= int(refused.headers["retry-after"]) <= 30
            assert (await client.get("/v1/sessions")).status_code == 200, "reading is not counted"
            other = await server.client("other").post("/v1/turns", json={"text": "please echo"})
            assert other.status_code == 200, "each token has its own"

    asyncio.run(run())


def test_a_quota_comes_back_with_time() -> None:
    now = 0.0
    quotas = Quotas(None, 6, clock=lambda: now)  # type: ignore[arg-type]
    assert [quotas.take("a") for _ in range(7)] == [0] * 6 + [10]
    now = 10.0
    assert [quotas.take("a"), quotas.take("a")] == [0, 10]
    now = 10_000.0
    assert [quotas.take("a") for _ in range(7)] == [0] * 6 + [10], "no more than a minute's is saved up"


def test_half_a_character_is_answered(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            client, headers = server.client(), {"Content-Type": "application/json"}
            for text in ('"please echo \\ud800"', '"\\udfff please echo"', '"please echo \\udc41"'):
                told = await client.post("/v1/turns", content=f'{{"text": {text}}}', headers=headers)
                assert told.status_code == 200, told.text
                assert "please echo" in told.json()["reply"]["text"]
                body = f'{{"messages": [{{"role": "user", "content": {text}}}]}}'
                told = await client.post("/v1/chat/completions", content=body, headers=headers)
                assert told.status_code == 200, told.text
            said = await client.post("/v1/speech", content='{"text": "Hello \\ud800."}', headers=headers)
            assert said.status_code == 200, said.text

    asyncio.run(run())


def test_an_unforeseen_error_is_named_and_its_detail_stays_in_the_log(
    serving: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        async with serving() as server:

            async def broken(*_: object, **__: object) -> None:
                raise ZeroDivisionError("secret/path")

            monkeypatch.setattr(server.app_state.app, "answer", broken)
            told = await server.client().post("/v1/turns", json={"text": "please echo"})
            assert told.status_code == 500
            assert not {"ZeroDivision", "secret"} & set(told.text.replace(".", " ").split())
            assert "ZeroDivision" not in told.text
            name = told.json()["error"].rpartition("error ")[2].rstrip(").")
            [record] = [each for each in caplog.records if name in each.getMessage()]
            assert record.exc_info is not None
            assert "secret/path" in str(record.exc_info[1])

    asyncio.run(run())


def test_ready_says_what_is_missing(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            client = server.client("")
            assert (await client.get("/readyz")).json() == {"status": "ready", "missing": []}
            server.app_state.app.runner.models.failures["vision"] = "no weights"
            told = await client.get("/readyz")
            assert (told.status_code, told.json()) == (200, {"status": "degraded", "missing": ["vision"]})

    asyncio.run(run())


def test_the_log_is_json_by_a_setting_and_holds_nothing_that_was_said(
    serving: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    async def run() -> None:
        async with serving(json_log=True) as server:
            client = server.client()
            await client.post("/v1/turns", json={"text": "please echo a secret", "session": "trip"})
            await client.get("/v1/sessions/trip?last=3")
            await server.client("").get("/v1/sessions", headers={"Host": "evil.example"})

    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    ours = logging.getLogger("assistant.server.metrics")
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)
    try:
        asyncio.run(run())
        ours.error("a failure", exc_info=ValueError("of\ntwo lines"))
    finally:
        ours.removeHandler(handler)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    told = [(line.get("method"), line.get("route"), line.get("status"), line.get("client")) for line in lines]
    assert told[:3] == [
        ("POST", "/v1/turns", 200, "app"),
        ("GET", "/v1/sessions/{session}", 200, "app"),
        ("GET", "other", 421, ""),
    ]
    assert all(line["milliseconds"] > 0 and line["at"].endswith("+00:00") for line in lines[:3])
    assert "of\ntwo lines" in lines[3]["error"]
    assert "secret" not in json.dumps(lines[:3])
    assert "trip" not in json.dumps(lines[:3])
