"""Compiled patterns outlive a process, and none that may hold a user's words is kept."""

import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from assistant.kept_patterns import KeptPatterns, compile_kept

PATTERNS = [
    (r"(?P<year>\d{4})-(?P<month>\d\d)|(a)(?:b|c)*?", 0),
    (r"straße|[äöü]+|\bnot\b", re.IGNORECASE),
    (r" ^ (\w+) (?= [。，\u3400-\u9fff] ) ", re.VERBOSE | re.MULTILINE),
    (r"(?i:x)(?<!no )pain\ud800?", re.DOTALL),
]
COMPILER: Any = importlib.import_module("re._compiler")


def keeper(file: Path) -> KeptPatterns:
    return KeptPatterns(file, COMPILER)


def filled(file: Path) -> KeptPatterns:
    first = keeper(file)
    for pattern, flags in PATTERNS:
        first.compile(pattern, flags)
    first.write()
    return first


@pytest.mark.parametrize(("pattern", "flags"), PATTERNS)
def test_a_kept_pattern_is_the_same_as_a_compiled_one(pattern: str, flags: int, tmp_path: Path) -> None:
    filled(tmp_path / "patterns")
    kept = keeper(tmp_path / "patterns")
    kept._make = lambda *_: pytest.fail("it was compiled again")  # type: ignore[method-assign]
    made, plain = kept.compile(pattern, flags), COMPILER.compile(pattern, flags)
    assert (made.pattern, made.flags, made.groups) == (plain.pattern, plain.flags, plain.groups)
    assert dict(made.groupindex) == dict(plain.groupindex)
    for text in ("2026-11 abc", "STRASSE not ÄÖ", "word。", "no pain Xpain"):
        assert [(m.span(), m.groups()) for m in made.finditer(text)] == [
            (m.span(), m.groups()) for m in plain.finditer(text)
        ]


@pytest.mark.parametrize("damage", [b"", b"nonsense", b'["other version", 0, 0]\n', None, "last byte"])
def test_a_damaged_file_is_written_anew(damage: bytes | str | None, tmp_path: Path) -> None:
    file = tmp_path / "patterns"
    filled(file)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if damage is None else damage if isinstance(damage, bytes) else b"")
    if isinstance(damage, str):
        file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert not keeper(file)._known
    filled(file)
    assert file.read_bytes() == whole


def test_what_a_turn_compiles_is_not_kept(tmp_path: Path) -> None:
    kept = filled(tmp_path / "patterns")
    kept.before_turns = False
    assert kept.compile(r"\bgrandma's secret\b", 0).search("grandma's secret")
    kept._new = True
    kept.write()
    assert b"secret" not in (tmp_path / "patterns").read_bytes()


def test_a_wrong_pattern_is_told_as_ever(tmp_path: Path) -> None:
    with pytest.raises(re.error, match="unterminated"):
        keeper(tmp_path / "patterns").compile("(a", 0)


def test_a_process_finds_what_another_kept(tmp_path: Path) -> None:
    code = (
        "import sys, re, time, pathlib\n"
        "from assistant import kept_patterns as k\n"
        "k.keep_patterns(pathlib.Path(sys.argv[1]))\n"
        "before = len(k._kept._known)\n"
        "re.compile('of a module')\n"
        "def turn():\n"
        "    def deeper():\n"
        "        def deepest():\n"
        "            def deep(): re.compile('of a user'), k.compile_kept('of a plugin')\n"
        "            deep()\n"
        "        deepest()\n"
        "    deeper()\n"
        "k.turns_begin()\n"
        "turn()\n"
        "k.write_patterns()\n"
        "print(before, sorted(p for p, _ in k._kept._known if p.startswith('of a')))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "patterns")]
    told = [
        subprocess.run(command, capture_output=True, text=True, check=True, env=dict(os.environ), timeout=60).stdout
        for _ in range(2)
    ]
    assert told[0].split(maxsplit=1)[1] == "['of a module', 'of a plugin']\n"
    assert int(told[1].split()[0]) >= 2
    assert json.loads((tmp_path / "patterns").read_bytes().partition(b"\n")[0])[0].startswith("1 ")


def test_a_pattern_outside_of_the_program_is_compiled_as_ever() -> None:
    assert compile_kept("a+", re.IGNORECASE) == re.compile("a+", re.IGNORECASE)
