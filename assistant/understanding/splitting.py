"""Splits a turn into clauses: a learned decision at each gap, or by punctuation and joining words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from assistant.understanding.cues import tag
from assistant.understanding.linear import FloatArray, Linear
from assistant.understanding.tokens import Word, is_han

__all__ = [
    "candidate_gaps",
    "changes_subject",
    "drops_what_was_said",
    "gap_features",
    "rule_splits",
    "spans_of",
    "split_words",
    "without_announcement",
]

STRONG = frozenset(".?!;\n")
"""marks that end a clause wherever they stand between words"""
OPENING = frozenset(
    [
        *("asking", "auxiliary", "modal", "me", "you", "other", "thing", "mine", "please", "wish", "doing", "agree"),
        *(
            "refuse",
            "unsure",
            "repair",
            "greeting",
            "halt",
            "restore",
            "again",
            "people",
            "help",
            "joining",
            "contrast",
        ),
        *("rather_than", "negation", "every", "present", "after", "before", "supposed", "asks"),
    ]
)
"""kinds of cues that a clause may begin with"""
SUBJECTS = frozenset(["me", "you", "other", "thing", "mine"])
STARTS = SUBJECTS | {"asking", "auxiliary", "modal", "please", "doing", "wish", "halt", "restore", "again"}
ALONE = frozenset(["agree", "refuse", "greeting", "halt", "unsure", "repair"])
"""kinds of cues that are often a clause of their own"""
UNLIKELY = -1.0
"""logit of a new clause where neither a mark nor a cue suggests one"""


def candidate_gaps(words: Sequence[Word], tags: Sequence[str]) -> list[int]:
    """Indices of words that may begin a clause: after punctuation, or with a word that opens one."""
    pairs = enumerate(pairwise(zip(words, tags, strict=True)), start=1)
    return [at for at, ((before, _), (_, kind)) in pairs if before.after or kind in OPENING]


def rule_splits(words: Sequence[Word], tags: Sequence[str]) -> list[int]:
    """Indices of words that begin a clause, by punctuation and joining words; the first word is not listed."""
    found: list[int] = []
    for at in candidate_gaps(words, tags):
        begins = found[-1] if found else 0
        if _ends_here(words, tags, begins, at):
            found.append(at)
    return found


def _ends_here(words: Sequence[Word], tags: Sequence[str], begins: int, at: int) -> bool:
    mark, kind = words[at - 1].after, tags[at]
    following = tags[at + 1] if at + 1 < len(tags) else ""
    if STRONG & set(mark):
        return True
    before = set(tags[begins:at])
    whole = bool(before & STARTS) or (before <= ALONE and bool(before))
    if kind == "joining" and is_han(words[at].text):
        return whole and bool(mark or following in {"please", "doing"})
    if kind in ("joining", "contrast"):
        return whole and following in STARTS | ALONE
    return bool(mark) and whole and (kind in STARTS | ALONE)


def split_words(
    words: Sequence[Word], language: str, model: Linear | None = None, likely: FloatArray | None = None
) -> list[int]:
    """Return the index of each word at which a clause begins.

    Args:
        words: of one turn.
        language: ISO 639-1.
        model: scores of "no new clause" and "a new clause"; None decides by rules.
        likely: (words - 1,), the network's logits that a clause begins with each word but the first; None without it.

    Returns:
        Indices of the first word of each clause but the first, rising.
    """
    tags = tag([word.text for word in words], language)
    rules = rule_splits(words, tags)
    if model is None:
        return rules
    gaps = candidate_gaps(words, tags)
    scores = model.scores([gap_features(words, tags, at, at in rules) for at in gaps])
    logits = np.full(len(words), UNLIKELY, np.float32)
    logits[gaps] = scores[:, 1] - scores[:, 0]
    if likely is not None:
        logits[1:] += likely
    return [
        at
        for at in range(1, len(words))
        if _full_stop(words[at - 1].after)
        or _asks_after_a_reason(words, at)
        or _turns(words, at)
        or _drops(words, at)
        or (
            logits[at] > 0
            and not _one_verb(words[at - 1], words[at])
            and not _negates(words, at)
            and not _announces(words, at)
        )
    ]


def changes_subject(text: str) -> bool:
    """Returns whether a clause says that it is about something else: "oh and by the way, …", 对了……."""
    return _TURN.match(text) is not None


def _turns(words: Sequence[Word], at: int) -> bool:
    """Returns whether a clause begins that says so itself: "my head hurts and by the way did the parcel leave"."""
    han = is_han(words[at].text)
    following = ("" if han else " ").join(word.text for word in words[at : at + TURN])
    turn = _TURN.match(following)
    ends = next((place for place in range(at, len(words)) if _full_stop(words[place].after)), len(words)) - at
    if turn is None or ends < FEWEST_AFTER or at < FEWEST_BEFORE:
        return False
    if _TURN_ON.fullmatch(words[at - 1].text):  # begun before: "and · by the way"
        return False
    return bool(words[at - 1].after) or not (han and _ONLY_AFTER_A_MARK.match(following))


def without_announcement(text: str) -> str:
    """A clause without what only announces it: "one last thing, how far is it" is "how far is it"."""
    turn = _TURN.match(text)
    rest = _PAUSE.match(text, turn.end()) if turn else None
    return text[rest.end() :] if rest else text


def drops_what_was_said(text: str) -> bool:
    """Returns whether a clause takes back what was said just before it: "never mind that", 算了不说这个."""
    return _DROP.fullmatch(text.strip(" ,.;:!，。；！、…—-")) is not None


def _drops(words: Sequence[Word], at: int) -> bool:
    """Returns whether words that drop what was said before them begin or end here, marked off on both sides."""
    marks = [place for place in range(max(0, at - TURN), min(len(words), at + TURN)) if words[place].after]
    if at - 1 not in marks:
        return False
    between = ("" if is_han(words[at].text) else " ").join
    after = next((place for place in marks if place >= at), len(words) - 1)
    before = next((place for place in reversed(marks) if place < at - 1), -1)
    begins = after < len(words) - 1 and drops_what_was_said(between(w.text for w in words[at : after + 1]))
    ends = before >= 0 and drops_what_was_said(between(w.text for w in words[before + 1 : at]))
    return begins or ends


_DROP = re.compile(
    r"(?:(?:oh|ah|no|well|actually|okay|anyway)\s+)*(?:never\s?mind|forget|scrap|skip|ignore|leave)"
    r"(?: (?:all )?(?:that|it|this)(?: one| bit)?)?"
    r"|(?:哎|唉|哦|那个)*(?:算了|得了)?(?:(?:先|就)?(?:不说|不提|不管|别管|不聊)(?:这个|那个|这事|这些|它)?了?|算了)",
    re.IGNORECASE,
)


def _announces(words: Sequence[Word], at: int) -> bool:
    """Returns whether the words before a gap only announce what follows: "one more question, do you open on Sunday"."""
    between = ("" if is_han(words[at - 1].text) else " ").join
    begins = (start for start in range(max(0, at - TURN), at) if start == 0 or words[start - 1].after)
    return any(_TURN.fullmatch(between(word.text for word in words[start:at])) for start in begins)


TURN = 8
"""words or characters that are looked at for a new subject"""
FEWEST_BEFORE, FEWEST_AFTER = 1, 4
"""words before a new subject, and of it, at least"""
_TURN = re.compile(
    r"\W*(?:(?:oh+|ah|and|also|but|so|ok|well)\W+)*(?:by the way|btw|before i forget|incidentally|on another note"
    r"|separately|(?:one|another) (?:(?:more|other|last|final|quick) )*(?:thing|question)"
    r"|(?<=and )(?:i|we)(?:'d)? also (?:want|need|would like|have)|(?<=and )i'd also"
    r"|(?:while|since) (?:i|we|you)(?:'m|'re|'ve)? (?:at it|have you|got you))\b"
    r"|\W*[哦噢啊诶]*(?:对了|话说|说起来|顺便|顺带|还有(?:件事|个事|就是|[,，])|另外(?![一两二三几那这的])|完了(?=[再给帮把你就]))",
    re.IGNORECASE,
)
_PAUSE = re.compile(r"\s*[,.:;…，。：—-]+\s*(?=\S)")
_TURN_ON = re.compile(r"oh+|ah|and|also|but|so|ok|well|[哦噢啊诶]", re.IGNORECASE)
_ONLY_AFTER_A_MARK = re.compile("[哦噢啊诶]*(?:对了|话说|说起来|还有|完了)")
"""what is no new subject in the midst of words: 他说对了, 我忙完了再说"""


def _one_verb(before: Word, word: Word) -> bool:
    """Returns whether two words stand in the middle of one verb: "don't you go and roll it"."""
    return word.text == "and" and not before.after and before.text in ("go", "ahead", "try", "come")


def _negates(words: Sequence[Word], at: int) -> bool:
    """Returns whether a negation before belongs to what follows: 用不着 · 帮我联系卖家 is one refusal.

    Split off, the request behind it would be acted on.
    """
    if words[at - 1].after:
        return False
    before = [word.text for word in words[max(0, at - 3) : at]]
    return bool(_BARE_ZH.search("".join(before)) if is_han(words[at].text) else _BARE.search(" ".join(before)))


_BARE = re.compile(r"(?:^| )(?:don't(?: you)?|do not|never|no need(?: to)?|must not|mustn't|please not)$")
_BARE_ZH = re.compile(r"(?:别|甭|不用|不要|用不着|没必要|不必|无需|不需要|不想|不许|不准|勿)$")


def _asks_after_a_reason(words: Sequence[Word], at: int) -> bool:
    """Returns whether a request follows a reason: "I don't need it, send it back", 不想要了取消.

    Read as one clause, the negation would be taken for the request's.
    """
    before = [word.text for word in words[max(0, at - REASON) : at]]
    if is_han(words[at].text):
        reason = "".join(before)
        begun = words[at - 1].after or before[-1] == "了"
        return bool(
            begun and _UNWANTED_ZH.search(reason) and _ASKED_ZH.match("".join(w.text for w in words[at : at + 4]))
        )
    begun = "," in words[at - 1].after or before[-1] == "so"
    return begun and words[at].text in _ASKED and bool(_UNWANTED.search(" ".join(before)))


REASON = 12
"""words before a request in which the reason for it is looked for"""
_UNWANTED = re.compile(
    r"\b(?:don't|didn't|no longer|never) (?:really |actually |even )?(?:want|need|like|wear|use|fit)\b"
)
_ASKED = frozenset(
    "cancel return refund send take pick please remove change stop delete drop can could just get so".split()  # noqa: SIM905
)
_UNWANTED_ZH = re.compile(r"(?:不想?(?:要|买|用)|不需要|用不着|用不上|不喜欢|不合适).{0,6}$")
_ASKED_ZH = re.compile(r"取消|退|帮|给我|请|麻烦|撤|换|想退|能")


def _full_stop(mark: str) -> bool:
    """Returns whether a mark always ends a clause. Dots may only show that someone hesitates."""
    return mark == "." or bool(set(mark) & set("?!;\n"))


def gap_features(words: Sequence[Word], tags: Sequence[str], at: int, by_rule: bool) -> list[str]:
    """Names of what a gap shows: the words and cues around it, its punctuation, and the lengths of both sides."""
    mark = "".join(sorted(set(words[at - 1].after)))[:2]
    left, right = words[max(0, at - 3) : at], words[at : at + 4]
    names = [f"mark{mark}", f"rule{by_rule}", f"rule{by_rule}{mark}"]
    for side, texts in (("l", [w.text for w in reversed(left)]), ("r", [w.text for w in right])):
        kinds = [tags[at - 1 - i] if side == "l" else tags[at + i] for i in range(len(texts))]
        names += _runs(side, texts, mark)
        names += _runs(side + "k", [kind or "-" for kind in kinds], mark)
    names.append(f"lr{left[-1].text} {right[0].text}")
    names.append(f"lrk{tags[at - 1]} {tags[at]}{mark}")
    return names + list(_shape(words, tags, at, mark))


def _runs(side: str, texts: Sequence[str], mark: str) -> Iterator[str]:
    for size in range(1, len(texts) + 1):
        run = " ".join(texts[:size])
        yield f"{side}{run}"
        if size < 3:
            yield f"{side}{run}|{mark}"


def _shape(words: Sequence[Word], tags: Sequence[str], at: int, mark: str) -> Iterator[str]:
    """Lengths back to the last mark and on to the next, and the cues within both stretches."""
    back = next((i for i in range(at - 1, 0, -1) if words[i - 1].after), 0)
    ahead = next((i for i in range(at, len(words)) if words[i].after), len(words) - 1) + 1
    yield f"back{_size(at - back)}{mark}"
    yield f"ahead{_size(ahead - at)}{mark}"
    yield f"first{back == 0}{_size(at)}{mark}"
    yield f"ends{words[ahead - 1].after}{mark}"
    inside, coming = set(tags[back:at]) - {""}, set(tags[at:ahead]) - {""}
    for kind in inside:
        yield f"in{kind}{mark}"
    for kind in coming:
        yield f"to{kind}{mark}"
    yield f"verbs{bool(inside & STARTS)}{bool(coming & STARTS)}{bool(inside & SUBJECTS)}{bool(coming & SUBJECTS)}{mark}"
    yield f"begin{words[back].text}{mark}"


def _size(count: int) -> int:
    return int(np.searchsorted((1, 2, 3, 4, 6, 9, 14), count))


def spans_of(text: str, words: Sequence[Word], begins: Sequence[int]) -> list[tuple[int, int]]:
    """Start and end of each clause in the text, punctuation with the words before it; white space is left outside.

    A text without a word is one clause; an empty one has none.
    """
    cuts = [0, *(_with_opening_marks(text, words[at - 1].end, words[at].start) for at in begins), len(text)]
    found = []
    for start, end in pairwise(cuts):
        piece = text[start:end]
        if piece.strip():
            begin = start + len(piece) - len(piece.lstrip())
            found.append((begin, begin + len(piece.strip())))
    return found


def _with_opening_marks(text: str, after: int, start: int) -> int:
    """Returns the start of the clause whose first word stands at `start`, with the brackets and quotes before it."""
    while start > after and (
        text[start - 1] in "([{«„“‘¿¡《「$€£#@-+/" or (text[start - 1] in "\"'" and start - 1 > after)
    ):
        start -= 1
    return start
