"""Rates of groups side by side: a forest plot with intervals, the numbers beside it, and what they decide."""
