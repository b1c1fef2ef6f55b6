"""``assistant serve``: what is told before anything is served, and a server killed and started again."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

pytest.importorskip("fastapi", reason="needs the extra [serve]")

Assistant = Callable[..., Result]


def test_a_client_gets_a_token_of_its_own(assistant: Assistant, home: Path) -> None:
    done = assistant("serve", "--new-token", "phone")
    [line] = (home / "config" / "serve-tokens").read_text().splitlines()[1:]
    assert line == f"phone {done.stdout.strip()}"
    assert assistant("serve", "--new-token", "a/b").stderr.startswith("Error: 'a/b' cannot be a client's name")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--replicas", "2"], "need --ray"),
        (["--ray", "local", "--replicas", "2", "--max", "3"], "either --replicas, or --min and --max"),
        (["--ray", "local", "--min", "3", "--max", "2"], "--max is less than --min"),
    ],
)
def test_options_that_contradict_each_other_are_told(assistant: Assistant, arguments: list[str], said: str) -> None:
    done = assistant("serve", *arguments)
    assert done.exit_code == 2
    assert said in done.stderr


def test_missing_packages_are_named(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    done = assistant("serve")
    assert done.exit_code == 1
    assert "pip install 'multimodal-assistant[serve]'" in done.stderr


def test_wyoming_names_what_it_needs(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("wyoming", reason="needs the extra [wyoming]")
    monkeypatch.setattr("assistant.cli.wyoming.fetch", lambda settings: None)
    done = assistant("wyoming", "--host", "0.0.0.0", "--port", "0")
    assert done.exit_code == 1
    assert "--client ADDRESS" in done.stderr
    done = assistant("wyoming", "--host", "0.0.0.0", "--port", "0", "--client", "the kitchen")
    assert "a client is an address such as 192.168.1.10" in done.stderr
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "pip install 'multimodal-assistant[wyoming]'" in assistant("wyoming").stderr
    assert "cannot be used with" in assistant("serve", "--wyoming", "--ray", "local").stderr


class Server:
    """``assistant serve`` in a process of its own, with the real models."""

    def __init__(self, home: Path) -> None:
        environment = os.environ | {"ASSISTANT_HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[2])}
        command = [sys.executable, "-m", "assistant", "serve", "--port", "0"]
        self.process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        self.said = ""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said += line
            if line.startswith(("Ready", "Not ready", "Error")):
                break
        found = re.search(r"http://[\d.:]+", self.said)
        assert found, self.said
        self.url = found[0]
        self.token = (home / "config" / "serve-tokens").read_text().split()[-1]

    def call(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data, headers), timeout=60) as response:
            answer: dict[str, Any] = json.load(response)
            return answer

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        code = self.process.wait(60)
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code


@pytest.mark.bench  # loads the models twice
@pytest.mark.models
def test_a_conversation_goes_on_after_the_server_was_killed(tmp_path: Path) -> None:
    from assistant.settings import cache_dir

    cache_dir().mkdir(parents=True, exist_ok=True)
    (tmp_path / "cache").symlink_to(cache_dir())
    first = Server(tmp_path)
    assert "A token was made; it is shown this once" in first.said
    asked = first.call("/v1/turns", {"text": "I want to return my order", "session": "trip"})
    assert asked["reply"]["follow_up"] is True
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    second = Server(tmp_path)
    assert "A token was made" not in second.said
    assert second.call("/v1/sessions/trip")["question"] == asked["reply"]["text"]
    answer = second.call("/v1/turns", {"text": "A1004", "session": "trip"})
    assert "A1004" in answer["reply"]["text"]
    assert second.end(signal.SIGTERM) == 0
    with pytest.raises(urllib.error.URLError):
        second.call("/healthz")
