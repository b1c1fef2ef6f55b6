"""The voice loop on a stage: scripted speech, a virtual clock, every milestone checked."""

import asyncio
import itertools
from typing import Any

import pytest

from assistant.errors import DeviceError, StorageError
from assistant.events import (
    FirstSound,
    ItemsDropped,
    ListeningStarted,
    Notice,
    PartialTranscript,
    SpeakingInterrupted,
    SpeechEnded,
    TranscriptReady,
    UtteranceIgnored,
    VoiceStateChanged,
    WakeWordHeard,
)
from assistant.testing import run_virtually
from assistant.testing.voice import FakeMicrophone, Scene, VoiceScenario
from assistant.types import Reply, Turn
from assistant.voice.interfaces import Outlook

ANSWERS = {
    "roll a die": "You rolled four.",
    "tell me a story": "Once upon a time there was a king. He had a very long beard. It was longer than his reign was.",
    "where is my order": Reply("Which order do you mean?", follow_up=True),
    "the second one": "It comes on Tuesday.",
}


def play(scene: Scene, answers: dict[str, Any] | None = None, **options: Any) -> VoiceScenario:
    prepare = options.pop("prepare", lambda stage: None)
    microphone = options.pop("microphone", None)

    async def run() -> VoiceScenario:
        stage = VoiceScenario(scene, answers or ANSWERS, microphone=microphone and microphone(scene), **options)
        prepare(stage)
        return await stage.run()

    return run_virtually(run())


def order() -> Scene:
    return Scene().silence(1).wake().say("roll a die").silence(4)


def test_wake_word_and_request_are_answered_in_order() -> None:
    stage = play(order())
    assert stage.said == ["You rolled four."]
    assert stage.milestones == [
        "WakeWordHeard",
        "VoiceStateChanged",
        "ListeningStarted",
        "PartialTranscript",
        "PartialTranscript",
        "SpeechEnded",
        "VoiceStateChanged",
        "TranscriptReady",
        "VoiceStateChanged",
        "SpeakingStarted",
        "FirstSound",
        "SpeakingFinished",
        "VoiceStateChanged",
    ]
    assert [event.state for event in stage.of(VoiceStateChanged)] == ["listening", "thinking", "speaking", "idle"]


def test_without_the_wake_word_nothing_happens_and_no_model_is_loaded() -> None:
    stage = play(Scene().silence(1).say("roll a die").silence(4))
    assert stage.milestones == []
    assert not stage.backend.warm


def test_levels_are_told_once_a_second() -> None:
    stage = play(Scene().silence(5))
    assert len(stage.events) == 4


def test_a_complete_request_is_answered_from_the_pause_on_and_the_clip_is_heard_once() -> None:
    stage = play(order())
    (ended,) = stage.of(SpeechEnded)
    assert ended.reason == "complete"
    assert ended.second - ended.speech_end < 0.45
    assert stage.backend.heard.count("roll a die") == 1
    (first,) = stage.of(FirstSound)
    assert first.latency_ms["transcript"] == 0
    assert first.latency_ms["to first sound"] < 600
    assert sum(ms for step, ms in first.latency_ms.items() if step != "to first sound") == pytest.approx(
        first.latency_ms["to first sound"], abs=1
    )
    assert stage.backend.latencies == {first.turn: first.latency_ms}


def test_the_wake_word_and_its_request_may_have_a_pause_between() -> None:
    stage = play(Scene().silence(1).wake().silence(2).say("roll a die").silence(4))
    assert stage.said == ["You rolled four."]


def test_partial_transcripts_grow_while_somebody_speaks() -> None:
    stage = play(
        Scene().silence(1).wake().say("please tell me a very long story about old kings and queens").silence(4)
    )
    partials = [event.text for event in stage.of(PartialTranscript)]
    assert len(partials) >= 3
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(partials))


def test_slow_recognition_never_hold_up_the_microphone() -> None:
    stage = play(order().silence(4), prepare=lambda stage: setattr(stage.backend, "hearing", 3.0))
    assert stage.said == ["You rolled four."]
    assert stage.microphone.dropped == 0
    assert not stage.of(Notice)


def test_a_false_wake_ends_quietly() -> None:
    stage = play(Scene().silence(1).wake().silence(1).noise(8).silence(1))
    assert [event.reason for event in stage.of(UtteranceIgnored)] == ["nothing said"]
    assert stage.said == []
    assert stage.backend.heard == []


