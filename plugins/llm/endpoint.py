"""Asks an OpenAI-compatible endpoint. Every way in which that fails becomes one line."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any, TypedDict
from urllib.parse import urlsplit

from assistant import UserError

__all__ = ["Endpoint", "Message"]

LARGEST = 2_000_000
"""bytes of an answer that are read"""
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Message(TypedDict):
    """One message of a chat."""

    role: str
    """system, user or assistant"""
    content: str


class Endpoint:
    """A chat endpoint, ``POST URL/chat/completions``.

    Args:
        url: its base, such as ``http://localhost:11434/v1``.
        model: the model's name; "" leaves the choice to the endpoint.
        key: sent as a bearer token; "" sends none. Never over plain HTTP, except to this machine.
        variable: where the key comes from, for errors.
        seconds: until it gives up.
    """

    def __init__(self, url: str, model: str, key: str, variable: str, seconds: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UserError(f"The option llm.url cannot be {url!r}: it needs http:// or https:// and a host.")
        if key and parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise UserError(f"The key in {variable} is not sent to {parts.hostname} unencrypted: use https://.")
        self._url = url.rstrip("/").removesuffix("/chat/completions") + "/chat/completions"
        self._host = parts.netloc.rpartition("@")[2]
        self._model = model
        self._key = key
        self._variable = variable
        self._seconds = seconds

    def ask(self, messages: list[Message]) -> tuple[str, str]:
        """The answer, and the name of the model that gave it.

        Raises:
            UserError: it could not be asked; says why.
            TimeoutError: it took too long.
        """
        body = {"messages": messages, **({"model": self._model} if self._model else {})}
        headers = {
            "Content-Type": "application/json",
            **({"Authorization": f"Bearer {self._key}"} if self._key else {}),
        }
        request = urllib.request.Request(self._url, json.dumps(body).encode(), headers)
        opener = urllib.request.build_opener(_NoRedirects)
        try:
            with opener.open(request, timeout=self._seconds) as response:
                data = response.read(LARGEST + 1)
        except urllib.error.HTTPError as error:
            with error:
                raise UserError(self._refused(error)) from error
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise error.reason from error
            raise UserError(f"The language model at {self._host} cannot be reached: {_plain(error.reason)}.") from error
        except (OSError, ValueError) as error:
            if isinstance(error, TimeoutError):
                raise
            raise UserError(f"The language model at {self._host} broke off: {_plain(error)}.") from error
        return self._read(data)

    def _refused(self, error: urllib.error.HTTPError) -> str:
        if error.code in (401, 403):
            where = (
                f"set a valid one in {self._variable}" if self._variable else "name its variable in llm.key_variable"
            )
            return f"The language model at {self._host} refuses the key: {where}."
        if error.code == 404:
            return f"{self._host} knows no model {self._model!r}, or its address is another: {self._url} was not found."
        if error.code == 429:
            return f"The language model at {self._host} takes no more questions for now (quota or rate)."
        if 300 <= error.code < 400:
            return (
                f"{self._host} sends us elsewhere; set llm.url to {error.headers.get('Location', 'its new address')}."
            )
        return f"The language model at {self._host} failed with error {error.code}."

    def _read(self, data: bytes) -> tuple[str, str]:
        try:
            answer: Any = json.loads(data[:LARGEST])
            text = answer["choices"][0]["message"]["content"]
            if not isinstance(text, str) or not text.strip():
                raise ValueError("an empty answer")
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise UserError(f"{self._host} answered, but not as an OpenAI-compatible endpoint does.") from error
        return text.strip(), str(answer.get("model") or self._model or self._host)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """The key and the conversation go to the host that was named, and to no other."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Follow nothing."""


def _plain(error: object) -> str:
    return str(getattr(error, "strerror", None) or error).rstrip(".") or type(error).__name__
