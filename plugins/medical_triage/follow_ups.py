"""Words that only say something after a question about a medicine: "how much?", "and with alcohol?"."""

from __future__ import annotations

import re

from assistant import Services, Turn

from .facts import plain
from .remedies import medicines_in

__all__ = ["medicine_meant"]

INTENT = "medical_triage.medication_question"
BACK = 4
"""turns that are looked back on for the medicine's name"""
WHO = r"(?:i|he|she|we|they|you|one|my \w+|the (?:child|baby)|adults?|kids|children)"
TAKE = r"(?:take|give|use|have|need|swallow)(?: (?:him|her|it|them|of (?:it|them|those)))*"
FOLLOWS_UP = re.compile(
    r"(?:(?:and|ok|okay|so|then|but|yes|no|thanks|thank you)[\s,]+)*(?:"
    rf"how (?:much|many|often|long)(?: (?:tablets?|pills?|drops|times|of (?:it|them)|exactly))*"
    rf"(?: (?:can|should|may|do|does|must|could|is|are) {WHO}(?: {TAKE})?| is (?:safe|ok|okay|too much|normal))?"
    r"(?: (?:a|per|each|every|in a|in one) (?:day|time|dose|hour|hours)| at (?:once|a time|most)| then| for)*"
    r"|(?:whats|what is|what about|and) (?:the |a )?(?:\w+ )?(?:dose|dosage|amount|maximum)"
    r"(?: (?:then|for \w+(?: \w+)?))?"
    rf"|(?:can|may|should) {WHO} (?:also |still )?{TAKE}"
    r"(?: (?:too|as well|now|again|with (?:it|food|alcohol)|together))?"
    rf"|(?:can|may|should) {WHO} drink(?: (?:alcohol|wine|beer))?(?: (?:with|on) it)?"
    r"|(?:what about |how about |is it (?:ok|okay|safe) )?(?:with|for|in|while|when|during)? ?"
    r"(?:alcohol|beer|wine|pregnan\w+|breast ?feeding|(?:my |a |the )?(?:child\w*|kids?|baby|toddler|son|daughter))"
    r"|(?:what )?if (?:i|he|she|we) (?:forget|miss|take too (?:much|many))(?: (?:one|it|a dose))?"
    r")"
    r"|(?:那|那么|还有)?(?:我|他|她|孩子|宝宝|大人|小孩)?(?:一天|一次|每次|每天|最多|到底)*(?:要|该|能|可以|应该)?(?:吃|服|用|喝)?"
    r"(?:多少|多大量|多大剂量|几片|几粒|几颗|几次|多久一次|多少片|多少毫克)(?:次|片|粒|毫克|药)?(?:呢|啊|合适|可以|好)?"
    r"|(?:那|那么)?(?:能|可以)(?:喝酒|和酒一起|空腹吃|给孩子吃)吗?|(?:那|那么)?(?:孩子|孕妇|怀孕|哺乳期|儿童|喝酒)(?:呢|能吃吗|可以吃吗)"
)
ANOTHER = re.compile(r"(?:and|or|what about|how about|also|那|还有)\b.{1,40}|.{1,12}呢")


async def medicine_meant(turn: Turn, services: Services) -> str:
    """The medicines that a turn goes on asking about, as they were named; "" when it asks about none.

    Args:
        turn: what was said.
        services: to look back on the conversation.
    """
    text = re.sub(r"\s+", " ", plain(turn.utterance)).strip(" .!?,。！？，")
    another = bool(ANOTHER.fullmatch(text)) and bool(medicines_in(text))
    if not another and not FOLLOWS_UP.fullmatch(text):
        return ""
    earlier = []
    for exchange in reversed(await services.conversation(turn.session, BACK)):
        if exchange.intent != INTENT:
            break
        earlier.append(exchange.text)
    if not earlier:
        return ""
    return text if another else next((words for words in earlier if medicines_in(words)), earlier[-1])
