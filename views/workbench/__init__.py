"""The filter workbench: choose or type a list, and see at once what it catches, misses and throws away."""
