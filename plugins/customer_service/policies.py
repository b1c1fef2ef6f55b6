"""Answers from the shop's own policy pages, with the page named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assistant import Collection, Dialogue, Entry, Exchange, Match, Reply, Services, Turn

from .about import about_cancelling, about_missing, about_returning
from .orders import Order, find_orders, money, order_numbers
from .rules import asks_for_other, asks_rule, bought_elsewhere, rules_in, supposes
from .visits import Visit, visit
from .wording import Language, examples_of, language_of, say
from .words import heard

__all__ = [
    "ENCODED",
    "Passage",
    "answer_rules",
    "find_passages",
    "folder_of",
    "passages",
    "policy_collection",
    "policy_question",
    "waiting_refund",
]

RETURNING = frozenset({"return_how", "return_period"})
"""rules that an order of the customer's own answers better"""
OTHERS = {
    "rule_money": "refund_time",
    "wants_warranty": "warranty",
    "rule_back": "return_how",
    "rule_cancel": "cancel_until",
    "rule_deliver": "delivery_time",
}
"""the rule about another person's order"""
FOLDER = Path(__file__).parent / "policy"
ENCODED = FOLDER / "encodings.safetensors"
"""of the demo shop's sections; a change of them costs the first question a second until it is written again"""
NEAR: dict[Language, tuple[str, float]] = {"en": ("shared", 0.33), "zh": ("meaning", 0.22), "de": ("meaning", 0.22)}
"""the encoder that reads the language best, and the cosine below which a section does not answer the question"""
HARDLY, PLAINLY = 0.38, 0.5
"""cosine from which a section is shown, and from which it answers, though a question names what no page names"""
USUAL = (
    *("policy_question", "return_item", "refund_status", "track_order", "check_warranty", "cancel_order"),
    *("change_order", "change_address", "list_orders", "order_total", "report_missing", "talk_to_person"),
)
"""intents whose examples tell the words of usual questions"""
FUNCTION = "的了吗呢吧啊有没能可以不是在和跟你您我们店里会要想请问帮给成做把个这那就都也还让"
"""Chinese characters that name no thing"""
ABOUT_EQUAL = 0.05
"""difference of cosines that says little"""
CANDIDATES = 6
"""passages that are looked at"""
MOST = 3
"""sections that are named"""


@dataclass(frozen=True)
class Passage:
    """One section of a policy page."""

    source: str
    """such as "returns.md" """
    title: str
    text: str


def folder_of(services: Services) -> Path:
    """The folder of policy pages: the shop's own if the settings name one."""
    named = str(services.options["policies"])
    return Path(named).expanduser() if named else FOLDER


def passages(language: Language, folder: Path = FOLDER) -> tuple[Passage, ...]:
    """Every section of the policy pages in a language; of the English ones where a folder has no others.

    Args:
        language: whose pages.
        folder: with a folder for each language, ``en`` at least, or with the pages themselves. Read again when a page
            changes.
    """
    place = next((each for each in (folder / language, folder / "en") if each.is_dir()), folder)
    pages = sorted(place.glob("*.md"))
    return _sections(tuple((page, page.stat().st_mtime_ns) for page in pages))


@cache
def _sections(pages: tuple[tuple[Path, int], ...]) -> tuple[Passage, ...]:
    found = []
    for page, _ in pages:
        for section in re.split(r"^## ", page.read_text(encoding="utf-8", errors="replace"), flags=re.MULTILINE)[1:]:
            title, _, text = section.partition("\n")
            found.append(Passage(page.name, title.strip(), " ".join(text.split())))
    return tuple(found)


