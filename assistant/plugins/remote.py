"""Builds objects whose methods run elsewhere, from the one declaration of their contract.

`Services`, `Dialogue` and `Collection` (`assistant.plugins.api`) mark their methods with `method`. `remote` makes an
object with those methods of any of them; each call becomes ``call(member, arguments)``. The capability proxy calls the
real object on the assistant's loop, a plugin's process sends the call through its pipe.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from assistant.plugins.removed import REMOVED

__all__ = ["Call", "Member", "members", "method", "remote"]

F = TypeVar("F", bound=Callable[..., Any])

MARK = "_assistant_method"


@dataclass(frozen=True)
class Member:
    """One marked method or property of a contract."""

    name: str
    signature: inspect.Signature
    needs: str = ""
    """the capability a plugin must declare to use it; "" for none"""
    pauses: bool = False
    """True when it waits for the user: the handler's deadline does not run meanwhile"""
    returns: type | None = None
    """the contract of the object it returns; None for a plain value"""
    is_async: bool = False
    is_property: bool = False

    def bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments by name; raises `TypeError` where they do not fit the signature."""
        try:
            return dict(self.signature.bind(*args, **kwargs).arguments)
        except TypeError as error:
            raise TypeError(f"{self.name}(): {error}") from None


Call = Callable[[Member, dict[str, Any]], Any]
"""takes a member and its arguments; returns what the member returns, an awaitable for an async one"""


def method(*, needs: str = "", pauses: bool = False, returns: type | None = None) -> Callable[[F], F]:
    """Mark a method of a contract, or the function of a property (below ``@property``); see `Member`."""

    def mark(function: F) -> F:
        setattr(function, MARK, {"needs": needs, "pauses": pauses, "returns": returns})
        return function

    return mark


@functools.cache
def members(contract: type) -> Mapping[str, Member]:
    """The marked methods and properties of a contract, by name."""
    found = {}
    for name, value in vars(contract).items():
        function: Any = value.fget if isinstance(value, property) else value
        if (marks := getattr(function, MARK, None)) is not None:
            parameters = list(inspect.signature(function).parameters.values())[1:]  # without self
            signature, is_async = inspect.Signature(parameters), inspect.iscoroutinefunction(function)
            found[name] = Member(name, signature, is_async=is_async, is_property=isinstance(value, property), **marks)
    return found


def remote(contract: type, call: Call, **attributes: Any) -> Any:
    """An object with plain `attributes`, and every marked member of a contract as ``call(member, arguments)``.

    It explains in an `AttributeError` what to use in place of a member that was removed.
    """
    made = _class_of(contract)()
    vars(made).update(attributes, _call=call)
    return made


@functools.cache
def _class_of(contract: type) -> type:
    namespace = {name: _implement(member) for name, member in members(contract).items()}
    return type(f"Remote{contract.__name__}", (_Remote,), {"__doc__": contract.__doc__, **namespace})


class _Remote:
    def __getattr__(self, name: str) -> Any:
        contract = type(self).__name__.removeprefix("Remote")
        raise AttributeError(REMOVED.get(f"{contract}.{name}") or f"{contract} has no {name!r}")


def _implement(member: Member) -> Any:
    if member.is_property:
        return property(lambda self: self._call(member, {}))
    if member.is_async:

        async def awaited(self: Any, *args: Any, **kwargs: Any) -> Any:
            return await self._call(member, member.bind(args, kwargs))

        return awaited
    return lambda self, *args, **kwargs: self._call(member, member.bind(args, kwargs))
