"""Code to its effects, read and never run: ``classify`` picks the reader by the language's name."""
