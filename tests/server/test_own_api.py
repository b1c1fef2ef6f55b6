"""The own API as clients are: files within JSON, recordings of phones and browsers, the library, examples that run."""

from __future__ import annotations

import asyncio
import base64
import html
import io
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from assistant.inputs import audio_file
from assistant.retrieval.items import Hit
from tests.server.conftest import TOKENS
from tests.server.test_turns import events_of, picture, recording

Serve = Callable[..., Any]


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


def test_pictures_and_a_recording_come_within_json(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            client = server.client()
            images = [base64_of(picture()[1]), f"data:image/png;base64,{base64_of(picture((3, 3))[1])}"]
            asked = await client.post("/v1/turns", json={"text": "please echo", "images": images})
            assert asked.json()["reply"]["text"].startswith("please echo|2")
            wrapped = "\n".join(re.findall(".{1,76}", base64_of(recording()[1])))  # as `base64` prints it
            asked = await client.post("/v1/turns", json={"audio": wrapped, "language": "de"})
            assert asked.json()["transcript"] == "please echo de"
            for body, said in (
                ({"images": ["no base64!"]}, "images.0 is not a file in base64"),
                ({"images": [base64_of(b"no picture")]}, "picture 1 is not a picture"),
                ({"images": [images[0]] * 9}, "images"),
                ({"audio": "https://x.example/a.wav"}, "audio is not a file in base64"),
                ({"images": "x"}, "images"),
            ):
                refused = await client.post("/v1/turns", json=body)
                assert refused.status_code in (400, 422)
                assert said in refused.json()["error"], refused.json()

    asyncio.run(run())


def test_a_stream_is_asked_for_in_the_body_too(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            client = server.client()
            for given in (
                {"json": {"text": "please echo", "stream": True}},
                {"data": {"text": "please echo", "stream": "true"}},
            ):
                told = await client.post(
                    "/v1/turns", **given, **({"files": [("image", picture())]} if "data" in given else {})
                )
                assert told.headers["content-type"].startswith("text/event-stream")
                assert events_of(told.text)[-1][0] == "done"

    asyncio.run(run())


@pytest.mark.parametrize(("container", "codec"), [("mp4", "aac"), ("webm", "libopus"), ("ogg", "libopus")])
def test_recordings_of_phones_and_browsers_are_heard(serving: Serve, container: str, codec: str) -> None:
    import av

    if container != "ogg" and "WebM" not in audio_file.FORMATS:
        pytest.skip("this decoder reads no containers")
    target = io.BytesIO()
    with av.open(target, "w", format=container) as file:
        stream = file.add_stream(codec, rate=48_000)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 24_000), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 48_000
        for packet in (*stream.encode(frame), *stream.encode(None)):
            file.mux(packet)

    async def run() -> None:
        async with serving() as server:
            client, content = server.client(), target.getvalue()
            heard = await client.post("/v1/transcriptions", files={"audio": (f"a.{container}", content)})
            assert (heard.status_code, heard.json()["text"]) == (200, "please echo sound"), heard.text
            heard = await client.post("/v1/audio/transcriptions", files={"file": (f"a.{container}", content)})
            assert heard.json()["text"] == "please echo sound"
            half = await client.post("/v1/transcriptions", files={"audio": ("a", content[: len(content) // 2])})
            assert half.status_code in (200, 400), "cut in the middle: what is there, or one line"

    asyncio.run(run())


def test_the_library_is_searched(serving: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        async with serving() as server:
            asked: list[Any] = []

            async def find(text: str, shown: Any, top: int, kind: str | None) -> list[Hit]:
                asked.append((text, shown and shown.image.size, top, kind))
                return [Hit("/home/ann/invoice.pdf", "text", "A kettle, €29", "page 2", 0.9)]

            monkeypatch.setattr(server.app_state.app, "find", find)
            client, shown = server.client(), base64_of(picture()[1])
            found = await client.post("/v1/library/search", json={"text": "the kettle", "kind": "text", "top": 3})
            assert found.json() == [
                {
                    "source": "/home/ann/invoice.pdf",
                    "kind": "text",
                    "text": "A kettle, €29",
                    "place": "page 2",
                    "start": None,
                    "end": None,
                    "score": 0.9,
                }
            ]
            assert (await client.post("/v1/library/search", json={"image": shown})).status_code == 200
            assert asked == [("the kettle", None, 3, "text"), ("", (8, 6), 10, None)]
            for body in ({}, {"text": " "}, {"text": "a", "kind": "film"}, {"image": "?"}, {"text": "a", "top": 0}):
                assert (await client.post("/v1/library/search", json=body)).status_code in (400, 422)
            assert (await server.client("").post("/v1/library/search", json={"text": "a"})).status_code == 401

    asyncio.run(run())


def test_the_front_door_says_where_to_look(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            told = (await server.client("").get("/")).json()
            assert told["reference"] == f"{server.url}/docs"
            assert (await server.client("").get(told["openapi"])).status_code == 200
            assert (await server.client().get(f"{told['openai_base_url']}/models")).status_code == 200

    asyncio.run(run())


@pytest.mark.skipif(not shutil.which("curl") or not shutil.which("bash"), reason="needs curl and bash")
def test_the_examples_of_the_reference_run_as_they_are_printed(serving: Serve, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(picture()[1])
    soundfile.write(tmp_path / "question.wav", np.zeros(8_000, np.float32), 16_000)

    async def run() -> None:
        async with serving() as server:

            async def find(*_: object) -> list[Hit]:
                return []

            server.app_state.app.find = find
            page = (await server.client("").get("/docs")).text
            examples = [html.unescape(text) for text in re.findall("<pre>(.*?)</pre>", page, re.DOTALL)]
            assert len(examples) >= 20
            assert all(server.url in example for example in examples), "on the port in use"
            for example in (line for each in examples for line in each.split("\n")):
                limit = "timeout 1 " if "/v1/events" in example else ""
                command = f"{limit}{example.replace('curl ', 'curl -sS -D headers.txt ', 1)}"
                process = await asyncio.create_subprocess_exec(
                    "bash",
                    "-c",
                    command,
                    cwd=tmp_path,
                    env={**os.environ, "TOKEN": TOKENS["app"]},
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.PIPE,
                )
                out, problem = await asyncio.wait_for(process.communicate(), 30)
                status = (tmp_path / "headers.txt").read_text().split()[1]
                wanted = "404" if "/TURN/" in example else "200"
                assert status == wanted, (example, out[:300], problem)
            for spoken in ("hello.wav", "hello.mp3"):
                assert soundfile.info(tmp_path / spoken).duration > 0.2

    asyncio.run(run())
