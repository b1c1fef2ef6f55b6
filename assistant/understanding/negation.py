"""Finds requests not to do something: a negation at the main verb, or a wish to keep things as they are.

A learned reader may miss a negation. These rules are its safety net: what they find is never read as a request to act.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.understanding.tokens import is_han

__all__ = ["declines"]

_BETWEEN = (
    r"(?:(?:ever|please|just|yet|even|now|really|actually|want|want-to|wish|like|need|have|going|going-to|to|you|me|us"
    r"|anyone|anybody|think|we|i|should|ask|asking|asked|let|able|mean|intend|plan|planning|dare|go and|go ahead and"
    r"|bother|bothering|try|trying|start|keep) )*"
)
_DOING = (
    r"(?:cancel|return|refund|send|deliver|order|buy|make|put|call|close|open|switch|turn|set|start|play|stop|add"
    r"|remove|change|write|roll|flip|toss|throw|remind|wake|list|book|delete|clear|dim|brighten|lower|raise|mute|pause"
    r"|resume|skip|shuffle|save|schedule|move|update|edit|rename|exchange|replace|swap|file|print|mail|email|text|do"
    r"|touch|ship|charge|pay|note|record|connect|transfer|report|run|quit|end|erase|place|submit|proceed|process"
    r"|repeat|reorder|show|tell|read|give|get|share|post|translate|explain|draw|drop|pick|try|rebook|redirect"
    r"|reschedule|confirm|take|use|go ahead)"
)
_FORMS = rf"{_DOING}(?:l?ling|[ptn]?ing)?"
_NOT = (
    r"(?:don't|not|never|mustn't|shouldn't|needn't|no need(?: for you)? to|no reason to|refrain from"
    r"|no longer (?:want|wish|need)(?: you)? to)"
)
_DONE = rf"(?:{_DOING}(?:l?l|[ptn])?e?d|sent|bought|made|put|set|shut|woken|thrown|taken|given|written|told|done)"
_WHAT = r"(?:it|that|this|them|these|those|both|everything|all|#|my|the|our|things|order)(?!\S)"
_ENGLISH = (
    re.compile(rf"\b{_NOT} {_BETWEEN}{_FORMS}\b"),
    re.compile(r"^(?:(?:please|so|and|but|then|just|no|okay|well|also|oh|hey) )*(?:don't|do not|you needn't)\b"),
    re.compile(r"\b(?:don't|by no means|under no circumstances|on no account|hold off|let's not)(?: please)?$"),
    re.compile(rf"\b(?:by no means|under no circumstances|on no account|hold off) {_BETWEEN}{_FORMS}\b"),
    re.compile(rf"\b{_FORMS} (?:nothing|neither|none)\b"),
    re.compile(rf"\b{_FORMS} (?:(?:it|that|this|them|#|the|my|order|anything) ){{0,3}}(?:not|never|nothing|neither)$"),
    re.compile(r"\b(?:rather|better|prefer) (?:it )?(?:if )?(?:you |we )?(?:not|didn't|don't|wouldn't|won't)\b"),
    re.compile(rf"\b(?:keep|keeping|leave|leaving) {_WHAT}"),
    re.compile(rf"\b(?:hold|hang|holding|hanging) (?:on to|onto) {_WHAT}"),
    # "I wouldn't like to see the mugs cancelled", "the last thing I want is for it to be sent back"
    re.compile(
        rf"\b(?:{_NOT}|wouldn't|didn't|hate|last thing i (?:want|need))(?: (?:want|like|wish|mean|meant|ask|asked"
        rf"|need|for|to|have|see|is))+ (?:(?!(?:i|how|when|was|were|that|what|which|get|just|so) )[^ ]+ ){{1,4}}?"
        rf"(?:(?:to be|be|being|get|getting) )?{_DONE}\b"
    ),
)
_ASKS = re.compile(
    r"^(?:(?:and|so|but|then|well|hi|hello|hey|please) )*(?:why|why don't|can't|couldn't|won't|wouldn't) "
    r"(?:you|we|i)\b"
)
"""a negative question asks for the thing itself ("can't you cancel it", "why don't you send it")"""
_FORGET = re.compile(
    r"\b(?:don't|not|never) (?:you )?(?:dare )?(?:forget|hesitate|fail|mind|care|only|just|worry|let me|let us)\b"
)
"""what is negated is not the doing ("don't forget to cancel it")"""
_DOING_ZH = (
    r"(?:取消|退|换|查|打开|关|播放|放|设|定|提醒|叫|订|买|加|添|删|改|更|发|送|寄|写|记|读|念|找|搜|算|翻|掷|扔|抛|调|开|停|继续"
    r"|切|保存|登记|投诉|转|联系|申请|安排|创建|新建|唱|弄|动|碰|打|做|办|下单|扣|付|处理|清|撤|唤醒|说|讲|给我|帮我|再)"
)
_CHINESE = (
    re.compile(r"(?<![特区分级识鉴个性派诀离差类告要])(?:别|甭)(?![的人墅致名])"),
    re.compile(r"(?<!要)(?:不要|不用|用不着|没必要|不必|无需|不需要|不许|不准)(?![的了钱紧])"),
    re.compile(
        r"(?:不打算|不想|没让你|没叫你|没说|不是要|不是让你|不是想|先不|暂时不|莫|勿|不)"
        rf"(?:再|去|给我|给他|帮我|把.{{1,8}}|急着|先|要|让|替我|现在|你|真的?|乱|又)*{_DOING_ZH}"
    ),
    re.compile(rf"不(?:希望|愿意?|想让|想看[到见]).{{0,8}}被?{_DOING_ZH}"),
    re.compile(r"保留|留着|维持(?:原样|现状)|保持(?:原样|不变|现状)|照旧|原样(?:不动|别动)|不动它"),
)
_FORGET_ZH = re.compile(
    r"别忘|不要忘|别忘记|不要忘记|不妨|要不要|能不能|可不可以|会不会|是不是|好不好|行不行|对不对|不好意思|怎么不|为什么不|干嘛不|要不|不如"
)


def declines(words: Sequence[str]) -> bool:
    """Returns whether a clause asks for something not to be done, or to stay as it is.

    Args:
        words: of one clause, in their usual spelling (see `assistant.understanding.tokens`).
    """
    if any(is_han(word) for word in words):
        text = "".join(words)
        return any(rule.search(_FORGET_ZH.sub("", text)) for rule in _CHINESE)
    text = " ".join(words)
    if _ASKS.search(text):
        return False
    return any(rule.search(_FORGET.sub("", text)) for rule in _ENGLISH)
