"""Change one list in the user's ``assistant.toml`` and leave everything else in it as it is, comments included."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.errors import SettingsError
from assistant.folders import write_private

__all__ = ["set_list"]

_STRING = r'"(?:\\.|[^"\\])*"|\'[^\']*\''
_ARRAY = rf"\[(?:{_STRING}|#[^\n]*|[^\]\"'#])*\]"


def set_list(path: Path, section: str, name: str, values: Sequence[str]) -> None:
    """Set ``name = [values]`` in ``[section]``; the file is made when there is none. Raises `SettingsError`."""
    path = path.resolve()  # a link to a file elsewhere stays a link
    text = _read(path)
    line = f"{name} = [{', '.join(json.dumps(value, ensure_ascii=False) for value in values)}]"
    changed = _changed(text, section, name, line)
    expected: dict[str, Any] = tomllib.loads(text)
    expected[section] = {**expected.get(section, {}), name: list(values)}
    try:
        meant = tomllib.loads(changed) == expected
    except tomllib.TOMLDecodeError:
        meant = False
    if not meant:
        raise SettingsError(
            f"{path} is laid out in a way I cannot change safely; write {line} under [{section}] yourself"
        )
    _write(path, changed)


def _read(path: Path) -> str:
    try:
        text = path.read_bytes().decode("utf-8-sig") if path.exists() else ""
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 text; save it as UTF-8") from error
    except OSError as error:
        raise SettingsError(f"Cannot read {path}: {error.strerror}") from error
    return text


def _changed(text: str, section: str, name: str, line: str) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    header = re.search(rf"^[ \t]*\[[ \t]*{section}[ \t]*\][^\n]*(?:\n|\Z)", text, re.MULTILINE)
    if header is None:
        gap = "" if not text else newline if text.endswith("\n") else 2 * newline
        return f"{text}{gap}[{section}]{newline}{line}{newline}"
    following = re.compile(r"^[ \t]*\[", re.MULTILINE).search(text, header.end())
    old = re.compile(rf"^[ \t]*{name}[ \t]*=[ \t]*{_ARRAY}", re.MULTILINE).search(
        text, header.end(), following.start() if following and _is_header(text, following.start()) else len(text)
    )
    if old is not None:
        return f"{text[: old.start()]}{line}{text[old.end() :]}"
    start = text[: header.end()]
    return f"{start if start.endswith(chr(10)) else start + newline}{line}{newline}{text[header.end() :]}"


def _is_header(text: str, start: int) -> bool:
    """Whether a line that begins with a bracket opens a table (the inside of an array may begin so too)."""
    return re.match(r"[ \t]*\[\[?[A-Za-z0-9_.\"' -]+\]\]?[ \t]*(?:#|\r?$)", text[start:], re.MULTILINE) is not None


def _write(path: Path, text: str) -> None:
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
    write_private(path, lambda file: file.write(text.encode("utf-8")))
    path.chmod(mode)
