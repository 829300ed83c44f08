"""Calls of API tools: what they do (``calls``), on which object (``targets``), and payments of nothing."""
