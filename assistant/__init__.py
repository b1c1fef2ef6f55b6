"""A local-first assistant that listens, looks and reads, and answers through plugins.

What a program needs is here (``from assistant import Assistant``), and what a plugin needs
(``from assistant import hookimpl, Reply``).
"""

import functools
import importlib
import os
from typing import TYPE_CHECKING, Any

# Before numpy is imported: on matrices as small as these, threads of its BLAS wait for each other longer than they
# compute, on a busy machine a hundred times.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Before these libraries are imported: nothing about their use is sent to their makers.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

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


@functools.cache
def _modules() -> dict[str, str]:
    """Public name → its module, read off the imports above, which are for type checkers.

    A name is imported when it is first used, so that a program pays for what it uses.
    """
    import ast

    with open(__file__, encoding="utf-8") as file:
        nodes = ast.walk(ast.parse(file.read()))
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return {alias.name: str(node.module) for node in imports for alias in node.names}


def __getattr__(name: str) -> Any:
    if name in __all__:
        value = globals()[name] = getattr(importlib.import_module(_modules()[name]), name)
        return value
    from assistant.plugins.removed import RENAMED

    if (new := RENAMED.get(name)) is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import warnings

    warnings.warn(f"assistant.{name} is now assistant.{new}; write {new}", DeprecationWarning, stacklevel=2)
    return __getattr__(new)
