"""The voice loop over a WebSocket: a real server, real voice activity and a real voice; only the models are small."""

import asyncio
import base64
import io
import json
import sys
import time
from collections.abc import Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from assistant.speech import Synthesizer
from assistant.types import Picture, Reply

websockets = pytest.importorskip("websockets.asyncio.client", reason="needs the extra [serve]")
from websockets.exceptions import ConnectionClosed, InvalidStatus  # noqa: E402

Serve = Callable[..., Any]
TOKEN = {"Authorization": "Bearer a-token-of-the-tests"}
MINUTES = 24 * 60
"""of a stream that does not end"""


@cache
def spoken(text: str = "Please echo this sound.") -> bytes:
    """A sentence and the silence after it, PCM16 at 16 kHz."""
    samples = Synthesizer("hibari").recording(text).samples
    return pcm(np.concatenate((samples, np.zeros(int(1.3 * 16_000), np.float32))))


def pcm(samples: Any) -> bytes:
    return (np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes()


class Talk:
    """A client: everything that it was sent, as it comes."""

    def __init__(self, socket: Any) -> None:
        self.socket, self.events, self.sound = socket, [], b""
        self._task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            async for message in self.socket:
                if isinstance(message, bytes):
                    self.sound += message
                else:
                    self.events.append(json.loads(message))
        except ConnectionClosed:
            pass

    async def until(self, kind: str, seconds: float = 60, **values: Any) -> dict[str, Any]:
        async with asyncio.timeout(seconds):
            while True:
                for event in self.events:
                    if event["type"] == kind and all(event.get(name) == value for name, value in values.items()):
                        return event
                await asyncio.sleep(0.02)

    async def send(self, **message: Any) -> None:
        with suppress(ConnectionClosed):  # `until` shows why
            await self.socket.send(json.dumps(message))

    async def say(self, sound: bytes, step: int = 2048, pace: float = 0.02) -> None:
        for at in range(0, len(sound), step):
            await self.socket.send(sound[at : at + step])
            await asyncio.sleep(pace)

    def kinds(self) -> list[str]:
        return [event["type"] for event in self.events]


@asynccontextmanager
async def talking(server: Any, headers: dict[str, str] = TOKEN, **start: Any) -> Any:
    url = server.url.replace("http", "ws") + "/v1/listen"
    async with websockets.connect(url, additional_headers=headers) as socket:
        talk = Talk(socket)
        if start:
            await talk.send(type="start", **start)
        yield talk


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


@pytest.mark.parametrize(
    ("first", "told"),
    [
        ("hello", "not JSON"),
        ('{"type": "push"}', "first message must be"),
        ('{"type": "start", "format": "mp3"}', "format"),
        ('{"type": "start", "rate": 12345}', "12345 Hz"),
        ('{"type": "start", "voice": 1}', "voice is not known here"),
        (b"\0\0", "first message must be"),
    ],
)
def test_a_wrong_first_message_is_told_and_the_connection_closed(serving: Serve, first: Any, told: str) -> None:
    async def run() -> None:
        async with serving() as server, talking(server) as talk:
            await talk.socket.send(first)
            assert told in (await talk.until("error"))["error"]
            await asyncio.wait_for(talk.socket.wait_closed(), 5)
            assert talk.socket.close_code == 1008

    asyncio.run(run())


def test_wrong_messages_are_told_and_the_conversation_goes_on(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server, talking(server, mode="push_to_talk") as talk:
            await talk.until("ready")
            await talk.socket.send(b"\0\0\0")
            assert "3 bytes are not whole 16-bit samples" in (await talk.until("error"))["error"]
            await talk.socket.send("sound?")
            await talk.send(type="dance")
            await talk.until("error", error="'dance' is an unknown message; use push, release, stop, image or end.")
            await talk.send(type="push")
            for sample in range(10_000):  # tiny messages
                await talk.socket.send(spoken()[2 * sample : 2 * sample + 2])
            await talk.say(spoken()[20_000:])
            await talk.until("reply", 40)
            for _ in range(60):
                await talk.send(type="dance")
            await asyncio.wait_for(talk.socket.wait_closed(), 10)
            assert talk.socket.close_code == 1008

    asyncio.run(run())


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Cookie": "assistant-1=app.9999999999.00"},
        {"Origin": "https://evil.example", "Cookie": "assistant-1=app.9999999999.00"},
        {"Origin": "https://evil.example", **TOKEN},
    ],
)
def test_a_socket_without_a_token_is_refused_before_it_opens(serving: Serve, headers: dict[str, str]) -> None:
    async def run() -> None:
        async with serving() as server:
            with pytest.raises(InvalidStatus) as refused:
                async with talking(server, headers):
                    pass
            assert refused.value.response.status_code in (401, 403)
            if "Origin" not in headers:
                assert json.loads(refused.value.response.body)["code"] == "no_token"

    asyncio.run(run())


