"""What is said aloud in training: short sentences of our own, put together from everyday words.

A linear map hears only words that were spoken to it, so the sentences spread over as many things, people, doings and
places as they can instead of repeating a few that are well made.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assistant.training.sayings import POINTING

__all__ = ["ask_about", "make_utterances"]


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";"))


WHO = _words(
    "a man; a woman; a boy; a girl; a child; two children; three friends; an old man; a young woman; a little girl;"
    "a group of people; a crowd; two men; several women; a baby; a toddler; a couple; a family; a father and his son;"
    "a mother with her daughter; a worker; a farmer; a teacher; a nurse; a soldier; a policeman; a musician; a dancer;"
    "a runner; a cyclist; a skater; a surfer; a climber; a swimmer; a hiker; a player; a team; a tourist; a cook;"
    "a brown dog; a black dog; a white dog; two dogs; a puppy; a cat; a horse; a bird; a cow; a sheep; a fish; a bear"
)
WEARING = _words(
    "in a red shirt; in a blue jacket; in a white dress; in black trousers; with a yellow hat; with long hair;"
    "with sunglasses; in a green coat; with a beard; in a pink sweater; in a swimsuit; with a helmet; in uniform;"
    "with a backpack; in a costume; with an umbrella; with a collar; with wet fur; in orange shorts; wearing gloves"
)
DOES = _words(
    "walks; runs; jumps; sits; stands; sleeps; smiles; laughs; waits; dances; sings; swims; climbs; falls;"
    " looks around;"
    "rides a bicycle; rides a horse; drives a car; plays football; plays the guitar; plays tennis; throws a ball;"
    "catches a ball; kicks a ball; reads a book; reads a newspaper; takes a photograph; talks on the telephone;"
    "eats an apple; eats ice cream; drinks water; drinks coffee; cooks a meal; cuts bread; washes the dishes; paints"
    " a picture; builds a sand castle; carries a bag; carries a stick; pushes a pram; pulls a sledge; holds a flag;"
    "holds a microphone; opens a door; closes the window; digs a hole; chases a rabbit; barks at the postman; flies a"
    " kite; blows bubbles; splashes; slides down; swings on a rope; paddles a canoe; sails a boat; surfs a wave; skis"
    " downhill; skates; lifts weights; points at something; waves; hugs a friend; buys vegetables; sells flowers;"
    "repairs a bicycle; plays chess; plays the piano; plays drums; leaps over a fence; rolls on the ground; crosses the"
    " street; climbs a ladder; works at a computer; watches a film; catches a fish; feeds the ducks"
)
WHERE = _words(
    "on the beach; in the snow; in the park; on the street; in a city; on a mountain; in the forest; by a river; on a"
    " lake; in the sea; in a swimming pool; on the grass; in a field; on a bench; on a bridge; at a market; in a shop;"
    "in a restaurant; in the kitchen; in a garden; on a stage; in a stadium; on a playground; at the station; on a"
    " train; in a bus; at the airport; on a roof; behind a fence; in front of a house; near a wall; under a tree; on"
    " a rock; in the desert; in the rain; at night; at sunset; in a museum; at school; in an office; on a sofa; in bed;"
    "beside a fire; on the pavement; along a path; through the mud; in a church; at a party; on a ramp; on the ice"
)
ASK = _words(
    "turn on {}; turn off {}; where is {}; how much is {}; I would like to order {}; please cancel {}; show me {};"
    "what is the price of {}; can you explain {}; I want to return {}; when does {} open; tell me about {}; play {};"
    "remind me about {}; I have lost {}; how do I use {}; is there a problem with {}; change {}; book {} for tomorrow;"
    "send {} to my brother; what does {} mean; how do you say {} in Spanish; set {} for ten minutes; stop {};"
    "I need help with {}; did you receive {}; why is {} so slow; add {} to my list; find {} near me; open {}; close {};"
    "who made {}; is {} dangerous; how long does {} take; I am worried about {}; thank you for {}; what about {};"
    "give me the number of {}; I forgot {}; check {} please; how far is {}; read me {}; teach me {}; pay for {}"
)
ABOUT = _words(
    "the light in the kitchen; the lamp; the heating; the fan; the television; the radio; some music; a song; an alarm;"
    "a timer; my calendar; the meeting; the weather; the news; my bank account; a bank transfer; my credit card; my"
    " password; a bill; an invoice; my salary; the tax; my insurance; a loan; the exchange rate; a refund; my order;"
    "the parcel; the delivery; a ticket; a flight; the train; a hotel room; a table for two; the menu; a pizza;"
    " a cup of"
    " tea; a large coffee; milk and sugar; bread; eggs; chicken soup; a recipe; the calories; a new phone; my laptop;"
    "the screen; the battery; the charger; the printer; a camera; the car; the engine; the tyres; petrol; the traffic;"
    "the map; the bus stop; a taxi; the doctor; an appointment; my headache; a fever; a cough; my stomach; my back; a"
    " rash; the medicine; a bandage; the hospital; blood pressure; the dentist; my homework; an equation; a triangle; a"
    " fraction; the percentage; chemistry; history; grammar; a poem; the exam; the lesson; a language; the holiday; my"
    " birthday; a present; the wedding; my boss; a letter; an email; a message; the contract; the address; the key; my"
    " wallet; the passport; a visa; the police; the washing machine; the fridge; the oven; a chair; the sofa;"
    " a bicycle;"
    "shoes; a jacket; a shirt; the size; the colour; a joke; a story; the time; the date; tomorrow; my mother; the dog"
)


def make_utterances(count: int, seed: int, sayings: Sequence[str] = ()) -> list[str]:
    """Different sentences in random order: given ones, those of `POINTING`, and scenes and requests in equal parts.

    Args:
        count: how many.
        seed: which.
        sayings: sentences that are among them.
    """
    rng = np.random.default_rng(seed)
    found = dict.fromkeys([*sayings, *POINTING])
    while len(found) < count:
        made = _scene(rng) if len(found) % 2 else str(rng.choice(ASK)).format(rng.choice(ABOUT))
        found[made] = None
    return [list(found)[index] for index in rng.permutation(count)]


def ask_about(things: Sequence[str], seed: int) -> list[str]:
    """One request about each thing."""
    rng = np.random.default_rng(seed)
    return [str(rng.choice(ASK)).format(f"the {thing}") for thing in things]


def _scene(rng: np.random.Generator) -> str:
    parts = [str(rng.choice(WHO))]
    if rng.random() < 0.5:
        parts.append(str(rng.choice(WEARING)))
    return " ".join([*parts, str(rng.choice(DOES)), str(rng.choice(WHERE))])
