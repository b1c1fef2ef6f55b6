"""Tests announcements over HTTP."""

import asyncio
import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from assistant.types import Reply

Serve = Callable[..., Any]


def soon(seconds: float) -> datetime:
    return (datetime.now() + timedelta(seconds=seconds)).astimezone()


async def first_of(client: Any, events: list[Any]) -> None:
    async with client.stream("GET", "/v1/events") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        async for line in response.aiter_lines():
            if line.startswith("data: "):
                events.append((time.time(), json.loads(line.removeprefix("data: "))))
                return


def test_a_client_gets_its_own_at_its_time_and_nobody_elses(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            schedule = server.app_state.app.scheduler.schedule
            mine, others = [], []
            listening = asyncio.create_task(first_of(server.client(), mine))
            other = asyncio.create_task(first_of(server.client("other"), others))
            await asyncio.sleep(0.7)
            due = soon(1.5)
            schedule.put("shop", "k", "http/app/kitchen", Reply("Tea.", data={"kind": "timer"}), due)
            schedule.put("shop", "home", "default", Reply("Not for clients."), due)
            await asyncio.wait_for(listening, 10)
            ((at, event),) = mine
            assert (event["text"], event["session"], event["data"]) == ("Tea.", "kitchen", {"kind": "timer"})
            assert abs(at - due.timestamp()) < 0.5
            other.cancel()
            await asyncio.gather(other, return_exceptions=True)
            assert others == []
            assert schedule.next_due() == due.timestamp()

    asyncio.run(run())


def test_what_came_due_while_nobody_listened_is_sent_late(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            schedule = server.app_state.app.scheduler.schedule
            schedule.put("shop", "k", "http/app/kitchen", Reply("Tea."), soon(-3600))
            await asyncio.sleep(1.2)
            assert schedule.next_due() is not None
            events: list[Any] = []
            await asyncio.wait_for(first_of(server.client(), events), 10)
            assert events[0][1]["text"].startswith("Late, this was for ")
            for _ in range(100):  # it is told first, and recorded then
                if schedule.next_due() is None:
                    break
                await asyncio.sleep(0.05)
            assert schedule.next_due() is None

    asyncio.run(run())


def test_the_steps_of_a_client_s_turns_are_told_to_it_alone(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            told: dict[str, list[Any]] = {"app": [], "other": []}

            async def listen(name: str) -> None:
                async with server.client(name).stream("GET", "/v1/events?only=turn") as response:
                    async for line in response.aiter_lines():
                        if line.startswith("data: "):
                            told[name].append(json.loads(line.removeprefix("data: ")))

            listeners = [asyncio.create_task(listen(name)) for name in told]
            await asyncio.sleep(0.5)
            client = server.client()
            asked = {"text": "please echo", "session": "kitchen"}
            answer = (await client.post("/v1/turns", json=asked)).json()
            for _ in range(60):
                if told["app"] and told["app"][-1]["what"] == "answered":
                    break
                await asyncio.sleep(0.05)
            assert [event["what"] for event in told["app"]] == ["started", "decided", "answered"]
            assert {event["turn"] for event in told["app"]} == {answer["turn"]}
            assert {event["session"] for event in told["app"]} == {"kitchen"}
            assert told["app"][-1]["text"] == answer["reply"]["text"]
            assert told["other"] == []
            assert (await client.get("/v1/events?only=weather")).status_code == 422
            schedule = server.app_state.app.scheduler.schedule
            schedule.put("shop", "k", "http/app/kitchen", Reply("Tea."), soon(-10))
            await asyncio.sleep(1.2)
            assert schedule.next_due() is not None, "who follows turns only does not make it ring"
            for listener in listeners:
                listener.cancel()
            await asyncio.gather(*listeners, return_exceptions=True)

    asyncio.run(run())
