"""Trajectory Explorer: audit agent distillation by aligning teacher and student trajectories.

The layers, each knowing only those before it:

``model`` (what the words mean) ← ``analysis`` (pure functions) ← ``session`` (the state of one audit) ←
``views`` (Qt widgets) ← ``app`` and ``cli`` (wiring). ``loaders`` know the model only. Qt lives in ``views``
and in :mod:`explorer.app`, nowhere else; ``tests/test_architecture.py`` holds all of this.
"""

__version__ = "0.1.0"
