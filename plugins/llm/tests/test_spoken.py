"""A language model's answer out of the user's files is interrupted aloud: silence, and what was said stays, marked.

The assistant, its pipeline, its history and the voice loop are real. Once the model is an endpoint of the test's and
the sound is numbers; once both are real: llama.cpp, Whisper and the English voice.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner

from assistant.events import SpeakingInterrupted, SpeakingStarted, UtteranceIgnored
from assistant.retrieval.items import Hit
from assistant.storage.history import StoredTurn
from assistant.testing.voice import FakeStopWords, Scene, VoiceScenario
from assistant.types import AudioClip, Turn, TurnResult

from .conftest import Server
from .test_injections import House, house  # noqa: F401
from .test_llama_cpp import gguf  # noqa: F401

CUT = "\n[Cut off here: stopped]"
SENTENCES = ["The notice is three months [1].", *(f"It is rule number {number}." for number in range(1, 40))]


def play(
    house: House,  # noqa: F811
    server: Server,
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[VoiceScenario, list[StoredTurn]]:
    """A scene in which the model speaks ten words a second, in real time; the stage, and what the history keeps."""
    slowly = [piece for sentence in SENTENCES for word in sentence.split() for piece in (f"{word} ", 0.1)]
    server.script = lambda asked: slowly if len(server.asked) == 1 else ["Rent is 900."]

    cut_at: list[float] = []

    async def run() -> tuple[VoiceScenario, list[StoredTurn]]:
        async with house() as app:
            hit = Hit("/home/ada/contract.pdf", "text", "Notice: three months.", "page 3", 1.0)
            told = [SimpleNamespace(text=hit.text, hit=hit, relevance=1.0)]
            monkeypatch.setattr(app, "_library", SimpleNamespace(answers=lambda *asked, **how: told))
            stage = VoiceScenario(scene, stop_words=FakeStopWords(scene))

            async def respond(turn: Turn) -> TurnResult:
                stage.backend.turns.append(turn)
                result: TurnResult = await app.respond(turn)
                return result

            stage.backend.respond = respond  # type: ignore[method-assign]
            app.bus.listen(stage.bus.publish)
            stage.bus.listen(lambda event: cut_at.append(asyncio.get_running_loop().time()), (SpeakingInterrupted,))
            await stage.run()
            assert all(end <= cut_at[0] + 0.1 for _, begin, end in stage.player.played if begin <= cut_at[0]), "silence"
            return stage, app.history.turns(stage.backend.turns[0].session)

    return asyncio.run(run())


def asked() -> Scene:
    return Scene().silence(0.1).wake(0.3).say("what does it say about notice", 0.6).silence(2.4)


def test_stop_silences_a_streamed_answer_and_what_was_said_is_kept_as_cut(
    house: House,  # noqa: F811
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage, kept = play(house, server, asked().say("stop", 0.4).silence(0.9), monkeypatch)
    assert "Notice: three months." in server.asked[0]["messages"][-1]["content"], "it was grounded"
    assert len(stage.of(SpeakingInterrupted)) == 1
    assert [event.reason for event in stage.of(UtteranceIgnored)] == ["stop"]
    assert stage.said[-1] in " ".join(SENTENCES)
    assert len(stage.of(SpeakingStarted)) == 1
    assert server.left.wait(3), "the model was stopped too"
    (turn,) = kept
    assert turn.status == "cancelled"
    assert turn.reply.startswith("The notice is three months [1].")
    assert turn.reply.endswith(CUT)
    assert SENTENCES[-1] not in turn.reply


@pytest.mark.slow
def test_a_new_request_cuts_it_and_is_answered(
    house: House,  # noqa: F811
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage, kept = play(house, server, asked().say("and about the rent please", 0.8).silence(1.8), monkeypatch)
    assert len(stage.of(SpeakingInterrupted)) == 1
    first, second, *_ = kept
    assert first.status == "cancelled"
    assert first.reply.endswith(CUT)
    assert second.transcript == "and about the rent please"
    earlier = server.asked[1]["messages"]
    assert any(message["role"] == "assistant" and "three months" in message["content"] for message in earlier), (
        "the model is told what it had said"
    )


@pytest.mark.models
@pytest.mark.slow
def test_a_real_model_falls_silent_at_a_spoken_stop(
    gguf: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from assistant.cli import main
    from assistant.settings import cache_dir
    from assistant.speech import Synthesizer, write_audio

    home, cache = tmp_path / "home", cache_dir()
    (home / "config").mkdir(parents=True)
    (home / "cache").symlink_to(cache)
    (home / "config" / "assistant.toml").write_text(f'[plugins.options.llm]\nmodel = "{gguf}"\n', "utf-8")
    monkeypatch.setenv("ASSISTANT_HOME", str(home))
    voice, parts = Synthesizer("hibari"), list[np.ndarray]()
    for pause, words in ((1.0, "Hey Jarvis, write a long story about a dragon."), (8.0, "Stop.")):
        parts += [np.zeros(round(pause * 16_000), np.float32), voice.recording(words, "en").samples]
    talk = tmp_path / "talk.wav"
    write_audio(talk, AudioClip(np.concatenate([*parts, np.zeros(5 * 16_000, np.float32)])))

    done = CliRunner().invoke(main, ["listen", "--json", "--audio-file", str(talk), "--session", "talk"])
    assert done.exit_code == 0, done.output
    events = [json.loads(line) for line in done.stdout.splitlines()]
    names = [event["event"] for event in events]
    assert names.count("SpeakingStarted") == 1
    assert names.index("SpeakingStarted") < names.index("SpeakingInterrupted")
    assert "SpeakingFinished" not in names
    shown = CliRunner().invoke(main, ["history", "show", "talk", "--json"])
    (turn,) = json.loads(shown.stdout)
    assert turn["status"] == "cancelled"
    assert len(turn["reply"]) > 100
    assert turn["reply"].endswith(CUT)
