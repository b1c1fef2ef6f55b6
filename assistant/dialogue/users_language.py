"""Puts a reply into the script of the user's words, and says in their language where it is not written in it."""

from __future__ import annotations

from dataclasses import replace

from assistant.language import detect_language, said_in, surely_in
from assistant.language.script import in_script_of
from assistant.types import Reply

__all__ = ["in_users_language"]

FEWEST = 4
"""words from which a reply in English is more than a name, or a word that was asked for"""


def in_users_language(reply: Reply, said: str, heard: str = "") -> Reply:
    """The reply in traditional characters where the user writes them, and with a line in the user's language.

    A request that was not served (`unserved` in the reply's data) is declined aloud in the user's language; before any
    other reply in English stands that there is none in it.

    Args:
        said: the user's words.
        heard: the language in which they were spoken, as recognition takes it; "" for typed ones.
    """
    if detect_language(said) == "zh":
        return replace(reply, text=in_script_of(said, reply.text), speech=in_script_of(said, reply.speech))
    language = surely_in(said, heard)
    english = detect_language(reply.text, "") == "en" and len(reply.text.split()) >= FEWEST
    if not english or not (line := said_in(language, "unserved" if reply.data.get("unserved") else "english")):
        return reply
    speech = line if reply.data.get("unserved") else f"{line}\n{reply.spoken}"
    return replace(reply, text=f"{line}\n{reply.text}", speech=speech)
