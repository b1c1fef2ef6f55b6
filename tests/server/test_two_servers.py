"""Two servers on one database: what an answer leads to is done once, whichever of them gets the answer, or both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

Serve = Callable[..., AbstractAsyncContextManager[Any]]
ROUNDS = 8


@pytest.mark.faults
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_same_answer_at_both_is_acted_on_once(serving: Serve, request: pytest.FixtureRequest, kind: str) -> None:
    url = "" if kind == "sqlite" else request.getfixturevalue("postgres")

    async def say(client: Any, session: str, text: str) -> str:
        answer = await client.post("/v1/turns", json={"text": text, "session": session})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["reply"]["text"])

    async def story() -> tuple[list[str], list[list[str]]]:
        async with serving(url=url) as first, serving(url=url) as second:
            clients, said = [first.client(), second.client()], []
            for number in range(ROUNDS):
                session = f"{kind}-{number}"
                asked = await say(clients[number % 2], session, "please buy")
                assert asked.endswith("How many?")
                said.append(await asyncio.gather(*(say(client, session, f"{number + 1}") for client in clients)))
            return first.effects(), said

    effects, said = asyncio.run(story())
    assert effects == [f"ordered {number + 1}" for number in range(ROUNDS)]
    assert all(any(reply.startswith("You bought") for reply in pair) for pair in said)


def test_a_question_asked_at_one_is_answered_at_the_other(serving: Serve) -> None:
    async def story() -> list[str]:
        async with serving() as first, serving() as second:
            clients, said = [first.client(), second.client()], []
            for client, text in zip([*clients, *clients], ["please buy", "2", "please buy", "3"], strict=True):
                answer = await client.post("/v1/turns", json={"text": text, "session": "one"})
                said.append(answer.json()["reply"]["text"])
            return said

    said = asyncio.run(story())
    assert (said[1], said[3]) == ("You bought 2.", "You bought 3.")
