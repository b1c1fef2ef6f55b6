"""Asks a model of the `llm` package (Simon Willison's), local or remote, as its user has installed it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assistant import UserError

from .endpoint import Message

__all__ = ["ask_installed"]


def ask_installed(name: str, messages: Sequence[Message]) -> str:
    """The answer of a model that `llm models` lists.

    Raises:
        UserError: the package is not there, the model is not, or it failed; one line.
    """
    try:
        import llm
    except ImportError as error:
        raise UserError("The option llm.model without llm.url needs the llm package: pip install llm.") from error
    try:
        model: Any = llm.get_model(name)
    except llm.UnknownModelError as error:
        raise UserError(f"The llm package has no model {name!r}; `llm models` lists them.") from error
    *earlier, last = messages
    told = "\n".join(f"{each['role']}: {each['content']}" for each in earlier if each["role"] != "system")
    prompt = f"The conversation so far:\n{told}\n\nThe user now says:\n{last['content']}" if told else last["content"]
    system = next((each["content"] for each in earlier if each["role"] == "system"), None)
    try:
        text = str(model.prompt(prompt, system=system, stream=False).text()).strip()
    except Exception as error:  # every model plugin raises its own
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise UserError(f"The model {name} of the llm package could not answer: {reason}") from error
    if not text:
        raise UserError(f"The model {name} of the llm package gave an empty answer.")
    return text
