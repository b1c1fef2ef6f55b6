"""Turns and the values of plugins as JSON, with pictures and clips left in a store and named by reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date
from typing import Any, Protocol

import numpy as np

from assistant.retrieval.entries import Entry, Match
from assistant.types import AudioClip, Exchange, Picture, Reply, TextLine, Transcript, Turn

__all__ = [
    "KINDS",
    "Store",
    "deserialize",
    "deserialize_reply",
    "deserialize_turn",
    "kind_name",
    "serialize",
    "serialize_reply",
    "serialize_turn",
]


KINDS: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool, "date": date, "picture": Picture}
"""What `Dialogue.ask` may ask for, by name."""


def kind_name(kind: type | None) -> str:
    """The name of a kind of answer; None is a text.

    Raises:
        TypeError: it cannot be asked for.
    """
    for name, known in KINDS.items():
        if known is (kind or str):
            return name
    raise TypeError(f"ask() cannot take kind={getattr(kind, '__name__', kind)}; there are {', '.join(KINDS)}")


class Store(Protocol):
    """Where pictures and clips are kept (`assistant.storage.Attachments` is one)."""

    def put_picture(self, picture: Picture) -> str:
        """Keep a picture; returns what `get_picture` takes."""
        ...

    def get_picture(self, digest: str) -> Picture:
        """A picture that was kept."""
        ...

    def put_clip(self, clip: AudioClip) -> str:
        """Keep a clip; returns what `get_clip` takes."""
        ...

    def get_clip(self, digest: str) -> AudioClip:
        """A clip that was kept."""
        ...


def serialize(value: Any, store: Store) -> Any:
    """A value as JSON: plain values, dates, pictures, clips, our own plain records, arrays, lists and dicts of them.

    Raises:
        TypeError: it is something else; says what.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, Picture):
        return {"$picture": store.put_picture(value)}
    if isinstance(value, AudioClip):
        return {"$clip": store.put_clip(value)}
    if isinstance(value, (Exchange, Match, TextLine, Transcript)):
        return {f"${type(value).__name__}": asdict(value)}
    if isinstance(value, Entry):
        return {"$Entry": {each.name: serialize(getattr(value, each.name), store) for each in fields(value)}}
    if isinstance(value, np.ndarray):
        return {"$array": value.astype(np.float32).tolist()}
    if isinstance(value, (list, tuple)):
        return [serialize(each, store) for each in value]
    if isinstance(value, Mapping) and all(isinstance(key, str) and not key.startswith("$") for key in value):
        return {key: serialize(each, store) for key, each in value.items()}
    raise TypeError(f"{type(value).__name__} is no JSON value")


def deserialize(value: Any, store: Store) -> Any:
    """Read back what `serialize` wrote; tuples come back as lists."""
    if isinstance(value, list):
        return [deserialize(each, store) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and (key := next(iter(value))).startswith("$"):
        return _tagged(key, value[key], store)
    return {key: deserialize(each, store) for key, each in value.items()}


def _tagged(key: str, value: Any, store: Store) -> Any:
    if key == "$date":
        return date.fromisoformat(value)
    if key == "$picture":
        return store.get_picture(value)
    if key == "$clip":
        return store.get_clip(value)
    if key == "$array":
        return np.asarray(value, dtype=np.float32)
    if key == "$Exchange":
        return Exchange(**value)
    if key == "$Match":
        return Match(**value)
    if key == "$Entry":
        return Entry(**deserialize(value, store))
    if key == "$TextLine":
        return TextLine(**{**value, "box": tuple(value["box"])})
    if key == "$Transcript":
        return _transcript(value)
    raise ValueError(f"unknown value {key}")


def _transcript(value: Mapping[str, Any]) -> Transcript:
    return Transcript(**{**value, "segments": tuple(tuple(segment) for segment in value["segments"])})


def serialize_turn(turn: Turn, store: Store) -> dict[str, Any]:
    """A turn as JSON."""
    return {
        "id": turn.id,
        "session": turn.session,
        "at": turn.at,
        "text": turn.text,
        "audio": store.put_clip(turn.audio) if turn.audio else None,
        "images": [store.put_picture(picture) for picture in turn.images],
        "transcript": asdict(turn.transcript) if turn.transcript else None,
        "tone": dict(turn.tone),
    }


def deserialize_turn(values: Mapping[str, Any], store: Store) -> Turn:
    """Read back what `serialize_turn` wrote.

    Raises:
        StorageError: a picture or clip is gone.
    """
    return Turn(
        id=values["id"],
        session=values["session"],
        at=values["at"],
        text=values["text"],
        audio=store.get_clip(values["audio"]) if values["audio"] else None,
        images=tuple(store.get_picture(digest) for digest in values["images"]),
        transcript=_transcript(values["transcript"]) if values["transcript"] else None,
        tone=values["tone"],
    )


def serialize_reply(reply: Reply) -> dict[str, Any]:
    """What a plugin fills in of a reply, as JSON."""
    return {
        "text": reply.text,
        "speech": reply.speech,
        "attachments": list(reply.attachments),
        "data": dict(reply.data),
    }


def deserialize_reply(values: Mapping[str, Any]) -> Reply:
    """Read back what `serialize_reply` wrote."""
    return Reply(values["text"], values["speech"], tuple(values["attachments"]), values["data"])
