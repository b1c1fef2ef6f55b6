"""The plugin API: what a plugin declares (here), and what the assistant gives it (`assistant.plugins.contracts`)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar, get_args

from assistant.plugins.collection import Collection
from assistant.plugins.contracts import CommandContext, Dialogue, Exchange, Services
from assistant.types import Reply

__all__ = [
    "API_VERSION",
    "CAPABILITIES",
    "Answer",
    "Capability",
    "Collection",
    "CommandContext",
    "Dialogue",
    "Directive",
    "Exchange",
    "Follows",
    "Handler",
    "Intent",
    "Manifest",
    "Matches",
    "Option",
    "Register",
    "Services",
    "Slot",
]

T = TypeVar("T")

API_VERSION = 2
"""of the plugin API; see `assistant.plugins.hookspecs` for when it changes"""

Answer = str | Reply | AsyncIterator[str | Reply]
"""what a handler returns. The pieces of an answer that streams are shown and said as they come; a piece that is a
`Reply` says something other than it shows (a speech of " " says nothing), or adds data and attachments"""
Handler = Callable[..., Answer | Awaitable[Answer]]
Capability = Literal["network", "files", "memory", "tools"]
Matches = Callable[[str], int]
"""says whether words surely mean an intent"""
Follows = Callable[[str, Sequence[Exchange]], bool]
"""says whether words surely mean an intent after what was said and answered before them, oldest first"""
Directive = Literal["human", "help", "undo", "repeat"]
"""Remarks about the conversation itself that an intent can serve."""
CAPABILITIES: tuple[Capability, ...] = get_args(Capability)


@dataclass(frozen=True)
class Option:
    """One setting of a plugin's own. The user sets it under ``[plugins.options.PLUGIN]`` in ``assistant.toml``."""

    name: str
    default: str | int | float | bool | Mapping[str, Any]
    """also says which type its values have; a mapping stands for a table, ``[plugins.options.PLUGIN.NAME]``"""
    description: str
    """one line, with the unit"""


@dataclass(frozen=True)
class Manifest:
    """Describes a plugin. A module-level ``MANIFEST = Manifest(…)``; without one the defaults hold."""

    title: str = ""
    """for people; "" means the plugin's name"""
    summary: str = ""
    """one line; "" means the first line of the module's docstring"""
    capabilities: tuple[Capability, ...] = ()
    """what it needs beyond the turn itself, written here as it is: "network"; "files" (to read the user's, and to
    write in `Services.data_dir`); "tools" (to call other plugins, see `Services.tools`). Shown to the user;
    enforced by `Services`, and on Linux by the system"""
    timeout: float = 10.0
    """seconds an answer may take to its last piece, waiting for the user not counted"""
    isolation: str = ""
    """of no effect any more: the user's settings decide, and a plugin of the user's runs in a process of its own"""
    tells_apart: bool = False
    """its handlers leave a request to each other where the words say so: where the model hesitates between several of
    its intents that all act, or that all only answer, the likeliest is called without asking which is meant"""
    options: tuple[Option, ...] = ()
    """its own settings; `Services.options` holds their values"""
    welcome: tuple[str, ...] = ()
    """sentences for a new user to try, in each language it speaks; none about an emergency"""
    translations: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """title and summary in other languages, such as ``{"zh": ("时钟", "管理计时器。")}``"""
    api: int | None = None
    """the `API_VERSION` it was written for; None for any"""


@dataclass(frozen=True)
class Slot:
    """One value an intent's handler takes, read off its signature."""

    name: str
    kind: type
    """str, int, float, bool, date, time, datetime, timedelta, Money or DateRange"""
    required: bool
    """False when the parameter has a default"""
    default: Any = None
    choices: tuple[str, ...] = ()
    """the values of a `Literal` annotation; empty for anything"""
    typical: tuple[str, ...] = ()
    """typical values, which stand for the slot when its examples are learned; empty for those of its name or kind"""


@dataclass(frozen=True, eq=False)
class Intent:
    """One ability of a plugin; `Register` describes its fields."""

    name: str
    """"PLUGIN.what", unique"""
    handler: Handler
    summary: str
    """one line, from the docstring"""
    examples: tuple[str, ...]
    looks_like: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    slots: tuple[Slot, ...] = ()
    picture_kinds: Path | None = None
    acts: bool | None = None
    about: str = ""
    """name of the intent that answers questions about what it does; "" for none"""
    directs: Directive | None = None
    urgent: bool = False
    any_picture: bool = False
    matches: Matches | None = None
    follows: Follows | None = None

    @property
    def may_act(self) -> bool:
        """Whether it must be treated as changing something: it says so, or says nothing."""
        return self.acts is not False

    @property
    def plugin(self) -> str:
        """The plugin it belongs to."""
        return self.name.partition(".")[0]


class Register(Protocol):
    """Passed to `register_intents`: call it once per intent."""

    def __call__(
        self,
        handler: Handler,
        *,
        examples: Sequence[str],
        looks_like: Sequence[str] = (),
        unlike: Sequence[str] = (),
        after: Sequence[str] = (),
        picture_kinds: str | Path = "",
        slot_values: Mapping[str, Sequence[str]] | None = None,
        name: str | None = None,
        acts: bool | None = None,
        about: Handler | None = None,
        directs: Directive | None = None,
        urgent: bool = False,
        any_picture: bool = False,
        matches: Matches | None = None,
        follows: Follows | None = None,
    ) -> Any:
        """Make a function an intent.

        Args:
            handler: its name, docstring and annotations are the schema: ``PLUGIN.name``, the help line, the slots. It
                may also name ``turn``, ``dialogue``, ``services``; it returns or yields an `Answer`.
            examples: what people say to mean it, a handful; ``{slot}`` stands for a slot's value.
            looks_like: phrases for pictures that belong to it, such as "a cracked screen".
            unlike: what people say about the same subject that means none of your intents: "my alarm clock is broken".
            after: what people say to mean it leaning on what was answered before: "make it four", "and on Sundays?".
            picture_kinds: a file that recognizes such pictures, relative to the plugin's folder; made by
                ``assistant train pictures``. One file may serve several intents; "" for none.
            slot_values: slot → typical values, such as ``{"city": ["Lisbon", "Oslo"]}``, for learning the examples; a
                slot that is left out gets values by its name or kind.
            name: the intent's name after the dot; the function's own by default.
            acts: True when it changes something (an order, a file, a setting), False when it only answers; None counts
                as True. Then it runs only on a request of the user's own, in the affirmative, for now.
            about: answers questions about what it does ("can I cancel it later?", "did you cancel it?"), without doing
                it; takes the same slots. Without it the assistant says that nothing was done, and offers it.
            directs: the intent serves this direction about the conversation, also while a question is open: "human"
                fetches a person, "help" lists what can be done, "undo" takes back, "repeat" says again.
            urgent: it answers where the model hesitates between it and others, without asking which is meant; its
                reply must also fit a user who meant something else. Where its plugin recognises its own turns and did
                not recognise this one, the others are meant.
            any_picture: it takes pictures that belong to no other intent, without words or with words that only point
                at them; where it would change something, the user is asked which of the two is meant.
            matches: says whether a whole turn, or one request of it, means the intent as surely as an example does
                ("15 % of 80"). Called with the words, in any thread, on every turn that is not an example; fast. What
                it takes acts at once, so it must not take a refusal, a question about the action, or words that it does
                not use. Of several intents that take the same words none has them, unless one gives more than True: 2.
            follows: the same of words that mean the intent only after an answer of its plugin: "again" of dice, "and
                bananas" of a list. Called with the words and the last few turns, the newest last, while no question is
                open.
        """
