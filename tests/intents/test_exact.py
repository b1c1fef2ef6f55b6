"""A text surely means an intent when it is an example of it, or when the intent says so itself."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.intents.exact import ExactExamples, follows
from assistant.plugins.api import Exchange, Intent


def intent(name: str, *examples: str, matches: Callable[[str], int] | None = None) -> Intent:
    return Intent(name, lambda: "", name, examples, matches=matches)


def test_an_example_wins_over_an_intent_that_matches() -> None:
    greedy = intent("greedy.all", "anything", matches=lambda text: True)
    own = intent("own.list", "put {item} on my list", "roll a die")
    known = ExactExamples((greedy, own))
    assert known.find("put call the dentist on my list") == "own.list"
    assert known.find("Roll a die, please!") == "own.list"
    assert known.find("something else") == "greedy.all"


def test_what_two_intents_match_is_left_to_the_model() -> None:
    one, two = (intent(name, name, matches=lambda text: "milk" in text) for name in ("a.one", "b.two"))
    assert ExactExamples((one, two)).find("add milk") == ""
    surer = intent("c.three", "three", matches=lambda text: 2)
    assert ExactExamples((one, two, surer)).find("add milk") == "c.three"


def test_an_intent_that_fails_to_read_matches_nothing() -> None:
    def broken(text: str) -> bool:
        raise ValueError(text)

    fine = intent("b.fine", "fine", matches=lambda text: True)
    assert ExactExamples((intent("a.broken", "broken", matches=broken), fine)).find("words") == "b.fine"


def test_words_may_mean_an_intent_only_after_what_was_said_before() -> None:
    def again(text: str, before: Sequence[Exchange]) -> bool:
        return text == "again" and before[-1].intent == "dice.roll"

    def broken(text: str, before: Sequence[Exchange]) -> bool:
        raise ValueError(text)

    rolled, greeted = Exchange("roll", "You rolled 3.", "dice.roll"), Exchange("hello", "Hello!", "talk.greet")
    roll = replace(intent("dice.roll", "roll"), follows=again)
    assert follows(roll, "again", [greeted, rolled])
    assert not follows(roll, "again", [rolled, greeted])
    assert not follows(roll, "roll", [rolled])
    assert not follows(replace(roll, follows=broken), "again", [rolled])
    assert not follows(replace(roll, follows=None), "again", [rolled])
