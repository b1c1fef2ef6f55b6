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
        "auto", description="where models compute; auto is a card of NVIDIA's that ONNX Runtime can use, else cpu"
    )
    threads: int = Field(2, ge=1, le=256, description="processor threads the models use; never more than there are")
    idle_unload: float = Field(
        0.0,
        ge=0,
        description="minutes without use after which models leave memory until they are used again; 0 keeps them",
    )
    queue: int = Field(8, ge=1, description="jobs that may wait for the models; more are refused")
    cache_entries: int = Field(4096, ge=0, description="encodings kept by content hash; 0 keeps none")


class Text(_Section):
    """Reading what is typed."""

    model: str = Field(
        "minilm-l6",
        description="English sentence encoder, a name from config/models.toml; mpnet-base errs less and takes longer",
    )
    max_chars: int = Field(20_000, ge=1, description="longest text taken, characters")
    max_tokens: int = Field(256, ge=8, le=512, description="word pieces the encoder reads; the rest is cut")


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
    vocabulary: tuple[str, ...] = Field((), description="names and words you say whose spelling is hard to guess")
    noise_reduction: bool = Field(False, description="spectral gating before Whisper")
    max_minutes: float = Field(180.0, gt=0, description="longest recording taken, minutes")


class Vision(_Section):
    """Looking."""

    model: str = Field(
        "efficientnet-lite0",
        description='a name from config/models.toml, or "hub:owner/name" for a ViT, CLIP or SigLIP',
    )
    max_megapixels: float = Field(100.0, gt=0, description="largest picture opened, million pixels")


class Fusion(_Section):
    """Joining what was heard, seen and read."""

    strategy: str = Field("attention", description="attention, early or late")


class Intents(_Section):
    """Deciding."""

    coverage: float = Field(0.95, gt=0.5, lt=1.0, description="share of turns whose right intent is among the options")
    in_scope_retention: float = Field(
        0.95, gt=0.5, lt=1.0, description="share of real requests the out-of-scope threshold lets through"
    )
    max_options: int = Field(3, ge=2, le=5, description="most intents a clarifying question offers")


class Turns(_Section):
    """Grouping inputs, and how long they may take to be understood."""

    window: float = Field(20.0, gt=0, description="seconds an attached picture or clip waits for its words")
    encode_deadline: float = Field(120.0, gt=0, description="seconds for listening, looking and reading")
    confirm_within: float = Field(600.0, gt=0, description="seconds for which a yes confirms what was asked")


class Plugins(_Section):
    """Which plugins run, and how."""

    folder: str = Field("", description='folder of your own plugins; "" is plugins/ beside the settings file')
    disabled: tuple[str, ...] = Field((), description="names of plugins that stay off")
    trusted: tuple[str, ...] = Field(
        (),
        description="names of plugins that run in the program itself, without limits; your others get a process each",
    )
    memory: int = Field(512, ge=64, description="MB that a plugin's process may use")
    failures: int = Field(3, ge=1, description="failures in a row after which a plugin rests")
    rest: float = Field(60.0, gt=0, description="seconds a failing plugin rests")
    load_timeout: float = Field(20.0, gt=0, description="seconds a plugin may take to be imported and to start")
    hook_timeout: float = Field(0.8, gt=0, description="seconds a hook of a plugin of yours may hold up a turn")
    options: dict[str, dict[str, Any]] = Field(
        {}, description="plugins' own settings: [plugins.options.NAME]; `assistant plugins options` lists them"
    )


class Storage(_Section):
    """Where conversations are kept."""

    url: str = Field("", description='"" is SQLite in the data folder; or postgresql+psycopg://user@host/name')
    keep_days: int = Field(0, ge=0, description="days after which turns are deleted for good; 0 keeps them")


class Memory(_Section):
    """Remembering what you tell about yourself."""

    enabled: bool = Field(True, description="keep what you tell, such as your name, for all plugins")


class Terminal(_Section):
    """What a terminal shows."""

    details: bool = Field(False, description="below each reply: what decided, how surely, and how long it took")


