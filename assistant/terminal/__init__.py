"""Shared by command line, conversation and voice view: console, rendering, progress, error boundary."""
