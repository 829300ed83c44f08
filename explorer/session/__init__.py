"""The state of one audit: what an auditor owns. Main thread; psygnal signals; no Qt.

May import ``model``, ``execution``, ``progress``, ``errors``, pyarrow, psygnal and sqlite3, and of the analysis only
:mod:`explorer.analysis.audit` (inside the functions that workers run, so that a window starts without it).
"""
