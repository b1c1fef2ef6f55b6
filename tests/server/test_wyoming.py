"""The Wyoming protocol, spoken by its own client, by what Home Assistant sends, and by a client that misbehaves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest

from assistant.errors import SettingsError
from assistant.speech import Synthesizer
from assistant.types import AudioClip, Encoding, Transcript
from tests.server.conftest import AudioFrontEnd

pytest.importorskip("wyoming", reason="needs the extra [wyoming]")

from wyoming.asr import Transcribe
from wyoming.asr import Transcript as Heard
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.handle import Handled, NotHandled
from wyoming.info import Describe, Info
from wyoming.intent import Intent, Recognize
from wyoming.ping import Ping, Pong
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeVoice
from wyoming.wake import Detect, Detection

Serve = Callable[..., Any]
SILENCE = np.zeros(8_000, np.float32)


class Running:
    """A server of the protocol, and its clients."""

    def __init__(self, server: Any, port: int) -> None:
        self.server, self.port = server, port

    def client(self) -> AsyncTcpClient:
        return AsyncTcpClient("127.0.0.1", self.port)

    async def raw(self, *parts: bytes, seconds: float = 20) -> list[dict[str, Any]]:
        """Sends bytes as they are and closes that side; returns the heads of all events that come."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
            writer.write_eof()
            told, found = await asyncio.wait_for(reader.read(), seconds), []
            while told:
                line, _, told = told.partition(b"\n")
                head = json.loads(line)
                length = head.get("data_length") or 0
                found.append({**head, "data": json.loads(told[:length]) if length else {}})
                told = told[length + (head.get("payload_length") or 0) :]
            return found
        finally:
            writer.close()


@pytest.fixture
def wyoming(serving: Serve) -> Callable[..., Any]:
    from assistant.server.server import Address
    from assistant.server.wyoming.server import serving_wyoming

    @asynccontextmanager
    async def running(**limits: Any) -> AsyncIterator[Running]:
        async with (
            serving(**limits) as server,
            serving_wyoming(server.app_state, Address("127.0.0.1", 0)) as address,
        ):
            yield Running(server, address.port)

    return running


def chunks(samples: Any, rate: int = 16_000, size: int = 1024) -> list[Event]:
    content = (np.asarray(samples) * 32767).astype("<i2").tobytes()
    return [AudioChunk(rate, 2, 1, content[at : at + size]).event() for at in range(0, len(content), size)]


async def send(client: AsyncTcpClient, *events: Any) -> None:
    for event in events:
        await client.write_event(event if isinstance(event, Event) else event.event())


async def until(client: AsyncTcpClient, *kinds: str) -> list[Event]:
    found: list[Event] = []
    while not found or found[-1].type not in kinds:
        event = await asyncio.wait_for(client.read_event(), 30)
        assert event is not None, f"it ended after {[each.type for each in found]}"
        found.append(event)
    return found


def test_it_describes_all_that_it_offers(wyoming: Callable[..., Any]) -> None:
    async def run() -> None:
        async with wyoming() as running, running.client() as client:
            await send(client, Describe())
            info = Info.from_event((await until(client, "info"))[0])
            for programs in (info.asr, info.tts, info.wake, info.handle):
                assert len(programs) == 1
                program = programs[0]
                assert program.installed
                assert program.name
                assert program.description
                assert program.version
                assert program.attribution.name
                assert program.attribution.url
            assert info.asr[0].supports_transcript_streaming
            assert info.tts[0].supports_synthesize_streaming
            assert [model.name for model in info.asr[0].models] == ["whisper-base"]
            assert {"en", "zh"} <= set(info.asr[0].models[0].languages)
            assert {model.name for model in info.wake[0].models} == {"alexa", "hey_jarvis", "hey_mycroft", "okay_nabu"}
            assert any(voice.installed and voice.languages == ["en"] for voice in info.tts[0].voices)
            assert {"en", "zh"} <= set(info.handle[0].models[0].languages)
            assert info.intent == [], "Home Assistant would act on our intents"
            await send(client, Ping("a"))
            assert Pong.from_event((await until(client, "pong"))[0]).text == "a"

    asyncio.run(run())