def test_invented_words_end_quietly() -> None:
    stage = play(order(), prepare=lambda stage: setattr(stage.backend, "rejected", "no speech"))
    assert [event.reason for event in stage.of(UtteranceIgnored)] == ["no speech"]
    assert stage.said == []
    assert stage.loop.state == "idle"


def test_a_sentence_that_breaks_off_is_waited_for() -> None:
    scene = Scene().silence(1).wake().say("turn on the").silence(0.8).say("kitchen light").silence(4)
    stage = play(scene, {"turn on the kitchen light": "Done."})
    assert stage.said == ["Done."]
    assert len(stage.of(SpeechEnded)) == 1


def test_who_goes_on_after_being_cut_off_is_heard_out_and_the_stale_answer_is_never_spoken() -> None:
    scene = Scene().silence(1).wake().say("roll a die").silence(0.48).say("with twenty sides").silence(5)

    def slow(stage: VoiceScenario) -> None:
        stage.backend.answering = 0.5

    stage = play(scene, {"roll a die": "Stale.", "roll a die with twenty sides": "You rolled nineteen."}, prepare=slow)
    assert stage.said == ["You rolled nineteen."]
    assert [event.by for event in stage.of(SpeakingInterrupted)] == ["resumed"]


def test_speaking_without_end_is_cut_at_the_longest() -> None:
    stage = play(Scene().silence(1).wake().say("bla " * 80).silence(5), longest=10.0)
    (ended,) = stage.of(SpeechEnded)
    assert ended.reason == "longest"
    assert ended.second < 13
    # Whoever talks that long about nothing we know is the television.
    assert [event.reason for event in stage.of(UtteranceIgnored)] == ["not meant for me"]


def test_listening_ends_when_voice_activity_is_unknown() -> None:
    stage = play(order(), prepare=lambda stage: setattr(stage.activity, "broken", True))
    assert [event.reason for event in stage.of(SpeechEnded)] == ["unknown"]
    assert "cannot tell speech from silence" in stage.of(Notice)[0].text
    assert stage.loop.state == "idle"


def test_a_question_needs_no_wake_word_for_its_answer() -> None:
    scene = Scene().silence(1).wake().say("where is my order").silence(4).say("the second one").silence(5)
    stage = play(scene)
    assert stage.said == ["Which order do you mean?", "It comes on Tuesday."]
    assert len(stage.of(WakeWordHeard)) == 1
    assert [event.why for event in stage.of(ListeningStarted)] == ["wake", "follow_up"]


def test_the_follow_up_window_closes() -> None:
    scene = Scene().silence(1).wake().say("where is my order").silence(14).say("the second one").silence(5)
    stage = play(scene)
    assert stage.said == ["Which order do you mean?"]
    assert stage.loop.state == "idle"


def test_an_open_question_is_asked_again_after_a_restart() -> None:
    def ask(stage: VoiceScenario) -> None:
        stage.backend.question = Reply("Which order do you mean?", follow_up=True)

    stage = play(Scene().silence(4).say("the second one").silence(5), prepare=ask)
    assert stage.said == ["Which order do you mean?", "It comes on Tuesday."]


def story() -> Scene:
    return Scene().silence(1).wake().say("tell me a story").silence(3)


def test_speech_interrupts_the_reply_and_is_answered() -> None:
    stage = play(story().say("roll a die").silence(5))
    assert stage.said[-1] == "You rolled four."
    assert len(stage.said) < 4
    assert [event.by for event in stage.of(SpeakingInterrupted)] == ["speech"]
    (_, _, cut), (_, began, _) = stage.player.played[-2:]
    assert cut < began


def test_the_reply_falls_silent_soon_after_speech_begins() -> None:
    scene = story()
    began = scene.seconds
    stage = play(scene.say("roll a die").silence(5))
    assert 0 < stage.player.played[-2][2] - began < 0.4


def test_who_only_nods_is_no_interruption_and_hears_the_rest() -> None:
    stage = play(story().silence(0.5).say("okay right").silence(15))
    once, beard, reign = (
        "Once upon a time there was a king.",
        "He had a very long beard.",
        "It was longer than his reign was.",
    )
    assert stage.said == [once, beard, beard, reign]
    assert [event.reason for event in stage.of(UtteranceIgnored)] == ["only a nod"]
    assert stage.loop.state == "idle"


def test_a_noise_taken_for_speech_does_not_cost_the_reply() -> None:
    def deaf_later(stage: VoiceScenario) -> None:
        async def tell(turn: Turn) -> str:
            stage.backend.rejected = "no speech"
            return str(ANSWERS["tell me a story"])

        stage.backend.answers = {"tell me a story": tell}

    stage = play(story().say("brrr brrr").silence(15), prepare=deaf_later)
    assert stage.said[-1] == "It was longer than his reign was."
    assert len(set(stage.said)) == 3


