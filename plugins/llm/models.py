"""Selects the language model of the settings and sends it requests."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant import UserError
from assistant.weights.language_models import find_language_model

from .chunks import Chunk, Message, on_thread
from .gguf import LocalModel, check_package
from .installed import find_installed, installed_chunks

if TYPE_CHECKING:
    from .endpoint import Endpoint

__all__ = ["LOCAL", "Model", "check", "chosen"]

LOCAL = LocalModel()
"""the model that runs here"""
MOST_SECONDS = 120.0


@dataclass(frozen=True)
class Model:
    """A model that can be asked."""

    name: str
    """for people"""
    host: str = ""
    """where the words go; "" where they stay on this machine, or where the `llm` package decides"""
    endpoint: Endpoint | None = None
    file: Path | None = None
    seconds: float = 30.0

    @property
    def takes_tools(self) -> bool:
        """Whether the model supports tools."""
        return self.endpoint is not None or self.file is not None

    def ask(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]] = ()) -> AsyncGenerator[Chunk, None]:
        """The answer, piece by piece."""
        return on_thread(lambda: self._chunks(messages, tools))

    def _chunks(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]]) -> Iterator[Chunk]:
        if self.file is not None:
            return LOCAL.endpoint(self.file, self.seconds).chunks(messages, tools)
        if self.endpoint is not None:
            return self.endpoint.chunks(messages, tools)
        return installed_chunks(self.name, messages)


def chosen(options: Mapping[str, Any]) -> Model | None:
    """The model that the options name; None when it is off.

    Raises:
        UserError: they cannot work.
    """
    url, name, variable = (str(options[key]) for key in ("url", "model", "key_variable"))
    seconds = min(float(options["seconds"]), MOST_SECONDS)
    if url:
        from .endpoint import Endpoint  # the network's libraries are imported where one is asked

        key = os.environ.get(variable, "") if variable else ""
        endpoint = Endpoint(url, name, key, variable, seconds)
        return Model(name, "" if endpoint.here else endpoint.host, endpoint, seconds=seconds)
    if not name:
        return None
    file = find_language_model(name)
    return Model(file.stem if file else name, file=file, seconds=seconds)


def check(options: Mapping[str, Any]) -> str:
    """Look whether the model can be asked, and say which it is; "" when it is off.

    Raises:
        UserError: it cannot; one line.
    """
    model = chosen(options)
    if model is None:
        return ""
    if model.endpoint is not None:
        leaves = f"; your words are sent to {model.host}" if model.host else ""
        return model.endpoint.check() + leaves
    if model.file is not None:
        check_package()
        if not model.file.is_file():
            raise UserError(f"{model.file} is not there; `assistant models add FILE.gguf` adds a model.")
        return f"{model.file.name} on this machine"
    find_installed(model.name)
    return f"{model.name} of the llm package"
