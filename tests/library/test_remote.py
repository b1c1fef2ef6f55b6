"""A library read from an object store, and one that lies there: a store of the same machine."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import InputError
from assistant.library import Library, Perception
from assistant.settings import load_settings

pytest.importorskip("lancedb", reason="needs the extra [library]")
pytest.importorskip("moto.server", reason="needs a store: pip install 'moto[server]' boto3")
boto3 = pytest.importorskip("boto3", reason="needs boto3")
pytestmark = [pytest.mark.models, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
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


@pytest.fixture(scope="module")
def perception() -> Perception:
    return Perception.from_settings(load_settings())


def library(folder: object, perception: Perception) -> Library:
    return Library(load_settings({"library": {"folder": str(folder)}}), perception)


def test_a_bucket_is_added_skipped_and_forgotten(tmp_path: Path, bucket: str, perception: Perception) -> None:
    root = f"s3://{bucket}/notes"
    here = library(tmp_path / "library", perception)
    report = here.add([root])
    assert (report.added, list(report.failed)) == (2, [f"{root}/no.txt"])
    assert here.search("air in the wheels")[0].source == f"{root}/sub/car.txt"
    boto3.client("s3").delete_object(Bucket=bucket, Key="notes/garden.md")
    again = here.add([root])
    assert (again.added, again.unchanged, again.removed) == (0, 1, 1)
    assert here.remove([root]) == 2
    assert here.table.count() == 0


def test_what_is_not_there_is_one_clear_line(tmp_path: Path, bucket: str, perception: Perception) -> None:
    here = library(tmp_path / "library", perception)
    with pytest.raises(InputError, match="no file or folder s3://"):
        here.add([f"s3://{bucket}/nothing"])
    with pytest.raises(InputError, match="no-such-bucket/x does not exist"):
        here.add(["s3://no-such-bucket/x"])
    with pytest.raises(InputError, match="kind of store that cannot be read"):
        here.add(["foo://somewhere/x"])


def test_a_library_lies_in_a_bucket(tmp_path: Path, bucket: str, perception: Perception) -> None:
    (tmp_path / "note.txt").write_text("The ferry leaves at noon.")
    there = library(f"s3://{bucket}/library", perception)
    assert there.add([tmp_path]).added == 1
    again = library(f"s3://{bucket}/library", perception)
    assert json.dumps(again.status().items) == json.dumps({"text": 1, "image": 0, "audio": 0})
    assert again.search("boat departure")[0].source.endswith("note.txt")
