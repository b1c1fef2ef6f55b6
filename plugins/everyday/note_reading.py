"""Reads what people want of their notes: "note: the plumber comes on Tuesday", 把刚才那句话记下来."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from .said import fitting, without_courtesies

__all__ = ["NoteWish", "corrected", "more_of_note", "read_note_wish", "said_to_note"]

Do = Literal["take", "take_last", "read", "delete"]

LONGEST = 5_000
"""characters of a note"""
REMARK = re.compile(r"\W*please note\b(?!\s*(?:down|:))", re.IGNORECASE)
"""a turn of phrase: "please note that my parcel never came" """
LAST = frozenset({"last", "latest", "newest", "most recent", "previous", "最后", "最近", "最新", "上"})
FIRST = frozenset({"first", "oldest", "第一"})


NOTING = re.compile(
    r"^\W*(?:(?:hey|ok|okay|please|pls|quick(?:ly)?|oh|right|and|also|can you|could you|will you|just|i need to"
    r"|let me|i want to)[\s,]+)*(?:(?:make|take|write|leave|keep|add|save|put|create|start)(?: me)? (?:an?|another"
    r"|one)(?: \w+)? (?:note|memo)|(?:make|take) note|(?:quick |short |new |another )?(?:note|memo)(?= (?:to (?:self"
    r"|myself)|that|down)\b|\s*[:,-])|(?:quick|short|new|another) (?:note|memo)|(?:jot|scribble|note|log)(?: (?:this"
    r"|that|it))? down|(?:get|put|take) (?:this|that|it) down|write (?:this|that|it) down|write down|(?:save|keep"
    r"|store) (?:this|that|it)(?: (?:for me|in my notes|as a note))+|put (?:it |this "
    r"|that )?in my notes)(?:\s+(?:somewhere|down|for me|for later|to (?:self|myself)|quick(?:ly)?|real quick|please"
    r"|pls|of this|in my notes|will you))*(?:\s*[:;,.-]+\s*|\s+)(?:(?:that|saying|which says|about the fact that"
    r"|to say|of|about how)\s+)?(?P<text>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
NOTING_ZH = re.compile(
    r"^\W*(?:(?:请|麻烦你?|帮我|帮忙|给我|替我|快|先|赶紧|随手|顺便|那|你)[，,\s]*)*(?:记(?:一下|下来?|着|录一下"
    r"|一?[条笔]|个?(?:笔记|备忘|便签|想法|事儿?))|写(?:一下|下来|下|个(?:笔记|备忘|便签))|做个?(?:笔记|备忘|记录)"
    r"|备忘(?:一下)?|备注|存个笔记)(?:一下|吧|哈)?[:：，,、\s]*(?P<text>\S.*)$",
    re.DOTALL,
)
BEHIND_ZH = re.compile(
    r"^(?!.*(?:没|用完|喝完|吃完|买|缺|清单|单子|单上))(?P<text>.{4,}?)[，,\s]*(?:请|麻烦"
    r"|你)?(?:给我|帮我|替我|也|都)+(?:记(?:一下|下来?|着|上)|写下来)[吧哈]?[。！!]?$",
    re.DOTALL,
)
NO_NOTE = re.compile(
    r"\W*(?:this|that|it|for (?:me|my)\b.*|what (?:i|you)\b.*|something|a few|an? (?:poem|story|letter|mail|e-?mail"
    r"|essay|speech|message|song)\b.*|the (?:answer|steps?|recipe)\b.*|.*\blists?\W*|[来着吗呢吧]|(?:这|那)(?:个|段"
    r"|句|些|条|件)?.{0,4}|(?:刚才|上面).*|.*(?:什么|吗|呢|多少|首诗|清单|单子|单|账)[?？。]?)$|.*[?？]\s*$",
    re.IGNORECASE | re.DOTALL,
)  # fmt: skip
"""no words of a note: what was said before, a text to be composed, a question"""
CORRECTS = re.compile(
    r"^\W*(?:(?:no|nope|sorry|wait|oops|typo|my mistake|wrong|actually|i mean|i meant|scratch that|make (?:it"
    r"|that)|change (?:it|that) to|correction|it(?:'s| is| was)|its|should be"
    r"|that(?:'s| is| was| should be)|not)\b[\s,:]*)+(?P<text>\S.*)$"
    r"|^(?:(?:哦|啊|等等|错了|[说记写打搞弄输]错了|笔误|不对|不是|改成|改一下|应该是|应该)[，,\s]*)+(?:是)?(?P<zh>\S.*)$",
    re.IGNORECASE,
)
SWAPS = re.compile(
    r"^\W*(?:no|sorry|wait|oh)?[\s,]*not (?P<old>[^,]+?)(?:,| but| it'?s| its) *(?P<new>[^,]+)$"
    r"|^\W*(?:.{0,30}\b(?:its|it's|no|sorry) )?(?:an? )?(?P<new_>[^\s,]+)(?: on the end"
    r"| at the end)?,? not (?:an? )?(?P<old_>[^,]+)$|^(?:哦|啊|错了"
    r"|不对)?[，,\s]*不是(?P<zh_old>.+?)[，,\s]*(?:而?是)(?P<zh_new>.+)$",
    re.IGNORECASE,
)
DAYS = re.compile(
    r"\b(?:next |this )?(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:today|tomorrow"
    r"|tonight)\b|(?:下下?|这|本|上)?(?:周|星期|礼拜)[一二三四五六日天]|[今明后]天",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class NoteWish:
    """A request about notes."""

    do: Do
    text: str = ""
    """the new note, or what the notes are about"""
    place: str = ""
    """"last", "first", "all", or a number from 1; "" where none is said"""


def read_note_wish(text: str) -> NoteWish | None:
    """Reads a request about notes; None if the sentence has none."""
    if len(text) > LONGEST or REMARK.match(text):
        return None
    # What a note says is kept as it was said, with its "please" and its full stop.
    for said, takes in ((without_courtesies(text), False), (without_courtesies(text, ends=False), True)):
        for do, groups in fitting("notes", said):
            if (do == "take") is takes:
                return _read(cast(Do, do), groups)
    return None


def said_to_note(text: str) -> str:
    """Returns the text after a verb of noting: "make a note the gate key is under the pot"; "" if there is none."""
    if len(text) > LONGEST or REMARK.match(text):
        return ""
    found = NOTING.match(text) or NOTING_ZH.match(text) or BEHIND_ZH.match(text)
    said = found["text"].strip(' \t"“”「」') if found else ""
    return "" if NO_NOTE.match(said) else said


def corrected(text: str, note: str) -> str:
    """A note as words just after it mend it: "no, wednesday", 不是三百 是五百; "" where they mend nothing of it."""
    if len(text) > LONGEST_CORRECTION or re.search(r"[?？吗]\s*$", text):
        return ""
    if (swap := SWAPS.match(text.strip(" .。!！"))) is not None:
        groups = {key.rstrip("_").removeprefix("zh_"): value for key, value in swap.groupdict().items() if value}
        old, new = groups["old"].strip(), groups["new"].strip()
        if old.lower() in note.lower():
            place = note.lower().rindex(old.lower())
            return f"{note[:place]}{new}{note[place + len(old) :]}"
    mended = CORRECTS.match(text.strip(" .。!！"))
    only = re.fullmatch(r"是(.{1,8})", text.strip(" .。!！"))  # what is left of 不是三百 是五百
    if mended is None and only is None:
        return ""
    said = only[1] if only is not None else (mended["text"] or mended["zh"]) if mended is not None else ""
    for kind in (DAYS, COUNT):
        new, old = [each[0] for each in kind.finditer(said)], list(kind.finditer(note))
        if len(new) == 1 and old:
            alike = [each for each in old if each[0][:1] == new[0][:1]] if kind is DAYS and len(old) > 1 else old
            place = (alike or old)[-1]
            return f"{note[: place.start()]}{new[0]}{note[place.end() :]}" if place[0] != new[0] else ""
    return ""


LONGEST_CORRECTION = 60
"""characters of words that mend a note"""
COUNT = re.compile(
    r"(?<![A-Za-z\d.])\d+(?:[.,:]\d+)*|[零一二两三四五六七八九十百千万半]+(?=[块元点个号斤克米度人]|$|[，,。\s])"
    r"|\b(?:(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[a-z]+teen|twenty|thirty|forty|fifty"
    r"|sixty|seventy|eighty|ninety|hundred|half|quarter)\b[ -]?)+\b",
    re.IGNORECASE,
)


GOES_ON = re.compile(
    r"(?:oh |ok |yes )*(?:and|also|plus)(?: also)?[\s,]+(?:that (?P<that>\S.+)|(?:(?:note"
    r"|add) )?(?P<en>(?!that\b).+?\b(?:is|are|its|it's|was"
    r"|were|has|have|comes?|needs?|goes|starts?|ends?|costs?|[\w]+'s)\b.+))"
    r"|(?:对了|哦|啊)?[，,\s]*(?:还有|另外|再补一?[句条]|补一?[句条]|以及)[，,：:\s]*(?P<zh>[^？?]{3,}[是在要有为到][^？?]+)",
    re.IGNORECASE,
)
"""goes on telling what was noted: "and that the side gate's code is 4471" """
NO_MORE = re.compile(
    r"^(?:oh |ok )*(?:and|also|plus)[\s,]+(?:also )?(?:what|when|where|who|how|why|which|is|are|do|does|did|can"
    r"|could|will|would|set|remind|put|read|delete|tell|show|play|wake|call|cancel|i|my name|please|buy|then)\b"
    r"|[吗呢][。？?]?$|什么|多少|几[点个号]|哪|怎么|谁|来着|删|取消|提醒",
    re.IGNORECASE,
)
"""asks, or wants something else"""


def more_of_note(text: str) -> str:
    """Returns the text to add to the note just written: "add that we need two tins"; "" if there is none."""
    if len(text) > LONGEST or re.search(
        r"\b(?:list|order|timer|alarm|reminder)\b|清单|订单|闹钟|提醒|[?？]\s*$", text, re.IGNORECASE
    ):
        return ""
    said = " ".join(text.split()).replace("’", "'")
    if asked := next((groups["text"].strip() for _, groups in fitting("after_note", said)), ""):
        return asked
    goes_on = GOES_ON.fullmatch(said.strip(" .。!！"))
    if goes_on is None or NO_MORE.search(said):
        return ""
    more = (goes_on["that"] or goes_on["en"] or goes_on["zh"]).strip()
    return re.sub(r"[\s,]+(?:put|add|write|note) (?:that|it) (?:in|down)(?: too| as well)?$", "", more)


def _read(do: Do, groups: Mapping[str, str]) -> NoteWish | None:
    said = groups.get("text") or groups.get("about") or groups.get("what", "")
    if do == "take" and re.search(r"\blists?\W*$", said):
        return None
    place = "all" if "all" in groups else _place(groups.get("place", ""))
    return NoteWish(do, said.strip(' \t"“”「」'), place)


def _place(said: str) -> str:
    said = said.lower()
    if said in LAST or said in FIRST:
        return "last" if said in LAST else "first"
    if said in ("all", "所有", "全部"):
        return "all"
    return "".join(filter(str.isdigit, said))
