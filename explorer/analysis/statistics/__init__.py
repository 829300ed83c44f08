"""Rates and comparisons, with the task as the unit and an interval to each.

``behaviours`` are data; ``rates`` counts them per group and compares roles with ``intervals`` and ``significance``.
``spread`` says how alike a group is to itself, and ``unusual`` holds a pair against that.
"""
