"""Error responses: a status, a line with the error, and a line with the remedy."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from assistant import errors
from assistant.types import new_id

__all__ = ["OPENAI_PATHS", "ErrorResponse", "error_response_of", "explain", "install_error_responses", "missing"]

logger = logging.getLogger(__name__)

OPENAI_PATHS = ("/v1/audio/", "/v1/chat/", "/v1/models")
"""addresses whose errors are in OpenAI's shape"""


def _openai_type(status: int) -> str:
    kinds = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
    return kinds.get(status, "invalid_request_error" if status < 500 else "server_error")


class ErrorResponse(Exception):
    """Ends a request, with a `code` for programs such as "busy".

    The same request may do after `retry_after` seconds, where given; `param` is the wrong field, for OpenAI's clients.
    """

    def __init__(
        self,
        status: int,
        code: str,
        error: str,
        what_to_do: str = "",
        retry_after: int | None = None,
        param: str | None = None,
    ) -> None:
        super().__init__(error)
        self.status = status
        self.code = code
        self.error = " ".join(error.split())
        self.what_to_do = what_to_do
        self.retry_after = retry_after
        self.param = param

    def to_json(self) -> dict[str, Any]:
        """The body of the response."""
        return {"error": self.error, "what_to_do": self.what_to_do, "code": self.code}

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the response, besides the usual ones."""
        found = {"WWW-Authenticate": "Bearer"} if self.status == 401 else {}
        return found if self.retry_after is None else {**found, "Retry-After": str(self.retry_after)}

    def response(self, path: str = "") -> JSONResponse:
        """The response; at an address of OpenAI's in the shape that OpenAI's clients read."""
        if path.startswith(OPENAI_PATHS):
            return JSONResponse(self.to_openai(), 400 if self.status == 422 else self.status, self.headers)
        return JSONResponse(self.to_json(), self.status, self.headers)

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuses a request, or a WebSocket before it opens."""
        if scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
            await self.response(scope["path"])(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": self.error})

    def to_openai(self) -> dict[str, Any]:
        """The body as OpenAI's API has it."""
        message = f"{self.error} {self.what_to_do}".strip()
        return {
            "error": {"message": message, "type": _openai_type(self.status), "param": self.param, "code": self.code}
        }


def missing(what: str, what_to_do: str = "It may have been deleted.") -> ErrorResponse:
    """The error for something that is not there, or not this client's."""
    return ErrorResponse(404, "no_such_thing", f"There is no {what}.", what_to_do)


_CORRECT = "Correct the request and send it again."
_AGAIN = "Send it again in a moment; an Idempotency-Key header makes that safe."


def error_response_of(error: BaseException) -> ErrorResponse:
    """The response for an error; an unforeseen one goes to the log with its traceback."""
    match error:
        case ErrorResponse():
            return error
        case ClientDisconnect():
            return ErrorResponse(499, "left", "The client left.")
        case errors.InputError():
            if error.too_large:
                return ErrorResponse(413, "too_large", str(error), "Send less.")
            return ErrorResponse(400, "bad_input", str(error), _CORRECT)
        case errors.QueueFull():
            return ErrorResponse(429, "busy", str(error), _AGAIN, 1)
        case errors.DeadlineExceeded():
            return ErrorResponse(504, "too_slow", str(error), _AGAIN, 5)
        case errors.ModelUnavailable() | errors.StorageError():
            return ErrorResponse(503, "unavailable", str(error), _AGAIN, 5)
        case errors.DeviceError():
            return ErrorResponse(501, "not_there", str(error), "Ask whoever runs this server to install it.")
        case errors.SettingsError() | errors.PluginError():
            return ErrorResponse(500, "failed", str(error), "Ask whoever runs this server.")
        case errors.UserError():  # a plugin says so on purpose
            return ErrorResponse(422, "not_answered", str(error), "Ask for something else.")
    name = new_id()
    logger.error("a request failed (error %s)", name, exc_info=error)
    what_to_do = f"{_AGAIN} The server's log has the details under error {name}."
    return ErrorResponse(500, "failed", f"Something went wrong here (error {name}).", what_to_do)


_WORDS = {
    "extra_forbidden": "is not known here",
    "missing": "is missing",
    "json_invalid": "is not JSON",
    "model_type": "is no JSON object",
    "model_attributes_type": "is no JSON object",
    "string_type": "is no text",
}


def explain(first: dict[str, Any]) -> str:
    """One line about an error that pydantic found."""
    kind, message = first["type"], first["msg"]
    where = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path"))
    if kind == "json_invalid":
        where = ""
    if kind == "string_pattern_mismatch" and where == "session":
        message = "can have up to 100 letters, digits, dots, dashes, @ and +"
    elif kind == "string_pattern_mismatch" and where == "language":
        message = "is a code of ISO 639-1, such as en or zh"
    elif "UploadFile" in message:
        message = "is not a file; send the file itself: curl -F NAME=@FILE …"
    return f"{where or 'The body'} {_WORDS.get(kind, message).rstrip('.')}."


def _validation(error: RequestValidationError) -> ErrorResponse:
    first = error.errors()[0]
    param = ".".join(str(part) for part in first["loc"][1:]) or None
    return ErrorResponse(422, "bad_request", explain(first), "GET /docs shows what is expected.", param=param)


def _http(error: HTTPException) -> ErrorResponse:
    known = {404: "There is nothing at this address.", 405: "This address does not take that method."}
    if error.status_code in known:
        return ErrorResponse(
            error.status_code, "no_such_thing", known[error.status_code], "GET /docs shows what there is."
        )
    return ErrorResponse(error.status_code, "bad_request", str(error.detail), _CORRECT)


def install_error_responses(api: FastAPI) -> None:
    """Answers every error of an application with an `ErrorResponse`."""

    async def respond(request: Request, error: Exception) -> JSONResponse:
        if isinstance(error, RequestValidationError):
            return _validation(error).response(request.url.path)
        if isinstance(error, HTTPException):
            return _http(error).response(request.url.path)
        return error_response_of(error).response(request.url.path)

    for kind in (
        RequestValidationError,
        HTTPException,
        ErrorResponse,
        errors.UserError,
        errors.QueueFull,
        errors.DeadlineExceeded,
        Exception,
    ):
        api.add_exception_handler(kind, respond)
