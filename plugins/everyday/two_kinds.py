"""Solves for the numbers of two kinds from their total number and total price.

"20 people paid 148 euros, adults pay 9, kids pay 5: how many kids?", 鸡兔同笼，20个头，54条腿.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from .arithmetic import written
from .sums import with_cents

__all__ = ["Kinds", "read_kinds"]

LONGEST = 300
"""characters that are read"""
NUMBER = r"(?<![\d.])(\d+(?:\.\d+)?)(?!\d|[\d.]*%)"
RATE = re.compile(
    rf"\b(?P<kind>(?!(?:tickets?|are|costs?|sold|paid|pays?|were|was|for|and)\b)[a-z]{{3,}})(?: (?:tickets?|entry"
    rf"|seats?))?(?: (?:pays?|paid|costs?|cost|are|is"
    rf"|at|were|was|have|has|for|:))*"
    rf"[ :=]*[€£$]?{NUMBER}(?! (?:[a-z]+ )?(?:people|persons|of us|heads|tickets|animals|in total|altogether))"
    rf"|(?P<zh>[\u4e00-\u9fff]{{1,3}}?)(?:票价?|门票|的?每[人张个只位]|一[张个人只位]|每位)*(?:是|要|付|卖|收|各)?{NUMBER}(?:元|块|条|只)?(?:钱)?"
    r"(?:一[张个人位]|每[张人个位])?(?=[，,。；;\s]|$|小|老|学|儿|大|成)"
    rf"|{NUMBER} ?(?:euros?|pounds?|dollars?|quid|bucks?)? ?(?:for|per|each for|an?) (?:an? |each "
    rf"|every )?(?P<behind>[a-z]{{3,}})",
    re.IGNORECASE,
)
ASKED = re.compile(
    r"\bhow many (?P<en>[a-z]{3,})|(?:有|来了?|是|各)(?:几|多少)(?:个|只|张|人|名|位|头)(?P<ba>[\u4e00-\u9fff]{1,4})"
    r"|(?P<zh>[\u4e00-\u9fff]{1,3}?)(?:各)?(?:一共)?(?:有|来|去|买)?了?(?:几|多少)(?:个|只|张|人|名|位|头)",
    re.IGNORECASE,
)
LEGS = {
    **dict.fromkeys(("chicken", "hen", "duck", "bird", "goose", "geese", "ostrich", "bike", "bicycle", "motorbike"), 2),
    **dict.fromkeys(("rabbit", "cow", "pig", "sheep", "goat", "horse", "dog", "cat", "car"), 4),
    **dict.fromkeys(("tricycle",), 3),
    **dict.fromkeys(("鸡", "鸭", "鹅", "自行车", "摩托车"), 2),
    **dict.fromkeys(("兔", "牛", "羊", "猪", "狗", "马", "汽车", "小车"), 4),
    **dict.fromkeys(("三轮车",), 3),
}
"""legs or wheels"""
LIMBS = re.compile(r"\b(?:legs|feet|wheels)\b|[腿脚足轮]")
NO_KINDS = frozenset({"total", "people", "altogether", "them", "they", "about", "only", "just", "the", "each", "spent"})


@dataclass(frozen=True)
class Kinds:
    """Two kinds, with how much one of each costs (or how many legs it has), and what is known of both together."""

    asked: str
    other: str
    rate: Fraction
    """of the kind that is asked for"""
    other_rate: Fraction
    count: Fraction
    total: Fraction

    def solved(self) -> tuple[int, int] | None:
        """Returns the number of the kind asked for and of the other; None if no whole numbers fit."""
        number = (self.total - self.other_rate * self.count) / (self.rate - self.other_rate)
        rest = self.count - number
        whole = number.denominator == rest.denominator == 1 and number >= 0 and rest >= 0
        return (int(number), int(rest)) if whole else None

    def shown(self, number: int, rest: int) -> str:
        """The proof in signs."""
        one, other, total = (written(each)[0] for each in (self.rate, self.other_rate, self.total))
        return f"{one} × {number} + {other} × {rest} = {total}"


def read_kinds(text: str) -> Kinds | None:
    """The problem in a sentence; None where it tells no such problem."""
    from assistant.understanding.entities.reading import read_in_digits

    if len(text) > LONGEST:
        return None
    said = with_cents(" ".join(read_in_digits(text).text.lower().split()))
    questions = list(ASKED.finditer(said))
    if not questions:
        return None
    asked = _stem(questions[-1]["en"] or questions[-1]["ba"] or questions[-1]["zh"])
    story = said[: questions[-1].start()]
    numbers = [Fraction(each) for each in re.findall(NUMBER, story)]
    rates, words = _rates(story)
    if LIMBS.search(said) and len(numbers) == 2:
        named = [kind for kind in LEGS if re.search(rf"\b{kind}" if kind.isascii() else kind, said)]
        rates = {kind: Fraction(LEGS[kind]) for kind in named}
        words = {kind: f"{kind}s" for kind in named if kind.isascii() and kind not in ("geese", "sheep")}
        known = numbers
    else:
        known = list(numbers)
        for rate in rates.values():
            if rate in known:
                known.reverse()
                known.remove(rate)
                known.reverse()
    if len(rates) != 2 or len(known) != 2 or len(set(rates.values())) != 2:
        return None
    kind = next((each for each in rates if each.startswith(asked) or asked.startswith(each) or each in asked), None)
    if kind is None:
        return None
    other = next(each for each in rates if each != kind)
    count, total = sorted(known)
    if count.denominator != 1:
        return None
    return Kinds(words.get(kind, kind), words.get(other, other), rates[kind], rates[other], count, total)


def _rates(story: str) -> tuple[dict[str, Fraction], dict[str, str]]:
    """Returns the price of one of each kind, and the name of each kind."""
    found: dict[str, Fraction] = {}
    words: dict[str, str] = {}
    for match in RATE.finditer(story):
        kind = _stem(match["kind"] or match["zh"] or match["behind"])
        if kind and kind not in NO_KINDS and not re.search("[花了共元块买付票]", kind):
            found[kind] = Fraction(match[2] or match[4] or match[5])
            words[kind] = match["kind"] or match["zh"] or match["behind"]
    return found, words


def _stem(word: str) -> str:
    if not word.isascii():
        return re.sub(r"^(?:其中|那么?|请问|问|的|有|来|共)+|子$", "", word)
    return re.sub(r"(?<=..)s$", "", {"children": "child", "people": "person"}.get(word, word))
