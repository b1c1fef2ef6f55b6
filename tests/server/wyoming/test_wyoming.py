"""Tests the Wyoming protocol with its own client, and with the events that Home Assistant sends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from assistant.speech import Synthesizer
from assistant.types import AudioClip, Encoding, Transcript
from tests.server.conftest import AudioFrontEnd
from tests.server.wyoming.conftest import SILENCE, chunks, send, until

pytest.importorskip("wyoming", reason="needs the extra [wyoming]")
from wyoming.asr import Transcribe
from wyoming.asr import Transcript as Heard
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.handle import Handled, NotHandled
from wyoming.info import Describe, Info
from wyoming.intent import Intent, Recognize
from wyoming.ping import Ping, Pong
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeVoice
from wyoming.wake import Detect, Detection


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
        encoding = super().listen(clip, language)[1]
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
