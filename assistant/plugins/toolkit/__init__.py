"""Helpers for plugin authors: phrases in two languages, sentences by patterns, and picture quality."""
