"""How good and how fast the assistant is, beside what people use today.

A measurement raises a `UserError` where data, weights or packages are missing; its command shows it as one line.
"""
