"""The kinds of picture that ship with the fusion, and the words that mean them."""

from __future__ import annotations

__all__ = ["EVERYDAY", "GOODS", "KINDS"]

KINDS: dict[str, tuple[str, ...]] = {
    "xray": (
        "a chest X-ray",
        "an X-ray picture of bones or lungs",
        "a radiograph",
        "a medical scan in shades of grey",
        "a hospital scan of the body",
    ),
    "skin": (
        "a close-up of a mole or skin lesion",
        "a rash on the skin",
        "a mark on someone's skin",
        "a spot, wart or freckle",
        "skin",
        "a wound, bite or bruise",
    ),
    "receipt": (
        "a receipt",
        "a printed bill or invoice",
        "a shopping receipt with prices and a total",
        "a till slip",
        "an invoice",
    ),
    "exercise": (
        "a printed exercise with a question",
        "a geometry figure or diagram",
        "a page of handwritten homework",
        "a worksheet from a school book",
        "a math problem",
        "a chart, graph or table from a textbook",
    ),
    "damage": (
        "a damaged parcel or crushed cardboard box",
        "a dented or scratched car",
        "a laptop with a cracked screen",
        "a phone with broken glass",
        "a broken product",
        "damaged goods",
        "a torn package",
    ),
}
"""visual kind → phrases; an intent whose ``looks_like`` means the same hears what the kind's detector says"""

EVERYDAY = ("photo", "drawing", "page", "scene")
"""what else the detectors tell apart: photographs, drawings, pages of text, textures; they belong to no kind"""

GOODS = (
    *(407, 436, 468, 475, 479, 511, 535, 555, 569, 573, 575, 581, 609, 627, 654, 656, 661, 665, 670, 675, 717, 734),
    *(751, 757, 779, 785, 817, 864, 867, 913),  # vehicles and their parts
    *(487, 508, 527, 528, 590, 592, 605, 620, 664, 673, 681, 761, 782, 810, 851),  # computers, telephones, screens
    *(478, 519, 549, 636, 692, 728),  # cartons, crates, envelopes, mailbags, packets, plastic bags
)
"""classes of ImageNet-1k that people buy, are sent, and claim for: their pictures may show damage"""