async def policy_question(turn: Turn, dialogue: Dialogue, services: Services, topic: str = "") -> Reply:
    """Ask about the shop's rules for delivery, returns, payment or warranty."""
    language = language_of(turn.utterance)
    question = turn.utterance or topic
    rules = rules_in(question)
    if bought_elsewhere(question) and not heard("here", question):
        return Reply(say("bought_elsewhere", language))
    if asks_for_other(question) or bought_elsewhere(question) or (asks_rule(question) and rules):
        return await answer_rules(turn, dialogue, services, question)
    ours = heard("refusing", question) or heard("lost_parcel", question)
    if supposes(question) and (ours or not await _of_something_else(turn, dialogue, services)):
        cancels = heard("rule_cancel", question) or heard("refusing", question)
        about = about_cancelling if cancels else about_returning
        return _reply(await (about_missing if heard("lost_parcel", question) else about)(turn, dialogue, services))
    if heard("opening", question):  # few words, which come near to no passage by themselves
        question = f"{question} {say('opening_hours', language)}"
    found = await find_passages(question, language, services)
    if not found:
        return Reply(say("policy_nothing", language, topics=_topics(language, services)), data={"helped": False})
    strange, answer = strange_words(question, language, services), _answer(found, language)
    near = await _nearest(question, language, services) if strange else 1.0
    if near >= PLAINLY:
        return answer
    lead = say("policy_strange", language, words=strange)
    if near < HARDLY:
        return Reply(lead, data={"helped": False})
    lead += say("gap", language) + say("policy_nearest", language)
    return Reply(f"{lead}\n{answer.text}", speech=f"{lead} {answer.spoken}", data=answer.data)


async def _of_something_else(turn: Turn, dialogue: Dialogue, services: Services) -> bool:
    """Returns whether a question names something outside the shop: "what if I cancel my gym membership"."""
    at = await visit(turn, dialogue, services)
    ours = find_orders(turn.utterance, at.orders) or heard("pronoun", turn.utterance)
    return not ours and bool(strange_words(turn.utterance, at.language, services))


async def answer_rules(
    turn: Turn, dialogue: Dialogue, services: Services, question: str, rules: Sequence[str] = ()
) -> Reply:
    """Answer a question about a rule from its page, and from the order that it names or that waits for a yes.

    Args:
        turn: that asks.
        dialogue: its.
        services: the assistant's.
        question: what is asked.
        rules: that it asks for; () for those that its words tell.
    """
    at = await visit(turn, dialogue, services)
    rules, other, elsewhere = rules or rules_in(question), asks_for_other(question), bought_elsewhere(question)
    named = [] if elsewhere else find_orders(question, at.orders)
    if named and not other and set(rules) <= RETURNING:
        return _reply(await about_returning(turn, dialogue, services))
    if not other and list(rules) == ["refund_time"] and any(each.refund or each.returned for each in named):
        from .refunding import refund_status  # it answers from rules as well

        return _reply(await refund_status(turn, dialogue, services))
    if named and not other and list(rules) == ["cancel_until"]:
        return _reply(await about_cancelling(turn, dialogue, services))
    if (other or elsewhere) and not rules:
        rules = [rule for kind, rule in OTHERS.items() if heard(kind, question)][:1]
    lines = [at.say("others_orders"), *([at.say("others_rule")] if rules else [])] if other else []
    if not other and "refund_time" in rules:
        lines += await waiting_refund(at)
    if "return_how" in rules:
        lines.append(at.say("about_return_rule"))
    found: list[Passage] = []
    for rule in rules:
        if rule != "return_how":
            found += (await find_passages(at.say(f"rule_{rule}"), at.language, services))[:1]
    answers = [_answer([each], at.language) for each in dict.fromkeys(found)]
    lines += [each.text for each in answers]
    if not lines or (not answers and rules and "return_how" not in rules):
        return Reply(at.say("policy_nothing", topics=_topics(at.language, services)), data={"helped": False})
    data = answers[0].data if answers else {}
    return Reply("\n".join(lines), data=data)


def strange_words(question: str, language: Language, services: Services) -> str:
    """Returns the words of a question that occur on no page and in no usual question: "wrapping", 学生; "" for none."""
    pages = passages(language, folder_of(services))
    extra = heard("rule_extra", question)
    if extra and not any(extra[0].lower() in f"{each.title} {each.text}".lower() for each in pages):
        return extra[0]
    usual = _usual(pages)
    if language == "zh":  # words are not parted: what holds a character that is used nowhere is a strange one
        runs = re.findall(r"[\u4e00-\u9fff]+", question)
        strange = [part.strip(FUNCTION) for run in runs for part in _unknown_runs(run, usual)]
        known = {letter for pair in usual if len(pair) == 2 for letter in pair}
        return next((part for part in strange if len(part) > 1 and set(part) - known), "")
    words = re.findall(r"[^\W\d_]{4,}", question.lower())
    return ", ".join(dict.fromkeys(word for word in words if not {word, _stem(word)} & usual))


