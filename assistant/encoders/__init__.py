"""Encoders: text, pictures and what is written in pictures, to vectors and words.

Creating them is cheap: weights and libraries load at the first use, or by `load`.
"""
