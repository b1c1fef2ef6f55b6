"""Finding things by meaning: what a library holds, its table in Lance, and one order out of several rankings."""
