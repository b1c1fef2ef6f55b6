"""Text of files in any encoding."""

from __future__ import annotations

import contextlib
import re

from assistant.errors import TextError

__all__ = ["decode_text"]

ENCODINGS = ("gb18030", "cp932", "cp949", "big5", "euc_jp", "cp1251", "koi8_r", "cp1250", "cp1252", "cp1253", "cp1254")
"""besides UTF-8 and UTF-16; of several that fit as well, the first is taken"""
MOST_SAMPLED = 65_536
"""bytes from which the encoding is told"""
_UNLIKELY = re.compile(
    r"[\uff61-\uff9f\ue000-\uf8ff\x80-\x9f]|[^\W\d_][¤¦§¨©¬¯±²³´¶¸¹º¼½¾¿¡×÷][^\W\d_]|[a-z][\u3400-\u9fff][a-z]|£[^\W\d_]"
)
"""what no text holds but one read in a wrong encoding: half-width kana, signs or a Chinese character within a word"""
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?([\w.:-]{3,20})""")


def decode_text(content: bytes, name: str, declares: bool = False) -> str:
    """The text of a file, without a byte order mark; `declares` if its first lines may say the encoding, as HTML does.

    TextError when it is not text, or its encoding cannot be told.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", "replace")
    elif b"\0" in content[:4096]:
        raise TextError(f"{name} is not text, whatever its ending says")
    else:
        declared = _DECLARED.search(content[:2048]) if declares else None
        text = _decode(content, name, declared[1].decode() if declared else "")
    return text.removeprefix("\ufeff").replace("\0", "")


def _decode(data: bytes, name: str, declared: str) -> str:
    """UTF-8, the declared encoding, or that which the bytes look like."""
    for encoding in filter(None, ("utf-8", declared)):
        with contextlib.suppress(UnicodeDecodeError, LookupError):
            return data.decode(encoding)
    sample = data[:MOST_SAMPLED].rpartition(b"\n")[0] or data[:MOST_SAMPLED]
    with contextlib.suppress(UnicodeDecodeError):  # in a few words of Western text every encoding looks as good
        if 3 * sum(byte > 127 for byte in sample) < len(sample) and not _UNLIKELY.search(sample.decode("cp1252")):
            return data.decode("cp1252")
    from charset_normalizer import from_bytes

    found = {
        match.encoding: (round(match.chaos, 1), -match.coherence)
        for match in from_bytes(sample, cp_isolation=[*ENCODINGS])
    }
    for encoding in sorted(found, key=lambda each: (found[each], ENCODINGS.index(each))):
        with contextlib.suppress(UnicodeDecodeError):
            if not _UNLIKELY.search(text := data.decode(encoding)):
                return text
    raise TextError(f"{name} is not readable: its encoding cannot be told; save it as UTF-8")
