"""The server's description for a `describe` event."""

from __future__ import annotations

import shutil

from wyoming import info

from assistant import __version__
from assistant.language import LANGUAGES
from assistant.settings import Settings
from assistant.speech.wake_models import WAKE_WORDS, known

__all__ = ["describe", "voice_language_of"]

NAME = "multimodal-assistant"
OURS = info.Attribution(NAME, "https://pypi.org/project/multimodal-assistant/")
WHISPER = info.Attribution("OpenAI", "https://github.com/openai/whisper")
HIBARI = info.Attribution("hibari-tts", "https://pypi.org/project/hibari-tts/")
ESPEAK = info.Attribution("eSpeak NG", "https://github.com/espeak-ng/espeak-ng")
WAKE = info.Attribution("pymicro-wakeword", "https://pypi.org/project/pymicro-wakeword/")


def describe(settings: Settings) -> info.Info:
    """Describe the programs, without an intent program: Home Assistant would take our intents for its own."""
    speech = settings.speech.model
    heard = ["en"] if speech.endswith(".en") else list(LANGUAGES)
    here = shutil.which("espeak-ng") is not None
    voices = [_voice("english", "English (hibari)", "en", HIBARI, installed=settings.voice.engine != "espeak")]
    voices += [_voice(f"espeak-{code}", f"eSpeak NG, {code}", code, ESPEAK, installed=here) for code in LANGUAGES]
    wake = [
        info.WakeModel(word.replace(" ", "_"), WAKE, True, f'"{word}"', "1", languages=["en"], phrase=word)
        for word in dict.fromkeys([*WAKE_WORDS, *map(known, settings.voice.wake_models)])
    ]
    given = {"name": NAME, "attribution": OURS, "installed": True, "version": __version__}
    return info.Info(
        asr=[
            info.AsrProgram(
                **given,
                description="Whisper, with a window the size of the recording",
                models=[info.AsrModel(speech, WHISPER, True, f"OpenAI's {speech}", "20250625", languages=heard)],
                supports_transcript_streaming=True,
            )
        ],
        tts=[info.TtsProgram(**given, description="Speaks", voices=voices, supports_synthesize_streaming=True)],
        wake=[info.WakeProgram(**given, description="Wake words", models=wake)],
        handle=[
            info.HandleProgram(
                **given,
                description="Answers through its plugins",
                models=[info.HandleModel(NAME, OURS, True, "The assistant", __version__, languages=list(LANGUAGES))],
            )
        ],
    )


def voice_language_of(name: str | None, language: str | None) -> str:
    """The language that a client wants spoken, ISO 639-1; "" for none in particular."""
    if name == "english":
        return "en"
    code = (name or "").removeprefix("espeak-") if name else (language or "").replace("_", "-").partition("-")[0]
    return code.lower() if code.lower() in LANGUAGES else ""


def _voice(name: str, description: str, language: str, whose: info.Attribution, *, installed: bool) -> info.TtsVoice:
    return info.TtsVoice(name, whose, installed, description, "1", languages=[language])
