"""The kinds of picture that ship with the fusion, and the words that mean them."""

from __future__ import annotations

__all__ = ["EVERYDAY", "KINDS"]

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