# What Home Assistant sends: homeassistant/components/wyoming/{data,stt,tts,wake_word,conversation}.py


def test_home_assistant_s_recording_is_transcribed(wyoming: Callable[..., Any]) -> None:
    async def run() -> None:
        async with wyoming() as running:
            for language, words in (("de", "please echo de"), ("zh-CN", "please echo zh"), (None, "please echo sound")):
                async with running.client() as client:
                    await send(client, Transcribe(language=language), AudioStart(16_000, 2, 1))
                    await send(client, *chunks(SILENCE), AudioStop())
                    heard = Heard.from_event((await until(client, "transcript"))[-1])
                    assert heard.text == words
            async with running.client() as client:
                await send(client, Transcribe(transcript_names=["Siobhan"]), AudioStart(48_000, 2, 1))
                await send(client, *chunks(SILENCE, 48_000), AudioStop())
                heard = Heard.from_event((await until(client, "transcript"))[-1])
                assert heard.text == "please echo sound like Siobhan"

    asyncio.run(run())


def test_home_assistant_s_sentence_is_answered_in_its_conversation(wyoming: Callable[..., Any]) -> None:
    async def run() -> None:
        async with wyoming() as running:

            async def handle(text: str, conversation: str) -> Event:
                async with running.client() as client:
                    context = {"conversation_id": conversation, "device_id": "d1", "satellite_id": "s1"}
                    await send(client, Heard(text, context=context, language="en"))
                    [event] = await until(client, "handled", "not-handled")
                    assert event.data.get("context") == context
                    return event

            assert Handled.from_event(await handle("please buy", "01JC/K")).text == "How many?"
            other = await handle("3", "01JCL")
            assert "bought" not in (other.data["text"] or "")
            assert Handled.from_event(await handle("3", "01JC/K")).text == "You bought 3."
            assert running.server.effects() == ["ordered 3"]
            assert Handled.from_event(await handle("please echo", "x")).text == "Said.", "what is said aloud"
            assert NotHandled.from_event(await handle("colourless green ideas", "x")).text
            http = running.server.client()
            assert (await http.get("/v1/sessions")).json() == [], "no token's client sees them"

    asyncio.run(run())


def test_home_assistant_s_text_is_spoken(wyoming: Callable[..., Any]) -> None:
    async def run() -> None:
        async with wyoming() as running, running.client() as client:
            await send(client, Synthesize("One. Two.", voice=SynthesizeVoice(name="english")))
            events = await until(client, "audio-stop")
            assert events[0].type == "audio-start"
            sound = [AudioChunk.from_event(event) for event in events[1:-1]]
            assert {(each.rate, each.width, each.channels) for each in sound} == {(24_000, 2, 1)}
            whole = b"".join(each.audio for each in sound)
            assert 0.8 < len(whole) / 48_000 < 4
            assert max(len(each.audio) for each in sound) < 10_000
            # streamed, with the copy of the whole that Home Assistant sends to servers that cannot stream
            await send(client, SynthesizeStart(), SynthesizeChunk("On"), SynthesizeChunk("e. Tw"))
            first = await until(client, "audio-chunk")
            assert first[0].type == "audio-start", "the first sentence is spoken before the text is whole"
            await send(client, SynthesizeChunk("o."), Synthesize("One. Two."), SynthesizeStop())
            rest = await until(client, "synthesize-stopped")
            assert rest[-2].type == "audio-stop"
            streamed = [AudioChunk.from_event(event).audio for event in (*first[1:], *rest[:-2])]
            assert b"".join(streamed) == whole, "spoken once"

    asyncio.run(run())


