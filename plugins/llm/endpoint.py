"""Asks an OpenAI-compatible endpoint, and reads its answer as it comes (Server-Sent Events).

Every way in which that fails becomes one line.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from assistant import UserError

from .chunks import CallPart, Chunk, Message

__all__ = ["Endpoint"]

LARGEST = 2_000_000
"""bytes of an answer that are read"""
LONGEST_LINE = 500_000
"""bytes of one event"""
BAD_FORM = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""what reading an answer of another form raises"""
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Endpoint:
    """A chat endpoint, ``POST URL/chat/completions``.

    Args:
        url: its base, such as ``http://localhost:11434/v1``.
        model: the model's name; "" leaves the choice to the endpoint.
        key: sent as a bearer token; "" sends none. Never over plain HTTP, except to this machine.
        variable: where the key comes from, for errors.
        seconds: until it gives up when nothing comes.
    """

    def __init__(self, url: str, model: str, key: str, variable: str, seconds: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UserError(f"The option llm.url cannot be {url!r}: it needs http:// or https:// and a host.")
        if key and parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise UserError(f"The key in {variable} is not sent to {parts.hostname} unencrypted: use https://.")
        base = url.rstrip("/").removesuffix("/chat/completions")
        self._url, self._models = f"{base}/chat/completions", f"{base}/models"
        self.host = parts.netloc.rpartition("@")[2]
        """where it is, with its port"""
        self.here = parts.hostname in LOOPBACK
        """whether it is on this machine"""
        self._model = model
        self._key = key
        self._variable = variable
        self._seconds = seconds

    def chunks(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]] = ()) -> Iterator[Chunk]:
        """The answer, piece by piece; blocks.

        Raises:
            UserError: it could not be asked, or broke off; says why.
            TimeoutError: nothing came for too long.
        """
        body = {"messages": [*messages], "stream": True, **({"model": self._model} if self._model else {})}
        if tools:
            body["tools"] = [*tools]
        try:
            with self._open(self._url, json.dumps(body).encode()) as response:
                if "event-stream" in (response.headers.get("Content-Type") or ""):
                    yield from self._streamed(response)
                else:
                    yield self._whole(response.read(LARGEST + 1))
        except (OSError, HTTPException) as error:
            if isinstance(error, TimeoutError):
                raise
            raise UserError(f"The language model at {self.host} broke off: {_plain(error)}.") from error

    def check(self) -> str:
        """Says which models it has; blocks.

        Raises:
            UserError: it does not answer, or has no such model.
        """
        try:
            with self._open(self._models, None) as response:
                known = [str(each["id"]) for each in json.loads(response.read(LARGEST))["data"]]
        except (OSError, HTTPException, *BAD_FORM) as error:
            raise UserError(f"The language model at {self.host} does not list its models: {_plain(error)}.") from error
        if self._model and known and self._model not in known:
            raise UserError(f"{self.host} knows no model {self._model!r}; it has {', '.join(known[:8])}.")
        return f"{self._model or ', '.join(known[:3])} at {self.host}"

    def _open(self, url: str, body: bytes | None) -> Any:
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream, application/json"}
        headers |= {"Authorization": f"Bearer {self._key}"} if self._key else {}
        opener = urllib.request.build_opener(_NoRedirects)
        try:
            return opener.open(urllib.request.Request(url, body, headers), timeout=self._seconds)
        except urllib.error.HTTPError as error:
            with error:
                raise UserError(self._refused(error, url)) from error
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise error.reason from error
            raise UserError(f"The language model at {self.host} cannot be reached: {_plain(error.reason)}.") from error

    def _refused(self, error: urllib.error.HTTPError, url: str) -> str:
        if error.code in (401, 403):
            where = (
                f"set a valid one in {self._variable}" if self._variable else "name its variable in llm.key_variable"
            )
            return f"The language model at {self.host} refuses the key: {where}."
        if error.code == 404:
            return f"{self.host} knows no model {self._model!r}, or its address is another: {url} was not found."
        if error.code == 429:
            return f"The language model at {self.host} takes no more questions for now (quota or rate)."
        if 300 <= error.code < 400:
            return f"{self.host} sends us elsewhere; set llm.url to {error.headers.get('Location', 'its new address')}."
        return f"The language model at {self.host} failed with error {error.code}."

    def _streamed(self, response: Any) -> Iterator[Chunk]:
        """The chunks of a stream of events.

        Raises:
            UserError: an event is not a chunk, or the stream ends before the answer does.
        """
        read, ended = 0, False
        while line := response.readline(LONGEST_LINE + 1):
            read += len(line)
            if read > LARGEST or len(line) > LONGEST_LINE:
                raise UserError(
                    f"The language model at {self.host} exceeded the length limit; the answer so far is kept."
                )
            field, _, data = line.decode("utf-8", "replace").rstrip("\r\n").partition(":")
            if field != "data":
                continue  # comments, names and numbers of events
            if data.strip() == "[DONE]":
                return
            chunk, last = self._chunk(data)
            ended = ended or last
            yield chunk
        if not ended:
            raise UserError(f"The language model at {self.host} stopped in the middle of its answer.")

    def _chunk(self, data: str) -> tuple[Chunk, bool]:
        try:
            event = json.loads(data)
            if error := event.get("error"):
                told = " ".join(str(error.get("message") if isinstance(error, dict) else error).split())[:200]
                raise UserError(f"The language model at {self.host} failed: {told.rstrip('.')}.")
            choice = (event.get("choices") or [{}])[0]
            delta = choice.get("delta") or {}
            calls = tuple(_call_part(each) for each in delta.get("tool_calls") or ())
            text = delta.get("content") or ""
            if not isinstance(text, str):
                raise TypeError("content is not text")
        except BAD_FORM as error:
            raise UserError(f"{self.host} answered, but not like an OpenAI-compatible endpoint.") from error
        return Chunk(text, calls, str(event.get("model") or "")), bool(choice.get("finish_reason"))

    def _whole(self, data: bytes) -> Chunk:
        """The answer of a server that does not stream."""
        try:
            answer: Any = json.loads(data[:LARGEST])
            message = answer["choices"][0]["message"]
            calls = tuple(_call_part({"index": i, **each}) for i, each in enumerate(message.get("tool_calls") or ()))
            text = message.get("content") or ""
            if not isinstance(text, str) or not (text.strip() or calls):
                raise ValueError("an empty answer")
        except BAD_FORM as error:
            raise UserError(f"{self.host} answered, but not like an OpenAI-compatible endpoint.") from error
        return Chunk(text.strip(), calls, str(answer.get("model") or ""))


def _call_part(sent: dict[str, Any]) -> CallPart:
    function = sent.get("function") or {}
    arguments = function.get("arguments") or ""
    written = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return CallPart(int(sent.get("index") or 0), str(sent.get("id") or ""), str(function.get("name") or ""), written)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Refuses redirects: the key and the conversation go only to the host in the settings."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Refuses the redirect."""


def _plain(error: object) -> str:
    return str(getattr(error, "strerror", None) or error).rstrip(".") or type(error).__name__
