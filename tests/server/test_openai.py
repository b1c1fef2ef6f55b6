"""OpenAI's addresses, used by OpenAI's own package and by the requests of clients that people have."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.server.conftest import TOKENS, Running, certificates
from tests.server.test_turns import picture, recording

openai = pytest.importorskip("openai", reason="needs the extra [test]")

Serve = Callable[..., Any]


@asynccontextmanager
async def openai_client(server: Running, token: str = TOKENS["app"], **given: Any) -> AsyncIterator[Any]:
    given.setdefault("http_client", openai.DefaultAsyncHttpxClient(verify=certificates()))
    client = openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key=token, max_retries=0, **given)
    async with client:
        yield client


def user(*contents: Any) -> list[dict[str, Any]]:
    """A conversation: user, assistant, user, …"""
    return [{"role": ("user", "assistant")[n % 2], "content": each} for n, each in enumerate(contents)]


def data_url(file: tuple[str, bytes, str]) -> str:
    return f"data:{file[2]};base64,{base64.b64encode(file[1]).decode()}"


async def say(client: Any, *contents: Any, **given: Any) -> str:
    answer = await client.chat.completions.create(model="assistant", messages=user(*contents), **given)
    assert answer.choices[0].finish_reason == "stop"
    return str(answer.choices[0].message.content)


# Chat, with OpenAI's package


def test_a_message_is_answered_by_a_plugin(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server, openai_client(server) as client:
            answer = await client.chat.completions.create(
                model="gpt-4o",
                messages=[{"role": "system", "content": "You are a pirate."}, *user("please echo")],
                temperature=0.2,
                max_tokens=50,
            )
            assert answer.choices[0].message.content == "please echo|0. And that is all."
            assert (answer.object, answer.model, answer.choices[0].message.role) == (
                "chat.completion",
                "gpt-4o",
                "assistant",
            )
            assert answer.id.startswith("chatcmpl-")
            assert answer.assistant["intent"] == "shop.echo"
            stored = await client.get(f"/sessions/{answer.assistant['session']}", cast_to=object)
            assert [turn["text"] for turn in stored["turns"]] == ["please echo"], "the system message is no turn"

    asyncio.run(run())


def test_a_streamed_answer_is_the_same_text_in_pieces(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server, openai_client(server) as client:
            stream = await client.chat.completions.create(
                model="assistant", messages=user("please echo"), stream=True, stream_options={"include_usage": True}
            )
            chunks = [chunk async for chunk in stream]
            assert chunks[0].choices[0].delta.role == "assistant"
            contents = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
            assert "".join(contents) == "please echo|0. And that is all."
            assert sum(map(bool, contents)) == 2, "sentence by sentence"
            assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
            assert chunks[-1].usage is not None
            assert chunks[-1].choices == []
            assert len({chunk.id for chunk in chunks}) == 1

    asyncio.run(run())


def test_pictures_and_a_recording_come_within_the_message(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server, openai_client(server) as client:
            parts = [
                {"type": "text", "text": "please echo"},
                {"type": "image_url", "image_url": {"url": data_url(picture()), "detail": "low"}},
                {"type": "image_url", "image_url": {"url": data_url(picture((3, 3)))}},
            ]
            assert (await say(client, parts)).startswith("please echo|2")
            sound = base64.b64encode(recording()[1]).decode()
            spoken = [{"type": "input_audio", "input_audio": {"data": sound, "format": "wav"}}]
            assert (await say(client, spoken)).startswith("please echo sound|0")

    asyncio.run(run())


@pytest.mark.parametrize("stream", [False, True])
def test_the_conversation_goes_on_where_it_was(serving: Serve, stream: bool) -> None:
    async def run() -> None:
        async with serving() as server, openai_client(server) as client:

            async def turn(*contents: str) -> str:
                if not stream:
                    return await say(client, *contents)
                chunks = await client.chat.completions.create(model="a", messages=user(*contents), stream=True)
                return "".join([chunk.choices[0].delta.content or "" async for chunk in chunks])

            asked = await turn("please buy")
            assert asked == "How many?"
            bought = await turn("please buy", asked, "3")
            assert bought == "You bought 3."
            assert (await turn("please buy", asked, "3", f" {bought}\n", "please echo")).startswith("please echo")
            assert server.effects() == ["ordered 3"]
            [session] = server.app_state.app.history.sessions("http/app/")
            assert session.turns == 3

    asyncio.run(run())


def test_the_same_conversation_sent_again_does_nothing_twice(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server, openai_client(server) as client:
            whole = ("please buy", await say(client, "please buy"), "4")
            first = await say(client, *whole)
            assert await say(client, *whole) == first, "regenerate"
            both = await asyncio.gather(say(client, *whole), say(client, *whole))
            assert both == [first, first]
            assert server.effects() == ["ordered 4"]

    asyncio.run(run())


def test_a_first_message_is_done_again_unless_the_client_says_that_it_repeats_it(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server, openai_client(server) as client:
            for _ in range(2):
                await say(client, "please slow")
            assert server.effects().count("slow ends") == 2, "two people may begin with the same words"
            again = {"extra_headers": {"x-stainless-retry-count": "1"}}
            assert await say(client, "please slow", **again) == "At last."
            chat = {"extra_headers": {"X-OpenWebUI-Chat-Id": "c1"}}
            both = await asyncio.gather(*(say(client, "please slow", **chat) for _ in range(2)))
            assert [*both, await say(client, "please slow", **chat)] == ["At last."] * 3
            assert server.effects().count("slow ends") == 3
            plain = {"model": "a", "messages": user("please slow")}
            for _ in range(2):
                await server.client().post("/v1/chat/completions", json=plain)
            assert server.effects().count("slow ends") == 5

    asyncio.run(run())


def test_an_edited_conversation_answers_no_question_of_the_other(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server, openai_client(server) as client:
            greeting = await say(client, "please echo")
            assert await say(client, "please echo", greeting, "please buy") == "How many?"
            edited = await say(client, "please echo", greeting, "3")
            assert "bought" not in edited
            assert server.effects() == []
            unknown = await say(client, "please buy", "How many?", "7")
            assert "bought" not in unknown, "a conversation that was not had here"
            assert server.effects() == []

    asyncio.run(run())


def test_another_client_s_conversation_is_not_gone_on_with(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server, openai_client(server) as mine, openai_client(server, TOKENS["other"]) as other:
            asked = await say(mine, "please buy")
            assert "bought" not in await say(other, "please buy", asked, "5")
            assert await say(mine, "please buy", asked, "5") == "You bought 5."

    asyncio.run(run())


def test_a_stream_that_is_stopped_stops_its_turn(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server, openai_client(server) as client:
            server.slow(2.0)
            stream = await client.chat.completions.create(model="a", messages=user("please slow"), stream=True)
            await anext(aiter(stream))
            while not server.effects():  # noqa: ASYNC110 (effects stand in a file)
                await asyncio.sleep(0.05)
            await stream.close()
            await asyncio.sleep(1.5)
            assert server.effects() == ["slow begins"]
            assert not server.app_state.turn_service.limiter.inside

    asyncio.run(run())


BAD_CHATS: list[tuple[dict[str, Any], int, str]] = [
    ({"messages": []}, 400, "messages"),
    ({}, 400, "messages is missing"),
    ({"messages": user("hi", "hello")}, 400, "not the user's"),
    ({"messages": user(" ")}, 400, "nothing to answer"),
    ({"messages": user("hi"), "n": 3}, 400, "one answer"),
    ({"messages": user("hi"), "response_format": {"type": "json_object"}}, 400, "json_object"),
    ({"messages": user([{"type": "image_url", "image_url": {"url": "https://x.example/a.png"}}])}, 400, "data URL"),
    ({"messages": user([{"type": "image_url", "image_url": {"url": "file:///etc/passwd"}}])}, 400, "data URL"),
    (
        {"messages": user([{"type": "image_url", "image_url": {"url": "data:image/png;base64,§"}}])},
        400,
        "not a file in base64",
    ),
    ({"messages": user([{"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}])}, 400, "picture"),
    ({"messages": user([{"type": "file", "file": {}}])}, 400, "'file'"),
    ({"messages": user([{"type": "text"}])}, 400, "'text'"),
    ({"messages": [{"role": "wizard", "content": "hi"}]}, 400, "role"),
    ({"messages": user("x" * 30_000)}, 413, "too long"),
]


@pytest.mark.parametrize("stream", [False, True])
def test_what_cannot_be_answered_is_told_in_openai_s_shape(serving: Serve, stream: bool) -> None:
    async def run() -> None:
        async with serving() as server:
            client = server.client()
            for body, status, said in BAD_CHATS:
                refused = await client.post("/v1/chat/completions", json={**body, "stream": stream})
                error = refused.json()["error"]
                assert set(error) == {"message", "type", "param", "code"}
                assert (refused.status_code, said in error["message"]) == (status, True), error
                assert error["type"] == "invalid_request_error"
                assert "\n" not in error["message"]

    asyncio.run(run())


def test_openai_s_package_raises_its_own_errors(serving: Serve) -> None:
    async def run() -> None:
        async with serving(turns=1, waiting=0) as server:
            async with openai_client(server, "sk-wrong-token-of-the-tests") as stranger:
                with pytest.raises(openai.AuthenticationError, match="token"):
                    await stranger.models.list()
                with pytest.raises(openai.AuthenticationError):
                    await say(stranger, "hi")
            async with openai_client(server) as client:
                with pytest.raises(openai.NotFoundError):
                    await client.models.retrieve("gpt-5")
                with pytest.raises(openai.BadRequestError, match="one answer"):
                    await say(client, "hi", n=2)
                busy = asyncio.create_task(say(client, "please slow"))
                await asyncio.sleep(0.3)
                with pytest.raises(openai.RateLimitError):
                    await say(client, "please slow")
                await busy

    asyncio.run(run())


def test_what_goes_wrong_within_a_stream_is_an_event_of_it(serving: Serve) -> None:
    async def run() -> None:
        async with serving(timeout=1.3) as server, openai_client(server) as client:
            server.slow(2.0)
            stream = await client.chat.completions.create(model="a", messages=user("please slow"), stream=True)
            with pytest.raises(openai.APIError, match="no answer within"):
                async for _ in stream:
                    pass

    asyncio.run(run())


# Clients that people have, by what their source sends


def test_open_webui_s_requests(serving: Serve) -> None:
    """routers/openai.py, routers/audio.py and routers/tasks.py of Open WebUI."""

    async def run() -> None:
        async with serving() as server:
            client = server.client()
            listed = (await client.get("/v1/models", headers={"Content-Type": "application/json"})).json()
            assert listed["data"][0]["id"] == "assistant"
            headers = {"X-OpenWebUI-Chat-Id": "8f1c", "X-OpenWebUI-User-Name": "Ann", "X-OpenWebUI-User-Role": "user"}
            body = {
                "stream": True,
                "model": "assistant",
                "messages": user("please buy"),
                "stream_options": {"include_usage": True},
                "temperature": 0.8,
                "user": {"name": "Ann", "id": "u1", "email": "a@example.com", "role": "user"},
            }
            told = await client.post("/v1/chat/completions", json=body, headers=headers)
            assert told.headers["content-type"].startswith("text/event-stream")
            lines = [line for line in told.text.splitlines() if line]
            assert all(line.startswith(("data: ", ":")) for line in lines)
            assert lines[-1] == "data: [DONE]"
            spoken = (await client.get("/v1/audio/voices")).json()["voices"]
            assert set(spoken[0]) == {"id", "name"}
            assert (await client.get("/v1/audio/models")).json()["models"][0]["id"]
            heard = await client.post(
                "/v1/audio/transcriptions",
                files={"file": ("0d3f.wav", recording()[1])},
                data={"model": "whisper-1", "language": "en"},
            )
            assert heard.json()["text"] == "please echo en"
            effects = server.effects()
            for key, value in (("title", "Please buy"), ("tags", []), ("follow_ups", []), ("queries", [])):
                example = '["a"]' if value == [] else '"your concise title here"'
                task = (
                    f'### Task:\nGenerate it.\n### Output:\nJSON format: {{ "{key}": {example} }}\n'
                    "### Chat History:\n<chat_history>\nUSER: Please buy\nASSISTANT: How many?\n</chat_history>"
                )
                job = {"model": "assistant", "messages": user(task), "stream": False, "max_completion_tokens": 1000}
                answer = (await client.post("/v1/chat/completions", json=job, headers=headers)).json()
                assert json.loads(answer["choices"][0]["message"]["content"]) == {key: value}
            assert server.effects() == effects, "the chat that a task quotes is no turn"
            assert sum(each.turns for each in server.app_state.app.history.sessions("http/app/")) == 1

    asyncio.run(run())
