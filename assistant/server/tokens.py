"""Clients: each has a name and a secret token, in a file that only its owner may read."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

from assistant.errors import SettingsError
from assistant.folders import write_private
from assistant.settings import config_dir

__all__ = ["Clients", "add_client", "default_token_file", "open_clients", "read_tokens"]

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
SHORTEST = 16
"""characters of a token; one of ours has 43"""
FIRST = "default"
"""the name of the client whose token is made at the first start"""


class Clients:
    """The clients and their tokens, by name."""

    def __init__(self, tokens: Mapping[str, str]) -> None:
        self._digests = {name: _digest(token) for name, token in tokens.items()}

    def identify(self, authorization: str) -> str | None:
        """The client that an ``Authorization`` header names, or None; takes equally long for any wrong token."""
        scheme, _, token = authorization.strip().partition(" ")
        given, found = _digest(token.strip()), None
        for name, digest in self._digests.items():
            if hmac.compare_digest(given, digest):
                found = name
        return found if scheme.lower() == "bearer" else None

    def first(self) -> str:
        """The client whose token was made first."""
        return next(iter(self._digests))

    def sign(self, client: str, text: str) -> str:
        """A signature of a text by a client's token, hexadecimal; "" for an unknown client. It ends with the token."""
        key = self._digests.get(client)
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest() if key else ""


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def default_token_file() -> Path:
    """Default path of the token file; it need not exist."""
    return config_dir() / "serve-tokens"


def open_clients(path: Path) -> tuple[Clients, str]:
    """The clients of a token file, and the token of a first client that was made now, where there was no file; else "".

    Raises:
        SettingsError: the file cannot be read or understood, or others may read it.
    """
    if not path.exists():
        return Clients({FIRST: (token := add_client(path, FIRST))}), token
    return Clients(read_tokens(path)), ""


def add_client(path: Path, name: str) -> str:
    """Gives a client a new token, and returns it; SettingsError for an unusable name, or as `open_clients` raises."""
    if not NAME.fullmatch(name):
        raise SettingsError(f"{name!r} cannot be a client's name: use up to 64 letters, digits, dots and dashes.")
    tokens = read_tokens(path) if path.exists() else {}
    tokens[name] = secrets.token_urlsafe(32)
    text = "# Clients of `assistant serve`: a name and a secret token in each line.\n"
    text += "".join(f"{each} {token}\n" for each, token in tokens.items())
    write_private(path, lambda file: file.write(text.encode()))
    return tokens[name]


def read_tokens(path: Path) -> dict[str, str]:
    """Client → token, of a token file; raises as `open_clients` does."""
    try:
        if path.stat().st_mode & 0o077:
            raise SettingsError(f"Others may read the tokens in {path}: chmod 600 {path}")
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(f"Cannot read the tokens in {path}: {reason}.") from error
    tokens: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) != 2 or not NAME.fullmatch(words[0]) or len(words[1]) < SHORTEST:
            raise SettingsError(
                f"Line {number} of {path} is not a name and a token of {SHORTEST} characters or more; "
                "`assistant serve --new-token NAME` makes one."
            )
        tokens[words[0]] = words[1]
    if not tokens:
        raise SettingsError(f"There is no token in {path}; `assistant serve --new-token NAME` makes one.")
    return tokens
