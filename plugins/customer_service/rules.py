"""Questions about the shop's rules, which are answered from its pages and never by the state of some order."""

from __future__ import annotations

import re

from assistant.understanding.entities.identifiers import identifier_spans

from .words import asks_what_if, declines, heard

__all__ = ["asks_for_other", "asks_rule", "bought_elsewhere", "rules_in", "supposes"]

BESIDE = frozenset({"for", "to", "from", "with", "and", "by", "than", "of"})
"""words before a person who is only part of the customer's own matter: "a gift for my sister" """
DECIDE = re.compile(r"\b(?:i|one|we|you)\b|退|买|货|我", re.IGNORECASE)
SHOP_EXTRA = re.compile(r"\byou\b|\bshops?\b|\bstores?\b|\bdiscount|你们|您们|店", re.IGNORECASE)
"""whom a question about a further service is put to: the shop"""
SEVERAL = re.compile(r"[.;。；!！]\s*\S")
"""more than one sentence: the others are decided by themselves"""
LONGEST = 160
"""characters of a question about a rule; a story is about the customer's own matter"""


def rules_in(text: str) -> list[str]:
    """The rules that a text asks for, the first one first: "refund_time", "return_postage", "return_how", …"""
    if len(text) > LONGEST:
        return []
    lasts, back = heard("rule_duration", text), heard("rule_back", text) and heard("rule_shop", text)
    postage, pays = heard("rule_postage", text), heard("rule_pay", text)
    found = []
    if back and heard("rule_how", text) and heard("rule_goods", text):
        found.append("return_how")
    if pays and (postage or back):
        found.append("return_postage")
    if back and heard("rule_sale", text):
        found.append("sale_items")
    paid_to = heard("rule_payee", text) and heard("refund_word", text)
    if paid_to or (lasts and (heard("rule_money", text) or (back and heard("refund_word", text)))):
        found.append("refund_time")
    elif lasts and not found and (back or (heard("rule_decide", text) and DECIDE.search(text))):
        found.append("return_period")
    elif lasts and heard("rule_cancel", text) and heard("rule_order", text):
        found.append("cancel_until")
    if heard("rule_clock", text) and heard("rule_hours", text):
        found.append("opening_hours")
    elif lasts and heard("rule_deliver", text) and heard("rule_generic", text) and not found:
        found.append("delivery_time")
    return found


def asks_rule(text: str) -> bool:
    """Returns whether the text asks for a general rule or about another person's case, not about an own order."""
    if len(text) > LONGEST:
        return False
    if asks_for_other(text) or supposes(text) or bought_elsewhere(text):
        return True
    if heard("rule_offer", text) and SHOP_EXTRA.search(text) and heard("rule_extra", text):
        return True
    found = rules_in(text)
    if not found or identifier_spans(text):
        return False
    if "opening_hours" in found:
        return True
    hedged = found == ["delivery_time"] and (heard("pronoun", text) or heard("any_order", text))
    return not (heard("rule_own", text) or hedged or declines(text) or SEVERAL.search(text))


def supposes(text: str) -> bool:
    """Returns whether the text asks about the result of a return, cancellation or loss: "what if I sent it back"."""
    matter = any(heard(kind, text) for kind in ("rule_back", "rule_cancel", "lost_parcel", "refusing"))
    return len(text) <= LONGEST and matter and asks_what_if(text)


def bought_elsewhere(text: str) -> bool:
    """Returns whether the text is about an item of another shop: "I returned one at another shop", 在别家店买的."""
    matter = any(heard(kind, text) for kind in ("rule_back", "refund_word", "wants_warranty", "others_matter"))
    return len(text) <= LONGEST and matter and heard("elsewhere", text) is not None


def asks_for_other(text: str) -> bool:
    """Returns whether the text asks about another person's order: "my colleague wants to send back his keyboard"."""
    person = heard("others_person", text) if len(text) <= LONGEST else None
    if person is None or heard("forgot_number", text):
        return False
    rest, before = text[person.end() :], text[: person.start()].lower().split()
    acts = heard("others_acts", rest)
    if acts is None or acts.start() > 1 or (before and before[-1] in BESIDE) or heard("first_person_wish", text):
        return False
    asks = any(heard(kind, text) for kind in ("rule_how", "rule_duration", "wants_status", "asks_about", "others_wish"))
    return asks and heard("others_matter", rest) is not None
