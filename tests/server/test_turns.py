"""Asking over HTTP: text, pictures, sound, sessions, streams, and requests sent twice."""

import asyncio
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from assistant.errors import ModelUnavailable

Serve = Callable[..., Any]


def picture(size: tuple[int, int] = (8, 6)) -> tuple[str, bytes, str]:
    stream = io.BytesIO()
    Image.new("RGB", size, "red").save(stream, "PNG")
    return ("../../etc/passwd", stream.getvalue(), "image/png")


def recording(seconds: float = 0.5) -> tuple[str, bytes, str]:
    stream = io.BytesIO()
    soundfile.write(stream, np.zeros(int(16_000 * seconds), np.float32), 16_000, format="WAV")
    return ("question.wav", stream.getvalue(), "audio/wav")


def events_of(text: str) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_a_text_is_answered_as_ask_json_prints_it(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            answer = (await server.client().post("/v1/turns", json={"text": "please echo"})).json()
            assert answer["reply"] == {
                "text": "please echo|0. And that is all.",
                "speech": "Said.",
                "follow_up": False,
                "attachments": [],
                "data": {"n": 1},
            }
            assert (answer["intent"], answer["plugin"], answer["outcome"]) == ("shop.echo", "shop", "answer")
            result = server.app_state.app.last_result(f"http/app/{answer['session']}").to_json()
            assert answer == {**result, "session": answer["session"]}

    asyncio.run(run())


def test_pictures_and_a_recording_come_as_a_form(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            files = [("image", picture()), ("image", picture((3, 3))), ("audio", recording())]
            answer = (await server.client().post("/v1/turns", data={"text": "look"}, files=files)).json()
            assert answer["transcript"] == "please echo sound"
            assert answer["reply"]["text"].startswith("please echo sound look|2")
            answer = (await server.client().post("/v1/turns", data={"language": "de"}, files=[files[2]])).json()
            assert answer["transcript"] == "please echo de"

    asyncio.run(run())


def test_a_stream_tells_transcript_decision_and_the_reply_in_sentences(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            client = server.client()
            response = await client.post("/v1/turns?stream=1", files=[("audio", recording())])
            assert response.headers["content-type"].startswith("text/event-stream")
            events = events_of(response.text)
            names = [name for name, _ in events if name != "stage"]
            assert names == ["transcript", "decision", "reply", "reply", "done"]
            told = dict(events)
            assert told["transcript"] == {"text": "please echo sound", "language": "en"}
            assert told["decision"]["intent"] == "shop.echo"
            assert [data["text"] for name, data in events if name == "reply"] == [
                "please echo sound|0.",
                "And that is all.",
            ]
            assert told["done"]["reply"]["text"] == "please echo sound|0. And that is all."
            asked = await client.post("/v1/turns?stream=1", json={"text": "x" * 30_000})
            assert asked.status_code == 413, "what is wrong before anything happened is no stream"

    asyncio.run(run())


def test_a_session_goes_on_and_can_be_read_and_deleted(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            client = server.client()
            asked = (await client.post("/v1/turns", json={"text": "please buy", "session": "trip"})).json()
            assert (asked["reply"]["text"], asked["reply"]["follow_up"]) == ("How many?", True)
            read = (await client.get("/v1/sessions/trip")).json()
            assert read["question"] == "How many?"
            assert [turn["text"] for turn in read["turns"]] == ["please buy"]
            done = (await client.post("/v1/turns", json={"text": "3", "session": "trip"})).json()
            assert done["reply"]["text"] == "You bought 3."
            assert [each["session"] for each in (await client.get("/v1/sessions")).json()] == ["trip"]
            assert (await client.delete("/v1/sessions/trip")).json() == {"session": "trip", "turns": 2}
            assert (await client.get("/v1/sessions/trip")).status_code == 404
            assert (await client.delete("/v1/sessions/trip")).status_code == 404

    asyncio.run(run())


def test_another_client_sees_nothing_of_a_session(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            mine, other = server.client(), server.client("other")
            answer = (await mine.post("/v1/turns", json={"text": "please paper", "session": "trip"})).json()
            [file] = answer["reply"]["attachments"]
            assert (await mine.get(file)).text == "a paper"
            assert (await other.get(file)).status_code == 404
            assert (await mine.get(file[:-1] + "1")).status_code == 404
            assert (await other.get("/v1/sessions/trip")).status_code == 404
            assert (await other.get("/v1/sessions")).json() == []
            assert (await other.delete("/v1/sessions/trip")).status_code == 404
            assert (await mine.get("/v1/sessions/trip")).json()["turns"][0]["attachments"] == [file]

    asyncio.run(run())


def test_a_request_sent_twice_is_done_once_and_answered_twice(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            client = server.client()
            await client.post("/v1/turns", json={"text": "please buy", "session": "trip"})
            request = {"json": {"text": "4", "session": "trip"}, "headers": {"Idempotency-Key": "k1"}}
            first, second = await asyncio.gather(*(client.post("/v1/turns", **request) for _ in range(2)))
            answers = [each.json() | {"latency_ms": {}} for each in (first, second)]
            assert answers[0] == answers[1]
            assert {"idempotent-replayed" in each.headers for each in (first, second)} == {True, False}
            assert server.effects() == ["ordered 4"]
            other = await server.client("other").post("/v1/turns", json={"text": "hi"}, headers=request["headers"])
            assert other.status_code == 200, "keys are each client's own"
            changed = await client.post("/v1/turns", json={"text": "5"}, headers=request["headers"])
            assert (changed.status_code, changed.json()["code"]) == (422, "key_reused")
            broken = {"files": {"image": ("a.png", b"no")}, "headers": {"Idempotency-Key": "k2"}}
            assert (await client.post("/v1/turns", **broken)).status_code == 400
            mended = await client.post("/v1/turns", files={"image": picture()}, headers=broken["headers"])
            assert mended.status_code == 200, "nothing had come of the key"
            odd = await client.post("/v1/turns", json={"text": "5"}, headers={"Idempotency-Key": "k" * 201})
            assert odd.status_code == 400

    asyncio.run(run())


def test_keys_are_forgotten_after_their_time(serving: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        async with serving() as server:
            requests = server.app_state.app.requests
            with monkeypatch.context() as long_ago:
                long_ago.setattr("assistant.storage.requests.time.time", lambda: 0.0)
                requests.open("app", "old", "http/app/s", "print")
            await server.client().post("/v1/turns", json={"text": "hi"}, headers={"Idempotency-Key": "new"})
            assert requests.find("app", "old") is None
            assert requests.find("app", "new") is not None

    asyncio.run(run())


def test_requests_in_hand_are_bounded_by_their_bytes_together(serving: Serve) -> None:
    async def run() -> None:
        async with serving(megabytes_at_once=0.0001) as server:
            server.slow(1.0)
            large = {"data": {"text": "please slow"}, "files": {"image": picture((64, 64))}}
            first = asyncio.ensure_future(server.client().post("/v1/turns", **large))
            await asyncio.sleep(0.5)
            second = await server.client().post("/v1/turns", **large)
            assert (second.status_code, second.json()["code"]) == (429, "busy")
            assert (await first).status_code == 200, "one alone may be larger"
            assert (await server.client().post("/v1/turns", **large)).status_code == 200

    asyncio.run(run())


def test_a_plugin_that_fails_leaves_an_answer_and_a_notice(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            answer = (await server.client().post("/v1/turns", json={"text": "please fail"})).json()
            assert "out of paper" in answer["notices"][0]
            assert answer["reply"]["text"]
            assert "Traceback" not in json.dumps(answer)

    asyncio.run(run())


def test_what_goes_wrong_after_whoever_asked_has_left_is_logged(
    serving: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        async with serving(timeout=0.3) as server:
            database_is_broken(server.app_state.app)
            request = {"json": {"text": "please slow"}, "headers": {"Idempotency-Key": "k"}}
            assert (await server.client().post("/v1/turns", **request)).status_code == 504
            await asyncio.wait(server.app_state.turn_service._kept)

    def database_is_broken(app: Any) -> None:
        def finish(result: Any) -> None:
            raise RuntimeError("the table is gone")

        app.history.finish = finish

    asyncio.run(run())
    assert [str(record.exc_info[1]) for record in caplog.records if record.exc_info] == ["the table is gone"]


def test_a_plugin_that_says_no_is_heard(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            refused = await server.client().post("/v1/turns", json={"text": "please refuse"})
            assert refused.status_code == 422
            assert refused.json()["error"] == "There is no paper on Sundays."
            streamed = await server.client().post("/v1/turns?stream=1", json={"text": "please refuse"})
            assert events_of(streamed.text)[-1] == ("error", refused.json())

    asyncio.run(run())


def test_speech_goes_both_ways(serving: Serve) -> None:
    async def run() -> None:
        async with serving(max_speech_chars=30) as server:
            client = server.client()
            spoken = await client.post("/v1/speech", json={"text": "Hello there."})
            assert spoken.headers["content-type"] == "audio/wav"
            samples, rate = soundfile.read(io.BytesIO(spoken.content))
            assert 0.3 < len(samples) / rate < 5
            assert (await client.post("/v1/speech", json={"text": "x" * 31})).status_code == 413
            heard = await client.post("/v1/transcriptions", files={"audio": recording()}, data={"language": "zh"})
            assert heard.json() == {
                "text": "please echo zh",
                "language": "zh",
                "duration": 0.5,
                "rejected": "",
                "segments": [{"start": 0.0, "end": 0.5, "text": "please echo zh"}],
            }

    asyncio.run(run())


def test_it_lists_what_it_understands(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            intents = (await server.client().get("/v1/intents")).json()
            slow = next(each for each in intents if each["name"] == "shop.slow")
            assert slow["summary"] == "Take some time."
            assert slow["slots"] == [{"name": "seconds", "type": "float", "required": False, "choices": []}]

    asyncio.run(run())


def test_an_emergency_is_answered_while_no_weights_can_be_had(serving: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        async with serving() as server:
            app, client = server.app_state.app, server.client()

            async def gone() -> None:
                raise ModelUnavailable("No text encoder can be loaded.")

            monkeypatch.setattr(app._loading, "wait", gone)
            danger = await client.post("/v1/turns", json={"text": "I have crushing chest pain and my left arm is numb"})
            assert danger.status_code == 200
            assert danger.json()["intent"] == "medical_triage.emergency"
            other = await client.post("/v1/turns", json={"text": "please echo"})
            assert other.status_code >= 500
            assert "No text encoder" in other.json()["error"]

    asyncio.run(run())
