import dataclasses
import json
import typing

import pytest

from assistant.events import Event, event_from_json


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


@pytest.mark.parametrize("kind", Event.kinds.values(), ids=lambda kind: kind.__name__)
def test_every_event_survives_json(kind: type[Event]) -> None:
    event = example(kind)
    assert event_from_json(json.loads(json.dumps(event.to_json()))) == event


def test_every_event_and_field_is_explained() -> None:
    assert all(kind.__doc__ and not kind.__doc__.startswith(f"{name}(") for name, kind in Event.kinds.items())


def test_unknown_event_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"known are .*TurnStarted"):
        event_from_json({"event": "TurnStartled"})
    with pytest.raises(ValueError, match="has no field colour"):
        event_from_json({"event": "Notice", "text": "x", "colour": 1})