@pytest.mark.parametrize(
    "cut",
    [
        b"\x82\xfe\xff\xff" + bytes(4) + b"half of it",  # of 65,535 bytes of sound
        b"\x81\xfe",  # not even its length
        b"\x01\x81" + bytes(4) + b"{",  # the first part of a text that goes on
        b"\x87\x80" + bytes(4),  # no frame of RFC 6455
        b"\x82\x01a",  # not masked
    ],
)
def test_half_a_frame_ends_its_connection_and_nothing_else(serving: Serve, cut: bytes) -> None:
    async def run() -> None:
        async with serving() as server:
            before = len(asyncio.all_tasks())
            async with talking(server, mode="push_to_talk") as talk:
                await talk.until("ready")
                talk.socket.transport.write(cut)
                await asyncio.sleep(0.2)
                talk.socket.transport.abort()
            for _ in range(100):
                await asyncio.sleep(0.05 if len(asyncio.all_tasks()) > before else 0)
            assert len(asyncio.all_tasks()) <= before
            async with talking(server, mode="push_to_talk") as talk:
                await talk.until("ready")

    asyncio.run(run())


@pytest.mark.bench
@pytest.mark.timeout(1800)
def test_a_day_of_sound_leaves_no_memory_behind_and_the_next_word_is_heard(serving: Serve) -> None:
    from assistant.evaluation.turn import resident_mb

    minute = (30 * np.random.default_rng(1).standard_normal(60 * 16_000)).astype("<i2").tobytes()

    async def run() -> None:
        async with serving() as server, talking(server, mode="push_to_talk") as talk:
            await talk.until("ready")
            for number in range(MINUTES):
                levels = talk.kinds().count("level")
                await talk.say(minute, step=128_000, pace=0)  # 4 s a message, as fast as it is taken
                for _ in range(12_000):
                    if talk.kinds().count("level") >= levels + 55:  # one for each second that was heard
                        break
                    await asyncio.sleep(0.005)
                talk.events.clear()
                if number == MINUTES // 24:
                    before = resident_mb()
            assert resident_mb() - before < 50
            await talk.send(type="push")
            await talk.say(spoken())
            assert (await talk.until("reply", 40))["reply"]["text"].startswith("please echo sound|0.")
            assert "error" not in talk.kinds()

    asyncio.run(run())


def test_more_microphones_than_the_settings_allow_are_refused_and_places_come_free(serving: Serve) -> None:
    async def run() -> None:
        async with serving(listeners=1) as server:
            async with talking(server, mode="push_to_talk") as first:
                await first.until("ready")
                async with talking(server, mode="push_to_talk") as second:
                    assert (await second.until("error"))["code"] == "busy"
            await asyncio.sleep(0.3)
            async with talking(server, mode="push_to_talk") as third:
                await third.until("ready")

    asyncio.run(run())


@pytest.mark.slow
def test_a_client_that_never_reads_loses_levels_first_and_then_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    import uvicorn
    from starlette.websockets import WebSocket

    from assistant.server.listening.outbox import HALF, MOST, Outbox
    from assistant.server.server import Address, listen_at

    monkeypatch.setattr("assistant.server.listening.outbox.STUCK", 0.5)
    ended: list[str] = []

    async def flood(scope: Any, receive: Any, send: Any) -> None:
        socket = WebSocket(scope, receive, send)
        await socket.accept()
        outbox = Outbox(socket)
        for _ in range(2 * MOST):
            outbox.put({"type": "level"})
        levels = outbox.dropped
        for _ in range(2 * MOST):
            outbox.put(bytes(60_000))
        ended.append(f"{levels} {outbox.dropped - levels}")
        try:
            await outbox.run()
        except TimeoutError:
            ended.append("slow")

    async def run() -> None:
        listening, address = listen_at(Address("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(flood, log_config=None, lifespan="off"))
        task = asyncio.create_task(server.serve([listening]))
        async with websockets.connect(address.url.replace("http", "ws"), max_queue=1):
            for _ in range(100):
                await asyncio.sleep(0.1 if len(ended) < 2 else 0)
        server.should_exit = True
        await task

    asyncio.run(run())
    assert ended == [f"{2 * MOST - HALF} {MOST + HALF}", "slow"]


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


def test_a_client_that_goes_away_in_the_middle_leaves_nothing_behind(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            before = len(asyncio.all_tasks())
            for _ in range(3):
                async with talking(server, mode="push_to_talk") as talk:
                    await talk.until("ready")
                    await talk.send(type="push")
                    await talk.say(spoken()[:20_000], pace=0)
                    talk.socket.transport.abort()
            for _ in range(100):
                await asyncio.sleep(0.05 if len(asyncio.all_tasks()) > before else 0)
            assert len(asyncio.all_tasks()) <= before

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
