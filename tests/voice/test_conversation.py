"""Twelve turns spoken to it in a file, two of them interruptions, and a stop: what it heard, said and wrote."""

import json
import re
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from click.testing import CliRunner

from assistant.cli import main
from assistant.inputs.audio_file import read_audio
from assistant.settings import cache_dir
from assistant.speech import SpeechRecognizer, write_audio
from tests.voice.twelve_turns import TURNS, conversation

pytestmark = [pytest.mark.slow, pytest.mark.models, pytest.mark.timeout(900)]

ANSWERS = (
    "56",
    "plants",
    "Tokyo",
    "milk and eggs",
    "milk and eggs",
    "Which order",
    "A1008",
    "10 minutes",
    ".",
    "You rolled",
    "attracts",
    "",
    "9 minutes|10 minutes",
)
"""what the answer to each turn holds; nothing for "stop" """


def letters(text: str) -> str:
    return "".join(re.findall(r"\w", text.lower()))


def test_twelve_turns_are_heard_answered_and_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = cache_dir()
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "cache").symlink_to(cache)
    sound, spans = conversation()
    write_audio(tmp_path / "talk.wav", sound)
    out = tmp_path / "replies"
    done = CliRunner().invoke(main, ["listen", "--json", "--audio-file", str(tmp_path / "talk.wav"), "--out", str(out)])
    assert done.exit_code == 0, done.output
    events = [json.loads(line) for line in done.stdout.splitlines()]
    spoken = [event for event in events if event["event"] == "SpeakingStarted"]
    ends = [*(begin for begin, _ in spans[1:]), 1e9]
    for (_, end), until, words, wanted in zip(spans, ends, (words for _, words in TURNS), ANSWERS, strict=True):
        after = [event["text"] for event in spoken if end - 0.5 < event["second"] < until]
        assert re.search(wanted, after[-1]) if wanted else not after, (words, after)
    cuts = [event["second"] for event in events if event["event"] == "SpeakingInterrupted" and event["by"] != "resumed"]
    for turn in (2, 9, 11):
        assert any(spans[turn][0] < second < spans[turn][0] + 0.9 for second in cuts), TURNS[turn]
    assert len(cuts) == 3

    # The files hold what it says that it said, a cut reply its beginning, and each lasts as long as on the timeline.
    recognizer, files = SpeechRecognizer(language="en"), sorted(out.iterdir())
    finished = {event["turn"]: event["second"] for event in events if event["event"] == "SpeakingFinished"}
    for path, event in zip(files, spoken, strict=True):
        clip = read_audio(path)
        heard = letters(recognizer.transcribe(clip).text)
        said = letters(event["text"])[: len(heard)]
        assert SequenceMatcher(None, heard, said, autojunk=False).ratio() > 0.75, (event["text"], heard)
        if event["turn"] in finished:
            assert abs(finished[event["turn"]] - event["second"] - clip.duration) < 0.2
