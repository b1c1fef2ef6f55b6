"""An object store on this machine."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    pytest.importorskip("moto.server", reason="needs a store: pip install 'moto[server]' boto3")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = "from moto.server import main; import sys; main(sys.argv[1:])"
    server = subprocess.Popen([sys.executable, "-c", code, "-p", str(port)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    server.kill()
    server.wait()


@pytest.fixture
def bucket(address: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    boto3 = pytest.importorskip("boto3", reason="needs boto3")
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": address,
        "AWS_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)
    name = request.node.name.replace("_", "-")[:50]
    store = boto3.client("s3")
    store.create_bucket(Bucket=name)
    for key, text in {
        "notes/garden.md": "Water tomatoes.",
        "notes/sub/car.txt": "Tyres: 2.3 bar.",
        "notes/no.txt": "",
    }.items():
        store.put_object(Bucket=name, Key=key, Body=text.encode())
    return name
