"""Measures how good and how fast the assistant is, beside other programs.

A measurement raises a `UserError` where data, weights or packages are missing; its command shows it as one line.
"""
