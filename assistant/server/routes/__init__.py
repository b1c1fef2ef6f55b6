"""The addresses, a module per subject."""
