"""``pytest --offline`` refuses what leaves this machine, in this process and in those that it starts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

OFFLINE = Path(__file__).with_name("offline")


@pytest.mark.parametrize(
    ("call", "refused"),
    [
        ("socket.create_connection(('192.0.2.1', 80), 1)", True),
        ("socket.getaddrinfo('example.org', 443)", True),
        ("socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))", True),
        ("socket.socket(socket.AF_INET6).connect(('2001:db8::1', 80, 0, 0))", True),
        ("urllib.request.urlopen('http://example.org', timeout=1)", True),
        ("socket.getaddrinfo('localhost', 80)", False),
        ("socket.socketpair()", False),
        ("server = socket.create_server(('127.0.0.1', 0)); socket.create_connection(server.getsockname())", False),
    ],
)
def test_only_this_machine_is_reached(tmp_path: Path, call: str, refused: bool) -> None:
    attempts = tmp_path / "attempts.txt"
    environment = os.environ | {"OFFLINE_ATTEMPTS": str(attempts), "PYTHONPATH": str(OFFLINE)}
    code = f"import socket, urllib.request; {call}"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode != 0) is refused, done.stderr
    assert attempts.exists() is refused
    assert ("pytest --offline refuses" in done.stderr) is refused


def test_onnx_runtime_keeps_no_record_of_its_use_to_send(tmp_path: Path) -> None:
    """Where its telemetry is on, it makes an identifier of this device in the user's cache as it is imported."""
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    environment |= {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    code = "import assistant, onnxruntime; onnxruntime.get_available_providers()"
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=60)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
