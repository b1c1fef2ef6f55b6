"""Tests the voice loop over a WebSocket: a real server, voice activity and voice; only the models are small."""

import asyncio
import base64
import io
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assistant.types import Picture, Reply
from tests.server.listening.conftest import Serve, spoken, talking

websockets = pytest.importorskip("websockets.asyncio.client", reason="needs the extra [serve]")


def test_a_spoken_sentence_comes_back_as_transcript_intent_reply_and_sound(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server, talking(server, session="kitchen", mode="push_to_talk") as talk:
            ready = await talk.until("ready")
            assert (ready["session"], ready["mode"], ready["reply_rate"]) == ("kitchen", "push_to_talk", 24_000)
            await talk.send(type="push")
            await talk.say(spoken())
            reply = await talk.until("reply")
            assert reply["reply"]["text"].startswith("please echo sound|0.")
            assert (reply["session"], reply["intent"]) == ("kitchen", "shop.echo")
            await talk.until("audio_end")
            kinds = talk.kinds()
            order = ["ready", "listening", "transcript", "intent", "reply", "speaking", "audio", "audio_end"]
            assert [kind for kind in kinds if kind in order] == order
            assert {"partial", "level", "speech_end", "first_sound", "state"} <= set(kinds)
            assert 0.3 < len(talk.sound) / 48_000 < 3  # "Said."
            stored = (await server.client().get("/v1/sessions/kitchen")).json()
            assert stored["turns"][0]["transcript"] == "please echo sound"

    asyncio.run(run())


def test_without_a_key_speech_itself_begins_a_turn_and_a_burst_loses_nothing(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server, talking(server, mode="always", echo="client") as talk:
            await talk.until("ready")
            await talk.say(spoken(), step=64_000, pace=0)  # as after a network that was away for seconds
            assert (await talk.until("transcript"))["text"] == "please echo sound"
            assert "dropped" not in talk.kinds()

    asyncio.run(run())


def test_a_picture_that_was_sent_belongs_to_the_next_spoken_turn(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server, talking(server, mode="push_to_talk") as talk:
            file = io.BytesIO()
            Image.new("RGB", (40, 30), "red").save(file, "PNG")
            await talk.send(type="image", data=base64.b64encode(file.getvalue()).decode())
            assert (await talk.until("image"))["count"] == 1
            await talk.send(type="push")
            await talk.say(spoken())
            assert (await talk.until("reply"))["reply"]["text"].startswith("please echo sound|1.")
            await talk.send(type="image", data="!")
            assert (await talk.until("error"))["code"] == "bad_input"

    asyncio.run(run())


def test_while_a_picture_waits_what_is_said_is_meant_for_the_assistant(serving: Serve) -> None:
    from assistant.server.listening.connection import RemoteBackend

    async def run() -> None:
        async with serving() as server:
            backend = RemoteBackend(server.app_state, lambda _: None, repeat_question=False)
            assert (await backend.preview("http/app/x", "colourless green ideas")).outcome == "out_of_scope"
            backend.pictures.append(Picture(Image.new("RGB", (40, 30), "red"), "a picture"))
            outlook = await backend.preview("http/app/x", "colourless green ideas")
            assert (outlook.outcome, outlook.complete) == ("answer", False)

    asyncio.run(run())


def test_stop_silences_a_reply_at_once(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server, talking(server, mode="push_to_talk") as talk:
            await talk.until("ready")
            event = Reply("One sentence. Another sentence that takes its time. A third one, which nobody hears.")
            server.app_state.app.scheduler.schedule.put("shop", "k", "http/app/default", event, soon(0.1))
            server.app_state.app.scheduler.changed()
            await talk.until("audio")
            began = time.monotonic()
            await talk.send(type="stop")
            await talk.until("audio_stop")
            assert time.monotonic() - began < 10  # 20 ms on a quiet machine
            await asyncio.sleep(0.5)
            heard = len(talk.sound)
            await asyncio.sleep(0.5)
            assert len(talk.sound) == heard
            assert (await talk.until("state", state="idle"))["second"] >= 0

    asyncio.run(run())


def soon(seconds: float) -> datetime:
    return (datetime.now() + timedelta(seconds=seconds)).astimezone()


def test_a_timer_is_said_and_told_to_its_own_client_only(serving: Serve) -> None:
    async def run() -> None:
        other = {"Authorization": "Bearer b-token-of-the-tests"}
        async with (
            serving() as server,
            talking(server, mode="push_to_talk", session="kitchen") as talk,
            talking(server, other, mode="push_to_talk") as stranger,
        ):
            await asyncio.gather(talk.until("ready"), stranger.until("ready"))
            scheduler = server.app_state.app.scheduler
            scheduler.schedule.put("shop", "k", "http/app/kitchen", Reply("Tea is ready."), soon(0.2))
            scheduler.changed()
            event = await talk.until("announcement")
            assert (event["text"], event["session"]) == ("Tea is ready.", "kitchen")
            await talk.until("audio_end")
            assert stranger.kinds() == ["ready"]

    asyncio.run(run())


def test_opus_is_heard_and_a_packet_cut_in_the_middle_harms_nothing(serving: Serve) -> None:
    import av

    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "mono", "s16"
    sound = np.repeat(np.frombuffer(spoken(), "<i2"), 3)  # 48 kHz
    packets: list[bytes] = []
    for number, at in enumerate(range(0, len(sound) - 959, 960)):
        frame = av.AudioFrame.from_ndarray(sound[None, at : at + 960], "s16", "mono")
        frame.sample_rate, frame.pts = 48_000, number * 960
        packets += [bytes(packet) for packet in encoder.encode(frame)]

    async def run() -> None:
        async with serving() as server, talking(server, mode="push_to_talk", format="opus") as talk:
            await talk.until("ready")
            await talk.send(type="push")
            for number, packet in enumerate(packets):
                await talk.socket.send(packet[: len(packet) // 2] if number == 9 else packet)
                await asyncio.sleep(0.01)
            assert (await talk.until("reply"))["reply"]["text"].startswith("please echo sound|0.")

    asyncio.run(run())


def test_the_satellite_of_the_protocols_page_runs_as_printed(serving: Serve, tmp_path: Path) -> None:
    page = Path("assistant/server/listening/README.md").read_text("utf-8")
    (tmp_path / "satellite.py").write_text(page.partition("```python\n")[2].partition("```")[0])
    (tmp_path / "question.wav").write_bytes(wav(spoken()))

    async def run() -> None:
        async with serving() as server:
            url = server.url.replace("http", "ws") + "/v1/listen"
            given = (str(tmp_path / "satellite.py"), url, "a-token-of-the-tests", str(tmp_path / "question.wav"))
            done = await asyncio.create_subprocess_exec(sys.executable, *given, stdout=asyncio.subprocess.PIPE)
            told, _ = await asyncio.wait_for(done.communicate(), 60)
            lines = told.decode().splitlines()
            assert "transcript please echo sound " in lines
            assert any(line.startswith("reply  please echo sound|0.") for line in lines)
            assert lines[-1].strip() == "audio_end"

    asyncio.run(run())


def wav(sound: bytes) -> bytes:
    import wave

    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(16_000)
        written.writeframes(sound)
    return file.getvalue()
