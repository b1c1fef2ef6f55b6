"""Stores triage notes: what was said, understood and decided, and why, so that no change goes unnoticed.

Each note is a file of its own; a journal beside them, only ever added to, names each note's digest and chains its lines
by their hashes. Who deletes a note takes its file away: the journal keeps that there was one, and stays verifiable.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from assistant import Turn, UserError

from .facts import Facts, read_places, symptoms
from .rules import FOLDER, Level, knowledge, matching
from .wording import language_of, say

__all__ = ["SCHEMA", "Notes", "Said", "note_of", "opening"]

SCHEMA = 1
"""of a note; counts up when a field changes its meaning"""
START = "0" * 64
"""what the first line of a journal follows"""


@dataclass(frozen=True)
class Said:
    """One thing that the person told."""

    how: Literal["text", "speech", "answer", "picture"]
    words: str
    """verbatim"""
    question: str = ""
    """what it answers"""


def opening(turn: Turn) -> Said:
    """Returns how the case began: spoken, typed, or only a picture."""
    if not turn.utterance:
        return Said("picture", "")
    return Said("speech" if turn.transcript and not turn.text else "text", turn.utterance)


def note_of(key: str, turn: Turn, said: Sequence[Said], facts: Facts, *, level: Level, advice: str) -> dict[str, Any]:
    """A note, ready for JSON.

    Args:
        key: the dialogue or turn it belongs to; one note each.
        turn: what began it.
        said: everything told, in order.
        facts: all that was understood of it.
        level: where the person was sent.
        advice: the answer, word for word.
    """
    return {
        "schema": SCHEMA,
        "key": key,
        "session": turn.session,
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(turn.at)),
        "said": [asdict(one) for one in said],
        "pictures": len(turn.images),
        "facts": _told(facts, said),
        "age_years": facts.age,
        "lasting_hours": facts.hours,
        "pain_of_10": facts.severity,
        "pregnant": facts.pregnant,
        "rules": [
            {"id": r.id, "level": r.level, "reason": r.en, "source": r.source.name, "url": r.source.url}
            for r in matching(facts)
        ],
        "level": level,
        "advice": advice,
        "watch": say("watch", language_of(turn.utterance)),
        "knowledge": _versions(),
    }


def _told(facts: Facts, said: Sequence[Said]) -> list[dict[str, Any]]:
    """Every fact with the words it comes from; a fact without words was measured, or answered by yes or no."""
    found: dict[str, dict[str, Any]] = {}
    for number, one in enumerate(said):
        for place in read_places(one.words):
            entry = found.setdefault(place.fact, {"said": [], "denied_in": []})
            entry["denied_in" if place.denied else "said"].append({"in": number, "words": place.words})
    names = symptoms()
    return [
        {
            "fact": key,
            "name": names[key].name,
            "denied": key in facts.denied,
            **found.get(key, {"said": [], "denied_in": []}),
        }
        for key in sorted(facts.present | facts.denied)
    ]


@cache
def _versions() -> dict[str, str]:
    """The SHA-256 of every file that the decision rests on."""
    names = ("symptoms.toml", "findings.toml", "words.toml", "guards.toml")
    paths = [*knowledge(), *(FOLDER / name for name in names)]
    return {str(path.relative_to(FOLDER)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


class Notes:
    """The notes in a folder, owner-only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "notes"
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.journal = self.folder / "journal.jsonl"

    def add(self, note: dict[str, Any]) -> Path:
        """Keep a note; one whose key is kept already stays as it is.

        Returns:
            its file. The file is complete on the disk before the journal names it.
        """
        path = self._path(note["key"])
        with self._alone():
            if any(line["key"] == note["key"] for line in self._lines()):
                return path
            body = json.dumps(note, ensure_ascii=False, indent=1).encode()
            _write(path, body)
            self._append("note", note["key"], hashlib.sha256(body).hexdigest())
        return path

    def all(self, session: str = "") -> list[dict[str, Any]]:
        """The notes, oldest first; of one session when named."""
        found = []
        for line in self._lines():
            path = self._path(line["key"])
            if line["what"] == "note" and path.exists():
                note: dict[str, Any] = json.loads(path.read_bytes())
                if session in ("", note["session"]):
                    found.append(note)
        return found

    def delete(self, *, session: str = "") -> int:
        """Delete the notes of a session, or all; the journal says that they were deleted. Returns how many."""
        notes = self.all(session)
        with self._alone():
            for note in notes:
                self._append("deleted", note["key"], "")
                self._path(note["key"]).unlink(missing_ok=True)
                self._path(note["key"]).with_suffix(".html").unlink(missing_ok=True)
        return len(notes)

    def verify(self) -> list[str]:
        """Checks the journal and the notes, and returns one line for each damage; empty if all is intact."""
        try:
            lines = self._lines()
        except UserError as error:
            return [str(error)]
        wrong, before = [], START
        deleted = {line["key"] for line in lines if line["what"] == "deleted"}
        for number, line in enumerate(lines, 1):
            if line["number"] != number or line["before"] != before or line["hash"] != _hash(line):
                wrong.append(f"Journal line {number} was changed, or one before it was taken out.")
            before = line["hash"]
            if line["what"] == "note" and line["key"] not in deleted:
                path = self._path(line["key"])
                if not path.exists():
                    wrong.append(f"Note {line['key']} is missing, and it was not deleted here.")
                elif hashlib.sha256(path.read_bytes()).hexdigest() != line["digest"]:
                    wrong.append(f"Note {line['key']} was changed after it was written.")
        return wrong

    def page(self, key: str) -> Path:
        """The place of a note's printed page."""
        return self._path(key).with_suffix(".html")

    def _path(self, key: str) -> Path:
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"

    def _lines(self) -> list[dict[str, Any]]:
        if not self.journal.exists():
            return []
        complete, _, _ = self.journal.read_bytes().rpartition(b"\n")  # a line that a crash cut off never counted
        try:
            return [json.loads(line) for line in complete.splitlines() if line]
        except ValueError as error:
            raise UserError(f"The journal {self.journal} is damaged: {error}") from error

    def _append(self, what: str, key: str, digest: str) -> None:
        lines = self._lines()
        line: dict[str, Any] = {
            "number": len(lines) + 1,
            "what": what,
            "key": key,
            "at": int(time.time()),
            "digest": digest,
            "before": lines[-1]["hash"] if lines else START,
        }
        line["hash"] = _hash(line)
        with os.fdopen(os.open(self.journal, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
            file.seek(0)
            kept = file.read().rfind(b"\n") + 1
            file.seek(kept)
            file.truncate()
            file.write(json.dumps(line).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keeps other writers out meanwhile, in this process and in others."""
        with os.fdopen(os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600), "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _hash(line: dict[str, Any]) -> str:
    told = {name: value for name, value in line.items() if name != "hash"}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _write(path: Path, body: bytes) -> None:
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