def _unknown_runs(run: str, usual: frozenset[str]) -> list[str]:
    """The stretches of characters none of whose pairs are usual."""
    strange = "".join("1" if run[at : at + 2] not in usual else "0" for at in range(len(run) - 1))
    return [run[found.start() : found.end() + 1] for found in re.finditer("1+", strange)]


@cache
def _usual(pages: tuple[Passage, ...]) -> frozenset[str]:
    texts = [f"{each.title} {each.text}" for each in pages]
    texts += [example for kind in USUAL for part in ("examples", "after") for example in examples_of(kind)[part]]
    words = {word for text in texts for word in re.findall(r"[^\W\d_]{3,}", text.lower())}
    runs = [run for text in texts for run in re.findall(r"[\u4e00-\u9fff]+", text)]
    pairs = {run[at : at + 2] for run in runs for at in range(len(run) - 1)}
    return frozenset(words | {_stem(word) for word in words} | pairs)


def _stem(word: str) -> str:
    return re.sub(r"(?:ies|es|s|ed|ing|e|y)$", "", word)


async def waiting_refund(at: Visit) -> list[str]:
    """Returns a sentence with the refund of the cancellation or return that waits for a confirmation; [] for none."""
    waits = waiting_order(at, await at.services.conversation(at.turn.session, 1))
    if waits is None:
        return []
    values = {"number": waits.number, "items": waits.named(at.language), "amount": money(waits.cents)}
    return [at.say("rule_refund_waits", **values)]


def waiting_order(at: Visit, earlier: Sequence[Exchange]) -> Order | None:
    """The one order whose cancellation waits for a yes, or whose return does; None for none."""
    shown = earlier[-1].reply if earlier else ""
    asked = [line for line in shown.splitlines() if line.rstrip().endswith(("?", "？"))]
    numbers = order_numbers(asked[-1], at.orders)[0] if asked else []
    return next((each for each in at.orders if [each.number] == numbers), None)


def _topics(language: Language, services: Services) -> str:
    return ("、" if language == "zh" else ", ").join(p.title for p in passages(language, folder_of(services))[:8])


def _reply(answer: Reply | str) -> Reply:
    return Reply(answer) if isinstance(answer, str) else answer


def _answer(found: Sequence[Passage], language: Language) -> Reply:
    """The best passage, with the names of the others."""
    best = found[0]
    text = say("policy_answer", language, text=best.text, title=best.title, source=best.source)
    if len(found) > 1:
        also = ("、" if language == "zh" else ", ").join(p.title for p in found[1:])
        text += "\n" + say("policy_also", language, titles=also)
    return Reply(text, speech=best.text, data={"source": best.source, "section": best.title, "passage": best.text})


async def find_passages(question: str, language: Language, services: Services) -> list[Passage]:
    """The passages that answer a question, best first, at most three; [] when none comes near."""
    language = language if language in NEAR else "en"
    ranked, near = await _ranked(question, language, services), NEAR[language][1]
    if not ranked or ranked[0][0] < near:
        return []
    # A long section may be found by several of its passages.
    close = [match for alike, match in ranked if alike >= ranked[0][0] - ABOUT_EQUAL]
    known = {(each.source, each.title): each for each in passages(language, folder_of(services))}
    sections = dict.fromkeys((str(match.metadata["page"]), str(match.metadata["title"])) for match in close)
    return [known[section] for section in sections][:MOST]


async def _ranked(question: str, language: Language, services: Services) -> list[tuple[float, Match]]:
    """The sections that come near to a question, the nearest first, each with its cosine."""
    matches = await (await policy_collection(services)).search(question, top=CANDIDATES, where={"language": language})
    encoder, _ = NEAR[language]
    return sorted(((match.likeness.get(encoder, 0.0), match) for match in matches), key=lambda pair: -pair[0])


async def _nearest(question: str, language: Language, services: Services) -> float:
    ranked = await _ranked(question, language if language in NEAR else "en", services)
    return ranked[0][0] if ranked else 0.0


async def policy_collection(services: Services) -> Collection:
    """Indexes the sections of today's pages in each language and returns the collection."""
    collection = services.collection("policies", encoded=ENCODED)
    entries = [
        Entry(
            f"{each.title}. {each.text}",
            source=f"{language}/{each.source}",
            metadata={"language": language, "page": each.source, "title": each.title},
        )
        for language in NEAR
        for each in passages(language, folder_of(services))
    ]
    await collection.add(entries, only=True)
    return collection
