"""Keeps compiled regular expressions in the cache: a fresh start needs over a thousand, a fifth of its time.

`re` turns a pattern into a list of numbers in Python, and only then hands it to its machine, which checks it. The list
is kept, so that another process skips the first part. Only the program ``assistant`` keeps them: another program that
imports the assistant has `re` as it is.

No pattern is kept that may hold words of a user: kept is what is compiled before the first turn, while a module is
imported, and through `compile_kept`.
"""

from __future__ import annotations

import importlib
import re
import sys
import zlib
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

__all__ = ["KeptPatterns", "compile_kept", "keep_patterns", "turns_begin", "write_patterns"]

MOST = 6_000
"""patterns in the file, above which those that this process did not use are dropped"""
NEAR = 4
"""frames above a call of `re` among which a module's own is looked for"""
STAMP = f"1 {sys.version} {sys.byteorder}"
"""of what writes the file; another one begins anew"""

Key = tuple[str, int]
Made = tuple[int, bytes, int, dict[str, int]]
"""flags, the machine's code as 32-bit numbers, groups, and the groups' names"""


class KeptPatterns:
    """Stands in for the compiler of `re`.

    Args:
        file: where they are kept.
        compiler: the module `re._compiler`.
    """

    def __init__(self, file: Path, compiler: Any) -> None:
        self.before_turns = True
        """whether no turn has come yet"""
        self._file, self._compiler = file, compiler
        self._compile: Callable[[Any, int], re.Pattern[Any]] = compiler.compile
        self._known = dict(_read(file))
        self._used: dict[Key, Made] = {}
        self._new = False

    def compile(self, pattern: Any, flags: int = 0) -> re.Pattern[Any]:
        """As ``re._compiler.compile``."""
        if not isinstance(pattern, str) or flags & re.DEBUG:
            return self._compile(pattern, flags)
        key = (pattern, int(flags))
        made = self._known.get(key)
        if made is None:
            if not self.before_turns and not _is_importing(sys._getframe(1)):
                return self._compile(pattern, flags)
            made = self._known[key] = self._make(pattern, int(flags))
            self._new = True
        self._used[key] = made
        all_flags, code, groups, names = made
        indices: list[str | None] = [None] * (groups + 1)
        for name, index in names.items():
            indices[index] = name
        numbers = array("I", code).tolist()
        made_again: re.Pattern[str] = self._compiler._sre.compile(
            pattern, all_flags, numbers, groups, names, tuple(indices)
        )
        return made_again

    def _make(self, pattern: str, flags: int) -> Made:
        parsed = self._compiler._parser.parse(pattern, flags)
        code = array("I", self._compiler._code(parsed, flags))
        state = parsed.state
        return flags | state.flags, code.tobytes(), state.groups - 1, dict(state.groupdict)

    def write(self) -> None:
        """Write the file where there is something new; a cache that cannot be written costs only time."""
        if not self._new:
            return
        self._new = False
        kept = self._known if len(self._known) <= MOST else self._used
        from contextlib import suppress

        from assistant.errors import StorageError
        from assistant.folders import write_private

        with suppress(StorageError):
            write_private(self._file, lambda file: file.write(_written(kept)))


_kept: KeptPatterns | None = None


def keep_patterns(file: Path) -> None:
    """Compile the patterns of this process with the help of a file from now on, where this Python can do that."""
    global _kept
    try:
        compiler = importlib.import_module("re._compiler")
        kept = KeptPatterns(file, compiler)
        if array("I").itemsize != compiler._sre.CODESIZE or kept._make("(?P<a>b)|c", 0)[2] != 1:
            return
    except (ImportError, AttributeError, TypeError):  # a Python whose `re` is made otherwise
        return
    compiler.compile = kept.compile  # type: ignore[attr-defined]
    _kept = kept


def turns_begin() -> None:
    """From now on patterns may hold a user's words."""
    if _kept is not None:
        _kept.before_turns = False


def write_patterns() -> None:
    """Write the file of this process, where it has one and something is new."""
    if _kept is not None:
        _kept.write()


def compile_kept(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """As ``re.compile``, for a pattern of the program's or of a plugin's files that is compiled within a turn."""
    return re.compile(pattern, flags)


def _is_importing(frame: FrameType | None) -> bool:
    """Whether a module's own code, or `compile_kept`, calls `re` here."""
    own = compile_kept.__code__
    for _ in range(2 + NEAR):
        if frame is None:
            return False
        if frame.f_code is own or frame.f_code.co_name == "<module>":
            return True
        frame = frame.f_back
    return False


def _read(file: Path) -> Iterator[tuple[Key, Made]]:
    import json  # not for ``--help``

    try:
        head, _, rest = file.read_bytes().partition(b"\n")
        stamp, check, size = json.loads(head)
        if stamp != STAMP or zlib.crc32(rest) != check:
            return
        listed, codes = json.loads(rest[:size]), memoryview(rest)[size:]
    except (OSError, ValueError, TypeError):
        return
    start = 0
    for pattern, flags, all_flags, length, groups, names in listed:
        yield (pattern, flags), (all_flags, bytes(codes[start : start + length]), groups, names)
        start += length


def _written(kept: dict[Key, Made]) -> bytes:
    import json

    listed = [(*key, flags, len(code), groups, names) for key, (flags, code, groups, names) in kept.items()]
    table = json.dumps(listed).encode()
    rest = b"".join((table, *(code for _, code, _, _ in kept.values())))
    return json.dumps([STAMP, zlib.crc32(rest), len(table)]).encode() + b"\n" + rest
