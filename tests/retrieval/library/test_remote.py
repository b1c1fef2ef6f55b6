"""A library read from an object store, and one that lies there: a store of the same machine."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from assistant.encoders.models import Models
from assistant.errors import InputError
from assistant.loading import create_models
from assistant.retrieval.library.library import Library
from assistant.settings import load_settings

if not find_spec("lancedb"):
    pytest.skip("needs the extra [library]", allow_module_level=True)
pytest.importorskip("moto.server", reason="needs a store: pip install 'moto[server]' boto3")
boto3 = pytest.importorskip("boto3", reason="needs boto3")
pytestmark = [pytest.mark.models, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def models() -> Models:
    return create_models(load_settings(), keep_encodings=False)


def library(folder: object, models: Models) -> Library:
    return Library(load_settings({"library": {"folder": str(folder)}}), models)


def test_a_bucket_is_added_skipped_and_forgotten(tmp_path: Path, bucket: str, models: Models) -> None:
    root = f"s3://{bucket}/notes"
    here = library(tmp_path / "library", models)
    report = here.add([root])
    assert (report.added, list(report.failed)) == (2, [f"{root}/no.txt"])
    assert here.search("air in the wheels")[0].source == f"{root}/sub/car.txt"
    boto3.client("s3").delete_object(Bucket=bucket, Key="notes/garden.md")
    again = here.add([root])
    assert (again.added, again.unchanged, again.removed) == (0, 1, 1)
    assert here.remove([root]) == 2
    assert here.table.count() == 0


def test_what_is_not_there_is_one_clear_line(tmp_path: Path, bucket: str, models: Models) -> None:
    here = library(tmp_path / "library", models)
    with pytest.raises(InputError, match="no file or folder s3://"):
        here.add([f"s3://{bucket}/nothing"])
    with pytest.raises(InputError, match="no-such-bucket/x does not exist"):
        here.add(["s3://no-such-bucket/x"])
    with pytest.raises(InputError, match="kind of store that cannot be read"):
        here.add(["foo://somewhere/x"])


def test_a_library_lies_in_a_bucket(tmp_path: Path, bucket: str, models: Models) -> None:
    (tmp_path / "note.txt").write_text("The ferry leaves at noon.")
    there = library(f"s3://{bucket}/library", models)
    assert there.add([tmp_path]).added == 1
    again = library(f"s3://{bucket}/library", models)
    assert json.dumps(again.status().items) == json.dumps({"text": 1, "image": 0, "audio": 0})
    assert again.search("boat departure")[0].source.endswith("note.txt")