def test_a_cough_does_not_interrupt() -> None:
    stage = play(story().say("hm", 0.12).silence(9))
    assert not stage.of(SpeakingInterrupted)
    assert len(stage.said) == 3


def test_without_barge_in_only_stop_is_obeyed() -> None:
    talk = play(story().say("what a nice day").silence(9), barge_in=False)
    assert len(talk.said) == 3
    stopped = play(story().say("stop").silence(9), barge_in=False)
    assert [event.by for event in stopped.of(SpeakingInterrupted)] == ["stop"]
    assert len(stopped.said) < 3
    assert stopped.loop.state == "idle"


def test_stop_while_speaking_leads_to_silence_and_nothing_else() -> None:
    stage = play(story().say("stop").silence(9))
    assert len(stage.backend.turns) == 1
    assert [event.reason for event in stage.of(UtteranceIgnored)] == ["stop"]
    assert len(stage.said) < 3


def test_stop_while_thinking_cancels_the_turn() -> None:
    async def slow(turn: Turn) -> str:
        await asyncio.sleep(20)
        return "Much too late."

    stage = play(order().say("stop").silence(25), {"roll a die": slow})
    assert [event.by for event in stage.of(SpeakingInterrupted)] == ["stop"]
    assert stage.said == []


def test_talk_while_thinking_does_not_lose_the_request() -> None:
    async def slow(turn: Turn) -> str:
        await asyncio.sleep(6)
        return "Here I am."

    stage = play(order().say("what a nice day").silence(9), {"roll a die": slow})
    assert stage.said == ["Here I am."]


def test_the_wake_word_interrupts_thinking_and_speaking() -> None:
    stage = play(story().wake().say("roll a die").silence(5), barge_in=False)
    assert stage.said[-1] == "You rolled four."
    assert [event.by for event in stage.of(SpeakingInterrupted)] == ["wake"]


def test_a_hung_plugin_is_given_up_and_the_loop_goes_on() -> None:
    async def hang(turn: Turn) -> str:
        await asyncio.Event().wait()
        return ""

    scene = Scene().silence(1).wake().say("hang up").silence(20).wake().say("roll a die").silence(4)
    stage = play(scene, {**ANSWERS, "hang up": hang}, deadline=10.0)
    assert stage.said == ["Sorry, that took too long.", "Please try again.", "You rolled four."]
    assert stage.of(Notice)


def test_a_full_disk_is_told_and_the_loop_goes_on() -> None:
    full = StorageError("The disk is full: the turn cannot be kept.")
    scene = Scene().silence(1).wake().say("save it").silence(9).wake().say("roll a die").silence(4)
    stage = play(scene, {**ANSWERS, "save it": full})
    assert stage.said[-1] == "You rolled four."
    assert [event.text for event in stage.of(Notice)] == [str(full)]


def test_paths_and_commands_are_shown_and_not_read_aloud() -> None:
    missing = StorageError("Cannot write /home/me/x: run `assistant doctor`.")
    stage = play(order().silence(4), {"roll a die": missing})
    assert [event.text for event in stage.of(Notice)] == [str(missing)]
    assert stage.said == ["Sorry, something went wrong here."]


def test_a_bug_is_apologised_for_without_its_details() -> None:
    stage = play(order().silence(4), {"roll a die": ZeroDivisionError("x")})
    assert stage.said == ["Sorry, something went wrong here."]
    assert stage.loop.state == "idle"


def test_a_loudspeaker_that_is_gone_is_told_and_the_loop_goes_on() -> None:
    def gone(stage: VoiceScenario) -> None:
        stage.player.failure = DeviceError("The loudspeaker went away.")

    stage = play(order(), prepare=gone)
    assert [event.text for event in stage.of(Notice)] == ["The loudspeaker went away."]
    assert stage.loop.state == "idle"
    assert stage.backend.turns


@pytest.mark.parametrize("where", ["player", "question", "wake"])
def test_a_part_that_breaks_never_leaves_the_loop_stuck(where: str) -> None:
    def break_it(stage: VoiceScenario) -> None:
        broken = RuntimeError("a bug")
        if where == "player":
            stage.player.failure = broken
        elif where == "question":

            async def fail(session: str) -> None:
                raise StorageError("The database is locked.")

            stage.backend.open_question = fail  # type: ignore[method-assign, assignment]
        else:
            process, state = stage.loop.process, {"left": 20}

            def process_badly(chunk: Any) -> None:
                state["left"] -= 1
                if state["left"] >= 0:
                    raise broken
                process(chunk)

            stage.loop.process = process_badly  # type: ignore[method-assign]

    stage = play(order().silence(4), prepare=break_it)
    assert stage.loop.state == "idle"
    assert len(stage.of(Notice)) == 1
    assert where == "player" or stage.said


