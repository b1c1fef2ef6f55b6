"""Follow-ups to the last sum: the amount saved, its percentage, another discount, fewer payers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .sums import Sum

__all__ = ["compared_with_start", "discounted", "fewer_payers", "start_of"]

SAVED = re.compile(
    r"\W*(?:(?:and|so|ok|then|sick|nice|cool|great|oh|but)\b[\s,]*)*(?:how much|what)(?:'s| is| am| do| did| have"
    r"| will)?(?: i| we| that| the)*"
    r" ?(?:sav\w+|off|discount|reduction)(?: i| we)?(?: sav\w+)?(?: that| it)?(?: (?:altogether|in total|in all"
    r"|all together|total|overall|then|now|for))*\W*"
    r"|(?:那么?|所以)?(?:比原价|跟原价比|总共|一共|一起|这样|这样一共)*(?:能|可以|就)?(?:省|便宜|优惠|少付|少花|减)(?:了|下)?(?:多少|几)(?:钱|块钱?|元)?\W*",
    re.IGNORECASE,
)
PERCENT = re.compile(
    r"\W*(?:(?:and|so|ok|then|sick|nice|cool|oh|but|that'?s|whats|what'?s|like|it'?s|is|that|altogether|off|in|as"
    r"|what|which|how many|roughly|about)\b[\s,]*)+"
    r"(?:an? )?(?:percent(?:age)?|per ?cent|%|pct)(?: (?:is that|off|that|altogether|in total|then|roughly|of it))*\W*"
    r"|(?:那么?|所以)?(?:相?等于|相当于|是|就是|合|占)?(?:原价的?)?(?:百分之(?:多少|几)|多少个?百分[点比]|百分比(?:是多少)?)(?:啊|呢|呀)?\W*",
    re.IGNORECASE,
)
ZHE = re.compile(r"(?:那么?|所以)?(?:相?等于|相当于|是|就是|合|一共)*(?:打了?)?(?:几折|多少折)(?:啊|呢|呀)?\W*")
AWAY = re.compile(
    r"没(?!有)|不(?!够)|先走|走了|\b(?:isn'?t|not|won'?t|didn'?t|left|gone|out|can'?t|bailed"
    r"|skipp\w+|couldn'?t)\b",
    re.I,
)
HEADS = re.compile(
    r"(?:那么?|就|只有?|所以|按|剩)*(?P<zh>\d{1,2})个?人(?:分|付|平分|摊|平摊|吃|了)?|(?:so |just |only |that'?s "
    r"|it'?s |we'?re |now |down to |make it |by |leaves )+(?P<en>\d{1,2})(?: of us| people| ways| left| now)*",
    re.IGNORECASE,
)
OFF = re.compile(
    r"\W*(?:(?:and|plus|n|then|with|also|another|a|an|further|the|my|extra|on top|student|staff|member(?:ship)?"
    r"|loyalty|coupon|voucher|promo|code|discount|off|of|take|minus|less"
    r"|that|it|from|as well|too|again)\b[\s,]*)*(?P<n>\d+(?:\.\d+)?)(?: ?(?P<pc>%|percent|per cent"
    r"|pct))?(?: ?(?:(?P<m>quid|pounds?|euros?|dollars?|bucks?)))?"
    r"(?:[\s,]+(?:off|discount|on top|of that|off that|that|as well|too|more|again|student|voucher|coupon))*\W*",
    re.IGNORECASE,
)
DISCOUNT = re.compile(r"\b(?:off|discount|voucher|coupon|promo)\b", re.IGNORECASE)


def start_of(told: Mapping[str, Any], asked: Sum, number: str) -> str:
    """The amount with which a run of sums began: the price of a first discount, or else the first result, `number`."""
    if asked.kind != "value":
        return ""
    found = re.match(r"(\d+(?:\.\d+)?)(?:\*\(1-|\*0\.| - )", asked.signs)
    return str(told.get("from") or (found[1] if found else number.replace(",", ""))).replace("−", "-")


def compared_with_start(text: str, told: Mapping[str, Any]) -> Sum | None:
    """Compares the last result with its first amount: the difference, or the percentage."""
    start, result = str(told.get("from") or ""), str(told.get("result", "")).replace(",", "").replace("−", "-")
    if not start or not re.fullmatch(r"-?\d+(?:\.\d+)?", result) or float(start) == 0:
        return None
    if ZHE.fullmatch(text.strip()) and not told.get("saved"):
        return Sum(f"{result}/{start}*10", "zhe", parts=(result, start))
    if SAVED.fullmatch(text.strip()) and not told.get("saved"):
        more = float(result) > float(start)
        return Sum(f"{result} - {start}" if more else f"{start} - {result}", "saved")
    if PERCENT.fullmatch(text.strip()):
        off = re.search(r"\boff\b|便宜|省", text) and not told.get("saved")
        return Sum(f"({start} - {result})/{start}*100" if off else f"{result}/{start}*100", "percentage")
    return None


def fewer_payers(plain: str, share: list[str]) -> Sum | None:
    """The same whole among fewer: "anna isn't paying, so 4", 小李没吃 三个人, in digits."""
    parts = [
        each.strip()
        for each in re.split(
            r"[,，。;；]|(?<=[\u4e00-\u9fff])\s+"
            r"|\s+(?=so\b)",
            plain,
        )
        if each.strip()
    ]
    heads = [found for each in parts if (found := HEADS.fullmatch(each)) is not None]
    if len(share) != 2 or len(heads) != 1 or len(parts) < 2 or not any(AWAY.search(each) for each in parts):
        return None
    payers = heads[0]["zh"] or heads[0]["en"]
    return Sum(f"{share[0]}/{payers}", "share", parts=(share[0], payers)) if int(payers) else None


def discounted(plain: str, result: str, signs: str) -> Sum | None:
    """One more discount on the last result, in percent where the last was: "and student discount 10 on top"."""
    found = OFF.fullmatch(plain)
    if found is None or not DISCOUNT.search(plain) or float(found["n"]) == 0:
        return None
    percent = bool(found["pc"]) or ("/100" in signs and not found["m"] and float(found["n"]) < 100)
    return Sum(f"{result}*(1-{found['n']}/100)" if percent else f"{result} - {found['n']}")
