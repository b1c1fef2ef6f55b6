"""Helpers for plugin authors: phrases in two languages and picture quality."""
