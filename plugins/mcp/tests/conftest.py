"""Lets the tests import the SDK: pytest takes this plugin's folder for a package of the same name, `mcp`."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from assistant.testing import FakeServices, load_plugin

pytest.importorskip("mcp", reason="needs the extra [mcp]")
from .home import HERE, KINDS, Home, Live

PLUGIN = str(Path(__file__).parent.parent)

for name, module in list(sys.modules.items()):
    if name.partition(".")[0] == "mcp" and str(getattr(module, "__file__", "")).startswith(PLUGIN):
        del sys.modules[name]
with suppress(ImportError):  # then the tests are skipped
    import mcp  # noqa: F401


@pytest.fixture
def live(tmp_path: Path) -> Live:
    """Run something with servers of the settings; each run is a start of the program, with the same data."""

    def run(servers: dict[str, Any], work: Callable[[Home], Awaitable[Any]], **options: Any) -> Any:
        services = FakeServices(options={"servers": servers, **options}, data_dir=tmp_path / "data")
        (tmp_path / "data").mkdir(mode=0o700, exist_ok=True)

        async def whole() -> Any:
            plugin = load_plugin(HERE.parent)
            await plugin.manager.startup(lambda info: services)
            try:
                assert plugin.info.status == "active", plugin.info.reason
                return await work(Home(plugin.manager, services))
            finally:
                await plugin.manager.shutdown()

        return asyncio.run(whole())

    return run


@pytest.fixture(scope="module")
def wall(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the folder in which the test server writes notes."""
    return tmp_path_factory.mktemp("wall") / "wall"


@pytest.fixture(scope="module")
def useful(wall: Path) -> Iterator[dict[str, Any]]:
    """The useful server over HTTP: one process for all tests, as its SDK takes a second to load."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, KINDS, "http", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env={**os.environ, "WALL": str(wall)}, **quiet)  # type: ignore[call-overload]
    for _ in range(400):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield {"useful": {"url": f"http://127.0.0.1:{port}/mcp"}}
    process.kill()
    process.wait()
