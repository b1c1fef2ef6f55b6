"""Optional: a language model of your choice answers what nothing else answers. Off until you name one."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from assistant import Decision, Manifest, Option, Register, Reply, Services, Turn, hookimpl

from . import asking, models
from .wording import asked_in, examples_of, matches_write

__all__ = ["MANIFEST", "answer_fallback", "examine", "register_intents", "shutdown", "startup", "write"]

MANIFEST = Manifest(
    title="Language model",
    summary="Optional, off by default: a language model answers what nothing else can, and its words are marked.",
    translations={
        "zh": ("语言模型", "可选，默认关闭：由语言模型回答其他插件答不了的问题，并加以标明。"),
        "de": (
            "Sprachmodell",
            "Wahlweise, zunächst aus: ein Sprachmodell antwortet, wo sonst nichts antwortet; das wird gekennzeichnet.",
        ),
    },
    capabilities=("network", "files", "tools"),
    timeout=600.0,
    options=(
        Option("url", "", 'an OpenAI-compatible endpoint, such as http://localhost:11434/v1; "" is off'),
        Option("model", "", "the model's name; without a url, a GGUF file, or one of the `llm` package's models"),
        Option(
            "key_variable", "OPENAI_API_KEY", "environment variable that holds the key; none is sent where it is empty"
        ),
        Option("seconds", 30.0, "seconds without a word from it until it is given up, at most 120"),
        Option("turns", 6, "earlier turns of the conversation that are sent along; 0 sends none"),
        Option("passages", "here", 'passages of your files go along: to a model "here" only, "always", or "never"'),
        Option("pictures", False, "whether the model sees, so that pictures are sent; otherwise the text in them is"),
        Option("tools", 4, "most calls of other plugins in a turn; 0 offers none"),
        Option("leaves_alone", "medical_triage customer_service", "plugins whose subjects it never answers"),
    ),
)
NEAR = 0.3
"""confidence from which a turn that belongs to no intent is still about a plugin's subject"""


_set_up: list[bool] = []
"""whether a model is set up, once that is known"""


@hookimpl
async def startup(services: Services) -> None:
    """See whether a model is set up."""
    _set_up[:] = [bool(services.options["url"] or services.options["model"])]


def _matches(text: str) -> int:
    return matches_write(text, on=_set_up == [True])


@hookimpl
def register_intents(register: Register) -> None:
    """Declare requests that need a model, so that they are declined without one."""
    register(write, acts=False, matches=_matches, **examples_of("write"))


async def write(turn: Turn, services: Services) -> AsyncGenerator[Reply | str, None]:
    """Write, translate, summarise or rephrase a text."""
    language = asked_in(turn.utterance)
    if models.chosen(services.options) is None:
        yield asking.answer_off(language)
        return
    async for piece in asking.answer(turn, services, tools=False):
        yield piece


@hookimpl(trylast=True)  # after all plugins but the one that says "I don't know"
async def answer_fallback(turn: Turn, decision: Decision, services: Services) -> AsyncGenerator[Reply | str, None]:
    """Let the language model answer, if one is set up and the topic is not excluded."""
    alone = {f"{name}." for name in str(services.options["leaves_alone"]).split()}
    subjects = [each.intent for each in decision.candidates if each.confidence >= NEAR]
    if asking.rests() or not turn.utterance.strip() or any(s.startswith(tuple(alone)) for s in subjects):
        return
    async for piece in asking.answer(turn, services, tools=True):
        yield piece


@hookimpl
def examine(options: Mapping[str, Any]) -> str:
    """Check that the model can be reached."""
    return models.check(options)


@hookimpl
def shutdown() -> None:
    """End the model that runs here."""
    models.LOCAL.stop()
