"""Plays written conversations to the real assistant, which runs in a process that can be killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

import assistant
from assistant.errors import InputError
from assistant.settings import cache_dir
from assistant.testing.script import DRAWN, Conversation, Expectation, Step, read_conversation
from assistant.types import new_id
from assistant.understanding.entities import find_entities

__all__ = ["ScenarioRunner", "unmet"]


class ScenarioRunner:
    """The assistant with its real models, plugins and storage, in a home of its own. A context manager.

    ::

        with ScenarioRunner() as runner:
            runner.play("conversations/table.talk")

    `home` is the user's folder, a fresh one by default (weights stay in the real cache); `environment` are more
    variables for the process, such as ``ASSISTANT_PLUGINS__FOLDER``; `log` has every line said, for people.
    """

    def __init__(self, home: Path | None = None, environment: Mapping[str, str] | None = None) -> None:
        self._folder = None if home else tempfile.TemporaryDirectory(prefix="assistant-stage-")
        self.home = home or Path(self._folder.name if self._folder else "")
        self.log: list[str] = []
        self._environment = dict(environment or {})
        self._process: subprocess.Popen[str] | None = None
        self._voice: Any = None
        self._now: float | None = None

    def __enter__(self) -> ScenarioRunner:
        self._furnish()
        return self

    def _furnish(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        if not (self.home / "cache").exists():
            weights = cache_dir()
            weights.mkdir(parents=True, exist_ok=True)
            (self.home / "cache").symlink_to(weights)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        if self._folder is not None:
            self._folder.cleanup()

    def play(self, conversation: Conversation | str | Path) -> str:
        """Play a conversation in a session of its own, and return the session's name.

        Raises:
            AssertionError: something was not answered as written; shows the conversation so far.
            InputError: the file cannot be understood.
        """
        if not isinstance(conversation, Conversation):
            conversation = read_conversation(conversation)
        session, self.log, self._now = f"stage-{new_id()}", [], None
        for step in conversation.steps:
            answer = self._take(step, session)
            self.log.append(f"  assistant ({answer.get('intent') or '-'}): {answer.get('text') or '(nothing)'}")
            for expectation in step.expected:
                problem = unmet(expectation, answer)
                assert not problem, f"{conversation.path.name}:{expectation.line}: {problem}\n" + "\n".join(self.log)
        return session

    def move(self) -> None:
        """Go on in a fresh home; the same process opens the assistant again, sooner than another would."""
        left, self._folder = self._folder, tempfile.TemporaryDirectory(prefix="assistant-stage-")
        self.home = Path(self._folder.name)
        self._furnish()
        if self._process is not None:
            self._call({"do": "move", "home": str(self.home)})
        if left is not None:
            left.cleanup()

    def kill(self) -> None:
        """End the assistant's process as a power cut would (SIGKILL); the next step starts it again."""
        if self._process is not None:
            self._process.kill()
            self._leave(self._process)

    def _take(self, step: Step, session: str) -> dict[str, Any]:
        self.log.append(f"{step.kind}: {' '.join([step.text, *step.pictures])}")
        if step.kind == "kill":
            self.kill()
            return self._call({"do": "resume_session", "session": session})
        if step.kind in ("clock", "wait"):
            return self._pass_time(step)
        spoken = step.kind == "speech"
        pictures = [self._picture(picture) for picture in step.pictures]
        audio = str(self._say(step.text)) if spoken else ""
        turn = {"do": "turn", "session": session, "text": "" if spoken else step.text}
        answer = self._call({**turn, "audio": audio, "pictures": pictures})
        if spoken:
            self.log.append(f"  heard: {answer['heard']}")
        return answer

    def _pass_time(self, step: Step) -> dict[str, Any]:
        """Set the clock, or let time pass; the answer is what rang."""
        if step.kind == "clock":
            self._now = datetime.fromisoformat(step.text).timestamp()
            return self._call({"do": "ring"})
        spans = [each.value for each in find_entities(step.text) if isinstance(each.value, timedelta)]
        if self._now is None or len(spans) != 1:
            raise InputError(f"line {step.line}: `wait:` needs a `clock:` before it, and a time such as 10 minutes.")
        answer = self._call({"do": "ring", "until": self._now + spans[0].total_seconds()})
        self._now += spans[0].total_seconds()
        return answer

    def _call(self, request: dict[str, Any]) -> dict[str, Any]:
        request = {**request, "now": self._now}
        process = self._process or self._start()
        assert process.stdin is not None
        process.stdin.write(json.dumps(request, ensure_ascii=False) + "\n")
        process.stdin.flush()
        answer = self._read(process)
        assert "error" not in answer, answer["error"]
        return answer

    def _start(self) -> subprocess.Popen[str]:
        package = str(Path(assistant.__file__).parent.parent)
        path = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH", "")]))
        environment = {**os.environ, "ASSISTANT_HOME": str(self.home), "PYTHONPATH": path, "PYTHONUTF8": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "assistant.testing.host"],
            env=environment | self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self._read(self._process)
        return self._process

    def _read(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"the assistant's process ended with {process.wait()}"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _end(self) -> None:
        if self._process is not None:
            self._leave(self._process)

    def _leave(self, process: subprocess.Popen[str]) -> None:
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        process.wait(60)
        self._process = None

    def _say(self, words: str) -> Path:
        from assistant.speech import Synthesizer, join_clips, write_audio

        self._voice = self._voice or Synthesizer()
        path = self.home / f"said-{new_id()}.wav"
        write_audio(path, join_clips(list(self._voice.stream(words))))
        return path

    def _picture(self, picture: str) -> str:
        if not picture.startswith(DRAWN):
            return picture
        import numpy as np

        from assistant.training.drawn import load_drawings

        kind, _, seed = picture.removeprefix(DRAWN).partition("/")
        path = self.home / f"drawn-{kind}-{seed}.png"
        drawings = load_drawings().DRAWINGS
        if kind not in drawings:
            raise InputError(f"{picture}: nothing draws {kind!r}; there are {', '.join(drawings)}")
        drawings[kind](np.random.default_rng(int(seed or 0))).convert("RGB").save(path)
        return str(path)


def unmet(expected: Expectation, answer: dict[str, Any]) -> str:
    """The expectation that an answer misses; "" for none."""
    text, sign, phrases = _plain(answer["text"]), expected.sign, expected.phrases
    listed = " | ".join(phrases)
    if sign == "intent":
        known = {answer["intent"], answer["intent"].partition(".")[0], answer["outcome"]}
        return "" if known & set(phrases) else f"decided {answer['intent']} ({answer['outcome']}), not {listed}"
    if sign == "ends":
        return "still waits for an answer" if answer["follow_up"] else ""
    if sign == "not":
        return next((f"says {phrase!r}" for phrase in phrases if _plain(phrase) in text), "")
    if sign == "asks" and not answer["follow_up"]:
        return "does not wait for an answer"
    held = _plain(answer["speech"]) if sign == "spoken" else text
    return "" if any(_plain(phrase) in held for phrase in phrases) else f"does not say {listed!r}"


def _plain(text: str) -> str:
    return " ".join(text.replace("’", "'").casefold().split())
