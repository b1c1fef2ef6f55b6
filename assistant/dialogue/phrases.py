"""The assistant's own sentences, in the user's language, from `assistant.language`."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.language import language_of, listed, say, screen_language
from assistant.understanding.permission import Obstacle

__all__ = [
    "ask_again",
    "clarify",
    "confirm_clearly",
    "confirmation_expired",
    "heard_in_doubt",
    "heard_nothing",
    "left",
    "left_out",
    "next_request",
    "not_done",
    "not_kept",
    "not_served",
    "not_understood",
    "nothing_open",
    "plugin_failed",
    "recording_empty",
    "shall_i",
    "take_your_time",
    "tell_me_more",
]


def clarify(options: Sequence[str], text: str) -> str:
    """Ask which of several things is meant.

    Args:
        options: what each intent does, as its summary says, best first.
        text: the user's words; their language is answered in.
    """
    numbered = "\n".join(f"  {number}. {option}" for number, option in enumerate(options, 1))
    return say("clarify", language_of(text), options=numbered)


def confirm_clearly(consent: str, question: str) -> str:
    """Ask for a clear yes or no, since anything else changes nothing.

    Args:
        consent: how the answer was read; see `assistant.understanding.consent`.
        question: the question that stays open; its language is answered in.
    """
    return say("confirm_clearly_unsure" if consent == "unsure" else "confirm_clearly", language_of(question))


def confirmation_expired(question: str) -> str:
    """Say that a confirmation came too late to count."""
    return say("confirmation_expired", language_of(question))


def not_done(obstacle: Obstacle, what: str, text: str) -> str:
    """Say that nothing was done, and why.

    Args:
        obstacle: what kept the action from being done.
        what: what the action does, as the intent's summary says.
        text: the user's words; their language is answered in.
    """
    language = language_of(text)
    if language == "en":
        what = what[:1].lower() + what[1:].rstrip(".")
    return say(f"not_done_{obstacle}", language, what=what)


def left(question: str, *, confirms: bool) -> str:
    """Say that a dialogue is cancelled; 已取消 alone would sound as if the order were cancelled.

    Args:
        question: what was asked; its language is answered in.
        confirms: a yes to it would have changed something.
    """
    return say("left_unchanged" if confirms else "left", language_of(question))


def left_out(pieces: Sequence[str], text: str) -> str:
    """Name the parts of a request that were not used.

    Args:
        pieces: the user's words; `text` is all of them, whose language is answered in.
    """
    language = language_of(text)
    return say("left_out", language, pieces=listed(pieces, language, quoted=True))


def next_request(texts: Sequence[str]) -> str:
    """Say which requests come after the question that is open.

    Args:
        texts: the user's words for each; their language is answered in.
    """
    language = language_of(" ".join(texts))
    return say("next_request", language, requests=listed(texts, language, quoted=True))


def nothing_open(consent: str, text: str) -> str:
    """Answer a yes, a no or a "wait" that answers no question.

    Args:
        consent: how it was read; see `assistant.understanding.consent`.
        text: the user's words; their language is answered in.
    """
    kind = consent if consent in ("unsure", "no", "kept") else "yes"
    return say(f"nothing_open_{kind}", language_of(text))


def not_kept(text: str) -> str:
    """Say that an answered turn may be missing from the history."""
    return say("not_kept", language_of(text))


def not_served(text: str) -> str:
    """Name the part of a turn that nothing could answer."""
    return say("not_served", language_of(text), words=text.strip())


def shall_i(what: str, text: str) -> str:
    """Ask whether to do something that a plugin proposes.

    Args:
        what: the intent and its values.
        text: the user's words; their language is answered in.
    """
    return say("shall_i", language_of(text), what=what)


def take_your_time(question: str) -> str:
    """Say that an open question can wait; its language is answered in."""
    return say("take_your_time", language_of(question))


def tell_me_more(text: str, seen: bool) -> str:
    """Ask what it is about, when words and picture leave it open.

    Args:
        text: the user's words.
        seen: whether a picture came with them.
    """
    return say("tell_me_more_seen" if seen else "tell_me_more", language_of(text))


def heard_nothing(reason: str) -> str:
    """The recording holds no words; said in the system's language."""
    return say("heard_nothing", screen_language(), reason=reason or "silence")


def ask_again(doubtful: str) -> str:
    """The recording holds words that may have been heard wrongly."""
    return say("ask_again", language_of(doubtful), words=doubtful)


def heard_in_doubt(doubtful: str) -> str:
    """Say that some words of the recording may have been misheard, and are not used."""
    return say("heard_in_doubt", language_of(doubtful), words=doubtful)


def recording_empty(reason: str, text: str) -> str:
    """The recording that came with words or a picture holds no words of its own."""
    return say("recording_empty", language_of(text), reason=reason or "silence")


def not_understood(text: str) -> str:
    """Say that nothing was understood, if no plugin answers."""
    return say("not_understood", language_of(text))


def plugin_failed(plugin: str, reason: str, text: str) -> str:
    """The plugin that should have answered could not."""
    return say("plugin_failed", language_of(text), plugin=plugin, reason=reason)
