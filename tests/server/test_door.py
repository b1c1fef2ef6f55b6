"""Tests authentication, quotas and concurrency limits, and the errors that refused clients get."""

import asyncio
import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import SettingsError
from assistant.server.concurrency_limiter import ConcurrencyLimiter
from assistant.server.error_responses import ErrorResponse
from assistant.server.metrics import Metrics
from assistant.server.server import Address, is_loopback, listen_at
from assistant.server.tokens import Clients, add_client, open_clients, read_tokens
from tests.server.test_turns import picture, recording

Serve = Callable[..., Any]


def test_without_its_token_nobody_is_let_in(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            nobody = server.client("")
            for method, path in (("GET", "/v1/intents"), ("POST", "/v1/turns"), ("GET", "/metrics"), ("GET", "/x")):
                refused = await nobody.request(method, path, content=b"{}")
                assert refused.status_code == 401
                assert refused.headers["www-authenticate"] == "Bearer"
                assert set(refused.json()) == {"error", "what_to_do", "code"}
            for header in (
                "Bearer wrong",
                "Basic a-token-of-the-tests",
                "Bearer",
                "a-token-of-the-tests",
                "Bearer \xe9",
            ):
                refused = await nobody.get("/v1/intents", headers=[("authorization", header.encode("latin-1"))])
                assert refused.status_code == 401
            for path in ("/", "/healthz", "/readyz", "/docs", "/openapi.json"):
                assert (await nobody.get(path)).status_code == 200

    asyncio.run(run())


@pytest.mark.parametrize(
    ("request_", "status", "said"),
    [
        ({"content": b"{", "headers": {"content-type": "application/json"}}, 400, "not JSON"),
        ({"content": b"[" * 100_000, "headers": {"content-type": "application/json"}}, 400, "not JSON"),
        ({"content": b"hi", "headers": {"content-type": "text/plain"}}, 415, "neither JSON nor a form"),
        ({"json": {"txt": "hi"}}, 422, "txt is not known here"),
        ({"json": [1]}, 422, "no JSON object"),
        ({"json": {"text": 5}}, 422, "text is no text"),
        ({"json": {"text": "hi", "session": "../up"}}, 422, "session can have"),
        ({"json": {"text": "hi", "language": "Klingon"}}, 422, "language is a code"),
        ({"json": {"text": " \x00 "}}, 400, "nothing to answer"),
        ({"json": {"text": "x" * 30_000}}, 413, "too long"),
        ({"json": {"text": "x" * 1_200_000}}, 413, "larger than 1 MB"),
        ({"files": {"image": ("a.png", b"no picture")}}, 400, "picture 1 is not a picture"),
        ({"files": {"image": picture((300, 300))}}, 413, "serve.max_megapixels"),
        ({"files": {"audio": ("a.wav", b"no sound")}}, 400, "cannot be read as sound"),
        ({"files": {"audio": recording(4)}}, 413, "serve.max_minutes"),
        ({"files": {"audio": ("a.wav", b"")}}, 400, "empty"),
        ({"files": {"film": picture()}}, 422, "no file called film"),
        ({"files": [("image", picture())] * 9}, 413, "at most 8 pictures"),
        ({"data": {"image": "/etc/passwd"}, "files": {"audio": recording()}}, 422, "image is not a file"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(
    serving: Serve, request_: dict[str, Any], status: int, said: str
) -> None:
    async def run() -> None:
        async with serving(max_megabytes=1, max_megapixels=0.05, max_minutes=0.05) as server:
            refused = await server.client().post("/v1/turns", **request_)
            problem = refused.json()
            assert (refused.status_code, said in problem["error"]) == (status, True), problem
            assert problem["what_to_do"]
            assert "\n" not in problem["error"]
            assert server.effects() == []

    asyncio.run(run())


def test_a_body_that_hides_its_length_is_cut_off(serving: Serve) -> None:
    async def run() -> None:
        async with serving(max_megabytes=1) as server:

            async def chunks() -> Any:
                for _ in range(40):
                    yield b"x" * 50_000

            headers = {"content-type": "application/json"}
            refused = await server.client().post("/v1/turns", content=chunks(), headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (413, "too_large")

    asyncio.run(run())


def test_when_there_is_too_much_to_do_the_next_is_told_when_to_come_again(serving: Serve) -> None:
    async def run() -> None:
        async with serving(turns=1, waiting=1) as server:
            client = server.client()
            slow = {"json": {"text": "please slow"}}
            asked = [asyncio.create_task(client.post("/v1/turns", **slow)) for _ in range(2)]
            await _until(lambda: server.app_state.turn_service.limiter.inside == 2)
            third = await client.post("/v1/turns", **slow)
            first, second = await asyncio.gather(*asked)
            assert sorted([first.status_code, second.status_code]) == [200, 200]
            assert (third.status_code, third.json()["code"]) == (429, "busy")
            assert int(third.headers["retry-after"]) >= 1
            assert (await client.post("/v1/turns", json={"text": "please echo"})).status_code == 200
            figures = (await client.get("/metrics")).text
            assert 'assistant_turns_total{outcome="answered"} 3.0' in figures
            assert "assistant_turn_seconds_count 3.0" in figures
            assert 'assistant_requests_total{route="/v1/turns",status="429"} 1.0' in figures

    asyncio.run(run())


def test_a_client_that_leaves_stops_its_turn_but_not_one_with_a_key(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            client = server.client()
            for number, headers in enumerate(({}, {"Idempotency-Key": "k1"}), 1):
                asked = asyncio.create_task(client.post("/v1/turns", json={"text": "please slow"}, headers=headers))
                await _until(lambda number=number: server.effects().count("slow begins") == number)
                asked.cancel()
                await asyncio.gather(asked, return_exceptions=True)
            await _until(lambda: not server.app_state.turn_service.limiter.inside)
            assert server.effects() == ["slow begins", "slow begins", "slow ends"]
            again = await client.post("/v1/turns", json={"text": "please slow"}, headers={"Idempotency-Key": "k1"})
            assert again.json()["reply"]["text"] == "At last."
            assert again.headers["idempotent-replayed"] == "true"
            assert len(server.effects()) == 3
            stored = [turn.status for each in _sessions(server) for turn in each]
            assert sorted(stored) == ["answered", "cancelled"]

    asyncio.run(run())


def test_a_stream_that_is_left_stops_its_turn(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            async with server.client().stream("POST", "/v1/turns?stream=1", json={"text": "please slow"}) as response:
                async for line in response.aiter_lines():
                    if line == "event: decision":
                        break
            await _until(lambda: not server.app_state.turn_service.limiter.inside)
            await asyncio.sleep(0.8)
            assert "slow ends" not in server.effects()

    asyncio.run(run())


def _sessions(server: Any) -> list[Any]:
    history = server.app_state.app.history
    return [history.turns(each.session) for each in history.sessions("http/app/")]


async def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


def test_a_turn_that_takes_too_long_is_stopped(serving: Serve) -> None:
    async def run() -> None:
        async with serving(timeout=0.2) as server:
            late = await server.client().post("/v1/turns", json={"text": "please slow"})
            assert (late.status_code, late.json()["code"]) == (504, "too_slow")
            await asyncio.sleep(0.8)
            assert "slow ends" not in server.effects()

    asyncio.run(run())


def test_while_it_is_stopped_what_is_in_hand_is_finished_and_nobody_new_let_in(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            client = server.client()
            turn = asyncio.create_task(client.post("/v1/turns", json={"text": "please slow"}))
            await _until(lambda: server.effects() == ["slow begins"])
            draining = asyncio.create_task(server.app_state.turn_service.limiter.drain(5))
            await asyncio.sleep(0)
            assert (await client.post("/v1/turns", json={"text": "please echo"})).status_code == 503
            assert (await client.get("/readyz")).status_code == 503
            assert (await client.get("/healthz")).status_code == 200
            assert (await turn).json()["reply"]["text"] == "At last."
            assert await draining == 0

    asyncio.run(run())


def test_web_pages_elsewhere_are_refused_unless_named(serving: Serve) -> None:
    async def run() -> None:
        page = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
        async with serving() as server:
            asked = await server.client("").options("/v1/turns", headers=page)
            assert "access-control-allow-origin" not in asked.headers
        async with serving(origins=("https://app.example",)) as server:
            asked = await server.client("").options("/v1/turns", headers=page)
            assert asked.headers["access-control-allow-origin"] == "https://app.example"

    asyncio.run(run())


def test_every_address_is_described(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            described = (await server.client("").get("/openapi.json")).json()
            operations = [each for methods in described["paths"].values() for each in methods.values()]
            assert len(operations) == 21
            assert all(each["summary"] and each["description"] for each in operations)
            page = (await server.client("").get("/docs")).text
            assert all(path in page for path in described["paths"])
            assert "<script" not in page
            assert "https://" not in page, "nothing is fetched from anywhere"
            assert json.dumps(described).count('"HTTPBearer"') >= len(operations)

    asyncio.run(run())


# Tokens


def test_a_first_token_is_made_and_kept_from_others(tmp_path: Path) -> None:
    path = tmp_path / "new" / "tokens"
    clients, made = open_clients(path)
    assert clients.identify(f"Bearer {made}") == "default"
    assert path.stat().st_mode & 0o777 == 0o600
    assert open_clients(path)[1] == "", "it is told once"
    second = add_client(path, "phone")
    assert read_tokens(path) == {"default": made, "phone": second}
    assert add_client(path, "phone") != second
    assert open_clients(path)[0].identify(f"bearer {second}") is None, "the old one is worth nothing any more"


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        ("app 0123456789abcdef\n", 0o644, "chmod 600"),
        ("app short\n", 0o600, "Line 1"),
        ("# none\n\n", 0o600, "no token"),
        ("app 0123456789abcdef more\n", 0o600, "Line 1"),
    ],
)
def test_a_token_file_that_cannot_be_used_is_told(tmp_path: Path, text: str, mode: int, said: str) -> None:
    path = tmp_path / "tokens"
    path.write_text(text)
    path.chmod(mode)
    with pytest.raises(SettingsError, match=said):
        open_clients(path)


def test_a_name_that_could_reach_into_another_s_sessions_is_no_client_s(tmp_path: Path) -> None:
    for name in ("a/b", "", "ä", ".hidden", "x" * 65):
        with pytest.raises(SettingsError, match="cannot be a client's name"):
            add_client(tmp_path / "tokens", name)
    assert Clients({}).identify("Bearer ") is None


# Small parts


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False), ("a.example", False)],
)
def test_own_addresses_are_told_from_others(host: str, own: bool) -> None:
    assert is_loopback(host) is own


def test_small_answers_are_sent_at_once() -> None:
    listening, address = listen_at(Address("127.0.0.1", 0))
    with listening:
        assert listening.proto == socket.IPPROTO_TCP, "asyncio sets TCP_NODELAY only then"
        with pytest.raises(SettingsError, match="--port"):
            listen_at(address)


def test_the_gate_s_patience_follows_what_it_sees() -> None:
    async def run() -> None:
        limiter = ConcurrencyLimiter(places=1, waiting=0)
        async with limiter.entry(), limiter.place():
            assert (limiter.inside, limiter.served, limiter.waiting) == (1, 1, 0)
            with pytest.raises(ErrorResponse) as refused:
                async with limiter.entry():
                    pass
            assert refused.value.headers == {"Retry-After": "1"}
        assert await limiter.drain(0.1) == 0

    asyncio.run(run())


def test_figures_are_escaped_and_summed() -> None:
    from prometheus_client.parser import text_string_to_metric_families

    metrics = Metrics({"replica": 'a"b'})
    metrics.gauge("assistant_model_jobs_dropped_total", "Jobs refused.", lambda: 7)
    for outcome, seconds in (("answered", 0.03), ("answered", 100.0), ("refused", 0.01)):
        metrics.turn(outcome, seconds)
    metrics.request("/v1/turns", 200)
    samples = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(metrics.text())
        for sample in family.samples
    }
    replica = ("replica", 'a"b')
    assert samples["assistant_turns_total", ("outcome", "answered"), replica] == 2
    assert samples["assistant_turn_seconds_bucket", ("le", "0.05"), replica] == 1
    assert samples["assistant_turn_seconds_bucket", ("le", "+Inf"), replica] == 2
    assert samples["assistant_requests_total", replica, ("route", "/v1/turns"), ("status", "200")] == 1
    assert samples["assistant_model_jobs_dropped_total", replica] == 7
    assert 'outcome="answered"' not in Metrics().text(), "each server counts for itself"
