"""Finds the material of the shipped weights, which only a source checkout holds."""

from __future__ import annotations

from pathlib import Path

from assistant.errors import InputError

__all__ = ["MATERIAL", "need_material"]

MATERIAL = Path(__file__).parent / "material"


def need_material() -> None:
    """Checks that the sentences are here.

    Raises:
        InputError: this is an installed package without them.
    """
    if not MATERIAL.is_dir():
        raise InputError("`assistant train` needs a source checkout: an installed package holds no training material")
