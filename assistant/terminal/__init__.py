"""What the command line, the conversation and the voice view share: console, rendering, progress, error boundary."""
