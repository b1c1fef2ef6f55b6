"""Chinese in the characters that the models know, and back in those of the user (OpenCC)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opencc import OpenCC

__all__ = ["in_script_of", "simplified"]


def simplified(text: str) -> str:
    """Chinese with simplified characters for traditional ones; only for Chinese, since Japanese has these too."""
    return str(_converter("t2s").convert(text))


def in_script_of(said: str, text: str) -> str:
    """A Chinese text in traditional characters where what the user said has them, and unchanged otherwise."""
    read = simplified(said)
    wrote = sum(first != second for first, second in zip(said, read, strict=False))
    if len(read) != len(said) or not wrote:
        return text
    others = sum(first != second for first, second in zip(said, _converter("s2tw").convert(said), strict=False))
    return str(_converter("s2tw").convert(text)) if wrote > others else text


@cache
def _converter(kind: str) -> OpenCC:
    from opencc import OpenCC  # 0.1 s with its dictionaries, which most conversations do not need

    return OpenCC(kind)
