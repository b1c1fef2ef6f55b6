"""Every section of the settings: each setting with its default, its unit and its range."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "Fusion",
    "Inference",
    "Intents",
    "Library",
    "Memory",
    "Plugins",
    "Serve",
    "Speech",
    "Storage",
    "Terminal",
    "Text",
    "Turns",
    "Vision",
    "Voice",
    "Wyoming",
]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Inference(_Section):
    """How the models run."""

    device: Literal["auto", "cpu", "cuda", "mps"] = Field(
        "auto", description="device of the models; auto is an NVIDIA card that ONNX Runtime can use, else cpu"
    )
    threads: int = Field(2, ge=1, le=256, description="processor threads for the models; at most the number of cores")
    idle_unload: float = Field(
        0.0,
        ge=0,
        description="minutes without use after which models are unloaded; 0 keeps them loaded",
    )
    queue: int = Field(8, ge=1, description="number of jobs that may wait for the models; further ones are refused")
    cache_entries: int = Field(4096, ge=0, description="encodings kept by content hash; 0 keeps none")


class Text(_Section):
    """Typed text."""

    model: str = Field(
        "minilm-l6",
        description="English sentence encoder, a name from config/models.toml; mpnet-base is more accurate and slower",
    )
    max_chars: int = Field(20_000, ge=1, description="maximum length of a text, characters")
    max_tokens: int = Field(256, ge=8, le=512, description="maximum number of word pieces the encoder reads")


class Speech(_Section):
    """Listening."""

    model: str = Field("whisper-base", description="Whisper weights, a name from config/models.toml")
    language: str = Field("auto", description='spoken language, ISO 639-1, or "auto"')
    languages: tuple[str, ...] = Field(
        (), description='languages "auto" chooses among ("zh-Hant": Chinese in traditional characters); [] takes any'
    )
    right_sized: bool = Field(True, description="cut Whisper's window to the clip: faster, same words")
    margin: float = Field(0.3, ge=0.0, le=30.0, description="seconds the window outlasts the last word")
    beam_size: int = Field(1, ge=1, le=16, description="beams of the decoder; 1 is greedy")
    vocabulary: tuple[str, ...] = Field((), description="names and words with an unusual spelling")
    noise_reduction: bool = Field(False, description="spectral gating before Whisper")
    max_minutes: float = Field(180.0, gt=0, description="maximum length of a recording, minutes")


class Vision(_Section):
    """Looking."""

    model: str = Field(
        "efficientnet-lite0",
        description='a name from config/models.toml, or "hub:owner/name" for a ViT, CLIP or SigLIP',
    )
    max_megapixels: float = Field(100.0, gt=0, description="maximum size of a picture, million pixels")


class Fusion(_Section):
    """Joining speech, pictures and text."""

    strategy: str = Field("attention", description="attention, early or late")


class Intents(_Section):
    """Deciding."""

    coverage: float = Field(0.95, gt=0.5, lt=1.0, description="share of turns whose right intent is among the options")
    in_scope_retention: float = Field(
        0.95, gt=0.5, lt=1.0, description="share of real requests the out-of-scope threshold lets through"
    )
    max_options: int = Field(3, ge=2, le=5, description="maximum number of intents in a clarifying question")


class Turns(_Section):
    """Grouping of inputs, and time limits."""

    window: float = Field(20.0, gt=0, description="seconds that an attached picture or clip waits for words")
    encode_deadline: float = Field(120.0, gt=0, description="seconds for encoding a turn")
    confirm_within: float = Field(600.0, gt=0, description="seconds for which a yes answers a confirmation")


class Plugins(_Section):
    """Plugins."""

    folder: str = Field("", description='folder of your own plugins; "" is plugins/ beside the settings file')
    disabled: tuple[str, ...] = Field((), description="names of plugins that are turned off")
    trusted: tuple[str, ...] = Field(
        (),
        description="names of plugins that run inside the program, without limits; other plugins get a process each",
    )
    memory: int = Field(512, ge=64, description="MB that a plugin's process may use")
    failures: int = Field(3, ge=1, description="failures in a row after which a plugin is paused")
    rest: float = Field(60.0, gt=0, description="seconds for which a failing plugin is paused")
    load_timeout: float = Field(20.0, gt=0, description="seconds for the import and start of a plugin")
    hook_timeout: float = Field(0.8, gt=0, description="seconds for a hook of your plugins in a turn")
    options: dict[str, dict[str, Any]] = Field(
        {}, description="plugins' own settings: [plugins.options.NAME]; `assistant plugins options` lists them"
    )


class Storage(_Section):
    """Storage of conversations."""

    url: str = Field("", description='"" is SQLite in the data folder; or postgresql+psycopg://user@host/name')
    keep_days: int = Field(0, ge=0, description="days after which turns are deleted for good; 0 keeps them")


class Memory(_Section):
    """Facts that you tell about yourself."""

    enabled: bool = Field(True, description="store facts such as your name, for all plugins")


class Terminal(_Section):
    """Terminal output."""

    details: bool = Field(False, description="show the decision, its confidence and the times below each reply")


class Voice(_Section):
    """Speaking, and listening in the background."""

    speak: bool = Field(False, description="say replies aloud")
    engine: Literal["auto", "hibari", "espeak"] = Field("auto", description="voice; auto picks by language")
    speed: float = Field(1.0, ge=0.5, le=2.0, description="1 is normal speed")
    input_device: str = Field("", description='microphone, name or index; "" is the default')
    output_device: str = Field("", description='loudspeaker, name or index; "" is the default')
    mode: Literal["wake", "push_to_talk", "always"] = Field(
        "wake", description="start of a spoken turn: a wake word, a key, or any speech"
    )
    wake_words: dict[str, float] = Field(
        {"hey jarvis": 0.5},
        description="wake words and their sensitivity, 0 to 1; alexa, hey jarvis, hey mycroft, okay nabu",
    )
    wake_models: dict[str, str] = Field(
        {}, description="wake words of your own and their files: .tflite of microWakeWord or openWakeWord"
    )
    wake_check: bool = Field(
        True, description='doubt a wake word of two words: was it "hey jarvis", or only "jarvis"? It takes 0.1 s'
    )
    only_enrolled: bool = Field(
        False, description="wake for enrolled speakers alone: `assistant wake enroll`; a comfort, no lock"
    )
    warm_up: Literal["wake", "start"] = Field(
        "wake", description="load the models at the first wake (idle costs little) or at the start (quick at once)"
    )
    patience: float = Field(5.0, ge=1.0, le=60.0, description="seconds to wait for speech after a wake word")
    silence: float = Field(
        0.5,
        ge=0.2,
        le=3.0,
        description="seconds of silence that end a sentence; the start of what is learned from the speaker",
    )
    early_silence: float = Field(0.3, ge=0.1, le=3.0, description="seconds of silence that end a complete request")
    early_confidence: float = Field(
        0.8, ge=0.0, le=1.0, description="confidence from which a request may end early; 1 never"
    )
    longest: float = Field(20.0, ge=2.0, le=30.0, description="seconds a spoken turn may last")
    follow_up: float = Field(
        8.0, ge=0.0, le=60.0, description="seconds an answer needs no wake word after a question; 0 always needs one"
    )
    chimes: bool = Field(True, description="short tones: listening, no speech, failure")
    barge_in: bool = Field(True, description="speech interrupts a reply; otherwise only stop and the wake word do")
    deadline: float = Field(30.0, gt=0, le=600.0, description="seconds after which an answer is no longer spoken")

    @property
    def all_wake_words(self) -> dict[str, float]:
        """Each wake word and its sensitivity; those of `wake_models` need not stand in `wake_words`."""
        return {**dict.fromkeys(self.wake_models, 0.5), **self.wake_words}


class Library(_Section):
    """Finding files by meaning."""

    folder: str = Field("", description='"" is library/ in the data folder; or an address such as s3://bucket/path')
    read_pictures: bool = Field(True, description="read the text in pictures; slower")
    watch_seconds: float = Field(10.0, ge=1.0, description="seconds between two scans of watched folders")


class Serve(_Section):
    """Answering other programs over HTTP: `assistant serve`."""

    host: str = Field(
        "127.0.0.1", description="address to listen on; any other than 127.0.0.1 lets other machines connect"
    )
    port: int = Field(8420, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    turns: int = Field(4, ge=1, le=64, description="number of concurrent turns; at most inference.queue")
    waiting: int = Field(32, ge=0, description="number of waiting turns; further ones get 429")
    timeout: float = Field(120.0, gt=0, description="seconds a turn may take, waiting included")
    max_megabytes: float = Field(25.0, gt=0, description="maximum size of a request, million bytes")
    max_megapixels: float = Field(40.0, gt=0, description="maximum size of a picture, million pixels")
    megapixels_a_request: float = Field(
        80.0, gt=0, description="maximum size of all pictures of a request, million pixels"
    )
    megapixels_at_once: float = Field(
        120.0, gt=0, description="maximum size of the pictures of all running turns, million pixels; others wait"
    )
    megabytes_at_once: float = Field(
        200.0, gt=0, description="maximum size of all running requests, million bytes; further ones get 429"
    )
    max_minutes: float = Field(10.0, gt=0, description="maximum length of a recording, minutes")
    max_speech_chars: int = Field(4000, ge=1, description="maximum length of a text to speak, characters")
    remember_hours: float = Field(24.0, gt=0, description="hours for which a request sent twice is answered once")
    listeners: int = Field(
        64, ge=0, description="maximum number of connections at /v1/listen; further ones are refused"
    )
    drain: float = Field(30.0, ge=0, description="seconds for running turns at shutdown")
    hosts: tuple[str, ...] = Field((), description="host names of the server, besides numbers and localhost")
    origins: tuple[str, ...] = Field(
        (), description="origins of web pages that may call it, such as https://app.example"
    )
    tls_certificate: str = Field("", description="file of your certificate (PEM, with its chain), for HTTPS")
    tls_key: str = Field("", description="file of its private key (PEM, without a password)")
    stall: float = Field(20.0, gt=0, description="seconds without sending or reading after which a client gets 408")
    header_seconds: float = Field(10.0, gt=0, description="seconds in which a request's headers must arrive")
    strangers: int = Field(
        64, ge=1, description="maximum number of connections without a token; beyond it the oldest is closed"
    )
    requests_a_minute: int = Field(0, ge=0, description="maximum number of POST requests of one token; 0 is no limit")
    json_log: bool = Field(False, description="log to standard error as JSON lines, with one for each request")


class Wyoming(_Section):
    """Answering Home Assistant and satellites over the Wyoming protocol: `assistant wyoming`."""

    host: str = Field("127.0.0.1", description="address to listen on; any other than 127.0.0.1 needs clients")
    port: int = Field(10900, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    clients: tuple[str, ...] = Field((), description="addresses or networks that may connect, such as 192.168.1.0/24")
