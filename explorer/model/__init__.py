"""What the words mean: immutable nouns without I/O, algorithms or signals.

May import NumPy and pyarrow only. Every other layer may import this one.
"""
