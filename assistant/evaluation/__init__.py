"""How good and how fast the assistant is, beside what people use today."""
