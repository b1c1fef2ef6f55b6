"""A local-first assistant that listens, looks and reads, and answers through plugins.

What a program needs is here (``from assistant import Assistant``), and what a plugin needs
(``from assistant import hookimpl, Reply``).
"""

import os
from typing import TYPE_CHECKING, Any

# Before numpy is imported: on matrices as small as these, threads of its BLAS wait for each other longer than they
# compute, on a busy machine a hundred times.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

if TYPE_CHECKING:
    from assistant.embedded import Assistant
    from assistant.encoders.encoder import Encoder
    from assistant.errors import AssistantError, PluginError, UserError
    from assistant.fusion.strategy import FusionInput, FusionOutput, FusionStrategy
    from assistant.language import Language, language_of
    from assistant.plugins.api import (
        API_VERSION,
        Collection,
        CommandContext,
        Dialogue,
        Exchange,
        Handler,
        Manifest,
        Option,
        Register,
        Services,
    )
    from assistant.plugins.hookspecs import hookimpl
    from assistant.plugins.toolkit.picture_quality import PictureProblem, picture_problem, sharpness
    from assistant.plugins.toolkit.sentences import Sentences
    from assistant.plugins.toolkit.wording import Spoken, Wording
    from assistant.retrieval.entries import Entry, LibraryAnswer, Match
    from assistant.types import (
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
    from assistant.understanding.corrections import apply_corrections
    from assistant.understanding.entities.finding import find_entities
    from assistant.understanding.entities.identifiers import identifier_readings, named_identifiers
    from assistant.understanding.entities.types import AmountRange, DateRange, Entity, Money, Recurrence
    from assistant.understanding.model import ClauseReader

__all__ = [
    "API_VERSION",
    "AmountRange",
    "Assistant",
    "AssistantError",
    "AudioClip",
    "Candidate",
    "ClauseReader",
    "Collection",
    "CommandContext",
    "DateRange",
    "Decision",
    "Dialogue",
    "Encoder",
    "Encoding",
    "Entity",
    "Entry",
    "Exchange",
    "FusionInput",
    "FusionOutput",
    "FusionStrategy",
    "Handler",
    "Language",
    "LibraryAnswer",
    "Manifest",
    "Match",
    "Money",
    "Option",
    "Picture",
    "PictureProblem",
    "PluginError",
    "Recurrence",
    "Register",
    "Reply",
    "Sentences",
    "Services",
    "Spoken",
    "TextLine",
    "Transcript",
    "Turn",
    "TurnResult",
    "UserError",
    "Wording",
    "apply_corrections",
    "find_entities",
    "hookimpl",
    "identifier_readings",
    "language_of",
    "named_identifiers",
    "picture_problem",
    "sharpness",
]

__version__ = "0.2.0"


_PLACES = {
    "assistant.embedded": ("Assistant",),
    "assistant.encoders.encoder": ("Encoder",),
    "assistant.errors": ("AssistantError", "PluginError", "UserError"),
    "assistant.fusion.strategy": ("FusionInput", "FusionOutput", "FusionStrategy"),
    "assistant.language": ("Language", "language_of"),
    "assistant.plugins.api": (
        "API_VERSION",
        "Collection",
        "CommandContext",
        "Dialogue",
        "Exchange",
        "Handler",
        "Manifest",
        "Option",
        "Register",
        "Services",
    ),
    "assistant.plugins.hookspecs": ("hookimpl",),
    "assistant.plugins.toolkit.picture_quality": ("PictureProblem", "picture_problem", "sharpness"),
    "assistant.plugins.toolkit.sentences": ("Sentences",),
    "assistant.plugins.toolkit.wording": ("Spoken", "Wording"),
    "assistant.retrieval.entries": ("Entry", "LibraryAnswer", "Match"),
    "assistant.types": (
        "AudioClip",
        "Candidate",
        "Decision",
        "Encoding",
        "Picture",
        "Reply",
        "TextLine",
        "Transcript",
        "Turn",
        "TurnResult",
    ),
    "assistant.understanding.corrections": ("apply_corrections",),
    "assistant.understanding.entities.finding": ("find_entities",),
    "assistant.understanding.entities.identifiers": ("identifier_readings", "named_identifiers"),
    "assistant.understanding.entities.types": ("AmountRange", "DateRange", "Entity", "Money", "Recurrence"),
    "assistant.understanding.model": ("ClauseReader",),
}
"""module → the public names in it; imported when they are first used, so that a program pays for what it uses"""
_MODULES = {name: module for module, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> Any:
    if module := _MODULES.get(name):
        from importlib import import_module

        value = globals()[name] = getattr(import_module(module), name)
        return value
    from assistant.plugins.removed import RENAMED

    if (new := RENAMED.get(name)) is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import warnings

    warnings.warn(f"assistant.{name} is now assistant.{new}; write {new}", DeprecationWarning, stacklevel=2)
    return __getattr__(new)