def test_home_assistant_s_wake_word_is_detected(wyoming: Callable[..., Any]) -> None:
    said = Synthesizer().recording("Hey Jarvis!", "en")
    samples = np.concatenate([SILENCE, said.samples, SILENCE])

    async def run() -> None:
        async with wyoming() as running:
            async with running.client() as client:
                await send(client, Detect(names=["hey_jarvis"]), AudioStart(16_000, 2, 1), *chunks(samples))
                [event] = await until(client, "detection")
                assert Detection.from_event(event).name == "hey_jarvis"
                assert 500 < (Detection.from_event(event).timestamp or 0) < 3_000
            async with running.client() as client:
                await send(client, Detect(names=["alexa"]), AudioStart(16_000, 2, 1), *chunks(samples), AudioStop())
                [event] = await until(client, "not-detected")
                await send(client, Detect(names=["hey computer"]))
                [event] = await until(client, "error")
                assert "hey mycroft" in Error.from_event(event).text

    asyncio.run(run())


def test_an_intent_is_recognized_without_being_acted_on(wyoming: Callable[..., Any]) -> None:
    async def run() -> None:
        async with wyoming() as running, running.client() as client:
            await send(client, Recognize("please buy"))
            [event] = await until(client, "intent")
            assert Intent.from_event(event).name == "shop.buy"
            await send(client, Recognize("colourless green ideas"))
            await until(client, "not-recognized")
            assert running.server.effects() == []

    asyncio.run(run())


class Growing(AudioFrontEnd):
    """Hears one more word with every second."""

    words = ("turn", "the", "lights", "on", "in", "the", "kitchen", "please")

    def listen(self, clip: AudioClip, language: str = "", **_: Any) -> tuple[Transcript, Encoding]:
        _, encoding = super().listen(clip, language)
        text = " ".join(self.words[: round(clip.duration)])
        return Transcript(text, "en", segments=((0.0, clip.duration, text),)), encoding


