"""Scripted scenes for the voice loop."""

from typing import Any

from assistant.testing import run_virtually
from assistant.testing.voice import Scene, VoiceScenario
from assistant.types import Reply

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


def story() -> Scene:
    return Scene().silence(1).wake().say("tell me a story").silence(3)
