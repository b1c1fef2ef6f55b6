"""The assistant inside another program, with real models and a real plugin."""

import asyncio
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile
from PIL import Image

from assistant import Assistant, AudioClip, Picture
from assistant.errors import AudioError, ImageError, InputError, SettingsError, TextError, UserError
from assistant.events import IntentRecognized, ReplyReady, TurnStarted
from assistant.settings import cache_dir, load_settings

PLUGIN = '''
"""Describes what it is shown."""
from assistant import hookimpl

def describe(turn) -> str:
    """Describe the pictures."""
    sizes = ", ".join(f"{each.image.width} x {each.image.height}" for each in turn.images)
    return f"{turn.utterance.strip(' .?').lower()}: {sizes or 'no picture'}"

@hookimpl
def register_intents(register):
    register(describe, examples=["describe the size of this", "tell me how large these pictures are"])
'''


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folders with one plugin; model weights stay in the real cache."""
    cache = cache_dir()
    plugins = tmp_path / "config" / "plugins"
    plugins.mkdir(parents=True)
    (plugins / "sizes.py").write_text(PLUGIN, "utf-8")
    cache.mkdir(parents=True, exist_ok=True)
    (tmp_path / "cache").symlink_to(cache)
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    return tmp_path


def png(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(file, "PNG")
    return file.getvalue()


@pytest.mark.slow
@pytest.mark.models
def test_a_program_asks_with_words_pictures_and_a_recording(home: Path, say: Callable[[str], AudioClip]) -> None:
    file, recording = home / "a.png", home / "question.wav"
    file.write_bytes(png(40, 30))
    clip = say("Describe the size of this.")
    soundfile.write(recording, clip.samples, clip.sample_rate)

    async def work() -> None:
        async with Assistant() as assistant:
            events = assistant.events(TurnStarted, IntentRecognized, ReplyReady)
            image = Image.new("RGB", (50, 20), "blue")
            shown = [file, png(4, 3), image, Picture(image)]
            reply = await assistant.ask("describe the size of this", images=shown, session="mine")
            assert reply.text == "describe the size of this: 40 x 30, 4 x 3, 50 x 20, 50 x 20"
            kinds = [type(await anext(events)) for _ in range(3)]
            assert kinds == [TurnStarted, IntentRecognized, ReplyReady]
            for audio in (recording, recording.read_bytes(), clip):
                result = await assistant.respond(images=[str(file)], audio=audio, session="said")
                assert result.turn.transcript is not None
                assert result.reply.text.endswith(": 40 x 30")
                assert result.decision.intent == "sizes.describe"
            turns = assistant.app.history.turns("mine")
            assert [turn.reply for turn in turns] == [reply.text]

    asyncio.run(work())


def test_what_cannot_be_read_is_one_line(home: Path) -> None:
    (home / "notes.txt").write_text("no picture", "utf-8")

    async def work() -> None:
        async with Assistant() as assistant:
            bad: list[tuple[type[UserError], str, dict[str, object]]] = [
                (InputError, "nothing to answer", {}),
                (InputError, "nothing to answer", {"text": " \n"}),
                (TextError, "must be str", {"text": 7}),
                (ImageError, "no file", {"images": ["nowhere.png"]}),
                (ImageError, "not a picture", {"images": [home / "notes.txt"]}),
                (ImageError, "list of pictures", {"images": "a.png"}),
                (ImageError, "not int", {"images": [3]}),
                (AudioError, "sound", {"audio": b"no sound"}),
                (AudioError, "not float", {"audio": 1.5}),
            ]
            for kind, words, given in bad:
                with pytest.raises(kind, match=words):
                    await assistant.ask(**given)  # type: ignore[arg-type]

    asyncio.run(work())


def test_outside_its_block_it_says_so() -> None:
    async def work() -> None:
        with pytest.raises(InputError, match="async with"):
            await Assistant().ask("hello")

    asyncio.run(work())


def test_settings_come_from_a_file_or_as_they_are(home: Path) -> None:
    file = home / "mine.toml"
    file.write_text("[text]\nmax_chars = 100\n", "utf-8")
    (home / "wrong.toml").write_text("[text]\nmax_charz = 100\n", "utf-8")

    async def limit(settings: object) -> int:
        async with Assistant(settings) as assistant:  # type: ignore[arg-type]
            return assistant.app.settings.text.max_chars

    assert asyncio.run(limit(file)) == 100
    assert asyncio.run(limit(load_settings({"text": {"max_chars": 200}}))) == 200
    with pytest.raises(SettingsError, match="max_chars"):
        asyncio.run(limit(home / "wrong.toml"))
    with pytest.raises(SettingsError, match="Cannot read"):
        asyncio.run(limit(home / "nowhere.toml"))


def test_events_end_when_the_assistant_closes(home: Path) -> None:
    async def work() -> list[object]:
        async with Assistant() as assistant:
            events = assistant.events(ReplyReady)
            reading = asyncio.ensure_future(_all(events))
            await asyncio.sleep(0)
        return await asyncio.wait_for(reading, 5)

    async def _all(events: object) -> list[object]:
        return [event async for event in events]  # type: ignore[attr-defined]

    assert asyncio.run(work()) == []


@pytest.mark.models
def test_the_readmes_example_runs(home: Path) -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
    code = readme.partition("<!-- embedded -->\n```python\n")[2].partition("```")[0]
    assert "Assistant" in code
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, capture_output=True, text=True, env=os.environ.copy(), timeout=120, check=True)
    assert re.search(r"\b([1-9]|1\d|20)\b", done.stdout), done.stdout
