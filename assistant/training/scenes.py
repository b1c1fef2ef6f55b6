"""What people write under photographs in which the picture encoder sees one of its thousand objects.

A class name says what one thing is called; a caption says what goes on around it. These sentences are our own. They
name the kind of thing beside its breed ("a dog"), and the people who go with it: nobody photographs a snorkel for
its own sake, and "person" is no class of ImageNet.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["captions_of"]

DOG = (
    *("a dog runs across the grass", "a dog carries a stick in its mouth", "two dogs play with each other"),
    *("a wet dog splashes through the water", "a dog leaps into the air for a ball", "a dog lies on the ground"),
)
BIRD = ("a bird sits on a branch", "a bird spreads its wings over the water")
CAR = ("a car drives along the road", "vehicles in a city street")
BALL_GAME = ("players in uniform fight for the ball", "a team plays a match on a field")
CLOTHES = ("a person wears something special", "a woman smiles at the camera", "a man stands in front of a wall")
MUSIC = ("a musician plays an instrument on a stage", "a man sings and plays for people")
FOOD = ("a plate of food on a table", "people eat at a table")
BUILDING = ("a building in a town", "people walk past a large building")
HOME = ("a room inside a house", "a person sits on furniture at home")
KITCHEN = ("a person cooks in a kitchen", "things on a kitchen table")

SCENES: tuple[tuple[Iterable[int], tuple[str, ...]], ...] = (
    ((*range(7), *range(389, 398)), ("a fish swims under water", "a man holds up the fish that he caught")),
    ((*range(7, 25), *range(80, 101), *range(127, 147)), BIRD),
    ((*range(25, 70),), ("a reptile rests on the ground", "a small animal on a leaf")),
    ((*range(70, 80), *range(300, 327)), ("an insect sits on a flower", "a close-up of a small creature")),
    ((*range(107, 127), *range(327, 330)), ("a creature of the sea", "life on a reef under water")),
    ((147, 148, 149, 150), ("an animal swims in the sea", "people watch an animal jump out of the water")),
    (range(151, 269), DOG),
    (range(269, 281), ("a wild animal walks through the snow", "a dog like a wolf runs outdoors")),
    (range(281, 294), ("a cat looks at the camera", "a cat rests")),
    (range(294, 298), ("a bear by the water", "a large animal in the woods")),
    (range(330, 339), ("a small furry animal", "a pet sits in the grass")),
    ((339, 603), ("a person rides a horse", "a cowboy on a horse at a rodeo", "horses pull a cart")),
    ((*range(340, 355), 690, 730), ("an animal stands in a meadow", "farm animals on a field")),
    (range(365, 385), ("a monkey sits in a tree",)),
    ((*range(385, 389), 354, 355), ("a big animal in a zoo", "people ride on an animal")),
    ((671, 444, 880, 870, 665, 670), ("a person rides a bicycle", "a biker jumps over a hill of dirt", "a bike race")),
    ((407, 436, 468, 511, 555, 569, 609, 627, 654, 656, 661, 675, 705, 717, 734, 751, 757, 779, 817, 864, 867), CAR),
    ((573, 575, 802, 803), ("somebody drives a small vehicle over rough ground", "a race on a track")),
    ((403, 404, 405, 895, 701, 417), ("an aircraft in the sky", "people look up into the air")),
    ((472, 554, 576, 625, 814, 871, 914, 484, 693, 780, 724), ("people in a boat on a lake", "a boat on the water")),
    ((449, 536, 718, 821, 839), ("a bridge over a river", "people stand on a pier by the water")),
    ((430, 890, 747), ("a basketball player jumps to the basket", "boys play with a ball", "a girl throws a ball")),
    ((805, 522, 768), ("children play football on the grass", "a boy kicks a ball", *BALL_GAME)),
    ((560, 981, 429), ("an American football player runs with the ball", "a baseball player swings", *BALL_GAME)),
    ((752, 852, 722, 574), ("a tennis player hits the ball", "a man plays a game with a ball")),
    ((416, 602, 702, 422, 543), ("a gymnast does an exercise", "a man does a trick in the air")),
    ((795, 796, 537, 802), ("a skier comes down a snowy mountain", "people in the snow", "a snowboarder jumps")),
    ((970, 972, 979, 980, 976), ("a climber on a steep rock", "a hiker looks over the mountains", "people on a hill")),
    ((978, 977, 975, 460), ("people walk along the beach", "a surfer rides a wave", "children play in the sand")),
    ((433, 842, 801, 983, 445), ("a child swims in a pool", "a boy jumps into the water", "a woman on the beach")),
    ((843, 703, 424), ("a child on a playground swing", "a little girl plays in a park", "a man sits on a bench")),
    ((971, 562), ("children play with water", "water splashes on a child")),
    ((672, 797, 414), ("people camp in the woods", "a hiker with a bag walks along a trail")),
    ((400, 457, 578, 601, 655, 689, 834, 869, 906, 982), ("a man in a suit and a woman in a dress", *CLOTHES)),
    ((411, 452, 474, 515, 608, 610, 617, 638, 735, 808, 836, 837, 841, 903), CLOTHES),
    ((516, 520, 529, 680, 850), ("a baby lies in bed", "a small child with a toy", "a toddler smiles")),
    ((643, 667, 552, 715, 787, 652), ("people in costumes at a parade", "a crowd at a festival")),
    (
        (
            401,
            402,
            420,
            432,
            486,
            513,
            541,
            546,
            558,
            566,
            579,
            593,
            594,
            641,
            642,
            684,
            687,
            699,
            776,
            819,
            875,
            881,
            889,
        ),
        MUSIC,
    ),
    ((*range(923, 970), 567), FOOD),
    ((425, 437, 442, 483, 497, 498, 663, 668, 698, 716, 762, 832, 858, 865), BUILDING),
    ((415, 424, 454, 467, 509, 582, 624, 743, 788, 860), ("people in a shop", "a man sells things in a market")),
    ((423, 431, 453, 495, 526, 532, 559, 564, 648, 765, 831, 846, 857, 894), HOME),
    ((504, 505, 521, 544, 550, 618, 651, 659, 766, 827, 859, 891, 909, 910), KITCHEN),
    ((487, 508, 527, 528, 590, 605, 620, 662, 664, 673, 681, 782, 810, 851), ("a person works at a computer",)),
    ((704, 919, 920, 874, 829), ("a street in a city with people", "people wait to cross the road")),
    ((912, 716, 489, 825, 971), ("a child climbs over a fence", "a boy leans against a wall")),
    ((985, 984, 738, 580, 883), ("flowers in a garden", "a child in a field of flowers")),
)
"""numbers of ImageNet classes → captions of photographs in which they are seen"""


def captions_of(names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """For each class the captions its photographs may have, its own name first.

    Args:
        names: of the thousand classes.
    """
    captions = [[f"a photo of a {name}"] for name in names]
    for numbers, sentences in SCENES:
        for number in numbers:
            captions[number] += sentences
    return [tuple(lines) for lines in captions]
