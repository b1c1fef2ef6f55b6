"""OpenAI's addresses for sound: recordings written down, texts spoken, by OpenAI's package and by Handy."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.server.test_openai import openai_client, user
from tests.server.test_turns import recording

openai = pytest.importorskip("openai", reason="needs the extra [test]")

Serve = Callable[..., Any]


def test_text_where_sound_belongs_is_told_in_openai_s_shape(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            for content in (b"These are words.", b"RIFF\x24\0\0\0WAVEfmt ", b"OggS\0\x02" + bytes(40), b""):
                files = {"file": ("speech.wav", content)}
                refused = await server.client().post("/v1/audio/transcriptions", files=files)
                error = refused.json()["error"]
                assert (refused.status_code, error["type"]) == (400, "invalid_request_error"), error
                assert set(error) == {"message", "type", "param", "code"}

    asyncio.run(run())


def test_handy_s_requests(serving: Serve) -> None:
    """src-tauri/src/llm_client.rs (post-processing) and cloud_transcription.rs of Handy."""

    async def run() -> None:
        async with serving() as server:
            client = server.client()
            headers = {"Referer": "https://github.com/cjpais/Handy", "User-Agent": "Handy/1.0", "X-Title": "Handy"}
            assert (await client.get("/v1/models", headers=headers)).json()["data"][0]["id"] == "assistant"
            body = {"model": "assistant", "messages": user("please echo"), "reasoning_effort": "none"}
            answer = (await client.post("/v1/chat/completions", json=body, headers=headers)).json()
            assert answer["choices"][0]["message"]["content"].startswith("please echo")
            schema = {"type": "json_schema", "json_schema": {"name": "transcription_output", "strict": True}}
            refused = await client.post("/v1/chat/completions", json={**body, "response_format": schema})
            assert refused.status_code == 400, "text that was dictated elsewhere is not acted on"
            form = {"model": "whisper-1", "response_format": "text", "temperature": "0", "language": "zh"}
            files = {"file": ("audio.wav", recording()[1], "audio/wav")}
            heard = await client.post("/v1/audio/transcriptions", data=form, files=files)
            assert heard.text.strip() == "please echo zh"
            assert heard.headers["content-type"].startswith("text/plain")

    asyncio.run(run())


# Sound


def test_a_recording_is_written_down_in_every_format(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server, openai_client(server) as client:

            async def heard(**given: Any) -> Any:
                file = ("question.wav", recording()[1])
                return await client.audio.transcriptions.create(file=file, model="whisper-1", **given)

            assert (await heard()).text == "please echo sound"
            assert (await heard(prompt="Siobhan")).text == "please echo sound like Siobhan"
            assert (await heard(language="zh-CN")).text == "please echo zh"
            assert await heard(response_format="text") == "please echo sound\n"
            verbose = await heard(response_format="verbose_json")
            assert (verbose.duration, verbose.language, verbose.words) == (0.5, "en", None)
            assert (verbose.segments[0].start, verbose.segments[0].end) == (0.0, 0.5)
            words = await heard(response_format="verbose_json", timestamp_granularities=["word"])
            assert [(word.word, word.start, word.end) for word in words.words] == [
                ("please", 0.0, 0.2),
                ("echo", 0.25, 0.45),
                ("sound", 0.5, 0.7),
            ]
            assert words.segments is None
            assert await heard(response_format="srt") == "1\n00:00:00,000 --> 00:00:00,700\nplease echo sound\n"
            assert await heard(response_format="vtt") == "WEBVTT\n\n00:00:00.000 --> 00:00:00.700\nplease echo sound\n"
            events = [event async for event in await heard(stream=True)]
            assert [event.type for event in events] == ["transcript.text.delta", "transcript.text.done"]
            assert events[-1].text == "please echo sound"
            told = (await server.client().post("/v1/audio/transcriptions", data={"file": "a.wav"})).json()["error"]
            assert told["message"].startswith("file is not a file; send the file itself")
            with pytest.raises(openai.BadRequestError, match="response_format"):
                await heard(response_format="docx")
            with pytest.raises(openai.BadRequestError, match="another format"):
                await heard(timestamp_granularities=["word"])
            with pytest.raises(openai.BadRequestError, match="cannot be read as sound"):
                await client.audio.transcriptions.create(file=("a.wav", b"no sound"), model="whisper-1")

    asyncio.run(run())


def test_a_text_is_said_in_every_format(serving: Serve) -> None:
    lengths: dict[str, float] = {}

    async def said(client: Any, kind: str) -> None:
        text = "It is ten. Go."
        spoken = await client.audio.speech.create(input=text, model="tts-1", voice="alloy", response_format=kind)
        content = spoken.content
        if kind == "pcm":
            samples, rate = np.frombuffer(content, "<i2") / 32768, 24_000
        elif kind == "wav":
            assert content[:4] == b"RIFF"
            samples, rate = np.frombuffer(content[44:], "<i2") / 32768, 24_000
        else:
            samples, rate = soundfile.read(io.BytesIO(content))
        assert rate in (24_000, 48_000)
        lengths[kind] = len(samples) / rate
        assert 0.05 < np.abs(samples).max() <= 1

    async def run() -> None:
        async with serving() as server, openai_client(server) as client:
            for kind in ("mp3", "opus", "flac", "wav", "pcm"):
                await said(client, kind)
        assert 1.0 < lengths["pcm"] < 4.0
        assert max(lengths.values()) - min(lengths.values()) < 0.1, "nothing is cut off"

    asyncio.run(run())


def test_speech_is_sent_sentence_by_sentence(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server, openai_client(server) as client:
            body = {"input": "One. Two. Three.", "model": "tts-1", "voice": "alloy", "response_format": "pcm"}
            async with client.audio.speech.with_streaming_response.create(**body) as spoken:
                parts = [part async for part in spoken.iter_bytes()]
            assert len(parts) >= 3
            async with client.audio.speech.with_streaming_response.create(**body, stream_format="sse") as spoken:
                events = [json.loads(line[6:]) async for line in spoken.iter_lines() if line.startswith("data: ")]
            kinds = [event["type"] for event in events]
            assert kinds == ["speech.audio.delta"] * 3 + ["speech.audio.done"]
            whole = b"".join(base64.b64decode(event["audio"]) for event in events[:-1])
            assert whole == b"".join(parts)

    asyncio.run(run())


BAD_SPEECH: list[tuple[dict[str, Any], int, str]] = [
    ({"input": " ", "voice": "alloy"}, 400, "nothing to say"),
    ({"input": "x" * 5000, "voice": "alloy"}, 413, "5,000 characters"),
    ({"input": "hi", "response_format": "aac"}, 400, "response_format"),
    ({"input": "hi", "speed": 9}, 400, "speed"),
    ({"voice": "alloy"}, 400, "input is missing"),
]


def test_what_cannot_be_said_is_told(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            client = server.client()
            for body, status, said in BAD_SPEECH:
                refused = await client.post("/v1/audio/speech", json={"model": "tts-1", **body})
                assert (refused.status_code, said in refused.json()["error"]["message"]) == (status, True), refused.text

    asyncio.run(run())
