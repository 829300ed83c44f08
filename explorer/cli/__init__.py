"""The command line: the same core as the window, without Qt.

One module a sub-command with ``NAME``, ``HELP``, ``add_arguments(parser)`` and ``run(args) -> int``. stdout carries
data, stderr everything else. Exit codes: 0 done · 1 a gate the user asked for tripped · 2 could not run · 130
interrupted. May import everything but ``views`` and Qt; with ``app``, the only place that chooses a loader.
"""
