"""Several servers over one PostgreSQL database, as replicas are: what is begun at one goes on at another."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from assistant.cluster.serving import Scale, serve_on_cluster
from assistant.errors import SettingsError
from assistant.server.server import Address
from assistant.settings import load_settings

Serve = Callable[..., Any]


def test_a_dialogue_begun_at_one_replica_goes_on_at_another(serving: Serve, postgres: str) -> None:
    async def run() -> None:
        async with serving(url=postgres) as one, serving(url=postgres) as two:
            asked = await one.client().post("/v1/turns", json={"text": "please buy", "session": "trip"})
            assert asked.json()["reply"]["text"] == "How many?"
            done = await two.client().post("/v1/turns", json={"text": "3", "session": "trip"})
            assert done.json()["reply"]["text"] == "You bought 3."
            read = (await one.client().get("/v1/sessions/trip")).json()
            assert ([turn["text"] for turn in read["turns"]], read["question"]) == (["please buy", "3"], None)
            assert one.effects() == ["ordered 3"]
            assert (await one.client().delete("/v1/sessions/trip")).status_code == 200

    asyncio.run(run())


def test_turns_of_one_session_follow_each_other_whichever_replica_answers(serving: Serve, postgres: str) -> None:
    async def run() -> None:
        async with serving(url=postgres) as one, serving(url=postgres) as two:
            turn = {"text": "please slow", "session": "talk"}
            await asyncio.gather(*(each.client().post("/v1/turns", json=turn) for each in (one, two, one, two)))
            assert one.effects() == ["slow begins", "slow ends"] * 4

    asyncio.run(run())


def test_a_request_sent_to_two_replicas_is_done_once(serving: Serve, postgres: str) -> None:
    async def run() -> None:
        async with serving(url=postgres) as one, serving(url=postgres) as two:
            request = {"json": {"text": "please slow"}, "headers": {"Idempotency-Key": "both"}}
            first, second = await asyncio.gather(*(each.client().post("/v1/turns", **request) for each in (one, two)))
            assert first.json()["turn"] == second.json()["turn"]
            assert one.effects() == ["slow begins", "slow ends"]

    asyncio.run(run())


def test_several_replicas_over_sqlite_are_refused() -> None:
    with pytest.raises(SettingsError, match="need their sessions in PostgreSQL"):
        serve_on_cluster("local", load_settings(), {}, Address("127.0.0.1", 8420), Scale(least=1, most=2))
