"""Joins speech, pictures and text: the shared space, the scores of pictures, and the fusion strategies."""
