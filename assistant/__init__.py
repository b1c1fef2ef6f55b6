"""A local-first assistant that listens, looks and reads, and answers through plugins.

What a plugin needs is here: ``from assistant import hookimpl, Reply``.
"""

from assistant.contracts import (
    Dialogue,
    Encoder,
    Evidence,
    Fused,
    FusionStrategy,
    Manifest,
    Register,
    Services,
)
from assistant.errors import AssistantError, PluginError, UserError
from assistant.hookspecs import hookimpl
from assistant.messages import (
    AudioClip,
    Candidate,
    Decision,
    Encoding,
    Picture,
    Reply,
    TextLine,
    Transcript,
    Turn,
    TurnResult,
)

__all__ = [
    "AssistantError",
    "AudioClip",
    "Candidate",
    "Decision",
    "Dialogue",
    "Encoder",
    "Encoding",
    "Evidence",
    "Fused",
    "FusionStrategy",
    "Manifest",
    "Picture",
    "PluginError",
    "Register",
    "Reply",
    "Services",
    "TextLine",
    "Transcript",
    "Turn",
    "TurnResult",
    "UserError",
    "hookimpl",
]

__version__ = "0.1.0"
