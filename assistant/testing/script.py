"""Conversations written down in a file, to be played to the real assistant by `ScenarioRunner`.

::

    # A table for four is booked.
    user: book a table
    intent: table.reserve
    asks: what day

    kill                                  the process is killed (SIGKILL) and started again
    asks: what day                        and it asks the same question

    speech: On Friday.                    spoken by the voice, heard by the recogniser
    asks: how many

    picture: data/img_tables/1.jpg        shown with the user's next line; may be repeated
    user: at this one
    says: round table | by the window     the reply holds one of these
    not: sorry                            and none of these
    ends                                  and waits for nothing

    clock: 2026-03-28 21:00               it is now this time, on the wall clock; what is due rings, late or not
    user: remind me in ten minutes to eat
    wait: 10 minutes                      time passes; the answer is what rang meanwhile
    says: eat

A line that begins with ``#`` is a comment; the first is the title. Expectations belong to the step above them:

=========== ===========================================================================================
``intent:`` the intent's name, or only its plugin's; ``out_of_scope`` or ``clarify`` name those outcomes
``says:``   a phrase the reply holds, whatever its case; `` | `` between phrases means any of them
``asks:``   as ``says:``, and the reply is a question that waits for an answer
``not:``    a phrase (or several) that the reply must not hold
``spoken:`` a phrase of what is said aloud
``ends``    no question waits any more
=========== ===========================================================================================

A picture is a path beside the file; ``data/…`` is looked for under ``ASSISTANT_DATA``, and ``drawn/KIND/SEED`` is
drawn, in a source checkout (KINDs: `DRAWINGS` in ``tests/drawings``).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from assistant.errors import InputError

__all__ = ["Conversation", "Expectation", "Step", "conversations_in", "read_conversation"]

SUFFIX = ".talk"
DRAWN = "drawn/"

Kind = Literal["user", "speech", "kill", "clock", "wait"]
Sign = Literal["intent", "says", "asks", "not", "spoken", "ends"]
STEPS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
SIGNS: dict[str, Sign] = {sign: sign for sign in get_args(Sign)}


@dataclass(frozen=True)
class Expectation:
    """One thing a reply must be like."""

    sign: Sign
    phrases: tuple[str, ...]
    """any of them for most signs, none of them for "not"; empty for "ends" """
    line: int
    """in the file, from 1"""


@dataclass(frozen=True)
class Step:
    """One thing that happens, and what must come of it."""

    kind: Kind
    text: str
    line: int
    """in the file, from 1"""
    pictures: tuple[str, ...] = ()
    """paths, or ``drawn/KIND/SEED``"""
    expected: tuple[Expectation, ...] = ()


@dataclass(frozen=True)
class Conversation:
    """One file."""

    path: Path
    title: str
    steps: tuple[Step, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Pictures that are not there (``ASSISTANT_DATA`` is not set, for instance): it cannot be played."""
        wanted = [picture for step in self.steps for picture in step.pictures if not picture.startswith(DRAWN)]
        return tuple(picture for picture in wanted if not Path(picture).is_file())


def conversations_in(folder: str | Path) -> list[Path]:
    """The conversation files of a folder, sorted: for ``pytest.mark.parametrize``."""
    return sorted(Path(folder).glob(f"*{SUFFIX}"))


def read_conversation(path: str | Path) -> Conversation:
    """Read a file.

    Raises:
        InputError: a line cannot be understood; says which.
    """
    path = Path(path)
    steps: list[Step] = []
    pictures: list[str] = []
    title = ""
    for number, raw in enumerate(path.read_text("utf-8").splitlines(), 1):
        line = raw.strip()
        if line.startswith("#"):
            title = title or line.lstrip("# ")
        elif line:
            word, _, rest = (part.strip() for part in line.partition(":"))
            if word == "picture":
                pictures.append(_located(rest, path.parent))
            elif word in STEPS:
                steps.append(Step(STEPS[word], rest, number, tuple(pictures)))
                pictures = []
            else:
                _expect(steps, word, rest, number, path)
    if not steps or pictures:
        raise InputError(f"{path}: {'a picture needs a `user:` line below it' if pictures else 'nothing happens'}.")
    return Conversation(path, title or path.stem, tuple(steps))


def _expect(steps: list[Step], word: str, rest: str, number: int, path: Path) -> None:
    if not steps:
        raise InputError(f"{path}:{number}: begin with a `user:`, `speech:` or `picture:` line.")
    phrases = tuple(phrase.strip() for phrase in rest.split(" | ") if phrase.strip())
    if word not in SIGNS or bool(phrases) == (word == "ends"):
        raise InputError(
            f"{path}:{number}: {word!r} is not understood; {', '.join(SIGNS)}: see assistant.testing.script."
        )
    expected = Expectation(SIGNS[word], phrases, number)
    steps[-1] = replace(steps[-1], expected=(*steps[-1].expected, expected))


def _located(picture: str, beside: Path) -> str:
    if picture.startswith(DRAWN):
        return picture
    if picture.startswith("data/"):
        root = os.environ.get("ASSISTANT_DATA")
        return str(Path(root, picture.removeprefix("data/"))) if root else picture
    return str(beside / picture)
