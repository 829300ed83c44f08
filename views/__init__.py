"""The Qt widgets of the window.

They read the session and send it intents; they hold no state of the audit. May use ``explorer.session``,
``explorer.model``, ``explorer.execution``, ``explorer.progress``, ``explorer.errors``, ``resources``, PySide6,
pyqtgraph and NumPy; never the analysis, the loaders, pyarrow or a database. A panel's package knows no other panel's,
only :mod:`views.shared`; what a log says reaches the screen through :mod:`views.shared.plain_text`.
"""
