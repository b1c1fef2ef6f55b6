"""Fits the shipped weights: `assistant train`.

Everything is trained on pictures that we draw, on public-domain drawings, and on sentences of our own.
A `UserError` says which material, voice or weights are missing; the command shows it as one line.
"""
