"""Asks a model of the `llm` package (Simon Willison's), local or remote, as its user has installed it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from assistant import UserError

from .chunks import Chunk, Message

__all__ = ["find_installed", "installed_chunks"]


def find_installed(name: str) -> Any:
    """A model that `llm models` lists.

    Raises:
        UserError: the package is not there, or the model is not; one line.
    """
    try:
        import llm
    except ImportError as error:
        raise UserError(
            f"The option llm.model cannot be {name!r}: there is no such GGUF file (see `assistant models add`), and "
            "other names need the llm package (pip install llm) or llm.url."
        ) from error
    try:
        return llm.get_model(name)
    except llm.UnknownModelError as error:
        raise UserError(f"The llm package has no model {name!r}; `llm models` lists them.") from error


def installed_chunks(name: str, messages: Sequence[Message]) -> Iterator[Chunk]:
    """The answer of a model that `llm models` lists, piece by piece; blocks.

    Raises:
        UserError: it is not there, or failed; one line.
    """
    model = find_installed(name)
    *earlier, last = messages
    told = "\n".join(f"{each['role']}: {each['content']}" for each in earlier if each["role"] != "system")
    prompt = f"The conversation so far:\n{told}\n\nThe user now says:\n{last['content']}" if told else last["content"]
    system = next((each["content"] for each in earlier if each["role"] == "system"), None)
    said = False
    try:
        for text in model.prompt(prompt, system=system, stream=True):
            said = said or bool(str(text).strip())
            yield Chunk(str(text), model=name)
    except Exception as error:  # every model plugin raises its own
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise UserError(f"The model {name} of the llm package could not answer: {reason}") from error
    if not said:
        raise UserError(f"The model {name} of the llm package gave an empty answer.")
