"""A local-first assistant that listens, looks and reads, and answers through plugins.

What a plugin needs is here: ``from assistant import hookimpl, Reply``.
"""

from assistant.contracts import (
    Collection,
    CommandContext,
    Dialogue,
    Encoder,
    Evidence,
    Fused,
    FusionStrategy,
    Handler,
    Manifest,
    Option,
    Register,
    Services,
)
from assistant.entries import Entry, Match
from assistant.errors import AssistantError, PluginError, UserError
from assistant.hookspecs import hookimpl
from assistant.messages import (
    AudioClip,
    Candidate,
    Decision,
    Encoding,
    Exchange,
    Picture,
    Reply,
    TextLine,
    Transcript,
    Turn,
    TurnResult,
)
from assistant.picture_quality import PictureProblem, picture_problem, sharpness
from assistant.wording import Language, Spoken, Wording, language_of

__all__ = [
    "AssistantError",
    "AudioClip",
    "Candidate",
    "Collection",
    "CommandContext",
    "Decision",
    "Dialogue",
    "Encoder",
    "Encoding",
    "Entry",
    "Evidence",
    "Exchange",
    "Fused",
    "FusionStrategy",
    "Handler",
    "Language",
    "Manifest",
    "Match",
    "Option",
    "Picture",
    "PictureProblem",
    "PluginError",
    "Register",
    "Reply",
    "Services",
    "Spoken",
    "TextLine",
    "Transcript",
    "Turn",
    "TurnResult",
    "UserError",
    "Wording",
    "hookimpl",
    "language_of",
    "picture_problem",
    "sharpness",
]

__version__ = "0.1.0"
