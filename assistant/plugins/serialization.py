"""Writes turns and the values of plugins as JSON; pictures and clips go to a store and are named by reference."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from assistant.outputs.schedule import Scheduled
from assistant.plugins.api import Exchange
from assistant.plugins.tools import Tool
from assistant.retrieval.entries import Entry, LibraryAnswer, Match
from assistant.storage import Attachments
from assistant.types import AudioClip, Candidate, Decision, Picture, Reply, TextLine, Transcript, Turn
from assistant.understanding.entities import DateRange, Money, Recurrence

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

RECORDS = (
    Candidate,
    DateRange,
    Decision,
    Entry,
    Exchange,
    LibraryAnswer,
    Match,
    Recurrence,
    Reply,
    Scheduled,
    TextLine,
    Tool,
    Transcript,
)
"""Frozen dataclasses that travel field by field."""

KINDS: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool, "date": date, "picture": Picture} | {
    "time": time,
    "datetime": datetime,
    "timedelta": timedelta,
    "money": Money,
    "date_range": DateRange,
}
"""Types of `Dialogue.ask`, by name."""


def kind_name(kind: type | None) -> str:
    """The name of a kind of answer; None is a text. Raises `TypeError` for one that cannot be asked for."""
    for name, known in KINDS.items():
        if known is (kind or str):
            return name
    raise TypeError(f"ask() cannot take kind={getattr(kind, '__name__', kind)}; there are {', '.join(KINDS)}")


Store = Attachments
"""where pictures and clips are kept"""


def serialize(value: Any, store: Store) -> Any:
    """A value as JSON: plain values, dates, paths, pictures, clips, our own records, arrays, lists and dicts of them.

    Raises `TypeError` for anything else.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, list):
        return [serialize(each, store) for each in value]
    if isinstance(value, Mapping) and all(isinstance(key, str) and not key.startswith("$") for key in value):
        return {key: serialize(each, store) for key, each in value.items()}
    if isinstance(value, RECORDS):
        return {f"${type(value).__name__}": {f.name: serialize(getattr(value, f.name), store) for f in fields(value)}}
    for tag, (kind, write, _) in TAGS.items():
        if isinstance(value, kind):
            return {tag: write(value, store)}
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def deserialize(value: Any, store: Store) -> Any:
    """Read back what `serialize` wrote."""
    if isinstance(value, list):
        return [deserialize(each, store) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) != 1 or not (tag := next(iter(value))).startswith("$"):
        return {key: deserialize(each, store) for key, each in value.items()}
    if tag in TAGS:
        return TAGS[tag][2](value[tag], store)
    for record in RECORDS:
        if tag == f"${record.__name__}":
            return record(**{name: _tuples(deserialize(each, store)) for name, each in value[tag].items()})
    raise ValueError(f"unknown value {tag}")


def _tuples(value: Any) -> Any:
    return tuple(_tuples(each) for each in value) if isinstance(value, list) else value


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
    """Read back what `serialize_turn` wrote; raises `StorageError` where a picture or clip is gone."""
    return Turn(
        id=values["id"],
        session=values["session"],
        at=values["at"],
        text=values["text"],
        audio=store.get_clip(values["audio"]) if values["audio"] else None,
        images=tuple(store.get_picture(digest) for digest in values["images"]),
        transcript=deserialize({"$Transcript": values["transcript"]}, store) if values["transcript"] else None,
        tone=values["tone"],
    )


def serialize_reply(reply: Reply) -> dict[str, Any]:
    """The fields of a reply that a plugin fills in, as JSON."""
    return {
        "text": reply.text,
        "speech": reply.speech,
        "attachments": list(reply.attachments),
        "data": dict(reply.data),
    }


def deserialize_reply(values: Mapping[str, Any]) -> Reply:
    """Read back what `serialize_reply` wrote."""
    return Reply(values["text"], values["speech"], tuple(values["attachments"]), values["data"])


TAGS: dict[str, tuple[type, Callable[[Any, Store], Any], Callable[[Any, Store], Any]]] = {
    "$tuple": (tuple, lambda items, store: serialize([*items], store), lambda v, store: (*deserialize(v, store),)),
    "$datetime": (datetime, lambda moment, _: moment.isoformat(), lambda text, _: datetime.fromisoformat(text)),
    "$time": (time, lambda moment, _: moment.isoformat(), lambda text, _: time.fromisoformat(text)),
    "$timedelta": (timedelta, lambda span, _: span.total_seconds(), lambda value, _: timedelta(seconds=value)),
    "$money": (
        Money,
        lambda money, _: [str(money.amount), money.currency],
        lambda pair, _: Money(Decimal(pair[0]), pair[1]),
    ),
    "$date": (date, lambda day, _: day.isoformat(), lambda text, _: date.fromisoformat(text)),
    "$bytes": (bytes, lambda data, _: base64.b64encode(data).decode(), lambda text, _: base64.b64decode(text)),
    "$path": (PurePath, lambda path, _: str(path), lambda text, _: Path(text)),
    "$picture": (Picture, lambda picture, store: store.put_picture(picture), lambda ref, store: store.get_picture(ref)),
    "$clip": (AudioClip, lambda clip, store: store.put_clip(clip), lambda ref, store: store.get_clip(ref)),
    "$array": (
        np.ndarray,
        lambda array, _: array.astype(np.float32).tolist(),
        lambda rows, _: np.asarray(rows, dtype=np.float32),
    ),
    "$turn": (Turn, serialize_turn, deserialize_turn),
    "$kind": (type, lambda kind, _: kind_name(kind), lambda name, _: KINDS[name]),
}
"""What travels otherwise than field by field: tag → type, how it is written, how it is read."""