def test_a_microphone_unplugged_mid_word_ends_the_sentence_and_is_heard_again() -> None:
    scene = Scene().silence(1).wake().say("roll a die", 2.0).silence(4).wake().say("roll a die").silence(4)
    stage = play(scene, microphone=lambda scene: FakeMicrophone(scene, away=(2.5, 30.0)))
    assert stage.of(SpeechEnded)[0].reason == "unknown"
    assert stage.said[-1] == "You rolled four."


def test_overload_is_counted_and_told_and_the_loop_goes_on() -> None:
    def slow_once(stage: VoiceScenario) -> None:
        hear = stage.activity.probability

        def probability(chunk: Any) -> float:
            if stage.loop.clock.now > 2.0 and not stage.microphone.dropped:
                stage.microphone.dropped += 40  # as a real one counts while the processor is away
            return hear(chunk)

        stage.activity.probability = probability  # type: ignore[method-assign]

    stage = play(order(), prepare=slow_once)
    assert [(event.queue, event.count) for event in stage.of(ItemsDropped)] == [("microphone", 40)]
    assert stage.said == ["You rolled four."]


def test_falling_behind_the_microphone_is_told_once() -> None:
    class Late(FakeMicrophone):
        async def __aiter__(self) -> Any:
            count = 0
            async for chunk in super().__aiter__():
                count += 1
                if count == 60:
                    await asyncio.sleep(1.5)  # the computer does something else for a while
                yield chunk

    stage = play(Scene().silence(6), microphone=Late)
    (notice,) = stage.of(Notice)
    assert "behind the microphone" in notice.text


def test_push_to_talk_needs_no_wake_word_and_hears_none() -> None:
    async def run() -> VoiceScenario:
        scene = Scene().silence(1).wake().silence(1).say("roll a die").silence(4)
        stage = VoiceScenario(scene, ANSWERS, mode="push_to_talk")
        asyncio.get_running_loop().call_later(2.4, stage.loop.push)
        return await stage.run()

    stage = run_virtually(run())
    assert stage.said == ["You rolled four."]
    assert [event.why for event in stage.of(ListeningStarted)] == ["push"]


def test_releasing_the_key_ends_the_sentence_at_once() -> None:
    async def run() -> VoiceScenario:
        stage = VoiceScenario(Scene().silence(1).say("roll a die").silence(4), ANSWERS, mode="push_to_talk")
        asyncio.get_running_loop().call_later(0.9, stage.loop.push)
        asyncio.get_running_loop().call_later(1.95, stage.loop.release)
        return await stage.run()

    stage = run_virtually(run())
    assert stage.said == ["You rolled four."]
    assert [event.reason for event in stage.of(SpeechEnded)] == ["released"]


def test_always_listening_answers_requests_and_ignores_talk() -> None:
    scene = Scene().silence(1).say("what a nice day").silence(4).say("roll a die").silence(4)
    stage = play(scene, mode="always")
    assert stage.said == ["You rolled four."]
    assert [event.reason for event in stage.of(UtteranceIgnored)] == ["not meant for me"]


def test_without_being_called_a_guess_is_not_enough() -> None:
    def unsure(stage: VoiceScenario) -> None:
        async def preview(session: str, text: str) -> Outlook:
            return Outlook("test.it", 0.36, "clarify", True)

        stage.backend.preview = preview  # type: ignore[method-assign]

    overheard = Scene().silence(1).say("what has happened to me").silence(4)
    assert play(overheard, mode="always", prepare=unsure).said == []
    asked = Scene().silence(1).wake().say("what has happened to me").silence(4)
    assert play(asked, {"what has happened to me": "Tell me more."}, prepare=unsure).said == ["Tell me more."]


def test_who_is_far_away_does_not_keep_the_sentence_open() -> None:
    def television(stage: VoiceScenario) -> None:  # it speaks all the time, 40 dB softer than the user
        stage.activity.probability = lambda chunk: 1.0  # type: ignore[method-assign]

    scene = Scene().silence(1).wake().say("roll a die").noise(5)
    stage = play(scene, prepare=television)
    assert stage.said == ["You rolled four."]
    assert stage.of(SpeechEnded)[0].second < 4.0
    assert stage.of(TranscriptReady)
