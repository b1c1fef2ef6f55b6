"""What the assistant says on its own account, in the user's language."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.language import language_of

__all__ = [
    "clarify",
    "heard_nothing",
    "not_understood",
    "plugin_failed",
    "recording_empty",
    "tell_me_more",
]


def clarify(options: Sequence[str], text: str) -> str:
    """Ask which of several things is meant.

    Args:
        options: what each intent does, as its summary says, best first.
        text: the user's words; their language is answered in.
    """
    if language_of(text) == "zh":
        listed = "\n".join(f"  {number}. {option}" for number, option in enumerate(options, 1))
        return f"我不太确定您的意思。您是想:\n{listed}\n请回答数字,或换一种说法。"
    listed = "\n".join(f"  {number}. {option}" for number, option in enumerate(options, 1))
    return f"I am not sure which you mean:\n{listed}\nAnswer with a number, or say it in other words."


def tell_me_more(text: str, seen: bool) -> str:
    """Ask what it is about, when words and picture leave it open.

    Args:
        text: the user's words.
        seen: whether a picture came with them.
    """
    if language_of(text) == "zh":
        return "这是关于什么的?请用几个词告诉我。" if seen else "您指的是什么?请用几个词告诉我,或者给我看一张照片。"
    if seen:
        return "I can see your picture, but not what you would like me to do with it. Tell me in a few words?"
    return "What is it about? Tell me in a few words, or show me a picture."


def heard_nothing(reason: str) -> str:
    """The recording holds no words."""
    return f"I did not hear any words in that recording ({reason or 'silence'}). Say it again, or type it?"


def recording_empty(reason: str, text: str) -> str:
    """The recording that came with words or a picture holds no words of its own."""
    if language_of(text) == "zh":
        return "录音里没有听到话语。"
    return f"No words were heard in the recording ({reason or 'silence'}); the rest is answered."


def not_understood(text: str) -> str:
    """Nothing fits, and no plugin has a word for it."""
    if language_of(text) == "zh":
        return "我不知道。我没有能处理这个问题的功能。"
    return "I don't know: none of my plugins can answer that. /plugins shows what they can do."


def plugin_failed(plugin: str, reason: str, text: str) -> str:
    """The plugin that should have answered could not."""
    if language_of(text) == "zh":
        return f"抱歉,{plugin} 现在无法回答:{reason}"
    return f"Sorry, {plugin} could not answer: {reason}"