def test_words_are_told_while_they_are_spoken_and_not_taken_back(
    wyoming: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.server.wyoming.recognizing.EVERY", 0.2)

    async def run() -> None:
        async with wyoming() as running, running.client() as client:
            running.server.app_state.app.runner.models.speech = Growing()
            await send(client, Transcribe(), AudioStart(16_000, 2, 1))
            for _ in range(6):
                await send(client, *chunks(np.full(16_000, 0.1), size=8_000))
                await asyncio.sleep(0.4)
            await send(client, AudioStop())
            events = await until(client, "transcript-stop")
            kinds = [event.type for event in events]
            assert kinds[0] == "transcript-start"
            assert kinds[-2:] == ["transcript", "transcript-stop"]
            assert kinds.count("transcript-chunk") >= 2
            pieces = "".join(event.data["text"] for event in events if event.type == "transcript-chunk")
            assert pieces == events[-2].data["text"]
            assert pieces.startswith("turn the lights on in")

    asyncio.run(run())


# Clients that misbehave


def line(**head: Any) -> bytes:
    return json.dumps(head).encode() + b"\n"


CHUNK = {"rate": 16_000, "width": 2, "channels": 1}


def test_events_out_of_order_are_told_and_the_next_is_answered(wyoming: Callable[..., Any]) -> None:
    wrong: list[tuple[bytes, str]] = [
        (line(type="audio-stop"), "audio-start"),
        (line(type="synthesize-chunk", data={"text": "a"}), "synthesize-start"),
        (line(type="synthesize-stop"), "synthesize-start"),
        (line(type="synthesize"), "no text"),
        (line(type="synthesize", data={"text": 5}), "text"),
        (line(type="synthesize", data={"text": "<speak/>", "text_format": "ssml"}), "SSML"),
        (line(type="synthesize", data={"text": "x" * 9_000}), "longer than"),
        (line(type="transcript", data={}), "no text"),
        (line(type="recognize", data={"text": None}), "no text"),
        (line(type="audio-chunk", data={**CHUNK, "rate": 1}, payload_length=2) + b"ab", "samples per second"),
        (line(type="audio-chunk", data={**CHUNK, "width": 3}, payload_length=2) + b"ab", "2 or 4 bytes"),
        (line(type="audio-chunk", data={**CHUNK, "channels": 0}, payload_length=2) + b"ab", "channels"),
        (line(type="audio-chunk", data={**CHUNK, "width": []}, payload_length=2) + b"ab", "2 or 4 bytes"),
        (line(type="audio-chunk", payload_length=2) + b"ab", "samples per second"),
        (line(type="detect", data={"names": ["nobody"]}), "no wake word"),
        (line(type="detect", data={"names": 5}), "not a list of texts"),
        (line(type="transcribe", data={"language": 5}), "not a text"),
        (line(type="transcribe", data={"transcript_names": [1]}), "not a list of texts"),
        (line(type="ping", data={"text": ["\ud800"]}), "not a text"),
    ]

    async def run() -> None:
        async with wyoming() as running:
            for content, said in wrong:
                told = await running.raw(content, line(type="ping", data={"text": "still here"}))
                assert [each["type"] for each in told] == ["error", "pong"], content
                assert said in told[0]["data"]["text"]
                assert told[0]["data"]["code"]
                assert "\n" not in told[0]["data"]["text"]
            assert await running.raw(line(type="no-such-event"), line(type="select-program")) == []
            for context in (5, "x", ["\ud800"], {"conversation_id": {"a": 1}}, {"conversation_id": "\ud800"}):
                asked = line(type="transcript", data={"text": "please echo \ud800", "context": context})
                assert [each["type"] for each in await running.raw(asked)] == ["handled"]
            mixed = [
                line(type="audio-chunk", data=CHUNK, payload_length=2) + b"ab",
                line(type="audio-chunk", data={**CHUNK, "rate": 48_000}, payload_length=2) + b"ab",
            ]
            [told] = await running.raw(*mixed)
            assert "changes its rate" in told["data"]["text"]

    asyncio.run(run())


def test_what_is_no_event_is_told_and_the_connection_closed(wyoming: Callable[..., Any]) -> None:
    wrong = [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x00\xff\xfe\n",
        b"[1]\n",
        b"5\n",
        b"{}\n",
        b'{"type": 5}\n',
        b'{"type": "ping", "data": [1]}\n',
        b"[" * 60_000 + b"\n",
        b"x" * 200_000,
        line(type="ping", data_length=-1),
        line(type="ping", data_length="many"),
        line(type="ping", data_length=10**12),
        line(type="audio-chunk", data=CHUNK, payload_length=10**12),
        line(type="audio-chunk", data=CHUNK, payload_length=True),
        line(type="audio-chunk", data=CHUNK, payload_length=1000) + b"cut",
        line(type="ping", data_length=10) + b"{",
        line(type="ping", data_length=4) + b"nope",
        b'{"type": "ping"',
    ]

    async def run() -> None:
        async with wyoming() as running:
            for content in wrong:
                told = await running.raw(content)
                assert [each["type"] for each in told] == ["error"], content[:80]
                assert told[0]["data"]["code"] == "bad-event"

    asyncio.run(run())


def test_an_event_that_never_ends_is_left(wyoming: Callable[..., Any]) -> None:
    async def run() -> None:
        async with wyoming(stall=0.5) as running:
            reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
            writer.write(line(type="audio-chunk", data=CHUNK, payload_length=1000) + b"cut")
            told = await asyncio.wait_for(reader.read(), 10)
            assert b"did not arrive" in told
            writer.close()

    asyncio.run(run())


def test_ten_thousand_tiny_events_and_a_client_that_never_reads_hold_up_nobody(wyoming: Callable[..., Any]) -> None:
    async def run() -> None:
        async with wyoming(stall=1.0) as running:
            tiny = line(type="audio-chunk", data=CHUNK, payload_length=1) + b"a"
            flood = asyncio.create_task(running.raw(tiny * 10_000, line(type="audio-stop"), seconds=60))
            _, deaf = await asyncio.open_connection("127.0.0.1", running.port, limit=1024)
            deaf.transport.pause_reading()  # type: ignore[attr-defined]
            deaf.write(line(type="describe") * 10_000)
            async with running.client() as client:
                began = asyncio.get_running_loop().time()
                await send(client, Ping("a"))
                await until(client, "pong")
                assert asyncio.get_running_loop().time() - began < 5
            told = await flood
            assert [each["type"] for each in told] == ["transcript"]
            deaf.close()

    asyncio.run(run())


def test_sound_without_end_is_cut_off(wyoming: Callable[..., Any]) -> None:
    async def run() -> None:
        async with wyoming(max_minutes=0.05) as running:
            second = line(type="audio-chunk", data=CHUNK, payload_length=32_000) + bytes(32_000)
            told = await running.raw(second * 4)
            assert told[0]["type"] == "error"
            assert "serve.max_minutes" in told[0]["data"]["text"]

    asyncio.run(run())


def test_a_client_that_leaves_in_the_middle_harms_nothing(wyoming: Callable[..., Any]) -> None:
    async def run() -> None:
        async with wyoming() as running:
            for events in (
                [AudioStart(16_000, 2, 1), *chunks(SILENCE)],
                [Synthesize("One. Two. Three. Four. Five.")],
                [Heard("please slow")],
                [SynthesizeStart(), SynthesizeChunk("One. Two")],
            ):
                async with running.client() as client:
                    await send(client, *events)
            async with running.client() as client:
                await send(client, Ping("a"))
                await until(client, "pong")

    asyncio.run(run())


# Who may connect


def test_others_are_let_in_only_by_name(serving: Serve) -> None:
    from assistant.server.server import Address
    from assistant.server.wyoming.server import _allowed, _networks, serving_wyoming

    async def run() -> None:
        async with serving() as server:
            for clients in ((), ("somewhere",)):
                with pytest.raises(SettingsError, match="client"):
                    async with serving_wyoming(server.app_state, Address("0.0.0.0", 0), clients):
                        pass

    asyncio.run(run())
    networks = _networks(["192.168.1.0/24", "10.0.0.7", "fd00::/8"])
    allowed = ("192.168.1.44", "10.0.0.7", "127.0.0.1", "::1", "::ffff:192.168.1.9", "fd00::5")
    assert all(_allowed(peer, networks) for peer in allowed)
    assert not any(_allowed(peer, networks) for peer in ("192.168.2.1", "10.0.0.8", "", "8.8.8.8", "fe80::1"))


def test_home_assistant_finds_it_by_zeroconf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests the record for Home Assistant's integration: address and port under _wyoming._tcp."""
    zeroconf = pytest.importorskip("zeroconf", reason="needs the extra [wyoming]")
    asynchronous = pytest.importorskip("zeroconf.asyncio")

    from assistant.server.server import Address
    from assistant.server.wyoming.server import KIND, announced

    real = asynchronous.AsyncZeroconf
    monkeypatch.setattr(asynchronous, "AsyncZeroconf", lambda: real(interfaces=["127.0.0.1"]))
    monkeypatch.setattr("assistant.server.wyoming.server.is_loopback", lambda host: False)

    async def run() -> None:
        found: asyncio.Queue[str] = asyncio.Queue()

        def on_change(zeroconf: Any, service_type: str, name: str, state_change: Any) -> None:
            if state_change is ServiceStateChange.Added and name.startswith("assistant-"):
                found.put_nowait(name)

        from zeroconf import ServiceStateChange

        try:
            browser_of = real(interfaces=["127.0.0.1"])
        except OSError as error:
            pytest.skip(f"no multicast here: {error}")
        async with announced(Address("127.0.0.1", 12_345), print):
            browser = asynchronous.AsyncServiceBrowser(browser_of.zeroconf, KIND, handlers=[on_change])
            try:
                name = await asyncio.wait_for(found.get(), 10)
            except TimeoutError:
                pytest.skip("no multicast here")
            info = await browser_of.async_get_service_info(KIND, name)
            assert info is not None
            assert (info.port, info.parsed_addresses()) == (12_345, ["127.0.0.1"])
            await browser.async_cancel()
        await browser_of.async_close()

    assert zeroconf
    asyncio.run(run())