class Voice(_Section):
    """Speaking, and listening in the background."""

    speak: bool = Field(False, description="say replies aloud")
    engine: Literal["auto", "hibari", "espeak"] = Field("auto", description="voice; auto picks by language")
    speed: float = Field(1.0, ge=0.5, le=2.0, description="1 is normal speed")
    input_device: str = Field("", description='microphone, name or index; "" is the default')
    output_device: str = Field("", description='loudspeaker, name or index; "" is the default')
    mode: Literal["wake", "push_to_talk", "always"] = Field(
        "wake", description="what begins a spoken turn: a wake word, a key, or any speech"
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
        0.5, ge=0.2, le=3.0, description="seconds of silence that end a sentence; learned from the speaker from there"
    )
    early_silence: float = Field(
        0.3, ge=0.1, le=3.0, description="seconds of silence that end a request that is complete as it stands"
    )
    early_confidence: float = Field(
        0.8, ge=0.0, le=1.0, description="how sure of a request the assistant must be to end it early; 1 never does"
    )
    longest: float = Field(20.0, ge=2.0, le=30.0, description="seconds a spoken turn may last")
    follow_up: float = Field(
        8.0, ge=0.0, le=60.0, description="seconds an answer needs no wake word after a question; 0 always needs one"
    )
    chimes: bool = Field(True, description="quiet tones: I listen, nothing was said, that failed")
    barge_in: bool = Field(True, description="speech interrupts a reply; otherwise only stop and the wake word do")
    deadline: float = Field(30.0, gt=0, le=600.0, description="seconds after which an answer comes too late to be said")

    @property
    def all_wake_words(self) -> dict[str, float]:
        """Each wake word and its sensitivity; those of `wake_models` need not stand in `wake_words`."""
        return {**dict.fromkeys(self.wake_models, 0.5), **self.wake_words}


class Library(_Section):
    """Finding files by meaning."""

    folder: str = Field("", description='"" is library/ in the data folder; or an address such as s3://bucket/path')
    read_pictures: bool = Field(True, description="read what is written in pictures; slower than looking at them")
    watch_seconds: float = Field(10.0, ge=1.0, description="seconds between two looks at watched folders")


class Serve(_Section):
    """Answering other programs over HTTP: `assistant serve`."""

    host: str = Field("127.0.0.1", description="address to listen on; any but this machine's own opens it to others")
    port: int = Field(8420, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    turns: int = Field(4, ge=1, le=64, description="turns answered at once; at most as many as inference.queue")
    waiting: int = Field(32, ge=0, description="turns that may wait for their turn; more are answered with 429")
    timeout: float = Field(120.0, gt=0, description="seconds a turn may take, waiting included")
    max_megabytes: float = Field(25.0, gt=0, description="largest request taken, million bytes")
    max_megapixels: float = Field(40.0, gt=0, description="largest picture taken, million pixels")
    megapixels_a_request: float = Field(80.0, gt=0, description="pictures of one request together, million pixels")
    megapixels_at_once: float = Field(120.0, gt=0, description="pictures of turns in hand; others wait, million pixels")
    megabytes_at_once: float = Field(200.0, gt=0, description="requests in hand together, million bytes; more get 429")
    max_minutes: float = Field(10.0, gt=0, description="longest recording taken, minutes")
    max_speech_chars: int = Field(4000, ge=1, description="longest text spoken at once, characters")
    remember_hours: float = Field(24.0, gt=0, description="hours for which a request sent twice is answered once")
    listeners: int = Field(64, ge=0, description="microphones connected at once at /v1/listen; more are refused")
    drain: float = Field(30.0, ge=0, description="seconds that turns in hand may still take when it is stopped")
    hosts: tuple[str, ...] = Field((), description="names by which it is reached, besides numbers and localhost")
    origins: tuple[str, ...] = Field((), description="web pages of other origins that may ask, as https://app.example")
    tls_certificate: str = Field("", description="file of your certificate (PEM, with its chain), for HTTPS")
    tls_key: str = Field("", description="file of its private key (PEM, without a password)")
    stall: float = Field(20.0, gt=0, description="seconds that a client may neither send nor read; it gets 408 then")
    header_seconds: float = Field(10.0, gt=0, description="seconds in which a request's headers must arrive")
    strangers: int = Field(64, ge=1, description="connections open without a token; beyond it the oldest is closed")
    requests_a_minute: int = Field(0, ge=0, description="POST requests of one token; 0 sets no limit")
    json_log: bool = Field(False, description="log to standard error as JSON lines, with one for each request")


class Wyoming(_Section):
    """Answering Home Assistant and satellites over the Wyoming protocol: `assistant wyoming`."""

    host: str = Field("127.0.0.1", description="address to listen on; any but this machine's own needs clients")
    port: int = Field(10900, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    clients: tuple[str, ...] = Field((), description="addresses or networks that may connect, as 192.168.1.0/24")
