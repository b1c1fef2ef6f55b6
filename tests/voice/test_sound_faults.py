"""Devices that go away and come back under a real sound server: the voice assistant goes on within seconds.

Run it with ``pytest -m sound``; it takes two minutes, in real time.
"""

import subprocess
import sys
import time
from typing import Any

import pytest

pytestmark = [pytest.mark.sound, pytest.mark.models, pytest.mark.timeout(400)]

GONE, BACK = "sends no sound any more", "The microphone is here again"


def told(room: Any, *words: str, since: int = 0) -> None:
    """Wait until it has said all of this about itself, in this order."""

    def all_there(events: Any) -> bool:
        notices = iter(room.notices()[since:])
        return all(any(word in notice for notice in notices) for word in words)

    room.wait_for(all_there, 30)


def answers(room: Any) -> None:
    """Ask, and wait for the answer."""
    said = room.names().count("SpeakingFinished")
    room.say("Hey Jarvis, what is seven times eight?")
    room.wait_for(lambda events: room.names().count("SpeakingFinished") > said, 20)
    assert "56" in [event["text"] for event in room.events() if event["event"] == "SpeakingStarted"][-1]


def test_a_microphone_unplugged_mid_word_is_found_again_at_another_rate(room: Any) -> None:
    saying = room.begin_to_say("Hey Jarvis, what is seven times eight? I would like to know it very much.")
    room.wait_for(lambda events: "ListeningStarted" in room.names())
    room.unplug()
    told(room, GONE, "cannot be opened")
    saying.wait(10)
    ignored = [event["reason"] for event in room.events() if event["event"] == "UtteranceIgnored"]
    assert ignored == ["sound was lost"], "half a sentence leads to nothing"
    room.plug_in(16_000, 1)
    told(room, BACK)
    answers(room)


def test_a_suspended_microphone_is_heard_when_it_resumes(room: Any) -> None:
    room.pactl("suspend-sink", "room", "1")
    told(room, GONE)
    room.pactl("suspend-sink", "room", "0")
    told(room, GONE, BACK)
    answers(room)


def test_a_loudspeaker_that_goes_away_while_speaking_is_told_and_the_next_answer_is_heard(room: Any) -> None:
    room.say("Hey Jarvis, what is your name?")
    room.wait_for(lambda events: "FirstSound" in room.names())
    time.sleep(1)
    room.unplug()
    told(room, "The loudspeaker disappeared during the reply")
    room.plug_in()
    told(room, BACK)
    answers(room)


@pytest.mark.parametrize("rate", [48_000, 16_000])
def test_a_microphone_away_for_five_seconds_in_mid_reply_leads_to_no_talk_with_itself(room: Any, rate: int) -> None:
    room.say("Hey Jarvis, what is your name?")
    room.wait_for(lambda events: "FirstSound" in room.names())
    time.sleep(1)
    room.unplug_microphone()  # the loudspeaker's own monitor takes its place: every word comes back at once
    time.sleep(5)
    room.plug_in_microphone(rate, 1)
    time.sleep(20)
    started = [event["text"] for event in room.events() if event["event"] == "SpeakingStarted"]
    assert len(set(started)) == 1, "nothing but the one reply, or the rest of it"
    assert room.names().count("WakeWordHeard") == 1
    answers(room)


def test_a_microphone_that_is_muted_in_mid_word_leads_to_silence_and_is_heard_again(room: Any) -> None:
    saying = room.begin_to_say("Hey Jarvis, what is seven times eight? I would like to know it very much.")
    room.wait_for(lambda events: "ListeningStarted" in room.names())
    room.pactl("set-source-mute", "room.monitor", "1")
    saying.wait(10)
    time.sleep(6)
    spoken = [event["text"] for event in room.events() if event["event"] == "SpeakingStarted"]
    assert len(spoken) <= 1, "half a sentence leads to one answer at most"
    room.pactl("set-source-mute", "room.monitor", "0")
    answers(room)


def test_a_sound_server_that_crashes_is_waited_for(room: Any) -> None:
    room.stop_server()
    told(room, GONE, "there is no microphone")
    room.start_server()
    told(room, BACK)
    answers(room)


def test_killed_and_started_again_it_answers_and_only_one_runs_at_a_time(room: Any) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "assistant", "listen"], env=room.environment, capture_output=True, text=True, timeout=60
    )
    assert second.returncode == 1
    assert "Another voice assistant is already running (process" in second.stderr
    assert "Traceback" not in second.stderr
    room.kill()
    room.listen()
    answers(room)


def test_a_reply_whose_sink_is_moved_is_heard_at_the_new_one_or_told(room: Any) -> None:
    room.say("Hey Jarvis, what is your name?")
    room.wait_for(lambda events: "FirstSound" in room.names())
    time.sleep(1)
    room.pactl("load-module", "module-null-sink", "sink_name=other", "rate=16000", "channels=1")
    for stream in room.streams_of_programs():
        room.pactl("move-sink-input", stream, "other")
    room.wait_for(lambda events: "SpeakingFinished" in room.names() or bool(room.notices()), 40)
    assert room.names().count("SpeakingInterrupted") == 0
    assert room.names().count("WakeWordHeard") == 1
    answers(room)
