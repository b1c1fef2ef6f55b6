"""A local-first assistant that listens, looks and reads, and answers through plugins.

What a plugin needs is here: ``from assistant import hookimpl, Reply``.
"""

from assistant.encoders.encoder import Encoder
from assistant.errors import AssistantError, PluginError, UserError
from assistant.fusion.strategy import FusionInput, FusionOutput, FusionStrategy
from assistant.language import Language, language_of
from assistant.plugins.api import Collection, CommandContext, Dialogue, Handler, Manifest, Option, Register, Services
from assistant.plugins.hookspecs import hookimpl
from assistant.plugins.toolkit.picture_quality import PictureProblem, picture_problem, sharpness
from assistant.plugins.toolkit.wording import Spoken, Wording
from assistant.retrieval.entries import Entry, Match
from assistant.types import (
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
    "Exchange",
    "FusionInput",
    "FusionOutput",
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
