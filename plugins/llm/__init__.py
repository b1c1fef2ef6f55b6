"""Optional: sends what nothing else answers to a language model of your choice. Off until you name one."""

from __future__ import annotations

from assistant import Decision, Manifest, Option, Reply, Services, Turn, hookimpl

from .asking import ask_model

__all__ = ["MANIFEST", "answer_fallback"]

MANIFEST = Manifest(
    title="Language model",
    summary="Optional, off by default: lets a language model answer what nothing else can, and says that it did.",
    capabilities=("network",),
    timeout=130.0,
    options=(
        Option("url", "", 'an OpenAI-compatible endpoint, such as http://localhost:11434/v1; "" is off'),
        Option("model", "", "the model's name; without a url, one of the `llm` package's installed models"),
        Option(
            "key_variable", "OPENAI_API_KEY", "environment variable that holds the key; none is sent where it is empty"
        ),
        Option("seconds", 30.0, "seconds an answer may take, at most 120"),
        Option("turns", 6, "earlier turns of the conversation that are sent along; 0 sends none"),
    ),
)


@hookimpl(tryfirst=True)
async def answer_fallback(turn: Turn, decision: Decision, services: Services) -> Reply | None:
    """Let the language model answer, if one is set up; pictures and sound are never sent."""
    return await ask_model(turn, services)
