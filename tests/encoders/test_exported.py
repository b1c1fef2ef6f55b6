import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant.encoders import idle
from assistant.encoders.device import on_processor, providers, use_device
from assistant.encoders.exported import VERSION, ExportedNetwork, load_exported, release_idle
from assistant.encoders.idle import free_memory, release_when_idle
from assistant.encoders.onnx_graph import Graph
from assistant.errors import ModelUnavailable, SettingsError
from assistant.folders import cache_dir

ROWS = np.random.default_rng(0).normal(size=(3, 64)).astype(np.float32)
WEIGHT = np.random.default_rng(1).normal(size=(32, 64)).astype(np.float32)


@pytest.fixture(autouse=True)
def _any_device() -> Iterator[None]:
    use_device("auto")
    yield
    use_device("auto")


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))
    path = tmp_path / "checkpoint"
    path.write_bytes(b"weights")
    return path


@pytest.fixture
def exports() -> list[int]:
    """Grows by one with each export."""
    return []


@pytest.fixture
def load(source: Path, exports: list[int]) -> Callable[..., ExportedNetwork]:
    def export() -> bytes:
        exports.append(1)
        graph = Graph()
        graph.linear("rows", "product", WEIGHT)
        return graph.finish({"rows": ("FLOAT", ("n", 64))}, {"product": ("FLOAT", ("n", 32))})

    return lambda threads=1: load_exported(source, "product", export, threads)


def product(network: ExportedNetwork) -> list[float]:
    found = network.run(None, {"rows": ROWS})[0]
    np.testing.assert_allclose(found, ROWS @ WEIGHT.T, rtol=1e-4, atol=1e-4)
    return [float(value) for value in found.ravel()]


@pytest.mark.parametrize("threads", [1, 64])
def test_any_number_of_threads_computes_the_same(load: Callable[..., ExportedNetwork], threads: int) -> None:
    assert product(load(threads)) == pytest.approx(product(load(2)), abs=1e-3)


def test_a_network_is_exported_once(load: Callable[..., ExportedNetwork], exports: list[int]) -> None:
    product(load())
    product(load())
    assert len(exports) == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: [path.write_bytes(path.read_bytes()[:-9]) for path in folder.glob("*.onnx")],
        lambda folder: [path.write_bytes(b"") for path in folder.glob("*.onnx")],
        lambda folder: [path.unlink() for path in folder.glob("*.onnx")],
        lambda folder: [path.write_text("{") for path in folder.glob("*.json")],
        lambda folder: [path.unlink() for path in folder.glob("*.json")],
        lambda folder: [
            path.write_text(path.read_text().replace(f': "{VERSION} ', ': "0 ')) for path in folder.glob("*.json")
        ],
    ],
    ids=["half written", "empty", "gone", "damaged note", "no note", "another version"],
)
def test_an_export_that_is_not_whole_or_of_this_version_is_made_anew(
    load: Callable[..., ExportedNetwork], exports: list[int], spoil: Callable[[Path], object]
) -> None:
    product(load())
    spoil(cache_dir() / "exported")
    product(load())
    assert len(exports) == 2
    product(load())
    assert len(exports) == 2


def test_a_cache_that_cannot_be_written_costs_time_only(
    load: Callable[..., ExportedNetwork], exports: list[int]
) -> None:
    cache_dir().mkdir(parents=True)
    (cache_dir() / "exported").write_text("a file where the folder should be")
    product(load())
    product(load())
    assert len(exports) == 2


def test_an_idle_network_leaves_the_memory_and_comes_back(
    load: Callable[..., ExportedNetwork], exports: list[int]
) -> None:
    network = load()
    before = product(network)
    assert not network.release(60.0)
    assert network.release(0.0)
    assert not network.release(0.0)
    assert product(network) == before
    assert len(exports) == 1


def test_what_left_and_cannot_be_read_again_is_said(load: Callable[..., ExportedNetwork], source: Path) -> None:
    network = load()
    network.release(0.0)
    source.unlink()
    with pytest.raises(ModelUnavailable, match="fetch the model again"):
        network.run(None, {"rows": ROWS})


@pytest.mark.parametrize(("free", "stays"), [(1.0, True), (0.01, False)])
def test_models_leave_sooner_when_memory_is_scarce(
    load: Callable[..., ExportedNetwork], monkeypatch: pytest.MonkeyPatch, free: float, stays: bool
) -> None:
    monkeypatch.setattr(idle, "SOONER", 0.02)
    monkeypatch.setattr(idle, "free_memory", lambda: free)
    network = load()

    async def wait() -> None:
        watching = asyncio.create_task(release_when_idle(10.0))
        await asyncio.sleep(0.3)
        watching.cancel()

    asyncio.run(wait())
    assert network.release(0.0) is stays


def test_models_leave_when_nobody_uses_them(load: Callable[..., ExportedNetwork]) -> None:
    network = load()

    async def use_and_wait() -> None:
        watching = asyncio.create_task(release_when_idle(0.4 / 60))
        for _ in range(8):
            product(network)
            await asyncio.sleep(0.1)
        assert network.release(0.0)  # it had not left
        product(network)
        await asyncio.sleep(1.0)
        watching.cancel()

    asyncio.run(use_and_wait())
    assert not network.release(0.0)  # it had


def test_free_memory_is_a_share(tmp_path: Path) -> None:
    told = tmp_path / "meminfo"
    told.write_text("MemTotal:       1000 kB\nMemFree:  10 kB\nMemAvailable:    250 kB\n")
    assert free_memory(told) == 0.25
    assert free_memory(tmp_path / "none") == 1.0


def test_all_networks_are_asked_to_leave(load: Callable[..., ExportedNetwork]) -> None:
    networks = [load(), load()]
    assert release_idle(0.0) >= 2
    assert not any(network.release(0.0) for network in networks)


@pytest.mark.parametrize("device", ["auto", "cpu"])
def test_the_processor_computes_where_there_is_no_card(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.encoders.device._available", lambda: ["CPUExecutionProvider"])
    use_device(device)  # type: ignore[arg-type]
    assert providers() == ["CPUExecutionProvider"]
    assert on_processor()


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_card_that_is_not_there_is_said_in_one_line(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.encoders.device._available", lambda: ["CPUExecutionProvider"])
    with pytest.raises(SettingsError, match=f"inference.device cannot be '{device}' here") as raised:
        use_device(device)  # type: ignore[arg-type]
    assert "\n" not in str(raised.value)


def test_a_card_that_is_there_is_used_first(monkeypatch: pytest.MonkeyPatch) -> None:
    there = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr("assistant.encoders.device._available", lambda: there)
    assert providers() == there
    assert not on_processor()
    use_device("cpu")
    assert on_processor()


SHORT_OF_MEMORY = """
import resource, sys
from pathlib import Path
from assistant.encoders.exported import load_exported
from assistant.errors import ModelUnavailable
import numpy as np, onnxruntime
from assistant.encoders.onnx_graph import Graph
graph = Graph()
graph.linear("rows", "product", np.ones((20_000, 2_000), np.float32))
model = graph.finish({"rows": ("FLOAT", ("n", 2_000))}, {"product": ("FLOAT", ("n", 20_000))})
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 100 * 2**20,) * 2)
try:
    load_exported(Path(sys.argv[1]), "large", lambda: model, 1)
except ModelUnavailable as error:
    print(error)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is limited on Linux only")
def test_too_little_memory_is_said_in_one_line(source: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SHORT_OF_MEMORY, str(source)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "There is too little memory for large\n"
