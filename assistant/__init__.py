"""A local-first assistant that listens, looks and reads, and answers through plugins.

What a program needs is here (``from assistant import Assistant``), and what a plugin needs
(``from assistant import hookimpl, Reply``).
"""

from typing import TYPE_CHECKING, Any

from assistant.encoders.encoder import Encoder
from assistant.errors import AssistantError, PluginError, UserError
from assistant.fusion.strategy import FusionInput, FusionOutput, FusionStrategy
from assistant.language import Language, language_of
from assistant.plugins.api import (
    API_VERSION,
    Collection,
    CommandContext,
    Dialogue,
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

if TYPE_CHECKING:
    from assistant.embedded import Assistant
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

__version__ = "0.1.0"


_LATE = {
    "Assistant": "assistant.embedded",
    "ClauseReader": "assistant.understanding.model",
    "apply_corrections": "assistant.understanding.corrections",
    "find_entities": "assistant.understanding.entities.finding",
    "identifier_readings": "assistant.understanding.entities.identifiers",
    "named_identifiers": "assistant.understanding.entities.identifiers",
    **dict.fromkeys(
        ("AmountRange", "DateRange", "Entity", "Money", "Recurrence"), "assistant.understanding.entities.types"
    ),
}
"""names that are imported only by those who use them, and where they are"""


def __getattr__(name: str) -> Any:
    if module := _LATE.get(name):
        from importlib import import_module

        return getattr(import_module(module), name)
    from assistant.plugins.removed import RENAMED

    if (new := RENAMED.get(name)) is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import warnings

    warnings.warn(f"assistant.{name} is now assistant.{new}; write {new}", DeprecationWarning, stacklevel=2)
    return globals()[new]
