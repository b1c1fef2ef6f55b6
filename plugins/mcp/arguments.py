"""The arguments of a tool that can be said: read off its JSON schema, and back from slots."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal

from .tools import Tool, one_line

__all__ = ["Argument", "arguments_of", "to_json", "unsayable"]

MOST_REQUIRED = 6
"""arguments that a user is asked for; a tool that needs more is none to talk to"""
MOST = 12
"""arguments; further optional ones are left to the server's defaults"""
MOST_CHOICES = 50
RESERVED = ("turn", "dialogue", "services")
SIMPLE: dict[str, type] = {"string": str, "integer": int, "number": float, "boolean": bool}
FORMATS: dict[str, type] = {"date": date, "date-time": datetime, "time": time}


@dataclass(frozen=True)
class Argument:
    """One argument that can be said."""

    name: str
    """of the property"""
    slot: str
    """of the slot: an identifier"""
    kind: type
    required: bool
    description: str = ""
    choices: tuple[str, ...] = ()
    listed: bool = False
    """it is a list of texts, said with commas and "and" """

    @property
    def annotation(self) -> Any:
        """The type of the handler's parameter."""
        hint: Any = Literal[self.choices] if self.choices else self.kind
        return hint if self.required else hint | None


def arguments_of(tool: Tool) -> list[Argument]:
    """A tool's arguments that can be spoken, required ones first."""
    properties = tool.schema.get("properties", {})
    required = [name for name in tool.schema.get("required", []) if isinstance(name, str)]
    found: dict[str, Argument] = {}
    for name, schema in sorted(properties.items(), key=lambda each: each[0] not in required):
        argument = _argument(name, _resolved(schema, tool.schema), name in required, found)
        if argument is not None and name not in tool.fixed and len(found) < MOST:
            found[argument.slot] = argument
    return list(found.values())


def unsayable(tool: Tool) -> str:
    """Why a tool cannot be asked for in words; "" when it can."""
    properties = tool.schema.get("properties", {})
    required = [name for name in tool.schema.get("required", []) if isinstance(name, str)]
    if len(required) > MOST_REQUIRED:
        return f"it needs {len(required)} arguments"
    said = {*tool.fixed, *(argument.name for argument in arguments_of(tool))}
    for name in required:
        if name not in properties:
            return f"it needs {name!r}, which its schema does not describe"
        if name not in said:
            return f"it needs {name!r}, which is not text, a number, a date, or yes or no"
    return ""


def _resolved(schema: Any, root: Mapping[str, Any]) -> Mapping[str, Any]:
    """A property's schema, with one reference followed and "or null" left out."""
    if isinstance(schema, Mapping) and isinstance(at := schema.get("$ref"), str) and at.startswith("#/"):
        found: Any = root
        for part in at[2:].split("/"):
            found = found.get(part) if isinstance(found, Mapping) else None
        schema = found
    if not isinstance(schema, Mapping):
        return {}
    for several in (schema.get("anyOf"), schema.get("oneOf")):
        if isinstance(several, list):
            kinds = [each for each in several if isinstance(each, Mapping) and each.get("type") != "null"]
            if len(kinds) == 1:
                return {**{k: v for k, v in schema.items() if k not in ("anyOf", "oneOf")}, **kinds[0]}
    if isinstance(types := schema.get("type"), list):
        rest = [kind for kind in types if kind != "null"]
        return {**schema, "type": rest[0] if len(rest) == 1 else ""}
    return schema


def _argument(name: str, schema: Mapping[str, Any], required: bool, taken: Mapping[str, Any]) -> Argument | None:
    slot = re.sub(r"\W+|^(?=\d)", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name), flags=re.ASCII).lower().strip("_")
    if not slot.isidentifier() or keyword.iskeyword(slot) or slot in RESERVED:
        slot = f"the_{slot}" if f"the_{slot}".isidentifier() else ""
    if not slot or slot in taken:
        return None
    told = one_line(str(schema.get("description") or ""), 120).rstrip("?？!")
    choices = schema.get("enum")
    if isinstance(choices, list) and choices:
        if len(choices) > MOST_CHOICES or not all(isinstance(each, str) and each.strip() for each in choices):
            return None
        return Argument(name, slot, str, required, told, tuple(dict.fromkeys(choices)))
    kind = schema.get("type")
    if kind == "array":
        items = _resolved(schema.get("items"), {})
        plain = items.get("type") == "string" and not items.get("enum")
        return Argument(name, slot, str, required, told, listed=True) if plain else None
    if kind not in SIMPLE:
        return None
    read = FORMATS.get(str(schema.get("format")), str) if kind == "string" else SIMPLE[kind]
    return Argument(name, slot, read, required, told)


def to_json(arguments: list[Argument], slots: Mapping[str, Any]) -> dict[str, Any]:
    """Converts the slots that have a value to the tool's JSON arguments."""
    sent: dict[str, Any] = {}
    for argument in arguments:
        value = slots.get(argument.slot)
        if value is None:
            continue
        if argument.listed:
            value = [part.strip() for part in re.split(r",|;|\band\b|[，、；和]", str(value)) if part.strip()]
        sent[argument.name] = value.isoformat() if isinstance(value, date | time) else value
    return sent
