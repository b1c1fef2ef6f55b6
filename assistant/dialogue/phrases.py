"""What the assistant says on its own account, in the user's language."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.language import language_of
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
    if language_of(text) == "zh":
        listed = "\n".join(f"  {number}. {option}" for number, option in enumerate(options, 1))
        return f"我不太确定您的意思。您是想：\n{listed}\n请回答数字，或换一种说法。"
    listed = "\n".join(f"  {number}. {option}" for number, option in enumerate(options, 1))
    return f"I am not sure which you mean:\n{listed}\nAnswer with a number, or say it in other words."


def confirm_clearly(consent: str, question: str) -> str:
    """Ask for a clear yes or no, since anything else changes nothing.

    Args:
        consent: how the answer was read; see `assistant.understanding.consent`.
        question: the question that stays open; its language is answered in.
    """
    if language_of(question) == "zh":
        return (
            "好的，不着急，什么都还没有改动。" if consent == "unsure" else "什么都还没有改动，请明确回答“是”或“不是”。"
        )
    if consent == "unsure":
        return "Take your time; nothing has been changed."
    return "Nothing has been changed. I need a clear yes or no."


def confirmation_expired(question: str) -> str:
    """Say that a confirmation came too late to count."""
    if language_of(question) == "zh":
        return "这个问题已经问了很久，为了稳妥再确认一次："
    return "That question was asked a while ago, so I ask again to be sure:"


def not_done(obstacle: Obstacle, what: str, text: str) -> str:
    """Say that nothing was done, and why.

    Args:
        obstacle: what kept the action from being done.
        what: what the action does, as the intent's summary says.
        text: the user's words; their language is answered in.
    """
    if language_of(text) == "zh":
        return _NOT_DONE_ZH[obstacle].format(what=what)
    return _NOT_DONE[obstacle].format(what=what[:1].lower() + what[1:].rstrip("."))


_NOT_DONE: dict[Obstacle, str] = {
    "asked": "That was a question, so nothing is changed now. Shall I {what}?",
    "told": "Nothing is changed yet. Shall I {what}?",
    "refused": "All right, I leave that as it is.",
    "another": "I have not done anything: I can {what} for you, but not in somebody else's name.",
    "later": "I have not done anything: I can {what} at once, but not at a later time. Tell me when you want it done.",
    "supposed": "I have not done anything: you only supposed it. Tell me if you want me to {what}.",
}
_NOT_DONE_ZH: dict[Obstacle, str] = {
    "asked": "这是一个问题，所以现在不做任何改动。需要我办理“{what}”吗？",
    "told": "我还没有做任何改动。需要我办理“{what}”吗？",
    "refused": "好的，保持不变。",
    "another": "我没有做任何改动：我只能为您本人办理“{what}”，不能代替别人。",
    "later": "我没有做任何改动：我只能马上办理“{what}”，不能预约以后。需要时请再告诉我。",
    "supposed": "我没有做任何改动：您只是假设。如果需要办理“{what}”，请告诉我。",
}


def left(question: str, *, confirms: bool) -> str:
    """Say that what was begun is left; 已取消 alone would sound as if the order were cancelled.

    Args:
        question: what was asked; its language is answered in.
        confirms: a yes to it would have changed something.
    """
    if language_of(question) == "zh":
        return "好的，不办了，没有做任何改动。" if confirms else "好的，先不办了。"
    return "All right, I have stopped that. Nothing is changed." if confirms else "All right, I have stopped that."


def left_out(pieces: Sequence[str], text: str) -> str:
    """Name what a request said and nothing used.

    Args:
        pieces: the user's words; `text` is all of them, whose language is answered in.
    """
    if language_of(text) == "zh":
        return "这里我没有用上：" + "，".join(f"“{piece}”" for piece in pieces) + "。如果需要，请再说一遍。"
    return "I have not used " + ", ".join(f"“{piece}”" for piece in pieces) + ". Say it again if you want it."


def next_request(texts: Sequence[str]) -> str:
    """Say which requests come after the question that is open.

    Args:
        texts: the user's words for each; their language is answered in.
    """
    if language_of(" ".join(texts)) == "zh":
        return "接下来再处理：" + "，".join(f"“{text.strip()}”" for text in texts)
    return "After that comes: " + ", ".join(f"“{text.strip()}”" for text in texts)


def nothing_open(consent: str, text: str) -> str:
    """Answer a yes, a no or a "wait" that answers no question.

    Args:
        consent: how it was read; see `assistant.understanding.consent`.
        text: the user's words; their language is answered in.
    """
    chinese = language_of(text) == "zh"
    if consent == "unsure":
        return "不着急，想好了再告诉我。" if chinese else "Take your time; nothing is waiting for an answer."
    if consent == "no":
        return "好的，什么都不做。" if chinese else "All right, I do nothing."
    return "好的。还需要我做什么吗？" if chinese else "All right. What can I do for you?"


def not_kept(text: str) -> str:
    """Say that an answered turn is not in the history."""
    if language_of(text) == "zh":
        return "这一轮对话没有保存到历史记录中。"
    return "This turn could not be kept in the history."


def not_served(text: str) -> str:
    """Name the part of a turn that nothing could answer."""
    if language_of(text) == "zh":
        return f"这一部分我没能处理：“{text.strip()}”"
    return f"This part I could not answer: “{text.strip()}”"


def shall_i(what: str, text: str) -> str:
    """Ask whether to do something that a plugin proposes.

    Args:
        what: the intent and its values.
        text: the user's words; their language is answered in.
    """
    if language_of(text) == "zh":
        return f"要我办理吗：{what}？目前什么都没有改动。"
    return f"Shall I do this: {what}? Nothing has been changed so far."


def take_your_time(question: str) -> str:
    """Say that an open question can wait; its language is answered in."""
    return "不着急，想好了再告诉我。" if language_of(question) == "zh" else "Take your time."


def tell_me_more(text: str, seen: bool) -> str:
    """Ask what it is about, when words and picture leave it open.

    Args:
        text: the user's words.
        seen: whether a picture came with them.
    """
    if language_of(text) == "zh":
        return "这是关于什么的？请用几个词告诉我。" if seen else "您指的是什么？请用几个词告诉我，或者给我看一张照片。"
    if seen:
        return "I can see your picture, but not what you would like me to do with it. Tell me in a few words?"
    return "What is it about? Tell me in a few words, or show me a picture."


def heard_nothing(reason: str) -> str:
    """The recording holds no words."""
    return f"I did not hear any words in that recording ({reason or 'silence'}). Say it again, or type it?"


def ask_again(doubtful: str) -> str:
    """The recording holds words that may have been heard wrongly."""
    if language_of(doubtful) == "zh":
        return f"我没有听清，好像是：“{doubtful}”。请再说一遍，或者打字告诉我。"
    return f"I am not sure what I heard: “{doubtful}”. Say it again, or type it?"


def heard_in_doubt(doubtful: str) -> str:
    """Some words of the recording may have been heard wrongly, and are not heeded."""
    if language_of(doubtful) == "zh":
        return f"录音里还有一句没有听清：“{doubtful}”。"
    return f"Not sure, and left out: “{doubtful}”."


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
        return f"抱歉，{plugin} 现在无法回答：{reason}"
    return f"Sorry, {plugin} could not answer: {reason}"
