import dataclasses
import json
import typing

import pytest

from assistant.events import Event

KINDS = Event.__subclasses__()


def example(kind: type[Event]) -> Event:
    samples = {
        "str": "words",
        "float": 1.5,
        "int": 3,
        "bool": True,
        "tuple[str, ...]": ("text", "image"),
        "dict[str, float]": {"answer": 1.5},
        "dict[str, Any]": {"kind": "reply"},
    }
    hints = {field.name: field.type for field in dataclasses.fields(kind)}
    return kind(**{name: samples[typing.cast(str, hint)] for name, hint in hints.items()})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_event_is_plain_json(kind: type[Event]) -> None:
    event = example(kind)
    told = {"event": kind.__name__, **dataclasses.asdict(event)}
    assert event.to_json() == told
    assert json.loads(json.dumps(told)) == {name: list(v) if isinstance(v, tuple) else v for name, v in told.items()}


def test_every_event_and_field_is_explained() -> None:
    assert all(kind.__doc__ and not kind.__doc__.startswith(f"{kind.__name__}(") for kind in KINDS)
